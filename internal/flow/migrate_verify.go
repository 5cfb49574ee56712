package flow

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"bbconnect/model"
)

// Verified is a new credential that was found good for a group, before anything
// was changed.
type Verified struct {
	// Replacement has the value as it will be stored: cleaned, with its kind.
	Replacement model.Replacement
	// User is whose token it is, "" for one that is no user's.
	User string
	// Findings are worth knowing and stop nothing: token.other-user, missing optional
	// scopes, a checksum that does not match.
	Findings model.Findings
	// Result is the live test of one connector of the group with the new credential.
	Result model.TestResult
}

// triesToVerify is how many connectors of a group are tried before a credential is
// refused for something that may be the connector's own fault.
const triesToVerify = 3

// VerifyReplacement checks a new credential for a group before anything is changed:
// its kind and checksum, then with a live test of the group's connectors as they
// would be: whose it is, its email, and its scopes against what the group needs. A
// *model.Problem says why it is refused; its codes are those of fields and of live
// tests. report is told of the checks as they run; nil for nobody.
func (j *Jobs) VerifyReplacement(ctx context.Context, g model.MigrationGroup, r model.Replacement, report func(model.Check)) (Verified, error) {
	v := Verified{Replacement: r}
	if err := v.recognise(g); err != nil {
		return v, err
	}
	if err := j.notTheOld(ctx, g, v.Replacement.Value); err != nil {
		return v, err
	}
	if report == nil {
		report = func(model.Check) {}
	}
	members := slices.Clone(g.Members)
	slices.SortStableFunc(members, func(a, b model.MigrationMember) int { return verifyRank(a) - verifyRank(b) })
	var first *model.Problem
	for i, m := range members[:min(len(members), triesToVerify)] {
		change := g.Change(m, v.Replacement)
		if p := refusedBy(change); p != nil {
			return v, p
		}
		result, err := j.testAs(ctx, change.After, g, v.Replacement, report)
		if err != nil {
			return v, err
		}
		if ctx.Err() != nil {
			return v, ctx.Err()
		}
		v.Result = result
		p := v.refusal(g)
		if p == nil {
			v.User = result.User
			v.Findings = append(append(v.Findings, otherUser(g, v.Replacement.Email, result.User)...), warned(result.Problem)...)
			return v, nil
		}
		if first == nil {
			first = p
		}
		if i > 0 && p.Code != first.Code || aboutCredential(p) {
			break
		}
	}
	if first != nil {
		return v, first
	}
	return v, nil // nobody uses the secret: there is nothing to try it with
}

// verifyRank puts the connectors first that tell most: those with API access, and
// those this machine reaches by itself.
func verifyRank(m model.MigrationMember) int {
	rank := 0
	if !m.Saved.Connector.API.On() {
		rank += 2
	}
	if m.Saved.Connector.Mode == model.ModeDelegate {
		rank++
	}
	return rank
}

// recognise cleans the value and settles its kind.
func (v *Verified) recognise(g model.MigrationGroup) error {
	r := &v.Replacement
	if r.Value.IsZero() {
		if g.Old == model.KindAppPassword || g.Old == model.KindPassword {
			return &model.Problem{
				Code: "password.required", What: "There is no new token yet.", Why: "The one that is stored is " + article(g.Old) + ", which no longer works.",
				Fix: "Make a new one and paste it.", Field: model.QPassword,
			}
		}
		r.Kind = g.Old
		return nil
	}
	if g.Old == model.KindSSHKey {
		r.Kind = model.KindSSHKey
		return nil
	}
	seen := model.RecogniseCredential(r.Value, model.QPassword)
	findings := seen.Findings
	r.Value = seen.Clean
	if r.Kind == "" || r.Kind == model.KindUnknown {
		r.Kind = seen.Kind
	} else {
		findings = append(findings, model.CheckSameKind(r.Kind, seen.Kind, model.QPassword)...)
	}
	if r.Kind == model.KindUnknown && len(g.Kinds) > 0 {
		r.Kind = g.Kinds[0]
	}
	if !slices.Contains(g.Kinds, r.Kind) {
		return wrongKind(g, r.Kind)
	}
	v.Findings = findings
	if f, bad := findings.Worst(); bad && f.Severity == model.SeverityError {
		return problemOf(f, "Nothing was sent.")
	}
	return nil
}

// wrongKind refuses a credential that cannot take the old one's place.
func wrongKind(g model.MigrationGroup, kind model.CredentialKind) *model.Problem {
	wanted := make([]string, len(g.Kinds))
	for i, k := range g.Kinds {
		wanted[i] = article(k)
	}
	code := "token.kind-mismatch"
	if kind == model.KindAppPassword {
		code = "kind.app-password"
	}
	return &model.Problem{
		Code: code, What: fmt.Sprintf("This is %s. %s needs %s.", article(kind), g.Name.Ref(), strings.Join(wanted, " or ")),
		Why: "The beginning of a credential says what it is. Nothing was sent.", Fix: "Make the right one and paste it.",
		Field: model.QPassword, Page: g.Page(g.Kinds[0]),
	}
}

// article is a kind in a sentence.
func article(k model.CredentialKind) string {
	label := model.KindLabel(k)
	if k != model.KindAppPassword && k != model.KindAPIToken && k != model.KindSSHKey && k != model.KindHTTPAccessToken {
		label = strings.ToLower(label[:1]) + label[1:]
	}
	if strings.ContainsRune("aeiouAEIOUHS", rune(label[0])) {
		return "an " + label
	}
	return "a " + label
}

// problemOf is a finding that stops, as a problem.
func problemOf(f model.Finding, why string) *model.Problem {
	p := &model.Problem{Code: f.Code, What: f.Message, Why: why, Fix: f.Fix, Field: f.Field}
	if f.Suggestion != "" {
		p.Mends = []model.Mend{{Field: f.Field, Value: f.Suggestion, Label: "use " + f.Suggestion}}
	}
	return p
}

// refusedBy is what makes the new document one that cannot work.
func refusedBy(c model.MemberChange) *model.Problem {
	if f, bad := c.Findings.Worst(); bad && f.Severity == model.SeverityError {
		return problemOf(f, "The connector "+c.After.Key()+" would not work with it. Nothing was sent.")
	}
	return nil
}

// notTheOld refuses the value that is stored already: it is the one that no longer
// works, or there is nothing to replace.
func (j *Jobs) notTheOld(ctx context.Context, g model.MigrationGroup, value model.Secret) error {
	if value.IsZero() || !g.Known || g.Info.Where == model.WhereCommand || g.Info.Where == model.WhereAsk {
		return nil
	}
	old, err := j.value(ctx, g.Info)
	if err != nil || !old.Equal(value) {
		return nil // that the old one cannot be read is found out when it is to be kept
	}
	return &model.Problem{
		Code: "token.invalid", What: fmt.Sprintf("This is the value that %s has already.", g.Name.Ref()),
		Why: "It was perhaps copied from where the old one is kept.", Fix: "Make a new one and paste that.",
		Field: model.QPassword, Page: g.Page(g.Kinds[0]),
	}
}

// testAs runs the live test of a connector as it would be.
func (j *Jobs) testAs(ctx context.Context, c model.Connector, g model.MigrationGroup, r model.Replacement, report func(model.Check)) (model.TestResult, error) {
	secrets, err := j.Library.Secrets(ctx)
	if err != nil {
		return model.TestResult{}, err
	}
	stand := StandIn{Info: g.NewInfo(r, model.WhereKeyring, model.World{Now: j.Now()}), Value: r.Value}
	run := j.newRun(ctx, secrets, nil).with(map[model.SecretName]StandIn{g.Name: stand})
	req, err := run.request(ctx, c)
	if err != nil {
		return model.TestResult{}, err
	}
	return j.Tester.Test(ctx, req, report), nil
}

// refusal is why the tested credential is not good enough: what the test says, or a
// scope that something in the group needs.
func (v *Verified) refusal(g model.MigrationGroup) *model.Problem {
	if p := v.Result.Problem; p != nil && !Passed(v.Result.Verdict) {
		return p
	}
	missing := missingFor(g.Needs(), v.Result.Rights)
	if len(missing) == 0 {
		return nil
	}
	return &model.Problem{
		Code: "scope.missing", What: "The token lacks " + strings.Join(missing, ", ") + ".",
		Why: "It signs in, and the connectors of " + string(g.Name.Ref()) + " need more of it. The scopes of a token cannot be changed.",
		Fix: "Make another token with all the scopes that are listed, and paste that.", Field: model.QPassword,
		Page: g.Page(v.Replacement.Kind),
	}
}

// warned is what a test that passed says all the same.
func warned(p *model.Problem) model.Findings {
	if p == nil {
		return nil
	}
	return model.Findings{{Code: p.Code, Severity: model.SeverityWarning, Field: p.Field, Message: p.What, Fix: p.Fix}}
}

// missingFor are the scopes to tick that the needs take and the token has not.
func missingFor(needs []model.Need, rights []model.Right) []string {
	var out []string
	for _, right := range rights {
		if !slices.Contains(needs, right.Need) {
			continue
		}
		for _, name := range right.Missing {
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// aboutCredential says that another connector would fail in the same way.
func aboutCredential(p *model.Problem) bool {
	area, _, _ := strings.Cut(p.Code, ".")
	return slices.Contains([]string{"cred", "scope", "account", "token", "kind", "api", "net", "tls"}, area)
}

// otherUser says that the token is not of whoever the old one was of.
func otherUser(g model.MigrationGroup, email, user string) model.Findings {
	before, now := g.User, user
	if before == "" { // the same login string for everybody, as API tokens have for git
		before, now = g.Email, email
	}
	if before == "" || now == "" || strings.EqualFold(before, now) {
		return nil
	}
	return model.Findings{{
		Code: "token.other-user", Severity: model.SeverityWarning, Field: model.QPassword,
		Message: fmt.Sprintf("The token is %s's; until now %s signed in.", now, before),
		Fix:     "Go on if that is meant: what the pipelines may do is then what " + now + " may.",
	}}
}
