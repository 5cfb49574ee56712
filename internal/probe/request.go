package probe

import (
	"bbconnect/model"
)

// setLogins decides what each channel signs in with.
func (t *test) setLogins() {
	f, req := &t.facts, t.facts.req
	secret := req.Password
	if f.overHTTP() {
		f.gitLogin = login{user: req.Username, secret: req.Password}
		seen := model.RecogniseCredential(req.Password, model.QPassword)
		f.gitKind = kindOf(seen.Kind, req.Kind)
		f.clipped, f.foreign = shape(seen)
	}
	if !req.APIToken.IsZero() {
		secret = req.APIToken
	}
	f.restLogin = login{user: req.APILogin, secret: secret}
	seen := model.RecogniseCredential(secret, model.QAPIToken)
	f.restKind = kindOf(seen.Kind, req.APIKind)
	if f.restKind == model.KindUnknown && f.sameSecret() {
		f.restKind = f.gitKind
	}
	f.restClipped, f.restForeign = shape(seen)
	if !f.overHTTP() {
		f.clipped, f.foreign = f.restClipped, f.restForeign
	}
	for _, s := range []model.Secret{req.Password, req.APIToken, req.SSHKey, req.SSHPassphrase} {
		if !s.IsZero() {
			t.secrets = append(t.secrets, s.Reveal())
		}
	}
	for _, l := range []login{f.gitLogin, f.restLogin} {
		if !l.secret.IsZero() {
			t.secrets = append(t.secrets, l.basic())
		}
	}
}

// shape is what the shape of a credential says beyond its kind.
func shape(seen model.Recognised) (clipped, foreign bool) {
	_, clipped = seen.Findings.Code("token.clipped")
	_, foreign = seen.Findings.Code("token.other-vendor")
	return clipped, foreign
}

// kindOf prefers what the value's own shape says to what was recorded.
func kindOf(seen, recorded model.CredentialKind) model.CredentialKind {
	switch {
	case seen != "" && seen != model.KindUnknown:
		return seen
	case recorded != "":
		return recorded
	}
	return model.KindUnknown
}

// lacking names what a test cannot do without.
func (t *test) lacking() *model.Problem {
	req := t.facts.req
	missing := func(code string, field model.QuestionID, what, fix, page string) *model.Problem {
		return &model.Problem{Code: code, Field: field, What: what, Why: "A test without it would prove nothing.", Fix: fix, Page: page}
	}
	overHTTP := t.facts.overHTTP()
	switch {
	case !t.to.repository && req.Connector.URLType == model.URLAccount:
		return &model.Problem{
			Code: "testrepo.required", Field: model.QTestRepository,
			What: "This Account connector has no test repository.",
			Why:  "Harness skips its check of git without one and reports success, so nothing is known of the credential.",
			Fix:  "Name one repository of the account that the credential may read.",
		}
	case !t.to.repository:
		return missing("url.repo-missing", model.QURL, "The address names no repository.", "Paste the clone address of the repository, or choose Account.", "")
	case overHTTP && req.Password.IsZero():
		return missing("cred.missing", model.QPassword, "There is no token to sign in with.", "Paste the token, or pick a saved secret.", t.facts.makes(req.Kind))
	case overHTTP && req.Username == "":
		return t.noUserName()
	case !overHTTP && req.SSHKey.IsZero():
		return missing("cred.missing", model.QSSHKey, "There is no SSH key to sign in with.", "Paste a private key in PEM format, or make one.", "")
	case t.facts.counts && req.APIToken.IsZero() && req.Password.IsZero():
		return missing("cred.missing", model.QAPIToken, "There is no token for the REST API.", "Paste the token, or pick a saved secret.", t.facts.makes(req.APIKind))
	}
	return nil
}

// noUserName asks for git's user name, and offers the one that serves the kind
// of credential whatever the account is called.
func (t *test) noUserName() *model.Problem {
	f := &t.facts
	p := &model.Problem{
		Code: "cred.missing", Field: model.QUsername, Page: accountPage(f),
		What: "There is no user name for git.", Why: "A test without it would prove nothing.",
		Fix: "Enter the user name. " + f.whereNamesStand(),
	}
	kind := kindOf(model.RecogniseCredential(f.req.Password, model.QPassword).Kind, f.req.Kind)
	if name := model.GitLogin(kind, f.to.Product, ""); name != "" {
		p.Fix = "Use " + name + ", or the account's own user name. " + f.whereNamesStand()
		if kind == model.KindAccessToken {
			p.Fix = "Use " + name + ", as git does with every access token. The account's own name, at " + model.PageAccount + ", is for API tokens."
		}
		p.Mends = []model.Mend{{Field: model.QUsername, Value: name, Label: "use " + name}}
	}
	return p
}
