package disk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

const countsPerProcess = 50

// countUp reads a number, adds one and writes it, which loses counts unless the
// lock works.
func countUp(path string) int {
	for range countsPerProcess {
		if err := countOnce(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return 0
}

func countOnce(path string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	unlock, err := Lock(ctx, path)
	if err != nil {
		return err
	}
	data, err := ReadFile(path, 100)
	if err != nil {
		return err
	}
	count, err := strconv.Atoi(string(data))
	if err != nil {
		return err
	}
	return errors.Join(WriteFile(path, []byte(strconv.Itoa(count+1))), unlock())
}

func TestProcessesThatTakeTurnsLoseNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "count")
	if err := WriteFile(path, []byte("0")); err != nil {
		t.Fatal(err)
	}
	const processes = 4
	var running []*exec.Cmd
	for range processes {
		cmd := rerun(t, childLock, path)
		cmd.Stderr = &bytes.Buffer{}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		running = append(running, cmd)
	}
	for _, cmd := range running {
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %s", err, cmd.Stderr)
		}
	}
	if got, err := ReadFile(path, 100); string(got) != strconv.Itoa(processes*countsPerProcess) {
		t.Errorf("counted to %s, %v; want %d", got, err, processes*countsPerProcess)
	}
}

func TestATakenLockIsBusyWhenTheContextEnds(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "deep", "file")
	unlock, err := Lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := Lock(ctx, path); !errors.Is(err, ErrBusy) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a held lock gave %v", err)
	}
	if err := unlock(); err != nil {
		t.Error(err)
	}
	if err := unlock(); err != nil {
		t.Errorf("unlocking twice: %v", err)
	}
	again, err := Lock(t.Context(), path)
	if err != nil {
		t.Fatalf("the lock was not given back: %v", err)
	}
	if err := again(); err != nil {
		t.Error(err)
	}
}

func TestAnEndedContextTakesNoLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Lock(ctx, path); !errors.Is(err, ErrBusy) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestALockThatCannotBeMadeIsNotBusy(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	if err := WriteFile(path, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(t.Context(), filepath.Join(path, "below")); err == nil || errors.Is(err, ErrBusy) {
		t.Errorf("got %v", err)
	}
	if err := os.Mkdir(path+".lock", 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(t.Context(), path); err == nil || errors.Is(err, ErrBusy) {
		t.Errorf("a folder in the lock's place gave %v", err)
	}
}

func TestTheLockOutlivesTheFileItGuards(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	unlock, err := Lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	for _, text := range []string{"one", "two"} {
		if err := WriteFile(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := Lock(ctx, path); !errors.Is(err, ErrBusy) {
		t.Errorf("replacing the file freed its lock: %v", err)
	}
}
