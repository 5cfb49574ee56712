package main

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// A fleet is what one command tests at once: fleetSize saved connectors, jobs of
// them at a time, their one secret from the environment or a file, as a script
// would give it.
const (
	fleetSize = 200
	jobs      = 32
)

// fleet is one comparison of many connectors.
type fleet struct {
	name     string
	document func(repository string) string
	address  func(repository string) string
	ours     command
	git      string
	theirs   []string
	aim      aim
}

func (b *bench) fleetHTTP(ctx context.Context) ([]row, error) {
	return b.fleetOverHTTP(ctx, "HTTP", serving{}, 0.9/2.3)
}

func (b *bench) fleetHTTPS(ctx context.Context) ([]row, error) {
	return b.fleetOverHTTP(ctx, "HTTPS, own CA", serving{secure: true}, 1.3/5.7)
}

func (b *bench) fleetOverHTTP(ctx context.Context, over string, how serving, aim float64) ([]row, error) {
	git, err := findGit()
	if err != nil {
		return nil, err
	}
	server, err := b.startGitServer(ctx, git, how)
	if err != nil {
		return nil, err
	}
	defer server.close()
	env, err := b.gitEnvironment(server)
	if err != nil {
		return nil, err
	}
	return b.fleet(ctx, fleet{
		name: over, address: server.repository, ours: b.ourTest(server, fleetArguments()...), git: git, theirs: env,
		document: func(address string) string { return overHTTP(address, server.user, false) }, aim: atMostTimes(aim),
	})
}

func (b *bench) fleetSSH(ctx context.Context) ([]row, error) {
	git, err := findGit()
	if err != nil {
		return nil, err
	}
	server, err := b.startSSHServer(ctx, git, false)
	if err != nil {
		return nil, err
	}
	defer server.close()
	rows, err := b.fleet(ctx, fleet{
		name: "SSH", address: server.repository, ours: b.ourSSHTest(server, fleetArguments()...), git: git, theirs: b.gitSSHEnvironment(server),
		document: func(address string) string { return overSSH(address, "") }, aim: atMostTimes(4.5 / 11.7),
	})
	if err != nil {
		err = fmt.Errorf("%w\nsshd says:\n%.2000s", err, server.said())
	}
	return rows, err
}

// fleetArguments test everything that is saved.
func fleetArguments() []string {
	return []string{"--all", "--jobs", strconv.Itoa(jobs), "--per-host", strconv.Itoa(jobs)}
}

// fleet saves the connectors and lists their repositories for git, which has no
// such command: xargs runs it as often, as many at a time.
func (b *bench) fleet(ctx context.Context, f fleet) ([]row, error) {
	xargs, err := exec.LookPath("xargs")
	if err != nil {
		return nil, missing{"xargs is not installed"}
	}
	var addresses strings.Builder
	home, err := b.save("fleet-"+f.name, fleetSize, func(i int) string {
		address := f.address(fmt.Sprintf("service-%04d", i))
		addresses.WriteString(address + "\n")
		return f.document(address)
	})
	if err != nil {
		return nil, err
	}
	list, err := b.write("addresses", addresses.String())
	if err != nil {
		return nil, err
	}
	f.ours.env = append(f.ours.env, "BBCONNECT_HOME="+home)
	theirs := command{
		argv: []string{xargs, "-P", strconv.Itoa(jobs), "-n", "1", f.git, "ls-remote"}, env: f.theirs, stdin: list,
	}
	times, err := inTurn(ctx, b.few(), f.ours, theirs)
	if err != nil {
		return nil, err
	}
	return []row{{
		fmt.Sprintf("%d connectors, git alone, %d at a time, secret from a variable or file, %s", fleetSize, jobs, f.name),
		medianMS(times[0]), "xargs git ls-remote", medianMS(times[1]), f.aim,
	}}, nil
}
