package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// RemoveLeftovers removes from a folder the temporary files that killed writes
// left there before the given moment. Only regular files whose names WriteFile
// could have made (.NAME.DIGITS.tmp) are touched, and folders below are not
// entered. A folder that is not there holds none. Every leftover is tried; the
// errors of those that stay are joined.
func RemoveLeftovers(folder string, before time.Time) error {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var failed []error
	for _, entry := range entries {
		if !IsTemporary(entry.Name()) || !entry.Type().IsRegular() {
			continue
		}
		info, err := entry.Info()
		if err == nil && info.ModTime().Before(before) {
			err = os.Remove(filepath.Join(folder, entry.Name()))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // another process was faster
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// IsTemporary tells whether WriteFile gives such a name to a file it has not
// finished: os.CreateTemp makes it from the pattern .NAME.*.tmp, where digits
// stand for the star.
func IsTemporary(name string) bool {
	rest, ends := strings.CutSuffix(name, ".tmp")
	dot := strings.LastIndexByte(rest, '.')
	if !ends || dot < 2 || rest[0] != '.' || dot == len(rest)-1 {
		return false
	}
	return strings.Trim(rest[dot+1:], "0123456789") == ""
}
