package ui

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"unicode"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/sahilm/fuzzy"
)

// letters are what random names are made of: of several scripts and widths, with
// forms that differ in length, marks that combine, and pictures of several runes.
var letters = []string{
	"a", "A", "b", "k", "\u212a", "s", "S", "ſ", "ß", "ẞ", "i", "I", "ı", "İ", "ä", "Ä", "é", "e\u0301", "σ", "ς", "Σ", "ж", "Ж", "日", "本", "ש", "ל", "ع",
	"👩\u200d💻", "🙂", "Ⓐ", "ⓐ", "ǆ", "ǅ", "–", "✓", " ", "/", "-", "7", "0",
}

func randomName(r *rand.Rand, n int) string {
	var b strings.Builder
	for range 1 + r.IntN(n) {
		b.WriteString(letters[r.IntN(len(letters))])
	}
	return b.String()
}

// TestWhatIsFoundIsWhatTheMatcherFinds compares the search, with all it passes
// over, with the matcher asked about every row and every word.
func TestWhatIsFoundIsWhatTheMatcherFinds(t *testing.T) {
	t.Parallel()
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 31))
		rows := make([]Row, 200)
		for i := range rows {
			rows[i] = Row{Cells: []string{randomName(r, 9), randomName(r, 5)}, Search: randomName(r, 3)}
		}
		query := randomName(r, 4)
		if len(strings.Fields(query)) == 0 {
			continue
		}
		var want []int32
		for i, row := range rows {
			all := true
			for w := range strings.FieldsSeq(query) {
				all = all && len(fuzzy.FindNoSort(w, []string{searchText(row)})) == 1
			}
			if all {
				want = append(want, int32(i))
			}
		}
		got := findMatches(t.Context(), newIndex(rows), nil, query)
		if !slices.Equal(got.inOrder, want) && len(got.inOrder)+len(want) > 0 {
			t.Fatalf("seed %d: %q finds %v, the matcher %v", seed, query, got.inOrder, want)
		}
		if best := slices.Sorted(slices.Values(got.best)); !slices.Equal(best, got.inOrder) {
			t.Fatalf("seed %d: best first are other rows than in order", seed)
		}
	}
}

func TestFoldingMovesNoByteAndKeepsTheLetter(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		low := foldRune(r)
		if utf8.RuneLen(low) != utf8.RuneLen(r) || !strings.EqualFold(string(low), string(r)) {
			t.Fatalf("%U is folded to %U", r, low)
		}
		bit := runeBit(r)
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			if caseless(r) {
				t.Fatalf("%U has the other form %U", r, f)
			}
			own := maskOf(string(f))
			if own&^oddBit != maskOf(string(r))&^oddBit {
				t.Fatalf("%U and %U have different bits", r, f)
			}
			if foldRune(f) != low && (own&oddBit == 0 || r >= utf8.RuneSelf && bit&oddBit == 0) && f >= utf8.RuneSelf {
				t.Fatalf("%U and %U are folded apart and it is not marked", r, f)
			}
		}
	}
	for _, s := range []string{"", "abc", "ABC xyz 7", "ÄÖÜ ß ẞ İ K", "\xff\xfe", strings.Repeat("Ж", 9)} {
		if got := fold(s); len(got) != len(s) {
			t.Errorf("%q is folded to %q", s, got)
		}
	}
}

func TestTheBestStandsFirstAndOfEqualsTheEarlier(t *testing.T) {
	t.Parallel()
	rows := []Row{
		{ID: "strewn", Cells: []string{"p a y"}},
		{ID: "middle", Cells: []string{"repay"}},
		{ID: "start of a word", Cells: []string{"to-pay"}},
		{ID: "start", Cells: []string{"Pay me"}},
		{ID: "start, longer", Cells: []string{"payments"}},
		{ID: "start, as long", Cells: []string{"PAYMENTS"}},
		{ID: "none", Cells: []string{"p y a"}},
	}
	p := newTestPicker(rows)
	pick(p, append([]tea.KeyMsg{press("/")}, typed("pay")...)...)
	want := []string{"start", "start, longer", "start, as long", "start of a word", "middle", "strewn"}
	if got := ids(p.Shown()); !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
}

func TestAMultitudeOfStrewnRowsIsRatedToo(t *testing.T) {
	t.Parallel()
	rows := make([]Row, 3*ratedRows)
	for i := range rows {
		rows[i] = Row{ID: fmt.Sprint(i), Cells: []string{"p" + strings.Repeat("-", 5+i%40) + "g" + strings.Repeat(".", i%7) + "w"}}
	}
	rows[len(rows)-1].Cells = []string{"p-g-w"}
	rows[len(rows)-2].Cells = []string{"the pgw"}
	got := findMatches(t.Context(), newIndex(rows), nil, "pgw")
	if len(got.best) != len(rows) || int(got.best[0]) != len(rows)-2 || int(got.best[1]) != len(rows)-1 {
		t.Errorf("%d found, first %v", len(got.best), got.best[:2])
	}
	again := findMatches(t.Context(), newIndex(rows), findMatches(t.Context(), newIndex(rows), nil, "pg").inOrder, "pgw")
	if !slices.Equal(got.best, again.best) {
		t.Error("looking through the result for a part gives another order")
	}
}

func TestSortingByScoreIsAStableSort(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(4, 4))
	for _, spread := range []int{1, 3, 5000, 1 << 28} {
		all := make([]hit, 3000)
		for i := range all {
			all[i] = hit{row: int32(i), score: int32(r.IntN(2*spread) - spread)}
		}
		want := slices.Clone(all)
		slices.SortStableFunc(want, func(a, b hit) int { return int(b.score) - int(a.score) })
		if got := byScore(all); !slices.Equal(got, want) {
			t.Errorf("scores from %d to %d are sorted wrongly", -spread, spread)
		}
	}
}

// TestMatchedLettersLieOnLettersWhateverTheScript also draws them, so that no
// style begins between a letter and what combines with it.
func TestMatchedLettersLieOnLettersWhateverTheScript(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(8, 8))
	for range 4000 {
		text, word := randomName(r, 12), strings.ReplaceAll(randomName(r, 3), " ", "")
		if word == "" {
			continue
		}
		hits := matchedBytes(word, text)
		for _, h := range hits {
			if h < 0 || h >= len(text) || !utf8.RuneStart(text[h]) {
				t.Fatalf("%q in %q is marked at byte %d", word, text, h)
			}
		}
		slices.Sort(hits)
		marked := styled(text, hits, func(s ...string) string { return "<" + s[0] + ">" }, func(s ...string) string { return s[0] })
		if plain := strings.NewReplacer("<", "", ">", "").Replace(marked); plain != text {
			t.Fatalf("marking changed %q to %q", text, plain)
		}
		for _, split := range []string{"<\u0301", ">\u0301", "\u200d>", ">\u200d", "<\u200d"} {
			if strings.Contains(marked, split) {
				t.Fatalf("%q in %q tears a letter apart: %q", word, text, marked)
			}
		}
		if (len(hits) > 0) != (len(findMatches(context.Background(), newIndex([]Row{{Search: text}}), nil, word).best) == 1) && line(text) == text {
			t.Fatalf("%q in %q is marked at %v", word, text, hits)
		}
	}
}

func TestWorkInParallelIsDoneOnceAndStopsWithItsContext(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, piece, piece + 1, 9*piece + 7} {
		seen := make([]atomic.Int32, n)
		inParallel(t.Context(), n, func(from, to int) {
			for i := from; i < to; i++ {
				seen[i].Add(1)
			}
		})
		for i := range seen {
			if seen[i].Load() != 1 {
				t.Fatalf("of %d, number %d was done %d times", n, i, seen[i].Load())
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	var begun atomic.Int32
	eachInParallel(ctx, 1000, func(int) { begun.Add(1); cancel() })
	if n := begun.Load(); n == 0 || n > 100 {
		t.Errorf("%d were begun after the context had ended", n)
	}
}

func TestAPanicInParallelWorkReachesTheCaller(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	defer func() {
		if got := recover(); got != broken {
			t.Errorf("recovered %v", got)
		}
	}()
	eachInParallel(t.Context(), 50, func(i int) {
		if i == 33 {
			panic(broken)
		}
	})
	t.Error("the panic was lost")
}

func TestRowsMayBeReplacedByFewerWhileAFilterIsLookedFor(t *testing.T) {
	t.Parallel()
	p := newTestPicker(manyRows(9000))
	pick(p, press("/"))
	pick(p, typed("ledger")...)
	p.SetRows(manyRows(3000))
	within(t, p.View(80, 20), 80, 20)
	p.Select("8999")
	if len(p.Shown()) > 3000 {
		t.Error("rows that are gone are shown")
	}
}

func TestAPickerBeforeItsFirstRowsTakesEveryKey(t *testing.T) {
	t.Parallel()
	p := NewPicker(NewEnv(context.Background(), plain(), nil), []Column{{Title: "Name", Sort: ByText}})
	p.Multi, p.Filters = true, []QuickFilter{{Key: "A", Name: "those", Flag: 1}}
	for _, key := range []string{"down", "o", "O", "A", "space", "*", "pgdown", "G", "/", "x", "enter", "backspace", "esc", "esc", "esc"} {
		pick(p, press(key))
		within(t, p.View(60, 5), 60, 5)
	}
	p.SetRows(homeRows())
	if row, ok := p.Selected(); !ok || row.ID != "gate" { // the first by name, turned round
		t.Errorf("then %q is selected", row.ID)
	}
}
