package steps

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// lastChange is the change that could be taken back, found out before it is
// asked about; undone is that it was.
type lastChange struct {
	change model.Change
	ok     bool
	err    error
}

type undone struct {
	change model.Change
	text   string
	err    error
}

// askUndo asks whether the last change shall be taken back, since it may have
// been made yesterday.
func (h *Home) askUndo() (ui.Action, tea.Cmd) {
	jobs := h.jobs
	return nil, h.acting.Start(func(ctx context.Context) tea.Msg {
		c, ok, err := jobs.LastChange(ctx)
		return lastChange{c, ok, err}
	})
}

func (h *Home) confirmUndo(m lastChange) (ui.Action, tea.Cmd) {
	switch {
	case m.err != nil:
		return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}, nil
	case !m.ok:
		return ui.Notify{Text: "There is nothing to take back.", Mark: ui.Info}, nil
	}
	d := ui.Dialog{
		ID: "undo", Mark: ui.Warn, Title: undoTitle(m.change), Text: flow.UndoText(m.change),
		Choices: []ui.Choice{{Value: "no", Label: "leave it", Key: "n"}, {Value: "yes", Label: "take it back", Key: "y"}},
	}
	d.Then = func(a ui.Answer) (ui.Action, tea.Cmd) {
		if a.Closed || a.Value == "no" {
			return nil, nil
		}
		jobs := h.jobs
		return nil, h.acting.Start(func(ctx context.Context) tea.Msg {
			m := undone{}
			if m.change, m.err = jobs.Undo(ctx); m.err == nil {
				m.text = jobs.Undone(ctx, m.change)
			}
			return m
		})
	}
	return ui.Ask{Dialog: d}, nil
}

func undoTitle(c model.Change) string {
	return map[model.ChangeKind]string{
		model.ChangeMade: "Take back that " + c.Name + " was made", model.ChangeEdited: "Take back the last change to " + c.Name,
		model.ChangeDeleted: "Bring " + c.Name + " back",
	}[c.What]
}

// afterUndo says what came of it and loads the list anew.
func (h *Home) afterUndo(m undone) (ui.Action, tea.Cmd) {
	if m.err != nil {
		return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}, h.load()
	}
	return ui.Notify{Text: m.text, Mark: ui.Pass}, h.load()
}
