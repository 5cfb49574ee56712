package cmd

import (
	"maps"
	"strings"
	"sync"
	"testing"

	"bbconnect/model"
)

// shownOf is what show --json says of the only connector.
func (p *place) shownOf(id string) string {
	p.t.Helper()
	return p.must("", "show", id, "--json").out
}

func TestTheReviewChangesAnswersByNumberAndById(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		input, want string
		says        []string
	}{
		"by number":           {"3\nthe ledger\nsave\n", `"description": "the ledger"`, []string{"1. Name: Payments", "3. Description: none", "Description: was none, is now the ledger", "ok: Saved Payments"}},
		"by number and a dot": {"3.\nthe ledger\nsave\n", `"description": "the ledger"`, nil},
		"by id":               {"overview.description\nthe ledger\nSAVE\n", `"description": "the ledger"`, nil},
		"twice":               {"3\none\n3\ntwo\nsave\n", `"description": "two"`, []string{"Description [one; - empties it]", "was one, is now two"}},
		"emptied again":       {"3\none\n3\n-\nsave\n", `"description": ""`, []string{"was one, is now none"}},
		"one undone":          {"3\none\n4\nprod\nundo 3\nsave\n", `"tags": "prod"`, []string{"Description: was one, is now none"}},
		"undone by id":        {"4\nprod\n3\nthe ledger\nundo overview.tags\nsave\n", `"tags": ""`, nil},
		"all undone":          {"3\none\n4\nprod\nundo all\nshow\nsave\n", `"description": ""`, []string{"Nothing differs from what is saved."}},
		"back keeps it":       {"1\nback\n3\nmine\nsave\n", `"name": "Payments"`, []string{"Nothing more was done."}},
		"help explains":       {"help\n3\nhelp\nmine\nsave\n", `"description": "mine"`, []string{"Every answer has a number.", "undo N: put answer N back", "what the connector is for"}},
		"a wrong answer is said and asked again": {
			"api.email\nnobody\nada@acme-corp.com\nsave\n", "ada@acme-corp.com", []string{"error:", "(email.invalid)"},
		},
		"an error elsewhere is said with its number": {
			"connectivity.mode\ndelegate\nconnectivity.delegates\ntags\nsave\ntest\nconnectivity.tags\neu\nsave\n",
			`"connectivity": "delegate"`,
			[]string{"Other questions are asked now", "Delegate tags is wrong: error:", "(delegates.tags-required)"},
		},
		"show":                         {"3\nmine\nshow\nsave\n", `"description": "mine"`, []string{"Description: saved as none, now mine"}},
		"what is no command":           {"nonsense\n99\n3\nmine\nsave\n", `"description": "mine"`, []string{"That is no command here. Type help"}},
		"undo of nothing":              {"undo\nundo 99\n3\nmine\nsave\n", `"description": "mine"`, []string{"error: That names no answer to put back. (usage)", "Type undo and its number"}},
		"what is locked":               {"2\n3\nmine\nsave\n", `"id": "Payments"`, []string{"2. Id: Payments (cannot be changed)", "error: Id cannot be changed"}},
		"enter alone reads it again":   {"3\nmine\n\nsave\n", `"description": "mine"`, []string{"3. Description: mine", "Changed: 1 answer."}},
		"a test and a save test once":  {"3\nmine\ntest\nsave\n", `"description": "mine"`, []string{"passed: Reach the server", "pass: The connector works."}},
		"quit, then save after all":    {"3\nmine\nquit\nsave\n", `"description": "mine"`, []string{"1: save, test and save them now"}},
		"quit, back, and save":         {"3\nmine\nquit\nback\nsave\n", `"description": "mine"`, []string{"Nothing more was done."}},
		"back asks what quit asks":     {"3\nmine\nback\n1\n", `"description": "mine"`, []string{"The changes are not saved"}},
		"an answer from the flags too": {"save\n", `"description": "flagged"`, []string{"Description: flagged"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPaymentsPlace(t)
			args := []string{"edit", "Payments", "--plain"}
			if strings.Contains(row.want, "flagged") {
				args = append(args, "--set", "overview.description=flagged")
			}
			s := p.must(row.input, args...)
			contains(t, "the review", s.err, row.says...)
			if got := p.shownOf("Payments"); !strings.Contains(got, row.want) {
				t.Errorf("it does not say %s:\n%s\n%s", row.want, got, s.err)
			}
		})
	}
}

func TestTheReviewTestsAgainOnlyAfterAChange(t *testing.T) {
	t.Parallel()
	for input, want := range map[string]int{"3\nmine\ntest\nsave\n": 1, "3\nmine\ntest\n3\nother\nsave\n": 2, "3\nmine\ntest\n3\n\nsave\n": 1, "3\nmine\ntest\ntest\nsave\n": 3 - 1} {
		p := newPaymentsPlace(t)
		tests := 0
		p.verdict = func(r model.TestRequest) model.TestResult { tests++; return passes(r) }
		p.must(input, "edit", "Payments", "--plain")
		if tests != want {
			t.Errorf("%q tests %d times, want %d", input, tests, want)
		}
	}
	p := newPaymentsPlace(t)
	p.verdict = func(model.TestRequest) model.TestResult { panic("tested") }
	p.must("3\nmine\nsave\n", "edit", "Payments", "--plain", "--no-test")
}

func TestTheReviewKeepsAStoredSecretByAnEmptyLineAndReplacesIt(t *testing.T) {
	t.Parallel()
	old, fresh := token("kQ7"), token("nE2")
	p := newPaymentsPlace(t)
	s := p.must("credentials.password\n\nshow\n3\nmine\nsave\n", "edit", "Payments", "--plain")
	contains(t, "the review", s.err, "Token: the stored value, not shown", "Nothing differs from what is saved.", "[unchanged]")
	if v, err := p.keys.Get(t.Context(), "account/Payments_token"); err != nil || v.Reveal() != old {
		t.Errorf("an empty line replaced the secret (%v)", err)
	}
	s = p.must("credentials.password\n"+fresh+"\nshow\nsave\n", "edit", "Payments", "--plain")
	contains(t, "the review", s.err, "saved as the stored value, not shown, now a new value, not shown")
	if v, err := p.keys.Get(t.Context(), "account/Payments_token"); err != nil || v.Reveal() != fresh {
		t.Errorf("the new value is not kept (%v)", err)
	}
	for _, text := range []string{s.err, s.out} {
		if part, found := leaks(text, fresh); found {
			t.Errorf("%q of the value is shown", part)
		}
	}
	// Undone before it is saved, it is as if it had never been typed.
	p.must("credentials.password\n"+token("zZ9")+"\nundo credentials.password\n3\nother\nsave\n", "edit", "Payments", "--plain")
	if v, err := p.keys.Get(t.Context(), "account/Payments_token"); err != nil || v.Reveal() != fresh {
		t.Errorf("a value that was taken back is kept (%v)", err)
	}
}

func TestAFailingTestIsSaidInWordsAndSavedOnlyAfterAYes(t *testing.T) {
	t.Parallel()
	for answer, saved := range map[string]bool{"no\nquit\ndrop\n": false, "back\nquit\ndrop\n": false, "yes\n": true} {
		p := newPaymentsPlace(t)
		p.verdict = fails
		s := p.run("3\nmine\ntest\nsave\n"+answer, "edit", "Payments", "--plain")
		contains(
			t, "the review", s.err, "failed: Read the repository with git", "The token was rejected. (cred.rejected)", "It may have been revoked.",
			"Make a new one.", "To mend it, change 10. Token.", "Save it all the same?",
		)
		if got := strings.Contains(p.shownOf("Payments"), `"description": "mine"`); got != saved {
			t.Errorf("%q: saved %v, want %v:\n%s", answer, got, saved, s.err)
		}
	}
}

func TestQuittingTheReviewLosesNothingUnasked(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		input  string
		code   int
		drafts int
		says   string
	}{
		"unchanged":                        {"quit\n", exitDone, 0, "Nothing was changed."},
		"unchanged, by back":               {"back\n", exitDone, 0, "Nothing was changed."},
		"dropped":                          {"3\nmine\nquit\ndrop\n", exitCancelled, 0, "2: drop"},
		"kept":                             {"3\nmine\nquit\nkeep\n", exitCancelled, 1, "kept as a draft"},
		"quit at the question about it":    {"3\nmine\nquit\nquit\n", exitCancelled, 1, "kept as a draft"},
		"quit at an answer, unchanged":     {"3\nquit\n", exitDone, 0, "Nothing was changed."},
		"quit at an answer, changed":       {"3\nmine\n4\nquit\ndrop\n", exitCancelled, 0, "The changes are not saved"},
		"quit at a secret":                 {"3\nmine\ncredentials.password\nquit\nkeep\n", exitCancelled, 1, "kept as a draft"},
		"another word is no answer":        {"3\nmine\nquit\nperhaps\ndrop\n", exitCancelled, 0, "none of the choices"},
		"the input ends":                   {"3\nmine\n", exitUsage, 1, "The input ended before the changes were saved."},
		"the input ends and nothing is to": {"", exitUsage, 0, "The input ended before the changes were saved."},
		"the test fails when saving":       {"3\nmine\nquit\nsave\nno\nquit\ndrop\n", exitCancelled, 0, "Nothing was saved."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPaymentsPlace(t)
			if strings.Contains(name, "fails") {
				p.verdict = fails
			}
			before := p.saved()
			s := p.run(row.input, "edit", "Payments", "--plain")
			if s.code != row.code {
				t.Errorf("exits %d, want %d:\n%s", s.code, row.code, s.err)
			}
			contains(t, "the review", s.err, row.says)
			if n := len(p.drafts()); n != row.drafts {
				t.Errorf("%d drafts are kept, want %d", n, row.drafts)
			}
			if !maps.Equal(before, p.saved()) {
				t.Error("the saved connector was changed")
			}
		})
	}
}

func TestUnsavedChangesAreOfferedAgain(t *testing.T) {
	t.Parallel()
	p := newPaymentsPlace(t)
	p.run("3\nmine\nquit\nkeep\n", "edit", "Payments", "--plain")
	s := p.run("back\nno\nquit\n", "edit", "Payments", "--plain")
	contains(t, "the review", s.err, "Changes to this connector were left unsaved", "Go on with it?", "This is the first question.", "3. Description: none")
	s = p.run("yes\nquit\ndrop\n", "edit", "Payments", "--plain")
	contains(t, "the review", s.err, "3. Description: mine", "Changed: 1 answer.")
	if n := len(p.drafts()); n != 0 {
		t.Fatalf("%d drafts are left after dropping", n)
	}
	p.run("3\nmine\nquit\nkeep\n", "edit", "Payments", "--plain")
	p.must("\nsave\n", "edit", "Payments", "--plain")
	if n := len(p.drafts()); n != 0 || !strings.Contains(p.shownOf("Payments"), `"description": "mine"`) {
		t.Errorf("%d drafts, %s", n, p.shownOf("Payments"))
	}
}

// TestWhatSomebodyElseSavedIsSaidAndChosenAbout saves the connector a second time
// while the review is busy with its live test.
func TestWhatSomebodyElseSavedIsSaidAndChosenAbout(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		theirs, input string
		want          []string
		says          []string
	}{
		"both, other answers": {
			"overview.tags=prod", "both\nsave\n",
			[]string{`"description": "mine"`, `"tags": "prod"`},
			[]string{"(store.conflict)", "What somebody else changed: Tags: was none, is saved now as prod", "What you changed: Description: was none, is now mine"},
		},
		"both, the same answer, yours":  {"overview.description=theirs", "1\nyours\nsave\n", []string{`"description": "mine"`}, []string{"1: yours, mine", "2: theirs, theirs"}},
		"both, the same answer, theirs": {"overview.description=theirs", "\ntheirs\nsave\n", []string{`"description": "theirs"`}, nil},
		"theirs":                        {"overview.description=theirs", "theirs\nshow\nquit\n", []string{`"description": "theirs"`}, []string{"Nothing differs from what is saved."}},
		"later, and the same again":     {"overview.tags=prod", "later\nsave\nboth\nsave\n", []string{`"description": "mine"`, `"tags": "prod"`}, nil},
		"help, back":                    {"overview.tags=prod", "help\nback\nquit\ndrop\n", []string{`"description": ""`, `"tags": "prod"`}, []string{"Nothing is saved yet"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPaymentsPlace(t)
			var once sync.Once
			p.verdict = func(r model.TestRequest) model.TestResult {
				once.Do(func() { p.must("", "edit", "Payments", "--yes", "--no-test", "--set", row.theirs) })
				return passes(r)
			}
			s := p.run("3\nmine\nsave\n"+row.input, "edit", "Payments", "--plain")
			contains(t, "the review", s.err, row.says...)
			shown := p.shownOf("Payments")
			for _, want := range row.want {
				if !strings.Contains(shown, want) {
					t.Errorf("it does not say %s:\n%s\n%s", want, shown, s.err)
				}
			}
		})
	}
}

func TestAConnectorDeletedMeanwhileIsSavedAnewOnlyAfterAYes(t *testing.T) {
	t.Parallel()
	for answer, back := range map[string]bool{"yes\nsave\n": true, "no\nquit\ndrop\n": false} {
		p := newPaymentsPlace(t)
		var once sync.Once
		p.verdict = func(r model.TestRequest) model.TestResult {
			once.Do(func() { p.must("", "delete", "Payments", "--yes") })
			return passes(r)
		}
		s := p.run("3\nmine\nsave\n"+answer, "edit", "Payments", "--plain")
		contains(t, "the review", s.err, "The connector was deleted meanwhile.")
		if got := p.run("", "show", "Payments").code == exitDone; got != back {
			t.Errorf("%q: it is there: %v, want %v\n%s", answer, got, back, s.err)
		}
	}
}

func TestADumbTerminalEditsWithTheReview(t *testing.T) {
	t.Parallel()
	for _, env := range []string{"TERM", "ACCESSIBLE"} {
		p := newPaymentsPlace(t)
		p.env[env] = map[string]string{"TERM": "dumb", "ACCESSIBLE": "1"}[env]
		p.tune = func(a *app) { a.onTerminal = true }
		s := p.must("3\nmine\nsave\n", "edit", "Payments")
		contains(t, "the review", s.err, "Editing Payments (Payments).", "ok: Saved")
	}
}
