package probe

import (
	"context"
	"slices"
	"strings"

	"bbconnect/model"
)

// Reach is the first half of a live test: whether this machine gets a
// connection to the connector's host, and a secure one, over HTTPS to the REST
// API's host as well. No credential is sent and nothing is asked about the
// repository, so the answer itself, a refusal most likely, does not matter. The
// checks have the ids, titles and problems of a live test; those of the REST
// API's host begin with "rest-".
func (p *Prober) Reach(ctx context.Context, c model.Connector, caFile string) []model.Check {
	ctx, cancel := context.WithTimeout(ctx, p.opts.Timeout)
	defer cancel()
	to, known := targetOf(c)
	if !known {
		return nil
	}
	checks := p.reachOne(ctx, c, to, caFile)
	if rest := restOnly(to); c.API.On() && rest.Host != to.Host {
		for _, check := range p.reachOne(ctx, c, rest, caFile) {
			if check.ID == checkClock {
				continue // one clock of Atlassian's is as good as another
			}
			check.ID = "rest-" + check.ID
			checks = append(checks, check)
		}
	}
	return checks
}

// restOnly is the REST API's host as a target of git over HTTP.
func restOnly(to target) target {
	host, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(to.rest, "https://"), "http://"), "/")
	out := target{Address: model.Address{Product: to.Product, Transport: model.HTTP, Host: host}, rest: to.rest}
	out.gitURL = to.rest[:strings.Index(to.rest, host)+len(host)]
	if h, port, ok := strings.Cut(host, ":"); ok && !strings.Contains(port, ":") {
		out.Host = h
	}
	return out
}

// reachOne reaches one host and judges what came of it by the rules about
// connections.
func (p *Prober) reachOne(ctx context.Context, c model.Connector, to target, caFile string) []model.Check {
	t := &test{opts: p.opts, trusted: trusted{roots: p.opts.RootCAs}, to: to}
	t.facts = facts{req: model.TestRequest{Connector: c, CAFile: caFile}, to: to}
	if to.Transport == model.HTTP {
		t.facts.req.Connector.ConnectionType = model.HTTP
	}
	t.stream = newStream(p.opts.Now, nil, t.plan())
	if problem := t.trust(caFile); problem != nil {
		t.stream.skipRest("not tried")
		t.stream.blame(checkTLS, model.CheckFail, problem)
		return connectionChecks(t.stream.close())
	}
	if t.facts.overHTTP() {
		t.facts.proxy = t.proxyFor(to.infoRefs())
		t.reachHTTP(ctx)
	} else {
		t.reachSSH(ctx)
	}
	t.placeSSH()
	t.readClock(ctx)
	t.stream.skipRest("not tried")
	t.blameConnection()
	checks := connectionChecks(t.stream.close())
	if t.clock != nil {
		checks = append(checks, *t.clock)
	}
	return checks
}

func (t *test) reachHTTP(ctx context.Context) {
	w := newWire(t.opts, t.trusted, nil)
	defer w.close()
	t.watch(w)
	t.stream.start(checkReach)
	a := w.get(ctx, strings.TrimRight(rootOf(t.to.gitURL), "/")+"/", login{}, nil, nil)
	a.check = checkGit
	t.facts.git = a
	t.endConnection(a)
	t.endClock(a)
}

// checkClock is the id of the check that compares the clocks.
const checkClock = "clock"

// endClock compares this machine's clock with the server's, as the answer states
// it (Date, RFC 9110 §6.6.1): certificates, tokens and single sign-on judge by
// it.
func (t *test) endClock(a answer) {
	if a.dead() || a.limits.date.IsZero() {
		return
	}
	c := clockFacts{here: a.limits.read, there: a.limits.date}
	t.clock = &model.Check{ID: checkClock, Title: "Clock", Status: model.CheckPass, Detail: "agrees with that of " + clean(t.to.authority())}
	if c.off().Abs() <= maxClockError {
		return
	}
	t.facts.clock = c
	words := strings.NewReplacer(t.facts.clockWords(a)...)
	t.clock.Status, t.clock.Detail = model.CheckWarn, ""
	t.clock.Problem = &model.Problem{
		Code: "machine.clock", What: words.Replace("This machine's clock is wrong by {off}."),
		Why: words.Replace("It says {now}, {servertime} is what " + clean(t.to.authority()) + " says."),
		Fix: "Set the clock: certificates and tokens are judged by it.",
	}
}

// rootOf is an HTTP address without its path.
func rootOf(address string) string {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return address
	}
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host
}

// blameConnection hangs the first problem with a connection on the check it
// explains.
func (t *test) blameConnection() {
	for _, r := range slices.Concat(sshReachRules, netRules, tlsRules, sshRules) {
		evidence, ok := r.when(&t.facts)
		if !ok || !evidence.dead() {
			continue
		}
		at := t.place(r, evidence)
		if at != checkReach && at != checkTLS {
			continue
		}
		t.stream.blame(at, r.severity.status(), r.problem(&t.facts, evidence))
		return
	}
}

// connectionChecks are the checks of the connection alone.
func connectionChecks(all []model.Check) []model.Check {
	return slices.DeleteFunc(all, func(c model.Check) bool { return c.ID != checkReach && c.ID != checkTLS })
}

// reachSSH dials and hears the host key; signing in with nothing is refused by
// then, which is no fault. Where there is no SSH, Data Center's settings say to
// anybody where it is.
func (t *test) reachSSH(ctx context.Context) {
	f := &t.facts
	f.git = answer{asked: true, check: checkGit, host: t.to.sshAddress()}
	_, done := t.connectSSH(ctx, nil)
	defer done()
	if t.stream.status(checkTLS) != model.CheckPass {
		t.endConnection(f.git)
	}
	if f.git.fault.kind == faultKeyRefused {
		f.git.fault = fault{}
	}
	if f.git.dead() {
		t.askSSHSettings(ctx)
	}
}
