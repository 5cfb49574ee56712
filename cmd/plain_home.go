package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

// homePage is how many connectors are read out at a time.
const homePage = 20

// expiringSoon is how many days ahead the word expiring looks.
const expiringSoon = 30

// plainHome is Home in plain lines: the saved connectors by number, and commands
// that run the very commands of the command line.
type plainHome struct {
	app *app
	// filter decides which are shown, and what names it in words.
	filter listFlags
	what   string
	// shown are the connectors in the order of their numbers, from page times
	// homePage on read out last.
	shown []model.Saved
	world model.World
	total int
	page  int
	// unfinished are the drafts in the order of their numbers.
	unfinished []model.SavedDraft
}

// runPlainHome opens Home in plain lines.
func (a *app) runPlainHome(ctx context.Context) error {
	a.words, a.askLines, a.plain = true, true, true
	if err := a.connect(); err != nil {
		return err
	}
	h := &plainHome{app: a, filter: listFlags{expiring: -1}}
	a.sayPlain("The saved connectors of this machine. Type help for what can be done, quit to leave.")
	if err := h.load(ctx); err != nil {
		return err
	}
	h.list()
	err := a.menu(ctx, menu{
		label: "Home", top: true, commands: h.commands(), other: h.other,
		help: "N is the number of a connector as it was read out, or its id. back and quit inside a job come back here.\nAny other command of bbconnect works here too, as: secret verify --all",
	})
	var ended usageError
	if errors.Is(err, errQuit) || errors.As(err, &ended) && ended == errNoAnswer {
		return nil
	}
	return err
}

// commands are what can be typed at Home.
func (h *plainHome) commands() []command {
	filter := func(what string, f listFlags) func(context.Context, string) error {
		return func(ctx context.Context, _ string) error { return h.show(ctx, f, what) }
	}
	return []command{
		{"list", "", "read out all connectors", filter("", listFlags{expiring: -1})},
		{"next", "", "the next page", func(context.Context, string) error { h.turn(1); return nil }},
		{"previous", "", "the page before", func(context.Context, string) error { h.turn(-1); return nil }},
		{"find", "TEXT", "those with every word in name, id, address or tags", h.find},
		{"expiring", "[DAYS]", fmt.Sprintf("those whose credential ends within so many days, else %d", expiringSoon), h.expiring},
		{"app-passwords", "", "those that still use an App Password", filter("that use an App Password", listFlags{expiring: -1, appPasswords: true})},
		{"failed", "", "those whose last test did not pass", filter("whose last test failed", listFlags{expiring: -1, failed: true})},
		{"new", "", "set up a connector", func(ctx context.Context, _ string) error { return h.run(ctx, "new") }},
		{"show", "N", "all of one connector", h.on("show")},
		{"edit", "N", "change a connector", h.on("edit")},
		{"test", "N", "test a connector", h.on("test")},
		{"test all", "", "test every connector", func(ctx context.Context, _ string) error { return h.run(ctx, "test", "--all") }},
		{"delete", "N", "delete a connector", h.on("delete")},
		{"copy", "N [NEW]", "duplicate a connector under a new id", h.copy},
		{"migrate", "[N]", "take connectors off App Passwords, all or one; migrate --undo puts everything back", h.migrate},
		{"secrets", "", "the named secrets; secret set, rotate, verify, rename, move and delete change them", func(ctx context.Context, _ string) error { return h.run(ctx, "secret", "list") }},
		{"drafts", "", "the connectors that were left unfinished", func(ctx context.Context, _ string) error { return h.drafts(ctx) }},
		{"resume", "N", "go on with a draft, by its number among the drafts", h.resume},
		{"drop", "N", "throw a draft away", h.drop},
		{"undo", "", "take the last change to a connector back", func(ctx context.Context, _ string) error { return h.undo(ctx) }},
	}
}

// undo says which change would be taken back before it is: it may have been made
// yesterday. A migration is not among them and has a way back of its own.
func (h *plainHome) undo(ctx context.Context) error {
	a := h.app
	if err := a.tellOfMigration(ctx, "migrate asks what to do with it."); err != nil {
		return err
	}
	change, ok, err := a.jobs.LastChange(ctx)
	switch {
	case err != nil:
		return err
	case !ok:
		a.sayPlain("There is nothing to take back.")
		return nil
	}
	a.sayPlain(fmt.Sprintf("The last change: %s was %s %s. %s", clean(change.Name), change.What, ago(a.now(), change.At), flow.UndoText(change)))
	yes, err := a.yesNo(ctx, "Take it back?")
	if err != nil || !yes {
		return err
	}
	return h.run(ctx, "undo")
}

// load reads the saved connectors and keeps those that the filter lets through.
func (h *plainHome) load(ctx context.Context) error {
	saved, damaged, err := h.app.jobs.Library.List(ctx)
	if err != nil {
		return err
	}
	secrets, err := h.app.jobs.Library.Secrets(ctx)
	if err != nil {
		return err
	}
	h.app.tellDamaged(damaged)
	h.world, h.total = model.World{Now: h.app.now(), Secrets: secrets}, len(saved)
	h.shown = slices.DeleteFunc(saved, func(s model.Saved) bool { return !h.filter.keep(s, h.world) })
	h.page = min(h.page, max(h.pages()-1, 0))
	return nil
}

func (h *plainHome) pages() int { return (len(h.shown) + homePage - 1) / homePage }

// list reads out one page, every connector with its number.
func (h *plainHome) list() {
	a := h.app
	switch {
	case h.total == 0:
		a.sayPlain("No connectors are saved. Type new to set one up.")
		return
	case len(h.shown) == 0:
		text := fmt.Sprintf("None of the %s %s. list reads out all.", counted(h.total, "connector"), h.what)
		if h.total == 1 {
			text = "None " + h.what + ": there is only one connector. list reads it out."
		}
		a.sayPlain(text)
		return
	}
	first := h.page * homePage
	for i, s := range h.shown[first:min(first+homePage, len(h.shown))] {
		a.sayPlain(fmt.Sprintf("%d. %s", first+i+1, h.words(s)))
	}
	text := counted(len(h.shown), "connector")
	if h.what != "" {
		text += " " + h.what
	}
	if h.pages() > 1 {
		text += fmt.Sprintf(". Page %d of %d; next and previous turn", h.page+1, h.pages())
	}
	a.sayPlain(text + ".")
}

// words is one connector on a line that can be read aloud.
func (h *plainHome) words(s model.Saved) string {
	c := s.Connector
	ends := "no end known"
	if day := model.ExpiryOf(c, h.world); !day.IsZero() {
		ends = "ends in " + counted(model.DaysLeft(day, h.world.Now), "day")
		if model.DaysLeft(day, h.world.Now) < 0 {
			ends = expiryText(day, h.world.Now)
		}
	}
	return strings.Join([]string{
		clean(c.Name) + " (" + c.Key() + ")", clean(model.PointsTo(c)), model.KindLabel(model.CredentialOf(c, h.world)), h.lastTest(s), ends,
	}, "; ")
}

// lastTest is the last test in words.
func (h *plainHome) lastTest(s model.Saved) string {
	if s.LastTest == nil {
		return "never tested"
	}
	words := map[model.Verdict]string{
		model.VerdictPass: "passed", model.VerdictWarn: "passed with a warning", model.VerdictFail: "failed", model.VerdictUnreachable: "not reached from here",
	}
	return "test " + words[s.LastTest.Verdict] + " " + ago(h.world.Now, s.LastTest.At)
}

// show reads out the connectors that a filter lets through.
func (h *plainHome) show(ctx context.Context, f listFlags, what string) error {
	h.filter, h.what, h.page = f, what, 0
	if err := h.load(ctx); err != nil {
		return err
	}
	h.list()
	return nil
}

func (h *plainHome) find(ctx context.Context, text string) error {
	if text == "" {
		return usage("Type find and a word of its name, as: find payments.", "Nothing says what to find.")
	}
	return h.show(ctx, listFlags{expiring: -1, filter: text}, "with "+clean(withhold(text)))
}

func (h *plainHome) expiring(ctx context.Context, days string) error {
	n := expiringSoon
	if days != "" {
		var err error
		if n, err = strconv.Atoi(days); err != nil || n < 0 {
			return usage("Type expiring 30, for example.", "expiring wants a number of days.")
		}
	}
	return h.show(ctx, listFlags{expiring: n}, "whose credential ends within "+counted(n, "day"))
}

func (h *plainHome) turn(by int) {
	if h.page+by < 0 || h.page+by >= h.pages() {
		h.app.sayPlain("There is no such page.")
		return
	}
	h.page += by
	h.list()
}

// on runs a command on the connector that a number or an id names; what stands
// behind it on the line goes to the command too.
func (h *plainHome) on(name string) func(context.Context, string) error {
	return func(ctx context.Context, rest string) error {
		key, more, err := h.named(name, rest)
		if err != nil {
			return err
		}
		return h.run(ctx, append([]string{name, key}, more...)...)
	}
}

// named is the key behind the first word, and the words after it.
func (h *plainHome) named(command, rest string) (key string, more []string, err error) {
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return "", nil, usage("Type "+command+" and the number of a connector, as: "+command+" 1.", "Nothing says which connector.")
	}
	n, err := strconv.Atoi(strings.TrimSuffix(fields[0], "."))
	switch {
	case err != nil:
		return fields[0], fields[1:], nil // an id, which the command looks for
	case n < 1 || n > len(h.shown):
		return "", nil, usage("list reads out the numbers.", "No connector has the number %d here.", n)
	}
	return h.shown[n-1].Connector.Key(), fields[1:], nil
}

// copy asks for the new id where the line does not say it.
func (h *plainHome) copy(ctx context.Context, rest string) error {
	key, more, err := h.named("copy", rest)
	if err != nil {
		return err
	}
	if len(more) == 0 {
		id, err := h.app.ask(ctx, prompt{label: "Id of the copy", help: "Pipelines refer to it by this id: letters, digits and _."})
		if err != nil {
			return err
		}
		more = []string{id}
	}
	return h.run(ctx, append([]string{"copy", key}, more...)...)
}

// migrate goes on to all connectors, to one that is named, or with flags as they
// are typed.
func (h *plainHome) migrate(ctx context.Context, rest string) error {
	args := append([]string{"migrate"}, strings.Fields(rest)...)
	if rest != "" && !strings.HasPrefix(rest, "-") {
		key, more, err := h.named("migrate", rest)
		if err != nil {
			return err
		}
		args = append([]string{"migrate", key}, more...)
	}
	return h.run(ctx, args...)
}

// other runs any other command of the program.
func (h *plainHome) other(ctx context.Context, line string) (bool, error) {
	if line == "" {
		h.list()
		return true, nil
	}
	fields := strings.Fields(line)
	for _, c := range newRoot(&app{}).Commands() {
		if c.Name() == fields[0] && c.Name() != "try" {
			return true, h.run(ctx, fields...)
		}
	}
	return false, nil
}

// run runs a command line as the shell would, with --plain, and reads the list
// again where it is another one now.
func (h *plainHome) run(ctx context.Context, args ...string) error {
	a := h.app
	tester := a.jobs.Tester
	err := a.runLine(ctx, args)
	a.jobs.Tester = tester // one that the command's flags made was for it alone
	a.plain, a.json = true, false
	return h.after(ctx, err)
}

// after reads the saved connectors again once a job has ended, and reads them out
// where they are others now.
func (h *plainHome) after(ctx context.Context, err error) error {
	a, before := h.app, h.keys()
	if loaded := h.load(ctx); loaded != nil {
		return errors.Join(err, loaded)
	}
	if !slices.Equal(before, h.keys()) {
		a.printError(err)
		a.sayPlain("The list is another one now, with new numbers:")
		h.list()
		return nil
	}
	return err
}

func (h *plainHome) keys() []string {
	keys := make([]string, 0, len(h.shown))
	for _, s := range h.shown {
		keys = append(keys, s.Connector.Key())
	}
	return keys
}

// runLine is one command line inside of another one.
func (a *app) runLine(ctx context.Context, args []string) error {
	if args[0] == "new" && a.org != "" {
		args = append(args, "--org", a.org)
		if a.project != "" {
			args = append(args, "--project", a.project)
		}
	}
	org, project := a.org, a.project
	defer func() { a.org, a.project = org, project }()
	a.line = args
	root := newRoot(a)
	root.SetArgs(append(args, "--plain"))
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.errOut)
	return root.ExecuteContext(ctx)
}
