package steps

import "testing"

// TestWhatIsWrongWithTheFieldInFocusIsInSight: in the smallest window the title
// lines give way to what is said about the field that is being typed into, and the
// key that takes a suggestion stands below one that can be read.
func TestWhatIsWrongWithTheFieldInFocusIsInSight(t *testing.T) {
	for name, size := range map[string][2]int{"smallest": {60, 16}, "usual": {80, 24}, "wide": {120, 40}} {
		t.Run(name, func(t *testing.T) {
			inTheWizard(t, nil, func(p *person) {
				p.resizes(size[0], size[1]).types("Foo!").sees("› Foo!", "Harness takes letters", "out.", "Foo   ctrl+y accept")
				p.presses("tab", "shift+tab").sees("› Foo!", "Harness takes letters", "out.", "Foo   ctrl+y accept")
				p.presses("ctrl+y").doesNotSee("Harness takes letters", "ctrl+y")
			})
		})
	}
}
