package ui

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// Update gives a message to the form. Keys that carry a Press of their own
// belong to the screen: call [Press] with the form's Keys first.
func (f *Form) Update(msg tea.Msg) FormEvent {
	if c, ok := msg.(Click); ok {
		return f.click(c)
	}
	key, ok := msg.(tea.KeyMsg)
	if !ok {
		return FormIgnored
	}
	now := f.item(f.focus)
	if now == nil {
		return f.leaveKey(key)
	}
	afterCR := f.afterCR
	f.afterCR = !key.Paste && key.Type == tea.KeyEnter
	if key.Paste {
		return f.paste(now, string(key.Runes))
	}
	if several(key) {
		return f.typeRun(now, key)
	}
	if event := f.leaveKey(key); event != FormIgnored {
		return event
	}
	many := now.spec.manyLines() && now.spec.ID != foldID
	switch key.String() {
	case "tab":
		return f.step(1, true)
	case "shift+tab":
		return f.step(-1, true)
	case "ctrl+y":
		return f.accept(now)
	case "ctrl+v":
		return FormPaste
	case "enter", "ctrl+j", "alt+enter":
		switch {
		case many && afterCR && key.Type == tea.KeyCtrlJ:
			return FormMoved // the LF of a CR LF that was pasted key by key
		case many:
			return f.feed(now, tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{'\n'}, Paste: true})
		case now.spec.ID == foldID:
			return f.toggleFold()
		}
		return f.step(1, true)
	}
	if event := f.arrow(now, key); event != FormIgnored {
		return event
	}
	if now.spec.ID == foldID {
		if key.String() == " " {
			return f.toggleFold()
		}
		return FormIgnored
	}
	return f.typeInto(now, key)
}

// leaveKey handles the keys that leave the form from wherever the focus is.
func (f *Form) leaveKey(key tea.KeyMsg) FormEvent {
	if key.Paste || several(key) {
		return FormIgnored
	}
	switch key.String() {
	case "esc", "ctrl+p", "pgup":
		f.commit()
		return FormPrev
	case "ctrl+n", "pgdown":
		f.commit()
		f.strict = true
		return FormNext
	}
	if f.focus == "" {
		switch key.String() {
		case "enter", "tab":
			return FormNext
		case "shift+tab":
			return FormPrev
		}
	}
	return FormIgnored
}

// commit settles the field in focus without leaving it, so that the answers are
// complete when the screen is left.
func (f *Form) commit() {
	if now := f.item(f.focus); now != nil && now.widget != nil {
		now.left = true
		now.judge()
	}
}

// step moves the focus by one field; past an end it leaves the form if it may.
func (f *Form) step(by int, mayLeave bool) FormEvent {
	stops := f.stops()
	at := slices.IndexFunc(stops, func(it *formItem) bool { return it.spec.ID == f.focus })
	next := at + by
	if next >= 0 && next < len(stops) {
		f.moveTo(stops[next])
		return FormMoved
	}
	f.commit()
	switch {
	case !mayLeave:
		return FormMoved
	case by > 0:
		f.strict = true
		return FormNext
	}
	return FormPrev
}

// arrow moves with up and down: inside lists and texts while there is somewhere
// to go, else between fields. A choice of one takes all four arrows, however it is
// drawn, and is left with tab alone: otherwise the same key would choose in one
// field and leave another.
func (f *Form) arrow(now *formItem, key tea.KeyMsg) FormEvent {
	by := 0
	if now.widget != nil && (now.spec.Kind == Select || now.spec.Kind == Check) {
		return f.chooseOne(now, key)
	}
	switch key.String() {
	case "up":
		by = -1
	case "down":
		by = 1
	default:
		return FormIgnored
	}
	if now.spec.ID == foldID || now.widget == nil {
		return f.step(by, false)
	}
	switch now.spec.Kind {
	case Text:
		return f.feed(now, key)
	case Multi:
		options := now.spec.Options
		at := slices.IndexFunc(options, func(o Option) bool { return o.Value == now.widget.at() })
		if next := at + by; next >= 0 && next < len(options) {
			return f.feed(now, key)
		}
	case Line, SecretLine, SecretText, Select, Check, Note:
	}
	return f.step(by, false)
}

// chooseOne moves the choice by one, and no further than its ends.
func (f *Form) chooseOne(now *formItem, key tea.KeyMsg) FormEvent {
	arrows := map[string]struct {
		by  int
		key tea.KeyType
	}{"up": {-1, tea.KeyLeft}, "left": {-1, tea.KeyLeft}, "down": {1, tea.KeyRight}, "right": {1, tea.KeyRight}}
	a, ok := arrows[key.String()]
	if !ok {
		return FormIgnored
	}
	options := now.spec.options()
	at := slices.IndexFunc(options, func(o Option) bool { return o.Value == now.widget.at() })
	if next := at + a.by; at >= 0 && (next < 0 || next >= len(options)) {
		return FormMoved
	}
	return f.feed(now, tea.KeyMsg{Type: a.key})
}

// typeInto gives a key to the widget, if it is one that the widget can use.
func (f *Form) typeInto(now *formItem, key tea.KeyMsg) FormEvent {
	if now.widget == nil {
		return FormIgnored
	}
	if !now.spec.typed() {
		switch key.String() {
		case "left", "right", " ", "home", "end", "y", "Y", "n", "N", "x":
			return f.feed(now, key)
		}
		return FormIgnored
	}
	if now.spec.secret() && now.spec.Kept != "" && now.widget.value() == "" && key.String() == "ctrl+u" {
		return f.set(now, "")
	}
	if strings.HasPrefix(key.String(), "f") && key.Type != tea.KeyRunes {
		return FormIgnored // function keys
	}
	return f.feed(now, key)
}

// typeRun types letters that were read at once. As a paste they cannot be taken
// for the name of a key.
func (f *Form) typeRun(now *formItem, key tea.KeyMsg) FormEvent {
	if now.widget == nil || !now.spec.typed() {
		return FormIgnored
	}
	key.Paste = true
	return f.feed(now, key)
}

// feed lets the widget take a key and hands the value on if it changed.
func (f *Form) feed(now *formItem, key tea.KeyMsg) FormEvent {
	before := now.widget.value()
	if now.spec.Preset && now.spec.Kind == Line && !now.touched {
		if key.Type == tea.KeyRunes || key.Type == tea.KeySpace {
			now.widget.sync("")
		}
		now.touched = true
	}
	now.widget.update(key)
	if after := now.widget.value(); after != before {
		return f.set(now, after)
	}
	return FormMoved
}

// set writes a value through the accessor and asks for the fields again.
func (f *Form) set(now *formItem, value string) FormEvent {
	if now.spec.Set != nil {
		now.spec.Set(value)
	}
	if kept := now.spec.get(); now.spec.Rewrites != nil && now.widget != nil && kept != value && now.spec.Rewrites(value) {
		now.widget.sync(kept)
	}
	now.remember()
	f.Refresh()
	return FormChanged
}

// paste takes a whole text at once. Line ends of every system become newlines
// in a text, vanish in a secret line and become blanks in a line; what stands
// around the text is cut off, because it came with the selection.
func (f *Form) paste(now *formItem, text string) FormEvent {
	if now.widget == nil || !now.spec.typed() {
		return FormMoved
	}
	text = pasted(now.spec.Kind, text)
	now.left = true
	if now.spec.Kind == SecretLine || now.spec.Kind == SecretText && strings.Contains(text, "-----BEGIN ") {
		now.widget.sync("") // nobody can see what stands there to paste a whole one into it
	}
	return f.feed(now, tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(text), Paste: true})
}

// Paste puts a text into a field as if the terminal had pasted it: the answer to
// [FormPaste]. It does nothing when the field is gone.
func (f *Form) Paste(id, text string) FormEvent {
	it := f.item(id)
	if it == nil || id != f.focus {
		return FormIgnored
	}
	return f.paste(it, text)
}

func pasted(kind Kind, text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	text = strings.Map(func(r rune) rune {
		if unsafeRune(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text)
	switch kind {
	case Text, SecretText:
		return text
	case SecretLine:
		return strings.TrimSpace(strings.ReplaceAll(text, "\n", ""))
	case Line, Select, Check, Multi, Note:
	}
	return strings.TrimSpace(strings.NewReplacer("\n", " ", "\t", " ").Replace(text))
}

// accept puts the first suggestion for the field in its place.
func (f *Form) accept(now *formItem) FormEvent {
	suggestion, ok := now.suggestion()
	if !ok || now.widget == nil {
		return FormMoved
	}
	suggestion = Clean(suggestion)
	now.widget.sync(suggestion)
	if now.spec.typed() {
		now.widget.update(tea.KeyMsg{Type: tea.KeyEnd})
	}
	return f.set(now, suggestion)
}

func (it *formItem) suggestion() (string, bool) {
	for _, finding := range it.findings {
		if finding.Suggestion != "" {
			return finding.Suggestion, true
		}
	}
	return "", false
}

func (f *Form) toggleFold() FormEvent {
	f.open = !f.open
	if f.open {
		return f.step(1, false)
	}
	return FormMoved
}
