package picture

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// full is the ink of a pixel that is covered altogether.
const full = levels - 1

func TestWholePixelsAreFullAndTheOthersEmpty(t *testing.T) {
	t.Parallel()
	m := rasterise(outline{rectangle(2*one, -one, 5*one, one)})
	if m.left != 2 || m.top != -1 || m.w != 3 || m.h != 2 {
		t.Fatalf("the box is %+v", m)
	}
	for i, ink := range m.ink {
		if ink != full {
			t.Errorf("pixel %d has %d of %d", i, ink, full)
		}
	}
}

func TestAPixelHasAsMuchInkAsIsCovered(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name           string
		x0, y0, x1, y1 int
		want           uint8
	}{
		{"the left half", 0, 0, one / 2, one, (full + 1) / 2},
		{"the upper half", 0, 0, one, one / 2, (full + 1) / 2},
		{"a quarter", 0, 0, one / 2, one / 2, (full + 2) / 4},
		{"nearly nothing", 0, 0, 1, one, 0},
	} {
		m := rasterise(outline{rectangle(c.x0, c.y0, c.x1, c.y1)})
		if got := m.ink[0]; got != c.want {
			t.Errorf("%s: ink %d, want %d", c.name, got, c.want)
		}
	}
}

func TestAHoleIsEmptyAndAnOverlapIsFilledOnce(t *testing.T) {
	t.Parallel()
	outer, inner := rectangle(0, 0, 3*one, 3*one), rectangle(one, one, 2*one, 2*one)
	if m := rasterise(outline{outer, inner}); m.ink[4] != full {
		t.Errorf("two contours one way: the middle has %d", m.ink[4])
	}
	// The same corners, the other way round.
	hole := contour{inner.start, nil}
	for i := len(inner.curves) - 1; i >= 0; i-- {
		hole.curves = append(hole.curves, inner.curves[i])
	}
	m := rasterise(outline{outer, hole})
	if m.ink[4] != 0 || m.ink[0] != full {
		t.Errorf("a hole: the middle has %d, the corner %d", m.ink[4], m.ink[0])
	}
}

func TestAnOutlineIsTheSameWherever64thsPutItsWholePixels(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var o, moved outline
		c := contour{start: point{r.IntN(900) - 450, r.IntN(900) - 450}}
		d := contour{start: point{c.start.x + 7*one, c.start.y - 3*one}}
		for range 3 + r.IntN(4) {
			a, b := point{r.IntN(900) - 450, r.IntN(900) - 450}, point{r.IntN(900) - 450, r.IntN(900) - 450}
			c.curves = append(c.curves, curve{a, b})
			d.curves = append(d.curves, curve{point{a.x + 7*one, a.y - 3*one}, point{b.x + 7*one, b.y - 3*one}})
		}
		o, moved = append(o, c), append(moved, d)
		m, n := rasterise(o), rasterise(moved)
		if m.left+7 != n.left || m.top-3 != n.top || !bytes.Equal(m.ink, n.ink) {
			t.Fatalf("%+v is drawn otherwise when it is moved", o)
		}
	}
}

func TestNothingIsDrawnOfNothing(t *testing.T) {
	t.Parallel()
	if m := rasterise(nil); len(m.ink) != 0 {
		t.Errorf("%+v", m)
	}
}

func TestDivisionIsTowardsMinusInfinity(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]int{{7, 2, 3}, {-7, 2, -4}, {-8, 2, -4}, {0, 5, 0}} {
		if got := floorDiv(c[0], c[1]); got != c[2] {
			t.Errorf("%d / %d = %d, want %d", c[0], c[1], got, c[2])
		}
	}
}
