package ui

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

func TestTextFromElsewhereIsMadeHarmless(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"plain":                  {"acme/ledger", "acme/ledger"},
		"lines":                  {"one\ntwo", "one\ntwo"},
		"a tab":                  {"a\tb", "a b"},
		"a colour":               {"\x1b[31mred\x1b[0m", "[31mred[0m"},
		"a bell and a delete":    {"a\x07b\x7f", "ab"},
		"an 8-bit escape":        {"a\u009b31mb", "a31mb"},
		"a carriage return":      {"good\rbad", "goodbad"},
		"a reversed text":        {"abc\u202edef", "abcdef"},
		"isolates":               {"a\u2066b\u2069", "ab"},
		"a byte order mark":      {"\ufeffa", "a"},
		"line separators":        {"a\u2028b\u2029c", "abc"},
		"bytes that are no text": {"a\xff\xfeb", "ab"},
		"letters of all kinds":   {"größer 大 é", "größer 大 é"},
		"a title for a window":   {"\x1b]0;owned\x07", "]0;owned"},
		"nothing":                {"", ""},
	} {
		if got := Clean(c.text); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		if got := Clean(Clean(c.text)); got != Clean(c.text) {
			t.Errorf("%s: cleaning twice gives %q", name, got)
		}
	}
}

func TestWrapBreaksAtBlanksAndInsideAWordOnlyWhereItMust(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text  string
		width int
		want  []string
	}{
		"short":                {"one two", 20, []string{"one two"}},
		"at a blank":           {"one two three", 8, []string{"one two", "three"}},
		"a word that is wider": {"abcdefghij", 4, []string{"abcd", "efgh", "ij"}},
		"paragraphs":           {"one\n\ntwo", 20, []string{"one", "", "two"}},
		"blanks at the end":    {"one   \ntwo  ", 20, []string{"one", "two"}},
		"wide letters":         {"大大大", 4, []string{"大大", "大"}},
		"no width":             {"ab", 0, []string{"a", "b"}},
		"less than no width":   {"ab", -3, []string{"a", "b"}},
		"an address":           {"see https://bitbucket.org/acme now", 29, []string{"see", "https://bitbucket.org/acme", "now"}},
		"an address too wide":  {"https://bitbucket.org/acme", 23, []string{"https://bitbucket.org/", "acme"}},
		"nothing":              {"", 10, []string{""}},
		"a colour":             {"\x1b[31mred", 20, []string{"[31mred"}},
	} {
		if got := Wrap(c.text, c.width); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if got := Wrap(strings.Repeat("word ", 60), 500); ansi.StringWidth(got[0]) > TextWidth || len(got) < 4 {
		t.Errorf("lines as wide as the window: %d of them, the first %d wide", len(got), ansi.StringWidth(got[0]))
	}
}

func TestWrappedTextIsNeverTooWideAndLosesNoLetter(t *testing.T) {
	t.Parallel()
	letters := func(s string) string { return strings.Join(strings.Fields(s), "") }
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 11))
		text, width := randomText(r, 30), 2+r.IntN(90)
		lines := Wrap(text, width)
		for _, l := range lines {
			if ansi.StringWidth(l) > min(width, TextWidth) || strings.HasSuffix(l, " ") {
				t.Fatalf("seed %d: %q is %d wide of %d", seed, l, ansi.StringWidth(l), width)
			}
		}
		if got, want := letters(strings.Join(lines, " ")), letters(Clean(text)); got != want {
			t.Fatalf("seed %d: %q became %q", seed, want, got)
		}
	}
}

func TestAFingerprintIsNotBrokenWhereItFitsOnALine(t *testing.T) {
	t.Parallel()
	const print = "SHA256:0lBUIrHgQhqbiwRojk3dL3u7b/0TS2xfp9aHq3H75Uo"
	for width := ansi.StringWidth(print); width <= TextWidth; width++ {
		if lines := Wrap("It is ssh-ed25519 "+print+" and https://bitbucket.org/acme/ledger.git is where.", width); !slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, print) }) {
			t.Errorf("%d columns: %q", width, lines)
		}
	}
	if lines := Wrap(print, 20); strings.Join(lines, "") != print {
		t.Errorf("in few columns it became %q", lines)
	}
}

func TestPiecesOfALineFitTheWidthTheyAreGiven(t *testing.T) {
	t.Parallel()
	for width := range 40 {
		for _, pair := range [][2]string{{"left", "right"}, {"left", ""}, {"", "right"}, {strings.Repeat("大", 30), "right"}, {"left", strings.Repeat("r", 50)}, {"", ""}} {
			if got := ansi.StringWidth(spread(pair[0], pair[1], width)); got > width {
				t.Errorf("%q and %q in %d columns take %d", pair[0], pair[1], width, got)
			}
		}
		if got := truncate("a line that is cut", width); ansi.StringWidth(got) > width || width > 0 && width < 18 && !strings.HasSuffix(got, "…") {
			t.Errorf("cut to %d: %q", width, got)
		}
		if got := pad("abc", width); ansi.StringWidth(got) != max(3, width) {
			t.Errorf("padded to %d: %q", width, got)
		}
		if got := fit("one\ntwo, which is longer\nthree\n", width, 2); len(got) != 2 || ansi.StringWidth(got[1]) > width {
			t.Errorf("fitted to %d: %q", width, got)
		}
	}
	if got := fit("one", 10, 3); !slices.Equal(got, []string{"one", "", ""}) {
		t.Errorf("a short block became %q", got)
	}
	if got := textWidth("a\tb\n大"); got != 6 {
		t.Errorf("the width of a hostile text is %d", got)
	}
}

func TestWhatIsPassedOverQuicklyIsHarmless(t *testing.T) {
	t.Parallel()
	for r := rune(0x2000); r <= 0x2fff; r++ {
		if drawnRune(string(r)) && unsafeRune(r) {
			t.Errorf("%U is let through", r)
		}
		if got, want := Clean("a"+string(r)+"\x1bz"), unsafeRune(r); strings.ContainsRune(got, r) == want || !strings.HasSuffix(got, "z") || strings.Contains(got, "\x1b") {
			t.Errorf("%U is cleaned to %q", r, got)
		}
	}
	for _, cut := range []string{"\xe2", "\xe2\x80", "✓\xe2\x9c"} {
		if got := Clean(cut); !utf8.ValidString(got) || got != strings.Repeat("✓", strings.Count(cut, "✓")) {
			t.Errorf("%q is cleaned to %q", cut, got)
		}
	}
}
