package ui

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

const (
	flagPassword uint64 = 1 << iota
	flagFailed
	flagExpiring
)

// flaggedPicker has n rows of which each second has one flag, each third the
// next, each fifth the last.
func flaggedPicker(n int) *Picker {
	p := NewPicker(NewEnv(context.Background(), plain(), nil), homeColumns())
	p.Filters = []QuickFilter{
		{Key: "A", Name: "App Passwords", Flag: flagPassword}, {Key: "F", Name: "failed", Flag: flagFailed}, {Key: "X", Name: "expiring", Flag: flagExpiring},
	}
	p.Multi = true
	rows := manyRows(n)
	for i := range rows {
		for bit, every := range []int{2, 3, 5} {
			if i%every == 0 {
				rows[i].Flags |= 1 << bit
			}
		}
	}
	p.SetRows(rows)
	return p
}

func TestQuickFiltersNarrowTheRowsAndSayTo(t *testing.T) {
	t.Parallel()
	p := flaggedPicker(60)
	for _, step := range []struct {
		key, says string
		shown     int
	}{
		{"A", "App Passwords: 30 of 60", 30},
		{"F", "App Passwords, failed: 10 of 60", 10},
		{"X", "App Passwords, failed, expiring: 2 of 60", 2},
		{"A", "failed, expiring: 4 of 60", 4},
		{"esc", "", 60},
		{"F", "failed: 20 of 60", 20},
		{"esc", "", 60},
	} {
		if pick(p, press(step.key)) != PickerMoved || p.Len() != step.shown {
			t.Errorf("%s leaves %d rows, want %d", step.key, p.Len(), step.shown)
		}
		view := p.View(80, 12)
		within(t, view, 80, 12)
		if step.says == "" && strings.Contains(view, " of 60") || !strings.Contains(view, step.says) {
			t.Errorf("after %s the list says\n%s", step.key, view)
		}
	}
	if pick(p, press("esc")) != PickerIgnored {
		t.Error("esc with nothing to take back is not given back")
	}
}

func TestAQuickFilterAndLettersWorkTogetherInEitherOrder(t *testing.T) {
	t.Parallel()
	for _, n := range []int{300, 9000} {
		p := flaggedPicker(n)
		pick(p, press("F"), press("/"))
		pick(p, typed("led7")...)
		first := ids(p.Shown())
		q := flaggedPicker(n)
		pick(q, press("/"))
		pick(q, typed("led7")...)
		pick(q, press("tab"), press("F"))
		if !slices.Equal(first, ids(q.Shown())) || len(first) == 0 {
			t.Fatalf("%d rows: %d one way, %d the other", n, len(first), q.Len())
		}
		for _, r := range q.Shown() {
			if r.Flags&flagFailed == 0 {
				t.Fatalf("row %s did not fail", r.ID)
			}
		}
		within(t, q.View(60, 16), 60, 16)
		pick(q, press("esc"))
		if q.Filter() != "" || q.on == 0 {
			t.Error("esc does not clear the letters first")
		}
	}
}

func TestAQuickFilterThatLeavesNothingSaysTheWayBack(t *testing.T) {
	t.Parallel()
	p := flaggedPicker(60)
	rows := manyRows(3)
	p.SetRows(rows)
	pick(p, press("A"))
	if view := p.View(60, 10); !strings.Contains(view, "App Passwords: 0 of 3") || !strings.Contains(view, "esc shows all") {
		t.Errorf("an empty list says\n%s", view)
	}
	if _, ok := p.Selected(); ok || pick(p, press("enter")) == PickerChosen {
		t.Error("something is selected in an empty list")
	}
	pick(p, press(" "), press("*"))
	if len(p.Marked()) != 0 {
		t.Error("something is marked in an empty list")
	}
}

func TestTheSelectionStaysOnItsRowThroughQuickFilters(t *testing.T) {
	t.Parallel()
	p := flaggedPicker(60)
	p.Select("30")
	pick(p, press("A"), press("F"), press("X"))
	if row, _ := p.Selected(); row.ID != "30" {
		t.Errorf("the selection went to %s", row.ID)
	}
	pick(p, press("esc"), press("esc"), press("esc"))
	if row, _ := p.Selected(); row.ID != "30" || p.Len() != 60 {
		t.Errorf("back in all rows the selection is %s", row.ID)
	}
}

func TestMarksSurviveFiltersAndNewRowsAndAreTakenBackLast(t *testing.T) {
	t.Parallel()
	p := flaggedPicker(20)
	pick(p, press("space"), press("space"))
	if row, _ := p.Selected(); row.ID != "2" || p.MarkNote() != "2 marked" {
		t.Errorf("marking went to %s and says %q", row.ID, p.MarkNote())
	}
	if got := strings.Count(p.View(80, 12), markSign); got != 2 {
		t.Errorf("%d marks are drawn", got)
	}
	pick(p, press("F"))
	if got := p.MarkNote(); got != "2 marked, 1 not shown" {
		t.Errorf("with a filter it says %q", got)
	}
	pick(p, press("*"))
	if got := ids(p.Marked()); !slices.Equal(got, []string{"0", "1", "3", "6", "9", "12", "15", "18"}) {
		t.Errorf("marked are %v", got)
	}
	pick(p, press("*"))
	if got := ids(p.Marked()); !slices.Equal(got, []string{"1"}) {
		t.Errorf("after unmarking all shown: %v", got)
	}
	pick(p, press("esc"))
	if p.on != 0 || len(p.Marked()) != 1 {
		t.Error("esc takes the marks before the filter")
	}
	rows := manyRows(20)
	p.SetRows(append(rows[:1:1], rows[2:]...))
	if len(p.Marked()) != 0 || p.MarkNote() != "" {
		t.Error("a row that is gone is still marked")
	}
	pick(p, press("space"))
	if pick(p, press("esc")) != PickerMoved || len(p.Marked()) != 0 {
		t.Error("esc does not unmark")
	}
}

func TestMarkingIsOffUnlessAskedForAndABlankIsALetterInTheFilter(t *testing.T) {
	t.Parallel()
	p := newTestPicker(homeRows())
	if pick(p, press("space")) != PickerIgnored || pick(p, press("*")) != PickerIgnored || p.Marked() != nil {
		t.Error("a plain picker marks rows")
	}
	p = flaggedPicker(5)
	pick(p, press("/"), press("a"), press("space"), press("*"), press("A"))
	if p.Filter() != "a *A" || p.Marked() != nil || p.on != 0 {
		t.Errorf("the filter holds %q", p.Filter())
	}
}

// TestEveryKeyThatDoesSomethingIsListed presses every key there is, in random
// states: one that is taken must be in Keys, and one in Keys must be taken.
func TestEveryKeyThatDoesSomethingIsListed(t *testing.T) {
	t.Parallel()
	keys := []string{"enter", "up", "down", "pgup", "pgdown", "home", "end", "/", "esc", "k", "j", "g", "G", "o", "O", "A", "F", "X", " ", "*", "tab", "q", "d"}
	r := rand.New(rand.NewPCG(5, 6))
	for round := range 300 {
		p := flaggedPicker(30)
		if round%2 == 0 {
			p.columns[0].Sort = ByText
		}
		p.Multi = round%3 == 0
		for range r.IntN(6) {
			pick(p, press(keys[r.IntN(len(keys))]))
		}
		if p.Filtering() {
			continue // then letters are letters
		}
		name := keys[r.IntN(len(keys))]
		msg, _ := keyNamed(name)
		listed := lists(p.Keys(), msg)
		taken := pick(p, msg) != PickerIgnored
		if listed != taken {
			t.Fatalf("round %d: %q is listed %t and taken %t", round, name, listed, taken)
		}
	}
}

func TestDetailsStandBesideTheRowsWhenThereIsRoom(t *testing.T) {
	t.Parallel()
	p := newTestPicker(homeRows())
	p.Detail = func(r Row) []string {
		return []string{"About " + r.ID, "", "✗ It failed because of a reason that is too long for one line of the pane", "\x1b[31mhostile", strings.Repeat("x", 200)}
	}
	for w := 60; w < 200; w += 7 {
		for _, h := range []int{3, 16, 40} {
			view := p.View(w, h)
			within(t, view, w, h)
			if got := strings.Contains(view, "About ledger"); got != (w >= wideFrom) {
				t.Fatalf("%d columns: details are shown %t", w, got)
			}
			if strings.Contains(view, "\x1b") {
				t.Fatal("control characters in the details")
			}
		}
	}
	pick(p, press("down"))
	if view := p.View(120, 10); !strings.Contains(view, "About gateway") || !strings.Contains(view, "✗ It failed") {
		t.Errorf("the details did not follow:\n%s", view)
	}
	golden(t, "picker_details", p.View(120, 12))
	p.SetRows(nil)
	if view := p.View(120, 10); strings.Contains(view, "│") {
		t.Errorf("details of nothing:\n%s", view)
	}
}

func TestAPickerWithEverythingKeepsToItsRoom(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 21))
		p := flaggedPicker(r.IntN(50))
		for c := range p.columns {
			p.columns[c].Title, p.columns[c].Sort = randomText(r, 2), Sort(r.IntN(3))
		}
		text := randomText(r, 30)
		p.Detail = func(Row) []string { return []string{text, "! " + text} }
		for range 30 {
			pick(p, press([]string{"o", "O", "A", "F", "X", " ", "*", "esc", "/", "4", "tab", "down", "pgdown"}[r.IntN(13)]))
			w, h := 20+r.IntN(150), 2+r.IntN(40)
			within(t, p.View(w, h), w, h)
			if fmt.Sprint(p.Len()) != fmt.Sprint(len(p.Shown())) {
				t.Fatal("Len and Shown differ")
			}
		}
	}
}
