package ui

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"
)

// vga are the 16 colours of the terminal that has the least of them: the
// console's.
var vga = [16]string{
	"#000000", "#AA0000", "#00AA00", "#AA5500", "#0000AA", "#AA00AA", "#00AAAA", "#AAAAAA",
	"#555555", "#FF5555", "#55FF55", "#FFFF55", "#5555FF", "#FF55FF", "#55FFFF", "#FFFFFF",
}

// rgb turns a colour of any profile into its red, green and blue, from 0 to 255.
func rgb(t *testing.T, colour string) [3]float64 {
	t.Helper()
	if n, err := strconv.Atoi(colour); err == nil && n < 256 {
		switch {
		case n < 16:
			colour = vga[n]
		case n >= 232:
			grey := float64(8 + 10*(n-232))
			return [3]float64{grey, grey, grey}
		default:
			level := [6]float64{0, 95, 135, 175, 215, 255}
			return [3]float64{level[(n-16)/36], level[(n-16)/6%6], level[(n-16)%6]}
		}
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32)
	if err != nil || len(colour) != 7 {
		t.Fatalf("%q is no colour", colour)
	}
	return [3]float64{float64(n >> 16), float64(n >> 8 & 255), float64(n & 255)}
}

// contrast is the ratio of WCAG 2.2 between two colours.
func contrast(a, b [3]float64) float64 {
	luminance := func(c [3]float64) float64 {
		var linear [3]float64
		for i, v := range c {
			if v /= 255; v <= 0.04045 {
				linear[i] = v / 12.92
			} else {
				linear[i] = math.Pow((v+0.055)/1.055, 2.4)
			}
		}
		return 0.2126*linear[0] + 0.7152*linear[1] + 0.0722*linear[2]
	}
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestEveryColourStandsOutAgainstItsBackground(t *testing.T) {
	t.Parallel()
	black, white := [3]float64{}, [3]float64{255, 255, 255}
	for _, c := range []struct {
		name       string
		shade      Shade
		background [3]float64
		least      float64
		sixteen    float64 // with 16 colours, which every terminal paints its own way
	}{
		{"dark", Dark, black, 4.5, 4.5},
		{"light", Light, white, 4.5, 2.9},
		{"contrast", Contrast, black, 7, 7},
		{"contrast on white", ContrastLight, white, 7, 7},
	} {
		p := palette(c.shade)
		for name, colour := range map[string]lipgloss.CompleteColor{"dim": p.dim, "accent": p.accent, "good": p.good, "caution": p.caution, "bad": p.bad} {
			for profile, value := range map[string]string{"full": colour.TrueColor, "256": colour.ANSI256, "16": colour.ANSI} {
				least := c.least
				if profile == "16" {
					least = c.sixteen
				}
				if got := contrast(rgb(t, value), c.background); got < least {
					t.Errorf("%s: %s in %s colours is %s, only %.1f to 1", c.name, name, profile, value, got)
				}
			}
		}
	}
}

func shades() map[string]*Theme {
	out := map[string]*Theme{}
	for name, shade := range map[string]Shade{"dark": Dark, "light": Light, "none": NoColour, "contrast": Contrast, "contrast light": ContrastLight} {
		for _, profile := range []termenv.Profile{termenv.TrueColor, termenv.ANSI256, termenv.ANSI, termenv.Ascii} {
			out[fmt.Sprint(name, " ", profile)] = NewTheme(shade, profile)
		}
	}
	return out
}

func TestNothingIsSaidByColourAlone(t *testing.T) {
	t.Parallel()
	signs := map[string]Mark{}
	for m := Pass; m <= Info; m++ {
		sign := m.Sign()
		if other, taken := signs[sign]; taken || strings.TrimSpace(sign) == "" {
			t.Errorf("mark %d looks as mark %d does: %q", m, other, sign)
		}
		signs[sign] = m
	}
	for name, theme := range shades() {
		for sign, m := range signs {
			if got := ansi.Strip(theme.Mark(m)); got != sign {
				t.Errorf("%s: mark %d is drawn as %q", name, m, got)
			}
		}
		for style, s := range map[string]lipgloss.Style{"plain": theme.Plain, "strong": theme.Strong, "dim": theme.Dim, "accent": theme.Accent, "good": theme.Good, "caution": theme.Caution, "bad": theme.Bad} {
			if got := ansi.Strip(s.Render("text")); got != "text" {
				t.Errorf("%s: %s draws %q", name, style, got)
			}
			if _, none := s.GetBackground().(lipgloss.NoColor); !none {
				t.Errorf("%s: %s paints a background, which may be the colour of its letters", name, style)
			}
		}
	}
}

func TestHighContrastDimsNothingAndUnderlinesWhatIsInFocus(t *testing.T) {
	t.Parallel()
	for name, theme := range shades() {
		if !strings.HasPrefix(name, "contrast") {
			continue
		}
		if theme.Dim.GetFaint() || theme.Dim.Render("x") != theme.Plain.Render("x") {
			t.Errorf("%s dims text: %q", name, theme.Dim.Render("x"))
		}
		if !theme.Accent.GetUnderline() || !theme.Accent.GetBold() || !theme.Bad.GetBold() {
			t.Errorf("%s: focus or a failure is told by colour alone", name)
		}
	}
	none := NewTheme(NoColour, termenv.TrueColor)
	for _, s := range []lipgloss.Style{none.Dim, none.Accent, none.Good, none.Caution, none.Bad} {
		if strings.Contains(s.Render("x"), "38;") || strings.Contains(s.Render("x"), "[3") {
			t.Errorf("without colours there is one: %q", s.Render("x"))
		}
	}
}

func TestTheSettingDecidesAndTheTerminalIsAskedOnlyWhereItDoesNot(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		setting string
		light   bool
		asked   bool
		want    Shade
	}{
		{"", false, true, Dark},
		{"auto", true, true, Light},
		{"light", false, false, Light},
		{"dark", true, false, Dark},
		{"contrast", false, true, Contrast},
		{"contrast", true, true, ContrastLight},
		{"mauve", true, true, Light},
	} {
		asked := false
		got := shadeFor(c.setting, func() bool { asked = true; return c.light })
		if got != c.want || asked != c.asked {
			t.Errorf("%q on a light background %t: shade %d, asked %t", c.setting, c.light, got, asked)
		}
		if got.light() != (c.want == Light || c.want == ContrastLight) {
			t.Errorf("%d is light: %t", got, got.light())
		}
	}
	for setting, env := range map[string]string{"none": "", "contrast": "1", "light": "1"} {
		if got := ThemeFor(setting, func(k string) string { return map[string]string{"NO_COLOR": env, "TERM": "dumb"}[k] }); got.Shade != NoColour {
			t.Errorf("%s with NO_COLOR=%q has shade %d", setting, env, got.Shade)
		}
	}
}

func TestTheCursorBehindATextIsReversedInEveryTheme(t *testing.T) {
	t.Parallel()
	reversed := regexp.MustCompile("^\x1b\\[(?:[0-9]+;)*7[;m]")
	for name, theme := range shades() {
		if strings.HasSuffix(name, fmt.Sprint(" ", termenv.Ascii)) {
			continue
		}
		if got := theme.cursor.Reverse(true).Render(" "); !reversed.MatchString(got) {
			t.Errorf("%s draws the cursor as %q", name, got)
		}
	}
}
