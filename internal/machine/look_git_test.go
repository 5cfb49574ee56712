package machine

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"bbconnect/model"
)

func cloudHost(needsPath bool) GitHost {
	return GitHost{URL: "https://bitbucket.org", NeedsPath: needsPath}
}

// gitList is what git prints of settings.
func gitList(lines ...string) []byte {
	var b strings.Builder
	for _, l := range lines {
		origin, setting, _ := strings.Cut(l, " ")
		key, value, _ := strings.Cut(setting, "=")
		b.WriteString("file:" + origin + "\x00" + key + "\n" + value + "\x00")
	}
	return []byte(b.String())
}

const our = "/h/.gitconfig credential.https://bitbucket.org.helper=!bbconnect git-credential"

func TestAHelperThatIsAskedBeforeThisOneIsNamedWithItsFile(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		list  []string
		needs bool
		code  string
		words string
	}{
		"none at all":                {nil, false, "", "git does not ask bbconnect"},
		"another alone":              {[]string{"/etc/gitconfig credential.helper=osxkeychain"}, true, "", "git does not ask bbconnect"},
		"ours alone":                 {[]string{our}, false, "", "for 1 of 1 hosts"},
		"ours, the path is missing":  {[]string{our}, true, "machine.git-path", ""},
		"ours with the path":         {[]string{our, "/h/.gitconfig credential.https://bitbucket.org.usehttppath=true"}, true, "", "1 of 1"},
		"the path for everything":    {[]string{our, "/h/.gitconfig credential.usehttppath="}, true, "", "1 of 1"},
		"another before":             {[]string{"/etc/gitconfig credential.helper=osxkeychain", our}, false, "machine.git-helper", "osxkeychain before bbconnect"},
		"another before by its path": {[]string{"/etc/gitconfig credential.helper=/usr/lib/git-core/git-credential-libsecret", our}, false, "machine.git-helper", "libsecret before bbconnect"},
		"Windows' own before":        {[]string{`C:/Program credential.helper=C:\\Git\\git-credential-manager.exe`, our}, false, "machine.git-helper", "manager before bbconnect"},
		"a script before":            {[]string{"/etc/gitconfig credential.helper=!f() { echo password=hunter2; }; f", our}, false, "machine.git-helper", "another program before"},
		"another, then forgotten":    {[]string{"/etc/gitconfig credential.helper=store", "/h/.gitconfig credential.https://bitbucket.org.helper=", our}, false, "", "1 of 1"},
		"ours, then forgotten":       {[]string{our, "/h/.gitconfig credential.helper="}, false, "", "git does not ask bbconnect"},
		"another behind":             {[]string{our, "/h/.gitconfig credential.helper=cache --timeout=3600"}, false, "", "1 of 1"},
		"another for another host":   {[]string{"/h/.gitconfig credential.https://github.com.helper=store", our}, false, "", "1 of 1"},
		"another for all of .org":    {[]string{"/h/.gitconfig credential.https://*.org.helper=store", our}, false, "machine.git-helper", "store before"},
		"another for a path":         {[]string{"/h/.gitconfig credential.https://jdoe@bitbucket.org/acme.helper=store", our}, false, "machine.git-helper", "store before"},
		"another over plain http":    {[]string{"/h/.gitconfig credential.http://bitbucket.org.helper=store", our}, false, "", "1 of 1"},
	} {
		c := GitHelper(gitList(tc.list...), nil, []GitHost{cloudHost(tc.needs)})
		said := c.Detail
		if c.Problem != nil {
			said += c.Problem.What + c.Problem.Why
			if c.Status != model.CheckWarn || len(c.Problem.Commands) == 0 {
				t.Errorf("%s: %+v has no remedy", name, c)
			}
		}
		if codeOf(c) != tc.code || !strings.Contains(said, tc.words) || strings.Contains(said, "hunter2") {
			t.Errorf("%s: %q, %s", name, codeOf(c), said)
		}
	}
	if c := GitHelper(nil, exec.ErrNotFound, nil); c.Status != model.CheckSkip || c.Detail != "git is not installed" {
		t.Errorf("%+v", c)
	}
	if c := GitHelper(nil, errors.New("exit 128"), nil); c.Status != model.CheckSkip {
		t.Errorf("%+v", c)
	}
}

func TestWhatRealGitPrintsIsUnderstood(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "config")
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("LEFT OUT: git is not installed, so its own settings were not read")
	}
	more := filepath.Join(dir, "more")
	write(t, more, "[credential]\n\thelper = store\n")
	write(t, file, "[include]\n\tpath = "+more+"\n[credential \"https://bitbucket.org\"]\n\thelper = !bbconnect git-credential\n\tuseHttpPath\n")
	t.Setenv("GIT_CONFIG_GLOBAL", file)
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	t.Chdir(dir)
	settings, err := GitSettings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := GitHelper(settings, nil, []GitHost{cloudHost(true)})
	if codeOf(c) != "machine.git-helper" || !strings.Contains(c.Problem.Why, more) {
		t.Errorf("%+v", c.Problem)
	}
	// The remedy, run as it is shown, mends it.
	for _, line := range c.Problem.Commands {
		if out, err := exec.CommandContext(t.Context(), "sh", "-c", line).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", line, err, out)
		}
	}
	if settings, err = GitSettings(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := GitHelper(settings, nil, []GitHost{cloudHost(true)}); c.Problem != nil {
		t.Errorf("%+v", c.Problem)
	}
}

func TestPasswordsInFilesAreNamedByTheirLineAndNeverShown(t *testing.T) {
	t.Parallel()
	secret := "canary-" + strings.Repeat("Q7", 8)
	server := GitHost{URL: "https://git.example.com:8443"}
	for name, tc := range map[string]struct {
		file, text string
		where      string
	}{
		"nothing":                     {".netrc", "", ""},
		"another machine":             {".netrc", "machine github.com login me password " + secret, ""},
		"one line":                    {".netrc", "# mine\nmachine BitBucket.org login me password " + secret, ".netrc, line 2"},
		"several lines":               {".netrc", "machine github.com\nlogin a\npassword b\nmachine bitbucket.org\n  login me\n  password " + secret, ".netrc, line 6"},
		"a machine called like that":  {".netrc", "machine github.com login bitbucket.org password " + secret, ""},
		"every machine":               {".netrc", "default login anonymous password " + secret, ".netrc, line 1"},
		"in a macro":                  {".netrc", "macdef x\nmachine bitbucket.org password " + secret + "\n\nmachine git.example.com password " + secret, ".netrc, line 4"},
		"the store":                   {".git-credentials", "https://me:" + secret + "@github.com\nhttps://me:" + secret + "@bitbucket.org\n", ".git-credentials, line 2"},
		"the store of a server":       {".git-credentials", "https://me:" + secret + "@git.example.com:8443", ".git-credentials, line 1"},
		"another port":                {".git-credentials", "https://me:" + secret + "@git.example.com:7000", ""},
		"no password":                 {".git-credentials", "https://bitbucket.org\n%zz\n\x00", ""},
		"the store in the new folder": {".config/git/credentials", "https://me:" + secret + "@bitbucket.org/acme", "credentials, line 1"},
	} {
		home := t.TempDir()
		write(t, filepath.Join(home, filepath.FromSlash(tc.file)), tc.text)
		c := GitPasswords(home, environ(), []GitHost{cloudHost(false), server})
		said := c.Detail
		if c.Problem != nil {
			said = c.Problem.Error() + c.Problem.Why
		}
		if strings.Contains(said, secret) || (c.Problem != nil) != (tc.where != "") || !strings.Contains(said, tc.where) {
			t.Errorf("%s: %s", name, said)
		}
	}
	home := t.TempDir()
	write(t, filepath.Join(home, ".netrc"), strings.Repeat("machine bitbucket.org password x\n", 9))
	if c := GitPasswords(home, environ(), []GitHost{cloudHost(false)}); !strings.Contains(c.Problem.What, "and 4 more") {
		t.Error(c.Problem.What)
	}
}

func FuzzFilesOfPasswords(f *testing.F) {
	f.Add("machine bitbucket.org login a password b\nmacdef x\n\ndefault password y")
	f.Add("https://a:b@bitbucket.org\n://\n")
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "f"), text)
		lines := strings.Count(text, "\n") + 1
		for _, s := range append(netrcPasswords(filepath.Join(dir, "f"), []GitHost{cloudHost(false)}), storedPasswords(filepath.Join(dir, "f"), []GitHost{cloudHost(false)})...) {
			if s.line < 1 || s.line > lines || s.host != "bitbucket.org" {
				t.Fatalf("%+v of %d lines", s, lines)
			}
		}
		signIn([]byte(text), cloudHost(true))
	})
}
