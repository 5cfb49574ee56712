package ui

import "strings"

// The columns that the details beside a list take, its rule included.
const (
	detailLeast, detailMost = 32, 52
)

// beside puts the details of a row at the right of a list of w columns, in side
// columns and h lines.
func (p *Picker) beside(list []string, row Row, w, side, h int) []string {
	bar := p.theme.Dim.Render("│")
	text := p.details(row, side-3)
	out := make([]string, h)
	for i := range out {
		var left, right string
		if i < len(list) {
			left = list[i]
		}
		if i < len(text) {
			right = " " + text[i]
		}
		out[i] = pad(left, w) + bar + right
	}
	return out
}

// details wraps what is said about a row. A line that begins with a mark is
// drawn in the mark's colour, and goes on under its words.
func (p *Picker) details(row Row, width int) []string {
	var out []string
	for _, l := range p.Detail(row) {
		mark, tail := cutMark(line(l))
		if mark == NoMark {
			out = append(out, wrapLines(tail, width)...)
			continue
		}
		for i, part := range wrapLines(tail, width-2) {
			lead := "  "
			if i == 0 {
				lead = p.theme.Mark(mark) + " "
			}
			out = append(out, lead+part)
		}
	}
	return out
}

// cutMark takes a mark and its blank off the beginning of a text.
func cutMark(text string) (Mark, string) {
	for _, m := range []Mark{Pass, Warn, Fail, Skip} {
		if tail, ok := strings.CutPrefix(text, m.Sign()+" "); ok {
			return m, tail
		}
	}
	return NoMark, text
}
