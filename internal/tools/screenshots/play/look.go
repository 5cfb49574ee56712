package play

import (
	"image/color"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/vt"

	"bbconnect/internal/tools/screenshots/picture"
)

// Look is a terminal's own colours, and the theme that goes with them.
type Look struct {
	// Theme is what the program calls it.
	Theme string
	// Ink and Paper are those of plain text, Edge the line around the picture.
	Ink, Paper, Edge picture.Colour
}

// Dark is a terminal with light text on a dark background.
func Dark() Look { return Look{"dark", 0xe6e8eb, 0x15181d, 0x343a43} }

// Light is a terminal with dark text on white.
func Light() Look { return Look{"light", 0x1b1f24, 0xffffff, 0xd0d7de} }

// screen reads what an emulator shows.
func (l Look) screen(e *vt.Emulator) picture.Screen {
	cols, rows := e.Width(), e.Height()
	s := picture.Screen{Cols: cols, Rows: rows, Paper: l.Paper, Edge: l.Edge, Cells: make([]picture.Cell, 0, cols*rows)}
	for row := range rows {
		for col := range cols {
			s.Cells = append(s.Cells, l.cell(e.CellAt(col, row)))
		}
	}
	return s
}

// cell reckons with what is reversed and faint.
func (l Look) cell(c *uv.Cell) picture.Cell {
	if c == nil {
		return picture.Cell{Ink: l.Ink, Paper: l.Paper}
	}
	has := func(attr uint8) bool { return c.Style.Attrs&attr != 0 }
	out := picture.Cell{
		Text: c.Content, Ink: rgb(c.Style.Fg, l.Ink), Paper: rgb(c.Style.Bg, l.Paper),
		Bold: has(uv.AttrBold), Italic: has(uv.AttrItalic), Underline: c.Style.Underline != uv.UnderlineNone,
	}
	if out.Text == " " || has(uv.AttrConceal) {
		out.Text = ""
	}
	if has(uv.AttrReverse) {
		out.Ink, out.Paper = out.Paper, out.Ink
	}
	if has(uv.AttrFaint) {
		out.Ink = out.Paper.Mix(out.Ink, 153)
	}
	return out
}

// rgb is a colour of the terminal, the look's own where there is none.
func rgb(c color.Color, own picture.Colour) picture.Colour {
	if c == nil {
		return own
	}
	r, g, b, _ := c.RGBA()
	return picture.Colour(r>>8<<16 | g>>8<<8 | b>>8)
}
