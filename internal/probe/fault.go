package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"os"
	"syscall"
)

// faultKind is why a request got no answer of the server.
type faultKind string

const (
	noFault         faultKind = ""
	faultDNS        faultKind = "dns"
	faultRefused    faultKind = "refused"
	faultClosed     faultKind = "closed"
	faultTimeout    faultKind = "timeout"
	faultCancelled  faultKind = "cancelled"
	faultProxyAuth  faultKind = "proxy wants a login"
	faultProxy      faultKind = "proxy"
	faultUnknownCA  faultKind = "unknown CA"
	faultHostname   faultKind = "other host name"
	faultExpired    faultKind = "expired"
	faultTLS        faultKind = "TLS"
	faultNotTLS     faultKind = "not TLS"
	faultNotSSH     faultKind = "not SSH"
	faultAlgorithm  faultKind = "no common algorithm"
	faultKeyRefused faultKind = "key refused"
	faultHostNew    faultKind = "host key unknown"
	faultHostOther  faultKind = "host key changed"
	faultHostOld    faultKind = "host key revoked"
)

// fault is a failure below the conversation: no connection, no TLS, no SSH.
type fault struct {
	kind faultKind
	// detail is what the kind alone does not say: a certificate's issuer or
	// names; cleaned.
	detail string
	err    error
}

// net reports that no connection to the host came about.
func (f fault) net() bool {
	switch f.kind {
	case faultDNS, faultRefused, faultClosed, faultTimeout, faultProxyAuth, faultProxy:
		return true
	}
	return false
}

// wsaRefused is Windows' own number for a refused connection; its text and
// syscall.ECONNREFUSED differ from it.
const wsaRefused = syscall.Errno(10061)

// classify names the failure of a dial, a handshake or a request.
func classify(ctx context.Context, err error) fault {
	f := fault{err: err}
	var (
		dns   *net.DNSError
		cert  *tls.CertificateVerificationError
		plain tls.RecordHeaderError
		op    *net.OpError
		errno syscall.Errno
	)
	switch {
	case err == nil:
		return fault{}
	case errors.Is(err, context.Canceled) || errors.Is(ctx.Err(), context.Canceled):
		f.kind = faultCancelled
	case errors.As(err, &dns):
		f.kind = faultDNS
	case errors.As(err, &cert):
		f.kind, f.detail = classifyCertificate(cert)
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &plain):
		f.kind = faultNotTLS
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), isTimeout(err), ctx.Err() != nil:
		f.kind = faultTimeout
	case errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error"):
		// crypto/tls reports alerts in this form.
		f.kind, f.detail = faultTLS, clean("The reason given is "+op.Err.Error())
	case errors.As(err, &errno) && (errno == syscall.ECONNREFUSED || errno == wsaRefused):
		f.kind = faultRefused
	default:
		f.kind = faultClosed
	}
	return f
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}

// classifyCertificate says what is wrong with a certificate, and whose it is.
func classifyCertificate(err *tls.CertificateVerificationError) (faultKind, string) {
	var (
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
		leaf    *x509.Certificate
	)
	if len(err.UnverifiedCertificates) > 0 {
		leaf = err.UnverifiedCertificates[0]
	}
	switch {
	case errors.As(err, &name):
		return faultHostname, certificateNames(name.Certificate)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return faultExpired, validity(invalid.Cert)
	}
	return faultUnknownCA, issuer(leaf)
}

// certificateNames lists the first few names a certificate is for.
func certificateNames(c *x509.Certificate) string {
	if c == nil {
		return "another name"
	}
	names := c.DNSNames
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	text := "another name"
	for i, n := range names {
		switch {
		case i == 0:
			text = n
		case i == 3:
			return clean(text + " and others")
		default:
			text += ", " + n
		}
	}
	return clean(text)
}

// validity is the span a certificate is valid in, as dates.
func validity(c *x509.Certificate) string {
	if c == nil {
		return "its dates"
	}
	return c.NotBefore.UTC().Format("2006-01-02") + " to " + c.NotAfter.UTC().Format("2006-01-02")
}

// issuer is who signed a certificate, by common name or organisation.
func issuer(c *x509.Certificate) string {
	switch {
	case c == nil:
		return "an unknown issuer"
	case c.Issuer.CommonName != "":
		return clean(c.Issuer.CommonName)
	case len(c.Issuer.Organization) > 0:
		return clean(c.Issuer.Organization[0])
	}
	return "an unnamed issuer"
}
