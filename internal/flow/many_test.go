package flow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bbconnect/model"
)

// server is a tester that notes what it is asked and when, and answers as told.
type server struct {
	mu      sync.Mutex
	running map[string]int
	most    map[string]int
	asked   []string
	answer  func(key string, times int) model.TestResult
	takes   time.Duration
	// instant answers without noting anything.
	instant bool
	// early tells after this time that the credential was taken; 0 for never.
	early time.Duration
}

func (s *server) Test(ctx context.Context, req model.TestRequest, report func(model.Check)) model.TestResult {
	if s.instant {
		return model.TestResult{Verdict: model.VerdictPass, StartedAt: testNow}
	}
	host, key := hostOf(req.Connector), req.Connector.Key()
	s.enter(host, key)
	defer s.leave(host)
	rest := s.takes
	if s.early > 0 {
		<-time.After(s.early)
		report(model.Check{ID: "rest", Accepted: true})
		rest -= s.early
	}
	select {
	case <-time.After(rest):
	case <-ctx.Done():
		return model.TestResult{Verdict: model.VerdictFail, Problem: &model.Problem{Code: "net.timeout"}}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	times := 0
	for _, k := range s.asked {
		if k == key {
			times++
		}
	}
	if s.answer == nil {
		return model.TestResult{Verdict: model.VerdictPass, StartedAt: testNow}
	}
	return s.answer(key, times)
}

func (s *server) enter(host, key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, key)
	for _, h := range []string{host, "all"} {
		s.running[h]++
		s.most[h] = max(s.most[h], s.running[h])
	}
}

func (s *server) leave(host string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running[host]--
	s.running["all"]--
}

func newServer() *server {
	return &server{running: map[string]int{}, most: map[string]int{}, takes: time.Second}
}

// limited is a result that asks to wait.
func limited(seconds int) model.TestResult {
	return model.TestResult{Verdict: model.VerdictFail, Problem: &model.Problem{Code: "net.rate-limited", What: "Too many requests.", WaitSeconds: seconds}}
}

// fleet saves n connectors on a host, each with a credential of its own or all
// with one.
func fleet(h *house, host string, n int, shared bool) []Target {
	var out []Target
	for i := range n {
		c := model.Connector{
			ID: fmt.Sprintf("c%04d_%s", i, strings.ReplaceAll(host, ".", "_")), Name: "c", ConnectionType: model.HTTP, URLType: model.URLRepo,
			URL: "https://" + host + "/acme/ledger.git", Username: model.Login{Plain: "jdoe"}, PasswordRef: model.SecretRef(fmt.Sprintf("account.s%d", i)),
		}
		if shared {
			c.PasswordRef = "account.one"
		}
		name, err := c.PasswordRef.Name(c.Scope)
		if err != nil {
			panic(err)
		}
		h.keep(model.SecretInfo{Name: name, Where: model.WhereKeyring, Kind: model.KindAPIToken}, canary())
		h.put(c)
		out = append(out, Target{Connector: c, Saved: true})
	}
	return out
}

// run is TestMany with the fake's clock.
func runMany(t *testing.T, h *house, s *server, targets []Target, m Many) []Tested {
	t.Helper()
	out, err := manyJobs(h, s).TestMany(t.Context(), targets, m)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func manyJobs(h *house, s *server) *Jobs {
	jobs := h.jobs()
	jobs.Tester, jobs.Now, jobs.Keystores = s, time.Now, &lockedHouse{h: h}
	return jobs
}

// lockedHouse is the house's keystores for several goroutines, counting reads.
type lockedHouse struct {
	mu    sync.Mutex
	h     *house
	reads int
}

func (l *lockedHouse) Keystore(where model.Where) (Keystore, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k, err := l.h.Keystore(where)
	return lockedPlace{k, l}, err
}

type lockedPlace struct {
	Keystore
	l *lockedHouse
}

func (p lockedPlace) Get(ctx context.Context, name model.SecretName) (model.Secret, error) {
	p.l.mu.Lock()
	defer p.l.mu.Unlock()
	p.l.reads++
	return p.Keystore.Get(ctx, name)
}

func TestManyKeepsToTheBoundsAndTheOrder(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		jobs, perHost, all, host int
		shared                   bool
	}{
		{0, 0, 8, 4, false},
		{32, 0, 24, 8, false},
		{32, 5, 15, 5, false},
		{2, 5, 2, 2, false},
		{64, 40, 60, 20, false},
		{1, 1, 1, 1, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			h, s := newHouse(), newServer()
			var targets []Target
			for _, host := range []string{"bitbucket.org", "git.acme.test", "scm.acme.test"} {
				targets = append(targets, fleet(h, host, 20, tc.shared)...)
			}
			out := runMany(t, h, s, targets, Many{Jobs: tc.jobs, PerHost: tc.perHost})
			if s.most["all"] != tc.all {
				t.Errorf("%+v: %d at a time", tc, s.most["all"])
			}
			for host, most := range s.most {
				if limit := tc.perHost; host != "all" && limit > 0 && most > limit || host != "all" && most > max(tc.host, 8) {
					t.Errorf("%+v: %d at a time on %s", tc, most, host)
				}
			}
			for i, r := range out {
				if r.Index != i || r.Result.Connector != targets[i].Connector.Key() || r.Result.Verdict != model.VerdictPass || r.Err != nil {
					t.Errorf("result %d is %+v", i, r)
				}
				if last := h.connectors[r.Result.Connector].LastTest; last == nil || last.Verdict != model.VerdictPass {
					t.Errorf("%s: remembered %+v", r.Result.Connector, last)
				}
			}
		})
	}
}

func TestACredentialNobodyAcceptedYetStartsTwiceAndLeavesTheOtherPlacesFree(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, s := newHouse(), newServer()
		targets := fleet(h, "git.acme.test", 30, true)
		other := fleet(h, "other.acme.test", 4, false)
		firstOther := -1
		s.answer = func(key string, _ int) model.TestResult {
			if strings.Contains(key, "other") {
				return model.TestResult{Verdict: model.VerdictPass}
			}
			return model.TestResult{Verdict: model.VerdictFail, Problem: &model.Problem{Code: "net.timeout"}}
		}
		runMany(t, h, s, append(targets, other...), Many{Jobs: 8})
		firstOther = slices.IndexFunc(s.asked, func(k string) bool { return strings.Contains(k, "other") })
		if s.most["git.acme.test"] != unproven || firstOther > 3 || s.most["other.acme.test"] != 4 {
			t.Errorf("most %v, the other host came as number %d", s.most, firstOther)
		}
	})
}

func TestACredentialThatIsTakenInTheMiddleOfATestOpensEveryPlaceAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, s := newHouse(), newServer()
		s.takes, s.early = 100*time.Millisecond, 10*time.Millisecond
		begun := time.Now()
		runMany(t, h, s, fleet(h, "git.acme.test", 8, true), Many{Jobs: 8})
		if took := time.Since(begun); took != s.takes+s.early || s.most["git.acme.test"] != 8 {
			t.Errorf("it took %s, with %d at a time", took, s.most["git.acme.test"])
		}
	})
}

func TestAnAcceptedOrTwiceRejectedCredentialUsesEveryPlace(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]model.TestResult{
		"accepted": {Verdict: model.VerdictPass},
		"no right": {Verdict: model.VerdictFail, Problem: &model.Problem{Code: "repo.not-found"}},
		"rejected": {Verdict: model.VerdictFail, Problem: &model.Problem{Code: "cred.rejected"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			h, s := newHouse(), newServer()
			s.answer = func(string, int) model.TestResult { return r }
			runMany(t, h, s, fleet(h, "git.acme.test", 40, true), Many{})
			if s.most["all"] != DefaultPerHost {
				t.Errorf("%s: %d at a time", name, s.most["all"])
			}
		})
	}
}

func TestAHostThatAsksToWaitIsLeftAloneThatLongAndAskedOnceMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, s := newHouse(), newServer()
		targets := append(fleet(h, "git.acme.test", 20, false), fleet(h, "other.acme.test", 20, false)...)
		s.answer = func(key string, times int) model.TestResult {
			if strings.Contains(key, "git") && times == 1 && key < "c0008" {
				return limited(30)
			}
			return model.TestResult{Verdict: model.VerdictPass}
		}
		begun := time.Now()
		waiting := map[string]bool{}
		out := runMany(t, h, s, targets, Many{Jobs: 16, Progress: func(p Progress) { waiting[p.Waiting] = true }})
		if took := time.Since(begun); took < 31*time.Second || took > 40*time.Second {
			t.Errorf("took %s", took)
		}
		for _, r := range out {
			if r.Result.Verdict != model.VerdictPass || r.Carried {
				t.Errorf("%s: %+v", r.Result.Connector, r)
			}
		}
		if len(s.asked) != 48 || !waiting["git.acme.test"] || waiting["other.acme.test"] {
			t.Errorf("asked %d times, waited for %v", len(s.asked), waiting)
		}
	})
}

func TestAHostThatWantsTooMuchTimeIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		wait     int
		deadline time.Duration
		always   bool
		asked    int
	}{
		{"too long", 61, 0, true, 8},
		{"beyond the run's own time", 30, 20 * time.Second, true, 8},
		{"the same after the wait", 30, 0, true, 9},
	} {
		synctest.Test(t, func(t *testing.T) {
			h, s := newHouse(), newServer()
			targets := fleet(h, "git.acme.test", 50, false)
			s.answer = func(string, int) model.TestResult { return limited(tc.wait) }
			ctx := t.Context()
			if tc.deadline > 0 {
				bounded, cancel := context.WithTimeout(ctx, tc.deadline)
				defer cancel()
				ctx = bounded
			}
			out, err := manyJobs(h, s).TestMany(ctx, targets, Many{})
			if err != nil {
				t.Fatal(err)
			}
			carried := 0
			for _, r := range out {
				if r.Result.Problem == nil || r.Result.Problem.Code != "net.rate-limited" || r.Result.Verdict != model.VerdictFail {
					t.Errorf("%s: %+v", tc.name, r)
				}
				if r.Carried {
					carried++
				}
				if kept := h.connectors[r.Result.Connector].LastTest != nil; kept == r.Carried {
					t.Errorf("%s: carried %v, remembered %v", tc.name, r.Carried, kept)
				}
			}
			if len(s.asked) != tc.asked || carried == 0 {
				t.Errorf("%s: asked %d times, %d carried", tc.name, len(s.asked), carried)
			}
		})
	}
}

func TestACancelledRunSaysWhatWasNotTestedAndKeepsTheRest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, s := newHouse(), newServer()
		ctx, cancel := context.WithCancel(t.Context())
		ended := 0
		out, err := manyJobs(h, s).TestMany(ctx, fleet(h, "git.acme.test", 40, false), Many{Ended: func(r Tested) {
			if ended++; ended == 8 {
				cancel()
			}
		}})
		if !errors.Is(err, context.Canceled) || ended != 40 {
			t.Errorf("err %v, %d told", err, ended)
		}
		untested, kept := 0, 0
		for _, r := range out {
			if errors.Is(r.Err, ErrNotTested) {
				untested++
			}
			if h.connectors[r.Result.Connector].LastTest != nil {
				kept++
			}
		}
		if untested != 32 || kept != 8 {
			t.Errorf("%d untested, %d remembered", untested, kept)
		}
	})
}

func TestProgressCountsEverythingOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, s := newHouse(), newServer()
		targets := fleet(h, "git.acme.test", 11, false)
		s.answer = func(key string, _ int) model.TestResult {
			if key < "c0003" {
				return model.TestResult{Verdict: model.VerdictUnreachable, Problem: &model.Problem{Code: "net.timeout"}}
			}
			return model.TestResult{Verdict: model.VerdictWarn}
		}
		targets[10].Connector.PasswordRef = "account.gone"
		var last Progress
		out := runMany(t, h, s, targets, Many{Jobs: 3, Progress: func(p Progress) {
			if p.Done < last.Done || p.Running > 3 || p.Done+p.Running > p.Total || p.Failed > p.Done || p.Elapsed < last.Elapsed {
				t.Errorf("%+v after %+v", p, last)
			}
			last = p
		}})
		if want := (Progress{Total: 11, Done: 11, Failed: 4, Elapsed: 4 * time.Second}); last != want {
			t.Errorf("ends with %+v", last)
		}
		if codeOf(out[10].Err) != "cred.missing" {
			t.Errorf("the one without a secret: %+v", out[10])
		}
	})
}

func TestOneRunReadsEachThingOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, s := newHouse(), newServer()
		s.takes = 0
		jobs := manyJobs(h, s)
		places := &lockedHouse{h: h}
		jobs.Keystores = places
		targets := fleet(h, "git.acme.test", 1000, true)
		h.calls = 0
		if _, err := jobs.TestMany(t.Context(), targets, Many{Jobs: 32, PerHost: 32}); err != nil {
			t.Fatal(err)
		}
		// The list of secrets, the settings, the keystore and its value, and some batches.
		if places.reads != 1 || h.calls > 12 {
			t.Errorf("%d reads of the value, %d calls", places.reads, h.calls)
		}
	})
}

func TestARunWhosePortsBreakSaysSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, s := newHouse(), newServer()
		targets := fleet(h, "git.acme.test", 1, false)
		h.calls, h.breakAt = 0, 1
		if _, err := manyJobs(h, s).TestMany(t.Context(), targets, Many{}); !errors.Is(err, errBreak) {
			t.Errorf("without the list of secrets: %v", err)
		}
		h.calls, h.breakAt = 0, 5
		out, err := manyJobs(h, s).TestMany(t.Context(), targets, Many{})
		if !errors.Is(err, errBreak) || out[0].Result.Verdict != model.VerdictPass {
			t.Errorf("when nothing can be remembered: %v, %+v", err, out)
		}
	})
}

func TestNothingToTestIsNoError(t *testing.T) {
	t.Parallel()
	if out, err := newHouse().jobs().TestMany(t.Context(), nil, Many{}); err != nil || len(out) != 0 {
		t.Errorf("got %v, %v", out, err)
	}
}

func BenchmarkTestManyPerConnector(b *testing.B) {
	h, s := newHouse(), newServer()
	s.instant = true
	targets := fleet(h, "git.acme.test", 1000, true)
	jobs := manyJobs(h, s)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := jobs.TestMany(b.Context(), targets, Many{Jobs: 32, PerHost: 32}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(targets)), "ns/connector")
}
