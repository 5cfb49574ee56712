package picture

import "slices"

// levels is how many shades there are between paper and ink. Eight look smooth at
// this size, and leave room in 256 colours for thirty pairs of ink and paper.
const levels = 8

// scans is how many lines each row of pixels is looked at along.
const scans = 16

// mask says how much ink each pixel of a cell has, 0 to levels-1. Its first pixel
// is at left and top of the cell, which may be outside it.
type mask struct {
	left, top, w, h int
	ink             []uint8
}

// crossing is where a scan line meets the outline, and whether that is upwards.
type crossing struct{ x, turn int }

// rasterise measures how much of each pixel an outline covers: exactly along scan
// lines, of which there are scans to a row.
func rasterise(o outline) mask {
	m := bounds(o)
	m.ink = make([]uint8, m.w*m.h)
	for row := range m.h {
		covered := make([]int, m.w)
		for scan := range scans {
			y := (m.top+row)*one + scan*one/scans + one/scans/2
			m.cover(covered, crossings(o, y))
		}
		for col, sum := range covered {
			m.ink[row*m.w+col] = uint8((sum*(levels-1)*2 + one*scans) / (2 * one * scans))
		}
	}
	return m
}

// bounds is the smallest box of whole pixels around an outline.
func bounds(o outline) mask {
	x0, y0, x1, y1 := 1<<30, 1<<30, -1<<30, -1<<30
	for _, c := range o {
		for _, p := range c.lines() {
			x0, y0, x1, y1 = min(x0, p.x), min(y0, p.y), max(x1, p.x), max(y1, p.y)
		}
	}
	if x0 > x1 {
		return mask{}
	}
	left, top := floorDiv(x0, one), floorDiv(y0, one)
	return mask{left: left, top: top, w: floorDiv(x1+one-1, one) - left, h: floorDiv(y1+one-1, one) - top}
}

// crossings are where a scan line meets the outline, from the left.
func crossings(o outline, y int) []crossing {
	var out []crossing
	for _, c := range o {
		corners := c.lines()
		a := corners[len(corners)-1]
		for _, b := range corners {
			if (a.y <= y) != (b.y <= y) {
				turn := 1
				if a.y > b.y {
					turn = -1
				}
				// From the upper end, so that an edge is the same in both directions.
				top, low := a, b
				if turn < 0 {
					top, low = b, a
				}
				out = append(out, crossing{top.x + floorDiv((low.x-top.x)*(y-top.y), low.y-top.y), turn})
			}
			a = b
		}
	}
	slices.SortFunc(out, func(a, b crossing) int { return a.x - b.x })
	return out
}

// cover adds what lies between crossings to the pixels of a row.
func (m mask) cover(row []int, all []crossing) {
	winding := 0
	for i, c := range all {
		if winding != 0 {
			m.span(row, all[i-1].x, c.x)
		}
		winding += c.turn
	}
}

// span adds a stretch of ink.
func (m mask) span(row []int, x0, x1 int) {
	for col := range row {
		left := (m.left + col) * one
		row[col] += max(0, min(x1, left+one)-max(x0, left))
	}
}
