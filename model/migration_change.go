package model

import (
	"slices"
	"strings"
)

// AnswerChange is one answer of a connector before and after; a text for people,
// never a secret value.
type AnswerChange struct {
	Question QuestionID `json:"field"`
	Label    string     `json:"label"`
	Before   string     `json:"before"`
	After    string     `json:"after"`
}

// MemberChange is what replacing a secret makes of one connector.
type MemberChange struct {
	// After is the connector with its new document; equal to the old one where only
	// the value behind a reference changes.
	After   Connector
	Answers []AnswerChange
	// Findings judge the new document where replacing made a difference: an error
	// says that it should not be done this way.
	Findings Findings
}

// Changed reports whether the document itself differs.
func (c MemberChange) Changed() bool { return len(c.Answers) > 0 }

// Change is what a replacement makes of a member. Only the answers that name the
// old credential's logins and API method change (settings reference, Migrate from
// App Passwords to API tokens: the secret keeps its name; API access goes from
// Username and App Password to Email and API Token, or to Access Token).
func (g MigrationGroup) Change(m MigrationMember, r Replacement) MemberChange {
	before := m.Saved.Connector
	after := before
	after.Selectors = slices.Clone(before.Selectors)
	git, api := g.usedBy(before)
	product := ReadURL(before.URL, URLContext{}).Product
	if git && before.ConnectionType == HTTP {
		after.Username = newLogin(before.Username, r, product)
	}
	if api {
		after.API = newAPI(before.API, r, product)
	}
	c := MemberChange{After: after, Answers: answerChanges(before, after)}
	if after.Mode == ModeDelegate && after.API.Method != before.API.Method {
		c.Findings = DelegateVersionFindings(after.DelegateVersion, product, after.API.Method, r.Kind)
	}
	if after.API.Method == APIEmailAndToken && after.API.Email.IsZero() {
		c.Findings = append(c.Findings, fieldError(QAPIEmail, "email.required", "The REST API takes an API token with the Atlassian account's email.",
			"Enter the email of the account that made the token.")...)
	}
	return c
}

// usedBy says for what a connector uses the secret of the group.
func (g MigrationGroup) usedBy(c Connector) (git, api bool) {
	is := func(ref SecretRef) bool {
		name, err := ref.Name(c.Scope)
		return ref != "" && err == nil && name == g.Name
	}
	return is(c.PasswordRef), c.API.On() && is(c.API.TokenRef)
}

// newLogin is the user name git signs in with, with the new credential. A name
// that still fits stays, and so does one that is kept in a secret.
func newLogin(old Login, r Replacement, product Product) Login {
	switch {
	case product != Cloud:
		return old
	case r.Kind == KindAccessToken:
		return Login{Plain: UserAccessToken}
	case r.Kind == KindAPIToken && old.Ref == "" && (old.Plain == "" || old.Plain == UserAccessToken || emailForm().MatchString(old.Plain)):
		return Login{Plain: UserAPIToken}
	}
	return old
}

// newAPI is API access with the new credential.
func newAPI(old APIAccess, r Replacement, product Product) APIAccess {
	if product != Cloud {
		return old
	}
	switch r.Kind {
	case KindAccessToken:
		return APIAccess{Method: APIAccessToken, TokenRef: old.TokenRef}
	case KindAPIToken:
		next := APIAccess{Method: APIEmailAndToken, TokenRef: old.TokenRef, Email: old.Email}
		if r.Email != "" && !(old.Email.Ref != "" && old.Method == APIEmailAndToken) {
			next.Email = Login{Plain: r.Email}
		}
		return next
	}
	return old
}

// answerChanges lists the answers that differ, in the order they are asked.
func answerChanges(before, after Connector) []AnswerChange {
	var out []AnswerChange
	add := func(id QuestionID, label, was, is string) {
		if was != is {
			out = append(out, AnswerChange{Question: id, Label: label, Before: was, After: is})
		}
	}
	add(QUsername, "Username", loginText(before.Username), loginText(after.Username))
	add(QAPIMethod, "API access", MethodLabel(before.API.Method), MethodLabel(after.API.Method))
	add(QAPIUsername, "API username", loginText(before.API.Username), loginText(after.API.Username))
	add(QAPIEmail, "API email", loginText(before.API.Email), loginText(after.API.Email))
	add(QAPISecret, "API secret", string(before.API.TokenRef), string(after.API.TokenRef))
	add(QSecret, "Secret", string(before.PasswordRef), string(after.PasswordRef))
	return out
}

// loginText is a login for people: the name, or the secret that holds it.
func loginText(l Login) string {
	if l.Ref != "" {
		return "in " + string(l.Ref)
	}
	return strings.TrimSpace(l.Plain)
}

// LeftBehind is the member's connector as it stays on the old value: the same
// document, with the reference of the kept old secret.
func (g MigrationGroup) LeftBehind(m MigrationMember) Connector {
	c, _ := m.Saved.Connector.RenamesSecret(g.Name, OldName(g.Name))
	return c
}

// The names under which a secret's new and old value stand beside the current one
// while it is replaced.
const (
	stagedSuffix = "__new"
	keptSuffix   = "__old"
)

// StagedName is where a secret's new value waits until it is the current one.
func StagedName(name SecretName) SecretName { return name + stagedSuffix }

// OldName is where a secret's old value is kept until the new one is confirmed.
func OldName(name SecretName) SecretName { return name + keptSuffix }

// IsSideName reports a name that StagedName or OldName made, and of which.
func IsSideName(name SecretName) (of SecretName, ok bool) {
	for _, suffix := range []string{stagedSuffix, keptSuffix} {
		if of, ok := strings.CutSuffix(string(name), suffix); ok && of != "" {
			return SecretName(of), true
		}
	}
	return "", false
}

// NewInfo is what is recorded of the group's secret once the replacement is its
// value.
func (g MigrationGroup) NewInfo(r Replacement, where Where, w World) SecretInfo {
	info := g.Info
	if !g.Known {
		info = SecretInfo{Name: g.Name, Type: SecretText, Host: g.Host}
	}
	if info.Where == "" {
		info.Where = where
	}
	info.Kind, info.Created, info.Expires, info.Length = r.Kind, w.Now, r.Expires, r.Value.Len()
	if r.Email != "" && r.Kind == KindAPIToken {
		info.Email = r.Email
	}
	switch {
	case r.Kind == KindAccessToken && g.Product == Cloud:
		info.Username = UserAccessToken
	case info.Username == "" || info.Username == UserAccessToken:
		info.Username = g.User
	}
	return info
}
