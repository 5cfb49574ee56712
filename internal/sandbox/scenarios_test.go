package sandbox

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestScenariosAreNamedOnceInLowerCaseWords(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	seen := map[string]bool{}
	for _, sc := range Scenarios() {
		if seen[sc.Name] || sc.Title == "" || !regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`).MatchString(sc.Name) {
			t.Errorf("%q is doubled, untold or oddly named", sc.Name)
		}
		seen[sc.Name] = true
		for _, w := range sc.Shows {
			for _, name := range []TokenName{w.Token, w.APIToken} {
				if _, known := s.Token(name); name != "" && !known {
					t.Errorf("%s asks for a token that is none: %s", sc.Name, name)
				}
			}
		}
		if sc.Source == "" || sc.Group == "" || len(sc.Shows) == 0 {
			t.Errorf("%s has no source, no group or nothing that shows it", sc.Name)
		}
		if err := s.SetScenario(sc.Name); err != nil || s.Scenario().Name != sc.Name {
			t.Errorf("%s cannot be set: %v", sc.Name, err)
		}
	}
	err := s.SetScenario("nonsense")
	if err == nil || !strings.Contains(err.Error(), "app-password-retired") {
		t.Errorf("an unknown scenario: %v", err)
	}
	if _, err := Start(t.Context(), Options{Scenario: "nonsense"}); err == nil {
		t.Error("Start takes an unknown scenario")
	}
}

// The addresses the scenarios are observed at.
const (
	cloudUser1  = "https://api.bitbucket.org/2.0/user"
	cloudRepo1  = "https://api.bitbucket.org/2.0/repositories/acme/ledger"
	cloudGit1   = "https://bitbucket.org/acme/ledger.git/info/refs?service=git-upload-pack"
	dcRepo1     = "https://git.acme-corp.com/rest/api/1.0/projects/PAY/repos/ledger"
	dcGit1      = "https://git.acme-corp.com/scm/PAY/ledger.git/info/refs?service=git-upload-pack"
	emailLogin  = "jdoe@acme-corp.com api-token"
	staticLogin = nameAPIToken + " api-token"
)

func TestEveryHTTPScenarioBreaksWhatItSays(t *testing.T) {
	t.Parallel()
	rows := []struct {
		scenario, url, login string
		status               int
		body                 string
	}{
		{"healthy", cloudRepo1, emailLogin, 200, `"full_name":"acme/ledger"`},
		{"healthy", dcGit1, "jdoe dc-token", 200, "refs/heads/main"},
		{"app-password-retired", cloudGit1, "jdoe app-password", 410, "CHANGE-3222"},
		{"account-password", cloudGit1, "jdoe account-password", 401, "recently stopped supporting account passwords for Git authentication."},
		{"token-revoked", cloudUser1, emailLogin, 401, "Login failed"},
		{"token-revoked", cloudGit1, staticLogin, 401, "Invalid credentials"},
		{"token-revoked", dcRepo1, "bearer dc-token", 401, exAuthRequired},
		{"token-unscoped", cloudUser1, emailLogin, 401, `{"error": "API Token provided has no Bitbucket scopes."}`},
		{"token-unscoped", cloudGit1, staticLogin, 401, textNoScopes},
		{"token-missing-scope", cloudUser1, emailLogin, 200, `"username":"jdoe"`},
		{"token-missing-scope", cloudRepo1, emailLogin, 403, `"required":["read:repository:bitbucket"]`},
		{"token-missing-scope", cloudGit1, staticLogin, 403, textScopes},
		{"token-missing-scope", cloudRepo1, "bearer workspace-token", 403, `"granted":["account"]`},
		{"repo-level-token", cloudUser1, "bearer repository-token", 403, textMechanism},
		{"ip-allowlist", cloudRepo1, emailLogin, 403, `{"type":"error","error":{"message":"To access this repository, an admin must whitelist your IP."}}`},
		{"ip-allowlist", cloudGit1, staticLogin, 403, "To access this repository, an admin must whitelist your IP."},
		{"ip-allowlist", cloudGit1, "", 401, textNoAccess},
		{"two-step", cloudRepo1, emailLogin, 403, "enable two-step authentication."},
		{"two-step", cloudGit1, staticLogin, 403, "enable two-step authentication."},
		{"captcha", dcRepo1, "jdoe dc-token", 403, exCaptcha},
		{"captcha", dcRepo1, "bearer dc-token", 200, `"slug":"ledger"`},
		{"unlicensed", dcRepo1, "bearer dc-token", 401, exNoAccess},
		{"needs-bearer", dcRepo1, "jdoe dc-token", 403, "Basic Authentication has been disabled on this instance."},
		{"needs-bearer", dcRepo1, "bearer dc-token", 200, `"slug":"ledger"`},
		{"credential-ignored", dcRepo1, "bearer dc-token", 401, exAuthRequired},
		{"workspace-not-found", cloudRepo1, emailLogin, 404, textNoAccess},
		{"workspace-not-found", "https://api.bitbucket.org/2.0/workspaces/acme", emailLogin, 404, "No workspace with identifier 'acme'."},
		{"workspace-not-found", dcRepo1, "bearer dc-token", 404, exNoProject},
		{"workspace-not-found", dcGit1, "bearer dc-token", 200, "ERR Repository not found"},
		{"repo-not-found", cloudRepo1, emailLogin, 404, textNoAccess},
		{"repo-not-found", "https://api.bitbucket.org/2.0/workspaces/acme", emailLogin, 200, `"slug":"acme"`},
		{"repo-not-found", cloudGit1, staticLogin, 404, textNoAccess},
		{"repo-not-found", dcRepo1, "bearer dc-token", 404, exNoRepository},
		{"moved-repo", cloudRepo1, emailLogin, 301, ""},
		{"moved-repo", cloudGit1, staticLogin, 301, ""},
		{"moved-repo", dcRepo1, "bearer dc-token", 307, ""},
		{"moved-repo", dcGit1, "bearer dc-token", 307, ""},
		{"context-path", dcRepo1, "bearer dc-token", 404, "HTTP Status 404"},
		{"context-path", "https://git.acme-corp.com/bitbucket/rest/api/1.0/projects/PAY/repos/ledger", "bearer dc-token", 200, "/bitbucket/scm/pay/ledger.git"},
		{"context-path", "https://git.acme-corp.com/bitbucket/scm/PAY/ledger.git/info/refs?service=git-upload-pack", "bearer dc-token", 200, "refs/heads/main"},
		{"rate-limited", cloudUser1, emailLogin, 429, "Rate limit for this resource has been exceeded"},
		{"rate-limited", cloudGit1, staticLogin, 429, "Rate limit for this resource has been exceeded"},
		{"sso-login-page", cloudRepo1, emailLogin, 302, ""},
		{"sso-login-page", dcGit1, "bearer dc-token", 302, ""},
		{"sso-login-page", "https://" + ssoHost + "/login", "", 200, `type="password"`},
		{"html-instead-of-json", dcRepo1, "bearer dc-token", 200, "<form"},
		{"one-line-html", dcGit1, "bearer dc-token", 200, "<html><body>It works</body></html>"},
		{"proxy-transparent", dcRepo1, "bearer dc-token", 407, "Proxy"},
		{"maintenance", cloudRepo1, emailLogin, 503, "503 Service Temporarily Unavailable"},
		{"starting", "https://git.acme-corp.com/status", "", 503, `{"state":"STARTING"}`},
		{"starting", dcRepo1, "bearer dc-token", 503, "starting up"},
		{"starting", cloudRepo1, emailLogin, 200, "acme/ledger"},
	}
	s := start(t, Options{})
	for _, row := range rows {
		if err := s.SetScenario(row.scenario); err != nil {
			t.Fatal(err)
		}
		s.Reset()
		got := get(t, s, row.url, spell(t, s, row.login))
		if got.StatusCode != row.status || !strings.Contains(got.body, row.body) {
			t.Errorf("%s: %s as %q: %d, want %d: %s", row.scenario, row.url, row.login, got.StatusCode, row.status, got.body)
		}
	}
}

func TestNetworkScenariosBreakTheConnection(t *testing.T) {
	t.Parallel()
	// A dropped connection shows as one of these, by how far the client had come.
	const dropped = "connection reset|EOF|broken pipe"
	rows := []struct{ scenario, want string }{
		{"tls-unknown-ca", "x509: certificate signed by unknown authority"},
		{"tls-expired", "x509: certificate has expired or is not yet valid"},
		{"tls-wrong-host", "x509: certificate is valid for legacy.acme-corp.com, not "},
		{"plain-http-on-tls-port", "http: server gave HTTP response to HTTPS client"},
		{"drops-connections", dropped},
	}
	s := start(t, Options{})
	for _, row := range rows {
		if err := s.SetScenario(row.scenario); err != nil {
			t.Fatal(err)
		}
		for _, url := range []string{cloudUser1, cloudGit1, dcRepo1} {
			if _, err := try(t, s, url, ""); err == nil || !containsOne(err.Error(), row.want) {
				t.Errorf("%s: %s: %v", row.scenario, url, err)
			}
		}
	}
}

// containsOne reports whether text holds one of the words, which | separates.
func containsOne(text, words string) bool {
	return slices.ContainsFunc(strings.Split(words, "|"), func(word string) bool { return strings.Contains(text, word) })
}

func TestHangingAndSlowAnswersEndWithTheClient(t *testing.T) {
	t.Parallel()
	for _, scenario := range []string{"hangs", "slow"} {
		s := start(t, Options{Scenario: scenario})
		ctx, cancel := context.WithCancel(t.Context())
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, cloudUser1, nil)
		if err != nil {
			t.Fatal(err)
		}
		over := make(chan error, 1)
		go func() {
			got, err := client(s).Do(r)
			if err == nil {
				_ = got.Body.Close()
			}
			over <- err
		}()
		if scenario == "hangs" {
			waitFor(t, func() bool { return len(s.Requests()) == 1 })
		}
		cancel()
		select {
		case err := <-over:
			if err == nil {
				t.Errorf("%s: an answer came", scenario)
			}
		case <-time.After(time.Minute):
			t.Errorf("%s: cancelling did not end it", scenario)
		}
	}
}

func TestRateLimitsComeWithTheirHeaders(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Scenario: "rate-limited"})
	api, git := get(t, s, cloudUser1, spell(t, s, emailLogin)), get(t, s, cloudGit1, "")
	if api.Header.Get("X-Ratelimit-Limit") != "1000" || api.Header.Get("X-Ratelimit-Nearlimit") != "true" || api.Header.Get("X-Ratelimit-Resource") != "api" {
		t.Errorf("REST: %v", api.Header)
	}
	if git.Header.Get("X-Ratelimit-Limit") != "60000" || git.Header.Get("X-Ratelimit-Resource") != "git" || !strings.HasPrefix(git.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("git: %v", git.Header)
	}
}

func TestRealGitTakesOneLineOfHTMLForAnEmptyRepository(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Scenario: "one-line-html"})
	out, _, code := git(t, s, "", "ls-remote", s.DataCenterURL()+"/scm/PAY/ledger.git")
	if out != "" || code != 0 {
		t.Errorf("exit %d %q: the trap this scenario is for is gone", code, out)
	}
	if err := s.SetScenario("html-instead-of-json"); err != nil {
		t.Fatal(err)
	}
	if _, fault, code := git(t, s, "", "ls-remote", s.DataCenterURL()+"/scm/PAY/ledger.git"); code == 0 || !strings.Contains(fault, "is this a git repository?") {
		t.Errorf("exit %d %q", code, fault)
	}
}

func TestAScenarioNamesTheTokenOfTheProduct(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	rows := []struct {
		scenario string
		product  Product
		want     TokenName
	}{
		{"healthy", Cloud, TokenAPI},
		{"healthy", DataCenter, TokenDC},
		{"app-password-retired", Cloud, TokenAppPassword},
		{"app-password-retired", DataCenter, ""},
		{"captcha", DataCenter, TokenDC},
		{"captcha", Cloud, ""},
		{"ssh-key-rejected", Cloud, ""},
	}
	for _, row := range rows {
		if err := s.SetScenario(row.scenario); err != nil {
			t.Fatal(err)
		}
		if got := s.Scenario().TokenFor(row.product); got != row.want {
			t.Errorf("%s at %s: %q", row.scenario, row.product, got)
		}
	}
	for _, sc := range Scenarios() {
		for _, product := range []Product{Cloud, DataCenter} {
			if token, known := s.Token(sc.TokenFor(product)); known && token.Product != product && sc.Name != "other-product" {
				t.Errorf("%s: a token of %s for %s", sc.Name, token.Product, product)
			}
		}
	}
}
