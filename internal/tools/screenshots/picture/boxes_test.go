package picture

import (
	"math/bits"
	"testing"
)

// grid is a box character in the pixels of its cell.
func grid(t *testing.T, r rune) [cellH][cellW]bool {
	t.Helper()
	o, ok := box(r)
	if !ok {
		t.Fatalf("%q is no box", r)
	}
	var g [cellH][cellW]bool
	m := rasterise(o)
	for i, ink := range m.ink {
		x, y := m.left+i%m.w, m.top+i/m.w
		if ink > full/2 && x >= 0 && x < cellW && y >= 0 && y < cellH {
			g[y][x] = true
		}
	}
	return g
}

func TestLinesMeetTheirNeighboursWithoutASeam(t *testing.T) {
	t.Parallel()
	for a, left := range boxArms() {
		for b, right := range boxArms() {
			if left.right != right.left && left.down != right.up {
				continue
			}
			g, h := grid(t, a), grid(t, b)
			for y := range cellH {
				if left.right == right.left && g[y][cellW-1] != h[y][0] && left.right > 0 {
					t.Errorf("%c%c: row %d does not go on", a, b, y)
				}
			}
			for x := range cellW {
				if left.down == right.up && g[cellH-1][x] != h[0][x] && left.down > 0 {
					t.Errorf("%c over %c: column %d does not go on", a, b, x)
				}
			}
		}
	}
}

func TestRoundCornersMeetStraightLines(t *testing.T) {
	t.Parallel()
	for corner, a := range map[rune]arms{'╭': {0, thin, thin, 0}, '╮': {0, 0, thin, thin}, '╯': {thin, 0, 0, thin}, '╰': {thin, thin, 0, 0}} {
		g, straight := grid(t, corner), a.draw()
		m := rasterise(straight)
		var h [cellH][cellW]bool
		for i, ink := range m.ink {
			h[m.top+i/m.w][m.left+i%m.w] = ink > full/2
		}
		for y := range cellH {
			if g[y][0] != h[y][0] || g[y][cellW-1] != h[y][cellW-1] {
				t.Errorf("%c: row %d ends elsewhere than the straight corner's", corner, y)
			}
		}
		if g[0] != h[0] || g[cellH-1] != h[cellH-1] {
			t.Errorf("%c: above or below it ends elsewhere than the straight corner", corner)
		}
	}
}

func TestBlocksFillWhatTheyAreNamedFor(t *testing.T) {
	t.Parallel()
	filled := func(r rune) (n int) {
		for _, row := range grid(t, r) {
			for _, on := range row {
				if on {
					n++
				}
			}
		}
		return n
	}
	const all = cellW * cellH
	for r, want := range map[rune]int{'█': all, '▀': all / 2, '▄': all / 2, '▌': all / 2, '▐': all / 2, '▚': all / 2, '▙': all * 3 / 4, '▝': all / 4} {
		if got := filled(r); got < want-cellW || got > want+cellW {
			t.Errorf("%c fills %d of %d pixels, want about %d", r, got, all, want)
		}
	}
	for r := '▁'; r < '█'; r++ {
		if filled(r) >= filled(r+1) {
			t.Errorf("%c is no lower than %c", r, r+1)
		}
	}
}

func TestBrailleHasADotForEachBit(t *testing.T) {
	t.Parallel()
	for r := rune(0x2800); r <= 0x28FF; r++ {
		o, ok := box(r)
		if !ok || len(o) != bits.OnesCount(uint(r-0x2800)) {
			t.Fatalf("%c has %d dots", r, len(o))
		}
	}
}

func TestShadesAreLeftToTheFont(t *testing.T) {
	t.Parallel()
	for _, r := range "░▒▓ax" {
		if _, ok := box(r); ok {
			t.Errorf("%c is drawn as geometry", r)
		}
	}
}
