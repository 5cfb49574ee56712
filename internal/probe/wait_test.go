package probe

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestRetryAfterIsReadInBothForms(t *testing.T) {
	t.Parallel()
	here := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
	server := here.Add(-time.Hour)
	for _, c := range []struct {
		retry, date, want string
		seconds           int
	}{
		{"43", "", "Wait 43 s", 43},
		{" 1 ", "", "Wait 1 s", 1},
		{"119", "", "Wait 119 s", 119},
		{"300", "", "Wait until 14:05 UTC", 300},
		{"86400", "", "Wait until 2026-11-24 14:00 UTC", 86400},
		{"99999999", "", "Wait until 2026-11-30 14:00 UTC", 7 * 86400},
		{strings.Repeat("9", 40), "", "Wait until 2026-11-30 14:00 UTC", 7 * 86400},
		// A date is by the server's clock, which is an hour behind ours here.
		{server.Add(10 * time.Minute).Format(http.TimeFormat), server.Format(http.TimeFormat), "Wait until 14:10 UTC", 600},
		{here.Add(30 * time.Second).Format(http.TimeFormat), "", "Wait 30 s", 30},
		{here.Add(-time.Minute).Format(http.TimeFormat), "", "", 0},
		{"0", "", "", 0},
		{"-5", "", "", 0},
		{"1.5", "", "", 0},
		{"soon\x1b[31m", "", "", 0},
		{"", "", "", 0},
	} {
		h := http.Header{"Retry-After": {c.retry}}
		if c.date != "" {
			h.Set("Date", c.date)
		}
		var a answer
		a.readTimes(h, here)
		if got := int(a.limits.wait.Seconds()); got != c.seconds {
			t.Errorf("%q: %d s, want %d", c.retry, got, c.seconds)
		}
		if c.want != "" && a.limits.waiting() != c.want {
			t.Errorf("%q: %q, want %q", c.retry, a.limits.waiting(), c.want)
		}
	}
}

func TestLimitsAreReadAndCleaned(t *testing.T) {
	t.Parallel()
	h := http.Header{}
	h.Set("X-RateLimit-Limit", "1000\x1b[2J")
	h.Set("X-RateLimit-Resource", "api\u202erepositories")
	h.Set("X-RateLimit-NearLimit", "True")
	var a answer
	a.readTimes(h, time.Now())
	if a.limits.allowed != "1000[2J" || a.limits.resource != "apirepositories" || !a.limits.near || !a.limits.date.IsZero() {
		t.Errorf("%+v", a.limits)
	}
}

// FuzzRetryAfter holds that no header makes anybody wait backwards, for ever,
// or for more than a week.
func FuzzRetryAfter(f *testing.F) {
	f.Add("43", "")
	f.Add("Mon, 23 Nov 2026 13:30:00 GMT", "Mon, 23 Nov 2026 13:00:00 GMT")
	f.Add("18446744073709551615", "Thu, 01 Jan 1970 00:00:00 GMT")
	f.Fuzz(func(t *testing.T, retry, date string) {
		var a answer
		a.readTimes(http.Header{"Retry-After": {retry}, "Date": {date}}, time.Unix(1_800_000_000, 0))
		if a.limits.wait < 0 || a.limits.wait > maxWait || strings.ContainsAny(a.limits.waiting(), "\x1b\n") {
			t.Errorf("%q at %q: %v", retry, date, a.limits.wait)
		}
	})
}
