package disk

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

func openLog(t *testing.T, path string, limit int64) *Log {
	t.Helper()
	l, err := OpenLog(path, limit, 3)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func TestALogTurnsOverAndStaysBounded(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state", "log", "x.log")
	l := openLog(t, path, 1000)
	for i := range 500 {
		if _, err := fmt.Fprintf(l, "line %03d\n", i); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 3 {
		t.Fatalf("%v %v", entries, err)
	}
	next := 499
	for _, name := range []string{path, path + ".1", path + ".2"} {
		data, err := os.ReadFile(name)
		if err != nil || len(data) > 1000 {
			t.Fatalf("%s has %d bytes, %v", name, len(data), err)
		}
		if info, err := os.Stat(name); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s is %v, %v", name, info.Mode(), err)
		}
		lines := strings.Split(strings.TrimSpace(string(data)), "\n")
		for i := len(lines) - 1; i >= 0; i-- {
			if want := fmt.Sprintf("line %03d", next); lines[i] != want {
				t.Fatalf("%s has %q, want %q", name, lines[i], want)
			}
			next--
		}
	}
	if l.Path() != path {
		t.Error(l.Path())
	}
}

func TestSeveralWritersOfALogNeverMixTheirLines(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.log")
	var group sync.WaitGroup
	for w := range 4 {
		l := openLog(t, path, 20_000)
		group.Go(func() {
			for i := range 400 {
				if _, err := fmt.Fprintf(l, "writer %d line %03d %s\n", w, i, strings.Repeat("x", 40)); err != nil && !errors.Is(err, ErrLogFull) {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	for _, name := range []string{path, path + ".1", path + ".2"} {
		data, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) && name != path {
			continue // two of them turned the files over at the same moment
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > 60_000 {
			t.Errorf("%s has %d bytes", name, len(data))
		}
		for line := range bytes.Lines(data) {
			if !bytes.HasPrefix(line, []byte("writer ")) || !bytes.HasSuffix(line, []byte("x\n")) || bytes.Count(line, []byte("writer")) != 1 {
				t.Fatalf("%s has a mixed line %q", name, line)
			}
		}
	}
}

func TestALogThatCannotBeWrittenSaysSo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := OpenLog(dir, 10, 1); err == nil {
		t.Error("a folder is a log")
	}
	blocked := filepath.Join(dir, "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenLog(filepath.Join(blocked, "x.log"), 10, 1); err == nil {
		t.Error("a log lies below a file")
	}
	l := openLog(t, filepath.Join(dir, "x.log"), 10)
	if err := errors.Join(l.Close(), l.Close()); err != nil {
		t.Error(err)
	}
	if _, err := l.Write([]byte("x")); err == nil {
		t.Error("a closed log is written to")
	}
}

func TestALineLongerThanALogIsWrittenAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.log")
	l := openLog(t, path, 10)
	for range 3 {
		if _, err := l.Write([]byte(strings.Repeat("y", 15) + "\n")); err != nil {
			t.Fatal(err)
		}
	}
	if data, err := os.ReadFile(path); err != nil || len(data) != 16 {
		t.Errorf("%q %v", data, err)
	}
}

func TestTheTailIsTheLastWholeLines(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.log")
	if data, err := Tail(path, 100, 3); len(data) > 0 || err != nil {
		t.Errorf("of nothing: %q %v", data, err)
	}
	for name, text := range map[string]string{path + ".1": "a1\na2\na3\n", path: "b1\nb2\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for limit, want := range map[int64]string{100: "a1\na2\na3\nb1\nb2\n", 11: "a3\nb1\nb2\n", 6: "b1\nb2\n", 4: "b2\n", 0: ""} {
		if data, err := Tail(path, limit, 3); string(data) != want || err != nil {
			t.Errorf("%d bytes: %q, want %q (%v)", limit, data, want, err)
		}
	}
	if _, err := Tail(t.TempDir(), 10, 1); err == nil {
		t.Error("a folder has a tail")
	}
}
