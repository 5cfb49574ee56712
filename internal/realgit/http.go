package realgit

import (
	"context"
	"crypto/subtle"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// Options say how a server answers. The zero value is plain HTTP, one commit,
// no delay.
type Options struct {
	// User and Password are what basic authentication takes.
	User, Password string
	// TLS serves HTTPS with a certificate of the test's own.
	TLS bool
	// Delay is waited before every answer, for a network that is far away.
	Delay time.Duration
	// Refs adds so many branches to the repository.
	Refs int
}

// Server is a running git http-backend. Its repository is PAY/ledger.git under
// /scm/, as on a Bitbucket Data Center.
type Server struct {
	// URL is the base, without a last slash.
	URL string
	// CAFile is the PEM file of the certificate's authority, "" without TLS.
	CAFile string

	requests, denied, signedIn, rejected atomic.Int64
}

// RepositoryURL is the clone address of the repository.
func (s *Server) RepositoryURL() string { return s.URL + "/scm/PAY/ledger.git" }

// Requests counts what was asked, Denied how often the answer was 401.
func (s *Server) Requests() int { return int(s.requests.Load()) }

// Denied counts the answers 401.
func (s *Server) Denied() int { return int(s.denied.Load()) }

// SignedIn counts the requests that came with a credential, Rejected those of
// them that were answered 401.
func (s *Server) SignedIn() int { return int(s.signedIn.Load()) }

// Rejected counts the credentials that were answered 401: what locks accounts.
func (s *Server) Rejected() int { return int(s.rejected.Load()) }

// Start makes a repository and serves it until the test ends. It fails the test
// where git is not installed.
func Start(tb testing.TB, o Options) *Server {
	tb.Helper()
	root := tb.TempDir()
	makeRepository(tb, filepath.Join(root, "scm", "PAY", "ledger.git"), o.Refs)
	s := &Server{}
	handler := s.handler(tb, root, o)
	if o.TLS {
		server := httptest.NewTLSServer(handler)
		tb.Cleanup(server.Close)
		s.URL = server.URL
		s.CAFile = filepath.Join(root, "ca.pem")
		writeCertificate(tb, s.CAFile, server.Certificate())
		return s
	}
	server := httptest.NewServer(handler)
	tb.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

func writeCertificate(tb testing.TB, path string, c *x509.Certificate) {
	tb.Helper()
	data := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
	if err := os.WriteFile(path, data, 0o600); err != nil {
		tb.Fatal(err)
	}
}

func (s *Server) handler(tb testing.TB, root string, o Options) http.Handler {
	tb.Helper()
	execPath, err := exec.CommandContext(tb.Context(), "git", "--exec-path").Output()
	if err != nil {
		tb.Fatalf("git is needed for this test: %v", err)
	}
	backend := cgi.Handler{
		Path:       filepath.Join(strings.TrimSpace(string(execPath)), "git-http-backend"),
		Env:        []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1"},
		InheritEnv: []string{"PATH"},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		if o.Delay > 0 {
			select {
			case <-time.After(o.Delay):
			case <-r.Context().Done():
				return
			}
		}
		user, password, ok := r.BasicAuth()
		if r.Header.Get("Authorization") != "" {
			s.signedIn.Add(1)
		}
		if !ok || !same(user, o.User) || !same(password, o.Password) {
			s.denied.Add(1)
			if r.Header.Get("Authorization") != "" {
				s.rejected.Add(1)
			}
			w.Header().Set("WWW-Authenticate", `Basic realm="Atlassian Bitbucket"`)
			http.Error(w, "Unauthorized", http.StatusUnauthorized)
			return
		}
		cgi := backend
		if p := r.Header.Get("Git-Protocol"); p != "" {
			cgi.Env = append(append([]string{}, backend.Env...), "GIT_PROTOCOL="+p)
		}
		cgi.ServeHTTP(w, r)
	})
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// makeRepository makes a bare repository with one commit and so many branches
// more.
func makeRepository(tb testing.TB, path string, refs int) {
	tb.Helper()
	git := func(stdin string, args ...string) string {
		tb.Helper()
		c := exec.CommandContext(context.WithoutCancel(tb.Context()), "git", args...)
		c.Stdin = strings.NewReader(stdin)
		c.Env = []string{
			"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Dir(path), "GIT_CONFIG_NOSYSTEM=1",
			"GIT_AUTHOR_NAME=t", "GIT_AUTHOR_EMAIL=t@example.com", "GIT_COMMITTER_NAME=t", "GIT_COMMITTER_EMAIL=t@example.com",
		}
		out, err := c.CombinedOutput()
		if err != nil {
			tb.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return strings.TrimSpace(string(out))
	}
	git("", "init", "-q", "--bare", "-b", "main", path)
	tree := git("", "-C", path, "mktree")
	commit := git("", "-C", path, "commit-tree", "-m", "first", tree)
	updates := fmt.Sprintf("create refs/heads/main %s\n", commit)
	for i := range refs {
		updates += fmt.Sprintf("create refs/heads/branch-%06d %s\n", i, commit)
	}
	git(updates, "-C", path, "update-ref", "--stdin")
	git("", "-C", path, "pack-refs", "--all")
}
