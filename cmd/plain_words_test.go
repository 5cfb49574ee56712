package cmd

import (
	"maps"
	"strings"
	"testing"

	"bbconnect/model"
)

// conversation is one job in plain lines: what is typed, from the first prompt to
// the end.
type conversation struct {
	args  []string
	lines []string
	place func(t *testing.T) *place
	// first is the index of the first line that back can go behind.
	first int
	// afterQuit is what quit at a prompt is followed by, to get out of the menus.
	afterQuit []string
	// jumps are lines that back does not go behind one by one: those typed at a menu,
	// or at the first prompt below it.
	jumps bool
}

func conversations() map[string]conversation {
	newLines := []string{
		"Payments", "", "for the build", "prod", "", "https://bitbucket.org/acme/ledger.git", "", "", token("kQ7"), "", "", "2027-03-01", "",
		"", "jdoe@acme-corp.com", "", "",
	}
	return map[string]conversation{
		"new":    {args: []string{"new", "--plain"}, lines: newLines, place: newPlace},
		"delete": {args: []string{"delete", "Payments", "--plain"}, lines: []string{"yes", "yes"}, place: newPaymentsPlace, first: 1},
		"delete of a secret": {args: []string{"secret", "delete", "account.lonely", "--plain"}, lines: []string{"yes"}, place: func(t *testing.T) *place {
			p := newPaymentsPlace(t)
			p.must("", "secret", "set", "account.lonely", "--from", "env:BB_TOKEN")
			return p
		}, jumps: true},
		"edit": {
			args: []string{"edit", "Payments", "--plain"}, place: newPaymentsPlace, jumps: true, afterQuit: []string{"quit", "drop"},
			lines: []string{"3", "mine", "credentials.password", token("nE2"), "connectivity.mode", "2", "save"},
		},
		"home": {
			args: []string{"--plain"}, place: newPaymentsPlace, jumps: true, afterQuit: []string{"quit", "drop", "quit"},
			lines: []string{"edit 1", "3", "mine", "save", "copy 1", "Other", "delete 1", "yes", "no", "quit"},
		},
		"a new secret in words": {
			args: []string{"new", "--plain"}, lines: newLines, jumps: true, place: func(t *testing.T) *place {
				p := newPlace(t)
				p.broken[model.WhereKeyring] = noKeyring()
				return p
			},
		},
	}
}

func typedLines(parts ...[]string) string {
	var b strings.Builder
	for _, part := range parts {
		for _, line := range part {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// lines of the conversation with a broken keyring: where secrets go is asked
// before the token.
func (c conversation) all(name string) []string {
	if name != "a new secret in words" {
		return c.lines
	}
	return append(append(append([]string{}, c.lines[:8]...), "vault"), c.lines[8:]...)
}

// TestHelpAtEveryPromptExplainsAndChangesNothing types help once before each line
// of a job, which ends as it would have without.
func TestHelpAtEveryPromptExplainsAndChangesNothing(t *testing.T) {
	t.Parallel()
	for name, c := range conversations() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines := c.all(name)
			straight := c.place(t)
			want := straight.must(typedLines(lines), c.args...)
			for i := range lines {
				p := c.place(t)
				s := p.run(typedLines(lines[:i], []string{"help"}, lines[i:]), c.args...)
				if s.code != want.code || !maps.Equal(straight.saved(), p.saved()) {
					t.Errorf("help before line %d (%.20s): exits %d, want %d, or saves something else:\n%s", i, lines[i], s.code, want.code, s.err)
				}
				if len(s.err) <= len(want.err) {
					t.Errorf("help before line %d (%.20s) says nothing", i, lines[i])
				}
				if s.err != inWords(s.err) {
					t.Errorf("help before line %d (%.20s) uses a sign that is read aloud:\n%s", i, lines[i], s.err)
				}
			}
		})
	}
}

// TestQuitAtEveryPromptEndsTheJobAndSavesNothing types quit instead of each line.
func TestQuitAtEveryPromptEndsTheJobAndSavesNothing(t *testing.T) {
	t.Parallel()
	for name, c := range conversations() {
		if name == "home" {
			continue // a job before quit is saved there, as it should be
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines := c.all(name)
			for i := range lines {
				p := c.place(t)
				before := p.saved()
				s := p.run(typedLines(lines[:i], []string{"quit"}, c.afterQuit), c.args...)
				if s.code != exitCancelled && (name != "edit" || i > 1) {
					t.Errorf("quit instead of line %d (%.20s) exits %d:\n%s", i, lines[i], s.code, s.err)
				}
				if !maps.Equal(before, p.saved()) {
					t.Errorf("quit instead of line %d (%.20s) saved something:\n%s", i, lines[i], s.err)
				}
			}
		})
	}
}

// TestBackAtEveryPromptGoesOnePromptBack types back before each line, and then the
// line before it once more.
func TestBackAtEveryPromptGoesOnePromptBack(t *testing.T) {
	t.Parallel()
	for name, c := range conversations() {
		if c.jumps {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines := c.all(name)
			straight := c.place(t)
			want := straight.must(typedLines(lines), c.args...)
			for i := c.first; i < len(lines); i++ {
				p := c.place(t)
				s := p.run(typedLines(lines[:i], []string{"back"}, lines[max(i-1, 0):]), c.args...)
				if s.code != want.code || !maps.Equal(straight.saved(), p.saved()) {
					t.Errorf("back before line %d (%.20s): exits %d, want %d, or saves something else:\n%s", i, lines[i], s.code, want.code, s.err)
				}
			}
		})
	}
}

// TestBackInAMenusJobComesBackToTheMenu types back at the prompt of a job; the
// menu takes the next command, and nothing was changed.
func TestBackInAMenusJobComesBackToTheMenu(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		args  []string
		lines []string
	}{
		"an answer of the review":           {[]string{"edit", "Payments", "--plain"}, []string{"3", "back", "quit"}},
		"a secret of the review":            {[]string{"edit", "Payments", "--plain"}, []string{"credentials.password", "back", "quit"}},
		"a choice of the review":            {[]string{"edit", "Payments", "--plain"}, []string{"connectivity.mode", "back", "quit"}},
		"deleting at home":                  {[]string{"--plain"}, []string{"delete 1", "back", "quit"}},
		"deleting at home, from the second": {[]string{"--plain"}, []string{"delete 1", "yes", "back", "back", "quit"}},
		"copying at home":                   {[]string{"--plain"}, []string{"copy 1", "back", "quit"}},
		"editing at home":                   {[]string{"--plain"}, []string{"edit 1", "back", "quit"}},
		"editing an answer at home":         {[]string{"--plain"}, []string{"edit 1", "3", "back", "back", "quit"}},
		"a secret's value at home":          {[]string{"--plain"}, []string{"secret set account.Payments_token", "back", "quit"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPaymentsPlace(t)
			before := p.saved()
			s := p.must(typedLines(row.lines), row.args...)
			if !maps.Equal(before, p.saved()) {
				t.Errorf("something was saved:\n%s", s.err)
			}
		})
	}
}

// TestEveryFindingIsSaidInWordsWithItsCodeAndFix gives wrong answers to the
// review, which says what the rules say of them.
func TestEveryFindingIsSaidInWordsWithItsCodeAndFix(t *testing.T) {
	t.Parallel()
	for id, values := range map[model.QuestionID][]string{
		model.QName:        {"***", strings.Repeat("x", 200)},
		model.QTags:        {"x,x"},
		model.QURL:         {"ftp://bitbucket.org/acme/ledger.git", "https://github.com/acme/ledger.git", "--upload-pack=x", "https://"},
		model.QURLType:     {"Workspace"},
		model.QKind:        {"nothing", "app-password"},
		model.QUsername:    {"jdoe@acme-corp.com"},
		model.QExpires:     {"soon", "2020-01-01"},
		model.QSecret:      {"a b", "project.x"},
		model.QAPIMethod:   {"OAuth2"},
		model.QAPIEmail:    {"nobody"},
		model.QMode:        {"carrier"},
		model.QPassword:    {"gh" + "p_" + strings.Repeat("a1B2", 9)},
		model.QDescription: nil,
	} {
		for _, value := range values {
			t.Run(string(id)+"="+value[:min(len(value), 12)], func(t *testing.T) {
				t.Parallel()
				p := newPaymentsPlace(t)
				wanted := p.findings(id, value)
				s := p.run(typedLines([]string{string(id), value, "back", "quit", "drop"}), "edit", "Payments", "--plain")
				for _, f := range wanted {
					contains(t, "the review", s.err, inWords(withhold(f.Message)), inWords(withhold(f.Fix)), "("+f.Code+")")
				}
				if len(wanted) == 0 {
					t.Errorf("the rules have nothing against %q", value)
				}
			})
		}
	}
}

// findings are the errors that the rules find in one answer to a saved connector.
func (p *place) findings(id model.QuestionID, value string) model.Findings {
	p.t.Helper()
	a := newTestApp(strings.NewReader(""), &safeBuffer{}, &safeBuffer{})
	p.wire(a)
	if err := a.connect(); err != nil {
		p.t.Fatal(err)
	}
	w, err := a.jobs.World(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	d, _, err := a.jobs.EditIn(p.t.Context(), "Payments", w)
	if err != nil {
		p.t.Fatal(err)
	}
	if q, _ := model.KnownQuestion(id); q.IsSecret() {
		d = a.jobs.FillSecret(d, id, model.NewSecret(value))
	} else {
		d = model.Fill(d, id, value)
	}
	var out model.Findings
	for _, f := range model.ValidateAnswer(id, d, w) {
		if f.Severity == model.SeverityError {
			out = append(out, f)
		}
	}
	return out
}
