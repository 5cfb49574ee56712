package picture

// Lengths are 64ths of a pixel, as in fonts; y grows downwards.
const one = 64

// point is a place in 64ths of a pixel.
type point struct{ x, y int }

// curve leads from where the one before it ended over ctrl to end; a straight
// line has its control point at its end.
type curve struct{ ctrl, end point }

func (c curve) straight() bool { return c.ctrl == c.end }

// contour is a closed line.
type contour struct {
	start  point
	curves []curve
}

// outline is the shape of one character: what is inside by the nonzero rule.
type outline []contour

// steps is how many lines stand for a curve. Glyphs are a few dozen pixels high:
// the sagitta of an eighth of their curves is far below a pixel's 64th.
const steps = 8

// lines are the contour as corners, the first of which is not repeated.
func (c contour) lines() []point {
	corners := []point{c.start}
	from := c.start
	for _, to := range c.curves {
		if to.straight() {
			corners = append(corners, to.end)
		} else {
			for i := 1; i <= steps; i++ {
				corners = append(corners, point{bend(from.x, to.ctrl.x, to.end.x, i), bend(from.y, to.ctrl.y, to.end.y, i)})
			}
		}
		from = to.end
	}
	return corners
}

// bend is one coordinate of a quadratic curve after i of its steps, rounded.
func bend(a, b, c, i int) int {
	rest := steps - i
	return floorDiv(2*(a*rest*rest+2*b*i*rest+c*i*i)+steps*steps, 2*steps*steps)
}

// floorDiv divides towards minus infinity, b being positive.
func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// rectangle is an outline with four corners, in 64ths.
func rectangle(x0, y0, x1, y1 int) contour {
	to := func(x, y int) curve { return curve{point{x, y}, point{x, y}} }
	return contour{point{x0, y0}, []curve{to(x1, y0), to(x1, y1), to(x0, y1)}}
}
