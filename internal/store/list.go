package store

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"bbconnect/model"
)

// List reads every saved connector, sorted by name without regard to case and
// then by key. A file that cannot be used is in the second list, sorted by
// path, and keeps nothing else from being listed. The error is for folders that
// cannot be read, and for a cancelled context.
func (s *Store) List(ctx context.Context) ([]model.Saved, []model.Damaged, error) {
	scan, err := s.scan(ctx)
	if err != nil {
		return nil, nil, err
	}
	list := make([]model.Saved, len(scan.rows))
	if err := each(ctx, len(list), func(i int) { list[i] = scan.saved(scan.rows[i]) }); err != nil {
		return nil, nil, err
	}
	return list, scan.damaged, nil
}

// Connectors is List for the rules, which ask what is saved and neither how its
// test went nor which files cannot be used.
func (s *Store) Connectors(ctx context.Context) ([]model.Connector, error) {
	scan, err := s.scan(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]model.Connector, len(scan.rows))
	err = each(ctx, len(list), func(i int) {
		if r := scan.rows[i]; r.fresh != nil {
			list[i] = r.fresh.saved.Connector
		} else {
			list[i] = scan.entry(r).connector()
		}
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// scanned is what a look at all files found, in the order of List.
type scanned struct {
	known   index
	rows    []scannedRow
	damaged []model.Damaged
	tests   map[string]*model.TestRecord
}

// scannedRow is one connector: at is where the index has it, and fresh is set
// where its file was read instead.
type scannedRow struct {
	spot  spot
	at    int
	fresh *freshRow
}

// freshRow is a file that was read.
type freshRow struct {
	entry indexed
	saved model.Saved
}

// entry is what the index has, or will have, of a row.
func (s *scanned) entry(r scannedRow) *indexed {
	if r.fresh != nil {
		return &r.fresh.entry
	}
	return &s.known.entries[r.at]
}

// saved is the connector of a row with its last test.
func (s *scanned) saved(r scannedRow) model.Saved {
	var saved model.Saved
	if r.fresh != nil {
		saved = r.fresh.saved
	} else {
		e := s.entry(r)
		saved.Connector, saved.Revision = e.connector(), e.revision
	}
	saved.LastTest = s.tests[r.spot.key()]
	return saved
}

// scan looks at every file and reads those that are not as the index has them.
// What was read is kept in the index.
func (s *Store) scan(ctx context.Context) (*scanned, error) {
	out := &scanned{}
	var indexing sync.WaitGroup
	indexing.Go(func() { out.known = s.loadIndex() })
	all, err := s.spots()
	if err != nil {
		indexing.Wait()
		return nil, err
	}
	// Looking at the files needs no index, and takes as long as reading it.
	marks := make([]fileMark, len(all))
	err = each(ctx, len(all), func(i int) { marks[i], _ = markOf(all[i].path) })
	indexing.Wait()
	if err != nil {
		return nil, err
	}
	rows := make([]scannedRow, len(all))
	broken := make([]*model.Problem, len(all))
	if err := each(ctx, len(all), func(i int) { rows[i], broken[i] = s.look(&out.known, all[i], marks[i]) }); err != nil {
		return nil, err
	}
	stale, believed := 0, 0
	out.rows = rows[:0]
	for i, r := range rows {
		switch {
		case broken[i] != nil:
			out.damaged = append(out.damaged, model.Damaged{Path: all[i].path, Problem: broken[i]})
		case r.spot.id != "": // else it was deleted while the list was read
			switch {
			case r.fresh == nil:
				believed++
			case s.outdated(&out.known, r.fresh.entry):
				stale++
			}
			out.rows = append(out.rows, r)
		}
	}
	slices.SortFunc(out.damaged, func(a, b model.Damaged) int { return strings.Compare(a.Path, b.Path) })
	out.arrange()
	tests := s.testsOf(&out.known)
	out.tests = tests.all
	// What the index has of files that are gone, or are other ones by now, counts too.
	if stale = max(stale, len(out.known.entries)-believed); stale > s.slack || tests.worth {
		s.saveIndex(out.index(tests, s.now()))
	}
	return out, nil
}

// look takes a connector from the index where its file, whose mark is zero where
// it has none, is as the index has it, and reads it otherwise.
func (s *Store) look(known *index, p spot, mark fileMark) (scannedRow, *model.Problem) {
	path := below(p)
	if at, ok := known.byPath[path]; ok && mark != (fileMark{}) && known.believes(at, mark) {
		return scannedRow{spot: p, at: at}, nil
	}
	data, err := read(p.path, maxDocument)
	if err != nil {
		return scannedRow{}, asProblem(p.path, err)
	}
	if data == nil {
		return scannedRow{}, nil
	}
	saved, problem := understand(p, data)
	if problem != nil {
		return scannedRow{}, problem
	}
	w := indexWriter{}
	w.connector(saved.Connector)
	fresh := &freshRow{saved: saved, entry: indexed{path: path, mark: mark, revision: saved.Revision, body: string(w.data)}}
	return scannedRow{spot: p, fresh: fresh}, nil
}

// outdated reports that the index would know more of a file if it were written
// anew. One that was changed a moment ago is left out until it has settled: it
// is read each time, and writing the index each time would gain nothing.
func (s *Store) outdated(known *index, e indexed) bool {
	at, ok := known.byPath[e.path]
	return !ok || known.entries[at].revision != e.revision ||
		max(e.mark.modified, e.mark.changed) < s.now().UnixNano()-int64(settled)
}

// arrange sorts by name and key. Rows the index has are in its order already, and
// only have to be put in their places.
func (s *scanned) arrange() {
	places := make([]*scannedRow, len(s.known.entries))
	var fresh []namedRow
	for i := range s.rows {
		if r := &s.rows[i]; r.fresh == nil {
			places[r.at] = r
		} else {
			n := namedRow{row: r}
			n.read(s)
			fresh = append(fresh, n)
		}
	}
	old := slices.DeleteFunc(places, func(r *scannedRow) bool { return r == nil })
	slices.SortFunc(fresh, compareNames)
	sorted := make([]scannedRow, 0, len(s.rows))
	for _, f := range fresh {
		// The place is looked for by halves: reading a name costs more than a step.
		at, _ := slices.BinarySearchFunc(old, f, func(o *scannedRow, f namedRow) int {
			n := namedRow{row: o}
			n.read(s)
			return compareNames(n, f)
		})
		sorted = append(appendRows(sorted, old[:at]), *f.row)
		old = old[at:]
	}
	s.rows = appendRows(sorted, old)
}

// namedRow is a row with what it is sorted by, which is read when it is needed.
type namedRow struct {
	name, key string
	row       *scannedRow
}

func (n *namedRow) read(s *scanned) {
	n.name, n.key = strings.ToLower(s.entry(*n.row).name()), n.row.spot.key()
}

func compareNames(a, b namedRow) int {
	return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.key, b.key))
}

func appendRows(rows []scannedRow, more []*scannedRow) []scannedRow {
	for _, r := range more {
		rows = append(rows, *r)
	}
	return rows
}

// index is what was found, for the next time.
func (s *scanned) index(tests knownTests, now time.Time) index {
	x := index{written: now.UnixNano(), tests: tests.indexed(), entries: make([]indexed, len(s.rows))}
	for i, r := range s.rows {
		x.entries[i] = *s.entry(r)
	}
	return x
}

// each calls do for 0 to n-1 on all processors, a few at a time.
func each(ctx context.Context, n int, do func(i int)) error {
	const few = 16
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(n/few+1, runtime.GOMAXPROCS(0)) {
		group.Go(func() {
			for begin := int(next.Add(few)) - few; begin < n && ctx.Err() == nil; begin = int(next.Add(few)) - few {
				for i := begin; i < min(begin+few, n); i++ {
					do(i)
				}
			}
		})
	}
	group.Wait()
	return ctx.Err()
}

func asProblem(path string, err error) *model.Problem {
	if p, ok := model.AsProblem(err); ok {
		return p
	}
	return damaged(path, "It cannot be read.", err)
}
