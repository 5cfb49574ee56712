package steps

import (
	"fmt"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/model"
	"bbconnect/ui"
)

// migrateKey leads off App Passwords: for the marked connectors, or for all. It
// stands out while there is one.
func (h *Home) migrateKey() ui.Key {
	k := ui.Key{Keys: []string{"m"}, Does: "migrate", Rank: 3, Press: h.migrate}
	if h.list.retired > 0 || h.list.waiting != "" {
		k.Rank = 0
	}
	if n := len(h.picker.Marked()); n > 0 {
		k.Does += fmt.Sprintf(" %d", n)
	}
	return k
}

// Reads lets a migration take in documents that are not among the saved connectors.
func (h *Home) Reads(folder Folder) *Home {
	h.reads = folder
	return h
}

// rotateKey leads to another value for a secret, and stands out for one that ends.
func (h *Home) rotateKey() ui.Key {
	k := ui.Key{Keys: []string{"R"}, Does: "rotate", Rank: 3, Press: h.rotate}
	if row, ok := h.picker.Selected(); ok && row.Flags&flagExpiring != 0 && len(h.picker.Marked()) == 0 {
		k.Rank = 0
	}
	return k
}

// migrate opens the plan for the marked connectors, else for all.
func (h *Home) migrate() (ui.Action, tea.Cmd) {
	return ui.Push{Screen: NewMigrate(h.jobs, keysOf(h.picker.Marked())).Reads(h.reads).Offer(h.samples)}, nil
}

// rotate opens the rotation of what the selected connector signs in with, and asks
// which where there are several.
func (h *Home) rotate() (ui.Action, tea.Cmd) {
	g, ok := h.selected()
	if !ok {
		return nil, nil
	}
	return h.fetch([]string{g.Key}, func(saved []model.Saved) (ui.Action, tea.Cmd) {
		names := credentialsOf(saved[0].Connector)
		switch len(names) {
		case 0:
			return ui.Notify{Text: g.Name + " uses no secret.", Mark: ui.Info}, nil
		case 1:
			return ui.Push{Screen: NewRotation(h.jobs, names[0]).Offer(h.samples)}, nil
		}
		d := ui.Dialog{ID: "rotate", Title: "Which secret of " + g.Name}
		for i, name := range names {
			d.Choices = append(d.Choices, ui.Choice{Value: string(name), Label: string(name.Ref()), Key: string(rune('1' + i))})
		}
		d.Then = func(a ui.Answer) (ui.Action, tea.Cmd) {
			if a.Closed {
				return nil, nil
			}
			return ui.Push{Screen: NewRotation(h.jobs, model.SecretName(a.Value)).Offer(h.samples)}, nil
		}
		return ui.Ask{Dialog: d}, nil
	})
}

// credentialsOf are the secrets a connector signs in with, each once.
func credentialsOf(c model.Connector) []model.SecretName {
	var out []model.SecretName
	for _, ref := range []model.SecretRef{c.PasswordRef, c.API.TokenRef, c.SSHKeyRef} {
		name, err := ref.Name(c.Scope)
		if ref != "" && err == nil && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// rotate opens the rotation of the selected secret: a new value that is tested with
// everything that uses it before it is the current one.
func (s *Secrets) rotate() (ui.Action, tea.Cmd) {
	secret, ok := s.selected()
	if !ok {
		return nil, nil
	}
	return ui.Push{Screen: NewRotation(s.jobs, secret.Info.Name).Offer(s.samples)}, nil
}
