package steps

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// tokenVerified is what verifying found out, before it ends.
type tokenVerified struct{ verified flow.Verified }

// check verifies the credential for the first secret of checking. Nothing is
// changed by it.
func (p *migrateToken) check() tea.Cmd {
	p.verified = nil
	jobs, group, r := p.jobs, p.checking[0], p.replacement()
	task := p.run.task
	p.run.reset()
	return tea.Batch(p.run.ticking(), task.Stream(func(j ui.Job) tea.Msg {
		ctx := flow.WithAsker(j.Context, dialogAsker(j, true))
		v, err := jobs.VerifyReplacement(ctx, group, r, func(c model.Check) { j.Emit(checkReport{c}) })
		if err == nil {
			j.Emit(tokenVerified{v})
		}
		return testEnded{result: v.Result, err: err}
	}))
}

// updateRun takes what the run says, and its keys.
func (p *migrateToken) updateRun(msg tea.Msg) (ui.Action, tea.Cmd) {
	if cmd, mine := p.run.take(msg); mine {
		if _, over := msg.(testEnded); over && p.verified != nil && !warns(p.verified.Findings) {
			action, next := p.accept()
			return action, tea.Batch(cmd, next)
		}
		return nil, cmd
	}
	if done, ok := msg.(remedyDone); ok {
		return done.notice(), nil
	}
	if action, cmd, done := ui.Press(p.runKeys(), msg); done {
		return action, cmd
	}
	p.run.scroll.Update(msg)
	return nil, nil
}

// runKeys stop the run, lead back to the form, or take what was verified.
func (p *migrateToken) runKeys() []ui.Key {
	back := ui.Key{Keys: []string{"esc"}, Does: "back to the form", Press: p.backToForm}
	if p.run.running() {
		back.Does = "stop"
		return []ui.Key{back}
	}
	var keys []ui.Key
	switch trouble := p.run.trouble(); {
	case p.verified != nil:
		keys = append(keys, ui.Key{Keys: []string{"enter"}, Does: "take it all the same", Press: p.accept})
	case trouble != nil:
		keys = append(keys, ui.Key{Keys: []string{"e"}, Does: mendWord(trouble.Field), Press: func() (ui.Action, tea.Cmd) { return p.mend(trouble) }})
		if page := p.pageOf(trouble); page != "" {
			keys = append(
				keys,
				ui.Key{Keys: []string{"o"}, Does: "open the token page", Press: func() (ui.Action, tea.Cmd) { return nil, p.openPage(page) }},
				ui.Key{Keys: []string{"y"}, Does: "copy its address", Rank: 1, Press: func() (ui.Action, tea.Cmd) { return nil, p.copyText(page, "Copied "+page) }},
			)
		}
		if p.tooOldFor(trouble) {
			keys = append(keys, ui.Key{Keys: []string{"k"}, Does: "use an access token instead", Press: p.useAccessToken})
		}
		keys = append(keys, ui.Key{Keys: []string{"r"}, Does: "verify again", Press: func() (ui.Action, tea.Cmd) { return nil, p.check() }})
	}
	return append(append(keys, p.run.keys()...), back)
}

func mendWord(field model.QuestionID) string {
	switch field {
	case model.QAPIEmail:
		return "mend the email"
	case model.QPassword, model.QAPIToken:
		return "paste another one"
	}
	return "back to the form"
}

// pageOf is where a problem is mended at Bitbucket.
func (p *migrateToken) pageOf(problem *model.Problem) string {
	if problem.Page != "" || p.kind == model.KindSSHKey {
		return problem.Page
	}
	return p.group.Page(p.kind)
}

// tooOldFor reports a delegate that is too old for the chosen kind, where an access
// token would do.
func (p *migrateToken) tooOldFor(problem *model.Problem) bool {
	return problem.Code == "api.delegate-version" && p.kind != model.KindAccessToken && slices.Contains(p.group.Kinds, model.KindAccessToken)
}

func (p *migrateToken) useAccessToken() (ui.Action, tea.Cmd) {
	p.kind, p.value = model.KindAccessToken, model.Secret{}
	return p.backToForm()
}

// mend leads to the email where a problem is about that, else to the credential: one
// that has ended is not mended by another day.
func (p *migrateToken) mend(problem *model.Problem) (ui.Action, tea.Cmd) {
	action, cmd := p.backToForm()
	if problem.Field == model.QAPIEmail {
		p.form.Jump(fieldEmail)
	}
	return action, cmd
}

// backToForm ends the run, with the focus where another credential is pasted: never in
// a field that would show it. With a secret healed already, the rest is left.
func (p *migrateToken) backToForm() (ui.Action, tea.Cmd) {
	p.run.cancel()
	healed := p.checking[0].Name != p.group.Name
	p.checking, p.verified = nil, nil
	p.form.Refresh()
	p.form.Jump(fieldValue)
	if healed {
		return ui.Back{}, nil
	}
	return nil, nil
}

// accept gives what was verified to the plan, and goes on with the next secret of
// the same account, or asks about those first.
func (p *migrateToken) accept() (ui.Action, tea.Cmd) {
	first := p.checking[0].Name == p.group.Name
	p.of.ready[p.checking[0].Name] = *p.verified
	delete(p.of.typed, p.checking[0].Name)
	p.accepted = true
	user := p.verified.User
	p.checking = p.checking[1:]
	if len(p.checking) > 0 {
		return nil, p.check()
	}
	if others := p.sameAccount(); first && len(others) > 0 {
		return p.askOthers(others), nil
	}
	said := "Verified."
	if user != "" {
		said = "Verified as " + user + "."
	}
	return ui.Do{ui.Back{}, ui.Notify{Text: said + " Nothing was changed yet: a applies it.", Mark: ui.Pass}}, nil
}

// sameAccount are the other secrets that the same credential can heal.
func (p *migrateToken) sameAccount() []model.MigrationGroup {
	if p.kind == model.KindSSHKey {
		return nil
	}
	var out []model.MigrationGroup
	for _, g := range p.of.plan.Groups {
		if _, there := p.of.ready[g.Name]; !there && g.Name != p.group.Name && p.group.SameAccount(g) && slices.Contains(g.Kinds, p.kind) && g.Info.Where != model.WhereAsk {
			out = append(out, g)
		}
	}
	return out
}

func (p *migrateToken) askOthers(others []model.MigrationGroup) ui.Action {
	names := make([]string, len(others))
	n := 0
	for i, g := range others {
		names[i] = secretTitle(g.Name)
		n += len(g.Members)
	}
	d := ui.Dialog{
		ID: "others", Title: "One token for all of " + p.group.User, Mark: ui.Info,
		Text: strings.Join([]string{
			few(names) + " of the same user can hold the same " + model.KindLabel(p.kind) + ": " + countOf(n, "more connector") + ".",
			"It is verified for what those need, too.",
		}, "\n"),
		Choices: []ui.Choice{{Value: "all", Label: "use it for all", Key: "y"}, {Value: "one", Label: "only for " + secretTitle(p.group.Name), Key: "n"}},
	}
	d.Then = func(a ui.Answer) (ui.Action, tea.Cmd) {
		if a.Value != "all" {
			return ui.Back{}, nil
		}
		p.checking = others
		return nil, p.check()
	}
	return ui.Ask{Dialog: d}
}

// viewRun draws the checks, then what is wrong or worth knowing.
func (p *migrateToken) viewRun(w, h int) string {
	t := p.env.Theme
	if p.verified == nil || p.run.running() {
		return p.run.view(t, cardKeys(p.runKeys()), w, h)
	}
	var rows []ui.CheckRow
	for _, c := range p.run.checks {
		rows = append(rows, checkRow(c))
	}
	out := []string{ui.CheckList(t, rows, w), "", " " + t.Strong.Render("It works, and there is something to know")}
	for _, l := range ui.FindingLines(t, uiFindings(p.verified.Findings), w-2, false) {
		out = append(out, " "+l)
	}
	return p.run.scroll.View(strings.Join(out, "\n"), w, h)
}

// cardKeys are the keys that a problem's card repeats.
func cardKeys(keys []ui.Key) []ui.Key {
	return slices.DeleteFunc(slices.Clone(keys), func(k ui.Key) bool { return k.Quiet || k.Rank > 0 || k.Keys[0] == "esc" || len(k.Keys) > 1 })
}
