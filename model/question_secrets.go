package model

import (
	"slices"
	"strings"
	"time"
)

// Where tokens are made and user names stand, for help cards and problems.
const (
	PageAPITokens      = "https://id.atlassian.com/manage-profile/security/api-tokens"
	PageAccount        = "https://bitbucket.org/account/settings/"
	PageSSHKeys        = "https://bitbucket.org/account/settings/ssh-keys/"
	PageAppPasswords   = "https://bitbucket.org/account/settings/app-passwords/"
	pathDataCenterPATs = "/plugins/servlet/access-tokens/manage"
)

// TokenPage is the page where the credential a draft asks for is made, "" where
// there is none to name.
func TokenPage(d Draft, w World) string {
	a := newAsker(d, w)
	if !a.http() && a.product() == Cloud {
		return PageSSHKeys
	}
	return TokenPageOf(a.pasted(), a.kind())
}

// TokenPageOf is the page where a token of the kind is made for an address:
// Atlassian's for API tokens, the workspace's for access tokens, Data Center's
// own for its HTTP access tokens.
func TokenPageOf(a Address, kind CredentialKind) string {
	switch {
	case a.Product == DataCenter && a.Host != "":
		return strings.TrimSuffix(a.BitbucketAPI(), "/rest/api/1.0") + pathDataCenterPATs
	case a.Product == Cloud && kind == KindAccessToken && a.Workspace != "":
		return "https://bitbucket.org/" + a.Workspace + "/workspace/settings/access-tokens"
	}
	return PageAPITokens
}

// tokenGuide is how the credential of a kind is made, in the order of the page.
func (a *asker) tokenGuide(kind CredentialKind) string {
	switch {
	case a.product() == DataCenter:
		return "HTTP access token\nMake it in Bitbucket: your avatar → Manage account → HTTP access tokens.\nPermissions: repository write, so that Harness can set statuses; repository admin for webhooks.\nCopy it now: it is shown once."
	case kind == KindAccessToken:
		return "Access token of the workspace\nMake it in the workspace's settings → Security → Access tokens (Premium).\nScopes: repository, pull requests and webhooks, read and write.\nA token of one repository is not enough.\nCopy it now: it is shown once."
	case kind == KindAppPassword:
		return "App Password\nBitbucket has retired App Passwords: this one no longer signs in. Make an API token instead; the same answers apply."
	}
	return "API token, the one to use\nTwo-step verification must be on first.\nMake it at id.atlassian.com → Security → API tokens → Create API token with scopes → Bitbucket.\nThe plain \"Create API token\" beside it makes one that Bitbucket refuses.\nIt lives at most a year.\nTick the fourteen scopes; those of issues are optional.\nCopy it now: it is shown once."
}

// expiryHelp says what the day is for a credential of a kind: only Atlassian's API
// tokens always end.
func (a *asker) expiryHelp(kind CredentialKind) string {
	text := "The day the token ends, as its page shows it: you are warned ahead. 90d or 1y from today will do, too."
	if a.product() == DataCenter || kind == KindAccessToken {
		return text + " Empty when it does not end."
	}
	return text + " An API token lives at most a year."
}

func (a *asker) credentialQuestions() []Question {
	if !a.http() {
		return a.keyQuestions()
	}
	reference := a.referenceQuestion(QSecret, "Secret", "The name of the Harness text secret that holds the credential. A new one is made under this name; a saved one is used as it is.")
	value := Question{
		ID: QPassword, Kind: AskSecretLine, Label: "Paste the token", Short: "Token", Required: a.valueRequired(QSecret),
		Help: a.tokenGuide(a.kind()),
	}
	if !value.Required {
		value.Label, value.Advanced = "Replace its value", true
		value.Help = "Leave it empty to keep the value that is saved. A new value is used by every connector with this secret."
	}
	rest := []Question{
		{
			ID: QKind, Kind: AskChoice, Label: "Kind", Required: true, Options: kindOptions(a.product(), a.kind(), CredentialKind(a.defaultOf(QKind))),
			Help: "What the credential is. It is recognised from the paste; it decides the user name and how the REST API is asked.",
		},
		a.usernameQuestion(),
		{
			ID: QUsernameSecret, Kind: AskReference, Label: "or user name from a secret", Advanced: true, Example: "account.bitbucket_user",
			Help:    "Where the user name is itself a Harness text secret: account.id, org.id or id.",
			Options: a.referenceOptions(SecretText, KindUnknown),
		},
		{
			ID: QExpires, Kind: AskDate, Label: "Expires", Example: "2027-11-21",
			Help: a.expiryHelp(a.kind()),
		},
	}
	if value.Required {
		return append(append([]Question{value}, rest...), reference)
	}
	return append([]Question{reference, value}, rest...)
}

func (a *asker) usernameQuestion() Question {
	q := Question{ID: QUsername, Kind: AskLine, Label: "Username", Required: a.value(QUsernameSecret) == ""}
	switch {
	case a.product() == DataCenter:
		q.Example, q.Help = "jdoe", "The Bitbucket user the token belongs to."
	case a.kind() == KindAccessToken:
		q.Help = "git signs in with an access token as " + UserAccessToken + ", exactly that."
	default:
		q.Help = "git wants " + UserAPIToken + " or your Bitbucket username, never the email address.\nThe username stands on " + PageAccount
	}
	return q
}

func (a *asker) keyQuestions() []Question {
	reference := a.referenceQuestion(QSecret, "SSH credential", "The name of the Harness SSH credential. Its user name is git; the key itself is kept as a file secret beside it.")
	key := Question{
		ID: QSSHKey, Kind: AskSecretText, Label: "Private key", Required: a.valueRequired(QSecret),
		Help: "An RSA key in PEM form, from -----BEGIN RSA PRIVATE KEY----- to the end line: pasted, read from a file, or made here.\nBy hand: ssh-keygen -t rsa -m PEM\nA key in OpenSSH form is converted on request; Ed25519 cannot be.\nIts public half belongs on " + a.publicKeyPage(),
	}
	if !key.Required {
		key.Label, key.Advanced = "Replace the key", true
	}
	qs := []Question{key}
	if a.passphraseAsked() {
		qs = append(qs, Question{
			ID: QSSHPassphrase, Kind: AskSecretLine, Label: "Passphrase", Required: true,
			Help: "The key is encrypted. Its passphrase is kept as a text secret that the SSH credential points to.",
		})
	}
	if key.Required {
		return append(qs, reference)
	}
	return append([]Question{reference}, qs...)
}

func (a *asker) publicKeyPage() string {
	if a.product() == DataCenter {
		return "your Bitbucket account's SSH keys page."
	}
	return PageSSHKeys
}

// passphraseAsked reports whether the key in the draft is encrypted.
func (a *asker) passphraseAsked() bool {
	if !a.d.Secret(QSSHPassphrase).IsZero() {
		return true
	}
	key := a.d.Secret(QSSHKey)
	if key.IsZero() || a.w.InspectKey == nil {
		return false
	}
	_, encrypted := a.w.InspectKey(key, Secret{}).Code("key.passphrase")
	return encrypted
}

// referenceQuestion asks for the name of the secret behind a value slot, with
// the saved secrets that fit as options.
func (a *asker) referenceQuestion(id QuestionID, label, help string) Question {
	want, kind := SecretText, a.kind()
	switch {
	case id == QAPISecret:
		kind = apiKind(a.method(), a.product())
	case !a.http():
		want, kind = SecretSSHKey, KindSSHKey
	}
	return Question{ID: id, Kind: AskReference, Label: label, Required: true, Help: help, Options: a.referenceOptions(want, kind)}
}

// referenceOptions are all saved secrets of a type within reach: those for this
// host and of this kind first, then those for the host, then those of the kind. Of
// equals what has ended comes last. KindUnknown fits none better than another.
func (a *asker) referenceOptions(want SecretType, kind CredentialKind) []Option {
	offers := slices.Clone(a.offers(want))
	rank := func(o offer) int {
		rank := 0
		if o.near {
			rank -= 4
		}
		if o.kind == kind && kind != KindUnknown {
			rank -= 2
		}
		if o.ended {
			rank++
		}
		return rank
	}
	slices.SortStableFunc(offers, func(x, y offer) int { return rank(x) - rank(y) })
	options := make([]Option, len(offers))
	for i, o := range offers {
		options[i] = o.option
	}
	return options
}

// offer is a saved secret that can be picked, and what it is ranked by.
type offer struct {
	option      Option
	kind        CredentialKind
	near, ended bool
}

// offers are the secrets of a type within reach, found once for all questions.
func (a *asker) offers(want SecretType) []offer {
	if found, known := a.offered[want]; known {
		return found
	}
	host, scope := a.pasted().Host, a.scope()
	found := make([]offer, 0, len(a.w.Secrets))
	for _, s := range a.w.Secrets {
		if s.Type != want || !s.Name.reachableFrom(scope) {
			continue
		}
		ref := string(s.Name.Ref())
		found = append(found, offer{
			option: Option{Value: ref, Label: ref, Help: DescribeSecret(s, a.w.Now)}, kind: s.Kind,
			near: s.Host == host && host != "", ended: !s.Expires.IsZero() && DaysLeft(s.Expires, a.w.Now) < 0,
		})
	}
	if a.offered == nil {
		a.offered = map[SecretType][]offer{}
	}
	a.offered[want] = found
	return found
}

// DescribeSecret is what a saved secret is known by, as "API token, jdoe, until
// 2027-10-31": its kind, whose it is, its end. The logins that are the same for everybody say nothing about whose.
func DescribeSecret(s SecretInfo, now time.Time) string {
	text := KindLabel(s.Kind)
	switch {
	case s.Username != "" && s.Username != UserAPIToken && s.Username != UserAccessToken && s.Username != UserSSH:
		text += ", " + s.Username
	case s.Email != "":
		text += ", " + s.Email
	}
	switch {
	case s.Expires.IsZero():
	case DaysLeft(s.Expires, now) < 0:
		text += ", ended on " + s.Expires.Format(time.DateOnly)
	default:
		text += ", until " + s.Expires.Format(time.DateOnly)
	}
	return text
}

// KindLabel is what a credential kind is called on the screen.
func KindLabel(k CredentialKind) string {
	switch k {
	case KindAPIToken:
		return "API token"
	case KindAccessToken:
		return "Access token"
	case KindAppPassword:
		return "App Password"
	case KindHTTPAccessToken:
		return "HTTP access token"
	case KindSSHKey:
		return "SSH key"
	case KindPassword:
		return "Password"
	}
	return "Unknown"
}

// kindOptions are the kinds a product takes; the present kind and the one that
// was recognised are among them even where they no longer work, so that a saved
// connector still opens.
func kindOptions(p Product, present ...CredentialKind) []Option {
	kinds := slices.DeleteFunc(KindsFor(p), func(k CredentialKind) bool {
		// Retired: shown where a connector has one, never offered.
		return k == KindAppPassword && !slices.Contains(present, k)
	})
	for _, k := range present {
		if !slices.Contains(kinds, k) {
			kinds = append(kinds, k)
		}
	}
	options := make([]Option, 0, len(kinds))
	for _, k := range kinds {
		options = append(options, Option{Value: string(k), Label: KindLabel(k)})
	}
	return options
}

func (a *asker) apiQuestions() []Question {
	qs := []Question{{
		ID: QAPIMethod, Kind: AskChoice, Label: "API access", Required: true, Options: a.methodOptions(),
		Help: "Harness needs Bitbucket's REST API for Git Experience, triggers, webhooks and commit statuses. Without it the connector only clones.",
	}}
	switch a.method() {
	case APIOff, APIOAuth:
		return qs
	case APIEmailAndToken:
		qs = append(
			qs, Question{
				ID: QAPIEmail, Kind: AskLine, Label: "Email", Required: a.value(QAPIEmailSecret) == "", Example: "jdoe@example.com",
				Help: "The email address of the Atlassian account the token belongs to. REST signs in with it; git does not.",
			},
			Question{
				ID: QAPIEmailSecret, Kind: AskReference, Label: "or email from a secret", Advanced: true,
				Options: a.referenceOptions(SecretText, KindUnknown), Help: "Where the email is itself a Harness text secret.",
			},
		)
	case APIUsernameToken:
		qs = append(
			qs, Question{
				ID: QAPIUsername, Kind: AskLine, Label: "Username", Required: a.value(QAPIUsernameSecret) == "",
				Help: "The Bitbucket username. Plain here and plain under Credentials, or a secret in both places.",
			},
			Question{
				ID: QAPIUsernameSecret, Kind: AskReference, Label: "or user name from a secret", Advanced: true,
				Options: a.referenceOptions(SecretText, KindUnknown), Help: "Where the user name is itself a Harness text secret.",
			},
		)
	}
	return append(qs, a.apiTokenQuestions()...)
}

func (a *asker) apiTokenQuestions() []Question {
	reference := a.referenceQuestion(QAPISecret, "Secret", "The secret that holds the token. One token can serve git and the API.")
	if a.http() && a.value(QAPISecret) == a.value(QSecret) {
		return []Question{reference}
	}
	value := Question{
		ID: QAPIToken, Kind: AskSecretLine, Label: "Paste the token", Short: "API token", Required: a.valueRequired(QAPISecret),
		Help: a.tokenGuide(apiKind(a.method(), a.product())),
	}
	expires := Question{
		ID: QAPIExpires, Kind: AskDate, Label: "Expires", Example: "2027-11-21",
		Help: a.expiryHelp(apiKind(a.method(), a.product())),
	}
	if !value.Required {
		value.Label, value.Advanced = "Replace its value", true
		value.Help = "Leave it empty to keep the value that is saved. A new value is used by every connector with this secret."
		expires.Advanced = a.d.Secret(QAPIToken).IsZero()
		return []Question{reference, value, expires}
	}
	return []Question{value, expires, reference}
}

// apiKind is the kind of credential a method of API access takes.
func apiKind(m APIMethod, p Product) CredentialKind {
	switch {
	case p == DataCenter:
		return KindHTTPAccessToken
	case m == APIEmailAndToken:
		return KindAPIToken
	case m == APIAccessToken:
		return KindAccessToken
	case m == APIUsernameToken:
		return KindAppPassword
	}
	return KindUnknown
}

// methodOptions are off and the methods that fit the product; what a saved
// connector has is among them even where it is only tolerated.
func (a *asker) methodOptions() []Option {
	options := []Option{}
	seen := map[APIMethod]bool{}
	add := func(m APIMethod) {
		if !seen[m] {
			seen[m] = true
			label := MethodLabel(m)
			if m == APIUsernameToken && a.product() == DataCenter {
				label = "Username and HTTP access token" // Data Center never had App Passwords
			}
			options = append(options, Option{Value: string(m), Label: label})
		}
	}
	for _, m := range APIMethodsFor(a.product(), a.kind()) {
		add(m)
	}
	if from := a.d.unasked(); from != nil && from.API.On() {
		add(from.API.Method)
	}
	add(APIOff)
	return options
}

// MethodLabel is what a method of API access is called on the screen.
func MethodLabel(m APIMethod) string {
	switch m {
	case APIEmailAndToken:
		return "Email and API token"
	case APIAccessToken:
		return "Access token"
	case APIUsernameToken:
		return "Username and App Password"
	case APIOAuth:
		return "OAuth (made in Harness)"
	}
	return "off"
}
