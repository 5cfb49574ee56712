package cmd

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bbconnect/model"
)

// enters is enter pressed at every question that may come.
func enters() string { return strings.Repeat("\n", 60) }

// everyNumber opens each answer of the review and presses enter there, which
// keeps it.
func everyNumber() string {
	var b strings.Builder
	for n := range 35 {
		fmt.Fprintf(&b, "%d\n\n", n+1)
	}
	return b.String()
}

// TestEditingWithPlainLinesAndChangingNothingChangesNoByte presses enter at
// every answer, whose brackets hold what is saved.
func TestEditingWithPlainLinesAndChangingNothingChangesNoByte(t *testing.T) {
	t.Parallel()
	key, err := newKeyTool().Generate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range faces(key.Reveal()) {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := newPlaceWithLogins(t)
			p.must("", append([]string{"new", "--yes"}, row.setFlags(t, p)...)...)
			id := ""
			for name := range p.files() {
				if strings.HasPrefix(name, "data/connectors/") && strings.HasSuffix(name, ".yaml") {
					id = strings.TrimSuffix(strings.TrimPrefix(name, "data/connectors/"), ".yaml")
				}
			}
			want := p.saved()
			s := p.must(everyNumber()+"show\nsave\n", "edit", id, "--plain")
			contains(t, "the review", s.err, "Nothing differs from what is saved.")
			if got := p.saved(); !maps.Equal(want, got) {
				compare(t, want, got)
			}
			for _, q := range []model.QuestionID{
				model.QName, model.QDescription, model.QTags, model.QUsername, model.QAPIEmail, model.QDelegateTags, model.QTestRepository, model.QExpires,
			} {
				if answer := row.answers[q]; !strings.Contains(s.err, "["+answer) {
					t.Errorf("the present answer %q of %s stands in no brackets:\n%s", answer, q, s.err)
				}
			}
		})
	}
}

// answersTo are the questions that were asked, as they stand before their colon
// or bracket, in order.
func answersTo(text string) []string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		label, _, ok := strings.Cut(line, ": ")
		if ok && !strings.HasPrefix(line, " ") {
			label, _, _ = strings.Cut(label, " [")
			label, _, _ = strings.Cut(label, " (")
			out = append(out, label)
		}
	}
	return out
}

func TestPlainPromptsTakeTheWordsAtAnyQuestion(t *testing.T) {
	t.Parallel()
	token := token("kQ7")
	for name, row := range map[string]struct {
		input  string
		code   int
		says   []string
		silent []string
		check  func(t *testing.T, p *place, s said)
	}{
		"help explains and asks again": {
			input: "help\nHELP\nPayments\nquit\n", code: exitCancelled,
			says: []string{"For example:", "back goes to the question before"},
			check: func(t *testing.T, _ *place, s said) {
				if n := len(keep(answersTo(s.err), "Name")); n != 3 {
					t.Errorf("the name is asked %d times, want 3:\n%s", n, s.err)
				}
			},
		},
		"back at the first question stays there": {
			input: "back\nPayments\nquit\n", code: exitCancelled, says: []string{"This is the first question."},
		},
		"back shows the answer that was given": {
			input: "Payments\nback\nquit\n", code: exitCancelled, says: []string{"Name [Payments]"},
			check: func(t *testing.T, p *place, _ said) { p.draftSays(model.QName, "Payments") },
		},
		"back changes an answer": {
			input: "Payments\nback\nLedger\nquit\n", code: exitCancelled,
			check: func(t *testing.T, p *place, _ said) { p.draftSays(model.QName, "Ledger") },
		},
		"a name that cannot be one is explained in words": {
			input: "***\nPayments\nquit\n", code: exitCancelled, says: []string{"error:"}, silent: []string{"✗"},
			check: func(t *testing.T, p *place, _ said) { p.draftSays(model.QName, "Payments") },
		},
		"an address that is none is asked again": {
			input: "Payments\n\n\n\n\nnot an address\nhttps://bitbucket.org/acme/ledger.git\nquit\n", code: exitCancelled, says: []string{"error:"},
			check: func(t *testing.T, p *place, _ said) { p.draftSays(model.QURL, "https://bitbucket.org/acme/ledger.git") },
		},
		"a minus empties an optional answer": {
			input: "Payments\n\nThe ledger\nback\n-\nquit\n", code: exitCancelled, says: []string{"[The ledger; - empties it]"},
			check: func(t *testing.T, p *place, _ said) { p.draftSays(model.QDescription, "") },
		},
		"a pasted token is not repeated as a wrong choice": {
			input: "Payments\n\n\n\n" + token + "\n\nquit\n", code: exitCancelled, says: []string{"(what looks like a credential) is no scope"}, silent: []string{token[:12]},
		},
		"a number behind the last choice": {
			input: "Payments\n\n\n\n4\n\nquit\n", code: exitCancelled, says: []string{"There is no choice 4. Type a number from 1 to 3 or a name."}, silent: []string{"scope.invalid"},
		},
		"a minus is no name": {
			input: "-\nPayments\nquit\n", code: exitCancelled, says: []string{"Name needs an answer"},
			check: func(t *testing.T, p *place, _ said) { p.draftSays(model.QName, "Payments") },
		},
		"quit before any answer keeps nothing": {
			input: "quit\n", code: exitCancelled, silent: []string{"kept as a draft"},
			check: func(t *testing.T, p *place, _ said) {
				if len(p.files()) != 0 {
					t.Errorf("there are files: %v", p.files())
				}
			},
		},
		"quit keeps what was answered": {
			input: "Payments\n\n\n\n\nhttps://bitbucket.org/acme/ledger.git\n\n\n" + token + "\nquit\n", code: exitCancelled,
			says: []string{"kept as a draft, without its secrets", "offered next time"},
			check: func(t *testing.T, p *place, _ said) {
				p.draftSays(model.QName, "Payments")
				for name, text := range p.files() {
					if part, found := leaks(text, token); found {
						t.Errorf("%s holds %q of the token", name, part)
					}
				}
			},
		},
		"an end of the input names what is missing": {
			input: "Payments\n", code: exitUsage, says: []string{"missing or wrong", "details.url"}, silent: []string{"kept as a draft"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			s := p.run(row.input, "new", "--plain")
			if s.code != row.code {
				t.Fatalf("exits %d, want %d:\n%s", s.code, row.code, s.err)
			}
			contains(t, "the prompts", s.err, row.says...)
			for _, text := range row.silent {
				if strings.Contains(s.err, text) {
					t.Errorf("the prompts say %q:\n%s", text, s.err)
				}
			}
			if row.check != nil {
				row.check(t, p, s)
			}
		})
	}
}

// keep are the strings equal to one.
func keep(all []string, one string) []string {
	var out []string
	for _, s := range all {
		if s == one {
			out = append(out, s)
		}
	}
	return out
}

// draftSays compares one answer of the only draft.
func (p *place) draftSays(id model.QuestionID, want string) {
	p.t.Helper()
	drafts := p.drafts()
	if len(drafts) != 1 {
		p.t.Fatalf("there are %d drafts, want one", len(drafts))
	}
	if got := drafts[0].Draft.Answer(id); got != want {
		p.t.Errorf("the draft says %q for %s, want %q", got, id, want)
	}
}

func (p *place) drafts() []model.SavedDraft {
	p.t.Helper()
	a := newTestApp(strings.NewReader(""), &safeBuffer{}, &safeBuffer{})
	p.wire(a)
	if err := a.connect(); err != nil {
		p.t.Fatal(err)
	}
	drafts, err := a.jobs.Library.Drafts(context.Background())
	if err != nil {
		p.t.Fatal(err)
	}
	return drafts
}

func TestBackGoesOverAQuestionThatHasGone(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	// An account's address asks for a repository to test with; going back from it
	// to the address and naming a repository makes that question go.
	s := p.run("Payments\n\n\n\n\nhttps://bitbucket.org/acme/\nback\nhttps://bitbucket.org/acme/ledger.git\n\n\nquit\n", "new", "--plain")
	if s.code != exitCancelled {
		t.Fatalf("exits %d:\n%s", s.code, s.err)
	}
	p.draftSays(model.QURL, "https://bitbucket.org/acme/ledger.git")
	rest := s.err[strings.LastIndex(s.err, "https://bitbucket.org/acme/"):]
	if strings.Contains(rest, "Test repository") {
		t.Errorf("a repository is asked for though the address names one:\n%s", rest)
	}
}

func TestMoreAsksTheRarelyNeededQuestions(t *testing.T) {
	t.Parallel()
	without, with := newPlace(t), newPlace(t)
	const answers = "Payments\n\n\n\n\nhttps://bitbucket.org/acme/ledger.git\n\n\n"
	few := without.run(answers+"quit\n", "new", "--plain")
	many := with.run("more\n"+answers+enters()+"quit\n", "new", "--plain")
	contains(t, "the prompts", many.err, "rarely needed are asked too")
	if a, b := len(answersTo(few.err)), len(answersTo(many.err)); b <= a {
		t.Errorf("more asks %d questions, without it %d are asked", b, a)
	}
}

func TestAnUnfinishedConnectorIsOffered(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		answer string
		args   []string
		says   []string
		silent string
	}{
		"enter goes on":                {"\nback\n", nil, []string{"An unfinished connector: Payments, left 5 min ago.", "Go on with it?", "Name [Payments]"}, ""},
		"yes goes on":                  {"YES\n", nil, []string{"Name [Payments]"}, ""},
		"no begins anew":               {"no\n", nil, []string{"Go on with it?", "Name: "}, "[Payments]"},
		"another word is asked again":  {"perhaps\nn\n", nil, []string{"Type yes, no, back, help or quit."}, "[Payments]"},
		"quit leaves":                  {"quit\n", nil, []string{"Go on with it?"}, "Name"},
		"flags say what is to be made": {"", []string{"--set", "overview.name=Ledger"}, nil, "unfinished connector:"},
		"an organisation is another":   {"", []string{"--org", "payments"}, nil, "unfinished connector:"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.now = time.Now()
			p.run("Payments\nquit\n", "new", "--plain")
			p.now = p.now.Add(5*time.Minute + 30*time.Second)
			s := p.run(row.answer+"quit\n", append([]string{"new", "--plain"}, row.args...)...)
			if s.code != exitCancelled {
				t.Fatalf("exits %d:\n%s", s.code, s.err)
			}
			contains(t, "the prompts", s.err, row.says...)
			if row.silent != "" && strings.Contains(s.err, row.silent) {
				t.Errorf("the prompts say %q:\n%s", row.silent, s.err)
			}
			p.draftSays(model.QName, "Payments")
		})
	}
}

func TestAFinishedDraftIsGoneAndOneOfAnEditIsNotOffered(t *testing.T) {
	t.Parallel()
	p := newPaymentsPlace(t)
	p.run("1\nLater\nquit\nkeep\n", "edit", "Payments", "--plain")
	if n := len(p.drafts()); n != 1 {
		t.Fatalf("quitting an edit keeps %d drafts", n)
	}
	s := p.run("Ledger\nquit\n", "new", "--plain")
	if strings.Contains(s.err, "An unfinished connector") {
		t.Errorf("changes to a saved connector are offered as a new one:\n%s", s.err)
	}
	// More than one: the latest is offered, and how many there are is said.
	p.run("no\nThird\nquit\n", "new", "--plain")
	s = p.run("quit\n", "new", "--plain")
	contains(t, "the prompts", s.err, "There are 2 unfinished connectors in all")
	before := len(p.drafts())
	rest := "\nhttps://bitbucket.org/acme/third.git\n\n\n" + token("kQ7") + "\n\n\n\n\n\njdoe@acme-corp.com\n\n\n\n"
	s = p.run("yes\n\n\n\n\n"+rest, "new", "--plain")
	if s.code != exitDone {
		t.Fatalf("exits %d:\n%s", s.code, s.err)
	}
	if after := len(p.drafts()); after != before-1 {
		t.Errorf("there are %d drafts after saving one of %d", after, before)
	}
}

func TestPlainPromptsChooseTheCommandAndTheAskPlaces(t *testing.T) {
	t.Parallel()
	const begin = "Payments\n\n\n\n\nhttps://bitbucket.org/acme/ledger.git\n\n\n"
	after := token("kQ7") + "\n\n\n\n\n\njdoe@acme-corp.com\n\n\n\n"
	for name, row := range map[string]struct{ answer, says, where string }{
		"ask by number":      {"4\n", "never stored", "ask"},
		"ask by name":        {"Ask\n", "never stored", "ask"},
		"vault by number":    {"2\n", "a vault of the test", "vault"},
		"command, its line":  {"3\npass show bitbucket/{name}\n", "a command of the test", "command"},
		"keyring, then quit": {"1\nquit\n", "There is no session bus", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.broken[model.WhereKeyring] = noKeyring()
			if row.where == "command" { // the program behind it knows the value already
				if err := p.keys.Set(t.Context(), "account/Payments_token", model.NewSecret(token("kQ7"))); err != nil {
					t.Fatal(err)
				}
			}
			s := p.run(begin+row.answer+after, "new", "--plain")
			contains(t, "the prompts", s.err, row.says)
			if row.where == "" {
				if s.code != exitCancelled {
					t.Errorf("exits %d", s.code)
				}
				p.draftSays(model.QName, "Payments")
				return
			}
			if s.code != exitDone {
				t.Fatalf("exits %d:\n%s", s.code, s.err)
			}
			files := p.files()
			if !strings.Contains(files["data/secrets.yaml"], "where: "+row.where) {
				t.Errorf("the secret is not kept by %s: %s", row.where, files["data/secrets.yaml"])
			}
			if row.where == "command" && !strings.Contains(files["config/config.yaml"], "pass show bitbucket/{name}") {
				t.Errorf("the command is not remembered: %v", files)
			}
		})
	}
}

func TestDeletingAsksAndTakesOnlyAYes(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		input           string
		code            int
		connector, kept bool
	}{
		"no":                      {"no\n", exitCancelled, true, true},
		"enter alone":             {"\n", exitCancelled, true, true},
		"another word":            {"perhaps\nno\n", exitCancelled, true, true},
		"the input ends":          {"", exitUsage, true, true},
		"yes, the secrets stay":   {"yes\nno\n", exitDone, false, true},
		"yes, the secrets go too": {"y\nYES\n", exitDone, false, false},
		"yes, then nothing":       {"yes\n", exitUsage, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPaymentsPlace(t)
			p.tune = func(a *app) {
				a.readSecretLine = func(context.Context, func()) (string, error) { return "", errors.New("nothing is asked for here") }
			}
			s := p.run(row.input, "delete", "Payments")
			if s.code != row.code {
				t.Errorf("exits %d, want %d:\n%s", s.code, row.code, s.err)
			}
			files := p.files()
			if _, there := files["data/connectors/Payments.yaml"]; there != row.connector {
				t.Errorf("the connector is there: %v, want %v", there, row.connector)
			}
			_, err := p.keys.Get(t.Context(), "account/Payments_token")
			if (err == nil) != row.kept {
				t.Errorf("the secret is kept: %v, want %v (%s)", err == nil, row.kept, files["data/secrets.yaml"])
			}
		})
	}
}

func TestTheKeyIsReadFromAFileOrMade(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	const begin = "SSH\n\n\n\n\ngit@bitbucket.org:acme/ledger.git\n\n\n\n"
	missing := filepath.Join(t.TempDir(), "nosuch.pem")
	s := p.run(begin+missing+"\ngenerate\nquit\n", "new", "--plain", "--set", "api.method=off")
	if s.code != exitCancelled {
		t.Fatalf("exits %d:\n%s", s.code, s.err)
	}
	contains(t, "the prompts", s.err, "The file cannot be read.", "A key was made.", "ssh-rsa AAAA", "bbconnect")
	for name, text := range p.files() {
		if strings.Contains(text, "PRIVATE KEY") {
			t.Errorf("the key stands in %s", name)
		}
	}
}
