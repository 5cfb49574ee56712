package model

import (
	"strings"
	"time"
)

// Build turns a draft into the connector it stands for, defaults filled in and
// the pasted address mended. It always succeeds; Validate says whether the
// result may be saved.
func Build(d Draft, w World) Connector {
	a := newAsker(d, w)
	c := Connector{}
	if from := d.unasked(); from != nil {
		c.IgnoreTest, c.CAFile = from.IgnoreTest, from.CAFile
	}
	c.Name = strings.TrimSpace(d.Answer(QName))
	c.ID = a.value(QID)
	c.Description = strings.TrimSpace(d.Answer(QDescription))
	c.Tags = ParseTags(d.Answer(QTags))
	c.Scope = a.scope()

	place := a.address()
	c.URL, c.URLType, c.ConnectionType = place.URL, a.urlType(), a.connectionType()
	if c.URL == "" {
		c.URL = strings.TrimSpace(d.Answer(QURL))
	}
	if c.URLType == URLAccount {
		c.TestRepository = a.testRepository()
	}
	if a.http() {
		c.Username = a.login(QUsername, QUsernameSecret)
		c.PasswordRef = SecretRef(a.value(QSecret))
	} else {
		c.SSHKeyRef = SecretRef(a.value(QSecret))
	}
	c.API = a.apiAccess()
	c.Mode = Mode(a.value(QMode))
	if c.Mode == ModeDelegate {
		if DelegateChoice(a.value(QDelegates)) == DelegatesTags {
			c.Selectors = splitList(d.Answer(QDelegateTags))
		}
		c.DelegateVersion = a.value(QDelegateVersion)
	} else if a.http() {
		c.SecureConnect = isYes(a.value(QSecureConnect))
	}
	return c
}

// unasked is the connector that supplies what no question asks, nil for none.
func (d Draft) unasked() *Connector {
	if d.Base != nil {
		return d.Base
	}
	return d.Original
}

// testRepository is the answer in the product's form: understood where a whole
// address was pasted, with .git at its end.
func (a *asker) testRepository() string {
	repo := a.testRepositoryText()
	if repo == "" {
		return ""
	}
	for _, f := range a.checkTestRepository() {
		if f.Suggestion != "" {
			return f.Suggestion
		}
	}
	return repo
}

// isYes reads a confirmation.
func isYes(s string) bool {
	switch strings.ToLower(s) {
	case "yes", "true", "y", "1", "on":
		return true
	}
	return false
}

// login is the plain form of a user name or email, or else the secret one.
func (a *asker) login(plain, ref QuestionID) Login {
	if r := a.value(ref); r != "" {
		return Login{Ref: SecretRef(r)}
	}
	return Login{Plain: a.value(plain)}
}

func (a *asker) apiAccess() APIAccess {
	m := a.method()
	switch m {
	case APIEmailAndToken:
		return APIAccess{Method: m, Email: a.login(QAPIEmail, QAPIEmailSecret), TokenRef: SecretRef(a.value(QAPISecret))}
	case APIUsernameToken:
		return APIAccess{Method: m, Username: a.login(QAPIUsername, QAPIUsernameSecret), TokenRef: SecretRef(a.value(QAPISecret))}
	case APIAccessToken:
		return APIAccess{Method: m, TokenRef: SecretRef(a.value(QAPISecret))}
	case APIOAuth:
		if from := a.d.unasked(); from != nil {
			return from.API
		}
	}
	return APIAccess{}
}

// DraftOf is the draft that editing a saved connector starts from: every answer
// as the document has it, so that no default can change what is there.
func DraftOf(c Connector, w World) Draft {
	base := c
	d := Draft{Editing: c.Key(), Base: &base}
	set := func(id QuestionID, v string) {
		if v != "" {
			d = d.With(id, v)
		}
	}
	set(QName, c.Name)
	set(QID, c.ID)
	set(QDescription, c.Description)
	set(QTags, FormatTags(c.Tags))
	set(QScope, string(c.Scope.Kind()))
	set(QOrg, c.Scope.Org)
	set(QProject, c.Scope.Project)
	set(QURL, c.URL)
	set(QURLType, string(c.URLType))
	set(QConnectionType, string(c.ConnectionType))
	set(QTestRepository, c.TestRepository)
	d = draftCredentials(d, c, w)
	d = draftAPI(d, c)
	set(QMode, string(c.Mode))
	if c.Mode == ModeDelegate {
		set(QDelegates, string(DelegatesAny))
		if len(c.Selectors) > 0 {
			set(QDelegates, string(DelegatesTags))
			set(QDelegateTags, strings.Join(c.Selectors, ","))
		}
		set(QDelegateVersion, c.DelegateVersion)
	}
	if c.SecureConnect {
		set(QSecureConnect, "yes")
	}
	return d
}

func draftCredentials(d Draft, c Connector, w World) Draft {
	if c.ConnectionType == SSH {
		return d.With(QSecret, string(c.SSHKeyRef))
	}
	d = d.With(QSecret, string(c.PasswordRef))
	if c.Username.Ref != "" {
		d = d.With(QUsernameSecret, string(c.Username.Ref))
	} else {
		d = d.With(QUsername, c.Username.Plain)
	}
	kind := InferKind(c, newAsker(d, w).product())
	if name, err := c.PasswordRef.Name(c.Scope); err == nil {
		if info, ok := w.SecretInfo(name); ok && info.Kind != "" && info.Kind != KindUnknown {
			kind = info.Kind
		}
	}
	return d.With(QKind, string(kind))
}

func draftAPI(d Draft, c Connector) Draft {
	if !c.API.On() {
		return d.With(QAPIMethod, string(APIOff))
	}
	d = d.With(QAPIMethod, string(c.API.Method))
	d = d.With(QAPISecret, string(c.API.TokenRef))
	pick := func(l Login, plain, ref QuestionID) {
		if l.Ref != "" {
			d = d.With(ref, string(l.Ref))
		} else if l.Plain != "" {
			d = d.With(plain, l.Plain)
		}
	}
	pick(c.API.Username, QAPIUsername, QAPIUsernameSecret)
	pick(c.API.Email, QAPIEmail, QAPIEmailSecret)
	return d
}

// SecretWrite is a secret that saving a draft makes or changes: what is known
// of it, and its value, which is zero where only the facts change.
type SecretWrite struct {
	Info  SecretInfo
	Value Secret
}

// SecretWrites lists what saving the draft puts into the keystore and into
// secrets.yaml, in the order Harness needs them: text and file secrets before
// the SSH credential that points to them. Nothing is listed for a saved secret
// that is used as it is.
func SecretWrites(d Draft, w World) []SecretWrite {
	a := newAsker(d, w)
	var out []SecretWrite
	if a.http() {
		out = append(out, a.textWrite(QPassword, QSecret, QExpires, a.kind())...)
	} else {
		out = append(out, a.keyWrites()...)
	}
	switch a.method() {
	case APIOff, APIOAuth:
		return out
	}
	if a.http() && a.value(QAPISecret) == a.value(QSecret) {
		return out
	}
	return append(out, a.textWrite(QAPIToken, QAPISecret, QAPIExpires, a.typedAPIKind())...)
}

func (a *asker) typedAPIKind() CredentialKind {
	if k := RecogniseCredential(a.d.Secret(QAPIToken), QAPIToken).Kind; k != "" && k != KindUnknown {
		return k
	}
	return apiKind(a.method(), a.product())
}

// textWrite is the write of one text secret. Its facts are written too where
// only they changed: the expiry of a saved secret, say.
func (a *asker) textWrite(slot, ref, expires QuestionID, kind CredentialKind) []SecretWrite {
	name := a.secretName(ref)
	if name == "" {
		return nil
	}
	info, exists := a.w.SecretInfo(name)
	value := a.d.Secret(slot)
	day := time.Time{}
	if t, err := ReadExpiry(a.value(expires), a.w.Now); err == nil {
		day = t
	}
	changed := exists && a.d.Answered(expires) && !day.Equal(info.Expires)
	if value.IsZero() && !changed {
		return nil
	}
	if !exists {
		info = SecretInfo{Name: name, Type: SecretText, Created: a.w.Now}
	}
	info.Expires = day
	if !value.IsZero() {
		value = RecogniseCredential(value, slot).Clean
		info.Kind, info.Host, info.Length = kind, a.pasted().Host, value.Len()
		info.Username, info.Email = a.logins(slot, info)
		if exists {
			info.Created = a.w.Now
		}
	}
	return []SecretWrite{{Info: info, Value: value}}
}

// logins are the names that belong to a credential, kept with it so that the
// next connector need not ask for them again.
func (a *asker) logins(slot QuestionID, info SecretInfo) (username, email string) {
	username, email = info.Username, info.Email
	if slot == QPassword {
		if v := a.value(QUsername); v != "" {
			username = v
		}
	}
	if v := a.value(QAPIEmail); v != "" && a.method() == APIEmailAndToken {
		email = v
	}
	return username, email
}

// keyWrites are the passphrase, the file and the SSH credential.
func (a *asker) keyWrites() []SecretWrite {
	name := a.secretName(QSecret)
	key := a.d.Secret(QSSHKey)
	if name == "" || key.IsZero() {
		return nil
	}
	scope, id, _ := name.Split()
	host := a.pasted().Host
	base := SecretInfo{Kind: KindSSHKey, Host: host, Created: a.w.Now}
	credential, file := base, base
	if old, ok := a.w.SecretInfo(name); ok {
		credential = old
	}
	credential.Name, credential.Type, credential.Username, credential.Created = name, SecretSSHKey, UserSSH, a.w.Now
	if credential.File == "" {
		credential.File = a.freeName(scope, id, "_file")
	}
	file.Name, file.Type, file.Length = credential.File, SecretFile, key.Len()
	var out []SecretWrite
	name, credential.Passphrase = credential.Passphrase, ""
	if pass := a.d.Secret(QSSHPassphrase); !pass.IsZero() {
		if name == "" {
			name = a.freeName(scope, strings.TrimSuffix(id, "_ssh_key"), "_passphrase")
		}
		phrase := base
		phrase.Name, phrase.Type, phrase.Kind = name, SecretText, KindPassword
		phrase.Length = pass.Len()
		credential.Passphrase = phrase.Name
		out = append(out, SecretWrite{Info: phrase, Value: pass})
	}
	return append(out, SecretWrite{Info: file, Value: key}, SecretWrite{Info: credential})
}

// freeName is the name of a new secret that stands beside another one.
func (a *asker) freeName(scope Scope, stem, suffix string) SecretName {
	return scope.SecretName(a.freeID(scope, stem, suffix, func(string) bool { return false }))
}

// Fill gives an answer the way a person would: what was pasted is taken apart.
// A credential inside an address, or a token or a private key in the place of an
// address or a name, becomes the credential of the draft, unless it has one, and
// leaves the answer; everything else is kept as it was typed.
func Fill(d Draft, id QuestionID, text string) Draft {
	var read PastedURL
	if id == QURL {
		read = ReadURL(text, URLContext{})
	}
	if read.Secret.IsZero() {
		if filled, stray := fillStray(d, id, text); stray {
			return filled
		}
		return d.With(id, text)
	}
	d = d.With(QURL, read.URL)
	if d.Answer(QSecret) != "" {
		return d
	}
	if d.Secret(QPassword).IsZero() {
		d = d.WithSecret(QPassword, read.Secret)
	}
	if !d.Answered(QUsername) && read.SecretUser != "" {
		d = d.With(QUsername, read.SecretUser)
	}
	return d
}

// ExpiryOf is the day the first of a connector's credentials ends; zero when
// none is known to.
func ExpiryOf(c Connector, w World) time.Time {
	var first time.Time
	for _, ref := range c.SecretRefs() {
		name, err := ref.Name(c.Scope)
		if err != nil {
			continue
		}
		info, _ := w.SecretInfo(name)
		if !info.Expires.IsZero() && (first.IsZero() || info.Expires.Before(first)) {
			first = info.Expires
		}
	}
	return first
}
