package probe

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/url"
	"time"

	"bbconnect/model"
)

// maxClockError is how far this machine's clock may be off unsaid.
const maxClockError = 5 * time.Minute

// clockWait bounds the one question for the time.
const clockWait = 3 * time.Second

// clockFacts compares this machine's clock with the server's.
type clockFacts struct {
	// here is this machine's time, there the server's at the same moment, zero
	// when not known.
	here, there time.Time
}

// off is how much this machine's clock is ahead; 0 when not known.
func (c clockFacts) off() time.Duration {
	if c.there.IsZero() {
		return 0
	}
	return c.here.Sub(c.there)
}

// readClock finds the server's time where a certificate is out of date by this
// machine's clock: in an answer that came over a trusted connection, else by
// one question of its own.
func (t *test) readClock(ctx context.Context) {
	f := &t.facts
	f.clock.here = t.opts.Now()
	stale := f.staleAnswer()
	if !stale.asked {
		return
	}
	for _, a := range append([]answer{f.git}, f.restAnswers()...) {
		if a.asked && !a.dead() && !a.limits.date.IsZero() {
			f.clock.here, f.clock.there = a.limits.read, a.limits.date
			return
		}
	}
	t.askTime(ctx, stale.host)
}

// staleAnswer is the first answer whose certificate is not valid now.
func (f *facts) staleAnswer() answer {
	for _, a := range append([]answer{f.git}, f.restAnswers()...) {
		if faulty(faultExpired)(a) {
			return a
		}
	}
	return answer{}
}

// askTime asks a host for nothing but its Date header. The connection proves
// nothing, since the certificate is not checked, so nothing goes over it that
// matters: no credential, no path, no cookie; and what comes back only words a
// problem.
func (t *test) askTime(ctx context.Context, host string) {
	ctx, cancel := context.WithTimeout(ctx, clockWait)
	defer cancel()
	transport := &http.Transport{
		Proxy:                  (&wire{}).proxy(t.opts),
		DialContext:            t.opts.Dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true}, //nolint:gosec // says no secret, believes nothing
		MaxResponseHeaderBytes: maxBody,
		DisableKeepAlives:      true,
	}
	defer transport.CloseIdleConnections()
	address := url.URL{Scheme: "https", Host: host, Path: "/"}
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, address.String(), nil)
	if err != nil {
		return
	}
	req.Header.Set("User-Agent", "bbconnect")
	res, err := transport.RoundTrip(req)
	if err != nil {
		return
	}
	_ = res.Body.Close()
	if at, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		t.facts.clock = clockFacts{here: t.opts.Now(), there: at}
	}
}

// clockExplains reports that the certificate is valid by the server's clock,
// and that this machine's differs from it.
func (f *facts) clockExplains() bool {
	c := f.staleAnswer().fault.stale
	there := f.clock.there
	return c != nil && f.clock.off().Abs() > maxClockError && !there.Before(c.NotBefore) && !there.After(c.NotAfter)
}

// tooEarly reports a certificate that is valid only later.
func (f *facts) tooEarly() bool {
	c := f.staleAnswer().fault.stale
	return c != nil && f.clock.here.Before(c.NotBefore)
}

// clockWords fill in what rows say about clocks and dates.
func (f *facts) clockWords(a answer) []string {
	const moment = "2006-01-02 15:04 UTC"
	off, direction := f.clock.off(), " (it is behind)"
	if off > 0 {
		direction = " (it is ahead)"
	}
	agree := ""
	if !f.clock.there.IsZero() && off.Abs() <= maxClockError {
		agree = "The server's clock agrees."
	}
	certificate := "The certificate of {host}"
	if stale, leaf := a.fault.stale, a.fault.leaf(); stale != nil && leaf != nil && !stale.Equal(leaf) {
		certificate = "The certificate of the authority " + clean(stale.Subject.CommonName) + " above {host}"
	}
	return []string{
		"{off}", span(off.Abs()) + direction, "{now}", f.clock.here.UTC().Format(moment),
		"{servertime}", f.clock.there.UTC().Format(moment), "{clock}", agree,
		"{Certificate}", certificate,
	}
}

// trustWords say where else a private authority has to be trusted (Harness's
// own documentation, "Configure a Kubernetes build farm to use self-signed
// certificates", and "Private network connectivity options").
func (f *facts) trustWords() string {
	switch c := f.req.Connector; {
	case f.isCloud() && c.Mode != model.ModeDelegate:
		return "Harness's platform does not go through this network and is not affected."
	case c.Mode == model.ModeDelegate:
		return "The delegate has to trust it too: ADDITIONAL_CERTS_PATH in its pod names the file."
	case c.SecureConnect:
		return ""
	}
	return "Harness's platform cannot be given it: it needs a certificate of a public authority, Secure Connect, or a delegate."
}
