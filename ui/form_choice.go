package ui

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/huh"
)

// selectWidget is huh.Select. The form draws the options; the widget knows which
// one stands. An answer that is not among the options is left alone until the
// person chooses, because editing something saved must not change it unasked.
type selectWidget struct {
	cell    *cell[string]
	field   *huh.Select[string]
	options []Option
	theme   *Theme
	km      *huh.KeyMap
}

func newSelectWidget(spec Field, t *Theme, km *huh.KeyMap) *selectWidget {
	w := &selectWidget{cell: &cell[string]{}, options: spec.Options, theme: t, km: km}
	w.sync(spec.get())
	return w
}

func (w *selectWidget) sync(value string) {
	w.cell.held = value
	w.field = huh.NewSelect[string]().Accessor(w.cell)
	options := make([]huh.Option[string], len(w.options))
	for i, o := range w.options {
		options[i] = huh.NewOption(line(o.Label), o.Value)
	}
	w.field.Options(options...)
	w.field.WithTheme(w.theme.field).WithKeyMap(w.km)
	w.field.Inline(true)
	w.cell.held = value
}

func (w *selectWidget) known() bool {
	return slices.ContainsFunc(w.options, func(o Option) bool { return o.Value == w.cell.held })
}

func (w *selectWidget) update(msg tea.KeyMsg) {
	if len(w.options) == 0 {
		return
	}
	if !w.known() {
		switch msg.String() {
		case "left", "right", " ", "home":
			w.cell.held = w.options[0].Value
		}
		return
	}
	if msg.String() == " " {
		msg = tea.KeyMsg{Type: tea.KeyRight}
	}
	w.field.Update(msg)
}

func (w *selectWidget) focus()        { w.field.Focus() }
func (w *selectWidget) value() string { return w.cell.held }
func (w *selectWidget) hint(string)   {}
func (w *selectWidget) size(_, _ int) {}
func (w *selectWidget) view() string  { return "" }
func (w *selectWidget) at() string    { return w.cell.held }

func (w *selectWidget) blur() {
	held := w.cell.held
	w.field.Blur()
	w.cell.held = held
}

// checkWidget is huh.Confirm.
type checkWidget struct {
	cell  *cell[bool]
	field *huh.Confirm
}

func newCheckWidget(spec Field, t *Theme, km *huh.KeyMap) *checkWidget {
	w := &checkWidget{cell: &cell[bool]{held: spec.get() == "true"}}
	w.field = huh.NewConfirm().Accessor(w.cell)
	w.field.WithTheme(t.field).WithKeyMap(km)
	return w
}

func (w *checkWidget) update(msg tea.KeyMsg) { w.field.Update(msg) }
func (w *checkWidget) focus()                { w.field.Focus() }
func (w *checkWidget) blur()                 { w.field.Blur() }
func (w *checkWidget) sync(value string)     { w.cell.held = value == "true" }
func (w *checkWidget) hint(string)           {}
func (w *checkWidget) size(_, _ int)         {}
func (w *checkWidget) view() string          { return "" }
func (w *checkWidget) at() string            { return w.value() }

func (w *checkWidget) value() string {
	if w.cell.held {
		return "true"
	}
	return "false"
}

// multiWidget is huh.MultiSelect. It tells options apart by label, so labels
// that are equal get their value beside them.
type multiWidget struct {
	cell    *cell[[]string]
	field   *huh.MultiSelect[string]
	options []Option
	theme   *Theme
	km      *huh.KeyMap
}

func newMultiWidget(spec Field, t *Theme, km *huh.KeyMap) *multiWidget {
	w := &multiWidget{cell: &cell[[]string]{}, options: spec.Options, theme: t, km: km}
	w.sync(spec.get())
	return w
}

func (w *multiWidget) sync(value string) {
	w.cell.held = splitValues(value)
	w.field = huh.NewMultiSelect[string]().Accessor(w.cell)
	options := make([]huh.Option[string], len(w.options))
	for i, o := range w.options {
		options[i] = huh.NewOption(line(o.Label)+"\x00"+o.Value, o.Value)
	}
	w.field.Options(options...).Filterable(false).Height(len(options) + 2)
	w.field.WithTheme(w.theme.field).WithKeyMap(w.km)
}

func (w *multiWidget) update(msg tea.KeyMsg) {
	if len(w.options) > 0 {
		w.field.Update(msg)
	}
}

func (w *multiWidget) focus()        { w.field.Focus() }
func (w *multiWidget) blur()         { w.field.Blur() }
func (w *multiWidget) value() string { return strings.Join(w.cell.held, ",") }
func (w *multiWidget) hint(string)   {}
func (w *multiWidget) size(_, _ int) {}
func (w *multiWidget) view() string  { return "" }

func (w *multiWidget) at() string {
	hovered, _ := w.field.Hovered()
	return hovered
}

func splitValues(value string) []string {
	if value == "" {
		return nil
	}
	return strings.Split(value, ",")
}
