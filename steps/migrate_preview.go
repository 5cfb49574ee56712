package steps

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/model"
	"bbconnect/ui"
)

// migratePreview shows what becomes of every connector of one secret, answer by
// answer.
type migratePreview struct {
	of     *Migrate
	group  model.MigrationGroup
	env    ui.Env
	scroll *ui.Scroll
	// text is what is scrolled through, wide as many columns as it was made for.
	text string
	wide int
	// better says that an access token would do where what is planned does not.
	better bool
}

func (s *Migrate) preview() (ui.Action, tea.Cmd) {
	g, ok := s.group()
	if !ok {
		return nil, nil
	}
	return ui.Push{Screen: &migratePreview{of: s, group: g}}, nil
}

// Enter has nothing to load: the plan holds all.
func (p *migratePreview) Enter(env ui.Env) tea.Cmd {
	p.env, p.wide, p.better = env, 0, p.offersAccessToken()
	if p.scroll == nil {
		p.scroll = ui.NewScroll(env.Theme)
	}
	return nil
}

// Leave ends nothing.
func (p *migratePreview) Leave() {}

// Capturing is false: nothing is typed here.
func (p *migratePreview) Capturing() bool { return false }

// Frame names the secret.
func (p *migratePreview) Frame() ui.Frame {
	return ui.Frame{Name: "Preview", Subject: secretTitle(p.group.Name), Note: countOf(len(p.group.Members), "connector")}
}

// Keys scroll, go on, and lead to the credential that fits better.
func (p *migratePreview) Keys() []ui.Key {
	keys := p.scroll.Keys()
	if _, ready := p.of.ready[p.group.Name]; ready {
		keys = append(keys, ui.Key{Keys: []string{"a"}, Does: "apply", Press: func() (ui.Action, tea.Cmd) {
			return p.of.asksApply(func(run ui.Screen) ui.Action { return ui.Replace{Screen: run} })
		}})
	}
	if p.better {
		keys = append(keys, ui.Key{Keys: []string{"k"}, Does: "use an access token instead", Press: func() (ui.Action, tea.Cmd) {
			return ui.Replace{Screen: newMigrateToken(p.of, p.group, model.KindAccessToken)}, nil
		}})
	}
	return append(keys, ui.Key{Keys: []string{"esc", "q"}, Show: "esc", Does: "back", Press: func() (ui.Action, tea.Cmd) { return ui.Back{}, nil }})
}

// offersAccessToken reports that a delegate is too old for what is planned, and
// that an access token would do.
func (p *migratePreview) offersAccessToken() bool {
	r := p.of.replacement(p.group)
	if r.Kind == model.KindAccessToken || !slices.Contains(p.group.Kinds, model.KindAccessToken) {
		return false
	}
	return slices.ContainsFunc(p.group.Members, func(m model.MigrationMember) bool {
		return slices.ContainsFunc(p.group.Change(m, r).Findings, func(f model.Finding) bool {
			return f.Code == "api.delegate-version" && f.Severity == model.SeverityError
		})
	})
}

// Update takes keys.
func (p *migratePreview) Update(msg tea.Msg) (ui.Action, tea.Cmd) {
	if action, cmd, done := ui.Press(p.Keys(), msg); done {
		return action, cmd
	}
	p.scroll.Update(msg)
	return nil, nil
}

// View draws one paragraph for each connector; there may be hundreds, so that they
// are put together once for each width.
func (p *migratePreview) View(w, h int) string {
	if p.wide != w {
		p.text, p.wide = p.paragraphs(w), w
	}
	return p.scroll.View(p.text, w, h)
}

func (p *migratePreview) paragraphs(w int) string {
	t := p.env.Theme
	r := p.of.replacement(p.group)
	_, verified := p.of.ready[p.group.Name]
	head := "Nothing else is touched: order, comments and other keys of the documents stay."
	if !verified {
		head = "With " + kindWithArticle(r.Kind) + ", once it is there. " + head
	}
	var out []string
	for _, l := range ui.Wrap(head, min(w, ui.TextWidth)-1) {
		out = append(out, " "+t.Dim.Render(l))
	}
	out = append(out, "", " "+t.Strong.Render(secretTitle(p.group.Name)))
	out = append(out, field("Kind", model.KindLabel(p.group.Old)+" → "+model.KindLabel(r.Kind), w)...)
	out = append(out, field("Expires", dayText(p.group.Info.Expires, true)+" → "+dayText(r.Expires, verified), w)...)
	for _, m := range p.group.Members {
		change := p.group.Change(m, r)
		out = append(out, "", " "+t.Strong.Render(ui.Clean(m.Saved.Connector.Name))+"   "+t.Dim.Render(ui.Clean(m.ID())))
		for _, a := range change.Answers {
			out = append(out, answerLines(a, w)...)
		}
		if p.group.Old != model.KindSSHKey || change.Changed() {
			out = append(out, field("Secret", "value replaced, name kept", w)...)
		}
		if !change.Changed() {
			out = append(out, field("Document", "stays as it is", w)...)
		}
		for _, l := range ui.FindingLines(t, uiFindings(p.of.judged(p.group, m, r)), w-4, false) {
			out = append(out, "   "+l)
		}
	}
	return strings.Join(out, "\n")
}

// dayText is the day something ends, where that is known.
func dayText(day time.Time, known bool) string {
	switch {
	case !known:
		return "asked with the credential"
	case day.IsZero():
		return "no day known"
	}
	return day.Format(time.DateOnly)
}

// kindWithArticle is a kind in a sentence.
func kindWithArticle(k model.CredentialKind) string {
	switch k {
	case model.KindAccessToken:
		return "an access token"
	case model.KindAPIToken, model.KindHTTPAccessToken, model.KindSSHKey, model.KindAppPassword:
		return "an " + model.KindLabel(k)
	}
	return "a new value"
}

// answerLines are an answer before and after, on one line where they fit.
func answerLines(a model.AnswerChange, w int) []string {
	before, after := ui.Clean(orNone(a.Before)), ui.Clean(orNone(a.After))
	return field(a.Label, before+" → "+after, w)
}

// field is a label with its text beside it, broken where it is too long.
func field(label, text string, w int) []string {
	const column = 16
	var out []string
	for i, l := range ui.Wrap(text, max(min(w, ui.TextWidth)-column-4, 20)) {
		name := ""
		if i == 0 {
			name = label
		}
		out = append(out, "   "+fmt.Sprintf("%-*s", column, name)+l)
	}
	return out
}
