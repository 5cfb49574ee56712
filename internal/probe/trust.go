package probe

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"os"
	"sync"
	"sync/atomic"

	"bbconnect/model"
)

// trusted are the certificate authorities that one test believes.
type trusted struct {
	// roots are those of the options; nil stands for this machine's own.
	roots *x509.CertPool
	// own is the connector's CA file in PEM, believed beside the roots; empty
	// where it has none.
	own []byte
	// vouched, which may be nil, hears that the CA file alone made a server
	// trusted.
	vouched *atomic.Bool
}

// trust reads the connector's own CA file.
func (t *test) trust(file string) *model.Problem {
	if file == "" {
		return nil
	}
	pem, err := os.ReadFile(file)
	if err != nil || !x509.NewCertPool().AppendCertsFromPEM(pem) {
		return &model.Problem{
			Code: "tls.unknown-ca", Cause: err,
			What: "The CA file " + clean(file) + " holds no certificate that can be read.",
			Why:  "It was moved, or is not in PEM format.",
			Fix:  "Name a PEM file with the authority's certificate (--ca-file).",
		}
	}
	t.trusted.own, t.trusted.vouched = pem, &t.ownCA
	return nil
}

// over is a transport that believes all of them. Where the connector has a CA
// file, that is tried alone first: reading this machine's own authorities takes
// longer than the whole test of a server near by.
func (r trusted) over(t *http.Transport) http.RoundTripper {
	if len(r.own) == 0 {
		return t
	}
	own := x509.NewCertPool()
	own.AppendCertsFromPEM(r.own)
	first := t.Clone()
	first.TLSClientConfig.RootCAs = own
	return &ownFirst{first: first, then: t, all: r.all, vouched: r.vouched}
}

// prepare reads this machine's authorities, where they alone will be asked, while
// the connection is being made.
func (r trusted) prepare() {
	if r.roots == nil && len(r.own) == 0 {
		_, _ = x509.SystemCertPool() // what it reads is kept for the process
	}
}

// all are the roots and the connector's own together.
func (r trusted) all() *x509.CertPool {
	pool := r.roots
	if pool != nil {
		pool = pool.Clone()
	} else if pool, _ = x509.SystemCertPool(); pool == nil {
		pool = x509.NewCertPool()
	}
	pool.AppendCertsFromPEM(r.own)
	return pool
}

// ownFirst asks again with all authorities where the connector's own do not
// vouch for the server. Nothing of the request was sent by then, and the answer
// that counts is that of all authorities.
type ownFirst struct {
	first, then *http.Transport
	all         func() *x509.CertPool
	vouched     *atomic.Bool
	read        sync.Once
}

// RoundTrip implements http.RoundTripper for requests without a body.
func (o *ownFirst) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := o.first.RoundTrip(req)
	if err == nil && res.TLS != nil && o.vouched != nil {
		o.vouched.Store(true)
	}
	var refused *tls.CertificateVerificationError
	if !errors.As(err, &refused) {
		return res, err
	}
	o.read.Do(func() { o.then.TLSClientConfig.RootCAs = o.all() })
	return o.then.RoundTrip(req)
}

// CloseIdleConnections is what http.Client looks for when it is done.
func (o *ownFirst) CloseIdleConnections() {
	o.first.CloseIdleConnections()
	o.then.CloseIdleConnections()
}
