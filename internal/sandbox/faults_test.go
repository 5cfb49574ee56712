package sandbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

func TestConnectionsFailAsTheSystemWouldFailThem(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	places := []string{"bitbucket.org:443", "api.bitbucket.org:443", "git.acme-corp.com:443", "git.acme-corp.com:7999", "ssh.bitbucket.org:22"}
	for scenario, want := range map[string]func(error) bool{
		"dns-not-found": func(err error) bool {
			var dns *net.DNSError
			return errors.As(err, &dns) && dns.IsNotFound
		},
		"refused":     func(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) },
		"unreachable": func(err error) bool { return errors.Is(err, syscall.EHOSTUNREACH) },
	} {
		set(t, s, scenario)
		for _, place := range places {
			if _, err := s.Dial(t.Context(), "tcp", place); !want(err) {
				t.Errorf("%s: %s: %v", scenario, place, err)
			}
		}
	}
}

func TestADroppedConnectionEndsWithTheClientsOwnLimit(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Scenario: "firewall-drops"})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := s.Dial(ctx, "tcp", "bitbucket.org:443")
	var op *net.OpError
	if !errors.As(err, &op) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	over := make(chan error, 1)
	go func() {
		_, err := s.Dial(context.WithoutCancel(t.Context()), "tcp", "bitbucket.org:443")
		over <- err
	}()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-over; !errors.Is(err, net.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

// set changes the scenario.
func set(t *testing.T, s *Sandbox, name string) {
	t.Helper()
	if err := s.SetScenario(name); err != nil {
		t.Fatal(err)
	}
}

func TestOnlyThePortsOfAScenarioAreClosed(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for _, row := range []struct {
		scenario, open, closed string
	}{
		{"healthy", "bitbucket.org:22 ssh.bitbucket.org:22 altssh.bitbucket.org:443 git.acme-corp.com:7999", "git.acme-corp.com:7998 git.acme-corp.com:22"},
		{"ssh-host-moved", "ssh.bitbucket.org:22 altssh.bitbucket.org:443", "bitbucket.org:22"},
		{"ssh-port-blocked", "altssh.bitbucket.org:443 bitbucket.org:443", "bitbucket.org:22 ssh.bitbucket.org:22"},
		{"ssh-other-port", "git.acme-corp.com:7998 ssh.bitbucket.org:22", "git.acme-corp.com:7999"},
		{"ssh-disabled", "git.acme-corp.com:443 ssh.bitbucket.org:22", "git.acme-corp.com:7999"},
		{"rest-blocked", "bitbucket.org:443 git.acme-corp.com:443", "api.bitbucket.org:443"},
	} {
		set(t, s, row.scenario)
		for place := range strings.FieldsSeq(row.open) {
			conn, err := s.Dial(t.Context(), "tcp", place)
			if err != nil {
				t.Errorf("%s: %s is closed: %v", row.scenario, place, err)
				continue
			}
			_ = conn.Close()
		}
		for place := range strings.FieldsSeq(row.closed) {
			if _, err := s.Dial(t.Context(), "tcp", place); !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("%s: %s: %v", row.scenario, place, err)
			}
		}
	}
}

func TestDataCenterSaysWhereItsSSHIs(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for scenario, want := range map[string]struct {
		enabled bool
		port    int
		base    string
	}{
		"healthy":        {true, 7999, "ssh://git@git.acme-corp.com:7999"},
		"ssh-other-port": {true, 7998, "ssh://git@git.acme-corp.com:7998"},
		"ssh-disabled":   {false, 7999, "ssh://git@git.acme-corp.com:7999"},
	} {
		set(t, s, scenario)
		got := get(t, s, "https://git.acme-corp.com/rest/ssh/latest/settings", "")
		var settings struct {
			Enabled     bool
			BaseURL     string
			Port        int
			Fingerprint string
		}
		if err := json.Unmarshal([]byte(got.body), &settings); err != nil {
			t.Fatal(err)
		}
		if settings.Enabled != want.enabled || settings.Port != want.port || settings.BaseURL != want.base || settings.Fingerprint != s.HostFingerprint(DataCenter) {
			t.Errorf("%s: %+v", scenario, settings)
		}
		repo := get(t, s, dcRepo1, spell(t, s, "bearer dc-token"))
		if !strings.Contains(repo.body, want.base+"/pay/ledger.git") {
			t.Errorf("%s: the clone address is another one: %s", scenario, repo.body)
		}
	}
}

func TestWhatTheNetworkPutsInBetweenIsAnsweredWordForWord(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for _, row := range []struct {
		scenario, url string
		status        int
		contentType   string
		header, value string
		body          string
	}{
		{"rate-limited", cloudUser1, 429, "application/json", "Retry-After", "42", `{"type":"error","error":{"message":"Rate limit for this resource has been exceeded"}}`},
		{"captive-portal", cloudGit1, 511, "text/html", "", "", "<title>Network Authentication Required</title>"},
		{"captive-portal", dcRepo1, 511, "text/html", "", "", "authenticate with the local network"},
		{"maintenance", dcGit1, 503, "text/html", "Retry-After", "120", "503 Service Temporarily Unavailable"},
		{"dc-maintenance", "https://git.acme-corp.com/status", 503, "application/json", "", "", `{"state":"MAINTENANCE"}`},
		{"dc-maintenance", dcRepo1, 503, "text/html", "", "", "undergoing maintenance"},
		{"other-server", dcGit1, 404, "text/html", "Server", "nginx", "<center>nginx</center>"},
		{"proxy-transparent", cloudUser1, 407, "text/html", "Proxy-Authenticate", `Basic realm="Acme proxy"`, "Proxy authentication required"},
		{"api-removed", cloudUser1, 410, "application/json", "", "", `"message":"CHANGE-2770 - Functionality has been deprecated"`},
		{"api-removed", cloudUser1, 410, "application/json", "", "", `"announcement_url":"https://developer.atlassian.com/cloud/bitbucket/changelog/#CHANGE-2770"`},
		{"api-removed", cloudGit1, 401, "text/plain", "WWW-Authenticate", `Basic realm="Bitbucket.org HTTP"`, "You may not have access to this repository"},
		{"http-redirects", "http://git.acme-corp.com/scm/PAY/ledger.git/info/refs?service=git-upload-pack", 301, "", "Location", dcGit1, ""},
		{"http-redirects", dcRepo1, 401, "application/json", "", "", exAuthRequired},
		{"rest-not-found-json", dcRepo1, 404, "application/json", "", "", `{"message":"HTTP 404 Not Found","status-code":404,"sub-code":-1}`},
	} {
		set(t, s, row.scenario)
		got := get(t, s, row.url, "")
		if got.StatusCode != row.status || !strings.HasPrefix(got.Header.Get("Content-Type"), row.contentType) ||
			row.header != "" && got.Header.Get(row.header) != row.value || !strings.Contains(got.body, row.body) {
			t.Errorf("%s: %s: %d %v %s", row.scenario, row.url, got.StatusCode, got.Header, got.body)
		}
	}
}

func TestTheOlderServersNotFoundIsXML(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Scenario: "rest-not-found-xml"})
	got := get(t, s, dcRepo1, spell(t, s, "bearer dc-token"))
	var status struct {
		Code    int    `xml:"status-code"`
		Message string `xml:"message"`
	}
	if err := xml.Unmarshal([]byte(got.body), &status); err != nil || status.Code != 404 || status.Message != "HTTP 404 Not Found" {
		t.Errorf("%+v, %v: %s", status, err, got.body)
	}
	if git := get(t, s, dcGit1, spell(t, s, "jdoe dc-token")); git.StatusCode != http.StatusOK {
		t.Errorf("git is broken too: %d", git.StatusCode)
	}
}

func TestListsAreEmptyWhereNothingIsVisibleAndRepositoriesStay(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Scenario: "nothing-visible"})
	for url, login := range map[string]string{
		"https://api.bitbucket.org/2.0/repositories/acme?pagelen=1":         emailLogin,
		"https://git.acme-corp.com/rest/api/1.0/repos?permission=REPO_READ": "bearer dc-token",
	} {
		got := get(t, s, url, spell(t, s, login))
		var page struct {
			Size   *int
			Values []any
		}
		if err := json.Unmarshal([]byte(got.body), &page); err != nil || got.StatusCode != 200 || page.Size == nil || *page.Size != 0 || len(page.Values) != 0 {
			t.Errorf("%s: %d %s, %v", url, got.StatusCode, got.body, err)
		}
	}
	if got := get(t, s, cloudRepo1, spell(t, s, emailLogin)); got.StatusCode != 200 {
		t.Errorf("the repository itself: %d", got.StatusCode)
	}
}

func TestTheServersClockIsOffWhereTheScenarioSaysSo(t *testing.T) {
	t.Parallel()
	now := time.Now()
	s := start(t, Options{Scenario: "wrong-clock", Now: func() time.Time { return now }})
	blind := client(s)
	blind.Transport.(*http.Transport).TLSClientConfig.InsecureSkipVerify = true
	got, err := tryWith(t, blind, dcRepo1, "")
	if err != nil {
		t.Fatal(err)
	}
	date, err := http.ParseTime(got.Header.Get("Date"))
	if err != nil || now.Sub(date).Round(time.Hour) != 5*24*time.Hour {
		t.Errorf("Date is %q at %s: %v", got.Header.Get("Date"), now, err)
	}
	leaf := got.TLS.PeerCertificates[0]
	if !leaf.NotAfter.Before(now) || leaf.NotAfter.Before(date) {
		t.Errorf("the certificate ends on %s: it must be over here and good there, on %s", leaf.NotAfter, date)
	}
	set(t, s, "healthy")
	got = get(t, s, dcRepo1, "")
	if date, _ := http.ParseTime(got.Header.Get("Date")); time.Since(date).Abs() > time.Hour {
		t.Errorf("the healthy server's Date is %s", date)
	}
}

func TestTheMissingAuthorityMakesTheChainWholeAgain(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Scenario: "tls-missing-intermediate"})
	conn, err := s.Dial(t.Context(), "tcp", "bitbucket.org:443")
	if err != nil {
		t.Fatal(err)
	}
	secure := tls.Client(conn, &tls.Config{ServerName: "bitbucket.org", RootCAs: s.RootCAs()})
	defer func() { _ = secure.Close() }()
	var refused *tls.CertificateVerificationError
	if err := secure.HandshakeContext(t.Context()); !errors.As(err, &refused) {
		t.Fatalf("%v", err)
	}
	if len(refused.UnverifiedCertificates) != 1 || refused.UnverifiedCertificates[0].Issuer.CommonName != "bbconnect sandbox issuing CA" {
		t.Errorf("%d certificates came", len(refused.UnverifiedCertificates))
	}
	var unknown x509.UnknownAuthorityError
	if !errors.As(err, &unknown) && !strings.Contains(refused.Error(), "unknown authority") {
		t.Errorf("%v", refused)
	}
}

func TestAClientWithoutACertificateIsTurnedAway(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Scenario: "tls-client-certificate"})
	if _, err := try(t, s, dcRepo1, ""); err == nil || !strings.Contains(err.Error(), "certificate required") {
		t.Errorf("%v", err)
	}
}

func TestThePlainPortSpeaksTLSWhereTheScenarioSaysSo(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Scenario: "tls-on-plain-port"})
	got := get(t, s, "http://git.acme-corp.com:7990/scm/PAY/ledger.git/info/refs", "")
	if got.StatusCode != 400 || !strings.Contains(got.body, "HTTP request to an HTTPS server") {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
}

func TestAHandshakeThatHangsEndsWithEitherSide(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Scenario: "tls-hangs"})
	open := func() net.Conn {
		conn, err := s.Dial(t.Context(), "tcp", "bitbucket.org:443")
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	conn := open()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if err := tls.Client(conn, &tls.Config{ServerName: "bitbucket.org", RootCAs: s.RootCAs()}).HandshakeContext(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	other := open()
	if err := s.Close(); err != nil { // must not wait for the client
		t.Error(err)
	}
	if _, err := other.Read(make([]byte, 1)); err == nil {
		t.Error("Close left a connection open")
	}
}

func TestSSHPortsThatAreNoneSayWhatTheirScenarioSays(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Scenario: "ssh-garbage"})
	read := func(n int) string {
		conn, err := s.Dial(t.Context(), "tcp", "git.acme-corp.com:7999")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		buffer := make([]byte, n)
		got, _ := io.ReadFull(conn, buffer)
		return string(buffer[:got])
	}
	if got := read(1000); !strings.HasPrefix(got, "HTTP/1.1 400 Bad Request\r\n") {
		t.Errorf("garbage: %q", got)
	}
	set(t, s, "ssh-flood")
	if got := read(1 << 20); len(got) != 1<<20 || strings.Contains(got, "SSH-") || strings.Count(got, "\n") < 10000 {
		t.Errorf("the flood ends after %d bytes", len(got))
	}
}

func TestKnownHostsFollowTheScenario(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	count := func(scenario, want string) (with, all int) {
		set(t, s, scenario)
		for line := range strings.Lines(string(s.KnownHosts())) {
			all++
			marker, hosts, _, _, _, err := ssh.ParseKnownHosts([]byte(line))
			if err != nil {
				t.Errorf("%s: %v", scenario, err)
			}
			if marker == want && len(hosts) > 2 {
				with++
			}
		}
		return with, all
	}
	if with, all := count("healthy", ""); with != 4 || all != 4 {
		t.Errorf("healthy: %d of %d", with, all)
	}
	if with, all := count("host-key-revoked", "revoked"); with != 4 || all != 4 {
		t.Errorf("revoked: %d of %d", with, all)
	}
	if _, all := count("host-key-unknown", ""); all != 0 {
		t.Errorf("unknown: %d lines", all)
	}
	set(t, s, "ssh-other-port")
	if !strings.Contains(string(s.KnownHosts()), "[git.acme-corp.com]:7998") {
		t.Error("the other port is not known")
	}
}

func TestTheScenarioMayChangeWhileRequestsAreAnswered(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	var fast []string
	for _, sc := range Scenarios() {
		if !sc.Slow {
			fast = append(fast, sc.Name)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	var asking sync.WaitGroup
	for _, url := range []string{cloudUser1, dcRepo1, dcGit1} {
		asking.Go(func() {
			for ctx.Err() == nil {
				r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := proxied(s).Do(r); err == nil {
					_, _ = io.Copy(io.Discard, got.Body)
					_ = got.Body.Close()
				}
				_ = s.KnownHosts()
			}
		})
	}
	for _, name := range fast {
		set(t, s, name)
		if got := s.Scenario().Name; got != name {
			t.Errorf("%q is in force, not %q", got, name)
		}
		seen := len(s.Requests())
		if name == Healthy {
			waitFor(t, func() bool { return len(s.Requests()) > seen })
		}
	}
	stop()
	asking.Wait()
	set(t, s, Healthy)
	if got := get(t, s, cloudRepo1, spell(t, s, emailLogin)); got.StatusCode != 200 {
		t.Errorf("after all of them: %d %s", got.StatusCode, got.body)
	}
}

func TestTheJournalForgetsTheOldestAndNeverTheCount(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	const total = 3*maxJournal + 7
	for i := range total {
		s.journal.add(Request{Channel: Web, Path: "/" + string(rune('a'+i%26)), Status: 401})
	}
	list := s.Requests()
	if len(list) > maxJournal || len(list) < maxJournal/2 {
		t.Errorf("%d requests are kept", len(list))
	}
	if last := list[len(list)-1].Path; last != "/"+string(rune('a'+(total-1)%26)) {
		t.Errorf("the newest is %q", last)
	}
	if s.Denied() != total {
		t.Errorf("%d were denied, want %d", s.Denied(), total)
	}
	s.Reset()
	if s.Denied() != 0 || len(s.Requests()) != 0 {
		t.Error("Reset leaves something")
	}
}
