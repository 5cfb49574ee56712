package ui

import (
	"context"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// match looks for what the filter says: among the result for its beginning when
// there is one, else among all rows the quick filters let through; here when
// they are few, else in the background. A newer match makes an older one stale.
// Fresh is for other rows: then earlier results count for nothing, and the
// selection stays on its row.
func (p *Picker) match(fresh bool) tea.Cmd {
	p.task.Cancel()
	p.waiting = false
	if fresh {
		p.past = nil
	} else if p.wanted == p.query {
		return nil
	}
	if strings.TrimSpace(p.wanted) == "" {
		p.shown, p.query, p.past = nil, "", nil
		p.keep()
		return nil
	}
	among, known := p.narrowest()
	if known {
		return nil
	}
	x, query := p.index, p.wanted
	size := len(p.rows)
	if among != nil {
		size = len(among)
	}
	if size <= matchHere {
		p.take(matched{picker: p, query: query, fresh: fresh, hits: findMatches(context.Background(), x, among, query)})
		return nil
	}
	p.waiting = true
	p.shown = slices.DeleteFunc(slices.Clone(p.shown), func(row int32) bool { return int(row) >= len(p.rows) })
	return p.task.Start(func(ctx context.Context) tea.Msg {
		return matched{picker: p, query: query, fresh: fresh, hits: findMatches(ctx, x, among, query)}
	})
}

// narrowest are the rows to look through for what the filter says; known means
// that the result was there already and is shown.
func (p *Picker) narrowest() (among []int32, known bool) {
	for len(p.past) > 0 && !strings.HasPrefix(p.wanted, p.past[len(p.past)-1].query) {
		p.past = p.past[:len(p.past)-1]
	}
	if len(p.past) == 0 {
		return p.base, false
	}
	last := p.past[len(p.past)-1]
	if last.query == p.wanted {
		p.past = p.past[:len(p.past)-1]
		p.take(matched{picker: p, query: last.query, hits: last.hits})
		return nil, true
	}
	return last.hits.inOrder, false
}

// take shows the result of a match. The best row is selected, since that is what
// the letters were typed for.
func (p *Picker) take(m matched) PickerEvent {
	if m.picker != p || m.query != p.wanted {
		return PickerIgnored
	}
	p.shown, p.query, p.waiting = m.hits.best, m.query, false
	p.past = append(p.past, found{m.query, m.hits})
	if m.fresh {
		p.keep()
	} else {
		p.offset = 0
		p.moveTo(0)
	}
	if p.chosen && len(p.shown) > 0 {
		p.chosen = false
		return PickerChosen
	}
	return PickerMoved
}
