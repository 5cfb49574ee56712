package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync/atomic"
	"time"

	"bbconnect/internal/disk"
	"bbconnect/internal/document"
	"bbconnect/model"
)

// version is the newest form of the files of lines and of the journal that this
// program knows; those of the YAML files are in format.go.
const version = 1

// Limits of the files read. A list of ten thousand secrets or tests stays well
// below the larger one.
const (
	maxDocument = document.MaxSize
	maxList     = 32 << 20
)

// lockWait is how long a change waits for other processes. Each holds the lock
// for milliseconds.
const lockWait = 5 * time.Second

// Store is the saved state below one set of folders. It is safe for concurrent
// use, and several stores, in several processes, may share the folders.
type Store struct {
	folders disk.Folders
	wait    time.Duration
	// now is the file system's clock, which says how old a file is; clock dates
	// what is written.
	now, clock func() time.Time
	// worth is the number of connectors from which on there is an index.
	worth int
	// slack is how many files the index may be wrong about before it is written
	// anew: reading a few files each time costs less than writing what is known of
	// ten thousand.
	slack int
	// tidy is set once the folders of connectors were read and held nothing that a
	// killed save left behind.
	tidy atomic.Bool
}

// Open makes a store of the folders. It touches no file: folders are created
// when something is saved, and a folder that is missing is empty.
func Open(folders disk.Folders) *Store {
	return &Store{folders: folders, wait: lockWait, now: time.Now, clock: time.Now, worth: indexWorth, slack: indexSlack}
}

// WithClock makes drafts and changes be dated by another clock. How old files are
// goes by the system's, as the files do.
func (s *Store) WithClock(clock func() time.Time) *Store {
	s.clock = clock
	return s
}

// ErrNotFound is in the chain of every error about a connector that is not
// there; the error itself is a *model.Problem with the code store.not-found.
var ErrNotFound = errors.New("no such connector")

// locked runs a change while no other process makes one to the same file. A
// lock that stays taken is store.busy; the caller's own cancellation is its
// context's error.
func (s *Store) locked(ctx context.Context, path string, change func() error) error {
	unlock, err := s.take(ctx, path, fmt.Sprintf("Another process is changing %s.", path))
	if err != nil {
		return err
	}
	err = change()
	if failed := unlock(); err == nil && failed != nil {
		return unwritable(path, failed)
	}
	return err
}

// hold keeps the lock of path until release is called or this process ends.
func (s *Store) hold(ctx context.Context, path, taken string) (release func(), err error) {
	unlock, err := s.take(ctx, path, taken)
	if err != nil {
		return nil, err
	}
	// That the lock cannot be given back now is mended by the process's end.
	return func() { _ = unlock() }, nil
}

// take waits for the lock of path; taken is what store.busy says of who has it.
func (s *Store) take(ctx context.Context, path, taken string) (unlock func() error, err error) {
	waiting, cancel := context.WithTimeout(ctx, s.wait)
	defer cancel()
	unlock, err = disk.Lock(waiting, path)
	switch {
	case ctx.Err() != nil && err != nil:
		return nil, ctx.Err()
	case errors.Is(err, disk.ErrBusy):
		return nil, &model.Problem{
			Code: "store.busy", What: taken,
			Why: fmt.Sprintf("It has held the lock %s.lock for more than %s.", path, s.wait),
			Fix: "Wait for it, or end it, and try again. The lock goes when the process ends.", Cause: err,
		}
	case err != nil:
		return nil, unwritable(path, err)
	}
	return unlock, nil
}

// read is a whole file, nil when there is none.
func read(path string, limit int64) ([]byte, error) {
	data, err := disk.ReadFile(path, limit)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case errors.Is(err, disk.ErrTooBig), errors.Is(err, disk.ErrNotRegular):
		return nil, damaged(path, "It is no file of a size this program writes.", err)
	case err != nil:
		return nil, &model.Problem{
			Code: "store.unreadable", What: fmt.Sprintf("%s cannot be read.", path), Why: reason(err),
			Fix: "Give yourself read access to it and to its folders.", Cause: err,
		}
	}
	return data, nil
}

func write(path string, data []byte) error {
	if err := disk.WriteFile(path, data); err != nil {
		return unwritable(path, err)
	}
	return nil
}

func unwritable(path string, err error) error {
	return &model.Problem{
		Code: "store.unwritable", What: fmt.Sprintf("%s cannot be written.", path), Why: reason(err),
		Fix:   fmt.Sprintf("Give yourself write access to %s and check that its disk has room, or set BBCONNECT_HOME to another folder.", filepath.Dir(path)),
		Cause: err,
	}
}

func damaged(path, why string, err error) *model.Problem {
	return &model.Problem{
		Code: "store.damaged", What: fmt.Sprintf("%s cannot be understood.", path), Why: why,
		Fix: "Mend the file in an editor, or move it away. It is not changed until then.", Cause: err,
	}
}

func newer(path string, found, known int) *model.Problem {
	return &model.Problem{
		Code: "store.newer", What: fmt.Sprintf("%s was written by a newer bbconnect.", path),
		Why: fmt.Sprintf("It has version %d and this program knows %d; changing it could lose what it does not know.", found, known),
		Fix: "Update bbconnect. The file is left as it is.",
	}
}

// reason is the system's own word for what went wrong, without the path that is
// named already.
func reason(err error) string {
	var inner *fs.PathError
	if errors.As(err, &inner) {
		err = inner.Err
	}
	return "The system says: " + err.Error() + "."
}

// revision names the contents of a file: the first half of their SHA-256.
func revision(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16])
}
