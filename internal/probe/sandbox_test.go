package probe

import (
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"bbconnect/internal/sandbox"
	"bbconnect/model"
)

// The sandbox was written by another hand and shares no code with the probe:
// where the two agree, neither is merely agreeing with itself.

// newSandbox starts one with the connector's key known at both products.
func newSandbox(t *testing.T, scenario string, change func(*sandbox.Options)) (*sandbox.Sandbox, *Prober) {
	t.Helper()
	o := sandbox.Options{Scenario: scenario, AuthorizedKeys: []sandbox.Key{{
		User: "jdoe", Line: string(ssh.MarshalAuthorizedKey(hostSigner(t, rsaKey()).PublicKey())),
	}}}
	if change != nil {
		change(&o)
	}
	s, err := sandbox.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	limit := time.Minute
	if scenario == "hangs" || scenario == "slow" {
		limit = time.Second // the limit itself is what ends these
	}
	return s, New(Options{Dial: s.Dial, RootCAs: s.RootCAs(), KnownHosts: [][]byte{s.KnownHosts()}, Timeout: limit})
}

// sandboxRequest is the sound connector of one product and connection type.
func sandboxRequest(s *sandbox.Sandbox, product sandbox.Product, token sandbox.TokenName) model.TestRequest {
	req := cloudRequest()
	if product == sandbox.DataCenter {
		req = serverRequest()
	}
	req.Kind = model.KindUnknown
	req.Password = model.NewSecret(s.Secret(token))
	switch token {
	case sandbox.TokenRepository, sandbox.TokenProject, sandbox.TokenWorkspace:
		withAccessToken(&req)
		req.Password = model.NewSecret(s.Secret(token))
	}
	return req
}

func TestTheSandboxIsDiagnosed(t *testing.T) {
	t.Parallel()
	type expectation struct {
		scenario string
		product  sandbox.Product
		verdict  model.Verdict
		code     string
	}
	const cloud, server = sandbox.Cloud, sandbox.DataCenter
	for _, e := range []expectation{
		{"healthy", cloud, model.VerdictPass, ""},
		{"healthy", server, model.VerdictPass, ""},
		{"app-password-retired", cloud, model.VerdictFail, "cred.app-password-retired"},
		{"account-password", cloud, model.VerdictFail, "cred.account-password"},
		{"token-revoked", cloud, model.VerdictFail, "cred.rejected"},
		{"token-revoked", server, model.VerdictFail, "cred.rejected"},
		{"token-unscoped", cloud, model.VerdictFail, "cred.no-scopes"},
		{"token-missing-scope", cloud, model.VerdictFail, "scope.missing"},
		{"repo-level-token", cloud, model.VerdictWarn, "cred.repo-level"},
		{"ip-allowlist", cloud, model.VerdictFail, "net.ip-allowlist"},
		{"two-step", cloud, model.VerdictFail, "account.two-step"},
		{"captcha", server, model.VerdictFail, "cred.needs-bearer"},
		{"unlicensed", server, model.VerdictFail, "account.unlicensed"},
		{"needs-bearer", server, model.VerdictFail, "cred.needs-bearer"},
		{"credential-ignored", server, model.VerdictFail, "cred.rejected"},
		{"workspace-not-found", cloud, model.VerdictFail, "workspace.not-found"},
		{"workspace-not-found", server, model.VerdictFail, "project.not-found"},
		{"repo-not-found", cloud, model.VerdictFail, "repo.not-found-or-no-access"},
		{"repo-not-found", server, model.VerdictFail, "repo.not-found"},
		{"moved-repo", cloud, model.VerdictFail, "repo.moved"},
		{"moved-repo", server, model.VerdictFail, "repo.moved"},
		{"context-path", server, model.VerdictFail, "server.context-path"},
		{"rate-limited", cloud, model.VerdictFail, "net.rate-limited"},
		{"sso-login-page", cloud, model.VerdictFail, "net.sso"},
		{"sso-login-page", server, model.VerdictFail, "net.sso"},
		{"html-instead-of-json", server, model.VerdictFail, "net.sso"},
		{"one-line-html", server, model.VerdictFail, "server.not-bitbucket"},
		{"proxy-auth", cloud, model.VerdictFail, "net.proxy-auth"},
		{"maintenance", cloud, model.VerdictFail, "server.unavailable"},
		{"starting", server, model.VerdictFail, "server.starting"},
		{"hangs", server, model.VerdictFail, "net.timeout"},
		{"slow", cloud, model.VerdictFail, "net.timeout"},
		{"drops-connections", cloud, model.VerdictFail, "net.refused"},
		{"tls-unknown-ca", server, model.VerdictFail, "tls.unknown-ca"},
		{"tls-expired", server, model.VerdictFail, "tls.expired"},
		{"tls-wrong-host", server, model.VerdictFail, "tls.hostname"},
		{"plain-http-on-tls-port", server, model.VerdictFail, "tls.not-tls"},
	} {
		t.Run(e.scenario+" at "+string(e.product), func(t *testing.T) {
			t.Parallel()
			s, p := newSandbox(t, e.scenario, nil)
			token := s.Scenario().Token
			if token == "" || e.product == server && token == sandbox.TokenAPI {
				token = sandbox.TokenDC
			}
			result := p.Test(t.Context(), sandboxRequest(s, e.product, token), nil)
			compare(t, result, e.verdict, e.code)
		})
	}
}

func TestTheSandboxIsDiagnosedOverSSH(t *testing.T) {
	t.Parallel()
	const cloudURL = "git@ssh.bitbucket.org:acme/ledger.git"
	for _, e := range []struct {
		scenario, url string
		verdict       model.Verdict
		code          string
	}{
		{"healthy", cloudURL, model.VerdictPass, ""},
		{"healthy", "ssh://git@altssh.bitbucket.org:443/acme/ledger.git", model.VerdictPass, ""},
		{"healthy", "ssh://git@" + serverSSH + "/pay/ledger.git", model.VerdictPass, ""},
		{"healthy", "ssh://git@" + serverSSH + "/pay/nowhere.git", model.VerdictFail, "repo.not-found-or-no-access"},
		{"host-key-changed", cloudURL, model.VerdictFail, "ssh.host-key-changed"},
		{"ssh-key-rejected", cloudURL, model.VerdictFail, "ssh.key-rejected"},
		{"ssh-algorithm", cloudURL, model.VerdictFail, "ssh.algorithm"},
		{"ssh-host-moved", "git@bitbucket.org:acme/ledger.git", model.VerdictFail, "ssh.host-moved"},
		{"ssh-port-blocked", cloudURL, model.VerdictFail, "ssh.port-blocked"},
		{"deploy-key-read-only", cloudURL, model.VerdictPass, ""},
		{"deploy-key-other-repo", cloudURL, model.VerdictFail, "ssh.deploy-key-other-repo"},
	} {
		t.Run(e.scenario+" "+e.url, func(t *testing.T) {
			t.Parallel()
			_, p := newSandbox(t, e.scenario, nil)
			req := cloudRequest()
			overSSHTo(e.url)(&req)
			compare(t, p.Test(t.Context(), req, nil), e.verdict, e.code)
		})
	}
}

func TestSandboxCredentialsAreDiagnosed(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]struct {
		product sandbox.Product
		token   sandbox.TokenName
		change  func(*model.TestRequest)
		verdict model.Verdict
		code    string
	}{
		"email for git":             {sandbox.Cloud, sandbox.TokenAPI, user("jdoe@acme-corp.com"), model.VerdictFail, "cred.needs-username"},
		"own user name for git":     {sandbox.Cloud, sandbox.TokenAPI, user("jdoe"), model.VerdictPass, ""},
		"user name for REST":        {sandbox.Cloud, sandbox.TokenAPI, func(r *model.TestRequest) { r.APILogin = "jdoe" }, model.VerdictFail, "cred.needs-email"},
		"bearer for REST":           {sandbox.Cloud, sandbox.TokenAPI, func(r *model.TestRequest) { r.APILogin = "" }, model.VerdictPass, ""},
		"read only":                 {sandbox.Cloud, sandbox.TokenAPIReadOnly, nil, model.VerdictFail, "scope.missing"},
		"write is not read":         {sandbox.Cloud, sandbox.TokenAPIWriteOnly, nil, model.VerdictFail, "scope.missing"},
		"without scopes":            {sandbox.Cloud, sandbox.TokenAPINoScopes, nil, model.VerdictFail, "cred.no-scopes"},
		"expired":                   {sandbox.Cloud, sandbox.TokenAPIExpired, nil, model.VerdictFail, "cred.rejected"},
		"stranger":                  {sandbox.Cloud, sandbox.TokenAPIStranger, func(r *model.TestRequest) { r.APILogin = "" }, model.VerdictFail, "workspace.not-found"},
		"workspace token":           {sandbox.Cloud, sandbox.TokenWorkspace, nil, model.VerdictPass, ""},
		"project token":             {sandbox.Cloud, sandbox.TokenProject, nil, model.VerdictPass, ""},
		"workspace token, a user":   {sandbox.Cloud, sandbox.TokenWorkspace, user("jdoe"), model.VerdictFail, "cred.wrong-kind"},
		"repository token, account": {sandbox.Cloud, sandbox.TokenRepository, account, model.VerdictFail, "cred.repo-level"},
		"account":                   {sandbox.Cloud, sandbox.TokenAPI, account, model.VerdictPass, ""},
		"API access off":            {sandbox.Cloud, sandbox.TokenAPI, apiOff, model.VerdictPass, ""},
		"clipped":                   {sandbox.Cloud, sandbox.TokenAPI, func(r *model.TestRequest) { r.Password = model.NewSecret(r.Password.Reveal()[:128]) }, model.VerdictFail, "token.clipped"},
		"Data Center, other user":   {sandbox.DataCenter, sandbox.TokenDC, user("john"), model.VerdictFail, "cred.needs-username"},
		"Data Center, expired":      {sandbox.DataCenter, sandbox.TokenDCExpired, nil, model.VerdictFail, "cred.rejected"},
		"Data Center, unlicensed":   {sandbox.DataCenter, sandbox.TokenDCUnlicensed, nil, model.VerdictFail, "account.unlicensed"},
		"Data Center, read only":    {sandbox.DataCenter, sandbox.TokenDCRead, nil, model.VerdictWarn, "permission.denied"},
		"Data Center, old form":     {sandbox.DataCenter, sandbox.TokenDCOld, nil, model.VerdictWarn, "permission.denied"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, p := newSandbox(t, "", nil)
			req := sandboxRequest(s, e.product, e.token)
			if e.change != nil {
				e.change(&req)
			}
			compare(t, p.Test(t.Context(), req, nil), e.verdict, e.code)
		})
	}
}

func TestAnIgnoredCredentialShowsAtAPublicRepository(t *testing.T) {
	t.Parallel()
	s, p := newSandbox(t, "credential-ignored", nil)
	req := sandboxRequest(s, sandbox.DataCenter, sandbox.TokenDC)
	req.Connector.URL = "https://" + dcHost + "/scm/PAY/handbook.git"
	compare(t, p.Test(t.Context(), req, nil), model.VerdictFail, "cred.ignored")
}

func TestACaptchaIsNamedWhereTheServerSaysSo(t *testing.T) {
	t.Parallel()
	s, p := newSandbox(t, "captcha", nil)
	req := sandboxRequest(s, sandbox.DataCenter, sandbox.TokenDC)
	req.APILogin, req.Connector.API.Method = "jdoe", model.APIUsernameToken
	compare(t, p.Test(t.Context(), req, nil), model.VerdictFail, "account.captcha")
}

func TestASoundTestIsNeverRefusedByTheSandbox(t *testing.T) {
	t.Parallel()
	s, p := newSandbox(t, "", nil)
	compare(t, p.Test(t.Context(), sandboxRequest(s, sandbox.Cloud, sandbox.TokenAPI), nil), model.VerdictPass, "")
	compare(t, p.Test(t.Context(), sandboxRequest(s, sandbox.DataCenter, sandbox.TokenDC), nil), model.VerdictPass, "")
	if s.Denied() != 0 {
		t.Errorf("%d requests were denied: %+v", s.Denied(), s.Requests())
	}
}

func compare(t *testing.T, result model.TestResult, verdict model.Verdict, code string) {
	t.Helper()
	got := ""
	if result.Problem != nil {
		got = result.Problem.Code
	}
	if result.Verdict != verdict || got != code {
		t.Errorf("%s, %q; want %s, %q\nproblem: %+v\nchecks: %+v", result.Verdict, got, verdict, code, result.Problem, result.Checks)
	}
}

func BenchmarkAWholeTestAgainstTheSandbox(b *testing.B) {
	s, err := sandbox.Start(b.Context(), sandbox.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	p := New(Options{Dial: s.Dial, RootCAs: s.RootCAs()})
	req := sandboxRequest(s, sandbox.Cloud, sandbox.TokenAPI)
	for b.Loop() {
		if r := p.Test(b.Context(), req, nil); r.Verdict != model.VerdictPass {
			b.Fatalf("%+v", r.Problem)
		}
	}
}
