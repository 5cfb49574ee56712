package model

import (
	"strings"
	"time"
)

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
func PointsTo(c Connector) string { return pointsTo(c, ReadURL(c.URL, URLContext{}).Address) }

func pointsTo(c Connector, at Address) string {
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
	return credentialOf(c, w, func() Product { return ReadURL(c.URL, URLContext{}).Product })
}

func credentialOf(c Connector, w World, product func() Product) CredentialKind {
	if name, err := c.PasswordRef.Name(c.Scope); err == nil {
		if info, ok := w.SecretInfo(name); ok && info.Kind != "" && info.Kind != KindUnknown {
			return info.Kind
		}
	}
	return InferKind(c, product())
}

// UsesAppPassword reports whether git or the REST API of a Cloud connector still
// signs in with an App Password, by the secret's recorded kind or by the API
// method.
func UsesAppPassword(c Connector, w World) bool { return OutlineOf(c, w).AppPassword }

// Outline is what a list says of a connector beside its name and its last test.
// It depends on the connector and the named secrets, not on the time.
type Outline struct {
	// PointsTo is the function of that name; Product that of the address.
	PointsTo string
	Product  Product
	// Credential is CredentialOf, AppPassword is UsesAppPassword.
	Credential  CredentialKind
	AppPassword bool
	// Expires is ExpiryOf: zero when nothing ends, or when it is not known.
	Expires time.Time
}

// OutlineOf reads the connector's address once for all of them: that is most of
// the work.
func OutlineOf(c Connector, w World) Outline {
	at := ReadURL(c.URL, URLContext{}).Address
	o := Outline{
		PointsTo: pointsTo(c, at), Product: at.Product, Expires: ExpiryOf(c, w),
		Credential: credentialOf(c, w, func() Product { return at.Product }),
	}
	o.AppPassword = o.Product == Cloud && (c.API.Method == APIUsernameToken || o.Credential == KindAppPassword)
	return o
}
