package cmd

import (
	"context"
	"errors"

	"bbconnect/internal/flow"
)

// goOver lets the answers of a new connector that was not saved be changed, tested
// again and saved, for as long as the person likes. What was pasted is still here.
func (r *review) goOver(ctx context.Context) error {
	r.more, r.single = true, true
	r.say("Nothing is lost. Type the number of an answer to change it; test, save, help or quit. list reads all answers out.")
	err := r.app.menu(ctx, menu{
		label: "Answer to change, or command",
		help:  "Every answer has a number. Type it, or the question's id, to change that answer; enter alone there keeps what stands in brackets.",
		commands: []command{
			{"list", "", "say all answers with their findings again", func(context.Context, string) error { r.list(); return nil }},
			{"test", "", "test the connector with these answers; nothing is saved", func(ctx context.Context, _ string) error { return r.test(ctx) }},
			{"save", "", "test, unless that was done, and save", func(ctx context.Context, _ string) error { return r.save(ctx) }},
		},
		other: r.change, quit: r.quit,
	})
	if errors.Is(err, errNoAnswer) && r.failed() {
		err = failedError{code: exitFailed} // piped lines end here; the test is what went wrong
	}
	if err == nil || errors.Is(err, errQuit) {
		return err
	}
	if kept := r.keep(ctx); kept != nil {
		return kept
	}
	return err
}

// failed reports whether the answers as they are have been tested, and did not pass.
func (r *review) failed() bool {
	return r.tested != nil && !flow.Passed(r.tested.Verdict)
}

// unsaved is what stands before the choice of what becomes of what is not saved, and
// what that is called there.
func (r *review) unsaved() (label, it string) {
	if r.in.draft.Base == nil {
		return "The connector is not saved", "it"
	}
	return "The changes are not saved", "them"
}
