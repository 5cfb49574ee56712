package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// distant is how long each answer of a distant server takes.
const distant = 40 * time.Millisecond

// liveCase is one way to test one connector over HTTP.
type liveCase struct {
	name string
	how  serving
	// api is API access: then the REST API is asked too, which git never does.
	api bool
	aim aim
	// counts adds what the test costs the server.
	counts bool
}

// liveCases are the tests over HTTP that are measured. On a distant server no
// program can be quicker than its requests that wait for one another.
func liveCases() []liveCase {
	return []liveCase{
		{"live test, git and REST, HTTP", serving{}, true, atMostTimes(0.8), true},
		{"live test, git and REST, HTTPS, own CA", serving{secure: true}, true, atMostTimes(0.45), false},
		{"live test, git and REST, HTTP, answers after 40 ms", serving{late: distant}, true, atMostTimes(1), true},
		{"live test, git alone, HTTP", serving{}, false, atMostTimes(0.8), true},
		{"live test, git alone, HTTPS, own CA", serving{secure: true}, false, atMostTimes(0.45), false},
		{"live test, git alone, HTTP, answers after 40 ms", serving{late: distant}, false, atMostTimes(1), true},
	}
}

// liveHTTP measures the live test of one connector over HTTP in every way.
func (b *bench) liveHTTP(ctx context.Context) (rows []row, err error) {
	for _, c := range liveCases() {
		more, err := b.liveOverHTTP(ctx, c)
		rows = append(rows, more...)
		if err != nil {
			return rows, fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return rows, nil
}

// liveOverHTTP measures the live test of one connector, and git ls-remote of the
// same repository with the same password.
func (b *bench) liveOverHTTP(ctx context.Context, c liveCase) ([]row, error) {
	git, err := findGit()
	if err != nil {
		return nil, err
	}
	server, err := b.startGitServer(ctx, git, c.how)
	if err != nil {
		return nil, err
	}
	defer server.close()
	document, err := b.write("live.yaml", overHTTP(server.repository("ledger"), server.user, c.api))
	if err != nil {
		return nil, err
	}
	ours := b.ourTest(server, "-f", document)
	env, err := b.gitEnvironment(server)
	if err != nil {
		return nil, err
	}
	theirs := command{argv: []string{git, "ls-remote", server.repository("ledger")}, env: env}
	costs, err := server.costs(ctx, ours, theirs)
	if err != nil {
		return nil, err
	}
	times, err := inTurn(ctx, b.n, ours, theirs)
	if err != nil {
		return nil, err
	}
	rows := []row{{c.name, medianMS(times[0]), "git ls-remote", medianMS(times[1]), c.aim}}
	if c.counts {
		rows = append(rows, costRows(c, costs[0], costs[1])...)
	}
	return rows, promised(costs[0])
}

// ourTest is our live test with the server's password, and its CA where it has
// one of its own.
func (b *bench) ourTest(s *gitServer, args ...string) command {
	argv := append([]string{b.program, "test"}, args...)
	argv = append(argv, "--secret", "account.bench_token=env:"+tokenVariable)
	if s.caFile != "" {
		argv = append(argv, "--ca-file", s.caFile)
	}
	return command{argv: argv, env: b.environment(tokenVariable + "=" + s.password)}
}

// gitEnvironment gives git the same password. It stands in the address, which is
// git's quickest way, and the address in git's settings, so that the password is
// in no command line.
func (b *bench) gitEnvironment(s *gitServer) ([]string, error) {
	settings := fmt.Sprintf("[url %q]\n\tinsteadOf = %s\n", s.withPassword(), s.url)
	if s.caFile != "" {
		settings += fmt.Sprintf("[http]\n\tsslCAInfo = %s\n", s.caFile)
	}
	config, err := b.write("gitconfig-"+filepath.Base(s.server.Listener.Addr().String()), settings)
	return b.environment("GIT_CONFIG_GLOBAL=" + config), err
}

// costRows are what a test costs the server. Which requests wait for one another
// shows where each takes its time.
func costRows(c liveCase, ours, theirs cost) []row {
	count := func(what string, ours, theirs int, aim aim) row {
		return row{c.name + ": " + what, quantity{float64(ours), ""}, "git ls-remote", quantity{float64(theirs), ""}, aim}
	}
	if c.how.late > 0 {
		return []row{count("requests in a row", ours.sequence, theirs.sequence, atMostTimes(1))}
	}
	return []row{
		count("git requests with the password", ours.git, theirs.git, atMost(1)),
		count("git requests without it", ours.anonymous, theirs.anonymous, atMost(1)),
		count("refused with it", ours.refused, theirs.refused, atMost(0)),
	}
}

// promised fails where a test with the right password costs more than it may: one
// git request with the password, none that is refused, and at most one more
// without it, which tells a public repository.
func promised(c cost) error {
	if c.git == 1 && c.anonymous <= 1 && c.refused == 0 {
		return nil
	}
	return fmt.Errorf("a test with the right password costs %d git requests with it, %d without it, and %d refusals", c.git, c.anonymous, c.refused)
}

// liveSSH measures the same over SSH with a key, against git with ssh.
func (b *bench) liveSSH(ctx context.Context) ([]row, error) {
	rows, err := b.liveOverSSH(ctx, "live test, git alone, SSH", nil)
	if err != nil {
		return rows, err
	}
	git, err := findGit()
	if err != nil {
		return rows, err
	}
	// Where the REST API of an SSH address is: HTTPS on the same host.
	api, err := b.startGitServer(ctx, git, serving{secure: true, address: "127.0.0.1:443"})
	if err != nil {
		return rows, err
	}
	defer api.close()
	more, err := b.liveOverSSH(ctx, "live test, git and REST, SSH", api)
	return append(rows, more...), err
}

// liveOverSSH measures with API access where there is an API.
func (b *bench) liveOverSSH(ctx context.Context, name string, api *gitServer) ([]row, error) {
	git, err := findGit()
	if err != nil {
		return nil, err
	}
	server, err := b.startSSHServer(ctx, git, false)
	if err != nil {
		return nil, err
	}
	defer server.close()
	user := ""
	if api != nil {
		user = api.user
	}
	document, err := b.write("live-ssh.yaml", overSSH(server.repository("ledger"), user))
	if err != nil {
		return nil, err
	}
	ours := b.ourSSHTest(server, "-f", document)
	if api != nil {
		with := b.ourTest(api)
		ours.argv = append(ours.argv, with.argv[2:]...)
		ours.env = with.env
	}
	theirs := command{argv: []string{git, "ls-remote", server.repository("ledger")}, env: b.gitSSHEnvironment(server)}
	times, err := inTurn(ctx, b.half(), ours, theirs)
	if err != nil {
		return nil, fmt.Errorf("%w\nsshd says:\n%s", err, server.said())
	}
	return []row{{name, medianMS(times[0]), "git ls-remote", medianMS(times[1]), atMostTimes(0.55)}}, nil
}

// ourSSHTest is our live test with the server's key.
func (b *bench) ourSSHTest(s *sshServer, args ...string) command {
	argv := append([]string{b.program, "test"}, args...)
	argv = append(argv, "--secret", "account.bench_key=file:"+s.key, "--known-hosts", s.knownHosts)
	return command{argv: argv, env: b.environment()}
}

// gitSSHEnvironment gives git the same key.
func (b *bench) gitSSHEnvironment(s *sshServer) []string {
	return b.environment("GIT_SSH_COMMAND="+s.command(), "GIT_CONFIG_GLOBAL="+os.DevNull)
}

func findGit() (string, error) {
	git, err := exec.LookPath("git")
	if err != nil {
		return "", missing{"git is not installed"}
	}
	return git, nil
}

// write puts a file into the folder of the run.
func (b *bench) write(name, text string) (string, error) {
	path := filepath.Join(b.dir, name)
	return path, os.WriteFile(path, []byte(text), 0o600)
}
