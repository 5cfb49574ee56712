package steps

import (
	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/ui"
)

const welcome = "Welcome. Six short screens set up a connector and prove that it works."

// Update takes the list, what jobs say, and keys.
func (h *Home) Update(msg tea.Msg) (ui.Action, tea.Cmd) {
	switch m := msg.(type) {
	case *listed:
		return h.take(m)
	case reading:
		h.reading = int(m)
		return nil, nil
	case detail:
		h.detail = m
		if m.secrets != nil && h.list != nil {
			h.list.secrets = m.secrets
		}
		return nil, nil
	case tea.KeyMsg:
		if h.waiting() {
			h.early = append(h.early, m)
			return nil, nil
		}
	default:
		if action, cmd, mine := h.ended(msg); mine {
			return action, cmd
		}
	}
	if h.picker == nil || h.list == nil && h.err == nil {
		return nil, nil
	}
	if !h.picker.Filtering() {
		if action, cmd, done := ui.Press(h.Keys(), msg); done {
			return action, cmd
		}
	}
	if h.err != nil {
		return nil, nil
	}
	event, cmd := h.picker.Update(msg)
	if event == ui.PickerChosen {
		h.picker.Rest()
		return h.edit()
	}
	return nil, tea.Batch(cmd, h.lookCloser())
}

// ended takes what jobs say; it reports false for other messages.
func (h *Home) ended(msg tea.Msg) (action ui.Action, cmd tea.Cmd, mine bool) {
	switch m := msg.(type) {
	case opened:
		if m.err != nil {
			return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}, nil, true
		}
		return ui.Push{Screen: h.open(m)}, nil, true
	case fetched:
		if m.err != nil {
			return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}, nil, true
		}
		action, cmd = m.then(m.saved)
	case copying:
		action, cmd = h.askCopyName(m)
	case leaving:
		action, cmd = h.confirmDelete(m)
	case done:
		if m.err != nil {
			return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}, nil, true
		}
		action = ui.Notify{Text: m.text, Mark: ui.Pass}
	case deleted:
		cmd = h.load()
		action = ui.Notify{Text: "Deleted " + m.name + ".", Mark: ui.Pass}
		if m.err != nil {
			action = ui.Notify{Text: sentence(m.err), Mark: ui.Fail}
		}
	case lastChange:
		action, cmd = h.confirmUndo(m)
	case undone:
		action, cmd = h.afterUndo(m)
	default:
		return nil, nil, false
	}
	return action, cmd, true
}

// open makes the wizard for a draft that was loaded.
func (h *Home) open(m opened) *Wizard {
	h.wizard = NewWizard(h.jobs, m.draft, m.world, "").Offer(h.samples).OpenAt(m.at)
	return h.wizard
}
