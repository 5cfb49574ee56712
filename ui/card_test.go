package ui

import (
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"
)

func testProblem() Problem {
	return Problem{
		Code: "cred.needs-username", What: "git was given an email address",
		Why: "git signs in with the Bitbucket username; the REST API accepted this same token for jdoe@acme-corp.com, so the token is fine.",
		Fix: "Use x-bitbucket-api-token-auth as the username, or jdoe.",
		Keys: []Key{
			{Keys: []string{"enter"}, Does: "put it in and test again"},
			{Keys: []string{"e"}, Does: "edit Credentials"},
			{Keys: []string{"s"}, Does: "save anyway"},
			{Keys: []string{"x"}, Does: "nothing", Off: "not now"},
		},
	}
}

func testChecks() []CheckRow {
	return []CheckRow{
		{Mark: Pass, Title: "Reach git.acme-corp.com", Took: 12 * time.Millisecond},
		{Mark: Warn, Title: "Secure connection (Acme Issuing CA)", Took: 18 * time.Millisecond},
		{Mark: Fail, Title: "Read the repository with git", Took: 1041 * time.Millisecond},
		{Mark: Running, Title: "Sign in to the REST API as jdoe"},
		{Mark: Skip, Title: "Scopes and webhooks", Note: "not tried"},
		{Title: "Waiting"},
	}
}

func TestCardsLookAsSketched(t *testing.T) {
	t.Parallel()
	theme := plain()
	for _, width := range []int{40, 60, 80} {
		text := strings.Join([]string{
			CheckList(theme, testChecks(), width), "", ProblemCard(theme, testProblem(), width), "",
			HelpCard(theme, Card{
				Title: "API token, the one to use", Lines: []string{"Make it at id.atlassian.com.", "", "It lives at most a year."},
				Keys: []Key{{Keys: []string{"ctrl+o"}, Does: "open page"}, {Keys: []string{"ctrl+s"}, Does: "copy scopes"}},
			}, width),
		}, "\n")
		within(t, text, width, 60)
		golden(t, sizeName("cards", [2]int{width, 0}), text)
	}
}

func TestTextsFromElsewhereCannotMoveTheCursor(t *testing.T) {
	t.Parallel()
	theme := plain()
	evil := "a\x1b]0;title\x07b\x1b[2Jc\r\u202ed\x00\u009b31m"
	p := testProblem()
	p.What, p.Why, p.Fix, p.Code = evil, evil, evil, evil
	for name, got := range map[string]string{
		"problem":  ProblemCard(theme, p, 60),
		"checks":   CheckList(theme, []CheckRow{{Mark: Fail, Title: evil, Note: evil}}, 60),
		"help":     HelpCard(theme, Card{Title: evil, Lines: []string{evil}}, 60),
		"findings": strings.Join(FindingLines(theme, []Finding{{Text: evil, Fix: evil, Suggestion: evil}}, 60, true), "\n"),
		"clean":    Clean(evil),
	} {
		if strings.ContainsAny(got, "\x1b\x07\r\x00\u202e\u009b") {
			t.Errorf("%s lets control characters through: %q", name, got)
		}
	}
	if got := Clean("zwölf\t✓\n\xff"); got != "zwölf ✓\n" {
		t.Errorf("Clean gives %q", got)
	}
}

func TestFindingsSayMarkSentenceFixAndSuggestion(t *testing.T) {
	t.Parallel()
	got := FindingLines(plain(), []Finding{
		{Severity: Error, Text: "Wrong.", Fix: "Mend it."}, {Severity: Warning, Text: "Odd."}, {Severity: Hint, Text: "Try this:", Suggestion: "that"},
	}, 72, true)
	want := []string{"✗ Wrong. Mend it.", "! Odd.", "› Try this:", "  that   ctrl+y accept"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("drawn as %q", got)
	}
	for _, l := range FindingLines(plain(), []Finding{{Text: strings.Repeat("word ", 60)}}, 200, false) {
		if ansi.StringWidth(l) > TextWidth {
			t.Errorf("a line runs to %d columns", ansi.StringWidth(l))
		}
	}
}

func TestTheReviewLeadsToEveryAnswer(t *testing.T) {
	t.Parallel()
	r := NewReview(plain())
	rows := []ReviewRow{
		{Label: "Overview"},
		{ID: "name", Label: "Name", Value: "Payments"},
		{ID: "id", Label: "Id", Value: "payments", Mark: Warn, Note: "Taken in another project."},
		{Label: "Details"},
		{ID: "url", Label: "URL", Value: "https://git.acme-corp.com/scm/PAY/ledger.git", Mark: Pass},
	}
	r.SetRows(rows)
	golden(t, "review", r.View(60, 20))
	var seen []string
	for range 4 {
		id, chosen := r.Update(press("enter"))
		if !chosen {
			t.Fatalf("enter does not choose %q", r.Selected())
		}
		seen = append(seen, id)
		r.Update(press("down"))
	}
	if strings.Join(seen, " ") != "name id url url" {
		t.Errorf("walked over %v", seen)
	}
	r.SetRows(rows[:3])
	if r.Selected() != "name" {
		t.Errorf("after its row went, the selection is %q", r.Selected())
	}
	r.Update(press("down"))
	r.SetRows(rows)
	if r.Selected() != "id" {
		t.Errorf("the selection did not stay on its row but is %q", r.Selected())
	}
	for h := range 6 {
		view := r.View(60, h+1)
		within(t, view, 60, h+1)
		if h > 0 && !strings.Contains(view, "› Id") {
			t.Errorf("the selection is out of sight in\n%s", view)
		}
	}
	r.Focused = false
	if strings.Contains(r.View(60, 20), "›") {
		t.Error("a list without focus shows a cursor")
	}
	empty := NewReview(plain())
	empty.SetRows(nil)
	if _, chosen := empty.Update(press("enter")); chosen || empty.View(60, 3) != "" {
		t.Error("an empty list chooses something")
	}
	if _, chosen := empty.Update(tea.WindowSizeMsg{}); chosen {
		t.Error("a message that is no key chooses something")
	}
}

func TestTheStepperNamesWhereOneIs(t *testing.T) {
	t.Parallel()
	steps := detailsScreen().frame.Steps
	steps[0].State, steps[2].State = StepWarning, StepError
	full := stepLine(plain(), steps, 80)
	if full != " ! Overview  ● Details  ✗ Credentials  ○ API access  ○ Connectivity  ○ Test" {
		t.Errorf("drawn as %q", full)
	}
	short := stepLine(plain(), steps, 60)
	if ansi.StringWidth(short) > 60 || !strings.HasPrefix(short, " !  ● Details  ✗  ○") || !strings.HasSuffix(short, "2 of 6 ") {
		t.Errorf("narrow it is %q", short)
	}
}

func TestMarksNeverDependOnColour(t *testing.T) {
	t.Parallel()
	for shade, profile := range map[Shade]termenv.Profile{Dark: termenv.TrueColor, Light: termenv.ANSI256, NoColour: termenv.ANSI} {
		theme := NewTheme(shade, profile)
		for _, m := range []Mark{Pass, Warn, Fail, Skip, Running, Info} {
			if got := ansi.Strip(theme.Mark(m)); got != m.Sign() || strings.TrimSpace(got) == "" {
				t.Errorf("mark %d is drawn as %q", m, got)
			}
		}
		if Mark(99).Sign() != " " {
			t.Error("an unknown mark has a sign")
		}
	}
	if got := NewTheme(NoColour, termenv.ANSI).Bad.Render("x"); strings.Contains(got, "[3") || strings.Contains(got, ";3") {
		t.Errorf("without colour there is a colour: %q", got)
	}
}

func TestATextLongerThanItsRoomScrollsToItsEnd(t *testing.T) {
	t.Parallel()
	s := NewScroll(plain())
	text := strings.TrimSuffix(strings.Repeat("line\n", 30), "\n") + "\nlast"
	if view := s.View(text, 40, 8); strings.Contains(view, "last") || !strings.Contains(view, "↓ 24 more") || len(s.Keys()) != 1 {
		t.Errorf("at the beginning it shows\n%s", view)
	}
	for _, key := range []string{"pgdown", "down", "space", "j", "pgdown", "pgdown", "pgdown"} {
		if !s.Update(press(key)) {
			t.Errorf("%s does not scroll", key)
		}
		within(t, s.View(text, 40, 8), 40, 8)
	}
	if view := s.View(text, 40, 8); !strings.Contains(view, "last") || !strings.Contains(view, "↑ 24 more") {
		t.Errorf("at the end it shows\n%s", view)
	}
	s.Update(press("up"))
	s.Update(press("k"))
	if view := s.View(text, 40, 8); strings.Contains(view, "last") || !strings.Contains(view, "↓ 2 more") {
		t.Errorf("two lines up it shows\n%s", view)
	}
	s.Top()
	if s.Update(press("x")) || s.Update(nil) || !strings.Contains(s.View(text, 40, 8), "↓ 24 more") {
		t.Error("another key scrolls, or Top does not")
	}
	if s.View("short", 40, 8) != "short" || s.Keys() != nil {
		t.Error("a short text offers to scroll")
	}
}

func TestATimeNobodyHasTakenIsNotDrawn(t *testing.T) {
	t.Parallel()
	for took, want := range map[time.Duration]string{0: "", -time.Second: "", time.Microsecond: "< 1 ms", 41 * time.Millisecond: "41 ms"} {
		got := CheckList(NewTheme(Dark, termenv.Ascii), []CheckRow{{Mark: Pass, Title: "Reach it", Took: took, Code: "a.code"}}, 40)
		if want := strings.TrimSpace("a.code   " + want); !strings.HasSuffix(got, " "+want) {
			t.Errorf("%v is drawn %q, want %q at the end", took, got, want)
		}
	}
}
