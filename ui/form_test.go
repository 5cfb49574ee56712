package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"
)

// threeLines are fields a, b and c; b refuses everything.
func threeLines(s *testScreen) []Field {
	b := s.answer(Field{ID: "b", Kind: Line, Label: "Field b"})
	b.Findings = func(string) []Finding {
		return []Finding{{Severity: Error, Code: "b.invalid", Text: "b is never right."}}
	}
	return []Field{s.answer(Field{ID: "a", Kind: Line, Label: "Field a"}), b, s.answer(Field{ID: "c", Kind: SecretLine, Label: "Field c"})}
}

func TestWhatIsTypedBehindATabLandsBehindTheTab(t *testing.T) {
	t.Parallel()
	form, s := newTestForm(threeLines)
	feed(form, typed("one two\tthree\nfour")...)
	want := map[string]string{"a": "one two", "b": "three", "c": "four"}
	for id, value := range want {
		if s.answers[id] != value {
			t.Errorf("field %s holds %q, want %q", id, s.answers[id], value)
		}
	}
}

func TestAnInvalidFieldHoldsNobody(t *testing.T) {
	t.Parallel()
	form, _ := newTestForm(threeLines)
	form.Jump("b")
	for key, want := range map[string]string{"tab": "c", "shift+tab": "a", "enter": "c", "up": "a", "down": "c"} {
		form.Jump("b")
		feed(form, press("x"), press(key))
		if form.Focused() != want {
			t.Errorf("%s leads from the invalid field to %q, want %q", key, form.Focused(), want)
		}
	}
}

func TestAnErrorIsSaidOnceTheFieldWasLeft(t *testing.T) {
	t.Parallel()
	form, _ := newTestForm(threeLines)
	form.Jump("b")
	feed(form, press("x"))
	if strings.Contains(form.View(80, 20), "never right") {
		t.Error("the error is drawn while the answer is still being typed")
	}
	feed(form, press("tab"))
	if !strings.Contains(form.View(80, 20), "✗ b is never right.") {
		t.Error("the error is not drawn after the field was left")
	}
}

func TestAnErrorInWhatWasPastedIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	form, _ := newTestForm(threeLines)
	form.Jump("b")
	feed(form, paste("x"))
	if !strings.Contains(form.View(80, 20), "never right") {
		t.Error("the error is not drawn after a paste")
	}
}

func TestTheEndsOfAFormLeadToTheStepsBeside(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		at, key string
		want    FormEvent
	}{
		{"c", "tab", FormNext},
		{"c", "enter", FormNext},
		{"a", "shift+tab", FormPrev},
		{"b", "ctrl+n", FormNext},
		{"b", "ctrl+p", FormPrev},
		{"b", "pgdown", FormNext},
		{"b", "pgup", FormPrev},
		{"b", "esc", FormPrev},
		{"a", "up", FormMoved},
		{"c", "down", FormMoved},
		{"a", "ctrl+v", FormPaste},
		{"a", "f1", FormIgnored},
	} {
		form, _ := newTestForm(threeLines)
		form.Jump(c.at)
		if got := feed(form, press(c.key)); got != c.want {
			t.Errorf("%s on %s gives event %d, want %d", c.key, c.at, got, c.want)
		}
	}
}

func TestGoingOnShowsEveryError(t *testing.T) {
	t.Parallel()
	form, _ := newTestForm(threeLines)
	feed(form, press("ctrl+n"))
	if !strings.Contains(form.View(80, 20), "never right") {
		t.Error("the error of a field nobody was in is not drawn after going on")
	}
	if id, ok := form.FirstError(); !ok || id != "b" {
		t.Errorf("the first error is said to be in %q", id)
	}
	if worst, ok := form.Worst(); !ok || worst != Error {
		t.Errorf("the worst severity is %d", worst)
	}
}

func TestCtrlYPutsTheSuggestionInPlace(t *testing.T) {
	t.Parallel()
	form, s := newTestForm(detailsFields)
	feed(form, paste("https://git.acme-corp.com/projects/PAY/repos/ledger/browse"))
	if got := feed(form, press("ctrl+y")); got != FormChanged {
		t.Errorf("accepting gives event %d", got)
	}
	if got := s.answers["url"]; got != "https://git.acme-corp.com/scm/PAY/ledger.git" {
		t.Errorf("the answer is %q", got)
	}
	feed(form, press("X"))
	if got := s.answers["url"]; !strings.HasSuffix(got, "ledger.gitX") {
		t.Errorf("the cursor is not behind what was accepted: %q", got)
	}
}

func TestFoldedFieldsOpenWhenAskedForWhenWrongAndWhenJumpedTo(t *testing.T) {
	t.Parallel()
	wrong := false
	build := func(s *testScreen) []Field {
		deep := s.answer(Field{ID: "deep", Kind: Line, Label: "Deep", Folded: true})
		deep.Findings = func(string) []Finding {
			if wrong {
				return []Finding{{Severity: Error, Code: "deep.invalid", Text: "Deep is wrong."}}
			}
			return nil
		}
		return []Field{deep, s.answer(Field{ID: "top", Kind: Line, Label: "Top"})}
	}
	form, _ := newTestForm(build)
	if view := form.View(80, 10); strings.Contains(view, "Deep") || !strings.Contains(view, "▸ More settings (1)") {
		t.Errorf("folded it is drawn as\n%s", view)
	}
	feed(form, press("tab"), press("enter"))
	if form.Focused() != "deep" {
		t.Errorf("opening leads to %q", form.Focused())
	}
	jumped, _ := newTestForm(build)
	if !jumped.Jump("deep") || jumped.Focused() != "deep" || !strings.Contains(jumped.View(80, 10), "Deep") {
		t.Error("jumping does not open the fold")
	}
	closed, _ := newTestForm(build)
	wrong = true
	closed.Refresh()
	if !strings.Contains(closed.View(80, 10), "Deep") {
		t.Error("an error stays hidden in the fold")
	}
}

func TestLockedFieldsAreShownAndCannotBeReached(t *testing.T) {
	t.Parallel()
	form, s := newTestForm(func(s *testScreen) []Field {
		return []Field{
			s.answer(Field{ID: "id", Kind: Line, Label: "Id", Locked: true}),
			{ID: "where", Kind: Note, Label: "Secrets will be kept in: GNOME keyring"},
			s.answer(Field{ID: "name", Kind: Line, Label: "Name"}),
		}
	})
	s.answers["id"] = "payments"
	form.Refresh()
	if form.Focused() != "name" || form.Jump("id") || form.Jump("where") || form.Jump("nowhere") {
		t.Errorf("focus is on %q, or went where it cannot", form.Focused())
	}
	if view := form.View(80, 10); !strings.Contains(view, "payments   locked") || !strings.Contains(view, "GNOME keyring") {
		t.Errorf("drawn as\n%s", view)
	}
}

func TestAFormWithoutFieldsCanBeLeft(t *testing.T) {
	t.Parallel()
	form, _ := newTestForm(func(*testScreen) []Field { return nil })
	for key, want := range map[string]FormEvent{"enter": FormNext, "tab": FormNext, "esc": FormPrev, "shift+tab": FormPrev, "x": FormIgnored} {
		if got := feed(form, press(key)); got != want {
			t.Errorf("%s gives event %d, want %d", key, got, want)
		}
	}
	form.View(60, 10)
	if form.Capturing() || form.Focused() != "" || !form.Help().Empty() {
		t.Error("it pretends to have a field")
	}
}

func TestTheFieldInFocusAndItsFindingsAreAlwaysInSight(t *testing.T) {
	t.Parallel()
	form, _ := newTestForm(func(s *testScreen) []Field {
		var fields []Field
		for i := range 12 {
			f := s.answer(Field{ID: fmt.Sprint(i), Kind: Line, Label: fmt.Sprintf("Label %d.", i)})
			f.Findings = func(string) []Finding {
				return []Finding{{Severity: Warning, Code: "w", Text: fmt.Sprintf("Warning %d.", i)}}
			}
			fields = append(fields, f)
		}
		return fields
	})
	check := func() {
		t.Helper()
		view := form.View(60, 9)
		within(t, view, 60, 9)
		id := form.Focused()
		if !strings.Contains(view, "Label "+id+".") || !strings.Contains(view, "Warning "+id+".") {
			t.Errorf("field %s is out of sight in\n%s", id, view)
		}
	}
	for range 11 {
		check()
		feed(form, press("tab"))
	}
	for range 11 {
		check()
		feed(form, press("shift+tab"))
	}
	if !strings.Contains(form.View(60, 9), "↓") {
		t.Error("nothing says that there is more below")
	}
}

func TestKeysOfAFieldComeFirstAndFreeKeysAreNamedTruly(t *testing.T) {
	t.Parallel()
	form, _ := newTestForm(func(s *testScreen) []Field {
		text := s.answer(Field{ID: "t", Kind: Text, Label: "T"})
		text.Keys = []Key{{Keys: []string{"ctrl+o"}, Does: "open page", Press: func() (Action, tea.Cmd) { return Back{}, nil }}}
		return []Field{text}
	})
	keys := form.Keys()
	if keys[0].Name() != "ctrl+o" {
		t.Errorf("the first key is %s", keys[0].Name())
	}
	action, _, ok := Press(keys, tea.KeyMsg{Type: tea.KeyCtrlO})
	if _, back := action.(Back); !ok || !back {
		t.Errorf("pressing it gave %v", action)
	}
	if slices.ContainsFunc(keys, func(k Key) bool { return slices.Contains(k.Keys, "enter") && k.Does == "next" }) {
		t.Error("enter is said to go on in a field where it makes a new line")
	}
}

func TestTheAsideStandsBehindTheValue(t *testing.T) {
	t.Parallel()
	form, s := newTestForm(func(s *testScreen) []Field {
		f := s.answer(Field{ID: "expires", Kind: Line, Label: "Expires"})
		f.Aside = func(string) string { return "in 364 days" }
		return []Field{f, s.answer(Field{ID: "x", Kind: Line, Label: "X"})}
	})
	s.answers["expires"] = "2027-11-21"
	form.Refresh()
	for range 2 {
		if view := ansi.Strip(form.View(60, 10)); !strings.Contains(view, "2027-11-21") || !strings.Contains(view, "in 364 days") {
			t.Errorf("drawn as\n%s", view)
		}
		feed(form, press("tab"))
	}
}

// TestALongFindingIsMeasuredAsItIsDrawn: what stands around a form makes room by
// [Form.FocusHeight], so that it has to be what View draws.
func TestALongFindingIsMeasuredAsItIsDrawn(t *testing.T) {
	t.Parallel()
	finding := Finding{Severity: Error, Text: strings.Repeat("a long reason ", 12), Suggestion: "better"}
	form := NewForm(NewTheme(NoColour, termenv.ANSI), func() []Field {
		return []Field{{ID: "a", Kind: Line, Label: "Name", Findings: func(string) []Finding { return []Finding{finding} }}}
	})
	for _, w := range []int{30, 60, 120} {
		drawn := strings.Split(form.View(w, 40), "\n")
		if got := form.FocusHeight(w, 40); got != len(drawn) || got < 4 {
			t.Errorf("%d columns: measured %d lines, drawn are %d", w, got, len(drawn))
		}
	}
}
