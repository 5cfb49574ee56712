package probe

import (
	"slices"
	"sync"
	"time"

	"bbconnect/model"
)

// The checks of a test, in the order they are shown. The ids are stable.
const (
	checkReach      = "reach"
	checkTLS        = "tls"
	checkGit        = "git"
	checkREST       = "rest"
	checkRepository = "repository"
	checkScopes     = "scopes"
)

// stream keeps the checks of one test and reports every change of them, one
// at a time and never after it is closed.
type stream struct {
	now    func() time.Time
	report func(model.Check)

	// proved, when set, is told once that git and the REST API have both taken the
	// credential. It is called under the lock, before the check is reported.
	proved func()

	mu sync.Mutex
	// takenBy are the channels, by their checks, whose credential was taken.
	takenBy map[string]bool
	closed  bool
	checks  []model.Check
	started map[string]time.Time
}

// newStream takes the checks of the plan, none of them started.
func newStream(now func() time.Time, report func(model.Check), plan []model.Check) *stream {
	if report == nil {
		report = func(model.Check) {}
	}
	return &stream{now: now, report: report, checks: plan, started: map[string]time.Time{}, takenBy: map[string]bool{}}
}

// announce reports every check of the plan that has not begun, in the order they
// are shown.
func (s *stream) announce() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.checks {
		if c.Status == "" && !s.closed {
			c.Status = model.CheckPending
			s.report(c)
		}
	}
}

// start reports a check as running.
func (s *stream) start(id string) {
	s.change(id, func(c *model.Check) bool {
		if c.Status != "" {
			return false
		}
		s.started[id] = s.now()
		c.Status = model.CheckRunning
		return true
	})
}

// end reports how a running check ended; an empty title keeps the old one. A
// check that has ended already stays as it is, and ended is false.
func (s *stream) end(id string, status model.CheckStatus, title, detail string) (ended bool) {
	s.change(id, func(c *model.Check) bool {
		if c.Status != model.CheckRunning && c.Status != "" {
			return false
		}
		c.Status, c.Detail = status, detail
		if title != "" {
			c.Title = title
		}
		if at, ok := s.started[id]; ok {
			c.Duration = s.now().Sub(at)
		}
		if status == model.CheckPass && s.taken(id) {
			c.Accepted = true
		}
		ended = true
		return true
	})
	return ended
}

// signedIn notes that the REST API has taken the credential before its check ends.
func (s *stream) signedIn() {
	s.change(checkREST, func(c *model.Check) bool {
		c.Accepted = s.taken(checkREST)
		return c.Accepted
	})
}

// taken notes that a channel's credential was taken, by its check, and reports
// whether now both are. It is called under the lock.
func (s *stream) taken(id string) (both bool) {
	if s.proved == nil || id != checkGit && id != checkREST {
		return false
	}
	if s.takenBy[id] = true; len(s.takenBy) < 2 {
		return false
	}
	s.proved()
	s.proved = nil // once
	return true
}

// blame hangs the problem of the whole test on one check.
func (s *stream) blame(id string, status model.CheckStatus, p *model.Problem) {
	s.change(id, func(c *model.Check) bool {
		c.Status, c.Problem = status, p
		return true
	})
}

// skipConnection ends the connection's checks where none was tried.
func (s *stream) skipConnection(reason string) {
	s.end(checkReach, model.CheckSkip, "", reason)
	s.end(checkTLS, model.CheckSkip, "", reason)
}

// skipRest ends whatever has not ended, with the reason.
func (s *stream) skipRest(reason string) {
	for _, id := range []string{checkReach, checkTLS, checkGit, checkREST, checkRepository, checkScopes} {
		s.end(id, model.CheckSkip, "", reason)
	}
}

// status is how far a check is.
func (s *stream) status(id string) model.CheckStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.checks {
		if c.ID == id {
			return c.Status
		}
	}
	return ""
}

// change edits one check under the lock and reports it when edit says so.
func (s *stream) change(id string, edit func(*model.Check) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.checks, func(c model.Check) bool { return c.ID == id })
	if i < 0 || s.closed || !edit(&s.checks[i]) {
		return
	}
	s.report(s.checks[i])
}

// close ends reporting and hands out the checks.
func (s *stream) close() []model.Check {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return slices.Clone(s.checks)
}
