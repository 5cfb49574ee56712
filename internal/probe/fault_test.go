package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"syscall"
	"testing"
	"time"
)

func failedDial(err error) error {
	return &url.Error{Op: "Get", URL: "https://git.acme-corp.com/", Err: &net.OpError{Op: "dial", Net: "tcp", Err: err}}
}

func TestEveryErrorBelowHTTPHasItsKind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		err  error
		want faultKind
	}{
		{"nothing", nil, noFault},
		{"no such host", failedDial(&net.DNSError{Err: "no such host", IsNotFound: true}), faultDNS},
		{"the name service fails", failedDial(&net.DNSError{Err: "server misbehaving", IsTemporary: true}), faultResolver},
		{"the name service is silent", failedDial(&net.DNSError{Err: "i/o timeout", IsTimeout: true}), faultResolver},
		{"refused", failedDial(&os.SyscallError{Syscall: "connect", Err: syscall.ECONNREFUSED}), faultRefused},
		{"refused on Windows", failedDial(&os.SyscallError{Syscall: "connectex", Err: syscall.Errno(10061)}), faultRefused},
		{"no network", failedDial(&os.SyscallError{Syscall: "connect", Err: syscall.ENETUNREACH}), faultNoRoute},
		{"no network on Windows", failedDial(&os.SyscallError{Syscall: "connectex", Err: syscall.Errno(10051)}), faultNoRoute},
		{"the network is down on Windows", failedDial(syscall.Errno(10050)), faultNoRoute},
		{"no way to the host", failedDial(&os.SyscallError{Syscall: "connect", Err: syscall.EHOSTUNREACH}), faultNoRoute},
		{"no way to the host on Windows", failedDial(syscall.Errno(10065)), faultNoRoute},
		{"the host is down on Windows", failedDial(syscall.Errno(10064)), faultNoRoute},
		{"the system's own time ran out", failedDial(syscall.ETIMEDOUT), faultTimeout},
		{"Windows' own time ran out", failedDial(syscall.Errno(10060)), faultTimeout},
		{"our time ran out", failedDial(os.ErrDeadlineExceeded), faultTimeout},
		{"the context's time ran out", fmt.Errorf("x: %w", context.DeadlineExceeded), faultTimeout},
		{"cancelled", failedDial(context.Canceled), faultCancelled},
		{"reset", failedDial(syscall.ECONNRESET), faultClosed},
		{"cut short", io.ErrUnexpectedEOF, faultClosed},
		{"plain HTTP", http.ErrSchemeMismatch, faultNotTLS},
		{"no TLS", tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake", RecordHeader: [5]byte{'2', '2', '0', ' ', 'm'}}, faultNotTLS},
		{"SSH for TLS", tls.RecordHeaderError{RecordHeader: [5]byte{'S', 'S', 'H', '-', '2'}}, faultIsSSH},
		{"SSH for HTTP", errors.New(`malformed HTTP response "SSH-2.0-OpenSSH"`), faultIsSSH},
		{"TLS for HTTP", errors.New(`net/http: malformed HTTP response "\x15\x03\x01\x00\x02\x02F"`), faultOnlyTLS},
		{"an alert", &net.OpError{Op: "remote error", Err: errors.New("tls: handshake failure")}, faultTLS},
	} {
		if got := classify(t.Context(), c.err).kind; got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestACancelledContextOutdoesEveryError(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := classify(ctx, syscall.ECONNREFUSED).kind; got != faultCancelled {
		t.Errorf("%q", got)
	}
}

// Where no connection came about, a delegate may get one; what came after is
// the same for everyone.
func TestOnlyAMissingConnectionIsUnreachable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		f            fault
		none, placed bool
	}{
		{fault{kind: faultDNS}, true, true},
		{fault{kind: faultResolver}, true, true},
		{fault{kind: faultRefused}, true, true},
		{fault{kind: faultNoRoute}, true, true},
		{fault{kind: faultClosed, phase: phaseTLS}, true, true},
		{fault{kind: faultClosed, phase: phaseBody}, false, true},
		{fault{kind: faultTimeout, phase: phaseDial}, true, true},
		{fault{kind: faultTimeout, phase: phaseTLS}, true, true},
		{fault{kind: faultTimeout, phase: phaseAnswer}, false, true},
		{fault{kind: faultTimeout, phase: phaseBody}, false, true},
		{fault{kind: faultProxy}, true, true},
		{fault{kind: faultProxyAuth}, false, true},
		{fault{kind: faultUnknownCA}, false, true},
		{fault{kind: faultExpired}, false, true},
		{fault{kind: faultNotTLS}, false, true},
		{fault{kind: faultHostOther}, false, false},
		{fault{kind: faultKeyRefused}, false, false},
		{fault{kind: faultCancelled}, false, false},
		{fault{}, false, false},
	} {
		if got := noConnection(answer{asked: true, fault: c.f}); got != c.none {
			t.Errorf("%+v: no connection is %v", c.f, got)
		}
		if got := c.f.placed(); got != c.placed {
			t.Errorf("%+v: worth a look from elsewhere is %v", c.f, got)
		}
	}
}

func TestEveryPhaseThatTakesTimeIsNamed(t *testing.T) {
	t.Parallel()
	for _, p := range []phase{phaseLookup, phaseDial, phaseTunnel, phaseTLS, phaseAnswer, phaseBody} {
		if timeoutDetails[p] == "" {
			t.Errorf("%s has no words", p)
		}
	}
}

func TestSpansReadAsPeopleSayThem(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-time.Second: "0 ms", 0: "0 ms", 149 * time.Millisecond: "149 ms", time.Second: "1 s", 14600 * time.Millisecond: "15 s",
		119 * time.Second: "119 s", 2 * time.Minute: "2 minutes", 90 * time.Minute: "90 minutes", 5*time.Hour + 40*time.Minute: "6 hours",
		47 * time.Hour: "47 hours", 48 * time.Hour: "2 days", 365 * 24 * time.Hour: "365 days",
	} {
		if got := span(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
