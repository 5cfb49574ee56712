package model

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
