package model

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

func (a *asker) checkCredentials() Findings {
	if !a.http() {
		return a.checkKey()
	}
	var fs Findings
	fs = append(fs, a.checkReference(QSecret, SecretText)...)
	fs = append(fs, a.checkValue(QPassword, QSecret, "password", "The credential is missing.", "Paste the token, or name a secret that holds one.")...)
	fs = append(fs, a.checkKind()...)
	fs = append(fs, a.checkUsername()...)
	fs = append(fs, a.checkExpiry(QExpires, a.kind())...)
	return append(fs, a.checkShared(QPassword, QSecret)...)
}

// checkValue judges a value slot: a value is needed where its secret does not
// exist yet, and what was pasted must be what it is taken for.
func (a *asker) checkValue(slot, ref QuestionID, short, missing, fix string) Findings {
	value := a.d.Secret(slot)
	if !value.IsZero() {
		return RecogniseCredential(value, slot).Findings
	}
	if !a.newValueNeeded(ref) {
		return nil
	}
	if a.document || a.kept(ref) {
		return a.checkKnown(ref)
	}
	return fieldError(slot, short+".required", missing, fix)
}

// kept reports whether a saved connector goes on with a secret that it names
// already. Its value may be in Harness alone, as with a connector that was
// imported: changing something else does not take it.
func (a *asker) kept(ref QuestionID) bool {
	name := a.secretName(ref)
	return a.d.Base != nil && name != "" && a.d.Base.uses(name)
}

// checkKnown says that a document's secret is not known on this machine.
func (a *asker) checkKnown(ref QuestionID) Findings {
	if a.secretName(ref) == "" {
		return nil
	}
	return fieldWarning(ref, "ref.missing", fmt.Sprintf("No secret %s is known on this machine.", clip(a.value(ref))),
		"Give its value with bbconnect secret set, or with --secret for one test.")
}

// checkReference judges a secret reference: its form, its reach from the
// connector's scope, and the type of what it names (SecretRefData; contract,
// Scopes).
func (a *asker) checkReference(id QuestionID, want SecretType) Findings {
	ref := SecretRef(a.value(id))
	if ref == "" {
		return fieldError(id, "secret.required", "The secret's name is missing.", "Name it as account.id, org.id or id.")
	}
	if strings.HasPrefix(string(ref), "<+") && a.document {
		return nil // a runtime input or an expression: Harness resolves it
	}
	name, err := ref.Name(a.scope())
	switch {
	case errors.Is(err, ErrRefScope):
		f := fieldError(id, "ref.scope",
			fmt.Sprintf("A connector of the %s cannot use this secret: it may use its own scope's and wider ones.", scopeWord(a.scope())),
			"Use a secret of the "+scopeWord(a.scope())+" or above.")
		if _, bare, err := ref.split(); err == nil {
			f[0].Suggestion = string(a.scope().Ref(bare))
		}
		return f
	case err != nil:
		return fieldError(id, "ref.malformed", "A reference is account.id, org.id, or id alone for the project's own.",
			"Write it in one of these forms: letters, digits, _ and - in the id.")
	}
	if info, ok := a.w.SecretInfo(name); ok && info.Type != want && info.Type != "" {
		return fieldError(id, "secret.invalid", fmt.Sprintf("%s is a %s secret; a %s secret is needed here.", ref, info.Type, want),
			"Name another secret.")
	}
	return nil
}

func scopeWord(s Scope) string {
	switch s.Kind() {
	case ScopeOrg:
		return "organisation"
	case ScopeProject:
		return "project"
	}
	return "account"
}

// checkKind: the kind must be one the product takes, and the one the paste
// shows; App Passwords are judged by the date (contract, decided 3).
func (a *asker) checkKind() Findings {
	kind := a.kind()
	if fs := CheckKind(kind, a.product(), a.w.Now); fs != nil {
		return fs
	}
	if kind == KindSSHKey {
		f := fieldError(QKind, "kind.unsupported", "Over HTTP git signs in with a token; a key is for SSH.", "Choose a token, or SSH as the connection type.")
		f[0].Suggestion = string(recommendedKind(a.product()))
		return f
	}
	read := RecogniseCredential(a.d.Secret(QPassword), QPassword)
	seen := read.Kind
	if !a.d.Secret(QPassword).IsZero() && seen == KindUnknown && len(read.Findings) == 0 && a.product() == Cloud {
		return unlikeKind(kind, QPassword)
	}
	fs := CheckSameKind(kind, seen, QKind)
	if fs != nil && seen != KindAppPassword && slices.Contains(KindsFor(a.product()), seen) {
		fs[0].Suggestion = string(seen)
	}
	return fs
}

// checkUsername judges the git login: one of the plain and the secret form,
// never the email on Cloud, exactly x-token-auth for an access token.
func (a *asker) checkUsername() Findings {
	plain, ref := a.value(QUsername), a.value(QUsernameSecret)
	switch {
	case ref != "" && plain != "" && a.d.Answer(QUsername) != "":
		return fieldError(QUsernameSecret, "username.mixed", "The user name is given twice: plainly, and as a secret.", "Empty one of the two.")
	case ref != "":
		return a.checkLoginSecret(QUsernameSecret)
	case plain == "":
		return fieldError(QUsername, "username.required", "git signs in with a user name as well as a token.",
			"Type the Bitbucket username"+a.usernamePage()+".")
	}
	return CheckLogin(a.kind(), a.product(), plain, QUsername)
}

// checkLoginSecret judges the secret that holds a user name or email. No slot
// takes its value, so that an unknown one is told of.
func (a *asker) checkLoginSecret(id QuestionID) Findings {
	if fs := a.checkReference(id, SecretText); fs != nil || !a.newValueNeeded(id) {
		return fs
	}
	return a.checkKnown(id)
}

func (a *asker) usernamePage() string {
	if a.product() == DataCenter {
		return ""
	}
	return "; it stands on " + PageAccount
}

// checkShared warns where a new value for a saved secret changes other
// connectors too.
func (a *asker) checkShared(slot, ref QuestionID) Findings {
	if a.d.Secret(slot).IsZero() || a.newValueNeeded(ref) {
		return nil
	}
	user := userOf(a.secretName(ref))
	others := 0
	for i := range a.w.Connectors {
		if c := &a.w.Connectors[i]; user.is(c) && c.Key() != a.d.Editing {
			others++
		}
	}
	if others == 0 {
		return nil
	}
	message := "1 other connector uses this secret too and gets the new value."
	if others > 1 {
		message = fmt.Sprintf("%d other connectors use this secret too and get the new value.", others)
	}
	return fieldWarning(slot, "secret.shared", message,
		"Name a new secret to leave them as they are.")
}

// Uses reports whether the connector references the named secret.
func (c Connector) Uses(name SecretName) bool { return c.uses(name) }

// uses is Uses without copying the connector.
func (c *Connector) uses(name SecretName) bool { return userOf(name).is(c) }

// secretUser tells connectors that reference one secret. It is asked of thousands:
// there is one way to write a reference from each scope, which is compared.
type secretUser struct {
	scope Scope
	ref   SecretRef
	valid bool
}

func userOf(name SecretName) secretUser {
	scope, id, ok := name.Split()
	return secretUser{scope, scope.Ref(id), ok}
}

func (u secretUser) is(c *Connector) bool {
	switch {
	case !u.valid:
		return false
	case u.scope.Org != "" && u.scope.Org != c.Scope.Org, u.scope.Project != "" && u.scope.Project != c.Scope.Project:
		return false
	}
	references := c.references()
	return slices.Contains(references[:], u.ref)
}

func (a *asker) checkKey() Findings {
	var fs Findings
	fs = append(fs, a.checkReference(QSecret, SecretSSHKey)...)
	key := a.d.Secret(QSSHKey)
	switch {
	case !key.IsZero() && a.w.InspectKey != nil:
		fs = append(fs, a.w.InspectKey(key, a.d.Secret(QSSHPassphrase))...)
	case key.IsZero() && a.newValueNeeded(QSecret) && (a.document || a.kept(QSecret)):
		fs = append(fs, a.checkKnown(QSecret)...)
	case key.IsZero() && a.newValueNeeded(QSecret):
		fs = append(fs, fieldError(QSSHKey, "sshkey.required", "The private key is missing.", "Paste it, name its file, or make one here.")...)
	}
	return append(fs, a.checkShared(QSSHKey, QSecret)...)
}

func (a *asker) checkAPI() Findings {
	method := a.method()
	switch method {
	case APIOff:
		return fieldWarning(QAPIMethod, "api.off",
			"Without API access there are no triggers, no webhooks, no commit statuses and no Git Experience.",
			"Choose a method unless this connector only clones.")
	case APIOAuth:
		return a.checkOAuth()
	}
	var fs Findings
	fs = append(fs, a.checkMethod(method)...)
	switch method {
	case APIEmailAndToken:
		fs = append(fs, a.checkEmail()...)
	case APIUsernameToken:
		fs = append(fs, a.checkAPIUsername()...)
	}
	fs = append(fs, a.checkReference(QAPISecret, SecretText)...)
	if a.http() && a.value(QAPISecret) == a.value(QSecret) {
		return append(fs, a.checkReused()...)
	}
	fs = append(fs, a.checkValue(QAPIToken, QAPISecret, "token", "The API token is missing.",
		"Paste it, name a secret that holds one, or choose off where the connector only clones.")...)
	fs = append(fs, a.checkTokenKind()...)
	fs = append(fs, a.checkExpiry(QAPIExpires, apiKind(method, a.product()))...)
	return append(fs, a.checkShared(QAPIToken, QAPISecret)...)
}

// checkOAuth: only Harness makes it; it is kept where it was found.
func (a *asker) checkOAuth() Findings {
	if from := a.d.unasked(); from != nil && from.API.Method == APIOAuth {
		return fieldHint(QAPIMethod, "method.invalid", "OAuth access is made and renewed by Harness; it is kept as it is and cannot be tested from here.",
			"Choose another method to manage it here.")
	}
	return fieldError(QAPIMethod, "method.invalid", "OAuth access can only be made in Harness itself.", "Choose another method.")
}

// checkMethod: Email and API token is Cloud's alone; Username and App Password
// is retired there and only tolerated on Data Center (contract, decided 4).
func (a *asker) checkMethod(m APIMethod) Findings {
	switch {
	case m == APIEmailAndToken && a.product() == DataCenter:
		f := fieldError(QAPIMethod, "api.cloud-only", "Email and API token works on Bitbucket Cloud only.", "Use Access token.")
		f[0].Suggestion = string(APIAccessToken)
		return f
	case m == APIUsernameToken && a.product() == Cloud:
		f := AppPasswordFinding(a.w.Now, QAPIMethod)
		f.Suggestion = string(APIEmailAndToken)
		return Findings{f}
	case m == APIEmailAndToken, m == APIAccessToken, m == APIUsernameToken:
		return nil
	}
	return fieldError(QAPIMethod, "method.invalid", fmt.Sprintf("%s is no method of API access.", clip(string(m))),
		"Choose one of EmailAndApiToken, AccessToken, off.")
}

func (a *asker) checkEmail() Findings {
	plain, ref := a.value(QAPIEmail), a.value(QAPIEmailSecret)
	switch {
	case ref != "" && plain != "" && a.d.Answer(QAPIEmail) != "":
		return fieldError(QAPIEmailSecret, "email.invalid", "The email is given twice: plainly, and as a secret.", "Empty one of the two.")
	case ref != "":
		return a.checkLoginSecret(QAPIEmailSecret)
	case plain == "":
		return fieldError(QAPIEmail, "email.required", "The REST API signs in with the email address of the Atlassian account.",
			"Type the address you sign in to Atlassian with.")
	case !looksLikeEmail(plain):
		return fieldError(QAPIEmail, "email.invalid", "This is not an email address.", "Type the address you sign in to Atlassian with, not the username.")
	}
	return nil
}

func looksLikeEmail(s string) bool {
	name, host, ok := strings.Cut(s, "@")
	return ok && name != "" && strings.Contains(strings.Trim(host, "."), ".") && !strings.ContainsAny(s, " \t,;<>") && !strings.Contains(host, "@")
}

// checkAPIUsername: both user names plain or both secret
// (BitbucketConnectorDTO.validate, and the settings document).
func (a *asker) checkAPIUsername() Findings {
	plain, ref := a.value(QAPIUsername), a.value(QAPIUsernameSecret)
	switch {
	case plain == "" && ref == "":
		return fieldError(QAPIUsername, "username.required", "API access with user name and password needs the user name.",
			"Type the Bitbucket username"+a.usernamePage()+".")
	case plain != "" && ref != "":
		return fieldError(QAPIUsernameSecret, "username.mixed", "The user name is given twice: plainly, and as a secret.", "Empty one of the two.")
	case a.http() && (ref != "") != (a.value(QUsernameSecret) != ""):
		return fieldError(QAPIUsername, "username.mixed", "One user name is plain and the other a secret; Harness wants both alike.",
			"Make both plain, or both secrets.")
	case ref != "":
		return append(a.checkLoginSecret(QAPIUsernameSecret), a.checkSameSecret()...)
	}
	return append(CheckLogin(apiKind(APIUsernameToken, a.product()), a.product(), plain, QAPIUsername), a.checkSameSecret()...)
}

// checkSameSecret: over HTTP the API wants the password that git has (settings
// document, Username and App Password).
func (a *asker) checkSameSecret() Findings {
	if !a.http() || a.value(QAPISecret) == a.value(QSecret) {
		return nil
	}
	f := fieldWarning(QAPISecret, "api.secret-differs", "Over HTTP, user name and password should be the ones given under Credentials.",
		"Name the same secret.")
	f[0].Suggestion = a.value(QSecret)
	return f
}

// checkReused: one credential for git and the API must be of a kind the method
// takes.
func (a *asker) checkReused() Findings {
	kind, want := a.kind(), apiKind(a.method(), a.product())
	if a.apiReusesCredential() || kind == KindUnknown || kind == KindAppPassword {
		return nil
	}
	f := fieldError(QAPIMethod, "token.kind-mismatch",
		fmt.Sprintf("%s needs %s, and the credential for git is %s.", MethodLabel(a.method()), kindNames[want], kindNames[kind]),
		"Choose the method that fits, or name another secret for the token.")
	fitting := map[CredentialKind]APIMethod{KindAccessToken: APIAccessToken, KindAPIToken: APIEmailAndToken}[kind]
	switch {
	case fitting == "":
	case a.product() == "" || slices.Contains(APIMethodsFor(a.product(), kind), fitting):
		f[0].Suggestion = string(fitting)
	default:
		// No method takes it on this product, so that the kind is what is to change.
		f[0].Fix = fmt.Sprintf("Give %s under Credentials, or name another secret for the token.", kindNames[want])
	}
	return f
}

// checkTokenKind: what was pasted for the API must be what the method takes.
func (a *asker) checkTokenKind() Findings {
	seen := RecogniseCredential(a.d.Secret(QAPIToken), QAPIToken).Kind
	want := apiKind(a.method(), a.product())
	if seen == "" || seen == KindUnknown || seen == want {
		return nil
	}
	return fieldError(QAPIToken, "token.kind-mismatch", fmt.Sprintf("%s needs %s, and what was pasted is %s.", MethodLabel(a.method()), kindNames[want], kindNames[seen]),
		"Paste the right token, or choose the method that fits this one.")
}
