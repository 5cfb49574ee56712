package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"syscall"
	"testing"
	"time"

	"bbconnect/model"
)

// refuseWith makes every dial end with an error.
func refuseWith(err error) func(*testing.T, *world, *Options) {
	return func(_ *testing.T, _ *world, o *Options) {
		o.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, err }
	}
}

// withoutREST lets git through and nothing else.
func withoutREST(err error) func(*testing.T, *world, *Options) {
	return func(_ *testing.T, w *world, o *Options) {
		o.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
			if addr == "api.bitbucket.org:443" {
				return nil, err
			}
			return w.dial(ctx, network, addr)
		}
	}
}

// serveTLS puts another certificate before the scripted server.
func serveTLS(issue func(testing.TB, *world) tls.Certificate) func(*testing.T, *world, *Options) {
	return func(t *testing.T, w *world, _ *Options) {
		w.TLS.Certificates = []tls.Certificate{issue(t, w)}
	}
}

// proxyThat answers CONNECT with a status.
func proxyThat(status int) func(*testing.T, *world, *Options) {
	return func(t *testing.T, _ *world, o *Options) {
		p := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) { out.WriteHeader(status) }))
		t.Cleanup(p.Close)
		o.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, p.Listener.Addr().String())
		}
		o.Proxy = proxyTo(t, "http://someone:"+"pa55"+"@proxy.acme-corp.com:3128")
	}
}

func viaDelegate(r *model.TestRequest) { r.Connector.Mode = model.ModeDelegate }

// netScenarios are what a test meets before any Bitbucket answers.
func netScenarios() []scenario {
	return slices.Concat(connectionScenarios(), wireScenarios(), secureScenarios(), barrierScenarios(), reachScenarios())
}

func connectionScenarios() []scenario {
	reset := &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	unknown := &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "x", IsNotFound: true}}
	noConnection := map[string]model.CheckStatus{checkReach: model.CheckFail, checkTLS: model.CheckSkip, checkGit: model.CheckSkip}
	badTLS := map[string]model.CheckStatus{checkReach: model.CheckPass, checkTLS: model.CheckFail, checkGit: model.CheckSkip}
	return []scenario{
		{name: "an unknown host", options: refuseWith(unknown), verdict: model.VerdictFail, code: "net.dns", rule: "a public host is not found", checks: noConnection},
		{name: "an unknown server", server: true, options: refuseWith(unknown), verdict: model.VerdictFail, code: "net.dns", rule: "the host name is not known", checks: noConnection},
		{name: "an unknown host, through a delegate", change: viaDelegate, options: refuseWith(unknown), verdict: model.VerdictUnreachable, code: "net.dns", rule: "a public host is not found"},
		{name: "a refused connection", options: refuseWith(refused), verdict: model.VerdictFail, code: "net.refused", rule: "a public host refuses the connection", checks: noConnection},
		{name: "a refused connection, through a delegate", change: viaDelegate, options: refuseWith(refused), verdict: model.VerdictUnreachable, code: "net.refused", rule: "a public host refuses the connection"},
		{name: "a server refuses the connection", server: true, options: refuseWith(refused), verdict: model.VerdictFail, code: "net.refused", rule: "the connection is refused", checks: noConnection},
		{name: "a connection that breaks off", options: refuseWith(reset), verdict: model.VerdictFail, code: "net.refused", rule: "the connection breaks off"},
		{
			name: "a server that never answers", verdict: model.VerdictFail, code: "net.timeout", rule: "no connection in time", checks: noConnection,
			options: func(_ *testing.T, _ *world, o *Options) {
				o.Timeout = 50 * time.Millisecond
				o.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }
			},
		},
		{
			name: "the REST API's host alone is unknown", verdict: model.VerdictFail, code: "net.dns", rule: "a public host is not found", options: withoutREST(unknown),
			checks: map[string]model.CheckStatus{checkGit: model.CheckPass, checkREST: model.CheckFail, checkRepository: model.CheckSkip},
		},
		{
			name: "the REST API's host alone is unknown, through a delegate", change: viaDelegate, verdict: model.VerdictUnreachable, code: "net.dns",
			rule: "a public host is not found", options: withoutREST(unknown),
		},
		{name: "the REST API's host is unknown, and API access off", change: apiOff, verdict: model.VerdictPass, options: withoutREST(unknown)},
		{
			name: "webhooks have an error of their own", verdict: model.VerdictPass, script: map[string]reply{cloudHooks: text(500, "boom")},
			checks: map[string]model.CheckStatus{checkScopes: model.CheckSkip},
		},
		{name: "a delegate reports what it is told", change: viaDelegate, script: bothDenied(), verdict: model.VerdictFail, code: "cred.rejected", rule: "an API token is rejected"},
		{name: "the proxy wants a login", options: proxyThat(407), verdict: model.VerdictFail, code: "net.proxy-auth", rule: "the proxy wants a login"},
		{
			name: "the proxy's address cannot be read", verdict: model.VerdictFail, code: "net.refused", rule: "the proxy does not connect",
			options: func(_ *testing.T, _ *world, o *Options) {
				o.Proxy = func(*http.Request) (*url.URL, error) {
					return nil, errors.New("invalid proxy address \"http://someone:" + apiToken() + "@x\"")
				}
			},
		},
		{
			name: "the proxy cannot be reached", verdict: model.VerdictFail, code: "net.refused", rule: "the proxy does not connect",
			options: func(t *testing.T, _ *world, o *Options) {
				o.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, refused }
				o.Proxy = proxyTo(t, "http://proxy.acme-corp.com:3128")
			},
		},
		{name: "the proxy cannot connect", options: proxyThat(502), verdict: model.VerdictFail, code: "net.refused", rule: "the proxy does not connect"},
		{
			name: "a private authority", server: true, verdict: model.VerdictFail, code: "tls.unknown-ca", rule: "the authority is not trusted", checks: badTLS,
			options: func(t *testing.T, _ *world, o *Options) { o.RootCAs = newAuthority(t, "Other").pool },
		},
		{
			name: "a private authority, through a delegate", server: true, change: viaDelegate, verdict: model.VerdictFail, code: "tls.unknown-ca", rule: "the authority is not trusted",
			options: func(t *testing.T, _ *world, o *Options) { o.RootCAs = newAuthority(t, "Other").pool },
		},
		{
			name: "a certificate for another name", verdict: model.VerdictFail, code: "tls.hostname", rule: "the certificate is for another name", checks: badTLS,
			options: serveTLS(func(t testing.TB, w *world) tls.Certificate {
				return w.ca.issue(t, time.Now().Add(time.Hour), "other.acme-corp.com")
			}),
		},
		{
			name: "an expired certificate", verdict: model.VerdictFail, code: "tls.expired", rule: "the certificate has expired", checks: badTLS,
			options: serveTLS(func(t testing.TB, w *world) tls.Certificate {
				return w.ca.issue(t, time.Now().Add(-time.Hour), "bitbucket.org", "api.bitbucket.org")
			}),
		},
		{
			name: "plain HTTP on the port of HTTPS", verdict: model.VerdictFail, code: "tls.not-tls", rule: "plain HTTP answers on the port of HTTPS", checks: badTLS,
			options: func(t *testing.T, _ *world, o *Options) {
				s := httptest.NewServer(http.NotFoundHandler())
				t.Cleanup(s.Close)
				o.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
					var d net.Dialer
					return d.DialContext(ctx, network, s.Listener.Addr().String())
				}
			},
		},
		{
			name: "TLS is refused", verdict: model.VerdictFail, code: "tls.not-tls", rule: "TLS is refused",
			options: func(_ *testing.T, w *world, _ *Options) {
				w.TLS.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return nil, errors.New("no") }
			},
		},
		{
			name: "plain HTTP leads to HTTPS", server: true, verdict: model.VerdictFail, code: "repo.moved", rule: "the address is plain HTTP and leads to HTTPS",
			mend:   "https://" + dcHost + "/scm/PAY/ledger.git",
			change: func(r *model.TestRequest) { r.Connector.URL = "http://" + dcHost + "/scm/PAY/ledger.git" },
			options: func(t *testing.T, _ *world, o *Options) {
				s := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
					http.Redirect(out, in, "https://"+in.Host+in.URL.String(), http.StatusMovedPermanently)
				}))
				t.Cleanup(s.Close)
				o.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
					var d net.Dialer
					return d.DialContext(ctx, network, s.Listener.Addr().String())
				}
			},
		},
	}
}
