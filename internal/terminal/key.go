//go:build !windows

package terminal

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

const esc = "\x1b"

// keyBytes returns what an xterm sends for a key, named as on the screen's key
// line: "enter", "shift+tab", "ctrl+y", "alt+b", "f1", "pgdown", or one
// character.
func keyBytes(name string) (string, error) {
	switch name {
	case "enter":
		return "\r", nil
	case "tab":
		return "\t", nil
	case "shift+tab":
		return esc + "[Z", nil
	case "esc":
		return esc, nil
	case "space":
		return " ", nil
	case "backspace":
		return "\x7f", nil
	}
	if seq, ok := cursorKey(name); ok {
		return seq, nil
	}
	if rest, ok := strings.CutPrefix(name, "alt+"); ok {
		seq, err := keyBytes(rest)
		return esc + seq, err
	}
	if rest, ok := strings.CutPrefix(name, "ctrl+"); ok && len(rest) == 1 && rest[0] >= 'a' && rest[0] <= 'z' {
		return string(rune(rest[0] - 'a' + 1)), nil
	}
	if utf8.RuneCountInString(name) == 1 {
		return name, nil
	}
	return "", fmt.Errorf("no such key: %q", name)
}

// cursorKey covers the keys an xterm sends as an escape sequence, in its normal
// cursor mode.
func cursorKey(name string) (string, bool) {
	tails := map[string]string{
		"up": "[A", "down": "[B", "right": "[C", "left": "[D", "home": "[H", "end": "[F",
		"insert": "[2~", "delete": "[3~", "pgup": "[5~", "pgdown": "[6~",
		"f1": "OP", "f2": "OQ", "f3": "OR", "f4": "OS", "f5": "[15~", "f6": "[17~",
		"f7": "[18~", "f8": "[19~", "f9": "[20~", "f10": "[21~", "f11": "[23~", "f12": "[24~",
		"shift+up": "[1;2A", "shift+down": "[1;2B", "ctrl+up": "[1;5A", "ctrl+down": "[1;5B",
		"ctrl+right": "[1;5C", "ctrl+left": "[1;5D", "ctrl+home": "[1;5H", "ctrl+end": "[1;5F",
	}
	tail, ok := tails[name]
	return esc + tail, ok
}
