package ui

import "fmt"

// markSign stands before a marked row. It is a shape, not a colour.
const markSign = "●"

// Marked are the rows that are marked, in the order they were given, whether or
// not the filters show them just now; MarkNote says how many they hide.
func (p *Picker) Marked() []Row {
	var out []Row
	if len(p.marks) == 0 {
		return nil
	}
	for _, r := range p.rows {
		if p.marks[r.ID] {
			out = append(out, r)
		}
	}
	return out
}

// MarkNote says how many rows are marked, for the line of the frame; "" when
// none is.
func (p *Picker) MarkNote() string {
	if len(p.marks) == 0 {
		return ""
	}
	hidden := len(p.marks)
	for i := range p.Len() {
		if p.marks[p.rows[p.row(i)].ID] {
			hidden--
		}
	}
	if hidden == 0 {
		return fmt.Sprintf("%d marked", len(p.marks))
	}
	return fmt.Sprintf("%d marked, %d not shown", len(p.marks), hidden)
}

// Unmark takes all marks away.
func (p *Picker) Unmark() { p.marks = nil }

// toggleMark marks the selected row, or takes its mark away, and goes on to the
// next one.
func (p *Picker) toggleMark() {
	row, ok := p.Selected()
	if !ok {
		return
	}
	p.setMark(row.ID, !p.marks[row.ID])
	p.moveTo(p.at + 1)
}

func (p *Picker) setMark(id string, marked bool) {
	if !marked {
		delete(p.marks, id)
		return
	}
	if p.marks == nil {
		p.marks = map[string]bool{}
	}
	p.marks[id] = true
}

// markShown marks every row that is shown; when all of them are, it takes their
// marks away.
func (p *Picker) markShown() {
	all := true
	for i := range p.Len() {
		all = all && p.marks[p.rows[p.row(i)].ID]
	}
	for i := range p.Len() {
		p.setMark(p.rows[p.row(i)].ID, !all)
	}
}

// keepMarks forgets the marks of rows that are gone.
func (p *Picker) keepMarks() {
	if len(p.marks) == 0 {
		return
	}
	kept := map[string]bool{}
	for _, r := range p.rows {
		if p.marks[r.ID] {
			kept[r.ID] = true
		}
	}
	p.marks = kept
}
