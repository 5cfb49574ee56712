package steps

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// Keys are what can be done with the migration as it stands.
func (s *migrateRun) Keys() []ui.Key {
	switch {
	case s.running():
		return []ui.Key{s.stopKey()}
	case s.state == nil:
		return []ui.Key{s.leaveKey()}
	case s.state.unbegun:
		return []ui.Key{{Keys: []string{"esc", "enter"}, Show: "esc", Does: "back to the plan", Press: func() (ui.Action, tea.Cmd) { return ui.Back{}, nil }}}
	case s.Capturing():
		return s.picker.Keys()
	}
	var keys []ui.Key
	switch {
	case s.state.ended != "":
	case s.picker != nil:
		keys = append(s.picker.Keys(), s.decisions()...)
		for i, k := range keys {
			if slices.Contains([]string{"/", " "}, k.Keys[0]) {
				keys[i].Rank++ // the line of keys is for what can be decided
			}
		}
	case !s.state.done && s.state.record.State == model.MigrationGoing:
		keys = append(keys, ui.Key{Keys: []string{"enter"}, Does: "go on", Press: func() (ui.Action, tea.Cmd) { return nil, s.goOn() }})
		if ids := waits(s.state.record); len(ids) > 0 {
			keys = append(keys, ui.Key{Keys: []string{"r"}, Does: "test again", Press: func() (ui.Action, tea.Cmd) { return nil, s.decides(ids, model.DecideRetry) }})
		}
	}
	if s.state.ended == "" {
		keys = append(keys, s.endings()...)
	}
	keys = append(
		keys,
		ui.Key{Keys: []string{"y"}, Does: "copy the report", Rank: 1, Press: s.copyReport},
		ui.Key{Keys: []string{"w"}, Does: "write the report", Rank: 1, Press: s.askFile},
	)
	if page := s.revokePage(); page != "" {
		keys = append(keys, ui.Key{Keys: []string{"o"}, Does: "open the page to revoke", Rank: 1, Press: func() (ui.Action, tea.Cmd) { return nil, s.openPage(page) }})
	}
	if s.picker == nil {
		keys = append(keys, s.scroll.Keys()...)
	}
	if !takesEsc(keys) {
		keys = append(keys, s.leaveKey())
	}
	return keys
}

// waits are the connectors that were decided about, and to which it was not done yet.
func waits(r model.MigrationRecord) []string {
	var ids []string
	for _, m := range r.Members {
		if (m.State == model.MemberForced || m.State == model.MemberLeft) && r.UnitState(m.Unit) == model.UnitStaged {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// stopKey breaks the job off between two steps.
func (s *migrateRun) stopKey() ui.Key {
	if s.stopped {
		return ui.Key{Keys: []string{"esc"}, Does: "stopping", Off: "the step that runs is finished first"}
	}
	return ui.Key{Keys: []string{"esc"}, Does: "stop", Press: func() (ui.Action, tea.Cmd) {
		s.stopped = true
		s.stop()
		return nil, nil
	}}
}

// leaveKey goes where the list shows what has become of the connectors.
func (s *migrateRun) leaveKey() ui.Key {
	return ui.Key{Keys: []string{"esc"}, Does: "leave", Press: func() (ui.Action, tea.Cmd) {
		if s.state == nil || s.state.ended != "" {
			return ui.Home{}, nil
		}
		return ui.Do{ui.Home{}, ui.Notify{Text: "It waits for you: m " + waysOn(s.state.record) + ".", Mark: ui.Info}}, nil
	}}
}

// decisions are what can become of connectors that failed.
func (s *migrateRun) decisions() []ui.Key {
	several := ""
	if n := len(s.picker.Marked()); n > 1 {
		several = fmt.Sprintf(" %d", n)
	}
	key := func(name, does string, d model.MemberDecision) ui.Key {
		return ui.Key{Keys: []string{name}, Does: does + several, Press: func() (ui.Action, tea.Cmd) { return s.decide(d) }}
	}
	return []ui.Key{key("f", "go on anyway", model.DecideForce), key("l", "leave behind", model.DecideLeave)}
}

// endings are the ways to end it: the old values go, or everything comes back.
func (s *migrateRun) endings() []ui.Key {
	var keys []ui.Key
	state := s.state.record.State
	if state == model.MigrationConfirming || state == model.MigrationGoing && s.state.record.Confirmable() {
		confirm := ui.Key{Keys: []string{"c"}, Does: "confirm", Press: s.askConfirm}
		if len(s.state.undecided) > 0 {
			confirm.Rank = 1
		}
		keys = append(keys, confirm)
	}
	if state != model.MigrationConfirming {
		keys = append(keys, ui.Key{Keys: []string{"z"}, Does: "undo all", Press: s.askUndo})
	}
	return keys
}

func (s *migrateRun) askConfirm() (ui.Action, tea.Cmd) {
	text := "The old values are deleted from this machine, but for those that a connector was left on. Nothing can be undone any more. At Bitbucket they are not revoked."
	if !s.state.done {
		text += " The secrets that were not replaced stay as they are."
	}
	d := ui.Confirm("confirm", "Keep the new values for good", text, "confirm", "not yet")
	d.Then = func(a ui.Answer) (ui.Action, tea.Cmd) {
		if a.Value != "yes" {
			return nil, nil
		}
		return nil, s.start("confirmed", func(ctx context.Context, m *flow.Migrating, progress func(flow.Step)) error {
			return m.Confirm(ctx, progress)
		})
	}
	return ui.Ask{Dialog: d}, nil
}

func (s *migrateRun) askUndo() (ui.Action, tea.Cmd) {
	d := ui.Confirm("undo", "Take all of it back", "Every document and every value becomes what it was, byte for byte. The new values are deleted.", "take it back", "keep it")
	d.Then = func(a ui.Answer) (ui.Action, tea.Cmd) {
		if a.Value != "yes" {
			return nil, nil
		}
		return nil, s.start("undone", func(ctx context.Context, m *flow.Migrating, progress func(flow.Step)) error {
			return m.Undo(ctx, progress)
		})
	}
	return ui.Ask{Dialog: d}, nil
}

// revokePage is where the first replaced credential is revoked.
func (s *migrateRun) revokePage() string {
	if s.state.ended == "undone" {
		return ""
	}
	for _, secret := range s.state.record.Secrets {
		if secret.State == model.UnitApplied && secret.Page != "" && !secret.Kept {
			return secret.Page
		}
	}
	return ""
}

func (s *migrateRun) copyReport() (ui.Action, tea.Cmd) {
	return nil, s.copyText(s.state.report.Markdown(), "Copied as Markdown, if the terminal allows it.")
}

// side is work beside the migration itself.
func (s *migrateRun) side() *ui.Task { return s.env.NewTask() }

func (s *migrateRun) copyText(text, said string) tea.Cmd {
	machine := s.jobs.Machine
	return s.side().Start(func(ctx context.Context) tea.Msg { return copied{said: said, err: machine.Copy(ctx, text)} })
}

func (s *migrateRun) openPage(page string) tea.Cmd {
	machine := s.jobs.Machine
	return s.side().Start(func(ctx context.Context) tea.Msg {
		return pageShown{page: page, err: machine.OpenBrowser(ctx, page)}
	})
}

// askFile asks where the report goes; the file's name says in which form.
func (s *migrateRun) askFile() (ui.Action, tea.Cmd) {
	return ui.Ask{Dialog: ui.Dialog{
		ID: "report", Title: "Write the report", Text: "A name that ends in .md gives Markdown, .json JSON, any other plain text. A file of that name is replaced.",
		Prompt:  &ui.Prompt{Label: "File", Example: "e.g. ~/migration.md"},
		Choices: []ui.Choice{{Value: "ok", Label: "write"}},
		Then: func(a ui.Answer) (ui.Action, tea.Cmd) {
			path := strings.TrimSpace(a.Text)
			if a.Closed || path == "" {
				return nil, nil
			}
			machine, report := s.jobs.Machine, s.state.report
			return nil, s.side().Start(func(ctx context.Context) tea.Msg {
				data, err := reportFor(path, report)
				if err == nil {
					err = machine.WriteFile(ctx, path, data)
				}
				return done{text: "Wrote " + path + ".", err: err}
			})
		},
	}}, nil
}

// reportFor is the report in the form that a file's name asks for.
func reportFor(path string, r model.MigrationReport) ([]byte, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".md":
		return []byte(r.Markdown()), nil
	case ".json":
		data, err := json.MarshalIndent(r, "", "  ")
		return append(data, '\n'), err
	}
	return []byte(r.Text()), nil
}
