package sandbox

import (
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// start runs a sandbox for one test.
func start(t *testing.T, opts Options) *Sandbox {
	t.Helper()
	s, err := Start(t.Context(), opts)
	if err != nil {
		t.Fatalf("Start: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// client is plain net/http over the sandbox's dialer; it follows nothing.
func client(s *Sandbox) *http.Client {
	return &http.Client{
		Transport:     &http.Transport{DialContext: s.Dial, TLSClientConfig: &tls.Config{RootCAs: s.RootCAs()}, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// response is an answer with its body read.
type response struct {
	*http.Response
	body string
}

// try sends one GET; auth is "", "bearer:SECRET" or "NAME:SECRET".
func try(t *testing.T, s *Sandbox, url, auth string, headers ...string) (response, error) {
	t.Helper()
	return tryWith(t, client(s), url, auth, headers...)
}

// tryWith is try with a client of the test's own, which may keep its connections.
func tryWith(t *testing.T, c *http.Client, url, auth string, headers ...string) (response, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if name, secret, ok := strings.Cut(auth, ":"); ok && name == "bearer" {
		r.Header.Set("Authorization", "Bearer "+secret)
	} else if ok {
		r.SetBasicAuth(name, secret)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	got, err := c.Do(r)
	if err != nil {
		return response{}, err
	}
	defer func() { _ = got.Body.Close() }()
	body, err := io.ReadAll(got.Body)
	return response{got, string(body)}, err
}

// get is try where an answer must come.
func get(t *testing.T, s *Sandbox, url, auth string, headers ...string) response {
	t.Helper()
	got, err := try(t, s, url, auth, headers...)
	if err != nil {
		t.Fatalf("GET %s: %v", url, err)
	}
	return got
}

// spell spells a login: "style token-name", where style is a user name
// or "bearer".
func spell(t *testing.T, s *Sandbox, text string) string {
	t.Helper()
	style, name, ok := strings.Cut(text, " ")
	if !ok {
		return ""
	}
	token, known := s.Token(TokenName(name))
	if !known {
		return style + ":" + name // a literal secret nobody knows
	}
	return style + ":" + token.Secret()
}

// need finds a program; its absence fails, because nothing else proves that
// real clients understand the sandbox.
func need(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Fatalf("these tests run the real %s and it is not installed: %v", program, err)
	}
	return path
}

// run runs a program with a bare environment and returns both outputs.
func run(t *testing.T, env []string, program string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, need(t, program), args...)
	var out, fault strings.Builder
	command.Stdout, command.Stderr = &out, &fault
	home := t.TempDir()
	command.Env = append([]string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C"}, env...)
	command.Dir = home
	err := command.Run()
	if err != nil && command.ProcessState == nil {
		t.Fatalf("%s: %v", program, err)
	}
	return out.String(), fault.String(), command.ProcessState.ExitCode()
}

// file writes a file of the test's own.
func file(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// waitFor polls until something holds, and fails when it does not in time.
func waitFor(t *testing.T, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatal("what was waited for did not happen in a minute")
		}
	}
}
