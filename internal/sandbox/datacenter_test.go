package sandbox

import (
	"strings"
	"testing"
)

// exception is the exceptionName of an error envelope, or "" for another body.
func exception(t *testing.T, body string) string {
	t.Helper()
	if !strings.HasPrefix(body, `{"errors":[{"context":null,"message":`) {
		return ""
	}
	first := decode(t, body)["errors"].([]any)[0].(map[string]any)
	return first["exceptionName"].(string)
}

func TestDataCenterTellsItsRefusalsApartByException(t *testing.T) {
	t.Parallel()
	s := start(t, Options{CaptchaAfter: -1})
	const ledger = "/rest/api/1.0/projects/PAY/repos/ledger"
	rows := []struct {
		name, login, path string
		status            int
		exception         string
		as                string // X-AUSERNAME
	}{
		{"user token, Basic", "jdoe dc-token", ledger, 200, "", "jdoe"},
		{"user token, Bearer", "bearer dc-token", ledger, 200, "", "jdoe"},
		{"older token", "jdoe dc-token-old-form", ledger, 200, "", "jdoe"},
		{"password", "jdoe dc-account-password", ledger, 200, "", "jdoe"},
		{"latest", "bearer dc-token", "/rest/api/latest/projects/pay/repos/Ledger", 200, "", "jdoe"},
		{"personal", "bearer dc-token", "/rest/api/1.0/projects/~jdoe/repos/dotfiles", 200, "", "jdoe"},
		{"wrong token, Basic", "jdoe nonsense", ledger, 401, exIncorrectPassword, ""},
		{"another's token", "acme-ci dc-token", ledger, 401, exIncorrectPassword, ""},
		{"email as user", "jdoe@acme-corp.com dc-token", ledger, 401, exIncorrectPassword, ""},
		{"expired, Basic", "jdoe dc-token-expired", ledger, 401, exIncorrectPassword, ""},
		{"nobody", "", ledger, 401, exAuthRequired, ""},
		{"wrong token, Bearer", "bearer nonsense", ledger, 401, exAuthRequired, ""},
		{"expired, Bearer", "bearer dc-token-expired", ledger, 401, exAuthRequired, ""},
		{"password, Bearer", "bearer dc-account-password", ledger, 401, exAuthRequired, ""},
		{"no right", "bearer dc-token", "/rest/api/1.0/projects/OPS/repos/runbooks", 401, exAuthorisation, "jdoe"},
		{"no right to project", "bearer dc-token", "/rest/api/1.0/projects/OPS", 401, exAuthorisation, "jdoe"},
		{"not an administrator", "bearer dc-token-ci", ledger + "/webhooks", 401, exAuthorisation, "acme-ci"},
		{"token is read only", "bearer dc-token-read-only", ledger + "/webhooks", 401, exAuthorisation, "jdoe"},
		{"administrator", "bearer dc-token", ledger + "/webhooks", 200, "", "jdoe"},
		{"no licence", "intern dc-token-unlicensed", ledger, 401, exNoAccess, ""},
		{"no licence, Bearer", "bearer dc-token-unlicensed", ledger, 401, exNoAccess, ""},
		{"no project", "bearer dc-token", "/rest/api/1.0/projects/NOPE", 404, exNoProject, "jdoe"},
		{"no project of repo", "bearer dc-token", "/rest/api/1.0/projects/NOPE/repos/ledger", 404, exNoProject, "jdoe"},
		{"no repository", "bearer dc-token", "/rest/api/1.0/projects/PAY/repos/nothing", 404, exNoRepository, "jdoe"},
		{"no user", "bearer dc-token", "/rest/api/1.0/users/nobody", 404, exNoUser, "jdoe"},
		{"public, nobody", "", "/rest/api/1.0/projects/PAY/repos/handbook", 200, "", ""},
	}
	for _, row := range rows {
		got := get(t, s, s.DataCenterURL()+row.path, spell(t, s, row.login))
		if got.StatusCode != row.status || exception(t, got.body) != row.exception || got.Header.Get("X-Ausername") != row.as {
			t.Errorf("%s: %d as %q: %s", row.name, got.StatusCode, got.Header.Get("X-Ausername"), got.body)
		}
		if !strings.HasPrefix(got.Header.Get("X-Arequestid"), "@") {
			t.Errorf("%s: no request id in %v", row.name, got.Header)
		}
		challenged := got.Header.Get("WWW-Authenticate") == `Basic realm="Atlassian Bitbucket"`
		if wants := row.exception == exIncorrectPassword || row.exception == exAuthRequired; challenged != wants {
			t.Errorf("%s: challenge %q", row.name, got.Header.Get("WWW-Authenticate"))
		}
	}
}

func TestDataCenterTokensOfProjectsAndRepositoriesReachNoFurther(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	rows := []struct {
		login, path string
		status      int
	}{
		{"bearer dc-project-token", "/projects/PAY", 200},
		{"bearer dc-project-token", "/projects/PAY/repos/gateway", 200},
		{"bearer dc-project-token", "/projects/OPS", 401},
		{"bearer dc-project-token", "/projects/PAY/repos/ledger/webhooks", 401},
		{nameAccessToken + " dc-project-token", "/projects/PAY/repos/gateway", 200},
		{"jdoe dc-project-token", "/projects/PAY/repos/gateway", 401},
		{"bearer dc-repository-token", "/projects/PAY/repos/ledger", 200},
		{"bearer dc-repository-token", "/projects/PAY/repos/ledger/webhooks", 200},
		{"bearer dc-repository-token", "/projects/PAY/repos/gateway", 401},
		{"bearer dc-repository-token-read-only", "/projects/PAY/repos/ledger", 200},
		{"bearer dc-repository-token-read-only", "/projects/PAY/repos/ledger/webhooks", 401},
		{"bearer dc-repository-token", "/projects/~jdoe/repos/dotfiles", 401},
	}
	for _, row := range rows {
		got := get(t, s, s.DataCenterURL()+"/rest/api/1.0"+row.path, spell(t, s, row.login))
		if got.StatusCode != row.status {
			t.Errorf("%s %s: %d, want %d: %s", row.login, row.path, got.StatusCode, row.status, got.body)
		}
		if strings.HasPrefix(row.login, "bearer") && got.Header.Get("X-Ausername") == "" {
			t.Errorf("%s %s: accepted and nameless", row.login, row.path)
		}
	}
}

func TestApplicationPropertiesAnswerNobodyToo(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	rows := []struct {
		login  string
		status int
		as     string
	}{
		{"", 200, ""},
		{"jdoe dc-token", 200, "jdoe"},
		{"bearer dc-token", 200, "jdoe"},
		{"bearer nonsense", 200, ""},
		{"jdoe nonsense", 401, ""},
	}
	for _, row := range rows {
		got := get(t, s, s.DataCenterURL()+"/rest/api/1.0/application-properties", spell(t, s, row.login))
		if got.StatusCode != row.status || got.Header.Get("X-Ausername") != row.as {
			t.Errorf("%q: %d as %q", row.login, got.StatusCode, got.Header.Get("X-Ausername"))
		}
		if got.StatusCode == 200 {
			if body := decode(t, got.body); body["version"] != dcVersion || body["displayName"] != "Bitbucket" || body["buildNumber"] == "" {
				t.Errorf("%q: %v", row.login, body)
			}
		}
	}
}

func TestRepositoriesAreListedByPermissionProjectAndName(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	rows := []struct{ login, query, want string }{
		{"bearer dc-token", "", "ledger gateway handbook empty dotfiles"},
		{"bearer dc-token", "?permission=REPO_READ", "ledger gateway handbook empty dotfiles"},
		{"bearer dc-token", "?permission=REPO_WRITE", "ledger handbook empty dotfiles"},
		{"bearer dc-token", "?permission=REPO_ADMIN", "ledger handbook empty dotfiles"},
		{"bearer dc-token-read-only", "?permission=REPO_WRITE", ""},
		{"bearer dc-token-ci", "", "ledger gateway handbook empty runbooks"},
		{"bearer dc-token-ci", "?permission=REPO_WRITE", ""},
		{"bearer dc-repository-token", "", "ledger handbook"},
		{"bearer dc-token", "?projectkey=PAY&name=ledger&permission=REPO_WRITE", "ledger"},
		{"bearer dc-token", "?projectkey=~jdoe", "dotfiles"},
		{"bearer dc-token", "?projectname=pay&name=g", "gateway"},
		{"bearer dc-token", "?limit=1", "ledger"},
		{"bearer dc-token", "?limit=2&start=1", "gateway handbook"},
		{"bearer dc-token", "?start=99", ""},
		{"", "", "handbook"},
		{"", "?permission=REPO_WRITE", ""},
	}
	for _, row := range rows {
		got := get(t, s, s.DataCenterURL()+"/rest/api/1.0/repos"+row.query, spell(t, s, row.login))
		if list := strings.Join(names(t, got.body, "slug"), " "); got.StatusCode != 200 || list != row.want {
			t.Errorf("%q%s: %d %q, want %q", row.login, row.query, got.StatusCode, list, row.want)
		}
	}
	page := decode(t, get(t, s, s.DataCenterURL()+"/rest/api/1.0/repos?limit=2", spell(t, s, "bearer dc-token")).body)
	if page["isLastPage"] != false || page["nextPageStart"] != float64(2) || page["size"] != float64(2) {
		t.Errorf("%v", page)
	}
	if got := get(t, s, s.DataCenterURL()+"/rest/api/1.0/repos?permission=ALL", spell(t, s, "bearer dc-token")); got.StatusCode != 400 {
		t.Errorf("unknown permission: %d", got.StatusCode)
	}
	if got := get(t, s, s.DataCenterURL()+"/rest/api/1.0/projects/PAY/repos", spell(t, s, "bearer dc-token")); strings.Join(names(t, got.body, "slug"), " ") != "ledger gateway handbook empty" {
		t.Errorf("project's repositories: %s", got.body)
	}
	if got := get(t, s, s.DataCenterURL()+"/rest/api/1.0/projects", spell(t, s, "bearer dc-token")); strings.Join(names(t, got.body, "key"), " ") != "PAY ~jdoe" {
		t.Errorf("projects: %s", got.body)
	}
}

func TestTheOtherDataCenterAddressesAnswer(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	const repo = "/rest/api/1.0/projects/PAY/repos/ledger"
	rows := []struct {
		login, path string
		status      int
		contains    string
	}{
		{"", "/status", 200, `{"state":"RUNNING"}`},
		{"", "/rest/authconfig/1.0/login-options", 200, "LOGIN_FORM"},
		{"", "/rest/oauth2/1.0/client", 401, exAuthRequired},
		{"", "/rest/ssh/latest/settings", 200, `"baseUrl":"ssh://git@127.0.0.1:`},
		{"bearer dc-token", repo + "/branches", 200, `"displayId":"develop"`},
		{"bearer dc-token", repo + "/default-branch", 200, `"displayId":"main"`},
		{"bearer dc-token", "/rest/api/1.0/projects/PAY/repos/empty/default-branch", 204, ""},
		{"bearer dc-token", repo + "/pull-requests", 200, `"isLastPage":true`},
		{"bearer dc-token", "/rest/api/1.0/users/jdoe", 200, `"emailAddress":"jdoe@acme-corp.com"`},
		{"bearer dc-token", "/rest/access-tokens/latest/users/jdoe", 200, `"values":[]`},
		{"bearer dc-token", "/rest/api/1.0/projects/~jdoe", 200, `"type":"PERSONAL"`},
		{"bearer dc-token", "/rest/api/1.0/nonsense", 404, `{"message":"HTTP 404 Not Found","status-code":404,"sub-code":-1}`},
		{"bearer dc-token", "/rest/api/3.0/projects/PAY", 404, `"sub-code":-1`},
		{"", "/login", 200, "password"},
	}
	for _, row := range rows {
		got := get(t, s, s.DataCenterURL()+row.path, spell(t, s, row.login))
		if got.StatusCode != row.status || !strings.Contains(got.body, row.contains) {
			t.Errorf("%s: %d %s", row.path, got.StatusCode, got.body)
		}
	}
	public := get(t, s, "https://"+DefaultDataCenterHost+"/rest/ssh/latest/settings", "")
	if settings := decode(t, public.body); settings["port"] != float64(7999) || settings["baseUrl"] != "ssh://git@git.acme-corp.com:7999" {
		t.Errorf("%v", settings)
	}
}

func TestARepositoryIsClonedFromTheAddressItWasAskedAt(t *testing.T) {
	t.Parallel()
	s := start(t, Options{ContextPath: "bitbucket/"})
	rows := []struct{ base, http, ssh string }{
		{s.DataCenterURL(), s.DataCenterURL() + "/scm/pay/ledger.git", "ssh://git@" + s.DataCenterSSHAddr() + "/pay/ledger.git"},
		{s.DataCenterPlainURL(), s.DataCenterPlainURL() + "/scm/pay/ledger.git", "ssh://git@" + s.DataCenterSSHAddr() + "/pay/ledger.git"},
		{"https://git.acme-corp.com/bitbucket", "https://git.acme-corp.com/bitbucket/scm/pay/ledger.git", "ssh://git@git.acme-corp.com:7999/pay/ledger.git"},
		{"https://git.acme-corp.com:8443/bitbucket", "https://git.acme-corp.com:8443/bitbucket/scm/pay/ledger.git", "ssh://git@git.acme-corp.com:7999/pay/ledger.git"},
	}
	for _, row := range rows {
		view := decode(t, get(t, s, row.base+"/rest/api/1.0/projects/PAY/repos/ledger", spell(t, s, "bearer dc-token")).body)
		clone := view["links"].(map[string]any)["clone"].([]any)
		if clone[0].(map[string]any)["href"] != row.http || clone[1].(map[string]any)["href"] != row.ssh {
			t.Errorf("%s: %v", row.base, clone)
		}
	}
	got := get(t, s, strings.TrimSuffix(s.DataCenterURL(), "/bitbucket")+"/rest/api/1.0/application-properties", "")
	if got.StatusCode != 404 || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/html") || got.Header.Get("X-Arequestid") != "" {
		t.Errorf("outside the context path: %d %v", got.StatusCode, got.Header)
	}
	got = get(t, s, strings.TrimSuffix(s.DataCenterURL(), "/bitbucket")+"/scm/PAY/ledger.git/info/refs?service=git-upload-pack", spell(t, s, "bearer dc-token"))
	if got.StatusCode != 404 {
		t.Errorf("git outside the context path: %d", got.StatusCode)
	}
	got = get(t, s, s.DataCenterURL()+"/scm/DESC/PAY/ledger.git/info/refs?service=git-upload-pack", spell(t, s, "bearer dc-token"))
	if got.StatusCode != 404 {
		t.Errorf("git with an extra segment: %d", got.StatusCode)
	}
}

func TestWrongPasswordsLockBasicLoginsUntilReset(t *testing.T) {
	t.Parallel()
	s := start(t, Options{CaptchaAfter: 3})
	url := s.DataCenterURL() + "/rest/api/1.0/projects/PAY"
	for i := range 3 {
		if got := get(t, s, url, "jdoe:nonsense"); exception(t, got.body) != exIncorrectPassword {
			t.Fatalf("try %d: %s", i, got.body)
		}
	}
	if got := get(t, s, url, spell(t, s, "JDOE dc-token")); got.StatusCode != 403 || exception(t, got.body) != exCaptcha {
		t.Errorf("a right token while locked: %d %s", got.StatusCode, got.body)
	}
	if got := get(t, s, s.DataCenterURL()+"/scm/PAY/ledger.git/info/refs?service=git-upload-pack", spell(t, s, "jdoe dc-token")); got.StatusCode != 403 {
		t.Errorf("git while locked: %d", got.StatusCode)
	}
	if got := get(t, s, url, spell(t, s, "bearer dc-token")); got.StatusCode != 200 {
		t.Errorf("Bearer while locked: %d", got.StatusCode)
	}
	if got := get(t, s, url, spell(t, s, "acme-ci dc-token-ci")); got.StatusCode != 200 {
		t.Errorf("somebody else: %d", got.StatusCode)
	}
	s.Reset()
	if got := get(t, s, url, spell(t, s, "jdoe dc-token")); got.StatusCode != 200 {
		t.Errorf("after Reset: %d", got.StatusCode)
	}
}

func TestARightPasswordForgetsTheWrongOnes(t *testing.T) {
	t.Parallel()
	s := start(t, Options{CaptchaAfter: 2})
	url := s.DataCenterURL() + "/rest/api/1.0/projects/PAY"
	for _, login := range []string{"jdoe nonsense", "jdoe dc-token", "jdoe nonsense", "jdoe dc-token"} {
		if got := get(t, s, url, spell(t, s, login)); exception(t, got.body) == exCaptcha {
			t.Errorf("locked at %q", login)
		}
	}
}

func TestTokensDoNotWorkOnWebPagesAndCountAsWrongThere(t *testing.T) {
	t.Parallel()
	s := start(t, Options{CaptchaAfter: 2})
	page := s.DataCenterURL() + "/plugins/servlet/applinks/whoami"
	if got := get(t, s, page, spell(t, s, "bearer dc-token")); got.StatusCode != 302 || !strings.HasPrefix(got.Header.Get("Location"), "/login") {
		t.Errorf("Bearer: %d %v", got.StatusCode, got.Header)
	}
	if got := get(t, s, page, spell(t, s, "jdoe dc-account-password")); got.StatusCode != 200 || got.body != "jdoe" {
		t.Errorf("password: %d %q", got.StatusCode, got.body)
	}
	for range 2 {
		if got := get(t, s, page, spell(t, s, "jdoe dc-token")); got.StatusCode != 401 {
			t.Errorf("Basic with a token: %d", got.StatusCode)
		}
	}
	if got := get(t, s, s.DataCenterURL()+"/rest/api/1.0/projects/PAY", spell(t, s, "jdoe dc-token")); exception(t, got.body) != exCaptcha {
		t.Errorf("two such pages did not lock: %s", got.body)
	}
}

func TestAMovedRepositoryRedirectsDataCenterREST(t *testing.T) {
	t.Parallel()
	s := start(t, Options{ContextPath: "/bitbucket"})
	got := get(t, s, s.DataCenterURL()+"/rest/api/1.0/projects/PAY/repos/billing/branches", spell(t, s, "bearer dc-token"))
	if want := s.DataCenterURL() + "/rest/api/1.0/projects/PAY/repos/ledger/branches"; got.StatusCode != 307 || got.Header.Get("Location") != want {
		t.Errorf("%d %v", got.StatusCode, got.Header)
	}
}
