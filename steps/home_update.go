package steps

import (
	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/model"
	"bbconnect/ui"
)

const welcome = "Welcome. Six short screens set up a connector and prove that it works."

// Update takes the list, what jobs say, and keys.
func (h *Home) Update(msg tea.Msg) (ui.Action, tea.Cmd) {
	switch m := msg.(type) {
	case *loaded:
		return h.take(m)
	case opened:
		if m.err != nil {
			return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}, nil
		}
		return ui.Push{Screen: h.open(m)}, nil
	case usesFound:
		return h.confirmDelete(m)
	case deleted:
		if m.err != nil {
			return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}, h.load()
		}
		return ui.Notify{Text: "Deleted " + m.name + ".", Mark: ui.Pass}, h.load()
	case tea.KeyMsg:
		if h.loaded == nil {
			h.early = append(h.early, m)
			return nil, nil
		}
	}
	if h.picker == nil {
		return nil, nil
	}
	if !h.picker.Filtering() {
		if action, cmd, done := ui.Press(h.Keys(), msg); done {
			return action, cmd
		}
	}
	event, cmd := h.picker.Update(msg)
	if event == ui.PickerChosen {
		h.picker.Rest()
		return h.edit()
	}
	return nil, cmd
}

// take shows a list that came; the first empty one opens the wizard. Keys typed
// ahead go to where they were meant for: the wizard of a first run, else the
// list. A dialog gets none of them.
func (h *Home) take(m *loaded) (ui.Action, tea.Cmd) {
	h.loaded = m
	early := h.early
	h.early = nil
	if m.err != nil {
		return nil, nil
	}
	rows := make([]ui.Row, 0, len(m.saved))
	for _, s := range m.saved {
		rows = append(rows, homeRow(s, m.world))
	}
	h.picker.Empty = "No connectors yet. n sets one up."
	cmd := h.picker.SetRows(rows)
	if h.greeted {
		return nil, cmd
	}
	h.greeted = true
	switch {
	case len(m.drafts) > 0:
		return h.offerDraft(m.drafts[0]), cmd
	case len(m.saved) == 0:
		z := h.open(opened{draft: model.NewDraft(), world: m.world})
		z.welcome, z.early = welcome, early
		return ui.Push{Screen: z}, cmd
	}
	for _, key := range early {
		action, next := h.Update(key)
		cmd = tea.Batch(cmd, next)
		if action != nil {
			return action, cmd // what follows was meant for what opens now
		}
	}
	return nil, cmd
}

// open makes the wizard for a draft that was loaded.
func (h *Home) open(m opened) *Wizard {
	h.wizard = NewWizard(h.jobs, m.draft, m.world, "").Offer(h.samples).OpenAt(m.at)
	return h.wizard
}
