package ui

import (
	"strings"
	"testing"
)

func TestWhatAnAccessorKeepsOfAPasteIsDrawnAtOnceWhereItRewrites(t *testing.T) {
	t.Parallel()
	for _, rewrites := range []bool{true, false} {
		kept := ""
		form := NewForm(plain(), func() []Field {
			return []Field{{ID: "address", Kind: Line, Label: "Address", Rewrites: func(string) bool { return rewrites }, Get: func() string { return kept }, Set: func(v string) {
				_, kept, _ = strings.Cut(v, "@")
			}}}
		})
		form.Update(paste("jdoe:hunter2@host"))
		if shown := form.View(60, 10); strings.Contains(shown, "hunter2") == rewrites || !strings.Contains(shown, "host") {
			t.Errorf("rewriting %t, the form shows\n%s", rewrites, shown)
		}
	}
}

func TestATokenPastedOverAnotherTakesItsPlace(t *testing.T) {
	t.Parallel()
	form, s := keyForm()
	form.Jump("token")
	form.Update(paste("first"))
	form.Update(paste("second"))
	if s.answers["token"] != "second" {
		t.Errorf("the slot holds %q", s.answers["token"])
	}
	key := fakeKey()
	form.Jump("key")
	form.Update(paste(key))
	form.Update(paste(key))
	if s.answers["key"] != key {
		t.Errorf("the key's slot holds %d characters of %d", len(s.answers["key"]), len(key))
	}
}

func TestAReviewThatIsCutSaysHowMuchThereIsMore(t *testing.T) {
	t.Parallel()
	r := NewReview(plain())
	var rows []ReviewRow
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		rows = append(rows, ReviewRow{ID: name, Label: "answer " + name, Value: "value"})
	}
	r.SetRows(rows)
	if got := r.View(60, 4); !strings.Contains(got, "↓ 3 more") || strings.Count(got, "\n") != 3 {
		t.Errorf("at the top:\n%s", got)
	}
	r.Select("f")
	if got := r.View(60, 4); !strings.Contains(got, "answer f") || !strings.Contains(got, "↑ 3 more") {
		t.Errorf("at the end:\n%s", got)
	}
}

func TestTheHelpOverlayHasTheLinesTheCardHasNoRoomFor(t *testing.T) {
	t.Parallel()
	o := NewShell(t.Context(), &moreScreen{}, plain(), "x")
	o.Update(press("f1"))
	if view := o.View(); !strings.Contains(view, "the long list") || !strings.Contains(view, "Short") {
		t.Errorf("f1 shows\n%s", view)
	}
}

type moreScreen struct{ testScreen }

func (*moreScreen) Keys() []Key     { return nil }
func (*moreScreen) Capturing() bool { return false }
func (*moreScreen) Frame() Frame {
	return Frame{Help: Card{Title: "Short", More: func(int) []string { return []string{"the long list"} }}}
}
