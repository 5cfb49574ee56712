package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

type secretMove struct {
	to          string
	all, dryRun bool
}

func newSecretMove(a *app) *cobra.Command {
	var f secretMove
	c := &cobra.Command{
		Use: "move [REF…] --to keyring|vault", Short: "Move values between the keyring and the vault", Args: cobra.ArbitraryArgs,
		Long: `Move the values of named secrets between the keyring of this system and the
encrypted vault. Each is stored in the new place, read back, and only then deleted
in the old one; connectors name secrets and notice nothing. An SSH credential is
moved with its key and passphrase. What is asked each time, or printed by a command,
has nothing to move. After a kill the same command finishes what was begun.`,
		Example: `  bbconnect secret move account.bb_token --to vault
  bbconnect secret move --all --to keyring
  bbconnect secret move --all --to vault --dry-run`,
		ValidArgsFunction: a.completeRefs,
		RunE:              func(c *cobra.Command, args []string) error { return a.runSecretMove(c.Context(), args, f) },
	}
	fl := c.Flags()
	fl.StringVar(&f.to, "to", "", "where the values go: keyring or vault")
	fl.BoolVar(&f.all, "all", false, "every named secret")
	fl.BoolVar(&f.dryRun, "dry-run", false, "say what would be moved and change nothing")
	complete(c, map[string]completer{"to": choices(string(model.WhereKeyring), string(model.WhereVault))})
	return c
}

// movedJSON is one secret of a move. Problem says why its value is in the old place
// too.
type movedJSON struct {
	Ref     model.SecretRef  `json:"ref"`
	Name    model.SecretName `json:"name"`
	From    model.Where      `json:"from"`
	To      model.Where      `json:"to"`
	State   flow.MoveState   `json:"state"`
	Problem *model.Problem   `json:"problem,omitempty"`
}

func (a *app) runSecretMove(ctx context.Context, refs []string, f secretMove) error {
	to := model.Where(f.to)
	if to != model.WhereKeyring && to != model.WhereVault {
		return usage("Write --to keyring or --to vault.", "Where shall the values go?")
	}
	if err := a.connect(); err != nil {
		return err
	}
	names, err := a.someOrAll(refs, f.all)
	if err != nil {
		return err
	}
	var moved []flow.MovedSecret
	if f.dryRun {
		moved, err = a.jobs.PlanMove(ctx, names, to)
		for _, m := range moved {
			a.tellMoved(m, true)
		}
	} else {
		moved, err = a.jobs.MoveSecrets(a.asking(ctx), names, to, func(m flow.MovedSecret, _ int) { a.tellMoved(m, false) })
	}
	if err != nil {
		return a.moveWays(err, moved)
	}
	if !f.dryRun && f.all {
		a.tell(a.errOut, "", fmt.Sprintf("New secrets go where they went before; --keystore %s of new, edit and secret set changes that.", to))
	}
	if !a.json {
		return nil
	}
	view := []movedJSON{}
	for _, m := range moved {
		view = append(view, movedJSON{Ref: m.Info.Name.Ref(), Name: m.Info.Name, From: m.From, To: m.To, State: m.State, Problem: m.Left})
	}
	return a.writeJSON(view)
}

// moveWays adds to a problem how many were moved before it.
func (a *app) moveWays(err error, moved []flow.MovedSecret) error {
	n := 0
	for _, m := range moved {
		if m.State == flow.MoveDone {
			n++
		}
	}
	p, ok := model.AsProblem(err)
	if !ok || n == 0 {
		return err
	}
	copied := *p
	copied.Cause = err
	copied.Fix += fmt.Sprintf(" %s before it moved; the same command goes on from there.", countOf(n, "secret"))
	return &copied
}

func (a *app) tellMoved(m flow.MovedSecret, dryRun bool) {
	ref := string(m.Info.Name.Ref())
	switch {
	case m.State == flow.MoveThere:
		a.tell(a.errOut, signNone, fmt.Sprintf("%s is in the %s already.", ref, m.To))
	case m.State == flow.MoveNothing:
		a.tell(a.errOut, signNone, ref+": nothing of it is kept here.")
	case dryRun:
		a.tell(a.errOut, "", fmt.Sprintf("Would move %s from the %s to the %s.", ref, m.From, m.To))
	default:
		a.tell(a.errOut, signPass, fmt.Sprintf("Moved %s from the %s to the %s.", ref, m.From, m.To))
	}
	if m.Left != nil {
		a.tell(a.errOut, signWarn, m.Left.What+" "+m.Left.Why+" "+m.Left.Fix)
	}
}
