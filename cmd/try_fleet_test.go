package cmd

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"bbconnect/internal/sandbox"
	"bbconnect/model"
)

// tryFleet is try --fleet as far as the screens, in an environment.
func tryFleet(t *testing.T, env map[string]string) (*app, *sandbox.Sandbox) {
	t.Helper()
	a := newTestApp(strings.NewReader(""), io.Discard, &bytes.Buffer{})
	a.getenv = func(name string) string { return env[name] }
	seed, err := a.stopClock()
	if err != nil {
		t.Fatal(err)
	}
	box, err := sandbox.Start(t.Context(), sandbox.Options{Seed: seed, Now: a.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	home := t.TempDir()
	a.wireTry(box, home)
	key, err := a.jobs.Keys.Generate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.prepareTry(box, home, key); err != nil {
		t.Fatal(err)
	}
	if err := a.fillFleet(t.Context(), box, key); err != nil {
		t.Fatal(err)
	}
	return a, box
}

// What the fleet remembers of its last tests must be what a test finds, or the
// first thing somebody tries would contradict the list.
func TestTheFleetFailsWhereItSaysItHasFailed(t *testing.T) {
	t.Parallel()
	a, _ := tryFleet(t, nil)
	all, damaged, err := a.store.List(t.Context())
	if err != nil || len(all) != 10 || len(damaged) != 0 {
		t.Fatalf("%d connectors, %d damaged, %v", len(all), len(damaged), err)
	}
	if change, there, err := a.store.LastChange(t.Context()); there || err != nil {
		t.Errorf("undo would take %s back, which nobody made (%v)", change.Name, err)
	}
	failing := 0
	for _, s := range all {
		c := s.Connector
		if fs := model.ValidateConnector(c, model.World{Now: a.now()}); fs.HasErrors() && s.LastTest == nil {
			t.Errorf("%s is no sound connector: %v", c.Name, fs)
		}
		result, err := a.jobs.TestSaved(t.Context(), c.Key(), nil, nil, nil)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		if result.Verdict == model.VerdictFail {
			failing++
		}
		if s.LastTest == nil {
			continue
		}
		code, what := "", ""
		if p := result.Problem; p != nil {
			code, what = p.Code, p.What
		}
		if was := *s.LastTest; was.Verdict != result.Verdict || was.Code != code || was.What != what {
			t.Errorf("%s is remembered with %q and is %s %s %q", c.Name, was, result.Verdict, code, what)
		}
	}
	if failing != 3 {
		t.Errorf("%d of the fleet fail, want the two with App Passwords and the one whose token has ended", failing)
	}
}

func TestTheClockOfTryStandsWhereTheEnvironmentSays(t *testing.T) {
	t.Parallel()
	env := map[string]string{clockVariable: "2031-05-06T07:08:09Z"}
	a, first := tryFleet(t, env)
	want := time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
	if !a.now().Equal(want) || !a.jobs.Now().Equal(want) {
		t.Errorf("it is %v", a.now())
	}
	if id, err := a.store.SaveDraft(t.Context(), model.NewDraft().With(model.QName, "Later")); err != nil || id == "" {
		t.Fatal(err)
	}
	drafts, err := a.store.Drafts(t.Context())
	if err != nil || len(drafts) != 1 || !drafts[0].SavedAt.Equal(want) {
		t.Errorf("the draft is dated %+v (%v)", drafts, err)
	}
	_, second := tryFleet(t, env)
	if first.Secret(sandbox.TokenAPI) != second.Secret(sandbox.TokenAPI) || !bytes.Equal(first.CAPEM(), second.CAPEM()) {
		t.Error("two runs with a stopped clock have different tokens or authorities")
	}
	_, other := tryFleet(t, nil)
	if first.Secret(sandbox.TokenAPI) == other.Secret(sandbox.TokenAPI) {
		t.Error("a run with a clock that goes has the tokens of the pictures")
	}
}

func TestAClockThatIsNoMomentIsRefusedAndNothingIsStarted(t *testing.T) {
	t.Parallel()
	a := newTestApp(strings.NewReader(""), io.Discard, io.Discard)
	a.getenv = func(string) string { return "yesterday" }
	err := a.runTry(t.Context(), sandbox.Healthy, true)
	if _, wrong := err.(usageError); !wrong || !strings.Contains(err.Error(), clockVariable) {
		t.Errorf("%v", err)
	}
}
