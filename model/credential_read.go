package model

import (
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
)

// tokenShape is one kind of credential that tells itself by its beginning.
type tokenShape struct {
	prefix string
	kind   CredentialKind
	// length of a whole one in the published examples; 0 for no fixed one.
	length int
	// checksum says that the last eight characters are the hexadecimal CRC-32 of
	// everything before them.
	checksum bool
	note     string
}

// tokenShapes are Atlassian's (public secret-scanner rules: gitleaks,
// noseyparker, trufflehog; the checksum: Samsung CredSweeper,
// value_atlassian_token_check).
var tokenShapes = []tokenShape{
	{"ATATT3", KindAPIToken, 192, true, "Atlassian API token"},
	{"ATCTT3", KindAccessToken, 192, true, "Bitbucket access token of a repository, project or workspace"},
	{"ATBB", KindAppPassword, 36, true, "Bitbucket App Password"},
	{"BBDC-", KindHTTPAccessToken, 49, false, "Data Center HTTP access token"},
}

// vendorShapes are credentials of other products, by beginning.
var vendorShapes = []struct{ prefix, vendor string }{
	{"ghp_", "GitHub"},
	{"gho_", "GitHub"},
	{"ghu_", "GitHub"},
	{"ghs_", "GitHub"},
	{"ghr_", "GitHub"},
	{"github_pat_", "GitHub"},
	{"glpat-", "GitLab"},
	{"gldt-", "GitLab"},
	{"glrt-", "GitLab"},
	{"glcbt-", "GitLab"},
	{"pat.", "Harness"},
	{"sat.", "Harness"},
	{"npm_", "npm"},
	{"dckr_pat_", "Docker"},
	{"hvs.", "HashiCorp Vault"},
	{"xoxb-", "Slack"},
	{"xoxp-", "Slack"},
	{"AKIA", "AWS"},
	{"AIza", "Google"},
}

var (
	tokenBody   = pattern(`^[A-Za-z0-9_.=+/@~-]{20,}$`)
	jsonWeb     = pattern(`^eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+$`)
	olderServer = pattern(`^[A-Za-z0-9+/]{40,60}={0,2}$`)
	olderBody   = pattern(`^\d{1,20}:`)
	olderApp    = pattern(`^[A-Za-z0-9]{20}$`)
	emailForm   = pattern(`^[^\s@:/]+@[^\s@:/]+\.[^\s@:/.]+$`)
	publicKey   = pattern(`^(ssh-(rsa|ed25519|dss)|ecdsa-sha2-\S+|sk-\S+) AAAA`)
	masked      = pattern(`^[•*●·xX.]+$`)
)

// RecogniseCredential cleans a credential that was pasted into the given slot,
// QPassword or QAPIToken, and says what it is. Nothing is sent anywhere, and no
// finding holds any part of the value; its length may be told.
//
// A checksum that does not match is a warning (token.clipped): the rule was
// found out by others, not published by Atlassian. The same token pasted twice
// in a row is halved. What is no credential at all, or another product's, is an
// error.
func RecogniseCredential(pasted Secret, field QuestionID) Recognised {
	if pasted.IsZero() {
		return Recognised{Kind: KindUnknown}
	}
	raw := pasted.Reveal()
	if strings.Contains(raw, "PRIVATE KEY-----") || strings.HasPrefix(strings.TrimSpace(raw), "PuTTY-User-Key-File-") {
		return Recognised{
			Clean: pasted, Kind: KindSSHKey, Note: "private SSH key",
			Findings: fieldError(field, "token.kind-mismatch", "This is a private SSH key. Over HTTP Bitbucket wants a token.",
				"Choose SSH as the connection type, or paste a token."),
		}
	}
	value, login := cleanCredential(raw)
	r := Recognised{Clean: NewSecret(value), Kind: KindUnknown, Login: login}
	if f := notACredential(value, field); f != nil {
		r.Findings = f
		return r
	}
	if vendor := otherVendor(value); vendor != "" {
		r.Findings = fieldError(field, "token.other-vendor", "This is a credential of "+vendor+", not of Bitbucket.",
			"Paste a Bitbucket token, and keep this one where it belongs.")
		r.Note = vendor + " credential"
		return r
	}
	for _, s := range tokenShapes {
		if strings.HasPrefix(value, s.prefix) {
			return r.as(s, field)
		}
	}
	return r.byContent(value, field)
}

// as judges a value whose beginning names its kind.
func (r Recognised) as(s tokenShape, field QuestionID) Recognised {
	value := r.Clean.Reveal()
	r.Kind, r.Note = s.kind, s.note
	if half := value[:len(value)/2]; half+half == value && strings.HasPrefix(half, s.prefix) && (!s.checksum || checksumMatches(half)) {
		r.Clean, r.Checked = NewSecret(half), s.checksum
		r.Findings = fieldWarning(field, "token.clipped", "The token was pasted twice in a row. One copy of it is used.",
			"Go on, or paste it again.")
		return r
	}
	switch {
	case s.checksum && checksumMatches(value):
		r.Checked = true
		r.Note += ", complete (checksum matches)"
	case s.checksum:
		r.Findings = fieldWarning(field, "token.clipped",
			"The token's own checksum does not match: "+s.unlike(r.Clean.Len()),
			strings.TrimSpace("Copy the whole token again. "+CutText(r.Clean)))
	case len(value) < s.length-4 || len(value) > s.length+6:
		r.Findings = fieldWarning(field, "token.clipped",
			fmt.Sprintf("The token has %d characters, whole ones have about %d.", r.Clean.Len(), s.length),
			"Copy the whole token again.")
	}
	return r
}

// unlike says how a token of n characters whose checksum is wrong differs from a
// whole one.
func (s tokenShape) unlike(n int) string {
	if n == s.length {
		return fmt.Sprintf("it has the %d characters of a whole one, and some of them are others.", n)
	}
	return fmt.Sprintf("a part is missing, or too much. It has %d characters, whole ones have %d.", n, s.length)
}

// CutText says what may have cut a token; "" where its length does not suggest it.
func CutText(token Secret) string {
	if token.Len() != 128 {
		return ""
	}
	return "Some prompts cut at 128 characters."
}

// byContent judges a value without a telling beginning.
func (r Recognised) byContent(value string, field QuestionID) Recognised {
	switch {
	case jsonWeb().MatchString(value):
		r.Kind, r.Note = KindAccessToken, "OAuth access token"
		r.Findings = fieldWarning(field, "token.kind-mismatch", "This looks like an OAuth access token, which ends within two hours.",
			"Make an API token or an access token instead.")
	case isOlderServerToken(value):
		r.Kind, r.Note = KindHTTPAccessToken, "Data Center HTTP access token"
	case olderApp().MatchString(value) && strings.ContainsAny(value, "0123456789"):
		r.Note = "perhaps an App Password from before 2022"
	}
	return r
}

// otherVendor names whose credential a value is, "" when no other product's.
// Harness's own have four parts; what merely begins with pat. may be a password.
func otherVendor(value string) string {
	for _, v := range vendorShapes {
		if strings.HasPrefix(value, v.prefix) && len(value) >= 16 && (v.vendor != "Harness" || strings.Count(value, ".") == 3) {
			return v.vendor
		}
	}
	return ""
}

// checksumMatches compares the last eight characters with the CRC-32 (IEEE) of
// everything before them.
func checksumMatches(token string) bool {
	cut := len(token) - 8
	if cut < 8 {
		return false
	}
	sum, err := strconv.ParseUint(token[cut:], 16, 32)
	return err == nil && uint32(sum) == crc32.ChecksumIEEE([]byte(token[:cut]))
}

// isOlderServerToken knows tokens of Data Center from before BBDC-: Base64 of a
// number, a colon and twenty random bytes.
func isOlderServerToken(value string) bool {
	if !olderServer().MatchString(value) {
		return false
	}
	plain, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(value, "="))
	return err == nil && olderBody().Match(plain)
}

// notACredential refuses what is pasted into a token's place by mistake.
func notACredential(value string, field QuestionID) Findings {
	code := "password.invalid"
	if field == QAPIToken {
		code = "token.invalid"
	}
	switch {
	case emailForm().MatchString(value):
		return fieldError(field, code, "This is an email address, not a token.", "Paste the token here, not the address of its account.")
	case publicKey().MatchString(value):
		return fieldError(field, "token.kind-mismatch", "This is a public SSH key, not a token.",
			"Add it in Bitbucket, and paste a token here.")
	case strings.HasPrefix(strings.ToLower(value), "https://"), strings.HasPrefix(strings.ToLower(value), "http://"):
		return fieldError(field, code, "This is an address, not a token.", "Paste the token alone.")
	case value == "" || masked().MatchString(value):
		return fieldError(field, code, "This is no token: there is nothing in it but blanks or masking.",
			"Copy the token where it was made, or make a new one.")
	}
	return nil
}

// looksSecret says that a word has the shape of a credential, whoever's. Names
// of hosts, projects and repositories never do.
func looksSecret(word string) bool {
	if !tokenBody().MatchString(word) {
		return false
	}
	for _, s := range tokenShapes {
		if strings.HasPrefix(word, s.prefix) {
			return true
		}
	}
	if otherVendor(word) != "" && strings.ContainsAny(word, "0123456789") {
		return true
	}
	return jsonWeb().MatchString(word) || isOlderServerToken(word)
}
