package machine

import (
	"encoding/base64"
	"strings"
)

// maxClipboard bounds a copied text in bytes: as base64 it then stays below the
// 100000 bytes beyond which terminals ignore the sequence.
const maxClipboard = 74_000

// OSC52 is the escape sequence that asks the terminal to put text on the
// clipboard of the machine the person sits at, also over ssh (xterm, Control
// Sequences, Operating System Commands 52). getenv is os.Getenv or a test's.
//
// It is "" where it would do nothing or harm: no text, more than 74 kB, a
// terminal without clipboard (TERM empty, dumb or linux). A terminal may ignore
// it, and never answers: say "sent to the clipboard", not "copied", and show the
// text too.
func OSC52(text string, getenv func(string) string) string {
	term := getenv("TERM")
	if text == "" || len(text) > maxClipboard || term == "" || term == "dumb" || term == "linux" {
		return ""
	}
	// BEL ends it, since ESC \ would end a passthrough around it.
	sequence := "\x1b]52;c;" + base64.StdEncoding.EncodeToString([]byte(text)) + "\a"
	switch {
	case getenv("TMUX") != "":
		// tmux takes the plain one with set-clipboard on, and the wrapped one with
		// allow-passthrough on; which it is cannot be seen from here, and the one
		// it does not take it drops.
		return sequence + "\x1bPtmux;" + strings.ReplaceAll(sequence, "\x1b", "\x1b\x1b") + "\x1b\\"
	case getenv("STY") != "":
		return inScreen(sequence)
	}
	return sequence
}

// screenChunk is below the shortest string that GNU screen passes through.
const screenChunk = 240

// inScreen hands a sequence through GNU screen, piece by piece.
func inScreen(sequence string) string {
	var out strings.Builder
	for len(sequence) > 0 {
		n := min(screenChunk, len(sequence))
		out.WriteString("\x1bP" + sequence[:n] + "\x1b\\")
		sequence = sequence[n:]
	}
	return out.String()
}
