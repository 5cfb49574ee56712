package probe

import (
	"context"
	"log/slog"
	"strings"
	"time"
)

// attribute names of the log's lines; they are read by people who look for what a
// test did, and by nobody else.
const (
	logPhases = "phases"
	logFault  = "fault"
)

// reachedPhase is one phase of a request and when it began.
type reachedPhase struct {
	phase phase
	at    time.Time
}

// log writes one line about a request: what was asked, how it was signed in, what
// came of it, and where the time went. No header, no query, no body and no address
// with a credential is in it.
func (w *wire) log(ctx context.Context, begun time.Time, p *progress, a *answer, l login) {
	if w.logger == nil {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", "GET"), slog.String("host", a.host), slog.String("path", without(a.path, w.secrets)),
		slog.Int("status", a.status), slog.Duration("took", w.now().Sub(begun)), slog.String("login", l.scheme()),
	}
	if a.asksPlain {
		attrs = append(attrs, slog.Bool("tls", false))
	}
	if p.proxied {
		attrs = append(attrs, slog.Bool("proxy", true))
	}
	if phases := p.spans(); phases != "" {
		attrs = append(attrs, slog.String(logPhases, phases))
	}
	if a.fault.kind != noFault {
		attrs = append(attrs, slog.String(logFault, string(a.fault.kind)))
	}
	w.logger.LogAttrs(ctx, slog.LevelInfo, "request", attrs...)
}

// scheme is how a login signs in.
func (l login) scheme() string {
	switch {
	case l.secret.IsZero():
		return "none"
	case l.user == "":
		return "bearer"
	}
	return "basic"
}

// spans are the phases a request went through and how long each took.
func (p *progress) spans() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	end := p.now()
	var out []string
	for i, r := range p.trail {
		until := end
		if i+1 < len(p.trail) {
			until = p.trail[i+1].at
		}
		out = append(out, string(r.phase)+" "+until.Sub(r.at).Round(100*time.Microsecond).String())
	}
	return strings.Join(out, ", ")
}

// logSSH writes one line about a conversation over SSH.
func (t *test) logSSH(ctx context.Context, begun time.Time) {
	if t.opts.Log == nil {
		return
	}
	f := &t.facts
	phases := []string{}
	for _, c := range []struct{ id, phase string }{{checkReach, string(phaseDial)}, {checkTLS, string(phaseSSH)}, {checkGit, string(phaseAnswer)}} {
		if took := t.stream.took(c.id); took > 0 {
			phases = append(phases, c.phase+" "+took.Round(100*time.Microsecond).String())
		}
	}
	attrs := []slog.Attr{
		slog.String("address", t.to.sshAddress()), slog.String("path", without(t.to.sshPath(), t.secrets)), slog.String("server", f.ssh.version),
		slog.Duration("took", t.opts.Now().Sub(begun)), slog.Bool("read", f.advert.ok), slog.String(logPhases, strings.Join(phases, ", ")),
	}
	if f.git.fault.kind != noFault {
		attrs = append(attrs, slog.String(logFault, string(f.git.fault.kind)))
	}
	t.opts.Log.LogAttrs(ctx, slog.LevelInfo, "ssh", attrs...)
}
