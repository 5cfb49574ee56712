package ui

import (
	"strings"
	"testing"
)

func TestFieldsComeAndGoAndFocusStays(t *testing.T) {
	t.Parallel()
	form, s := newTestForm(detailsFields)
	s.answers["urlType"] = "Repo"
	form.Refresh()
	form.Jump("urlType")
	feed(form, press("left"))
	if s.answers["urlType"] != "Account" {
		t.Fatalf("the left arrow chose %q", s.answers["urlType"])
	}
	if !strings.Contains(form.View(80, 20), "Test repository") || form.Focused() != "urlType" {
		t.Errorf("the new question is missing, or the focus went to %q", form.Focused())
	}
	form.Jump("testRepository")
	s.answers["urlType"] = "Repo"
	form.Refresh()
	if form.Focused() != "connectionType" {
		t.Errorf("after its question vanished the focus is on %q", form.Focused())
	}
}

func TestTheCursorStaysInTheMiddleOfAWordWhileFieldsAreRebuilt(t *testing.T) {
	t.Parallel()
	form, s := newTestForm(detailsFields)
	feed(form, typed("abef")...)
	feed(form, press("left"), press("left"), press("c"))
	form.View(60, 10)
	form.Refresh()
	form.View(120, 40)
	feed(form, press("d"))
	if got := s.answers["url"]; got != "abcdef" {
		t.Errorf("typing into the middle gave %q", got)
	}
}

func TestAnAnswerThatIsTidiedIsNotTakenFromUnderTheFingers(t *testing.T) {
	t.Parallel()
	value := ""
	form, _ := newTestForm(func(s *testScreen) []Field {
		return []Field{
			{ID: "a", Kind: Line, Label: "A", Get: func() string { return value }, Set: func(v string) { value = strings.TrimSpace(v) }},
			s.answer(Field{ID: "b", Kind: Line, Label: "B"}),
		}
	})
	feed(form, typed("one two ")...)
	feed(form, typed("three")...)
	if value != "one two three" {
		t.Errorf("typing blanks gave %q", value)
	}
	feed(form, typed(" \t")...)
	if strings.Contains(form.View(80, 10), "three  ") || form.item("a").widget.value() != "one two three" {
		t.Error("after leaving, the field does not show the answer as it is kept")
	}
}

func TestAnAnswerChangedFromElsewhereIsShown(t *testing.T) {
	t.Parallel()
	form, s := newTestForm(threeLines)
	feed(form, typed("mine")...)
	s.answers["a"] = "theirs"
	form.Refresh()
	if !strings.Contains(form.View(80, 10), "theirs") {
		t.Error("the form still shows what was typed")
	}
}

func TestAFieldInFocusSurvivesAnotherKindAndOtherOptions(t *testing.T) {
	t.Parallel()
	kind, options := Line, []Option{{Value: "a", Label: "A"}, {Value: "b", Label: "B"}}
	form, s := newTestForm(func(s *testScreen) []Field {
		return []Field{s.answer(Field{ID: "x", Kind: kind, Label: "X"}), s.answer(Field{ID: "choice", Kind: Select, Label: "Choice", Options: options})}
	})
	feed(form, typed("abc")...)
	kind = SecretLine
	form.Refresh()
	feed(form, typed("d")...)
	if s.answers["x"] != "abcd" || strings.Contains(form.View(80, 10), "abcd") {
		t.Errorf("as a secret the field holds %q and shows\n%s", s.answers["x"], form.View(80, 10))
	}
	form.Jump("choice")
	feed(form, press("right"))
	options = append(options, Option{Value: "c", Label: "C"})
	form.Refresh()
	feed(form, press("right"), press("right"))
	if s.answers["choice"] != "c" || form.Focused() != "choice" {
		t.Errorf("with another option the arrows chose %q", s.answers["choice"])
	}
	options = nil
	form.Refresh()
	feed(form, press("right"), press("space"))
	if s.answers["choice"] != "c" {
		t.Errorf("without options the answer became %q", s.answers["choice"])
	}
	form.View(80, 10)
}

func TestTheCursorOfALongTextIsInSight(t *testing.T) {
	t.Parallel()
	form, _ := keyForm()
	form.Jump("text")
	feed(form, typed("one\ntwo\nthree\nfour\nfive\nsix")...)
	if view := form.View(80, 30); !strings.Contains(view, "six") || strings.Contains(view, "one") {
		t.Errorf("the line being typed is out of sight:\n%s", view)
	}
	feed(form, press("up"), press("up"), press("up"), press("up"), press("up"))
	if view := form.View(80, 30); !strings.Contains(view, "one") {
		t.Errorf("going up does not scroll:\n%s", view)
	}
}

func TestErrorsCanBeShownAllAtOnce(t *testing.T) {
	t.Parallel()
	form, _ := newTestForm(threeLines)
	if _, ok := form.Worst(); !ok {
		t.Error("there is nothing to say about a form with an error")
	}
	form.ShowErrors()
	if !strings.Contains(form.View(80, 20), "never right") {
		t.Error("the error is not shown")
	}
	clean, _ := newTestForm(func(s *testScreen) []Field { return []Field{s.answer(Field{ID: "a", Kind: Line})} })
	if _, ok := clean.Worst(); ok {
		t.Error("something is said about a form without findings")
	}
	if _, ok := clean.FirstError(); ok {
		t.Error("a form without errors has a first one")
	}
}

func TestTheKeysSayWhatTheFieldInFocusTakes(t *testing.T) {
	t.Parallel()
	form, s := newTestForm(func(s *testScreen) []Field {
		options := []Option{{Value: "a", Label: "A"}, {Value: "b", Label: "B"}}
		return []Field{
			s.answer(Field{ID: "line", Kind: Line}), s.answer(Field{ID: "text", Kind: Text}), s.answer(Field{ID: "row", Kind: Select, Options: options}),
			s.answer(Field{ID: "list", Kind: Select, Options: []Option{{Value: "a", Label: "A", Help: "help"}}}),
			s.answer(Field{ID: "check", Kind: Check}), s.answer(Field{ID: "multi", Kind: Multi, Options: options}),
		}
	})
	s.answers["row"] = "a"
	for id, want := range map[string]string{"line": "", "text": "enter", "row": "←/→", "list": "↑/↓", "check": "←/→", "multi": "space"} {
		form.Jump(id)
		names := map[string]bool{}
		for _, k := range form.Keys() {
			names[k.Name()] = true
		}
		for _, name := range []string{"enter", "←/→", "↑/↓", "space"} {
			if names[name] != (name == want) && !(id == "multi" && name == "↑/↓") {
				t.Errorf("on %s the key %s is offered: %v", id, name, names[name])
			}
		}
		if form.Capturing() != (id == "line" || id == "text") {
			t.Errorf("on %s the form says that letters are typed: %v", id, form.Capturing())
		}
	}
}
