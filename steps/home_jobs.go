package steps

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// offerDraft offers to go on with what was left unfinished.
func (h *Home) offerDraft(d model.SavedDraft) ui.Action {
	name := d.Draft.Answer(model.QName)
	if name == "" {
		name = "without a name"
	}
	w := h.loaded.world
	dialog := ui.Dialog{
		ID: "draft", Title: "An unfinished connector: " + name,
		Text: "It was left " + ago(w.Now, d.SavedAt) + ". Its answers are here, its secrets are asked again.",
		Choices: []ui.Choice{
			{Value: "go", Label: "go on with it", Key: "g"},
			{Value: "drop", Label: "throw it away", Key: "t"},
			{Value: "later", Label: "later", Key: "l"},
		},
		Then: func(a ui.Answer) (ui.Action, tea.Cmd) {
			switch a.Value {
			case "go":
				return nil, h.resume(d.Draft)
			case "drop":
				return nil, h.dropDraft(d.Draft.ID)
			}
			return nil, nil
		},
	}
	return ui.Ask{Dialog: dialog}
}

// resume opens a draft; one of a saved connector is laid over it as it is now.
func (h *Home) resume(d model.Draft) tea.Cmd {
	jobs := h.jobs
	return h.acting.Start(func(ctx context.Context) tea.Msg {
		w, err := jobs.World(ctx)
		if err != nil || d.Editing == "" {
			return opened{draft: d, world: w, err: err}
		}
		fresh, _, err := jobs.Edit(ctx, d.Editing)
		fresh = fresh.WithAnswers(d.Answers())
		fresh.ID = d.ID
		return opened{draft: fresh, world: w, err: err}
	})
}

func (h *Home) dropDraft(id string) tea.Cmd {
	library := h.jobs.Library
	return h.acting.Start(func(ctx context.Context) tea.Msg {
		return deleted{name: "the draft", err: library.RemoveDraft(ctx, id)}
	})
}

// newConnector opens the wizard on an empty draft, in a world as it is now.
func (h *Home) newConnector() (ui.Action, tea.Cmd) {
	jobs := h.jobs
	return nil, h.acting.Start(func(ctx context.Context) tea.Msg {
		w, err := jobs.World(ctx)
		return opened{draft: model.NewDraft(), world: w, err: err}
	})
}

type opened struct {
	draft model.Draft
	world model.World
	err   error
}

// edit opens the selected connector on its review.
func (h *Home) edit() (ui.Action, tea.Cmd) {
	s, ok := h.selected()
	if !ok {
		return nil, nil
	}
	jobs, key := h.jobs, s.Connector.Key()
	return nil, h.acting.Start(func(ctx context.Context) tea.Msg {
		d, _, err := jobs.Edit(ctx, key)
		if err != nil {
			return opened{err: err}
		}
		w, err := jobs.World(ctx)
		return opened{draft: d, world: w, err: err}
	})
}

// test opens the live test of the selected connector.
func (h *Home) test() (ui.Action, tea.Cmd) {
	s, ok := h.selected()
	if !ok {
		return nil, nil
	}
	return ui.Push{Screen: newSavedTest(h.jobs, s.Connector)}, nil
}

type usesFound struct {
	name, key string
	uses      []flow.SecretUse
	err       error
}

type deleted struct {
	name string
	err  error
}

// askDelete finds out what else uses the connector's secrets before it asks.
func (h *Home) askDelete() (ui.Action, tea.Cmd) {
	s, ok := h.selected()
	if !ok {
		return nil, nil
	}
	jobs, key, name := h.jobs, s.Connector.Key(), s.Connector.Name
	return nil, h.acting.Start(func(ctx context.Context) tea.Msg {
		uses, err := jobs.Uses(ctx, key)
		return usesFound{name: name, key: key, uses: uses, err: err}
	})
}

func (h *Home) confirmDelete(m usesFound) (ui.Action, tea.Cmd) {
	if m.err != nil {
		return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}, nil
	}
	d := ui.Dialog{
		ID: "delete", Mark: ui.Warn, Title: "Delete " + m.name, Text: "Pipelines in Harness are not touched.",
		Choices: []ui.Choice{{Value: "no", Label: "keep it", Key: "k"}, {Value: "delete", Label: "delete the connector", Key: "d"}},
	}
	own := 0
	for _, u := range m.uses {
		if len(u.Others) == 0 {
			own++
		} else {
			d.Text += "\n" + string(u.Info.Name.Ref()) + " is also used by " + strings.Join(u.Others, ", ") + "; it stays."
		}
	}
	if own > 0 {
		d.Choices = append(d.Choices, ui.Choice{Value: "all", Label: "delete it and the " + countOf(own, "secret") + " only it uses", Key: "a"})
	}
	d.Then = func(a ui.Answer) (ui.Action, tea.Cmd) {
		if a.Closed || a.Value == "no" {
			return nil, nil
		}
		jobs, with := h.jobs, a.Value == "all"
		return nil, h.acting.Stream(func(job ui.Job) tea.Msg {
			_, err := jobs.Delete(flow.WithAsker(job.Context, dialogAsker(job, true)), m.key, with)
			return deleted{name: m.name, err: err}
		})
	}
	return ui.Ask{Dialog: d}, nil
}
