package steps

import (
	"context"
	"testing"
	"time"

	"bbconnect/model"
)

// withTested is withLedger with a last test two hours ago.
func withTested(verdict model.Verdict) func(*fakes) {
	return func(f *fakes) {
		withLedger(f)
		_ = f.library.RecordTest(context.Background(), "Payments_ledger", model.TestRecord{Verdict: verdict, At: today().Add(-2 * time.Hour), What: "The token was refused."})
	}
}

// describes edits the description of the connector and goes back to all answers.
func (p *person) describes() *person {
	return p.presses("e", "down", "enter").sees("Description").presses("tab").types("For the ledger").presses("esc")
}

// TestAnEditOfWordsLeavesTheLastTest: what no test looks at was changed, so that the
// outcome still counts, and Harness is handed the document alone.
func TestAnEditOfWordsLeavesTheLastTest(t *testing.T) {
	inFrontOfHome(t, withTested(model.VerdictPass), func(p *person) {
		p.describes().presses("s").sees("is saved as", "still counts", "To use the change in Harness", "1  Apply the changed document").doesNotSee("never tested", "Create the text secret")
		p.presses("enter").sees("✓ 2 h ago")
	})
	inFrontOfHome(t, withTested(model.VerdictFail), func(p *person) {
		p.describes().presses("s").sees("It was not tested again.", "2 h ago, did not pass").doesNotSee("never tested")
	})
	inFrontOfHome(t, withLedger, func(p *person) {
		p.describes().presses("s").sees("It was not tested. It is saved as never tested.")
	})
}
