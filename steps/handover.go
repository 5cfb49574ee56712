package steps

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// handOver is the card after saving: what to create in Harness, and in which
// order, ready to copy.
type handOver struct {
	jobs  *flow.Jobs
	saved model.Saved
	steps []flow.HandOverStep
	// title stands above the steps.
	title string
	env   ui.Env
	task  *ui.Task
}

func newHandOver(jobs *flow.Jobs, saved model.Saved, steps []flow.HandOverStep, title string) *handOver {
	return &handOver{jobs: jobs, saved: saved, steps: steps, title: title}
}

func (h *handOver) Enter(env ui.Env) tea.Cmd {
	h.env, h.task = env, env.NewTask()
	return nil
}

func (h *handOver) Leave() {}

func (h *handOver) Capturing() bool { return false }

func (h *handOver) Frame() ui.Frame {
	return ui.Frame{Name: "Saved", Subject: h.saved.Connector.Name}
}

func (h *handOver) View(w, _ int) string {
	t := h.env.Theme
	out := []string{" " + t.Mark(ui.Pass) + " " + t.Strong.Render(fmt.Sprintf("%s is saved as %s.", h.saved.Connector.Name, h.saved.Connector.Key())), ""}
	if r := h.saved.LastTest; r != nil && !flow.Passed(r.Verdict) {
		how := "Its test failed: "
		if r.Verdict == model.VerdictUnreachable {
			how = "Its test got no connection from this machine: "
		}
		for n, part := range ui.Wrap(how+r.What, w-4) {
			lead := "   "
			if n == 0 {
				lead = " " + t.Mark(markOf(r.Verdict)) + " "
			}
			out = append(out, lead+part)
		}
		out = append(out, "")
	}
	for _, l := range ui.Wrap(h.title, w-2) {
		out = append(out, " "+l)
	}
	out = append(out, "")
	for i, s := range h.steps {
		for n, part := range ui.Wrap(s.Text, w-5) {
			lead := "     "
			if n == 0 {
				lead = fmt.Sprintf("  %d  ", i+1)
			}
			out = append(out, lead+part)
		}
	}
	return strings.Join(out, "\n")
}

func (h *handOver) Keys() []ui.Key {
	keys := []ui.Key{{Keys: []string{"enter", "esc"}, Show: "enter", Does: "done", Press: func() (ui.Action, tea.Cmd) { return ui.Back{}, nil }}}
	for i, s := range h.steps {
		n := strconv.Itoa(i + 1)
		keys = append(keys, ui.Key{Keys: []string{n}, Does: "copy " + short(s.Copy), Press: func() (ui.Action, tea.Cmd) {
			machine, text := h.jobs.Machine, s.Copy
			return nil, h.task.Start(func(ctx context.Context) tea.Msg {
				return copied{said: "Copied: " + text, err: machine.Copy(ctx, text)}
			})
		}})
	}
	return keys
}

func (h *handOver) Update(msg tea.Msg) (ui.Action, tea.Cmd) {
	if m, ok := msg.(copied); ok {
		return m.action(), nil
	}
	action, cmd, _ := ui.Press(h.Keys(), msg)
	return action, cmd
}

// short keeps a key's word from filling the line of keys.
func short(s string) string {
	if r := []rune(s); len(r) > 24 {
		return string(r[:23]) + "…"
	}
	return s
}

func charCount(n int) string {
	if n == 1 {
		return "1 character, hidden"
	}
	return strconv.Itoa(n) + " characters, hidden"
}
