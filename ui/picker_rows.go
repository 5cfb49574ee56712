package ui

import (
	tea "github.com/charmbracelet/bubbletea"
)

// measureRows is how many rows are looked at for the widths of columns.
const measureRows = 500

// SetRows replaces the rows. The selection stays on the row with the same ID;
// the filters, the order and the marks of rows that are still there stay. The
// picker keeps the slice: it must not be changed any more. What takes long with
// many rows is done by the command; without it the first letter typed does it.
func (p *Picker) SetRows(rows []Row) tea.Cmd {
	p.rows, p.index = rows, newIndex(rows)
	p.natural = make([]int, len(p.columns))
	for _, r := range rows[:min(len(rows), measureRows)] {
		for c := range min(len(r.Cells), len(p.columns)) {
			p.natural[c] = max(p.natural[c], textWidth(r.Cells[c]))
		}
	}
	p.keepMarks()
	p.order = nil
	sort := p.sortRows()
	p.rebase()
	return tea.Batch(p.prepareRows(), sort, p.match(true))
}

// prepareRows readies many rows for the first letter of a filter.
func (p *Picker) prepareRows() tea.Cmd {
	if len(p.rows) <= matchHere {
		return nil
	}
	ix := p.index
	return func() tea.Msg {
		ix.prepare()
		return nil
	}
}

// rebase applies the quick filters to the rows in their order.
func (p *Picker) rebase() {
	flags := p.flags()
	if flags == 0 {
		p.base = p.order
		return
	}
	p.base = make([]int32, 0, 64)
	for i := range p.rows {
		row := i
		if p.order != nil {
			row = int(p.order[i])
		}
		if p.rows[row].Flags&flags == flags {
			p.base = append(p.base, int32(row))
		}
	}
}

// Len is the number of rows that match.
func (p *Picker) Len() int {
	switch {
	case p.query != "":
		return len(p.shown)
	case p.base != nil:
		return len(p.base)
	}
	return len(p.rows)
}

// baseLen is the number of rows that the quick filters leave.
func (p *Picker) baseLen() int {
	if p.base != nil {
		return len(p.base)
	}
	return len(p.rows)
}

// row is the row at a position of what is shown.
func (p *Picker) row(at int) int {
	switch {
	case p.query != "":
		return int(p.shown[at])
	case p.base != nil:
		return int(p.base[at])
	}
	return at
}

// Selected is the row under the cursor; ok is false when nothing matches.
func (p *Picker) Selected() (row Row, ok bool) {
	if p.at < 0 || p.at >= p.Len() {
		return Row{}, false
	}
	return p.rows[p.row(p.at)], true
}

// Shown are all rows that match, in the order they are drawn.
func (p *Picker) Shown() []Row {
	out := make([]Row, p.Len())
	for i := range out {
		out[i] = p.rows[p.row(i)]
	}
	return out
}

// Select moves the selection to the row with an ID, if it is shown.
func (p *Picker) Select(id string) bool {
	for i := range p.Len() {
		if p.rows[p.row(i)].ID == id {
			p.moveTo(i)
			return true
		}
	}
	return false
}

// keep finds the selected row again after the rows changed.
func (p *Picker) keep() {
	if p.id == "" || !p.Select(p.id) {
		p.moveTo(p.at)
	}
}

func (p *Picker) moveTo(at int) {
	p.at = max(0, min(at, p.Len()-1))
	p.id = ""
	if row, ok := p.Selected(); ok {
		p.id = row.ID
	}
}
