package probe

import (
	"io"
	"maps"
	"net"
	"net/http"
	"syscall"
	"testing"

	"bbconnect/model"
)

// proxyScenarios are what proxies do.
func proxyScenarios() []scenario {
	throughProxy := func(h http.HandlerFunc) func(*testing.T, *world, *Options) {
		return func(t *testing.T, w *world, o *Options) {
			plainly(h)(t, w, o)
			o.Proxy = proxyTo(t, "http://proxy.acme-corp.com:3128")
		}
	}
	failingProxy := func(err error) func(*testing.T, *world, *Options) {
		return func(t *testing.T, w *world, o *Options) {
			refuseWith(err)(t, w, o)
			o.Proxy = proxyTo(t, "http://proxy.acme-corp.com:3128")
		}
	}
	badGateway := func(out http.ResponseWriter, _ *http.Request) {
		out.Header().Set("Content-Type", "text/html")
		out.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(out, "<html><body>ERR_CONNECT_FAIL</body></html>")
	}
	// A page at once, as the content of the answer, or in place of the host.
	welcome := func(header string) http.HandlerFunc {
		return func(out http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(out).Hijack()
			if err != nil {
				return
			}
			defer func() { _ = conn.Close() }()
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n"+header+"\r\n")
			if header == "" {
				_, _ = conn.Read(make([]byte, 1))
			}
			_, _ = io.WriteString(conn, "<html><body>Welcome</body></html>")
			_, _ = io.Copy(io.Discard, conn)
		}
	}
	list := []scenario{
		{name: "the proxy forbids the host", options: proxyThat(403), says: []string{"403", "rules", "NO_PROXY", "HTTPS_PROXY"}},
		{name: "the proxy cannot reach the host", options: proxyThat(504), says: []string{"504", "does not reach"}},
		{name: "the proxy wants a browser", options: proxyThat(302), says: []string{"sign-in"}},
		{name: "an ordinary server is named as the proxy", options: proxyThat(405), says: []string{"may be no proxy"}},
		{name: "the proxy has an answer of its own", options: proxyThat(418), says: []string{"It answered 418."}},
		{name: "the proxy answers with a page", options: throughProxy(welcome("Content-Type: text/html\r\n")), says: []string{"web page in place of a connection"}},
		{name: "a page comes where the host should be", options: throughProxy(welcome("")), says: []string{"web page in place of a connection"}},
		{name: "the proxy's name is unknown", options: failingProxy(&net.DNSError{Err: "no such host", IsNotFound: true}), says: []string{"Its own name is not known."}},
		{name: "the proxy refuses", options: failingProxy(syscall.ECONNREFUSED), says: []string{"refuses connections"}},
		{name: "no way leads to the proxy", options: failingProxy(syscall.EHOSTUNREACH), says: []string{"No way leads there"}},
		{
			name: "the proxy opens no way in time", says: []string{"did not open the way within"},
			options: func(t *testing.T, w *world, o *Options) {
				speaking("")(t, w, o)
				o.Timeout, o.Proxy = brief, proxyTo(t, "http://proxy.acme-corp.com:3128")
			},
		},
		{
			name: "the proxy breaks off", says: []string{"broke off before"},
			options: func(t *testing.T, w *world, o *Options) {
				speaking("220 mail.acme-corp.com ready\r\n")(t, w, o)
				o.Proxy = proxyTo(t, "http://proxy.acme-corp.com:3128")
			},
		},
		{
			name: "the proxy's own certificate is not trusted", says: []string{"Its own certificate is not accepted."},
			options: func(t *testing.T, w *world, o *Options) {
				o.RootCAs = newAuthority(t, "Other").pool
				o.Proxy = proxyTo(t, "https://proxy.acme-corp.com:3128")
			},
			more: func(t *testing.T, p *model.Problem) {
				if p.Authority != nil {
					t.Errorf("the proxy's certificate is offered for the host: %+v", p.Authority)
				}
			},
		},
		{name: "the proxy answers plain HTTP itself", server: true, change: plainURL, rule: "the proxy does not reach the server", options: throughProxy(badGateway), says: []string{"HTTP_PROXY", "ERR_CONNECT_FAIL"}},
	}
	for i := range list {
		s := &list[i]
		s.verdict, s.code = model.VerdictFail, "net.refused"
		if s.rule == "" {
			s.rule = "the proxy does not connect"
		}
	}
	return list
}

// barrierScenarios are pages and limits that stand before Bitbucket.
func barrierScenarios() []scenario {
	everywhere := func(r reply) map[string]reply {
		return map[string]reply{cloudGit: r, cloudUser: r, cloudRepo: r, serverGit: r, serverProps: r, serverRepo: r}
	}
	with := func(r reply, pairs ...string) reply {
		r.header = maps.Clone(r.header)
		for i := 0; i < len(pairs); i += 2 {
			r.header[pairs[i]] = pairs[i+1]
		}
		return r
	}
	wait := func(seconds int) func(*testing.T, *model.Problem) {
		return func(t *testing.T, p *model.Problem) {
			if p.WaitSeconds != seconds {
				t.Errorf("%d seconds to wait, want %d", p.WaitSeconds, seconds)
			}
		}
	}
	refusal := page(403, "<html><head><title>Attention Required</title></head><body>You have been blocked. Complete the captcha.</body></html>")
	refresh := page(200, `<html><head><meta http-equiv="refresh" content="0; url=https://id.acme-corp.com/start?x=1&amp;y=2"></head><body>One moment</body></html>`)
	limited := text(429, "Rate limit for this resource has been exceeded")
	date := "Mon, 23 Nov 2026 13:00:00 GMT"
	fail := model.VerdictFail
	return []scenario{
		{name: "the network wants a sign-in", script: everywhere(page(511, "<html><body>Guest network</body></html>")), verdict: fail, code: "net.sso", rule: "the network wants a sign-in"},
		{name: "a page leads to a sign-in by itself", script: everywhere(refresh), verdict: fail, code: "net.sso", rule: "a login page answers", says: []string{"https://id.acme-corp.com."}},
		{name: "every request is led to a sign-in", script: everywhere(redirect(307, "https://login.acme-corp.com/sso?from=git")), verdict: fail, code: "net.sso", rule: "a login page answers", says: []string{"https://login.acme-corp.com."}},
		{name: "Cloudflare turns the request away", server: true, script: everywhere(with(refusal, "Cf-Ray", "8f-AMS", "Server", "cloudflare")), verdict: fail, code: "server.not-bitbucket", rule: "a firewall's page answers", says: []string{"Cloudflare"}},
		{name: "Cloudflare wants a robot to wait", server: true, script: everywhere(with(page(503, "<html><title>Just a moment...</title></html>"), "Cf-Mitigated", "challenge")), verdict: fail, code: "server.not-bitbucket", rule: "a firewall's page answers"},
		{name: "a page that names nobody turns the request away", script: everywhere(page(403, "<html><body>Request rejected. Your support ID is 17.</body></html>")), verdict: fail, code: "server.not-bitbucket", rule: "a page refuses that is not Bitbucket's", says: []string{"support ID is 17"}},
		{name: "an allowlist told of in a page", script: everywhere(page(403, "<html><body>To access this repository, an admin must whitelist your IP.</body></html>")), verdict: fail, code: "net.ip-allowlist", rule: "the address is not on the allowlist"},
		{
			name: "Cloud says how long to wait", script: everywhere(with(limited, "Retry-After", "43", "X-RateLimit-Limit", "1000", "X-RateLimit-Resource", "api-repositories")),
			verdict: fail, code: "net.rate-limited", rule: "too many requests", says: []string{"Wait 43 s, then", "1000 requests for api-repositories"}, more: wait(43),
		},
		{
			name: "Cloud says until when to wait", script: everywhere(with(limited, "Retry-After", "Mon, 23 Nov 2026 13:30:00 GMT", "Date", date)),
			verdict: fail, code: "net.rate-limited", rule: "too many requests", says: []string{"Wait until ", " UTC, then"}, more: wait(1800),
		},
		{name: "Cloud does not say how long to wait", script: everywhere(limited), verdict: fail, code: "net.rate-limited", rule: "too many requests", says: []string{"Wait an hour"}, more: wait(0)},
		{name: "Data Center does not say how long to wait", server: true, script: everywhere(limited), verdict: fail, code: "net.rate-limited", rule: "too many requests", says: []string{"Wait a minute"}, more: wait(0)},
		{name: "maintenance that says when it ends", script: everywhere(with(text(503, "Back soon"), "Retry-After", "90")), verdict: fail, code: "server.unavailable", rule: "the server is under maintenance", says: []string{"Wait 90 s"}, more: wait(90)},
		{
			name: "Data Center starts, and says for how long", server: true, verdict: fail, code: "server.starting", rule: "Data Center is starting", more: wait(30),
			script: func() map[string]reply {
				all := everywhere(with(text(503, ""), "Retry-After", "30"))
				all[dcHost+"/status"] = reply{status: 503, header: map[string]string{"Content-Type": "application/json"}, body: `{"state":"STARTING"}`}
				return all
			}(),
		},
		{
			name: "SSH is refused where a proxy is set", server: true, verdict: fail, code: "net.refused", rule: "the connection is refused",
			says: []string{"does not use the proxy proxy.acme-corp.com:3128"},
			change: func(r *model.TestRequest) {
				serverOverSSH(r)
				apiOff(r)
			},
			options: func(t *testing.T, w *world, o *Options) {
				refuseWith(syscall.ECONNREFUSED)(t, w, o)
				o.Proxy = proxyTo(t, "http://proxy.acme-corp.com:3128")
			},
		},
	}
}
