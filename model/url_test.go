package model

import (
	"strings"
	"testing"
)

// codes writes findings as "E url.x W url.y H url.z" without the "url.".
func codes(fs Findings) string {
	var out []string
	for _, f := range fs {
		out = append(out, strings.ToUpper(string(f.Severity[0]))+" "+strings.TrimPrefix(f.Code, "url."))
	}
	return strings.Join(out, ", ")
}

// urlRow is a pasted text, the URL the connector should hold and what is said.
type urlRow struct{ text, url, codes string }

func checkRows(t *testing.T, ctx URLContext, rows []urlRow) {
	t.Helper()
	for _, row := range rows {
		got := ReadURL(row.text, ctx)
		assertSettled(t, row.text, got)
		if got.URL != row.url || codes(got.Findings) != row.codes {
			t.Errorf("%.200q\n got %q\n     %s\nwant %q\n     %s", row.text, got.URL, codes(got.Findings), row.url, row.codes)
		}
	}
}

const (
	cloudRepo  = "https://bitbucket.org/ws/repo.git"
	cloudHome  = "https://bitbucket.org/ws/"
	serverRepo = "https://bb.corp.com/scm/PAY/ledger.git"
	serverHome = "https://bb.corp.com/scm/"
	serverSSH  = "ssh://git@bb.corp.com:7999/PAY/ledger.git"
	uuid       = "%7Bf7c5c9a1-1111-2222-3333-444455556666%7D"
)

func TestCloudAddressesAreUnderstood(t *testing.T) {
	t.Parallel()
	checkRows(t, URLContext{}, []urlRow{
		{"https://bitbucket.org", "https://bitbucket.org", ""},
		{"https://bitbucket.org/", "https://bitbucket.org", ""},
		{"https://bitbucket.org/ws", cloudHome, ""},
		{"https://bitbucket.org/ws/", cloudHome, ""},
		{cloudRepo, cloudRepo, ""},
		{"  " + cloudRepo + "\n", cloudRepo, ""},
		{cloudRepo + "/", cloudRepo, ""},
		{"https://bitbucket.org:443/ws/repo.git", cloudRepo, ""},
		{"https://bitbucket.org/ws/repo", cloudRepo, "H git-suffix"},
		{"https://bitbucket.org/ws/repo/", cloudRepo, "H git-suffix"},
		{"https://jdoe@bitbucket.org/ws/repo.git", cloudRepo, "H user"},
		{"https://bitbucket.org/ws/re.po-1_x.git", "https://bitbucket.org/ws/re.po-1_x.git", ""},
		{"https://bitbucket.org/" + uuid + "/" + uuid, "https://bitbucket.org/" + uuid + "/" + uuid + ".git", "H git-suffix"},
		{"https://bitbucket.org/{f7c5c9a1-1111-2222-3333-444455556666}/", "https://bitbucket.org/" + uuid + "/", ""},
		{"http://bitbucket.org/ws/repo.git", cloudRepo, "W https"},
		{"https://bitbucket.org:8443/ws/repo.git", cloudRepo, "W https"},
		{"https://ssh.bitbucket.org/ws/repo.git", cloudRepo, "W https"},
		{"https://www.bitbucket.org/ws/repo.git", cloudRepo, "W web-page"},
		{"https://bitbucket.org./ws/repo.git", cloudRepo, "W case"},
		{"https://BITBUCKET.org/ws/repo.git", cloudRepo, "W case"},
		{"HTTPS://bitbucket.org/ws/repo.git", cloudRepo, "W case"},
		{"bitbucket.org/ws/repo.git", cloudRepo, "W scheme-added"},
		{"bitbucket.org", "https://bitbucket.org", "W scheme-added"},
		{"jdoe@bitbucket.org/ws/repo.git", cloudRepo, "W scheme-added, H user"},
		{"https:/bitbucket.org/ws/repo.git", cloudRepo, "W double-slash"},
		{"https://bitbucket.org//ws///repo.git", cloudRepo, "W double-slash"},
		{"https://bitbucket.org//", "https://bitbucket.org", "W double-slash"},
		{`https://bitbucket.org\ws\repo.git`, cloudRepo, ""},
		{"https://bitbucket.org/ws/repo.git?x=1", cloudRepo, "W query"},
		{"https://bitbucket.org/ws/repo.git#readme", cloudRepo, "W query"},
	})
}

func TestCloudPagesAndInterfacesAreUnderstood(t *testing.T) {
	t.Parallel()
	checkRows(t, URLContext{}, []urlRow{
		{"https://bitbucket.org/ws/repo/src/main/", cloudRepo, "W web-page"},
		{"https://bitbucket.org/ws/repo/src/feature%2Fx/a%20b.go#lines-3", cloudRepo, "W web-page"},
		{"https://bitbucket.org/ws/repo/pull-requests/12/diff", cloudRepo, "W web-page"},
		{"https://bitbucket.org/ws/repo/branches/?sort=-updated", cloudRepo, "W web-page"},
		{"https://bitbucket.org/ws/repo/admin/access-tokens", cloudRepo, "W web-page"},
		{"https://bitbucket.org/ws/workspace/projects/KEY", cloudHome, "W web-page"},
		{"https://bitbucket.org/ws/workspace/overview", cloudHome, "W web-page"},
		{"https://bitbucket.org/ws/workspace/repositories/", cloudHome, "W web-page"},
		{"https://bitbucket.org/ws/profile/repositories", cloudHome, "W web-page"},
		{"https://bitbucket.org/dashboard/overview", "https://bitbucket.org", "W web-page"},
		{"https://bitbucket.org/account/settings/", "https://bitbucket.org", "W web-page"},
		{"https://bitbucket.org/ws/repo.git/info/refs?service=git-upload-pack", cloudRepo, "W api-address"},
		{"https://api.bitbucket.org/2.0/repositories/ws/repo", cloudRepo, "W api-address"},
		{"https://api.bitbucket.org/2.0/repositories/ws/repo/src?pagelen=1", cloudRepo, "W api-address"},
		{"https://api.bitbucket.org/2.0/repositories/ws", cloudHome, "W api-address"},
		{"https://api.bitbucket.org/2.0/workspaces/ws/projects", cloudHome, "W api-address"},
		{"https://api.bitbucket.org/2.0/user", "https://bitbucket.org", "W api-address"},
		{"https://bitbucket.org/!api/2.0/repositories/ws/repo", cloudRepo, "W api-address"},
		{"https://bitbucket.org/api/2.0/repositories/ws/repo", cloudRepo, "W api-address"},
		{"https://bitbucket.org/scm/ws/repo.git", cloudRepo, "E extra-segment"},
		{"https://bitbucket.org/~jdoe/repo.git", "", "E malformed"},
		{"https://bitbucket.org/{workspace}/repo.git", "", "E malformed"},
		{"https://bitbucket.org/ws/a%20b.git", "", "E malformed"},
		{"https://bitbucket.org/ws/.git", "", "E malformed"},
		{"https://bitbucket.org/../repo.git", "", "E malformed"},
		{"https://bitbucket.org/ws/r%zz", "", "E malformed"},
		{"https://bitbucket.org:99999/ws/repo.git", "", "E malformed"},
	})
}

func TestCloudAddressesOverSSHAreUnderstood(t *testing.T) {
	t.Parallel()
	const repo = "git@ssh.bitbucket.org:ws/repo.git"
	checkRows(t, URLContext{}, []urlRow{
		{repo, repo, ""},
		{"git@ssh.bitbucket.org:ws/", "git@ssh.bitbucket.org:ws/", ""},
		{"git@ssh.bitbucket.org:ws", "git@ssh.bitbucket.org:ws/", ""},
		{"git@ssh.bitbucket.org:ws/repo", repo, "H git-suffix"},
		{"ssh://git@ssh.bitbucket.org/ws/repo.git", "ssh://git@ssh.bitbucket.org/ws/repo.git", ""},
		{"ssh://git@ssh.bitbucket.org:22/ws/repo.git", "ssh://git@ssh.bitbucket.org/ws/repo.git", ""},
		{"git@bitbucket.org:ws/repo.git", "git@bitbucket.org:ws/repo.git", "W ssh-host-moved"},
		{"git@bitbucket.org:ws/", "git@bitbucket.org:ws/", "W ssh-host-moved"},
		{"ssh://git@bitbucket.org/ws/repo.git", "ssh://git@bitbucket.org/ws/repo.git", "W ssh-host-moved"},
		{"git@ssh.bitbucket.org:/ws/repo.git", repo, "W double-slash"},
		{"git@ssh.bitbucket.org/ws/repo.git", repo, "W missing-colon"},
		{"git@ssh.bitbucket.org/", "ssh://git@ssh.bitbucket.org/", "W missing-colon"},
		{"git@ssh.bitbucket.org:22/ws/repo.git", "ssh://git@ssh.bitbucket.org/ws/repo.git", "W scp-port"},
		{"ssh://git@ssh.bitbucket.org:ws/repo.git", "ssh://git@ssh.bitbucket.org/ws/repo.git", "W scp-port"},
		{"ssh.bitbucket.org:ws/repo.git", repo, "W ssh-user"},
		{"jdoe@ssh.bitbucket.org:ws/repo.git", repo, "W ssh-user"},
		{"ssh://ssh.bitbucket.org/ws/repo.git", "ssh://git@ssh.bitbucket.org/ws/repo.git", "W ssh-user"},
		{"git@www.bitbucket.org:ws/repo.git", "git@bitbucket.org:ws/repo.git", "W ssh-host-moved, W web-page"},
		{"GIT@ssh.bitbucket.org:ws/repo.git", repo, "W ssh-user"},
		{"git@SSH.bitbucket.org:ws/repo.git", repo, "W case"},
		{"ssh.bitbucket.org/ws/repo.git", "ssh://git@ssh.bitbucket.org/ws/repo.git", "W scheme-added, W ssh-user"},
		{"ssh://git@ssh.bitbucket.org:7999/ws/repo.git", "ssh://git@ssh.bitbucket.org:7999/ws/repo.git", "W ssh-port"},
		{"ssh://git@altssh.bitbucket.org:443/ws/repo.git", "ssh://git@altssh.bitbucket.org:443/ws/repo.git", "H altssh"},
		{"git@altssh.bitbucket.org:443/ws/repo.git", "ssh://git@altssh.bitbucket.org:443/ws/repo.git", "W scp-port, H altssh"},
		{"git@altssh.bitbucket.org:ws/repo.git", "git@altssh.bitbucket.org:ws/repo.git", "W ssh-port, H altssh"},
		{"git@ssh.bitbucket.org:ws/repo/src/main", repo, "E extra-segment, H git-suffix"},
		{"git@ssh.bitbucket.org:-x/repo.git", "", "E option-injection"},
		{"git+ssh://git@ssh.bitbucket.org/ws/repo.git", "ssh://git@ssh.bitbucket.org/ws/repo.git", "E scheme"},
	})
}

func TestDataCenterAddressesAreUnderstood(t *testing.T) {
	t.Parallel()
	checkRows(t, URLContext{}, []urlRow{
		{serverRepo, serverRepo, ""},
		{serverHome, serverHome, ""},
		{"https://bb.corp.com/scm", serverHome, ""},
		{"https://bb.corp.com:443/scm/PAY/ledger.git", serverRepo, ""},
		{"https://bb.corp.com:8443/scm/PAY/ledger.git", "https://bb.corp.com:8443/scm/PAY/ledger.git", ""},
		{"https://bb.corp.com/scm/~jdoe/dots.git", "https://bb.corp.com/scm/~jdoe/dots.git", ""},
		{"https://bb.corp.com/scm/%7Ejdoe/dots.git", "https://bb.corp.com/scm/~jdoe/dots.git", ""},
		{"https://corp.com/bitbucket/scm/PAY/ledger.git", "https://corp.com/bitbucket/scm/PAY/ledger.git", ""},
		{"https://corp.com/tools/stash/scm/PAY/ledger.git", "https://corp.com/tools/stash/scm/PAY/ledger.git", ""},
		{"https://corp.com/git/scm/", "https://corp.com/git/scm/", ""},
		{"https://bitbucket/scm/PAY/ledger.git", "https://bitbucket/scm/PAY/ledger.git", ""},
		{"https://10.1.2.3:8443/scm/PAY/ledger.git", "https://10.1.2.3:8443/scm/PAY/ledger.git", ""},
		{"https://bb.corp.com/scm/scm/ledger.git", "https://bb.corp.com/scm/scm/ledger.git", ""},
		{"https://bb.corp.com/scm/PAY/ledger", serverRepo, "H git-suffix"},
		{"https://jdoe@bb.corp.com/scm/PAY/ledger.git", serverRepo, "H user"},
		{"http://bb.corp.com:7990/scm/PAY/ledger.git", "http://bb.corp.com:7990/scm/PAY/ledger.git", "W plain-http"},
		{"http://bb.corp.com:80/scm/PAY/ledger.git", "http://bb.corp.com/scm/PAY/ledger.git", "W plain-http"},
		{"HTTP://BB.corp.com/scm/", "http://bb.corp.com/scm/", "W plain-http, W case"},
		{"bb.corp.com/scm/PAY/ledger.git", serverRepo, "W scheme-added"},
		{"localhost:7990/scm/PAY/ledger.git", "https://localhost:7990/scm/PAY/ledger.git", "W scheme-added"},
		{"https://bb.corp.com//scm//PAY//ledger.git", serverRepo, "W double-slash"},
		{"https://bb.corp.com/scm/PAY/ledger.git?at=x", serverRepo, "W query"},
		{"https://bb.corp.com", serverHome, "W scm-missing"},
		{"https://bb.corp.com:8443/PAY/ledger.git", "https://bb.corp.com:8443/scm/PAY/ledger.git", "W scm-missing"},
		{"https://corp.com/bitbucket", "https://corp.com/bitbucket/scm/", "W scm-missing"},
		{"https://corp.com/bitbucket/PAY/ledger.git", "https://corp.com/bitbucket/scm/PAY/ledger.git", "W scm-missing"},
		{"https://bb.corp.com/PAY/ledger.git/browse", serverRepo, "W scm-missing, W web-page"},
	})
}

func TestDataCenterPagesAndInterfacesAreUnderstood(t *testing.T) {
	t.Parallel()
	checkRows(t, URLContext{}, []urlRow{
		{"https://bb.corp.com/projects/PAY/repos/ledger", serverRepo, "W web-page"},
		{"https://bb.corp.com/projects/PAY/repos/ledger/browse?at=refs%2Fheads%2Fmain", serverRepo, "W web-page"},
		{"https://bb.corp.com/projects/PAY/repos/ledger/pull-requests/7/overview", serverRepo, "W web-page"},
		{"https://bb.corp.com/projects/~jdoe/repos/dots", "https://bb.corp.com/scm/~jdoe/dots.git", "W web-page"},
		{"https://bb.corp.com/users/jdoe/repos/dots/browse", "https://bb.corp.com/scm/~jdoe/dots.git", "W web-page"},
		{"https://bb.corp.com/users/jdoe", serverHome, "W web-page"},
		{"https://bb.corp.com/projects/PAY", serverHome, "W web-page"},
		{"https://bb.corp.com/projects", serverHome, "W web-page"},
		{"https://bb.corp.com/dashboard", serverHome, "W web-page"},
		{"https://bb.corp.com/plugins/servlet/access-tokens/manage", serverHome, "W web-page"},
		{"https://corp.com/bitbucket/dashboard", "https://corp.com/bitbucket/scm/", "W web-page"},
		{"https://corp.com/stash/projects/PAY/repos/ledger/commits", "https://corp.com/stash/scm/PAY/ledger.git", "W web-page"},
		{"https://bb.corp.com/scm/PAY/ledger/browse", serverRepo, "W web-page"},
		{"https://bb.corp.com/scm/PAY/ledger.git/browse", serverRepo, "W web-page"},
		{"https://bb.corp.com/scm/DESC/PAY/ledger.git/browse", serverRepo, "E extra-segment, W web-page"},
		{"https://bb.corp.com/rest/api/1.0/projects/PAY/repos/ledger", serverRepo, "W api-address"},
		{"https://bb.corp.com/rest/api/latest/users/jdoe/repos/dots", "https://bb.corp.com/scm/~jdoe/dots.git", "W api-address"},
		{"https://corp.com/bitbucket/rest/api/1.0/application-properties", "https://corp.com/bitbucket/scm/", "W api-address"},
		{"https://bb.corp.com/scm/PAY/ledger.git/info/refs?service=git-upload-pack", serverRepo, "W api-address"},
		{"https://bb.corp.com/scm/DESC/PAY/ledger.git", serverRepo, "E extra-segment"},
		{"https://bb.corp.com/scm/A/B/PAY/ledger.git", serverRepo, "E extra-segment"},
		{"https://bb.corp.com/scm/PAY", serverHome, "E account-names-project"},
		{"https://bb.corp.com/PAY", serverHome, "E account-names-project, W scm-missing"},
		{"https://bb.corp.com/scm/ledger.git", "", "E malformed"},
		{"https://bb.corp.com/scm/P A/ledger.git", serverHome, "E account-names-project, W clone-command"},
		{"https://bb.corp.com/scm/PAY/led%2Fger.git", "", "E malformed"},
		{"https://bb.corp.com/a%20b/scm/PAY/ledger.git", "", "E malformed"},
		{"https://[::1]:7990/scm/PAY/ledger.git", "", "E malformed"},
		{"ssh://git@[2001:db8::1]:7999/PAY/ledger.git", "", "E malformed"},
		{"https://bb..corp.com/scm/", "", "E malformed"},
		{"https:///scm/PAY/ledger.git", "", "E malformed"},
	})
}

func TestDataCenterAddressesOverSSHAreUnderstood(t *testing.T) {
	t.Parallel()
	checkRows(t, URLContext{}, []urlRow{
		{serverSSH, serverSSH, ""},
		{"ssh://git@bb.corp.com:7999/", "ssh://git@bb.corp.com:7999/", ""},
		{"ssh://git@bb.corp.com:7999", "ssh://git@bb.corp.com:7999/", ""},
		{"ssh://git@bb.corp.com:7999/~jdoe/dots.git", "ssh://git@bb.corp.com:7999/~jdoe/dots.git", ""},
		{"ssh://git@bb.corp.com:22/PAY/ledger.git", "ssh://git@bb.corp.com:22/PAY/ledger.git", ""},
		{"ssh://git@bb.corp.com/PAY/ledger.git", "ssh://git@bb.corp.com/PAY/ledger.git", "H ssh-port"},
		{"git@bb.corp.com:PAY/ledger.git", "git@bb.corp.com:PAY/ledger.git", "H ssh-port"},
		{"git@bb.corp.com:~jdoe/dots.git", "git@bb.corp.com:~jdoe/dots.git", "H ssh-port"},
		{"git@bb.corp.com:7999/PAY/ledger.git", serverSSH, "W scp-port"},
		{"git@bb.corp.com:7999", "ssh://git@bb.corp.com:7999/", "W scp-port"},
		{"git@bb.corp.com:8080/PAY/ledger", "ssh://git@bb.corp.com:8080/PAY/ledger.git", "W scp-port, H git-suffix"},
		{"git@bb.corp.com/PAY/ledger.git", serverSSH, "W missing-colon"},
		{"git@bb.corp.com/", "ssh://git@bb.corp.com:7999/", "W missing-colon"},
		{"git@bb.corp.com", "ssh://git@bb.corp.com:7999/", "W missing-colon"},
		{"git@bitbucket/PAY/ledger.git", "ssh://git@bitbucket:7999/PAY/ledger.git", "W missing-colon"},
		{"ssh://git@bb.corp.com:7999/scm/PAY/ledger.git", serverSSH, "W scm-in-ssh"},
		{"ssh://git@bb.corp.com:7999/bitbucket/scm/PAY/ledger.git", serverSSH, "W scm-in-ssh"},
		{"git@bb.corp.com:7999/scm/PAY/ledger.git", serverSSH, "W scp-port, W scm-in-ssh"},
		{"ssh://git@bb.corp.com:7999/scm/ledger.git", "ssh://git@bb.corp.com:7999/scm/ledger.git", ""},
		{"ssh://git@bb.corp.com:7999/PAY/scm", "ssh://git@bb.corp.com:7999/PAY/scm.git", "H git-suffix"},
		{"ssh://git@bb.corp.com:7999/scm", "ssh://git@bb.corp.com:7999/", "W scm-in-ssh"},
		{"ssh://jdoe@bb.corp.com:7999/PAY/ledger.git", serverSSH, "W ssh-user"},
		{"ssh://bb.corp.com:7999/PAY/ledger.git", serverSSH, "W ssh-user"},
		{"bb.corp.com:7999/PAY/ledger.git", serverSSH, "W scheme-added, W ssh-user"},
		{"SSH://git@bb.corp.com:7999/PAY/ledger.git", serverSSH, "W case"},
		{"ssh://git@bb.corp.com:7999//PAY/ledger.git", serverSSH, "W double-slash"},
		{"ssh://git@bb.corp.com:7999/projects/PAY/repos/ledger/browse", serverSSH, "W web-page"},
		{"ssh://git@bb.corp.com:7999/DESC/PAY/ledger.git", serverSSH, "E extra-segment"},
		{"ssh://git@bb.corp.com:7999/PAY", "ssh://git@bb.corp.com:7999/", "E account-names-project"},
		{"ssh://git@bb.corp.com:0/PAY/ledger.git", "", "E malformed"},
	})
}

func TestCommandsAndProseAroundAnAddressAreLeftOut(t *testing.T) {
	t.Parallel()
	checkRows(t, URLContext{}, []urlRow{
		{"git clone " + cloudRepo, cloudRepo, "W clone-command"},
		{"$ git clone --depth 1 -b release/1.2 " + cloudRepo + " dir", cloudRepo, "W clone-command"},
		{"git clone --branch=main --single-branch \"" + cloudRepo + "\"", cloudRepo, "W clone-command"},
		{"git clone https://jdoe@bitbucket.org/ws/repo.git", cloudRepo, "W clone-command, H user"},
		{"git remote add origin git@bb.corp.com:7999/PAY/ledger.git", serverSSH, "W clone-command, W scp-port"},
		{"git remote set-url origin " + serverSSH, serverSSH, "W clone-command"},
		{"git push -u origin " + cloudRepo, cloudRepo, "W clone-command"},
		{"git -c http.sslVerify=false clone " + serverRepo, serverRepo, "W clone-command"},
		{"origin\t" + serverRepo + " (fetch)", serverRepo, "W clone-command"},
		{"url = " + cloudRepo, cloudRepo, "W clone-command"},
		{"I don't know what's " + cloudRepo, cloudRepo, "W clone-command"},
		{"Clone it from " + cloudRepo + ".", cloudRepo, "W clone-command"},
		{"see bitbucket.org/ws/repo.git there", cloudRepo, "W clone-command, W scheme-added"},
		{"<" + cloudRepo + ">", cloudRepo, "W clone-command"},
		{"'" + cloudRepo + "'", cloudRepo, "W clone-command"},
		{"`" + cloudRepo + "`", cloudRepo, "W clone-command"},
		{"“" + cloudRepo + "”", cloudRepo, "W clone-command"},
		{"(" + cloudRepo + "),", cloudRepo, "W clone-command"},
		{"[The ledger](" + cloudRepo + ")", cloudRepo, "W clone-command"},
		{"[x](https://bitbucket.org/ws/repo/src/main/)", cloudRepo, "W clone-command, W web-page"},
		{"\x1b[31m" + cloudRepo + "\x1b[0m", cloudRepo, ""},
		{"\u200bhttps://bitbucket.org/\u202ews/repo.git\x07", cloudRepo, ""},
		{cloudRepo + "\r\n", cloudRepo, ""},
		{cloudRepo + "\nhttps://bitbucket.org/ws/other.git", cloudRepo, "W clone-command"},
	})
}

func TestWhatIsNoBitbucketAddressIsRefused(t *testing.T) {
	t.Parallel()
	rows := []urlRow{
		{"", "", "E empty"},
		{" \t\n", "", "E empty"},
		{"\x00\x1b", "", "E empty"},
		{"\ufeff", "", "E empty"},
		{"hello", "", "E malformed"},
		{"hello world", "", "E malformed"},
		{"<>", "", "E malformed"},
		{"https://", "", "E malformed"},
		{"bb:ws/repo.git", "", "E malformed"},
		{strings.Repeat("a", 5000), "", "E malformed"},
		{"git clone", "", "E malformed"},
		{`"-b" x`, "", "E malformed"},
		{"@", "", "E malformed"},
		{":", "", "E malformed"},
		{"https://%41.com/x/y", "", "E malformed"},
	}
	for _, text := range []string{
		"file:///srv/git/repo.git", "/srv/git/repo.git", "./repo", "../repo.git", "~/repo.git", `C:\repo`, `\\server\share`,
		"ext::sh -c id", "fd::17", "ftp://bb.corp.com/PAY/ledger.git", "svn://bb.corp.com/x", "javascript://bb.corp.com/x",
	} {
		rows = append(rows, urlRow{text, "", "E scheme"})
	}
	for _, text := range []string{
		"--upload-pack=touch /tmp/x", "-oProxyCommand=id", "ssh://-oProxyCommand=id/x", "ssh://git@-oProxyCommand=id/x",
		"ssh://-oProxyCommand=id@bb.corp.com/x/y.git", "git clone --upload-pack=evil " + cloudRepo, "git clone -u evil " + cloudRepo,
		"git clone -c core.sshCommand=evil " + cloudRepo, "git clone --config=core.fsmonitor=evil " + cloudRepo,
		"git clone --config protocol.ext.allow=always " + cloudRepo, "git clone --template=/evil " + cloudRepo,
		"https://-x.com/a/b", "git@bb.corp.com:-oX/r.git", "'-oProxyCommand=id'", "<-x>",
		"ssh://git@bb.corp.com:7999/-x/r.git", "ssh://git@bb.corp.com:7999/P/-r.git", "https://bb.corp.com/scm/-P/r.git",
	} {
		rows = append(rows, urlRow{text, "", "E option-injection"})
	}
	for _, host := range []string{
		"github.com", "www.github.com", "gitlab.com", "dev.azure.com", "acme.visualstudio.com", "codeberg.org", "git.sr.ht",
		"acme.atlassian.net", "id.atlassian.com", "git-codecommit.eu-west-1.amazonaws.com", "GitHub.com", "git.harness.io",
	} {
		want := "E other-provider"
		if host == "GitHub.com" {
			checkRows(t, URLContext{}, []urlRow{{"git@" + host + ":a/b.git", "", want}})
		}
		rows = append(rows, urlRow{"https://" + host + "/a/b.git", "", want})
	}
	checkRows(t, URLContext{}, rows)
}

func TestHostsThatPassForBitbucketAreTold(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"https://bitbucket.com/ws/repo.git", "https://bitbucket.org.com/ws/repo.git", "https://bitbuckct.org/ws/repo.git",
		"https://bitbucket.og/ws/repo.git", "https://bitbukcet.org/ws/repo.git", "https://staging.bitbucket.org/ws/repo.git",
		"https://bitbuсket.org/ws/repo.git", "https://www.bitbucket.com/ws/repo.git", "https://bitbucket-org.com/ws/repo.git",
	} {
		got := ReadURL(text, URLContext{})
		f, ok := got.Findings.Code("url.lookalike-host")
		if !ok || f.Severity != SeverityWarning || f.Suggestion != cloudRepo || got.Product != DataCenter {
			t.Errorf("%q: %v %+v", text, got.Product, f)
		}
	}
	for _, text := range []string{
		"https://bitbucket.acme.com/scm/", "https://bitbucket.acme.org/scm/", "https://git.acme.org/scm/", "https://bitbucket/scm/",
		"https://bitbucket.internal/scm/", "https://mybitbucket.io/scm/", "https://bucket.org.acme.com/scm/",
	} {
		if _, ok := ReadURL(text, URLContext{}).Findings.Code("url.lookalike-host"); ok {
			t.Errorf("%q is no lookalike", text)
		}
	}
	if f := ReadURL("https://bitbucket.com/~jdoe/r.git", URLContext{}).Findings[0]; f.Code != "url.lookalike-host" || f.Suggestion != "" {
		t.Errorf("what makes no sense at bitbucket.org is not suggested: %+v", f)
	}
	got := ReadURL("https://bücher.example/scm/PAY/ledger.git", URLContext{})
	if f, ok := got.Findings.Code("url.non-ascii-host"); !ok || f.Severity != SeverityWarning {
		t.Errorf("non-ASCII host: %v", got.Findings)
	}
	if got := ReadURL("git@bitbucket.com:ws/repo.git", URLContext{}); got.Findings[0].Suggestion != "git@ssh.bitbucket.org:ws/repo.git" {
		t.Errorf("over SSH: %+v", got.Findings)
	}
}
