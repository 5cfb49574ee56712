package disk

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
)

// File is a file to write: its path and its whole contents.
type File struct {
	Path string
	Data []byte
}

// writersAtOnce is how many files are forced to the disk at the same time: most of
// the wait is the disk's, and it takes several as fast as one.
const writersAtOnce = 16

// WriteFiles is WriteFile for many files. All are on the disk under temporary names
// before the first gets its real one: where one cannot be written, none is
// replaced. A process that is killed while they are renamed leaves some replaced;
// each is whole.
func WriteFiles(files []File) error {
	temps := make([]string, len(files))
	targets := make([]string, len(files))
	defer func() {
		for _, name := range temps {
			if name != "" {
				_ = os.Remove(name) // fails, as it should, once the file has its real name
			}
		}
	}()
	errs := make([]error, len(files))
	places := make(chan struct{}, writersAtOnce)
	var wait sync.WaitGroup
	for i, file := range files {
		places <- struct{}{}
		wait.Go(func() {
			defer func() { <-places }()
			targets[i], temps[i], errs[i] = prepare(file)
		})
	}
	wait.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	folders := map[string]bool{}
	for i := range files {
		if err := replace(temps[i], targets[i]); err != nil {
			return err
		}
		folders[filepath.Dir(targets[i])] = true
	}
	for folder := range folders {
		errs = append(errs, syncFolder(folder))
	}
	return errors.Join(errs...)
}

// prepare puts a file's contents on the disk under a temporary name beside it.
func prepare(file File) (target, temp string, err error) {
	if target, err = follow(file.Path); err != nil {
		return "", "", err
	}
	out, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".*.tmp")
	if err != nil {
		return "", "", err
	}
	return target, out.Name(), fill(out, file.Data)
}
