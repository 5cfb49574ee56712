package probe

import (
	"strings"

	"bbconnect/model"
)

// conclude reads the facts through the rules, hangs each problem on the check
// it explains, and returns the one to mend first.
func (t *test) conclude() *model.Problem {
	f := &t.facts
	var first *model.Problem
	blamed := map[string]bool{}
	for _, r := range allRules() {
		evidence, ok := r.when(f)
		if !ok {
			continue
		}
		at := t.place(r, evidence)
		if first != nil && (blamed[at] || !t.explains(at, r.severity)) {
			continue
		}
		problem := r.problem(f, evidence)
		if first == nil {
			if t.unreachable = f.viaDelegate() && noConnection(evidence); t.unreachable {
				problem.Fix += " On the delegate's host try: " + t.to.tryCommand(evidence)
			}
			first, t.rule, t.worst = problem, r.name, r.severity
		}
		blamed[at] = true
		t.stream.blame(at, r.severity.status(), problem)
	}
	return first
}

// explains reports whether a further problem belongs on a check: a failure on
// one that failed, a warning on one that ended at all.
func (t *test) explains(at string, s severity) bool {
	status := t.stream.status(at)
	if s == fails {
		return status == model.CheckFail
	}
	return status == model.CheckPass || status == model.CheckWarn
}

// place is the check a problem hangs on: for a fault of git's connection the
// check that was reached, for REST's where API access is off, git's.
func (t *test) place(r rule, evidence answer) string {
	at := r.at
	if at == "" {
		at = evidence.check
	}
	if at == checkGit && evidence.dead() {
		for _, id := range []string{checkReach, checkTLS} {
			if t.stream.status(id) == model.CheckFail {
				return id
			}
		}
	}
	counted := t.facts.counts || at == checkReach || at == checkTLS
	if at == "" || !counted {
		return checkGit
	}
	return at
}

// viaDelegate reports that Harness reaches Bitbucket from somewhere else.
func (f *facts) viaDelegate() bool { return f.req.Connector.Mode == model.ModeDelegate }

// noConnection reports that this machine got no connection: then nothing is
// known of what a delegate would get.
func noConnection(a answer) bool {
	return a.asked && a.fault.net() && a.fault.kind != faultProxyAuth
}

// verdict sums a test up.
func (t *test) verdict(problem *model.Problem) model.Verdict {
	switch {
	case problem == nil:
		return model.VerdictPass
	case t.carried:
		return model.VerdictFail
	case t.unreachable:
		return model.VerdictUnreachable
	case t.worst == warns:
		return model.VerdictWarn
	}
	return model.VerdictFail
}

// keys are the credentials a test may send.
func (t *test) keys(g *gate) []credentialKey {
	var out []credentialKey
	if t.facts.overHTTP() {
		out = append(out, t.gitKey(g))
	}
	if t.facts.counts || t.facts.overHTTP() {
		out = append(out, t.restKey(g))
	}
	return out
}

func (t *test) gitKey(g *gate) credentialKey { return g.key(t.to.Host, t.facts.gitLogin) }

func (t *test) restKey(g *gate) credentialKey {
	host, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(t.to.rest, "https://"), "http://"), "/")
	return g.key(host, t.facts.restLogin)
}

// outcomes says what the hosts thought of each credential. A 401 counts as a
// rejection only where the diagnosis blames the credential: Cloud answers 401
// for a repository that does not exist, Data Center for one that may not be
// seen.
func (t *test) outcomes(g *gate, problem *model.Problem) map[credentialKey][]outcome {
	f := &t.facts
	out := map[credentialKey][]outcome{}
	blamed := problem != nil && aboutCredential(problem.Code)
	if f.overHTTP() {
		switch {
		case f.gitOK():
			out[t.gitKey(g)] = []outcome{outcomeAccepted}
		case blamed && (f.git.refused() || f.git.captcha):
			out[t.gitKey(g)] = []outcome{outcomeRejected}
		}
	}
	key := t.restKey(g)
	switch {
	case !f.restAsked():
	case f.signedIn():
		out[key] = append(out[key], outcomeAccepted)
	case blamed && f.restRefused():
		out[key] = append(out[key], outcomeRejected)
	}
	return out
}

// aboutCredential reports whether a code blames the credential itself.
func aboutCredential(code string) bool {
	family, _, _ := strings.Cut(code, ".")
	switch family {
	case "cred", "token", "kind", "account":
		return true
	}
	return false
}
