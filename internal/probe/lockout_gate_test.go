package probe

import (
	"context"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/ssh"

	"bbconnect/model"
)

// Credentials over SSH, and tests that wait for others of the same credential.

func TestARefusedSSHKeyIsOfferedTwice(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	offered := 0
	w := newSSHWorld(t, func(w *sshWorld) {
		w.config.PublicKeyCallback = func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error) {
			mu.Lock()
			defer mu.Unlock()
			offered++
			return nil, io.EOF
		}
	})
	o := Options{Dial: w.route(silence(t)), KnownHosts: listed(w.line(serverSSH, 0)), Timeout: time.Minute}
	list := fleet(20, serverOverSSH)
	sameProblem(t, testAll(t, New(o), list, 8), "ssh.key-rejected")
	mu.Lock()
	defer mu.Unlock()
	if offered != maxRejections {
		t.Errorf("the key was offered %d times", offered)
	}
}

func TestAnSSHKeyThatMayNotSeeOneRepositoryIsStillSent(t *testing.T) {
	t.Parallel()
	w := newSSHWorld(t, printing("Repository not found\n"))
	o := Options{Dial: w.route(silence(t)), KnownHosts: listed(w.line(serverSSH, 0)), Timeout: time.Minute}
	testAll(t, New(o), fleet(6, serverOverSSH), 1)
	if got := len(w.ran()); got != 6 {
		t.Errorf("%d of 6 tests reached the server", got)
	}
}

func TestTestsBehindASilentServerSayWhatTheOthersRanInto(t *testing.T) {
	t.Parallel()
	synctest.Test(t, behindASilentServer) // so that its limits are those of its own clock
}

func behindASilentServer(t *testing.T) {
	quiet, dialled := silence(t), make(chan struct{}, 100)
	p := New(Options{Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
		dialled <- struct{}{}
		return quiet(ctx, network, addr)
	}})
	// The first has its answer, none, long before the others' time is up.
	list := fleet(8, func(r *model.TestRequest) { r.Timeout = 2 * time.Second; viaDelegate(r) })
	list[0].Timeout = 100 * time.Millisecond
	first := make(chan model.TestResult)
	go func() { first <- p.Test(t.Context(), list[0], nil) }()
	<-dialled
	results := testAll(t, p, list[1:], len(list)-1)
	for i, r := range append(results, <-first) {
		if r.Verdict != model.VerdictUnreachable || r.Problem == nil || r.Problem.Code != "net.timeout" || strings.HasPrefix(r.Problem.What, "Other tests") {
			t.Errorf("connector %d: %s, %+v", i, r.Verdict, r.Problem)
		}
	}
}

func TestATestThatIsCancelledAtTheGateEndsAtOnceAndLeavesNothing(t *testing.T) {
	t.Parallel()
	s := newStrictServer(t, nobodyIsGood)
	p := s.prober()
	request := fleet(1, userNameAndToken)[0]
	inner, _ := p.newTest(request, nil)
	ticket, _ := p.gate.enter(t.Context(), inner.keys(p.gate))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan model.TestResult, 1)
	go func() { done <- p.Test(ctx, request, nil) }()
	cancel()
	select {
	case r := <-done:
		if r.Problem != nil || r.Verdict != model.VerdictFail {
			t.Errorf("%s: %+v", r.Verdict, r.Problem)
		}
	case <-time.After(busy):
		t.Fatal("it waits still")
	}
	p.gate.leave(ticket, nil, nil, false)
	compare(t, p.Test(t.Context(), request, nil), model.VerdictFail, "cred.rejected")
	if wrong, _, _ := s.counts(); wrong != maxRejections {
		t.Errorf("%d wrong sign-ins", wrong)
	}
}

// TestTheGateNeverHandsOutMoreThanItHas plays random tests against the gate
// and counts as a server does.
func TestTheGateNeverHandsOutMoreThanItHas(t *testing.T) {
	t.Parallel()
	g := newGate()
	one, two := g.key("h", login{"u", model.NewSecret("s")}), g.key("h", login{"", model.NewSecret("s")})
	wants := [][]credentialKey{{one}, {one, one}, {one, two}, {two}, {two, two}}
	var mu sync.Mutex
	sent := map[credentialKey]int{}
	var players sync.WaitGroup
	for i := range 64 {
		players.Go(func() {
			keys := wants[i%len(wants)]
			ticket, refused := g.enter(t.Context(), keys)
			if refused != nil {
				return
			}
			outcomes := map[credentialKey][]outcome{}
			mu.Lock()
			for k, n := range ticket.tries {
				sent[k] += n
				outcomes[k] = slices.Repeat([]outcome{outcomeRejected}, n)
			}
			mu.Unlock()
			g.leave(ticket, outcomes, &model.Problem{Code: "cred.rejected"}, false)
		})
	}
	players.Wait()
	for k, n := range sent {
		if n > maxRejections {
			t.Errorf("%x was sent %d times", k[:4], n)
		}
	}
}
