package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// tokenVariable is the variable a live test takes its password from.
const tokenVariable = "BENCH_TOKEN"

func (b *bench) liveHTTP(ctx context.Context) ([]row, error) {
	return b.liveOverHTTP(ctx, "live test over HTTP", false, 0.8)
}

func (b *bench) liveHTTPS(ctx context.Context) ([]row, error) {
	return b.liveOverHTTP(ctx, "live test over HTTPS, own CA", true, 0.45)
}

// liveOverHTTP measures the live test of one connector, and git ls-remote of the
// same repository with the same password. git is given it in the address, which
// is its quickest way; the address stands in its settings, so that the password
// is in no command line.
func (b *bench) liveOverHTTP(ctx context.Context, name string, secure bool, aim float64) ([]row, error) {
	git, err := findGit()
	if err != nil {
		return nil, err
	}
	server, err := b.startGitServer(ctx, git, secure)
	if err != nil {
		return nil, err
	}
	defer server.close()
	document, err := b.write(fmt.Sprintf("live-%t.yaml", secure), fmt.Sprintf(httpDocument, server.repository(), server.user))
	if err != nil {
		return nil, err
	}
	ours := command{
		argv: []string{b.program, "test", "-f", document, "--secret", "account.bench_token=env:" + tokenVariable},
		env:  b.environment(tokenVariable + "=" + server.password),
	}
	settings := fmt.Sprintf("[url %q]\n\tinsteadOf = %s\n", server.withPassword(), server.url)
	if secure {
		ours.argv = append(ours.argv, "--ca-file", server.caFile)
		settings += fmt.Sprintf("[http]\n\tsslCAInfo = %s\n", server.caFile)
	}
	config, err := b.write(fmt.Sprintf("gitconfig-%t", secure), settings)
	if err != nil {
		return nil, err
	}
	theirs := command{argv: []string{git, "ls-remote", server.repository()}, env: b.environment("GIT_CONFIG_GLOBAL=" + config)}
	ourCost, theirCost, err := server.costs(ctx, ours, theirs)
	if err != nil {
		return nil, err
	}
	times, err := inTurn(ctx, b.n, ours, theirs)
	if err != nil {
		return nil, err
	}
	result := []row{
		{name, medianMS(times[0]), "git ls-remote", medianMS(times[1]), atMostTimes(aim)},
		{name + ": requests", quantity{float64(ourCost.requests), ""}, "git ls-remote", quantity{float64(theirCost.requests), ""}, atMost(1)},
		{name + ": answers 401", quantity{float64(ourCost.refused), ""}, "git ls-remote", quantity{float64(theirCost.refused), ""}, atMost(0)},
	}
	if ourCost.requests != 1 || ourCost.refused != 0 {
		err = fmt.Errorf("a test with the right password costs %d requests, %d of them refused", ourCost.requests, ourCost.refused)
	}
	return result, err
}

// liveSSH measures the same over SSH with a key, against git with ssh.
func (b *bench) liveSSH(ctx context.Context) ([]row, error) {
	git, err := findGit()
	if err != nil {
		return nil, err
	}
	server, err := b.startSSHServer(ctx, git)
	if err != nil {
		return nil, err
	}
	defer server.close()
	document, err := b.write("live-ssh.yaml", fmt.Sprintf(sshDocument, server.repository()))
	if err != nil {
		return nil, err
	}
	ours := command{
		argv: []string{
			b.program, "test", "-f", document, "--secret", "account.bench_key=file:" + server.key,
			"--known-hosts", server.knownHosts,
		},
		env: b.environment(),
	}
	ssh := strings.Join([]string{
		server.ssh, "-F", os.DevNull, "-i", server.key, "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "UserKnownHostsFile=" + server.knownHosts,
	}, " ")
	theirs := command{argv: []string{git, "ls-remote", server.repository()}, env: b.environment("GIT_SSH_COMMAND="+ssh, "GIT_CONFIG_GLOBAL="+os.DevNull)}
	times, err := inTurn(ctx, b.half(), ours, theirs)
	if err != nil {
		return nil, fmt.Errorf("%w\nsshd says:\n%s", err, server.said())
	}
	return []row{{"live test over SSH", medianMS(times[0]), "git ls-remote", medianMS(times[1]), atMostTimes(0.55)}}, nil
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

// httpDocument is a connector over HTTP without API access; the address and the
// user name are to be filled in.
const httpDocument = `connector:
  name: Bench
  identifier: bench
  type: Bitbucket
  spec:
    url: %s
    type: Repo
    authentication:
      type: Http
      spec:
        type: UsernamePassword
        spec:
          username: %s
          passwordRef: account.bench_token
    executeOnDelegate: false
`

// sshDocument is a connector over SSH; the address is to be filled in.
const sshDocument = `connector:
  name: Bench
  identifier: bench
  type: Bitbucket
  spec:
    url: %s
    type: Repo
    authentication:
      type: Ssh
      spec:
        sshKeyRef: account.bench_key
    executeOnDelegate: false
`
