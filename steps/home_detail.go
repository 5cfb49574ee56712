package steps

import (
	"context"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// detail is what the pane beside the list says of one connector, read from its
// file when the cursor rests on it.
type detail struct {
	key   string
	lines []string
	// at is the time the lines count from, that of the list beside them.
	at time.Time
	// secrets are what was read of them for it, for the next one.
	secrets []model.SecretInfo
}

func (d *detail) forget() { *d = detail{} }

// lookCloser reads the connector under the cursor, unless it is the one that was
// read last. What is being read for an older one is dropped.
func (h *Home) lookCloser() tea.Cmd {
	g, ok := h.selected()
	if !ok || g.Key == h.detail.key && h.list.now.Equal(h.detail.at) || h.list.remembered {
		return nil
	}
	h.detail = detail{key: g.Key, at: h.list.now}
	jobs, now, secrets := h.jobs, h.list.now, h.list.secrets
	return h.looking.Start(func(ctx context.Context) tea.Msg {
		saved, err := jobs.Library.Get(ctx, g.Key)
		if err != nil {
			return detail{key: g.Key, at: now, lines: []string{ui.Fail.Sign() + " " + sentence(err)}}
		}
		m := detail{key: g.Key, at: now, secrets: secrets}
		if m.secrets == nil {
			if m.secrets, err = jobs.Library.Secrets(ctx); err != nil {
				return detail{key: g.Key, at: now, lines: []string{ui.Fail.Sign() + " " + sentence(err)}}
			}
		}
		m.lines = detailLines(saved, model.World{Now: now, Secrets: m.secrets})
		return m
	})
}

// detailOf is the pane's text for a row: all of it once it was read, until then
// what the list knows.
func (h *Home) detailOf(row ui.Row) []string {
	g, ok := h.list.glance(row)
	if !ok {
		return nil
	}
	if h.detail.key == g.Key && h.detail.lines != nil {
		return h.detail.lines
	}
	return []string{g.Name, g.Key, "", g.URL, g.Tags}
}

// detailLines says everything about a saved connector, a paragraph a line.
func detailLines(s model.Saved, w model.World) []string {
	c := s.Connector
	out := []string{c.Name, c.ID + ", " + scopeText(c.Scope)}
	if c.Description != "" {
		out = append(out, c.Description)
	}
	out = append(out, "", c.URL, urlText(c))
	if len(c.Tags) > 0 {
		out = append(out, "Tags "+model.FormatTags(c.Tags))
	}
	out = append(out, "")
	out = append(out, secretLines(c, w)...)
	out = append(out, connectivityText(c), "")
	return append(append(out, testLines(s, w.Now)...), findingLines(c, w)...)
}

// findingLines are what the rules say of a connector, behind a blank line. What
// they say of two fields, as of one token in both places, is said once.
func findingLines(c model.Connector, w model.World) []string {
	var out []string
	for _, f := range model.ValidateConnector(c, w) {
		line := findingMark(f).Sign() + " " + strings.TrimSpace(f.Message+" "+f.Fix)
		if out == nil {
			out = append(out, "")
		}
		if !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	return out
}

// findingMark is the mark of a finding's severity.
func findingMark(f model.Finding) ui.Mark {
	switch f.Severity {
	case model.SeverityError:
		return ui.Fail
	case model.SeverityWarning:
		return ui.Warn
	case model.SeverityHint:
	}
	return ui.Skip
}

func scopeText(s model.Scope) string {
	switch {
	case s.Project != "":
		return "project " + s.Org + "/" + s.Project
	case s.Org != "":
		return "organisation " + s.Org
	}
	return "account"
}

// urlText is what the address is for.
func urlText(c model.Connector) string {
	text := "One repository"
	if c.URLType == model.URLAccount {
		text = "Every repository of the account"
	}
	if c.ConnectionType == model.SSH {
		text += " over SSH"
	} else {
		text += " over HTTP"
	}
	if c.TestRepository != "" {
		text += ", tested with " + c.TestRepository
	}
	return text
}

// secretLines are the references of a connector, each with what is known of the
// secret behind it. No value is read.
func secretLines(c model.Connector, w model.World) []string {
	var out []string
	if login := c.Username.Plain; login != "" {
		out = append(out, "Signs in as "+login)
	}
	for _, ref := range c.SecretRefs() {
		line := "Secret " + string(ref)
		name, err := ref.Name(c.Scope)
		info, known := w.SecretInfo(name)
		switch {
		case err != nil || !known:
			line += ", not known on this machine"
		case info.Expires.IsZero():
			line += ", " + model.KindLabel(info.Kind) + " in " + placeWord(info.Where)
		default:
			day := info.Expires.Format(time.DateOnly)
			line += ", " + model.KindLabel(info.Kind) + " in " + placeWord(info.Where) + ", ends " + day + " (" + daysAside(day, w.Now) + ")"
		}
		out = append(out, line)
	}
	method := "API access " + shortMethod(c.API.Method)
	if !c.API.On() {
		method = "API access off"
	} else if c.API.Email.Plain != "" {
		method += " as " + c.API.Email.Plain
	} else if c.API.Username.Plain != "" {
		method += " as " + c.API.Username.Plain
	}
	return append(out, method)
}

// connectivityText is the way Harness goes.
func connectivityText(c model.Connector) string {
	switch {
	case c.Mode != model.ModeDelegate:
		return "Through the Harness platform"
	case len(c.Selectors) == 0:
		return "Through any delegate"
	}
	return "Through a delegate tagged " + strings.Join(c.Selectors, ", ")
}

// testLines are the last test and what it found.
func testLines(s model.Saved, now time.Time) []string {
	if s.LastTest == nil {
		return []string{ui.Skip.Sign() + " Never tested"}
	}
	g := flow.Glance{Verdict: s.LastTest.Verdict, Tested: s.LastTest.At}
	out := []string{lastTestWords(&g, now)}
	if s.LastTest.What != "" {
		out = append(out, s.LastTest.What, s.LastTest.Code)
	}
	return out
}

// lastTestWords is the last test in a sentence with its mark.
func lastTestWords(g *flow.Glance, now time.Time) string {
	words := map[model.Verdict]string{
		model.VerdictPass: "Passed", model.VerdictWarn: "Passed with a remark", model.VerdictFail: "Failed", model.VerdictUnreachable: "Not reached from here",
	}
	return markOf(g.Verdict).Sign() + " " + words[g.Verdict] + " " + ago(now, g.Tested)
}
