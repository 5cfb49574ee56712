package sandbox

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// git runs the real git against a loopback address, with a login in a header
// (so that no URL holds a secret).
func git(t *testing.T, s *Sandbox, login string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	config := []string{"-c", "http.sslCAInfo=" + file(t, "ca.pem", s.CAPEM()), "-c", "credential.helper="}
	var env []string
	if name, secret, ok := strings.Cut(login, ":"); ok {
		// No other test may fork while it is written: its child would hold the file
		// open for writing, and Linux runs no such file.
		syscall.ForkLock.RLock()
		helper := file(t, "askpass", []byte("#!/bin/sh\ncase \"$1\" in Username*) echo \"$LOGIN_NAME\";; *) echo \"$LOGIN_SECRET\";; esac\n"))
		syscall.ForkLock.RUnlock()
		if err := os.Chmod(helper, 0o700); err != nil {
			t.Fatal(err)
		}
		env = []string{"GIT_ASKPASS=" + helper, "LOGIN_NAME=" + name, "LOGIN_SECRET=" + secret}
	}
	return run(t, env, "git", append(config, args...)...)
}

func TestRealGitListsTheRefsOfBothProductsInEveryProtocolVersion(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	rows := []struct{ name, url, login string }{
		{"cloud, static user", s.CloudURL() + "/acme/ledger.git", nameAPIToken + " api-token"},
		{"cloud, user name", s.CloudURL() + "/acme/ledger.git", "jdoe api-token"},
		{"cloud, access token", s.CloudURL() + "/acme/ledger.git", nameAccessToken + " repository-token"},
		{"cloud, mixed case", s.CloudURL() + "/Acme/Ledger.git", "jdoe api-token"},
		{"cloud, public", s.CloudURL() + "/acme/website.git", ""},
		{"cloud, no .git", s.CloudURL() + "/acme/ledger", "jdoe api-token"},
		{"data center", s.DataCenterURL() + "/scm/pay/ledger.git", "jdoe dc-token"},
		{"data center, old token", s.DataCenterURL() + "/scm/PAY/ledger.git", "jdoe dc-token-old-form"},
		{"data center, project token", s.DataCenterURL() + "/scm/PAY/gateway.git", nameAccessToken + " dc-project-token"},
		{"data center, personal", s.DataCenterURL() + "/scm/~jdoe/dotfiles.git", "jdoe dc-token"},
		{"data center, plain http", s.DataCenterPlainURL() + "/scm/pay/ledger.git", "jdoe dc-token"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			for _, version := range []string{"0", "1", "2"} {
				out, fault, code := git(t, s, spell(t, s, row.login), "-c", "protocol.version="+version, "ls-remote", "--symref", row.url)
				for _, want := range []string{"ref: refs/heads/main\tHEAD", "\trefs/heads/main\n", "\trefs/tags/v1.0.0\n", "\trefs/tags/v1.0.0^{}\n"} {
					if code != 0 || !strings.Contains(out, want) {
						t.Errorf("version %s: exit %d, no %q in %q (stderr %q)", version, code, want, out, fault)
					}
				}
			}
		})
	}
}

func TestRealGitClonesTheOneCommit(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for _, version := range []string{"0", "2"} {
		into := filepath.Join(t.TempDir(), "clone")
		_, fault, code := git(t, s, spell(t, s, "jdoe dc-token"), "-c", "protocol.version="+version, "clone", s.DataCenterURL()+"/scm/pay/ledger.git", into)
		if code != 0 {
			t.Fatalf("version %s: exit %d: %s", version, code, fault)
		}
		text, err := os.ReadFile(filepath.Join(into, "README.md"))
		if err != nil || string(text) != "# Ledger\n" {
			t.Errorf("version %s: README.md is %q, %v", version, text, err)
		}
		if _, fault, code = git(t, s, "", "-C", into, "fsck", "--strict"); code != 0 {
			t.Errorf("version %s: fsck: %s", version, fault)
		}
		if _, fault, code = git(t, s, spell(t, s, "jdoe dc-token"), "-C", into, "fetch"); code != 0 {
			t.Errorf("version %s: fetch: %s", version, fault)
		}
	}
}

func TestRealGitFindsNothingInAnEmptyRepository(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for _, url := range []string{s.CloudURL() + "/acme/empty.git", s.DataCenterURL() + "/scm/PAY/empty.git"} {
		login := "jdoe api-token"
		if strings.Contains(url, "/scm/") {
			login = "jdoe dc-token"
		}
		for _, version := range []string{"0", "2"} {
			out, fault, code := git(t, s, spell(t, s, login), "-c", "protocol.version="+version, "ls-remote", "--exit-code", url)
			if out != "" || code != 2 {
				t.Errorf("%s version %s: exit %d, %q, %q", url, version, code, out, fault)
			}
		}
	}
}

func TestRealGitPrintsTheServersRefusals(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	cloud, dc := s.CloudURL()+"/acme/", s.DataCenterURL()+"/scm/"
	rows := []struct{ name, url, login, want string }{
		{"app password", cloud + "ledger.git", "jdoe app-password", "remote: CHANGE-3222 - Functionality has been deprecated\nremote: App passwords are deprecated and must be replaced with API tokens.\nremote: https://developer.atlassian.com/cloud/bitbucket/changelog#CHANGE-3222\n"},
		{"app password status", cloud + "ledger.git", "jdoe app-password", "The requested URL returned error: 410"},
		{"account password", cloud + "ledger.git", "jdoe account-password", "remote: Bitbucket Cloud recently stopped supporting account passwords for Git authentication."},
		{"no scopes", cloud + "ledger.git", "jdoe api-token-without-scopes", "remote: API Token provided has no Bitbucket scopes."},
		{"email as user", cloud + "ledger.git", "jdoe@acme-corp.com api-token", "Authentication failed for"},
		{"wrong static user", cloud + "ledger.git", nameAccessToken + " api-token", "Authentication failed for"},
		{"access token with user", cloud + "ledger.git", "jdoe repository-token", "Authentication failed for"},
		{"expired", cloud + "ledger.git", "jdoe api-token-expired", "remote: Invalid credentials"},
		{"scope", cloud + "ledger.git", "jdoe api-token-write-only", "remote: Your credentials lack one or more required privilege scopes."},
		{"missing", cloud + "nothing.git", "jdoe api-token", "remote: You may not have access to this repository or it no longer exists in this workspace."},
		{"other repository", cloud + "gateway.git", nameAccessToken + " repository-token", "remote: You may not have access"},
		{"data center missing", dc + "PAY/nothing.git", "jdoe dc-token", "fatal: remote error: Repository not found"},
		{"data center out of reach", dc + "OPS/runbooks.git", "jdoe dc-token", "fatal: remote error: Repository not found"},
		{"data center wrong token", dc + "PAY/ledger.git", "jdoe nonsense", "Authentication failed for"},
		{"data center no licence", dc + "PAY/ledger.git", "intern dc-token-unlicensed", "Authentication failed for"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, fault, code := git(t, s, spell(t, s, row.login), "ls-remote", row.url)
			if code == 0 || !strings.Contains(fault, row.want) {
				t.Errorf("exit %d, no %q in %q", code, row.want, fault)
			}
		})
	}
}

func TestAHundredThousandRefsCostNothingUntilTheyAreListed(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Refs: 100_000})
	url := s.DataCenterURL() + "/scm/PAY/ledger.git"
	auth := spell(t, s, "jdoe dc-token")
	got := get(t, s, url+"/info/refs?service=git-upload-pack", auth, "Git-Protocol", "version=2")
	if len(got.body) > 400 {
		t.Errorf("a version 2 advertisement of %d bytes grew with the refs", len(got.body))
	}
	out, fault, code := git(t, s, auth, "ls-remote", "--heads", url)
	if n := strings.Count(out, "\n"); code != 0 || n != 100_002 {
		t.Errorf("exit %d, %d heads: %s", code, n, fault)
	}
	out, _, _ = git(t, s, auth, "-c", "protocol.version=0", "ls-remote", url, "refs/heads/feature/PAY-100000")
	if strings.Count(out, "\n") != 1 {
		t.Errorf("version 0 does not list the last branch: %q", out)
	}
}

func TestDataCenterAnswers200WithAnErrorPacketForWhatIsMissing(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	got := get(t, s, s.DataCenterURL()+"/scm/PAY/nothing.git/info/refs?service=git-upload-pack", spell(t, s, "jdoe dc-token"))
	const want = "001e# service=git-upload-pack\n0072ERR Repository not found\nThe requested repository does not exist, or you do not have permission to\naccess it.\n"
	if got.StatusCode != 200 || got.body != want || got.Header.Get("X-Ausername") != "jdoe" {
		t.Errorf("%d %q %v", got.StatusCode, got.body, got.Header)
	}
}

func TestTheAdvertisementIsExactlyWhatGitDocuments(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	url := "https://bitbucket.org/acme/ledger.git/info/refs?service=git-upload-pack"
	got := get(t, s, url, spell(t, s, nameAPIToken+" api-token"), "Git-Protocol", "version=2")
	if kind := got.Header.Get("Content-Type"); kind != "application/x-git-upload-pack-advertisement" {
		t.Errorf("content type %q", kind)
	}
	if !strings.HasPrefix(got.body, "001e# service=git-upload-pack\n0000000eversion 2\n") || !strings.HasSuffix(got.body, "0000") {
		t.Errorf("%q", got.body)
	}
	got = get(t, s, url, spell(t, s, nameAPIToken+" api-token"), "Git-Protocol", "version=1")
	if !strings.Contains(got.body, "000eversion 1\n") || !strings.Contains(got.body, " HEAD\x00side-band-64k symref=HEAD:refs/heads/main") {
		t.Errorf("%q", got.body)
	}
}

func TestReceivePackAnswersByTheRightToWrite(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	rows := []struct {
		url, login string
		want       int
	}{
		{"https://bitbucket.org/acme/ledger.git", nameAPIToken + " api-token", 200},
		{"https://bitbucket.org/acme/ledger.git", nameAPIToken + " api-token-read-only", 403},
		{"https://bitbucket.org/acme/ledger.git", nameAPIToken + " api-token-write-only", 403},
		{"https://bitbucket.org/acme/ledger.git", "acme-ci api-token-ci", 403},
		{"https://bitbucket.org/acme/ledger.git", nameAccessToken + " repository-token", 200},
		{"https://bitbucket.org/acme/ledger.git", nameAccessToken + " repository-token-read-only", 403},
		{"https://bitbucket.org/acme/website.git", "", 401},
		{s.DataCenterURL() + "/scm/PAY/ledger.git", "jdoe dc-token", 200},
		{s.DataCenterURL() + "/scm/PAY/ledger.git", "jdoe dc-token-read-only", 403},
		{s.DataCenterURL() + "/scm/PAY/ledger.git", "bearer dc-repository-token", 200},
		{s.DataCenterURL() + "/scm/PAY/ledger.git", "", 401},
	}
	for _, row := range rows {
		got := get(t, s, row.url+"/info/refs?service=git-receive-pack", spell(t, s, row.login))
		if got.StatusCode != row.want {
			t.Errorf("%s as %q: %d, want %d: %s", row.url, row.login, got.StatusCode, row.want, got.body)
		}
		if got.StatusCode == 200 && !strings.Contains(got.body, "report-status") {
			t.Errorf("%s: no push capabilities in %q", row.url, got.body)
		}
	}
}

func TestCloudGitWithoutACredentialTellsNothingApart(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	private := get(t, s, "https://bitbucket.org/acme/ledger.git/info/refs?service=git-upload-pack", "")
	missing := get(t, s, "https://bitbucket.org/nobody/nothing.git/info/refs?service=git-upload-pack", "")
	for _, got := range []response{private, missing} {
		if got.StatusCode != http.StatusUnauthorized || got.Header.Get("WWW-Authenticate") != `Basic realm="Bitbucket.org HTTP"` || got.body != textNoAccess {
			t.Errorf("%d %v %q", got.StatusCode, got.Header, got.body)
		}
	}
}

func TestAMovedRepositoryRedirectsGit(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	got := get(t, s, "https://bitbucket.org/acme/billing.git/info/refs?service=git-upload-pack", spell(t, s, "jdoe api-token"))
	if got.StatusCode != 301 || got.Header.Get("Location") != "/acme/ledger.git/info/refs?service=git-upload-pack" {
		t.Errorf("%d %v", got.StatusCode, got.Header)
	}
	// git notes a redirect only on its first request, so the login goes along.
	env := []string{
		"GIT_CONFIG_COUNT=2", "GIT_CONFIG_KEY_0=http.extraHeader", "GIT_CONFIG_VALUE_0=Authorization: Bearer " + s.Secret(TokenDC),
		"GIT_CONFIG_KEY_1=http.sslCAInfo", "GIT_CONFIG_VALUE_1=" + file(t, "ca.pem", s.CAPEM()),
	}
	out, fault, code := run(t, env, "git", "ls-remote", s.DataCenterURL()+"/scm/PAY/billing.git", "HEAD")
	if code != 0 || !strings.HasSuffix(out, "\tHEAD\n") {
		t.Errorf("real git does not follow: %d %q %q", code, out, fault)
	}
}
