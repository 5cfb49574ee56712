package cmd

import (
	"context"
	"errors"
	"strings"
	"time"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

// credentials gets and checks a new credential for every group: the one given with
// --secret, the one of the same account, or the one a person pastes. A group whose
// credential is refused is left out, with its problem.
func (m *migration) credentials(ctx context.Context) error {
	m.with, m.refused = map[model.SecretName]model.Replacement{}, map[model.SecretName]*model.Problem{}
	given, err := m.app.givenValues(ctx, m.flags.secrets)
	if err != nil {
		return err
	}
	if err := m.known(given); err != nil {
		return err
	}
	for _, g := range m.plan.Groups {
		value := given[g.Name.Ref()]
		r, shared := m.ofSameAccount(g, value)
		switch {
		case !value.IsZero() || shared:
			if r.Value.IsZero() {
				r.Value = value
			}
			if err := m.tryGiven(ctx, g, r); err != nil {
				return err
			}
		case m.flags.yes || m.flags.dryRun || !m.app.canAsk():
			if !m.flags.dryRun {
				m.refuse(g, notGiven(g))
			}
		default:
			if err := m.askFor(ctx, g); err != nil {
				return err
			}
		}
	}
	return nil
}

// known refuses a value for a secret that the plan does not have: it would be
// thrown away unseen.
func (m *migration) known(given flow.Values) error {
	for ref := range given {
		found := false
		for _, g := range m.plan.Groups {
			found = found || g.Name.Ref() == ref
		}
		if !found {
			return usage("bbconnect migrate --dry-run lists the secrets.", "No group of the plan has the secret %s.", clean(string(ref)))
		}
	}
	return nil
}

func notGiven(g model.MigrationGroup) *model.Problem {
	return &model.Problem{
		Code: "password.required", What: "No new value was given for " + string(g.Name.Ref()) + ".", Why: "Nobody is asked in this run.",
		Fix: "Add --secret " + string(g.Name.Ref()) + "=env:NEW_TOKEN, for example.", Field: model.QPassword, Page: g.Page(g.Kinds[0]),
	}
}

func (m *migration) refuse(g model.MigrationGroup, p *model.Problem) {
	a := m.app
	m.refused[g.Name] = p
	if a.json {
		_ = a.writeJSONLine(eventJSON{Event: "refused", Ref: g.Name.Ref(), Problem: p})
		return
	}
	a.tell(a.errOut, signFail, string(g.Name.Ref())+": the new credential is refused. Its connectors stay as they are.")
	a.printProblem(a.errOut, p)
}

// ofSameAccount is the credential that was found good for another secret of the
// same user, where this one got none of its own.
func (m *migration) ofSameAccount(g model.MigrationGroup, own model.Secret) (model.Replacement, bool) {
	if !own.IsZero() || !m.flags.yes && !m.flags.dryRun {
		return model.Replacement{}, false
	}
	for _, other := range m.plan.Groups {
		if r, ok := m.with[other.Name]; ok && g.SameAccount(other) {
			m.app.tell(m.app.errOut, "", string(g.Name.Ref())+" gets the same token as "+string(other.Name.Ref())+": the same user, "+g.User+".")
			return r, true
		}
	}
	return model.Replacement{}, false
}

// tryGiven checks a credential that nobody can correct in this run.
func (m *migration) tryGiven(ctx context.Context, g model.MigrationGroup, r model.Replacement) error {
	r, err := m.complete(g, r)
	if err != nil {
		return err
	}
	v, err := m.verify(ctx, g, r)
	if p, ok := model.AsProblem(err); ok {
		m.refuse(g, p)
		return nil
	}
	if err != nil {
		return err
	}
	m.accept(g, v)
	return nil
}

// complete adds what the flags say of a credential: its kind, email and end.
func (m *migration) complete(g model.MigrationGroup, r model.Replacement) (model.Replacement, error) {
	if r.Kind == "" {
		r.Kind = model.CredentialKind(m.flags.kind)
	}
	for _, text := range m.flags.emails {
		ref, email, named := strings.Cut(text, "=")
		switch {
		case !named && r.Email == "":
			r.Email = text
		case named && model.SecretRef(ref) == g.Name.Ref():
			r.Email = email
		}
	}
	if r.Email == "" {
		r.Email = g.Email
	}
	if m.flags.expires != "" && r.Expires.IsZero() {
		day, err := model.ReadExpiry(m.flags.expires, m.app.now())
		if err != nil {
			return r, usage("Write 2027-11-21, 90d or 1y.", "--expires: %s", clean(err.Error()))
		}
		r.Expires = day
	}
	return r, nil
}

// verify checks a credential with a live test, its checks shown as they run.
func (m *migration) verify(ctx context.Context, g model.MigrationGroup, r model.Replacement) (flow.Verified, error) {
	a := m.app
	if !a.json {
		a.tell(a.errOut, "", "Checking the new credential for "+string(g.Name.Ref())+".")
	}
	report, done := a.watchChecks()
	defer done()
	v, err := a.jobs.VerifyReplacement(ctx, g, r, report)
	if ctx.Err() != nil {
		return v, errCancelled
	}
	return v, err
}

// accept keeps a credential that was found good, and says whose it is.
func (m *migration) accept(g model.MigrationGroup, v flow.Verified) {
	a := m.app
	m.with[g.Name] = v.Replacement
	if a.json {
		_ = a.writeJSONLine(eventJSON{Event: "verified", Ref: g.Name.Ref(), User: v.User, Kind: v.Replacement.Kind, Findings: v.Findings})
		return
	}
	text := string(g.Name.Ref()) + ": " + model.KindLabel(v.Replacement.Kind)
	if v.User != "" {
		text += " of " + v.User
	}
	a.tell(a.errOut, signPass, text+" works.")
	a.printFindings(a.errOut, v.Findings)
}

// askFor guides a person to a new token and asks for it until one is good. An empty
// answer leaves the group out.
func (m *migration) askFor(ctx context.Context, g model.MigrationGroup) error {
	a := m.app
	kind, err := m.askKind(ctx, g)
	if err != nil || kind == "" {
		return err
	}
	m.guide(g, kind)
	last := model.Replacement{}
	for {
		value, err := a.promptSecret(ctx, "Paste the new "+model.KindLabel(kind)+", or press enter to leave this secret out")
		if errors.Is(err, errBack) {
			return m.askFor(ctx, g)
		}
		if err != nil {
			return err
		}
		if value.IsZero() {
			a.tell(a.errOut, "", string(g.Name.Ref())+" is left out.")
			return nil
		}
		found := model.CheckNewCredential(value, kind, model.QPassword)
		a.printFindings(a.errOut, found)
		if found.HasErrors() {
			continue
		}
		r := model.Replacement{Value: value, Kind: kind, Email: last.Email}
		if err := m.askMore(ctx, g, &r, last.Expires); errors.Is(err, errBack) {
			continue
		} else if err != nil {
			return err
		}
		last = r
		v, err := m.verify(ctx, g, r)
		if p, ok := model.AsProblem(err); ok {
			a.printProblem(a.errOut, p)
			continue
		}
		if err != nil {
			return err
		}
		m.accept(g, v)
		return nil
	}
}

// askKind lets a person choose what replaces the old credential, or one that was
// checked for the same user.
func (m *migration) askKind(ctx context.Context, g model.MigrationGroup) (model.CredentialKind, error) {
	a := m.app
	a.tell(a.errOut, "", "\nSecret "+string(g.Name.Ref())+", "+groupLine(g)+".")
	for _, other := range m.plan.Groups {
		r, ok := m.with[other.Name]
		if !ok || !g.SameAccount(other) {
			continue
		}
		same, err := a.yesNo(ctx, "Use the token of "+string(other.Name.Ref())+" here too? It is of the same user.")
		if err != nil {
			return "", err
		}
		if same {
			return "", m.tryGiven(ctx, g, r)
		}
	}
	if m.flags.kind != "" {
		return model.CredentialKind(m.flags.kind), nil
	}
	if len(g.Kinds) == 1 {
		return g.Kinds[0], nil
	}
	var kinds []choice
	for _, k := range g.Kinds {
		help := ""
		if k == model.KindAPIToken {
			help = "recommended"
		}
		if k == model.KindAccessToken {
			help = "of a workspace; its user name becomes " + model.UserAccessToken
		}
		kinds = append(kinds, choice{string(k), model.KindLabel(k), help})
	}
	text, err := a.choose(ctx, prompt{label: "What replaces it", enter: string(g.Kinds[0]), help: "An API token is a person's and lives a year at most. An access token is a workspace's."}, kinds...)
	return model.CredentialKind(text), err
}

// guide says where and how the token is made, and with which scopes.
func (m *migration) guide(g model.MigrationGroup, kind model.CredentialKind) {
	a := m.app
	a.tell(a.errOut, "", "Make it here, with two-step verification on:")
	a.sayPlain("  " + oneLine(g.Page(kind)))
	scopes := g.Scopes(kind)
	if len(scopes) == 0 {
		return
	}
	a.tell(a.errOut, "", "Give it a label you will know it by, an end of at most a year, and these scopes:")
	for _, s := range scopes {
		line := "  " + s.Tick + "   " + s.For
		if !s.Required {
			line += " (not needed by these connectors)"
		}
		a.sayPlain(line)
	}
}

// askMore asks for the email, where the REST API wants one, and for the end; before
// is the end that was given for a token that was refused.
func (m *migration) askMore(ctx context.Context, g model.MigrationGroup, r *model.Replacement, before time.Time) error {
	a, kind := m.app, r.Kind
	full, err := m.complete(g, *r)
	if err != nil {
		return err
	}
	*r = full
	if seen := model.RecogniseCredential(r.Value, model.QPassword).Kind; seen != model.KindUnknown {
		r.Kind = ""
	}
	if r.Kind != model.KindAccessToken && g.Product == model.Cloud && g.Needs()[0] == model.NeedSignIn && len(m.flags.emails) == 0 {
		if r.Email, err = m.askEmail(ctx, r.Email); err != nil {
			return err
		}
	}
	ends := ""
	if !before.IsZero() {
		ends = before.Format(time.DateOnly)
	}
	for r.Expires.IsZero() && g.Old != model.KindSSHKey {
		text, err := a.ask(ctx, prompt{label: "Day it ends, as 2027-11-21 or 1y", enter: ends, optional: true, help: "Bitbucket showed it when the token was made. It is kept, so that you are warned in time."})
		if err != nil {
			return err
		}
		found := model.CheckNewExpiry(text, a.now(), kind)
		a.printFindings(a.errOut, found)
		if found.HasErrors() {
			continue
		}
		if text == "" {
			return nil
		}
		if r.Expires, err = model.ReadExpiry(text, a.now()); err != nil {
			return err
		}
	}
	return nil
}

// askEmail asks until the answer is an email. A token that was pasted there is not
// repeated and not taken.
func (m *migration) askEmail(ctx context.Context, before string) (string, error) {
	a := m.app
	for {
		text, err := a.ask(ctx, prompt{label: "Email of the Atlassian account that made it", enter: before, help: "The REST API takes an API token with this email as its user name. It stands at https://id.atlassian.com/manage-profile/email."})
		if err != nil {
			return "", err
		}
		if holdsCredential(model.QAPIEmail, text) {
			a.tell(a.errOut, signFail, "That is a credential and no email. It was not taken; others may have seen it on the screen.")
			continue
		}
		found := model.CheckAccountEmail(text, a.now())
		a.printFindings(a.errOut, found)
		if !found.HasErrors() {
			return text, nil
		}
	}
}
