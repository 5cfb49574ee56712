package ui

import (
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// A dialog that opens by itself swallows keys until nobody has typed for
// graceQuiet, but not for longer than graceLimit: what is typed ahead was meant
// for something else and must not answer it.
const (
	graceQuiet = 400 * time.Millisecond
	graceLimit = 1500 * time.Millisecond
)

// dialogState is an open dialog.
type dialogState struct {
	Dialog
	owner    Screen
	at       int
	input    *lineWidget
	findings []Finding
	quiet    time.Time
	limit    time.Time
}

// open puts a dialog on top of the others.
func (s *Shell) open(d Dialog, owner Screen) tea.Cmd {
	if len(d.Choices) == 0 {
		d.Choices = []Choice{{Value: "ok", Label: "OK"}}
	}
	state := &dialogState{Dialog: d, owner: owner}
	if d.alive != nil && !d.Expected {
		now := s.now()
		state.quiet, state.limit = now.Add(graceQuiet), now.Add(graceLimit)
	}
	if d.Prompt != nil {
		state.input = newPromptWidget(*d.Prompt, s.theme)
	}
	s.overlay = nil
	if s.notice.Mark == Running {
		s.notice = Notify{} // what it speaks of has led to this dialog
	}
	s.dialogs = append(s.dialogs, state)
	return nil
}

func newPromptWidget(p Prompt, t *Theme) *lineWidget {
	spec := Field{Kind: Line, Example: p.Example}
	if p.Secret {
		spec.Kind = SecretLine
	} else {
		spec.Get = func() string { return p.Value }
	}
	w := newLineWidget(spec, t, fieldKeys())
	w.focus()
	return w
}

// closeOrphans closes dialogs whose work has ended: nobody waits for the answer.
func (s *Shell) closeOrphans() {
	kept := s.dialogs[:0]
	for _, d := range s.dialogs {
		if d.alive == nil || d.alive.Err() == nil {
			kept = append(kept, d)
		}
	}
	s.dialogs = kept
}

// early reports whether a key comes too soon after the dialog opened by itself.
func (d *dialogState) early(now time.Time) bool {
	if now.After(d.quiet) || now.After(d.limit) {
		return false
	}
	d.quiet = now.Add(graceQuiet)
	return true
}

// dialogKey gives a key to the dialog on top.
func (s *Shell) dialogKey(msg tea.KeyMsg) tea.Cmd {
	d := s.dialogs[len(s.dialogs)-1]
	if d.early(s.now()) {
		return nil
	}
	if msg.Paste {
		if d.input != nil && !d.Prompt.Secret && s.withheld(string(msg.Runes)) {
			d.refuse(d.input.value())
			return nil
		}
		d.paste(string(msg.Runes))
		return nil
	}
	switch msg.String() {
	case "esc":
		return s.answer(d, Answer{ID: d.ID, Closed: true})
	case "enter":
		return s.choose(d, d.at)
	case "up", "shift+tab":
		d.at = max(0, d.at-1)
		return nil
	case "down", "tab":
		d.at = min(len(d.Choices)-1, d.at+1)
		return nil
	}
	if d.input != nil {
		d.findings = nil
		d.input.update(msg)
		if !d.Prompt.Secret && s.withheld(d.input.value()) {
			d.refuse("")
		}
		return nil
	}
	switch msg.String() {
	case "left":
		d.at = max(0, d.at-1)
	case "right":
		d.at = min(len(d.Choices)-1, d.at+1)
	}
	for i, c := range d.Choices {
		if c.Key != "" && strings.EqualFold(c.Key, msg.String()) {
			return s.choose(d, i)
		}
	}
	return nil
}

// withheldText is said of a text that is not taken where it would be drawn.
const withheldText = "That is a credential. It was not taken."

// refuse leaves a prompt as it was before a text that must not be drawn in it.
func (d *dialogState) refuse(before string) {
	d.input.sync(before)
	d.findings = []Finding{{Severity: Error, Text: withheldText + " A token is pasted where one is asked for."}}
}

func (d *dialogState) paste(text string) {
	if d.input == nil {
		return
	}
	kind := Line
	if d.Prompt.Secret {
		kind = SecretLine
	}
	d.input.update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(pasted(kind, text)), Paste: true})
	d.findings = nil
}

// choose takes a choice. The first one of a prompt is refused while what was
// typed has an error.
func (s *Shell) choose(d *dialogState, i int) tea.Cmd {
	a := Answer{ID: d.ID, Value: d.Choices[i].Value}
	if d.input == nil {
		return s.answer(d, a)
	}
	text := d.input.value()
	if d.Prompt.Check != nil && i == 0 {
		d.findings = d.Prompt.Check(text)
		for _, f := range d.findings {
			if f.Severity == Error {
				return nil
			}
		}
	}
	if d.Prompt.Take != nil {
		d.Prompt.Take(text)
	} else {
		a.Text = text
	}
	return s.answer(d, a)
}

// answer closes the dialog and says how it ended.
func (s *Shell) answer(d *dialogState, a Answer) tea.Cmd {
	s.dialogs = s.dialogs[:len(s.dialogs)-1]
	if d.input != nil {
		d.input.sync("")
	}
	if d.Then == nil {
		return s.deliver(d.owner, a)
	}
	action, cmd := d.Then(a)
	return tea.Batch(cmd, s.perform(action, d.owner))
}

// keys are the keys of a dialog.
func (d *dialogState) keys() []Key {
	keys := []Key{{Keys: []string{"enter"}, Does: strings.ToLower(d.Choices[d.at].Label)}}
	if len(d.Choices) > 1 {
		keys = append(keys, Key{Keys: []string{"up", "down"}, Show: "↑/↓", Does: "choose", Rank: 1})
	}
	return append(keys, Key{Keys: []string{"esc"}, Does: "close"})
}

// view draws the dialog over the body.
func (d *dialogState) view(t *Theme, w, h int) string {
	width := max(8, min(w-4, TextWidth))
	var out []string
	for i, l := range wrapLines(d.Title, width-2) {
		lead := "   "
		if i == 0 && d.Mark != NoMark {
			lead = " " + t.Mark(d.Mark) + " "
		}
		out = append(out, lead+t.Strong.Render(l))
	}
	out = append(out, "")
	if d.Text != "" {
		text := wrapLines(d.Text, width-2)
		rest := len(d.Choices) + 1
		if d.input != nil {
			rest += 4
		}
		if room := h - len(out) - rest; len(text) > room && room > 0 {
			text = append(text[:room-1], "…")
		}
		for _, l := range text {
			out = append(out, "   "+l)
		}
		out = append(out, "")
	}
	if d.input != nil {
		if d.Prompt.Label != "" {
			out = append(out, "   "+t.Accent.Render(line(d.Prompt.Label)))
		}
		d.input.size(width-2, 1)
		out = append(out, "   "+d.input.view())
		for _, l := range FindingLines(t, d.findings, width-4, false) {
			out = append(out, "     "+l)
		}
		out = append(out, "")
	}
	return strings.Join(append(out, d.choiceLines(t, h-len(out))...), "\n")
}

// choiceLines draws the ways out below each other, the one enter takes marked.
func (d *dialogState) choiceLines(t *Theme, room int) []string {
	longest := 0
	for _, c := range d.Choices {
		longest = max(longest, textWidth(c.Label))
	}
	var out []string
	for i, c := range d.Choices {
		text := pad(line(c.Label), longest)
		key := ""
		if d.input == nil && c.Key != "" {
			key = "   " + t.Dim.Render(c.Key)
		}
		if i == d.at {
			out = append(out, "   "+t.Accent.Render(linePrompt+text)+key)
		} else {
			out = append(out, "     "+text+key)
		}
	}
	if room = max(1, room); len(out) > room {
		from := max(0, min(d.at-room/2, len(out)-room))
		out = out[from : from+room]
	}
	return out
}
