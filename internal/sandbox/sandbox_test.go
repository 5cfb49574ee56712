package sandbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestDialReachesOnlyTheSandbox(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for _, p := range s.places() {
		conn, err := s.Dial(t.Context(), "tcp", net.JoinHostPort(strings.ToUpper(p.host)+".", p.port))
		if err != nil {
			t.Errorf("%s:%s: %v", p.host, p.port, err)
			continue
		}
		if conn.RemoteAddr().String() != p.addr.String() {
			t.Errorf("%s:%s went to %s", p.host, p.port, conn.RemoteAddr())
		}
		_ = conn.Close()
	}
	for _, addr := range []string{"example.com:443", "github.com:22", "10.0.0.1:443", "bitbucket.org.example.com:443", "bitbucket.com:443"} {
		_, err := s.Dial(t.Context(), "tcp", addr)
		var dns *net.DNSError
		if !errors.As(err, &dns) || !dns.IsNotFound || !strings.Contains(err.Error(), "no such host") {
			t.Errorf("%s: %v", addr, err)
		}
	}
	for _, addr := range []string{"bitbucket.org:8080", "git.acme-corp.com:22", "127.0.0.1:1", "localhost:1"} {
		_, err := s.Dial(t.Context(), "tcp", addr)
		var op *net.OpError
		if !errors.As(err, &op) || !strings.Contains(err.Error(), "connection refused") {
			t.Errorf("%s: %v", addr, err)
		}
	}
	if _, err := s.Dial(t.Context(), "tcp", "no-port"); err == nil {
		t.Error("an address without a port was dialled")
	}
	conn, err := s.Dial(t.Context(), "tcp", s.DataCenterSSHAddr())
	if err != nil {
		t.Fatalf("own loopback address: %v", err)
	}
	_ = conn.Close()
}

func TestEveryListenerIsOnLoopbackAlone(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for _, p := range s.places() {
		if !p.addr.IP.IsLoopback() {
			t.Errorf("%s listens on %s", p.host, p.addr)
		}
	}
}

func TestTheCertificateIsGoodForEveryNameAndLoopback(t *testing.T) {
	t.Parallel()
	s := start(t, Options{DataCenterHost: "Bitbucket.Example.NET"})
	hosts := []string{"bitbucket.org", "api.bitbucket.org", "www.bitbucket.org", "bitbucket.example.net", "localhost", "127.0.0.1"}
	for _, host := range hosts {
		conn, err := tls.Dial("tcp", s.dcTLS.addr.String(), &tls.Config{RootCAs: s.RootCAs(), ServerName: host})
		if err != nil {
			t.Errorf("%s: %v", host, err)
			continue
		}
		_ = conn.Close()
	}
	if !strings.Contains(string(s.CAPEM()), "BEGIN CERTIFICATE") || s.DataCenterHost() != "bitbucket.example.net" {
		t.Errorf("%q %q", s.CAPEM(), s.DataCenterHost())
	}
}

func TestTheClockDecidesWhatIsExpired(t *testing.T) {
	t.Parallel()
	then := time.Date(2031, 5, 1, 0, 0, 0, 0, time.UTC)
	s := start(t, Options{Now: func() time.Time { return then }})
	leaf := s.certs.leaf[tlsGood]
	expired := s.certs.leaf[tlsExpired]
	for _, row := range []struct {
		cert *tls.Certificate
		good bool
	}{{leaf, true}, {expired, false}} {
		parsed, err := parseLeaf(row.cert)
		if err != nil {
			t.Fatal(err)
		}
		if good := then.After(parsed.NotBefore) && then.Before(parsed.NotAfter); good != row.good {
			t.Errorf("valid from %s to %s", parsed.NotBefore, parsed.NotAfter)
		}
	}
}

func TestALoopbackHostAnswersForItsListener(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	rows := []struct{ url, channel string }{
		{s.CloudURL() + "/2.0/repositories/acme/website", "cloud-rest"},
		{s.CloudURL() + "/acme/website.git/info/refs?service=git-upload-pack", "cloud-git"},
		{s.CloudURL() + "/acme/website", "web"},
		{s.DataCenterURL() + "/rest/api/1.0/repos", "datacenter-rest"},
		{s.DataCenterPlainURL() + "/scm/PAY/handbook.git/info/refs?service=git-upload-pack", "datacenter-git"},
		{"https://localhost:" + fmt.Sprint(s.dcTLS.addr.Port) + "/status", "datacenter-rest"},
		{"http://git.acme-corp.com:7990/status", "datacenter-rest"},
	}
	for _, row := range rows {
		s.Reset()
		get(t, s, row.url, "")
		if asked := s.Requests(); len(asked) != 1 || string(asked[0].Channel) != row.channel {
			t.Errorf("%s: %+v", row.url, asked)
		}
	}
}

func TestAHostNobodyServesIsMisdirected(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.DataCenterPlainURL()+"/status", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "elsewhere.example"
	got, err := client(s).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = got.Body.Close()
	if got.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("%d", got.StatusCode)
	}
}

func TestTheJournalTellsWhoAskedAndNoSecret(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	secret := s.Secret(TokenAPI)
	rows := []struct {
		url, auth string
		want      Request
	}{
		{cloudUser1 + "?token=" + secret, "jdoe@acme-corp.com:" + secret, Request{CloudREST, "GET", "api.bitbucket.org", "/2.0/user", "basic", "jdoe@acme-corp.com", "jdoe", 200}},
		{cloudUser1, "bearer:" + secret, Request{CloudREST, "GET", "api.bitbucket.org", "/2.0/user", "bearer", "", "jdoe", 200}},
		{cloudUser1, secret + ":wrong", Request{CloudREST, "GET", "api.bitbucket.org", "/2.0/user", "basic", "other", "", 401}},
		{"https://api.bitbucket.org/2.0/" + secret, "", Request{CloudREST, "GET", "api.bitbucket.org", "/2.0/•••", "none", "", "", 404}},
		{cloudGit1, nameAccessToken + ":" + s.Secret(TokenRepository), Request{CloudGit, "GET", "bitbucket.org", "/acme/ledger.git/info/refs", "basic", nameAccessToken, "repository-token", 200}},
		{dcRepo1, "jdoe:" + s.Secret(TokenDC), Request{DataCenterREST, "GET", "git.acme-corp.com", "/rest/api/1.0/projects/PAY/repos/ledger", "basic", "jdoe", "jdoe", 200}},
		{dcRepo1, "", Request{DataCenterREST, "GET", "git.acme-corp.com", "/rest/api/1.0/projects/PAY/repos/ledger", "none", "", "", 401}},
	}
	for i, row := range rows {
		get(t, s, row.url, row.auth)
		if asked := s.Requests(); len(asked) != i+1 || asked[i] != row.want {
			t.Errorf("got  %+v\nwant %+v", asked[len(asked)-1], row.want)
		}
	}
	if s.Denied() != 2 {
		t.Errorf("%d denied", s.Denied())
	}
	text := fmt.Sprintf("%+v", s.Requests())
	for _, token := range s.Tokens() {
		if strings.Contains(text, token.Secret()) {
			t.Errorf("the journal holds %s", token.Name)
		}
	}
	s.Reset()
	if len(s.Requests()) != 0 || s.Denied() != 0 {
		t.Error("Reset left something")
	}
}

func TestAScriptedFaultIsAnsweredWordForWord(t *testing.T) {
	t.Parallel()
	answers := map[string]*Answer{
		"/2.0/teapot": {Status: 418, Header: http.Header{"X-Odd": {"a", "b"}}, Body: []byte("short and stout")},
		"/2.0/late":   {Delay: 30 * time.Millisecond, Body: []byte("late")},
		"/2.0/drip":   {Drip: time.Millisecond, Body: []byte("drop by drop")},
		"/2.0/drop":   {Drop: true},
	}
	s := start(t, Options{Latency: time.Millisecond, Fault: func(r *http.Request) *Answer { return answers[r.URL.Path] }})
	got := get(t, s, "https://api.bitbucket.org/2.0/teapot", "")
	if got.StatusCode != 418 || got.body != "short and stout" || len(got.Header["X-Odd"]) != 2 {
		t.Errorf("%d %v %q", got.StatusCode, got.Header, got.body)
	}
	before := time.Now()
	if got = get(t, s, "https://api.bitbucket.org/2.0/late", ""); got.StatusCode != 200 || got.body != "late" || time.Since(before) < 30*time.Millisecond {
		t.Errorf("%d %q after %s", got.StatusCode, got.body, time.Since(before))
	}
	if got = get(t, s, "https://api.bitbucket.org/2.0/drip", ""); got.body != "drop by drop" {
		t.Errorf("%q", got.body)
	}
	if _, err := try(t, s, "https://api.bitbucket.org/2.0/drop", ""); err == nil {
		t.Error("a dropped connection answered")
	}
	if got = get(t, s, cloudUser1, spell(t, s, emailLogin)); got.StatusCode != 200 {
		t.Errorf("a nil answer is not let through: %d", got.StatusCode)
	}
}

func TestCloseEndsEverythingAndMayBeCalledTwice(t *testing.T) {
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(t.Context())
	key := newClientKey(t)
	s, err := Start(ctx, Options{Fault: func(*http.Request) *Answer { return &Answer{Hang: true} }, AuthorizedKeys: []Key{{User: "jdoe", Line: key.line}}})
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan error, 1)
	go func() { _, err := try(t, s, cloudUser1, ""); over <- err }()
	waitFor(t, func() bool { return len(s.Requests()) == 1 })
	idle, err := s.Dial(t.Context(), "tcp", "ssh.bitbucket.org:22")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = idle.Close() }()
	cancel()
	if err := <-over; err == nil {
		t.Error("a hanging request was answered")
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	// Its port may be another process's by now, so that is not dialled.
	if _, err := s.dcSSH.listener.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("still listening: %v", err)
	}
	waitFor(t, func() bool { return runtime.NumGoroutine() <= before })
}

func TestManyClientsAtOnceGetTheirOwnAnswers(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Refs: 100})
	const clients = 24
	results := make(chan error, clients)
	for i := range clients {
		go func() {
			name, want := []string{"jdoe api-token", "jdoe dc-token"}[i%2], 200
			url := []string{cloudGit1, dcGit1}[i%2]
			got, err := try(t, s, url, spell(t, s, name))
			if err == nil && (got.StatusCode != want || !strings.Contains(got.body, "refs/heads/main")) {
				err = fmt.Errorf("%s: %d", url, got.StatusCode)
			}
			results <- err
		}()
	}
	for range clients {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if n := len(s.Requests()); n != clients {
		t.Errorf("%d requests in the journal", n)
	}
}
