package cmd

import (
	"strings"
	"testing"

	"bbconnect/model"
)

// answersOfPayments are the lines that answer every question of new over HTTP.
func answersOfPayments(secret string) string {
	return "Payments\n\n\n\n\nhttps://bitbucket.org/acme/ledger.git\n\n\n" + secret + "\n\n\n\n\n\njdoe@acme-corp.com\n\n\n"
}

// Whoever did not save a connector whose test failed lost every answer.
func TestANewConnectorThatFailsItsTestIsGoneOverAndNotLost(t *testing.T) {
	t.Parallel()
	good := token("gO7")
	for name, row := range map[string]struct {
		input  string
		code   int
		drafts int
		saved  bool
		says   []string
	}{
		"mended and saved": {
			"no\ncredentials.password\n" + good + "\nlist\ntest\nsave\n", exitDone, 0, true,
			[]string{"To mend it, change 9. Token.", "Nothing is lost.", "Token: a new value, not shown", "pass: The connector works.", "Saved Payments"},
		},
		"mended, and saving tests it": {"no\ncredentials.password\n" + good + "\nsave\n", exitDone, 0, true, []string{"pass: The connector works."}},
		"an answer that is wrong now": {
			"no\n1\n***\nLedger\nsave\nno\nquit\nkeep\n", exitCancelled, 1, false, []string{"error:", "Name: was Payments, is now Ledger", "Nothing was saved."},
		},
		"saved as it is after all":        {"no\nsave\nyes\n", exitDone, 0, true, []string{"Saved Payments"}},
		"kept":                            {"no\nquit\nkeep\n", exitCancelled, 1, false, []string{"The connector is not saved", "forget it", "kept as a draft"}},
		"dropped":                         {"no\nquit\ndrop\n", exitCancelled, 0, false, []string{"2: drop"}},
		"quit instead of yes or no":       {"quit\n", exitCancelled, 1, false, []string{"kept as a draft"}},
		"the input ends there":            {"no\n", exitFailed, 1, false, []string{"kept as a draft"}},
		"the input ends after a change":   {"no\n3\nmine\n", exitUsage, 1, false, []string{"kept as a draft"}},
		"the list says nothing of before": {"no\nlist\nquit\ndrop\n", exitCancelled, 0, false, []string{"Findings: no error, "}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.verdict = func(r model.TestRequest) model.TestResult {
				if r.Password.Reveal() == good {
					return passes(r)
				}
				return fails(r)
			}
			s := p.run(answersOfPayments(token("bAd"))+row.input, "new", "--plain")
			if s.code != row.code {
				t.Errorf("exits %d, want %d:\n%s", s.code, row.code, s.err)
			}
			contains(t, "the prompts", s.err, row.says...)
			if strings.Contains(s.err, "Changed: ") {
				t.Errorf("it counts what differs from what was never saved:\n%s", s.err)
			}
			if n := len(p.drafts()); n != row.drafts {
				t.Errorf("%d drafts are kept, want %d", n, row.drafts)
			}
			if got := len(p.saved()) > 0; got != row.saved {
				t.Errorf("saved: %v, want %v", got, row.saved)
			}
		})
	}
}
