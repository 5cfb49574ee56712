package steps

import (
	"context"
	"errors"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// keeper is where new secrets go. It proves the place with a write, a read and
// a delete before anything secret is asked; where that does not work, the person
// chooses another way on. There is no silent fallback.
type keeper struct {
	z    *Wizard
	task *ui.Task
	// place is set once it has proved itself.
	place   *flow.Place
	problem *model.Problem
	// tried is the place that was last asked to prove itself.
	tried model.Where
	// early are keys typed while the proof ran; they belong to the form. When the
	// proof fails under somebody's typing, the keys count as typed blind until
	// there was a pause, but not for longer than until limit.
	early        []tea.KeyMsg
	pause, limit time.Time
}

// Keys that come this soon one after the other are the end of what was being
// typed, not an answer to what has just appeared.
const (
	typingPause = 400 * time.Millisecond
	typingLimit = 1500 * time.Millisecond
)

type proved struct {
	place flow.Place
	err   error
}

// start binds the keeper to its wizard; the proof itself waits for begin.
func (k *keeper) start(z *Wizard) {
	k.z = z
	if k.task == nil {
		k.task = z.env.NewTask()
	}
}

// begin proves a place, "" for the one chosen before or the keyring.
func (k *keeper) begin(where model.Where) tea.Cmd {
	k.problem, k.place, k.tried = nil, nil, where
	jobs := k.z.jobs
	return k.task.Stream(func(job ui.Job) tea.Msg {
		place, err := jobs.Prove(flow.WithAsker(job.Context, dialogAsker(job, where != "")), where)
		return proved{place: place, err: err}
	})
}

// ready reports whether secrets may be asked.
func (k *keeper) ready() bool { return k.place != nil }

func (k *keeper) running() bool { return k.task.Running() }

// take is the outcome of a proof; the keys typed meanwhile are handed back.
func (k *keeper) take(m proved) []tea.KeyMsg {
	if m.err != nil {
		k.problem = problemOf(m.err)
		if now := k.z.jobs.Now(); len(k.early) > 0 {
			k.pause, k.limit = now.Add(typingPause), now.Add(typingLimit)
		}
		return nil
	}
	early := k.early
	k.early = nil
	k.place = &m.place
	k.z.world.NewSecretsIn = m.place.Where
	return early
}

// typedBlind keeps a key that was on its way when the problem appeared.
func (k *keeper) typedBlind(m tea.KeyMsg) bool {
	now := k.z.jobs.Now()
	if m.String() == "esc" || !now.Before(k.pause) || !now.Before(k.limit) {
		return false
	}
	k.pause = now.Add(typingPause)
	k.early = append(k.early, m)
	return true
}

// giveUp ends a proof that is under way, and forgets what was typed meanwhile.
func (k *keeper) giveUp() {
	if !k.ready() {
		k.task.Cancel()
		k.early = nil
	}
}

// problemOf is the problem in an error, or one that says what it says.
func problemOf(err error) *model.Problem {
	if p, ok := model.AsProblem(err); ok {
		return p
	}
	return &model.Problem{Code: "internal", What: ui.Clean(err.Error()), Fix: "Try again; if it stays, report it."}
}

// lines say where secrets are kept.
func (k *keeper) lines(w int) []string {
	text := "Trying the place for secrets …"
	switch {
	case k.place == nil:
	case k.place.Where == model.WhereAsk:
		text = "Secrets are asked each time and never stored."
	default:
		text = "Secrets will be kept in: " + k.place.Description + " " + ui.Pass.Sign() + " tried just now"
	}
	out := ui.Wrap(text, w-2)
	for i := range out {
		out[i] = " " + out[i]
	}
	return out
}

// card is what is shown instead of the form when the place does not work.
func (k *keeper) card(t *ui.Theme, w int) string {
	p := k.problem
	return ui.ProblemCard(t, ui.Problem{Code: p.Code, What: p.What, Why: p.Why, Fix: p.Fix, Keys: k.keys()}, w)
}

// keys are the ways on when the place does not work.
func (k *keeper) keys() []ui.Key {
	choose := func(key, does string, where model.Where) ui.Key {
		return ui.Key{Keys: []string{key}, Does: does, Press: func() (ui.Action, tea.Cmd) { return nil, k.begin(where) }}
	}
	return []ui.Key{
		choose("r", "try again", k.tried),
		choose("v", "encrypted vault", model.WhereVault),
		{Keys: []string{"c"}, Does: "a command that prints it", Press: func() (ui.Action, tea.Cmd) { return k.askCommand(), nil }},
		choose("a", "ask each time, store nothing", model.WhereAsk),
		choose("k", "keyring", model.WhereKeyring),
		{Keys: []string{"esc"}, Does: "previous step", Press: k.z.prev},
	}
}

// offer lets the person keep new secrets in another place than the one in use.
func (k *keeper) offer() ui.Action {
	d := ui.Dialog{ID: "place", Title: "Where shall new secrets be kept", Text: "Now: " + k.place.Description + ". What is saved already stays where it is."}
	var keys []ui.Key
	for _, key := range k.keys() {
		if key.Name() != "r" && key.Name() != "esc" {
			keys = append(keys, key)
			d.Choices = append(d.Choices, ui.Choice{Value: key.Name(), Label: key.Does, Key: key.Name()})
		}
	}
	d.Then = func(a ui.Answer) (ui.Action, tea.Cmd) {
		for _, key := range keys {
			if key.Name() == a.Value {
				return key.Press()
			}
		}
		return nil, nil
	}
	return ui.Ask{Dialog: d}
}

// askCommand asks for the command that prints a secret.
func (k *keeper) askCommand() ui.Action {
	return ui.Ask{Dialog: ui.Dialog{
		ID: "command", Title: "A command that prints the secret",
		Text:    "It is run each time a value is needed; {name} stands for the secret's name.",
		Prompt:  &ui.Prompt{Label: "Command", Example: "e.g. pass show bitbucket/{name}"},
		Choices: []ui.Choice{{Value: "ok", Label: "use it"}},
		Then: func(a ui.Answer) (ui.Action, tea.Cmd) {
			if a.Closed || a.Text == "" {
				return nil, nil
			}
			return nil, k.useCommand(a.Text)
		},
	}}
}

func (k *keeper) useCommand(line string) tea.Cmd {
	k.problem, k.place, k.tried = nil, nil, model.WhereCommand
	jobs := k.z.jobs
	return k.task.Start(func(ctx context.Context) tea.Msg {
		settings, err := jobs.Library.Settings(ctx)
		if err != nil {
			return proved{err: err}
		}
		before := settings.SecretCommand
		settings.SecretCommand = line
		if err := jobs.Library.SaveSettings(ctx, settings); err != nil {
			return proved{err: err}
		}
		place, err := jobs.Prove(ctx, model.WhereCommand)
		if err != nil {
			settings.SecretCommand = before
			err = errors.Join(err, jobs.Library.SaveSettings(context.WithoutCancel(ctx), settings))
		}
		return proved{place: place, err: err}
	})
}
