package steps

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// listed is everything Home shows, put together in the background.
type listed struct {
	all       []flow.Glance
	rows      []ui.Row
	attention int
	// retired is how many still use an App Password.
	retired int
	damaged []model.Damaged
	drafts  []model.SavedDraft
	// waiting says what waits to be gone on with or confirmed, "" for nothing.
	waiting string
	// secrets are those that details speak of, nil until one was looked at.
	secrets []model.SecretInfo
	now     time.Time
	// remembered says that this is the list of last time: the files are still being
	// looked at. kept says that looking has changed nothing in all.
	remembered, kept bool
	// world is what the wizard of a first run starts in; only when nothing is saved.
	world model.World
	err   error
}

// glance is what a row was made from.
func (l *listed) glance(row ui.Row) (flow.Glance, bool) {
	if i := placeOf(row); i >= 0 && i < len(l.all) && l.all[i].Key == row.ID {
		return l.all[i], true
	}
	return flow.Glance{}, false
}

// reading says how many connectors are being read.
type reading int

// Begin starts reading the list before there is a screen to show it on.
func (h *Home) Begin(ctx context.Context) *Home {
	ahead, jobs := make(chan tea.Msg, 2), h.jobs // as many as listNow has to say
	h.ahead = ahead
	go func() {
		ahead <- listNow(ctx, jobs, func(m tea.Msg) { ahead <- m })
	}()
	return h
}

// load asks for the list in the background; what is shown stays until it comes.
// The first time, the list as it was when the program last ran comes at once,
// while every file is looked at.
func (h *Home) load() tea.Cmd {
	jobs, ahead, first := h.jobs, h.ahead, h.list == nil
	h.ahead = nil
	return h.loading.Stream(func(job ui.Job) tea.Msg {
		switch {
		case ahead != nil:
			return relay(job, ahead)
		case first:
			return listNow(job.Context, jobs, job.Emit)
		}
		return listNow(job.Context, jobs, nil)
	})
}

// relay passes on what Begin has found out.
func relay(job ui.Job, ahead <-chan tea.Msg) tea.Msg {
	for {
		select {
		case m := <-ahead:
			if l, ok := m.(*listed); ok && !l.remembered {
				return m
			}
			job.Emit(m)
		case <-job.Context.Done():
			return nil
		}
	}
}

// listNow puts the list together. emit, when it is not nil, is given one message:
// the list of last time, or how many connectors are being read.
func listNow(ctx context.Context, jobs *flow.Jobs, emit func(tea.Msg)) tea.Msg {
	drafts, err := jobs.Library.Drafts(ctx)
	if err != nil {
		return &listed{err: err}
	}
	var before *listed
	early := func(g flow.Glances) {
		if len(g.All) > 0 {
			before = listOf(g, drafts, jobs.Now())
			emit(before)
		} else if n, err := jobs.Library.Count(ctx); err == nil {
			emit(reading(n))
		}
	}
	if emit == nil {
		early = nil
	}
	g, err := jobs.Glances(ctx, early)
	switch {
	case err != nil:
		return &listed{err: err}
	case g.Same && before != nil:
		l := *before
		l.damaged, l.remembered, l.kept = g.Damaged, false, true
		l.waiting = migrationWaits(ctx, jobs)
		return &l
	}
	l := listOf(g, drafts, jobs.Now())
	l.waiting = migrationWaits(ctx, jobs)
	if len(l.all) == 0 {
		l.world, l.err = jobs.World(ctx)
	}
	return l
}

// migrationWaits says what is not confirmed or not finished. A journal that cannot be
// read is one too: its screen says what is wrong with it.
func migrationWaits(ctx context.Context, jobs *flow.Jobs) string {
	record, there, err := jobs.UnfinishedMigration(ctx)
	switch {
	case err != nil && ctx.Err() == nil:
		return "A migration is not confirmed yet"
	case there:
		return waitsText(record)
	}
	return ""
}

// listOf puts rows together, on all processors, and counts.
func listOf(g flow.Glances, drafts []model.SavedDraft, now time.Time) *listed {
	l := &listed{all: g.All, rows: make([]ui.Row, len(g.All)), damaged: g.Damaged, drafts: drafts, now: now, remembered: g.Remembered}
	var group sync.WaitGroup
	var attention, retired atomic.Int64
	const part = 1000
	for from := 0; from < len(l.all); from += part {
		group.Go(func() {
			to := min(from+part, len(l.all))
			homeRows(l.rows[from:to], l.all[from:to], from, now)
			for i := from; i < to; i++ {
				if l.all[i].NeedsAttention(now) {
					attention.Add(1)
				}
				if l.all[i].AppPassword {
					retired.Add(1)
				}
			}
		})
	}
	group.Wait()
	l.attention, l.retired = int(attention.Load()), int(retired.Load())
	return l
}

// take shows a list that came; the first empty one opens the wizard. Keys typed
// ahead go to where they were meant for: the wizard of a first run, else the
// list. A dialog gets none of them.
func (h *Home) take(m *listed) (ui.Action, tea.Cmd) {
	h.err, h.reading = m.err, 0
	if m.err != nil {
		h.early = nil
		return nil, nil
	}
	h.list = m
	h.detail.forget()
	early := h.early
	h.early = nil
	if !m.kept {
		h.later = h.picker.SetRows(m.rows)
	}
	if h.fresh != "" {
		h.picker.Select(h.fresh)
		h.fresh = ""
	}
	if m.remembered {
		return h.greet(m, early, nil) // what else is to be done waits until this is on the screen
	}
	cmd := tea.Batch(h.later, h.lookCloser())
	h.later = nil
	return h.greet(m, early, cmd)
}

// greet offers what a first list offers.
func (h *Home) greet(m *listed, early []tea.KeyMsg, cmd tea.Cmd) (ui.Action, tea.Cmd) {
	if h.greeted {
		return nil, cmd
	}
	h.greeted = true
	switch {
	case len(m.drafts) > 0:
		return h.offerDraft(m.drafts[0]), cmd
	case len(m.all) == 0 && len(m.damaged) == 0:
		z := h.open(opened{draft: model.NewDraft(), world: m.world})
		z.welcome, z.early = welcome, early
		return ui.Push{Screen: z}, cmd
	}
	for _, key := range early {
		action, next := h.Update(key)
		cmd = tea.Batch(cmd, next)
		if action != nil {
			return action, cmd // what follows was meant for what opens now
		}
	}
	return nil, cmd
}

// fetched are connectors that were asked for, to be given on.
type fetched struct {
	saved []model.Saved
	err   error
	then  func([]model.Saved) (ui.Action, tea.Cmd)
}

// fetch reads the connectors of some keys, in the order of the keys, and gives
// them on.
func (h *Home) fetch(keys []string, then func([]model.Saved) (ui.Action, tea.Cmd)) (ui.Action, tea.Cmd) {
	if len(keys) == 0 {
		return nil, nil
	}
	library := h.jobs.Library
	return nil, h.acting.Start(func(ctx context.Context) tea.Msg {
		if len(keys) == 1 {
			one, err := library.Get(ctx, keys[0])
			return fetched{saved: []model.Saved{one}, err: err, then: then}
		}
		all, _, err := library.List(ctx)
		at := make(map[string]int, len(all))
		for i := range all {
			at[all[i].Connector.Key()] = i
		}
		m := fetched{err: err, then: then}
		for _, key := range keys {
			if i, ok := at[key]; ok {
				m.saved = append(m.saved, all[i])
			}
		}
		return m
	})
}
