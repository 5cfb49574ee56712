package realgit

import (
	"net/url"
	"os/exec"
	"strings"
	"testing"
)

func TestGitItselfListsTheRepositoryWithTheRightPassword(t *testing.T) {
	t.Parallel()
	s := Start(t, Options{User: "jdoe", Password: "pw", Refs: 3})
	u, err := url.Parse(s.RepositoryURL())
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("jdoe", "pw")
	out, err := exec.CommandContext(t.Context(), "git", "ls-remote", u.String()).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if n := strings.Count(string(out), "refs/heads/"); n != 4 {
		t.Errorf("git lists %d branches, want 4:\n%s", n, out)
	}
	if s.Denied() == 0 {
		t.Error("git asks without the password first, so one answer must have been 401")
	}
}

func TestAWrongPasswordIsRefused(t *testing.T) {
	t.Parallel()
	s := Start(t, Options{User: "jdoe", Password: "pw", TLS: true})
	c := exec.CommandContext(t.Context(), "git", "-c", "credential.helper=", "-c", "http.sslCAInfo="+s.CAFile, "ls-remote", s.RepositoryURL())
	c.Env = append(c.Environ(), "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=")
	if out, err := c.CombinedOutput(); err == nil {
		t.Errorf("git got in without a password:\n%s", out)
	}
}
