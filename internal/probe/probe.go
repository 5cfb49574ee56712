package probe

import (
	"context"
	"crypto/x509"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
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
	// KnownHosts are known_hosts files, read by the caller.
	KnownHosts []KnownHosts
	// Proxy picks the HTTP proxy of a request, as http.Transport's field of that
	// name; nil means none. SSH never uses it.
	Proxy func(*http.Request) (*url.URL, error)
	// Now is the clock; the default is time.Now.
	Now func() time.Time
	// Timeout bounds a whole test that names no limit; 0 means 15 seconds.
	Timeout time.Duration
	// Log, when set, is told of every request, without credentials (log.go).
	Log *slog.Logger

	// sshUser is git, as Bitbucket wants it; the tests' own sshd has other users.
	sshUser string
	// resolves says that Dial leads to where the name does.
	resolves bool
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
		o.Dial, o.resolves = systemDialer(), true
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

// WithKnownHosts is the same Prober, with the same memory of rejected
// credentials, for other known hosts: one may have been accepted meanwhile.
func (p *Prober) WithKnownHosts(files []KnownHosts) *Prober {
	o := p.opts
	o.KnownHosts = files
	return &Prober{opts: o, gate: p.gate}
}

// Test runs the live test of one connector. report, which may be nil, hears of
// every check when it starts and when it ends, one at a time, under ids that
// are stable; a check whose cause is known only at the end of the test is
// reported once more with its problem. It must not block for long, since the
// test waits for it, and is not called after Test returned.
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
		User:      t.facts.restUser(),
		Rights:    t.facts.rights(),
		Notes:     t.facts.notes(verdict, problem),
	}, t
}

// runOnce runs a test unless its credential was rejected too often before.
func (p *Prober) runOnce(ctx context.Context, t *test) *model.Problem {
	ticket, refused := p.gate.enter(ctx, t.keys(p.gate))
	if refused != nil {
		return t.notSent(ctx, refused)
	}
	var (
		problem  *model.Problem
		outcomes map[credentialKey][]outcome
	)
	defer func() { p.gate.leave(ticket, outcomes, t.rejection(problem), t.unheard()) }()
	t.single = ticket.single
	if t.facts.counts { // else git alone is sent, and its answer may be to anybody
		keys := t.keys(p.gate)
		t.stream.proved = func() { p.gate.accept(ticket, keys) }
	}
	t.run(ctx, func() bool { return p.mayAskReason(ctx, t, ticket) })
	problem = t.conclude()
	outcomes = t.outcomes(p.gate, problem)
	return problem
}

// mayAskReason takes the REST API's credential for a test that needs it only
// now. Nothing else is waited for by those that hold it, so nobody waits in a
// circle; a login that git has just been refused with is not sent again.
func (p *Prober) mayAskReason(ctx context.Context, t *test, held *ticket) bool {
	key := t.restKey(p.gate)
	if _, sent := held.tries[key]; sent && t.facts.git.refused() {
		return false
	}
	more, refused := p.gate.enter(ctx, []credentialKey{key})
	if refused != nil {
		return false
	}
	held.tries[key] += more.tries[key]
	return true
}

// notSent ends a test whose credential stays here.
func (t *test) notSent(ctx context.Context, why *refusal) *model.Problem {
	switch {
	case why.problem != nil:
		t.carried = true
		t.stream.skipRest("not sent: this credential was rejected before, and sending it again could lock the account")
		return why.problem
	case why.unheard != nil:
		t.unreachable = t.facts.viaDelegate()
		t.stream.skipRest("not sent: other tests of this credential got no answer")
		return why.unheard
	}
	t.stream.skipRest("not sent: other tests of this credential took too long")
	return &model.Problem{
		Code: "net.timeout", Cause: ctx.Err(),
		What: "Other tests that use the same credential took too long.",
		Why:  "It is sent by a few tests at a time until the server has accepted it once, so that no account gets locked.",
		Fix:  "Test one of the connectors alone first.",
	}
}

// test is one run of one connector's test.
type test struct {
	opts    Options
	trusted trusted
	secrets []string
	stream  *stream
	to      target
	facts   facts
	// single says that both channels use one credential, which one rejection more
	// takes out of use: the REST API gets it only after git had it accepted.
	single bool
	// carried says that the problem is that of an earlier test.
	carried bool
	// rule names the row that matched first, worst is its severity; rows are all
	// that hang on a check.
	rule  string
	rows  []string
	worst severity
	// clock is the check that compares the clocks, where only the connection is
	// looked at.
	clock *model.Check
	// unreachable says that the problem is a connection a delegate may get.
	unreachable bool
	// private and ownCA are heard while the channels run.
	private, ownCA atomic.Bool
}

// newTest understands the request. A problem means that nothing can be sent.
func (p *Prober) newTest(req model.TestRequest, report func(model.Check)) (*test, *model.Problem) {
	to, known := targetOf(req.Connector)
	t := &test{opts: p.opts, trusted: trusted{roots: p.opts.RootCAs}, to: to}
	t.facts = facts{req: req, to: to, counts: req.Connector.API.On(), now: p.opts.Now(), harness: model.ReadAsHarness(req.Connector)}
	t.stream = newStream(p.opts.Now, report, t.plan())
	t.stream.announce()
	if p.opts.resolves {
		t.opts.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := p.opts.Dial(ctx, network, addr)
			if err == nil {
				t.noteAddress(addr, conn)
			}
			return conn, err
		}
	}
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

// plain reports that git goes over HTTP without TLS.
func (t *test) plain() bool { return strings.HasPrefix(t.to.gitURL, "http://") }

// secured reports that git or the REST API is asked over TLS from the start.
func (t *test) secured() bool {
	return t.facts.counts && strings.HasPrefix(t.to.rest, "https://") || t.facts.overHTTP() && !t.plain()
}

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
// only after git has failed, to find the reason, and when mayAsk allows it; it
// never decides then.
func (t *test) run(ctx context.Context, mayAsk func() bool) {
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
		if t.facts.counts && t.single && t.facts.gitOK() {
			t.rest(ctx)
		}
	})
	if t.facts.counts && !t.single {
		channels.Go(func() { t.rest(ctx) })
	}
	if t.secured() {
		channels.Go(t.trusted.prepare)
	}
	channels.Wait()
	f := &t.facts
	if !f.counts && f.overHTTP() && !f.gitOK() && !f.git.dead() && ctx.Err() == nil && mayAsk() {
		t.rest(ctx)
	}
	t.askSSHSettings(ctx)
	t.placeSSH()
	t.readClock(ctx)
	f.private, f.ownCA = t.private.Load(), t.ownCA.Load()
}
