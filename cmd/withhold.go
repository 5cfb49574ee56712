package cmd

import (
	"strings"

	"bbconnect/model"
)

// withheld stands where an error would have repeated a credential.
const withheld = "(what looks like a credential)"

// shortestCredential is the length below which a word is no credential anybody
// issues: it is the name of something, or the beginning that a help text names.
const shortestCredential = 16

// withhold takes every word out of an error's text that looks like a credential:
// a person who pasted one in the place of an id or a path is told what is wrong
// without it, whichever room wrote the text.
func withhold(text string) string {
	out := []string{}
	for line := range strings.SplitSeq(text, "\n") {
		words := strings.Split(line, " ")
		for i, word := range words {
			words[i] = withoutCredential(word)
		}
		out = append(out, strings.Join(words, " "))
	}
	return strings.Join(out, "\n")
}

// withoutCredential is a word without the credential in it. The whole word is
// judged first, since a slash or a colon may be a part of one, then its parts:
// an organisation's connector, an address, or a quoted name.
func withoutCredential(word string) string {
	if bare := strings.Trim(word, `.,;:()"'`); isCredential(bare) {
		return strings.Replace(word, bare, withheld, 1)
	}
	for part := range strings.FieldsFuncSeq(word, func(r rune) bool { return strings.ContainsRune(`/:@=?&,;()"'`, r) }) {
		if part = strings.Trim(part, "."); isCredential(part) {
			word = strings.ReplaceAll(word, part, withheld)
		}
		// account.ID, as references write it.
		if _, id, ok := strings.Cut(part, "."); ok && isCredential(id) {
			word = strings.ReplaceAll(word, id, withheld)
		}
	}
	return word
}

// isCredential reports whether a word has the form of a credential, Bitbucket's
// or another product's.
func isCredential(word string) bool {
	if len(word) < shortestCredential {
		return false
	}
	read := model.RecogniseCredential(model.NewSecret(word), model.QPassword)
	_, foreign := read.Findings.Code("token.other-vendor")
	return foreign || (read.Kind != "" && read.Kind != model.KindUnknown)
}
