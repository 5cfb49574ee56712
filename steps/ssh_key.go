package steps

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// keyMade is a private key that was made, converted or read from a file.
type keyMade struct {
	key    model.Secret
	public string
	err    error
}

// sshKeys are the ways to come by a private key.
func (p *secretPage) sshKeys() []ui.Key {
	keys := []ui.Key{
		{Keys: []string{"ctrl+g"}, Does: "make a key", Press: func() (ui.Action, tea.Cmd) {
			return ui.Notify{Text: "Making a key …", Mark: ui.Running}, p.makeKey(func(ctx context.Context, t flow.KeyTool) (model.Secret, error) {
				return t.Generate(ctx)
			})
		}},
		{Keys: []string{"ctrl+f"}, Does: "from a file", Press: func() (ui.Action, tea.Cmd) { return p.askFile(), nil }},
	}
	if p.convertible() {
		key, pass := p.z.draft.Secret(model.QSSHKey), p.z.draft.Secret(model.QSSHPassphrase)
		keys = append([]ui.Key{{Keys: []string{"ctrl+t"}, Does: "convert to PEM", Press: func() (ui.Action, tea.Cmd) {
			return nil, p.makeKey(func(_ context.Context, t flow.KeyTool) (model.Secret, error) { return t.Convert(key, pass) })
		}}}, keys...)
	}
	return keys
}

func (p *secretPage) convertible() bool {
	fs := p.z.findings.For(model.QSSHKey)
	_, openssh := fs.Code("key.openssh")
	_, pkcs8 := fs.Code("key.pkcs8")
	return openssh || pkcs8
}

// makeKey runs a job that ends with a key, in the background.
func (p *secretPage) makeKey(do func(context.Context, flow.KeyTool) (model.Secret, error)) tea.Cmd {
	tool := p.z.jobs.Keys
	name := strings.ReplaceAll(model.Value(model.QID, p.z.draft, p.z.world), " ", "_")
	return p.key.Start(func(ctx context.Context) tea.Msg {
		key, err := do(ctx, tool)
		if err != nil {
			return keyMade{err: err}
		}
		public, err := tool.Public(key, model.Secret{}, name)
		return keyMade{key: key, public: public, err: err}
	})
}

func (p *secretPage) askFile() ui.Action {
	return ui.Ask{Dialog: ui.Dialog{
		ID: "key-file", Title: "The private key's file",
		Prompt:  &ui.Prompt{Label: "Path", Example: "e.g. ~/.ssh/id_rsa"},
		Choices: []ui.Choice{{Value: "ok", Label: "read it"}},
		Then: func(a ui.Answer) (ui.Action, tea.Cmd) {
			if a.Closed || a.Text == "" {
				return nil, nil
			}
			machine := p.z.jobs.Machine
			return nil, p.key.Start(func(ctx context.Context) tea.Msg {
				key, err := machine.ReadFile(ctx, a.Text)
				return keyMade{key: key, err: err}
			})
		},
	}}
}

// publicKeyPlace is where in Bitbucket the public half belongs.
func (p *secretPage) publicKeyPlace() string {
	if page := p.tokenPage(); page != "" {
		return page
	}
	return "In Bitbucket: your avatar → Manage account → SSH keys → Add key."
}

// takeKey puts a key into its slot and shows the public half of one that was
// made or converted here.
func (p *secretPage) takeKey(m keyMade) (ui.Action, tea.Cmd) {
	if m.err != nil {
		return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}, nil
	}
	d := p.z.jobs.FillSecret(p.z.draft, model.QSSHKey, m.key)
	if m.public != "" {
		d = d.WithSecret(model.QSSHPassphrase, model.Secret{})
	}
	p.z.change(d)
	p.form.Refresh()
	// The form leaves a secret alone while somebody is in its field.
	p.form.Paste(string(model.QSSHKey), d.Secret(model.QSSHKey).Reveal())
	if m.public == "" {
		return nil, nil
	}
	public := strings.TrimSpace(m.public)
	return ui.Ask{Dialog: ui.Dialog{
		ID: "public", Mark: ui.Pass, Title: "The key is ready. Add its public half in Bitbucket",
		Text: p.publicKeyPlace() + "\n\n" + public,
		Choices: []ui.Choice{
			{Value: "copy", Label: "copy the public half", Key: "c"},
			{Value: "done", Label: "done", Key: "d"},
		},
		Then: func(a ui.Answer) (ui.Action, tea.Cmd) {
			if a.Value == "copy" {
				return nil, p.copyText(public+"\n", "The public half was copied.")
			}
			return nil, nil
		},
	}}, nil
}
