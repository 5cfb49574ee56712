package probe

import (
	"crypto/tls"
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"bbconnect/internal/realgit"
	"bbconnect/model"
)

const insideHost = "git.acme.internal"

// insideServer is a sound Data Center under a name for the inside of a network.
func insideServer() map[string]reply {
	out := map[string]reply{}
	for at, r := range soundServer() {
		out[strings.Replace(at, dcHost, insideHost, 1)] = r
	}
	return out
}

// inside leads a connector there.
func inside(r *model.TestRequest) {
	r.Connector.URL = strings.Replace(r.Connector.URL, dcHost, insideHost, 1)
}

// resolved says that names stand for where they lead, which is loopback here.
func resolved(_ *testing.T, _ *world, o *Options) { o.resolves = true }

// reachScenarios are connectors that work from here, and yet.
func reachScenarios() []scenario {
	const code, rule = "connectivity.harness-cloud", "the platform cannot reach a private address"
	named := serveTLS(func(t testing.TB, w *world) tls.Certificate {
		return w.ca.issueAs(t, func(c *x509.Certificate) { c.DNSNames = append(c.DNSNames, insideHost) })
	})
	secure := func(r *model.TestRequest) { r.Connector.SecureConnect = true }
	plain := func(t *testing.T, w *world, o *Options) { plainly(w.serve)(t, w, o) }
	pass, warn := model.VerdictPass, model.VerdictWarn
	list := []scenario{
		{
			name: "a private name through the platform", change: inside, script: insideServer(), options: named, verdict: warn, code: code, rule: rule, mend: "delegate",
			checks: map[string]model.CheckStatus{checkReach: model.CheckWarn, checkGit: model.CheckPass}, says: []string{"Secure Connect"},
		},
		{name: "a public name with a private address, through the platform", options: resolved, verdict: warn, code: code, rule: rule},
		{name: "a private address through a delegate", change: viaDelegate, options: resolved, verdict: pass},
		{name: "a private address through Secure Connect", change: secure, options: resolved, verdict: pass},
		{
			name: "a private address is not spoken of where the credential is dead", options: resolved, script: map[string]reply{serverGit: text(401, ""), serverProps: serverDenied()},
			verdict: model.VerdictFail, code: "cred.rejected", rule: "the credential is rejected", checks: map[string]model.CheckStatus{checkReach: model.CheckPass},
		},
		{
			name: "plain HTTP works", change: plainURL, options: plain, verdict: warn, code: "url.plain-http", rule: "plain HTTP works",
			mend: "https://" + dcHost + "/scm/PAY/ledger.git", checks: map[string]model.CheckStatus{checkTLS: model.CheckWarn, checkGit: model.CheckPass},
		},
		{
			name: "plain HTTP to a private address", change: plainURL, verdict: warn, code: code, rule: rule,
			options: func(t *testing.T, w *world, o *Options) { plain(t, w, o); resolved(t, w, o) },
			checks:  map[string]model.CheckStatus{checkReach: model.CheckWarn, checkTLS: model.CheckWarn},
		},
	}
	for i := range list {
		list[i].server = true
	}
	return append(list, scenario{name: "Cloud through a network of our own", options: resolved, verdict: pass})
}

// The program's own dialer, and no other, tells where a name leads.
func TestAServerOnThisMachineIsOutOfThePlatformsReach(t *testing.T) {
	t.Parallel()
	password := strings.Repeat("Ca1ary", 4)
	server := realgit.Start(t, realgit.Options{User: "jdoe", Password: password})
	req := serverRequest()
	apiOff(&req)
	req.Connector.URL, req.Username, req.Password = server.RepositoryURL(), "jdoe", model.NewSecret(password)
	result := New(Options{Timeout: time.Minute}).Test(t.Context(), req, nil)
	compare(t, result, model.VerdictWarn, "connectivity.harness-cloud")
	viaDelegate(&req)
	compare(t, New(Options{Timeout: time.Minute}).Test(t.Context(), req, nil), model.VerdictPass, "")
}

func TestACAFileThatVouchesIsRemembered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, soundServer())
	for name, c := range map[string]struct {
		file authority
		want bool
	}{"its own authority": {w.ca, true}, "somebody else's": {newAuthority(t, "Else"), false}} {
		req := serverRequest()
		req.CAFile = caFile(t, c.file)
		result, inner := New(w.options()).test(t.Context(), req, nil)
		compare(t, result, model.VerdictPass, "")
		if inner.facts.ownCA != c.want {
			t.Errorf("%s: %v", name, inner.facts.ownCA)
		}
	}
}
