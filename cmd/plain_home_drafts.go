package cmd

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"bbconnect/model"
)

// drafts reads out what was left unfinished, with numbers of its own.
func (h *plainHome) drafts(ctx context.Context) error {
	found, err := h.app.jobs.Library.Drafts(ctx)
	if err != nil {
		return err
	}
	h.unfinished = found
	if len(found) == 0 {
		h.app.sayPlain("Nothing was left unfinished.")
		return nil
	}
	for i, d := range found {
		h.app.sayPlain(fmt.Sprintf("Draft %d. %s, left %s", i+1, draftWords(d), ago(h.app.now(), d.SavedAt)))
	}
	h.app.sayPlain("resume N goes on with one, drop N throws it away.")
	return nil
}

// draftWords names a draft.
func draftWords(d model.SavedDraft) string {
	name := clean(d.Draft.Answer(model.QName))
	if name == "" {
		name = "without a name"
	}
	if d.Draft.Editing != "" {
		return "changes to " + d.Draft.Editing + ", named " + name
	}
	return "a new connector, " + name
}

// draft finds a draft by the number it was read out with.
func (h *plainHome) draft(ctx context.Context, number string) (model.SavedDraft, error) {
	if h.unfinished == nil {
		if err := h.drafts(ctx); err != nil {
			return model.SavedDraft{}, err
		}
	}
	n, err := strconv.Atoi(strings.TrimSuffix(number, "."))
	if err != nil || n < 1 || n > len(h.unfinished) {
		return model.SavedDraft{}, usage("drafts reads out the numbers, as: resume 1.", "That is the number of no draft.")
	}
	return h.unfinished[n-1], nil
}

// resume goes on with a draft: a new connector where its questions stopped,
// changes in the review of their connector.
func (h *plainHome) resume(ctx context.Context, number string) error {
	d, err := h.draft(ctx, number)
	if err != nil {
		return err
	}
	h.unfinished = nil
	if d.Draft.Editing != "" {
		return h.run(ctx, "edit", d.Draft.Editing)
	}
	w, err := h.app.jobs.World(ctx)
	if err != nil {
		return err
	}
	p := &plainFace{
		app: h.app, flags: answerFlags{}, offered: true,
		in: filled{draft: d.Draft, world: w, from: map[model.QuestionID]string{}},
	}
	return h.after(ctx, p.whole(ctx))
}

// drop throws a draft away, once that was confirmed.
func (h *plainHome) drop(ctx context.Context, number string) error {
	d, err := h.draft(ctx, number)
	if err != nil {
		return err
	}
	yes, err := h.app.yesNo(ctx, "Throw away the draft of "+draftWords(d)+"?")
	if err != nil || !yes {
		return err
	}
	h.unfinished = nil
	if err := h.app.jobs.Library.RemoveDraft(ctx, d.Draft.ID); err != nil {
		return err
	}
	h.app.tell(h.app.errOut, signPass, "The draft is gone.")
	return nil
}
