package steps

import (
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"bbconnect/internal/disk"
	"bbconnect/internal/flow"
	"bbconnect/internal/store"
	"bbconnect/model"
)

// walker is somebody who presses keys at random, though not without a plan: what
// is pressed depends on the screen, or most walks would end in the first field.
// With a script, it presses that and nothing else.
type walker struct {
	p       *person
	r       *rand.Rand
	jobs    *flow.Jobs
	done    *tally
	pressed []string
	// plan is what is pressed next.
	plan []string
	// data is the folder of the documents; seen is what was there last.
	data string
	seen sight
	// history is what the documents were before each change to them.
	history []map[string]model.Connector
	// forgotten are secrets that the person deleted together with a connector.
	forgotten map[model.SecretName]bool
	// strangers counts what somebody else saved meanwhile.
	strangers int
	// trouble is the first thing that did not fit together.
	trouble string
}

// sight is everything that counts at one moment.
type sight struct {
	screen, files string
	saved         map[string]model.Connector
	revisions     map[string]string
	secrets       map[model.SecretName]model.SecretInfo
	values        map[model.SecretName]model.Secret
	// draft and world are those of the open wizard, nil for none.
	draft *model.Draft
	world model.World
	// typed says that the draft has to be kept.
	typed bool
}

// stroll goes one way through the screens, on a copy of the folders of a home, and
// says what did not fit together at its end, "" for nothing. With a script these
// keys are pressed, without one what the dice of the seed say.
func stroll(t *testing.T, home string, seed uint64, script []string, done *tally) (pressed []string, trouble string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(home)); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		k := moveIn(t, dir, done)
		k.r = rand.New(rand.NewPCG(seed, 5))
		k.goes(script)
		pressed, trouble = k.pressed, k.trouble
	})
	return pressed, trouble
}

// moveIn starts the program in a folder that is furnished already.
func moveIn(t *testing.T, dir string, done *tally) *walker {
	t.Helper()
	folders, library := storeIn(t, dir)
	at := newFakes()
	withSecrets(at)
	at.keys[model.WhereKeyring].values["account/mixed_api"] = model.NewSecret(apiToken())
	jobs := at.jobs()
	library.WithClock(jobs.Now)
	jobs.Library, jobs.Journal = library, library
	k := &walker{jobs: jobs, data: folders.Data, done: done, forgotten: map[model.SecretName]bool{}}
	k.sits(t, at)
	return k
}

// storeIn is the real store below a folder.
func storeIn(t *testing.T, dir string) (disk.Folders, *store.Store) {
	t.Helper()
	folders, err := disk.UserFolders(func(name string) string { return map[string]string{"BBCONNECT_HOME": dir}[name] })
	if err != nil {
		t.Fatal(err)
	}
	return folders, store.Open(folders)
}

// furnish puts what the fakes hold into a real store, once for all walks.
func furnish(t *testing.T) (home string) {
	t.Helper()
	home = t.TempDir()
	_, library := storeIn(t, home)
	at := newFakes()
	withSecrets(at)
	for _, key := range slices.Sorted(maps.Keys(at.library.connectors)) {
		if _, err := library.Save(t.Context(), at.library.connectors[key].Connector, ""); err != nil {
			t.Fatal(err)
		}
	}
	// One of its two secrets is used by others, too.
	mixed, info := ledger()
	mixed.Name, mixed.ID, mixed.API.TokenRef = "Mixed", "Mixed", "account.mixed_api"
	info.Name = "account/mixed_api"
	if _, err := library.Save(t.Context(), mixed, ""); err != nil {
		t.Fatal(err)
	}
	for _, info := range append(at.library.secrets, info) {
		if err := library.PutSecret(t.Context(), info); err != nil {
			t.Fatal(err)
		}
	}
	if err := library.SaveSettings(t.Context(), model.Settings{Keystore: model.WhereKeyring}); err != nil {
		t.Fatal(err)
	}
	return home
}

func (k *walker) sits(t *testing.T, at *fakes) {
	home := NewHome(k.jobs)
	k.p = sit(t, at, home)
	k.p.home = home
}

// goes presses keys until there is trouble or the way ends, and then quits: a
// program that panics is no trouble for the others.
func (k *walker) goes(script []string) {
	defer func() {
		if r := recover(); r != nil {
			k.fails(fmt.Sprintf("it panics: %v\n%s", r, debug.Stack()))
		}
	}()
	before := k.look()
	for n := 0; k.trouble == "" && (script == nil && n < paces || n < len(script)); n++ {
		var key string
		if script != nil {
			key = script[n]
		} else {
			key = k.next()
		}
		before = k.steps(before, key)
	}
	if k.trouble == "" {
		k.steps(before, "quit")
	}
	k.p.quits()
}

// steps presses one key and judges what came of it.
func (k *walker) steps(before sight, key string) (after sight) {
	k.pressed = append(k.pressed, key)
	k.press(key)
	after = k.look()
	k.count(before, after, key)
	if key == "stranger" {
		k.fails(after.inDisorder(k.forgotten))
		return after
	}
	k.fails(k.judge(before, after))
	return after
}

// fails keeps the first trouble.
func (k *walker) fails(trouble string) {
	if k.trouble == "" {
		k.trouble = trouble
	}
}

// look takes everything in. What no file says anew is what it was.
func (k *walker) look() sight {
	s := k.seen
	view := k.p.shell.View()
	if s.screen = plain(view); s.screen != k.seen.screen {
		k.fails(overflow(view, k.p.w, k.p.h))
	}
	if mark := k.filesMark(); s.saved == nil || mark != s.files {
		s = k.read(sight{screen: s.screen, files: mark})
	}
	s.draft, s.typed = nil, false
	s.values = maps.Clone(k.p.at.keys[model.WhereKeyring].values)
	if z := k.p.home.wizard; z != nil {
		d, typed := z.Unfinished()
		s.draft, s.world, s.typed = &d, z.world, typed
	}
	k.seen = s
	return s
}

// filesMark changes with every file below the folder of data.
func (k *walker) filesMark() string {
	var mark strings.Builder
	err := filepath.WalkDir(k.data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			fmt.Fprintln(&mark, path, info.Size(), info.ModTime().UnixNano())
		}
		return err
	})
	if err != nil {
		k.fails(err.Error())
	}
	return mark.String()
}

// read fills in what the files say.
func (k *walker) read(s sight) sight {
	ctx := k.p.t.Context()
	s.saved, s.revisions, s.secrets = map[string]model.Connector{}, map[string]string{}, map[model.SecretName]model.SecretInfo{}
	saved, damaged, err := k.jobs.Library.List(ctx)
	if err != nil || len(damaged) > 0 {
		k.fails(fmt.Sprintf("%v, damaged: %v", err, damaged))
	}
	for _, c := range saved {
		s.saved[c.Connector.Key()], s.revisions[c.Connector.Key()] = c.Connector, c.Revision
	}
	infos, err := k.jobs.Library.Secrets(ctx)
	if err != nil {
		k.fails(err.Error())
	}
	for _, info := range infos {
		s.secrets[info.Name] = info
	}
	return s
}

// answersFor are what is typed on each page, likely and unlikely.
func answersFor(step model.Step) []string {
	switch step {
	case model.StepOverview:
		return []string{"Nightly build", "Payments ledger", "team:pay,prod", "", "a b c", "x", "y", strings.Repeat("long ", 40), "日本語 🙂", apiToken()}
	case model.StepDetails:
		return []string{
			"https://bitbucket.org/acme/ledger.git", "https://bitbucket.org/acme/", "git@bitbucket.org:acme/wiki.git", "https://git.acme-corp.com/scm/PAY/ledger.git",
			"ssh://git@git.acme-corp.com:7999/PAY/ledger.git", "ledger", "PAY/ledger.git", "nowhere", "", apiToken(), pemKey("RSA", 8),
		}
	case model.StepCredentials, model.StepAPI:
		return []string{apiToken(), freshToken(), "jdoe", "jdoe@acme-corp.com", model.UserAPIToken, "account.ledger_token", "2027-05-01", pemKey("RSA", 51), "wrong", ""}
	}
	return []string{"k8s", "k8s,build", "24.10.84000", ""}
}

// next is what is pressed next: what was planned, or something by what is on the
// screen. An answer is chosen as it is given.
func (k *walker) next() string {
	if len(k.plan) == 0 {
		k.plan = k.plans()
	}
	key := k.plan[0]
	k.plan = k.plan[1:]
	if key != "answer" {
		return key
	}
	if z := k.p.home.wizard; z != nil {
		return "paste " + k.any(answersFor(z.step)...)
	}
	return "tab"
}

func (k *walker) any(keys ...string) string { return keys[k.r.IntN(len(keys))] }

// plans is what somebody might do here: one key, or several in a row that lead
// somewhere.
func (k *walker) plans() []string {
	screen := k.seen.screen
	z := k.p.home.wizard
	bar := screen[strings.LastIndex(screen, "\n")+1:]
	switch {
	case strings.Contains(bar, "enter go on"), strings.Contains(bar, "enter done"):
		return []string{k.any("enter", "enter", "enter", "esc")}
	case strings.Contains(screen, "save it   y"):
		return []string{k.any("y", "y", "y", "enter", "esc")}
	case strings.Contains(screen, "was changed by somebody else"):
		return []string{k.any("t", "t", "b", "d", "s", "esc"), "s", "y"}
	case strings.Contains(bar, "esc close"): // a question
		return []string{k.any("enter", "enter", "down", "esc", "a", "d", "z", "z", "g", "t", "l", "y", "b", "n")}
	case strings.Contains(bar, "enter save"):
		return []string{k.any("enter", "enter", "r", "esc")}
	case z == nil && !strings.Contains(bar, "n new"): // some other screen
		return []string{k.any("esc", "esc", "enter", "down")}
	case z == nil && k.r.IntN(8) == 0:
		return append([]string{"n"}, k.fills()...)
	case z == nil && k.r.IntN(8) == 0:
		return append(slices.Repeat([]string{"down"}, k.r.IntN(4)), "d", k.any("a", "a", "d"))
	case z == nil:
		return []string{k.any("enter", "enter", "enter", "e", "down", "down", "up", "n", "c", "d", "d", "z", "u")}
	case z.step == model.StepTest && z.findings.HasErrors() && k.r.IntN(3) > 0:
		return []string{"enter", "answer", "esc"}
	case z.step == model.StepTest && k.r.IntN(8) == 0:
		return []string{"stranger", "s", "y"}
	case z.step == model.StepTest && z.draft.Editing != "" && k.r.IntN(4) == 0:
		return k.replaces()
	case z.step == model.StepTest && z.typed && !z.findings.HasErrors() && k.r.IntN(3) == 0:
		return []string{"s", "y"}
	case strings.Contains(bar, "pick a saved one") && k.r.IntN(3) > 0:
		return []string{"ctrl+r", "down", k.any("down", "enter"), "enter"}
	case z.step == model.StepDetails && k.r.IntN(4) == 0: // another type, another connection, and maybe back
		return []string{"tab", k.any("tab", "right", "left"), k.any("right", "left"), k.any("tab", "left", "right"), k.any("left", "right")}
	case (z.step == model.StepCredentials || z.step == model.StepAPI) && k.r.IntN(4) == 0:
		return []string{"tab", "tab"}
	case k.r.IntN(50) == 0:
		return []string{"quit", "u", "enter"}
	case z.step == model.StepTest && k.r.IntN(2) == 0:
		return k.opens()
	case z.step == model.StepTest:
		return []string{k.any("s", "s", "s", "t", "enter", "down", "up", "esc", "ctrl+p", "r", "y", "e")}
	case k.r.IntN(3) == 0:
		return []string{"answer"}
	case z.fromReview && k.r.IntN(3) == 0:
		return []string{"esc"}
	}
	return []string{k.any("tab", "tab", "shift+tab", "down", "up", "left", "right", "ctrl+n", "ctrl+n", "ctrl+n", "ctrl+p", "esc", "space", "ctrl+y", "ctrl+r",
		"ctrl+u", "enter", "f2")}
}

// opens goes down the review, opens an answer, gives another and comes back.
func (k *walker) opens() []string {
	var keys []string
	for range 1 + k.r.IntN(18) {
		keys = append(keys, "down")
	}
	keys = append(keys, "enter")
	keys = append(keys, k.any("answer", "answer", "left", "right", "space"))
	return append(keys, "esc", k.any("s", "s", "t", "down"))
}

// replaces gives a saved connector another value for its credential, and saves it;
// sometimes somebody else was faster.
func (k *walker) replaces() []string {
	return []string{
		"down", "enter", "ctrl+n", "ctrl+n", "paste " + k.any(apiToken(), freshToken(), freshToken(), pemKey("RSA", 40)), "ctrl+n", "ctrl+n", "ctrl+n",
		k.any("stranger", "stranger", "s", "down"), "s", "y", "t",
	}
}

// fills answers what a new connector needs, most of it well.
func (k *walker) fills() []string {
	return []string{
		"paste " + k.any("Nightly", "Ledger", "wiki", "a b") + fmt.Sprint(k.r.IntN(100)), "tab", k.any("down", "tab"), "answer", "ctrl+n",
		"paste " + k.any("https://bitbucket.org/acme/ledger.git", "https://git.acme-corp.com/scm/PAY/ledger.git", "git@bitbucket.org:acme/wiki.git"), "ctrl+n",
		"paste " + k.any(apiToken(), freshToken(), pemKey("RSA", 51)), "ctrl+n", "tab", "paste jdoe@acme-corp.com", "ctrl+n", "ctrl+n", k.any("s", "s", "t"),
	}
}

// press presses a key, or does what stands for several: a paste into an empty
// field, leaving the program and starting it again, and a save by somebody else.
func (k *walker) press(key string) {
	text, paste := strings.CutPrefix(key, "paste ")
	switch {
	case paste:
		k.p.presses("ctrl+u").pastes(text)
	case key == "quit":
		k.quits()
	case key == "stranger":
		k.stranger()
	default:
		k.p.presses(key)
	}
}

// quits ends the program, which keeps the unfinished draft, and starts it again.
func (k *walker) quits() {
	at, t := k.p.at, k.p.t
	k.p.quits()
	if d, open := k.p.home.Unfinished(); open {
		if _, err := k.jobs.Library.SaveDraft(t.Context(), d); err != nil {
			k.fails(err.Error())
		}
	}
	k.sits(t, at)
}

// stranger is another process that saves the connector at hand.
func (k *walker) stranger() {
	keys := slices.Sorted(maps.Keys(k.seen.saved))
	if len(keys) == 0 {
		return
	}
	key := keys[0]
	if d := k.seen.draft; d != nil && d.Editing != "" {
		key = d.Editing
	}
	c, there := k.seen.saved[key]
	if !there {
		return // it was deleted meanwhile
	}
	k.strangers++
	c.Description = fmt.Sprint("saved by somebody else, ", k.strangers)
	if _, err := k.jobs.Library.Save(k.p.t.Context(), c, k.seen.revisions[key]); err != nil {
		k.fails(err.Error())
	}
	k.history = append(k.history, k.seen.saved)
}
