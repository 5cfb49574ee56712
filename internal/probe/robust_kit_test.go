package probe

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"reflect"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"bbconnect/model"
)

// hostile is a server on loopback that answers every connection as it likes:
// over TLS on port 443, as it is on every other port. It lives in the process,
// so what it costs is counted with what the probe costs.
type hostile struct {
	ca             authority
	secured, plain net.Listener
	// speak holds one connection; whatever it returns ends it.
	speak func(conn net.Conn)
	open  sync.WaitGroup
}

func newHostile(t testing.TB, ca authority, speak func(net.Conn)) *hostile {
	t.Helper()
	h := &hostile{ca: ca, speak: speak}
	config := &tls.Config{Certificates: []tls.Certificate{ca.issue(t, time.Now().Add(time.Hour), "bitbucket.org", "api.bitbucket.org", dcHost)}}
	for _, l := range []*net.Listener{&h.secured, &h.plain} {
		made, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		*l = made
	}
	h.open.Go(func() { h.accept(h.secured, func(c net.Conn) net.Conn { return tls.Server(c, config) }) })
	h.open.Go(func() { h.accept(h.plain, func(c net.Conn) net.Conn { return c }) })
	t.Cleanup(func() { _, _ = h.secured.Close(), h.plain.Close(); h.open.Wait() })
	return h
}

func (h *hostile) accept(l net.Listener, wrap func(net.Conn) net.Conn) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		h.open.Go(func() {
			defer func() { _ = conn.Close() }()
			h.speak(wrap(conn))
		})
	}
}

func (h *hostile) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	to := h.plain
	if strings.HasSuffix(addr, ":443") {
		to = h.secured
	}
	var d net.Dialer
	return d.DialContext(ctx, network, to.Addr().String())
}

func (h *hostile) options() Options { return Options{Dial: h.dial, RootCAs: h.ca.pool} }

// answering reads requests and answers each with say, until writing fails.
func answering(say func(w io.Writer, r *http.Request) error) func(net.Conn) {
	return func(conn net.Conn) {
		in := bufio.NewReaderSize(conn, 4096)
		for {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			if say(conn, r) != nil {
				return
			}
		}
	}
}

// saying answers everything with the same bytes and hangs up.
func saying(answer string) func(net.Conn) {
	return answering(func(w io.Writer, _ *http.Request) error {
		_, _ = io.WriteString(w, answer)
		return io.EOF
	})
}

// endless says the beginning once and the rest for ever.
func endless(beginning, rest string) func(net.Conn) {
	block := bytes.Repeat([]byte(rest), max(1, 32<<10/len(rest)))
	return answering(func(w io.Writer, _ *http.Request) error {
		if _, err := io.WriteString(w, beginning); err != nil {
			return err
		}
		for {
			if _, err := w.Write(block); err != nil {
				return err
			}
		}
	})
}

// trickling says one byte of the text per tick, and then the last one for ever:
// every read of it succeeds, and it never ends.
func trickling(beginning, rest string) func(net.Conn) {
	return answering(func(w io.Writer, _ *http.Request) error {
		return drip(w, beginning, rest)
	})
}

func drip(w io.Writer, beginning, rest string) error {
	ticks := time.NewTicker(time.Millisecond)
	defer ticks.Stop()
	for _, c := range []byte(beginning) {
		<-ticks.C
		if _, err := w.Write([]byte{c}); err != nil {
			return err
		}
	}
	for {
		for _, c := range []byte(rest) {
			<-ticks.C
			if _, err := w.Write([]byte{c}); err != nil {
				return err
			}
		}
	}
}

// The promises, as they are measured here.
const (
	hostileLimit  = 150 * time.Millisecond
	promisedDelay = 100 * time.Millisecond
	promisedHeap  = 32 << 20
)

// allowedDelay is how much later than its limit a test may end.
func allowedDelay() time.Duration {
	if raceDetector {
		return busy
	}
	return promisedDelay
}

// endure runs one test against a hostile server and checks every promise but
// that of goroutines. It runs again, for a while, when the time was exceeded: the
// promise is about the program, not about what else the machine does.
func endure(t *testing.T, o Options, req model.TestRequest) model.TestResult {
	t.Helper()
	req.Timeout = hostileLimit
	var took time.Duration
	for last := time.Now().Add(2 * busy); time.Now().Before(last); {
		before, watch := watchHeap()
		began := time.Now()
		result := New(o).Test(t.Context(), req, nil)
		took = time.Since(began)
		if grown := watch() - before; !raceDetector && grown > promisedHeap {
			// The race detector's own memory would be counted with it.
			t.Errorf("it held %d MB", grown>>20)
		}
		readable(t, result)
		if took <= hostileLimit+allowedDelay() {
			return result
		}
	}
	t.Errorf("it took %v at a limit of %v", took, hostileLimit)
	return model.TestResult{}
}

// watchHeap measures the heap now and, from the function it returns, the most
// that was seen until then.
func watchHeap() (before int64, most func() int64) {
	runtime.GC()
	before = heapNow()
	stop, found := make(chan struct{}), make(chan int64)
	go func() {
		ticks := time.NewTicker(time.Millisecond)
		defer ticks.Stop()
		peak := before
		for {
			peak = max(peak, heapNow())
			select {
			case <-ticks.C:
			case <-stop:
				found <- max(peak, heapNow())
				return
			}
		}
	}()
	return before, func() int64 { close(stop); return <-found }
}

// heapNow is what lies on the heap, garbage that was not collected yet with it.
func heapNow() int64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

// readable looks through every text of a result: one line, nothing invisible,
// no terminal commands, and of a length for people.
func readable(t testing.TB, result model.TestResult) {
	t.Helper()
	for _, c := range result.Checks {
		if c.Status == "" || c.Status == model.CheckRunning {
			t.Errorf("the check %s never ended", c.ID)
		}
	}
	if result.Verdict == "" {
		t.Error("there is no verdict")
	}
	eachText("", reflect.ValueOf(result), func(path, text string) {
		if fault := unfit(text); fault != "" {
			t.Errorf("%s holds %s: %q", path, fault, text)
		}
	})
}

// unfit says what keeps a text from being shown, "" when nothing does.
func unfit(text string) string {
	switch {
	case !utf8.ValidString(text):
		return "broken UTF-8"
	case utf8.RuneCountInString(text) > 2000:
		return "too much"
	}
	for _, r := range text {
		switch {
		case unicode.IsControl(r):
			return fmt.Sprintf("the control character %U", r)
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
			return fmt.Sprintf("the invisible character %U", r)
		}
	}
	return ""
}

// eachText walks to every string that is shown: errors underneath a problem are
// not, and neither are a PEM block and a known_hosts line, which are files.
func eachText(path string, v reflect.Value, visit func(path, text string)) {
	switch v.Kind() {
	case reflect.String:
		visit(path, v.String())
	case reflect.Pointer:
		if !v.IsNil() {
			eachText(path, v.Elem(), visit)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			eachText(fmt.Sprintf("%s[%d]", path, i), v.Index(i), visit)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			eachText(path+"{}", k, visit)
			eachText(path+"{}", v.MapIndex(k), visit)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Name != "PEM" && f.Name != "Line" && f.Name != "Cause" {
				eachText(path+"."+f.Name, v.Field(i), visit)
			}
		}
	}
}

// settles waits until no more goroutines run than before.
func settles(t *testing.T, before int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			stacks := make([]byte, 64<<10)
			t.Fatalf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// overPlainHTTP makes a request one without TLS.
func overPlainHTTP(r *model.TestRequest) {
	r.Connector.URL = strings.Replace(r.Connector.URL, "https://", "http://", 1)
}

// hostileRequests are connectors of both products and both ways to sign in.
func hostileRequests() map[string]model.TestRequest {
	whole, plain := cloudRequest(), serverRequest()
	account(&whole)
	overPlainHTTP(&plain)
	return map[string]model.TestRequest{"Cloud": cloudRequest(), "a Cloud account": whole, "Data Center": serverRequest(), "plain HTTP": plain}
}
