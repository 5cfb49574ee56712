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
	// early are keys typed before the first list came.
	early []tea.KeyMsg
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
	// attention counts the connectors that need some; it is judged once, not for
	// every frame.
	attention int
	saved     []model.Saved
	damaged   []model.Damaged
	world     model.World
	drafts    []model.SavedDraft
	err       error
}

// Enter loads the list anew: a screen on top may have changed it.
func (h *Home) Enter(env ui.Env) tea.Cmd {
	h.env, h.wizard = env, nil
	h.loading, h.acting = env.NewTask(), env.NewTask()
	if h.picker == nil {
		h.picker = ui.NewPicker(env, []ui.Column{
			{Title: "Name", Min: 20},
			{Title: "Points to", Min: 16, Drop: 1},
			{Title: "Credential", Min: 12, Drop: 2},
			{Title: "API access", Min: 12, Drop: 4},
			{Title: "Last test", Min: 12},
			{Title: "Expires", Right: true, Min: 7, Drop: 3},
		})
		h.picker.Does = "open"
	}
	return h.load()
}

// load asks for the list in the background; what is shown stays until it comes.
func (h *Home) load() tea.Cmd {
	jobs := h.jobs
	return h.loading.Start(func(ctx context.Context) tea.Msg {
		m := &loaded{}
		if m.saved, m.damaged, m.err = jobs.Library.List(ctx); m.err != nil {
			return m
		}
		if m.world, m.err = jobs.WorldOf(ctx, m.saved); m.err != nil {
			return m
		}
		for _, s := range m.saved {
			if needsAttention(s, m.world) {
				m.attention++
			}
		}
		m.drafts, m.err = jobs.Library.Drafts(ctx)
		return m
	})
}

// Leave has nothing of its own to end: tasks end with the screen.
func (h *Home) Leave() {}

// Capturing reports whether the filter is being typed, or keys are kept until it
// is known what they are for.
func (h *Home) Capturing() bool {
	return h.loaded == nil || h.picker != nil && h.picker.Filtering()
}

// Frame counts the connectors and those that need attention.
func (h *Home) Frame() ui.Frame {
	if h.loaded == nil {
		return ui.Frame{Name: "Connectors"}
	}
	f := ui.Frame{Name: countOf(len(h.loaded.saved), "connector")}
	switch need := h.loaded.attention; need {
	case 0:
	case 1:
		f.Note = "1 needs attention"
	default:
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
	if model.UsesAppPassword(s.Connector, w) {
		return true
	}
	day := model.ExpiryOf(s.Connector, w)
	return !day.IsZero() && model.DaysLeft(day, w.Now) <= 30
}

// View draws the list, below what stands in its way.
func (h *Home) View(w, height int) string {
	switch {
	case h.loaded == nil:
		return ""
	case h.loaded.err != nil:
		p := problemOf(h.loaded.err)
		return ui.ProblemCard(h.env.Theme, ui.Problem{Code: p.Code, What: p.What, Why: p.Why, Fix: p.Fix, Keys: h.Keys()}, w)
	}
	head := h.head(w)
	if room := max(height-4, 1); len(head) > room {
		head = append(head[:room-1], h.env.Theme.Dim.Render("   …"))
	}
	if len(head) == 0 {
		return h.picker.View(w, height)
	}
	return strings.Join(head, "\n") + "\n\n" + h.picker.View(w, max(height-len(head)-1, 1))
}

// head are the lines above the list: files that cannot be read, and what was
// left unfinished.
func (h *Home) head(w int) []string {
	var head []string
	add := func(mark ui.Mark, text string) {
		for i, l := range ui.Wrap(text, w-4) {
			lead := "   "
			if i == 0 {
				lead = " " + h.env.Theme.Mark(mark) + " "
			}
			head = append(head, lead+l)
		}
	}
	for _, d := range h.loaded.damaged {
		add(ui.Fail, strings.TrimSpace(d.Path+": "+d.Problem.What+" "+d.Problem.Fix))
	}
	if n := len(h.loaded.drafts); n > 0 {
		add(ui.Info, countOf(n, "unfinished connector")+"   u shows "+map[bool]string{true: "it", false: "them"}[n == 1])
	}
	return head
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
	var drafts []ui.Key
	switch {
	case h.loaded == nil:
		return nil
	case h.loaded.err != nil:
		return []ui.Key{{Keys: []string{"r"}, Does: "try again", Press: func() (ui.Action, tea.Cmd) { return nil, h.load() }}, quit}
	case len(h.loaded.drafts) > 0:
		drafts = []ui.Key{{Keys: []string{"u"}, Does: "unfinished", Press: h.showDrafts}}
	}
	if len(h.loaded.saved) == 0 {
		return append(append([]ui.Key{fresh}, drafts...), quit)
	}
	return append(append(h.picker.Keys(), drafts...),
		fresh,
		ui.Key{Keys: []string{"e"}, Does: "edit", Press: h.edit},
		ui.Key{Keys: []string{"t"}, Does: "test", Press: h.test},
		ui.Key{Keys: []string{"T"}, Does: "test all shown", Press: h.testAllShown},
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
