package model

import (
	"encoding/base64"
	"strings"
	"unicode"
)

var (
	headerName  = pattern(`^(?i:(?:proxy-)?authorization\s*:\s*)`)
	bearerForm  = pattern(`^(?i:bearer|token)\s+(\S.*)$`)
	basicForm   = pattern(`^(?i:basic)\s+([A-Za-z0-9+/_-]+={0,2})$`)
	settingForm = pattern(`^(?:export\s+|set\s+|\$env:)?[A-Za-z_][A-Za-z0-9_]*\s*[=:]\s*["']?([^"'\s]+)["']?$`)
)

// cleanCredential takes away what comes along with a pasted credential; login
// is the user that stood beside it. Values that are not recognised keep
// everything inside: a password may hold blanks and percent signs.
func cleanCredential(raw string) (value, login string) {
	value = trimQuotes(dropUnseen(raw))
	value = headerName().ReplaceAllString(value, "")
	if m := basicForm().FindStringSubmatch(value); m != nil {
		if user, password, ok := decodeBasic(m[1]); ok {
			return password, user
		}
	}
	if m := bearerForm().FindStringSubmatch(value); m != nil {
		value = trimQuotes(m[1])
	}
	if plain, ok := mendToken(value); ok {
		return plain, ""
	}
	if user, rest, ok := strings.Cut(value, ":"); ok && !strings.ContainsAny(user, " /=") && !strings.HasPrefix(rest, " ") {
		if plain, ok := mendToken(rest); ok {
			return plain, user
		}
	}
	if m := settingForm().FindStringSubmatch(value); m != nil {
		if plain, ok := mendToken(m[1]); ok {
			return plain, ""
		}
	}
	return value, ""
}

// mendToken undoes line breaks and URL escapes, where that gives a token.
func mendToken(text string) (string, bool) {
	joined := strings.Join(strings.Fields(text), "")
	for _, plain := range []string{
		joined, strings.ReplaceAll(joined, `\`, ""), unescape(joined), trimQuotes(joined),
	} {
		if looksSecret(plain) {
			return plain, true
		}
	}
	return "", false
}

// dropUnseen removes control and format characters (zero-width blanks, byte
// order marks) that no credential holds, and blanks at both ends.
func dropUnseen(text string) string {
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		switch {
		case c == '\n' || c == '\r' || c == '\t':
			return ' '
		case unicode.IsControl(c) || unicode.Is(unicode.Cf, c):
			return -1
		}
		return c
	}, text))
}

// trimQuotes takes off one pair of quotes or brackets.
func trimQuotes(text string) string {
	for _, pair := range []string{`""`, `''`, "``", "<>", "“”", "‘’"} {
		quotes := []rune(pair)
		if inner, ok := strings.CutPrefix(text, string(quotes[0])); ok {
			if inner, ok = strings.CutSuffix(inner, string(quotes[1])); ok {
				return strings.TrimSpace(inner)
			}
		}
	}
	return text
}

func decodeBasic(text string) (user, password string, ok bool) {
	text = strings.TrimRight(text, "=")
	plain, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		plain, err = base64.RawURLEncoding.DecodeString(text)
	}
	if err != nil {
		return "", "", false
	}
	return strings.Cut(string(plain), ":")
}
