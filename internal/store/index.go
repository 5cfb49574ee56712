package store

import (
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"bbconnect/internal/disk"
	"bbconnect/model"
)

// The index spares List the reading of files that have not changed: it holds
// every connector as it was understood, with the size, the times and the number
// its file had then. The files stay the truth. The index may be deleted at any
// moment, is made anew when it cannot be understood or another program wrote it,
// and is never asked about a file that differs in any of these.
const (
	indexMagic = "BBCIDX01"
	// indexWorth is the number of connectors from which on there is an index;
	// below it reading the files is as quick.
	indexWorth = 200
	// indexSlack is how many files may differ from the index before it is worth
	// writing it again.
	indexSlack = 32
	// settled is how old a file must have been when the index was written. Within
	// the clock's step of a file system (two seconds on FAT) a file could change
	// again without any of its marks changing.
	settled = 2 * time.Second
)

// fileMark is what tells that a file was not touched.
type fileMark struct {
	size, modified, changed int64
	number                  uint64
}

// indexed is one connector in the index.
type indexed struct {
	path     string // the connector's key, which is its path too
	mark     fileMark
	revision string
	body     string // the connector, as indexWriter writes it
}

func (e *indexed) connector() model.Connector {
	r := indexReader{rest: e.body}
	return r.connector()
}

// name is the connector's name, which its body begins with.
func (e *indexed) name() string {
	r := indexReader{rest: e.body}
	return r.text()
}

// index is the file as it was read; the zero index knows nothing.
type index struct {
	written int64 // when, in nanoseconds
	entries []indexed
	byPath  map[string]int
	tests   indexedTests
}

// indexedTests is tests.jsonl as it was understood up to its size then.
type indexedTests struct {
	mark fileMark
	edge string
	body string
}

func (s *Store) indexPath() string { return filepath.Join(s.folders.State, "index.bin") }

// programMark names the running program, so that what another version has
// understood is not believed.
func programMark() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	m, ok := markOf(path)
	if !ok {
		return ""
	}
	return strconv.FormatInt(m.size, 36) + "." + strconv.FormatInt(m.modified, 36)
}

// loadIndex reads the index; one that is missing or cannot be understood is
// empty.
func (s *Store) loadIndex() index {
	data, err := os.ReadFile(s.indexPath())
	if err != nil {
		return index{}
	}
	x, err := parseIndex(data)
	if err != nil {
		return index{}
	}
	return x
}

func parseIndex(data []byte) (index, error) {
	head := len(indexMagic) + 4
	if len(data) < head || string(data[:len(indexMagic)]) != indexMagic ||
		binary.LittleEndian.Uint32(data[len(indexMagic):]) != crc32.Checksum(data[head:], crc32.MakeTable(crc32.Castagnoli)) {
		return index{}, errIndex
	}
	r := indexReader{rest: string(data[head:])}
	if r.text() != programMark() {
		return index{}, errIndex
	}
	x := index{written: r.signed()}
	x.tests = indexedTests{mark: r.mark(), edge: r.text(), body: r.text()}
	n := r.count()
	x.entries, x.byPath = make([]indexed, n), make(map[string]int, n)
	for i := range x.entries {
		e := indexed{path: r.text(), mark: r.mark(), revision: r.text(), body: r.text()}
		x.entries[i], x.byPath[e.path] = e, i
	}
	if r.err != nil || r.rest != "" {
		return index{}, errIndex
	}
	return x, nil
}

func (r *indexReader) mark() fileMark {
	return fileMark{size: r.signed(), modified: r.signed(), changed: r.signed(), number: r.number()}
}

func (w *indexWriter) mark(m fileMark) {
	w.signed(m.size)
	w.signed(m.modified)
	w.signed(m.changed)
	w.number(m.number)
}

// bytes is the index as a file.
func (x index) bytes() []byte {
	w := indexWriter{data: make([]byte, 0, 256*len(x.entries)+len(x.tests.body)+64)}
	w.data = append(w.data, indexMagic...)
	w.data = append(w.data, 0, 0, 0, 0)
	w.text(programMark())
	w.signed(x.written)
	w.mark(x.tests.mark)
	w.text(x.tests.edge)
	w.text(x.tests.body)
	w.number(uint64(len(x.entries)))
	for _, e := range x.entries {
		w.text(e.path)
		w.mark(e.mark)
		w.text(e.revision)
		w.text(e.body)
	}
	head := len(indexMagic) + 4
	binary.LittleEndian.PutUint32(w.data[len(indexMagic):], crc32.Checksum(w.data[head:], crc32.MakeTable(crc32.Castagnoli)))
	return w.data
}

// believes reports whether a file is the one the index has there, and had
// settled by the time the index was written.
func (x *index) believes(at int, m fileMark) bool {
	return x.entries[at].mark == m && x.settled(m)
}

func (x *index) settled(m fileMark) bool {
	return max(m.modified, m.changed) < x.written-int64(settled)
}

// saveIndex writes an index. That it cannot be written, as in a home that is
// read only, costs speed and nothing else.
func (s *Store) saveIndex(x index) {
	if len(x.entries) >= s.worth {
		_ = disk.WriteCache(s.indexPath(), x.bytes())
	}
}

// below is a connector's file as the index names it, its key: the path below the
// folder of connectors without the extension.
func below(p spot) string { return p.key() }
