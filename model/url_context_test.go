package model

import (
	"encoding/json"
	"testing"
)

func TestChoicesAlreadyMadeAreComparedWithTheAddress(t *testing.T) {
	t.Parallel()
	account := func(c ConnectionType) URLContext { return URLContext{URLType: URLAccount, ConnectionType: c} }
	repo := func(c ConnectionType) URLContext { return URLContext{URLType: URLRepo, ConnectionType: c} }
	for _, tc := range []struct {
		text             string
		ctx              URLContext
		code, suggestion string
	}{
		{cloudRepo, account(HTTP), "url.account-names-repo", cloudHome},
		{cloudRepo, account(SSH), "url.account-names-repo", "git@ssh.bitbucket.org:ws/"},
		{cloudRepo, account(SSH), "url.transport-mismatch", "git@ssh.bitbucket.org:ws/"},
		{cloudRepo, repo(SSH), "url.transport-mismatch", "git@ssh.bitbucket.org:ws/repo.git"},
		{cloudHome, repo(HTTP), "url.repo-missing", ""},
		{cloudHome, repo(SSH), "url.transport-mismatch", "git@ssh.bitbucket.org:ws/"},
		{"git@ssh.bitbucket.org:ws/repo.git", repo(HTTP), "url.transport-mismatch", cloudRepo},
		{serverRepo, account(HTTP), "url.account-names-repo", serverHome},
		{serverRepo, account(""), "url.account-names-repo", serverHome},
		{serverRepo, repo(SSH), "url.transport-mismatch", serverSSH},
		{serverSSH, repo(HTTP), "url.transport-mismatch", serverRepo},
		{serverSSH, account(SSH), "url.account-names-repo", "ssh://git@bb.corp.com:7999/"},
		{"https://bb.corp.com/scm/PAY", account(HTTP), "url.account-names-project", serverHome},
		{"https://bb.corp.com/scm/PAY", URLContext{}, "url.account-names-project", serverHome},
		{"https://bb.corp.com/scm/PAY", repo(HTTP), "url.repo-missing", ""},
		{"https://bb.corp.com/projects/PAY", repo(HTTP), "url.repo-missing", ""},
	} {
		f, ok := ReadURL(tc.text, tc.ctx).Findings.Code(tc.code)
		if !ok || f.Severity != SeverityError || f.Suggestion != tc.suggestion || f.Field != QURL {
			t.Errorf("%q with %+v: want %s %q, got %+v", tc.text, tc.ctx, tc.code, tc.suggestion, f)
		}
	}
	for _, tc := range []struct {
		text string
		ctx  URLContext
	}{
		{cloudRepo, repo(HTTP)},
		{cloudHome, account(HTTP)},
		{serverRepo, repo(HTTP)},
		{serverHome, account(HTTP)},
		{serverSSH, repo(SSH)},
		{"https://bb.corp.com/projects/PAY", account(HTTP)},
		{"git@ssh.bitbucket.org:ws/", account(SSH)},
	} {
		if got := ReadURL(tc.text, tc.ctx); got.Findings.HasErrors() {
			t.Errorf("%q with %+v: %s", tc.text, tc.ctx, codes(got.Findings))
		}
	}
}

func TestTheMoveOfCloudSSHIsToldWithBothItsEffects(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text             string
		api              bool
		code, suggestion string
		severity         Severity
	}{
		{"git@bitbucket.org:ws/repo.git", false, "url.ssh-host-moved", "git@ssh.bitbucket.org:ws/repo.git", SeverityWarning},
		{"git@bitbucket.org:ws/repo.git", true, "url.ssh-host-moved", cloudRepo, SeverityWarning},
		{"git@ssh.bitbucket.org:ws/repo.git", true, "url.ssh-host-moved", cloudRepo, SeverityWarning},
		{"git@bitbucket.org:ws/", true, "url.ssh-host-moved", cloudHome, SeverityWarning},
		{"ssh://git@altssh.bitbucket.org:443/ws/repo.git", true, "url.altssh", cloudRepo, SeverityWarning},
		{"ssh://git@altssh.bitbucket.org:443/ws/repo.git", false, "url.altssh", "", SeverityHint},
	} {
		f, ok := ReadURL(tc.text, URLContext{APIOn: tc.api}).Findings.Code(tc.code)
		if !ok || f.Suggestion != tc.suggestion || f.Severity != tc.severity {
			t.Errorf("%q, API %v: %+v", tc.text, tc.api, f)
		}
	}
	if got := ReadURL("git@ssh.bitbucket.org:ws/repo.git", URLContext{}); len(got.Findings) != 0 {
		t.Errorf("the new host needs no word while API access is off: %v", got.Findings)
	}
}

func TestInADocumentWhatHarnessRefusesIsAnError(t *testing.T) {
	t.Parallel()
	checkRows(t, URLContext{Document: true}, []urlRow{
		{cloudRepo, cloudRepo, ""},
		{serverHome, serverHome, ""},
		{"https://bitbucket.org/ws/repo", cloudRepo, "H git-suffix"},
		{"https://jdoe@bitbucket.org/ws/repo.git", cloudRepo, "H user"},
		{"https://bitbucket.org/ws/repo/src/main/", cloudRepo, "E web-page"},
		{"https://api.bitbucket.org/2.0/repositories/ws/repo", cloudRepo, "E api-address"},
		{"git clone " + cloudRepo, cloudRepo, "E clone-command"},
		{"bitbucket.org/ws/repo.git", cloudRepo, "E scheme-added"},
		{"HTTPS://bitbucket.org/ws/repo.git", cloudRepo, "E case"},
		{"http://bitbucket.org/ws/repo.git", cloudRepo, "W https"},
		{"git@bb.corp.com/PAY/ledger.git", serverSSH, "E missing-colon"},
		{"git@bb.corp.com:7999/PAY/ledger.git", serverSSH, "E scp-port"},
		{"ssh://git@bb.corp.com:7999/scm/PAY/ledger.git", serverSSH, "E scm-in-ssh"},
		{"https://bb.corp.com/PAY/ledger.git", serverRepo, "E scm-missing"},
		{"https://bb.corp.com/scm//PAY/ledger.git", serverRepo, "E double-slash"},
		{"https://bb.corp.com/scm/PAY/ledger.git?at=x", serverRepo, "E query"},
		{"ssh://jdoe@bb.corp.com:7999/PAY/ledger.git", serverSSH, "W ssh-user"},
		{"https://" + "jdoe:hunter2@bb.corp.com/scm/PAY/ledger.git", serverRepo, "E secret-embedded"},
	})
}

func TestAnAddressIsTheSamePlaceInOtherForms(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text string
		t    URLType
		c    ConnectionType
		want string
		ok   bool
	}{
		{cloudRepo, URLRepo, HTTP, cloudRepo, true},
		{cloudRepo, "", "", cloudRepo, true},
		{cloudRepo, URLAccount, HTTP, cloudHome, true},
		{cloudRepo, URLRepo, SSH, "git@ssh.bitbucket.org:ws/repo.git", true},
		{"https://bitbucket.org", URLAccount, SSH, "ssh://git@ssh.bitbucket.org/", true},
		{"git@bitbucket.org:ws/repo.git", URLRepo, SSH, "git@bitbucket.org:ws/repo.git", true},
		{"ssh://git@altssh.bitbucket.org:443/ws/repo.git", URLAccount, HTTP, cloudHome, true},
		{"https://corp.com:8443/bitbucket/scm/PAY/ledger.git", URLRepo, SSH, "ssh://git@corp.com:7999/PAY/ledger.git", true},
		{"https://corp.com:8443/bitbucket/scm/PAY/ledger.git", URLAccount, HTTP, "https://corp.com:8443/bitbucket/scm/", true},
		{"http://bb.corp.com:7990/scm/PAY/ledger.git", URLRepo, HTTP, "http://bb.corp.com:7990/scm/PAY/ledger.git", true},
		{serverSSH, URLAccount, SSH, "ssh://git@bb.corp.com:7999/", true},
		{serverSSH, URLRepo, HTTP, serverRepo, true},
		{"git@bb.corp.com:PAY/ledger.git", URLAccount, SSH, "ssh://git@bb.corp.com/", true},
		{cloudHome, URLRepo, HTTP, "", false},
		{"nonsense", URLAccount, HTTP, "", false},
	} {
		got, ok := ReadURL(tc.text, URLContext{}).For(tc.t, tc.c)
		if got != tc.want || ok != tc.ok {
			t.Errorf("%q For(%q, %q) = %q, %v; want %q, %v", tc.text, tc.t, tc.c, got, ok, tc.want, tc.ok)
		}
		if back := ReadURL(got, URLContext{}); ok && back.URL != got {
			t.Errorf("%q reads as %q", got, back.URL)
		}
	}
}

func TestAnAccountIsJoinedWithItsTestRepositoryAsHarnessDoes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ url, test, want, owner, slug string }{
		{cloudHome, "repo.git", cloudRepo, "ws", "repo"},
		{"https://bitbucket.org", "ws/repo.git", cloudRepo, "ws", "repo"},
		{"https://bitbucket.org", "/ws/repo.git", cloudRepo, "ws", "repo"},
		{"git@ssh.bitbucket.org:ws/", " repo.git ", "git@ssh.bitbucket.org:ws/repo.git", "ws", "repo"},
		{"ssh://git@ssh.bitbucket.org/", "ws/repo.git", "ssh://git@ssh.bitbucket.org/ws/repo.git", "ws", "repo"},
		{serverHome, "PAY/ledger.git", serverRepo, "PAY", "ledger"},
		{"ssh://git@bb.corp.com:7999/", "PAY/ledger.git", serverSSH, "PAY", "ledger"},
		{cloudRepo, "ignored.git", cloudRepo, "ws", "repo"},
	} {
		a := ReadURL(tc.url, URLContext{}).Address
		if got := a.Join(tc.test); got != tc.want {
			t.Errorf("%q joined with %q is %q, want %q", tc.url, tc.test, got, tc.want)
		}
		repo, ok := a.Repository(tc.test)
		if owner := repo.Workspace + repo.Project; !ok || owner != tc.owner || repo.Repo != tc.slug {
			t.Errorf("%q with %q is %s/%s, %v", tc.url, tc.test, owner, repo.Repo, ok)
		}
	}
	home := ReadURL(cloudHome, URLContext{}).Address
	if home.Join("") != "" || home.Join(" / ") != "" {
		t.Error("an account without a test repository joins to nothing")
	}
	if _, ok := home.Repository(""); ok {
		t.Error("an account without a test repository names no repository")
	}
	server := ReadURL(serverHome, URLContext{}).Address
	if _, ok := server.Repository("ledger.git"); ok {
		t.Error("on Data Center a repository needs its project")
	}
}

func TestAnAddressIsJSONInTheFormOfTheContract(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal(ReadURL("https://corp.com:8443/bitbucket/users/jdoe/repos/dots", URLContext{}))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"product":"datacenter","transport":"http","urlType":"Repo","host":"corp.com","port":8443,` +
		`"context":"/bitbucket","project":"~jdoe","repo":"dots","url":"https://corp.com:8443/bitbucket/scm/~jdoe/dots.git",` +
		`"api":"https://corp.com:8443/bitbucket/rest/api/1.0","findings":[{"code":"url.web-page","severity":"warning",` +
		`"field":"details.url","message":"This is a browser page. The connector needs the clone address.",` +
		`"fix":"Accept the clone address.","suggestion":"https://corp.com:8443/bitbucket/scm/~jdoe/dots.git"}]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	plain, _ := json.Marshal(ReadURL("https://"+"x:hunter2pass@bitbucket.org", URLContext{Document: true}))
	if want := `{"product":"cloud","transport":"http","urlType":"Account","host":"bitbucket.org","url":"https://bitbucket.org",` +
		`"api":"https://api.bitbucket.org/2.0","findings":[{"code":"url.secret-embedded"`; len(plain) < len(want) || string(plain[:len(want)]) != want {
		t.Errorf("got %s", plain)
	}
	clean, _ := json.Marshal(ReadURL(cloudRepo, URLContext{}))
	if string(clean[len(clean)-14:]) != `"findings":[]}` {
		t.Errorf("no findings are an empty list: %s", clean)
	}
}

func TestEveryCodeOfTheContractIsProduced(t *testing.T) {
	t.Parallel()
	repoHTTP := URLContext{URLType: URLRepo, ConnectionType: HTTP}
	for code, tc := range map[string]struct {
		text string
		ctx  URLContext
	}{
		"empty": {"", URLContext{}}, "malformed": {"hello", URLContext{}}, "scheme": {"ext::x", URLContext{}},
		"option-injection": {"-x", URLContext{}}, "other-provider": {"https://github.com/a/b", URLContext{}},
		"extra-segment":         {"https://bb.corp.com/scm/D/P/r.git", URLContext{}},
		"secret-unescaped":      {"https://" + "u:a+b/c=@bb.corp.com/scm/P/r.git", URLContext{}},
		"account-names-repo":    {cloudRepo, URLContext{URLType: URLAccount}},
		"account-names-project": {"https://bb.corp.com/scm/P", URLContext{}},
		"repo-missing":          {cloudHome, repoHTTP}, "transport-mismatch": {serverSSH, repoHTTP},
		"secret-embedded": {"https://" + "u:abc@bb.corp.com/scm/P/r.git", URLContext{}}, "web-page": {"https://bb.corp.com/projects", URLContext{}},
		"api-address": {"https://bb.corp.com/rest/api/1.0", URLContext{}}, "clone-command": {"git clone " + cloudRepo, URLContext{}},
		"scheme-added": {"bitbucket.org/ws", URLContext{}}, "https": {"http://bitbucket.org/ws", URLContext{}},
		"ssh-user": {"ssh://u@bb.corp.com:7999/P/r.git", URLContext{}}, "scp-port": {"git@bb.corp.com:7999/P/r.git", URLContext{}},
		"missing-colon": {"git@bb.corp.com/P/r.git", URLContext{}}, "scm-in-ssh": {"ssh://git@bb.corp.com:7999/scm/P/r.git", URLContext{}},
		"scm-missing": {"https://bb.corp.com/P/r.git", URLContext{}}, "double-slash": {"https://bb.corp.com/scm//P/r.git", URLContext{}},
		"query": {cloudRepo + "?x", URLContext{}}, "plain-http": {"http://bb.corp.com/scm/", URLContext{}},
		"ssh-host-moved": {"git@bitbucket.org:ws/r.git", URLContext{}}, "ssh-port": {"git@bb.corp.com:P/r.git", URLContext{}},
		"altssh":         {"ssh://git@altssh.bitbucket.org:443/ws/r.git", URLContext{}},
		"lookalike-host": {"https://bitbucket.com/ws/r.git", URLContext{}}, "non-ascii-host": {"https://b\u00fc.de/scm/", URLContext{}},
		"case": {"HTTPS://bb.corp.com/scm/", URLContext{}}, "user": {"https://u@bb.corp.com/scm/", URLContext{}},
		"git-suffix":   {"https://bb.corp.com/scm/P/r", URLContext{}},
		"context-path": {"https://corp.com/a/b/scm/P/r.git", URLContext{APIOn: true}},
	} {
		f, ok := ReadURL(tc.text, tc.ctx).Findings.Code("url." + code)
		if !ok || f.Field != QURL || f.Message == "" || f.Fix == "" {
			t.Errorf("%s from %q: %+v", code, tc.text, f)
		}
	}
}

func TestTheTestRepositoryIsNamedFromWhatWasPasted(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		cloudRepo: "repo.git", serverRepo: "PAY/ledger.git", serverSSH: "PAY/ledger.git", cloudHome: "", serverHome: "",
	} {
		got := ReadURL(text, URLContext{URLType: URLAccount})
		if got.TestRepository() != want {
			t.Errorf("%q: %q", text, got.TestRepository())
		}
		if home, ok := got.For(URLAccount, ""); want != "" && (!ok || ReadURL(home, URLContext{}).Join(want) != text) {
			t.Errorf("%q and %q do not join to %q", home, want, text)
		}
	}
	for _, text := range []string{"https://bb.corp.com/projects/PAY", "https://bb.corp.com/scm/PAY", "https://bb.corp.com/rest/api/1.0/projects/PAY"} {
		if got := ReadURL(text, URLContext{}); got.NamedProject != "PAY" {
			t.Errorf("%q names %q", text, got.NamedProject)
		}
	}
}
