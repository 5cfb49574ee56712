package main

import (
	"context"
	"fmt"
)

// refs measures what a test costs where a repository has a hundred thousand refs.
// The server speaks git's old protocol, which begins with a list of all of them:
// the newer one lists none until it is asked.
func (b *bench) refsHTTP(ctx context.Context) ([]row, error) {
	git, err := findGit()
	if err != nil {
		return nil, err
	}
	server, err := b.startGitServer(ctx, git, serving{old: true})
	if err != nil {
		return nil, err
	}
	defer server.close()
	test := func(name string) (command, error) {
		document, err := b.write(name+".yaml", overHTTP(server.repository(name), server.user, true))
		return b.ourTest(server, "-f", document), err
	}
	env, err := b.gitEnvironment(server)
	if err != nil {
		return nil, err
	}
	return b.refs(ctx, "HTTP", test, command{argv: []string{git, "ls-remote", server.repository(largeOne)}, env: env})
}

// refsSSH measures the same over SSH.
func (b *bench) refsSSH(ctx context.Context) ([]row, error) {
	git, err := findGit()
	if err != nil {
		return nil, err
	}
	server, err := b.startSSHServer(ctx, git, true)
	if err != nil {
		return nil, err
	}
	defer server.close()
	test := func(name string) (command, error) {
		document, err := b.write(name+"-ssh.yaml", overSSH(server.repository(name), ""))
		return b.ourSSHTest(server, "-f", document), err
	}
	return b.refs(ctx, "SSH", test, command{argv: []string{git, "ls-remote", server.repository(largeOne)}, env: b.gitSSHEnvironment(server)})
}

// refs sets the test of the large repository against that of the small one, and
// against git's own.
func (b *bench) refs(ctx context.Context, over string, test func(name string) (command, error), theirs command) ([]row, error) {
	large, err := test(largeOne)
	if err != nil {
		return nil, err
	}
	small, err := test("ledger")
	if err != nil {
		return nil, err
	}
	times, err := inTurn(ctx, b.half(), large, small, theirs)
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("live test, %d refs, %s", manyRefs, over)
	return []row{
		{name, medianMS(times[0]), fmt.Sprintf("of %d refs", fewRefs), medianMS(times[1]), atMostTimes(1.2)},
		{name, medianMS(times[0]), "git ls-remote", medianMS(times[2]), aim{}},
	}, nil
}
