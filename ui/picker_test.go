package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"
)

func homeRows() []Row {
	return []Row{
		{ID: "ledger", Cells: []string{"Payments ledger", "acme/ledger", "API token", "✓ 2 h ago", "364 d"}, Search: "team:pay"},
		{ID: "gateway", Cells: []string{"Payments gateway", "PAY/gateway  git.acme", "HTTP token", "✓ today", "–"}},
		{ID: "payroll", Cells: []string{"Payroll", "acme (account)", "App Password", "✗ stopped working", ""}},
		{ID: "ppu", Cells: []string{"Pay-per-use", "acme/ppu", "API token", "! 9 d left", ""}},
		{ID: "gate", Cells: []string{"über-gåte", "acme/gåte", "SSH key", "– never tested", ""}},
	}
}

func homeColumns() []Column {
	return []Column{{Min: 14}, {Min: 10, Drop: 1}, {Min: 9, Drop: 2}, {Min: 10}, {Right: true, Drop: 3}}
}

func newTestPicker(rows []Row) *Picker {
	p := NewPicker(NewEnv(context.Background(), plain(), nil), homeColumns())
	p.SetRows(rows)
	return p
}

// pick gives keys to a picker and runs what it does in the background at once.
func pick(p *Picker, keys ...tea.KeyMsg) (last PickerEvent) {
	for _, k := range keys {
		event, cmd := p.Update(k)
		last = settlePicker(p, event, cmd)
	}
	return last
}

func settlePicker(p *Picker, event PickerEvent, cmd tea.Cmd) PickerEvent {
	if cmd == nil {
		return event
	}
	reply, ok := cmd().(Reply)
	if !ok {
		return event
	}
	if msg, _, current := reply.Open(); current {
		event, _ = p.Update(msg)
	}
	return event
}

func ids(rows []Row) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.ID
	}
	return out
}

func TestLettersFindRowsAndAnEmptyFilterShowsAll(t *testing.T) {
	t.Parallel()
	for query, want := range map[string][]string{
		"":             {"ledger", "gateway", "payroll", "ppu", "gate"},
		"pgw":          {"gateway"},
		"LEDGER":       {"ledger"},
		"token acme":   {"ledger", "gateway", "ppu"},
		"acme payroll": {"payroll"},
		"team":         {"ledger", "gate", "gateway"},
		"gateway":      {"gateway"},
		"gåte":         {"gate"},
		"nothing":      {},
		"   ":          {"ledger", "gateway", "payroll", "ppu", "gate"},
	} {
		p := newTestPicker(homeRows())
		pick(p, press("/"))
		pick(p, typed(query)...)
		got := ids(p.Shown())
		if query == "token acme" {
			slices.Sort(got)
			want = slices.Sorted(slices.Values(want))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q finds %v, want %v", query, got, want)
		}
		within(t, p.View(60, 8), 60, 8)
	}
}

func TestTheSelectionFollowsItsRow(t *testing.T) {
	t.Parallel()
	p := newTestPicker(homeRows())
	pick(p, press("down"))
	rows := homeRows()[:4]
	slices.Reverse(rows)
	p.SetRows(rows)
	if row, ok := p.Selected(); !ok || row.ID != "gateway" {
		t.Errorf("after rows were turned round, the selection is %q", row.ID)
	}
	p.Select("payroll")
	rows = homeRows()
	slices.Reverse(rows)
	p.SetRows(rows)
	if row, ok := p.Selected(); !ok || row.ID != "payroll" {
		t.Errorf("after sorting, the selection is %q", row.ID)
	}
	pick(p, press("/"), press("l"), press("e"), press("d"))
	if row, _ := p.Selected(); row.ID != "ledger" {
		t.Errorf("the best match is not selected but %q", row.ID)
	}
	pick(p, press("esc"))
	if row, _ := p.Selected(); row.ID != "ledger" || p.Filtering() || p.Filter() != "" {
		t.Errorf("clearing the filter went to %q", row.ID)
	}
	p.SetRows(rows[:1])
	if row, _ := p.Selected(); row.ID != rows[0].ID {
		t.Errorf("after its row went, the selection is %q", row.ID)
	}
	p.SetRows(nil)
	if _, ok := p.Selected(); ok || pick(p, press("enter")) == PickerChosen {
		t.Error("an empty list has a selection")
	}
	if !strings.Contains(p.View(60, 5), "Nothing here yet.") {
		t.Error("an empty list says nothing")
	}
}

func TestLetterKeysAreFreeAgainOnceTheFilterIsKept(t *testing.T) {
	t.Parallel()
	p := newTestPicker(homeRows())
	pick(p, press("/"), press("p"), press("a"), press("y"), press("r"))
	if !p.Filtering() || pick(p, press("tab")) != PickerMoved || p.Filtering() {
		t.Error("tab does not close the filter")
	}
	if pick(p, press("t")) != PickerIgnored || p.Filter() != "payr" {
		t.Error("a letter still goes into the filter")
	}
	if pick(p, press("enter")) != PickerChosen {
		t.Error("enter does not choose")
	}
	if pick(p, press("esc")) != PickerMoved || p.Len() != 5 || pick(p, press("esc")) != PickerIgnored {
		t.Error("esc does not unwind one layer at a time")
	}
}

func TestAPickerWithoutLetterKeysIsAlwaysOpenToTyping(t *testing.T) {
	t.Parallel()
	p := newTestPicker(homeRows())
	p.Always = true
	if pick(p, tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("end")}) != PickerMoved || p.Filter() != "end" {
		t.Errorf("typing gives the filter %q", p.Filter())
	}
	pick(p, press("esc"))
	pick(p, paste("payroll\n"))
	if row, _ := p.Selected(); row.ID != "payroll" || p.Filter() != "payroll" {
		t.Errorf("a paste finds %q with %q", row.ID, p.Filter())
	}
	pick(p, press("esc"))
	if pick(p, press("esc")) != PickerIgnored {
		t.Error("esc in an empty filter is not given back")
	}
}

func TestMatchedLettersAreMarkedByRuneNotByByte(t *testing.T) {
	t.Parallel()
	p := NewPicker(NewEnv(context.Background(), NewTheme(NoColour, termenv.ANSI), nil), homeColumns())
	p.SetRows(homeRows())
	pick(p, append([]tea.KeyMsg{press("/")}, typed("gå")...)...)
	view := p.View(80, 6)
	if !strings.Contains(ansi.Strip(view), "über-gåte") || strings.ContainsRune(view, '\uFFFD') {
		t.Errorf("the marked row is broken: %q", view)
	}
	hit, rest := func(s ...string) string { return "<" + s[0] + ">" }, func(s ...string) string { return s[0] }
	if got := styled("über-gåte", matchedBytes("gå", "über-gåte"), hit, rest); got != "über-<g><å>te" {
		t.Errorf("marked as %q", got)
	}
}

func TestRowsAreDrawnInColumnsThatFit(t *testing.T) {
	t.Parallel()
	for _, size := range sizes() {
		p := newTestPicker(homeRows())
		view := p.View(size[0], 8)
		within(t, view, size[0], 8)
		golden(t, sizeName("picker", size), view)
		pick(p, press("/"), press("p"), press("a"))
		golden(t, sizeName("picker_filter", size), p.View(size[0], 8))
	}
	p := NewPicker(NewEnv(context.Background(), plain(), nil), []Column{{Title: "Name"}, {Title: "Days", Right: true}})
	p.SetRows([]Row{{ID: "a", Cells: []string{"Payments\x1b[31m", "9", "surplus"}}, {ID: "b", Cells: []string{"x"}}})
	if got := p.View(40, 5); !strings.HasPrefix(got, "   Name") || !strings.Contains(got, " › Payments[31m      9\n   x") {
		t.Errorf("drawn as\n%s", got)
	}
}

// What a row is known by was cut in the middle, beside an address cut at the host.
func TestTheNameOfARowIsCutLast(t *testing.T) {
	t.Parallel()
	columns := []Column{{Title: "Name", Min: 8, Keep: 16}, {Title: "Points to", Min: 10}, {Title: "Test", Min: 8}}
	row := Row{ID: "a", Cells: []string{"Ledger on premises", "PAY/ledger  git.acme.com", "✓ 2 h ago"}}
	for room, want := range map[int]string{
		70: "Ledger on premises   PAY/ledger  git.acme.com   ✓ 2 h ago",
		50: "Ledger on premi…   PAY/ledger  git…   ✓ 2 h ago",
		44: "Ledger on premi…   PAY/ledge…   ✓ 2 h ago",
		38: "Ledger on …   PAY/ledge…   ✓ 2 h a…",
	} {
		p := NewPicker(NewEnv(context.Background(), plain(), nil), columns)
		p.SetRows([]Row{row})
		view := p.View(room, 4)
		within(t, view, room, 4)
		if got := strings.TrimPrefix(strings.Split(view, "\n")[1], " › "); got != want {
			t.Errorf("%d columns: %q\n   instead of %q", room, got, want)
		}
	}
}

// manyRows makes n rows that differ.
func manyRows(n int) []Row {
	rows := make([]Row, n)
	for i := range rows {
		rows[i] = Row{
			ID:     fmt.Sprint(i),
			Cells:  []string{fmt.Sprintf("Payments service %05d", i), fmt.Sprintf("acme/team%d/ledger%d", i%97, i), "API token", "✓ today", fmt.Sprintf("%d d", i%365)},
			Search: fmt.Sprintf("tag%d", i%13),
		}
	}
	return rows
}

func TestManyRowsAreMatchedInTheBackground(t *testing.T) {
	t.Parallel()
	p := newTestPicker(manyRows(6000))
	pick(p, press("/"))
	_, first := p.Update(press("4"))
	if first == nil || !p.waiting || p.Len() != 6000 {
		t.Fatal("a long list was matched while the key waited, or vanished meanwhile")
	}
	_, second := p.Update(press("2"))
	stale := first().(Reply)
	if _, _, current := stale.Open(); current {
		t.Error("the answer for the older filter is still taken")
	}
	if got := pick(p, press("enter")); got != PickerMoved {
		t.Errorf("enter before the answer gives event %d", got)
	}
	if got := settlePicker(p, PickerIgnored, second); got != PickerChosen {
		t.Errorf("enter typed ahead was lost: event %d", got)
	}
	if row, ok := p.Selected(); !ok || !strings.Contains(searchText(row), "4") {
		t.Errorf("chosen is %v", row)
	}
}

func TestANarrowedResultIsWhatAFreshSearchWouldFind(t *testing.T) {
	t.Parallel()
	rows := manyRows(1200)
	for _, query := range []string{"pay7", "acme 42 t", "tag1 99", "led 1 2 3", "zzz"} {
		grown := newTestPicker(rows)
		pick(grown, press("/"))
		pick(grown, typed(query)...)
		at := newTestPicker(rows)
		pick(at, press("/"), paste(query))
		if !slices.Equal(ids(grown.Shown()), ids(at.Shown())) {
			t.Errorf("%q: typed finds %d rows, at once %d", query, grown.Len(), at.Len())
		}
	}
}

func TestMovingInTheFilterKeepsTheSelectionAndTakingALetterBackReturns(t *testing.T) {
	t.Parallel()
	p := newTestPicker(manyRows(5000))
	pick(p, press("/"))
	pick(p, typed("led4")...)
	before := ids(p.Shown())
	pick(p, press("down"), press("left"), press("right"))
	if row, _ := p.Selected(); row.ID != before[1] {
		t.Errorf("moving in the filter selected %q", row.ID)
	}
	pick(p, press("2"))
	_, cmd := p.Update(press("backspace"))
	if cmd != nil || !slices.Equal(ids(p.Shown()), before) {
		t.Error("taking a letter back looked for everything again, or found something else")
	}
	_, slow := p.Update(press("backspace"))
	if slow != nil || p.waiting {
		t.Error("a result that is known was looked for again")
	}
}

func TestAMatchStopsWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p := newTestPicker(manyRows(10))
	if got := findMatches(ctx, p.index, nil, "pay"); got.best != nil {
		t.Errorf("an ended match found %d rows", len(got.best))
	}
}

func TestTheSelectionStaysInSightInAListOfAnyLength(t *testing.T) {
	t.Parallel()
	p := newTestPicker(manyRows(200))
	keys := []string{"pgdown", "down", "end", "up", "pgup", "home", "G", "g", "j", "k"}
	for i := range 60 {
		pick(p, press(keys[i%len(keys)]))
		view := p.View(120, 7)
		if row, _ := p.Selected(); !strings.Contains(view, "› ") || !strings.Contains(view, row.Cells[0][len(row.Cells[0])-5:]) {
			t.Fatalf("the selection %s is out of sight in\n%s", row.ID, view)
		}
	}
}

func TestThePickersKeysAreTrueInEveryState(t *testing.T) {
	t.Parallel()
	names := func(p *Picker) string {
		var out []string
		for _, k := range p.Keys() {
			if !k.Quiet {
				out = append(out, k.Name())
			}
		}
		return strings.Join(out, " ")
	}
	p := newTestPicker(homeRows())
	for _, c := range []struct{ key, want string }{
		{"j", "enter /"}, {"/", "enter ↑/↓ tab esc"}, {"p", "enter ↑/↓ tab esc"}, {"tab", "enter / esc"}, {"esc", "enter /"},
	} {
		pick(p, press(c.key))
		if got := names(p); got != c.want {
			t.Errorf("after %s the keys are %q, want %q", c.key, got, c.want)
		}
	}
	p.Always = true
	if got := names(p); got != "enter ↑/↓" {
		t.Errorf("a picker that is always open to typing has %q", got)
	}
}
