package ui

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

func FuzzCleanLeavesNothingThatMovesACursor(f *testing.F) {
	for _, w := range words {
		f.Add(w)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Clean(s)
		if !utf8.ValidString(got) {
			t.Fatalf("invalid UTF-8 in %q", got)
		}
		for _, r := range got {
			if (unicode.IsControl(r) && r != '\n') || unicode.Is(unicode.Bidi_Control, r) {
				t.Fatalf("%U is left in %q", r, got)
			}
		}
		if again := Clean(got); again != got {
			t.Fatalf("cleaning twice gives %q, then %q", got, again)
		}
		for _, width := range []int{1, 7, 40, 500} {
			for _, l := range wrapLines(s, width) {
				if w := ansi.StringWidth(l); w > max(2, min(width, TextWidth)) { // a wide rune takes two
					t.Fatalf("a line of %d columns in %d: %q", w, width, l)
				}
			}
		}
	})
}

func FuzzAPasteIsTamedForItsField(f *testing.F) {
	for _, w := range words {
		f.Add(w + "\r\n" + w + "\r")
	}
	f.Fuzz(func(t *testing.T, s string) {
		for kind := Line; kind <= Note; kind++ {
			got := pasted(kind, s)
			if strings.ContainsAny(got, "\r\x1b\x00") || (!strings.HasPrefix(got, "\t") && (kind == Line || kind == SecretLine) && strings.Contains(got, "\n")) {
				t.Fatalf("kind %d lets %q through", kind, got)
			}
			if kind == SecretLine && got != strings.TrimSpace(got) {
				t.Fatalf("a secret line keeps what stands around it: %q", got)
			}
		}
	})
}

func FuzzMatchedLettersAreTheLettersOfTheFilter(f *testing.F) {
	f.Add("pgw", "Payments gateway")
	f.Add("gå", "über-gåte")
	f.Add("İ", "İstanbul")
	f.Fuzz(func(t *testing.T, word, text string) {
		word, text = line(word), line(text)
		if strings.ContainsAny(word, " ") || word == "" {
			return
		}
		hits := matchedBytes(word, text)
		var marked strings.Builder
		hit := func(s ...string) string { marked.WriteString(s[0]); return s[0] }
		rest := func(s ...string) string { return s[0] }
		slices.Sort(hits)
		if got := styled(text, hits, hit, rest); got != text {
			t.Fatalf("marking changed %q to %q", text, got)
		}
		if len(hits) > 0 && !strings.EqualFold(marked.String(), word) {
			t.Fatalf("for %q in %q these letters are marked: %q", word, text, marked.String())
		}
		if wholeAt(fold(word), fold(text)) >= 0 && len(findMatches(t.Context(), newIndex([]Row{{Search: text}}), nil, word).best) == 0 {
			t.Fatalf("%q stands in %q and is not found", word, text)
		}
	})
}

// editor is the simplest line editor there is: what a field must agree with.
type editor struct {
	text []rune
	at   int
}

func (e *editor) key(k tea.KeyMsg) {
	switch k.Type {
	case tea.KeyLeft:
		e.at = max(0, e.at-1)
	case tea.KeyRight:
		e.at = min(len(e.text), e.at+1)
	case tea.KeyHome:
		e.at = 0
	case tea.KeyEnd:
		e.at = len(e.text)
	case tea.KeyBackspace:
		if e.at > 0 {
			e.text = slices.Delete(e.text, e.at-1, e.at)
			e.at--
		}
	default:
		e.text = slices.Insert(e.text, e.at, k.Runes...)
		e.at += len(k.Runes)
	}
}

func TestAFieldEditsAsTheSimplestEditorWouldWhileEverythingAroundItChanges(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 11))
		extra := 0
		screen := newTestScreen(func(s *testScreen) []Field {
			fields := []Field{s.answer(Field{ID: "it", Kind: Kind(seed % 4), Label: "It", Kept: strings.Repeat("k", extra)})}
			for range extra {
				fields = slices.Insert(fields, 0, Field{ID: strings.Repeat("n", len(fields)), Kind: Line, Label: "Neighbour"})
			}
			return fields
		})
		shell := open(screen, 80, 24)
		want := &editor{}
		for range 150 {
			var k tea.KeyMsg
			switch r.IntN(10) {
			case 0:
				k = press([]string{"left", "right", "home", "end"}[r.IntN(4)])
			case 1:
				k = press("backspace")
			case 2:
				extra = r.IntN(4)
				screen.form.Refresh()
				continue
			case 3:
				shell.Update(tea.WindowSizeMsg{Width: 40 + r.IntN(100), Height: 10 + r.IntN(30)})
				shell.View()
				continue
			default:
				k = press(string([]rune("abcäöüß日é")[r.IntN(9)]))
			}
			want.key(k)
			drive(shell, k)
			if got := screen.answers["it"]; got != string(want.text) {
				t.Fatalf("seed %d: the field holds %q, want %q", seed, got, string(want.text))
			}
		}
		if screen.form.Focused() != "it" {
			t.Errorf("seed %d: the focus went to %q", seed, screen.form.Focused())
		}
	}
}
