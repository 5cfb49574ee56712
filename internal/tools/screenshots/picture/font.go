package picture

import (
	"errors"
	"fmt"
	"sync"

	"github.com/go-fonts/dejavu/dejavusansmono"
	"github.com/go-fonts/dejavu/dejavusansmonobold"
	"github.com/go-fonts/dejavu/dejavusansmonoboldoblique"
	"github.com/go-fonts/dejavu/dejavusansmonooblique"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// The size of a cell in pixels. It is twice what a screen of old has, for the
// screens of today, which show half as large what is meant for the former.
const (
	cellW = 12
	cellH = 26
)

// style is which of the four fonts draws a character.
type style struct{ bold, italic bool }

// glyphKey is one shape.
type glyphKey struct {
	r rune
	style
}

// typeface has the shapes of characters, for one size of cell. It remembers them
// and may be used by several goroutines.
type typeface struct {
	fonts    map[style]*sfnt.Font
	ppem     fixed.Int26_6
	baseline int

	mu     sync.Mutex
	buf    sfnt.Buffer
	shapes map[glyphKey]outline
	masks  map[glyphKey]mask
}

// newTypeface reads the fonts. A character is as wide as a cell.
func newTypeface() (*typeface, error) {
	t := &typeface{fonts: map[style]*sfnt.Font{}, shapes: map[glyphKey]outline{}, masks: map[glyphKey]mask{}}
	for s, data := range map[style][]byte{
		{}: dejavusansmono.TTF, {bold: true}: dejavusansmonobold.TTF,
		{italic: true}: dejavusansmonooblique.TTF, {true, true}: dejavusansmonoboldoblique.TTF,
	} {
		f, err := sfnt.Parse(data)
		if err != nil {
			return nil, fmt.Errorf("the font: %w", err)
		}
		t.fonts[s] = f
	}
	if err := t.measure(); err != nil {
		return nil, err
	}
	return t, nil
}

// measure finds the size at which a character fills its cell, and where it stands.
func (t *typeface) measure() error {
	f := t.fonts[style{}]
	units := fixed.Int26_6(f.UnitsPerEm())
	at, err := f.GlyphIndex(&t.buf, '0')
	if err != nil {
		return err
	}
	// At units of the em per pixel nothing is rounded.
	advance, err := f.GlyphAdvance(&t.buf, at, units<<6, font.HintingNone)
	if err != nil {
		return err
	}
	t.ppem = cellW << 6 * (units << 6) / advance
	m, err := f.Metrics(&t.buf, t.ppem, font.HintingNone)
	if err != nil {
		return err
	}
	t.baseline = int(cellH<<6-(m.Ascent+m.Descent))/2 + int(m.Ascent)
	t.baseline = (t.baseline + one/2) / one * one
	return nil
}

// shape is the outline of a character in its cell. It is an error that nothing
// draws it.
func (t *typeface) shape(k glyphKey) (outline, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.shapeLocked(k)
}

func (t *typeface) shapeLocked(k glyphKey) (outline, error) {
	if o, ok := t.shapes[k]; ok {
		return o, nil
	}
	o, ok := box(k.r)
	if !ok {
		var err error
		if o, err = t.glyph(k); err != nil {
			return nil, err
		}
	}
	t.shapes[k] = o
	return o, nil
}

// errNoGlyph says that the font lacks a character.
var errNoGlyph = errors.New("no font draws it")

// glyph is a character of the font: of the plain one where that of the style
// lacks it.
func (t *typeface) glyph(k glyphKey) (outline, error) {
	for _, s := range []style{k.style, {}} {
		f := t.fonts[s]
		at, err := f.GlyphIndex(&t.buf, k.r)
		if err != nil {
			return nil, fmt.Errorf("%q (U+%04X): %w", k.r, k.r, err)
		}
		if at == 0 {
			continue
		}
		segments, err := f.LoadGlyph(&t.buf, at, t.ppem, nil)
		if err != nil {
			return nil, fmt.Errorf("%q (U+%04X): %w", k.r, k.r, err)
		}
		return t.contours(segments)
	}
	return nil, fmt.Errorf("%q (U+%04X): %w", k.r, k.r, errNoGlyph)
}

// contours puts a glyph on the cell's baseline.
func (t *typeface) contours(segments sfnt.Segments) (outline, error) {
	var o outline
	at := func(p fixed.Point26_6) point { return point{int(p.X), int(p.Y) + t.baseline} }
	for _, s := range segments {
		if s.Op == sfnt.SegmentOpMoveTo {
			o = append(o, contour{start: at(s.Args[0])})
			continue
		}
		c := &o[len(o)-1]
		switch s.Op {
		case sfnt.SegmentOpLineTo:
			c.curves = append(c.curves, curve{at(s.Args[0]), at(s.Args[0])})
		case sfnt.SegmentOpQuadTo:
			c.curves = append(c.curves, curve{at(s.Args[0]), at(s.Args[1])})
		case sfnt.SegmentOpMoveTo, sfnt.SegmentOpCubeTo:
			return nil, errors.New("the font has curves of the third degree")
		}
	}
	return o, nil
}

// mask is the character in pixels.
func (t *typeface) mask(k glyphKey) (mask, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if m, ok := t.masks[k]; ok {
		return m, nil
	}
	o, err := t.shapeLocked(k)
	if err != nil {
		return mask{}, err
	}
	m := rasterise(o)
	t.masks[k] = m
	return m, nil
}
