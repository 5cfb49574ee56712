package sandbox

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// loginRule says with which logins a kind of credential is accepted, one row a
// kind and place, as the services document it. It is written apart from the
// code it checks.
type loginRule struct {
	kind    TokenKind
	channel Channel
	names   string // OWNER, EMAIL, a fixed name, or bearer
}

func loginRules() []loginRule {
	return []loginRule{
		{KindAPIToken, CloudREST, "EMAIL bearer"},
		{KindAPIToken, CloudGit, "OWNER " + nameAPIToken},
		{KindRepositoryToken, CloudREST, "bearer"},
		{KindRepositoryToken, CloudGit, nameAccessToken},
		{KindProjectToken, CloudREST, "bearer"},
		{KindProjectToken, CloudGit, nameAccessToken},
		{KindWorkspaceToken, CloudREST, "bearer"},
		{KindWorkspaceToken, CloudGit, nameAccessToken},
		{KindAppPassword, CloudREST, ""},
		{KindAppPassword, CloudGit, ""},
		{KindPassword, CloudREST, ""},
		{KindPassword, CloudGit, ""},
		{KindHTTPToken, DataCenterREST, "OWNER bearer"},
		{KindHTTPToken, DataCenterGit, "OWNER bearer"},
		{KindPassword, DataCenterREST, "OWNER"},
		{KindPassword, DataCenterGit, "OWNER"},
	}
}

// accepted reports whether a rule takes a token under a name.
func (r loginRule) accepted(token Token, name string) bool {
	for word := range strings.FieldsSeq(r.names) {
		switch word {
		case "OWNER":
			word = token.Owner
			if token.Owner == "" {
				word = nameAccessToken // Data Center's tokens of projects and repositories
			}
		case "EMAIL":
			word = token.Email
		}
		if word == name {
			return true
		}
	}
	return false
}

// TestEveryCredentialIsTakenUnderItsOwnLoginsAndNoOther tries every seeded
// credential under every name on every channel. "Taken" is read off the
// journal, not off the status: a good login may still lack a right.
func TestEveryCredentialIsTakenUnderItsOwnLoginsAndNoOther(t *testing.T) {
	t.Parallel()
	s := start(t, Options{CaptchaAfter: -1})
	urls := map[Channel]string{CloudREST: cloudRepo1, CloudGit: cloudGit1, DataCenterREST: dcRepo1, DataCenterGit: dcGit1}
	logins := []string{"bearer", "jdoe", "acme-ci", "mallory", "intern", "jdoe@acme-corp.com", "ci@acme-corp.com", "mallory@initech.example", nameAPIToken, nameAccessToken}
	tried := 0
	// More than a thousand requests, for which connections are kept: what is looked
	// at is the login, and a handshake for each would be most of the work.
	keeping := &http.Transport{DialContext: s.Dial, TLSClientConfig: &tls.Config{RootCAs: s.RootCAs()}}
	defer keeping.CloseIdleConnections()
	c := client(s)
	c.Transport = keeping
	for _, token := range s.Tokens() {
		for channel, url := range urls {
			rule := loginRule{kind: token.Kind, channel: channel} // the other product's credential: nothing
			if channel.product() == token.Product {
				for _, r := range loginRules() {
					if r.kind == token.Kind && r.channel == channel {
						rule = r
					}
				}
			}
			for _, name := range logins {
				s.Reset()
				got, err := tryWith(t, c, url, name+":"+token.Secret())
				if err != nil {
					t.Fatal(err)
				}
				dead := token.Expired || token.Kind == KindAPIToken && len(token.Scopes) == 0 || token.Name == TokenDCUnlicensed
				want := rule.accepted(token, name) && !dead
				asked := s.Requests()
				if taken := len(asked) == 1 && asked[0].As != ""; taken != want {
					t.Errorf("%s as %q on %s: taken %t, want %t (%d)", token.Name, name, channel, taken, want, got.StatusCode)
				}
				if strings.Contains(got.body, token.Secret()) || strings.Contains(fmt.Sprint(got.Header), token.Secret()) {
					t.Errorf("%s on %s: the answer holds the secret", token.Name, channel)
				}
				tried++
			}
		}
	}
	if want := len(s.Tokens()) * len(urls) * len(logins); tried != want {
		t.Errorf("%d of %d tried", tried, want)
	}
}

func TestAnAppPasswordIs410ForGitWhoeverSendsIt(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for _, name := range []string{"jdoe", "jdoe@acme-corp.com", "acme-ci", nameAPIToken, nameAccessToken, "nobody"} {
		for _, url := range []string{cloudGit1, "https://bitbucket.org/acme/nothing.git/info/refs?service=git-receive-pack"} {
			got := get(t, s, url, name+":"+s.Secret(TokenAppPassword))
			if got.StatusCode != 410 || got.body != textAppPassword || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/plain") {
				t.Errorf("%s: %d %v %q", name, got.StatusCode, got.Header, got.body)
			}
		}
	}
}

func TestTokensWithTheScopesATestNeedsPassIt(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	paths := []string{"/2.0/user", "/2.0/workspaces/acme", "/2.0/user/workspaces", "/2.0/repositories/acme?pagelen=1", "/2.0/repositories/acme/ledger", "/2.0/repositories/acme/ledger/hooks?pagelen=1"}
	rows := []struct {
		token TokenName
		want  string // statuses in the order of paths
	}{
		{TokenAPI, "200 200 200 200 200 200"},
		{TokenAPINoIssues, "200 200 200 200 200 200"},
		{TokenAPIMinimum, "200 200 200 200 200 403"},
		{TokenAPIReadOnly, "403 403 403 200 200 403"},
		{TokenAPICI, "200 200 200 200 200 403"},
		{TokenAPIStranger, "200 404 200 200 404 404"},
		{TokenRepository, "403 200 403 200 200 200"},
		{TokenProject, "403 200 403 200 200 200"},
		{TokenWorkspace, "403 200 403 200 200 200"},
		{TokenRepositoryRead, "403 200 403 200 200 403"},
	}
	for _, row := range rows {
		var statuses []string
		for _, path := range paths {
			statuses = append(statuses, fmt.Sprint(get(t, s, api+path, "bearer:"+s.Secret(row.token)).StatusCode))
		}
		if got := strings.Join(statuses, " "); got != row.want {
			t.Errorf("%s: %s, want %s", row.token, got, row.want)
		}
	}
}
