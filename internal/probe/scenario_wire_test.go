package probe

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"bbconnect/model"
)

// dialTo leads every host to one address.
func dialTo(o *Options, address string) {
	o.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, address)
	}
}

// speaking is a server that says a line to whoever connects, without being
// asked, and then waits for the other side to leave.
func speaking(line string) func(*testing.T, *world, *Options) {
	return func(t *testing.T, _ *world, o *Options) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				go func() {
					_, _ = io.WriteString(conn, line)
					_, _ = io.Copy(io.Discard, conn)
					_ = conn.Close()
				}()
			}
		}()
		dialTo(o, l.Addr().String())
	}
}

// retorting is a server that says a line after it was asked, and hangs up.
func retorting(line string) func(*testing.T, *world, *Options) {
	return plainly(func(out http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(out).Hijack()
		if err == nil {
			_, _ = io.WriteString(conn, line)
			_ = conn.Close()
		}
	})
}

// handling puts another handler behind the scripted server's certificate and
// gives the test little time.
func handling(limit time.Duration, h http.HandlerFunc) func(*testing.T, *world, *Options) {
	return func(t *testing.T, w *world, o *Options) {
		s := httptest.NewUnstartedServer(h)
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		s.TLS = &tls.Config{Certificates: w.TLS.Certificates}
		s.StartTLS()
		t.Cleanup(s.Close)
		o.Timeout = limit
		dialTo(o, s.Listener.Addr().String())
	}
}

// plainly serves plain HTTP.
func plainly(h http.HandlerFunc) func(*testing.T, *world, *Options) {
	return func(t *testing.T, _ *world, o *Options) {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		dialTo(o, s.Listener.Addr().String())
	}
}

// waiting answers nothing until the other side gives up.
func waiting(_ http.ResponseWriter, in *http.Request) { <-in.Context().Done() }

// dripping begins an answer and never ends it.
func dripping(out http.ResponseWriter, in *http.Request) {
	out.Header().Set("Content-Type", advertType)
	_, _ = io.WriteString(out, "001e# service")
	_ = http.NewResponseController(out).Flush()
	<-in.Context().Done()
}

// breaking promises more than it sends.
func breaking(out http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(out).Hijack()
	if err != nil {
		return
	}
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: 900\r\n\r\n001e# service", advertType)
	_ = conn.Close()
}

func plainURL(r *model.TestRequest) { r.Connector.URL = "http://" + dcHost + "/scm/PAY/ledger.git" }

// brief is the limit of tests that wait for it.
const brief = 150 * time.Millisecond

// wireScenarios are the ways in which a connection ends early.
func wireScenarios() []scenario {
	notFound := &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "x", IsNotFound: true}}
	busy := &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "server misbehaving", Name: "x", IsTemporary: true}}
	silent := &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "i/o timeout", Name: "x", IsTimeout: true}}
	noNet := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ENETUNREACH}
	noHost := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.EHOSTUNREACH}
	fail, unreachable := model.VerdictFail, model.VerdictUnreachable
	reached := map[string]model.CheckStatus{checkReach: model.CheckPass, checkTLS: model.CheckFail}
	secured := map[string]model.CheckStatus{checkReach: model.CheckPass, checkTLS: model.CheckPass, checkGit: model.CheckFail}
	list := []scenario{
		{name: "a name for the inside of a network", change: inside, options: refuseWith(notFound), verdict: fail, code: "net.dns", rule: "the name is known only inside a network", says: []string{"VPN"}},
		{name: "the name service fails", options: refuseWith(busy), verdict: fail, code: "net.dns", rule: "the name service does not answer", says: []string{"says nothing about the name"}},
		{name: "the name service is silent", change: viaDelegate, options: refuseWith(silent), verdict: unreachable, code: "net.dns", rule: "the name service does not answer"},
		{name: "no network", options: refuseWith(noNet), verdict: fail, code: "net.refused", rule: "there is no way to the host"},
		{name: "no way to the host", change: viaDelegate, options: refuseWith(noHost), verdict: unreachable, code: "net.refused", rule: "there is no way to the host"},
		{
			name: "TLS is never set up", verdict: fail, code: "net.timeout", rule: "no TLS in time", checks: reached, says: []string{"within 1"},
			options: func(t *testing.T, w *world, o *Options) { speaking("")(t, w, o); o.Timeout = brief },
		},
		{
			name: "TLS is never set up, through a delegate", change: viaDelegate, verdict: unreachable, code: "net.timeout", rule: "no TLS in time",
			options: func(t *testing.T, w *world, o *Options) { speaking("")(t, w, o); o.Timeout = brief },
		},
		{
			name: "the request is never answered", verdict: fail, code: "net.timeout", rule: "the request is not answered in time", checks: secured,
			says: []string{"did not answer within"}, options: handling(brief, waiting),
		},
		{
			name: "the request is never answered, through a delegate", change: viaDelegate, verdict: fail, code: "net.timeout",
			rule: "the request is not answered in time", options: handling(brief, waiting),
		},
		{
			name: "the answer never ends", verdict: fail, code: "net.timeout", rule: "the answer does not end", checks: secured,
			says: []string{"did not come to the end within"}, options: handling(brief, dripping),
		},
		{
			name: "the answer breaks off", verdict: fail, code: "net.refused", rule: "the answer breaks off", checks: secured,
			options: handling(time.Minute, breaking),
		},
		{
			name: "no connection over SSH in time", change: serverOverSSH, verdict: fail, code: "net.timeout", rule: "no connection in time",
			checks: map[string]model.CheckStatus{checkReach: model.CheckFail}, says: []string{"took no connection within"},
			options: func(_ *testing.T, _ *world, o *Options) {
				o.Timeout = brief
				o.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }
			},
		},
		{
			name: "SSH is never spoken", change: serverOverSSH, verdict: fail, code: "net.timeout", rule: "no SSH in time", checks: reached, says: []string{"7999"},
			options: func(t *testing.T, w *world, o *Options) { speaking("")(t, w, o); o.Timeout = brief },
		},
		{
			name: "SSH answers on the port of HTTPS", verdict: fail, code: "tls.not-tls", rule: "SSH answers on the port of HTTP", says: []string{"7999"},
			options: speaking("SSH-2.0-SSHD-CORE-2.9\r\n"),
		},
		{
			name: "SSH answers on the port of plain HTTP", change: plainURL, verdict: fail, code: "tls.not-tls", rule: "SSH answers on the port of HTTP",
			options: speaking("SSH-2.0-SSHD-CORE-2.9\r\n"),
		},
		{
			name: "TLS answers plain HTTP with an alert", change: plainURL, verdict: fail, code: "tls.not-tls", rule: "HTTPS answers on the port of plain HTTP",
			mend: "https://" + dcHost + "/scm/PAY/ledger.git", says: []string{"sent unencrypted"}, options: retorting("\x15\x03\x01\x00\x02\x02\x46"),
		},
		{
			name: "Go's server on the port of HTTPS is asked in plain", change: plainURL, verdict: fail, code: "tls.not-tls",
			rule: "HTTPS answers on the port of plain HTTP", mend: "https://" + dcHost + "/scm/PAY/ledger.git",
		},
		{
			name: "nginx on the port of HTTPS is asked in plain", change: plainURL, verdict: fail, code: "tls.not-tls", rule: "HTTPS answers on the port of plain HTTP",
			options: plainly(func(out http.ResponseWriter, _ *http.Request) {
				out.Header().Set("Content-Type", "text/html")
				out.WriteHeader(http.StatusBadRequest)
				_, _ = io.WriteString(out, "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>")
			}),
		},
		{
			name: "plain HTTP answers, and is offered", verdict: fail, code: "tls.not-tls", rule: "plain HTTP answers on the port of HTTPS",
			mend: "http://" + dcHost + "/scm/PAY/ledger.git", says: []string{"only inside a network you trust"}, options: plainly(http.NotFound),
		},
	}
	for i := range list {
		list[i].server = true
	}
	return append(list, proxyScenarios()...)
}
