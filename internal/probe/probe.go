package probe

import (
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"bbconnect/model"
)

// defaultTimeout bounds a test whose request names no limit.
const defaultTimeout = 15 * time.Second

// Options are what a Prober works with. Every zero field has a default.
type Options struct {
	// Dial makes every connection of every test; the default is the system's.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// RootCAs are trusted for TLS; the default is the system's.
	RootCAs *x509.CertPool
	// KnownHosts are the contents of known_hosts files, read by the caller.
	KnownHosts [][]byte
	// Proxy picks the HTTP proxy of a request, as http.Transport's field of that
	// name; nil means none. SSH never uses it.
	Proxy func(*http.Request) (*url.URL, error)
	// Now is the clock; the default is time.Now.
	Now func() time.Time
	// Timeout bounds a whole test that names no limit; 0 means 15 seconds.
	Timeout time.Duration

	// sshUser is git, as Bitbucket wants it; the tests' own sshd has other users.
	sshUser string
}

// Prober tests connectors. It may be shared by tests that run at the same
// time, and should be: it remembers which credentials a host has rejected, so
// that no account gets locked by testing many connectors that use one secret.
type Prober struct {
	opts Options
	gate *gate
}

// New returns a Prober.
func New(o Options) *Prober {
	if o.Dial == nil {
		o.Dial = systemDialer()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.sshUser == "" {
		o.sshUser = model.UserSSH
	}
	return &Prober{opts: o, gate: newGate()}
}

// Test runs the live test of one connector. report, which may be nil, hears of
// every check when it starts and when it ends, one at a time, under ids that
// are stable; a check whose cause is known only at the end of the test is
// reported once more with its problem. It is not called after Test returned.
//
// The result always comes, at the latest when the request's timeout has
// passed. A test that was cancelled has the verdict fail, no problem, and its
// open checks skipped as cancelled; the caller knows from its own context.
func (p *Prober) Test(ctx context.Context, req model.TestRequest, report func(model.Check)) model.TestResult {
	result, _ := p.test(ctx, req, report)
	return result
}

// test is Test, with what it found out.
func (p *Prober) test(ctx context.Context, req model.TestRequest, report func(model.Check)) (model.TestResult, *test) {
	limit := req.Timeout
	if limit <= 0 {
		limit = p.opts.Timeout
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	began := p.opts.Now()
	t, problem := p.newTest(req, report)
	if problem != nil {
		t.stream.skipRest("not tried")
		t.stream.blame(checkGit, model.CheckFail, problem)
	} else {
		problem = p.runOnce(ctx, t)
	}
	verdict := t.verdict(problem)
	if context.Cause(ctx) == context.Canceled {
		t.stream.skipRest("cancelled")
		verdict, problem = model.VerdictFail, nil
	}
	t.stream.skipRest("not tried")
	return model.TestResult{
		Connector: req.Connector.Key(),
		Verdict:   verdict,
		StartedAt: began,
		Duration:  p.opts.Now().Sub(began),
		Problem:   problem,
		Checks:    t.stream.close(),
	}, t
}

// runOnce runs a test unless its credential was rejected too often before.
func (p *Prober) runOnce(ctx context.Context, t *test) *model.Problem {
	keys := t.keys(p.gate)
	ticket, carried := p.gate.enter(ctx, keys)
	if carried != nil {
		t.carried = true
		t.stream.skipRest("not sent: this credential was rejected twice before")
		return carried
	}
	if ticket == nil {
		t.stream.skipRest("not sent: other tests of this credential took too long")
		return &model.Problem{
			Code: "net.timeout", Cause: ctx.Err(),
			What: "Other tests that use the same credential took too long.",
			Why:  "It is sent by a few tests at a time until the server has accepted it once, so that no account gets locked.",
			Fix:  "Test one of the connectors alone first.",
		}
	}
	t.run(ctx)
	problem := t.conclude()
	p.gate.leave(ticket, t.outcomes(p.gate, problem), problem)
	return problem
}

// test is one run of one connector's test.
type test struct {
	opts    Options
	roots   *x509.CertPool
	secrets []string
	stream  *stream
	to      target
	facts   facts
	// carried says that the problem is that of an earlier test.
	carried bool
	// rule names the row that matched first, worst is its severity.
	rule  string
	worst severity
}

// newTest understands the request. A problem means that nothing can be sent.
func (p *Prober) newTest(req model.TestRequest, report func(model.Check)) (*test, *model.Problem) {
	to, known := targetOf(req.Connector)
	t := &test{opts: p.opts, roots: p.opts.RootCAs, to: to}
	t.facts = facts{req: req, to: to, counts: req.Connector.API.On()}
	t.stream = newStream(p.opts.Now, report, t.plan())
	if !known {
		return t, &model.Problem{
			Code: "url.malformed", Field: model.QURL,
			What: "The address names no Bitbucket.", Fix: "Paste the clone address of the repository.",
		}
	}
	if problem := t.lacking(); problem != nil {
		return t, problem
	}
	t.setLogins()
	if t.facts.overHTTP() {
		t.facts.proxy = t.proxyFor(to.infoRefs())
	}
	if t.facts.proxy == "" {
		t.facts.proxy = t.proxyFor(to.rest)
	}
	return t, t.trust(req.CAFile)
}

// proxyFor is the host of the proxy an address is asked through, "" for none.
func (t *test) proxyFor(address string) string {
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil || t.opts.Proxy == nil {
		return ""
	}
	proxy, err := t.opts.Proxy(req)
	if err != nil || proxy == nil {
		return ""
	}
	return clean(proxy.Host)
}

// setLogins decides what each channel signs in with.
func (t *test) setLogins() {
	f, req := &t.facts, t.facts.req
	secret := req.Password
	if f.overHTTP() {
		f.gitLogin = login{user: req.Username, secret: req.Password}
		seen := model.RecogniseCredential(req.Password, model.QPassword)
		f.gitKind = kindOf(seen.Kind, req.Kind)
		f.note(seen)
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
	if !f.overHTTP() {
		f.note(seen)
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

// note keeps what the shape of a credential says beyond its kind.
func (f *facts) note(seen model.Recognised) {
	_, f.clipped = seen.Findings.Code("token.clipped")
	_, f.foreign = seen.Findings.Code("token.other-vendor")
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
	missing := func(code string, field model.QuestionID, what, fix string) *model.Problem {
		return &model.Problem{Code: code, Field: field, What: what, Why: "A test without it would prove nothing.", Fix: fix}
	}
	overHTTP := t.facts.overHTTP()
	switch {
	case !t.to.repository && req.Connector.URLType == model.URLAccount:
		return missing("testrepo.required", model.QTestRepository, "There is no test repository.", "Name one repository of the account; Harness skips its own check of git without it.")
	case !t.to.repository:
		return missing("url.repo-missing", model.QURL, "The address names no repository.", "Paste the clone address of the repository, or choose Account.")
	case overHTTP && req.Password.IsZero():
		return missing("cred.missing", model.QPassword, "There is no token to sign in with.", "Paste the token, or pick a saved secret.")
	case overHTTP && req.Username == "":
		return missing("cred.missing", model.QUsername, "There is no user name for git.", "Enter the user name; "+model.UserAPIToken+" serves every API token of Bitbucket Cloud.")
	case !overHTTP && req.SSHKey.IsZero():
		return missing("cred.missing", model.QSSHKey, "There is no SSH key to sign in with.", "Paste a private key in PEM format, or make one.")
	case t.facts.counts && req.APIToken.IsZero() && req.Password.IsZero():
		return missing("cred.missing", model.QAPIToken, "There is no token for the REST API.", "Paste the token, or pick a saved secret.")
	}
	return nil
}

// trust adds the connector's own CA file to the trusted ones.
func (t *test) trust(file string) *model.Problem {
	if file == "" {
		return nil
	}
	pem, err := os.ReadFile(file)
	pool := t.roots.Clone()
	if t.roots == nil {
		if pool, _ = x509.SystemCertPool(); pool == nil {
			pool = x509.NewCertPool()
		}
	}
	if err != nil || !pool.AppendCertsFromPEM(pem) {
		return &model.Problem{
			Code: "tls.unknown-ca", Cause: err,
			What: "The CA file " + clean(file) + " holds no certificate that can be read.",
			Why:  "It was moved, or is not in PEM format.",
			Fix:  "Name a PEM file with the authority's certificate (--ca-file).",
		}
	}
	t.roots = pool
	return nil
}

// plain reports that git goes over HTTP without TLS.
func (t *test) plain() bool { return strings.HasPrefix(t.to.gitURL, "http://") }

// plan lists the checks of this test with their first titles.
func (t *test) plan() []model.Check {
	reach := t.to.authority()
	second := model.Check{ID: checkTLS, Title: "Secure connection"}
	if !t.facts.overHTTP() {
		reach, second.Title = t.to.sshAddress(), "Host key of "+clean(t.to.Host)
	}
	return []model.Check{
		{ID: checkReach, Title: "Reach " + clean(reach)},
		second,
		{ID: checkGit, Title: "Read the repository with git"},
		{ID: checkREST, Title: "Sign in to the REST API"},
		{ID: checkRepository, Title: "Find the repository in the REST API"},
		{ID: checkScopes, Title: "Scopes and webhooks"},
	}
}

// run asks both channels at once. With API access off the REST API is asked
// only after git has failed, to find the reason; it never decides then.
func (t *test) run(ctx context.Context) {
	if !t.facts.counts {
		for _, id := range []string{checkREST, checkRepository, checkScopes} {
			t.stream.end(id, model.CheckSkip, "", "API access is off")
		}
	}
	var channels sync.WaitGroup
	channels.Go(func() {
		if t.facts.overHTTP() {
			t.gitHTTP(ctx)
		} else {
			t.gitSSH(ctx)
		}
	})
	if t.facts.counts {
		channels.Go(func() { t.rest(ctx) })
	}
	channels.Wait()
	f := &t.facts
	if !f.counts && f.overHTTP() && !f.gitOK() && !f.git.dead() && ctx.Err() == nil {
		t.rest(ctx)
	}
}
