package steps

import (
	"context"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/ui"
)

// causeRoom is how many lines the connectors of a cause keep below its card: the
// heading and three of them.
const causeRoom = 4

// causeCard is the cause that is open, with the commands of all its connectors.
func (s *testAll) causeCard() ui.Problem {
	c := s.causes.List[s.open]
	p := c.Problem
	return ui.Problem{Code: p.Code, What: p.What, Why: p.Why, Fix: p.Fix, Commands: c.Commands, Mark: markOf(c.Verdict)}
}

// causeView draws what was found above the connectors it was found at. Where both
// do not fit, the commands go first and then the reason; what to do stays, and i
// shows all of it.
func (s *testAll) causeView(head string, w, h int) string {
	t, card := s.env.Theme, s.causeCard()
	if s.about {
		return s.scroll.View(ui.ProblemCard(t, card, w), w, h)
	}
	brief, short := card, card
	brief.Commands = nil
	short.Commands, short.Why = nil, ""
	texts := []string{head + "\n\n" + ui.ProblemCard(t, card, w), ui.ProblemCard(t, card, w), ui.ProblemCard(t, brief, w), ui.ProblemCard(t, short, w)}
	room := h - 1 - causeRoom
	at := slices.IndexFunc(texts, func(text string) bool { return lines(text) <= room })
	if at < 0 {
		at = len(texts) - 1
	}
	text := texts[at]
	if lines(text) > room {
		text = strings.Join(strings.SplitN(text, "\n", max(room, 1)+1)[:max(room, 1)], "\n")
	}
	return text + "\n\n" + s.picker.View(w, max(h-lines(text)-1, 1))
}

// causeKeys are those of an open cause.
func (s *testAll) causeKeys() []ui.Key {
	does := "the cause"
	if s.about {
		does = "the connectors"
	}
	keys := []ui.Key{{Keys: []string{"i"}, Does: does, Press: func() (ui.Action, tea.Cmd) {
		s.about = !s.about
		s.scroll.Top()
		return nil, nil
	}}}
	if commands := s.causes.List[s.open].Commands; len(commands) > 0 {
		keys = append(keys, ui.Key{Keys: []string{"y"}, Does: "copy the commands", Press: func() (ui.Action, tea.Cmd) {
			machine, text := s.jobs.Machine, strings.Join(commands, "\n")+"\n"
			return nil, s.copying.Start(func(ctx context.Context) tea.Msg {
				return copied{said: copiedText, err: machine.Copy(ctx, text)}
			})
		}})
	}
	if s.about {
		keys = append(keys, s.scroll.Keys()...)
	}
	return keys
}
