package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"bbconnect/model"
)

// offerDraft offers to go on with the connector that was left unfinished last,
// unless flags say what to set up. One that is declined stays where it is.
func (p *plainFace) offerDraft(ctx context.Context) error {
	if p.in.draft.Editing != "" || p.flags.any() || p.app.org != "" {
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
	p.say("An unfinished connector: " + clean(name) + ", left " + ago(p.app.now(), last.SavedAt) + ". Its answers are here, its secrets are asked again.")
	if n := len(drafts); n > 1 {
		p.say(fmt.Sprintf("There are %d unfinished connectors in all; bbconnect on its own shows them.", n))
	}
	yes, err := p.goOn(ctx)
	if yes {
		p.in.draft = last.Draft
	}
	return err
}

// goOn asks until the answer is one; enter alone is yes.
func (p *plainFace) goOn(ctx context.Context) (bool, error) {
	for {
		fmt.Fprint(p.app.errOut, "Go on with it? Type yes or no [yes]: ")
		line, err := p.app.lines.line(ctx)
		if err != nil {
			return false, err
		}
		if p.app.readSecretLine == nil {
			fmt.Fprintln(p.app.errOut) // nobody's enter has ended the line
		}
		switch strings.ToLower(strings.TrimSpace(line)) {
		case "", "y", "yes":
			return true, nil
		case "n", "no":
			return false, nil
		case "quit":
			return false, errQuit
		}
		p.say("Type yes, no or quit.")
	}
}
