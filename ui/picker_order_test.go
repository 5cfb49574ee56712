package ui

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

// sortedPicker has a column of text and one of numbers that can be sorted by,
// and one that cannot.
func sortedPicker(rows []Row) *Picker {
	p := NewPicker(NewEnv(context.Background(), plain(), nil), []Column{
		{Title: "Name", Min: 8, Sort: ByText}, {Title: "Note", Min: 4}, {Title: "Days", Right: true, Sort: ByNumber},
	})
	p.SetRows(rows)
	return p
}

func daysRow(id, name string, days int64) Row {
	cell := fmt.Sprintf("%d d", days)
	if days == NoNumber {
		cell = "–"
	}
	return Row{ID: id, Cells: []string{name, "x", cell}, Numbers: []int64{0, 0, days}}
}

func daysRows() []Row {
	return []Row{
		daysRow("b", "beta", 20), daysRow("none", "", NoNumber), daysRow("a", "Alpha", 100), daysRow("b2", "Beta", 3),
		{ID: "short", Cells: []string{"gamma"}},
	}
}

// runAll runs what a picker does in the background until nothing is left.
func runAll(p *Picker, cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	msg := cmd()
	if batch, ok := msg.(tea.BatchMsg); ok {
		for _, c := range batch {
			runAll(p, c)
		}
		return
	}
	if reply, ok := msg.(Reply); ok {
		if msg, _, current := reply.Open(); current {
			_, next := p.Update(msg)
			runAll(p, next)
		}
	}
}

func TestRowsAreSortedByAColumnEitherWayRound(t *testing.T) {
	t.Parallel()
	p := sortedPicker(daysRows())
	for _, step := range []struct{ key, heading, want string }{
		{"O", "Name", "b none a b2 short"}, // nothing is sorted, so nothing is turned round
		{"o", "Name ↑", "a b b2 short none"},
		{"O", "Name ↓", "short b b2 a none"},
		{"o", "Days ↑", "b2 b a none short"},
		{"O", "Days ↓", "a b b2 none short"},
		{"o", "Days", "b none a b2 short"},
		{"o", "Name ↑", "a b b2 short none"},
	} {
		pick(p, press(step.key))
		view := p.View(60, 10)
		heading, _, _ := strings.Cut(view, "\n")
		if got := strings.Join(ids(p.Shown()), " "); got != step.want || !strings.Contains(heading, step.heading) {
			t.Errorf("%s gives %s under %q, want %s under %q", step.key, got, heading, step.want, step.heading)
		}
		if !strings.ContainsAny(step.heading, "↑↓") && strings.ContainsAny(heading, "↑↓") {
			t.Errorf("an arrow stands over rows that are as they were given: %q", heading)
		}
		if row, _ := p.Selected(); row.ID != "b" {
			t.Errorf("after %s the selection is %s", step.key, row.ID)
		}
	}
}

func TestTheOrderIsKeptWhenRowsAreSetAnewAndForgottenByLetters(t *testing.T) {
	t.Parallel()
	p := sortedPicker(daysRows())
	pick(p, press("o"), press("O"))
	p.SetRows(append(daysRows(), daysRow("z", "zeta", 1)))
	if column, reverse := p.SortedBy(); column != 0 || !reverse || p.Shown()[0].ID != "z" {
		t.Errorf("after new rows: column %d, reverse %t, first %s", column, reverse, p.Shown()[0].ID)
	}
	pick(p, press("/"), press("b"), press("e"))
	if got := ids(p.Shown()); !slices.Equal(got, []string{"b2", "b"}) { // the shorter one first
		t.Errorf("letters find %v", got)
	}
	if strings.ContainsAny(p.View(60, 9), "↑↓") {
		t.Error("an arrow stands over rows that are best first")
	}
	pick(p, press("tab"))
	if pick(p, press("o")) != PickerIgnored || pick(p, press("O")) != PickerIgnored {
		t.Error("rows that are best first are sorted all the same")
	}
	pick(p, press("esc"))
	if !strings.Contains(p.View(60, 9), "Name ↓") || p.Shown()[0].ID != "z" {
		t.Error("the order is lost after the filter was cleared")
	}
}

func TestAColumnThatCannotBeSortedByLeavesTheRowsAsTheyAre(t *testing.T) {
	t.Parallel()
	p := sortedPicker(daysRows())
	for _, column := range []int{-7, -1, 1, 3, 99} {
		p.SortBy(column, true)
		if got, reverse := p.SortedBy(); got != -1 || reverse || p.Shown()[0].ID != "b" {
			t.Errorf("column %d is sorted by as %d", column, got)
		}
	}
	if got := pick(newTestPicker(homeRows()), press("o")); got != PickerIgnored {
		t.Error("a picker without columns to sort by takes o")
	}
}

func TestManyRowsAreSortedInTheBackgroundAndAsAFewWouldBe(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	rows := make([]Row, sortHere+2000)
	for i := range rows {
		rows[i] = daysRow(fmt.Sprint(i), fmt.Sprint("name ", r.IntN(50)), int64(r.IntN(90)))
		if r.IntN(5) == 0 {
			rows[i].Numbers[2] = NoNumber
		}
	}
	p := sortedPicker(rows)
	_, cmd := p.Update(press("o"))
	if cmd == nil || p.Shown()[0].ID != "0" {
		t.Fatal("many rows were sorted while the key waited")
	}
	runAll(p, cmd)
	for _, reverse := range []bool{false, true} {
		runAll(p, p.SortBy(2, reverse))
		want := slices.Clone(rows)
		slices.SortStableFunc(want, func(a, b Row) int {
			x, y := a.Numbers[2], b.Numbers[2]
			switch {
			case x == y:
				return 0
			case x == NoNumber:
				return 1
			case y == NoNumber:
				return -1
			case (x < y) != reverse:
				return -1
			}
			return 1
		})
		if !slices.Equal(ids(p.Shown()), ids(want)) {
			t.Fatalf("reverse %t: the order differs from a stable sort", reverse)
		}
	}
	runAll(p, p.SetRows(rows[:5000]))
	if p.Len() != 5000 || p.rows[p.row(0)].Numbers[2] != 89 {
		t.Errorf("rows set anew: %d, first has %v", p.Len(), p.rows[p.row(0)].Numbers)
	}
}

func TestAnOrderForOtherRowsIsDropped(t *testing.T) {
	t.Parallel()
	p := sortedPicker(manyRows(sortHere + 1))
	_, cmd := p.Update(press("o"))
	stale := ordered{index: p.index, order: make([]int32, sortHere+1)}
	p.SetRows(daysRows())
	runAll(p, cmd)
	if event, _ := p.Update(stale); event != PickerIgnored || p.Len() != 5 {
		t.Errorf("an order of rows that are gone is taken: event %d", event)
	}
	within(t, p.View(60, 9), 60, 9)
}

// TestTheColumnOfTheOrderIsShown: in a window without room for all columns the one
// that was sorted by stays, so that the order can be understood.
func TestTheColumnOfTheOrderIsShown(t *testing.T) {
	t.Parallel()
	p := NewPicker(NewEnv(context.Background(), plain(), nil), []Column{
		{Title: "Name", Sort: ByText, Min: 10}, {Title: "Place", Sort: ByText, Min: 10, Drop: 1}, {Title: "Ends", Sort: ByNumber, Min: 10, Drop: 2},
	})
	p.SetRows([]Row{{ID: "a", Cells: []string{"a rather long name", "a rather long place", "in a hundred days"}, Numbers: []int64{0, 0, 100}}})
	heading := func() string { return p.View(30, 5) }
	if got := heading(); !strings.Contains(got, "Place") || strings.Contains(got, "Ends") {
		t.Fatalf("unsorted:\n%s", got)
	}
	runAll(p, p.SortBy(2, false))
	if got := heading(); strings.Contains(got, "Place") || !strings.Contains(got, "Ends ↑") {
		t.Errorf("sorted by the end:\n%s", got)
	}
	runAll(p, p.SortBy(0, false))
	if got := heading(); !strings.Contains(got, "Name ↑") || !strings.Contains(got, "Place") {
		t.Errorf("sorted by name:\n%s", got)
	}
}
