package cmd

import (
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/model"
	"bbconnect/steps"
	"bbconnect/ui"
)

// keyboard is a person at the wizard: it sees what the frame shows and presses
// keys; what the screens do in the background comes back as messages.
type keyboard struct {
	t      *testing.T
	shell  *ui.Shell
	wizard *steps.Wizard
	world  model.World
	msgs   chan tea.Msg
}

// do runs a command in the background, as the program's loop would.
func (k *keyboard) do(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	done := k.t.Context().Done()
	go func() {
		msg := cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for _, c := range batch {
				k.do(c)
			}
			return
		}
		select {
		case k.msgs <- msg:
		case <-done:
		}
	}()
}

func (k *keyboard) send(msg tea.Msg) {
	_, cmd := k.shell.Update(msg)
	k.do(cmd)
}

func (k *keyboard) press(keys ...tea.KeyType) {
	for _, key := range keys {
		k.send(tea.KeyMsg{Type: key})
	}
}

// until takes messages until something can be seen.
func (k *keyboard) until(what string, seen func() bool) {
	k.t.Helper()
	late := time.NewTimer(2 * time.Minute)
	defer late.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !seen() {
		select {
		case msg := <-k.msgs:
			k.send(msg)
		case <-tick.C:
		case <-late.C:
			k.t.Fatalf("%s never came:\n%s", what, k.shell.View())
		}
	}
}

// at reports whether a step is shown and ready for keys.
func (k *keyboard) at(step model.Step) bool {
	for _, s := range k.wizard.Frame().Steps {
		if s.Now {
			return s.Name == step.Title() && !strings.Contains(k.shell.View(), "Trying the place")
		}
	}
	return false
}

func (k *keyboard) draft() model.Draft {
	d, _ := k.wizard.Unfinished()
	return d
}

// fill answers every question of a step that the connector has an answer for.
func (k *keyboard) fill(step model.Step, f face) {
	k.t.Helper()
	done := map[model.QuestionID]bool{}
	for {
		q, ok := k.pending(step, f, done)
		if !ok {
			return
		}
		done[q.ID] = true
		if q.Advanced {
			k.unfold(step)
		}
		k.focus(step, q)
		k.answer(q, f)
	}
}

func (k *keyboard) pending(step model.Step, f face, done map[model.QuestionID]bool) (model.Question, bool) {
	for _, q := range model.Questions(step, k.draft(), k.world) {
		_, answered := f.answers[q.ID]
		_, given := f.slots[q.ID]
		if (answered || given) && !done[q.ID] {
			return q, true
		}
	}
	return model.Question{}, false
}

// title is what may head the help card while a question is in focus: its label,
// or the first line of a help text that begins with a heading.
func title(q model.Question) string {
	first, _, _ := strings.Cut(q.Help, "\n")
	return q.Label + "\n" + first
}

// heads reports whether a card's heading is one of a stop's.
func heads(stop, heading string) bool {
	return stop == heading || slices.Contains(strings.Split(stop, "\n"), heading) && heading != ""
}

// stops are the headings in the order of the fields; "" is the line of the fold.
func (k *keyboard) stops(step model.Step) []string {
	var open, folded []string
	for _, q := range model.Questions(step, k.draft(), k.world) {
		switch {
		case q.Locked:
		case q.Advanced:
			folded = append(folded, title(q))
		default:
			open = append(open, title(q))
		}
	}
	if len(folded) > 0 {
		open = append(append(open, ""), folded...)
	}
	return open
}

func (k *keyboard) moveTo(step model.Step, heading string) {
	k.t.Helper()
	for range 40 {
		stops := k.stops(step)
		shown := k.wizard.Frame().Help.Title
		now := slices.IndexFunc(stops, func(s string) bool { return heads(s, shown) })
		want := slices.Index(stops, heading)
		switch {
		case now < 0 || want < 0:
			k.t.Fatalf("%q is in focus and %q is looked for among %q", k.wizard.Frame().Help.Title, heading, stops)
		case now == want:
			return
		case now < want:
			k.press(tea.KeyTab)
		default:
			k.press(tea.KeyShiftTab)
		}
	}
	k.t.Fatalf("%q is not reached:\n%s", heading, k.shell.View())
}

func (k *keyboard) focus(step model.Step, q model.Question) {
	k.t.Helper()
	k.moveTo(step, title(q))
}

// unfold opens the rarely needed questions, unless they are open.
func (k *keyboard) unfold(step model.Step) {
	k.t.Helper()
	k.moveTo(step, "")
	if !strings.Contains(k.shell.View(), "▾") {
		k.press(tea.KeyEnter)
	}
}

func (k *keyboard) answer(q model.Question, f face) {
	k.t.Helper()
	want := f.answers[q.ID]
	if secret, ok := f.slots[q.ID]; ok {
		k.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(secret), Paste: true})
		return
	}
	if q.Kind != model.AskChoice {
		k.press(tea.KeyEnd, tea.KeyCtrlU)
		if want != "" {
			k.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(want), Paste: true})
		}
		return
	}
	for range 2 * len(q.Options) {
		if model.Value(q.ID, k.draft(), k.world) == want {
			return
		}
		k.press(tea.KeyRight)
	}
	for range 2 * len(q.Options) {
		if model.Value(q.ID, k.draft(), k.world) == want {
			return
		}
		k.press(tea.KeyLeft)
	}
	k.t.Fatalf("%s cannot be set to %s:\n%s", q.ID, want, k.shell.View())
}

// offers reports whether a key does something of that name now.
func (k *keyboard) offers(key, does string) bool {
	return slices.ContainsFunc(k.wizard.Keys(), func(x ui.Key) bool { return slices.Contains(x.Keys, key) && x.Does == does })
}

// save tests and saves.
func (k *keyboard) save() {
	k.t.Helper()
	k.until("the offer to test", func() bool { return k.offers("enter", "test") })
	k.press(tea.KeyEnter)
	k.until("the offer to save", func() bool { return k.offers("enter", "save") })
	k.press(tea.KeyEnter)
}

// drain leaves the screens, so that their work ends.
func (k *keyboard) drain() { k.press(tea.KeyCtrlC, tea.KeyCtrlC) }
