package model

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// MigrationPurpose says why secrets are replaced.
type MigrationPurpose string

// The purposes. Rotation is the same job with the same kind of credential.
const (
	PurposeAppPasswords MigrationPurpose = "app-passwords"
	PurposeRotation     MigrationPurpose = "rotation"
)

// MigrationPlan lists what is concerned, by secret. It is a snapshot: nothing has
// been changed, and every member carries the revision it was read at.
type MigrationPlan struct {
	Purpose MigrationPurpose
	// Groups have at least one member each, those that share a user side by side,
	// the ones with the most members first.
	Groups []MigrationGroup
	// Damaged are files that could not be looked at.
	Damaged []Damaged
	// Unseen are secrets whose kind is not recorded and whose value could not be
	// read, so that nobody knows whether they are App Passwords.
	Unseen []SecretName
}

// MigrationGroup is one secret that is to be replaced, and everything that uses
// it.
type MigrationGroup struct {
	Name SecretName
	// Info is what is known of it; Known is false for a secret made elsewhere.
	Info  SecretInfo
	Known bool
	// Old is the kind of the credential that is replaced.
	Old     CredentialKind
	Product Product
	// Host is that of the Bitbucket it is for, User the login it was made by, ""
	// where only a secret or nobody knows it.
	Host string
	User string
	// Email is the Atlassian account's email where it is known.
	Email string
	// Kinds are what may replace it, the recommended one first.
	Kinds []CredentialKind
	// Members are all connectors and documents that use the secret, concerned or
	// not: each gets the new value.
	Members []MigrationMember
}

// MigrationMember is a connector that uses the secret of its group.
type MigrationMember struct {
	Saved Saved
	// Path is the file of a document that is not among the saved connectors, ""
	// for a saved one. The revision is then that of the file.
	Path string
	// Concerned says that it uses an App Password itself, rather than only sharing
	// the secret.
	Concerned bool
}

// ID names a member in a plan, a journal and a report: the connector's key, or
// the path of its document.
func (m MigrationMember) ID() string { return cmp.Or(m.Path, m.Saved.Connector.Key()) }

// Replacement is the new value of a group's secret, and how it signs in.
type Replacement struct {
	// Value is zero where the secret holds the right value already and only the
	// documents have to follow.
	Value Secret
	Kind  CredentialKind
	// Email signs in to the REST API with an API token.
	Email string
	// Expires is the day the value ends; zero when it does not, or nobody knows.
	Expires time.Time
}

// PlanMigration finds the connectors that use an App Password on Cloud, or an
// account's password on Data Center, and groups them by secret. shapes are the
// kinds that stored values turned out to have where none was recorded.
func PlanMigration(members []MigrationMember, w World, shapes map[SecretName]CredentialKind) MigrationPlan {
	concerned := map[SecretName]bool{}
	for i, m := range members {
		for _, name := range retiredSecrets(m.Saved.Connector, w, shapes) {
			concerned[name] = true
			members[i].Concerned = true
		}
	}
	plan := MigrationPlan{Purpose: PurposeAppPasswords}
	for _, name := range slices.Sorted(maps.Keys(concerned)) {
		plan.Groups = append(plan.Groups, groupOf(name, members, w, shapes))
	}
	slices.SortStableFunc(plan.Groups, func(a, b MigrationGroup) int {
		return cmp.Or(cmp.Compare(plan.weight(b), plan.weight(a)), strings.Compare(a.account(), b.account()), cmp.Compare(len(b.Members), len(a.Members)))
	})
	return plan
}

// PlanRotation is the plan to replace the value of one secret by another of its
// kind.
func PlanRotation(name SecretName, members []MigrationMember, w World, shapes map[SecretName]CredentialKind) MigrationPlan {
	g := groupOf(name, members, w, shapes)
	if g.Old != KindUnknown && g.Old != "" && !g.retired() {
		g.Kinds = []CredentialKind{g.Old}
	}
	return MigrationPlan{Purpose: PurposeRotation, Groups: []MigrationGroup{g}}
}

// Group finds the group of a secret.
func (p MigrationPlan) Group(name SecretName) (MigrationGroup, bool) {
	i := slices.IndexFunc(p.Groups, func(g MigrationGroup) bool { return g.Name == name })
	if i < 0 {
		return MigrationGroup{}, false
	}
	return p.Groups[i], true
}

// Members counts connectors and documents, each once.
func (p MigrationPlan) Members() int {
	seen := map[string]bool{}
	for _, g := range p.Groups {
		for _, m := range g.Members {
			seen[m.ID()] = true
		}
	}
	return len(seen)
}

// weight is how many members the groups of one user have together.
func (p MigrationPlan) weight(of MigrationGroup) int {
	n := 0
	for _, g := range p.Groups {
		if g.account() == of.account() {
			n += len(g.Members)
		}
	}
	return n
}

// account is whose credential a group's secret is; groups of one account may be
// healed by one token.
func (g MigrationGroup) account() string {
	if g.User == "" {
		return string(g.Product) + " " + g.Host + "  " + string(g.Name)
	}
	return string(g.Product) + " " + g.Host + " " + strings.ToLower(g.User)
}

// SameAccount reports whether one token can replace both groups' credentials: the
// same login at the same Bitbucket.
func (g MigrationGroup) SameAccount(other MigrationGroup) bool {
	return g.User != "" && g.account() == other.account()
}

// retired reports a credential that no longer works, or never should have been
// one.
func (g MigrationGroup) retired() bool {
	return g.Old == KindAppPassword || g.Old == KindPassword
}

// retiredSecrets are the secrets of a connector that hold an App Password, or on
// Data Center an account's own password.
func retiredSecrets(c Connector, w World, shapes map[SecretName]CredentialKind) []SecretName {
	product := ReadURL(c.URL, URLContext{}).Product
	var out []SecretName
	for _, use := range []struct {
		ref SecretRef
		// app says that the settings themselves call for an App Password.
		app bool
	}{
		{c.PasswordRef, false},
		{c.API.TokenRef, c.API.Method == APIUsernameToken},
	} {
		name, err := use.ref.Name(c.Scope)
		if use.ref == "" || err != nil || slices.Contains(out, name) {
			continue
		}
		kind := kindOf(name, w, shapes)
		if kind == KindUnknown && use.ref == c.PasswordRef {
			kind = InferKind(c, product)
		}
		if product == Cloud && (use.app || kind == KindAppPassword) || product == DataCenter && kind == KindPassword {
			out = append(out, name)
		}
	}
	return out
}

// kindOf is what a secret was recorded as, else what its value looks like.
func kindOf(name SecretName, w World, shapes map[SecretName]CredentialKind) CredentialKind {
	if info, ok := w.SecretInfo(name); ok && info.Kind != "" && info.Kind != KindUnknown {
		return info.Kind
	}
	return cmp.Or(shapes[name], KindUnknown)
}

// groupOf gathers everything that uses a secret.
func groupOf(name SecretName, members []MigrationMember, w World, shapes map[SecretName]CredentialKind) MigrationGroup {
	g := MigrationGroup{Name: name, Old: kindOf(name, w, shapes)}
	g.Info, g.Known = w.SecretInfo(name)
	g.User, g.Email, g.Host = accountName(g.Info.Username), g.Info.Email, g.Info.Host
	carrier := name
	for _, s := range w.Secrets { // an SSH key is used through its credential
		if s.Type == SecretSSHKey && (s.File == name || s.Passphrase == name) {
			carrier = s.Name
		}
	}
	for _, m := range members {
		c := m.Saved.Connector
		if !c.Uses(name) && !c.Uses(carrier) {
			continue
		}
		at := ReadURL(c.URL, URLContext{})
		g.Product, g.Host = cmp.Or(g.Product, at.Product), cmp.Or(g.Host, at.Host)
		g.Members = append(g.Members, m)
		g.User = cmp.Or(g.User, accountName(c.Username.Plain), accountName(c.API.Username.Plain))
		g.Email = cmp.Or(g.Email, c.API.Email.Plain)
		if g.Old == KindUnknown {
			g.Old = inferredKind(c, at.Product, name)
		}
	}
	if g.Email == "" && emailForm().MatchString(g.Info.Username) {
		g.Email = g.Info.Username
	}
	g.Kinds = replacements(g.Product, g.Old)
	return g
}

// inferredKind is what a connector's settings say about a secret of unknown kind.
func inferredKind(c Connector, product Product, name SecretName) CredentialKind {
	if n, err := c.API.TokenRef.Name(c.Scope); err == nil && n == name && c.API.Method == APIUsernameToken && product == Cloud {
		return KindAppPassword
	}
	if n, err := c.PasswordRef.Name(c.Scope); err == nil && n == name {
		return InferKind(c, product)
	}
	return KindUnknown
}

// accountName is a login that names an account: not one of the words that
// Bitbucket takes for every token, and no email.
func accountName(login string) string {
	if login == UserAPIToken || login == UserAccessToken || login == UserSSH || emailForm().MatchString(login) {
		return ""
	}
	return login
}

// replacements are what may take the place of a credential, the recommended one
// first (settings reference, Migrate from App Passwords to API tokens).
func replacements(product Product, old CredentialKind) []CredentialKind {
	switch {
	case old == KindSSHKey:
		return []CredentialKind{KindSSHKey}
	case product == DataCenter:
		return []CredentialKind{KindHTTPAccessToken}
	case product == Cloud:
		return []CredentialKind{KindAPIToken, KindAccessToken}
	}
	return []CredentialKind{cmp.Or(old, KindUnknown)}
}

// Needs are what the connectors of the group do with the credential: clone, and
// everything API access is for where one has it.
func (g MigrationGroup) Needs() []Need {
	needs := []Need{NeedClone}
	for _, m := range g.Members {
		if m.Saved.Connector.API.On() {
			return append([]Need{NeedSignIn}, append(needs, APINeeds()...)...)
		}
	}
	return needs
}

// NeededScope is a scope to tick for a group's new token.
type NeededScope struct {
	TokenScope
	// Tick is the name to tick for the kind of token.
	Tick string
	// Required says that the group's connectors stop working without it; the others
	// belong to the fourteen that Harness's settings reference lists all the same.
	Required bool
}

// Scopes are the fourteen scopes for a token of the kind, those of Cloud alone:
// each with what it is for and whether this group cannot do without. An access
// token has no scope for what only a user does, and one permission covers several.
func (g MigrationGroup) Scopes(kind CredentialKind) []NeededScope {
	if g.Product != Cloud || kind != KindAPIToken && kind != KindAccessToken {
		return nil
	}
	needs := g.Needs()
	var out []NeededScope
	for _, s := range TokenScopes() {
		if kind == KindAccessToken && !tickedForAccessToken(s) {
			continue
		}
		n := NeededScope{TokenScope: s, Tick: s.TickName(kind)}
		n.Required = slices.ContainsFunc(s.Needs, func(need Need) bool { return slices.Contains(needs, need) })
		if i := slices.IndexFunc(out, func(o NeededScope) bool { return o.Tick == n.Tick }); i >= 0 {
			out[i].Required = out[i].Required || n.Required
			continue
		}
		out = append(out, n)
	}
	return out
}

// tickedForAccessToken leaves out what the page for access tokens does not have:
// the user's own scopes, and the issues that are gone.
func tickedForAccessToken(s TokenScope) bool {
	return !s.Optional && len(s.Legacy) > 0 && s.Legacy[0] != "account"
}

// RevokePage is where the old credential of the group is revoked.
func (g MigrationGroup) RevokePage() string {
	if g.Old == KindAppPassword {
		return PageAppPasswords
	}
	return g.Page(g.Old)
}

// Page is where a token of the kind is made for the group.
func (g MigrationGroup) Page(kind CredentialKind) string {
	for _, m := range g.Members {
		at := ReadURL(m.Saved.Connector.URL, URLContext{}).Address
		if at.Product == g.Product && (kind != KindAccessToken || at.Workspace != "") {
			return TokenPageOf(at, kind)
		}
	}
	return TokenPageOf(Address{Product: g.Product, Host: g.Host}, kind)
}
