package cmd

import (
	"github.com/spf13/cobra"

	"bbconnect/model"
)

func newShow(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show a saved connector", Args: cobra.ExactArgs(1),
		Long: `Show a saved connector as its document, with a line about its last test and the
day its credential ends. With --json everything list says of it is shown too.`,
		Example:           "  bbconnect show payments\n  bbconnect show payments --json",
		ValidArgsFunction: a.completeOneConnector,
		RunE: func(c *cobra.Command, args []string) error {
			if err := a.connect(); err != nil {
				return err
			}
			saved, err := a.jobs.Library.Get(c.Context(), a.key(args[0]))
			if err != nil {
				return err
			}
			if a.json {
				return a.printConnectorJSON(c.Context(), saved)
			}
			data, err := a.store.Document(c.Context(), saved.Connector.Key())
			if err != nil {
				return err
			}
			// The document is shown whatever has become of the list of secrets.
			secrets, _ := a.jobs.Library.Secrets(c.Context())
			text := saved.Connector.Name + ", " + model.PointsTo(saved.Connector) + ", last test: " + a.lastTestText(saved, a.now())
			if day := model.ExpiryOf(saved.Connector, model.World{Secrets: secrets}); !day.IsZero() {
				text += ", credential ends: " + expiryText(day, a.now())
			}
			a.tell(a.errOut, "", text)
			_, err = a.out.Write(data)
			return err
		},
	}
}
