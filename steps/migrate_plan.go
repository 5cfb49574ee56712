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

func migrateColumns() []ui.Column {
	return []ui.Column{
		{Title: "Secret", Min: 22, Keep: 28, Sort: ui.ByText},
		{Title: "Used by", Right: true, Min: 7, Sort: ui.ByNumber},
		{Title: "Bitbucket user", Min: 14, Drop: 1, Sort: ui.ByText},
		{Title: "New credential", Min: 18},
	}
}

// rows puts the plan into the list.
func (s *Migrate) rows() tea.Cmd {
	rows := make([]ui.Row, 0, len(s.plan.Groups))
	s.trouble = map[model.SecretName]int{}
	for _, g := range s.plan.Groups {
		s.trouble[g.Name] = len(s.troubled(g))
		var search []string
		for _, m := range g.Members {
			search = append(search, m.ID(), m.Saved.Connector.Name)
		}
		rows = append(rows, ui.Row{
			ID: string(g.Name), Search: strings.Join(search, " "), Numbers: []int64{0, int64(len(g.Members)), 0, 0},
			Cells: []string{secretTitle(g.Name), fmt.Sprint(len(g.Members)), groupUser(g), s.readyText(g)},
		})
	}
	return s.picker.SetRows(rows)
}

// groupUser is whose credential it is, and where.
func groupUser(g model.MigrationGroup) string {
	user := g.User
	if user == "" {
		user = ui.Skip.Sign()
	}
	if g.Product == model.DataCenter {
		user += " at " + g.Host
	}
	return user
}

// readyText is what the secret has to replace its value.
func (s *Migrate) readyText(g model.MigrationGroup) string {
	v, ok := s.ready[g.Name]
	if !ok && s.unverified(g.Name) {
		return ui.Skip.Sign() + " not verified"
	}
	if !ok {
		return ui.Skip.Sign() + " not yet"
	}
	mark := ui.Pass
	if warns(v.Findings) || s.trouble[g.Name] > 0 {
		mark = ui.Warn
	}
	kind := model.KindLabel(v.Replacement.Kind)
	if v.Replacement.Kind == model.KindHTTPAccessToken {
		kind = "HTTP token"
	}
	return mark.Sign() + " " + kind + endAside(v.Replacement.Expires, s.jobs.Now())
}

// endAside is how long a credential lives, behind its kind.
func endAside(day, now time.Time) string {
	if day.IsZero() {
		return ""
	}
	return fmt.Sprintf(", %d d", model.DaysLeft(day, now))
}

// replacement is what the plan counts with: the verified credential, or the
// recommended kind while there is none.
func (s *Migrate) replacement(g model.MigrationGroup) model.Replacement {
	if v, ok := s.ready[g.Name]; ok {
		return v.Replacement
	}
	return model.Replacement{Kind: g.Kinds[0], Email: g.Email}
}

// troubled are the members whose new document would not do, or perhaps not.
func (s *Migrate) troubled(g model.MigrationGroup) []model.MigrationMember {
	r := s.replacement(g)
	return slices.DeleteFunc(slices.Clone(g.Members), func(m model.MigrationMember) bool { return !warns(s.judged(g, m, r)) })
}

// judged are the findings about a member's new document. Before there is a
// credential, its email is still to be asked.
func (s *Migrate) judged(g model.MigrationGroup, m model.MigrationMember, r model.Replacement) model.Findings {
	_, there := s.ready[g.Name]
	return slices.DeleteFunc(g.Change(m, r).Findings, func(f model.Finding) bool { return !there && f.Code == "email.required" })
}

// warns reports a finding that is more than a hint.
func warns(fs model.Findings) bool {
	return slices.ContainsFunc(fs, func(f model.Finding) bool { return f.Severity != model.SeverityHint })
}

// detail is what wide windows show beside the list.
func (s *Migrate) detail(row ui.Row) []string {
	if s.plan == nil {
		return nil
	}
	g, ok := s.plan.Group(model.SecretName(row.ID))
	if !ok {
		return nil
	}
	out := []string{secretTitle(g.Name), groupLine(g)}
	if v, ok := s.ready[g.Name]; ok {
		text := ui.Pass.Sign() + " " + model.KindLabel(v.Replacement.Kind) + " verified"
		if v.User != "" {
			text += " as " + v.User
		}
		if day := v.Replacement.Expires; !day.IsZero() {
			text += ", ends " + day.Format(time.DateOnly)
		}
		out = append(out, text)
		for _, f := range v.Findings {
			out = append(out, ui.Warn.Sign()+" "+f.Message)
		}
	}
	if n := s.trouble[g.Name]; n > 0 {
		out = append(out, ui.Warn.Sign()+" "+countOf(n, "connector")+" would need something else: p shows it.")
	}
	r := s.replacement(g)
	const most = 4
	for i, m := range g.Members {
		if i == most {
			return append(out, "", fmt.Sprintf("and %d more: p shows all", len(g.Members)-most))
		}
		out = append(out, "", m.Saved.Connector.Name)
		change := g.Change(m, r)
		for _, a := range change.Answers {
			out = append(out, a.Label+": "+orNone(a.Before)+" → "+orNone(a.After))
		}
		if !change.Changed() {
			out = append(out, "Its document stays as it is.")
		}
	}
	return out
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// groupLine says in one line what a group is.
func groupLine(g model.MigrationGroup) string {
	product := "Cloud"
	if g.Product == model.DataCenter {
		product = g.Host
	}
	text := model.KindLabel(g.Old) + ", " + product + ", used by " + countOf(len(g.Members), "connector")
	if g.User != "" {
		text += ", user " + g.User
	}
	return text
}

// View draws what was found above the list.
func (s *Migrate) View(w, h int) string {
	t := s.env.Theme
	switch {
	case s.err != nil:
		p := problemOf(s.err)
		return ui.ProblemCard(t, ui.Problem{Code: p.Code, What: p.What, Why: p.Why, Fix: p.Fix, Keys: s.Keys()}, w)
	case s.waiting != nil:
		return ui.ProblemCard(t, s.waitingCard(), w)
	case s.plan == nil:
		return "\n " + t.Dim.Render("Looking at the saved connectors …")
	}
	head := s.head(w)
	if room := max(h-5, 1); len(head) > room {
		head = append(head[:room-1], "   "+t.Dim.Render("…"))
	}
	return strings.Join(head, "\n") + "\n\n" + s.picker.View(w, max(h-len(head)-1, 1))
}

// head says why this is to be done, and what nobody could look at.
func (s *Migrate) head(w int) []string {
	var out []string
	add := func(mark ui.Mark, text string) {
		for i, l := range ui.Wrap(text, min(w-4, ui.TextWidth)) {
			lead := "   "
			if i == 0 {
				lead = " " + s.env.Theme.Mark(mark) + " "
			}
			out = append(out, lead+l)
		}
	}
	switch {
	case s.rotates:
		add(ui.Info, "The new value is tested with every connector before it is the current one. The old one is kept until you confirm.")
	case len(s.plan.Groups) == 0:
		add(ui.Pass, "Nothing has to be migrated.")
	case !s.onCloud():
		add(ui.Warn, "These sign in with a person's own password. An HTTP access token takes its place, one for each secret.")
	default:
		add(appPasswordMark(s.jobs.Now()), retiredText(s.jobs.Now())+" One new credential per secret mends all that use it.")
	}
	if n := len(s.plan.Unseen); n > 0 {
		names := make([]string, n)
		for i, name := range s.plan.Unseen {
			names[i] = string(name.Ref())
		}
		add(ui.Warn, "What these hold could not be read: "+few(names)+". They may be App Passwords too.")
	}
	for _, d := range s.plan.Damaged {
		add(ui.Fail, strings.TrimSpace(d.Path+": "+d.Problem.What+" "+d.Problem.Fix))
	}
	return out
}

// onCloud reports that there are App Passwords among what is concerned, rather than
// passwords of a Data Center alone.
func (s *Migrate) onCloud() bool {
	return slices.ContainsFunc(s.plan.Groups, func(g model.MigrationGroup) bool { return g.Product != model.DataCenter })
}

func retiredText(now time.Time) string {
	if appPasswordMark(now) == ui.Fail {
		return "App Passwords are over. " + model.AppPasswordsEnded
	}
	return "App Passwords stop working after June 9, 2026."
}
