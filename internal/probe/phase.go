package probe

import (
	"crypto/tls"
	"net/http/httptrace"
	"strconv"
	"sync"
	"time"

	"bbconnect/model"
)

// phase is how far an HTTP request has come.
type phase string

// The phases in their order; a request skips those it does not need.
const (
	phaseLookup phase = "lookup"
	phaseDial   phase = "dial"
	phaseTunnel phase = "tunnel"
	phaseTLS    phase = "tls"
	phaseSSH    phase = "ssh"
	phaseAnswer phase = "answer"
	phaseBody   phase = "body"
)

// progress follows one request through its phases. The transport reports from
// goroutines of its own, some of them after the request has ended.
type progress struct {
	now func() time.Time
	// proxied says that a proxy is in between, tunnel that it is to open the way
	// before TLS begins.
	proxied, tunnel bool
	// logged says that the phases are remembered for the log.
	logged bool

	mu    sync.Mutex
	phase phase
	since time.Time
	trail []reachedPhase
}

// enter begins a phase.
func (p *progress) enter(next phase) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.phase, p.since = next, p.now()
	if p.logged {
		p.trail = append(p.trail, reachedPhase{next, p.since})
	}
}

// reached is the phase the request is in, and for how long.
func (p *progress) reached() (phase, time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.phase, p.now().Sub(p.since)
}

// trace reports to the progress, and to the wire's own listeners.
func (w *wire) trace(p *progress) *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart: func(httptrace.DNSStartInfo) { p.enter(phaseLookup) },
		DNSDone:  func(httptrace.DNSDoneInfo) { p.enter(phaseDial) },
		TLSHandshakeStart: func() {
			p.enter(phaseTLS)
			if w.securing != nil {
				w.securing()
			}
		},
		TLSHandshakeDone: func(s tls.ConnectionState, err error) {
			if w.secured != nil {
				w.secured(&s, err)
			}
		},
		GotConn: func(httptrace.GotConnInfo) { p.enter(phaseAnswer) },
	}
}

// placeSSH names the phase in which the time ran out over SSH, by the check that
// failed.
func (t *test) placeSSH() {
	f := &t.facts.git.fault
	if t.facts.overHTTP() || f.kind != faultTimeout || f.phase != "" {
		return
	}
	switch {
	case t.stream.status(checkReach) == model.CheckFail:
		f.phase, f.after = phaseDial, t.stream.took(checkReach)
	case t.stream.status(checkTLS) == model.CheckFail:
		f.phase, f.after = phaseSSH, t.stream.took(checkTLS)
	default:
		f.phase, f.after = phaseAnswer, t.stream.took(checkGit)
	}
}

// took is how long a check that ended took.
func (s *stream) took(id string) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.checks {
		if c.ID == id {
			return c.Duration
		}
	}
	return 0
}

// span is a duration for people: whole seconds, below that milliseconds.
func span(d time.Duration) string {
	switch {
	case d < time.Second:
		return strconv.FormatInt(max(d, 0).Milliseconds(), 10) + " ms"
	case d < 2*time.Minute:
		return strconv.Itoa(int(d.Round(time.Second)/time.Second)) + " s"
	case d < 2*time.Hour:
		return strconv.Itoa(int(d.Round(time.Minute)/time.Minute)) + " minutes"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d.Round(time.Hour)/time.Hour)) + " hours"
	}
	return strconv.Itoa(int(d.Round(24*time.Hour)/(24*time.Hour))) + " days"
}
