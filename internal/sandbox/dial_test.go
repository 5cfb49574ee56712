package sandbox

import (
	"context"
	"errors"
	"net"
	"strings"
	"syscall"
	"testing"
)

func TestEveryPublicNameIsServedAndNothingElse(t *testing.T) {
	t.Parallel()
	s := start(t, Options{DataCenterHost: "git.example.org"})
	for _, c := range []struct {
		addr string
		want error // nil: connects; net.ErrClosed stands for an address that is none
	}{
		{"bitbucket.org:443", nil},
		{"BITBUCKET.ORG:443", nil},
		{"bitbucket.org.:443", nil},
		{"www.bitbucket.org:443", nil},
		{"api.bitbucket.org:443", nil},
		{"api.bitbucket.org:80", nil},
		{"ssh.bitbucket.org:22", nil},
		{"altssh.bitbucket.org:443", nil},
		{"git.example.org:443", nil},
		{"git.example.org:7999", nil},
		{s.CloudSSHAddr(), nil},
		{"bitbucket.org:7999", syscall.ECONNREFUSED},
		{"ssh.bitbucket.org:443", syscall.ECONNREFUSED},
		{"git.example.org:22", syscall.ECONNREFUSED},
		{"127.0.0.1:1", syscall.ECONNREFUSED},
		{"[::1]:1", syscall.ECONNREFUSED},
		{"localhost:1", syscall.ECONNREFUSED},
		{DefaultDataCenterHost + ":443", &net.DNSError{}},
		{"github.com:443", &net.DNSError{}},
		{"xbitbucket.org:443", &net.DNSError{}},
		{"10.0.0.1:443", &net.DNSError{}},
		{":443", &net.DNSError{}},
		{"bitbucket.org", net.ErrClosed},
		{"", net.ErrClosed},
	} {
		conn, err := s.Dial(t.Context(), "tcp", c.addr)
		if conn != nil {
			_ = conn.Close()
		}
		var unknown *net.DNSError
		switch {
		case c.want == nil && err != nil:
			t.Errorf("%q: %v", c.addr, err)
		case c.want == syscall.ECONNREFUSED && !errors.Is(err, c.want):
			t.Errorf("%q: %v, want a refused connection", c.addr, err)
		case c.want == net.ErrClosed && (err == nil || !strings.HasPrefix(err.Error(), "sandbox: ")):
			t.Errorf("%q: %v, want an address that is none", c.addr, err)
		}
		if isUnknown := errors.As(err, &unknown) && unknown.IsNotFound; isUnknown != errors.As(c.want, &unknown) {
			t.Errorf("%q: %v", c.addr, err)
		}
	}
}

func TestDiallingEndsWithItsContextAndWithTheSandbox(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Dial(ctx, "tcp", "bitbucket.org:443"); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled dial gives %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// Whoever is given its ports next is not taken for it.
	l, err := net.ListenTCP("tcp4", s.cloudTLS.addr)
	if err == nil {
		defer func() { _ = l.Close() }()
	}
	if conn, err := s.Dial(t.Context(), "tcp", "bitbucket.org:443"); !errors.Is(err, net.ErrClosed) {
		if conn != nil {
			_ = conn.Close()
		}
		t.Errorf("a closed sandbox: %v, want it said", err)
	}
}

// Whatever is asked for, under whatever goes wrong, the answer holds no secret
// and the journal neither.
func TestNoScenarioGivesASecretAwayInAnAnswerOrTheJournal(t *testing.T) {
	t.Parallel()
	s := start(t, Options{CaptchaAfter: -1})
	var secrets []string
	for _, token := range s.Tokens() {
		secrets = append(secrets, token.Secret())
	}
	leaks := func(text string) bool {
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				return true
			}
		}
		return false
	}
	for _, scenario := range Scenarios() {
		if scenario.Slow {
			continue // they answer late or not at all, and the same
		}
		if err := s.SetScenario(scenario.Name); err != nil {
			t.Fatal(err)
		}
		s.Reset()
		for i, url := range []string{
			cloudUser1, cloudGit1, dcRepo1, dcGit1,
			"https://api.bitbucket.org/2.0/" + secrets[0],
			"https://bitbucket.org/" + secrets[len(secrets)-1] + "/x.git/info/refs?service=git-upload-pack&t=" + secrets[0],
		} {
			secret := secrets[i%len(secrets)]
			for _, auth := range []string{"jdoe:" + secret, secret + ":x", "bearer:" + secret} {
				got, err := try(t, s, url, auth)
				if err == nil && leaks(got.body+strings.Join(got.Header.Values("Location"), " ")+got.Header.Get("WWW-Authenticate")) {
					t.Errorf("%s: the answer at %.40s gives a secret away", scenario.Name, url)
				}
			}
		}
		for _, r := range s.Requests() {
			if leaks(r.Path + r.Name + r.As + r.Host + r.Method + r.Login) {
				t.Errorf("%s: the journal holds a secret: %s %s", scenario.Name, r.Channel, r.Method)
			}
		}
	}
}
