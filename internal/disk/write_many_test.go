package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestManyFilesAreWrittenOrNone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var files []File
	for i := range 50 {
		path := filepath.Join(dir, fmt.Sprint(i%3), fmt.Sprint(i))
		if err := WriteFile(path, []byte("old")); err != nil {
			t.Fatal(err)
		}
		files = append(files, File{path, fmt.Appendf(nil, "new %d", i)})
	}
	blocked := File{filepath.Join(dir, "folder"), []byte("new")}
	if err := os.Mkdir(blocked.Path, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := WriteFiles(append(files, blocked)); err == nil {
		t.Error("a folder was written like a file")
	}
	each(t, dir, func(path string, data string) {
		if data != "old" {
			t.Errorf("%s holds %q though another one could not be written", path, data)
		}
	})
	if err := WriteFiles(files); err != nil {
		t.Fatal(err)
	}
	n := 0
	each(t, dir, func(path string, data string) {
		n++
		if data != "new "+filepath.Base(path) {
			t.Errorf("%s holds %q", path, data)
		}
	})
	if n != len(files) {
		t.Errorf("%d files, want %d: something is left behind", n, len(files))
	}
	if err := WriteFiles(nil); err != nil {
		t.Error(err)
	}
}

// each visits every file below a folder.
func each(t *testing.T, dir string, visit func(path, data string)) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		visit(path, string(data))
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
}
