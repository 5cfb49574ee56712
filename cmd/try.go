package cmd

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"bbconnect/internal/disk"
	"bbconnect/internal/flow"
	"bbconnect/internal/probe"
	"bbconnect/internal/sandbox"
	"bbconnect/internal/store"
	"bbconnect/keystore"
	"bbconnect/model"
	"bbconnect/steps"
)

func newTry(a *app) *cobra.Command {
	var scenario string
	var list bool
	c := &cobra.Command{
		Use: "try", Short: "The whole product against a Bitbucket on this machine",
		Long: `Open the whole product against a Bitbucket Cloud and a Data Center that run on
this machine for as long as the command does. Nothing real is touched: secrets
stay in memory, files in a folder that is deleted at the end, and no connection
leaves the machine. In the wizard ctrl+k offers addresses and tokens to try.`,
		Example: "  bbconnect try\n  bbconnect try --scenario token-missing-scope\n  bbconnect try --list",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if list {
				return a.listScenarios()
			}
			return a.runTry(c.Context(), scenario)
		},
	}
	c.Flags().StringVar(&scenario, "scenario", sandbox.Healthy, "what shall be broken")
	c.Flags().BoolVar(&list, "list", false, "list the scenarios")
	_ = c.RegisterFlagCompletionFunc("scenario", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var names []string
		for _, s := range sandbox.Scenarios() {
			names = append(names, s.Name+"\t"+s.Title)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	})
	return c
}

func (a *app) listScenarios() error {
	tw := tabwriter.NewWriter(a.out, 0, 8, 3, ' ', 0)
	for _, s := range sandbox.Scenarios() {
		fmt.Fprintf(tw, "%s\t%s\n", s.Name, s.Title)
	}
	return tw.Flush()
}

func (a *app) runTry(ctx context.Context, scenario string) (err error) {
	box, err := sandbox.Start(ctx, sandbox.Options{Scenario: scenario})
	if err != nil {
		return usage("bbconnect try --list shows the scenarios.", "%s", err)
	}
	defer box.Close()
	home, err := os.MkdirTemp("", "bbconnect-try-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	a.wireTry(box, home)
	if !a.onTerminal {
		return usage("Run it on a terminal.", "try opens screens, and there is no terminal here.")
	}
	key, err := a.tryKey(ctx, box, home)
	if err != nil {
		return err
	}
	a.tellTokens(box, home)
	samples := trySamples(box, key)
	return a.runScreen(ctx, steps.NewHome(a.jobs).Offer(samples))
}

// wireTry wires the jobs to the sandbox: files in a folder of its own, secrets in
// memory, and a probe that is handed another dialer, authorities and host keys.
func (a *app) wireTry(box *sandbox.Sandbox, home string) {
	a.folders = disk.Folders{Data: filepath.Join(home, "data"), State: filepath.Join(home, "state"), Config: filepath.Join(home, "config")}
	a.store = store.Open(a.folders)
	a.jobs = &flow.Jobs{
		Library:   a.store,
		Keystores: inMemory{keystore.NewMemory(model.WhereKeyring)},
		Tester: probe.New(probe.Options{
			Dial: box.Dial, RootCAs: box.RootCAs(), KnownHosts: [][]byte{box.KnownHosts()}, Now: a.now,
		}),
		Keys: newKeyTool(), Machine: thisMachine{getenv: a.getenv}, Now: a.now,
	}
}

// inMemory keeps every secret in memory, whatever place was asked for.
type inMemory struct{ *keystore.Memory }

func (m inMemory) Keystore(model.Where) (flow.Keystore, error) { return m.Memory, nil }

// tellTokens prints the tokens before the screens open; they stay in the
// terminal's history.
func (a *app) tellTokens(box *sandbox.Sandbox, home string) {
	fmt.Fprintf(a.errOut, "A Bitbucket runs on this machine (scenario: %s). These are its tokens, worth nothing elsewhere:\n\n", box.Scenario().Name)
	for _, t := range box.Tokens() {
		fmt.Fprintf(a.errOut, "  %s: %s\n    %s\n", t.Product, t.Title, t.Secret())
	}
	fmt.Fprintf(a.errOut, "\nAddresses: https://bitbucket.org/acme/ledger and https://%s/projects/PAY/repos/ledger\n", box.DataCenterHost())
	fmt.Fprintf(a.errOut, "A private key both servers know: %s\n", tryKeyFile(home))
}

// tryKeyFile is where the key of a try run lies.
func tryKeyFile(home string) string { return filepath.Join(home, "try_key.pem") }

// tryKey makes an SSH key for the run, lets it in at both servers and leaves it
// in a file, to paste or to read.
func (a *app) tryKey(ctx context.Context, box *sandbox.Sandbox, home string) (model.Secret, error) {
	key, err := a.jobs.Keys.Generate(ctx)
	if err != nil {
		return key, err
	}
	public, err := a.jobs.Keys.Public(key, model.Secret{}, "try")
	if err != nil {
		return key, err
	}
	if err := disk.WriteFile(tryKeyFile(home), []byte(key.Reveal())); err != nil {
		return key, err
	}
	return key, box.AuthorizeKey(sandbox.Key{Line: public, User: "jdoe"})
}

// trySamples are what ctrl+k offers.
func trySamples(box *sandbox.Sandbox, key model.Secret) []steps.Sample {
	out := []steps.Sample{
		{Field: model.QURL, Label: "Cloud, one repository", Value: model.NewSecret("https://bitbucket.org/acme/ledger/src/main/")},
		{Field: model.QURL, Label: "Cloud, the whole account", Value: model.NewSecret("https://bitbucket.org/acme/")},
		{Field: model.QURL, Label: "Cloud over SSH", Value: model.NewSecret("git@bitbucket.org:acme/ledger.git")},
		{Field: model.QURL, Label: "Data Center, a browser page", Value: model.NewSecret("https://" + box.DataCenterHost() + "/projects/PAY/repos/ledger/browse")},
		{Field: model.QURL, Label: "Data Center over SSH", Value: model.NewSecret("ssh://git@" + box.DataCenterHost() + ":7999/PAY/ledger.git")},
		{Field: model.QTestRepository, Label: "ledger.git, which exists", Value: model.NewSecret("ledger.git"), Product: model.Cloud},
		{Field: model.QAPIEmail, Label: "Jane Doe's email", Value: model.NewSecret("jdoe@acme-corp.com")},
		{Field: model.QUsername, Label: "Jane Doe's username", Value: model.NewSecret("jdoe")},
		{Field: model.QSSHKey, Label: "a key both servers know", Value: key},
	}
	for _, name := range []sandbox.TokenName{
		sandbox.TokenAPI, sandbox.TokenAPIReadOnly, sandbox.TokenAPINoScopes, sandbox.TokenAPIExpired, sandbox.TokenWorkspace,
		sandbox.TokenRepository, sandbox.TokenAppPassword, sandbox.TokenDC, sandbox.TokenDCRead, sandbox.TokenDCExpired,
	} {
		t, _ := box.Token(name)
		for _, field := range []model.QuestionID{model.QPassword, model.QAPIToken} {
			out = append(out, steps.Sample{Field: field, Product: model.Product(t.Product), Label: t.Title, Value: model.NewSecret(t.Secret())})
		}
	}
	return out
}
