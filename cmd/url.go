package cmd

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"bbconnect/model"
)

func newURL(a *app) *cobra.Command {
	var urlType, connectionType string
	c := &cobra.Command{
		Use: "url [TEXT]", Short: "Say what a pasted address means, and the right connector URL for it",
		Long: `Say what a pasted address means, and the connector URL for it. No network is
used. Without TEXT each git remote of the current checkout is explained; as JSON
that is a list.`,
		Example: `  bbconnect url "https://bitbucket.org/acme/ledger/src/main/"
  bbconnect url                 # in a git checkout: its remotes
  bbconnect url git@git.example.com/PAY/ledger.git --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			ctx := model.URLContext{URLType: model.URLType(urlType), ConnectionType: model.ConnectionType(connectionType)}
			return a.runURL(c.Context(), args, ctx)
		},
	}
	c.Flags().StringVar(&urlType, "url-type", "", "judge it for a connector of this type: Account or Repo")
	c.Flags().StringVar(&connectionType, "connection-type", "", "judge it for this connection type: http or ssh")
	complete(c, map[string]completer{
		"url-type": choices(closedValues(model.QURLType)...), "connection-type": choices(closedValues(model.QConnectionType)...),
	})
	return c
}

func (a *app) runURL(ctx context.Context, args []string, in model.URLContext) error {
	if in.URLType != "" && !slices.Contains(closedValues(model.QURLType), string(in.URLType)) {
		return usage("Choose Account or Repo.", "--url-type names no URL type.")
	}
	if in.ConnectionType != "" && !slices.Contains(closedValues(model.QConnectionType), string(in.ConnectionType)) {
		return usage("Choose http or ssh.", "--connection-type names no connection type.")
	}
	if len(args) == 0 {
		return a.explainRemotes(ctx, in)
	}
	read := model.ReadURL(args[0], in)
	if a.json {
		if err := a.writeJSON(read); err != nil {
			return err
		}
	} else {
		a.printURL(read)
	}
	return explained(read)
}

// explained is how a run over addresses ends.
func explained(reads ...model.PastedURL) error {
	if slices.ContainsFunc(reads, func(r model.PastedURL) bool { return r.Findings.HasErrors() }) {
		return failedError{code: exitFailed}
	}
	return nil
}

// remoteJSON is a remote of the checkout and what it means.
type remoteJSON struct {
	// Remote is the address as git has it, without a password.
	Remote string `json:"remote"`
	model.PastedURL
}

// explainRemotes explains every remote of the checkout, each under its own
// address.
func (a *app) explainRemotes(ctx context.Context, in model.URLContext) error {
	remotes := a.remotes(ctx)
	if len(remotes) == 0 {
		return usage("Run it in a git checkout that has a remote, or write bbconnect url https://bitbucket.org/acme/ledger, for example.",
			"There is no address to explain, and no git remote here.")
	}
	var reads []model.PastedURL
	list := []remoteJSON{}
	for _, text := range remotes {
		read := model.ReadURL(text, in)
		reads, list = append(reads, read), append(list, remoteJSON{Remote: text, PastedURL: read})
	}
	if a.json {
		if err := a.writeJSON(list); err != nil {
			return err
		}
		return explained(reads...)
	}
	for i, one := range list {
		if i > 0 {
			fmt.Fprintln(a.errOut)
		}
		a.tell(a.errOut, "", "Remote "+clean(one.Remote))
		a.printURL(one.PastedURL)
	}
	return explained(reads...)
}

// printURL writes the connector's URL for scripts, and what it means for people.
func (a *app) printURL(read model.PastedURL) {
	if read.URL != "" {
		fmt.Fprintln(a.out, read.URL)
		for _, line := range model.Describe(read.Address) {
			a.tell(a.errOut, "", line)
		}
	}
	a.printFindings(a.errOut, read.Findings)
}
