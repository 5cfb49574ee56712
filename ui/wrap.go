package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// TextWidth is the widest that text runs, in columns: longer lines tire the eye.
const TextWidth = 72

// Clean makes a text from elsewhere harmless for a terminal: no control
// characters, no directional overrides, no invalid UTF-8. Newlines stay.
func Clean(s string) string {
	plain := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < 0x20 && c != '\n') || c >= 0x7f {
			if c == 0xe2 && drawnRune(s[i:]) {
				i += 2
				continue
			}
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case unsafeRune(r):
			return -1
		}
		return r
	}, s)
}

// drawnRune reports whether a text begins with a dash, a dot, an arrow or a mark,
// which are common and harmless, so that lists of many rows are cleaned quickly.
// All of them are three bytes long.
func drawnRune(s string) bool {
	r, size := utf8.DecodeRuneInString(s)
	return size == 3 && (r >= 0x2010 && r <= 0x2027 || r >= 0x2190 && r <= 0x2bff)
}

// unsafeRune reports whether a rune does something to a terminal other than
// being drawn.
func unsafeRune(r rune) bool {
	return r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' || r == '\ufeff'
}

// line is Clean for what must stay one line.
func line(s string) string { return strings.ReplaceAll(Clean(s), "\n", " ") }

// Wrap breaks a text into lines as every part of the kit does; see [TextWidth].
func Wrap(s string, width int) []string { return wrapLines(s, width) }

// unbroken is the hyphen that lines do not end behind (U+2011), and unbrokenSlash
// a slash of that kind (U+2044); they stand in for the usual ones while a text is
// broken.
const (
	unbroken      = "\u2011"
	unbrokenSlash = "\u2044"
)

// keepWhole marks what must not be broken: hyphens, and the slashes of every word
// that has room on a line of its own: an address that is to be copied, a
// fingerprint that is compared with another one at a glance.
func keepWhole(s string, width int) string {
	s = strings.ReplaceAll(s, "-", unbroken)
	if !strings.Contains(s, "/") {
		return s
	}
	words := strings.Split(s, " ")
	for i, w := range words {
		if strings.Contains(w, "/") && (ansi.StringWidth(w) <= width || strings.HasPrefix(w, "SHA256:")) {
			words[i] = strings.ReplaceAll(w, "/", unbrokenSlash)
		}
	}
	return strings.Join(words, " ")
}

// usual takes the marks of keepWhole away.
func usual(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, unbroken, "-"), unbrokenSlash, "/")
}

// wrapLines breaks a text into lines of at most width columns, at blanks where
// there are any, and inside a word only where one is wider than a line: behind a
// slash where it has one. A hyphen is no place to break: in front of an option, in a
// host name and in a date the halves read as something else.
func wrapLines(s string, width int) []string {
	width = max(1, min(width, TextWidth))
	var out []string
	for paragraph := range strings.SplitSeq(Clean(s), "\n") {
		for l := range strings.SplitSeq(ansi.Wrap(keepWhole(strings.TrimRight(paragraph, " "), width), width, "/"), "\n") {
			if ansi.StringWidth(l) > width { // Wrap is off by one behind a leading blank
				l = ansi.Hardwrap(l, width, true)
			}
			for part := range strings.SplitSeq(l, "\n") {
				out = append(out, usual(strings.TrimRight(part, " ")))
			}
		}
	}
	return out
}

// truncate cuts a line, styled or not, to width columns and shows that it did.
func truncate(s string, width int) string {
	if width <= 0 {
		return ""
	}
	if ansi.StringWidth(s) <= width {
		return s
	}
	return ansi.Truncate(s, width, "…")
}

// pad fills a line with blanks up to width columns.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-ansi.StringWidth(s)))
}

// fit makes a block exactly h lines, none wider than w.
func fit(block string, w, h int) []string {
	lines := strings.Split(strings.TrimRight(block, "\n"), "\n")
	out := make([]string, h)
	for i := range out {
		if i < len(lines) {
			out[i] = truncate(lines[i], w)
		}
	}
	return out
}

// spread puts left at the left and right at the right of a line of width
// columns; when both do not fit, left is cut.
func spread(left, right string, width int) string {
	rw := ansi.StringWidth(right)
	if rw == 0 {
		return truncate(left, width)
	}
	if rw+2 > width {
		return truncate(right, width)
	}
	left = truncate(left, width-rw-2)
	return pad(left, width-rw) + right
}

// textWidth is how many columns a text from elsewhere takes.
func textWidth(s string) int { return ansi.StringWidth(line(s)) }
