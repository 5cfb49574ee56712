//go:build !windows

package disk

import (
	"errors"
	"os"
	"syscall"
)

// replace renames a file over another in one step, which POSIX promises.
func replace(from, to string) error { return os.Rename(from, to) }

// syncFolder makes a rename survive a power cut. Some file systems cannot sync
// a folder and say so with EINVAL or ENOTSUP; the rename itself has succeeded.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	err = folder.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		return nil
	}
	return err
}
