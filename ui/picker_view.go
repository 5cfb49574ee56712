package ui

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

const (
	columnGap   = 3
	columnLeast = 4
)

// View draws the filter, when there is one, and the rows in sight. Nothing is
// done for rows that are not drawn.
func (p *Picker) View(w, h int) string {
	var out []string
	if p.Filtering() || p.wanted != "" {
		out = append(out, p.filterLine(w))
	}
	widths := p.layout(w - 3)
	if heading := p.heading(widths); heading != "" {
		out = append(out, truncate("   "+p.theme.Dim.Render(heading), w))
	}
	room := max(1, h-len(out))
	if p.Len() == 0 {
		text := p.Empty
		if len(p.rows) > 0 {
			text = "No match for " + strings.TrimSpace(p.wanted) + "."
		}
		for _, l := range wrapLines(text, w-3) {
			out = append(out, "   "+p.theme.Dim.Render(l))
		}
		return strings.Join(out, "\n")
	}
	from, to := p.visible(room)
	for i := from; i < to; i++ {
		out = append(out, p.rowLine(p.row(i), i == p.at, widths, w))
	}
	return strings.Join(out, "\n")
}

func (p *Picker) filterLine(w int) string {
	right := p.theme.Dim.Render(fmt.Sprintf("%d of %d", p.Len(), len(p.rows)))
	if p.waiting {
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
		parts = append(parts, inColumn(line(col.Title), widths[c], col.Right))
	}
	if !named {
		return ""
	}
	return strings.Join(parts, strings.Repeat(" ", columnGap))
}

// layout gives each column its width. When room is short the widest shrink
// first, down to their Min; then columns vanish by Drop.
func (p *Picker) layout(room int) []int {
	widths := make([]int, len(p.columns))
	for c, col := range p.columns {
		if c < len(p.natural) {
			widths[c] = max(p.natural[c], textWidth(col.Title))
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
		for c, col := range p.columns {
			if widths[c] > 0 && col.Drop > 0 && (drop < 0 || col.Drop > p.columns[drop].Drop) {
				drop = c
			}
		}
		if drop < 0 {
			return widths
		}
		widths[drop] = 0
	}
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
		widest := -1
		for c, col := range p.columns {
			if trial[c] > max(col.Min, columnLeast) && (widest < 0 || trial[c] > trial[widest]) {
				widest = c
			}
		}
		if widest < 0 {
			return false
		}
		trial[widest]--
	}
	copy(widths, trial)
	return true
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
	for _, m := range []Mark{Pass, Warn, Fail, Skip} {
		if tail, ok := strings.CutPrefix(text, m.Sign()+" "); ok {
			skip := len(text) - len(tail)
			for i := range own {
				own[i] -= skip
			}
			return p.theme.Mark(m) + " " + styled(tail, slices.DeleteFunc(own, func(i int) bool { return i < 0 }), hit, rest)
		}
	}
	return styled(text, own, hit, rest)
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

// highlights says which bytes of a row's text are drawn as matched. Only rows
// that are drawn are asked for.
func (p *Picker) highlights(row int) []int {
	var out []int
	for word := range strings.FieldsSeq(p.query) {
		out = append(out, matchedBytes(word, p.texts[row])...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// styled draws s with the runes that start at the given bytes in another style.
// Bytes are those of s; ones beyond it or inside a rune are passed over.
func styled(s string, hits []int, hit, rest func(...string) string) string {
	if len(hits) == 0 {
		return rest(s)
	}
	var b strings.Builder
	from := 0
	for i := 0; i < len(s); {
		_, size := utf8.DecodeRuneInString(s[i:])
		if _, found := slices.BinarySearch(hits, i); found {
			if from < i {
				b.WriteString(rest(s[from:i]))
			}
			b.WriteString(hit(s[i : i+size]))
			from = i + size
		}
		i += size
	}
	if from < len(s) {
		b.WriteString(rest(s[from:]))
	}
	return b.String()
}
