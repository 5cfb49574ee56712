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

// newConnector opens the wizard on an empty draft, in a world as it is now.
func (h *Home) newConnector() (ui.Action, tea.Cmd) {
	jobs := h.jobs
	return nil, h.acting.Start(func(ctx context.Context) tea.Msg {
		w, err := jobs.World(ctx)
		return opened{draft: model.NewDraft(), world: w, err: err}
	})
}

// opened is a draft to open the wizard with, in a world as it is now; at is the
// question it opens on, "" for the usual one.
type opened struct {
	draft model.Draft
	world model.World
	at    model.QuestionID
	err   error
}

// openSaved loads a saved connector for editing.
func openSaved(ctx context.Context, jobs *flow.Jobs, key string, at model.QuestionID) opened {
	w, err := jobs.World(ctx)
	if err != nil {
		return opened{err: err}
	}
	d, _, err := jobs.EditIn(ctx, key, w)
	return opened{draft: d, world: w, at: at, err: err}
}

// edit opens the selected connector on its review, or asks about changes to it
// that were left unfinished.
func (h *Home) edit() (ui.Action, tea.Cmd) {
	g, ok := h.selected()
	if !ok {
		return nil, nil
	}
	for _, d := range h.list.drafts {
		if d.Draft.Editing == g.Key {
			return h.offerDraft(d), nil
		}
	}
	jobs := h.jobs
	return nil, h.acting.Start(func(ctx context.Context) tea.Msg { return openSaved(ctx, jobs, g.Key, "") })
}

// test opens the live test of the marked connectors, else of the one under the
// cursor.
func (h *Home) test() (ui.Action, tea.Cmd) { return h.fetch(keysOf(h.chosen()), h.testThese) }

// testAllShown tests every connector the list shows.
func (h *Home) testAllShown() (ui.Action, tea.Cmd) {
	return h.fetch(keysOf(h.picker.Shown()), func(saved []model.Saved) (ui.Action, tea.Cmd) { return h.testMany(saved) })
}

func (h *Home) testThese(saved []model.Saved) (ui.Action, tea.Cmd) {
	if len(saved) == 1 {
		return ui.Push{Screen: h.testOf(saved[0].Connector)}, nil
	}
	return h.testMany(saved)
}

func (h *Home) testMany(saved []model.Saved) (ui.Action, tea.Cmd) {
	list := make([]model.Connector, len(saved))
	for i, s := range saved {
		list[i] = s.Connector
	}
	if len(list) == 0 {
		return nil, nil
	}
	return ui.Push{Screen: newTestAll(h.jobs, list, h.testOf)}, nil
}

func (h *Home) testOf(c model.Connector) ui.Screen {
	return newSavedTest(h.jobs, c, func(m opened) ui.Screen { return h.open(m) })
}

// leaving is what a delete would take along, found out before it is asked about.
type leaving struct {
	flow.Leaving
	err error
}

type deleted struct {
	name string
	err  error
}

// askDelete finds out what else uses the connectors' secrets before it asks.
func (h *Home) askDelete() (ui.Action, tea.Cmd) {
	keys := keysOf(h.chosen())
	if len(keys) == 0 {
		return nil, nil
	}
	jobs := h.jobs
	return nil, h.acting.Start(func(ctx context.Context) tea.Msg {
		l, err := jobs.Leave(ctx, keys)
		return leaving{l, err}
	})
}

// listedMost is how many names a question lists.
const listedMost = 6

func (h *Home) confirmDelete(m leaving) (ui.Action, tea.Cmd) {
	switch {
	case m.err != nil:
		return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}, nil
	case len(m.Connectors) == 0:
		return ui.Notify{Text: "They are gone already.", Mark: ui.Info}, h.load()
	}
	what, it := m.Connectors[0].Connector.Name, "it"
	d := ui.Dialog{ID: "delete", Mark: ui.Warn, Text: "Pipelines in Harness are not touched."}
	if n := len(m.Connectors); n > 1 {
		what, it = countOf(n, "connector"), "them"
		var names []string
		for _, s := range m.Connectors {
			names = append(names, s.Connector.Name)
		}
		d.Text = few(names) + ".\n" + d.Text
	}
	d.Title = "Delete " + what
	d.Choices = []ui.Choice{
		{Value: "no", Label: "keep " + it, Key: "n"},
		{Value: "delete", Label: "delete " + map[bool]string{true: "the connector", false: "the connectors"}[it == "it"], Key: "y"},
	}
	for i, u := range m.Shared {
		if i == listedMost {
			d.Text += fmt.Sprintf("\n%s more are used elsewhere too; they stay.", countOf(len(m.Shared)-i, "secret"))
			break
		}
		d.Text += "\n" + sharedText(u)
	}
	if n := len(m.Own); n > 0 {
		only := map[bool]string{true: "it uses", false: "they use"}[it == "it"]
		d.Text += "\n" + ownText(m.Own, only)
		secrets := "the secret"
		if n > 1 {
			secrets = "the " + countOf(n, "secret")
		}
		d.Choices = append(d.Choices, ui.Choice{Value: "all", Label: "delete " + it + " and " + secrets + " only " + only, Key: "a"})
	}
	d.Then = func(a ui.Answer) (ui.Action, tea.Cmd) {
		if a.Closed || a.Value == "no" {
			return nil, nil
		}
		return nil, h.delete(m.Leaving, what, a.Value == "all")
	}
	return ui.Ask{Dialog: d}, nil
}

// ownText names the secrets that would be used by nothing any more.
func ownText(own []model.SecretInfo, only string) string {
	var names []string
	for _, info := range own {
		names = append(names, string(info.Name.Ref()))
	}
	return "Only " + only + ": " + few(names) + "."
}

// sharedText says why a secret stays.
func sharedText(u flow.SecretUse) string {
	if len(u.Others) == 0 {
		return string(u.Info.Name.Ref()) + " belongs to an SSH credential that stays; it stays."
	}
	return string(u.Info.Name.Ref()) + " is also used by " + few(u.Others) + "; it stays."
}

// few lists the first of many names.
func few(names []string) string {
	if len(names) <= listedMost {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:listedMost], ", "), len(names)-listedMost)
}

func (h *Home) delete(l flow.Leaving, what string, withSecrets bool) tea.Cmd {
	jobs := h.jobs
	return h.acting.Stream(func(job ui.Job) tea.Msg {
		gone, err := jobs.DeleteMany(flow.WithAsker(job.Context, dialogAsker(job, true)), l, withSecrets, nil)
		if n := len(l.Connectors); err != nil && n > 1 {
			err = fmt.Errorf("%d of %d are deleted. %s", gone, n, sentence(err))
		}
		return deleted{name: what, err: err}
	})
}
