//go:build unix

package machine

import (
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

// A pipe without a writer blocks whoever opens it; the tests would hang.
func TestPipesInACheckoutAreNotOpened(t *testing.T) {
	t.Parallel()
	for _, place := range []string{".git", ".git/config", ".git/commondir"} {
		dir := t.TempDir()
		if place != ".git" {
			write(t, filepath.Join(dir, ".git", "HEAD"), "ref: refs/heads/main\n")
		}
		if err := syscall.Mkfifo(filepath.Join(dir, filepath.FromSlash(place)), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := remotes(t.Context(), dir); len(got) != 0 {
			t.Errorf("a pipe as %s: %v", place, got)
		}
	}
}

func TestALinkedCheckoutIsReadThroughItsLink(t *testing.T) {
	t.Parallel()
	real, link := t.TempDir(), filepath.Join(t.TempDir(), "link")
	write(t, filepath.Join(real, ".git", "config"), "[remote \"origin\"]\n\turl = git@bitbucket.org:acme/r.git\n")
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	if got := Remotes(t.Context(), link); !slices.Equal(got, []string{"git@bitbucket.org:acme/r.git"}) {
		t.Errorf("%v", got)
	}
}
