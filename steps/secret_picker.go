package steps

import (
	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/model"
	"bbconnect/ui"
)

// secretPicker is the list of saved secrets a reference can be answered with.
type secretPicker struct {
	question model.Question
	pick     func(ref string)
	picker   *ui.Picker
}

func newSecretPicker(q model.Question, pick func(ref string)) *secretPicker {
	return &secretPicker{question: q, pick: pick}
}

func (s *secretPicker) Enter(env ui.Env) tea.Cmd {
	s.picker = ui.NewPicker(env, []ui.Column{{Title: "Reference", Min: 20, Keep: 28}, {Title: "What it is", Min: 12, Drop: 1}})
	s.picker.Always, s.picker.Does = true, "use it"
	rows := make([]ui.Row, 0, len(s.question.Options))
	for _, o := range s.question.Options {
		rows = append(rows, ui.Row{ID: o.Value, Cells: []string{o.Label, o.Help}})
	}
	return s.picker.SetRows(rows)
}

func (s *secretPicker) Leave()               {}
func (s *secretPicker) Capturing() bool      { return s.picker.Filtering() }
func (s *secretPicker) View(w, h int) string { return s.picker.View(w, h) }
func (s *secretPicker) Frame() ui.Frame      { return ui.Frame{Name: "Saved secrets"} }

func (s *secretPicker) Keys() []ui.Key {
	if s.picker.Filter() != "" {
		return s.picker.Keys() // esc clears the filter first
	}
	return append(s.picker.Keys(), ui.Key{Keys: []string{"esc"}, Does: "back", Press: func() (ui.Action, tea.Cmd) { return ui.Back{}, nil }})
}

func (s *secretPicker) Update(msg tea.Msg) (ui.Action, tea.Cmd) {
	if key, ok := msg.(tea.KeyMsg); ok && key.String() == "esc" && s.picker.Filter() == "" {
		return ui.Back{}, nil
	}
	event, cmd := s.picker.Update(msg)
	if event != ui.PickerChosen {
		return nil, cmd
	}
	if row, ok := s.picker.Selected(); ok {
		s.pick(row.ID)
	}
	return ui.Back{}, cmd
}
