package steps

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/model"
	"bbconnect/ui"
)

func cleanLine(text string) string { return strings.TrimSpace(text) }

// guideKeys are the keys beside the form: the page where the credential is made,
// and what to tick there.
func (p *migrateToken) guideKeys() []ui.Key {
	if p.kind == model.KindSSHKey {
		return nil
	}
	page := p.group.Page(p.kind)
	keys := []ui.Key{
		{Keys: []string{"ctrl+o"}, Does: "open page", Press: func() (ui.Action, tea.Cmd) { return nil, p.openPage(page) }},
		{Keys: []string{"ctrl+l"}, Does: "copy address", Rank: 1, Press: func() (ui.Action, tea.Cmd) { return nil, p.copyText(page, "Copied "+page) }},
	}
	if scopes := p.group.Scopes(p.kind); len(scopes) > 0 {
		keys = append(keys, ui.Key{Keys: []string{"ctrl+s"}, Does: "copy scopes", Press: func() (ui.Action, tea.Cmd) {
			return nil, p.copyText(scopeNames(scopes), countOf(len(scopes), "scope")+" copied.")
		}})
	}
	return keys
}

// scopeNames is the list to copy, one on each line.
func scopeNames(scopes []model.NeededScope) string {
	names := make([]string, len(scopes))
	for i, s := range scopes {
		names[i] = s.Tick
	}
	return strings.Join(names, "\n")
}

// help is the guide, step by step; f1 shows the scopes below it.
func (p *migrateToken) help() ui.Card {
	c := ui.Card{Title: model.KindLabel(p.kind) + " for " + secretTitle(p.group.Name), Keys: p.guideKeys()}
	for i, text := range p.guide() {
		c.Lines = append(c.Lines, fmt.Sprintf("%d  %s", i+1, text))
	}
	if scopes := p.group.Scopes(p.kind); len(scopes) > 0 {
		c.Hint = "f1 lists the scopes with what each is for."
		c.More = func(width int) []string { return neededLines(scopes, width) }
	}
	return c
}

// brief is the guide in a sentence, for windows without room for the card.
func (p *migrateToken) brief() string {
	if p.kind == model.KindSSHKey {
		return "Its public half has to be added at Bitbucket first. f1 goes step by step."
	}
	text := "Made at " + p.group.Page(p.kind)
	if n := len(p.group.Scopes(p.kind)); n > 0 {
		text += fmt.Sprintf(" with %d scopes", n)
	}
	return text + ". f1 goes step by step."
}

// guide are the steps to the new credential, in their order.
func (p *migrateToken) guide() []string {
	g := p.group
	_, id, _ := g.Name.Split()
	label := "Give it a label that says what it is for: harness-" + id + "."
	who := "Sign in"
	if g.User != "" {
		who = "Sign in as " + g.User
	}
	page := g.Page(p.kind)
	switch p.kind {
	case model.KindAPIToken:
		return []string{
			who + ". Two-step verification comes first: without it the page makes no token.",
			"Open " + page + ": Create API token with scopes, then Bitbucket.", label, "Let it live a year at most, and type that day below.",
			fmt.Sprintf("Tick the %d scopes. They cannot be changed later.", len(g.Scopes(p.kind))), "Copy the token at once, it is shown only there, and paste it.",
		}
	case model.KindAccessToken:
		return []string{
			"Open " + page + ": access tokens of the workspace belong to no user. Their user name is " + model.UserAccessToken + ".", label,
			"Choose when it ends, and type that day below.", fmt.Sprintf("Tick the %d permissions.", len(g.Scopes(p.kind))), "Copy the token at once, it is shown only there, and paste it.",
		}
	case model.KindHTTPAccessToken:
		return []string{
			who + ". Open " + page + ": Create token.", label, "Permissions: repository read; write where statuses are sent. Admin only where Harness makes webhooks.",
			"Choose when it ends, and type that day below.", "Copy the token at once, it is shown only there, and paste it.",
		}
	case model.KindSSHKey:
		return []string{
			"Make a new RSA key in PEM form.", "Add its public half at Bitbucket beside the old one.", "Paste the private half, from its BEGIN line to its END line.",
		}
	}
	return []string{"Make a new one where the old one was made.", "Paste it."}
}

// neededLines are the scopes, each with what it is for, the optional ones marked.
func neededLines(scopes []model.NeededScope, width int) []string {
	const column = 32
	needed := 0
	for _, s := range scopes {
		if s.Required {
			needed++
		}
	}
	out := append(ui.Wrap(fmt.Sprintf("%d to tick. These connectors cannot do without the %d with a %s.", len(scopes), needed, ui.Pass.Sign()), width), "")
	for _, s := range scopes {
		mark, purpose := " ", s.For
		switch {
		case s.Required:
			mark = ui.Pass.Sign()
		case s.Optional:
			purpose += " (optional: Bitbucket has ended its issues)"
		default:
			purpose += " (listed for Harness)"
		}
		for i, part := range ui.Wrap(purpose, max(width-column-2, 12)) {
			name := "  "
			if i == 0 {
				name = mark + " " + s.Tick
			}
			out = append(out, name+strings.Repeat(" ", max(column-len([]rune(name)), 1))+part)
		}
	}
	return out
}
