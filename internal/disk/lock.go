package disk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// lockRetry is how often a taken lock is tried again. The system calls that
// wait for a lock cannot be cancelled, so trying is the only way to honour a
// context.
const lockRetry = 5 * time.Millisecond

// ErrBusy is wrapped by Lock's error when the context ended while somebody else
// held the lock. The context's own error is wrapped beside it.
var ErrBusy = errors.New("another process is using the file")

// Lock waits until this caller alone holds the lock of path, and returns the
// function that gives it back; calling that more than once is harmless. Locks
// exclude other processes and other callers in this one alike, and the system
// drops them when a process dies.
//
// The lock is a file of its own, PATH.lock: WriteFile gives the path a new file
// each time, and a lock on the old one would guard nothing. It is never removed,
// since a process that has just opened it would then hold a lock nobody sees.
func Lock(ctx context.Context, path string) (unlock func() error, err error) {
	path += ".lock"
	if ctx.Err() != nil {
		return nil, busy(ctx, path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	lock := flock.New(path, flock.SetPermissions(0o600))
	held, err := lock.TryLockContext(ctx, lockRetry)
	switch {
	case held:
		return sync.OnceValue(lock.Unlock), nil
	case ctx.Err() != nil:
		err = busy(ctx, path)
	default:
		err = fmt.Errorf("lock %s: %w", path, err)
	}
	return nil, errors.Join(err, lock.Close())
}

func busy(ctx context.Context, path string) error {
	return fmt.Errorf("lock %s: %w (%w)", path, ErrBusy, ctx.Err())
}
