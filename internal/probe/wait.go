package probe

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxWait bounds what a server may ask for: longer is no advice.
const maxWait = 7 * 24 * time.Hour

// limits is what an answer tells of times and of how much may be asked.
type limits struct {
	// date is the server's clock, by its Date header; read is ours at that moment.
	date, read time.Time
	// wait is how long the server asks to wait, 0 when it does not say.
	wait time.Duration
	// allowed is the limit, resource what it is for; "" when not said. near says
	// that little of it is left.
	allowed, resource string
	near              bool
}

// readTimes fills in what the headers tell of time: Date and Retry-After (RFC
// 9110 §6.6.1, §10.2.3), and Bitbucket Cloud's X-RateLimit-Limit, -NearLimit and
// -Resource (support.atlassian.com, "API request limits").
func (a *answer) readTimes(h http.Header, now time.Time) {
	l := limits{
		read: now, allowed: clean(h.Get("X-Ratelimit-Limit")), resource: clean(h.Get("X-Ratelimit-Resource")),
		near: strings.EqualFold(h.Get("X-Ratelimit-Nearlimit"), "true"),
	}
	if at, err := http.ParseTime(h.Get("Date")); err == nil {
		l.date = at
	}
	l.wait = l.retryAfter(h.Get("Retry-After"))
	a.limits = l
}

// retryAfter reads seconds or a date. A date is the server's, so the server's
// clock tells how far off it is.
func (l limits) retryAfter(value string) time.Duration {
	value = strings.TrimSpace(value)
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(seconds, uint64(maxWait/time.Second))) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now := l.read
	if !l.date.IsZero() {
		now = l.date
	}
	return min(max(at.Sub(now), 0), maxWait)
}

// waiting says in a sentence how long to wait: short times in seconds, longer
// ones with the time of day at which they end, in UTC.
func (l limits) waiting() string {
	if l.wait < 2*time.Minute {
		return "Wait " + span(l.wait)
	}
	until := l.read.Add(l.wait).UTC()
	layout := "15:04"
	if l.wait >= 12*time.Hour {
		layout = "2006-01-02 15:04"
	}
	return "Wait until " + until.Format(layout) + " UTC"
}
