package disk

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
)

// Log is a file that grows at its end and is bounded: when it is full it becomes
// PATH.1, that one PATH.2, and the oldest goes. Several processes may write to the
// same path; a write is one line or several, and lines of two processes never mix.
// It is safe for concurrent use.
type Log struct {
	path  string
	limit int64
	keep  int

	mu   sync.Mutex
	file *os.File
}

// ErrLogFull is wrapped by Write's error where the file is full and cannot be
// turned over, as on Windows while another process has it open.
var ErrLogFull = errors.New("the log is full")

// OpenLog opens a log of files of limit bytes each, keep of them together. The file
// and its folder are made for their owner alone.
func OpenLog(path string, limit int64, keep int) (*Log, error) {
	l := &Log{path: path, limit: limit, keep: max(keep, 1)}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l, l.open()
}

// Path is the file that is written to, PATH.1 to PATH.n the older ones.
func (l *Log) Path() string { return l.path }

// Write appends data, in a new file where it does not fit the one there is.
func (l *Log) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return 0, fs.ErrClosed
	}
	if err := l.makeRoom(int64(len(data))); err != nil {
		return 0, err
	}
	return l.file.Write(data)
}

// Close ends the log; what was written is in the system's hands.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	file := l.file
	l.file = nil
	return file.Close()
}

func (l *Log) open() error {
	if err := os.MkdirAll(filepath.Dir(l.path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(l.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		_ = file.Close()
		return errors.Join(err, &fs.PathError{Op: "open", Path: l.path, Err: ErrNotRegular})
	}
	l.file = file
	return nil
}

// makeRoom turns the files over where the current one is full, or goes on in the
// new one where another process has done that.
func (l *Log) makeRoom(n int64) error {
	info, err := l.file.Stat()
	if err != nil {
		return err
	}
	current, err := os.Stat(l.path)
	moved := err != nil || !os.SameFile(info, current)
	if !moved && info.Size()+n <= l.limit {
		return nil
	}
	if err := l.file.Close(); err != nil {
		return err
	}
	l.file = nil
	if !moved {
		l.turn()
	}
	if err := l.open(); err != nil {
		return err
	}
	// What could not be turned over, or was filled by others meanwhile, stays bounded
	// all the same.
	if info, err := l.file.Stat(); err != nil || info.Size() > 2*l.limit {
		return errors.Join(err, ErrLogFull)
	}
	return nil
}

// turn renames each file to the next, the oldest over. A file that is missing, or
// cannot be renamed, is left out. Two processes that turn at the same moment may turn
// twice: an older file goes a turn early, and no line is ever mixed or written late.
func (l *Log) turn() {
	for i := l.keep - 1; i > 0; i-- {
		from := l.path
		if i > 1 {
			from = l.name(i - 1)
		}
		_ = replace(from, l.name(i))
	}
	if l.keep == 1 {
		_ = os.Remove(l.path)
	}
}

func (l *Log) name(i int) string { return l.path + "." + strconv.Itoa(i) }

// Tail is the end of a log, at most limit bytes, from the beginning of a line; the
// older files are read where the newest has less. A log that is not there is empty.
func Tail(path string, limit int64, keep int) ([]byte, error) {
	var out []byte
	for i := range max(keep, 1) {
		name := path
		if i > 0 {
			name = path + "." + strconv.Itoa(i)
		}
		data, err := lastBytes(name, limit-int64(len(out)))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(data, out...)
		if int64(len(out)) >= limit {
			break
		}
	}
	return out, nil
}

// lastBytes are the last whole lines of a file in so many bytes.
func lastBytes(name string, limit int64) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "read", Path: name, Err: ErrNotRegular}
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	begin := max(info.Size()-limit, 0)
	data := make([]byte, info.Size()-begin)
	n, err := file.ReadAt(data, begin)
	if err != nil && n < len(data) && !errors.Is(err, io.EOF) {
		return nil, err
	}
	data = data[:n]
	if begin > 0 {
		_, data, _ = bytes.Cut(data, []byte("\n"))
	}
	return data, nil
}
