package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
)

const api = "https://api.bitbucket.org"

// decode reads a JSON body into plain maps.
func decode(t *testing.T, body string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("%v in %q", err, body)
	}
	return v
}

// names collects one text field of "values".
func names(t *testing.T, body, field string) []string {
	t.Helper()
	var list []string
	for _, v := range decode(t, body)["values"].([]any) {
		list = append(list, v.(map[string]any)[field].(string))
	}
	return list
}

func TestCloudRESTAcceptsEachCredentialOnlyTheWayTheServiceDoes(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	const invalid = `{"type":"error","error":{"message":"Token is invalid, expired, or not supported for this endpoint."}}`
	const mechanism = `{"type":"error","error":{"message":"This API is not accessible by this authentication mechanism"}}`
	rows := []struct {
		login  string
		status int
		body   string // its beginning; "-" is an empty body
		kind   string // X-Credential-Type
	}{
		{"", 401, "-", ""},
		{"jdoe@acme-corp.com api-token", 200, `{`, "api_token"},
		{"JDOE@acme-corp.com api-token", 200, `{`, "api_token"},
		{"bearer api-token", 200, `{`, "api_token"},
		{"jdoe api-token", 401, "-", ""},
		{nameAPIToken + " api-token", 401, "-", ""},
		{"ci@acme-corp.com api-token", 401, "-", ""},
		{"jdoe@acme-corp.com api-token-without-scopes", 401, `{"error": "API Token provided has no Bitbucket scopes."}`, ""},
		{"bearer api-token-without-scopes", 401, invalid, ""},
		{"jdoe@acme-corp.com api-token-expired", 401, "Login failed due to incorrect login credentials or method.\nFor information on authentication methods for Bitbucket Cloud APIs, visit:", ""},
		{"bearer api-token-expired", 401, invalid, ""},
		{"jdoe@acme-corp.com nonsense", 401, "Login failed due to", ""},
		{"bearer nonsense", 401, invalid, ""},
		{"bearer repository-token", 403, mechanism, "repo_access_token"},
		{"bearer project-token", 403, mechanism, "project_access_token"},
		{"bearer workspace-token", 403, mechanism, "workspace_access_token"},
		{nameAccessToken + " repository-token", 401, "Login failed due to", ""},
		{"jdoe app-password", 401, "-", ""},
		{"bearer app-password", 401, invalid, ""},
		{"jdoe account-password", 401, "Bitbucket Cloud recently stopped supporting account passwords for API authentication.", ""},
	}
	for _, row := range rows {
		got := get(t, s, api+"/2.0/user", spell(t, s, row.login))
		matches := strings.HasPrefix(got.body, row.body)
		if row.body == "-" {
			matches = got.body == ""
		}
		if got.StatusCode != row.status || !matches || got.Header.Get("X-Credential-Type") != row.kind {
			t.Errorf("%q: %d %q %q", row.login, got.StatusCode, got.Header.Get("X-Credential-Type"), got.body)
		}
		challenged := got.Header.Get("WWW-Authenticate") == `Basic realm="Bitbucket.org HTTP"`
		if wants := row.status == 401 && !strings.HasPrefix(row.body, "{"); challenged != wants {
			t.Errorf("%q: challenge %q", row.login, got.Header.Get("WWW-Authenticate"))
		}
	}
}

func TestAMalformedBasicPairIs400AndEmpty(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for _, header := range []string{"Basic !!!", "Basic " + base64.StdEncoding.EncodeToString([]byte("no colon")), "Digest x"} {
		got := get(t, s, api+"/2.0/user", "", "Authorization", header)
		if got.StatusCode != 400 || got.body != "" {
			t.Errorf("%q: %d %q", header, got.StatusCode, got.body)
		}
	}
}

func TestHeadersNameTheCredentialAtEveryStatus(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	rows := []struct {
		login, path string
		status      int
		accepted    string
		scopes      string
	}{
		{"bearer api-token", "/2.0/user", 200, "account", strings.Join(AllScopes(), ", ")},
		{"bearer api-token", "/2.0/repositories/acme/ledger", 200, "repository", strings.Join(AllScopes(), ", ")},
		{"bearer api-token", "/2.0/repositories/acme/nothing", 404, "repository", strings.Join(AllScopes(), ", ")},
		{"bearer api-token-read-only", "/2.0/user", 403, "account", "read:repository:bitbucket"},
		{"bearer repository-token-read-only", "/2.0/user", 403, "account", "repository"},
		{"bearer repository-token-read-only", "/2.0/repositories/acme/ledger/hooks", 403, "webhook", "repository"},
		{"bearer workspace-token", "/2.0/nothing/here", 404, "", "account, project, repository:write, pullrequest:write, webhook"},
	}
	ids := map[string]string{}
	for _, row := range rows {
		got := get(t, s, api+row.path, spell(t, s, row.login))
		if got.StatusCode != row.status || got.Header.Get("X-Oauth-Scopes") != row.scopes || got.Header.Get("X-Accepted-Oauth-Scopes") != row.accepted {
			t.Errorf("%s %s: %d %v", row.login, row.path, got.StatusCode, got.Header)
		}
		id := got.Header.Get("X-Token-Id")
		if was := ids[row.login]; id == "" || was != "" && was != id {
			t.Errorf("%s: token id %q, before %q", row.login, id, was)
		}
		ids[row.login] = id
	}
	if ids["bearer api-token"] == ids["bearer workspace-token"] {
		t.Error("two tokens share an id")
	}
	if got := get(t, s, api+"/2.0/repositories/acme/website", ""); got.Header.Get("X-Credential-Type") != "" || got.StatusCode != 200 {
		t.Errorf("anonymous: %d %v", got.StatusCode, got.Header)
	}
}

func TestAMissingScopeIsNamedWithWhatWasGranted(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	rows := []struct{ login, path, required, granted string }{
		{"bearer api-token-read-only", "/2.0/user", "read:user:bitbucket", "read:repository:bitbucket"},
		{"bearer api-token-read-only", "/2.0/user/workspaces", "read:workspace:bitbucket", "read:repository:bitbucket"},
		{"bearer api-token-read-only", "/2.0/repositories/acme/ledger/hooks", "read:webhook:bitbucket", "read:repository:bitbucket"},
		{"bearer api-token-read-only", "/2.0/repositories/acme/ledger/pullrequests", "read:pullrequest:bitbucket", "read:repository:bitbucket"},
		{"bearer api-token-write-only", "/2.0/repositories/acme/ledger", "read:repository:bitbucket", "read:user:bitbucket read:workspace:bitbucket write:repository:bitbucket"},
		{"bearer repository-token-read-only", "/2.0/repositories/acme/ledger/pullrequests", "pullrequest", "repository"},
		{"bearer repository-token", "/2.0/workspaces/acme/projects/PAY", "project", "repository:write pullrequest:write webhook"},
	}
	for _, row := range rows {
		got := get(t, s, api+row.path, spell(t, s, row.login))
		fault := decode(t, got.body)["error"].(map[string]any)
		detail := fault["detail"].(map[string]any)
		text := func(v any) string {
			var list []string
			for _, e := range v.([]any) {
				list = append(list, e.(string))
			}
			return strings.Join(list, " ")
		}
		if got.StatusCode != 403 || fault["message"] != textScopes || text(detail["required"]) != row.required || text(detail["granted"]) != row.granted {
			t.Errorf("%s %s: %d %s", row.login, row.path, got.StatusCode, got.body)
		}
	}
}

func TestWriteScopesContainReadOnlyUnderTheirLegacyNames(t *testing.T) {
	t.Parallel()
	rows := []struct {
		kind     TokenKind
		have     string
		granular string
		legacy   string
		want     bool
	}{
		{KindAPIToken, "write:repository:bitbucket", "read:repository:bitbucket", "repository", false},
		{KindAPIToken, "read:repository:bitbucket", "read:repository:bitbucket", "repository", true},
		{KindRepositoryToken, "repository:write", "", "repository", true},
		{KindRepositoryToken, "pullrequest", "", "repository", true},
		{KindRepositoryToken, "pullrequest", "", "repository:write", false},
		{KindRepositoryToken, "pullrequest:write", "", "repository:write", true},
		{KindRepositoryToken, "project", "", "repository", true},
		{KindRepositoryToken, "repository:admin", "", "repository", false},
		{KindRepositoryToken, "repository", "", "webhook", false},
	}
	for _, row := range rows {
		c := &credential{Token: Token{Kind: row.kind, Scopes: []string{row.have}}}
		if got := c.holds([]string{row.granular}, []string{row.legacy}); got != row.want {
			t.Errorf("%s %s for %s: %t", row.kind, row.have, row.legacy, got)
		}
	}
}

func TestRemovedEndpointsAre410WhoeverAsks(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for _, path := range []string{"/2.0/workspaces", "/2.0/repositories", "/2.0/user/permissions/workspaces", "/2.0/user/permissions/repositories", "/2.0/repositories?role=member"} {
		for _, login := range []string{"", "bearer api-token", "bearer repository-token"} {
			got := get(t, s, api+path, spell(t, s, login))
			fault := decode(t, got.body)["error"].(map[string]any)
			if got.StatusCode != 410 || fault["message"] != "CHANGE-2770 - Functionality has been deprecated" || fault["data"].(map[string]any)["announcement_url"] == "" {
				t.Errorf("%s as %q: %d %s", path, login, got.StatusCode, got.body)
			}
		}
	}
}

func TestCloudSaysMissingAndInvisibleAlike(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	rows := []struct {
		login, path string
		status      int
	}{
		{"bearer api-token", "/2.0/repositories/acme/ledger", 200},
		{"bearer api-token", "/2.0/repositories/ACME/Ledger/", 200},
		{"bearer api-token", "/2.0/repositories/%7Bf1a0c9d4-3c1b-4f1e-9b65-7a2f0d6e5a01%7D/ledger", 200},
		{"bearer api-token", "/2.0/repositories/acme/nothing", 404},
		{"bearer api-token", "/2.0/repositories/initech/reports", 404},
		{"bearer api-token-stranger", "/2.0/repositories/acme/ledger", 404},
		{"bearer api-token-stranger", "/2.0/repositories/acme/website", 200},
		{"", "/2.0/repositories/acme/ledger", 404},
		{"", "/2.0/repositories/acme/website", 200},
		{"bearer repository-token", "/2.0/repositories/acme/ledger", 200},
		{"bearer repository-token", "/2.0/repositories/acme/gateway", 404},
		{"bearer project-token", "/2.0/repositories/acme/gateway", 200},
		{"bearer project-token", "/2.0/repositories/acme/empty", 404},
		{"bearer workspace-token", "/2.0/repositories/acme/empty", 200},
		{"bearer workspace-token", "/2.0/repositories/initech/reports", 404},
	}
	for _, row := range rows {
		got := get(t, s, api+row.path, spell(t, s, row.login))
		if got.StatusCode != row.status {
			t.Errorf("%s as %q: %d, want %d: %s", row.path, row.login, got.StatusCode, row.status, got.body)
		}
		if row.status == 404 && got.body != `{"type":"error","error":{"message":"`+textNoAccess+`"}}` {
			t.Errorf("%s: %s", row.path, got.body)
		}
	}
}

func TestAWorkspaceIsKnownToItsMembersAndTokens(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	rows := []struct {
		login, path string
		status      int
	}{
		{"bearer api-token", "/2.0/workspaces/acme", 200},
		{"bearer api-token", "/2.0/workspaces/Acme", 200},
		{"bearer api-token", "/2.0/workspaces/initech", 404},
		{"bearer api-token", "/2.0/workspaces/nobody", 404},
		{"bearer repository-token", "/2.0/workspaces/acme", 200},
		{"bearer repository-token", "/2.0/workspaces/initech", 404},
		{"", "/2.0/workspaces/acme", 401},
		{"bearer api-token", "/2.0/workspaces/acme/projects", 200},
		{"bearer api-token", "/2.0/workspaces/acme/projects/pay", 200},
		{"bearer api-token", "/2.0/workspaces/acme/projects/NOPE", 404},
		{"bearer api-token", "/2.0/workspaces/initech/projects/TPS", 404},
		{"bearer api-token", "/2.0/workspaces/initech/projects", 404},
		{"bearer api-token", "/2.0/user/workspaces/acme/permission", 200},
		{"bearer api-token", "/2.0/user/workspaces/initech/permission", 404},
		{"bearer api-token", "/2.0/user/workspaces/acme/permissions/repositories", 200},
		{"bearer api-token", "/2.0/user/workspaces/initech/permissions/repositories", 404},
		{"bearer workspace-token", "/2.0/user/workspaces/acme/permission", 403},
	}
	for _, row := range rows {
		if got := get(t, s, api+row.path, spell(t, s, row.login)); got.StatusCode != row.status {
			t.Errorf("%s as %q: %d, want %d: %s", row.path, row.login, got.StatusCode, row.status, got.body)
		}
	}
}

func TestListingsShowWhatACredentialReaches(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	rows := []struct{ login, query, want string }{
		{"bearer api-token", "", "ledger gateway website empty"},
		{"bearer api-token", "?role=member&pagelen=100&page=1", "ledger gateway website empty"},
		{"bearer repository-token", "", "ledger website"},
		{"bearer repository-token", "?role=member", "ledger"},
		{"bearer project-token", "?role=member", "ledger gateway"},
		{"bearer api-token-stranger", "", "website"},
		{"bearer api-token-stranger", "?role=member", ""},
		{"", "", "website"},
		{"bearer api-token", "?pagelen=2", "ledger gateway"},
		{"bearer api-token", "?pagelen=2&page=2", "website empty"},
		{"bearer api-token", "?pagelen=2&page=9", ""},
	}
	for _, row := range rows {
		got := get(t, s, api+"/2.0/repositories/acme"+row.query, spell(t, s, row.login))
		if list := strings.Join(names(t, got.body, "slug"), " "); got.StatusCode != 200 || list != row.want {
			t.Errorf("%q%s: %d %q, want %q", row.login, row.query, got.StatusCode, list, row.want)
		}
	}
	first := decode(t, get(t, s, api+"/2.0/repositories/acme?pagelen=3", spell(t, s, "bearer api-token")).body)
	if first["size"] != float64(4) || first["next"] != api+"/2.0/repositories/acme?pagelen=3&page=2" {
		t.Errorf("first page says %v", first)
	}
	second := decode(t, get(t, s, first["next"].(string), spell(t, s, "bearer api-token")).body)
	if _, more := second["next"]; more || len(second["values"].([]any)) != 1 {
		t.Errorf("second page says %v", second)
	}
	if got := get(t, s, api+"/2.0/repositories/nobody", spell(t, s, "bearer api-token")); got.StatusCode != 404 {
		t.Errorf("unknown workspace: %d", got.StatusCode)
	}
}

func TestPagelenHasAMaximum(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	rows := []struct {
		path   string
		status int
	}{
		{"/2.0/repositories/acme?pagelen=100", 200},
		{"/2.0/repositories/acme?pagelen=101", 400},
		{"/2.0/repositories/acme?pagelen=0", 400},
		{"/2.0/repositories/acme?page=x", 400},
		{"/2.0/repositories/acme/ledger/pullrequests?pagelen=50", 200},
		{"/2.0/repositories/acme/ledger/pullrequests?pagelen=51", 400},
		{"/2.0/repositories/acme/ledger/commit/abc/statuses?pagelen=100", 200},
		{"/2.0/repositories/acme/ledger/hooks?pagelen=1", 200},
	}
	for _, row := range rows {
		if got := get(t, s, api+row.path, spell(t, s, "bearer api-token")); got.StatusCode != row.status {
			t.Errorf("%s: %d, want %d", row.path, got.StatusCode, row.status)
		}
	}
}

func TestARepositoryLooksAsTheServiceShowsIt(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	view := decode(t, get(t, s, api+"/2.0/repositories/acme/ledger", spell(t, s, "bearer api-token")).body)
	if view["is_private"] != true || view["full_name"] != "acme/ledger" || view["mainbranch"].(map[string]any)["name"] != "main" {
		t.Errorf("%v", view)
	}
	clone := view["links"].(map[string]any)["clone"].([]any)
	if clone[0].(map[string]any)["href"] != "https://jdoe@bitbucket.org/acme/ledger.git" || clone[1].(map[string]any)["href"] != "git@bitbucket.org:acme/ledger.git" {
		t.Errorf("clone links %v", clone)
	}
	if view = decode(t, get(t, s, api+"/2.0/repositories/acme/empty", spell(t, s, "bearer api-token")).body); view["mainbranch"] != nil {
		t.Errorf("an empty repository has a main branch: %v", view["mainbranch"])
	}
	got := get(t, s, api+"/2.0/repositories/acme/ledger/refs/branches", spell(t, s, "bearer api-token"))
	if list := names(t, got.body, "name"); !slices.Equal(list, []string{"develop", "main"}) {
		t.Errorf("branches %v", list)
	}
	user := decode(t, get(t, s, api+"/2.0/user", spell(t, s, "bearer api-token")).body)
	if user["username"] != "jdoe" || user["account_id"] == "" || user["display_name"] != "Jane Doe" {
		t.Errorf("user %v", user)
	}
	emails := get(t, s, api+"/2.0/user/emails", spell(t, s, "bearer api-token"))
	if list := names(t, emails.body, "email"); !slices.Equal(list, []string{"jdoe@acme-corp.com"}) {
		t.Errorf("emails %v", list)
	}
	mine := decode(t, get(t, s, api+"/2.0/user/workspaces?page=1&pagelen=100", spell(t, s, "bearer api-token")).body)
	if values := mine["values"].([]any); len(values) != 1 || values[0].(map[string]any)["workspace"].(map[string]any)["slug"] != "acme" {
		t.Errorf("workspaces %v", mine)
	}
	rights := decode(t, get(t, s, api+"/2.0/user/workspaces/acme/permissions/repositories", spell(t, s, "bearer api-token-ci")).body)
	if first := rights["values"].([]any)[0].(map[string]any); first["permission"] != "read" {
		t.Errorf("rights %v", first)
	}
}

func TestHooksAreForAdministrators(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	rows := []struct {
		login, repo string
		status      int
	}{
		{"bearer api-token", "ledger", 200},
		{"bearer api-token", "gateway", 403},
		{"bearer api-token-ci", "ledger", 403},
		{"bearer repository-token", "ledger", 200},
		{"", "website", 401},
	}
	for _, row := range rows {
		if got := get(t, s, api+"/2.0/repositories/acme/"+row.repo+"/hooks?pagelen=1", spell(t, s, row.login)); got.StatusCode != row.status {
			t.Errorf("%q %s: %d, want %d", row.login, row.repo, got.StatusCode, row.status)
		}
	}
}

func TestCloudAddressesThatAreNone(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	got := get(t, s, api+"/user", spell(t, s, "bearer api-token"))
	if got.StatusCode != 403 || got.body != `{"type":"error","error":{"message":"Forbidden"}}` {
		t.Errorf("without /2.0: %d %s", got.StatusCode, got.body)
	}
	got = get(t, s, api+"/2.0/no/such/thing", spell(t, s, "bearer api-token"))
	if got.StatusCode != 404 || !strings.Contains(got.body, "Resource not found") {
		t.Errorf("unknown route: %d %s", got.StatusCode, got.body)
	}
	got = get(t, s, "https://bitbucket.org/acme/ledger/src/main", "")
	if got.StatusCode != 404 || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/html") {
		t.Errorf("web page: %d %v", got.StatusCode, got.Header)
	}
	got = get(t, s, "https://bitbucket.org/acme/extra/ledger.git/info/refs?service=git-upload-pack", spell(t, s, "jdoe api-token"))
	if got.StatusCode != 404 {
		t.Errorf("three segments: %d", got.StatusCode)
	}
	got = get(t, s, "http://api.bitbucket.org/2.0/user?x=1", "")
	if got.StatusCode != 301 || got.Header.Get("Location") != api+"/2.0/user?x=1" {
		t.Errorf("plain http: %d %v", got.StatusCode, got.Header)
	}
}

func TestNothingCanBeWritten(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for _, url := range []string{api + "/2.0/repositories/acme/ledger/hooks", s.DataCenterURL() + "/rest/api/1.0/projects/PAY/repos/ledger/webhooks"} {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
			r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			secret := s.Secret(TokenAPI)
			if strings.Contains(url, "/rest/") {
				secret = s.Secret(TokenDC)
			}
			r.Header.Set("Authorization", "Bearer "+secret)
			got, err := client(s).Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = got.Body.Close()
			if got.StatusCode != http.StatusMethodNotAllowed {
				t.Errorf("%s %s: %d", method, url, got.StatusCode)
			}
		}
	}
}

func TestAMovedRepositoryRedirectsREST(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	got := get(t, s, api+"/2.0/repositories/acme/billing/refs/branches", spell(t, s, "bearer api-token"))
	if got.StatusCode != 301 || got.Header.Get("Location") != api+"/2.0/repositories/acme/ledger/refs/branches" {
		t.Errorf("%d %v", got.StatusCode, got.Header)
	}
}
