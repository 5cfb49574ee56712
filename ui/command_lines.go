package ui

import "strings"

// commandIndent stands before a command, and two blanks more before what goes on
// behind a blank; commandLeast is the narrowest window commands are broken for.
const (
	commandIndent = "     "
	commandLeast  = 20
)

// commandLines breaks a command so that it can still be copied whole: at blanks,
// each line but the last ending in a backslash, and inside a word only where one
// is wider than a line; rather than that, a line begins further left. What goes on inside a word begins at the very left, since
// a shell would take blanks there for the word's end.
func commandLines(command string, width int) []string {
	words := shellWords(line(command))
	if width < commandLeast {
		return []string{truncate(commandIndent+strings.Join(words, " "), width)}
	}
	var out []string
	current := ""
	for _, word := range words {
		switch {
		case current == "":
			current = commandIndent + word
		case textWidth(current)+1+textWidth(word)+2 <= width:
			current += " " + word
		default:
			out = append(out, current+" \\")
			indent := commandIndent + "  "
			if left := width - 2 - textWidth(word); left >= 0 && left < len(indent) {
				indent = indent[:left]
			}
			current = indent + word
		}
		for state := unquoted; textWidth(current)+2 > width; {
			var piece string
			piece, current, state = breakWord(current, width, state)
			out = append(out, piece)
		}
	}
	return append(out, current)
}

// quoting is what a POSIX shell makes of the next rune: as it is, inside single
// or inside double quotes.
type quoting rune

const (
	unquoted quoting = 0
	single   quoting = '\''
	double   quoting = '"'
)

// after is the state behind a rune, and whether that rune makes the next one
// stand for itself.
func (q quoting) after(r rune) (next quoting, escapes bool) {
	switch {
	case r == '\\' && q != single:
		return q, true
	case q == unquoted && (r == '\'' || r == '"'):
		return quoting(r), false
	case rune(q) == r:
		return unquoted, false
	}
	return q, false
}

// shellWords are the words of a command, with their quotes: blanks inside quotes
// end none.
func shellWords(command string) []string {
	var words []string
	var word strings.Builder
	state, escaped := unquoted, false
	for _, r := range command {
		if r == ' ' && state == unquoted && !escaped {
			if word.Len() > 0 {
				words = append(words, word.String())
				word.Reset()
			}
			continue
		}
		word.WriteRune(r)
		if escaped {
			escaped = false
		} else {
			state, escaped = state.after(r)
		}
	}
	if word.Len() > 0 {
		words = append(words, word.String())
	}
	return words
}

// breakWord cuts a line before a rune, where a shell joins both halves again: a
// backslash does that outside quotes and in double ones, never behind another
// backslash. Single quotes know no such thing, so they are closed and opened
// again. The rest is in the state that is returned.
func breakWord(text string, width int, state quoting) (piece, rest string, after quoting) {
	at, atState := 0, state
	begun, escaped := false, false
	for i, r := range text {
		if begun && !escaped && textWidth(text[:i])+2 <= width {
			at, atState = i, state
		}
		begun = begun || r != ' ' || state != unquoted
		if escaped {
			escaped = false
		} else {
			state, escaped = state.after(r)
		}
	}
	if at == 0 {
		return text, "", unquoted
	}
	if atState == single {
		return text[:at] + `'\`, "'" + text[at:], unquoted
	}
	return text[:at] + `\`, text[at:], atState
}
