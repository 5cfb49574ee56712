package machine

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// git runs the real git on files of this test, with nobody's settings.
func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath("git")
	if err != nil {
		t.Skip("git is not installed: what it writes is NOT checked here")
	}
	cmd := exec.CommandContext(t.Context(), path, append([]string{
		"-c", "protocol.file.allow=always", "-c", "user.name=t", "-c", "user.email=t@example.com",
		"-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false",
	}, args...)...)
	cmd.Dir = dir
	// A hook that runs the tests sets GIT_DIR and its like.
	inherited := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "GIT_") })
	cmd.Env = append(inherited, "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestTheRemotesOfARealCheckoutAreFoundFromAnywhereInIt(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	git(t, root, "init", "-q")
	git(t, root, "remote", "add", "upstream", "https://bitbucket.example.com/scm/PAY/ledger.git")
	git(t, root, "remote", "add", "origin", "git@bitbucket.org:acme/ledger.git")
	git(t, root, "remote", "add", "again", "git@bitbucket.org:acme/ledger.git")
	deep := filepath.Join(root, "a", "b", "c")
	write(t, filepath.Join(deep, "file"), "")
	want := []string{"git@bitbucket.org:acme/ledger.git", "https://bitbucket.example.com/scm/PAY/ledger.git"}
	for _, dir := range []string{root, deep} {
		if got := Remotes(t.Context(), dir); !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	}
}

func TestOriginComesFirstAndAddressesDoNotRepeat(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var many strings.Builder
	for i := range maxRemotes + 5 {
		many.WriteString("[remote \"r" + strconv.Itoa(i) + "\"]\nurl = https://host/a/" + strconv.Itoa(i) + "\n")
	}
	write(t, filepath.Join(dir, ".git", "config"), "[remote \"b\"]\nurl = https://host/b\npushurl = https://me:word@host/a\n"+
		"[remote \"origin\"]\nurl = https://me@host/a\n[branch \"main\"]\nremote = origin\nurl = https://host/no\n"+many.String())
	got := Remotes(t.Context(), dir)
	if len(got) != maxRemotes || !slices.Equal(got[:3], []string{"https://me@host/a", "https://host/b", "https://host/a/0"}) {
		t.Errorf("%d remotes: %v", len(got), got)
	}
	if slices.Contains(got, "https://host/no") {
		t.Error("a branch's setting was taken for a remote")
	}
}

func TestWorktreesAndSubmodulesAreFollowed(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	main, sub, tree := filepath.Join(root, "main"), filepath.Join(root, "sub"), filepath.Join(root, "tree")
	for _, dir := range []string{main, sub} {
		git(t, root, "init", "-q", dir)
		git(t, dir, "commit", "-q", "--allow-empty", "-m", "first")
	}
	git(t, main, "remote", "add", "origin", "ssh://git@bitbucket.example.com:7999/pay/main.git")
	git(t, main, "worktree", "add", "-q", tree)
	if got := Remotes(t.Context(), tree); !slices.Equal(got, []string{"ssh://git@bitbucket.example.com:7999/pay/main.git"}) {
		t.Errorf("worktree: %v", got)
	}
	git(t, main, "submodule", "--quiet", "add", sub, "child")
	child := filepath.Join(main, "child")
	git(t, child, "remote", "set-url", "origin", "https://bitbucket.org/acme/child.git")
	if got := Remotes(t.Context(), child); !slices.Equal(got, []string{"https://bitbucket.org/acme/child.git"}) {
		t.Errorf("submodule: %v", got)
	}
}

func TestThereAreNoRemotesWhereNothingCanBeRead(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(dir string){
		"no checkout":      func(string) {},
		"an empty .git":    func(dir string) { write(t, filepath.Join(dir, ".git", "x"), "") },
		"a broken link":    func(dir string) { write(t, filepath.Join(dir, ".git"), "gitdir: /nowhere/at/all") },
		"no link":          func(dir string) { write(t, filepath.Join(dir, ".git"), "hello") },
		"a link to a loop": func(dir string) { write(t, filepath.Join(dir, ".git"), "gitdir: .git") },
		"a huge file": func(dir string) {
			write(t, filepath.Join(dir, ".git", "config"), "[remote \"origin\"]\nurl = https://a/b\n"+strings.Repeat("#", maxConfig))
		},
	} {
		dir := t.TempDir()
		prepare(dir)
		if got := Remotes(t.Context(), dir); len(got) != 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, ".git", "config"), "[remote \"origin\"]\nurl = https://a/b\n")
	if got := Remotes(ctx, dir); len(got) != 0 {
		t.Errorf("after the end of the context: %v", got)
	}
}

func TestNoSecretTravelsInARemote(t *testing.T) {
	t.Parallel()
	canary := "canary" + strings.Repeat("x9", 8)
	for raw, want := range map[string]string{
		"https://bitbucket.org/acme/r.git":                          "https://bitbucket.org/acme/r.git",
		"https://jdoe@bitbucket.org/acme/r.git":                     "https://jdoe@bitbucket.org/acme/r.git",
		"https://jdoe:" + canary + "@bitbucket.org/acme/r.git":      "https://jdoe@bitbucket.org/acme/r.git",
		"https://jdoe:a@" + canary + "@bitbucket.org/acme/r.git":    "https://jdoe@bitbucket.org/acme/r.git",
		"https://:" + canary + "@bitbucket.org/acme/r.git":          "https://bitbucket.org/acme/r.git",
		"https://x-token-auth:" + canary + "@bitbucket.org/a/r.git": "https://x-token-auth@bitbucket.org/a/r.git",
		"https://ATATT" + canary + "@bitbucket.org/acme/r.git":      "https://bitbucket.org/acme/r.git",
		"https://BBDC-" + canary + "@bitbucket.example.com/a/r.git": "https://bitbucket.example.com/a/r.git",
		"https://" + strings.Repeat(canary, 4) + "@host/a/r.git":    "https://host/a/r.git",
		"https://jdoe:" + canary + "/x@host/a/r.git":                "",
		"https://jdoe:12/" + canary + "@host/a/r.git":               "",
		"https://host/a/r.git?token=" + canary:                      "https://host/a/r.git",
		"https://host/a/r.git#" + canary:                            "https://host/a/r.git",
		"https://host:x" + canary + "/a/r.git":                      "",
		"ssh://git@host:7999/pay/r.git":                             "ssh://git@host:7999/pay/r.git",
		"ssh://git:" + canary + "@host:7999/pay/r.git":              "ssh://git@host:7999/pay/r.git",
		"ssh://git@[::1]:7999/pay/r.git":                            "ssh://git@[::1]:7999/pay/r.git",
		"git@bitbucket.org:acme/r.git":                              "git@bitbucket.org:acme/r.git",
		"git:" + canary + "@bitbucket.org:acme/r.git":               "",
		"ATBB" + canary + "@bitbucket.org:acme/r.git":               "",

		"../elsewhere":           "../elsewhere",
		"https://host/a\x1b[31m": "",
		"":                       "",

		"https://host/" + strings.Repeat("a", maxURL): "",
	} {
		got := withoutSecret(raw)
		if got != want {
			t.Errorf("%q becomes %q, want %q", raw, got, want)
		}
		if strings.Contains(got, "canary") {
			t.Errorf("the canary is in %q", got)
		}
	}
}

// hardConfig has every trait of the syntax.
const hardConfig = "\ufeff# comment\n; another\n[core]\n\tbare = false\n\tfileMode\n" +
	"[remote \"ori]gin\"] url = one # said\n\tURL = \"two # not said\" ; said\n\turl = thr\\\nee\n\turl = \"a \\\"b\\\" \\\\ c\"  \n" +
	"  url = in the middle   \n\turl = \"open \" end  \n\turl = blank \"\"\n" +
	"[Remote \"Sub\\\\se\\\"ct\"]\r\n\tpushUrl = crlf\r\n" +
	"[remote.Old]\n\turl=tight\n[remote \"x\"]\n\turl =\n\tfetch = +refs/heads/*:refs/remotes/x/*\n"

func TestTheParserReadsWhatGitReads(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config")
	write(t, path, hardConfig)
	var want []string
	for record := range strings.SplitSeq(strings.TrimSuffix(git(t, t.TempDir(), "config", "-f", path, "--list", "-z"), "\x00"), "\x00") {
		want = append(want, record)
	}
	var got []string
	for _, e := range parseConfig(hardConfig) {
		name := e.section + "."
		if e.subsection != "" {
			name += e.subsection + "."
		}
		if e.section == "core" && e.key == "filemode" {
			got = append(got, name+e.key) // git writes no value for it
			continue
		}
		got = append(got, name+e.key+"\n"+e.value)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

func TestADamagedConfigurationYieldsWhatIsSure(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"":                                    0,
		"url = outside any section":           0,
		"[remote \"o\nurl = x":                0,
		"[remote \"o\"\nurl = x":              0,
		"[remote \"o\"]\nurl = \"open\nurl=y": 1,
		"[remote \"o\"]\nurl = \\q\nurl = y":  1,
		"[remote \"o\"]\nurl x\nurl = y":      1,
		"[remote \"o\"]\n!!\nurl = y":         1,
		"[]\nurl = y":                         0,
		"[remote \"o\"]\nurl = y\\":           0,
	} {
		if got := parseConfig(text); len(got) != want {
			t.Errorf("%q: %v, want %d settings", text, got, want)
		}
	}
}

func FuzzTheParserEndsAndNoPasswordGetsThrough(f *testing.F) {
	f.Add(hardConfig, "user", "pa@ss")
	f.Add("[a]b=\"\\", "", "x/y")
	f.Fuzz(func(t *testing.T, text, user, password string) {
		for _, e := range parseConfig(text) {
			if e.section == "" || e.key == "" {
				t.Errorf("a setting without a name: %+v", e)
			}
		}
		password = "canary" + password
		got := withoutSecret("https://" + strings.Trim(user, "/?#@:") + ":" + password + "@host.example.com/a/r.git")
		if strings.Contains(got, "canary") {
			t.Errorf("%q holds the password", got)
		}
	})
}
