package model

// URLType says whether a connector reaches a whole account or one repository.
type URLType string

// The URL types Harness knows for Bitbucket (connector schema 2026).
const (
	URLAccount URLType = "Account"
	URLRepo    URLType = "Repo"
)

// ConnectionType is the protocol of cloning; it decides the authentication
// (settings document, "Authentication").
type ConnectionType string

// The connection types.
const (
	HTTP ConnectionType = "http"
	SSH  ConnectionType = "ssh"
)

// Product is the Bitbucket behind an address.
type Product string

// The products. Harness itself decides by host name alone.
const (
	Cloud      Product = "cloud"
	DataCenter Product = "datacenter"
)

// Mode is how Harness reaches Bitbucket.
type Mode string

// The connectivity modes: executeOnDelegate false and true in the document.
const (
	ModePlatform Mode = "platform"
	ModeDelegate Mode = "delegate"
)

// DelegateChoice says which delegates may be used in ModeDelegate.
type DelegateChoice string

// The delegate choices: any available one, or only those with all given tags.
const (
	DelegatesAny  DelegateChoice = "any"
	DelegatesTags DelegateChoice = "tags"
)

// APIMethod is the authentication of API access.
type APIMethod string

// The methods of API access. OAuth is made by the Harness UI alone and is
// only tolerated on import; APIOff means there is no API access.
const (
	APIOff           APIMethod = "off"
	APIEmailAndToken APIMethod = "EmailAndApiToken"
	APIAccessToken   APIMethod = "AccessToken"
	APIUsernameToken APIMethod = "UsernameToken"
	APIOAuth         APIMethod = "OAuth"
)

// CredentialKind is what a secret is, as Bitbucket sees it.
type CredentialKind string

// The credential kinds.
const (
	KindAPIToken        CredentialKind = "api-token"
	KindAccessToken     CredentialKind = "access-token"
	KindAppPassword     CredentialKind = "app-password"
	KindHTTPAccessToken CredentialKind = "http-access-token"
	KindSSHKey          CredentialKind = "ssh-key"
	KindPassword        CredentialKind = "password"
	KindUnknown         CredentialKind = "unknown"
)

// Logins that Bitbucket Cloud wants from git over HTTPS whatever the account's
// name is (support.atlassian.com, using API tokens; using access tokens).
const (
	UserAPIToken    = "x-bitbucket-api-token-auth"
	UserAccessToken = "x-token-auth"
	// UserSSH is the only user name of Bitbucket over SSH.
	UserSSH = "git"
)

// Tag is a label of a connector; Value may be empty.
type Tag struct{ Key, Value string }

// Login is a user name or an email address: written plainly, or kept in a
// secret that Ref names. Exactly one of the two is set in a valid document.
type Login struct {
	Plain string
	Ref   SecretRef
}

// IsZero reports whether neither form is given.
func (l Login) IsZero() bool { return l.Plain == "" && l.Ref == "" }

// Connector is a Harness Bitbucket connector, field for field what the
// document holds (Harness's connector schema of 2026), plus the two facts Harness has no field
// for. It never holds a secret: only references to named ones.
type Connector struct {
	Name        string
	ID          string
	Description string
	Tags        []Tag
	Scope       Scope

	URL            string
	URLType        URLType
	ConnectionType ConnectionType
	// TestRepository is the document's validationRepo.
	TestRepository string

	// Username and PasswordRef are set over HTTP, SSHKeyRef over SSH.
	Username    Login
	PasswordRef SecretRef
	SSHKeyRef   SecretRef

	API APIAccess

	Mode Mode
	// Selectors are the delegate selectors; none means any delegate.
	Selectors []string
	// SecureConnect is the document's proxy: HTTP through the platform only.
	SecureConnect bool
	// IgnoreTest is the document's ignoreTestConnection.
	IgnoreTest bool

	// DelegateVersion (as YY.MM.XXXXX) and CAFile (a path on this machine) live in
	// x-bbconnect and are dropped on export.
	DelegateVersion string
	CAFile          string
}

// APIAccess is how Harness signs in to Bitbucket's REST API. Username belongs
// to UsernameToken, Email to EmailAndApiToken, RefreshTokenRef to OAuth; the
// zero value and APIOff both mean that there is none.
type APIAccess struct {
	Method          APIMethod
	Username        Login
	Email           Login
	TokenRef        SecretRef
	RefreshTokenRef SecretRef
}

// On reports whether API access is enabled.
func (a APIAccess) On() bool { return a.Method != "" && a.Method != APIOff }

// Key names the connector among all saved ones: id, org/id or org/project/id.
func (c Connector) Key() string { return c.Scope.Qualify(c.ID) }

// references are the connector's references in document order, empty ones and
// repeats included.
func (c *Connector) references() [7]SecretRef {
	return [...]SecretRef{
		c.Username.Ref, c.PasswordRef, c.SSHKeyRef,
		c.API.Username.Ref, c.API.Email.Ref, c.API.TokenRef, c.API.RefreshTokenRef,
	}
}

// SecretRefs lists every reference the connector holds, in document order,
// without repeats.
func (c Connector) SecretRefs() []SecretRef {
	var out []SecretRef
	seen := map[SecretRef]bool{}
	for _, r := range c.references() {
		if r != "" && !seen[r] {
			seen[r] = true
			out = append(out, r)
		}
	}
	return out
}
