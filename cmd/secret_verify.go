package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

func newSecretVerify(a *app) *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use: "verify [REF…]", Short: "See whether the keystore still holds secrets", Args: cobra.ArbitraryArgs,
		Long: `See whether the keystore still holds the values of named secrets, and whether
they have the length that was stored. Values are read and never shown. Exits with
1 when one is gone, else with 4 when a keystore could not be used.`,
		Example: `  bbconnect secret verify account.bb_token
  bbconnect secret verify --all
  bbconnect secret verify --all --json`,
		ValidArgsFunction: a.completeRefs,
		RunE:              func(c *cobra.Command, args []string) error { return a.runSecretVerify(c.Context(), args, all) },
	}
	c.Flags().BoolVar(&all, "all", false, "every named secret")
	return c
}

// completeRefs completes any number of references.
func (a *app) completeRefs(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	return a.secretRefs(c), cobra.ShellCompDirectiveNoFileComp
}

// holdingJSON is one secret that was looked for. Length is that of the value that
// is kept.
type holdingJSON struct {
	Ref     model.SecretRef  `json:"ref"`
	Name    model.SecretName `json:"name"`
	Where   model.Where      `json:"where"`
	State   flow.HeldState   `json:"state"`
	Length  int              `json:"length"`
	Problem *model.Problem   `json:"problem,omitempty"`
}

// someOrAll are the secrets that were named, none for all of them; one of the two
// has to be said.
func (a *app) someOrAll(refs []string, all bool) ([]model.SecretName, error) {
	switch {
	case all && len(refs) > 0:
		return nil, usage("Name some, or give --all.", "--all and names exclude each other.")
	case !all && len(refs) == 0:
		return nil, usage("Name some, or give --all.", "No secret was named.")
	}
	var names []model.SecretName
	for _, ref := range refs {
		name, err := a.secretName(ref)
		if err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

func (a *app) runSecretVerify(ctx context.Context, refs []string, all bool) error {
	if err := a.connect(); err != nil {
		return err
	}
	names, err := a.someOrAll(refs, all)
	if err != nil {
		return err
	}
	done := 0
	found, err := a.jobs.VerifySecrets(a.asking(ctx), names, func(one flow.SecretHolding, total int) {
		if done++; !a.json {
			a.printHolding(one, done, total)
		}
	})
	if errors.Is(err, context.Canceled) {
		return errCancelled
	}
	if err != nil {
		return err
	}
	if a.json {
		rows := make([]holdingJSON, 0, len(found))
		for _, one := range found {
			rows = append(rows, holdingView(one))
		}
		if err := a.writeJSON(rows); err != nil {
			return err
		}
	}
	return verifyExit(found)
}

// verifyExit is how a look ends: what is gone weighs more than what nobody could
// see.
func verifyExit(found []flow.SecretHolding) error {
	code := exitDone
	for _, one := range found {
		switch {
		case one.State == flow.SecretGone:
			code = exitFailed
		case one.State == flow.SecretLocked && code == exitDone:
			code = exitKeystore
		}
	}
	if code == exitDone {
		return nil
	}
	return failedError{code: code}
}

// printHolding says of one secret what was found, and of several how far the run
// is.
func (a *app) printHolding(one flow.SecretHolding, done, total int) {
	signs := map[flow.HeldState]sign{
		flow.SecretHeld: signPass, flow.SecretDiffers: signWarn, flow.SecretGone: signFail, flow.SecretLocked: signFail, flow.SecretNowhere: signNone,
	}
	text := fmt.Sprintf("%s: %s", one.Info.Name.Ref(), holdingText(one))
	if total > 1 {
		text = fmt.Sprintf("%d of %d, %s", done, total, text)
	}
	a.tell(a.out, signs[one.State], text)
}

func holdingText(one flow.SecretHolding) string {
	switch one.State {
	case flow.SecretHeld:
		return fmt.Sprintf("held, %d characters", one.Length)
	case flow.SecretDiffers:
		return fmt.Sprintf("held, but it has %d characters instead of the %d that were stored", one.Length, one.Info.Length)
	case flow.SecretGone:
		return "gone. Store it again: bbconnect secret set " + string(one.Info.Name.Ref())
	case flow.SecretLocked:
		return "locked. " + one.Problem.What + " " + one.Problem.Fix
	}
	if one.Info.Type == model.SecretSSHKey {
		return "points to its key " + string(one.Info.File.Ref())
	}
	return "asked each time, nothing is kept"
}

func holdingView(one flow.SecretHolding) holdingJSON {
	return holdingJSON{
		Ref: one.Info.Name.Ref(), Name: one.Info.Name, Where: one.Info.Where, State: one.State, Length: one.Length, Problem: one.Problem,
	}
}
