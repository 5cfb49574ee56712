package cmd

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"bbconnect/internal/disk"
	"bbconnect/internal/flow"
	"bbconnect/internal/machine"
	"bbconnect/internal/probe"
	"bbconnect/model"
)

func newDoctor(a *app) *cobra.Command {
	offline := false
	c := &cobra.Command{
		Use: "doctor", Short: "Examine what bbconnect needs of this machine",
		Long: `Examine this machine: terminal, proxy, certificate authorities, SSH, whom git
asks for credentials and where it finds old ones, the files and who may read
them, the keystore with a write, a read and a delete, and the hosts of the saved
connectors, which are asked without any credential. What does not work is told
as a live test tells it: what happened, why that is likely, and what to do.`,
		Example: `  bbconnect doctor
  bbconnect doctor --offline
  bbconnect doctor --json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.runDoctor(c.Context(), offline) },
	}
	c.Flags().BoolVar(&offline, "offline", false, "contact nobody")
	return c
}

// doctorJSON is what doctor prints with --json.
type doctorJSON struct {
	Verdict model.Verdict `json:"verdict"`
	Checks  []checkOfJSON `json:"checks"`
}

func (a *app) runDoctor(ctx context.Context, offline bool) error {
	if err := a.connect(); err != nil {
		return err
	}
	doctor := flow.Doctor{Jobs: a.jobs, Looker: looker{a}}
	if !offline {
		doctor.Reacher = a.reach(a)
	}
	report := func(c model.Check) {
		if a.json {
			return
		}
		a.printLook(c)
	}
	checks, err := doctor.Examine(ctx, report)
	if err != nil {
		return errCancelled
	}
	verdict := model.VerdictOf(checks)
	if a.json {
		doc := doctorJSON{Verdict: verdict, Checks: []checkOfJSON{}}
		for _, c := range checks {
			doc.Checks = append(doc.Checks, liveCheckJSON(c))
		}
		if err := a.writeJSON(doc); err != nil {
			return err
		}
	}
	if verdict == model.VerdictFail {
		return failedError{code: exitFailed}
	}
	return nil
}

// printLook prints one look: a line, and below it what is wrong.
func (a *app) printLook(c model.Check) {
	signs := map[model.CheckStatus]sign{model.CheckPass: signPass, model.CheckWarn: signWarn, model.CheckFail: signFail, model.CheckSkip: signNone}
	text := c.Title
	if c.Detail != "" {
		text += ": " + c.Detail
	}
	a.tell(a.out, signs[c.Status], text)
	if c.Problem != nil && c.Status != model.CheckSkip {
		a.printProblem(a.out, c.Problem)
		fmt.Fprintln(a.out)
	}
}

// looker is package machine as the doctor wants it.
type looker struct{ app *app }

// Look looks at this machine.
func (l looker) Look(ctx context.Context, settings model.Settings) []model.Check {
	a := l.app
	columns, rows := 0, 0
	if out, ok := a.out.(*os.File); ok && term.IsTerminal(int(out.Fd())) {
		columns, rows, _ = term.GetSize(int(out.Fd()))
	}
	var hosts [][]byte
	for _, file := range a.knownHosts(ctx, "") {
		hosts = append(hosts, file.Data)
	}
	settingsOfGit, err := a.gitSettings(ctx)
	gitHosts := a.gitHosts(ctx)
	home := homeOf(a.getenv)
	return []model.Check{
		machine.Terminal(columns, rows, a.getenv),
		machine.Proxy(ctx, a.getenv, nil),
		machine.Certificates(settings.CAFiles, a.getenv, a.now()),
		machine.SSH(ctx, hosts, a.getenv),
		machine.GitHelper(settingsOfGit, err, gitHosts),
		machine.GitPasswords(home, a.getenv, gitHosts),
		machine.Files(a.folders.Data, a.folders.State, a.folders.Config),
		machine.PassphraseFile(a.getenv("BBCONNECT_VAULT_PASSPHRASE_FILE")),
	}
}

// homeOf is the person's home folder, as git finds it.
func homeOf(getenv func(string) string) string {
	if home := getenv("HOME"); home != "" {
		return home
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return home
}

// gitHosts are the Bitbuckets that git may be asked for a credential of: those of
// the saved connectors over HTTP, and Cloud.
func (a *app) gitHosts(ctx context.Context) []machine.GitHost {
	hosts := []machine.GitHost{{URL: "https://bitbucket.org"}}
	saved, _, err := a.jobs.Library.List(ctx)
	if err != nil {
		return hosts
	}
	secrets, err := a.jobs.Library.Secrets(ctx)
	if err != nil {
		return hosts
	}
	named := make(map[model.SecretName]model.SecretInfo, len(secrets))
	for _, info := range secrets {
		named[info.Name] = info
	}
	for _, s := range saved {
		place := model.ReadURL(s.Connector.URL, model.URLContext{}).Address
		if s.Connector.ConnectionType != model.HTTP || place.IsZero() {
			continue
		}
		scheme, rest, _ := strings.Cut(place.URL, "://")
		name, _, _ := strings.Cut(rest, "/")
		if one := (machine.GitHost{URL: scheme + "://" + name}); !slices.Contains(hosts, one) && len(hosts) < maxGitHosts {
			hosts = append(hosts, one)
		}
	}
	for i, host := range hosts {
		scheme, name, _ := strings.Cut(host.URL, "://")
		_, torn, _ := model.GitChoice(model.GitCandidates(model.GitRequest{Protocol: scheme, Host: name}, saved, func(name model.SecretName) (model.SecretInfo, bool) {
			info, ok := named[name]
			return info, ok
		}))
		hosts[i].NeedsPath = torn
	}
	return hosts
}

// maxGitHosts bounds how many hosts are looked at.
const maxGitHosts = 20

// reacher is the live test's first half, without a credential.
type reacher struct{ app *app }

// Reach asks a connector's host.
func (r reacher) Reach(ctx context.Context, c model.Connector, caFile string) []model.Check {
	p := probe.New(probe.Options{KnownHosts: r.app.knownHosts(ctx, ""), Proxy: probe.SystemProxy, Now: r.app.now, Log: r.app.log.logger()})
	return p.Reach(ctx, c, caFile)
}

// knownHosts reads the person's own files, which are never written, the one a
// flag names, and ours.
func (a *app) knownHosts(ctx context.Context, named string) []probe.KnownHosts {
	const limit = 4 << 20
	type place struct{ name, path string }
	var places []place
	if home, err := os.UserHomeDir(); err == nil {
		for _, file := range []string{"known_hosts", "known_hosts2"} {
			places = append(places, place{"~/.ssh/" + file, filepath.Join(home, ".ssh", file)})
		}
	}
	places = append(places, place{"/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts"})
	if named != "" {
		places = append(places, place{named, named})
	}
	var hosts []probe.KnownHosts
	for _, p := range places {
		if data, err := disk.ReadFile(p.path, limit); err == nil {
			hosts = append(hosts, probe.KnownHosts{File: p.name, Data: data})
		}
	}
	return append(hosts, a.acceptedHosts(ctx)...)
}

// acceptedHosts are the keys that were accepted in this program.
func (a *app) acceptedHosts(ctx context.Context) []probe.KnownHosts {
	ours, err := a.store.KnownHosts(ctx)
	if err != nil || len(ours) == 0 {
		return nil
	}
	return []probe.KnownHosts{{Data: ours}}
}
