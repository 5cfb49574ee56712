package steps

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"bbconnect/model"
	"bbconnect/ui"
)

// toldProblem is what one rule of the live test says, as its own tests wrote it.
type toldProblem struct {
	Rule    string        `json:"rule"`
	Code    string        `json:"code"`
	Verdict model.Verdict `json:"verdict"`
	Problem model.Problem `json:"problem"`
}

// toldProblems are those of all rules.
func toldProblems(t *testing.T) []toldProblem {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "internal", "probe", "testdata", "problems.json"))
	if err != nil {
		t.Fatal(err)
	}
	var out []toldProblem
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	if len(out) < 60 {
		t.Fatalf("there are %d problems only", len(out))
	}
	return out
}

// card draws a problem as the test page does, in a window of 80 columns.
func (p toldProblem) card(env ui.Env) string {
	r := newRunner(env, func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) })
	r.result = &model.TestResult{Verdict: p.Verdict, Problem: &p.Problem}
	return r.verdict(env.Theme, nil, 80)
}

func TestProblemCardsReadWellAt80Columns(t *testing.T) {
	t.Parallel()
	env := ui.Env{Theme: ui.NewTheme(ui.Dark, termenv.Ascii)}
	var all strings.Builder
	for _, p := range toldProblems(t) {
		card := p.card(env)
		fmt.Fprintf(&all, "# %s\n\n%s\n\n", p.Rule, card)
		for line := range strings.Lines(card) {
			if width := ansi.StringWidth(strings.TrimRight(line, "\n")); width > ui.TextWidth+1 {
				t.Errorf("%s: a line of %d columns: %s", p.Rule, width, line)
			}
		}
		if !strings.Contains(card, p.Code) {
			t.Errorf("%s: the card does not name its code %s", p.Rule, p.Code)
		}
		wellSaid(t, p)
	}
	path := filepath.Join("testdata", "problem_cards_80.golden")
	if *update {
		if err := os.WriteFile(path, []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != all.String() {
		t.Errorf("%s differs (%v); after a look at the change: go test ./steps -run Cards -update\nit would be:\n%s", path, err, all.String())
	}
}

// wellSaid looks at the words of a problem: whole sentences in a calm voice.
func wellSaid(t *testing.T, p toldProblem) {
	t.Helper()
	for name, text := range map[string]string{"what": p.Problem.What, "why": p.Problem.Why, "fix": p.Problem.Fix} {
		low := strings.ToLower(text)
		last := text[strings.LastIndex(text, "\n")+1:]
		switch {
		case text == "":
			t.Errorf("%s says nothing under %s", p.Rule, name)
		case strings.Contains(text, "!"):
			t.Errorf("%s shouts: %s", p.Rule, text)
		case strings.Contains(low, "please"), strings.Contains(low, "oops"), strings.Contains(low, "sorry"):
			t.Errorf("%s begs: %s", p.Rule, text)
		case strings.ContainsAny(text, "{}"), strings.Contains(text, "  "), strings.Contains(text, ".."):
			t.Errorf("%s is not finished: %s", p.Rule, text)
		case !endsASentence(last, p.Verdict):
			t.Errorf("%s: no full stop at the end of %q", p.Rule, text)
		}
	}
}

// endsASentence accepts a quotation's own end, and a command for the delegate's
// host, which a full stop would spoil.
func endsASentence(text string, v model.Verdict) bool {
	for _, end := range []string{".", "”", "…", "?"} {
		if strings.HasSuffix(text, end) {
			return true
		}
	}
	return v == model.VerdictUnreachable
}
