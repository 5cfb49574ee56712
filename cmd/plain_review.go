package cmd

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

// review is the plain face of editing a saved connector, and of going over a new one
// that did not pass its test: all answers with their findings, read out with numbers,
// and commands to change one of them, to test and to save.
type review struct {
	*plainFace
	// before are the answers as they are saved: what the changes are changes of.
	before model.Draft
	// listed are the questions in the order their numbers were read out.
	listed []model.Question
	// tested is the outcome for the answers as they are now, nil where there is none.
	tested *model.TestRecord
}

// runReview opens a saved connector for editing with plain lines.
func (a *app) runReview(ctx context.Context, in filled, before model.Draft, f answerFlags) error {
	a.words, a.askLines = true, true
	r := &review{plainFace: &plainFace{app: a, in: in, flags: f, more: true, single: true}, before: before}
	if err := r.resume(ctx); err != nil {
		return err
	}
	r.say("Editing " + clean(in.draft.Base.Name) + " (" + in.draft.Editing + "). Type the number of an answer to change it; test, save, help or quit.")
	r.list()
	err := a.menu(ctx, menu{
		label: "Answer to change, or command",
		help:  "Every answer has a number. Type it, or the question's id, to change that answer; enter alone there keeps what stands in brackets, and keeps a stored secret.",
		commands: []command{
			{"list", "", "say all answers with their findings again", func(context.Context, string) error { r.list(); return nil }},
			{"show", "", "say what differs from what is saved", func(context.Context, string) error { r.show(); return nil }},
			{"undo", "N", "put answer N back to what is saved; undo all puts every one back", r.undo},
			{"test", "", "test the connector with these answers; nothing is saved", func(ctx context.Context, _ string) error { return r.test(ctx) }},
			{"save", "", "test, unless that was done, and save", func(ctx context.Context, _ string) error { return r.save(ctx) }},
		},
		other: r.change, quit: r.quit,
	})
	return r.ended(ctx, err)
}

// resume offers the changes to this connector that were left unsaved last.
func (r *review) resume(ctx context.Context) error {
	if r.flags.any() {
		return nil
	}
	drafts, err := r.app.jobs.Library.Drafts(ctx)
	if err != nil {
		return err
	}
	for _, d := range drafts {
		if d.Draft.Editing != r.in.draft.Editing || d.Draft.Base == nil {
			continue
		}
		r.say("Changes to this connector were left unsaved " + ago(r.app.now(), d.SavedAt) + ". They are here; a secret that was pasted has to be pasted again.")
		yes, err := r.goOn(ctx, "yes goes on with these changes, no begins with what is saved; the unsaved changes stay a draft.")
		if yes {
			r.in.draft, r.before = d.Draft, model.DraftOf(*d.Draft.Base, r.in.world)
		}
		return err
	}
	return nil
}

// ended is how the review ends where the person did not say so: what was changed
// is kept as a draft.
func (r *review) ended(ctx context.Context, err error) error {
	if err == nil || errors.Is(err, errQuit) {
		return err
	}
	if r.changed() {
		r.touched = true
		if kept := r.keep(ctx); kept != nil {
			return kept
		}
	}
	var wrong usageError
	if errors.As(err, &wrong) && wrong == errNoAnswer {
		return usage("Type save before the end, or give the answers with --set and --yes.", "The input ended before the changes were saved.")
	}
	return err
}

// list reads out every answer with its number and what is to be said about it.
func (r *review) list() {
	r.listed = model.AllQuestions(r.in.draft, r.in.world)
	var step model.Step
	errs, warnings := 0, 0
	for i, q := range r.listed {
		if q.Step != step {
			step = q.Step
			fmt.Fprintf(r.app.errOut, "\n%s\n", step.Title())
		}
		text := fmt.Sprintf("%d. %s: %s", i+1, q.Name(), r.answer(q, r.in.draft))
		if q.Locked {
			text += " (cannot be changed)"
		}
		r.say(text)
		found := model.ValidateAnswer(q.ID, r.in.draft, r.in.world)
		r.report(found)
		for _, f := range found {
			switch f.Severity {
			case model.SeverityError:
				errs++
			case model.SeverityWarning:
				warnings++
			}
		}
	}
	fmt.Fprintln(r.app.errOut)
	text := fmt.Sprintf("Findings: %s, %s.", counted(errs, "error"), counted(warnings, "warning"))
	if r.in.draft.Base != nil {
		text += fmt.Sprintf(" Changed: %s.", counted(len(r.differences()), "answer"))
	}
	r.say(text)
}

// counted is a number of things in words.
func counted(n int, thing string) string {
	switch n {
	case 0:
		return "no " + thing
	case 1:
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}

// answer is an answer in words; of a secret only whether there is one.
func (r *review) answer(q model.Question, d model.Draft) string {
	if q.IsSecret() {
		switch {
		case !d.Secret(q.ID).IsZero():
			return "a new value, not shown"
		case r.stored(q.ID, d):
			return "the stored value, not shown"
		}
		return "none"
	}
	if now := model.Value(q.ID, d, r.in.world); now != "" {
		return optionLabel(q, now)
	}
	return "none"
}

// stored reports whether a named secret stands behind a slot.
func (r *review) stored(slot model.QuestionID, d model.Draft) bool {
	ref := model.SecretRef(model.Value(map[model.QuestionID]model.QuestionID{
		model.QPassword: model.QSecret, model.QSSHKey: model.QSecret, model.QSSHPassphrase: model.QSecret, model.QAPIToken: model.QAPISecret,
	}[slot], d, r.in.world))
	name, err := ref.Name(model.Build(d, r.in.world).Scope)
	if err != nil {
		return false
	}
	info, there := r.in.world.SecretInfo(name)
	if slot == model.QSSHPassphrase {
		return there && info.Passphrase != ""
	}
	return there
}

// change takes a line that names a question, by its number or its id.
func (r *review) change(ctx context.Context, line string) (bool, error) {
	if line == "" {
		r.list()
		return true, nil
	}
	q, ok := r.named(line)
	if !ok {
		return false, nil
	}
	if q.Locked {
		r.app.tell(r.app.errOut, signFail, q.Name()+" cannot be changed once the connector is saved. bbconnect copy makes another one.")
		return true, nil
	}
	if q.IsSecret() {
		if err := r.place(ctx); err != nil {
			return true, err
		}
	}
	before := r.in.draft
	if err := r.ask(ctx, q); err != nil {
		r.in.draft = before
		if errors.Is(err, errQuit) {
			return true, r.quit(ctx)
		}
		return true, err
	}
	r.after(before)
	return true, nil
}

// named finds the question that a number, an id or the end of one means.
func (r *review) named(text string) (model.Question, bool) {
	n, err := strconv.Atoi(strings.TrimSuffix(text, "."))
	for i, q := range r.listed {
		if err == nil && n == i+1 || strings.EqualFold(text, string(q.ID)) {
			return model.FindQuestion(q.ID, r.in.draft, r.in.world)
		}
	}
	return model.Question{}, false
}

// after says what a change has changed, besides the answer itself too, and what
// is to be said about the answers that it made wrong.
func (r *review) after(before model.Draft) {
	changes := r.between(before, r.in.draft)
	if len(changes) == 0 {
		r.say("Nothing was changed.")
		return
	}
	r.tested = nil
	for _, c := range changes {
		r.say(c.text("was", "is now"))
	}
	listed := r.listed
	r.listed = model.AllQuestions(r.in.draft, r.in.world)
	if !sameQuestions(listed, r.listed) {
		r.say("Other questions are asked now, so the numbers are new. These are the answers:")
		r.list()
		return
	}
	r.wrong()
}

func sameQuestions(x, y []model.Question) bool {
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if x[i].ID != y[i].ID {
			return false
		}
	}
	return true
}

// wrong says every error with the number of its answer, and reports whether there
// are any.
func (r *review) wrong() bool {
	r.listed = model.AllQuestions(r.in.draft, r.in.world)
	any := false
	for _, f := range model.Validate(r.in.draft, r.in.world) {
		if f.Severity != model.SeverityError {
			continue
		}
		any = true
		r.say(r.numbered(f.Field) + " is wrong:")
		r.report(model.Findings{f})
	}
	return any
}

// numbered is a question's number and name, or its id where it has no number.
func (r *review) numbered(id model.QuestionID) string {
	for i, q := range r.listed {
		if q.ID == id {
			return fmt.Sprintf("%d. %s", i+1, q.Name())
		}
	}
	return string(id)
}

// show says what differs from what is saved.
func (r *review) show() {
	changes := r.differences()
	if len(changes) == 0 {
		r.say("Nothing differs from what is saved.")
	}
	for _, c := range changes {
		r.say(c.text("saved as", "now"))
	}
}

// undo puts one answer, or every one, back to what is saved.
func (r *review) undo(_ context.Context, rest string) error {
	before := r.in.draft
	ids := model.QuestionIDs()
	if !strings.EqualFold(rest, "all") {
		q, ok := r.named(rest)
		if !ok {
			return usage("Type undo and its number, or undo all. list says the numbers.", "That names no answer to put back.")
		}
		ids = []model.QuestionID{q.ID}
	}
	for _, id := range ids {
		r.in.draft = r.in.draft.Without(id)
		if r.before.Answered(id) {
			r.in.draft = r.in.draft.With(id, r.before.Answer(id))
		}
	}
	r.after(before)
	return nil
}

// test tests the answers as they are and remembers how that went.
func (r *review) test(ctx context.Context) error {
	if r.wrong() {
		return nil
	}
	result, err := r.app.testDraft(ctx, r.in)
	if err != nil {
		return err
	}
	record := flow.Record(result)
	r.tested = &record
	if result.Problem != nil && result.Problem.Field != "" {
		r.say("To mend it, change " + r.numbered(result.Problem.Field) + ".")
	}
	return nil
}
