package steps

import (
	"context"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// draftName is what a draft is called in a list.
func draftName(d model.Draft) string {
	if name := d.Answer(model.QName); name != "" {
		return name
	}
	return "without a name"
}

// offerDraft offers to go on with what was left unfinished.
func (h *Home) offerDraft(d model.SavedDraft) ui.Action {
	title := "An unfinished connector: " + draftName(d.Draft)
	if d.Draft.Editing != "" {
		title = "Unfinished changes to " + draftName(d.Draft)
	}
	dialog := ui.Dialog{
		ID: "draft", Title: title,
		Text: "It was left " + ago(h.jobs.Now(), d.SavedAt) + ". Its answers are here; a secret that was pasted has to be pasted again.",
		Choices: []ui.Choice{
			{Value: "go", Label: "go on with it", Key: "g"},
			{Value: "drop", Label: "throw it away", Key: "t"},
			{Value: "later", Label: "later", Key: "l"},
		},
	}
	if n := len(h.list.drafts); n > 1 {
		dialog.Text += " There are " + countOf(n, "unfinished connector") + " in all."
		dialog.Choices = append(dialog.Choices, ui.Choice{Value: "all", Label: "show all of them", Key: "a"})
	}
	dialog.Then = func(a ui.Answer) (ui.Action, tea.Cmd) {
		switch a.Value {
		case "go":
			return nil, h.resume(d.Draft)
		case "drop":
			return nil, h.dropDraft(d.Draft.ID)
		case "all":
			return h.showDrafts()
		}
		return nil, nil
	}
	return ui.Ask{Dialog: dialog}
}

// showDrafts opens the list of everything unfinished.
func (h *Home) showDrafts() (ui.Action, tea.Cmd) {
	return ui.Push{Screen: &draftList{home: h, drafts: h.list.drafts}}, nil
}

// resume opens a draft; one of a saved connector is laid over it as it is now. Where
// both have changed an answer the draft stays on what it began from, so that saving it
// is the conflict that it is.
func (h *Home) resume(d model.Draft) tea.Cmd {
	jobs := h.jobs
	return h.acting.Start(func(ctx context.Context) tea.Msg { return restored(ctx, jobs, d) })
}

func restored(ctx context.Context, jobs *flow.Jobs, d model.Draft) opened {
	w, err := jobs.World(ctx)
	if err != nil || d.Editing == "" {
		return opened{draft: d, world: w, err: err}
	}
	fresh, _, err := jobs.EditIn(ctx, d.Editing, w)
	if err == nil && slices.ContainsFunc(model.Diverging(d, fresh, w), model.Divergence.Both) {
		return opened{draft: d, world: w}
	}
	return opened{draft: model.Merge(d, fresh, w, func(model.QuestionID) bool { return true }), world: w, err: err}
}

func (h *Home) dropDraft(id string) tea.Cmd {
	library := h.jobs.Library
	return h.acting.Start(func(ctx context.Context) tea.Msg {
		return deleted{name: "the draft", err: library.RemoveDraft(ctx, id)}
	})
}

// draftList is the list of everything that was left unfinished.
type draftList struct {
	home   *Home
	drafts []model.SavedDraft
	picker *ui.Picker
	task   *ui.Task
}

// Enter shows the list.
func (l *draftList) Enter(env ui.Env) tea.Cmd {
	l.task = env.NewTask()
	l.picker = ui.NewPicker(env, []ui.Column{{Title: "Name", Min: 20, Keep: 28}, {Title: "What it is", Min: 12, Drop: 1}, {Title: "Left", Min: 10}})
	l.picker.Does, l.picker.Empty = "go on with it", "Nothing is unfinished."
	return l.rows()
}

func (l *draftList) rows() tea.Cmd {
	rows := make([]ui.Row, 0, len(l.drafts))
	for _, d := range l.drafts {
		what := "new"
		if d.Draft.Editing != "" {
			what = "changes to " + d.Draft.Editing
		}
		rows = append(rows, ui.Row{
			ID: d.Draft.ID, Cells: []string{draftName(d.Draft), what, ago(l.home.jobs.Now(), d.SavedAt)}, Search: d.Draft.Answer(model.QURL),
		})
	}
	return l.picker.SetRows(rows)
}

func (l *draftList) Leave()               {}
func (l *draftList) Capturing() bool      { return l.picker.Filtering() }
func (l *draftList) View(w, h int) string { return l.picker.View(w, h) }

// Frame counts them.
func (l *draftList) Frame() ui.Frame {
	return ui.Frame{Name: countOf(len(l.drafts), "unfinished connector")}
}

// Keys are those of the list, and what can be done with a draft.
func (l *draftList) Keys() []ui.Key {
	if l.picker.Filtering() || len(l.drafts) == 0 {
		return l.picker.Keys()
	}
	return append(l.picker.Keys(), ui.Key{Keys: []string{"d"}, Does: "throw away", Press: l.askDrop})
}

func (l *draftList) selected() (model.SavedDraft, bool) {
	row, _ := l.picker.Selected()
	for _, d := range l.drafts {
		if d.Draft.ID == row.ID {
			return d, true
		}
	}
	return model.SavedDraft{}, false
}

func (l *draftList) askDrop() (ui.Action, tea.Cmd) {
	d, ok := l.selected()
	if !ok {
		return nil, nil
	}
	dialog := ui.Confirm("drop", "Throw away "+draftName(d.Draft), "Its answers are lost. Saved connectors are not touched.", "throw away", "keep")
	dialog.Then = func(a ui.Answer) (ui.Action, tea.Cmd) {
		if a.Value != "yes" {
			return nil, nil
		}
		library := l.home.jobs.Library
		return nil, l.task.Start(func(ctx context.Context) tea.Msg {
			return dropped{id: d.Draft.ID, err: library.RemoveDraft(ctx, d.Draft.ID)}
		})
	}
	return ui.Ask{Dialog: dialog}, nil
}

// dropped says that a draft is gone.
type dropped struct {
	id  string
	err error
}

// Update takes what jobs say, and keys.
func (l *draftList) Update(msg tea.Msg) (ui.Action, tea.Cmd) {
	switch m := msg.(type) {
	case opened:
		if m.err != nil {
			return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}, nil
		}
		return ui.Replace{Screen: l.home.open(m)}, nil
	case dropped:
		if m.err != nil {
			return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}, nil
		}
		var kept []model.SavedDraft
		for _, d := range l.drafts {
			if d.Draft.ID != m.id {
				kept = append(kept, d)
			}
		}
		l.drafts = kept
		return ui.Notify{Text: "Thrown away.", Mark: ui.Pass}, l.rows()
	}
	if !l.picker.Filtering() {
		if action, cmd, done := ui.Press(l.Keys(), msg); done {
			return action, cmd
		}
	}
	event, cmd := l.picker.Update(msg)
	d, ok := l.selected()
	if event != ui.PickerChosen || !ok {
		return nil, cmd
	}
	jobs := l.home.jobs
	return nil, tea.Batch(cmd, l.task.Start(func(ctx context.Context) tea.Msg { return restored(ctx, jobs, d.Draft) }))
}
