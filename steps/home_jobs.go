package steps

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// newConnector opens the wizard on an empty draft, in a world as it is now.
func (h *Home) newConnector() (ui.Action, tea.Cmd) {
	jobs := h.jobs
	return nil, h.acting.Start(func(ctx context.Context) tea.Msg {
		w, err := jobs.World(ctx)
		return opened{draft: model.NewDraft(), world: w, err: err}
	})
}

// opened is a draft to open the wizard with, in a world as it is now; at is the
// question it opens on, "" for the usual one.
type opened struct {
	draft model.Draft
	world model.World
	at    model.QuestionID
	err   error
}

// openSaved loads a saved connector for editing.
func openSaved(ctx context.Context, jobs *flow.Jobs, key string, at model.QuestionID) opened {
	d, _, err := jobs.Edit(ctx, key)
	if err != nil {
		return opened{err: err}
	}
	w, err := jobs.World(ctx)
	return opened{draft: d, world: w, at: at, err: err}
}

// edit opens the selected connector on its review, or asks about changes to it
// that were left unfinished.
func (h *Home) edit() (ui.Action, tea.Cmd) {
	s, ok := h.selected()
	if !ok {
		return nil, nil
	}
	jobs, key := h.jobs, s.Connector.Key()
	for _, d := range h.loaded.drafts {
		if d.Draft.Editing == key {
			return h.offerDraft(d), nil
		}
	}
	return nil, h.acting.Start(func(ctx context.Context) tea.Msg { return openSaved(ctx, jobs, key, "") })
}

// test opens the live test of the selected connector.
func (h *Home) test() (ui.Action, tea.Cmd) {
	s, ok := h.selected()
	if !ok {
		return nil, nil
	}
	return ui.Push{Screen: newSavedTest(h.jobs, s.Connector, func(m opened) ui.Screen { return h.open(m) })}, nil
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
