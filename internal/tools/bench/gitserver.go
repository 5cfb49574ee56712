package main

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
)

// gitServer is git's own http-backend behind basic authentication, on loopback,
// with a repository where a Bitbucket Data Center has one.
type gitServer struct {
	url            string
	user, password string
	caFile         string

	server            *httptest.Server
	requests, refused atomic.Int64
}

// cost is what one run of a client asked of the server.
type cost struct{ requests, refused int64 }

// startGitServer makes a repository of a dozen branches and serves it.
func (b *bench) startGitServer(ctx context.Context, git string, secure bool) (*gitServer, error) {
	out, err := exec.CommandContext(ctx, git, "--exec-path").Output()
	if err != nil {
		return nil, fmt.Errorf("git --exec-path: %w", err)
	}
	backend := filepath.Join(strings.TrimSpace(string(out)), "git-http-backend")
	if _, err := os.Stat(backend); err != nil {
		return nil, missing{"git is installed without git-http-backend"}
	}
	root, err := b.makeRepository(ctx, git)
	if err != nil {
		return nil, err
	}
	s := &gitServer{user: "jdoe", password: rand.Text()}
	handler := s.handler(backend, b.environment("GIT_PROJECT_ROOT="+root, "GIT_HTTP_EXPORT_ALL=1"))
	if !secure {
		s.server = httptest.NewServer(handler)
		s.url = s.server.URL
		return s, nil
	}
	s.server = httptest.NewTLSServer(handler)
	s.url = s.server.URL
	s.caFile, err = b.write("ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.server.Certificate().Raw})))
	return s, err
}

func (s *gitServer) handler(backend string, env []string) http.Handler {
	same := func(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		user, password, ok := r.BasicAuth()
		if !ok || !same(user, s.user) || !same(password, s.password) {
			s.refused.Add(1)
			w.Header().Set("WWW-Authenticate", `Basic realm="Atlassian Bitbucket"`)
			http.Error(w, "Unauthorized", http.StatusUnauthorized)
			return
		}
		h := cgi.Handler{Path: backend, Env: env}
		if version := r.Header.Get("Git-Protocol"); version != "" {
			h.Env = append(env[:len(env):len(env)], "GIT_PROTOCOL="+version)
		}
		h.ServeHTTP(w, r)
	})
}

// repository is the clone address.
func (s *gitServer) repository() string { return s.url + "/scm/PAY/ledger.git" }

// withPassword is the server's address with user and password in it.
func (s *gitServer) withPassword() string {
	scheme, host, _ := strings.Cut(s.url, "://")
	return scheme + "://" + url.UserPassword(s.user, s.password).String() + "@" + host
}

// costs runs each command once and counts what it asked.
func (s *gitServer) costs(ctx context.Context, ours, theirs command) (our, their cost, err error) {
	for c, into := range map[*command]*cost{&ours: &our, &theirs: &their} {
		requests, refused := s.requests.Load(), s.refused.Load()
		if _, err := c.once(ctx); err != nil {
			return our, their, err
		}
		*into = cost{s.requests.Load() - requests, s.refused.Load() - refused}
	}
	return our, their, nil
}

func (s *gitServer) close() { s.server.Close() }

// makeRepository makes root/scm/PAY/ledger.git with a dozen branches, once a run.
func (b *bench) makeRepository(ctx context.Context, git string) (root string, err error) {
	root = filepath.Join(b.dir, "repositories")
	path := filepath.Join(root, "scm", "PAY", "ledger.git")
	if _, err := os.Stat(path); err == nil {
		return root, nil
	}
	run := func(stdin string, args ...string) string {
		if err != nil {
			return ""
		}
		cmd := exec.CommandContext(ctx, git, args...)
		cmd.Stdin = strings.NewReader(stdin)
		cmd.Env = b.environment(
			"GIT_AUTHOR_NAME=bench", "GIT_AUTHOR_EMAIL=bench@example.com", "GIT_COMMITTER_NAME=bench", "GIT_COMMITTER_EMAIL=bench@example.com",
		)
		var out []byte
		if out, err = cmd.CombinedOutput(); err != nil {
			err = fmt.Errorf("git %s: %w\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	run("", "init", "-q", "--bare", "-b", "main", path)
	tree := run("", "-C", path, "mktree")
	commit := run("", "-C", path, "commit-tree", "-m", "first", tree)
	updates := "create refs/heads/main " + commit + "\n"
	for i := range 11 {
		updates += fmt.Sprintf("create refs/heads/branch-%02d %s\n", i, commit)
	}
	run(updates, "-C", path, "update-ref", "--stdin")
	run("", "-C", path, "pack-refs", "--all")
	return root, err
}
