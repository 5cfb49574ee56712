package ui

import (
	"slices"
	"strconv"

	"github.com/charmbracelet/huh"
)

// foldID is the line that opens and closes the folded fields.
const foldID = "\x00fold"

// Form asks the questions that build returns. It calls build again after every
// change, and keeps focus, cursor and half-typed text by field ID while fields
// appear and vanish. It drives single huh fields itself: keys take effect in the
// Update that got them, so what is typed behind a tab lands behind the tab.
type Form struct {
	// PrevDoes and NextDoes name what esc and ctrl+n do: "previous step".
	PrevDoes, NextDoes string
	// Ends says that ctrl+n ends the whole job, so that the line of keys shows it,
	// before all others: it works in every field.
	Ends bool

	theme   *Theme
	keys    *huh.KeyMap
	build   func() []Field
	items   []*formItem
	focus   string
	open    bool
	strict  bool
	afterCR bool
	offset  int
	lineIDs []string // which field each line of the last View belongs to, "" for none
	height  int      // lines that View was given
}

// formItem is one field as it stands: its question, its widget, and what there
// is to say about its value.
type formItem struct {
	spec     Field
	widget   widget
	seen     string
	left     bool
	touched  bool // a proposed value is being edited rather than replaced
	findings []Finding
	lines    []string
}

// NewForm makes a form and asks build for its fields.
func NewForm(theme *Theme, build func() []Field) *Form {
	f := &Form{theme: theme, build: build, keys: fieldKeys(), PrevDoes: "back", NextDoes: "go on"}
	f.Refresh()
	return f
}

// Refresh asks for the fields again, after the answers changed from elsewhere.
func (f *Form) Refresh() {
	known := make(map[string]*formItem, len(f.items))
	for _, it := range f.items {
		known[it.spec.ID] = it
	}
	was := slices.IndexFunc(f.items, func(it *formItem) bool { return it.spec.ID == f.focus })
	f.items = f.items[:0:0]
	for _, spec := range f.build() {
		f.items = append(f.items, f.adopt(known[spec.ID], spec))
	}
	for _, it := range f.items {
		it.judge()
		if it.spec.Folded && it.hasErrors() {
			f.open = true
		}
	}
	f.placeFold()
	f.keepFocus(was)
}

// adopt gives a question the widget it had before, if that still fits.
func (f *Form) adopt(old *formItem, spec Field) *formItem {
	fits := old != nil && old.spec.Kind == spec.Kind && old.spec.Locked == spec.Locked &&
		slices.Equal(old.spec.Options, spec.Options)
	if !fits {
		it := &formItem{spec: spec, widget: newWidget(spec, f.theme, f.keys)}
		if old != nil {
			it.left, it.touched = old.left, old.touched
			f.inherit(it, old)
		}
		it.remember()
		return it
	}
	old.spec = spec
	if old.widget != nil {
		old.widget.hint(spec.placeholder())
	}
	old.follow(spec.ID == f.focus)
	return old
}

// inherit carries what is being typed over to a new widget of the same kind.
func (f *Form) inherit(it, old *formItem) {
	if it.widget == nil || it.spec.ID != f.focus {
		return
	}
	if old.widget != nil && it.spec.typed() && old.spec.Kind == it.spec.Kind {
		it.widget.sync(old.widget.value())
	}
	it.widget.focus()
}

// follow takes over a value that changed behind the widget's back. A secret in
// focus is never touched: the accessor need not give it back.
func (it *formItem) follow(focused bool) {
	if it.widget == nil || (it.spec.secret() && focused) {
		return
	}
	value := it.spec.get()
	if it.spec.secret() {
		if value != it.widget.value() {
			it.widget.sync(value)
		}
		return
	}
	if value != it.seen {
		it.widget.sync(value)
		it.seen = value
	}
}

// remember notes the value the accessor gives now, so that a later change from
// elsewhere is told from one's own. Secrets are not remembered.
func (it *formItem) remember() {
	if it.widget != nil && !it.spec.secret() {
		it.seen = it.spec.get()
	}
}

// judge asks for the findings and the interpretation of the value.
func (it *formItem) judge() {
	it.findings, it.lines = nil, nil
	value := it.value()
	if it.spec.Findings != nil {
		it.findings = it.spec.Findings(value)
	}
	if it.spec.Interpretation != nil {
		it.lines = it.spec.Interpretation(value)
	}
}

func (it *formItem) value() string {
	if it.widget == nil {
		return it.spec.get()
	}
	return it.widget.value()
}

func (it *formItem) hasErrors() bool {
	return slices.ContainsFunc(it.findings, func(f Finding) bool { return f.Severity == Error })
}

// placeFold puts the line for the folded fields behind the others, and the
// folded ones behind it when it is open.
func (f *Form) placeFold() {
	folded := 0
	for _, it := range f.items {
		if it.spec.Folded {
			folded++
		}
	}
	if folded == 0 {
		return
	}
	label := "More settings (" + strconv.Itoa(folded) + ")"
	fold := &formItem{spec: Field{ID: foldID, Label: label}}
	sorted := make([]*formItem, 0, len(f.items)+1)
	for _, it := range f.items {
		if !it.spec.Folded {
			sorted = append(sorted, it)
		}
	}
	sorted = append(sorted, fold)
	for _, it := range f.items {
		if it.spec.Folded {
			sorted = append(sorted, it)
		}
	}
	f.items = sorted
}

// shown are the items that are drawn now.
func (f *Form) shown() []*formItem {
	return slices.DeleteFunc(slices.Clone(f.items), func(it *formItem) bool { return it.spec.Folded && !f.open })
}

// stops are the items that can be in focus, in order.
func (f *Form) stops() []*formItem {
	return slices.DeleteFunc(f.shown(), func(it *formItem) bool { return !it.spec.canFocus() })
}

// keepFocus finds a new field for the focus when the old one is gone: the one
// that took its place, else the last.
func (f *Form) keepFocus(was int) {
	stops := f.stops()
	if len(stops) == 0 {
		f.focus = ""
		return
	}
	if slices.ContainsFunc(stops, func(it *formItem) bool { return it.spec.ID == f.focus }) {
		return
	}
	next := stops[len(stops)-1]
	for _, it := range stops {
		if slices.Index(f.items, it) >= max(was, 0) {
			next = it
			break
		}
	}
	f.focus, next.touched = next.spec.ID, false
	if next.widget != nil {
		next.widget.focus()
	}
}

// item returns the field with an ID, or nil.
func (f *Form) item(id string) *formItem {
	for _, it := range f.items {
		if it.spec.ID == id {
			return it
		}
	}
	return nil
}

// moveTo blurs one field and focuses another, at once. What was left shows its
// errors from now on.
func (f *Form) moveTo(next *formItem) {
	if now := f.item(f.focus); now != nil && now != next {
		now.left = true
		if now.widget != nil {
			now.widget.blur()
			now.settle()
		}
	}
	f.focus = next.spec.ID
	if next.widget != nil {
		next.widget.focus()
	}
}

// settle shows the answer as it is kept, now that nobody is typing: trimmed,
// mended, or, for a secret, not at all.
func (it *formItem) settle() {
	if value := it.spec.get(); value != it.widget.value() {
		it.widget.sync(value)
	}
	it.remember()
	it.judge()
}
