package steps

import (
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

	loading, acting, looking *ui.Task
	// list is the last one, nil until it came; err says why there is none.
	list *listed
	err  error
	// reading is how many connectors are being read while there is no list yet.
	reading int
	// fresh is the connector that was saved just now; the next list selects it.
	fresh string
	// detail is what is known of the connector under the cursor.
	detail detail
	// greeted says that the first run's wizard, or an unfinished draft, was offered.
	greeted bool
	// wizard is the one on top of Home, for what is unfinished when the program
	// ends.
	wizard  *Wizard
	samples offers
	// reads finds documents that stand elsewhere for a migration, nil for no way.
	reads Folder
	// ahead is what Begin has found out, nil once it was asked for.
	ahead chan tea.Msg
	// later readies the rows of last time for finding, once they are on the screen.
	later tea.Cmd
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

// Enter loads the list anew: a screen on top may have changed it.
func (h *Home) Enter(env ui.Env) tea.Cmd {
	if h.wizard != nil && h.wizard.saved {
		h.fresh = model.Build(h.wizard.draft, h.wizard.world).Key()
	}
	h.env, h.wizard = env, nil
	h.loading, h.acting, h.looking = env.NewTask(), env.NewTask(), env.NewTask()
	if h.picker == nil {
		h.picker = ui.NewPicker(env, homeColumns())
		h.picker.Does, h.picker.Empty = "open", "No connectors yet. n sets one up."
		h.picker.Filters, h.picker.Multi, h.picker.Detail = homeFilters(), true, h.detailOf
	}
	return h.load()
}

// Leave has nothing of its own to end: tasks end with the screen.
func (h *Home) Leave() {}

// Capturing reports whether the filter is being typed, or keys are kept until it
// is known what they are for.
func (h *Home) Capturing() bool {
	return h.waiting() || h.picker != nil && h.picker.Filtering()
}

// waiting reports that nothing is known yet.
func (h *Home) waiting() bool { return h.list == nil && h.err == nil }

// Frame counts the connectors, those that are marked, and those that need
// attention.
func (h *Home) Frame() ui.Frame {
	if h.list == nil {
		return ui.Frame{Name: "Connectors"}
	}
	f := ui.Frame{Name: countOf(len(h.list.all), "connector"), Note: h.picker.MarkNote()}
	need := ""
	switch n := h.list.attention; n {
	case 0:
	case 1:
		need = "1 needs attention"
	default:
		need = fmt.Sprintf("%d need attention", n)
	}
	if f.Note != "" && need != "" {
		f.Note += ", "
	}
	f.Note += need
	return f
}

func countOf(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// View draws the list, below what stands in its way.
func (h *Home) View(w, height int) string {
	switch {
	case h.err != nil:
		p := problemOf(h.err)
		return ui.ProblemCard(h.env.Theme, ui.Problem{Code: p.Code, What: p.What, Why: p.Why, Fix: p.Fix, Keys: h.Keys()}, w)
	case h.list == nil && h.reading > 0:
		return "\n " + h.env.Theme.Dim.Render("Reading "+countOf(h.reading, "saved connector")+" …")
	case h.list == nil:
		return ""
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
	for _, d := range h.list.damaged {
		add(ui.Fail, strings.TrimSpace(d.Path+": "+d.Problem.What+" "+d.Problem.Fix))
	}
	if h.list.waiting != "" {
		add(ui.Warn, h.list.waiting+"   m shows it")
	}
	if n := len(h.list.drafts); n > 0 {
		add(ui.Info, countOf(n, "unfinished connector")+"   u shows "+map[bool]string{true: "it", false: "them"}[n == 1])
	}
	return head
}

// selected is the connector under the cursor.
func (h *Home) selected() (flow.Glance, bool) {
	row, ok := h.picker.Selected()
	if !ok || h.list == nil {
		return flow.Glance{}, false
	}
	return h.list.glance(row)
}

// chosen are the connectors that are marked, else the one under the cursor.
func (h *Home) chosen() []ui.Row {
	rows := h.picker.Marked()
	if len(rows) == 0 {
		if row, ok := h.picker.Selected(); ok {
			rows = append(rows, row)
		}
	}
	return rows
}

// keysOf are the keys of rows.
func keysOf(rows []ui.Row) []string {
	keys := make([]string, len(rows))
	for i, row := range rows {
		keys[i] = row.ID
	}
	return keys
}
