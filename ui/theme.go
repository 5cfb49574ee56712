package ui

import (
	"io"
	"os"

	"github.com/charmbracelet/huh"
	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// Mark is a verdict. It is always drawn with a word beside it, so that nothing
// is said by colour alone.
type Mark int

// The marks, drawn ✓ ! ✗ – … ›.
const (
	NoMark Mark = iota
	Pass
	Warn
	Fail
	Skip
	Running
	Info
)

var markSigns = [...]string{NoMark: " ", Pass: "✓", Warn: "!", Fail: "✗", Skip: "–", Running: "…", Info: "›"}

// Sign is the mark without colour.
func (m Mark) Sign() string {
	if m < 0 || int(m) >= len(markSigns) {
		return " "
	}
	return markSigns[m]
}

// Shade is the background a theme is made for.
type Shade int

// The shades. NoColour keeps bold, faint and reverse, which the cursor needs.
// Contrast and ContrastLight are for eyes that need more: nothing is dimmed,
// every colour stands at least 7 to 1 against the background, and what is in
// focus is underlined too.
const (
	Dark Shade = iota
	Light
	NoColour
	Contrast
	ContrastLight
)

func (s Shade) light() bool { return s == Light || s == ContrastLight }

// Theme holds every style of the kit. Accent means focus and nothing else;
// Good, Caution and Bad mean verdicts; the rest is the terminal's own
// foreground (Plain, Strong) or a dimmed one (Dim).
type Theme struct {
	Plain, Strong, Dim  lipgloss.Style
	Accent              lipgloss.Style
	Good, Caution, Bad  lipgloss.Style
	Shade               Shade
	renderer            *lipgloss.Renderer
	field               *huh.Theme
	cursor, placeholder lipgloss.Style
}

// NewTheme makes a theme for a shade and a colour profile. Termenv's Ascii
// profile gives text without any escape sequence, which is what tests compare.
func NewTheme(shade Shade, profile termenv.Profile) *Theme {
	r := lipgloss.NewRenderer(io.Discard)
	r.SetColorProfile(profile)
	r.SetHasDarkBackground(!shade.light())
	t := &Theme{
		Plain: r.NewStyle(), Strong: r.NewStyle().Bold(true), Dim: r.NewStyle().Faint(true),
		Accent: r.NewStyle().Bold(true), Good: r.NewStyle(), Caution: r.NewStyle(), Bad: r.NewStyle().Bold(true),
		Shade: shade, renderer: r,
	}
	if shade != NoColour {
		c := palette(shade)
		t.Dim = r.NewStyle().Foreground(c.dim)
		t.Accent = r.NewStyle().Foreground(c.accent)
		t.Good = r.NewStyle().Foreground(c.good)
		t.Caution = r.NewStyle().Foreground(c.caution)
		t.Bad = r.NewStyle().Foreground(c.bad)
	}
	if shade == Contrast || shade == ContrastLight {
		t.Dim = r.NewStyle()
		t.Accent = t.Accent.Bold(true).Underline(true)
		t.Good, t.Caution, t.Bad = t.Good.Bold(true), t.Caution.Bold(true), t.Bad.Bold(true)
	}
	// The cursor is reversed, and an underlined blank would not be.
	t.cursor, t.placeholder = t.Accent.Underline(false), t.Dim
	t.field = t.fieldTheme()
	return t
}

type colours struct{ dim, accent, good, caution, bad lipgloss.CompleteColor }

// palette was chosen for contrast: at least 4.5 to 1 on black and on white (WCAG
// 2.2, 1.4.3), and 7 to 1 (1.4.6) for the shades of high contrast. The green and
// the brown of 16 colours do not reach that on white: there verdicts are black,
// and told by their marks.
func palette(shade Shade) colours {
	c := func(full, indexed, basic string) lipgloss.CompleteColor {
		return lipgloss.CompleteColor{TrueColor: full, ANSI256: indexed, ANSI: basic}
	}
	switch shade {
	case Contrast:
		return colours{
			dim: c("#FFFFFF", "231", "15"), accent: c("#00FFFF", "51", "14"), good: c("#5FFF5F", "83", "10"),
			caution: c("#FFFF00", "226", "11"), bad: c("#FF9C9C", "217", "15"),
		}
	case ContrastLight:
		return colours{
			dim: c("#000000", "16", "0"), accent: c("#0000C0", "19", "4"), good: c("#005000", "22", "0"),
			caution: c("#4D3300", "52", "0"), bad: c("#8B0000", "88", "1"),
		}
	case Light:
		return colours{
			dim: c("#5F6670", "241", "8"), accent: c("#1D4ED8", "26", "4"), good: c("#1A7F37", "28", "2"),
			caution: c("#8A5A00", "94", "3"), bad: c("#B91C1C", "124", "1"),
		}
	case Dark, NoColour:
	}
	return colours{
		dim: c("#9AA3AF", "247", "7"), accent: c("#7DB2FF", "111", "14"), good: c("#7BC98A", "114", "10"),
		caution: c("#E3B341", "179", "11"), bad: c("#FF8078", "210", "9"),
	}
}

// fieldTheme dresses the widgets: no frame, no title, the accent for the cursor.
func (t *Theme) fieldTheme() *huh.Theme {
	var styles huh.FieldStyles
	styles.TextInput = huh.TextInputStyles{
		Cursor: t.cursor, CursorText: t.Plain, Placeholder: t.placeholder, Prompt: t.Accent, Text: t.Plain,
	}
	none := t.renderer.NewStyle()
	styles.Base, styles.Title, styles.Description = none, none, none
	return &huh.Theme{Focused: styles, Blurred: styles}
}

// MarkStyle is the colour of a mark.
func (t *Theme) MarkStyle(m Mark) lipgloss.Style {
	switch m {
	case Pass:
		return t.Good
	case Warn:
		return t.Caution
	case Fail:
		return t.Bad
	case NoMark, Skip, Running, Info:
	}
	return t.Dim
}

// Mark draws a mark in its colour.
func (t *Theme) Mark(m Mark) string { return t.MarkStyle(m).Render(m.Sign()) }

// ThemeFor turns the setting "auto", "light", "dark", "contrast" or "none" into a
// theme; anything else is auto. NO_COLOR wins over it. With auto and contrast the
// terminal is asked for its background, for at most 150 ms; one that stays silent
// is taken to be dark.
func ThemeFor(setting string, getenv func(string) string) *Theme {
	if getenv("NO_COLOR") != "" || setting == "none" {
		return NewTheme(NoColour, termenv.ANSI)
	}
	profile := termenv.NewOutput(os.Stdout, termenv.WithUnsafe()).EnvColorProfile()
	return NewTheme(shadeFor(setting, func() bool { return backgroundIsLight(getenv("TERM")) }), profile)
}

// shadeFor asks for the background only where the setting leaves it open.
func shadeFor(setting string, light func() bool) Shade {
	switch setting {
	case "light":
		return Light
	case "dark":
		return Dark
	case "contrast":
		if light() {
			return ContrastLight
		}
		return Contrast
	}
	if light() {
		return Light
	}
	return Dark
}
