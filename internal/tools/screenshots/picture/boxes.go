package picture

// thin is how thick a light line is, in pixels, and heavy twice that.
const (
	thin  = 2
	heavy = 2 * thin
)

// arms of a line character: how thick the line is towards each side of the cell,
// 0 where there is none.
type arms struct{ up, right, down, left int }

// boxArms are the box drawing characters that are made of arms (Unicode, U+2500
// to U+257F). Those of double lines and diagonals are left to the font.
func boxArms() map[rune]arms {
	const l, h = thin, heavy
	return map[rune]arms{
		'─': {0, l, 0, l}, '━': {0, h, 0, h}, '│': {l, 0, l, 0}, '┃': {h, 0, h, 0},
		'┌': {0, l, l, 0}, '┏': {0, h, h, 0}, '┐': {0, 0, l, l}, '┓': {0, 0, h, h},
		'└': {l, l, 0, 0}, '┗': {h, h, 0, 0}, '┘': {l, 0, 0, l}, '┛': {h, 0, 0, h},
		'├': {l, l, l, 0}, '┣': {h, h, h, 0}, '┤': {l, 0, l, l}, '┫': {h, 0, h, h},
		'┬': {0, l, l, l}, '┳': {0, h, h, h}, '┴': {l, l, 0, l}, '┻': {h, h, 0, h},
		'┼': {l, l, l, l}, '╋': {h, h, h, h},
		'╴': {0, 0, 0, l}, '╵': {l, 0, 0, 0}, '╶': {0, l, 0, 0}, '╷': {0, 0, l, 0},
		'╸': {0, 0, 0, h}, '╹': {h, 0, 0, 0}, '╺': {0, h, 0, 0}, '╻': {0, 0, h, 0},
		'╼': {0, h, 0, l}, '╽': {l, 0, h, 0}, '╾': {0, l, 0, h}, '╿': {h, 0, l, 0},
	}
}

// box draws what must meet its neighbours without a seam, or fill its cell; ok is
// false for every other character.
func box(r rune) (outline, bool) {
	if a, ok := boxArms()[r]; ok {
		return a.draw(), true
	}
	switch {
	case r >= '╭' && r <= '╰':
		return rounded(r), true
	case r >= '▀' && r <= '▟':
		return block(r)
	case r >= 0x2800 && r <= 0x28FF:
		return braille(r), true
	}
	return nil, false
}

// pixels is rectangle in whole pixels.
func pixels(x0, y0, x1, y1 int) contour {
	return rectangle(x0*one, y0*one, x1*one, y1*one)
}

// draw lets every arm reach to the far side of the thickest line across, so that
// corners are closed.
func (a arms) draw() outline {
	var o outline
	across, along := max(a.up, a.down), max(a.left, a.right)
	midX, midY := cellW/2, cellH/2
	add := func(thick, x0, y0, x1, y1 int) {
		if thick > 0 {
			o = append(o, pixels(x0, y0, x1, y1))
		}
	}
	add(a.left, 0, midY-a.left/2, midX+across/2, midY+a.left/2)
	add(a.right, midX-across/2, midY-a.right/2, cellW, midY+a.right/2)
	add(a.up, midX-a.up/2, 0, midX+a.up/2, midY+along/2)
	add(a.down, midX-a.down/2, midY-along/2, midX+a.down/2, cellH)
	return o
}

// rounded is one of ╭ ╮ ╯ ╰: a bow from one side to another, with a stretch of
// line up to the edge of the cell.
func rounded(r rune) outline {
	right := r == '╭' || r == '╰'
	down := r == '╭' || r == '╮'
	midX, midY := cellW/2*one, cellH/2*one
	const half, radius = thin * one / 2, cellW / 2 * one
	// Drawn as ╭ and turned over: from the right edge to the lower one.
	x := func(v int) int {
		if right {
			return v
		}
		return cellW*one - v
	}
	y := func(v int) int {
		if down {
			return v
		}
		return cellH*one - v
	}
	at := func(px, py int) point { return point{x(px), y(py)} }
	to := func(px, py int) curve { return curve{at(px, py), at(px, py)} }
	bow := contour{at(cellW*one, midY-half), []curve{
		{at(midX-half, midY-half), at(midX-half, midY+radius)},
		to(midX-half, cellH*one), to(midX+half, cellH*one), to(midX+half, midY+radius),
		{at(midX+half, midY+half), at(cellW*one, midY+half)},
	}}
	return outline{bow}
}

// quarters are which corners of the cell U+2596 to U+259F fill: upper left, upper
// right, lower left, lower right.
func quarters() []string {
	return []string{"..x.", "...x", "x...", "x.xx", "x..x", "xxx.", "xx.x", ".x..", ".xx.", ".xxx"}
}

// block is one of the block elements U+2580 to U+259F. The three shades are left
// to the font.
func block(r rune) (outline, bool) {
	eighth := func(n, of int) int { return (n*of + 4) / 8 }
	switch {
	case r == '▀':
		return outline{pixels(0, 0, cellW, cellH/2)}, true
	case r <= '█':
		return outline{pixels(0, cellH-eighth(int(r-'▀'), cellH), cellW, cellH)}, true
	case r <= '▏':
		return outline{pixels(0, 0, eighth(int('▐'-r), cellW), cellH)}, true
	case r == '▐':
		return outline{pixels(cellW/2, 0, cellW, cellH)}, true
	case r == '▔':
		return outline{pixels(0, 0, cellW, eighth(1, cellH))}, true
	case r == '▕':
		return outline{pixels(cellW-eighth(1, cellW), 0, cellW, cellH)}, true
	case r < '▔':
		return nil, false
	}
	var o outline
	for i, filled := range quarters()[r-'▖'] {
		if filled == 'x' {
			x, y := i%2*cellW/2, i/2*cellH/2
			o = append(o, pixels(x, y, x+cellW/2, y+cellH/2))
		}
	}
	return o, true
}

// braille is dots in two columns of four, by the bits of the character (Unicode,
// Braille Patterns): the upper six count down the columns, the last two are the
// lowest row.
func braille(r rune) outline {
	var o outline
	bits := int(r - 0x2800)
	for bit := range 8 {
		if bits&(1<<bit) == 0 {
			continue
		}
		col, row := bit/3, bit%3
		if bit >= 6 {
			col, row = bit-6, 3
		}
		x, y := cellW*(1+2*col)/4, cellH*(1+2*row)/8
		o = append(o, pixels(x-thin, y-thin, x+thin, y+thin))
	}
	return o
}
