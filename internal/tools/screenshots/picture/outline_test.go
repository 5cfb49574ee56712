package picture

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// circle is a circle of eight quadratic curves around a point.
func circle(x, y, radius int) contour {
	// tan 22.5° and cos 45°, in thousandths.
	near, far := radius*414/1000, radius*707/1000
	return contour{point{x + radius, y}, []curve{
		{point{x + radius, y + near}, point{x + far, y + far}},
		{point{x + near, y + radius}, point{x, y + radius}},
		{point{x - near, y + radius}, point{x - far, y + far}},
		{point{x - radius, y + near}, point{x - radius, y}},
		{point{x - radius, y - near}, point{x - far, y - far}},
		{point{x - near, y - radius}, point{x, y - radius}},
		{point{x + near, y - radius}, point{x + far, y - far}},
		{point{x + radius, y - near}, point{x + radius, y}},
	}}
}

func TestACurveEndsWhereItIsSaidTo(t *testing.T) {
	t.Parallel()
	c := circle(0, 0, 1000)
	corners := c.lines()
	if corners[0] != c.start || corners[len(corners)-1] != c.curves[7].end || len(corners) != 1+8*steps {
		t.Errorf("%d corners, from %v to %v", len(corners), corners[0], corners[len(corners)-1])
	}
	for i, p := range corners {
		if r := p.x*p.x + p.y*p.y; r < 985*985 || r > 1015*1015 {
			t.Errorf("corner %d, %v, is not on the circle", i, p)
		}
	}
}

func TestTheInkOfACircleIsItsArea(t *testing.T) {
	t.Parallel()
	const radius = 40
	sum := 0
	for _, ink := range rasterise(outline{circle(3*one/2, 7, radius*one)}).ink {
		sum += int(ink)
	}
	want := radius * radius * 314159 / 100000 * full
	if sum < want*99/100 || sum > want*101/100 {
		t.Errorf("ink %d, want about %d", sum, want)
	}
}

// inside asks by the winding number whether a place is inside, edge by edge and
// without scan lines.
func inside(o outline, x, y int) bool {
	winding := 0
	for _, c := range o {
		corners := c.lines()
		for i, a := range corners {
			b := corners[(i+1)%len(corners)]
			side := (b.x-a.x)*(y-a.y) - (x-a.x)*(b.y-a.y)
			switch {
			case a.y <= y && b.y > y && side > 0:
				winding++
			case a.y > y && b.y <= y && side < 0:
				winding--
			}
		}
	}
	return winding != 0
}

func TestScanLinesSeeWhatManyPointsSee(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for range 60 {
		var o outline
		for range 1 + r.IntN(3) {
			at := func() point { return point{r.IntN(6 * one), r.IntN(6 * one)} }
			c := contour{start: at()}
			for range 2 + r.IntN(4) {
				end := at()
				ctrl := end
				if r.IntN(2) == 0 {
					ctrl = at()
				}
				c.curves = append(c.curves, curve{ctrl, end})
			}
			o = append(o, c)
		}
		m := rasterise(o)
		for i, ink := range m.ink {
			hits := 0
			for y := 2; y < one; y += 4 {
				for x := 2; x < one; x += 4 {
					if inside(o, (m.left+i%m.w)*one+x, (m.top+i/m.w)*one+y) {
						hits++
					}
				}
			}
			want := hits * full / (scans * scans)
			if int(ink) < want-1 || int(ink) > want+1 {
				t.Fatalf("pixel %d of %v has %d, points say %d", i, o, ink, want)
			}
		}
	}
}

// readPath is an outline out of the letters of a path, in units of a path.
func readPath(t *testing.T, text string) outline {
	t.Helper()
	var o outline
	at := point{}
	for _, part := range strings.FieldsFunc(strings.NewReplacer("M", "|M", "l", "|l", "q", "|q", "z", "|").Replace(text), func(r rune) bool { return r == '|' }) {
		var n [4]int
		numbers := strings.ReplaceAll(part[1:], "-", " -")
		switch part[0] {
		case 'M':
			read(t, numbers, &n[0], &n[1])
			at = point{n[0], n[1]}
			o = append(o, contour{start: at})
			continue
		case 'l':
			read(t, numbers, &n[2], &n[3])
			n[0], n[1] = n[2], n[3]
		case 'q':
			read(t, numbers, &n[0], &n[1], &n[2], &n[3])
		default:
			t.Fatalf("%q in a path", part)
		}
		c := &o[len(o)-1]
		c.curves = append(c.curves, curve{point{at.x + n[0], at.y + n[1]}, point{at.x + n[2], at.y + n[3]}})
		at = point{at.x + n[2], at.y + n[3]}
	}
	return o
}

func read(t *testing.T, text string, into ...any) {
	t.Helper()
	if n, err := fmt.Sscan(text, into...); err != nil || n != len(strings.Fields(text)) {
		t.Fatalf("%q: %v", text, err)
	}
}

func TestAPathSaysTheSameAsTheOutline(t *testing.T) {
	t.Parallel()
	face := newFace(t)
	for _, r := range "ageMW@&%✓✗›●○…╭┼█⣿" {
		o, err := face.shape(glyphKey{r: r})
		if err != nil {
			t.Fatal(err)
		}
		got := readPath(t, pathOf(o))
		if len(got) != len(o) {
			t.Fatalf("%c has %d contours, its path %d", r, len(o), len(got))
		}
		for i, c := range o {
			if got[i].start != coarse(c.start) || len(got[i].curves) != len(c.curves) {
				t.Fatalf("%c, contour %d: the path begins at %v", r, i, got[i].start)
			}
			for j, to := range c.curves {
				if read := got[i].curves[j]; read.end != coarse(to.end) || !to.straight() && read.ctrl != coarse(to.ctrl) {
					t.Errorf("%c, contour %d, curve %d: %v, want %v", r, i, j, read, to)
				}
			}
		}
	}
}

func TestTextStandsInItsCell(t *testing.T) {
	t.Parallel()
	face := newFace(t)
	for r := '!'; r <= '~'; r++ {
		for _, s := range []style{{}, {bold: true}} {
			m, err := face.mask(glyphKey{r, s})
			if err != nil {
				t.Fatal(err)
			}
			if m.top < 0 || m.top+m.h > cellH || m.left < -1 || m.left+m.w > cellW+1 {
				t.Errorf("%c %v takes %+v of %d by %d", r, s, mask{m.left, m.top, m.w, m.h, nil}, cellW, cellH)
			}
		}
	}
	// Letters without descenders stand on one line.
	for _, r := range "HEx1" {
		m, err := face.mask(glyphKey{r: r})
		if err != nil || m.top+m.h != face.baseline/one {
			t.Errorf("%c ends at %d, the baseline is at %d (%v)", r, m.top+m.h, face.baseline/one, err)
		}
	}
}

func TestBoldIsBolder(t *testing.T) {
	t.Parallel()
	face := newFace(t)
	ink := func(s style) (sum int) {
		for _, r := range "bbconnect" {
			m, err := face.mask(glyphKey{r, s})
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range m.ink {
				sum += int(i)
			}
		}
		return sum
	}
	if plain, bold := ink(style{}), ink(style{bold: true}); bold <= plain*11/10 {
		t.Errorf("plain has %d, bold %d", plain, bold)
	}
}
