//go:build !windows

package cmd

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"bbconnect/internal/realgit"
	"bbconnect/internal/sandbox"
)

// gitHome is a person's home with the program, a vault that opens without asking,
// and a git that asks the program for credentials as its help says.
type gitHome struct {
	t   *testing.T
	dir string
	env []string
}

func newGitHome(t *testing.T, helperFor string, config ...string) *gitHome {
	t.Helper()
	for _, program := range []string{"git", "bbconnect"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("this test runs the real %s: %v", program, err)
		}
	}
	dir := t.TempDir()
	g := &gitHome{t: t, dir: dir, env: []string{
		"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", "LC_ALL=C",
		"BBCONNECT_HOME=" + filepath.Join(dir, "bb"), "BBCONNECT_VAULT_PASSPHRASE_FILE=" + filepath.Join(dir, "passphrase"), "DBUS_SESSION_BUS_ADDRESS=disabled:",
	}}
	if err := os.WriteFile(filepath.Join(dir, "passphrase"), []byte("correct horse battery\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	g.ok("git", "config", "--global", "--replace-all", "credential."+helperFor+".helper", "")
	g.ok("git", "config", "--global", "--add", "credential."+helperFor+".helper", "!bbconnect git-credential")
	g.ok("git", "config", "--global", "credential."+helperFor+".useHttpPath", "true")
	for _, c := range config {
		key, value, _ := strings.Cut(c, "=")
		g.ok("git", "config", "--global", key, value)
	}
	return g
}

// run runs a program there and returns what it said and whether it ended well.
func (g *gitHome) run(env []string, program string, args ...string) (string, bool) {
	g.t.Helper()
	ctx, cancel := context.WithTimeout(g.t.Context(), 2*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, program, args...)
	c.Dir, c.Env = g.dir, append(g.env, env...)
	out, err := c.CombinedOutput()
	return string(out), err == nil
}

func (g *gitHome) ok(program string, args ...string) string {
	g.t.Helper()
	out, ok := g.run(nil, program, args...)
	if !ok {
		g.t.Fatalf("%s %s\n%s", program, strings.Join(args, " "), out)
	}
	return out
}

// save saves a connector with a value, without a test.
func (g *gitHome) save(name, value string, sets ...string) {
	g.t.Helper()
	args := []string{"new", "--yes", "--no-test", "--keystore", "vault", "--set", "overview.name=" + name, "--secret", "credentials.password=env:THE_VALUE"}
	for _, s := range sets {
		args = append(args, "--set", s)
	}
	if out, ok := g.run([]string{"THE_VALUE=" + value}, "bbconnect", args...); !ok {
		g.t.Fatalf("%s", out)
	}
}

// lastVerdict is the verdict of a connector's last test, "" for none.
func (g *gitHome) lastVerdict(id string) string {
	g.t.Helper()
	var doc struct {
		LastTest *struct{ Verdict string }
	}
	c := exec.CommandContext(g.t.Context(), "bbconnect", "show", id, "--json")
	c.Env = g.env
	out, err := c.Output()
	if err == nil {
		err = json.Unmarshal(out, &doc)
	}
	if err != nil {
		g.t.Fatalf("%v\n%s", err, out)
	}
	if doc.LastTest == nil {
		return ""
	}
	return doc.LastTest.Verdict
}

func TestGitClonesWithNothingButTheSavedConnector(t *testing.T) {
	t.Parallel()
	good, bad := "BB"+"DC-"+strings.Repeat("goodT7", 8)[:44], "BB"+"DC-"+strings.Repeat("wrongT", 8)[:44]
	server := realgit.Start(t, realgit.Options{User: "paybot", Password: good})
	g := newGitHome(t, server.URL)
	g.save("Pay", good, "details.url="+server.URL+"/scm/", "details.testRepository=PAY/ledger.git", "credentials.kind=http-access-token",
		"credentials.username=paybot", "api.method=off")

	out := g.ok("git", "clone", server.RepositoryURL(), "one")
	if _, err := os.Stat(filepath.Join(g.dir, "one", ".git", "HEAD")); err != nil || server.Rejected() > 0 {
		t.Fatalf("%v, %d rejected\n%s", err, server.Rejected(), out)
	}

	// A wrong one is refused once, marked, and not sent again.
	if out, ok := g.run([]string{"THE_VALUE=" + bad}, "bbconnect", "secret", "set", "account.Pay_token", "--from", "env:THE_VALUE"); !ok {
		t.Fatal(out)
	}
	if out, ok := g.run(nil, "git", "clone", server.RepositoryURL(), "two"); ok || strings.Contains(out, bad) {
		t.Fatalf("cloned with a wrong token, or it is shown:\n%s", out)
	}
	if server.Rejected() != 1 || g.lastVerdict("Pay") != "fail" {
		t.Fatalf("%d rejected, the connector is %q", server.Rejected(), g.lastVerdict("Pay"))
	}
	out, ok := g.run(nil, "git", "clone", server.RepositoryURL(), "three")
	if ok || server.Rejected() != 1 || !strings.Contains(out, "bbconnect test Pay") {
		t.Fatalf("%d rejected\n%s", server.Rejected(), out)
	}

	// What is kept is still there; the right one again, and a test that passes.
	if out, ok := g.run([]string{"THE_VALUE=" + good}, "bbconnect", "secret", "set", "account.Pay_token", "--from", "env:THE_VALUE"); !ok {
		t.Fatal(out)
	}
	g.ok("bbconnect", "test", "Pay")
	g.ok("git", "clone", server.RepositoryURL(), "four")
	if server.Rejected() != 1 {
		t.Errorf("%d rejected", server.Rejected())
	}
	g.nowhere(good, bad)
}

// nowhere searches every file of the home for values.
func (g *gitHome) nowhere(values ...string) {
	g.t.Helper()
	err := filepath.WalkDir(g.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		for _, v := range values {
			if strings.Contains(string(data), v) {
				g.t.Errorf("%s holds a secret", path)
			}
		}
		return err
	})
	if err != nil {
		g.t.Error(err)
	}
}

func TestGitClonesFromCloudWithEachConnectorsOwnCredential(t *testing.T) {
	t.Parallel()
	box, err := sandbox.Start(t.Context(), sandbox.Options{Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	g := newGitHome(t, "https://bitbucket.org", "http.proxy="+tunnelTo(t, box), "http.sslCAInfo="+writeFile(t, "ca.pem", box.CAPEM()))
	repo, whole := box.Secret(sandbox.TokenRepository), box.Secret(sandbox.TokenAPI)
	g.save("Acme", whole, "details.url=https://bitbucket.org/acme/", "details.urlType=Account", "details.testRepository=ledger.git", "api.method=off")
	g.save("Ledger", repo, "details.url=https://bitbucket.org/acme/ledger.git", "api.method=off")

	g.ok("git", "clone", "https://bitbucket.org/acme/ledger.git", "ledger")
	if n := signedIn(box, "x-token-auth"); n == 0 {
		t.Error("the repository's own token was not used")
	}
	// The address as Bitbucket shows it to a person has their name in it.
	g.ok("git", "clone", "https://jdoe@bitbucket.org/acme/ledger.git", "named")
	box.Reset()
	g.ok("git", "-C", "ledger", "fetch", "https://bitbucket.org/acme/website.git")
	if signedIn(box, "x-token-auth") > 0 {
		t.Error("the token of another repository was sent")
	}
	if g.lastVerdict("Acme")+g.lastVerdict("Ledger") != "" {
		t.Error("something was marked")
	}
	// Without the path, two credentials are possible, so none is sent.
	g.ok("git", "config", "--global", "--unset", "credential.https://bitbucket.org.useHttpPath")
	box.Reset()
	out, ok := g.run(nil, "git", "clone", "https://bitbucket.org/acme/ledger.git", "blind")
	if ok || !strings.Contains(out, "useHttpPath true") || signedIn(box, "") > 0 {
		t.Errorf("%s", out)
	}
	g.nowhere(repo, whole)
}

// signedIn counts the requests that came with a login; "" counts every one.
func signedIn(box *sandbox.Sandbox, name string) (n int) {
	for _, r := range box.Requests() {
		if r.Login != "none" && r.Channel != sandbox.ProxyConnect && (name == "" || r.Name == name) {
			n++
		}
	}
	return n
}

func writeFile(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// tunnelTo is an HTTP proxy whose every connection ends in the sandbox.
func tunnelTo(t *testing.T, box *sandbox.Sandbox) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { tunnel(ctx, conn, box) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		serving.Wait()
	})
	return "http://" + listener.Addr().String()
}

// tunnel answers one CONNECT and copies until either side ends.
func tunnel(ctx context.Context, conn net.Conn, box *sandbox.Sandbox) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	req, err := http.ReadRequest(in)
	if err != nil || req.Method != http.MethodConnect {
		return
	}
	far, err := box.Dial(ctx, "tcp", req.Host)
	if err != nil {
		return
	}
	defer far.Close()
	if _, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
		return
	}
	var back sync.WaitGroup
	back.Go(func() {
		_, _ = io.Copy(conn, far)
		_ = conn.Close()
	})
	_, _ = io.Copy(far, in)
	_ = far.Close()
	back.Wait()
}
