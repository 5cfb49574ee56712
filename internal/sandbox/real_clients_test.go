package sandbox

import (
	"strings"
	"testing"
)

func TestRealGitPrintsWhatEachScenarioSays(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	cloud, server := s.CloudURL()+"/acme/ledger.git", s.DataCenterURL()+"/scm/PAY/ledger.git"
	for _, row := range []struct {
		scenario, url, login string
		want                 []string
	}{
		{"app-password-retired", cloud, "jdoe app-password", []string{"remote: CHANGE-3222 - Functionality has been deprecated", "returned error: 410"}},
		{"account-password", cloud, "jdoe account-password", []string{"remote: Bitbucket Cloud recently stopped supporting account passwords for Git authentication.", "Authentication failed"}},
		{"token-unscoped", cloud, staticLogin, []string{"remote: API Token provided has no Bitbucket scopes.", "Authentication failed"}},
		{"token-missing-scope", cloud, staticLogin, []string{"remote: Your credentials lack one or more required privilege scopes.", "returned error: 403"}},
		{"ip-allowlist", cloud, staticLogin, []string{"remote: To access this repository, an admin must whitelist your IP.", "returned error: 403"}},
		{"two-step", cloud, staticLogin, []string{"enable two-step authentication.", "returned error: 403"}},
		{"rate-limited", cloud, staticLogin, []string{"returned error: 429"}},
		{"captive-portal", server, "jdoe dc-token", []string{"returned error: 511"}},
		{"maintenance", server, "jdoe dc-token", []string{"returned error: 503"}},
		{"repo-not-found", server, "jdoe dc-token", []string{"remote error: Repository not found", "The requested repository does not exist, or you do not have permission to"}},
		{"other-server", server, "jdoe dc-token", []string{"not found"}},
		{"tls-missing-intermediate", server, "jdoe dc-token", []string{"certificate"}},
	} {
		set(t, s, row.scenario)
		s.Reset()
		_, fault, code := git(t, s, spell(t, s, row.login), "ls-remote", row.url)
		for _, want := range row.want {
			if code == 0 || !strings.Contains(fault, want) {
				t.Errorf("%s: exit %d, %q is missing in:\n%s", row.scenario, code, want, fault)
			}
		}
	}
}

func TestRealSSHPrintsWhatEachNewScenarioSays(t *testing.T) {
	t.Parallel()
	key := newClientKey(t)
	s := start(t, Options{AuthorizedKeys: []Key{{User: "jdoe", Line: key.line}}})
	for _, row := range []struct {
		scenario, want string
		code           int
	}{
		{"ssh-key-too-short", "Your SSH key does not meet the key type or key length requirements set by your admin.", 1},
		{"deploy-key-denied", "conq: repository access denied. access via a deployment key is read-only.", 1},
		{"ssh-repo-gone", "conq: repository does not exist.", 1},
		{"ssh-access-denied", "conq: repository access denied.", 1},
		{"ssh-unauthorized", "Unauthorized", 1},
		{"ssh-banner", "authorised use only", 0},
		{"ssh-old-exchange", "no matching key exchange method found", 255},
		{"host-key-revoked", "REVOKED", 255},
		{"host-key-unknown", "Host key verification failed.", 255},
		{"ssh-garbage", "", 255},
	} {
		set(t, s, row.scenario)
		_, fault, code := realSSH(t, s, key, s.DataCenterSSHAddr(), "git-upload-pack '/PAY/ledger.git'")
		if code != row.code || !strings.Contains(fault, row.want) {
			t.Errorf("%s: exit %d, want %d and %q in:\n%s", row.scenario, code, row.code, row.want, fault)
		}
	}
}
