package probe

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	osuser "os/user"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"bbconnect/model"
)

// Real servers: what git's own http-backend and OpenSSH's sshd say is what the
// probe must understand, whatever our scripts believe.

// program finds a program, or says loudly what is not tested without it.
func program(t *testing.T, name string, places ...string) string {
	t.Helper()
	for _, place := range append(places, name) {
		if path, err := exec.LookPath(place); err == nil {
			return path
		}
	}
	if os.Getenv("BBCONNECT_CI") == "1" {
		t.Fatalf("%s is not installed", name)
	}
	t.Skipf("NOT TESTED: %s is not installed, so nothing here is proven against the real one", name)
	return ""
}

// gitRepository makes a bare repository with so many branches, at
// root/scm/PAY/ledger.git.
func gitRepository(t *testing.T, refs int) (root string) {
	t.Helper()
	git := program(t, "git")
	root = t.TempDir()
	repo := filepath.Join(root, "scm", "PAY", "ledger.git")
	run := func(stdin string, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), git, args...)
		cmd.Stdin = strings.NewReader(stdin)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "HOME="+root,
			"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@b", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@b")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	run("", "init", "-q", "--bare", repo)
	if refs == 0 {
		return root
	}
	tree := run("", "-C", repo, "hash-object", "-w", "-t", "tree", "--stdin")
	commit := run("first\n", "-C", repo, "commit-tree", tree)
	var packed strings.Builder
	packed.WriteString("# pack-refs with: peeled fully-peeled sorted \n")
	for i := range refs {
		fmt.Fprintf(&packed, "%s refs/heads/b%06d\n", commit, i)
	}
	if err := os.WriteFile(filepath.Join(repo, "packed-refs"), []byte(packed.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(run("", "-C", repo, "for-each-ref")+"\n", "\n"); got != refs {
		t.Fatalf("the repository has %d refs, not %d", got, refs)
	}
	return root
}

// realHTTP serves the repositories through git http-backend behind Basic, and
// a REST API that is Data Center's as far as the probe asks.
func realHTTP(t *testing.T, root string) *world {
	t.Helper()
	git := program(t, "git")
	out, err := exec.CommandContext(t.Context(), git, "--exec-path").Output()
	if err != nil {
		t.Fatal(err)
	}
	backend := program(t, "git-http-backend", filepath.Join(strings.TrimSpace(string(out)), "git-http-backend"))
	handler := &cgi.Handler{
		Path: backend, Stderr: io.Discard,
		Env: []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*"},
	}
	w := newWorld(t, soundServer())
	scripted := w.Config.Handler
	w.Config.Handler = http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		if !strings.HasPrefix(in.URL.Path, "/scm/") {
			scripted.ServeHTTP(out, in)
			return
		}
		name, secret, ok := in.BasicAuth()
		status := http.StatusOK
		if !ok || name != "jdoe" || secret != serverToken() {
			status = http.StatusUnauthorized
			out.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			http.Error(out, "Authentication failed", status)
		}
		w.mu.Lock()
		w.requests = append(w.requests, request{host: in.Host, path: in.URL.Path, query: in.URL.RawQuery, status: status, authorization: in.Header.Get("Authorization")})
		w.mu.Unlock()
		if status == http.StatusOK {
			handler.ServeHTTP(out, in)
		}
	})
	return w
}

func TestGitsOwnHTTPBackendIsUnderstood(t *testing.T) {
	t.Parallel()
	root, empty := gitRepository(t, 3), gitRepository(t, 0)
	for name, c := range map[string]struct {
		root    string
		change  func(*model.TestRequest)
		verdict model.Verdict
		code    string
	}{
		"a good pair":          {root, nil, model.VerdictPass, ""},
		"API access off":       {root, apiOff, model.VerdictPass, ""},
		"an empty repository":  {empty, nil, model.VerdictPass, ""},
		"a wrong user":         {root, user("john"), model.VerdictFail, "cred.needs-username"},
		"a repository missing": {root, together(apiOff, func(r *model.TestRequest) { r.Connector.URL = "https://" + dcHost + "/scm/PAY/nowhere.git" }), model.VerdictFail, "repo.not-found-or-no-access"},
		"an account": {root, func(r *model.TestRequest) {
			r.Connector.URLType, r.Connector.URL, r.Connector.TestRepository = model.URLAccount, "https://"+dcHost+"/scm/", "PAY/ledger.git"
		}, model.VerdictPass, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := realHTTP(t, c.root)
			req := serverRequest()
			if c.change != nil {
				c.change(&req)
			}
			compare(t, New(w.options()).Test(t.Context(), req, nil), c.verdict, c.code)
			git := 0
			for _, r := range w.seen() {
				if strings.HasPrefix(r.path, "/scm/") && r.authorization != "" {
					git++
				}
			}
			if git != 1 {
				t.Errorf("%d git requests", git)
			}
		})
	}
}

func TestGitsOwnBackendCostsTheSameForManyRefs(t *testing.T) {
	t.Parallel()
	read := map[int]int64{}
	for _, refs := range []int{10, 5000} {
		w := realHTTP(t, gitRepository(t, refs))
		o := w.options()
		meter := &meterDial{next: w.dial}
		o.Dial = meter.dial
		req := serverRequest()
		apiOff(&req)
		began := time.Now()
		compare(t, New(o).Test(t.Context(), req, nil), model.VerdictPass, "")
		read[refs] = meter.total.Load()
		t.Logf("%d refs: %d bytes read, %v", refs, read[refs], time.Since(began).Round(time.Millisecond))
	}
	if read[5000] > read[10]+1024 {
		t.Errorf("bytes read: %v", read)
	}
}

// writeFile writes a file, which may be a script that is run at once. No other
// test may fork meanwhile: its child would hold the file open for writing, and
// Linux runs no such file.
func writeFile(t *testing.T, path string, mode os.FileMode, content string) {
	t.Helper()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
}

// sshDaemon runs a real sshd on loopback for the connector's key, whose forced
// command is git-upload-pack in root, with further settings of sshd_config(5).
// It ends with the test.
func sshDaemon(t *testing.T, root string, settings ...string) (address string, hostKey ssh.PublicKey) {
	t.Helper()
	sshd := program(t, "sshd", "/usr/sbin/sshd")
	if os.Getuid() == 0 {
		// Run by root, sshd wants its privilege separation directory.
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, mode os.FileMode, content string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		writeFile(t, path, mode, content)
		return path
	}
	host := write("host", 0o600, string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})))
	keys := write("keys", 0o600, string(ssh.MarshalAuthorizedKey(hostSigner(t, rsaKey()).PublicKey())))
	// A forced command stands for Bitbucket's restricted shell.
	force := write("force", 0o700, "#!/bin/sh\nset -e\nexport GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'\ncd "+root+"/scm\ncase \"$SSH_ORIGINAL_COMMAND\" in\n\"git-upload-pack '/\"*) eval \"set -- $SSH_ORIGINAL_COMMAND\"; exec git-upload-pack \".$2\";;\nesac\necho 'Shell access is disabled' >&2; exit 1\n")
	config := write("config", 0o600, strings.Join([]string{
		"HostKey " + host, "AuthorizedKeysFile " + keys, "StrictModes no", "UsePAM no", "PasswordAuthentication no", "PermitRootLogin yes",
		"KbdInteractiveAuthentication no", "ForceCommand " + force, "AcceptEnv GIT_PROTOCOL", "PidFile none", "LogLevel INFO",
		strings.Join(settings, "\n"), "",
	}, "\n"))
	// A port that is free now may be somebody else's a moment later.
	for range 10 {
		if address, listens := startSSHDaemon(t, sshd, config); listens {
			return address, hostSigner(t, key).PublicKey()
		}
	}
	t.Fatal("sshd listens on none of ten free ports")
	return "", nil
}

// startSSHDaemon runs sshd on a port that was free a moment ago, until the end
// of the test; listens is whether sshd itself says that it listens there.
func startSSHDaemon(t *testing.T, sshd, config string) (address string, listens bool) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = l.Addr().String()
	_, port, err := net.SplitHostPort(address)
	if err := errors.Join(err, l.Close()); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), sshd, "-D", "-e", "-f", config, "-p", port, "-o", "ListenAddress=127.0.0.1")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	listening, said := make(chan bool, 1), make(chan string, 1)
	go func() {
		defer close(listening)
		var all strings.Builder
		for s := bufio.NewScanner(stderr); s.Scan(); {
			fmt.Fprintln(&all, s.Text())
			if strings.HasPrefix(s.Text(), "Server listening on ") {
				listening <- true
			}
		}
		said <- all.String()
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // closes the pipe, which a session may still hold
		if text := <-said; t.Failed() {
			t.Logf("sshd said: %s", text)
		}
	})
	return address, <-listening
}

func TestOpenSSHsOwnServerIsUnderstood(t *testing.T) {
	t.Parallel()
	root := gitRepository(t, 3)
	address, hostKey := sshDaemon(t, root)
	myself, err := osuser.Current()
	if err != nil {
		t.Fatal(err)
	}
	known := []byte(knownhosts.Line([]string{knownhosts.Normalize(serverSSH)}, hostKey))
	other := knownhosts.Line([]string{knownhosts.Normalize(serverSSH)}, ecdsaHostKey(t).PublicKey())
	for name, c := range map[string]struct {
		path, user string
		key        string
		known      []byte
		verdict    model.Verdict
		code       string
	}{
		"a PEM key":            {path: "/PAY/ledger.git", known: known, verdict: model.VerdictPass},
		"a hashed known host":  {path: "/PAY/ledger.git", known: hashed(t, known), verdict: model.VerdictPass},
		"a locked PEM key":     {path: "/PAY/ledger.git", key: lockedKey(t, "Ca1arySesame"), known: known, verdict: model.VerdictPass},
		"an unknown host":      {path: "/PAY/ledger.git", verdict: model.VerdictFail, code: "ssh.host-key-unknown"},
		"a changed host":       {path: "/PAY/ledger.git", known: []byte(other), verdict: model.VerdictFail, code: "ssh.host-key-changed"},
		"a stranger's key":     {path: "/PAY/ledger.git", key: strangersKey(t), known: known, verdict: model.VerdictFail, code: "ssh.key-rejected"},
		"a missing repository": {path: "/PAY/nowhere.git", known: known, verdict: model.VerdictFail, code: "repo.not-found-or-no-access"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := serverRequest()
			overSSHTo("ssh://git@" + serverSSH + c.path)(&req)
			if c.key != "" {
				req.SSHKey, req.SSHPassphrase = model.NewSecret(c.key), model.NewSecret("Ca1arySesame")
			}
			// sshd knows this machine's users only.
			o := Options{sshUser: myself.Username, KnownHosts: listed(c.known), Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
				var d net.Dialer
				return d.DialContext(ctx, network, address)
			}}
			compare(t, New(o).Test(t.Context(), req, nil), c.verdict, c.code)
		})
	}
}

func strangersKey(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

// hashed is the known_hosts line as HashKnownHosts yes writes it.
func hashed(t *testing.T, line []byte) []byte {
	t.Helper()
	name, rest, ok := strings.Cut(string(line), " ")
	if !ok {
		t.Fatal("no known_hosts line")
	}
	return []byte(knownhosts.HashHostname(name) + " " + rest)
}
