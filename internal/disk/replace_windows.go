package disk

import (
	"errors"
	"os"
	"syscall"
	"time"
)

// Windows refuses to replace a file that another process has open at that
// moment: a virus scanner, an indexer, a second bbconnect that is reading. They
// are done within milliseconds, so the rename is tried again for up to a second.
const (
	sharingViolation = syscall.Errno(32)
	renameTries      = 50
	renamePause      = 20 * time.Millisecond
)

// replace renames a file over another (MOVEFILE_REPLACE_EXISTING).
func replace(from, to string) error {
	var err error
	for try := range renameTries {
		if try > 0 {
			time.Sleep(renamePause)
		}
		err = os.Rename(from, to)
		if !errors.Is(err, syscall.ERROR_ACCESS_DENIED) && !errors.Is(err, sharingViolation) {
			return err
		}
	}
	return err
}

// syncFolder does nothing: Windows has no such call, and NTFS logs a rename.
func syncFolder(string) error { return nil }
