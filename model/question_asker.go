package model

import (
	"cmp"
	"strings"
)

// asker answers what an answer is worth, defaults included, for one draft in
// one world. It is made for one call and forgotten: everything it knows follows
// from the two, which is why going back and forth changes nothing.
type asker struct {
	d Draft
	w World
	// document means that the draft was read from a connector document: what can
	// be mended in a paste is wrong there.
	document bool

	place  Address
	placed bool
	values map[QuestionID]string
	// fitting are the secrets found to fit, offered those that can be picked, by
	// type: there may be thousands to look through.
	fitting map[SecretType][]SecretInfo
	offered map[SecretType][]offer
}

func newAsker(d Draft, w World) *asker {
	return &asker{d: d, w: w, values: map[QuestionID]string{}}
}

// value is the answer that counts: what was answered, else the default.
func (a *asker) value(id QuestionID) string {
	if a.document && documented(id) {
		return strings.TrimSpace(a.d.Answer(id))
	}
	if a.d.Answered(id) {
		if v := strings.TrimSpace(a.d.Answer(id)); v != "" || !a.emptyMeansDefault(id) {
			return v
		}
	}
	if v, ok := a.values[id]; ok {
		return v
	}
	v := a.defaultOf(id)
	a.values[id] = v
	return v
}

// documented says which answers a document must give itself: a default there
// would hide that one is missing (connector schema, required fields).
func documented(id QuestionID) bool {
	switch id {
	case QID, QURLType, QConnectionType, QUsername, QSecret, QAPIEmail, QAPIUsername, QAPISecret:
		return true
	}
	return false
}

// emptyMeansDefault says for which questions an emptied field stands for the
// default again. Where empty is an answer of its own it does not.
func (a *asker) emptyMeansDefault(id QuestionID) bool {
	switch id {
	case QExpires, QAPIExpires:
		return false
	}
	return true
}

// defaultOf is what a question left empty stands for.
func (a *asker) defaultOf(id QuestionID) string {
	switch id {
	case QID:
		return IDFromName(a.value(QName))
	case QScope:
		return string(ScopeAccount)
	case QURLType:
		return string(a.defaultURLType())
	case QConnectionType:
		return string(a.defaultConnectionType())
	case QKind:
		return string(a.defaultKind())
	case QUsername:
		return a.defaultUsername()
	case QSecret:
		return string(a.defaultSecret())
	case QExpires:
		return a.savedExpiry(QPassword, QSecret)
	case QAPIExpires:
		return a.savedExpiry(QAPIToken, QAPISecret)
	case QAPIMethod:
		return string(a.defaultMethod())
	case QAPIEmail:
		return a.defaultEmail()
	case QAPIUsername:
		return a.defaultAPIUsername()
	case QAPISecret:
		return string(a.defaultAPISecret())
	case QMode:
		return string(a.defaultMode())
	case QDelegates:
		return string(a.defaultDelegates())
	case QSecureConnect:
		return "no"
	}
	return ""
}

// scope is where the connector lives.
func (a *asker) scope() Scope {
	switch ScopeKind(a.value(QScope)) {
	case ScopeOrg:
		return Scope{Org: a.value(QOrg)}
	case ScopeProject:
		return Scope{Org: a.value(QOrg), Project: a.value(QProject)}
	default:
		return Scope{}
	}
}

// pasted reads the URL answer on its own, before any choice is known.
func (a *asker) pasted() Address {
	if !a.placed {
		a.placed = true
		a.place = a.read(a.d.Answer(QURLType), a.d.Answer(QConnectionType), false).Address
	}
	return a.place
}

// address reads the URL answer with every choice that bears on it.
func (a *asker) address() PastedURL {
	return a.read(a.value(QURLType), a.value(QConnectionType), a.apiOn())
}

// read leaves out choices that are none: they have a finding of their own.
func (a *asker) read(urlType, connectionType string, apiOn bool) PastedURL {
	ctx := URLContext{APIOn: apiOn, Document: a.document}
	if t := URLType(urlType); t == URLAccount || t == URLRepo {
		ctx.URLType = t
	}
	if t := ConnectionType(connectionType); t == HTTP || t == SSH {
		ctx.ConnectionType = t
	}
	return ReadURL(a.d.Answer(QURL), ctx)
}

func (a *asker) product() Product               { return a.pasted().Product }
func (a *asker) urlType() URLType               { return URLType(a.value(QURLType)) }
func (a *asker) connectionType() ConnectionType { return ConnectionType(a.value(QConnectionType)) }
func (a *asker) kind() CredentialKind           { return CredentialKind(a.value(QKind)) }
func (a *asker) method() APIMethod              { return APIMethod(a.value(QAPIMethod)) }
func (a *asker) apiOn() bool                    { return a.method() != APIOff }
func (a *asker) http() bool                     { return a.connectionType() != SSH }

func (a *asker) defaultURLType() URLType {
	if t := a.pasted().URLType; t != "" {
		return t
	}
	return URLAccount
}

func (a *asker) defaultConnectionType() ConnectionType {
	if t := a.pasted().Transport; t != "" {
		return t
	}
	return HTTP
}

// defaultKind is what the pasted credential is, else what the named secret is
// recorded as, else the one the product recommends.
func (a *asker) defaultKind() CredentialKind {
	if !a.http() {
		return KindSSHKey
	}
	if k := RecogniseCredential(a.d.Secret(QPassword), QPassword).Kind; k != "" && k != KindUnknown {
		return k
	}
	if info, ok := a.savedSecret(QSecret); ok && info.Kind != "" && info.Kind != KindUnknown {
		return info.Kind
	}
	if a.d.Base != nil {
		if k := InferKind(*a.d.Base, a.product()); k != KindUnknown {
			return k
		}
	}
	return recommendedKind(a.product())
}

func recommendedKind(p Product) CredentialKind {
	if p == DataCenter {
		return KindHTTPAccessToken
	}
	return KindAPIToken
}

// InferKind says what a connector's HTTP credential must be, going by its login
// and its API method; KindUnknown when nothing tells.
func InferKind(c Connector, p Product) CredentialKind {
	switch {
	case c.ConnectionType == SSH:
		return KindSSHKey
	case p == DataCenter:
		return KindHTTPAccessToken
	case c.Username.Plain == UserAccessToken:
		return KindAccessToken
	case c.Username.Plain == UserAPIToken:
		return KindAPIToken
	case c.API.Method == APIUsernameToken:
		return KindAppPassword
	case c.API.Method == APIEmailAndToken && c.API.TokenRef == c.PasswordRef:
		return KindAPIToken
	case c.API.Method == APIAccessToken && c.API.TokenRef == c.PasswordRef:
		return KindAccessToken
	}
	return KindUnknown
}

// defaultUsername is the login that fits the credential's kind, else the one
// recorded with the secret.
func (a *asker) defaultUsername() string {
	if a.value(QUsernameSecret) != "" {
		return ""
	}
	if info, ok := a.savedSecret(QSecret); ok && info.Username != "" {
		return info.Username
	}
	return GitLogin(a.kind(), cmp.Or(a.product(), Cloud), "")
}

func (a *asker) defaultEmail() string {
	if a.value(QAPIEmailSecret) != "" {
		return ""
	}
	for _, slot := range []QuestionID{QAPISecret, QSecret} {
		if info, ok := a.savedSecret(slot); ok && info.Email != "" {
			return info.Email
		}
	}
	return ""
}

// defaultAPIUsername repeats the git login, in the form it has there.
func (a *asker) defaultAPIUsername() string {
	if !a.http() || a.value(QAPIUsernameSecret) != "" || a.value(QUsernameSecret) != "" {
		return ""
	}
	return a.value(QUsername)
}

// defaultMethod is the API access that fits the credential.
func (a *asker) defaultMethod() APIMethod {
	if a.product() == DataCenter {
		return APIAccessToken
	}
	if a.http() && a.kind() == KindAccessToken {
		return APIAccessToken
	}
	return APIEmailAndToken
}

// defaultAPISecret is the git credential over HTTP, where one token serves
// both; over SSH a saved token that fits, or a new one.
func (a *asker) defaultAPISecret() SecretRef {
	if a.http() && a.apiReusesCredential() {
		return SecretRef(a.value(QSecret))
	}
	if fit := a.fittingSecrets(QAPISecret); len(fit) > 0 && a.d.Secret(QAPIToken).IsZero() && !a.http() {
		return fit[0].Name.Ref()
	}
	return a.newRef("_token", SecretRef(a.value(QSecret)))
}

// apiReusesCredential reports whether the kind of the git credential is one
// that the chosen API method takes.
func (a *asker) apiReusesCredential() bool {
	switch a.method() {
	case APIEmailAndToken:
		return a.kind() == KindAPIToken
	case APIAccessToken:
		return a.kind() == KindAccessToken || a.kind() == KindHTTPAccessToken
	}
	return true
}

// defaultMode follows where the server is: Bitbucket Cloud can be reached by
// the platform, a company's own server usually cannot.
func (a *asker) defaultMode() Mode {
	if a.product() == DataCenter {
		return ModeDelegate
	}
	return ModePlatform
}

func (a *asker) defaultDelegates() DelegateChoice {
	if strings.TrimSpace(a.d.Answer(QDelegateTags)) != "" {
		return DelegatesTags
	}
	return DelegatesAny
}

// valueRequired reports whether nothing can be saved without the value of a
// reference's secret.
func (a *asker) valueRequired(id QuestionID) bool { return a.newValueNeeded(id) && !a.kept(id) }

// newValueNeeded reports whether a reference question names a secret that does
// not exist yet, so that its value must be given.
func (a *asker) newValueNeeded(id QuestionID) bool {
	_, exists := a.savedSecret(id)
	return !exists
}
