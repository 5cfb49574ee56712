package disk

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// maxLinks is how many symbolic links in a row are followed, as Linux does.
const maxLinks = 40

// WriteFile replaces the file at path with data in one step. Missing parent
// folders are created for the owner alone, and the file is always 0600. A path
// that is a symbolic link keeps being one: the file it points to is replaced,
// as people who keep their settings in a repository expect, and created when it
// is not there yet.
//
// The data goes to a temporary file in the same folder (.NAME.*.tmp), is forced
// to the disk and then renamed over the old file. A process killed in between
// leaves the temporary file, which nothing reads, and the old contents.
func WriteFile(path string, data []byte) error {
	target, err := follow(path)
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".*.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // fails, as it should, once the file has its real name
	if err := fill(temp, data); err != nil {
		return err
	}
	if err := replace(temp.Name(), target); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(target))
}

// WriteInFolder is WriteFile for a path that a person typed: a folder that is not
// there is an error, since a slip of the fingers would make it.
func WriteInFolder(path string, data []byte) error {
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return err
	}
	return WriteFile(path, data)
}

// WriteCache is WriteFile for what can be made anew at any time: it takes no care
// to survive a power cut, after which the file may be empty or cut short. Other
// processes still see the old contents or the new.
func WriteCache(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // fails, as it should, once the file has its real name
	_, err = temp.Write(data)
	if closed := temp.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return replace(temp.Name(), path)
}

// fill writes data, makes it durable and closes the file, whatever happens.
// os.CreateTemp has already made it 0600.
func fill(file *os.File, data []byte) error {
	_, err := file.Write(data)
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

// follow returns the file a path stands for: the path itself, or where its
// symbolic links end even when nothing is there yet (filepath.EvalSymlinks
// refuses that). Each folder on the way is created and made real first, since a
// relative link is relative to where its folder really is.
func follow(path string) (string, error) {
	for range maxLinks {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return "", err
		}
		folder, err := filepath.EvalSymlinks(filepath.Dir(path))
		if err != nil {
			return "", err
		}
		path = filepath.Join(folder, filepath.Base(path))
		info, err := os.Lstat(path)
		switch {
		case err == nil && info.IsDir():
			return "", &fs.PathError{Op: "write", Path: path, Err: fmt.Errorf("is a folder")}
		case err != nil || info.Mode()&fs.ModeSymlink == 0:
			return path, nil
		}
		link, err := os.Readlink(path)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(link) {
			link = filepath.Join(folder, link)
		}
		path = link
	}
	return "", &fs.PathError{Op: "write", Path: path, Err: fmt.Errorf("more than %d symbolic links", maxLinks)}
}
