package model

import "strings"

// Describe says in one or two lines what an address means: the product, the
// host, what it names there, and the REST address Harness will call. Nothing
// for an address that was not understood.
func Describe(a Address) []string {
	if a.IsZero() {
		return nil
	}
	parts := []string{"Cloud"}
	if a.Product == DataCenter {
		parts = []string{"Data Center"}
	}
	parts = append(parts, a.Host)
	for _, p := range []struct{ label, value string }{
		{"context path", a.Context}, {"workspace", a.Workspace}, {"project", a.Project}, {"repository", a.Repo},
	} {
		if p.value != "" {
			parts = append(parts, p.label+" "+p.value)
		}
	}
	lines := []string{strings.Join(parts, "   ")}
	if a.API != "" {
		lines = append(lines, "Harness will call "+a.API)
	}
	return lines
}

// PointsTo is where a connector leads, short: acme/ledger, acme (account),
// PAY/gateway and its host.
func PointsTo(c Connector) string {
	at := ReadURL(c.URL, URLContext{})
	owner := at.Workspace
	if at.Product == DataCenter {
		owner = at.Project
	}
	text := strings.Trim(owner+"/"+at.Repo, "/")
	if c.URLType == URLAccount {
		text = strings.TrimSpace(owner + " (account)")
	}
	if at.Product == DataCenter {
		text += "  " + at.Host
	}
	return text
}

// CredentialOf is the recorded kind of a connector's git credential, else the
// one its login and API method point to.
func CredentialOf(c Connector, w World) CredentialKind {
	if name, err := c.PasswordRef.Name(c.Scope); err == nil {
		if info, ok := w.SecretInfo(name); ok && info.Kind != "" && info.Kind != KindUnknown {
			return info.Kind
		}
	}
	return InferKind(c, ReadURL(c.URL, URLContext{}).Product)
}

// UsesAppPassword reports whether git or the REST API of a Cloud connector still
// signs in with an App Password, by the secret's recorded kind or by the API
// method.
func UsesAppPassword(c Connector, w World) bool {
	if ReadURL(c.URL, URLContext{}).Product != Cloud {
		return false
	}
	return c.API.Method == APIUsernameToken || CredentialOf(c, w) == KindAppPassword
}
