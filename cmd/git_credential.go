package cmd

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"bbconnect/model"
)

// newGitCredential is git's credential helper.
func newGitCredential(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "git-credential get|store|erase", Short: "Answer git with the credentials of saved connectors",
		Long: `Answer git with the credentials of saved connectors, so that git clone works with
nothing but the saved connector. This is git's credential helper protocol: git
runs the command and writes to it. To have git ask it for Bitbucket Cloud:

  git config --global --replace-all credential.https://bitbucket.org.helper ""
  git config --global --add credential.https://bitbucket.org.helper '!bbconnect git-credential'
  git config --global credential.https://bitbucket.org.useHttpPath true

The first line keeps other helpers, and their older passwords, away from this
host. The last one has git say which repository it means, so that each workspace
and repository gets its own connector's credential. For Data Center write the
server's address in the place of https://bitbucket.org.

The closest connector answers: the repository's own, then the workspace's, then
one of the whole host. Nothing is answered for hosts no connector is for, for a
credential that has expired, and for one that was refused before; nobody is
asked for anything, and no network is used. When a server refuses a credential,
git says erase: its connectors are marked as failed, and nothing is deleted.
bbconnect test takes the mark away. store does nothing.`,
		Example: `  printf 'protocol=https\nhost=bitbucket.org\npath=acme/ledger.git\n\n' | bbconnect git-credential get
  bbconnect git-credential erase < request.txt`,
		Args: cobra.ExactArgs(1), ValidArgs: []string{"get", "store", "erase"},
		RunE: func(c *cobra.Command, args []string) error { return a.runGitCredential(c.Context(), args[0]) },
	}
}

// runGitCredential is one call of the helper. An action nobody here knows is no
// error: git's documentation keeps room for later ones (gitcredentials, Custom
// Helpers). Nor is a request that cannot be answered: git asks its next helper.
func (a *app) runGitCredential(ctx context.Context, action string) error {
	req, err := a.readGitRequest(ctx)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil || (action != "get" && action != "erase") || a.connect() != nil:
		return nil
	case action == "erase":
		_, _ = a.jobs.EraseGitCredential(ctx, req) // git neither waits for the answer nor shows it
		return nil
	}
	answer, why := a.jobs.GitCredential(ctx, req)
	if why != nil {
		a.tell(a.errOut, signWarn, "bbconnect: "+why.What+" "+why.Fix)
		for _, line := range why.Commands {
			a.tell(a.errOut, "", line)
		}
	}
	if _, err := answer.WriteTo(a.out); err != nil && !errors.Is(err, model.ErrGitRequest) {
		return err
	}
	return nil
}

// readGitRequest reads what git writes, until the command is broken off.
func (a *app) readGitRequest(ctx context.Context) (model.GitRequest, error) {
	type read struct {
		req model.GitRequest
		err error
	}
	done := make(chan read, 1)
	// A read of a pipe cannot be broken off; the goroutine ends with the process.
	go func() {
		req, err := model.ReadGitRequest(a.in)
		done <- read{req, err}
	}()
	select {
	case <-ctx.Done():
		return model.GitRequest{}, ctx.Err()
	case r := <-done:
		return r.req, r.err
	}
}
