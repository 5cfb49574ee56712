package ui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// Scroll shows a text that may be higher than the room for it: results, cards,
// the list of keys. It remembers how far it was scrolled.
type Scroll struct {
	theme  *Theme
	offset int
	room   int
	total  int
}

// NewScroll makes a scroll that stands at its beginning.
func NewScroll(theme *Theme) *Scroll { return &Scroll{theme: theme} }

// Update scrolls, and reports whether msg was a key for that.
func (s *Scroll) Update(msg tea.Msg) bool {
	key, ok := msg.(tea.KeyMsg)
	if !ok || key.Paste || several(key) {
		return false
	}
	page := max(1, s.room-1)
	switch key.String() {
	case "up", "k":
		s.offset--
	case "down", "j":
		s.offset++
	case "pgup":
		s.offset -= page
	case "pgdown", " ":
		s.offset += page
	default:
		return false
	}
	s.offset = max(0, min(s.offset, s.total-s.room))
	return true
}

// Top goes back to the beginning.
func (s *Scroll) Top() { s.offset = 0 }

// Keys are the keys of the scroll: none while everything is in sight.
func (s *Scroll) Keys() []Key {
	if s.total <= s.room {
		return nil
	}
	return []Key{{Keys: []string{"up", "down", "pgup", "pgdown"}, Show: "↑/↓", Does: "scroll"}}
}

// View draws what is in sight of a text in w columns and h lines. When it cuts,
// its last line says how much there is above and below.
func (s *Scroll) View(text string, w, h int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	s.total, s.room = len(lines), h
	if len(lines) > h && h > 1 {
		s.room = h - 1
	}
	s.offset = max(0, min(s.offset, s.total-s.room))
	shown := append([]string(nil), lines[s.offset:min(s.offset+s.room, s.total)]...)
	if s.room < h {
		shown = append(shown, " "+s.theme.Dim.Render(moreText(s.offset, s.total-s.offset-s.room)))
	}
	for i := range shown {
		shown[i] = truncate(shown[i], w)
	}
	return strings.Join(shown, "\n")
}
