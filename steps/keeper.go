package steps

import (
	"context"

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
	// early are keys typed while the proof ran; they belong to the form.
	early []tea.KeyMsg
}

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
	k.problem = nil
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
	early := k.early
	k.early = nil
	if m.err != nil {
		k.problem = problemOf(m.err)
		return nil
	}
	k.place = &m.place
	k.z.world.NewSecretsIn = m.place.Where
	return early
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
		choose("r", "try again", ""),
		choose("v", "encrypted vault", model.WhereVault),
		{Keys: []string{"c"}, Does: "a command that prints it", Press: func() (ui.Action, tea.Cmd) { return k.askCommand(), nil }},
		choose("a", "ask each time, store nothing", model.WhereAsk),
		choose("k", "keyring", model.WhereKeyring),
		{Keys: []string{"esc"}, Does: "previous step", Press: k.z.prev},
	}
}

// askCommand asks for the command that prints a secret.
func (k *keeper) askCommand() ui.Action {
	return ui.Ask{Dialog: ui.Dialog{
		ID: "command", Title: "A command that prints the secret",
		Text:   "It is run each time a value is needed; {name} stands for the secret's name.",
		Prompt: &ui.Prompt{Label: "Command", Example: "pass show bitbucket/{name}"},
		Then: func(a ui.Answer) (ui.Action, tea.Cmd) {
			if a.Closed || a.Text == "" {
				return nil, nil
			}
			return nil, k.useCommand(a.Text)
		},
	}}
}

func (k *keeper) useCommand(line string) tea.Cmd {
	k.problem = nil
	jobs := k.z.jobs
	return k.task.Start(func(ctx context.Context) tea.Msg {
		settings, err := jobs.Library.Settings(ctx)
		if err != nil {
			return proved{err: err}
		}
		settings.SecretCommand = line
		if err := jobs.Library.SaveSettings(ctx, settings); err != nil {
			return proved{err: err}
		}
		place, err := jobs.Prove(ctx, model.WhereCommand)
		return proved{place: place, err: err}
	})
}

// dialogAsker asks for what a keystore needs in the middle of a job with a
// dialog of its own. expected says that the person has just started the job.
func dialogAsker(job ui.Job, expected bool) flow.Asker {
	return func(_ context.Context, q flow.Question) (model.Secret, error) {
		d := ui.Dialog{ID: "secret", Title: "Passphrase of the vault", Expected: expected}
		label := "Passphrase"
		switch {
		case q.Name != "":
			d.Title, label = "The value of "+string(q.Name.Ref()), "Value"
			d.Text = "It is used for this run and never stored."
		case q.New:
			d.Title = "Choose a passphrase for the vault"
			d.Text = "The vault is a file on this machine that only this passphrase opens. It cannot be recovered: keep it well."
		}
		if q.Problem != nil {
			d.Mark, d.Text = ui.Warn, q.Problem.What+" "+q.Problem.Fix
		}
		first, err := askLine(job, d, label)
		if err != nil || !q.New || q.Name != "" {
			return first, err
		}
		second, err := askLine(job, ui.Dialog{ID: "secret", Title: "The same passphrase again", Expected: true}, label)
		if err != nil {
			return model.Secret{}, err
		}
		if !first.Equal(second) {
			return model.Secret{}, &model.Problem{
				Code: "keystore.denied", What: "The two passphrases differ.", Why: "One of them was mistyped.", Fix: "Choose the vault again.",
			}
		}
		return first, nil
	}
}

// askLine asks for one secret line; closing the dialog cancels the job.
func askLine(job ui.Job, d ui.Dialog, label string) (model.Secret, error) {
	var value model.Secret
	d.Prompt = &ui.Prompt{Label: label, Secret: true, Take: func(text string) { value = model.NewSecret(text) }}
	if _, err := job.Ask(d); err != nil {
		return model.Secret{}, &model.Problem{
			Code: "keystore.locked", What: "No value was given.", Why: "The question was closed.", Fix: "Try again, or choose another place.",
		}
	}
	return value, nil
}
