package probe

import (
	"net/url"
	"slices"
	"strings"

	"bbconnect/model"
)

// severity is what a rule does to the verdict.
type severity int

const (
	fails severity = iota
	warns
)

// status is the check's status under a problem of this severity.
func (s severity) status() model.CheckStatus {
	if s == warns {
		return model.CheckWarn
	}
	return model.CheckFail
}

// rule is one row: when the facts look like this, that is the problem.
//
// what, why and fix are sentences with names in braces: {host} who was asked,
// {repo} owner/slug, {owner}, {slug}, {login} git's user name, {user} who the
// REST API says we are ({User} at the beginning of a sentence), {said} the server's own words as a sentence, {detail}
// what the fault adds, {missing} scopes, {url} and {api} the addresses, {to}
// where a redirect leads, as a sentence, {proxy} the proxy, {expired} and
// {apiexpired} the days the credentials ended, {where} where user names stand, as
// a sentence, {harnessapi} and {harnessrepo} what Harness takes for the REST API's
// address and the repository, {written} the host as the connector has it.
type rule struct {
	// name says the situation; no two rules share one.
	name string
	code string
	when condition
	// severity is fails unless said otherwise.
	severity severity
	// at is the check it hangs on; "" means the one the evidence belongs to.
	at string

	what, why, fix string
	field          model.QuestionID
	// mends offers answers, best first; nil means none.
	mends func(*facts, answer) []model.Mend
	// page is where a person mends it in a browser; nil means nowhere.
	page func(*facts) string
}

// condition looks at the facts and hands back the answer that shows it.
type condition func(*facts) (evidence answer, ok bool)

// question asks about one answer.
type question func(answer) bool

// onGit asks about git's answer.
func onGit(q question) condition {
	return func(f *facts) (answer, bool) { return f.git, f.git.asked && q(f.git) }
}

// onREST asks about the REST API's answers, in order, but for webhooks: what
// they refuse is no refusal of the connector.
func onREST(q question) condition {
	return func(f *facts) (answer, bool) {
		for _, a := range f.restAnswers() {
			if a.check != checkScopes && q(a) {
				return a, true
			}
		}
		return answer{}, false
	}
}

// onDeciding asks about git's answer, then, with API access on, the REST
// API's. Rows about the wire and the server use it: a REST API that cannot be
// reached explains nothing about git.
func onDeciding(q question) condition {
	return either(onGit(q), all(onREST(q), that(func(f *facts) bool { return f.counts })))
}

// onAny asks about git's answer, then the REST API's, whether it decides or
// was only asked for the reason.
func onAny(q question) condition {
	return either(onGit(q), onREST(q))
}

// either is met by the first condition that is.
func either(list ...condition) condition {
	return func(f *facts) (answer, bool) {
		for _, c := range list {
			if a, ok := c(f); ok {
				return a, true
			}
		}
		return answer{}, false
	}
}

// all is met when every condition is; the first one's evidence counts.
func all(list ...condition) condition {
	return func(f *facts) (first answer, ok bool) {
		for i, c := range list {
			a, ok := c(f)
			if !ok {
				return answer{}, false
			}
			if i == 0 {
				first = a
			}
		}
		return first, true
	}
}

// not turns a condition round.
func not(c condition) condition {
	return func(f *facts) (answer, bool) {
		_, ok := c(f)
		return f.git, !ok
	}
}

// that asks about the facts as a whole.
func that(q func(*facts) bool) condition {
	return func(f *facts) (answer, bool) { return f.git, q(f) }
}

// The questions rules are made of.
func status(codes ...int) question {
	return func(a answer) bool { return !a.dead() && slices.Contains(codes, a.status) }
}

func says(phrases ...string) question {
	return func(a answer) bool { return holds(a.said, phrases...) }
}

func exception(names ...string) question {
	return func(a answer) bool { return slices.Contains(names, a.exception) }
}

func faulty(kinds ...faultKind) question {
	return func(a answer) bool { return slices.Contains(kinds, a.fault.kind) && a.dead() }
}

func both(p, q question) question { return func(a answer) bool { return p(a) && q(a) } }
func or(p, q question) question   { return func(a answer) bool { return p(a) || q(a) } }

// redirected asks where a redirect points.
func redirected(q func(to *url.URL) bool) question {
	return func(a answer) bool { return a.status/100 == 3 && a.location != nil && q(a.location) }
}

// problem fills the row's sentences in.
func (r rule) problem(f *facts, a answer) *model.Problem {
	fill := f.replacer(a)
	p := &model.Problem{
		Code: r.code, Field: r.field, Cause: a.fault.err,
		What: tidy(fill.Replace(r.what)), Why: tidy(fill.Replace(r.why)), Fix: tidy(fill.Replace(r.fix)),
	}
	if r.mends != nil {
		p.Mends = f.valid(r.mends(f, a))
		if len(p.Mends) > 0 && p.Field == "" {
			p.Field = p.Mends[0].Field
		}
	}
	if r.page != nil {
		p.Page = r.page(f)
	}
	f.network(r, a, p)
	f.sshHelp(r, p)
	return p
}

// tidy takes the blank of an empty name out.
func tidy(text string) string { return strings.TrimSpace(strings.ReplaceAll(text, "  ", " ")) }

// replacer knows the names in braces.
func (f *facts) replacer(a answer) *strings.Replacer {
	host := a.host
	if host == "" {
		host = f.to.authority()
	}
	said := ""
	if a.said != "" {
		said = "The server says: “" + a.said + "”"
	}
	to := ""
	if u := a.leads(); u != nil {
		to = "It leads to " + u.Scheme + "://" + u.Host + "."
	}
	login := f.gitLogin.user
	user, begin := f.restUser(), f.restUser()
	if user == "" {
		user, begin = "the token's account", "The token's account"
	}
	return strings.NewReplacer(append(append(f.networkWords(a), f.sshWords()...),
		"{host}", clean(host), "{repo}", clean(f.to.name()), "{owner}", clean(f.to.owner), "{slug}", clean(f.to.slug),
		"{login}", clean(login), "{user}", user, "{User}", begin, "{said}", said, "{detail}", a.fault.detail,
		"{missing}", strings.Join(f.toTick(a), ", "), "{url}", clean(f.to.gitURL), "{api}", clean(f.to.rest),
		"{to}", clean(to), "{proxy}", f.proxy, "{restlogin}", clean(f.restLogin.user),
		"{key}", f.ssh.key.text, "{expired}", dayOf(f.req.Expires), "{apiexpired}", dayOf(f.apiExpires()), "{where}", f.whereNamesStand(),
		"{harnessapi}", clean(f.harness.API), "{harnessrepo}", clean(f.harness.Repository), "{written}", f.writtenHost(),
		"{cut}", model.CutText(f.req.Password), "{restcut}", model.CutText(f.req.APIToken),
	)...)
}

// valid drops the mends their own question would refuse: part of them comes
// from servers.
func (f *facts) valid(mends []model.Mend) []model.Mend {
	if len(mends) == 0 {
		return mends
	}
	draft := model.DraftOf(f.req.Connector, model.World{})
	switch {
	case isAccessToken(f):
		draft = draft.With(model.QKind, string(model.KindAccessToken))
	case f.credential() == "api_token":
		draft = draft.With(model.QKind, string(model.KindAPIToken))
	case f.gitKind != model.KindUnknown:
		draft = draft.With(model.QKind, string(f.gitKind))
	}
	return slices.DeleteFunc(mends, func(m model.Mend) bool {
		return model.ValidateAnswer(m.Field, draft.With(m.Field, m.Value), model.World{Now: f.now}).HasErrors()
	})
}
