package ui

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// words are what random content is made of: long, wide, foreign and hostile.
var words = []string{
	"a", "connector", "ünïcödé", "日本語の接続", strings.Repeat("x", 90), "https://git.acme-corp.com/projects/PAY/repos/ledger/browse?at=refs%2Fheads%2Fmain",
	"\x1b[31mred\x1b[0m", "tab\there", "line\nbreak", "🙂", "e\u0301", "\u202eevil", "", "–", "✓ fine",
}

func randomText(r *rand.Rand, n int) string {
	parts := make([]string, r.IntN(n+1))
	for i := range parts {
		parts[i] = words[r.IntN(len(words))]
	}
	return strings.Join(parts, " ")
}

func randomField(r *rand.Rand, i int, s *testScreen) Field {
	f := Field{
		ID: fmt.Sprint(i), Kind: Kind(r.IntN(int(Note) + 1)), Label: randomText(r, 3), Example: randomText(r, 3),
		Locked: r.IntN(6) == 0, Folded: r.IntN(6) == 0, Help: Card{Title: randomText(r, 2), Lines: []string{randomText(r, 20), randomText(r, 4)}},
	}
	for o := range r.IntN(5) {
		f.Options = append(f.Options, Option{Value: fmt.Sprint(o), Label: randomText(r, 2), Help: randomText(r, 6)})
	}
	findings := []Finding{{Severity: Severity(r.IntN(3)), Code: "c", Text: randomText(r, 20), Fix: randomText(r, 5), Suggestion: randomText(r, 3)}}
	if r.IntN(2) == 0 {
		f.Findings = func(string) []Finding { return findings }
	}
	said := []string{randomText(r, 12)}
	if r.IntN(3) == 0 {
		f.Interpretation = func(string) []string { return said }
	}
	aside := randomText(r, 2)
	f.Aside = func(string) string { return aside }
	return s.answer(f)
}

func randomKey(r *rand.Rand) tea.KeyMsg {
	keys := []string{"tab", "shift+tab", "enter", "up", "down", "left", "right", "space", "x", "y", "?", "f1", "ctrl+y", "backspace", "home", "end", "ctrl+j"}
	if r.IntN(4) == 0 {
		return paste(randomText(r, 4))
	}
	return press(keys[r.IntN(len(keys))])
}

func TestNothingIsEverWiderOrHigherThanTheWindow(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 7))
		var fields []Field
		screen := newTestScreen(func(*testScreen) []Field { return fields })
		for i := range r.IntN(9) {
			fields = append(fields, randomField(r, i, screen))
		}
		screen.frame = Frame{Name: randomText(r, 3), Subject: randomText(r, 9), Note: randomText(r, 9)}
		for range r.IntN(8) {
			screen.frame.Steps = append(screen.frame.Steps, Step{Name: randomText(r, 2), State: StepState(r.IntN(5)), Now: r.IntN(4) == 0})
		}
		shell := open(screen, 80, 24)
		for range 25 {
			w, h := MinWidth+r.IntN(120), MinHeight+r.IntN(40)
			shell.Update(tea.WindowSizeMsg{Width: w, Height: h})
			drive(shell, randomKey(r))
			if shell.ended {
				break
			}
			view := shell.View()
			within(t, view, w, h)
			if got := strings.Count(view, "\n") + 1; got != h {
				t.Fatalf("seed %d: %d lines in a window of %d", seed, got, h)
			}
			if plain := ansi.Strip(view); strings.ContainsAny(plain, "\x1b\u202e\t\r") {
				t.Fatalf("seed %d: control characters on the screen", seed)
			}
		}
	}
}

func TestDialogsPickersAndCardsKeepToTheirRoom(t *testing.T) {
	t.Parallel()
	for seed := range uint64(80) {
		r := rand.New(rand.NewPCG(seed, 9))
		w, h := MinWidth+r.IntN(120), MinHeight+r.IntN(40)
		screen := &reader{frame: Frame{Name: randomText(r, 2)}}
		shell := open(screen, w, h)
		d := Dialog{Title: randomText(r, 8), Text: randomText(r, 60), Mark: Mark(r.IntN(7))}
		for range r.IntN(30) {
			d.Choices = append(d.Choices, Choice{Label: randomText(r, 4), Key: "k"})
		}
		if r.IntN(2) == 0 {
			d.Prompt = &Prompt{Label: randomText(r, 2), Example: randomText(r, 3), Secret: r.IntN(2) == 0}
		}
		shell.open(d, screen)
		shell.notify(Notify{Text: randomText(r, 12), Mark: Pass})
		drive(shell, paste(randomText(r, 5)), press("down"), press("down"))
		within(t, shell.View(), w, h)

		var rows []Row
		for i := range r.IntN(40) {
			rows = append(rows, Row{ID: fmt.Sprint(i), Cells: []string{randomText(r, 3), randomText(r, 3), randomText(r, 3), randomText(r, 2), randomText(r, 1)}, Search: randomText(r, 4)})
		}
		p := newTestPicker(rows)
		pick(p, press("/"), press("e"), press("down"))
		within(t, p.View(w, h), w, h)
		within(t, CheckList(plain(), []CheckRow{{Mark: Mark(r.IntN(7)), Title: randomText(r, 9), Note: randomText(r, 4), Took: time.Second}}, w), w, 1)
		within(t, ProblemCard(plain(), Problem{Code: randomText(r, 2), What: randomText(r, 9), Why: randomText(r, 30), Fix: randomText(r, 9)}, w), w, 1000)
		review := NewReview(plain())
		review.SetRows([]ReviewRow{{Label: randomText(r, 9)}, {ID: "a", Label: randomText(r, 6), Value: randomText(r, 20), Mark: Fail, Note: randomText(r, 20)}})
		within(t, review.View(w, h), w, h)
	}
}

func TestResizingInTheMiddleOfTypingLosesNothing(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	screen := newTestScreen(func(s *testScreen) []Field {
		return []Field{
			s.answer(Field{ID: "line", Kind: Line, Label: "Line"}), s.answer(Field{ID: "secret", Kind: SecretLine, Label: "Secret"}),
			s.answer(Field{ID: "text", Kind: Text, Label: "Text"}), s.answer(Field{ID: "key", Kind: SecretText, Label: "Key"}),
		}
	})
	shell := open(screen, 80, 24)
	want := map[string]string{}
	for _, id := range []string{"line", "secret", "text", "key"} {
		for range 60 {
			l := string(rune('a' + r.IntN(26)))
			want[id] += l
			shell.Update(tea.WindowSizeMsg{Width: 20 + r.IntN(130), Height: 5 + r.IntN(40)})
			drive(shell, press(l))
			shell.View()
		}
		drive(shell, press("left"), press("Z"), press("tab"))
		want[id] = want[id][:59] + "Z" + want[id][59:]
		if screen.answers[id] != want[id] {
			t.Errorf("%s holds %q, want %q", id, screen.answers[id], want[id])
		}
		shell.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
		screen.form.Jump(map[string]string{"line": "secret", "secret": "text", "text": "key", "key": "key"}[id])
	}
}
