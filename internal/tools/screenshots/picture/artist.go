package picture

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"unicode/utf8"
)

// margin is the room around the screen, in pixels.
const margin = 20

// Artist draws screens. It may be used by several goroutines.
type Artist struct{ face *typeface }

// NewArtist reads the fonts.
func NewArtist() (*Artist, error) {
	face, err := newTypeface()
	return &Artist{face}, err
}

// size is a picture's width and height in pixels.
func size(s Screen) (w, h int) { return s.Cols*cellW + 2*margin, s.Rows*cellH + 2*margin }

// key is what draws a cell; ok is false for one that is blank.
func key(c Cell) (k glyphKey, ok bool, err error) {
	if c.Text == "" || c.Text == " " {
		return glyphKey{}, false, nil
	}
	r, n := utf8.DecodeRuneInString(c.Text)
	if n != len(c.Text) || r == utf8.RuneError {
		return glyphKey{}, false, fmt.Errorf("%q is more than one character", c.Text)
	}
	return glyphKey{r, style{c.Bold, c.Italic}}, true, nil
}

// PNG writes a screen as a PNG with a palette. An error names the place of a
// character that cannot be drawn.
func (a *Artist) PNG(w io.Writer, s Screen) error {
	p := newPaint(s)
	if err := a.paint(p, s, p.img.Bounds()); err != nil {
		return err
	}
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	return encoder.Encode(w, p.img)
}

// paint is a picture with its palette, which grows with the colours it needs.
type paint struct {
	img    *image.Paletted
	index  map[Colour]uint8
	ramps  map[[2]Colour][levels]uint8
	shades uint32 // steps of a ramp that are told apart, at most levels
}

// newPaint is an empty picture of a screen's size.
func newPaint(s Screen) *paint {
	w, h := size(s)
	p := &paint{img: image.NewPaletted(image.Rect(0, 0, w, h), nil), index: map[Colour]uint8{}, shades: levels}
	p.ramps = map[[2]Colour][levels]uint8{}
	return p
}

// errPalette says that a picture has more colours than fit.
var errPalette = fmt.Errorf("more than 256 colours")

// colour is a colour's place in the palette.
func (p *paint) colour(c Colour) (uint8, error) {
	if i, ok := p.index[c]; ok {
		return i, nil
	}
	if len(p.index) == 256 {
		return 0, errPalette
	}
	i := uint8(len(p.index))
	p.index[c] = i
	p.img.Palette = append(p.img.Palette, color.RGBA{uint8(c >> 16), uint8(c >> 8), uint8(c), 0xff})
	return i, nil
}

// ramp leads from paper to ink.
func (p *paint) ramp(paper, ink Colour) ([levels]uint8, error) {
	pair := [2]Colour{paper, ink}
	if r, ok := p.ramps[pair]; ok {
		return r, nil
	}
	var r [levels]uint8
	for level := range uint32(levels) {
		step := (level*(p.shades-1)*2 + levels - 1) / (2 * (levels - 1))
		i, err := p.colour(paper.Mix(ink, step*255/(p.shades-1)))
		if err != nil {
			return r, err
		}
		r[level] = i
	}
	p.ramps[pair] = r
	return r, nil
}

// fill paints a rectangle that lies within the picture.
func (p *paint) fill(area image.Rectangle, c Colour) error {
	i, err := p.colour(c)
	if err != nil {
		return err
	}
	area = area.Intersect(p.img.Rect)
	for y := area.Min.Y; y < area.Max.Y; y++ {
		row := p.img.Pix[p.img.PixOffset(area.Min.X, y):p.img.PixOffset(area.Max.X, y)]
		for x := range row {
			row[x] = i
		}
	}
	return nil
}

// paint paints a screen, with a line around it.
func (a *Artist) paint(p *paint, s Screen, all image.Rectangle) error {
	if err := p.fill(all, s.Edge); err != nil {
		return err
	}
	if err := p.fill(all.Inset(1), s.Paper); err != nil {
		return err
	}
	for row := range s.Rows {
		for col := range s.Cols {
			if err := a.cell(p, s.At(col, row), margin+col*cellW, margin+row*cellH); err != nil {
				return fmt.Errorf("column %d, row %d: %w", col, row, err)
			}
		}
	}
	return nil
}

// cell paints one cell. A glyph that reaches over its edge is cut there.
func (a *Artist) cell(p *paint, c Cell, x, y int) error {
	area := image.Rect(x, y, x+cellW, y+cellH)
	if err := p.fill(area, c.Paper); err != nil {
		return err
	}
	if c.Underline {
		if err := p.fill(underline(a.face, x, y), c.Ink); err != nil {
			return err
		}
	}
	k, ok, err := key(c)
	if err != nil || !ok {
		return err
	}
	m, err := a.face.mask(k)
	if err != nil {
		return err
	}
	ramp, err := p.ramp(c.Paper, c.Ink)
	if err != nil {
		return err
	}
	for i, ink := range m.ink {
		at := image.Pt(x+m.left+i%m.w, y+m.top+i/m.w)
		if ink > 0 && at.In(area) {
			p.img.Pix[p.img.PixOffset(at.X, at.Y)] = ramp[ink]
		}
	}
	return nil
}

// underline is the line below a cell's text.
func underline(t *typeface, x, y int) image.Rectangle {
	top := y + t.baseline/one + 2*thin
	return image.Rect(x, top, x+cellW, top+thin)
}
