package steps

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// savedMsg is how saving went. With both a connector and an error it is saved,
// and something beside it was not done.
type savedMsg struct {
	saved model.Saved
	steps []flow.HandOverStep
	err   error
}

// askSave saves; a connector that did not pass its test, or was not tested, is
// asked about first and remembered as it is.
func (p *testPage) askSave() (ui.Action, tea.Cmd) {
	if f, bad := p.firstError(); bad {
		return ui.Notify{Text: "Not saved: " + f.Message, Mark: ui.Fail}, nil
	}
	if p.z.result != nil && flow.Passed(p.z.result.Verdict) {
		return nil, p.store()
	}
	text := "It was not tested. It is saved as never tested."
	switch {
	case p.z.result == nil:
	case p.z.result.Verdict == model.VerdictUnreachable:
		text = "Its test got no connection from this machine. It is saved and remembered as that."
	default:
		text = "Its test failed. It is saved and remembered as failed."
	}
	d := ui.Confirm("save", "Save this connector without a passed test", text, "save it", "go back")
	d.Then = func(a ui.Answer) (ui.Action, tea.Cmd) {
		if a.Value != "yes" {
			return nil, nil
		}
		return nil, p.store()
	}
	return ui.Ask{Dialog: d}, nil
}

// store saves the draft in the background.
func (p *testPage) store() tea.Cmd {
	jobs, d, w, file := p.z.jobs, p.z.draft, p.z.world, p.z.file
	var record *model.TestRecord
	if p.z.result != nil {
		r := flow.Record(*p.z.result)
		record = &r
	}
	return p.save.Stream(func(job ui.Job) tea.Msg {
		ctx := flow.WithAsker(job.Context, dialogAsker(job, true))
		var m savedMsg
		m.err = file.finish(ctx, func() (err error) {
			m.saved, err = jobs.Save(ctx, d, w, record)
			return err
		})
		if m.saved.Connector.ID == "" {
			return m
		}
		secrets, err := jobs.Library.Secrets(ctx)
		if m.err == nil {
			m.err = err
		}
		m.steps = flow.HandOver(m.saved.Connector, secrets)
		return m
	})
}

func (p *testPage) afterSave(m savedMsg) (ui.Action, tea.Cmd) {
	if m.saved.Connector.ID != "" {
		p.z.saved = true
		next := ui.Replace{Screen: newHandOver(p.z.jobs, m.saved, m.steps)}
		if m.err != nil {
			return ui.Do{next, ui.Notify{Text: "Saved, but: " + sentence(m.err), Mark: ui.Warn}}, nil
		}
		return next, nil
	}
	problem := problemOf(m.err)
	d := ui.Message(ui.Fail, "Not saved: "+problem.What, problem.Why+" "+problem.Fix)
	if problem.Code != "store.conflict" || p.z.draft.Editing == "" {
		return ui.Ask{Dialog: d}, nil
	}
	d.Choices = []ui.Choice{
		{Value: "stay", Label: "stay here", Key: "s"},
		{Value: "renew", Label: "take the newest and put my changes on it", Key: "t"},
	}
	d.Then = func(a ui.Answer) (ui.Action, tea.Cmd) {
		if a.Value == "renew" {
			return nil, p.renew()
		}
		return nil, nil
	}
	return ui.Ask{Dialog: d}, nil
}

// renewed is the draft on top of the newest state of its connector.
type renewed struct {
	draft model.Draft
	world model.World
	err   error
}

// renew puts what was changed here on top of what is saved now.
func (p *testPage) renew() tea.Cmd {
	jobs, d, w := p.z.jobs, p.z.draft, p.z.world
	return p.save.Start(func(ctx context.Context) tea.Msg {
		m := renewed{}
		if m.draft, _, m.err = jobs.Edit(ctx, d.Editing); m.err != nil {
			return m
		}
		m.draft = onto(m.draft, d, w)
		m.world, m.err = jobs.World(ctx)
		m.world.NewSecretsIn = w.NewSecretsIn
		return m
	})
}

func (p *testPage) afterRenewal(m renewed) (ui.Action, tea.Cmd) {
	if m.err != nil {
		return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}, nil
	}
	p.z.world = m.world
	p.z.change(m.draft)
	p.reviewing = true
	p.refresh()
	return ui.Notify{Text: "Your changes stand on the newest state. Look it over, test and save.", Mark: ui.Info}, nil
}

// onto lays what a draft changes over a fresh draft of the same connector: the
// answers that differ from the state it began with, and its secrets. What others
// changed meanwhile stays.
func onto(fresh, d model.Draft, w model.World) model.Draft {
	began := map[model.QuestionID]string{}
	if d.Base != nil {
		began = model.DraftOf(*d.Base, w).Answers()
	}
	for id, v := range d.Answers() {
		if began[id] != v {
			fresh = fresh.With(id, v)
		}
	}
	for _, id := range model.QuestionIDs() {
		if v := d.Secret(id); !v.IsZero() {
			fresh = fresh.WithSecret(id, v)
		}
	}
	fresh.ID = d.ID
	return fresh
}
