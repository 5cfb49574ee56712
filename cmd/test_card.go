package cmd

import (
	"fmt"
	"slices"
	"strings"

	"bbconnect/model"
)

// printVerdict prints the outcome of one test for people, with the problem to
// mend first.
func (a *app) printVerdict(r model.TestResult) {
	words := map[model.Verdict]string{
		model.VerdictPass: "The connector works.", model.VerdictWarn: "The connector works, with a warning.",
		model.VerdictFail: "The connector does not work.", model.VerdictUnreachable: "This machine cannot reach the server; the delegate may.",
	}
	mark := a.verdictMark(r.Verdict)
	if a.words {
		mark += ":"
	}
	fmt.Fprintf(a.errOut, "\n%s %s\n", mark, words[r.Verdict])
	if r.Problem != nil {
		a.printProblem(a.errOut, r.Problem)
	}
	a.printRights(r.Rights)
	if len(r.Notes) > 0 {
		fmt.Fprintln(a.errOut)
		if r.Verdict == model.VerdictPass || r.Verdict == model.VerdictWarn {
			a.tell(a.errOut, "", "Passes, and yet:")
		}
		notes := slices.Clone(r.Notes)
		for i := range notes {
			if strings.HasPrefix(notes[i].Code, "note.") {
				notes[i].Field = "" // it is about no answer: none would change it
			}
		}
		a.printFindings(a.errOut, notes)
	}
}

// printRights says for each thing API access is for whether the token may do it,
// when something is missing or everything is asked for.
func (a *app) printRights(rights []model.Right) {
	missing := false
	for _, r := range rights {
		missing = missing || len(r.Missing) > 0
	}
	if len(rights) == 0 || !missing && !a.verbose {
		return
	}
	fmt.Fprintln(a.errOut)
	a.tell(a.errOut, "", "What the token's scopes allow:")
	for _, r := range rights {
		if len(r.Missing) == 0 {
			a.tell(a.errOut, signPass, fmt.Sprintf("%-16s ok", clean(string(r.Need))))
			continue
		}
		a.tell(a.errOut, signFail, fmt.Sprintf("%s: missing %s", clean(string(r.Need)), clean(strings.Join(r.Missing, ", "))))
	}
}

// checkLine is one ended check on one line.
func (a *app) checkLine(c model.Check) string {
	mark := map[model.CheckStatus]sign{model.CheckPass: signPass, model.CheckWarn: signWarn, model.CheckFail: signFail, model.CheckSkip: signNone}[c.Status]
	right := fmt.Sprintf("%d ms", c.Duration.Milliseconds())
	if c.Status == model.CheckSkip {
		right = clean(c.Detail)
		if right == "" {
			right = "not tried"
		}
	}
	if a.words {
		words := map[model.CheckStatus]string{model.CheckPass: "passed", model.CheckWarn: "warning", model.CheckFail: "failed", model.CheckSkip: "skipped"}
		return fmt.Sprintf("%s: %s, %s", words[c.Status], clean(c.Title), right)
	}
	width := 50
	if a.errWidth != nil {
		width = min(width, max(a.errWidth()-14, 10))
	}
	return fmt.Sprintf(" %s %-*s %s", mark, width, clean(c.Title), right)
}
