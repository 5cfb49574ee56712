package picture

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func artist(t *testing.T) *Artist {
	t.Helper()
	a, err := NewArtist()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// screen is lines of plain text.
func screen(lines ...string) Screen {
	s := Screen{Cols: 12, Rows: len(lines), Paper: 0x101010, Edge: 0x404040}
	for _, line := range lines {
		runes := []rune(line)
		for col := range s.Cols {
			c := Cell{Ink: 0xe0e0e0, Paper: s.Paper}
			if col < len(runes) && runes[col] != ' ' {
				c.Text = string(runes[col])
			}
			s.Cells = append(s.Cells, c)
		}
	}
	return s
}

// colourful is a screen with something of everything.
func colourful() Screen {
	s := screen("bbconnect ✓", "───────┼──", "", "x < y & ● ›")
	s.Cells[0].Bold, s.Cells[1].Italic, s.Cells[2].Underline = true, true, true
	s.Cells[30].Paper = 0x2255aa
	s.Cells[10].Ink = 0x00ff00
	return s
}

func TestThePNGHasTheSizeOfTheScreenAndItsColours(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	s := colourful()
	if err := artist(t).PNG(&b, s); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	if w, h := size(s); img.Bounds() != image.Rect(0, 0, w, h) {
		t.Errorf("the picture is %v", img.Bounds())
	}
	is := func(x, y int, want Colour) {
		t.Helper()
		r, g, b, _ := img.At(x, y).RGBA()
		if got := Colour(r>>8<<16 | g>>8<<8 | b>>8); got != want {
			t.Errorf("%d,%d is %s, want %s", x, y, got.hex(), want.hex())
		}
	}
	is(0, 0, s.Edge)
	is(5, 5, s.Paper)
	is(margin+6*cellW+3, margin+2*cellH+3, 0x2255aa)                         // the cell with another paper
	is(margin+3*cellW, margin+cellH+cellH/2, 0xe0e0e0)                       // a line of box drawing
	is(margin+2*cellW+1, margin+underline(newFace(t), 0, 0).Min.Y, 0xe0e0e0) // underlined
}

func newFace(t *testing.T) *typeface {
	t.Helper()
	return artist(t).face
}

func TestTheSameScreenGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	made := func() [3]string {
		a := artist(t)
		var p, s, g bytes.Buffer
		if err := errors.Join(a.PNG(&p, colourful()), a.SVG(&s, colourful(), "Everything"), a.Film(&g, film())); err != nil {
			t.Fatal(err)
		}
		return [3]string{p.String(), s.String(), g.String()}
	}
	if first, second := made(), made(); first != second {
		t.Error("two artists draw the same screens differently")
	}
}

func TestTheSVGIsWellFormedAndCanBeReadAloud(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := artist(t).SVG(&b, colourful(), "Tokens & <keys>"); err != nil {
		t.Fatal(err)
	}
	var title, description string
	used, defined := map[string]bool{}, map[string]bool{}
	d := xml.NewDecoder(&b)
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		for _, a := range e.Attr {
			switch {
			case e.Name.Local == "use" && a.Name.Local == "href":
				used[strings.TrimPrefix(a.Value, "#")] = true
			case a.Name.Local == "id":
				defined[a.Value] = true
			}
		}
		switch e.Name.Local {
		case "title":
			err = d.DecodeElement(&title, &e)
		case "desc":
			err = d.DecodeElement(&description, &e)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if title != "Tokens & <keys>" || strings.TrimSpace(description) != colourful().String() {
		t.Errorf("title %q, description %q", title, description)
	}
	if len(used) == 0 || fmt.Sprint(used) != fmt.Sprint(defined) {
		t.Errorf("used %v, defined %v", used, defined)
	}
}

// film is a screen that changes, stays, and changes back.
func film() []Frame {
	return []Frame{{colourful(), 10}, {screen("one", "", "", ""), 20}, {screen("one", "", "", ""), 30}, {screen("two", "", "──", ""), 40}}
}

func TestTheFilmEndsWithItsLastScreen(t *testing.T) {
	t.Parallel()
	a := artist(t)
	var b, last bytes.Buffer
	if err := a.Film(&b, film()); err != nil {
		t.Fatal(err)
	}
	g, err := gif.DecodeAll(&b)
	if err != nil {
		t.Fatal(err)
	}
	if len(g.Image) != 3 || g.Delay[1] != 50 {
		t.Fatalf("%d frames, held for %v: a screen that stays is held for longer", len(g.Image), g.Delay)
	}
	shown := image.NewRGBA(image.Rect(0, 0, g.Config.Width, g.Config.Height))
	for _, frame := range g.Image {
		draw.Draw(shown, frame.Bounds(), frame, frame.Bounds().Min, draw.Over)
	}
	if err := a.PNG(&last, film()[3].Screen); err != nil {
		t.Fatal(err)
	}
	want, err := png.Decode(&last)
	if err != nil {
		t.Fatal(err)
	}
	for y := range g.Config.Height {
		for x := range g.Config.Width {
			if color.RGBAModel.Convert(want.At(x, y)) != shown.At(x, y) {
				t.Fatalf("%d,%d is %v, want %v", x, y, shown.At(x, y), want.At(x, y))
			}
		}
	}
	if first, second := g.Image[0].Bounds(), g.Image[2].Bounds(); second.Dx() >= first.Dx() || second.Dy() >= first.Dy() {
		t.Errorf("a small change is %v of %v", second, first)
	}
}

func TestAFilmOfManyColoursHasFewerShades(t *testing.T) {
	t.Parallel()
	s := screen("abcdefghijkl", "abcdefghijkl", "abcdefghijkl", "abcdefghijkl")
	for i := range s.Cells {
		s.Cells[i].Ink = Colour(0x050301 * (i + 1))
	}
	var b bytes.Buffer
	if err := artist(t).Film(&b, []Frame{{s, 10}}); err != nil {
		t.Fatal(err)
	}
	if err := artist(t).PNG(io.Discard, s); !errors.Is(err, errPalette) {
		t.Errorf("a PNG of as many colours: %v", err)
	}
}

func TestFilmsThatCannotBeMadeSaySo(t *testing.T) {
	t.Parallel()
	a := artist(t)
	if err := a.Film(io.Discard, nil); err == nil {
		t.Error("a film of nothing is made")
	}
	if err := a.Film(io.Discard, []Frame{{screen("a"), 1}, {screen("a", "b"), 1}}); err == nil || !strings.Contains(err.Error(), "frame 1") {
		t.Errorf("frames of two sizes: %v", err)
	}
}

func TestACharacterThatNothingDrawsIsNamedWithItsPlace(t *testing.T) {
	t.Parallel()
	a := artist(t)
	s := screen("abc", "d漢")
	for name, err := range map[string]error{"PNG": a.PNG(io.Discard, s), "SVG": a.SVG(io.Discard, s, "x")} {
		if !errors.Is(err, errNoGlyph) || !strings.Contains(err.Error(), "U+6F22") || !strings.Contains(err.Error(), "column 1") {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.Cells[0].Text = "e\u0301"
	if err := a.PNG(io.Discard, s); err == nil || !strings.Contains(err.Error(), "more than one character") {
		t.Errorf("a letter with an accent of its own: %v", err)
	}
}

func TestEveryCharacterOfEveryKnownScreenCanBeDrawn(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../../../steps/testdata/*.golden")
	if err != nil || len(files) == 0 {
		t.Fatalf("no screens: %v", err)
	}
	face := newFace(t)
	seen := map[rune]bool{}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range string(data) {
			if r == '\n' || r == ' ' || seen[r] {
				continue
			}
			seen[r] = true
			for _, s := range []style{{}, {bold: true}, {italic: true}, {true, true}} {
				o, err := face.shape(glyphKey{r, s})
				if err != nil || len(o) == 0 {
					t.Errorf("%s: %q: %v", filepath.Base(path), r, err)
				}
			}
		}
	}
}

func TestMixGoesFromOneColourToTheOther(t *testing.T) {
	t.Parallel()
	const a, b = Colour(0x102030), Colour(0xf0e0d0)
	if a.Mix(b, 0) != a || a.Mix(b, 255) != b {
		t.Errorf("the ends are %s and %s", a.Mix(b, 0).hex(), a.Mix(b, 255).hex())
	}
	if got := Colour(0).Mix(0xffffff, 128); got != 0x808080 {
		t.Errorf("half is %s", got.hex())
	}
}
