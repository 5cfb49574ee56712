package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"
)

// faultKind is why a request got no answer of the server.
type faultKind string

const (
	noFault         faultKind = ""
	faultDNS        faultKind = "dns"
	faultResolver   faultKind = "name service"
	faultRefused    faultKind = "refused"
	faultNoRoute    faultKind = "no route"
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
	faultOnlyTLS    faultKind = "only TLS"
	faultIsSSH      faultKind = "is SSH"
	faultNotSSH     faultKind = "not SSH"
	faultAlgorithm  faultKind = "no common algorithm"
	faultOnlySHA1   faultKind = "signatures with SHA-1 only"
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
	// phase is how far an HTTP request had come, after how long it had been in
	// it.
	phase phase
	after time.Duration
	// chain is what a server showed that was not taken, its own certificate first.
	chain []*x509.Certificate
	// stale is the one of them that is not valid now.
	stale *x509.Certificate
}

// net reports that no connection to the host came about.
func (f fault) net() bool {
	switch f.kind {
	case faultDNS, faultResolver, faultRefused, faultNoRoute, faultClosed, faultTimeout, faultProxyAuth, faultProxy:
		return true
	}
	return false
}

// Windows' own numbers (winsock2.h); their texts and the constants of package
// syscall, which invents numbers of its own there, differ from them.
const (
	wsaNetDown     = syscall.Errno(10050)
	wsaNetUnreach  = syscall.Errno(10051)
	wsaTimedOut    = syscall.Errno(10060)
	wsaRefused     = syscall.Errno(10061)
	wsaHostDown    = syscall.Errno(10064)
	wsaHostUnreach = syscall.Errno(10065)
)

// The numbers that mean one thing each.
var (
	errnoRefused = []syscall.Errno{syscall.ECONNREFUSED, wsaRefused}
	errnoNoRoute = []syscall.Errno{
		syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ENETDOWN, syscall.EHOSTDOWN,
		wsaNetDown, wsaNetUnreach, wsaHostDown, wsaHostUnreach,
	}
)

// classify names the failure of a dial, a handshake or a request.
func classify(ctx context.Context, err error) fault {
	f := fault{err: err}
	var (
		dns   *net.DNSError
		cert  *tls.CertificateVerificationError
		plain tls.RecordHeaderError
		op    *net.OpError
	)
	switch {
	case err == nil:
		return fault{}
	case errors.Is(err, context.Canceled) || errors.Is(ctx.Err(), context.Canceled):
		f.kind = faultCancelled
	case errors.As(err, &dns) && dns.IsNotFound:
		f.kind = faultDNS
	case errors.As(err, &dns):
		f.kind = faultResolver
	case errors.As(err, &cert):
		f.ofCertificate(cert)
	case errors.As(err, &plain) && strings.HasPrefix(string(plain.RecordHeader[:]), "SSH-"),
		strings.Contains(err.Error(), `malformed HTTP response "SSH-`):
		f.kind = faultIsSSH
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &plain):
		f.kind = faultNotTLS
	case speaksTLS(err):
		f.kind = faultOnlyTLS
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), isTimeout(err), ctx.Err() != nil:
		f.kind = faultTimeout
	case errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error"):
		// crypto/tls reports alerts in this form.
		f.kind, f.detail = faultTLS, clean("The reason given is "+op.Err.Error())
	case isErrno(err, errnoRefused):
		f.kind = faultRefused
	case isErrno(err, errnoNoRoute):
		f.kind = faultNoRoute
	default:
		f.kind = faultClosed
	}
	return f
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout() || isErrno(err, []syscall.Errno{wsaTimedOut})
}

func isErrno(err error, numbers []syscall.Errno) bool {
	var errno syscall.Errno
	return errors.As(err, &errno) && slices.Contains(numbers, errno)
}

// speaksTLS reports that plain HTTP was answered with an alert of TLS (RFC 8446
// §5.1: content type 21, major version 3). net/http has no type for it, only
// the text with the first bytes.
func speaksTLS(err error) bool {
	return strings.Contains(err.Error(), `malformed HTTP response "\x15\x03`)
}
