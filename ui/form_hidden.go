package ui

import (
	"fmt"
	"strings"
)

// hiddenText says how much there is of a secret of several lines, and never what.
func (f *Form) hiddenText(it *formItem, width int, focused bool) string {
	value := it.widget.value()
	cursor := ""
	if focused {
		cursor = f.theme.cursor.Reverse(true).Render(" ")
	}
	if value == "" {
		return cursor + f.theme.Dim.Render(truncate(line(it.spec.placeholder()), width-1))
	}
	return f.hiddenLine(value, width-1) + cursor
}

func (f *Form) hiddenLine(value string, width int) string {
	if value == "" {
		return ""
	}
	value = strings.TrimRight(value, "\n")
	lines, characters := strings.Count(value, "\n")+1, len([]rune(value))
	text := fmt.Sprintf("%s, %s", count(lines, "line"), count(characters, "character"))
	if kind := pemKind(value); kind != "" {
		text += ", " + kind
	}
	return truncate(text+"   hidden", width)
}

// pemKind names the kind of a PEM block from a closed set, so that nothing of a
// secret that only looks like one is drawn.
func pemKind(value string) string {
	for _, kind := range []string{
		"OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY",
		"PRIVATE KEY", "PUBLIC KEY", "CERTIFICATE",
	} {
		if strings.Contains(value, "BEGIN "+kind+"-") {
			return kind
		}
	}
	return ""
}

// count writes a number with its noun: "1 line", "3,243 characters".
func count(n int, noun string) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if n != 1 {
		noun += "s"
	}
	return digits + " " + noun
}

// harmless takes from what a widget drew the runes that only a stored value can
// have brought in; typing and pasting keep them out.
func harmless(view string) string {
	return strings.Map(func(r rune) rune {
		if unsafeRune(r) && r != '\x1b' && r != '\n' {
			return -1
		}
		return r
	}, view)
}
