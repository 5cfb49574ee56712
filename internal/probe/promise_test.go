package probe

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bbconnect/model"
)

func TestSuccessTakesOneGitRequestAndNo401(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		req     model.TestRequest
		answers map[string]reply
		rest    int
	}{
		"Cloud":       {cloudRequest(), soundCloud(), 3},
		"Data Center": {serverRequest(), soundServer(), 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, c.answers)
			result := New(w.options()).Test(t.Context(), c.req, nil)
			if result.Verdict != model.VerdictPass {
				t.Fatalf("verdict %s: %+v", result.Verdict, result.Problem)
			}
			git, rest := 0, 0
			for _, r := range w.seen() {
				if r.status == 401 || r.authorization == "" {
					t.Errorf("%s was asked without a credential, or refused", r.path)
				}
				if !strings.HasSuffix(r.path, "/info/refs") {
					rest++
					continue
				}
				git++
				if r.query != "service=git-upload-pack" || r.gitProtocol != "version=2" || !strings.HasPrefix(r.authorization, "Basic ") {
					t.Errorf("git asked %q with %q", r.query, r.gitProtocol)
				}
			}
			if git != 1 || rest != c.rest {
				t.Errorf("%d git and %d REST requests", git, rest)
			}
		})
	}
}

func TestCloudTakesAtMostFourRESTCalls(t *testing.T) {
	t.Parallel()
	for _, s := range allScenarios() {
		if s.server || s.options != nil {
			continue
		}
		answers, req := soundCloud(), cloudRequest()
		if s.change != nil {
			s.change(&req)
		}
		w := newWorld(t, merge(answers, s.script))
		New(w.options()).Test(t.Context(), req, nil)
		git, rest, nobody := 0, 0, 0
		for _, r := range w.seen() {
			switch {
			case r.host == "bitbucket.org" && r.authorization == "":
				nobody++
			case r.host == "bitbucket.org":
				git++
			default:
				rest++
			}
		}
		if git > 1 || rest > 4 || nobody > 1 {
			t.Errorf("%s: %d git and %d REST requests, %d for nobody", s.name, git, rest, nobody)
		}
	}
}

func TestNoRedirectIsFollowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, merge(soundServer(), map[string]reply{
		serverGit:   redirect(302, "https://evil.example/info/refs"),
		serverProps: redirect(302, "https://evil.example/rest"),
	}))
	o := w.options()
	dialled := make(chan string, 16)
	o.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		dialled <- addr
		return w.dial(ctx, network, addr)
	}
	New(o).Test(t.Context(), serverRequest(), nil)
	close(dialled)
	for addr := range dialled {
		if addr != dcHost+":443" {
			t.Errorf("%s was contacted", addr)
		}
	}
}

// busy is how much longer than promised something may take in these tests. What
// is promised is a tenth of a second on a machine with nothing else to do; that
// of a test is shared, and with the race detector everything takes ten times as
// long. It is far below what would pass without the promise: 15 seconds, or for ever.
const busy = 8 * time.Second

func TestASilentServerEndsTheTestInTime(t *testing.T) {
	t.Parallel()
	const limit = 200 * time.Millisecond
	for name, over := range map[string]func(*model.TestRequest){"HTTP": nil, "SSH": serverOverSSH} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := serverRequest()
			if over != nil {
				over(&req)
			}
			req.Timeout = limit
			quiet := silence(t)
			began := time.Now()
			result := New(Options{Dial: quiet}).Test(t.Context(), req, nil)
			if took := time.Since(began); took < limit || took > limit+busy {
				t.Errorf("it took %v", took)
			}
			if result.Verdict != model.VerdictFail || result.Problem == nil || result.Problem.Code != "net.timeout" {
				t.Errorf("%s: %+v", result.Verdict, result.Problem)
			}
		})
	}
}

func TestATestThatIsCancelledStopsAtOnce(t *testing.T) {
	t.Parallel()
	for name, over := range map[string]func(*model.TestRequest){"HTTP": nil, "SSH": serverOverSSH} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := serverRequest()
			if over != nil {
				over(&req)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var ended time.Time
			result := New(Options{Dial: silence(t)}).Test(ctx, req, func(c model.Check) {
				if c.ID == checkTLS && c.Status == model.CheckRunning {
					ended = time.Now()
					cancel()
				}
			})
			if took := time.Since(ended); ended.IsZero() || took > busy {
				t.Errorf("it took %v", took)
			}
			if result.Problem != nil || result.Verdict != model.VerdictFail {
				t.Errorf("%s: %+v", result.Verdict, result.Problem)
			}
			for _, c := range result.Checks {
				if c.ID == checkGit && (c.Status != model.CheckSkip || c.Detail != "cancelled") {
					t.Errorf("git is %s: %s", c.Status, c.Detail)
				}
			}
		})
	}
}

// silence accepts connections and says nothing.
func silence(t *testing.T) func(context.Context, string, string) (net.Conn, error) {
	t.Helper()
	return func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		t.Cleanup(func() { _ = there.Close() })
		go func() { _, _ = io.Copy(io.Discard, there) }()
		return here, nil
	}
}

func TestNoGoroutineIsLeftBehind(t *testing.T) {
	// Not parallel: it counts.
	w := newWorld(t, soundCloud())
	overSSH := cloudRequest()
	serverOverSSH(&overSSH)
	o := w.options()
	sshServer(nil, nil)(t, w, &o)
	before := runtime.NumGoroutine()
	p := New(o)
	for range 20 {
		for _, req := range []model.TestRequest{cloudRequest(), overSSH} {
			compare(t, p.Test(t.Context(), req, nil), model.VerdictPass, "")
		}
	}
	w.CloseClientConnections()
	for deadline := time.Now().Add(30 * time.Second); runtime.NumGoroutine() > before+2; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines before, %d after", before, runtime.NumGoroutine())
		}
	}
}

func TestTheCostDoesNotGrowWithTheRepository(t *testing.T) {
	t.Parallel()
	read := func(refs int) int64 {
		var body strings.Builder
		body.WriteString(pkt("# service=git-upload-pack\n") + "0000")
		for i := range refs {
			name := fmt.Sprintf("95dcfa3633004da0049d3d0fa03f80589cbcaf31 refs/heads/b%06d", i)
			if i == 0 {
				name += "\x00multi_ack"
			}
			body.WriteString(pkt(name + "\n"))
		}
		w := newWorld(t, merge(soundCloud(), map[string]reply{cloudGit: {header: map[string]string{"Content-Type": advertType}, body: body.String()}}))
		o := w.options()
		meter := &meterDial{next: w.dial}
		o.Dial = meter.dial
		if result := New(o).Test(t.Context(), cloudRequest(), nil); result.Verdict != model.VerdictPass {
			t.Fatalf("%d refs: %+v", refs, result.Problem)
		}
		return meter.total.Load()
	}
	few, many := read(10), read(5000)
	t.Logf("10 refs: %d bytes read; 5,000 refs: %d bytes read", few, many)
	if many > few+40<<10 {
		t.Errorf("10 refs take %d bytes, 5,000 take %d", few, many)
	}
}

// meterDial counts what is read from every connection it makes.
type meterDial struct {
	next  func(context.Context, string, string) (net.Conn, error)
	total atomic.Int64
}

func (m *meterDial) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := m.next(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return &metered{Conn: conn, total: &m.total}, nil
}

// metered counts what is read from a connection.
type metered struct {
	net.Conn
	total *atomic.Int64
}

func (m *metered) Read(p []byte) (int, error) {
	n, err := m.Conn.Read(p)
	m.total.Add(int64(n))
	return n, err
}

func TestBothChannelsStartAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, soundCloud())
	o := w.options()
	var met sync.WaitGroup
	met.Add(2)
	together := make(chan struct{})
	go func() { met.Wait(); close(together) }()
	o.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		met.Done()
		select {
		case <-together:
			return w.dial(ctx, network, addr)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if result := New(o).Test(t.Context(), cloudRequest(), nil); result.Verdict != model.VerdictPass {
		t.Errorf("one channel waited for the other: %+v", result.Problem)
	}
}

func TestAHugeBodyIsReadOnlyInPart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, merge(soundCloud(), map[string]reply{
		cloudGit: text(401, strings.Repeat("x", 8<<20)), cloudUser: text(401, strings.Repeat("y", 8<<20)),
	}))
	result := New(w.options()).Test(t.Context(), cloudRequest(), nil)
	if result.Problem == nil || len(result.Problem.Why) > 1000 {
		t.Errorf("%+v", result.Problem)
	}
}

func TestTitlesSayWhatWasFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t, soundServer())
	result := New(w.options()).Test(t.Context(), serverRequest(), nil)
	want := []string{
		"Reach git.acme-corp.com", "Secure connection (Acme Issuing CA)", "Read the repository with git",
		"Sign in to the REST API as jdoe", "Find the repository in the REST API", "Scopes and webhooks",
	}
	for i, c := range result.Checks {
		if c.Title != want[i] || c.Duration < 0 {
			t.Errorf("check %d is %q in %v, want %q", i, c.Title, c.Duration, want[i])
		}
	}
}

func TestHTTPErrorsOfUnaskableAddressesNeverEchoThem(t *testing.T) {
	t.Parallel()
	w := newWire(Options{Dial: systemDialer(), Now: time.Now}, trusted{}, nil)
	a := w.get(t.Context(), "https://u:"+"s3cret-token"+"@[bad/", login{}, http.Header{}, nil)
	if !a.dead() || strings.Contains(a.fault.err.Error(), "s3cret") {
		t.Errorf("%v", a.fault.err)
	}
}
