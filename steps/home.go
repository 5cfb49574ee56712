package steps

import (
	"context"
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// Home lists the saved connectors, and on a first run opens the wizard.
type Home struct {
	jobs   *flow.Jobs
	env    ui.Env
	picker *ui.Picker

	loading *ui.Task
	acting  *ui.Task
	// loaded is the last list, nil until it came.
	loaded *loaded
	// greeted says that the first run's wizard, or an unfinished draft, was offered.
	greeted bool
	// wizard is the one on top of Home, for what is unfinished when the program
	// ends.
	wizard  *Wizard
	samples []Sample
}

// NewHome makes the first screen.
func NewHome(jobs *flow.Jobs) *Home { return &Home{jobs: jobs} }

// Offer makes the wizards opened from Home offer samples.
func (h *Home) Offer(samples []Sample) *Home {
	h.samples = samples
	return h
}

// Unfinished is the draft of the wizard on top, when something was typed in it
// that is not saved.
func (h *Home) Unfinished() (model.Draft, bool) {
	if h.wizard == nil {
		return model.Draft{}, false
	}
	return h.wizard.Unfinished()
}

// loaded is everything Home shows, as one answer of the store.
type loaded struct {
	saved   []model.Saved
	damaged []model.Damaged
	world   model.World
	drafts  []model.SavedDraft
	err     error
}

// Enter loads the list anew: a screen on top may have changed it.
func (h *Home) Enter(env ui.Env) tea.Cmd {
	h.env = env
	h.loading, h.acting = env.NewTask(), env.NewTask()
	if h.picker == nil {
		h.picker = ui.NewPicker(env, []ui.Column{
			{Title: "Name", Min: 20}, {Title: "Points to", Min: 16, Drop: 1}, {Title: "Credential", Min: 12, Drop: 2},
			{Title: "API access", Min: 12, Drop: 4}, {Title: "Last test", Min: 12}, {Title: "Expires", Right: true, Min: 7, Drop: 3},
		})
		h.picker.Does = "open"
	}
	jobs := h.jobs
	return h.loading.Start(func(ctx context.Context) tea.Msg {
		m := &loaded{}
		if m.saved, m.damaged, m.err = jobs.Library.List(ctx); m.err != nil {
			return m
		}
		if m.world, m.err = jobs.World(ctx); m.err != nil {
			return m
		}
		m.drafts, m.err = jobs.Library.Drafts(ctx)
		return m
	})
}

// Leave has nothing of its own to end: tasks end with the screen.
func (h *Home) Leave() {}

// Capturing reports whether the filter is being typed.
func (h *Home) Capturing() bool { return h.picker != nil && h.picker.Filtering() }

// Frame counts the connectors and those that need attention.
func (h *Home) Frame() ui.Frame {
	if h.loaded == nil {
		return ui.Frame{Name: "Connectors"}
	}
	f := ui.Frame{Name: countOf(len(h.loaded.saved), "connector")}
	need := 0
	for _, s := range h.loaded.saved {
		if needsAttention(s, h.loaded.world) {
			need++
		}
	}
	if need > 0 {
		f.Note = fmt.Sprintf("%d need attention", need)
	}
	return f
}

func countOf(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// needsAttention: an App Password, a failed test, or a credential that has ended
// or soon will.
func needsAttention(s model.Saved, w model.World) bool {
	if s.LastTest != nil && !flow.Passed(s.LastTest.Verdict) {
		return true
	}
	for _, f := range model.ValidateConnector(s.Connector, w) {
		switch f.Code {
		case "kind.app-password", "token.expired", "token.expiring":
			return true
		}
	}
	day := model.ExpiryOf(s.Connector, w)
	return !day.IsZero() && model.DaysLeft(day, w.Now) <= 30
}

// View draws the list.
func (h *Home) View(w, height int) string {
	switch {
	case h.loaded == nil:
		return ""
	case h.loaded.err != nil:
		p := problemOf(h.loaded.err)
		return ui.ProblemCard(h.env.Theme, ui.Problem{Code: p.Code, What: p.What, Why: p.Why, Fix: p.Fix}, w)
	}
	var head []string
	for _, d := range h.loaded.damaged {
		head = append(head, ui.Wrap(h.env.Theme.Mark(ui.Fail)+" "+d.Path+": "+d.Problem.What, w)...)
	}
	if len(head) > 0 {
		return strings.Join(head, "\n") + "\n" + h.picker.View(w, max(height-len(head), 1))
	}
	return h.picker.View(w, height)
}

// Keys are those of the list, then what can be done with the selected row.
func (h *Home) Keys() []ui.Key {
	if h.picker == nil {
		return nil
	}
	if h.picker.Filtering() {
		return h.picker.Keys()
	}
	quit := ui.Key{Keys: []string{"q"}, Does: "quit", Press: func() (ui.Action, tea.Cmd) { return ui.Quit{}, nil }}
	fresh := ui.Key{Keys: []string{"n"}, Does: "new", Press: h.newConnector}
	if h.loaded == nil || len(h.loaded.saved) == 0 {
		return []ui.Key{fresh, quit}
	}
	return append(h.picker.Keys(),
		fresh,
		ui.Key{Keys: []string{"e"}, Does: "edit", Press: h.edit},
		ui.Key{Keys: []string{"t"}, Does: "test", Press: h.test},
		ui.Key{Keys: []string{"d"}, Does: "delete", Press: h.askDelete},
		quit,
	)
}

// selected is the connector under the cursor.
func (h *Home) selected() (model.Saved, bool) {
	row, ok := h.picker.Selected()
	if !ok || h.loaded == nil {
		return model.Saved{}, false
	}
	for _, s := range h.loaded.saved {
		if s.Connector.Key() == row.ID {
			return s, true
		}
	}
	return model.Saved{}, false
}

// Update takes the list, what jobs say, and keys.
func (h *Home) Update(msg tea.Msg) (ui.Action, tea.Cmd) {
	switch m := msg.(type) {
	case *loaded:
		return h.take(m)
	case opened:
		if m.err != nil {
			return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}, nil
		}
		return h.push(NewWizard(h.jobs, m.draft, m.world, "")), nil
	case usesFound:
		return h.confirmDelete(m)
	case deleted:
		if m.err != nil {
			return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}, nil
		}
		return ui.Notify{Text: "Deleted " + m.name + ".", Mark: ui.Pass}, h.Enter(h.env)
	}
	if h.picker == nil {
		return nil, nil
	}
	if !h.picker.Filtering() {
		if action, cmd, done := ui.Press(h.Keys(), msg); done {
			return action, cmd
		}
	}
	event, cmd := h.picker.Update(msg)
	if event == ui.PickerChosen {
		h.picker.Rest()
		return h.edit()
	}
	return nil, cmd
}

// take shows a list that came; the first empty one opens the wizard.
func (h *Home) take(m *loaded) (ui.Action, tea.Cmd) {
	h.loaded = m
	if m.err != nil {
		return nil, nil
	}
	rows := make([]ui.Row, 0, len(m.saved))
	for _, s := range m.saved {
		rows = append(rows, homeRow(s, m.world))
	}
	h.picker.Empty = "No connectors yet. n sets one up."
	cmd := h.picker.SetRows(rows)
	if h.greeted {
		return nil, cmd
	}
	h.greeted = true
	switch {
	case len(m.drafts) > 0:
		return h.offerDraft(m.drafts[0]), cmd
	case len(m.saved) == 0:
		return h.push(NewWizard(h.jobs, model.NewDraft(), m.world, welcome)), cmd
	}
	return nil, cmd
}

const welcome = "Welcome. Six short screens set up a connector and prove that it works."

func (h *Home) push(z *Wizard) ui.Action {
	h.wizard = z.Offer(h.samples)
	return ui.Push{Screen: z}
}
