package steps

import (
	"context"
	"strings"

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
	p.stands = ""
	switch {
	case p.z.result == nil && p.z.draft.Editing != "":
		jobs, key := p.z.jobs, p.z.draft.Editing
		return nil, p.save.Start(func(ctx context.Context) tea.Msg {
			saved, err := jobs.Library.Get(ctx, key)
			return testedBefore{saved.LastTest, err}
		})
	case p.z.result == nil:
		return p.confirmSave("It was not tested. It is saved as never tested."), nil
	case p.z.result.Verdict == model.VerdictUnreachable:
		return p.confirmSave("Its test got no connection from this machine. It is saved and remembered as that."), nil
	}
	return p.confirmSave("Its test failed. It is saved and remembered as failed."), nil
}

// testedBefore is the last test of the connector that is edited, nil for none. It
// stays remembered with every edit.
type testedBefore struct {
	last *model.TestRecord
	err  error
}

// askUntested saves an edit that was not tested, and asks about it first where what
// is remembered of the last test is not that this connector works.
func (p *testPage) askUntested(m testedBefore) (ui.Action, tea.Cmd) {
	switch {
	case m.err != nil:
		// Saving looks at what is there once more, and says what is the matter.
		return nil, p.store()
	case m.last == nil:
		return p.confirmSave("It was not tested. It is saved as never tested."), nil
	}
	when := ago(p.z.jobs.Now(), m.last.At)
	switch same := flow.SameConnection(p.z.draft, p.z.world); {
	case same && flow.Passed(m.last.Verdict):
		p.stands = "Its last test, " + when + ", still counts."
		return nil, p.store()
	case same:
		return p.confirmSave("It was not tested again. Its last test, " + when + ", did not pass, and that stays remembered."), nil
	}
	return p.confirmSave("It was not tested as it is now. What stays remembered is its last test, " + when + ", before this change."), nil
}

func (p *testPage) confirmSave(text string) ui.Action {
	d := ui.Confirm("save", "Save this connector without a passed test", text, "save it", "go back")
	d.Then = func(a ui.Answer) (ui.Action, tea.Cmd) {
		if a.Value != "yes" {
			return nil, nil
		}
		return nil, p.store()
	}
	return ui.Ask{Dialog: d}
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
		m.steps = flow.HandOverSaved(d, w, m.saved.Connector, secrets)
		return m
	})
}

func (p *testPage) afterSave(m savedMsg) (ui.Action, tea.Cmd) {
	if m.saved.Connector.ID != "" {
		p.z.saved = true
		next := ui.Replace{Screen: newHandOver(p.z.jobs, m.saved, m.steps, flow.HandOverTitle(p.z.draft, m.steps))}
		if p.stands != "" && m.err == nil {
			return ui.Do{next, ui.Notify{Text: p.stands, Mark: ui.Pass}}, nil
		}
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
	return nil, p.renew()
}

// renewed is the connector as somebody else saved it meanwhile.
type renewed struct {
	draft model.Draft
	world model.World
	err   error
}

// renew reads what is saved now.
func (p *testPage) renew() tea.Cmd {
	jobs, d, w := p.z.jobs, p.z.draft, p.z.world
	return p.save.Start(func(ctx context.Context) tea.Msg {
		m := renewed{}
		if m.draft, _, m.err = jobs.Edit(ctx, d.Editing); m.err != nil {
			return m
		}
		m.world, m.err = jobs.World(ctx)
		m.world.NewSecretsIn = w.NewSecretsIn
		return m
	})
}

// afterRenewal shows what diverges, and asks what counts. Nothing is overwritten:
// whatever is chosen stands in the review, to be looked over, tested and saved.
func (p *testPage) afterRenewal(m renewed) (ui.Action, tea.Cmd) {
	if m.err != nil {
		return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}, nil
	}
	mine := p.z.draft
	list := model.Diverging(mine, m.draft, m.world)
	both := false
	lines := []string{"Somebody else saved this connector meanwhile. Nothing was overwritten."}
	for _, d := range list {
		lines = append(lines, divergenceLine(d))
		both = both || d.Both()
	}
	d := ui.Message(ui.Warn, "It was changed by somebody else meanwhile", strings.Join(lines, "\n"))
	d.Choices = []ui.Choice{{Value: "stay", Label: "stay here", Key: "s"}, {Value: "mine", Label: "put my changes on theirs", Key: "t"}}
	if both {
		d.Choices[1].Label = "put my changes on theirs, mine where both changed"
		d.Choices = append(d.Choices, ui.Choice{Value: "theirs", Label: "put my changes on theirs, theirs where both changed", Key: "b"})
	}
	d.Choices = append(d.Choices, ui.Choice{Value: "drop", Label: "drop my changes", Key: "d"})
	d.Then = func(a ui.Answer) (ui.Action, tea.Cmd) {
		switch a.Value {
		case "mine", "theirs":
			return p.adopt(model.Merge(mine, m.draft, m.world, func(model.QuestionID) bool { return a.Value == "mine" }), m.world)
		case "drop":
			m.draft.ID = mine.ID
			return p.adopt(m.draft, m.world)
		}
		return nil, nil
	}
	return ui.Ask{Dialog: d}, nil
}

// divergenceLine is one answer as it was, as it is here and as it is saved now.
func divergenceLine(d model.Divergence) string {
	said := func(text string) string {
		if text == "" {
			return "nothing"
		}
		return text
	}
	switch {
	case d.Both():
		return d.Label + ": was " + said(d.Base) + ", yours " + said(d.Mine) + ", theirs " + said(d.Theirs)
	case d.Theirs != d.Base:
		return d.Label + ": was " + said(d.Base) + ", theirs " + said(d.Theirs)
	}
	return d.Label + ": was " + said(d.Base) + ", yours " + said(d.Mine)
}

// adopt goes on with another draft of the same connector.
func (p *testPage) adopt(d model.Draft, w model.World) (ui.Action, tea.Cmd) {
	p.z.world = w
	p.z.change(d)
	p.reviewing = true
	p.refresh()
	return ui.Notify{Text: "It stands on the newest state. Look it over, test and save.", Mark: ui.Info}, nil
}
