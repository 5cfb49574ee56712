package model

import (
	"regexp"
	"strings"
)

// strayShapes find a whole credential inside another text, or so much of one that
// it cannot be anything else: what begins like a Bitbucket token and goes on for
// most of a token's length, and a private key from its first line on.
var strayShapes = []struct {
	find func() *regexp.Regexp
	kind CredentialKind
}{
	{pattern(`ATATT3[A-Za-z0-9_.=+/~-]{60,}`), KindAPIToken},
	{pattern(`ATCTT3[A-Za-z0-9_.=+/~-]{60,}`), KindAccessToken},
	{pattern(`ATBB[A-Za-z0-9_=-]{32,}`), KindAppPassword},
	{pattern(`BBDC-[A-Za-z0-9+/=_-]{40,}`), KindHTTPAccessToken},
	{pattern(`-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[^<>]*`), KindSSHKey},
}

// TakeCredential takes a credential out of a text that is no place for one: a name,
// a reference, a description. It is pasted there by mistake, would be drawn, and
// would be kept in drafts and documents. rest is the text without it; the secret is
// zero, and rest the text, where there is none. Ordinary passwords cannot be told
// from words.
func TakeCredential(text string) (rest string, taken Secret, kind CredentialKind) {
	for _, s := range strayShapes {
		at := s.find().FindStringIndex(text)
		if at == nil {
			continue
		}
		rest = strings.TrimSpace(text[:at[0]] + text[at[1]:])
		return rest, NewSecret(strings.TrimSpace(text[at[0]:at[1]])), s.kind
	}
	return text, Secret{}, KindUnknown
}

// slotFor is where a credential belongs that was pasted into the answer to another
// question; "" where the connector has no use for it.
func (a *asker) slotFor(id QuestionID, kind CredentialKind) QuestionID {
	switch {
	case kind == KindSSHKey && !a.http():
		return QSSHKey
	case kind == KindSSHKey:
		return ""
	case StepOf(id) == StepAPI || !a.http():
		return QAPIToken
	}
	return QPassword
}

// HoldsCredential reports whether TakeCredential would take something.
func HoldsCredential(text string) bool {
	_, value, _ := TakeCredential(text)
	return !value.IsZero()
}

// referenceOf are the questions that name the secret behind a slot for a value.
func referenceOf(slot QuestionID) QuestionID {
	if slot == QAPIToken {
		return QAPISecret
	}
	return QSecret
}

// fillStray gives an answer that holds a credential: that leaves the answer, and goes
// where it belongs unless there is one already. Behind a reference that was given
// there may be the value of a saved secret, which others may use: only a paste in
// the place of that very reference replaces it.
func fillStray(d Draft, id QuestionID, text string) (Draft, bool) {
	rest, value, kind := TakeCredential(text)
	if value.IsZero() {
		return d, false
	}
	slot := newAsker(d, World{}).slotFor(id, kind)
	if slot != "" && d.Secret(slot).IsZero() && (id == referenceOf(slot) || d.Answer(referenceOf(slot)) == "") {
		d = d.WithSecret(slot, value)
	}
	return d.With(id, rest), true
}

// checkStray finds credentials in answers that are no place for one, as documents
// may have them. The address has rules of its own.
func (a *asker) checkStray() Findings {
	var fs Findings
	for _, id := range QuestionIDs() {
		if id != QURL {
			fs = append(fs, a.strayIn(id)...)
		}
	}
	return fs
}

func (a *asker) strayIn(id QuestionID) Findings {
	answer := a.d.Answer(id)
	if len(answer) < 36 {
		return nil
	}
	if _, value, _ := TakeCredential(answer); value.IsZero() {
		return nil
	}
	return fieldError(id, "token.misplaced", "A credential stands here, where everybody who sees the connector would see it.",
		"Take it out, give it as the token, and revoke it if others have seen it.")
}
