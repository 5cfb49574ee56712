package ui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// stepSign draws the state of a step. The one that is shown is ●, in the accent.
func stepSign(t *Theme, s Step) string {
	if s.Now || s.State == StepNow {
		return t.Accent.Render("●")
	}
	switch s.State {
	case StepDone:
		return t.Mark(Pass)
	case StepWarning:
		return t.Mark(Warn)
	case StepError:
		return t.Mark(Fail)
	case StepLater, StepNow:
	}
	return t.Dim.Render("○")
}

func stepName(t *Theme, s Step) string {
	name := line(s.Name)
	switch {
	case s.Now || s.State == StepNow:
		return t.Accent.Render(name)
	case s.State == StepLater:
		return t.Dim.Render(name)
	}
	return name
}

// stepLine draws the steps on one line: all names where they fit, else the name
// of the current one between the marks of the others.
func stepLine(t *Theme, steps []Step, width int) string {
	full := make([]string, len(steps))
	short := make([]string, len(steps))
	at := 0
	for i, s := range steps {
		full[i] = stepSign(t, s) + " " + stepName(t, s)
		short[i] = stepSign(t, s)
		if s.Now || s.State == StepNow {
			short[i] = full[i]
			at = i + 1
		}
	}
	all := " " + strings.Join(full, "  ")
	if ansi.StringWidth(all) <= width {
		return all
	}
	right := ""
	if at > 0 {
		right = t.Dim.Render(fmt.Sprintf("%d of %d", at, len(steps))) + " "
	}
	return spread(" "+strings.Join(short, "  "), right, width)
}

// stepColumn draws the steps below each other.
func stepColumn(t *Theme, steps []Step) []string {
	out := make([]string, len(steps))
	for i, s := range steps {
		out[i] = " " + stepSign(t, s) + " " + stepName(t, s)
	}
	return out
}
