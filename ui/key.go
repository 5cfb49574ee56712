package ui

import (
	"slices"

	tea "github.com/charmbracelet/bubbletea"
)

// Key is one row of a screen's table of keys. The table feeds the handler (see
// [Press]), the line of keys and the ? overlay, so none of them can lie.
type Key struct {
	// Keys are the names bubbletea gives: "enter", "ctrl+y", "shift+tab", "e".
	Keys []string
	// Show is how the key is written; the first of Keys when empty.
	Show string
	// Does is the word beside it: "next", "accept", "previous step".
	Does string
	// Off, when set, says why the key does nothing just now. It is then only
	// listed in the overlay, with the reason.
	Off string
	// Rank says how early the key gives way when the line of keys is too short:
	// higher ranks first, and of equal ones the later.
	Rank int
	// Quiet keys are listed in the overlay and not in the line of keys.
	Quiet bool
	// Still keys are not pressed by the mouse wheel, though they are arrows: they
	// change an answer.
	Still bool
	// Press is what the key does. Nil for keys that a part of the kit handles.
	Press func() (Action, tea.Cmd)
}

// Name is how the key is written.
func (k Key) Name() string {
	if k.Show != "" {
		return k.Show
	}
	if len(k.Keys) > 0 {
		return k.Keys[0]
	}
	return ""
}

// Matches reports whether msg is this key and the key is on.
func (k Key) Matches(msg tea.KeyMsg) bool {
	return k.Off == "" && !msg.Paste && !several(msg) && slices.Contains(k.Keys, msg.String())
}

// Press finds the key in the table and does what it says. It reports false when
// the table has no such key, or nothing to do for it.
func Press(table []Key, msg tea.Msg) (Action, tea.Cmd, bool) {
	key, ok := msg.(tea.KeyMsg)
	if !ok {
		return nil, nil, false
	}
	for _, k := range table {
		if k.Press != nil && k.Matches(key) {
			action, cmd := k.Press()
			return action, cmd, true
		}
	}
	return nil, nil, false
}

// several reports whether a message is a run of letters that were read at once.
// Its name is then the letters: somebody who types "end" quickly has not pressed
// the End key.
func several(msg tea.KeyMsg) bool {
	return msg.Type == tea.KeyRunes && len(msg.Runes) > 1 && !msg.Paste
}
