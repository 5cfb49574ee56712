package steps

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// Folder reads the connectors' documents of a folder, or one document: those that
// can be read, and those that cannot.
type Folder func(ctx context.Context, path string) ([]model.MigrationMember, []model.Damaged, error)

// Reads lets the plan take in documents that are not among the saved connectors.
func (s *Migrate) Reads(folder Folder) *Migrate {
	s.reads = folder
	return s
}

// folderRead is what a folder held.
type folderRead struct {
	path      string
	documents []model.MigrationMember
	damaged   []model.Damaged
	err       error
}

func (s *Migrate) folderKeys() []ui.Key {
	if s.reads == nil || s.rotates {
		return nil
	}
	return []ui.Key{{Keys: []string{"f"}, Does: "add a folder of documents", Rank: 2, Press: s.askFolder}}
}

// askFolder asks where other documents are, as in a checkout.
func (s *Migrate) askFolder() (ui.Action, tea.Cmd) {
	return ui.Ask{Dialog: ui.Dialog{
		ID: "documents", Title: "Documents that stand elsewhere",
		Text:    "Connectors in a folder, or in one file, are looked through as well; those that use an App Password are changed with the others, in their place.",
		Prompt:  &ui.Prompt{Label: "Folder or file", Value: s.outside.path, Example: "e.g. ~/harness/connectors"},
		Choices: []ui.Choice{{Value: "ok", Label: "look through it"}},
		Then: func(a ui.Answer) (ui.Action, tea.Cmd) {
			path := strings.TrimSpace(a.Text)
			if a.Closed || path == "" {
				return nil, nil
			}
			reads := s.reads
			return nil, s.task.Start(func(ctx context.Context) tea.Msg {
				documents, damaged, err := reads(ctx, path)
				return folderRead{path: path, documents: documents, damaged: damaged, err: err}
			})
		},
	}}, nil
}

// takeFolder plans anew with the documents.
func (s *Migrate) takeFolder(m folderRead) (ui.Action, tea.Cmd) {
	if m.err != nil {
		return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}, nil
	}
	s.outside = m
	mark := ui.Pass
	if len(m.documents) == 0 {
		mark = ui.Warn
	}
	return ui.Notify{Text: countOf(len(m.documents), "document") + " looked through in " + m.path + ".", Mark: mark}, s.load()
}

// keepReady keeps the credentials that were verified for what is planned now: of
// secrets that are used by the same as before.
func (s *Migrate) keepReady(before *model.MigrationPlan) {
	if before == nil {
		return
	}
	kept := map[model.SecretName]flow.Verified{}
	for name, v := range s.ready {
		was, _ := before.Group(name)
		if is, ok := s.plan.Group(name); ok && len(is.Members) == len(was.Members) {
			kept[name] = v
		}
	}
	s.ready = kept
}
