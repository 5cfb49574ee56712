package probe

import (
	"net/url"
	"slices"
	"strings"

	"bbconnect/model"
)

// conclude reads the facts through the rules, hangs each problem on the check
// it explains, and returns the one to mend first.
func (t *test) conclude() *model.Problem {
	f := &t.facts
	f.heard = f.restAnswers()
	var first *model.Problem
	blamed := map[string]bool{}
	for _, r := range allRules() {
		for _, evidence := range f.shows(r) {
			at := t.place(r, evidence)
			if first != nil && (blamed[at] || !t.explains(at, r.severity)) {
				continue
			}
			problem := r.problem(f, evidence)
			if first == nil {
				t.unreachable = f.viaDelegate() && noConnection(evidence)
				if f.fromElsewhere(evidence) {
					problem.Commands = t.commands(checkGit, checkREST)
					problem.Fix += " " + t.promise(checkGit, checkREST)
				}
				first, t.rule, t.worst = problem, r.name, r.severity
			} else if f.fromElsewhere(evidence) {
				problem.Commands = t.commands(evidence.check)
				problem.Fix += " " + t.promise(evidence.check)
			}
			blamed[at] = true
			t.rows = append(t.rows, r.name)
			t.stream.blame(at, r.severity.status(), problem)
		}
	}
	return first
}

// shows are the answers that meet a rule: the first, and where that is git's
// the REST API's as well, so that both checks say why they failed.
func (f *facts) shows(r rule) []answer {
	first, ok := r.when(f)
	if !ok {
		return nil
	}
	out := []answer{first}
	if f.counts && r.at == "" && first.check == checkGit {
		rest := *f
		rest.git = answer{}
		if second, ok := r.when(&rest); ok && second.asked {
			out = append(out, second)
		}
	}
	return out
}

// explains reports whether a further problem belongs on a check: a failure on
// one that failed, a warning on one that ended at all.
func (t *test) explains(at string, s severity) bool {
	status := t.stream.status(at)
	if s == fails {
		return status == model.CheckFail
	}
	// Where there is no TLS, that is what a warning may be about.
	return status == model.CheckPass || status == model.CheckWarn || at == checkTLS && status == model.CheckSkip
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

// fromElsewhere reports a failure that a delegate may not have.
func (f *facts) fromElsewhere(evidence answer) bool {
	return f.viaDelegate() && evidence.dead() && evidence.fault.placed()
}

// noConnection reports that this machine got no connection: then nothing is
// known of what a delegate would get. A proxy that wants a login is this
// machine's own trouble to mend, TLS that fails is the server's, and a server
// that takes a request and is silent would be so to everyone: these fail.
func noConnection(a answer) bool {
	silent := a.fault.kind == faultTimeout && a.fault.phase == phaseAnswer
	return a.asked && a.fault.net() && a.fault.kind != faultProxyAuth && !silent && a.fault.phase != phaseBody
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

// keys are the credentials a test sends; one that both channels send stands
// twice. That of a REST API which is asked only for the reason is not among
// them: it is wanted when git has failed.
func (t *test) keys(g *gate) []credentialKey {
	out := []credentialKey{t.gitKey(g)}
	if t.facts.counts {
		out = append(out, t.restKey(g))
	}
	return out
}

// gitKey stands for git's credential. The key over SSH counts like a password:
// servers and what guards them keep an address out that fails too often.
func (t *test) gitKey(g *gate) credentialKey {
	if !t.facts.overHTTP() {
		return g.key(t.to.Host, login{user: "ssh " + t.opts.sshUser, secret: t.facts.req.SSHKey})
	}
	return g.key(t.to.Host, t.facts.gitLogin)
}

// restKey stands for the REST API's. The port does not matter: behind every
// port of a host the accounts are the same.
func (t *test) restKey(g *gate) credentialKey {
	host := t.to.Host
	if u, err := url.Parse(t.to.rest); err == nil {
		host = u.Hostname()
	}
	return g.key(host, t.facts.restLogin)
}

// outcomes says what the hosts thought of each credential.
func (t *test) outcomes(g *gate, problem *model.Problem) map[credentialKey][]outcome {
	f := &t.facts
	out := map[credentialKey][]outcome{}
	note := func(k credentialKey, o outcome) { out[k] = append(out[k], o) }
	explained := problem != nil && explainsRefusal(problem.Code)
	switch key := t.gitKey(g); {
	case f.gitOK() && f.public: // nobody has looked at it
	case f.gitOK():
		note(key, outcomeAccepted)
	case f.git.wantsCaptcha():
		note(key, outcomeBarred)
	case problem != nil && problem.Code == "ssh.key-rejected", f.git.fault.kind == faultKeyRefused, f.git.refused() && !explained && !f.git.foreignPage():
		note(key, outcomeRejected)
	case !f.overHTTP() && f.git.fault.kind == noFault && f.git.said != "":
		note(key, outcomeAccepted)
	}
	if !f.restAsked() {
		return out
	}
	switch key, answers := t.restKey(g), f.restAnswers(); {
	case slices.ContainsFunc(answers, answer.wantsCaptcha):
		note(key, outcomeBarred)
	case f.signedIn():
		note(key, outcomeAccepted)
	case f.restRefused() && !explained && !slices.ContainsFunc(answers, answer.foreignPage):
		note(key, outcomeRejected)
	}
	return out
}

// wantsCaptcha reports Data Center's answer to an account with too many wrong
// passwords.
func (a answer) wantsCaptcha() bool {
	return a.captcha || a.exception == "CaptchaRequiredAuthenticationException" || a.status/100 == 4 && says("CAPTCHA")(a)
}

// foreignPage reports a login page that is not Bitbucket's: what stands in
// front of it did not pass the credential on.
func (a answer) foreignPage() bool { return a.html && a.loginPage && !a.bitbucket }

// explainsRefusal reports a code under which a 401 is no rejection: Cloud
// answers 401 for a repository that does not exist, Data Center for one that
// may not be seen. Under every other code it counts, also where something else
// is to be mended first: the server has counted it too.
func explainsRefusal(code string) bool {
	family, _, _ := strings.Cut(code, ".")
	switch family {
	case "repo", "project", "workspace", "permission", "access", "scope":
		return true
	}
	return code == "net.ip-allowlist"
}

// rejection is the problem that later tests of a rejected credential carry:
// the first that blames the credential, else the test's own. A test in which
// everything was accepted has none.
func (t *test) rejection(own *model.Problem) *model.Problem {
	f := &t.facts
	if own == nil && f.gitOK() && !f.restRefused() && !slices.ContainsFunc(f.restAnswers(), answer.wantsCaptcha) {
		return nil
	}
	if own != nil && aboutCredential(own.Code) {
		return own
	}
	for _, r := range allRules() {
		if !aboutCredential(r.code) || r.severity != fails {
			continue
		}
		if evidence, ok := r.when(&t.facts); ok {
			return r.problem(&t.facts, evidence)
		}
	}
	if own != nil {
		return own
	}
	return &model.Problem{
		Code: "cred.rejected", Field: model.QPassword, What: "The credential was not accepted.",
		Why: clean(t.to.Host) + " refused it.", Fix: "Make a new token and paste the whole of it.",
	}
}

// unheard reports that the host gave no answer at all.
func (t *test) unheard() bool { return noConnection(t.facts.git) }

// aboutCredential reports whether a code blames the credential itself.
func aboutCredential(code string) bool {
	family, _, _ := strings.Cut(code, ".")
	switch family {
	case "cred", "token", "kind", "account":
		return true
	}
	return code == "ssh.key-rejected"
}
