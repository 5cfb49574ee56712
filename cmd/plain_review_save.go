package cmd

import (
	"cmp"
	"context"
	"errors"

	"bbconnect/internal/store"
	"bbconnect/model"
)

// save tests the answers, unless that was done, and saves them. It ends the
// review where that worked.
func (r *review) save(ctx context.Context) error {
	if r.wrong() {
		return nil
	}
	if len(model.SecretWrites(r.in.draft, r.in.world)) > 0 {
		if err := r.place(ctx); err != nil {
			return err
		}
	}
	if r.tested == nil && !r.flags.noTest {
		if err := r.test(ctx); err != nil {
			return err
		}
	}
	if r.failed() && !r.flags.saveFailed {
		yes, err := r.app.yesNo(ctx, "The test did not pass. Save it all the same?")
		if err != nil {
			return err
		}
		if !yes {
			r.say("Nothing was saved.")
			return nil
		}
	}
	saved, err := r.app.jobs.Save(r.app.asking(ctx), r.in.draft, r.in.world, r.tested)
	if p, ok := model.AsProblem(err); ok && p.Code == "store.conflict" && r.in.draft.Editing != "" {
		r.app.printError(err)
		return r.conflict(ctx)
	}
	if err != nil {
		return waysOn(err)
	}
	return errors.Join(r.app.printSaved(ctx, saved, r.in.draft, r.in.world), errLeave)
}

// conflict says what somebody else has saved meanwhile and lets the person choose
// what counts. Nothing is overwritten: after any choice the review goes on.
func (r *review) conflict(ctx context.Context) error {
	w, err := r.app.jobs.World(ctx)
	if err != nil {
		return err
	}
	w.NewSecretsIn = r.in.world.NewSecretsIn
	theirs, _, err := r.app.jobs.EditIn(ctx, r.in.draft.Editing, w)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return r.removed(ctx, w)
	case err != nil:
		return err
	}
	mine := r.between(r.before, r.in.draft)
	r.say("What somebody else changed:")
	others := r.between(r.before, theirs)
	for _, c := range others {
		r.say(c.text("was", "is saved now as"))
	}
	if len(others) == 0 {
		r.say("No answer; only what no question asks about, as a comment.")
	}
	r.say("What you changed:")
	for _, c := range mine {
		r.say(c.text("was", "is now"))
	}
	way, err := r.app.choose(
		ctx, prompt{label: "What shall count", enter: "both", help: "Nothing is saved yet: whatever you choose, the answers are read out again, and save saves them."},
		choice{"both", "both", "your changes on top of theirs; where both changed an answer you are asked"},
		choice{"theirs", "theirs", "your changes are dropped"},
		choice{"later", "later", "leave everything as it is here"},
	)
	if err != nil || way == "later" {
		return err
	}
	draft := theirs
	if way == "both" {
		if draft, err = r.merged(ctx, theirs, w); err != nil {
			return err
		}
	}
	draft.ID = r.in.draft.ID
	r.in.draft, r.in.world, r.before, r.tested = draft, w, theirs, nil
	r.list()
	return nil
}

// merged puts the changes made here on top of what is saved now, and asks what
// counts where both changed an answer.
func (r *review) merged(ctx context.Context, theirs model.Draft, w model.World) (model.Draft, error) {
	yours := map[model.QuestionID]bool{}
	for _, d := range model.Diverging(r.in.draft, theirs, w) {
		if !d.Both() {
			continue
		}
		said := func(of model.Draft) string {
			q, asked := model.FindQuestion(d.Question, of, w)
			if !asked {
				return "not asked"
			}
			return r.answer(q, of)
		}
		way, err := r.app.choose(
			ctx, prompt{label: d.Label, enter: "yours", help: "Both changed this answer. It was " + cmp.Or(d.Base, "none") + "."},
			choice{"yours", "yours", said(r.in.draft)}, choice{"theirs", "theirs", said(theirs)},
		)
		if err != nil {
			return theirs, err
		}
		yours[d.Question] = way == "yours"
	}
	return model.Merge(r.in.draft, theirs, w, func(id model.QuestionID) bool { return yours[id] }), nil
}

// removed is a connector that somebody else deleted meanwhile.
func (r *review) removed(ctx context.Context, w model.World) error {
	yes, err := r.app.yesNo(ctx, "The connector was deleted meanwhile. Shall save make it anew?")
	if err != nil || !yes {
		return err
	}
	r.in.world, r.in.draft.Editing, r.in.draft.BaseRevision = w, "", ""
	r.say("Type save to save it as a new connector.")
	return nil
}

// quit asks what becomes of changes that were not saved.
func (r *review) quit(ctx context.Context) error {
	if !r.changed() {
		r.say("Nothing was changed.")
		return errLeave
	}
	label, it := r.unsaved()
	way, err := r.app.choose(
		ctx, prompt{label: label, help: "back goes on with the review."},
		choice{"save", "save", "test and save " + it + " now"},
		choice{"drop", "drop", "forget " + it},
		choice{"keep", "keep", "as a draft, without its secrets; it is offered next time"},
	)
	switch {
	case errors.Is(err, errQuit):
		way = "keep" // quit twice: in a hurry, and still nothing is lost
	case err != nil:
		return err
	}
	switch way {
	case "save":
		return r.save(ctx)
	case "drop":
		if r.in.draft.ID != "" {
			err = r.app.jobs.Library.RemoveDraft(ctx, r.in.draft.ID)
		} else {
			err = nil
		}
	default:
		r.touched = true
		err = r.keep(ctx)
	}
	if err != nil {
		return err
	}
	return errors.Join(errQuit, errLeave)
}

// changed reports whether anything differs from what is saved.
func (r *review) changed() bool { return len(r.differences()) > 0 }

func (r *review) differences() []difference { return r.between(r.before, r.in.draft) }

// difference is one answer that two drafts do not agree about, in words.
type difference struct {
	question model.Question
	was, now string
}

// text is "Name: was Payments, is now Ledger".
func (d difference) text(was, now string) string {
	return d.question.Name() + ": " + was + " " + d.was + ", " + now + " " + d.now
}

// between are the answers that differ between two drafts of the connector, in the
// order of the questions. One that only one of them is asked counts too.
func (r *review) between(x, y model.Draft) []difference {
	var out []difference
	for _, id := range model.QuestionIDs() {
		before, wasAsked := model.FindQuestion(id, x, r.in.world)
		after, isAsked := model.FindQuestion(id, y, r.in.world)
		if !wasAsked && !isAsked {
			continue
		}
		d := difference{question: after, was: "not asked", now: "not asked any more"}
		if wasAsked {
			d.question, d.was = before, r.answer(before, x)
		}
		if isAsked {
			d.question, d.now = after, r.answer(after, y)
		}
		fresh := y.Secret(id)
		if d.was == d.now && (fresh.IsZero() || fresh.Equal(x.Secret(id))) || !wasAsked && d.now == "none" || !isAsked && d.was == "none" {
			continue
		}
		out = append(out, d)
	}
	return out
}
