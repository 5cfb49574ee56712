package probe

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"sync"

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
	rejected int
	accepted bool
	inFlight int
	problem  *model.Problem
}

func newGate() *gate {
	salt := make([]byte, sha256.Size)
	_, _ = rand.Read(salt) // never fails (crypto/rand)
	return &gate{salt: salt, known: map[credentialKey]*history{}, changed: make(chan struct{})}
}

// key is the key of a login at a host.
func (g *gate) key(host string, l login) credentialKey {
	mac := hmac.New(sha256.New, g.salt)
	for _, part := range []string{host, l.user, l.secret.Reveal()} {
		sum := sha256.Sum256([]byte(part))
		_, _ = mac.Write(sum[:])
	}
	return credentialKey(mac.Sum(nil))
}

// ticket is the right to send some credentials once.
type ticket struct{ keys []credentialKey }

// enter waits until the credentials may be sent. The problem of the test that
// had them rejected comes back where they must not be; both are nil when the
// context ended first.
func (g *gate) enter(ctx context.Context, keys []credentialKey) (*ticket, *model.Problem) {
	keys = distinct(keys)
	for {
		wait, problem, ok := g.try(keys)
		switch {
		case problem != nil:
			return nil, problem
		case ok:
			return &ticket{keys: keys}, nil
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, nil
		}
	}
}

// try takes all the credentials at once, or none.
func (g *gate) try(keys []credentialKey) (wait <-chan struct{}, blocked *model.Problem, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, k := range keys {
		if h := g.known[k]; h != nil && h.rejected >= maxRejections {
			carried := *h.problem
			return nil, &carried, false
		}
	}
	for _, k := range keys {
		if h := g.known[k]; h != nil && !h.accepted && h.inFlight+h.rejected >= maxRejections {
			return g.changed, nil, false
		}
	}
	for _, k := range keys {
		if g.known[k] == nil {
			g.known[k] = &history{}
		}
		g.known[k].inFlight++
	}
	return nil, nil, true
}

// leave gives the credentials back with what became of them.
func (g *gate) leave(t *ticket, outcomes map[credentialKey][]outcome, problem *model.Problem) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, k := range t.keys {
		h := g.known[k]
		h.inFlight--
		for _, o := range outcomes[k] {
			switch o {
			case outcomeAccepted:
				h.accepted = true
			case outcomeRejected:
				h.rejected++
				h.problem = problem
			}
		}
	}
	close(g.changed)
	g.changed = make(chan struct{})
}

// distinct drops repeats, keeping the order.
func distinct(keys []credentialKey) []credentialKey {
	var out []credentialKey
	for _, k := range keys {
		if !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out
}
