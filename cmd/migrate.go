package cmd

import (
	"context"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"bbconnect/internal/disk"
	"bbconnect/internal/flow"
	"bbconnect/model"
)

// migrateFlags are the flags of a migration and of a rotation.
type migrateFlags struct {
	files     []string
	secrets   []string
	emails    []string
	kind      string
	expires   string
	onFailure string
	report    string
	jobs      int
	dryRun    bool
	yes       bool
	resume    bool
	undo      bool
	confirm   bool
}

func newMigrate(a *app) *cobra.Command {
	f := migrateFlags{}
	c := &cobra.Command{
		Use: "migrate [ID…]", Short: "Take connectors off App Passwords, all of them or none",
		Long: `Take connectors off App Passwords. Everything that uses one is found and grouped by
secret: each secret is replaced once, under its name, and every connector that
uses it goes along. A new token is checked before anything is changed; then it is
stored beside the old one, every connector is tested with it, and one swap makes it
current. Old values are kept until you confirm. Broken off at any moment, --resume
goes on and --undo puts every byte back.

Found are the connectors that are saved here: bbconnect import takes over those of
Harness, bbconnect new makes one. With -f documents that stand elsewhere are found
and changed too. On Data Center an account's password is replaced by an HTTP access
token.

With --yes nothing is asked: tokens come from --secret, and one token serves every
secret of its user. A connector whose test fails keeps its secret's others waiting,
unless --on-failure says what becomes of it.`,
		Example: `  bbconnect migrate
  bbconnect migrate --dry-run
  bbconnect migrate --yes --email jdoe@example.com --secret account.bb_password=env:NEW_TOKEN --json
  bbconnect migrate --confirm`,
		ValidArgsFunction: a.completeConnectors,
		RunE:              func(c *cobra.Command, args []string) error { return a.runMigrate(c.Context(), args, f) },
	}
	fl := c.Flags()
	fl.StringArrayVarP(&f.files, "file", "f", nil, "documents to change as well: a file or a folder (may be repeated)")
	fl.BoolVar(&f.resume, "resume", false, "go on with a migration that was broken off")
	fl.BoolVar(&f.undo, "undo", false, "take back everything that is not confirmed")
	fl.BoolVar(&f.confirm, "confirm", false, "end the migration: old values go, and nothing can be taken back")
	f.bind(a, c)
	return c
}

// bind are the flags that a migration and a rotation share.
func (f *migrateFlags) bind(a *app, c *cobra.Command) {
	f.jobs = flow.DefaultJobs
	fl := c.Flags()
	fl.StringArrayVar(&f.secrets, "secret", nil, "the new value of a secret: ref=source, as account.bb_password=env:NEW_TOKEN (may be repeated)")
	fl.StringArrayVar(&f.emails, "email", nil, "the Atlassian account's email that goes with the new token: email, or ref=email (may be repeated)")
	fl.StringVar(&f.kind, "kind", "", "what the new value is, where it does not tell itself: api-token, access-token or http-access-token")
	fl.StringVar(&f.expires, "expires", "", "the day the new value ends, as 2027-11-21, or how long it lives: 90d, 12w, 6m, 1y")
	fl.StringVar(&f.onFailure, "on-failure", "stop", "what becomes of a connector whose test fails: stop (its secret waits), go-on (it changes all the same) or leave (it stays on the old value)")
	fl.StringVar(&f.report, "report", "", "write the report as Markdown to this file")
	fl.IntVar(&f.jobs, "jobs", f.jobs, "how many connectors to test at a time")
	fl.BoolVar(&f.dryRun, "dry-run", false, "print the plan and change nothing")
	fl.BoolVar(&f.yes, "yes", false, "do not ask")
	complete(c, map[string]completer{
		"secret": a.completeValue, "email": cobra.NoFileCompletions, "expires": cobra.NoFileCompletions, "jobs": cobra.NoFileCompletions,
		"kind":       choices(string(model.KindAPIToken), string(model.KindAccessToken), string(model.KindHTTPAccessToken)),
		"on-failure": choices("stop", string(model.DecideForce), string(model.DecideLeave)),
	})
}

func (a *app) runMigrate(ctx context.Context, ids []string, f migrateFlags) error {
	if err := f.check(len(ids) > 0); err != nil {
		return err
	}
	if err := a.connect(); err != nil {
		return err
	}
	run := &migration{app: a, flags: f}
	if f.resume || f.undo || f.confirm && len(f.secrets) == 0 {
		return run.later(ctx)
	}
	keys := make([]string, 0, len(ids))
	for _, id := range ids {
		saved, err := a.jobs.Library.Get(ctx, a.key(id))
		if err != nil {
			return err
		}
		keys = append(keys, saved.Connector.Key())
	}
	documents, damaged, err := a.documentsToMigrate(ctx, f.files)
	if err != nil {
		return err
	}
	if run.plan, err = a.jobs.PlanMigration(a.asking(ctx), keys, documents); err != nil {
		return err
	}
	run.plan.Damaged = append(run.plan.Damaged, damaged...)
	return run.all(ctx)
}

// check refuses flags that do not go together.
func (f migrateFlags) check(ids bool) error {
	later := 0
	for _, set := range []bool{f.resume, f.undo, f.confirm} {
		if set {
			later++
		}
	}
	switch {
	case f.jobs < 1:
		return usage("Write --jobs 8, for example.", "--jobs wants a number above 0.")
	case later > 1:
		return usage("Give one of them.", "--resume, --undo and --confirm exclude each other.")
	case (f.resume || f.undo) && (ids || len(f.files) > 0 || len(f.secrets) > 0):
		return usage("Give it alone.", "--resume and --undo take the migration as it was begun.")
	}
	switch f.onFailure {
	case "stop", string(model.DecideForce), string(model.DecideLeave):
	default:
		return usage("Write stop, go-on or leave.", "--on-failure takes none of that.")
	}
	switch model.CredentialKind(f.kind) {
	case "", model.KindAPIToken, model.KindAccessToken, model.KindHTTPAccessToken:
	default:
		return usage("Write api-token, access-token or http-access-token.", "--kind takes none of that.")
	}
	return nil
}

// documentsToMigrate reads documents that stand elsewhere. A folder may hold files
// that are no connectors; those are told, and passed over.
func (a *app) documentsToMigrate(ctx context.Context, files []string) ([]model.MigrationMember, []model.Damaged, error) {
	if len(files) == 0 {
		return nil, nil, nil
	}
	paths, err := documentFiles(files)
	if err != nil {
		return nil, nil, err
	}
	var out []model.MigrationMember
	var damaged []model.Damaged
	for _, path := range paths {
		if path == "-" {
			return nil, nil, usage("Name files or folders.", "A document from standard input has nowhere to be written back to.")
		}
		member, err := a.store.DocumentAt(ctx, path)
		if p, ok := model.AsProblem(err); ok {
			damaged = append(damaged, model.Damaged{Path: path, Problem: p})
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		out = append(out, member)
	}
	return out, damaged, nil
}

// later goes on with a migration that was begun, takes it back, or confirms it.
func (m *migration) later(ctx context.Context) (err error) {
	a := m.app
	if m.flags.dryRun {
		return m.printUnfinished(ctx)
	}
	m.under, err = a.jobs.ResumeMigration(ctx)
	if errors.Is(err, flow.ErrNoMigration) {
		return usage("bbconnect migrate begins one.", "No migration is waiting.")
	}
	if err != nil {
		return err
	}
	defer m.under.Close()
	ctx = a.asking(ctx)
	switch {
	case m.flags.undo:
		report := m.under.Report().Undone()
		err := m.watched(func(progress func(flow.Step)) error { return m.under.Undo(ctx, progress) })
		if err != nil {
			return err
		}
		a.tell(a.errOut, signPass, "Everything is as it was before the migration.")
		return m.printReport(report)
	case m.flags.confirm:
		return m.end(ctx)
	}
	return m.onward(ctx)
}

// printUnfinished says what waits, and changes nothing.
func (m *migration) printUnfinished(ctx context.Context) error {
	record, there, err := m.app.jobs.UnfinishedMigration(ctx)
	if err != nil {
		return err
	}
	if !there {
		m.app.tell(m.app.errOut, "", "No migration is waiting.")
		return m.nothingFound()
	}
	return m.printReport(model.ReportOf(record, m.app.now()))
}

// writeReport writes the report of --report as Markdown.
func (m *migration) writeReport(r model.MigrationReport) error {
	if m.flags.report == "" {
		return nil
	}
	path := expandHome(m.flags.report)
	if err := disk.WriteInFolder(path, []byte(r.Markdown())); err != nil {
		return usage("Name a file that can be written.", "The report cannot be written: %s", clean(err.Error()))
	}
	_ = os.Chmod(path, 0o644) // a report is made to be shared; private is no harm either
	return nil
}
