package steps

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"bbconnect/model"
	"bbconnect/ui"
)

// look is a theme as somebody may have it.
type look struct {
	name    string
	shade   ui.Shade
	profile termenv.Profile
}

// looks are all of them; the first tells every style from every other, so that it
// names the styles of the rest.
func looks() []look {
	return []look{
		{"dark", ui.Dark, termenv.TrueColor},
		{"light", ui.Light, termenv.TrueColor},
		{"dark, 16 colours", ui.Dark, termenv.ANSI},
		{"light, 16 colours", ui.Light, termenv.ANSI},
		{"high contrast", ui.Contrast, termenv.TrueColor},
		{"high contrast on white", ui.ContrastLight, termenv.TrueColor},
		{"no colour", ui.NoColour, termenv.ANSI},
		{"no style", ui.Dark, termenv.Ascii},
	}
}

// album keeps the views of one story in one look, in order.
type album struct {
	look  look
	names []string
	views map[string]string
}

// theme is the plain one without an album.
func (a *album) theme() *ui.Theme {
	if a == nil {
		return ui.NewTheme(ui.Dark, termenv.Ascii)
	}
	return ui.NewTheme(a.look.shade, a.look.profile)
}

func (a *album) keep(name, view string) {
	a.names = append(a.names, name)
	a.views[name] = view
}

// dress puts the theme of a look on what a story begins with.
type dress func(prepare func(*fakes)) func(*fakes)

// inEveryTheme tells a story without styles, which compares its text, and then in
// every look. What is styled how is compared with one golden file per story; that
// the looks agree about it needs no file.
func inEveryTheme(t *testing.T, name string, story func(*testing.T, dress)) {
	t.Helper()
	in := func(a *album) {
		story(t, func(prepare func(*fakes)) func(*fakes) {
			return func(f *fakes) {
				f.album = a
				if prepare != nil {
					prepare(f)
				}
			}
		})
	}
	in(nil)
	var first *album
	for _, l := range looks() {
		a := &album{look: l, views: map[string]string{}}
		in(a)
		if first == nil {
			first = a
			first.isStyledAs(t, name)
			continue
		}
		first.agreesWith(t, a)
	}
}

// cell is one character on the screen and the style it has.
type cell struct{ text, style string }

var (
	sequence = regexp.MustCompile("\x1b\\[([0-9;]*)m")
	attrs    = map[string]string{"1": "bold", "2": "faint", "3": "italic", "4": "underline", "7": "reverse"}
)

// cells takes a line apart. Blanks have the style of nothing, unless it can be seen.
func cells(line string) []cell {
	var out []cell
	style := ""
	for line != "" {
		at := sequence.FindStringSubmatchIndex(line)
		upTo := len(line)
		if at != nil {
			upTo = at[0]
		}
		for _, r := range line[:upTo] {
			c := cell{text: string(r), style: style}
			if r == ' ' && !strings.Contains(style, "reverse") {
				c.style = ""
			}
			out = append(out, c)
		}
		if at == nil {
			break
		}
		style = restyled(style, line[at[2]:at[3]])
		line = line[at[1]:]
	}
	for len(out) > 0 && out[len(out)-1] == (cell{text: " "}) {
		out = out[:len(out)-1]
	}
	return out
}

// restyled is a style after the numbers of a sequence, in words in a fixed order.
func restyled(style, numbers string) string {
	words := strings.Fields(style)
	parts := strings.Split(numbers, ";")
	for i := 0; i < len(parts); i++ {
		n := strings.TrimLeft(parts[i], "0")
		switch {
		case n == "":
			words = nil
		case n == "38" || n == "48":
			length := map[string]int{"2": 5, "5": 3}[parts[i+1]]
			words = append(words, strings.Join(parts[i:i+length], ";"))
			i += length - 1
		case attrs[n] != "":
			words = append(words, attrs[n])
		default:
			words = append(words, n)
		}
	}
	slices.Sort(words)
	return strings.Join(slices.Compact(words), " ")
}

// styleNames are the words for the styles of a theme, by how they are drawn.
func styleNames(theme *ui.Theme) map[string]string {
	out := map[string]string{}
	for name, s := range styles(theme) {
		out[drawnAs(s)] = name
	}
	return out
}

func styles(theme *ui.Theme) map[string]lipgloss.Style {
	return map[string]lipgloss.Style{
		"strong": theme.Strong, "dim": theme.Dim, "accent": theme.Accent, "good": theme.Good, "caution": theme.Caution, "bad": theme.Bad, "": theme.Plain,
	}
}

func drawnAs(s lipgloss.Style) string { return cells(s.Render("x"))[0].style }

// styleRuns says which columns of a view have which style: "3: 1+9 strong" is nine
// characters from the second one of the fourth line. Blanks in between count in.
func styleRuns(view string, names map[string]string) string {
	var out strings.Builder
	for y, line := range strings.Split(view, "\n") {
		var runs []string
		row := cells(line)
		for x := 0; x < len(row); {
			if row[x].style == "" {
				x++
				continue
			}
			end := x
			for i := x; i < len(row) && (row[i].style == row[x].style || row[i] == (cell{text: " "})); i++ {
				if row[i].text != " " || row[i].style != "" {
					end = i
				}
			}
			name, known := names[row[x].style]
			if !known {
				name = "(" + row[x].style + ")"
			}
			runs = append(runs, fmt.Sprintf("%d+%d %s", x, end-x+1, name))
			x = end + 1
		}
		if len(runs) > 0 {
			out.WriteString(strconv.Itoa(y) + ": " + strings.Join(runs, ", ") + "\n")
		}
	}
	return out.String()
}

// isStyledAs compares the styles of every view with the golden file.
func (a *album) isStyledAs(t *testing.T, name string) {
	t.Helper()
	names := styleNames(a.theme())
	path := filepath.Join("testdata", "styles_"+name+".golden")
	var got strings.Builder
	for _, n := range a.names {
		got.WriteString("== " + n + "\n" + styleRuns(a.views[n], names))
	}
	if *update {
		if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
			t.Error(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	wants, gots := strings.Split(string(want), "== "), strings.Split(got.String(), "== ")
	for i := range max(len(wants), len(gots)) {
		if i >= len(wants) || i >= len(gots) || wants[i] != gots[i] {
			t.Fatalf("%s differs from here on.\nwant:\n%s\ngot:\n%s", path, wants[min(i, len(wants)-1)], gots[min(i, len(gots)-1)])
		}
	}
}

// agreesWith fails unless another look has the same text everywhere, and one
// style of its own for each of the first look's.
func (a *album) agreesWith(t *testing.T, other *album) {
	t.Helper()
	becomes := map[string]string{}
	others := styles(other.theme())
	for name, s := range styles(a.theme()) {
		becomes[drawnAs(s)] = drawnAs(others[name])
	}
	if !slices.Equal(a.names, other.names) {
		t.Fatalf("%s shows %v and %s %v", a.look.name, a.names, other.look.name, other.names)
	}
	for _, name := range a.names {
		ours, theirs := strings.Split(a.views[name], "\n"), strings.Split(other.views[name], "\n")
		for y := range max(len(ours), len(theirs)) {
			if y >= len(ours) || y >= len(theirs) {
				t.Fatalf("%s has %d lines in %s and %d in %s", name, len(ours), a.look.name, len(theirs), other.look.name)
			}
			if other.look.profile == termenv.Ascii {
				// Where the cursor cannot be drawn its blank may be missing.
				if words := strings.Fields(theirs[y]); !slices.Equal(words, strings.Fields(ansi.Strip(ours[y]))) {
					t.Fatalf("%s, line %d, in %s: %q", name, y, other.look.name, words)
				}
				continue
			}
			if what := differ(cells(ours[y]), cells(theirs[y]), becomes); what != "" {
				t.Fatalf("%s, line %d, in %s: %s\n%q\n%q", name, y, other.look.name, what, ours[y], theirs[y])
			}
		}
	}
}

func differ(ours, theirs []cell, becomes map[string]string) string {
	if len(ours) != len(theirs) {
		return fmt.Sprintf("%d characters, not %d", len(theirs), len(ours))
	}
	for x := range ours {
		if ours[x].text != theirs[x].text {
			return fmt.Sprintf("column %d is %q, not %q", x, theirs[x].text, ours[x].text)
		}
		want, known := becomes[ours[x].style]
		if !known {
			want = theirs[x].style
			becomes[ours[x].style] = want
		}
		if theirs[x].style != want && ours[x].text != " " {
			return fmt.Sprintf("column %d is drawn as %q, where it is %q elsewhere", x, theirs[x].style, want)
		}
	}
	return ""
}

func TestGoldenThemes(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	for _, l := range looks() {
		theme := (&album{look: l}).theme()
		got.WriteString(l.name + "\n")
		for _, name := range []string{"", "strong", "dim", "accent", "good", "caution", "bad"} {
			got.WriteString(strings.TrimRight(fmt.Sprintf("  %-8s %s", name, drawnAs(styles(theme)[name])), " ") + "\n")
		}
	}
	path := filepath.Join("testdata", "themes.golden")
	if *update {
		if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
			t.Error(err)
		}
		return
	}
	if want, err := os.ReadFile(path); err != nil || string(want) != got.String() {
		t.Errorf("want:\n%s\ngot:\n%s (%v)", want, got.String(), err)
	}
	if strings.Contains(got.String()[strings.Index(got.String(), "no style"):], "38;") {
		t.Error("there is a colour without styles")
	}
}

func TestGoldenTestsOfAll(t *testing.T) {
	t.Parallel()
	inEveryTheme(t, "test_all", func(t *testing.T, dress dress) {
		inFrontOfHome(t, dress(fleet(24)), func(p *person) {
			p.presses("T").looksLike("test_all").presses("enter").looksLike("test_all_cause")
		})
		inFrontOfHome(t, dress(func(f *fakes) {
			fleet(20)(f)
			scripted(endsFor(3))(f)
		}), func(p *person) { p.presses("T").sees("3 of 20").presses("esc").looksLike("test_all_stopped") })
		inFrontOfHome(t, dress(func(f *fakes) {
			withLedger(f)
			f.library.listErr = &model.Problem{Code: "store.unreadable", What: "The folder cannot be read.", Why: "Access is denied.", Fix: "Give yourself access."}
		}), func(p *person) { p.looksLike("home_unreadable") })
		inTheWizard(t, dress(withThousand), func(p *person) {
			p.types("Payments").presses("ctrl+n").pastes("https://bitbucket.org/acme/ledger.git").presses("ctrl+n").presses("ctrl+r").looksLike("secret_picker")
		})
	})
}

// TestNoViewHoldsAControlCharacterOrAColourWhereThereIsNone looks at one long
// story in every look: nothing but styles may follow an escape character.
func TestNoViewHoldsAControlCharacterOrAColourWhereThereIsNone(t *testing.T) {
	t.Parallel()
	colour := regexp.MustCompile("\x1b\\[(?:[0-9;]*;)?(?:3[0-9]|4[0-9]|9[0-7]|10[0-7])[;m]")
	for _, l := range looks() {
		a := &album{look: l, views: map[string]string{}}
		inFrontOfHome(t, func(f *fakes) {
			f.album = a
			assorted(f)
			c, _ := ledger()
			c.Name, c.ID, c.Description = "\x1b[31mred\ttab \u202e日本語 🙂", "hostile", "\x1b]0;title\x07\x9b2J"
			f.library.put(c)
		}, func(p *person) {
			p.looksLike("all").presses("/").types("tab").looksLike("filtered").presses("tab", "space", "d").looksLike("asked").presses("esc", "?").looksLike("keys")
			p.presses("esc", "S").looksLike("secrets").resizes(59, 15)
			a.keep("too small", p.shell.View())
			p.resizes(80, 24)
		})
		for name, view := range a.views {
			rest := sequence.ReplaceAllString(view, "")
			if i := strings.IndexFunc(rest, func(r rune) bool { return r != '\n' && (r < ' ' || r >= 0x7f && r < 0xa0 || r == 0x202e) }); i >= 0 {
				t.Errorf("%s in %s: %q", name, l.name, ansi.Truncate(rest[i:], 20, ""))
			}
			if l.name == "no style" && rest != view {
				t.Errorf("%s has styles where there are none", name)
			}
			if l.name == "no colour" && colour.MatchString(view) {
				t.Errorf("%s has a colour where there is none: %q", name, colour.FindString(view))
			}
		}
	}
}
