package probe

import (
	"bytes"
	"context"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"bbconnect/model"
)

// blurting says the beginning to whoever connects and then the rest for ever; an
// empty rest ends the connection.
func blurting(beginning, rest string) func(net.Conn) {
	return func(conn net.Conn) {
		if _, err := io.WriteString(conn, beginning); err != nil || rest == "" {
			return
		}
		block := bytes.Repeat([]byte(rest), max(1, 32<<10/len(rest)))
		for {
			if _, err := conn.Write(block); err != nil {
				return
			}
		}
	}
}

// sshAttacks are servers that never get as far as a key.
func sshAttacks() map[string]func(net.Conn) {
	const version = "SSH-2.0-x\r\n"
	return map[string]func(net.Conn){
		"nothing":                       blurting("", ""),
		"a version of a megabyte":       blurting("SSH-2.0-"+strings.Repeat("a", 1<<20), ""),
		"a version without end":         blurting("SSH-2.0-", "a"),
		"lines before the version":      blurting(strings.Repeat("hello\r\n", 50)+version, ""),
		"lines without end":             blurting("", "hello\r\n"),
		"empty lines without end":       blurting("", "\n"),
		"one line without end":          blurting("", "a"),
		"a page":                        blurting("HTTP/1.1 400 Bad Request\r\n\r\n"+nasty, ""),
		"an old version":                blurting("SSH-1.5-old\r\n", ""),
		"a version with commands in it": blurting("SSH-2.0-"+nasty+"\r\n", ""),
		"nothing behind the version":    blurting(version, ""),
		"garbage behind the version":    blurting(version, "\xde\xad\xbe\xef"),
		"zeros behind the version":      blurting(version, "\x00"),
		"a packet of four gigabytes":    blurting(version+"\xff\xff\xff\xff\x04", "a"),
		"a packet of a quarter million": blurting(version+"\x00\x04\x00\x00\x04", "\x14"),
		"ignorable packets without end": blurting(version, "\x00\x00\x00\x0c\x06\x02\x00\x00\x00\x00abcdef"),
		"a slow version":                func(conn net.Conn) { _ = drip(conn, "SSH-2.0-", "a") },
		"slow lines":                    func(conn net.Conn) { _ = drip(conn, "", "a\n") },
		"slow packets":                  func(conn net.Conn) { _ = drip(conn, version, "\x00\x00\x00\x0c\x06\x02\x00\x00\x00\x00abcdef") },
	}
}

func TestNoSSHServerBreaksAPromise(t *testing.T) {
	// Not parallel: it measures time, memory and goroutines.
	ca := newAuthority(t, "Acme Issuing CA")
	req := serverRequest()
	serverOverSSH(&req)
	before := runtime.NumGoroutine()
	for name, attack := range sshAttacks() {
		t.Run(name, func(t *testing.T) {
			r := endure(t, newHostile(t, ca, attack).options(), req)
			if r.Verdict != model.VerdictFail || r.Problem == nil {
				t.Errorf("%s: %+v", r.Verdict, r.Problem)
			}
		})
	}
	settles(t, before)
}

// noisy are servers that let the key in and then say too much, or say it badly.
func noisy() map[string]func(*sshWorld) {
	much := strings.Repeat("remote: "+nasty+"\n", 100_000)
	return map[string]func(*sshWorld){
		"megabytes of complaints":  printing(much),
		"megabytes of nonsense":    func(w *sshWorld) { w.stdout = much },
		"flushes for megabytes":    func(w *sshWorld) { w.stdout = strings.Repeat("0000", 1<<20) },
		"a refusal with commands":  func(w *sshWorld) { w.stdout = pkt("ERR " + nasty) },
		"a complaint in commands":  printing(nasty),
		"a packet of no length":    func(w *sshWorld) { w.stdout = "zzzz" },
		"a packet that is cut off": func(w *sshWorld) { w.stdout = "ffffabc" },
		"nothing":                  printing(""),
		"a banner of a megabyte": func(w *sshWorld) {
			w.config.BannerCallback = func(ssh.ConnMetadata) string { return strings.Repeat(nasty, 1<<12) }
			w.stdout = ""
		},
	}
}

func TestNoisySSHServersBreakNoPromise(t *testing.T) {
	// Not parallel: it measures time, memory and goroutines.
	req := serverRequest()
	serverOverSSH(&req)
	before := runtime.NumGoroutine()
	for name, change := range noisy() {
		t.Run(name, func(t *testing.T) {
			w := newSSHWorld(t, change)
			o := Options{Dial: w.route(silence(t)), KnownHosts: listed(w.line(serverSSH, 0))}
			if r := endure(t, o, req); r.Verdict == model.VerdictPass {
				t.Errorf("it passes: %+v", r.Checks)
			}
		})
	}
	settles(t, before)
}

// cutConn ends after so many bytes were read from it.
type cutConn struct {
	net.Conn
	left int
}

// Read implements net.Conn.
func (c *cutConn) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, io.EOF
	}
	n, err := c.Conn.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}

func TestAnSSHConnectionCutAnywhereIsNoMoreThanAFailure(t *testing.T) {
	t.Parallel()
	w := newSSHWorld(t, nil)
	req := serverRequest()
	serverOverSSH(&req)
	route := w.route(refusing)
	passed, stride := 0, 7
	if raceDetector {
		stride = 97
	}
	for at := 0; at < 4000 && passed < 3; at += stride {
		o := Options{KnownHosts: listed(w.line(serverSSH, 0)), Timeout: time.Minute}
		o.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := route(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return &cutConn{Conn: conn, left: at}, nil
		}
		result := New(o).Test(t.Context(), req, nil)
		readable(t, result)
		switch {
		case result.Verdict == model.VerdictPass:
			passed++
		case result.Verdict != model.VerdictFail || result.Problem == nil:
			t.Errorf("cut after %d bytes: %s, %+v", at, result.Verdict, result.Problem)
		}
	}
	if passed == 0 {
		t.Error("no connection was long enough to pass")
	}
}

func FuzzSSHServer(f *testing.F) {
	f.Add([]byte("SSH-2.0-x\r\n\x00\x00\x00\x0c\x06\x14"), false)
	f.Add([]byte("hello\r\nSSH-2.0-"+nasty), false)
	f.Add([]byte(pkt("ERR "+nasty)), true)
	f.Add([]byte(pkt("version 2\n")), true)
	f.Add([]byte("0000"+nasty), true)
	ca := newAuthority(f, "Acme Issuing CA")
	req := serverRequest()
	serverOverSSH(&req)
	req.Timeout = hostileLimit
	f.Fuzz(func(t *testing.T, said []byte, letIn bool) {
		if !letIn {
			h := newHostile(t, ca, blurting(string(said), ""))
			readable(t, New(h.options()).Test(t.Context(), req, nil))
			return
		}
		w := newSSHWorld(t, func(w *sshWorld) { w.stdout, w.stderr = string(said), string(said) })
		o := Options{Dial: w.route(silence(t)), KnownHosts: listed(w.line(serverSSH, 0))}
		readable(t, New(o).Test(t.Context(), req, nil))
	})
}
