package steps

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// listed is everything Home shows, put together in the background.
type listed struct {
	all  []flow.Glance
	rows []ui.Row
	// at is where in all a key is.
	at        map[string]int
	attention int
	damaged   []model.Damaged
	drafts    []model.SavedDraft
	now       time.Time
	// remembered says that this is the list of last time: the files are still being
	// looked at. kept says that looking has changed nothing in all.
	remembered, kept bool
	// world is what the wizard of a first run starts in; only when nothing is saved.
	world model.World
	err   error
}

func (l *listed) glance(key string) (flow.Glance, bool) {
	i, ok := l.at[key]
	if !ok {
		return flow.Glance{}, false
	}
	return l.all[i], true
}

// reading says how many connectors are being read.
type reading int

// load asks for the list in the background; what is shown stays until it comes.
// The first time, the list as it was when the program last ran comes at once,
// while every file is looked at.
func (h *Home) load() tea.Cmd {
	jobs, first := h.jobs, h.list == nil
	return h.loading.Stream(func(job ui.Job) tea.Msg { return listNow(job, jobs, first) })
}

func listNow(job ui.Job, jobs *flow.Jobs, first bool) *listed {
	ctx := job.Context
	drafts, err := jobs.Library.Drafts(ctx)
	if err != nil {
		return &listed{err: err}
	}
	var before *listed
	early := func(g flow.Glances) {
		if len(g.All) > 0 {
			before = listOf(g, drafts, jobs.Now())
			job.Emit(before)
		} else if n, err := jobs.Library.Count(ctx); err == nil {
			job.Emit(reading(n))
		}
	}
	if !first {
		early = nil
	}
	g, err := jobs.Glances(ctx, early)
	switch {
	case err != nil:
		return &listed{err: err}
	case g.Same && before != nil:
		l := *before
		l.damaged, l.remembered, l.kept = g.Damaged, false, true
		return &l
	}
	l := listOf(g, drafts, jobs.Now())
	if len(l.all) == 0 {
		l.world, l.err = jobs.World(ctx)
	}
	return l
}

// listOf puts a list together: rows, and what is counted.
func listOf(g flow.Glances, drafts []model.SavedDraft, now time.Time) *listed {
	l := &listed{
		all: g.All, rows: make([]ui.Row, len(g.All)), at: make(map[string]int, len(g.All)),
		damaged: g.Damaged, drafts: drafts, now: now, remembered: g.Remembered,
	}
	for i := range g.All {
		l.rows[i] = homeRow(&g.All[i], now)
		l.at[g.All[i].Key] = i
		if g.All[i].NeedsAttention(now) {
			l.attention++
		}
	}
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
	var cmd tea.Cmd
	if !m.kept {
		cmd = h.picker.SetRows(m.rows)
	}
	cmd = tea.Batch(cmd, h.lookCloser())
	if h.greeted {
		return nil, cmd
	}
	h.greeted = true
	switch {
	case len(m.drafts) > 0:
		return h.offerDraft(m.drafts[0]), cmd
	case len(m.all) == 0:
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
