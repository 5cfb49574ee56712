package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// withGit is a run that measures nothing, and git.
func withGit(t *testing.T) (*bench, string) {
	t.Helper()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal("git is needed: apt-get install git")
	}
	return &bench{dir: t.TempDir(), n: 2}, git
}

func TestPackedRefsAreARepositoryOfThatManyBranches(t *testing.T) {
	t.Parallel()
	b, git := withGit(t)
	path := filepath.Join(b.dir, "some.git")
	for range 2 { // the second time it is there
		if err := b.makeRepository(t.Context(), git, path, 250); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), git, "-C", path, "for-each-ref", "--format=%(refname) %(objecttype)")
	cmd.Env = b.environment()
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != 250 || lines[249] != "refs/heads/main commit" || lines[0] != "refs/heads/branch-000000 commit" {
		t.Errorf("%d refs, from %q to %q", len(lines), lines[0], lines[len(lines)-1])
	}
}

// git's own client is what tells that the server works, of every name and in
// both protocols.
func TestGitReadsWhatTheServerServes(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]serving{
		"HTTP": {}, "HTTPS": {secure: true}, "the old protocol": {old: true}, "from memory": {recorded: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, git := withGit(t)
			s, err := b.startGitServer(t.Context(), git, how)
			if err != nil {
				t.Fatal(err)
			}
			defer s.close()
			env, err := b.gitEnvironment(s)
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), git, "ls-remote", "--heads", s.repository("any-name"))
			cmd.Env = env
			out, err := cmd.CombinedOutput()
			if n := strings.Count(string(out), "refs/heads/"); err != nil || n != fewRefs {
				t.Errorf("%d heads, %v\n%.500s", n, err, out)
			}
			if got, _ := s.take(); got.git != 2 || got.anonymous != 1 || got.refused != 0 || got.rest != 0 {
				t.Errorf("it cost %+v", got)
			}
			if how.recorded {
				return
			}
			cmd = exec.CommandContext(t.Context(), git, "ls-remote", s.repository(largeOne), "refs/heads/branch-099998")
			cmd.Env = env
			if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "branch-099998") {
				t.Errorf("the large one: %v\n%.500s", err, out)
			}
		})
	}
}

func TestAWrongPasswordIsRefusedAndCounted(t *testing.T) {
	t.Parallel()
	b, git := withGit(t)
	s, err := b.startGitServer(t.Context(), git, serving{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	cmd := exec.CommandContext(t.Context(), git, "ls-remote", strings.Replace(s.repository("ledger"), "://", "://jdoe:wrong@", 1))
	cmd.Env = b.environment("GIT_CONFIG_GLOBAL=" + os.DevNull)
	if out, err := cmd.CombinedOutput(); err == nil {
		t.Errorf("git was let in: %s", out)
	}
	if got, _ := s.take(); got.refused != 1 || got.git != 1 || got.anonymous != 1 {
		t.Errorf("it cost %+v", got)
	}
}

func TestTheConnectorsOfAFleetDifferInNameAndAddressAlone(t *testing.T) {
	t.Parallel()
	b := &bench{dir: t.TempDir()}
	home, err := b.save("fleet", 3, func(i int) string { return overHTTP(fmt.Sprintf("http://127.0.0.1/scm/PAY/s%d.git", i), "jdoe", true) })
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i := range 3 {
		text, err := os.ReadFile(filepath.Join(home, "data", "connectors", fmt.Sprintf("service%04d.yaml", i)))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{
			fmt.Sprintf("identifier: service%04d\n", i), fmt.Sprintf("url: http://127.0.0.1/scm/PAY/s%d.git\n", i),
			"passwordRef: account.bench_token\n", "tokenRef: account.bench_token\n",
		} {
			if !strings.Contains(string(text), want) {
				t.Errorf("connector %d has no %q:\n%s", i, want, text)
			}
		}
		seen[string(text)] = true
	}
	if len(seen) != 3 {
		t.Errorf("%d different connectors of 3", len(seen))
	}
	if text := overSSH("ssh://git@127.0.0.1/PAY/ledger.git", ""); strings.Contains(text, "apiAccess") || !strings.Contains(text, "sshKeyRef") {
		t.Errorf("without a user for it, API access is off:\n%s", text)
	}
}
