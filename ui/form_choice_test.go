package ui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

func TestAChoiceThatIsNotOfferedIsKeptUntilSomebodyChooses(t *testing.T) {
	t.Parallel()
	form, s := newTestForm(detailsFields)
	s.answers["connectionType"] = "carrier-pigeon"
	form.Refresh()
	form.View(80, 20)
	feed(form, press("tab"), press("tab"), press("shift+tab"))
	form.Refresh()
	if s.answers["connectionType"] != "carrier-pigeon" {
		t.Fatalf("walking through the form changed the answer to %q", s.answers["connectionType"])
	}
	form.Jump("connectionType")
	feed(form, press("space"))
	if s.answers["connectionType"] != "http" {
		t.Errorf("choosing gave %q", s.answers["connectionType"])
	}
}

func TestChoicesWithHelpStandBelowEachOther(t *testing.T) {
	t.Parallel()
	form, s := newTestForm(func(s *testScreen) []Field {
		return []Field{
			s.answer(Field{ID: "kind", Kind: Select, Label: "Kind", Options: []Option{
				{Value: "a", Label: "API token", Help: "the one to use"}, {Value: "b", Label: "Access token"}, {Value: "c", Label: "Password"},
			}}),
			s.answer(Field{ID: "after", Kind: Line, Label: "After"}),
		}
	})
	s.answers["kind"] = "a"
	form.Refresh()
	feed(form, press("down"), press("down"))
	if s.answers["kind"] != "c" {
		t.Errorf("two lines down is %q", s.answers["kind"])
	}
	feed(form, press("down"))
	if form.Focused() != "kind" || s.answers["kind"] != "c" {
		t.Errorf("below the last choice is %q with %q", form.Focused(), s.answers["kind"])
	}
	feed(form, press("tab"))
	if form.Focused() != "after" {
		t.Errorf("tab leads to %q", form.Focused())
	}
	view := form.View(80, 20)
	if !strings.Contains(view, "● Password") || !strings.Contains(view, "○ API token   the one to use") {
		t.Errorf("the choices are drawn as\n%s", view)
	}
}

func TestTheSameArrowsChooseOneHoweverTheChoicesStand(t *testing.T) {
	t.Parallel()
	for name, help := range map[string]string{"on one line": "", "below each other": "the one to use"} {
		form, s := newTestForm(func(s *testScreen) []Field {
			return []Field{
				s.answer(Field{ID: "before", Kind: Line, Label: "Before"}),
				s.answer(Field{ID: "api", Kind: Select, Label: "API access", Options: []Option{{Value: "token", Label: "Token", Help: help}, {Value: "off", Label: "off"}}}),
				s.answer(Field{ID: "sure", Kind: Check, Label: "Sure"}),
			}
		})
		s.answers["api"], s.answers["sure"] = "token", "true"
		form.Refresh()
		feed(form, press("tab"))
		for _, step := range []struct{ key, want string }{
			{"up", "token"}, {"down", "off"}, {"down", "off"}, {"right", "off"}, {"left", "token"}, {"left", "token"}, {"right", "off"}, {"up", "token"},
		} {
			feed(form, press(step.key))
			if s.answers["api"] != step.want || form.Focused() != "api" {
				t.Fatalf("%s: %s gives %q in %q, want %q", name, step.key, s.answers["api"], form.Focused(), step.want)
			}
		}
		feed(form, press("tab"), press("up"))
		if s.answers["sure"] != "true" || form.Focused() != "sure" {
			t.Errorf("%s: up in yes and no gives %q in %q", name, s.answers["sure"], form.Focused())
		}
		feed(form, press("down"))
		if s.answers["sure"] != "false" {
			t.Errorf("%s: down in yes and no gives %q", name, s.answers["sure"])
		}
	}
}

func TestYesAndNoAndSeveralOf(t *testing.T) {
	t.Parallel()
	form, s := newTestForm(func(s *testScreen) []Field {
		return []Field{
			s.answer(Field{ID: "sure", Kind: Check, Label: "Sure"}),
			s.answer(Field{ID: "many", Kind: Multi, Label: "Many", Options: []Option{{Value: "x", Label: "Same"}, {Value: "y", Label: "Same"}, {Value: "z", Label: "Other"}}}),
		}
	})
	feed(form, press("y"))
	if s.answers["sure"] != "true" {
		t.Errorf("y gave %q", s.answers["sure"])
	}
	feed(form, press("right"))
	if s.answers["sure"] != "false" {
		t.Errorf("the arrow gave %q", s.answers["sure"])
	}
	feed(form, press("tab"), press("down"), press("space"), press("down"), press("space"))
	if s.answers["many"] != "y,z" {
		t.Errorf("chose %q", s.answers["many"])
	}
	if view := form.View(80, 20); strings.Count(view, "[x] ") != 2 || !strings.Contains(view, "[ ] Same") {
		t.Errorf("drawn as\n%s", view)
	}
	feed(form, press("up"), press("up"), press("up"))
	if form.Focused() != "sure" {
		t.Errorf("above the first is %q", form.Focused())
	}
}

func TestAProposedValueIsReplacedByWhatIsTypedAndEditedOtherwise(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		keys []tea.KeyMsg
		want string
	}{
		"typed":            {typed("new"), "new"},
		"a paste":          {[]tea.KeyMsg{{Type: tea.KeyRunes, Runes: []rune("pasted"), Paste: true}}, "pasted"},
		"one taken off":    {append([]tea.KeyMsg{press("backspace")}, typed("X")...), "jdoX"},
		"moved into first": {append([]tea.KeyMsg{press("home")}, typed("X")...), "Xjdoe"},
		"accepted":         {[]tea.KeyMsg{press("tab")}, ""},
	} {
		form, s := newTestForm(func(s *testScreen) []Field {
			get := func() string {
				if v := s.answers["user"]; v != "" {
					return v
				}
				return "jdoe"
			}
			return []Field{
				{ID: "user", Kind: Line, Label: "Username", Get: get, Set: func(v string) { s.answers["user"] = v }, Preset: s.answers["user"] == ""},
				s.answer(Field{ID: "after", Kind: Line, Label: "After"}),
			}
		})
		feed(form, c.keys...)
		if s.answers["user"] != c.want {
			t.Errorf("%s: %q, want %q", name, s.answers["user"], c.want)
		}
	}
}
