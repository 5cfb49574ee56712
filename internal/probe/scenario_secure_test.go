package probe

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"strings"
	"testing"
	"time"

	"bbconnect/model"
)

// issueAs makes a certificate as issue does, changed before it is signed, and
// shown with the others.
func (a authority) issueAs(t testing.TB, change func(*x509.Certificate), others ...*x509.Certificate) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{dcHost, "bitbucket.org", "api.bitbucket.org"}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(3), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	change(template)
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	out := tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	for _, c := range others {
		out.Certificate = append(out.Certificate, c.Raw)
	}
	return out
}

// between makes an authority that this one vouches for.
func (a authority) between(t testing.TB, name string, until time.Time) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(4), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: until, KeyUsage: x509.KeyUsageCertSign,
	}, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return authority{cert: cert, key: key, pool: pool}
}

// ofPublicAuthority is what the certificate of a public authority has: a
// policy of the CA/Browser Forum, and where its issuer's is to be fetched.
func ofPublicAuthority(c *x509.Certificate) {
	policy, _ := x509.OIDFromInts([]uint64{2, 23, 140, 1, 2, 1})
	c.Policies = []x509.OID{policy}
	c.IssuingCertificateURL = []string{"http://r3.i.public-authority.example/"}
}

func otherRoots(t *testing.T, _ *world, o *Options) { o.RootCAs = newAuthority(t, "Other").pool }

// shifted moves this machine's clock.
func shifted(by time.Duration) func(*testing.T, *world, *Options) {
	return func(_ *testing.T, _ *world, o *Options) {
		o.Now = func() time.Time { return time.Now().Add(by) }
	}
}

// serving shows another certificate and trusts other roots.
func serving(issue func(testing.TB, *world) tls.Certificate, then ...func(*testing.T, *world, *Options)) func(*testing.T, *world, *Options) {
	return func(t *testing.T, w *world, o *Options) {
		serveTLS(issue)(t, w, o)
		for _, f := range then {
			f(t, w, o)
		}
	}
}

// secureScenarios are about certificates.
func secureScenarios() []scenario {
	const unknown, expired = "tls.unknown-ca", "tls.expired"
	fail := model.VerdictFail
	offers := func(subject string) func(*testing.T, *model.Problem) {
		return func(t *testing.T, p *model.Problem) {
			a := p.Authority
			if a == nil || a.Host != dcHost && a.Host != "bitbucket.org" || a.Subject != subject || !strings.Contains(a.PEM, "CERTIFICATE") || a.Expires.IsZero() {
				t.Fatalf("%+v is offered, want %s", a, subject)
			}
			if !strings.Contains(p.Why+p.Fix, a.Fingerprint) {
				t.Errorf("the fingerprint %s is not said by %v", a.Fingerprint, p)
			}
		}
	}
	list := []scenario{
		{
			name: "an authority between is shown too", code: unknown, rule: "the authority is not trusted", more: offers("Acme Subordinate CA"),
			says: []string{"issued by Acme Subordinate CA", "Secure Connect"},
			options: serving(func(t testing.TB, w *world) tls.Certificate {
				sub := w.ca.between(t, "Acme Subordinate CA", time.Now().Add(time.Hour))
				return sub.issueAs(t, func(*x509.Certificate) {}, sub.cert)
			}, otherRoots),
		},
		{
			name: "the root is shown too, in disorder", change: viaDelegate, code: unknown, rule: "the authority is not trusted", more: offers("Acme Issuing CA"),
			says: []string{"ADDITIONAL_CERTS_PATH"},
			options: serving(func(t testing.TB, w *world) tls.Certificate {
				sub := w.ca.between(t, "Acme Subordinate CA", time.Now().Add(time.Hour))
				return sub.issueAs(t, func(*x509.Certificate) {}, w.ca.cert, newAuthority(t, "Stray").cert, sub.cert)
			}, otherRoots),
		},
		{name: "only the server's own certificate is shown", code: unknown, rule: "the authority is not trusted", more: offers(dcHost), options: serving(func(t testing.TB, w *world) tls.Certificate {
			return w.ca.issueAs(t, func(*x509.Certificate) {})
		}, otherRoots)},
		{
			name: "a private authority says where its certificate is", code: unknown, rule: "the authority is not trusted",
			options: serving(func(t testing.TB, w *world) tls.Certificate {
				return w.ca.issueAs(t, func(c *x509.Certificate) { c.IssuingCertificateURL = []string{"http://pki.acme.internal/ca.crt"} })
			}, otherRoots),
		},
		{
			name: "the certificate between is missing", code: unknown, rule: "the certificate between is missing", more: offers(dcHost),
			says:    []string{"r3.i.public-authority.example", "Acme Issuing CA"},
			options: serving(func(t testing.TB, w *world) tls.Certificate { return w.ca.issueAs(t, ofPublicAuthority) }, otherRoots),
		},
		{
			name: "the CA file is another authority's", code: unknown, rule: "the CA file is another authority's", says: []string{"/ca.pem does not hold"},
			more: offers("bitbucket.org"), options: otherRoots, foreignCA: true,
		},
		{
			name: "this machine's clock is ahead", code: expired, rule: "this machine's clock is wrong", says: []string{"wrong by 365 days (it is ahead)", "Set the clock"},
			options: shifted(365 * 24 * time.Hour),
		},
		{
			name: "this machine's clock is behind", code: expired, rule: "this machine's clock is wrong", says: []string{"wrong by 6 hours (it is behind)"},
			options: shifted(-6 * time.Hour),
		},
		{
			name: "a certificate that is valid later", code: expired, rule: "the certificate is not valid yet",
			options: serveTLS(func(t testing.TB, w *world) tls.Certificate {
				return w.ca.issueAs(t, func(c *x509.Certificate) { c.NotBefore = time.Now().Add(30 * time.Minute) })
			}),
		},
		{
			name: "an expired authority between", code: expired, rule: "the certificate has expired", says: []string{"of the authority Acme Subordinate CA above " + dcHost, "The server's clock agrees."},
			options: serveTLS(func(t testing.TB, w *world) tls.Certificate {
				sub := w.ca.between(t, "Acme Subordinate CA", time.Now().Add(-time.Hour))
				return sub.issueAs(t, func(*x509.Certificate) {}, sub.cert)
			}),
		},
		{
			name: "an expired certificate, and a clock that is wrong beside", code: expired, rule: "the certificate has expired",
			options: serving(func(t testing.TB, w *world) tls.Certificate {
				return w.ca.issueAs(t, func(c *x509.Certificate) {
					c.NotBefore, c.NotAfter = time.Now().Add(-48*time.Hour), time.Now().Add(-24*time.Hour)
				})
			}, shifted(time.Hour)),
		},
	}
	for i := range list {
		list[i].server, list[i].verdict = true, fail
	}
	return append(list, scenario{
		name: "a firewall of the company reads along at Cloud", verdict: fail, code: unknown, rule: "Cloud's certificate is not Atlassian's",
		says: []string{"reads along", "is not affected"}, more: offers("bitbucket.org"), options: otherRoots,
	})
}
