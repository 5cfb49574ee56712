package cmd

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"bbconnect/model"
	"bbconnect/steps"
	"bbconnect/ui"
)

// unfinished is a screen that may hold a draft when the program ends.
type unfinished interface {
	ui.Screen
	Unfinished() (model.Draft, bool)
}

// runScreens opens Home full-screen.
func (a *app) runScreens(ctx context.Context) error {
	if err := a.connect(); err != nil {
		return err
	}
	return a.runScreen(ctx, steps.NewHome(a.jobs).Reads(a.documentsIn).Begin(ctx))
}

// documentsIn reads the connectors of a folder or a file that a person named on a
// screen, where no shell has written "~" out.
func (a *app) documentsIn(ctx context.Context, path string) ([]model.MigrationMember, []model.Damaged, error) {
	return a.documentsToMigrate(ctx, []string{expandHome(path)})
}

// runScreen shows a screen and keeps the draft that was left unfinished in it.
func (a *app) runScreen(ctx context.Context, first unfinished) error {
	settings, err := a.jobs.Library.Settings(ctx)
	if err != nil {
		return err
	}
	runErr := ui.Run(ctx, first, screenOptions(settings, a.getenv))
	d, open := first.Unfinished()
	if !open {
		return runErr
	}
	if a.trying {
		return runErr // the folder goes with the run
	}
	keep := context.WithoutCancel(ctx)
	if _, err := a.jobs.Library.SaveDraft(keep, d); err != nil {
		return err
	}
	fmt.Fprintln(a.errOut, "The unfinished connector is kept as a draft, without its secrets. bbconnect offers it next time.")
	return runErr
}

// screenOptions are the person's choices for the screens; BBCONNECT_THEME and
// BBCONNECT_MOUSE win over config.yaml, for one run.
func screenOptions(settings model.Settings, getenv func(string) string) ui.Options {
	return ui.Options{
		Theme:     cmp.Or(getenv("BBCONNECT_THEME"), settings.Theme),
		Withholds: model.HoldsCredential,
		Mouse:     !slices.Contains([]string{"off", "no", "false", "0"}, cmp.Or(getenv("BBCONNECT_MOUSE"), settings.Mouse)),
	}
}
