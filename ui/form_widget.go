package ui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/huh"
)

// widget is one huh field that the form drives by hand. Everything happens at
// once: update changes value, and the commands of the field (cursor blinking,
// going to a next field) are dropped, since the form does neither that way.
type widget interface {
	update(msg tea.KeyMsg)
	focus()
	blur()
	value() string
	// sync replaces the value from outside.
	sync(value string)
	// size tells the width and height there is, in columns and lines.
	size(w, h int)
	// view draws the field while it is in focus.
	view() string
	// hint replaces what an empty field says.
	hint(text string)
	// at reports where a list stands: the option under the cursor.
	at() string
}

// cell is the huh.Accessor of one widget. It remembers what the widget holds.
type cell[T any] struct{ held T }

func (c *cell[T]) Get() T  { return c.held }
func (c *cell[T]) Set(v T) { c.held = v }

// fieldKeys rebinds the widgets: whatever moves between fields, opens an editor,
// completes or filters is the form's business or nobody's.
func fieldKeys() *huh.KeyMap {
	km := huh.NewDefaultKeyMap()
	off := key.NewBinding(key.WithDisabled())
	bind := func(keys ...string) key.Binding { return key.NewBinding(key.WithKeys(keys...)) }
	km.Quit = off
	km.Input = huh.InputKeyMap{AcceptSuggestion: off, Next: off, Prev: off, Submit: off}
	km.Text = huh.TextKeyMap{Next: off, Prev: off, Submit: off, Editor: off, NewLine: bind("enter")}
	km.Confirm = huh.ConfirmKeyMap{Next: off, Prev: off, Submit: off, Toggle: bind("left", "right", " "), Accept: bind("y", "Y"), Reject: bind("n", "N")}
	km.Select = huh.SelectKeyMap{
		Next: off, Prev: off, Submit: off, Filter: off, SetFilter: off, ClearFilter: off,
		Up: off, Down: off, HalfPageUp: off, HalfPageDown: off,
		Left: bind("left"), Right: bind("right"), GotoTop: bind("home"), GotoBottom: off,
	}
	km.MultiSelect = huh.MultiSelectKeyMap{
		Next: off, Prev: off, Submit: off, Filter: off, SetFilter: off, ClearFilter: off,
		HalfPageUp: off, HalfPageDown: off, SelectAll: off, SelectNone: off,
		Up: bind("up"), Down: bind("down"), GotoTop: bind("home"), GotoBottom: bind("end"), Toggle: bind(" ", "x"),
	}
	return km
}

// newWidget makes the widget of a field. Locked fields and notes have none.
func newWidget(spec Field, t *Theme, km *huh.KeyMap) widget {
	if spec.Locked {
		return nil
	}
	switch spec.Kind {
	case Line, SecretLine:
		return newLineWidget(spec, t, km)
	case Text, SecretText:
		return newTextWidget(spec, t, km)
	case Select:
		return newSelectWidget(spec, t, km)
	case Check:
		return newCheckWidget(spec, t, km)
	case Multi:
		return newMultiWidget(spec, t, km)
	case Note:
	}
	return nil
}

// lineWidget is huh.Input.
type lineWidget struct {
	cell   *cell[string]
	input  *huh.Input
	width  int
	secret bool
}

const linePrompt = "› "

func newLineWidget(spec Field, t *Theme, km *huh.KeyMap) *lineWidget {
	w := &lineWidget{cell: &cell[string]{held: spec.get()}}
	w.input = huh.NewInput().Prompt(linePrompt).Placeholder(line(spec.placeholder())).Accessor(w.cell)
	if spec.Kind == SecretLine {
		w.input.EchoMode(huh.EchoModePassword)
		w.secret = true
	}
	w.input.WithTheme(t.field).WithKeyMap(km)
	return w
}

func (w *lineWidget) update(msg tea.KeyMsg) { w.input.Update(msg) }
func (w *lineWidget) focus()                { w.input.Focus() }
func (w *lineWidget) blur()                 { w.input.Blur() }
func (w *lineWidget) value() string         { return w.cell.held }
func (w *lineWidget) at() string            { return "" }
func (w *lineWidget) hint(text string)      { w.input.Placeholder(line(text)) }

func (w *lineWidget) sync(value string) {
	w.cell.held = value
	w.input.Accessor(w.cell)
	w.input.Update(struct{}{})
}

// size also sends the input a message that means nothing: it moves its window
// over a long value only when it is updated.
func (w *lineWidget) size(width, _ int) {
	if w.width == width {
		return
	}
	w.width = width
	w.input.WithWidth(width)
	w.input.Update(struct{}{})
}

func (w *lineWidget) view() string {
	view := strings.TrimRight(w.input.View(), " ")
	if w.secret && w.cell.held != "" {
		view = strings.ReplaceAll(view, "*", "•") // the widget's own mask cannot be chosen
	}
	return view
}

// textWidget is huh.Text. For secrets it holds what is typed and is never drawn.
type textWidget struct {
	cell *cell[string]
	text *huh.Text
	w, h int
}

func newTextWidget(spec Field, t *Theme, km *huh.KeyMap) *textWidget {
	w := &textWidget{cell: &cell[string]{held: spec.get()}}
	w.text = huh.NewText().ExternalEditor(false).Placeholder(line(spec.placeholder())).Accessor(w.cell)
	w.text.WithTheme(t.field).WithKeyMap(km)
	return w
}

func (w *textWidget) update(msg tea.KeyMsg) { w.text.Update(msg) }
func (w *textWidget) focus()                { w.text.Focus() }
func (w *textWidget) blur()                 { w.text.Blur() }
func (w *textWidget) value() string         { return w.cell.held }
func (w *textWidget) at() string            { return "" }
func (w *textWidget) hint(text string)      { w.text.Placeholder(line(text)) }

func (w *textWidget) sync(value string) {
	w.cell.held = value
	w.text.Accessor(w.cell)
}

// view draws the text twice when it is higher than its room: the widget scrolls
// to its cursor only over what it has drawn before.
func (w *textWidget) view() string {
	view := w.text.View()
	if strings.Count(w.cell.held, "\n") >= w.h || len(w.cell.held) > w.w {
		w.text.Update(struct{}{})
		view = w.text.View()
	}
	return view
}

// size also sends the text a message that means nothing: it wraps again only
// when it is updated.
func (w *textWidget) size(width, height int) {
	if w.w == width && w.h == height {
		return
	}
	w.w, w.h = width, height
	w.text.WithWidth(width).WithHeight(height)
	w.text.Update(struct{}{})
}
