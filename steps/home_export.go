package steps

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/model"
	"bbconnect/ui"
)

// done says how a job of Home ended that changes nothing in the list.
type done struct {
	text string
	err  error
}

// askExport asks where the documents of the chosen connectors shall go. They
// hold references, never a secret.
func (h *Home) askExport() (ui.Action, tea.Cmd) {
	rows := h.chosen()
	if len(rows) == 0 {
		return nil, nil
	}
	keys, what := keysOf(rows), countOf(len(rows), "connector")
	if g, ok := h.list.glance(rows[0]); ok && len(rows) == 1 {
		what = g.Name
	}
	return ui.Ask{Dialog: ui.Dialog{
		ID: "export", Title: "Export " + what,
		Text: "As Harness takes it, in YAML. Secrets are references; no value is written.",
		Choices: []ui.Choice{
			{Value: "copy", Label: "copy to the clipboard", Key: "c"},
			{Value: "write", Label: "write into a folder", Key: "w"},
		},
		Then: func(a ui.Answer) (ui.Action, tea.Cmd) {
			switch {
			case a.Closed:
				return nil, nil
			case a.Value == "write":
				return h.askFolder(keys), nil
			}
			jobs := h.jobs
			return nil, h.acting.Start(func(ctx context.Context) tea.Msg {
				return done{countOf(len(keys), "document") + " copied to the clipboard.", jobs.CopyDocuments(ctx, keys)}
			})
		},
	}}, nil
}

// askFolder asks for the folder that documents are written into.
func (h *Home) askFolder(keys []string) ui.Action {
	return ui.Ask{Dialog: ui.Dialog{
		ID: "folder", Title: "Write " + countOf(len(keys), "document"),
		Text:    "A file each, named by id; files of that name are replaced.",
		Prompt:  &ui.Prompt{Label: "Folder", Example: "e.g. ~/connectors"},
		Choices: []ui.Choice{{Value: "ok", Label: "write"}},
		Then: func(a ui.Answer) (ui.Action, tea.Cmd) {
			folder := strings.TrimSpace(a.Text)
			if a.Closed || folder == "" {
				return nil, nil
			}
			jobs := h.jobs
			return nil, h.acting.Start(func(ctx context.Context) tea.Msg {
				files, err := jobs.WriteDocuments(ctx, keys, folder)
				if len(files) == 1 {
					return done{"Wrote " + files[0] + ".", err}
				}
				return done{"Wrote " + countOf(len(files), "file") + " into " + folder + ".", err}
			})
		},
	}}
}

// copying is a draft for a copy that wants a name and an id.
type copying struct {
	of    string
	draft model.Draft
	world model.World
	err   error
}

// askCopy reads the selected connector and asks what its copy shall be called.
func (h *Home) askCopy() (ui.Action, tea.Cmd) {
	g, ok := h.selected()
	if !ok {
		return nil, nil
	}
	jobs := h.jobs
	return nil, h.acting.Start(func(ctx context.Context) tea.Msg {
		d, w, err := jobs.Duplicate(ctx, g.Key)
		return copying{of: g.Name, draft: d, world: w, err: err}
	})
}

// askCopyName asks for the copy's name, then for its id, and opens the review of
// what is not saved yet.
func (h *Home) askCopyName(m copying) (ui.Action, tea.Cmd) {
	if m.err != nil {
		return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}, nil
	}
	return h.askCopyField(m, model.QName, "Name", m.of+" copy", func(m copying) (ui.Action, tea.Cmd) {
		id := model.IDFromName(m.draft.Answer(model.QName))
		return h.askCopyField(m, model.QID, "Id", id, func(m copying) (ui.Action, tea.Cmd) {
			return ui.Push{Screen: h.open(opened{draft: m.draft, world: m.world}).Review()}, nil
		})
	})
}

// askCopyField asks one of the two; next takes the draft with the answer in it.
func (h *Home) askCopyField(m copying, id model.QuestionID, label, value string, next func(copying) (ui.Action, tea.Cmd)) (ui.Action, tea.Cmd) {
	return ui.Ask{Dialog: ui.Dialog{
		ID: string(id), Title: "Duplicate " + m.of,
		Text: "The copy uses the same secrets and counts as never tested. Nothing is saved yet.",
		Prompt: &ui.Prompt{Label: label, Value: value, Check: func(text string) []ui.Finding {
			return uiFindings(model.ValidateAnswer(id, m.draft.With(id, text), m.world))
		}},
		Choices: []ui.Choice{{Value: "ok", Label: "go on"}},
		Then: func(a ui.Answer) (ui.Action, tea.Cmd) {
			if a.Closed {
				return nil, nil
			}
			m.draft = m.draft.With(id, strings.TrimSpace(a.Text))
			return next(m)
		},
	}}, nil
}
