package ui

import (
	"strings"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"
)

// Click is a press of the left mouse button in the body: the column and the line
// in it, and how large it is.
type Click struct{ X, Y, W, H int }

// wheelLines is how far one turn of the wheel goes in a list.
const wheelLines = 3

// mouse routes the mouse: the wheel to the arrow keys, a click on the line of
// keys to that key, one in the body to the screen.
func (s *Shell) mouse(msg tea.MouseMsg) tea.Cmd {
	if msg.Action != tea.MouseActionPress || s.tooSmall() {
		return nil
	}
	switch msg.Button {
	case tea.MouseButtonWheelUp:
		return s.wheel(tea.KeyMsg{Type: tea.KeyUp})
	case tea.MouseButtonWheelDown:
		return s.wheel(tea.KeyMsg{Type: tea.KeyDown})
	case tea.MouseButtonLeft:
		if msg.Y == s.h-1 {
			return s.clickKey(msg.X)
		}
		return s.clickBody(msg)
	}
	return nil
}

// wheel presses an arrow: several times where the arrows walk a list, and not at
// all where they would change an answer, which nobody means by scrolling.
func (s *Shell) wheel(arrow tea.KeyMsg) tea.Cmd {
	if len(s.dialogs) > 0 || s.overlay != nil {
		return s.key(arrow)
	}
	times := 1
	for _, k := range s.top().screen.Keys() {
		switch {
		case !k.Matches(arrow):
		case k.Still:
			return nil
		default:
			times = wheelLines
		}
	}
	var cmds []tea.Cmd
	for range times {
		cmds = append(cmds, s.key(arrow))
	}
	return tea.Batch(cmds...)
}

// clickKey presses the key that was clicked in the line of keys. One that stands
// for several keys, such as ↑/↓, is not pressed: nobody knows which was meant.
func (s *Shell) clickKey(x int) tea.Cmd {
	k, ok := s.footerKeyAt(x)
	if !ok || len(k.Keys) == 0 || (len(k.Keys) > 1 && strings.Contains(k.Show, "/")) {
		return nil
	}
	if msg, ok := keyNamed(k.Keys[0]); ok {
		return s.key(msg)
	}
	return nil
}

func (s *Shell) clickBody(msg tea.MouseMsg) tea.Cmd {
	if len(s.dialogs) > 0 || s.overlay != nil {
		return nil
	}
	screen := s.top().screen
	l := s.layout(screen.Frame())
	c := Click{X: msg.X - l.x, Y: msg.Y - l.y, W: l.w, H: l.h}
	if c.X < 0 || c.Y < 0 || c.X >= c.W || c.Y >= c.H {
		return nil
	}
	return s.deliver(screen, c)
}

// keyNamed is the message of the key that has a name: "enter", "ctrl+y", "e".
func keyNamed(name string) (tea.KeyMsg, bool) {
	if name == " " {
		return tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}}, true
	}
	if utf8.RuneCountInString(name) == 1 {
		return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}, true
	}
	for t := tea.KeyF20; t <= tea.KeyBackspace; t++ {
		if k := (tea.KeyMsg{Type: t}); t != tea.KeyRunes && k.String() == name {
			return k, true
		}
	}
	return tea.KeyMsg{}, false
}

// click selects the row that was clicked, and chooses the one that is selected
// already. A picker ends at the end of its body, whatever stands above it.
func (p *Picker) click(c Click) PickerEvent {
	at := c.Y - (c.H - p.total) - p.top
	if at < 0 || at >= p.height || p.offset+at >= p.Len() || c.X >= p.wide {
		return PickerIgnored
	}
	if at += p.offset; at == p.at && !p.waiting {
		return PickerChosen
	}
	p.moveTo(at)
	return PickerMoved
}

// click puts the focus on the field that was clicked. Like a picker, a form ends
// at the end of its body.
func (f *Form) click(c Click) FormEvent {
	at := c.Y - (c.H - f.height)
	if at < 0 || at >= f.height || (len(f.lineIDs) > f.height && at == f.height-1) {
		return FormIgnored // above the form, or on the line that says how much is left
	}
	if at += f.offset; at >= len(f.lineIDs) || f.lineIDs[at] == "" || !f.Jump(f.lineIDs[at]) {
		return FormIgnored
	}
	return FormMoved
}
