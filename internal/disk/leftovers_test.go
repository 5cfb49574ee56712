package disk

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestOnlyOldTemporaryFilesOfOursAreRemoved(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	now := time.Now()
	old, limit := now.Add(-2*time.Hour), now.Add(-time.Hour)
	kept := []string{".a.yaml.7.txt", ".a.yaml.tmp", ".a.yaml.x7.tmp", ".a.yaml..tmp", "..7.tmp", "a.yaml", "a.yaml.7.tmp", ".tmp"}
	for _, name := range append([]string{".a.yaml.7.tmp", ".b.yaml.1234567890.tmp"}, kept...) {
		place(t, filepath.Join(folder, name), old)
	}
	place(t, filepath.Join(folder, ".young.yaml.8.tmp"), now)
	if err := os.Mkdir(filepath.Join(folder, ".folder.9.tmp"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(filepath.Join(folder, ".folder.9.tmp"), old, old); err != nil {
		t.Fatal(err)
	}
	if err := RemoveLeftovers(folder, limit); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	want := append(kept, ".young.yaml.8.tmp", ".folder.9.tmp")
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAFolderThatIsNotThereHoldsNoLeftovers(t *testing.T) {
	t.Parallel()
	if err := RemoveLeftovers(filepath.Join(t.TempDir(), "none"), time.Now()); err != nil {
		t.Error(err)
	}
}

func place(t *testing.T, path string, at time.Time) {
	t.Helper()
	if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}
