package steps

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/model"
	"bbconnect/ui"
)

// nameFile asks for a file with the authority's certificate and believes it for
// one host, for people who were given it rather than a fingerprint.
func (m remedies) nameFile(host string) ui.Key {
	dialog := ui.Dialog{
		ID: "ca-file", Title: "The authority's certificate for " + host,
		Text:    "A PEM file. Its certificates are kept and believed for this host alone.",
		Prompt:  &ui.Prompt{Label: "Path", Example: "e.g. ~/acme-root.pem"},
		Choices: []ui.Choice{{Value: "ok", Label: "trust it and test again"}},
		Then: func(a ui.Answer) (ui.Action, tea.Cmd) {
			path := strings.TrimSpace(a.Text)
			if a.Closed || path == "" {
				return nil, nil
			}
			return nil, m.accept.Start(func(ctx context.Context) tea.Msg {
				return remedyDone{err: m.trustFile(ctx, host, path), again: true}
			})
		},
	}
	return ui.Key{Keys: []string{"f"}, Does: "name a CA file", Press: func() (ui.Action, tea.Cmd) {
		return ui.Ask{Dialog: dialog}, nil
	}}
}

// trustFile reads a file and keeps the certificates in it for a host.
func (m remedies) trustFile(ctx context.Context, host, path string) error {
	text, err := m.jobs.Machine.ReadFile(ctx, path)
	if err != nil {
		return err
	}
	certificates := certificatesIn([]byte(text.Reveal()))
	if certificates == "" {
		return &model.Problem{
			Code: "tls.unknown-ca", What: "The file holds no certificate.", Why: "It is not in PEM format, or holds something else.",
			Fix: "Name a PEM file: its certificate begins with BEGIN CERTIFICATE.",
		}
	}
	return m.jobs.Library.TrustAuthority(ctx, model.Authority{Host: host, PEM: certificates})
}

// certificatesIn are the certificates of a PEM file and nothing else that may
// stand there, such as a private key; "" where there is none that can be read.
func certificatesIn(data []byte) string {
	var out strings.Builder
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			return out.String()
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		if _, err := x509.ParseCertificate(block.Bytes); err == nil {
			out.Write(pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes}))
		}
	}
}
