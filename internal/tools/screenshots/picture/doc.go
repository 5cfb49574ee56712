// Package picture draws the screen of a terminal: as PNG, as SVG, and a film of
// screens as GIF.
//
// The same screen gives the same bytes on every machine. Nothing on the way from
// an outline to a pixel is a floating point number, whose last digit processors
// disagree about; the fonts come as Go modules, never from the system; there is
// no date in the files; and colours stand in the order in which the screen, read
// from the top, first needs them. What is left is the compression of the Go
// version in go.mod.
//
// Text is drawn from the outlines of DejaVu Sans Mono, in SVG too, so that the
// pictures look alike where that font is not installed. Lines, blocks and Braille
// dots are geometry (boxes.go), so that they meet without seams. A character that
// neither has is an error and never an empty box.
package picture
