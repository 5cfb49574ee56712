package flow

import (
	"fmt"
	"strings"
	"testing"

	"bbconnect/model"
)

// whole runs a migration to its end; dead is the error of a killed process.
func whole(t *testing.T, w *ward) error {
	plan, err := w.jobs().PlanMigration(t.Context(), nil, nil)
	if err != nil {
		return err
	}
	m, err := w.jobs().BeginMigration(t.Context(), plan, all(plan), nil)
	if err != nil {
		return err
	}
	defer m.Close()
	return onward(t, m)
}

func onward(t *testing.T, m *Migrating) error {
	if err := m.Test(t.Context(), Many{}, nil, nil); err != nil {
		return err
	}
	return m.Apply(t.Context(), nil)
}

// TestAMigrationKilledAtAnyStepGoesOnOrGoesBack kills the process at every call of a
// port there is, one after the other: whatever is left then, going on ends with
// everything migrated, and going back with everything as it was. Going back is
// killed at every call as well.
func TestAMigrationKilledAtAnyStepGoesOnOrGoesBack(t *testing.T) {
	t.Parallel()
	start := incident(t)
	start.connectors["ledger"] = func() model.Saved {
		s := start.connectors["ledger"]
		s.LastTest = &model.TestRecord{Verdict: model.VerdictFail, At: testNow.AddDate(0, 0, -1), Code: "cred.app-password-retired"}
		return s
	}()
	done := start.copied()
	if err := whole(t, done); err != nil {
		t.Fatal(err)
	}
	before, after := start.snapshot(), done.snapshot()
	steps := 0
	for n := 1; ; n++ {
		w := start.copied()
		w.dies = n
		if whole(t, w) == nil && w.calls < n {
			break
		}
		steps++
		left := w.copied()
		onwardFrom(t, left, fmt.Sprintf("killed at call %d", n), before, after)
		backFrom(t, w, fmt.Sprintf("killed at call %d", n), before)
	}
	if steps < 80 {
		t.Errorf("only %d steps: the migration does less than it should", steps)
	}
	t.Logf("killed at %d calls", steps)
}

// onwardFrom goes on after a kill. A value that was not stored by then cannot be
// gone on with; going back works.
func onwardFrom(t *testing.T, w *ward, when, before, after string) {
	t.Helper()
	m, err := w.jobs().ResumeMigration(t.Context())
	if err != nil {
		if w.snapshot() != before {
			t.Errorf("%s: nothing to resume (%v), and yet\n%s", when, err, diff(before, w.snapshot()))
		}
		return
	}
	defer m.Close()
	if err := onward(t, m); err != nil {
		if p, ok := model.AsProblem(err); ok && p.Code == "cred.missing" && strings.Contains(p.Fix, "--undo") {
			if err := m.Undo(t.Context(), nil); err != nil || w.snapshot() != before {
				t.Errorf("%s: going back: %v\n%s", when, err, diff(before, w.snapshot()))
			}
			return
		}
		t.Errorf("%s: going on: %v", when, err)
		return
	}
	if w.snapshot() != after {
		t.Errorf("%s: gone on, but not migrated:\n%s", when, diff(after, w.snapshot()))
	}
	if err := m.Confirm(t.Context(), nil); err != nil || strings.Contains(w.snapshot(), "__") {
		t.Errorf("%s: confirming: %v\n%s", when, err, w.snapshot())
	}
}

// backFrom goes back after a kill, and is killed itself at every third call on the
// way, a different third for each kill before it.
func backFrom(t *testing.T, w *ward, when, before string) {
	t.Helper()
	for n := 1 + w.dies%3; ; n += 3 {
		again := w.copied()
		again.dies = n
		m, err := again.jobs().ResumeMigration(t.Context())
		if err == nil {
			err = m.Undo(t.Context(), nil)
		}
		if err == nil || again.calls < n {
			if again.snapshot() != before {
				t.Errorf("%s, going back: %v\n%s", when, err, diff(before, again.snapshot()))
			}
			return
		}
		last := again.copied()
		m, err = last.jobs().ResumeMigration(t.Context())
		if err == nil {
			err = m.Undo(t.Context(), nil)
		}
		if last.snapshot() != before || last.journal != nil {
			t.Errorf("%s, going back killed at call %d, going back again: %v\n%s", when, n, err, diff(before, last.snapshot()))
			return
		}
	}
}

// diff are the lines that are not in both.
func diff(want, got string) string {
	var b strings.Builder
	a, c := strings.Split(want, "\n"), strings.Split(got, "\n")
	for _, line := range a {
		if !contains(c, line) {
			b.WriteString("- " + line + "\n")
		}
	}
	for _, line := range c {
		if !contains(a, line) {
			b.WriteString("+ " + line + "\n")
		}
	}
	return b.String()
}

func contains(lines []string, line string) bool {
	for _, l := range lines {
		if l == line {
			return true
		}
	}
	return false
}
