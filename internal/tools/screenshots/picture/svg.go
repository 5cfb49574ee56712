package picture

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// SVG writes a screen as drawing instructions. Each character is drawn once and
// used wherever it stands; the text is in the description, for those who read
// with their ears and for search. Title names the picture.
func (a *Artist) SVG(w io.Writer, s Screen, title string) error {
	d := &drawing{artist: a, screen: s, names: map[glyphKey]string{}}
	if err := d.cells(); err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	width, height := size(s)
	fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">`+"\n",
		width/2, height/2, width, height)
	fmt.Fprintf(out, "<title>%s</title>\n<desc>%s</desc>\n", escape(title), escape("\n"+s.String()+"\n"))
	fmt.Fprintf(out, "<defs>\n%s</defs>\n", d.defs.String())
	fmt.Fprintf(out, `<path fill="%s" d="M0 0h%dv%dH0z"/><path fill="%s" d="M1 1h%dv%dH1z"/>`+"\n",
		s.Edge.hex(), width, height, s.Paper.hex(), width-2, height-2)
	out.WriteString(d.body.String())
	out.WriteString("</svg>\n")
	return out.Flush()
}

// drawing is an SVG in the making.
type drawing struct {
	artist     *Artist
	screen     Screen
	names      map[glyphKey]string
	defs, body strings.Builder
}

// cells draws row by row: what is behind, then the text of one colour after the
// other.
func (d *drawing) cells() error {
	for row := range d.screen.Rows {
		d.behind(row)
		if err := d.text(row); err != nil {
			return fmt.Errorf("row %d: %w", row, err)
		}
	}
	return nil
}

// behind draws paper of another colour than the picture's, and underlines.
func (d *drawing) behind(row int) {
	y := margin + row*cellH
	for col := 0; col < d.screen.Cols; {
		c, end := d.screen.At(col, row), col+1
		for end < d.screen.Cols && d.screen.At(end, row).Paper == c.Paper {
			end++
		}
		if c.Paper != d.screen.Paper {
			fmt.Fprintf(&d.body, `<path fill="%s" d="M%d %dh%dv%dh-%dz"/>`+"\n",
				c.Paper.hex(), margin+col*cellW, y, (end-col)*cellW, cellH, (end-col)*cellW)
		}
		col = end
	}
	for col := range d.screen.Cols {
		if c := d.screen.At(col, row); c.Underline {
			r := underline(d.artist.face, margin+col*cellW, y)
			fmt.Fprintf(&d.body, `<path fill="%s" d="M%d %dh%dv%dh-%dz"/>`+"\n", c.Ink.hex(), r.Min.X, r.Min.Y, r.Dx(), r.Dy(), r.Dx())
		}
	}
}

// text draws the characters of a row.
func (d *drawing) text(row int) error {
	ink := Colour(0)
	open := false
	for col := range d.screen.Cols {
		c := d.screen.At(col, row)
		k, ok, err := key(c)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		name, err := d.name(k)
		if err != nil {
			return fmt.Errorf("column %d: %w", col, err)
		}
		if !open || c.Ink != ink {
			if open {
				d.body.WriteString("</g>\n")
			}
			fmt.Fprintf(&d.body, `<g fill="%s" transform="translate(%d %d)">`, c.Ink.hex(), margin, margin+row*cellH)
			ink, open = c.Ink, true
		}
		fmt.Fprintf(&d.body, `<use href="#%s" x="%d"/>`, name, col*cellW)
	}
	if open {
		d.body.WriteString("</g>\n")
	}
	return nil
}

// name is what a shape is called in the file; the first use defines it.
func (d *drawing) name(k glyphKey) (string, error) {
	if name, ok := d.names[k]; ok {
		return name, nil
	}
	o, err := d.artist.face.shape(k)
	if err != nil {
		return "", err
	}
	name := "g" + strconv.FormatInt(int64(len(d.names)), 36)
	d.names[k] = name
	fmt.Fprintf(&d.defs, `<path id="%s" transform="scale(.125)" d="%s"/>`+"\n", name, pathOf(o))
	return name, nil
}

// grain is how many 64ths the unit of a path has: an eighth of a pixel is finer
// than anybody sees, and takes a digit less.
const grain = one / 8

// coarse is a place in units of a path.
func coarse(p point) point {
	return point{floorDiv(p.x+grain/2, grain), floorDiv(p.y+grain/2, grain)}
}

// pathOf is an outline in the letters of SVG, each place told from the one before.
func pathOf(o outline) string {
	var b strings.Builder
	for _, c := range o {
		at := coarse(c.start)
		fmt.Fprintf(&b, "M%d%s", at.x, number(at.y))
		for _, to := range c.curves {
			ctrl, end := coarse(to.ctrl), coarse(to.end)
			if to.straight() {
				fmt.Fprintf(&b, "l%d%s", end.x-at.x, number(end.y-at.y))
			} else {
				fmt.Fprintf(&b, "q%d%s%s%s", ctrl.x-at.x, number(ctrl.y-at.y), number(end.x-at.x), number(end.y-at.y))
			}
			at = end
		}
		b.WriteByte('z')
	}
	return b.String()
}

// number stands behind another one: a minus parts them as well as a blank.
func number(n int) string {
	if n < 0 {
		return strconv.Itoa(n)
	}
	return " " + strconv.Itoa(n)
}

// escape makes text safe between tags.
func escape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}
