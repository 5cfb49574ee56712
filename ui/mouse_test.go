package ui

import (
	"context"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// pickScreen is a screen with lines above a picker, as the list of connectors is.
type pickScreen struct {
	picker *Picker
	head   string
	frame  Frame
	chosen []string
}

func (s *pickScreen) Frame() Frame { return s.frame }
func (s *pickScreen) Enter(env Env) tea.Cmd {
	s.picker = NewPicker(env, homeColumns())
	return s.picker.SetRows(manyRows(100))
}

func (s *pickScreen) Update(msg tea.Msg) (Action, tea.Cmd) {
	event, cmd := s.picker.Update(msg)
	if row, ok := s.picker.Selected(); ok && event == PickerChosen {
		s.chosen = append(s.chosen, row.ID)
	}
	return nil, cmd
}

func (s *pickScreen) View(w, h int) string {
	return s.head + s.picker.View(w, h-strings.Count(s.head, "\n"))
}
func (s *pickScreen) Keys() []Key     { return s.picker.Keys() }
func (s *pickScreen) Capturing() bool { return s.picker.Filtering() }
func (s *pickScreen) Leave()          {}

func mouseAt(x, y int) tea.MouseMsg {
	return tea.MouseMsg{X: x, Y: y, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress}
}

func wheel(button tea.MouseButton) tea.MouseMsg {
	return tea.MouseMsg{Button: button, Action: tea.MouseActionPress}
}

// lineOf finds a text on the screen.
func lineOf(t *testing.T, s *Shell, text string) (x, y int) {
	t.Helper()
	for y, l := range strings.Split(ansi.Strip(s.View()), "\n") {
		if before, _, ok := strings.Cut(l, text); ok {
			return ansi.StringWidth(before), y
		}
	}
	t.Fatalf("%q is not on the screen:\n%s", text, ansi.Strip(s.View()))
	return 0, 0
}

func TestAClickSelectsARowAndASecondOneOpensIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		screen *pickScreen
		w, h   int
	}{
		"alone":                  {&pickScreen{}, 80, 24},
		"below other lines":      {&pickScreen{head: " one\n two\n\n"}, 80, 24},
		"beside steps and help":  {&pickScreen{frame: Frame{Steps: []Step{{Name: "First"}}, Help: Card{Title: "Help", Lines: []string{"Text"}}}}, 140, 40},
		"under a line of steps":  {&pickScreen{frame: Frame{Steps: []Step{{Name: "First"}}}}, 80, 24},
		"in the smallest window": {&pickScreen{}, MinWidth, MinHeight},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shell := open(c.screen, c.w, c.h)
			drive(shell, press("pgdown"), press("/"))
			shell.View()
			for range 2 {
				x, y := lineOf(t, shell, "acme/team7")
				shell.Update(mouseAt(x, y))
			}
			if !slices.Equal(c.screen.chosen, []string{"7"}) {
				t.Errorf("clicking twice chose %v", c.screen.chosen)
			}
		})
	}
}

func TestAClickBesideTheRowsDoesNothing(t *testing.T) {
	t.Parallel()
	screen := &pickScreen{head: " one\n"}
	shell := open(screen, 80, 24)
	shell.View()
	for _, at := range [][2]int{{0, 0}, {3, 1}, {3, 2}, {79, 22}, {500, 5}, {5, 500}} {
		shell.Update(mouseAt(at[0], at[1]))
	}
	screen.picker.SetRows(manyRows(2))
	shell.View()
	shell.Update(mouseAt(5, 15))
	if row, _ := screen.picker.Selected(); len(screen.chosen) != 0 || row.ID != "0" {
		t.Errorf("chosen are %v, selected %s", screen.chosen, row.ID)
	}
	shell.Update(tea.MouseMsg{X: 5, Y: 4, Button: tea.MouseButtonLeft, Action: tea.MouseActionRelease})
	shell.Update(tea.MouseMsg{X: 5, Y: 4, Button: tea.MouseButtonRight, Action: tea.MouseActionPress})
	if row, _ := screen.picker.Selected(); row.ID != "0" {
		t.Error("another button, or letting go, selects")
	}
}

func TestADialogIsNotClickedThrough(t *testing.T) {
	t.Parallel()
	screen := &pickScreen{}
	shell := open(screen, 80, 24)
	shell.View()
	shell.open(Confirm("x", "Sure", "Text.", "Yes", "No"), screen)
	shell.Update(mouseAt(5, 8))
	if row, _ := screen.picker.Selected(); row.ID != "0" || len(shell.dialogs) != 1 {
		t.Error("a click went through the dialog")
	}
}

func TestAClickOnTheLineOfKeysPressesTheKey(t *testing.T) {
	t.Parallel()
	pressed := ""
	key := func(k Key) Key {
		k.Press = func() (Action, tea.Cmd) { pressed += k.Name() + " "; return nil, nil }
		return k
	}
	screen := &reader{keys: []Key{
		key(Key{Keys: []string{"enter"}, Does: "open"}), key(Key{Keys: []string{" ", "x"}, Show: "space", Does: "mark"}),
		key(Key{Keys: []string{"up", "down"}, Show: "↑/↓", Does: "move"}), key(Key{Keys: []string{"ctrl+y"}, Does: "accept"}), key(Key{Keys: []string{"n"}, Does: "new"}),
	}}
	shell := open(screen, 80, 24)
	for _, text := range []string{"enter", "open", "space", "move", "accept", "n new"} {
		x, y := lineOf(t, shell, text)
		shell.Update(mouseAt(x, y))
	}
	if want := "enter enter space ctrl+y n "; pressed != want {
		t.Errorf("pressed %q, want %q", pressed, want)
	}
	x, y := lineOf(t, shell, "keys")
	shell.Update(mouseAt(x, y))
	if shell.overlay == nil {
		t.Fatal("the key of the whole program was not pressed")
	}
	x, y = lineOf(t, shell, "close")
	shell.Update(mouseAt(x-2, y))
	shell.Update(mouseAt(79, y))
	if shell.overlay != nil {
		t.Error("the overlay was not closed by its key")
	}
}

func TestEveryNamedKeyCanBePressedByItsName(t *testing.T) {
	t.Parallel()
	for name, want := range named {
		if name == "space" {
			name = " "
		}
		if got, ok := keyNamed(name); !ok || got.String() != want.String() {
			t.Errorf("%s gives %v", name, got)
		}
	}
	for _, name := range []string{"a", "A", "*", "?", "ä"} {
		if got, ok := keyNamed(name); !ok || got.String() != name {
			t.Errorf("%s gives %v", name, got)
		}
	}
	if got, ok := keyNamed("no such key"); ok {
		t.Errorf("an unknown name gives %v", got)
	}
}

func TestTheWheelWalksListsAndChangesNoAnswer(t *testing.T) {
	t.Parallel()
	screen := &reader{}
	shell := open(screen, 80, 24)
	shell.Update(wheel(tea.MouseButtonWheelDown))
	shell.Update(wheel(tea.MouseButtonWheelUp))
	shell.Update(mouseAt(4, 4))
	if strings.Join(screen.got, " ") != "down up" {
		t.Errorf("the screen got %v", screen.got)
	}
	list := &pickScreen{}
	shell = open(list, 80, 24)
	shell.Update(wheel(tea.MouseButtonWheelDown))
	if row, _ := list.picker.Selected(); row.ID != "3" {
		t.Errorf("one turn went to %s", row.ID)
	}
	form := newTestScreen(func(s *testScreen) []Field {
		return []Field{s.answer(Field{ID: "kind", Kind: Select, Label: "Kind", Options: []Option{
			{Value: "a", Label: "A", Help: strings.Repeat("long ", 9)}, {Value: "b", Label: "B", Help: strings.Repeat("long ", 9)},
		}})}
	})
	form.answers["kind"] = "a"
	shell = open(form, 80, 24)
	shell.View()
	shell.Update(wheel(tea.MouseButtonWheelDown))
	if form.answers["kind"] != "a" {
		t.Error("the wheel changed an answer")
	}
	shell.perform(ShowKeys{}, form)
	shell.Update(wheel(tea.MouseButtonWheelDown))
	shell.Update(tea.WindowSizeMsg{Width: 10, Height: 5})
	shell.Update(wheel(tea.MouseButtonWheelDown))
	if shell.overlay == nil {
		t.Error("the wheel closed what it scrolls")
	}
}

func TestAnyMouseMessageIsHarmless(t *testing.T) {
	t.Parallel()
	screen := &pickScreen{}
	shell := NewShell(context.Background(), screen, plain(), "bbconnect")
	shell.Init()
	for w := 0; w < 130; w += 13 {
		shell.Update(tea.WindowSizeMsg{Width: w, Height: w / 3})
		for y := -2; y < 50; y += 3 {
			shell.Update(mouseAt(y*2, y))
			shell.Update(wheel(tea.MouseButtonWheelDown))
		}
		within(t, shell.View(), max(w, 1), max(w/3, 1))
	}
}

func TestAClickPutsTheFocusOnAFieldAndLosesNothingTyped(t *testing.T) {
	t.Parallel()
	for _, size := range sizes() {
		screen := detailsScreen()
		shell := open(screen, size[0], size[1])
		drive(shell, typed("https")...)
		for _, step := range []struct{ text, focus string }{
			{"Connection type", "connectionType"}, {"Paste any", "url"}, {"URL type", "urlType"}, {"https", "url"},
		} {
			x, y := lineOf(t, shell, step.text)
			shell.Update(mouseAt(x, y))
			if got := screen.form.Focused(); got != step.focus {
				t.Errorf("%v: a click on %q goes to %q", size, step.text, got)
			}
		}
		shell.Update(mouseAt(3, size[1]-3))
		if screen.form.Focused() != "url" || screen.answers["url"] != "https" {
			t.Errorf("%v: a click below the fields goes to %q with %q", size, screen.form.Focused(), screen.answers["url"])
		}
	}
}

func TestAClickInAScrolledFormFindsTheFieldThatIsSeen(t *testing.T) {
	t.Parallel()
	screen := newTestScreen(func(s *testScreen) []Field {
		var fields []Field
		for i := range 20 {
			fields = append(fields, s.answer(Field{ID: string(rune('a' + i)), Kind: Line, Label: "Field " + string(rune('a'+i))}))
		}
		return fields
	})
	shell := open(screen, 80, 24)
	for range 15 {
		drive(shell, press("tab"))
	}
	shell.View()
	x, y := lineOf(t, shell, "Field k")
	shell.Update(mouseAt(x, y))
	if got := screen.form.Focused(); got != "k" {
		t.Errorf("the focus is on %q", got)
	}
	shell.View()
	_, y = lineOf(t, shell, " more")
	shell.Update(mouseAt(3, y))
	if got := screen.form.Focused(); got != "k" {
		t.Errorf("a click on what is left goes to %q", got)
	}
}
