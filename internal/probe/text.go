package probe

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// maxSaid is how many runes of a server's own words are kept for showing.
const maxSaid = 200

// htmlTag matches markup, so that an error page reads as text.
var htmlTag = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?s)<(script|style)\b.*?</(script|style)>|<[^>]*>`) })

// clean makes a server's text fit to show: one line, no control or invisible
// formatting characters, at most maxSaid runes.
func clean(text string) string {
	var b strings.Builder
	blank, runes := true, 0
	for _, r := range text {
		if unicode.IsSpace(r) {
			r = ' '
		}
		switch {
		case r == utf8.RuneError, unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			continue
		case r == ' ' && blank:
			continue
		}
		if runes == maxSaid {
			return strings.TrimRight(b.String(), " ") + "…"
		}
		blank = r == ' '
		b.WriteRune(r)
		runes++
	}
	return strings.TrimRight(b.String(), " ")
}

// plainText takes the markup out of a page before cleaning it.
func plainText(page string) string { return clean(htmlTag().ReplaceAllString(page, " ")) }

// without removes every occurrence of the given secrets from a text: a server
// may echo what it was sent.
func without(text string, secrets []string) string {
	for _, s := range secrets {
		if len(s) >= 4 {
			text = strings.ReplaceAll(text, s, "•••")
		}
	}
	return text
}

// holds reports whether the text contains any of the phrases, ignoring case.
func holds(text string, phrases ...string) bool {
	text = strings.ToLower(text)
	for _, p := range phrases {
		if strings.Contains(text, strings.ToLower(p)) {
			return true
		}
	}
	return false
}
