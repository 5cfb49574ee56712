package steps

import (
	"context"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

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
			d.Mark, d.Text, d.Expected = ui.Warn, q.Problem.What+" "+q.Problem.Fix, true
		}
		if !q.New || q.Name != "" {
			return askLine(job, d, label)
		}
		return askTwice(job, d, label)
	}
}

// askTwice asks until the same was typed twice in a row: what is mistyped here
// locks everything away for good.
func askTwice(job ui.Job, d ui.Dialog, label string) (model.Secret, error) {
	for {
		first, err := askLine(job, d, label)
		if err != nil {
			return first, err
		}
		second, err := askLine(job, ui.Dialog{ID: "secret", Title: "The same passphrase again", Expected: true}, label)
		if err != nil || first.Equal(second) {
			return second, err
		}
		d.Mark, d.Text, d.Expected = ui.Warn, "The two passphrases differ: one of them was mistyped. Choose it again.", true
	}
}

// askLine asks for one secret line; closing the dialog cancels the job.
func askLine(job ui.Job, d ui.Dialog, label string) (model.Secret, error) {
	var value model.Secret
	d.Choices = []ui.Choice{{Value: "ok", Label: "go on"}}
	d.Prompt = &ui.Prompt{
		Label: label, Secret: true,
		Take: func(text string) { value = model.NewSecret(text) },
		Check: func(text string) []ui.Finding {
			if text != "" {
				return nil
			}
			return []ui.Finding{{Severity: ui.Error, Code: "secret.required", Text: "Nothing was typed."}}
		},
	}
	if _, err := job.Ask(d); err != nil {
		return model.Secret{}, &model.Problem{
			Code: "keystore.locked", What: "No value was given.", Why: "The question was closed.", Fix: "Try again, or choose another place.",
		}
	}
	return value, nil
}
