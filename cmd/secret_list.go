package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

type secretListFlags struct {
	expiring int
	unused   bool
}

func newSecretList(a *app) *cobra.Command {
	var f secretListFlags
	c := &cobra.Command{
		Use: "list", Short: "List the named secrets", Args: cobra.NoArgs,
		Long: `List the named secrets: what each is, where its value is kept, when it ends and
which connectors use it. Values are never shown. Filters add up.`,
		Example: `  bbconnect secret list
  bbconnect secret list --expiring 30
  bbconnect secret list --unused
  bbconnect secret list --json`,
		RunE: func(c *cobra.Command, _ []string) error { return a.runSecretList(c.Context(), f) },
	}
	c.Flags().IntVar(&f.expiring, "expiring", -1, "only those that end within so many days, or have ended; exits 1 when there are any")
	c.Flags().BoolVar(&f.unused, "unused", false, "only those no connector uses")
	complete(c, map[string]completer{"expiring": cobra.NoFileCompletions})
	return c
}

// keep decides whether a secret passes every filter that was given.
func (f secretListFlags) keep(s flow.NamedSecret, now time.Time) bool {
	if f.unused && len(s.UsedBy) > 0 {
		return false
	}
	if f.expiring < 0 {
		return true
	}
	return !s.Info.Expires.IsZero() && model.DaysLeft(s.Info.Expires, now) <= f.expiring
}

// secretJSON is a secret as scripts see it.
type secretJSON struct {
	Ref     model.SecretRef      `json:"ref"`
	Name    model.SecretName     `json:"name"`
	Type    model.SecretType     `json:"type"`
	Kind    model.CredentialKind `json:"kind"`
	Where   model.Where          `json:"where"`
	Length  int                  `json:"length"`
	Created string               `json:"created"`
	Expires string               `json:"expires"`
	UsedBy  []string             `json:"usedBy"`
	PartOf  model.SecretName     `json:"partOf,omitempty"`
}

func (a *app) runSecretList(ctx context.Context, f secretListFlags) error {
	if f.expiring < -1 {
		return usage("Write --expiring 30, for example.", "--expiring wants a number of days.")
	}
	if err := a.connect(); err != nil {
		return err
	}
	secrets, err := a.jobs.NamedSecrets(ctx)
	if err != nil {
		return err
	}
	shown := slices.DeleteFunc(secrets, func(s flow.NamedSecret) bool { return !f.keep(s, a.now()) })
	if f.expiring >= 0 && len(shown) == 0 && a.outFile && !a.json {
		return nil // in cron every word becomes a mail
	}
	if err := a.printSecrets(shown, f); err != nil {
		return err
	}
	if f.expiring >= 0 && len(shown) > 0 {
		return failedError{code: exitFailed}
	}
	return nil
}

func (a *app) printSecrets(shown []flow.NamedSecret, f secretListFlags) error {
	if a.json {
		rows := make([]secretJSON, 0, len(shown))
		for _, s := range shown {
			rows = append(rows, secretView(s))
		}
		return a.writeJSON(rows)
	}
	if len(shown) == 0 {
		text := "No secrets yet."
		if f != (secretListFlags{expiring: -1}) {
			text = "No such secrets."
		}
		a.tell(a.errOut, "", text)
		return nil
	}
	tw := tabwriter.NewWriter(a.out, 0, 8, 3, ' ', 0)
	fmt.Fprintln(tw, "REFERENCE\tTYPE\tKIND\tWHERE\tEXPIRES\tUSED BY")
	for _, s := range shown {
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\n", s.Info.Name.Ref(), s.Info.Type, model.KindLabel(s.Info.Kind), s.Info.Where,
			a.dash(expiryText(s.Info.Expires, a.now())), a.dash(orDash(strings.Join(s.UsedBy, ", "))))
	}
	return tw.Flush()
}

// secretView is what scripts are told of a secret. The parts of an SSH credential
// are used by whoever uses the credential.
func secretView(s flow.NamedSecret) secretJSON {
	row := secretJSON{
		Ref: s.Info.Name.Ref(), Name: s.Info.Name, Type: s.Info.Type, Kind: s.Info.Kind, Where: s.Info.Where,
		Length: s.Info.Length, UsedBy: append([]string{}, s.UsedBy...), PartOf: s.PartOf,
	}
	if !s.Info.Created.IsZero() {
		row.Created = s.Info.Created.UTC().Format(time.RFC3339)
	}
	if !s.Info.Expires.IsZero() {
		row.Expires = s.Info.Expires.Format(time.DateOnly)
	}
	return row
}

// namedSecret is one secret with its users; flow.ErrNoSecret when there is none
// of that name.
func (a *app) namedSecret(ctx context.Context, name model.SecretName) (flow.NamedSecret, error) {
	secrets, err := a.jobs.NamedSecrets(ctx)
	if err != nil {
		return flow.NamedSecret{}, err
	}
	i := slices.IndexFunc(secrets, func(s flow.NamedSecret) bool { return s.Info.Name == name })
	if i < 0 {
		return flow.NamedSecret{}, flow.ErrNoSecret
	}
	return secrets[i], nil
}
