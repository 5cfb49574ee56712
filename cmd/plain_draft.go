package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"bbconnect/model"
)

// offerDraft offers to go on with the connector that was left unfinished last,
// unless flags say what to set up. One that is declined stays where it is.
func (p *plainFace) offerDraft(ctx context.Context) error {
	if p.offered || p.flags.any() || p.app.org != "" {
		return nil
	}
	drafts, err := p.app.jobs.Library.Drafts(ctx)
	if err != nil {
		return err
	}
	drafts = slices.DeleteFunc(drafts, func(d model.SavedDraft) bool { return d.Draft.Editing != "" })
	if len(drafts) == 0 {
		return nil
	}
	last := drafts[0]
	name := last.Draft.Answer(model.QName)
	if name == "" {
		name = "without a name"
	}
	p.say("An unfinished connector: " + clean(name) + ", left " + ago(p.app.now(), last.SavedAt) + ". Its answers are here; a secret that was pasted has to be pasted again.")
	if n := len(drafts); n > 1 {
		p.say(fmt.Sprintf("There are %d unfinished connectors in all; drafts reads them out in bbconnect --plain.", n))
	}
	yes, err := p.goOn(ctx, "yes goes on with its answers, no begins a new connector; the unfinished one stays.")
	if yes {
		p.in.draft = last.Draft
	}
	return err
}

// goOn asks whether a draft shall be gone on with, the first thing that is asked.
func (p *plainFace) goOn(ctx context.Context, help string) (bool, error) {
	for {
		yes, err := p.app.confirm(ctx, prompt{label: "Go on with it?", enter: "yes", help: help})
		if !errors.Is(err, errBack) {
			return yes, err
		}
		p.say("This is the first question.")
	}
}
