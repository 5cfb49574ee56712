//go:build !windows

package disk

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"
)

func TestANamedPipeIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFile(path, 100); !errors.Is(err, ErrNotRegular) {
		t.Errorf("got %v", err)
	}
}
