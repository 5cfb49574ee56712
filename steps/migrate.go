package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// Migrate is the plan of a migration off App Passwords, or of the rotation of one
// secret: what is concerned, by secret; a new credential for each; and the way to
// the run. Nothing is changed here.
type Migrate struct {
	jobs *flow.Jobs
	// finds makes the plan, with documents that stand elsewhere; rotates says that it
	// is for one secret.
	finds   func(context.Context, []model.MigrationMember) (model.MigrationPlan, error)
	rotates bool
	// reads finds documents that stand elsewhere, nil where there is no such way;
	// outside are those that were found.
	reads   Folder
	outside folderRead

	samples offers

	env    ui.Env
	picker *ui.Picker
	task   *ui.Task
	// plan is what was found, nil until it came; waiting a migration that has to be
	// ended before another can begin.
	plan    *model.MigrationPlan
	waiting *model.MigrationRecord
	err     error
	// ready are the new credentials that were verified, by secret. They live in
	// memory alone until the run begins.
	ready map[model.SecretName]flow.Verified
	// typed is what the forms held that were left without verifying, by secret.
	typed map[model.SecretName]typedToken
	// trouble counts, by secret, the connectors that would need something else. It is
	// found out when the rows are made: the list is drawn for every key.
	trouble map[model.SecretName]int
	// begun is set by the run: what was planned is then no longer so.
	begun bool
}

// NewMigrate plans the way off App Passwords for the saved connectors of some keys,
// or for all without any.
func NewMigrate(jobs *flow.Jobs, keys []string) *Migrate {
	return &Migrate{jobs: jobs, ready: map[model.SecretName]flow.Verified{}, typed: map[model.SecretName]typedToken{}, finds: func(ctx context.Context, documents []model.MigrationMember) (model.MigrationPlan, error) {
		wanted := slices.Clone(keys)
		if len(keys) > 0 {
			for _, m := range documents {
				wanted = append(wanted, m.ID())
			}
		}
		return jobs.PlanMigration(ctx, wanted, documents)
	}}
}

// NewRotation plans another value for one secret, of the same kind.
func NewRotation(jobs *flow.Jobs, name model.SecretName) *Migrate {
	return &Migrate{jobs: jobs, rotates: true, ready: map[model.SecretName]flow.Verified{}, typed: map[model.SecretName]typedToken{}, finds: func(ctx context.Context, _ []model.MigrationMember) (model.MigrationPlan, error) {
		return jobs.PlanRotation(ctx, name)
	}}
}

// Offer makes the forms for new credentials offer samples.
func (s *Migrate) Offer(samples []Sample) *Migrate {
	s.samples = samples
	return s
}

// planned is the plan, or what stands in its way.
type planned struct {
	plan    model.MigrationPlan
	waiting *model.MigrationRecord
	err     error
}

// Enter makes the plan; coming back from a token's form does not.
func (s *Migrate) Enter(env ui.Env) tea.Cmd {
	s.env, s.task = env, env.NewTask()
	if s.picker == nil {
		s.picker = ui.NewPicker(env, migrateColumns())
		s.picker.Does, s.picker.Empty, s.picker.Detail = "new credential", "No connector uses an App Password.", s.detail
	}
	if s.plan != nil && !s.begun {
		return s.rows()
	}
	s.forget()
	return s.load()
}

// load looks for an unfinished migration first: a second one cannot begin.
func (s *Migrate) load() tea.Cmd {
	jobs, finds, outside := s.jobs, s.finds, s.outside
	return s.task.Stream(func(j ui.Job) tea.Msg {
		ctx := flow.WithAsker(j.Context, dialogAsker(j, true))
		record, there, err := jobs.UnfinishedMigration(ctx)
		if err != nil || there {
			return planned{waiting: &record, err: err}
		}
		plan, err := finds(ctx, outside.documents)
		plan.Damaged = append(plan.Damaged, outside.damaged...)
		return planned{plan: plan, err: err}
	})
}

// Leave forgets the new credentials.
func (s *Migrate) Leave() { s.forget() }

func (s *Migrate) forget() {
	clear(s.ready)
	clear(s.typed)
	s.plan, s.waiting, s.err, s.begun = nil, nil, nil, false
	s.outside = folderRead{}
}

// Capturing reports whether the filter is being typed.
func (s *Migrate) Capturing() bool { return s.picker != nil && s.picker.Filtering() }

// Frame counts what is concerned.
func (s *Migrate) Frame() ui.Frame {
	f := ui.Frame{Name: "Migrate", Subject: "off App Passwords"}
	if s.waiting != nil && s.err == nil {
		if s.waiting.Purpose == model.PurposeRotation {
			f.Name, f.Subject = "Rotate", rotatedSecret(*s.waiting)
		}
		return f
	}
	if s.rotates {
		f.Name, f.Subject = "Rotate", ""
		if s.plan != nil {
			f.Subject = secretTitle(s.plan.Groups[0].Name)
		}
	}
	if s.plan != nil && len(s.plan.Groups) > 0 {
		if !s.rotates && !s.onCloud() {
			f.Subject = "off passwords"
		}
		f.Note = countOf(s.plan.Members(), "connector") + ", " + countOf(len(s.plan.Groups), "secret")
	}
	if n := s.pasted(); n > len(s.ready) {
		f.Unsaved = "The new credentials are not stored yet."
	} else if n > 0 {
		f.Unsaved = "The new credentials are verified and not stored yet."
	}
	return f
}

// Update takes the plan, and keys.
func (s *Migrate) Update(msg tea.Msg) (ui.Action, tea.Cmd) {
	switch m := msg.(type) {
	case planned:
		return s.take(m)
	case folderRead:
		return s.takeFolder(m)
	}
	if !s.Capturing() {
		if action, cmd, done := ui.Press(s.Keys(), msg); done {
			return action, cmd
		}
	}
	if s.plan == nil {
		return nil, nil
	}
	event, cmd := s.picker.Update(msg)
	if event == ui.PickerChosen {
		s.picker.Rest()
		return s.open()
	}
	return nil, cmd
}

// take shows a plan. That of a rotation has one secret, and its form comes at once.
func (s *Migrate) take(m planned) (ui.Action, tea.Cmd) {
	s.waiting, s.err = m.waiting, m.err
	if m.err != nil || m.waiting != nil {
		return nil, nil
	}
	before := s.plan
	s.plan = &m.plan
	s.keepReady(before)
	cmd := s.rows()
	if s.rotates {
		action, next := s.open()
		return action, tea.Batch(cmd, next)
	}
	return nil, cmd
}

// group is the one under the cursor.
func (s *Migrate) group() (model.MigrationGroup, bool) {
	if s.plan == nil || s.picker == nil {
		return model.MigrationGroup{}, false
	}
	row, ok := s.picker.Selected()
	if !ok {
		return model.MigrationGroup{}, false
	}
	return s.plan.Group(model.SecretName(row.ID))
}

// open asks for the new credential of the selected secret.
func (s *Migrate) open() (ui.Action, tea.Cmd) { return s.openWith("") }

// openWith is open for a kind of credential, "" for the recommended one.
func (s *Migrate) openWith(kind model.CredentialKind) (ui.Action, tea.Cmd) {
	g, ok := s.group()
	if !ok {
		return nil, nil
	}
	if g.Info.Where == model.WhereAsk {
		why := "It is asked each time and stored nowhere: give the new value when you are asked. Connectors that still say App Password are changed under e edit."
		return ui.Ask{Dialog: ui.Message(ui.Info, secretTitle(g.Name), why)}, nil
	}
	return ui.Push{Screen: newMigrateToken(s, g, kind)}, nil
}

// Keys are those of the list, and the way on.
func (s *Migrate) Keys() []ui.Key {
	back := ui.Key{Keys: []string{"esc"}, Does: "back", Press: s.back}
	switch {
	case s.err != nil:
		return []ui.Key{{Keys: []string{"r"}, Does: "try again", Press: func() (ui.Action, tea.Cmd) { return nil, s.load() }}, back}
	case s.waiting != nil:
		return []ui.Key{{Keys: []string{"enter"}, Does: "look at it", Press: s.resume}, back}
	case s.plan == nil:
		return []ui.Key{back}
	case len(s.plan.Groups) == 0:
		return append(s.folderKeys(), back)
	case s.picker.Filtering():
		return s.picker.Keys()
	}
	apply := ui.Key{Keys: []string{"a"}, Does: "apply", Press: s.askApply}
	if len(s.ready) == 0 {
		apply.Off = "there is no new credential yet"
	}
	keys := append(s.picker.Keys(), ui.Key{Keys: []string{"p"}, Does: "preview", Press: s.preview}, apply)
	if s.pasted() > 0 {
		keys = append(keys, ui.Key{Keys: []string{"x"}, Does: "forget the credential", Rank: 2, Press: s.drop})
	}
	keys = append(keys, s.folderKeys()...)
	if !takesEsc(keys) {
		keys = append(keys, back)
	}
	return keys
}

// back asks before new credentials are forgotten.
func (s *Migrate) back() (ui.Action, tea.Cmd) {
	n := s.pasted()
	if n == 0 {
		return ui.Back{}, nil
	}
	d := ui.Confirm("leave", "Leave without applying", "Nothing was changed. "+countOf(n, "new credential")+" would have to be pasted again.", "leave", "stay")
	d.Then = func(a ui.Answer) (ui.Action, tea.Cmd) {
		if a.Value != "yes" {
			return nil, nil
		}
		return ui.Back{}, nil
	}
	return ui.Ask{Dialog: d}, nil
}

// drop forgets the selected secret's new credential.
func (s *Migrate) drop() (ui.Action, tea.Cmd) {
	g, ok := s.group()
	if _, there := s.ready[g.Name]; !ok || !there && !s.unverified(g.Name) {
		return nil, nil
	}
	delete(s.ready, g.Name)
	delete(s.typed, g.Name)
	return ui.Notify{Text: "The new credential of " + secretTitle(g.Name) + " was forgotten.", Mark: ui.Info}, s.rows()
}

// resume opens the migration that waits.
func (s *Migrate) resume() (ui.Action, tea.Cmd) {
	return ui.Push{Screen: newMigrateRun(s.jobs, s, func(ctx context.Context, _ func(flow.Step)) (*flow.Migrating, error) {
		return s.jobs.ResumeMigration(ctx)
	}, false)}, nil
}

// askApply says what comes before it begins, on top of this screen.
func (s *Migrate) askApply() (ui.Action, tea.Cmd) {
	return s.asksApply(func(run ui.Screen) ui.Action { return ui.Push{Screen: run} })
}

// asksApply is askApply for a screen that goes on in a way of its own.
func (s *Migrate) asksApply(on func(ui.Screen) ui.Action) (ui.Action, tea.Cmd) {
	members, troubled := map[string]bool{}, 0
	for _, g := range s.plan.Groups {
		if _, ok := s.ready[g.Name]; !ok {
			continue
		}
		troubled += s.trouble[g.Name]
		for _, m := range g.Members {
			members[m.ID()] = true
		}
	}
	text := []string{"Each connector is tested with its new value first. The old values are kept until you confirm; until then all of it can be undone."}
	if n := len(s.plan.Groups) - len(s.ready); n > 0 {
		text = append(text, "Not touched, without a new credential yet: "+countOf(n, "secret")+".")
	}
	if troubled > 0 {
		text = append(text, countOf(troubled, "connector")+" of them may still need something else: p shows it.")
	}
	title := fmt.Sprintf("Replace %s in %s", countOf(len(s.ready), "secret"), countOf(len(members), "connector"))
	d := ui.Confirm("apply", title, strings.Join(text, "\n"), "begin", "not yet")
	d.Then = func(a ui.Answer) (ui.Action, tea.Cmd) {
		if a.Value != "yes" {
			return nil, nil
		}
		return on(s.run()), nil
	}
	return ui.Ask{Dialog: d}, nil
}

// run is the screen that applies the plan.
func (s *Migrate) run() ui.Screen {
	jobs, plan := s.jobs, *s.plan
	with := map[model.SecretName]model.Replacement{}
	for name, v := range s.ready {
		with[name] = v.Replacement
	}
	return newMigrateRun(jobs, s, func(ctx context.Context, progress func(flow.Step)) (*flow.Migrating, error) {
		return jobs.BeginMigration(ctx, plan, with, progress)
	}, true)
}
