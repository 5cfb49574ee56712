package ui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

const (
	columnGap   = 3
	columnLeast = 4
)

// View draws the filter, when there is one, and the rows in sight; beside them
// more about the selected row when there is room. Nothing is done for rows that
// are not drawn.
func (p *Picker) View(w, h int) string {
	p.total = h
	row, ok := p.Selected()
	if p.Detail == nil || w < wideFrom || !ok {
		return strings.Join(p.list(w, h), "\n")
	}
	side := max(detailLeast, min(detailMost, w/3))
	return strings.Join(p.beside(p.list(w-side-1, h), row, w-side, side, h), "\n")
}

// list draws the filter, the heading and the rows.
func (p *Picker) list(w, h int) []string {
	p.wide = w
	var out []string
	if p.Filtering() || p.wanted != "" {
		out = append(out, p.filterLine(w))
	}
	if said := p.filtersLine(); said != "" && h > 2 {
		out = append(out, truncate("   "+p.theme.Dim.Render(said), w))
	}
	widths := p.layout(w - 3)
	if heading := p.heading(widths); heading != "" && h > len(out)+1 {
		out = append(out, truncate("   "+p.theme.Dim.Render(heading), w))
	}
	p.top = len(out)
	room := max(1, h-len(out))
	if p.Len() == 0 {
		for _, l := range wrapLines(p.nothing(), w-3) {
			out = append(out, "   "+p.theme.Dim.Render(l))
		}
		return out[:min(len(out), max(1, h))]
	}
	from, to := p.visible(room)
	for i := from; i < to; i++ {
		out = append(out, p.rowLine(p.row(i), i == p.at, widths, w))
	}
	return out
}

// nothing says why no row is shown.
func (p *Picker) nothing() string {
	switch {
	case len(p.rows) == 0:
		return p.Empty
	case strings.TrimSpace(p.wanted) != "":
		return "No match for " + strings.TrimSpace(p.wanted) + "."
	}
	return "None of them. esc shows all."
}

func (p *Picker) filterLine(w int) string {
	right := p.theme.Dim.Render(fmt.Sprintf("%d of %d", p.Len(), p.baseLen()))
	switch {
	case p.refused:
		right = p.theme.Mark(Fail) + " " + withheldText
	case p.waiting:
		right = p.theme.Dim.Render("looking")
	}
	p.input.Width = max(4, w-ansi.StringWidth(right)-8)
	return spread(" "+strings.TrimRight(p.input.View(), " "), right, w)
}

func (p *Picker) heading(widths []int) string {
	var parts []string
	named := false
	for c, col := range p.columns {
		if widths[c] == 0 {
			continue
		}
		named = named || col.Title != ""
		parts = append(parts, inColumn(p.title(c, widths[c]), widths[c], col.Right))
	}
	if !named {
		return ""
	}
	return strings.Join(parts, strings.Repeat(" ", columnGap))
}

// title is what stands over a column: which way it is sorted too, while the rows
// are in that order.
func (p *Picker) title(column, width int) string {
	title := line(p.columns[column].Title)
	if column != p.sortBy || p.query != "" {
		return title
	}
	arrow := " ↑"
	if p.reverse {
		arrow = " ↓"
	}
	return truncate(title, width-2) + arrow
}

// layout gives each column its width. When room is short the widest shrink
// first, down to their Keep and then to their Min; then columns vanish by Drop, that
// of the order last.
func (p *Picker) layout(room int) []int {
	widths := make([]int, len(p.columns))
	for c, col := range p.columns {
		if c < len(p.natural) {
			widths[c] = max(p.natural[c], textWidth(col.Title))
			if c == p.sortBy {
				widths[c] = max(widths[c], textWidth(col.Title)+2)
			}
		}
	}
	for {
		over := taken(widths) - room
		if over <= 0 {
			return widths
		}
		if p.shrink(widths, over) {
			return widths
		}
		drop := -1
		for c := range p.columns {
			if widths[c] > 0 && p.dropRank(c) > 0 && (drop < 0 || p.dropRank(c) > p.dropRank(drop)) {
				drop = c
			}
		}
		if drop < 0 {
			return widths
		}
		widths[drop] = 0
	}
}

// dropRank orders what vanishes: by a column's Drop, and least of all the column
// sorted by, without which the order would not be understood.
func (p *Picker) dropRank(column int) int {
	rank := 2 * p.columns[column].Drop
	if column == p.sortBy && p.query == "" {
		return min(rank, 1)
	}
	return rank
}

func taken(widths []int) int {
	total := -columnGap
	for _, w := range widths {
		if w > 0 {
			total += w + columnGap
		}
	}
	return total
}

// shrink takes over columns off the widest columns and reports whether that was
// enough; if not, it takes nothing.
func (p *Picker) shrink(widths []int, over int) bool {
	trial := slices.Clone(widths)
	for range over {
		widest := p.widest(trial, func(c Column) int { return max(c.Min, c.Keep, columnLeast) })
		if widest < 0 {
			widest = p.widest(trial, func(c Column) int { return max(c.Min, columnLeast) })
		}
		if widest < 0 {
			return false
		}
		trial[widest]--
	}
	copy(widths, trial)
	return true
}

// widest is the widest of the columns that have more than their least width, -1 where
// none has.
func (p *Picker) widest(widths []int, least func(Column) int) int {
	widest := -1
	for c, col := range p.columns {
		if widths[c] > least(col) && (widest < 0 || widths[c] > widths[widest]) {
			widest = c
		}
	}
	return widest
}

// rowLine draws one row: " › Payments ledger   acme/ledger   ✓ 2 h ago".
func (p *Picker) rowLine(row int, selected bool, widths []int, w int) string {
	hits := p.highlights(row)
	rest := p.theme.Plain.Render
	lead := "   "
	if selected {
		rest = p.theme.Strong.Render
		lead = " " + p.theme.Accent.Render(linePrompt)
	}
	if p.marks[p.rows[row].ID] {
		lead = p.theme.Accent.Render(markSign) + lead[1:]
	}
	hit := p.theme.Strong.Underline(true).Render
	var parts []string
	start := 0
	for c, text := range p.rows[row].Cells {
		if c >= len(p.columns) {
			break
		}
		text = line(text)
		if widths[c] > 0 {
			parts = append(parts, inColumn(p.cell(text, start, hits, hit, rest), widths[c], p.columns[c].Right))
		}
		start += len(text) + 1
	}
	return truncate(strings.TrimRight(lead+strings.Join(parts, strings.Repeat(" ", columnGap)), " "), w)
}

// cell draws one cell that begins at a byte of the row's text.
func (p *Picker) cell(text string, start int, hits []int, hit, rest func(...string) string) string {
	from, _ := slices.BinarySearch(hits, start)
	to, _ := slices.BinarySearch(hits, start+len(text))
	own := make([]int, 0, to-from)
	for _, h := range hits[from:to] {
		own = append(own, h-start)
	}
	mark, tail := cutMark(text)
	if mark == NoMark {
		return styled(text, own, hit, rest)
	}
	for i := range own {
		own[i] -= len(text) - len(tail)
	}
	own = slices.DeleteFunc(own, func(i int) bool { return i < 0 })
	return p.theme.Mark(mark) + " " + styled(tail, own, hit, rest)
}

// inColumn cuts and fills a cell to its width.
func inColumn(text string, width int, right bool) string {
	text = truncate(text, width)
	if right {
		return strings.Repeat(" ", max(0, width-ansi.StringWidth(text))) + text
	}
	return pad(text, width)
}

// visible finds the rows to draw and keeps the selection among them.
func (p *Picker) visible(room int) (from, to int) {
	p.height = room
	if p.at < p.offset {
		p.offset = p.at
	}
	if p.at >= p.offset+room {
		p.offset = p.at - room + 1
	}
	p.offset = max(0, min(p.offset, p.Len()-room))
	return p.offset, min(p.offset+room, p.Len())
}
