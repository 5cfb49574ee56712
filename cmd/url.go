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
used. Without TEXT the git remotes of the current checkout are explained.`,
		Example: `  bbconnect url "https://bitbucket.org/acme/ledger/src/main/"
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
	texts := args
	if len(args) == 0 {
		texts = a.remotes(ctx)
		if len(texts) == 0 {
			return usage("Write bbconnect url https://bitbucket.org/acme/ledger, for example.", "There is no address to explain, and no git remote here.")
		}
	}
	if in.URLType != "" && !slices.Contains(closedValues(model.QURLType), string(in.URLType)) {
		return usage("Choose Account or Repo.", "--url-type names no URL type.")
	}
	if in.ConnectionType != "" && !slices.Contains(closedValues(model.QConnectionType), string(in.ConnectionType)) {
		return usage("Choose http or ssh.", "--connection-type names no connection type.")
	}
	bad := false
	for _, text := range texts {
		read := model.ReadURL(text, in)
		bad = bad || read.Findings.HasErrors()
		if err := a.printURL(read, len(texts) > 1); err != nil {
			return err
		}
	}
	if bad {
		return failedError{code: exitFailed}
	}
	return nil
}

func (a *app) printURL(read model.PastedURL, several bool) error {
	switch {
	case a.json && several:
		return a.writeJSONLine(read)
	case a.json:
		return a.writeJSON(read)
	}
	if read.URL != "" {
		fmt.Fprintln(a.out, read.URL)
		for _, line := range model.Describe(read.Address) {
			a.tell(a.errOut, "", line)
		}
	}
	a.printFindings(a.errOut, read.Findings)
	return nil
}
