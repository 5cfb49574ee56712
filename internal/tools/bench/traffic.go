package main

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// exchange is one request that a server was asked, and when: it ends where the
// answer begins.
type exchange struct {
	git, credential, refused bool
	began, ended             time.Time
}

// cost is what one run of a client asked of a server. Requests of git are
// counted by whether they carried a credential; refused are those that carried
// one in vain, which is what locks accounts. sequence is how many requests waited
// for one another: what a distant server makes a person wait for.
type cost struct {
	git, anonymous, refused, rest, sequence int
}

// traffic counts what a server is asked, and lets every answer wait as a distant
// server would.
type traffic struct {
	late time.Duration

	mu    sync.Mutex
	asked []exchange
	// open is how many requests are under way, most the largest number there was.
	open, most int
}

// enter and leave count a request in and out.
func (t *traffic) enter() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open++
	t.most = max(t.most, t.open)
}

func (t *traffic) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open--
}

// over is the handler with each answer late and counted.
func (t *traffic) over(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := exchange{began: time.Now(), git: !strings.HasPrefix(r.URL.Path, "/rest/"), credential: r.Header.Get("Authorization") != ""}
		t.enter()
		defer t.leave()
		if t.late > 0 {
			timer := time.NewTimer(t.late)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-r.Context().Done():
				return
			}
		}
		e.ended = time.Now()
		answer := &statusWriter{ResponseWriter: w}
		next.ServeHTTP(answer, r)
		e.refused = answer.status == http.StatusUnauthorized
		t.mu.Lock()
		defer t.mu.Unlock()
		t.asked = append(t.asked, e)
	})
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (s *statusWriter) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

// take is the cost of everything since the last call, and the largest number of
// requests that were under way at once.
func (t *traffic) take() (c cost, most int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	asked, most := t.asked, t.most
	t.asked, t.most = nil, t.open
	return costOf(asked), most
}

// costOf counts. The longest row of requests that waited for one another is the
// largest number of them of which no two overlap: always the one next that ends
// first.
func costOf(asked []exchange) cost {
	var c cost
	slices.SortFunc(asked, func(a, b exchange) int { return cmp.Compare(a.ended.UnixNano(), b.ended.UnixNano()) })
	var last time.Time
	for _, e := range asked {
		switch {
		case !e.git:
			c.rest++
		case e.credential:
			c.git++
		default:
			c.anonymous++
		}
		if e.refused && e.credential {
			c.refused++
		}
		if !e.began.Before(last) {
			c.sequence++
			last = e.ended
		}
	}
	return c
}
