package steps

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/model"
	"bbconnect/ui"
)

// hostKey accepts the key a server shows. A key that takes another one's place is
// asked about once more, both fingerprints side by side: this is what somebody in
// between would want to be accepted.
func (m remedies) hostKey(p *model.Problem) ui.Key {
	host := *p.HostKey
	accept := func(ctx context.Context) remedyDone {
		return remedyDone{err: m.jobs.Library.AcceptHostKey(ctx, host), again: true}
	}
	if p.Code != "ssh.host-key-changed" {
		return m.work("a", "accept this host key", accept)
	}
	d := ui.Confirm("host-key", "Accept another key of "+host.Address+"?", changedKey(host), "accept the new key", "keep the old key")
	d.Then = func(a ui.Answer) (ui.Action, tea.Cmd) {
		if a.Value != "yes" {
			return nil, nil
		}
		return nil, m.accept.Start(func(ctx context.Context) tea.Msg { return accept(ctx) })
	}
	return ui.Key{Keys: []string{"a"}, Does: "accept the new key", Press: func() (ui.Action, tea.Cmd) { return ui.Ask{Dialog: d}, nil }}
}

// changedKey sets the keys that are known and the one that is shown below each
// other, a line for each fingerprint so that they can be compared by eye.
func changedKey(k model.HostKey) string {
	var lines []string
	for _, old := range k.Known {
		lines = append(lines, "Until now, "+old.Type+":", old.Fingerprint)
	}
	lines = append(lines, "Now, "+k.Type+":", k.Fingerprint)
	return strings.Join(append(lines, "Only if the administrator says that it was renewed."), "\n")
}
