package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// compare makes the release once more, from a copy of the source under another
// path, and says which files differ.
func (r *release) compare(ctx context.Context) error {
	if err := unchanged(ctx, r.source); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "bbconnect-again-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	source := filepath.Join(folder, "elsewhere", "source")
	clone := exec.CommandContext(ctx, "git", "clone", "-q", "--no-hardlinks", r.source, source)
	if out, err := clone.CombinedOutput(); err != nil {
		return fmt.Errorf("git clone: %w\n%s", err, out)
	}
	second := *r
	second.source, second.out, second.fresh = source, filepath.Join(folder, "dist"), here()
	second.say = func(string, ...any) {}
	if err := second.make(ctx); err != nil {
		return err
	}
	return sameFiles(r.out, second.out, r.say)
}

// unchanged refuses a checkout with changes that are not committed: its copy would
// be another source.
func unchanged(ctx context.Context, source string) error {
	out, err := exec.CommandContext(ctx, "git", "-C", source, "status", "--porcelain").Output()
	if err != nil {
		return fmt.Errorf("git status: %w", err)
	}
	if len(out) > 0 {
		return fmt.Errorf("the checkout has changes that are not committed; commit them, then compare:\n%s", out)
	}
	return nil
}

// sameFiles compares two folders and reports each file that is not the same in both.
func sameFiles(first, second string, say func(string, ...any)) error {
	names, err := namesIn(first)
	if err != nil {
		return err
	}
	others, err := namesIn(second)
	if err != nil {
		return err
	}
	all := slices.Compact(slices.Sorted(slices.Values(append(names, others...))))
	var differ []string
	for _, name := range all {
		one, errOne := fileSum(filepath.Join(first, name))
		two, errTwo := fileSum(filepath.Join(second, name))
		if errOne != nil || errTwo != nil || one != two {
			differ = append(differ, name)
		}
	}
	if len(differ) > 0 {
		return fmt.Errorf("not the same bytes when made again: %s", strings.Join(differ, ", "))
	}
	say("made twice, %d files, the same bytes", len(all))
	return nil
}

func namesIn(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, nil
}
