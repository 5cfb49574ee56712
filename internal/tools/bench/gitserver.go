package main

import (
	"context"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// gitServer is git's own http-backend behind basic authentication, on loopback,
// and the REST API beside it, as a Bitbucket Data Center has them.
type gitServer struct {
	account
	url    string
	caFile string

	server *httptest.Server
	traffic
}

// serving says how a server answers. The zero value is plain HTTP, at once, from
// git's own http-backend.
type serving struct {
	secure bool
	late   time.Duration
	// old leaves git with the protocol that begins with a list of all refs.
	old bool
	// recorded answers git from memory, for a server that costs next to nothing.
	recorded bool
	// address is where to listen, a free port where it is empty.
	address string
}

// startGitServer serves the repositories.
func (b *bench) startGitServer(ctx context.Context, git string, how serving) (*gitServer, error) {
	out, err := exec.CommandContext(ctx, git, "--exec-path").Output()
	if err != nil {
		return nil, fmt.Errorf("git --exec-path: %w", err)
	}
	backend := filepath.Join(strings.TrimSpace(string(out)), "git-http-backend")
	if _, err := os.Stat(backend); err != nil {
		return nil, missing{"git is installed without git-http-backend"}
	}
	root, err := b.makeRepositories(ctx, git)
	if err != nil {
		return nil, err
	}
	s := &gitServer{account: account{user: "jdoe", password: rand.Text()}, traffic: traffic{late: how.late}}
	repositories := http.Handler(backendHandler(backend, b.environment("GIT_PROJECT_ROOT="+root, "GIT_HTTP_EXPORT_ALL=1"), how.old))
	if how.recorded {
		repositories = record(repositories)
	}
	mux := http.NewServeMux()
	mux.Handle("/rest/", dataCenter(s.account))
	mux.Handle("/scm/", s.guarded(repositories))
	s.server = httptest.NewUnstartedServer(s.over(mux))
	if how.address != "" {
		listener, err := net.Listen("tcp", how.address)
		if err != nil {
			return nil, missing{"the REST API of an SSH connector cannot listen: " + err.Error()}
		}
		_ = s.server.Listener.Close()
		s.server.Listener = listener
	}
	return s, s.start(b, how.secure)
}

func (s *gitServer) start(b *bench, secure bool) (err error) {
	if !secure {
		s.server.Start()
		s.url = s.server.URL
		return nil
	}
	s.server.StartTLS()
	s.url = s.server.URL
	s.caFile, err = b.write("ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.server.Certificate().Raw})))
	return err
}

// guarded lets only the account through.
func (s *gitServer) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, right := s.signedIn(r); !right {
			w.Header().Set("WWW-Authenticate", `Basic realm="Atlassian Bitbucket"`)
			http.Error(w, "Unauthorized", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// backendHandler runs git http-backend for a request. Every repository is the
// same, but for the large one.
func backendHandler(backend string, env []string, old bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r = r.Clone(r.Context())
		_, rest, _ := strings.Cut(r.URL.Path, ".git/")
		name := "ledger"
		if strings.HasPrefix(r.URL.Path, "/scm/PAY/"+largeOne+".git/") {
			name = largeOne
		}
		r.URL.Path = "/scm/PAY/" + name + ".git/" + rest
		h := cgi.Handler{Path: backend, Env: env}
		if version := r.Header.Get("Git-Protocol"); version != "" && !old {
			h.Env = append(env[:len(env):len(env)], "GIT_PROTOCOL="+version)
		}
		h.ServeHTTP(w, r)
	}
}

// repository is the clone address of a repository.
func (s *gitServer) repository(name string) string { return s.url + "/scm/PAY/" + name + ".git" }

// withPassword is the server's address with user and password in it.
func (s *gitServer) withPassword() string {
	scheme, host, _ := strings.Cut(s.url, "://")
	return scheme + "://" + url.UserPassword(s.user, s.password).String() + "@" + host
}

// costs runs each command once and counts what it asked.
func (s *gitServer) costs(ctx context.Context, commands ...timed) ([]cost, error) {
	var out []cost
	for _, c := range commands {
		s.take()
		if _, err := c.once(ctx); err != nil {
			return nil, err
		}
		c, _ := s.take()
		out = append(out, c)
	}
	return out, nil
}

func (s *gitServer) close() { s.server.Close() }
