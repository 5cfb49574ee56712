package disk

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// ErrTooBig is wrapped by ReadFile's error for a file above the limit.
var ErrTooBig = errors.New("the file is too big")

// ErrNotRegular is wrapped by ReadFile's error for anything but a file: a
// folder, a named pipe, a device. Reading some of those would never end.
var ErrNotRegular = errors.New("not a regular file")

// ReadFile reads a whole file of at most limit bytes; symbolic links are
// followed. A missing file is fs.ErrNotExist, a bigger one ErrTooBig.
func ReadFile(path string, limit int64) ([]byte, error) {
	// Looked at before it is opened, since opening a named pipe waits for a writer.
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "read", Path: path, Err: ErrNotRegular}
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	// Room for all of it at once: a file of results is read as often as there are
	// connectors to test.
	var data bytes.Buffer
	data.Grow(int(min(info.Size(), limit)) + bytes.MinRead)
	// One byte more than allowed tells "exactly the limit" from "above it".
	if _, err := data.ReadFrom(io.LimitReader(file, limit+1)); err != nil {
		return nil, err
	}
	if int64(data.Len()) > limit {
		return nil, &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("%w: more than %d bytes", ErrTooBig, limit)}
	}
	return data.Bytes(), nil
}
