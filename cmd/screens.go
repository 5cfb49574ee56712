package cmd

import (
	"context"
	"fmt"

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
	return a.runScreen(ctx, steps.NewHome(a.jobs))
}

// runScreen shows a screen and keeps the draft that was left unfinished in it.
func (a *app) runScreen(ctx context.Context, first unfinished) error {
	settings, err := a.jobs.Library.Settings(ctx)
	if err != nil {
		return err
	}
	runErr := ui.Run(ctx, first, ui.Options{Theme: settings.Theme})
	d, open := first.Unfinished()
	if !open {
		return runErr
	}
	keep := context.WithoutCancel(ctx)
	if _, err := a.jobs.Library.SaveDraft(keep, d); err != nil {
		return err
	}
	fmt.Fprintln(a.errOut, "The unfinished connector is kept as a draft, without its secrets. bbconnect offers it next time.")
	return runErr
}
