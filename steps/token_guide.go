package steps

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/model"
	"bbconnect/ui"
)

// slotKeys are the keys beside a value slot: its page, its scopes, and for a
// private key the ways to come by one.
func (p *secretPage) slotKeys(id model.QuestionID) []ui.Key {
	var keys []ui.Key
	switch id {
	case model.QSSHKey:
		keys = p.sshKeys()
	case model.QSecret, model.QAPISecret:
		keys = p.pickKeys(id)
	}
	if page := p.tokenPage(); page != "" {
		keys = append(keys, ui.Key{Keys: []string{"ctrl+o"}, Does: "open page", Press: func() (ui.Action, tea.Cmd) { return nil, p.openPage(page) }})
	}
	if p.wantsScopes() {
		keys = append(keys, ui.Key{Keys: []string{"ctrl+s"}, Does: "copy scopes", Press: func() (ui.Action, tea.Cmd) {
			return nil, p.copyText(model.ScopeList(), "The fourteen scopes were copied.")
		}})
	}
	if p.z.place.ready() && p.asksSecret() {
		keys = append(keys, ui.Key{Keys: []string{"f2"}, Does: "keep secrets elsewhere", Quiet: true, Press: func() (ui.Action, tea.Cmd) {
			return p.z.place.offer(), nil
		}})
	}
	return keys
}

// tokenPage is the page in Bitbucket where the credential of this step is made,
// "" where there is none to open. Every field's card asks for it, so it is found
// once for each state of the draft.
func (p *secretPage) tokenPage() string {
	if p.pageAt != p.z.edits {
		p.page, p.pageAt = p.findTokenPage(), p.z.edits
	}
	return p.page
}

func (p *secretPage) findTokenPage() string {
	d, w := p.z.draft, p.z.world
	c := model.Build(d, w)
	cloud := model.ReadURL(d.Answer(model.QURL), model.URLContext{}).Product != model.DataCenter
	switch {
	case p.step == model.StepCredentials && c.ConnectionType == model.SSH && !cloud:
		return ""
	case p.step == model.StepCredentials || !cloud:
		return model.TokenPage(d, w)
	case c.API.Method == model.APIEmailAndToken:
		return model.PageAPITokens
	case c.API.Method == model.APIAccessToken:
		return model.TokenPage(d.With(model.QConnectionType, string(model.HTTP)).With(model.QKind, string(model.KindAccessToken)), w)
	}
	return ""
}

// wantsScopes reports whether the credential of this step is an API token, which
// is made with scopes.
func (p *secretPage) wantsScopes() bool { return p.tokenPage() == model.PageAPITokens }

// guide adds to the help of a question how the token is made: its keys, and
// behind f1 the scopes with what each is for.
func (p *secretPage) guide(q model.Question) ui.Card {
	card := plainCard(q)
	if !p.wantsScopes() {
		return card
	}
	if q.IsSecret() || p.step == model.StepAPI {
		card.Hint = "f1 lists the fourteen scopes with what each is for."
	}
	for _, k := range p.slotKeys("") {
		if !k.Quiet {
			card.Keys = append(card.Keys, k)
		}
	}
	card.More = scopeLines
	return card
}

// scopeLines are the scopes of an API token, each with what it is for.
func scopeLines(width int) []string {
	const column = 30
	out := []string{"The fourteen scopes of the token, and what each is for", ""}
	for _, s := range model.TokenScopes() {
		purpose := s.For
		if s.Optional {
			purpose += " (optional: Bitbucket has ended its issues)"
		}
		for i, part := range ui.Wrap(purpose, max(width-column, 12)) {
			name := ""
			if i == 0 {
				name = s.Name
			}
			out = append(out, name+strings.Repeat(" ", max(column-len(name), 1))+part)
		}
	}
	return out
}

// copied says that a text went to the clipboard.
type copied struct {
	said string
	err  error
}

func (c copied) action() ui.Action {
	if c.err != nil {
		return ui.Notify{Text: sentence(c.err), Mark: ui.Warn}
	}
	return ui.Notify{Text: c.said, Mark: ui.Pass}
}

func (p *secretPage) copyText(text, said string) tea.Cmd {
	machine := p.z.jobs.Machine
	return p.key.Start(func(ctx context.Context) tea.Msg {
		return copied{said: said, err: machine.Copy(ctx, text)}
	})
}

func (p *secretPage) openPage(page string) tea.Cmd {
	machine := p.z.jobs.Machine
	return p.key.Start(func(ctx context.Context) tea.Msg {
		return pageShown{page: page, err: machine.OpenBrowser(ctx, page)}
	})
}
