package ui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// overlay is a text that stands in place of the body until it is closed: the
// help card, the list of keys.
type overlay struct {
	draw   func(width int) []string
	scroll *Scroll
}

// key scrolls, or reports that the overlay shall close.
func (o *overlay) key(msg tea.KeyMsg) (closed bool) {
	switch msg.String() {
	case "esc", "enter", "q", "?", "f1":
		return true
	}
	o.scroll.Update(msg)
	return false
}

func (o *overlay) keys() []Key {
	return append([]Key{{Keys: []string{"esc"}, Does: "close"}}, o.scroll.Keys()...)
}

func (o *overlay) view(w, h int) string {
	lines := o.draw(max(8, min(w-4, TextWidth)))
	return o.scroll.View("  "+strings.Join(lines, "\n  "), w, h)
}

// helpOverlay shows the card of what is in focus, then all keys: while somebody
// types, ? is a letter, so f1 leads to both.
func (s *Shell) helpOverlay() *overlay {
	screen := s.top().screen
	card, keys := screen.Frame().Help, s.Keys()
	card.Hint = ""
	return &overlay{scroll: NewScroll(s.theme), draw: func(width int) []string {
		var out []string
		if !card.Empty() {
			out = append(strings.Split(HelpCard(s.theme, card, width), "\n"), "")
		}
		if card.More != nil {
			out = append(append(out, card.More(width)...), "")
		}
		return append(out, keyTable(s.theme, keys, width)...)
	}}
}

func (s *Shell) keysOverlay() *overlay {
	keys := s.Keys()
	return &overlay{scroll: NewScroll(s.theme), draw: func(width int) []string { return keyTable(s.theme, keys, width) }}
}

// keyTable lists keys one below the other, those that are off with the reason.
func keyTable(t *Theme, keys []Key, width int) []string {
	widest := 0
	for _, k := range keys {
		widest = max(widest, textWidth(k.Name()))
	}
	out := []string{t.Strong.Render("Keys"), ""}
	for _, k := range keys {
		text := pad(line(k.Name()), widest) + "   " + line(k.Does)
		if k.Off != "" {
			text = t.Dim.Render(text + "   " + line(k.Off))
		}
		out = append(out, truncate(text, width))
	}
	return out
}
