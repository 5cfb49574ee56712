package play

import (
	"fmt"
	"unicode/utf8"
)

// keyBytes is what an xterm sends for a key, named as on the screen's key line:
// "enter", "shift+tab", "ctrl+y", "f1", or one character.
func keyBytes(name string) (string, error) {
	known := map[string]string{
		"enter": "\r", "tab": "\t", "shift+tab": "\x1b[Z", "esc": "\x1b", "space": " ", "backspace": "\x7f",
		"up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
		"home": "\x1b[H", "end": "\x1b[F", "pgup": "\x1b[5~", "pgdown": "\x1b[6~", "f1": "\x1bOP",
	}
	if bytes, ok := known[name]; ok {
		return bytes, nil
	}
	if len(name) == len("ctrl+a") && name[:5] == "ctrl+" && name[5] >= 'a' && name[5] <= 'z' {
		return string(rune(name[5] - 'a' + 1)), nil
	}
	if utf8.RuneCountInString(name) == 1 {
		return name, nil
	}
	return "", fmt.Errorf("there is no key %q", name)
}
