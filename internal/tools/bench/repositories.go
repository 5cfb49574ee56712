package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// The repositories that are served: one of a few branches, which stands for every
// name that is asked for, and one of many, which only its own name finds.
const (
	fewRefs  = 10
	manyRefs = 100_000
	largeOne = "large"
)

// makeRepositories makes both, once a run. root is what git's server is told to
// serve; below it they lie where a Bitbucket Data Center has them.
func (b *bench) makeRepositories(ctx context.Context, git string) (root string, err error) {
	root = filepath.Join(b.dir, "repositories")
	for name, refs := range map[string]int{"ledger": fewRefs, largeOne: manyRefs} {
		if err := b.makeRepository(ctx, git, filepath.Join(root, "scm", "PAY", name+".git"), refs); err != nil {
			return "", err
		}
	}
	return root, nil
}

// makeRepository makes a bare repository of one commit and so many branches. They
// are written as git packs them, which takes a moment where git itself takes a
// minute for a hundred thousand.
func (b *bench) makeRepository(ctx context.Context, git, path string, refs int) error {
	packed := filepath.Join(path, "packed-refs")
	if _, err := os.Stat(packed); err == nil {
		return nil
	}
	run := func(args ...string) (string, error) {
		cmd := exec.CommandContext(ctx, git, args...)
		cmd.Env = b.environment(
			"GIT_AUTHOR_NAME=bench", "GIT_AUTHOR_EMAIL=bench@example.com", "GIT_COMMITTER_NAME=bench", "GIT_COMMITTER_EMAIL=bench@example.com",
		)
		out, err := cmd.CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("git %s: %w\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out)), nil
	}
	if _, err := run("init", "-q", "--bare", "-b", "main", path); err != nil {
		return err
	}
	tree, err := run("-C", path, "mktree")
	if err != nil {
		return err
	}
	commit, err := run("-C", path, "commit-tree", "-m", "first", tree)
	if err != nil {
		return err
	}
	return os.WriteFile(packed, []byte(packedRefs(commit, refs)), 0o600)
}

// packedRefs is a packed-refs file of so many branches, main the last of them:
// the file has to be in order.
func packedRefs(commit string, refs int) string {
	var text strings.Builder
	text.WriteString("# pack-refs with: peeled fully-peeled sorted \n")
	for i := range refs - 1 {
		fmt.Fprintf(&text, "%s refs/heads/branch-%06d\n", commit, i)
	}
	fmt.Fprintf(&text, "%s refs/heads/main\n", commit)
	return text.String()
}
