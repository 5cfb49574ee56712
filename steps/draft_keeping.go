package steps

import (
	"context"
	"crypto/rand"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// draftFile is the one draft a wizard keeps. Its writes run in the background
// and may overtake each other: an older state never replaces a newer one, and
// nothing is written once the connector was saved.
type draftFile struct {
	// turn holds one token while somebody writes.
	turn    chan struct{}
	written int
	done    bool
}

func newDraftFile() *draftFile { return &draftFile{turn: make(chan struct{}, 1)} }

// taken waits for the turn and holds it while do runs.
func (f *draftFile) taken(ctx context.Context, do func() error) error {
	select {
	case f.turn <- struct{}{}:
		defer func() { <-f.turn }()
		return do()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// write keeps the state with a number, unless a newer one is kept already.
func (f *draftFile) write(ctx context.Context, library flow.Library, d model.Draft, number int) error {
	return f.taken(ctx, func() error {
		if f.done || number <= f.written {
			return nil
		}
		if _, err := library.SaveDraft(ctx, d); err != nil {
			return err
		}
		f.written = number
		return nil
	})
}

// finish waits for a write that is under way and lets none follow.
func (f *draftFile) finish(ctx context.Context, save func() error) error {
	return f.taken(ctx, func() error {
		err := save()
		f.done = f.done || err == nil
		return err
	})
}

// draftKept says how keeping the draft went; leaving, that the person is on the
// way out and waits for it.
type draftKept struct {
	leaving bool
	err     error
}

// keepDraft saves the unfinished draft, without its secrets, in the background.
// Nothing is kept of a draft in which nothing was typed, nor of a saved one.
func (z *Wizard) keepDraft() tea.Cmd { return z.keep(false) }

func (z *Wizard) keep(leaving bool) tea.Cmd {
	if !z.typed || z.saved {
		return nil
	}
	if z.draft.ID == "" {
		// Named here, so that two writes under way at once are of one draft.
		z.draft.ID = "draft_" + strings.ToLower(rand.Text()[:16])
	}
	z.changes++
	d, library, file, number := z.draft, z.jobs.Library, z.file, z.changes
	return z.keeping.Start(func(ctx context.Context) tea.Msg {
		return draftKept{leaving: leaving, err: file.write(ctx, library, d, number)}
	})
}

// goAway leaves the wizard once the draft is kept: leaving ends all work of the
// screen, that of keeping the draft too.
func (z *Wizard) goAway() (ui.Action, tea.Cmd) {
	if cmd := z.keep(true); cmd != nil {
		return nil, cmd
	}
	return ui.Back{}, nil
}

// afterKeeping goes where the person was going. Where the draft could not be
// kept, leaving again goes without it.
func (z *Wizard) afterKeeping(m draftKept) (ui.Action, tea.Cmd) {
	switch {
	case m.err != nil && z.unkept && m.leaving:
		return ui.Back{}, nil
	case m.err != nil:
		z.unkept = true
		return ui.Notify{Text: "The draft could not be kept: " + sentence(m.err), Mark: ui.Warn}, nil
	case m.leaving:
		return ui.Back{}, nil
	}
	return nil, nil
}
