package sandbox

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"sync"
	"time"
)

// tlsMode is which certificate, if any, the HTTPS listeners show.
type tlsMode int

const (
	tlsGood tlsMode = iota
	tlsUnknownCA
	tlsExpired
	tlsWrongHost
	tlsNoIntermediate
	tlsNone // plain HTTP where TLS is expected
)

// wrongHost is the only name in the certificate of the wrong-host scenario.
const wrongHost = "legacy.acme-corp.com"

// certificates holds the authority and one leaf per mode, all made at start.
type certificates struct {
	authority *x509.Certificate
	leaf      map[tlsMode]*tls.Certificate
}

// signer is a certificate authority with its key.
type signer struct {
	cert *x509.Certificate
	key  ed25519.PrivateKey
}

// newCertificates makes the sandbox's authority, a stranger's, and the leaves.
// The authorities' keys are drawn from random: signatures of Ed25519 have nothing
// random in them, so that with a seed the fingerprints are the same in every run.
func newCertificates(names []string, now time.Time, random io.Reader) (*certificates, error) {
	ours, err := newAuthority("bbconnect sandbox CA", now, random)
	if err != nil {
		return nil, err
	}
	stranger, err := newAuthority("Somebody Else CA", now, random)
	if err != nil {
		return nil, err
	}
	between, err := ours.issuer("bbconnect sandbox issuing CA", now, random)
	if err != nil {
		return nil, err
	}
	rows := []struct {
		mode   tlsMode
		by     signer
		names  []string
		ips    []net.IP
		expiry time.Time
	}{
		{tlsGood, ours, names, loopbackIPs(), now.AddDate(1, 0, 0)},
		{tlsUnknownCA, stranger, names, loopbackIPs(), now.AddDate(1, 0, 0)},
		{tlsExpired, ours, names, loopbackIPs(), now.AddDate(0, 0, -3)},
		{tlsWrongHost, ours, []string{wrongHost}, nil, now.AddDate(1, 0, 0)},
		{tlsNoIntermediate, between, names, loopbackIPs(), now.AddDate(1, 0, 0)},
	}
	c := &certificates{authority: ours.cert, leaf: map[tlsMode]*tls.Certificate{}}
	for i, row := range rows {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(int64(i) + 2),
			Subject:      pkix.Name{CommonName: row.names[0]},
			NotBefore:    now.AddDate(0, -3, 0),
			NotAfter:     row.expiry,
			KeyUsage:     x509.KeyUsageDigitalSignature,
			ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
			DNSNames:     row.names,
			IPAddresses:  row.ips,
		}
		if c.leaf[row.mode], err = row.by.sign(template); err != nil {
			return nil, err
		}
	}
	alone := c.leaf[tlsNoIntermediate]
	alone.Certificate = alone.Certificate[:1] // the authority in between is what is missing
	return c, nil
}

// loopbackIPs are the addresses tests use without a dialer of their own.
func loopbackIPs() []net.IP { return []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback} }

// newAuthority makes a certificate authority that signs itself.
func newAuthority(name string, now time.Time, random io.Reader) (signer, error) {
	key, err := newKey(random)
	if err != nil {
		return signer{}, err
	}
	template := authorityTemplate(name, 1, now)
	return parsed(key, template, template, key)
}

// newKey draws a key, which the standard library's own way does not from every
// reader.
func newKey(random io.Reader) (ed25519.PrivateKey, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return nil, err
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// issuer makes an authority that another one signs.
func (by signer) issuer(name string, now time.Time, random io.Reader) (signer, error) {
	key, err := newKey(random)
	if err != nil {
		return signer{}, err
	}
	return parsed(key, authorityTemplate(name, 100, now), by.cert, by.key)
}

// authorityTemplate is the certificate of an authority, before it is signed.
func authorityTemplate(name string, serial int64, now time.Time) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber:          big.NewInt(serial),
		Subject:               pkix.Name{CommonName: name, Organization: []string{"Sandbox"}},
		NotBefore:             now.AddDate(0, -6, 0),
		NotAfter:              now.AddDate(2, 0, 0),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
}

// parsed signs an authority's certificate and reads it back.
func parsed(key ed25519.PrivateKey, template, parent *x509.Certificate, by ed25519.PrivateKey) (signer, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), by)
	if err != nil {
		return signer{}, err
	}
	cert, err := x509.ParseCertificate(der)
	return signer{cert: cert, key: key}, err
}

// sign makes a leaf with a key of its own; the chain carries the authority, as
// servers behind a private CA do.
func (by signer) sign(template *x509.Certificate) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.cert, key.Public(), by.key)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der, by.cert.Raw}, PrivateKey: key}, nil
}

// RootCAs is a pool with the sandbox's authority alone.
func (s *Sandbox) RootCAs() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.certs.authority)
	return pool
}

// CAPEM is the sandbox's authority as one PEM block, for http.sslCAInfo,
// SSL_CERT_FILE and --ca-file.
func (s *Sandbox) CAPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.certs.authority.Raw})
}

// serverTLS shows the certificate the current scenario asks for. HTTP/1.1 is
// the only protocol: a dropped connection then means one request.
func (s *Sandbox) serverTLS() *tls.Config {
	config := &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return s.certs.leaf[s.faults().tls], nil
		},
	}
	if s.faults().clientCertificate {
		config.ClientAuth = tls.RequireAnyClientCert
	}
	return config
}

// faultyListener hands out connections as the scenario wants them: reset at
// once, plain where TLS is expected, or as they should be.
type faultyListener struct {
	net.Listener
	sandbox *Sandbox
	secure  bool
}

// Accept implements net.Listener.
func (l *faultyListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		f := l.sandbox.faults()
		if f.drop {
			reset(conn)
			continue
		}
		if l.secure && f.mute {
			l.sandbox.hold(conn)
			continue
		}
		if !l.secure && !f.tlsOnPlain || l.secure && f.tls == tlsNone {
			return conn, nil
		}
		return tls.Server(conn, l.sandbox.serverTLS()), nil
	}
}

// hold keeps a connection open without a word until the sandbox ends or the
// client hangs up.
func (s *Sandbox) hold(conn net.Conn) {
	if !s.enter() {
		_ = conn.Close()
		return
	}
	go func() {
		defer s.running.Done()
		defer s.closeWith(conn)()
		_, _ = io.Copy(io.Discard, conn)
	}()
}

// closeWith closes connections when the sandbox ends, or when the function it
// returns is called.
func (s *Sandbox) closeWith(conns ...net.Conn) func() {
	over := make(chan struct{})
	shut := sync.OnceFunc(func() {
		close(over)
		for _, c := range conns {
			_ = c.Close()
		}
	})
	s.running.Go(func() {
		select {
		case <-s.done:
			shut()
		case <-over:
		}
	})
	return shut
}

// reset closes a connection so that the other side sees it break rather than
// end: no lingering means the kernel sends RST.
func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
