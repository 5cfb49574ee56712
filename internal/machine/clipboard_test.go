package machine

import (
	"encoding/base64"
	"strings"
	"testing"
)

func env(pairs ...string) func(string) string {
	return func(key string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == key {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestTheClipboardSequenceFitsTheTerminal(t *testing.T) {
	t.Parallel()
	const plain = "\x1b]52;c;c3NoLXJzYSBBQUFB\a" // "ssh-rsa AAAA"
	for name, c := range map[string]struct {
		env  func(string) string
		want string
	}{
		"a terminal":     {env("TERM", "xterm-256color"), plain},
		"tmux":           {env("TERM", "tmux-256color", "TMUX", "/tmp/x,1,0"), plain + "\x1bPtmux;\x1b" + plain + "\x1b\\"},
		"GNU screen":     {env("TERM", "screen", "STY", "1.pts"), "\x1bP" + plain + "\x1b\\"},
		"a console":      {env("TERM", "linux"), ""},
		"a dumb one":     {env("TERM", "dumb"), ""},
		"none":           {env(), ""},
		"tmux in screen": {env("TERM", "tmux", "TMUX", "x", "STY", "y"), plain + "\x1bPtmux;\x1b" + plain + "\x1b\\"},
	} {
		if got := OSC52("ssh-rsa AAAA", c.env); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestTextThatCannotBeCopiedSendsNothing(t *testing.T) {
	t.Parallel()
	terminal := env("TERM", "xterm")
	if got := OSC52("", terminal); got != "" {
		t.Errorf("empty text would empty the clipboard: %q", got)
	}
	if got := OSC52(strings.Repeat("x", maxClipboard+1), terminal); got != "" {
		t.Errorf("%d bytes for a text that is too long", len(got))
	}
	if got := OSC52(strings.Repeat("x", maxClipboard), terminal); got == "" || len(got) > 100_000 {
		t.Errorf("%d bytes for the longest text", len(got))
	}
}

func TestALongTextPassesThroughScreenInPieces(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("\x1b\\ \a é ", 400)
	got := OSC52(text, env("TERM", "screen", "STY", "1"))
	var whole strings.Builder
	for piece := range strings.SplitSeq(strings.TrimSuffix(got, "\x1b\\"), "\x1b\\") {
		inner, ok := strings.CutPrefix(piece, "\x1bP")
		if !ok || len(inner) > screenChunk {
			t.Fatalf("a piece of %d bytes: %q", len(inner), inner)
		}
		whole.WriteString(inner)
	}
	body := strings.TrimSuffix(strings.TrimPrefix(whole.String(), "\x1b]52;c;"), "\a")
	if decoded, err := base64.StdEncoding.DecodeString(body); err != nil || string(decoded) != text {
		t.Errorf("the text does not come out again: %v", err)
	}
}
