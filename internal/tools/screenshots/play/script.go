package play

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Step is one line of a script.
type Step struct {
	Line int
	Verb string
	// Rest is what follows the verb.
	Rest string
	// Size is the only window the step is for, "80x24"; "" for every one.
	Size string
}

// Script is a text somebody plays.
type Script struct {
	Name  string
	Steps []Step
}

// verbs are what a step may begin with, and whether something must follow.
func verbs() map[string]bool {
	return map[string]bool{
		"run": true, "wait": true, "gone": true, "press": true, "type": true, "typing": true,
		"paste": true, "paste-token": true, "paste-key": false, "picture": true, "still": true,
	}
}

// Parse reads a script. An error names the line.
func Parse(name, text string) (Script, error) {
	s := Script{Name: name}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		step := Step{Line: i + 1}
		if rest, ok := strings.CutPrefix(line, "at "); ok {
			step.Size, line, _ = strings.Cut(rest, " ")
		}
		step.Verb, step.Rest, _ = strings.Cut(line, " ")
		step.Rest = strings.TrimSpace(step.Rest)
		if err := s.check(step); err != nil {
			return s, fmt.Errorf("%s, line %d: %w", name, step.Line, err)
		}
		s.Steps = append(s.Steps, step)
	}
	if len(s.Steps) == 0 {
		return s, fmt.Errorf("%s: no steps", name)
	}
	return s, nil
}

// check looks at a step before it joins those before it.
func (s Script) check(step Step) error {
	needs, known := verbs()[step.Verb]
	switch {
	case !known:
		return fmt.Errorf("no step is called %q", step.Verb)
	case needs && step.Rest == "":
		return fmt.Errorf("%s what?", step.Verb)
	case step.Verb == "run" && len(s.Steps) > 0:
		return fmt.Errorf("run must be the first step")
	case step.Verb != "run" && len(s.Steps) == 0:
		return fmt.Errorf("the first step must be run")
	case s.escapes() && step.Verb != "wait" && step.Verb != "gone":
		return fmt.Errorf("esc needs a wait behind it: with more at its heels it is alt")
	case step.Verb == "press" && strings.Contains(step.Rest, "esc "):
		return fmt.Errorf("esc must be the last key of its step")
	case step.Verb == "picture" && !s.waited():
		return fmt.Errorf("a picture needs a wait before it, or it may be of the screen before")
	case step.Verb == "picture":
		if name, shows, ok := strings.Cut(step.Rest, ": "); !ok || shows == "" || !plainName(name) {
			return fmt.Errorf("write picture NAME: WHAT IT SHOWS")
		}
	case step.Verb == "still":
		if n, err := strconv.Atoi(step.Rest); err != nil || n <= 0 {
			return fmt.Errorf("still wants a number of hundredths of a second")
		}
	}
	return nil
}

// waited reports whether the screen is known to be what it is meant to be.
func (s Script) waited() bool {
	if len(s.Steps) == 0 {
		return false
	}
	return slices.Contains([]string{"wait", "gone"}, s.Steps[len(s.Steps)-1].Verb)
}

// escapes reports whether the last key was esc, the first byte of many others.
func (s Script) escapes() bool {
	if len(s.Steps) == 0 {
		return false
	}
	last := s.Steps[len(s.Steps)-1]
	return last.Verb == "press" && strings.HasSuffix(last.Rest, "esc")
}

// plainName reports whether a name can be that of a file anywhere.
func plainName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool { return r != '-' && (r < 'a' || r > 'z') && (r < '0' || r > '9') })
}

// Picture is one picture of a script: its name, and what it shows in words.
type Picture struct{ Name, Shows string }

// Pictures are those a script takes, in order.
func (s Script) Pictures() []Picture {
	var out []Picture
	for _, step := range s.Steps {
		if step.Verb == "picture" {
			name, shows, _ := strings.Cut(step.Rest, ": ")
			out = append(out, Picture{name, shows})
		}
	}
	return out
}

// IsFilm reports whether the script is for moving pictures.
func (s Script) IsFilm() bool {
	return slices.ContainsFunc(s.Steps, func(step Step) bool { return step.Verb == "still" })
}
