package ui

import (
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// credentialsFields are the questions of the Credentials sketch.
func credentialsFields(s *testScreen) []Field {
	token := s.answer(Field{ID: "token", Kind: SecretLine, Label: "Paste the token", Example: "it is never shown"})
	token.Interpretation = func(v string) []string {
		if v == "" {
			return nil
		}
		return []string{"✓ Bitbucket or Atlassian API token, complete (checksum matches)"}
	}
	token.Help = Card{Title: "API token, the one to use", Lines: []string{
		"Make it at id.atlassian.com → Security → API tokens → Create API token with scopes → Bitbucket. Two-step verification first.", "", "It lives at most a year.",
	}, Keys: []Key{{Keys: []string{"ctrl+o"}, Does: "open page"}, {Keys: []string{"ctrl+s"}, Does: "copy scopes"}}}
	user := s.answer(Field{ID: "user", Kind: Line, Label: "Username"})
	user.Findings = func(v string) []Finding {
		if strings.Contains(v, "@") {
			return []Finding{{Severity: Error, Code: "username.is-email", Text: "git wants a username, never the email.", Fix: "Use this one:", Suggestion: "x-bitbucket-api-token-auth"}}
		}
		return []Finding{{Severity: Hint, Code: "username.hint", Text: "git wants this or your Bitbucket username, never the email"}}
	}
	expires := s.answer(Field{ID: "expires", Kind: Line, Label: "Expires"})
	expires.Aside = func(string) string { return "in 364 days" }
	about := s.answer(Field{ID: "about", Kind: Text, Label: "Description", Folded: true})
	return []Field{{ID: "where", Kind: Note, Label: "✓ Secrets will be kept in the GNOME keyring, tried just now"}, token, user, expires, about}
}

func credentialsScreen() *testScreen {
	s := newTestScreen(credentialsFields)
	s.answers["user"], s.answers["expires"] = "x-bitbucket-api-token-auth", "2027-11-21"
	s.frame = detailsScreen().frame
	s.frame.Steps[0].State, s.frame.Steps[1].State, s.frame.Steps[1].Now = StepDone, StepWarning, false
	s.frame.Steps[2] = Step{Name: "Credentials", State: StepNow, Now: true}
	return s
}

func TestTheCredentialsScreenLooksAsSketched(t *testing.T) {
	t.Parallel()
	for _, size := range sizes() {
		screen := credentialsScreen()
		shell := open(screen, size[0], size[1])
		drive(shell, paste("canary-token-of-some-length\n"))
		golden(t, sizeName("credentials", size), shell.View())
		drive(shell, press("tab"), paste("jdoe@acme-corp.com"))
		golden(t, sizeName("credentials_email", size), shell.View())
		drive(shell, press("ctrl+y"), press("tab"), press("tab"), press("enter"))
		if screen.form.Focused() != "about" || screen.answers["user"] != "x-bitbucket-api-token-auth" {
			t.Errorf("the keys led to %q with user %q", screen.form.Focused(), screen.answers["user"])
		}
		drive(shell, typed("one\ntwo\nthree\nfour\nfive")...)
		golden(t, sizeName("credentials_text", size), shell.View())
		drive(shell, press("shift+tab"))
		golden(t, sizeName("credentials_text_left", size), shell.View())
		for _, text := range []string{shell.View(), screen.answers["user"]} {
			if strings.Contains(text, "canary") {
				t.Error("the token is drawn")
			}
		}
	}
}

// verdict is a screen as the Test step builds it: a list of answers until the
// checks run, then results that scroll.
type verdict struct {
	env     Env
	review  *Review
	scroll  *Scroll
	checks  []CheckRow
	problem *Problem
	task    *Task
	jumped  string
}

// checkDone is one result of the test; testDone the end.
type (
	checkDone struct{ row CheckRow }
	testDone  struct{ problem Problem }
)

func (v *verdict) Enter(env Env) tea.Cmd {
	v.env, v.review, v.scroll, v.task = env, NewReview(env.Theme), NewScroll(env.Theme), env.NewTask()
	v.review.SetRows([]ReviewRow{{Label: "Details"}, {ID: "url", Label: "URL", Value: "https://git.acme-corp.com/scm/PAY/ledger.git", Mark: Pass}})
	return nil
}

func (v *verdict) run() (Action, tea.Cmd) {
	v.checks, v.problem = nil, nil
	rows := testChecks()
	return nil, v.task.Stream(func(job Job) tea.Msg {
		for _, row := range rows {
			job.Emit(checkDone{row})
		}
		return testDone{testProblem()}
	})
}

func (v *verdict) Update(msg tea.Msg) (Action, tea.Cmd) {
	switch msg := msg.(type) {
	case checkDone:
		v.checks = append(v.checks, msg.row)
	case testDone:
		v.problem = &msg.problem
	case tea.KeyMsg:
		if action, cmd, ok := Press(v.Keys(), msg); ok {
			return action, cmd
		}
		if len(v.checks) > 0 {
			v.scroll.Update(msg)
		} else if id, chosen := v.review.Update(msg); chosen {
			v.jumped = id
		}
	}
	return nil, nil
}

func (v *verdict) View(w, h int) string {
	if len(v.checks) == 0 {
		return v.review.View(w, h)
	}
	text := CheckList(v.env.Theme, v.checks, w)
	if v.problem != nil {
		text += "\n\n" + ProblemCard(v.env.Theme, *v.problem, w)
	}
	return v.scroll.View(text, w, h)
}

func (v *verdict) Keys() []Key {
	keys := []Key{{Keys: []string{"r"}, Does: "run the test", Press: v.run}}
	if v.task.Running() {
		keys = append(keys, Key{Keys: []string{"esc"}, Does: "stop", Press: func() (Action, tea.Cmd) { v.task.Cancel(); return nil, nil }})
	}
	if len(v.checks) > 0 {
		return append(keys, v.scroll.Keys()...)
	}
	return append(keys, v.review.Keys()...)
}

func (v *verdict) Capturing() bool { return false }
func (v *verdict) Leave()          {}
func (v *verdict) Frame() Frame {
	steps := detailsScreen().frame.Steps
	steps[1] = Step{Name: "Details", State: StepDone}
	steps[5] = Step{Name: "Test", State: StepNow, Now: true}
	return Frame{Name: "New connector", Subject: "Payments", Steps: steps}
}

func TestAFailingTestLooksAsSketched(t *testing.T) {
	t.Parallel()
	for _, size := range sizes() {
		screen := &verdict{}
		shell := open(screen, size[0], size[1])
		golden(t, sizeName("review", size), shell.View())
		drive(shell, press("enter"))
		if screen.jumped != "url" {
			t.Errorf("enter jumps to %q", screen.jumped)
		}
		_, cmd := shell.Update(press("r"))
		if !screen.task.Running() || !strings.Contains(shell.footer(), "esc stop") {
			t.Error("the running test cannot be stopped")
		}
		loop(t, shell, cmd, func() bool {
			if screen.problem == nil {
				return false
			}
			within(t, shell.View(), size[0], size[1])
			golden(t, sizeName("verdict", size), shell.View())
			for range 12 {
				drive(shell, press("down"))
			}
			if view := ansi.Strip(shell.View()); !strings.Contains(view, "save anyway") {
				t.Errorf("the keys of the card cannot be reached:\n%s", view)
			}
			return true
		})
	}
}

func TestStoppingATestLeavesTheScreenWhereItIs(t *testing.T) {
	t.Parallel()
	screen := &verdict{}
	under := &reader{keys: []Key{pressing("n", "new", Push{screen})}}
	shell := open(under, 80, 24)
	drive(shell, press("n"), press("r"), press("esc"))
	if screen.task.Running() || shell.top().screen != Screen(screen) {
		t.Error("esc did not stop the test, or left the screen too")
	}
	drive(shell, press("esc"))
	if shell.top().screen != Screen(under) {
		t.Error("esc does not lead back once nothing runs")
	}
}

// listing is a screen as Home builds it: a picker with letter keys.
type listing struct {
	env    Env
	picker *Picker
	opened []string
}

func (l *listing) Enter(env Env) tea.Cmd {
	l.env = env
	l.picker = NewPicker(env, homeColumns())
	return l.picker.SetRows(homeRows())
}

func (l *listing) Update(msg tea.Msg) (Action, tea.Cmd) {
	if !l.picker.Filtering() {
		if action, cmd, ok := Press(l.Keys(), msg); ok {
			return action, cmd
		}
	}
	event, cmd := l.picker.Update(msg)
	if row, ok := l.picker.Selected(); ok && event == PickerChosen {
		l.opened = append(l.opened, row.ID)
	}
	return nil, cmd
}

func (l *listing) Keys() []Key {
	keys := l.picker.Keys()
	if l.picker.Filtering() {
		return keys
	}
	for _, k := range []string{"n new", "e edit", "t test", "m migrate", "x export", "d delete"} {
		name, does, _ := strings.Cut(k, " ")
		keys = append(keys, pressing(name, does, Notify{Text: does, Mark: Info}))
	}
	return keys
}

func (l *listing) View(w, h int) string { return l.picker.View(w, h) }
func (l *listing) Capturing() bool      { return l.picker.Filtering() }
func (l *listing) Leave()               {}
func (l *listing) Frame() Frame         { return Frame{Name: "37 connectors", Note: "2 need attention"} }

func TestTheHomeScreenLooksAsSketched(t *testing.T) {
	t.Parallel()
	for _, size := range sizes() {
		screen := &listing{}
		shell := open(screen, size[0], size[1])
		golden(t, sizeName("home", size), shell.View())
		drive(shell, tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("/pay")})
		golden(t, sizeName("home_filter", size), shell.View())
		drive(shell, press("down"), press("enter"), press("tab"), press("d"))
		if len(screen.opened) != 1 || !strings.Contains(shell.View(), "› delete ─") {
			t.Errorf("opened %v, and d says\n%s", screen.opened, shell.View())
		}
	}
}

func TestANoticeEndsByItself(t *testing.T) {
	t.Parallel()
	shell := open(&reader{}, 80, 24)
	start := time.Now()
	cmd := shell.notify(Notify{Text: "Saved"})
	if cmd == nil || time.Since(start) >= noticeFor {
		t.Fatal("a notice holds the screen up, or has no end")
	}
}
