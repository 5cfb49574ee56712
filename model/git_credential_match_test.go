package model

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// gitConnector is a saved connector over HTTP, with a secret of the same name.
func gitConnector(id, url string, urlType URLType, testRepository string, login string) Saved {
	return Saved{Connector: Connector{
		ID: id, Name: id, URL: url, URLType: urlType, ConnectionType: HTTP, TestRepository: testRepository,
		Username: Login{Plain: login}, PasswordRef: SecretRef("account." + id),
	}}
}

// gitShelf is what is saved: Cloud with two workspaces, a Data Center for two
// projects, and one over SSH.
func gitShelf() []Saved {
	ssh := gitConnector("overssh", "git@bitbucket.org:acme/ledger.git", URLRepo, "", "")
	ssh.Connector.ConnectionType, ssh.Connector.PasswordRef, ssh.Connector.SSHKeyRef = SSH, "", "account.overssh"
	return []Saved{
		gitConnector("wholecloud", "https://bitbucket.org", URLAccount, "initech/tools.git", UserAPIToken),
		gitConnector("acme", "https://bitbucket.org/acme/", URLAccount, "ledger.git", UserAPIToken),
		gitConnector("ledger", "https://bitbucket.org/acme/ledger.git", URLRepo, "", UserAccessToken),
		gitConnector("globex", "https://bitbucket.org/globex", URLAccount, "web.git", "jdoe"),
		gitConnector("pay", "https://git.example.com/scm/", URLAccount, "PAY/ledger.git", "paybot"),
		gitConnector("ops", "https://git.example.com/scm/", URLAccount, "OPS/infra.git", "opsbot"),
		gitConnector("deep", "https://git.example.com:8443/bitbucket/scm/PAY/ledger.git", URLRepo, "", ""),
		ssh,
	}
}

func gitInfos(changed ...SecretInfo) func(SecretName) (SecretInfo, bool) {
	list := append(changed, []SecretInfo{
		{Name: "account/wholecloud", Kind: KindAPIToken},
		{Name: "account/acme", Kind: KindAPIToken, Username: "anna"},
		{Name: "account/ledger", Kind: KindAccessToken},
		{Name: "account/globex", Kind: KindAPIToken},
		{Name: "account/pay", Kind: KindHTTPAccessToken},
		{Name: "account/ops", Kind: KindHTTPAccessToken},
		{Name: "account/deep", Kind: KindHTTPAccessToken},
	}...)
	return func(name SecretName) (SecretInfo, bool) {
		i := slices.IndexFunc(list, func(s SecretInfo) bool { return s.Name == name })
		if i < 0 {
			return SecretInfo{}, false
		}
		return list[i], true
	}
}

// asked is the id of the connector that answers, "torn" or "".
func asked(protocol, host, path, username string) string {
	list := GitCandidates(GitRequest{Protocol: protocol, Host: host, Path: path, Username: username}, gitShelf(), gitInfos())
	c, torn, ok := GitChoice(list)
	if torn {
		return "torn"
	}
	if !ok {
		return ""
	}
	return c.Saved.Connector.ID
}

func TestTheClosestConnectorAnswers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ protocol, host, path, user, want string }{
		{"https", "bitbucket.org", "acme/ledger.git", "", "ledger"},
		{"https", "bitbucket.org", "acme/ledger", "", "ledger"},
		{"https", "bitbucket.org", "Acme/Ledger.git", "", "ledger"},
		{"https", "bitbucket.org", "acme/ledger.git/info/lfs", "", "ledger"},
		{"https", "BitBucket.org", "acme/other.git", "", "acme"},
		{"https", "bitbucket.org:443", "acme/other.git", "", "acme"},
		{"https", "bitbucket.org", "globex/web.git", "", "globex"},
		{"https", "bitbucket.org", "initech/tools.git", "", "wholecloud"},
		{"https", "bitbucket.org", "umbrella/x.git", "", "wholecloud"},
		// Nobody said which repository: several credentials, so none.
		{"https", "bitbucket.org", "", "", "torn"},
		{"https", "bitbucket.org", "", UserAccessToken, "ledger"},
		{"https", "bitbucket.org", "", "anna", "acme"},
		// The name in an address says whose credential is wanted.
		{"https", "bitbucket.org", "acme/other.git", "anna", "acme"},
		{"https", "bitbucket.org", "acme/other.git", "bert", "wholecloud"},
		{"https", "bitbucket.org", "acme/ledger.git", "bert", "ledger"},
		{"https", "bitbucket.org", "globex/web.git", "jdoe", "globex"},
		{"https", "git.example.com", "scm/PAY/other.git", "", "pay"},
		{"https", "git.example.com", "scm/ops/infra.git", "", "ops"},
		{"https", "git.example.com", "scm/XYZ/infra.git", "", "torn"},
		{"https", "git.example.com", "scm/XYZ/infra.git", "opsbot", "ops"},
		{"https", "git.example.com", "", "paybot", "pay"},
		{"https", "git.example.com", "scm/PAY/other.git", "mallory", ""},
		{"https", "git.example.com:8443", "bitbucket/scm/PAY/ledger.git", "", "deep"},
		{"https", "git.example.com:8443", "", "", "deep"},
		{"https", "git.example.com:8443", "scm/PAY/ledger.git", "", ""},
		// Never somewhere else.
		{"http", "bitbucket.org", "acme/ledger.git", "", ""},
		{"http", "git.example.com", "scm/PAY/ledger.git", "", ""},
		{"https", "bitbucket.org:8443", "acme/ledger.git", "", ""},
		{"https", "www.bitbucket.org", "acme/ledger.git", "", ""},
		{"https", "bitbucket.org.evil.example", "acme/ledger.git", "", ""},
		{"https", "evil.example/bitbucket.org", "acme/ledger.git", "", ""},
		{"https", "user@bitbucket.org", "acme/ledger.git", "", ""},
		{"https", "github.com", "acme/ledger.git", "", ""},
		{"https", "", "", "", ""},
		{"ssh", "bitbucket.org", "acme/ledger.git", "", ""},
		{"cert", "", "home/jdoe/key.pem", "", ""},
	} {
		if got := asked(tc.protocol, tc.host, tc.path, tc.user); got != tc.want {
			t.Errorf("%s://%s@%s/%s is answered by %q, want %q", tc.protocol, tc.user, tc.host, tc.path, got, tc.want)
		}
	}
}

func TestTheOrderOfTheSavedConnectorsChangesNothing(t *testing.T) {
	t.Parallel()
	req := GitRequest{Protocol: "https", Host: "bitbucket.org", Path: "acme/ledger.git"}
	keys := func(shelf []Saved) (out []string) {
		for _, c := range GitCandidates(req, shelf, gitInfos()) {
			out = append(out, c.Saved.Connector.Key())
		}
		return out
	}
	shelf := gitShelf()
	want := keys(shelf)
	if !slices.Equal(want, []string{"ledger", "acme", "wholecloud"}) {
		t.Fatalf("%q", want)
	}
	for range shelf {
		shelf = append(shelf[1:], shelf[0])
		if got := keys(shelf); !slices.Equal(got, want) {
			t.Fatalf("%q, want %q", got, want)
		}
	}
}

func TestOneCredentialForManyConnectorsIsNoTie(t *testing.T) {
	t.Parallel()
	shelf := gitShelf()
	for i := range shelf {
		shelf[i].Connector.PasswordRef = "account.acme"
	}
	list := GitCandidates(GitRequest{Protocol: "https", Host: "bitbucket.org"}, shelf, gitInfos())
	if _, torn, ok := GitChoice(list); torn || !ok || len(list) != 4 {
		t.Errorf("torn %v, ok %v, of %d", torn, ok, len(list))
	}
}

func TestOfEqualsTheOneThatPassedAnswers(t *testing.T) {
	t.Parallel()
	one, two := gitConnector("aaa", "https://bitbucket.org/acme/", URLAccount, "l.git", ""), gitConnector("bbb", "https://bitbucket.org/acme/", URLAccount, "l.git", "")
	two.LastTest = &TestRecord{Verdict: VerdictPass}
	list := GitCandidates(GitRequest{Protocol: "https", Host: "bitbucket.org", Path: "acme/x.git"}, []Saved{one, two}, gitInfos())
	if c, _, _ := GitChoice(list); c.Saved.Connector.ID != "bbb" || !list[0].SameFit(list[1]) {
		t.Errorf("%+v", list)
	}
}

func TestEachKindOfCredentialGoesUnderTheLoginOfGitsChannel(t *testing.T) {
	t.Parallel()
	bearer := GitRequest{TakesAuthType: true}
	only := GitRequest{TakesAuthType: true, WWWAuth: []string{"Bearer realm=x"}}
	both := GitRequest{TakesAuthType: true, WWWAuth: []string{"Bearer", `Basic realm="Atlassian Bitbucket"`}}
	needs := &TestRecord{Verdict: VerdictFail, Code: "cred.needs-bearer"}
	for _, tc := range []struct {
		product  Product
		kind     CredentialKind
		username string
		req      GitRequest
		last     *TestRecord
		want     string
	}{
		{Cloud, KindAPIToken, "jdoe", GitRequest{}, nil, UserAPIToken},
		{Cloud, KindAPIToken, "jdoe@example.com", bearer, nil, UserAPIToken},
		{Cloud, KindAccessToken, "", only, nil, UserAccessToken},
		{Cloud, KindAccessToken, "wrong", GitRequest{}, nil, UserAccessToken},
		{DataCenter, KindHTTPAccessToken, "jdoe", GitRequest{}, nil, "jdoe"},
		{DataCenter, KindHTTPAccessToken, "jdoe", both, nil, "jdoe"},
		{DataCenter, KindHTTPAccessToken, "jdoe", only, nil, "Bearer"},
		{DataCenter, KindHTTPAccessToken, "jdoe", bearer, needs, "Bearer"},
		{DataCenter, KindHTTPAccessToken, "jdoe", GitRequest{}, needs, "jdoe"},
		{DataCenter, KindHTTPAccessToken, "", bearer, nil, "Bearer"},
		{DataCenter, KindHTTPAccessToken, UserAccessToken, both, nil, "Bearer"},
		{DataCenter, KindHTTPAccessToken, "", GitRequest{}, nil, UserAccessToken},
		{DataCenter, KindPassword, "jdoe", bearer, nil, "jdoe"},
		{DataCenter, KindPassword, "", bearer, nil, ""},
	} {
		c := GitCandidate{Saved: Saved{LastTest: tc.last}, Product: tc.product, Secret: SecretInfo{Kind: tc.kind}}
		a := c.Answer(tc.req, tc.username, NewSecret("v"))
		got := a.Username + a.AuthType
		if got != tc.want || (tc.want != "" && a.Password.Reveal()+a.Credential.Reveal() != "v") {
			t.Errorf("%s of %s for %q: %q, want %q", tc.kind, tc.product, tc.username, got, tc.want)
		}
	}
	// A kind that was never recorded is read off the value.
	c := GitCandidate{Product: Cloud, Secret: SecretInfo{Expires: time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC)}}
	a := c.Answer(GitRequest{}, "jdoe", NewSecret("ATC"+"TT3xFfGN0"+strings.Repeat("k", 40)))
	if a.Username != UserAccessToken || !a.Expires.Equal(time.Date(2027, 1, 2, 23, 59, 59, 0, time.UTC)) {
		t.Errorf("%+v", a)
	}
}

func TestACredentialKnownNotToWorkIsNotSent(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	day := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC) }
	rejected := func(code string) *TestRecord { return &TestRecord{Verdict: VerdictFail, Code: code, At: day(20)} }
	off, apart := APIAccess{}, APIAccess{Method: APIEmailAndToken, TokenRef: "account.other"}
	for name, tc := range map[string]struct {
		info SecretInfo
		last *TestRecord
		api  APIAccess
		want string
	}{
		"never tested":                           {},
		"passed":                                 {last: &TestRecord{Verdict: VerdictPass, At: day(20)}},
		"failed for another reason":              {last: rejected("scope.missing")},
		"ends today":                             {info: SecretInfo{Expires: day(22)}},
		"ended yesterday":                        {info: SecretInfo{Expires: day(21)}, want: "token.expired"},
		"git was refused":                        {last: rejected(CodeGitRejected), api: apart, want: CodeGitRejected},
		"the test was refused":                   {last: rejected("cred.rejected"), api: off, want: CodeGitRejected},
		"the test was refused, perhaps for REST": {last: rejected("cred.rejected"), api: apart},
		"no access to one repository":            {last: rejected("repo.not-found-or-no-access")},
		"stored anew since":                      {info: SecretInfo{Created: day(21)}, last: rejected(CodeGitRejected)},
		"stored before":                          {info: SecretInfo{Created: day(19)}, last: rejected(CodeGitRejected), want: CodeGitRejected},
		"an App Password":                        {info: SecretInfo{Kind: KindAppPassword}, want: "cred.app-password-retired"},
	} {
		saved := gitConnector("acme", "https://bitbucket.org/acme/", URLAccount, "l.git", "jdoe")
		saved.LastTest, saved.Connector.API = tc.last, tc.api
		got := ""
		if p := (GitCandidate{Saved: saved, Secret: tc.info, Product: Cloud}).Refusal(now); p != nil {
			if got = p.Code; p.What == "" || p.Fix == "" {
				t.Errorf("%s: %+v has no remedy", name, p)
			}
		}
		if got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

func TestAMarkOnDataCenterTellsARefusedRepositoryFromARefusedCredential(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ host, path, want string }{
		{"git.example.com", "scm/PAY/ledger.git", CodeGitRejected},
		{"git.example.com", "scm/pay/Ledger.git", CodeGitRejected},
		{"git.example.com", "scm/PAY/hidden.git", "repo.not-found-or-no-access"},
		{"bitbucket.org", "acme/hidden.git", CodeGitRejected},
		{"bitbucket.org", "", "torn"},
	} {
		req := GitRequest{Protocol: "https", Host: tc.host, Path: tc.path}
		c, torn, _ := GitChoice(GitCandidates(req, gitShelf(), gitInfos()))
		if torn {
			if tc.want != "torn" {
				t.Errorf("%+v is torn", tc)
			}
			continue
		}
		if m := c.Mark(req, time.Now()); m.Code != tc.want || m.Verdict != VerdictFail || !strings.Contains(m.What, tc.host+"/"+tc.path) {
			t.Errorf("%+v: %+v", tc, m)
		}
	}
	c := GitCandidate{Product: Cloud}
	if m := c.Mark(GitRequest{Host: "h", Path: strings.Repeat("ä", 5000)}, time.Now()); len([]rune(m.What)) > maxMarked+60 {
		t.Errorf("a mark of %d letters", len(m.What))
	}
}

func BenchmarkTheCredentialAmongTenThousandConnectors(b *testing.B) {
	shelf := make([]Saved, 10_000)
	for i := range shelf {
		shelf[i] = gitConnector("c"+strconv.Itoa(i), "https://bitbucket.org/acme/repo"+strconv.Itoa(i)+".git", URLRepo, "", "")
	}
	for _, path := range []string{"acme/repo77.git", ""} {
		b.Run("path="+path, func(b *testing.B) {
			for b.Loop() {
				if list := GitCandidates(GitRequest{Protocol: "https", Host: "bitbucket.org", Path: path}, shelf, gitInfos()); len(list) == 0 {
					b.Fatal("none")
				}
			}
		})
	}
}
