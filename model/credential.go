package model

import (
	"strings"
	"time"
	"unicode"
)

// Recognised is what a pasted credential turned out to be.
type Recognised struct {
	// Clean is the value without what came along with it: blanks, quotes, a
	// header's name, URL escapes.
	Clean Secret
	// Kind goes by the value's shape, KindUnknown where the shape says nothing.
	// An API token looks the same whether it was made for Bitbucket, for Jira or
	// without scopes.
	Kind CredentialKind
	// Checked says that the value's own checksum matches: it is complete.
	Checked bool
	// Login is the user that stood beside the value (an Authorization: Basic
	// header carries both), "" otherwise.
	Login string
	// Findings are about the field the value was pasted in; they never hold any
	// part of it.
	Findings Findings
	// Note is one line of what was recognised, for the screen; "" for nothing.
	Note string
}

// GitLogin is the user name git should send over HTTPS: the given one, else the
// one Bitbucket Cloud accepts for that kind whatever the account is called; ""
// where only the person knows (support.atlassian.com, Using API tokens; Using
// access tokens).
func GitLogin(kind CredentialKind, product Product, username string) string {
	switch {
	case product == Cloud && kind == KindAccessToken:
		return UserAccessToken
	case username != "":
		return username
	case product == Cloud && kind == KindAPIToken:
		return UserAPIToken
	}
	return ""
}

// KindsFor lists the HTTP credentials a product takes, the recommended one
// first. App Passwords come last: they no longer work, and are here because
// saved connectors still have them (settings reference, Password).
func KindsFor(product Product) []CredentialKind {
	if product == DataCenter {
		return []CredentialKind{KindHTTPAccessToken}
	}
	return []CredentialKind{KindAPIToken, KindAccessToken, KindAppPassword}
}

// APIMethodsFor lists the methods of API access to offer, the best fit for the
// credential first and APIOff last. Email and API token is for Cloud alone;
// Data Center has Access Token. UsernameToken is never offered: it is kept
// where a document has it.
func APIMethodsFor(product Product, kind CredentialKind) []APIMethod {
	switch {
	case product == DataCenter:
		return []APIMethod{APIAccessToken, APIOff}
	case kind == KindAccessToken:
		return []APIMethod{APIAccessToken, APIEmailAndToken, APIOff}
	}
	return []APIMethod{APIEmailAndToken, APIAccessToken, APIOff}
}

// CheckKind judges a credential's kind for a product, about QKind:
// kind.unsupported, and kind.app-password (see AppPasswordFinding).
func CheckKind(kind CredentialKind, product Product, now time.Time) Findings {
	switch kind {
	case KindAPIToken, KindAccessToken, KindAppPassword, KindHTTPAccessToken, KindSSHKey, KindPassword, KindUnknown:
	default:
		return fieldError(QKind, "kind.invalid", "There is no such kind of credential.", "Choose one of the kinds shown.")
	}
	switch {
	case product == DataCenter && kind != KindHTTPAccessToken && kind != KindSSHKey && kind != KindUnknown:
		return Findings{{
			Code: "kind.unsupported", Severity: SeverityError, Field: QKind,
			Message: "Bitbucket Data Center takes HTTP access tokens only.",
			Fix:     "Make an HTTP access token there and use it.", Suggestion: string(KindHTTPAccessToken),
		}}
	case product == Cloud && (kind == KindHTTPAccessToken || kind == KindPassword):
		return Findings{{
			Code: "kind.unsupported", Severity: SeverityError, Field: QKind,
			Message: "Bitbucket Cloud takes API tokens and access tokens; neither account passwords nor Data Center's tokens.",
			Fix:     "Make an API token and use it.", Suggestion: string(KindAPIToken),
		}}
	case kind == KindAppPassword:
		return Findings{AppPasswordFinding(now, QKind)}
	}
	return nil
}

// CheckSameKind compares the kind that was chosen with the one the pasted value
// shows. token.kind-mismatch is an error: the wrong login would be sent.
// recognised may be KindUnknown, which fits everything.
func CheckSameKind(chosen, recognised CredentialKind, field QuestionID) Findings {
	if recognised == chosen || recognised == KindUnknown || recognised == "" || chosen == KindUnknown || chosen == "" {
		return nil
	}
	return fieldError(field, "token.kind-mismatch",
		"The value is "+kindNames[recognised]+", and "+kindNames[chosen]+" is chosen.",
		"Choose "+kindNames[recognised]+", or paste the other credential.")
}

// kindNames are the kinds in a sentence.
var kindNames = map[CredentialKind]string{
	KindAPIToken: "an API token", KindAccessToken: "an access token", KindAppPassword: "an App Password",
	KindHTTPAccessToken: "an HTTP access token of Data Center", KindSSHKey: "an SSH key", KindPassword: "a password",
	KindUnknown: "a credential of unknown kind",
}

// CheckLogin judges the user name git sends over HTTPS with a credential of the
// given kind. It says nothing of an empty one: whether a name is required is
// the question's own rule.
func CheckLogin(kind CredentialKind, product Product, username string, field QuestionID) Findings {
	name := strings.TrimSpace(username)
	suggestion := GitLogin(kind, product, "")
	switch {
	case name == "":
		return nil
	case strings.ContainsFunc(name, func(c rune) bool { return c == ':' || unicode.IsSpace(c) || unicode.IsControl(c) }):
		return Findings{{
			Code: "username.invalid", Severity: SeverityError, Field: field,
			Message: "A user name holds neither blanks nor colons.", Fix: "Enter the user name alone.", Suggestion: suggestion,
		}}
	case product == Cloud && kind == KindAccessToken && name != UserAccessToken:
		return Findings{{
			Code: "username.x-token-auth", Severity: SeverityError, Field: field,
			Message: "An access token is no user. Its user name must be " + UserAccessToken + ".",
			Fix:     "Accept " + UserAccessToken + ".", Suggestion: UserAccessToken,
		}}
	case product == Cloud && kind != KindAccessToken && kind != KindUnknown && name == UserAccessToken:
		return Findings{{
			Code: "username.x-token-auth", Severity: SeverityError, Field: field,
			Message: UserAccessToken + " is for access tokens alone, and this is " + kindNames[kind] + ".",
			Fix:     "Use your Bitbucket user name, or " + UserAPIToken + " with an API token.", Suggestion: suggestion,
		}}
	case emailForm().MatchString(name):
		return emailLogin(product, field, suggestion)
	}
	return nil
}

// emailLogin is what is said of an email where git wants a user name. On Data
// Center somebody may really be called that.
func emailLogin(product Product, field QuestionID, suggestion string) Findings {
	f := Finding{
		Code: "username.is-email", Severity: SeverityError, Field: field,
		Message:    "This is an email address. git signs in with the Bitbucket user name.",
		Fix:        "Find the user name at https://bitbucket.org/account/settings/, or use " + UserAPIToken + " with an API token.",
		Suggestion: suggestion,
	}
	if product == DataCenter {
		f.Severity = SeverityWarning
		f.Fix = "Use the user name of your Bitbucket profile, unless it is this very address."
	}
	return Findings{f}
}
