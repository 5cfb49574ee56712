package picture

import (
	"fmt"
	"strings"
)

// Colour is red, green and blue, eight bits each: 0xRRGGBB.
type Colour uint32

func (c Colour) hex() string { return fmt.Sprintf("#%06x", uint32(c)) }

// Mix is c with so many 255ths of over on top.
func (c Colour) Mix(over Colour, part uint32) Colour {
	var out Colour
	for shift := 0; shift < 24; shift += 8 {
		a, b := uint32(c>>shift)&0xff, uint32(over>>shift)&0xff
		out |= Colour((a*(255-part)+b*part+127)/255) << shift
	}
	return out
}

// Cell is one place on the screen. Its colours are those that are seen: what is
// reversed or faint has been reckoned with.
type Cell struct {
	// Text is one character, "" for a blank.
	Text                    string
	Ink, Paper              Colour
	Bold, Italic, Underline bool
}

// Screen is what a terminal shows.
type Screen struct {
	Cols, Rows int
	Cells      []Cell // row by row
	// Paper is the colour around the cells, Edge that of the line around the picture.
	Paper, Edge Colour
}

// At is one cell; columns and rows count from 0.
func (s Screen) At(col, row int) Cell { return s.Cells[row*s.Cols+col] }

// String is the text, without blanks at line ends and blank lines at the end.
func (s Screen) String() string {
	var lines []string
	for row := range s.Rows {
		var b strings.Builder
		for col := range s.Cols {
			if text := s.At(col, row).Text; text != "" {
				b.WriteString(text)
			} else {
				b.WriteByte(' ')
			}
		}
		lines = append(lines, strings.TrimRight(b.String(), " "))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}
