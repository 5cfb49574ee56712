package cmd

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

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
	var list, fleet bool
	c := &cobra.Command{
		Use: "try", Short: "The whole product against a Bitbucket on this machine",
		Long: `Open the whole product against a Bitbucket Cloud and a Data Center that run on
this machine for as long as the command does. Nothing real is touched: secrets
stay in memory, files in a folder that is deleted at the end, and no connection
leaves the machine.

--scenario breaks one thing, and the text before the screens says what to type to
see it; --list names the scenarios. In the wizard ctrl+k offers addresses, logins
and tokens to try, those of the scenario first.

--fleet begins with ten saved connectors of all sorts, App Passwords among them,
as a team has them after some years.`,
		Example: "  bbconnect try\n  bbconnect try --fleet\n  bbconnect try --scenario token-missing-scope\n  bbconnect try --list",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if list {
				return listScenarios(a.out)
			}
			return a.runTry(c.Context(), scenario, fleet)
		},
	}
	c.Flags().StringVar(&scenario, "scenario", sandbox.Healthy, "what shall be broken")
	c.Flags().BoolVar(&fleet, "fleet", false, "begin with ten saved connectors")
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

func (a *app) runTry(ctx context.Context, scenario string, withFleet bool) (err error) {
	if !knownScenario(scenario) {
		if err := listScenarios(a.errOut); err != nil {
			return err
		}
		return usage("bbconnect try --list shows the scenarios.", "No scenario is called %q.", scenario)
	}
	seed, err := a.stopClock()
	if err != nil {
		return err
	}
	box, err := sandbox.Start(ctx, sandbox.Options{Scenario: scenario, Seed: seed, Now: a.now})
	if err != nil {
		return err
	}
	defer box.Close()
	home, err := os.MkdirTemp("", "bbconnect-try-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	a.wireTry(box, home)
	a.trying = true
	if !a.onTerminal {
		return usage("Run it on a terminal.", "try opens screens, and there is no terminal here.")
	}
	key, err := a.jobs.Keys.Generate(ctx)
	if err != nil {
		return err
	}
	samples, err := a.prepareTry(box, home, key)
	if err != nil {
		return err
	}
	if withFleet {
		if err := a.fillFleet(ctx, box, key); err != nil {
			return err
		}
	}
	if scenario != "" && scenario != sandbox.Healthy {
		if err := a.waitForEnter(ctx, "Enter opens the screens. There ctrl+k offers addresses, logins and tokens in their fields."); err != nil {
			return err
		}
	}
	if a.plain || a.plainTerminal() {
		return a.runPlainHome(ctx)
	}
	if seed != 0 {
		samples = nil // pictures show the product, which offers nothing to try
	}
	return a.runScreen(ctx, steps.NewHome(a.jobs).Offer(samples))
}

// waitForEnter lets a text be read before screens cover it. It reads no further
// than the end of the line: what is typed ahead is for the screens.
func (a *app) waitForEnter(ctx context.Context, text string) error {
	fmt.Fprint(a.errOut, "\n"+text+" ")
	ended := make(chan error, 1)
	go func() {
		one := make([]byte, 1)
		for {
			n, err := a.in.Read(one)
			if err != nil || n == 1 && (one[0] == '\n' || one[0] == '\r') {
				ended <- err
				return
			}
		}
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return errCancelled
	}
}

// prepareTry lets the run's SSH key in, says what there is to see and to type,
// and returns what ctrl+k offers.
func (a *app) prepareTry(box *sandbox.Sandbox, home string, key model.Secret) ([]steps.Sample, error) {
	if err := a.admitTryKey(box, home, key); err != nil {
		return nil, err
	}
	tellTokens(a.errOut, box, home)
	tellScenario(a.errOut, box)
	return trySamples(box, key), nil
}

// wireTry wires the jobs to the sandbox: files in a folder of its own, secrets in
// memory, and a probe that is handed another dialer, authorities and host keys.
func (a *app) wireTry(box *sandbox.Sandbox, home string) {
	a.folders = disk.Folders{Data: filepath.Join(home, "data"), State: filepath.Join(home, "state"), Config: filepath.Join(home, "config")}
	a.store = store.Open(a.folders).WithClock(a.now)
	tester := &freshTester{
		hosts: func(ctx context.Context) []probe.KnownHosts {
			return append([]probe.KnownHosts{{Data: box.KnownHosts()}}, a.acceptedHosts(ctx)...)
		},
		make: func() *probe.Prober {
			return probe.New(probe.Options{Dial: box.Dial, RootCAs: box.RootCAs(), Proxy: box.Proxy, Now: a.now})
		},
	}
	// A test that is typed at the plain Home reaches the sandbox too, and nothing else.
	a.tester = func(*app, testFlags) flow.Tester { return tester }
	a.jobs = &flow.Jobs{
		Library: a.store, Journal: a.store, Archive: a.store,
		Keystores: inMemory{keystore.NewMemory(model.WhereKeyring)},
		Tester:    tester,
		Keys:      newKeyTool(), Machine: thisMachine{getenv: a.getenv}, Now: a.now,
	}
}

// inMemory keeps every secret in memory, whatever place was asked for.
type inMemory struct{ *keystore.Memory }

func (m inMemory) Keystore(model.Where) (flow.Keystore, error) { return m, nil }

// Describe names the place in the few columns that a list of secrets has for it.
func (inMemory) Describe() string { return "memory" }

// tryKeyFile is where the key of a try run lies.
func tryKeyFile(home string) string { return filepath.Join(home, "try_key.pem") }

// admitTryKey lets an SSH key in at both servers and leaves it in a file, to paste
// or to read.
func (a *app) admitTryKey(box *sandbox.Sandbox, home string, key model.Secret) error {
	public, err := a.jobs.Keys.Public(key, model.Secret{}, "try")
	if err != nil {
		return err
	}
	if err := disk.WriteFile(tryKeyFile(home), []byte(key.Reveal())); err != nil {
		return err
	}
	return box.AuthorizeKey(sandbox.Key{Line: public, User: "jdoe"})
}
