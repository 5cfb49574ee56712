package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"bbconnect/model"
)

// verdict is one line of tests.jsonl. Later lines replace earlier ones, so that
// testing ten thousand connectors writes ten thousand lines and not ten thousand
// files or as many copies of one.
type verdict struct {
	// Version is set in the first line alone.
	Version int           `json:"version,omitempty"`
	Key     string        `json:"key,omitempty"`
	Verdict model.Verdict `json:"verdict,omitempty"`
	At      time.Time     `json:"at,omitzero"`
	Code    string        `json:"code,omitempty"`
	What    string        `json:"what,omitempty"`
	// Gone says that the connector was deleted.
	Gone bool `json:"gone,omitempty"`
}

// firstLine begins the file.
const firstLine = "{\"version\":1}\n"

// The file is looked at whenever so many bytes were added, and written anew when
// it has so many replaced lines beyond the ones in use.
const (
	compactEvery = 64 << 10
	spareLines   = 500
)

func (s *Store) testsPath() string { return filepath.Join(s.folders.State, "tests.jsonl") }

// RecordTest remembers the outcome of a connector's last test; List and Get
// return it with the connector.
func (s *Store) RecordTest(ctx context.Context, key string, r model.TestRecord) error {
	p, err := s.find(key)
	if err != nil {
		return err
	}
	return s.append(ctx, verdict{Key: p.key(), Verdict: r.Verdict, At: r.At.UTC(), Code: r.Code, What: withoutCredentials(r.What)})
}

// RecordTests remembers many outcomes, by the connectors' keys, in one change of
// the file: a thousand of them cost one lock and one write. A connector that was
// deleted meanwhile has none to remember.
func (s *Store) RecordTests(ctx context.Context, records map[string]model.TestRecord) error {
	var lines []verdict
	for _, key := range slices.Sorted(maps.Keys(records)) {
		p, err := s.find(key)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		r := records[key]
		lines = append(lines, verdict{Key: p.key(), Verdict: r.Verdict, At: r.At.UTC(), Code: r.Code, What: withoutCredentials(r.What)})
	}
	if len(lines) == 0 {
		return nil
	}
	return s.append(ctx, lines...)
}

// forgetTest is for a connector that was deleted: one of the same id that is
// made later was never tested.
func (s *Store) forgetTest(ctx context.Context, key string) error {
	if s.lastTest(key) == nil {
		return nil
	}
	return s.append(ctx, verdict{Key: key, Gone: true})
}

// lastTests are the last tests by connector. They are state: what cannot be read
// counts as never tested.
func (s *Store) lastTests() map[string]*model.TestRecord {
	data, err := read(s.testsPath(), maxList)
	if err != nil {
		return nil
	}
	tests, _, _ := parseTests(data)
	return tests
}

// lastTest is the last test of one connector, nil where there is none. Only the
// lines about it are taken apart: each of ten thousand connectors that are tested
// in a row looks here, while the file grows.
func (s *Store) lastTest(key string) *model.TestRecord {
	data, err := read(s.testsPath(), maxList)
	if err != nil {
		return nil
	}
	tests, _, _ := parseTests(linesAbout(data, key))
	return tests[key]
}

// linesAbout are the first line, which has the version, and those that may be
// about the key. A line as this program writes it begins with its key, so that a
// look at its beginning is enough; any other is searched.
func linesAbout(data []byte, key string) []byte {
	name, err := json.Marshal(key)
	if err != nil {
		return nil // no text fails to be written as JSON
	}
	usual := []byte(`{"key":"`)
	wanted := append(bytes.TrimSuffix(usual, []byte{'"'}), name...)
	var about []byte
	for line := range bytes.Lines(data) {
		if len(about) == 0 || bytes.HasPrefix(line, wanted) || !bytes.HasPrefix(line, usual) && bytes.Contains(line, name) {
			about = append(about, line...)
		}
	}
	return about
}

// parseTests reads the lines, and skips one that a crash cut short. found is the
// file's version, 0 for an empty one.
func parseTests(data []byte) (tests map[string]*model.TestRecord, lines, found int) {
	tests = map[string]*model.TestRecord{}
	for line := range bytes.Lines(data) {
		v, ok := applyTest(tests, line)
		if !ok {
			continue
		}
		if v.Version != 0 && found == 0 {
			found = v.Version
		}
		if found > version {
			return map[string]*model.TestRecord{}, 0, found
		}
		lines++
	}
	return tests, lines, found
}

// applyTest adds what one line says; ok is false for one that cannot be read.
func applyTest(tests map[string]*model.TestRecord, line []byte) (v verdict, ok bool) {
	if json.Unmarshal(line, &v) != nil {
		return v, false
	}
	switch {
	case v.Key == "":
	case v.Gone:
		delete(tests, v.Key)
	default:
		tests[v.Key] = &model.TestRecord{Verdict: v.Verdict, At: v.At, Code: v.Code, What: v.What}
	}
	return v, true
}

// append adds lines, and writes the file anew from time to time.
func (s *Store) append(ctx context.Context, added ...verdict) error {
	path := s.testsPath()
	return s.locked(ctx, path, func() error {
		before, after, err := appendTo(path, added)
		if _, ok := model.AsProblem(err); ok {
			return err
		}
		if err != nil {
			return unwritable(path, err)
		}
		// Looking into the file costs as much as reading it, so it is done once for
		// every so many bytes that were added.
		if before/compactEvery == after/compactEvery {
			return nil
		}
		return compact(path)
	})
}

// appendTo adds lines and returns the file's size before and after.
func appendTo(path string, added []verdict) (before, after int64, err error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return 0, 0, err
	}
	defer func() {
		if failed := file.Close(); err == nil {
			err = failed
		}
	}()
	info, err := file.Stat()
	if err != nil {
		return 0, 0, err
	}
	begin, err := beginning(file)
	if err != nil {
		return 0, 0, err
	}
	if begin > version {
		return 0, 0, newer(path, begin, version)
	}
	n, err := addLines(file, added, info.Size())
	return info.Size(), info.Size() + int64(n), err
}

// beginning is the version in the first line, 0 for an empty file.
func beginning(file *os.File) (int, error) {
	head := make([]byte, 64)
	n, err := file.ReadAt(head, 0)
	if n == 0 || (err != nil && !errors.Is(err, io.EOF)) {
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return 0, err
	}
	first, _, _ := bytes.Cut(head[:n], []byte("\n"))
	var v verdict
	if json.Unmarshal(first, &v) != nil || v.Version == 0 {
		return version, nil
	}
	return v.Version, nil
}

// addLines writes lines behind size bytes of others, below the first one in a new
// file.
func addLines(file *os.File, added []verdict, size int64) (int, error) {
	var out bytes.Buffer
	last := []byte{'\n'}
	if size == 0 {
		out.WriteString(firstLine)
	} else if _, err := file.ReadAt(last, size-1); err != nil {
		return 0, err
	}
	if last[0] != '\n' {
		out.WriteByte('\n') // a crash cut the line before short
	}
	for _, v := range added {
		line, err := json.Marshal(v)
		if err != nil {
			return 0, err
		}
		out.Write(append(line, '\n'))
	}
	return file.Write(out.Bytes())
}

// compact drops replaced lines once they are many.
func compact(path string) error {
	data, err := read(path, maxList)
	if err != nil {
		return err
	}
	tests, lines, _ := parseTests(data)
	if lines < 2*len(tests)+spareLines {
		return nil
	}
	var out bytes.Buffer
	out.WriteString(firstLine)
	for _, key := range slices.Sorted(maps.Keys(tests)) {
		t := tests[key]
		line, err := json.Marshal(verdict{Key: key, Verdict: t.Verdict, At: t.At, Code: t.Code, What: t.What})
		if err != nil {
			return err
		}
		out.Write(append(line, '\n'))
	}
	return write(path, out.Bytes())
}
