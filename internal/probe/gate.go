package probe

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"bbconnect/model"
)

// maxRejections is after how many rejections a credential is not sent to a
// host again: Data Center asks for a CAPTCHA, or locks the account, after a
// handful of wrong passwords.
const maxRejections = 2

// credentialKey stands for one secret with one login on one host. It is a
// keyed hash with a key of this process: it says nothing about the secret.
type credentialKey [sha256.Size]byte

// outcome is what a host thought of a credential.
type outcome int

const (
	outcomeUnknown outcome = iota
	outcomeAccepted
	outcomeRejected
	// outcomeBarred is a rejection after which one more would be too many: the
	// server asks for a CAPTCHA by now.
	outcomeBarred
)

// gate keeps credentials that were rejected from being sent again and again.
// While a credential is neither accepted nor rejected, only so many tests as
// it has tries left may send it at the same time; the others wait.
type gate struct {
	salt []byte

	mu      sync.Mutex
	known   map[credentialKey]*history
	changed chan struct{}
}

// history is what is known of one credential at one host.
type history struct {
	// rejected counts rejections since the last success, as servers do.
	rejected int
	// accepted says that the last answer was a good one: then any number of tests
	// may send it at the same time.
	accepted bool
	// inFlight counts the tries handed out and not given back.
	inFlight int
	problem  *model.Problem
	// unheard is the problem of the last test that got no answer, nil when
	// there was one since.
	unheard *model.Problem
}

func newGate() *gate {
	salt := make([]byte, sha256.Size)
	_, _ = rand.Read(salt) // never fails (crypto/rand)
	return &gate{salt: salt, known: map[credentialKey]*history{}, changed: make(chan struct{})}
}

// key is the key of a login at a host. Bitbucket takes user names in any case.
func (g *gate) key(host string, l login) credentialKey {
	mac := hmac.New(sha256.New, g.salt)
	for _, part := range []string{strings.ToLower(host), strings.ToLower(l.user), l.secret.Reveal()} {
		sum := sha256.Sum256([]byte(part))
		_, _ = mac.Write(sum[:])
	}
	return credentialKey(mac.Sum(nil))
}

// ticket is the right to send each of some credentials so many times.
type ticket struct {
	tries map[credentialKey]int
	// single says that a credential both channels use has one try left: the
	// second channel may send it only after the first had it accepted.
	single bool
}

// refusal is why credentials are not sent: problem is that of the test that
// had them rejected; without one the time was up while other tests had them,
// and unheard is what those ran into, nil when nothing is known.
type refusal struct{ problem, unheard *model.Problem }

// grace is how long a test whose time is up still listens for those it waited
// for: they mostly began at the same moment, and end at the same moment.
const grace = 40 * time.Millisecond

// enter waits until the credentials may be sent; one that is named twice is
// sent by both channels. Of ticket and refusal one is nil.
func (g *gate) enter(ctx context.Context, keys []credentialKey) (*ticket, *refusal) {
	tries := map[credentialKey]int{}
	for _, k := range keys {
		tries[k]++
	}
	for {
		wait, t, problem := g.try(tries)
		switch {
		case problem != nil:
			return nil, &refusal{problem: problem}
		case t != nil:
			return t, nil
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, g.expired(ctx, keys, wait)
		}
	}
}

// expired says what the tests that had the credentials ran into.
func (g *gate) expired(ctx context.Context, keys []credentialKey, wait <-chan struct{}) *refusal {
	if !errors.Is(context.Cause(ctx), context.Canceled) {
		select {
		case <-wait:
		case <-time.After(grace):
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, k := range keys {
		switch h := g.known[k]; {
		case h != nil && h.rejected >= maxRejections:
			return &refusal{problem: copied(h.problem)}
		case h != nil && h.unheard != nil:
			return &refusal{unheard: copied(h.unheard)}
		}
	}
	return &refusal{}
}

// try takes all the credentials at once, or none.
func (g *gate) try(tries map[credentialKey]int) (wait <-chan struct{}, t *ticket, blocked *model.Problem) {
	g.mu.Lock()
	defer g.mu.Unlock()
	t = &ticket{tries: map[credentialKey]int{}}
	full := false
	for k, wanted := range tries {
		h := g.known[k]
		switch {
		case h == nil || h.accepted:
			t.tries[k] = wanted
			continue
		case h.rejected >= maxRejections:
			return nil, nil, copied(h.problem)
		}
		left := maxRejections - h.rejected - h.inFlight
		full = full || left < min(wanted, maxRejections-h.rejected)
		t.tries[k] = min(wanted, left)
		t.single = t.single || left < wanted
	}
	if full {
		return g.changed, nil, nil
	}
	for k, n := range t.tries {
		if g.known[k] == nil {
			g.known[k] = &history{}
		}
		g.known[k].inFlight += n
	}
	return nil, t, nil
}

// accept lets others send credentials whose every try has been taken, while the
// test that holds them goes on. What it finds out later still counts when it
// leaves.
func (g *gate) accept(t *ticket, keys []credentialKey) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, k := range keys {
		if h := g.known[k]; h != nil && t.tries[k] > 0 {
			h.accepted, h.rejected = true, 0
		}
	}
	g.wake()
}

// wake lets those that wait look again.
func (g *gate) wake() {
	close(g.changed)
	g.changed = make(chan struct{})
}

// leave gives the credentials back with what became of them. problem explains
// a rejection; unheard says that the test of it got no answer.
func (g *gate) leave(t *ticket, outcomes map[credentialKey][]outcome, problem *model.Problem, unheard bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for k, n := range t.tries {
		h := g.known[k]
		h.inFlight -= n
		h.unheard = nil
		if unheard {
			h.unheard = problem
		}
		h.learn(outcomes[k], problem)
	}
	g.wake()
}

// learn takes in what one test found. A success clears the rejections before
// it, as it does at the server, unless the same test saw a rejection too.
func (h *history) learn(outcomes []outcome, problem *model.Problem) {
	refused := false
	for _, o := range outcomes {
		switch o {
		case outcomeRejected:
			h.rejected++
		case outcomeBarred:
			h.rejected = max(h.rejected+1, maxRejections)
		default:
			continue
		}
		h.problem, refused = problem, true
	}
	switch {
	case refused:
		h.accepted = false
	case slices.Contains(outcomes, outcomeAccepted):
		h.accepted, h.rejected = true, 0
	}
}

// copied is a problem that shares nothing with the one it is a copy of.
func copied(p *model.Problem) *model.Problem {
	c := *p
	c.Mends, c.Commands = slices.Clone(p.Mends), slices.Clone(p.Commands)
	return &c
}
