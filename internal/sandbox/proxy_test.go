package sandbox

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// proxied is client through the scenario's proxy.
func proxied(s *Sandbox) *http.Client {
	c := client(s)
	c.Transport.(*http.Transport).Proxy = s.Proxy
	return c
}

func TestTheProxyCarriesRefusesOrWantsALogin(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Scenario: "proxy"})
	got, err := tryWith(t, proxied(s), dcRepo1, spell(t, s, "bearer dc-token"))
	if err != nil || got.StatusCode != 200 || !strings.Contains(got.body, `"slug":"ledger"`) {
		t.Fatalf("%v %v", got, err)
	}
	asked := s.Requests()
	if len(asked) != 2 || asked[0].Channel != ProxyConnect || asked[0].Method != "CONNECT" || asked[0].Host != "git.acme-corp.com" || asked[0].Status != 200 {
		t.Errorf("the journal: %+v", asked)
	}
	for scenario, want := range map[string]string{"proxy-auth": "Proxy Authentication Required", "proxy-refuses": "Forbidden"} {
		set(t, s, scenario)
		s.Reset()
		if _, err := tryWith(t, proxied(s), dcRepo1, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", scenario, err)
		}
		if asked := s.Requests(); len(asked) != 1 || asked[0].Channel != ProxyConnect {
			t.Errorf("%s: something came through: %+v", scenario, asked)
		}
	}
	set(t, s, "healthy")
	if proxy, err := s.Proxy(nil); proxy != nil || err != nil {
		t.Errorf("a proxy where there is none: %v %v", proxy, err)
	}
}

func TestTheProxyGetsNoFurtherThanTheSandbox(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Scenario: "proxy"})
	if _, err := tryWith(t, proxied(s), "https://example.com/", ""); err == nil || !strings.Contains(err.Error(), "Bad Gateway") {
		t.Errorf("%v", err)
	}
	if got, err := tryWith(t, proxied(s), "http://git.acme-corp.com/status", ""); err != nil || got.StatusCode != 403 {
		t.Errorf("plain HTTP through the proxy: %v %v", got, err)
	}
}

func TestAnOpenTunnelDoesNotKeepTheSandboxFromEnding(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Scenario: "proxy"})
	conn, err := s.Dial(t.Context(), "tcp", net.JoinHostPort(proxyHost, proxyPort))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "CONNECT git.acme-corp.com:443 HTTP/1.1\r\nHost: git.acme-corp.com:443\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil || !strings.Contains(line, "200") {
		t.Fatalf("%q %v", line, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
