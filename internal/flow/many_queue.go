package flow

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"bbconnect/model"
)

// maxPauses is how often one host may ask to wait in a run.
const maxPauses = 10

// unproven is how many tests may send a credential at a time that no server has
// accepted yet: as many as the probe lets through (two rejections are the most
// that a run may cost).
const unproven = 2

// queue holds the targets that wait for their turn, by host and credential, each
// in the order of the list. It belongs to one goroutine.
type queue struct {
	// hosts are those with targets left or running, turn the next one to ask.
	hosts []*hostQueue
	turn  int
	of    []*group // by target
}

// hostQueue is what waits for one host.
type hostQueue struct {
	name    string
	limit   int
	running int
	groups  []*group // those with waiting targets
	// waited are the targets that were put back once.
	waited map[int]bool
	// resume fires at until, when a paused host may be asked again; nil for a host
	// that is not paused. careful keeps it at one test at a time until it has
	// answered something else than to wait.
	resume  <-chan time.Time
	until   time.Time
	careful bool
	pauses  int
}

// group are the targets of one host that send the same credential.
type group struct {
	host     *hostQueue
	waiting  []int
	running  int
	rejected int
	accepted bool
}

type groupKey struct {
	host, login string
	secret      model.SecretName
}

func newQueue(targets []Target, perHost int) *queue {
	q := &queue{of: make([]*group, len(targets))}
	hosts, groups := map[string]*hostQueue{}, map[groupKey]*group{}
	names := serversOf(targets)
	for i, t := range targets {
		name := names[i]
		h := hosts[name]
		if h == nil {
			h = &hostQueue{name: name, limit: perHost, waited: map[int]bool{}}
			hosts[name] = h
			q.hosts = append(q.hosts, h)
		}
		key := credentialOf(t.Connector)
		key.host = name
		g := groups[key]
		if g == nil {
			g = &group{host: h}
			groups[key] = g
			h.groups = append(h.groups, g)
		}
		g.waiting = append(g.waiting, i)
		q.of[i] = g
	}
	return q
}

// serversOf reads every target's address, on all processors: no test begins before.
func serversOf(targets []Target) []string {
	names := make([]string, len(targets))
	var parts sync.WaitGroup
	size := max(1, (len(targets)+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))
	for from := 0; from < len(targets); from += size {
		parts.Go(func() {
			for i := from; i < min(from+size, len(targets)); i++ {
				names[i] = hostOf(targets[i].Connector)
			}
		})
	}
	parts.Wait()
	return names
}

// hostOf names the server a connector talks to; every address of Cloud is one.
func hostOf(c model.Connector) string {
	u := model.ReadURL(c.URL, model.URLContext{})
	if u.Product == model.Cloud {
		return "bitbucket.org"
	}
	return strings.ToLower(u.Host)
}

// credentialOf is what a connector signs in with, as far as its document says.
func credentialOf(c model.Connector) groupKey {
	ref, login := c.PasswordRef, c.Username.Plain+"\x00"+string(c.Username.Ref)
	if c.ConnectionType == model.SSH {
		ref, login = c.SSHKeyRef, ""
	}
	name, err := ref.Name(c.Scope)
	if err != nil {
		name = model.SecretName(ref)
	}
	return groupKey{login: login, secret: name}
}

// next takes a target whose host and credential have a place, host by host.
func (q *queue) next() (int, bool) {
	for range q.hosts {
		h := q.hosts[q.turn%len(q.hosts)]
		if len(h.groups) == 0 && h.running == 0 {
			i := q.turn % len(q.hosts)
			q.hosts = slices.Delete(q.hosts, i, i+1)
			q.turn = i
			continue
		}
		q.turn++
		if index, ok := h.next(); ok {
			return index, true
		}
	}
	return 0, false
}

func (h *hostQueue) next() (int, bool) {
	if h.resume != nil || h.running >= h.limit || h.careful && h.running > 0 {
		return 0, false
	}
	for i, g := range h.groups {
		if !g.accepted && g.rejected < unproven && g.running >= unproven {
			continue
		}
		index := g.waiting[0]
		g.waiting = g.waiting[1:]
		if len(g.waiting) == 0 {
			h.groups = slices.Delete(h.groups, i, i+1)
		}
		g.running++
		h.running++
		return index, true
	}
	return 0, false
}

// leave gives the place of a test back, with what it says about the credential,
// and returns its host.
func (q *queue) leave(t Tested) *hostQueue {
	g := q.of[t.Index]
	g.running--
	g.host.running--
	code := ""
	if p := t.Result.Problem; p != nil {
		code = p.Code
	}
	area, _, _ := strings.Cut(code, ".")
	switch {
	case t.Err != nil || area == "cred" || area == "account":
		g.rejected++
	case area == "net" || area == "tls" || area == "server": // it did not get that far
	default:
		g.accepted = true
	}
	return g.host
}

// again puts a target back at the front.
func (h *hostQueue) again(index int, g *group) {
	h.waited[index] = true
	if len(g.waiting) == 0 {
		h.groups = slices.Insert(h.groups, 0, g)
	}
	g.waiting = slices.Insert(g.waiting, 0, index)
}

// pause leaves the host alone until the timer fires.
func (h *hostQueue) pause(until time.Time, timer <-chan time.Time) {
	if h.resume == nil {
		h.pauses++
	}
	h.until, h.resume, h.careful = until, timer, true
}

// goOn lets a paused host be asked again.
func (h *hostQueue) goOn() { h.resume = nil }

// answered says that the host gave an answer of substance.
func (h *hostQueue) answered() { h.careful = false }

// drop takes every waiting target of the host away.
func (h *hostQueue) drop() []int {
	var left []int
	for _, g := range h.groups {
		left = append(left, g.waiting...)
		g.waiting = nil
	}
	h.groups, h.resume = nil, nil
	slices.Sort(left)
	return left
}

// firstPaused is the paused host that goes on first, nil for none.
func (q *queue) firstPaused() *hostQueue {
	var first *hostQueue
	for _, h := range q.hosts {
		if h.resume != nil && (first == nil || h.until.Before(first.until)) {
			first = h
		}
	}
	return first
}
