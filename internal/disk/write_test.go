package disk

import (
	"bufio"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// childFile, when set, makes this test binary a process that writes the file
// for ever, for its parent to kill.
const childFile = "BBCONNECT_DISK_TEST_WRITES"

// childLock, when set, makes it one that counts up in a file, under its lock.
const childLock = "BBCONNECT_DISK_TEST_COUNTS"

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(childFile) != "":
		writeForEver(os.Getenv(childFile))
	case os.Getenv(childLock) != "":
		os.Exit(countUp(os.Getenv(childLock)))
	default:
		os.Exit(m.Run())
	}
}

// content is a megabyte of one letter: a mixture would show.
func content(letter byte) []byte { return bytes.Repeat([]byte{letter}, 1<<20) }

func writeForEver(path string) {
	for letter := byte('a'); ; letter = 'a' + (letter-'a'+1)%26 {
		if err := WriteFile(path, content(letter)); err != nil {
			os.Stderr.WriteString(err.Error())
			os.Exit(1)
		}
		os.Stdout.WriteString("written\n")
	}
}

// rerun starts this test binary again with one variable set.
func rerun(t *testing.T, variable, value string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), variable+"="+value)
	return cmd
}

func TestAKilledWriteLeavesTheOldOrTheNewContents(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "connector.yaml")
	for round := range 25 {
		cmd := rerun(t, childFile, path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// Kill it in the middle of some later write, a different one each round.
		lines := bufio.NewScanner(out)
		for range 1 + round%3 {
			if !lines.Scan() {
				t.Fatal("the writer ended by itself")
			}
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		got, err := ReadFile(path, 2<<20)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 1<<20 || !bytes.Equal(got, content(got[0])) {
			t.Fatalf("round %d: %d bytes, neither the old nor the new contents", round, len(got))
		}
	}
}

func TestWriteFileMakesPrivateFilesAndFolders(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "connectors", "org", "a.yaml")
	if err := WriteFile(path, []byte("one")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(path, []byte("two")); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" { // Windows keeps access lists, not modes
		for name, want := range map[string]fs.FileMode{path: 0o600, filepath.Dir(path): 0o700, filepath.Dir(filepath.Dir(path)): 0o700} {
			info, err := os.Stat(name)
			if err != nil {
				t.Fatal(err)
			}
			if got := info.Mode().Perm(); got != want {
				t.Errorf("%s is %o, want %o", name, got, want)
			}
		}
	}
	onlyFile(t, path, "two")
}

// onlyFile checks the contents and that nothing else lies beside the file.
func onlyFile(t *testing.T, path, want string) {
	t.Helper()
	got, err := ReadFile(path, 1<<20)
	if err != nil || string(got) != want {
		t.Errorf("read %q, %v; want %q", got, err, want)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("the folder holds %v, want the file alone", entries)
	}
}

func TestWriteFileKeepsSymbolicLinks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		// link is what settings.yaml points to, relative to its folder.
		link   string
		exists bool
	}{
		{"to a file", "../dotfiles/settings.yaml", true},
		{"to a file that is not there yet", "../dotfiles/settings.yaml", false},
		{"to a folder that is not there yet", "../elsewhere/deep/settings.yaml", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			link := filepath.Join(root, "config", "settings.yaml")
			target := filepath.Join(root, "config", tt.link)
			mkdir(t, filepath.Dir(link), filepath.Join(root, "dotfiles"))
			if tt.exists {
				if err := os.WriteFile(target, []byte("old"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			symlink(t, tt.link, link)
			if err := WriteFile(link, []byte("new")); err != nil {
				t.Fatal(err)
			}
			if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
				t.Errorf("the link is gone: %v, %v", info, err)
			}
			onlyFile(t, target, "new")
		})
	}
}

func TestARelativeLinkInALinkedFolderIsReadFromWhereTheFolderIs(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	mkdir(t, filepath.Join(root, "real", "config"), filepath.Join(root, "home"))
	symlink(t, filepath.Join(root, "real", "config"), filepath.Join(root, "home", "config"))
	symlink(t, "../settings.yaml", filepath.Join(root, "real", "config", "settings.yaml"))
	if err := WriteFile(filepath.Join(root, "home", "config", "settings.yaml"), []byte("new")); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(root, "real", "settings.yaml")); string(got) != "new" {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestWriteFileRefusesLoopsAndFolders(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	symlink(t, "b", filepath.Join(root, "a"))
	symlink(t, "a", filepath.Join(root, "b"))
	for _, path := range []string{filepath.Join(root, "a"), root} {
		if err := WriteFile(path, []byte("x")); err == nil {
			t.Errorf("%s was written", path)
		}
	}
}

func TestAWriteThatCannotHappenLeavesTheOldFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	if err := WriteFile(path, []byte("old")); err != nil {
		t.Fatal(err)
	}
	// A file cannot be a folder: the parent of this one cannot be made.
	if err := WriteFile(filepath.Join(path, "below"), []byte("new")); err == nil {
		t.Error("a file below a file was written")
	}
	onlyFile(t, path, "old")
}

func TestConcurrentWritersAndReadersSeeWholeFiles(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	if err := WriteFile(path, content('z')); err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup
	for letter := byte('a'); letter < 'e'; letter++ {
		work.Go(func() {
			for range 5 {
				if err := WriteFile(path, content(letter)); err != nil {
					t.Error(err)
				}
				got, err := ReadFile(path, 2<<20)
				if err != nil || len(got) != 1<<20 || !bytes.Equal(got, content(got[0])) {
					t.Errorf("%d bytes, %v: not one writer's contents", len(got), err)
				}
			}
		})
	}
	work.Wait()
}

func TestReadFileStopsAtItsLimit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := WriteFile(path, []byte(strings.Repeat("x", 100))); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		path  string
		limit int64
		want  error
	}{
		{"exactly the limit", path, 100, nil},
		{"one byte above", path, 99, ErrTooBig},
		{"missing", filepath.Join(dir, "none"), 100, fs.ErrNotExist},
		{"a folder", dir, 100, ErrNotRegular},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data, err := ReadFile(tt.path, tt.limit)
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if (err == nil) != (len(data) == 100) {
				t.Errorf("%d bytes with error %v", len(data), err)
			}
			if err != nil && !strings.Contains(err.Error(), tt.path) {
				t.Errorf("%q does not name the path", err)
			}
		})
	}
}

func mkdir(t *testing.T, dirs ...string) {
	t.Helper()
	for _, dir := range dirs {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
}

func symlink(t *testing.T, to, from string) {
	t.Helper()
	if err := os.Symlink(to, from); err != nil {
		if runtime.GOOS == "windows" {
			t.Skipf("LEFT OUT: this account may not make symbolic links: %v", err)
		}
		t.Fatal(err)
	}
}

func TestAFolderThatAPersonMistypedIsNotMade(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := WriteInFolder(filepath.Join(dir, "reprots", "x.md"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("it made %v", left)
	}
	path := filepath.Join(dir, "x.md")
	if err := WriteInFolder(path, []byte("text")); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "text" {
		t.Errorf("%q, %v", data, err)
	}
}
