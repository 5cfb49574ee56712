package cmd

import (
	"strings"
	"testing"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

func TestALiveLineKeepsOutOfTheWayOfLinesAndQuestions(t *testing.T) {
	t.Parallel()
	out := &safeBuffer{}
	l := newLiveLine(out, func() int { return 10 }, func() string { return "running a long time" })
	l.update(func() {})
	if got := out.String(); !strings.HasPrefix(got, "\rrunning …\x1b[K") {
		t.Errorf("cut to %q", got)
	}
	l.print(func() {}, "one")
	if got := out.String(); !strings.Contains(got, "\r\x1b[Kone\n\rrunning …") {
		t.Errorf("a line above it: %q", got)
	}
	l.hold(true)
	held := out.String()
	l.update(func() {})
	if got := out.String(); got != held || !strings.HasSuffix(got, "\r\x1b[K") {
		t.Errorf("held: %q", got)
	}
	l.hold(false)
	l.close()
	if got := out.String(); !strings.HasSuffix(got, "\r\x1b[K") || got == held {
		t.Errorf("at the end: %q", got)
	}
}

func TestAQuestionHoldsWhatIsDrawn(t *testing.T) {
	t.Parallel()
	out := &safeBuffer{}
	a := newTestApp(strings.NewReader("the value\n"), out, out)
	a.errWidth, a.askLines = func() int { return 80 }, true
	_, done := a.drawing(func() string { return "busy" })
	v, err := flow.Ask(a.asking(t.Context()), flow.Question{Name: model.SecretName("account/x")})
	done()
	if err != nil || v.Reveal() != "the value" {
		t.Fatalf("got %v", err)
	}
	asked := strings.Index(out.String(), "Value of account.x")
	if rest, _, _ := strings.Cut(out.String()[asked:], "\n"); strings.Contains(rest, "busy") {
		t.Errorf("drawn over the question: %q", out.String())
	}
}

func TestAPlannedCheckIsNoLineUntilItHasEnded(t *testing.T) {
	t.Parallel()
	for name, plain := range map[string]bool{"drawn in place": false, "line by line": true} {
		out := &safeBuffer{}
		a := newTestApp(strings.NewReader(""), out, out)
		a.errWidth = func() int { return 80 }
		a.plain = plain
		report, done := a.watchChecks()
		report(model.Check{ID: "git", Title: "Read the repository", Status: model.CheckPending})
		if got := out.String(); strings.Contains(got, "Read the repository") {
			t.Errorf("%s: planned as %q", name, got)
		}
		report(model.Check{ID: "git", Title: "Read the repository", Status: model.CheckPass})
		done()
		if got := out.String(); strings.Count(got, "Read the repository") != 1 {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestACheckThatIsReportedOnceMoreWithItsCauseIsSaidOnce(t *testing.T) {
	t.Parallel()
	for name, plain := range map[string]bool{"drawn in place": false, "line by line": true} {
		out := &safeBuffer{}
		a := newTestApp(strings.NewReader(""), out, out)
		a.errWidth = func() int { return 80 }
		a.plain = plain
		report, done := a.watchChecks()
		failed := model.Check{ID: "reach", Title: "Reach bitbucket.org", Status: model.CheckFail}
		report(failed)
		failed.Problem = &model.Problem{Code: "net.dns", What: "There is no host."}
		report(failed)
		warned := model.Check{ID: "scopes", Title: "Scopes", Status: model.CheckPass}
		report(warned)
		warned.Status = model.CheckWarn
		report(warned)
		done()
		// In place the first end was drawn already; line by line only the last one counts.
		ends := map[bool]int{false: 2, true: 1}[plain]
		if got := out.String(); strings.Count(got, "Reach bitbucket.org") != 1 || strings.Count(got, "Scopes") != ends {
			t.Errorf("%s: %q", name, got)
		}
	}
}
