package probe

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bbconnect/model"
)

// chains are what servers of one private authority show.
func chains(t *testing.T, w *world) map[string]tls.Certificate {
	t.Helper()
	sub := w.ca.between(t, "Acme Subordinate CA", time.Now().Add(time.Hour))
	as := func(c *x509.Certificate) {}
	return map[string]tls.Certificate{
		"its own alone":            w.ca.issueAs(t, as),
		"its own and the root":     w.ca.issueAs(t, as, w.ca.cert),
		"its own and one between":  sub.issueAs(t, as, sub.cert),
		"all, in disorder":         sub.issueAs(t, as, w.ca.cert, sub.cert),
		"its own and a stray root": w.ca.issueAs(t, as, newAuthority(t, "Stray").cert),
		"one between is missing":   w.ca.issueAs(t, ofPublicAuthority),
	}
}

func TestTheOfferedCertificateMakesTheSameTestPass(t *testing.T) {
	t.Parallel()
	for name, shown := range chains(t, newWorld(t, nil)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, soundServer())
			w.TLS.Certificates = []tls.Certificate{shown}
			o := w.options()
			o.RootCAs = newAuthority(t, "Other").pool
			req := serverRequest()
			result := New(o).Test(t.Context(), req, nil)
			compare(t, result, model.VerdictFail, "tls.unknown-ca")
			if result.Problem == nil || result.Problem.Authority == nil {
				t.Fatalf("nothing is offered: %+v", result.Problem)
			}
			offered := result.Problem.Authority
			if offered.Host != dcHost || offered.Issuer == "" || offered.Expires.Before(time.Now()) {
				t.Errorf("%+v", offered)
			}
			req.CAFile = filepath.Join(t.TempDir(), "offered.pem")
			if err := os.WriteFile(req.CAFile, []byte(offered.PEM), 0o600); err != nil {
				t.Fatal(err)
			}
			compare(t, New(o).Test(t.Context(), req, nil), model.VerdictPass, "")
			for _, seen := range w.seen() {
				if seen.authorization == "" && !strings.HasSuffix(seen.path, "application-properties") {
					t.Errorf("%s was asked without a credential", seen.path)
				}
			}
		})
	}
}

// Where two hosts show certificates of the same unknown authority, whichever card
// is accepted has to help: it is kept for the host that the connector names.
func TestEveryOfferedCertificateIsForTheConnectorsOwnHost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, soundCloud())
	o := w.options()
	o.RootCAs = newAuthority(t, "Other").pool
	offered := 0
	for _, check := range New(o).Test(t.Context(), cloudRequest(), nil).Checks {
		if p := check.Problem; p != nil && p.Code == "tls.unknown-ca" && p.Authority != nil {
			if offered++; p.Authority.Host != "bitbucket.org" {
				t.Errorf("%q is offered for %s", p.What, p.Authority.Host)
			}
		}
	}
	if offered < 2 {
		t.Errorf("%d offers, want one of git and one of the REST API", offered)
	}
}

func TestTheFingerprintIsTheOneOpenSSLPrints(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed here, so nothing is shown about its fingerprint")
	}
	ca := newAuthority(t, "Acme Root")
	file := caFile(t, ca)
	out, err := exec.CommandContext(t.Context(), "openssl", "x509", "-in", file, "-noout", "-fingerprint", "-sha256").Output()
	if err != nil {
		t.Fatal(err)
	}
	_, want, _ := strings.Cut(strings.TrimSpace(string(out)), "=")
	f := fault{chain: []*x509.Certificate{ca.cert}}
	offered := f.offer("git.acme-corp.com")
	if offered.Fingerprint != "SHA256:"+want {
		t.Errorf("%s, openssl says %s", offered.Fingerprint, want)
	}
	data, _ := os.ReadFile(file)
	if offered.PEM != string(data) || offered.Subject != "Acme Root" || offered.Issuer != "Acme Root" || !offered.Expires.Equal(ca.cert.NotAfter) {
		t.Errorf("%+v", offered)
	}
	if block, rest := pem.Decode([]byte(offered.PEM)); block == nil || len(rest) > 0 {
		t.Errorf("more than one certificate is offered: %s", offered.PEM)
	}
}

func TestAServerThatShowsNothingOffersNothing(t *testing.T) {
	t.Parallel()
	if offered := (fault{kind: faultUnknownCA}).offer("x"); offered != nil {
		t.Errorf("%+v", offered)
	}
	if (fault{kind: faultUnknownCA}).incomplete() {
		t.Error("a chain that was not shown is called incomplete")
	}
}

// A chain whose certificates vouch for each other in a circle has an end too.
func TestACircleOfAuthoritiesEnds(t *testing.T) {
	t.Parallel()
	one := newAuthority(t, "One")
	two := one.between(t, "Two", time.Now().Add(time.Hour))
	back := two.between(t, "One", time.Now().Add(time.Hour))
	f := fault{chain: []*x509.Certificate{two.cert, back.cert, one.cert}}
	if f.highest() == nil {
		t.Error("no certificate is found")
	}
}

// TestNothingSecretGoesOverAConnectionThatIsNotTrusted asks servers whose
// certificate is not good for one reason or another, and looks at what came
// over: nothing, or one question for the time.
func TestNothingSecretGoesOverAConnectionThatIsNotTrusted(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*testing.T, *world, *Options){
		"a private authority": otherRoots,
		"a clock far ahead":   shifted(365 * 24 * time.Hour),
		"a clock far behind":  shifted(-365 * 24 * time.Hour),
		"an expired certificate": serveTLS(func(t testing.TB, w *world) tls.Certificate {
			return w.ca.issue(t, time.Now().Add(-time.Hour), dcHost)
		}),
		"another name": serveTLS(func(t testing.TB, w *world) tls.Certificate {
			return w.ca.issue(t, time.Now().Add(time.Hour), "other.acme-corp.com")
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, soundServer())
			headers := make(chan http.Header, 16)
			served := w.Config.Handler
			w.Config.Handler = http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
				headers <- in.Header.Clone()
				if in.Method != http.MethodHead || in.URL.Path != "/" || in.URL.RawQuery != "" {
					t.Errorf("%s %s was asked", in.Method, in.URL)
				}
				served.ServeHTTP(out, in)
			})
			o := w.options()
			prepare(t, w, &o)
			result := New(o).Test(t.Context(), serverRequest(), nil)
			if result.Verdict != model.VerdictFail {
				t.Errorf("%s: %+v", result.Verdict, result.Problem)
			}
			close(headers)
			asked := 0
			for h := range headers {
				asked++
				for _, name := range []string{"Authorization", "Proxy-Authorization", "Cookie"} {
					if h.Get(name) != "" {
						t.Errorf("%s was sent", name)
					}
				}
			}
			if asked > 1 {
				t.Errorf("the server was asked %d times", asked)
			}
		})
	}
}
