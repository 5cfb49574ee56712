package store

import (
	"context"
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"bbconnect/internal/disk"
	"bbconnect/model"
)

// The rows file keeps what a caller has made of each connector, ready to be
// passed on: at ten thousand connectors putting it together costs more than
// everything else. Like the index it may be deleted at any moment.
const rowsMagic = "BBCROW01"

// Renderer makes a connector's row. It is asked for only when a row is missing,
// so that what it needs is read only then; the function it returns is called by
// several goroutines.
type Renderer = func(ctx context.Context) (func(model.Saved) ([]byte, error), error)

// Rows are the rows of every connector in the order of List, and the files that
// cannot be used. stamp says what else the rows depend on beside the connector,
// its last test and the named secrets: the day, for example. A row is made once
// and handed out again for as long as none of that changes.
func (s *Store) Rows(ctx context.Context, stamp string, render Renderer) ([][]byte, []model.Damaged, error) {
	return s.RowsIn(ctx, "rows", stamp, render, nil)
}

// RowsIn is Rows for several callers with rows of their own, each under a name.
// known, when it is not nil, is given the rows as they were last time before a
// single file was looked at, so that there is something to show; none at all when
// there are none for the stamp. It is called once, in the caller's goroutine.
func (s *Store) RowsIn(ctx context.Context, name, stamp string, render Renderer, known func([][]byte)) ([][]byte, []model.Damaged, error) {
	begun := s.now().UnixNano()
	mark, _ := markOf(s.secretsPath())
	var before *knownRows
	var loading sync.WaitGroup
	loading.Go(func() { before = s.loadRows(name, stamp, mark) })
	if known != nil {
		// Whoever waits for something to show gets all processors.
		loading.Wait()
		known(before.rows)
	}
	scan, err := s.scan(ctx)
	loading.Wait()
	if err != nil {
		return nil, nil, err
	}
	rows, marks := make([][]byte, len(scan.rows)), make([]string, len(scan.rows))
	var missing []int
	for i, r := range scan.rows {
		marks[i] = scan.rowMark(r)
		if rows[i] = before.row(i, marks[i]); rows[i] == nil {
			missing = append(missing, i)
		}
	}
	if err := scan.draw(ctx, rows, missing, render); err != nil {
		return nil, nil, err
	}
	if len(rows) >= s.worth && (len(missing) > 0 || len(rows) != len(before.marks)) {
		_ = disk.WriteCache(s.rowsPath(name), rowsBytes(stamp, mark, begun, marks, rows))
	}
	return rows, scan.damaged, nil
}

// Count is how many files of connectors there are, whole or damaged, without
// reading any.
func (s *Store) Count(ctx context.Context) (int, error) {
	all, err := s.spots()
	if err == nil {
		err = ctx.Err()
	}
	return len(all), err
}

// draw makes the rows that are missing, on all processors.
func (s *scanned) draw(ctx context.Context, rows [][]byte, missing []int, render Renderer) error {
	if len(missing) == 0 {
		return nil
	}
	one, err := render(ctx)
	if err != nil {
		return err
	}
	errs := make([]error, len(missing))
	if err := each(ctx, len(missing), func(i int) {
		rows[missing[i]], errs[i] = one(s.saved(s.rows[missing[i]]))
	}); err != nil {
		return err
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) rowsPath(name string) string { return filepath.Join(s.folders.State, name+".bin") }

// rowMark names everything of its own that a row depends on.
func (s *scanned) rowMark(r scannedRow) string {
	e := s.entry(r)
	if test := s.tests[r.spot.key()]; test != nil {
		return e.path + "\x00" + e.revision + "\x00" + string(test.Verdict) + strconv.FormatInt(test.At.UnixNano(), 36)
	}
	return e.path + "\x00" + e.revision
}

// knownRows are the rows of the file; the zero value has none.
type knownRows struct {
	// stale says that the named secrets have changed since: the rows are good to
	// look at while new ones are made, and none of them is used again.
	stale  bool
	marks  []string
	rows   [][]byte
	byMark map[string]int
}

// row finds a row by its mark, most likely where it was; nil when there is none.
func (k *knownRows) row(at int, mark string) []byte {
	if k.stale {
		return nil
	}
	if at < len(k.marks) && k.marks[at] == mark {
		return k.rows[at]
	}
	if k.byMark == nil {
		k.byMark = make(map[string]int, len(k.marks))
		for i, m := range k.marks {
			k.byMark[m] = i
		}
	}
	if i, ok := k.byMark[mark]; ok {
		return k.rows[i]
	}
	return nil
}

// loadRows reads the file when it was made under the same stamp; otherwise, and
// when it cannot be understood, it is empty.
func (s *Store) loadRows(name, stamp string, secrets fileMark) *knownRows {
	data, err := os.ReadFile(s.rowsPath(name))
	if err != nil {
		return &knownRows{}
	}
	k, err := parseRows(data, stamp, secrets)
	if err != nil {
		return &knownRows{}
	}
	return k
}

func parseRows(data []byte, stamp string, secrets fileMark) (*knownRows, error) {
	head := len(rowsMagic) + 8
	if len(data) < head || string(data[:len(rowsMagic)]) != rowsMagic {
		return nil, errIndex
	}
	sum, size := binary.LittleEndian.Uint32(data[len(rowsMagic):]), int(binary.LittleEndian.Uint32(data[len(rowsMagic)+4:]))
	if size > len(data)-head || crc32.Checksum(data[head:], crc32.MakeTable(crc32.Castagnoli)) != sum {
		return nil, errIndex
	}
	r := indexReader{rest: string(data[head : head+size])}
	if r.text() != programMark() || r.text() != stamp {
		return nil, errIndex
	}
	written := r.signed()
	stale := r.mark() != secrets || max(secrets.modified, secrets.changed) >= written-int64(settled)
	n, blob := r.count(), data[head+size:]
	k := &knownRows{marks: make([]string, n), rows: make([][]byte, n), stale: stale}
	for i := range n {
		k.marks[i] = r.text()
		length := r.number()
		if length > uint64(len(blob)) {
			return nil, errIndex
		}
		k.rows[i], blob = blob[:length:length], blob[length:]
	}
	if r.err != nil || r.rest != "" || len(blob) != 0 {
		return nil, errIndex
	}
	return k, nil
}

// rowsBytes is the file: what tells the rows, then the rows themselves.
func rowsBytes(stamp string, secrets fileMark, written int64, marks []string, rows [][]byte) []byte {
	w := indexWriter{}
	w.text(programMark())
	w.text(stamp)
	w.signed(written)
	w.mark(secrets)
	w.number(uint64(len(rows)))
	size := 0
	for i, row := range rows {
		w.text(marks[i])
		w.number(uint64(len(row)))
		size += len(row)
	}
	head := len(rowsMagic) + 8
	out := make([]byte, head, head+len(w.data)+size)
	copy(out, rowsMagic)
	out = append(out, w.data...)
	for _, row := range rows {
		out = append(out, row...)
	}
	binary.LittleEndian.PutUint32(out[len(rowsMagic):], crc32.Checksum(out[head:], crc32.MakeTable(crc32.Castagnoli)))
	binary.LittleEndian.PutUint32(out[len(rowsMagic)+4:], uint32(len(w.data)))
	return out
}
