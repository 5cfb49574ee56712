package probe

import (
	"testing"
	"time"

	"bbconnect/model"
)

// entered reports whether a credential may be sent without waiting.
func entered(g *gate, k credentialKey) (*ticket, bool) {
	_, t, problem := g.try(map[credentialKey]int{k: 2})
	return t, t != nil && problem == nil
}

func TestACredentialThatWasTakenLetsOthersThroughBeforeTheTestEnds(t *testing.T) {
	t.Parallel()
	g := newGate()
	k := g.key("git.acme-corp.com", login{user: "jdoe", secret: model.NewSecret("value")})
	first, ok := entered(g, k)
	if !ok {
		t.Fatal("the first test waits")
	}
	if _, ok := entered(g, k); ok {
		t.Fatal("a second test is let through before anybody knows")
	}
	woken := g.changed
	g.accept(first, []credentialKey{k})
	select {
	case <-woken:
	default:
		t.Error("those that wait are not told")
	}
	for range 10 {
		if _, ok := entered(g, k); !ok {
			t.Fatal("a test waits though the credential was taken")
		}
	}
	g.leave(first, map[credentialKey][]outcome{k: {outcomeAccepted, outcomeAccepted}}, nil, false)
}

func TestARejectionThatComesLaterClosesTheGateAgain(t *testing.T) {
	t.Parallel()
	g := newGate()
	k := g.key("git.acme-corp.com", login{user: "jdoe", secret: model.NewSecret("value")})
	first, _ := entered(g, k)
	g.accept(first, []credentialKey{k})
	g.leave(first, map[credentialKey][]outcome{k: {outcomeRejected}}, &model.Problem{Code: "cred.rejected"}, false)
	second, ok := entered(g, k)
	if !ok || second.tries[k] != maxRejections-1 {
		t.Fatalf("after one rejection: %v, %+v", ok, second)
	}
	if _, ok := entered(g, k); ok {
		t.Error("a third test is let through with one try left")
	}
}

func TestAnotherTestsCredentialIsNotAcceptedAlong(t *testing.T) {
	t.Parallel()
	g := newGate()
	mine := g.key("git.acme-corp.com", login{user: "jdoe", secret: model.NewSecret("mine")})
	theirs := g.key("git.acme-corp.com", login{user: "jdoe", secret: model.NewSecret("theirs")})
	first, _ := entered(g, mine)
	if _, ok := entered(g, theirs); !ok {
		t.Fatal("another secret waits")
	}
	g.accept(first, []credentialKey{mine, theirs})
	if _, ok := entered(g, theirs); ok {
		t.Error("a credential the test does not hold was accepted")
	}
}

// TestBothChannelsMustHaveTakenTheCredential goes through what the checks of a test
// say, in either order.
func TestBothChannelsMustHaveTakenTheCredential(t *testing.T) {
	t.Parallel()
	pass := func(id string) func(*stream) {
		return func(s *stream) { s.start(id); s.end(id, model.CheckPass, "", "") }
	}
	fail := func(id string) func(*stream) {
		return func(s *stream) { s.start(id); s.end(id, model.CheckFail, "", "") }
	}
	early := func(s *stream) { s.start(checkREST); s.signedIn() }
	for name, tc := range map[string]struct {
		steps []func(*stream)
		want  int
	}{
		"git, then REST":            {[]func(*stream){pass(checkGit), pass(checkREST)}, 1},
		"REST, then git":            {[]func(*stream){pass(checkREST), pass(checkGit)}, 1},
		"REST's first answer":       {[]func(*stream){pass(checkGit), early}, 1},
		"REST's first, then git":    {[]func(*stream){early, pass(checkGit), pass(checkREST)}, 1},
		"git alone":                 {[]func(*stream){pass(checkGit), pass(checkRepository)}, 0},
		"REST alone":                {[]func(*stream){early, pass(checkREST), pass(checkScopes)}, 0},
		"git, and REST refuses":     {[]func(*stream){pass(checkGit), fail(checkREST)}, 0},
		"REST, and git refuses":     {[]func(*stream){fail(checkGit), early, pass(checkREST)}, 0},
		"the connection is no sign": {[]func(*stream){pass(checkReach), pass(checkTLS)}, 0},
	} {
		proved, heard := 0, 0
		plan := []model.Check{{ID: checkReach}, {ID: checkTLS}, {ID: checkGit}, {ID: checkREST}, {ID: checkRepository}, {ID: checkScopes}}
		s := newStream(time.Now, func(c model.Check) {
			if c.Accepted {
				heard++
			}
		}, plan)
		s.proved = func() { proved++ }
		for _, step := range tc.steps {
			step(s)
		}
		if proved != tc.want || (heard > 0) != (tc.want > 0) {
			t.Errorf("%s: proved %d times, told %d times, want %d", name, proved, heard, tc.want)
		}
	}
}
