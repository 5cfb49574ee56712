package cmd

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"bbconnect/internal/flow"
)

// refusing is a Data Center on loopback that accepts nobody. It counts the
// requests that carried a credential.
type refusing struct {
	*httptest.Server

	mu      sync.Mutex
	signIns int
}

func newRefusing(t *testing.T) *refusing {
	t.Helper()
	s := &refusing{}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

// ServeHTTP implements http.Handler.
func (s *refusing) ServeHTTP(out http.ResponseWriter, in *http.Request) {
	if in.Header.Get("Authorization") != "" {
		s.mu.Lock()
		s.signIns++
		s.mu.Unlock()
	}
	if strings.HasSuffix(in.URL.Path, "/info/refs") {
		out.Header().Set("WWW-Authenticate", `Basic realm="Atlassian Bitbucket"`)
		out.WriteHeader(http.StatusUnauthorized)
		return
	}
	out.Header().Set("Content-Type", "application/json;charset=UTF-8")
	out.WriteHeader(http.StatusUnauthorized)
	_, _ = io.WriteString(out, `{"errors":[{"message":"Authentication failed. Please check your credentials and try again.",`+
		`"exceptionName":"com.atlassian.bitbucket.auth.IncorrectPasswordAuthenticationException"}]}`)
}

func (s *refusing) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.signIns
}

func TestFortySavedConnectorsWithOneDeadPasswordCostTwoSignIns(t *testing.T) {
	t.Parallel()
	server := newRefusing(t)
	p := newPlace(t)
	p.env["BB_TOKEN"] = "dead" + strings.Repeat("kQ7", 5)
	p.tune = func(a *app) {
		a.tester = func(a *app, f testFlags) flow.Tester { return newTester(a, f) }
	}
	const connectors = 40
	for i := range connectors {
		var more []string
		if i == 0 {
			more = []string{"--secret", "credentials.password=env:BB_TOKEN"}
		}
		p.must("", append([]string{
			"new", "--yes", "--no-test", "--set", fmt.Sprintf("overview.name=Stock %02d", i),
			"--set", "details.url=" + server.URL + "/scm/PAY/ledger.git",
			"--set", "credentials.username=jdoe", "--set", "api.method=UsernameToken", "--set", "credentials.secret=account.shared",
		}, more...)...)
	}
	said := p.run("", "test", "--all", "--json")
	if said.code != exitFailed || strings.Count(said.out, "\n") != connectors {
		t.Errorf("exits %d with %d results:\n%s", said.code, strings.Count(said.out, "\n"), said.err)
	}
	if got := strings.Count(said.out, `"cred.rejected"`); got < connectors {
		t.Errorf("cred.rejected is named %d times:\n%s", got, said.out)
	}
	if got := server.count(); got != 2 {
		t.Errorf("%d rejected sign-ins reached the server, want 2", got)
	}
	if part, found := leaks(said.out+said.err, p.env["BB_TOKEN"]); found {
		t.Errorf("%q was printed", part)
	}
}
