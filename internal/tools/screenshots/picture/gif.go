package picture

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"io"
)

// Frame is a screen of a film, and how long it is shown, in hundredths of a second.
type Frame struct {
	Screen Screen
	Hold   int
}

// Film writes screens of one size as a GIF that repeats. After the first frame
// only what has changed is written; what has not changed within the smallest
// rectangle around that is left transparent, which compresses to nearly nothing.
// All frames share one palette.
func (a *Artist) Film(w io.Writer, frames []Frame) error {
	if len(frames) == 0 {
		return errors.New("a film without frames")
	}
	var whole []*image.Paletted
	var p *paint
	var err error
	for shades := uint32(levels); ; shades /= 2 {
		if p, whole, err = a.develop(frames, shades); !errors.Is(err, errPalette) || shades <= 2 {
			break
		}
	}
	if err != nil {
		return err
	}
	palette := append(color.Palette{}, p.img.Palette...)
	if len(palette) == 256 {
		return errPalette
	}
	clear := uint8(len(palette))
	palette = append(palette, color.RGBA{})
	out := &gif.GIF{Config: image.Config{ColorModel: palette, Width: p.img.Rect.Dx(), Height: p.img.Rect.Dy()}}
	for i, f := range frames {
		img := whole[i]
		img.Palette = palette
		if i > 0 {
			if img = difference(whole[i-1], img, clear); img == nil {
				out.Delay[len(out.Delay)-1] += f.Hold
				continue
			}
		}
		out.Image = append(out.Image, img)
		out.Delay = append(out.Delay, f.Hold)
		out.Disposal = append(out.Disposal, gif.DisposalNone)
	}
	return gif.EncodeAll(w, out)
}

// develop paints every frame with the same palette.
func (a *Artist) develop(frames []Frame, shades uint32) (*paint, []*image.Paletted, error) {
	p := newPaint(frames[0].Screen)
	p.shades = shades
	var whole []*image.Paletted
	for i, f := range frames {
		if w, h := size(f.Screen); w != p.img.Rect.Dx() || h != p.img.Rect.Dy() {
			return nil, nil, fmt.Errorf("frame %d has another size", i)
		}
		if err := a.paint(p, f.Screen, p.img.Rect); err != nil {
			return nil, nil, fmt.Errorf("frame %d: %w", i, err)
		}
		kept := image.NewPaletted(p.img.Rect, nil)
		copy(kept.Pix, p.img.Pix)
		whole = append(whole, kept)
	}
	if len(p.index) > 255 {
		return nil, nil, errPalette // one place is for what is transparent
	}
	return p, whole, nil
}

// difference is what to paint over one picture to get another; nil for nothing.
func difference(before, after *image.Paletted, clear uint8) *image.Paletted {
	area := changed(before, after)
	if area.Empty() {
		return nil
	}
	out := image.NewPaletted(area, after.Palette)
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			c := after.ColorIndexAt(x, y)
			if c == before.ColorIndexAt(x, y) {
				c = clear
			}
			out.SetColorIndex(x, y, c)
		}
	}
	return out
}

// changed is the smallest rectangle around what differs.
func changed(before, after *image.Paletted) image.Rectangle {
	var area image.Rectangle
	for y := after.Rect.Min.Y; y < after.Rect.Max.Y; y++ {
		for x := after.Rect.Min.X; x < after.Rect.Max.X; x++ {
			if before.ColorIndexAt(x, y) != after.ColorIndexAt(x, y) {
				area = area.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return area
}
