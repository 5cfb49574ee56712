package ui

import (
	"context"
	"fmt"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/muesli/termenv"
)

// eightFields is a form as large as the largest step.
func eightFields(s *testScreen) []Field {
	fields := detailsFields(s)
	for i := range 5 {
		fields = append(fields, s.answer(Field{ID: fmt.Sprint("more", i), Kind: Kind(i % 2), Label: "Another question", Example: "an example"}))
	}
	return fields
}

// BenchmarkAKeyInAForm is what one letter costs: Update, the questions asked
// again, and the whole frame drawn.
func BenchmarkAKeyInAForm(b *testing.B) {
	screen := newTestScreen(eightFields)
	screen.answers["urlType"], screen.frame = "Repo", detailsScreen().frame
	shell := NewShell(context.Background(), screen, NewTheme(Dark, termenv.TrueColor), "bbconnect")
	shell.Init()
	shell.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
	keys := []tea.KeyMsg{press("x"), press("backspace")}
	for i := 0; b.Loop(); i++ {
		shell.Update(keys[i%2])
		shell.View()
	}
}

func BenchmarkAPastedKeyInAForm(b *testing.B) {
	key := fakeKey()
	for b.Loop() {
		form, _ := keyForm()
		feed(form, paste(key))
		form.View(80, 20)
	}
}

func benchmarkPicker(b *testing.B, n int, query string) {
	p := newTestPicker(manyRows(n))
	pick(p, press("/"))
	for b.Loop() {
		pick(p, typed(query)...)
		p.View(120, 34)
		for range query {
			pick(p, press("backspace"))
		}
	}
}

// The whole of matching is measured here, also what runs in the background.
func BenchmarkAWordTypedAndTakenBackIn10000Rows(b *testing.B) { benchmarkPicker(b, 10_000, "ledg") }

func BenchmarkAWordTypedAndTakenBackIn100000Rows(b *testing.B) { benchmarkPicker(b, 100_000, "ledg") }

// BenchmarkAKeyInAPickerOf10000Rows is what the person waits for: Update and View.
func BenchmarkAKeyInAPickerOf10000Rows(b *testing.B) {
	p := newTestPicker(manyRows(10_000))
	p.Update(press("/"))
	keys := []tea.KeyMsg{press("p"), press("backspace"), press("down")}
	for i := 0; b.Loop(); i++ {
		p.Update(keys[i%3])
		p.View(120, 34)
	}
}

func BenchmarkSetting10000Rows(b *testing.B) {
	rows := manyRows(10_000)
	p := newTestPicker(nil)
	for b.Loop() {
		p.SetRows(rows)
	}
}

func BenchmarkSetting100000Rows(b *testing.B) {
	rows := manyRows(100_000)
	p := newTestPicker(nil)
	for b.Loop() {
		p.SetRows(rows)
		p.View(120, 34)
	}
}

// BenchmarkPreparing100000Rows is what the first letter waits for when it is
// typed at once.
func BenchmarkPreparing100000Rows(b *testing.B) {
	rows := manyRows(100_000)
	for b.Loop() {
		newIndex(rows).prepare()
	}
}

// benchmarkMatch is one look through rows for a filter, from the beginning.
func benchmarkMatch(b *testing.B, n int, query string) {
	x := newIndex(manyRows(n))
	x.prepare()
	b.ReportAllocs()
	for b.Loop() {
		findMatches(context.Background(), x, nil, query)
	}
}

func BenchmarkOneLetterIn100000Rows(b *testing.B)     { benchmarkMatch(b, 100_000, "p") }
func BenchmarkAWholeWordIn100000Rows(b *testing.B)    { benchmarkMatch(b, 100_000, "ledger") }
func BenchmarkStrewnLettersIn100000Rows(b *testing.B) { benchmarkMatch(b, 100_000, "pvc") }
func BenchmarkTwoWordsIn100000Rows(b *testing.B)      { benchmarkMatch(b, 100_000, "pay 42") }
func BenchmarkSorting10000RowsByText(b *testing.B)    { benchmarkSort(b, sortHere) }
func BenchmarkSorting100000RowsByText(b *testing.B)   { benchmarkSort(b, 100_000) }

func benchmarkSort(b *testing.B, n int) {
	rows := manyRows(n)
	for b.Loop() {
		sortedRows(context.Background(), rows, 1, ByText, true)
	}
}

// BenchmarkABurstIn100000Rows is what is left to do behind the last of seven keys
// that were typed faster than they can be looked for: the older ones are stale
// and end early.
func BenchmarkABurstIn100000Rows(b *testing.B) {
	p := newTestPicker(manyRows(100_000))
	pick(p, press("/"), press("l"), press("backspace")) // the index is there
	for b.Loop() {
		p.past = nil
		var commands []tea.Cmd
		for _, k := range typed("ledger4") {
			_, cmd := p.Update(k)
			commands = append(commands, cmd)
		}
		for _, cmd := range commands {
			runAll(p, cmd)
		}
		p.View(120, 34)
		runAll(p, p.Clear())
		p.Update(press("/"))
	}
}

// BenchmarkAScreenfulOfMatches is drawing alone: what is marked in the rows that
// are in sight.
func BenchmarkAScreenfulOfMatches(b *testing.B) {
	p := newTestPicker(manyRows(10_000))
	pick(p, press("/"))
	pick(p, typed("pay led 4")...)
	for b.Loop() {
		p.View(120, 34)
	}
}
