package store

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"bbconnect/model"
)

// List reads every saved connector, sorted by name without regard to case and
// then by key. A file that cannot be used is in the second list, sorted by
// path, and keeps nothing else from being listed. The error is for folders that
// cannot be read, and for a cancelled context.
func (s *Store) List(ctx context.Context) ([]model.Saved, []model.Damaged, error) {
	all, err := s.spots()
	if err != nil {
		return nil, nil, err
	}
	saved := make([]model.Saved, len(all))
	broken := make([]*model.Problem, len(all))
	if err := each(ctx, len(all), func(i int) {
		data, err := read(all[i].path, maxDocument)
		switch {
		case err != nil:
			broken[i] = asProblem(all[i].path, err)
		case data != nil:
			saved[i], broken[i] = understand(all[i], data)
		}
	}); err != nil {
		return nil, nil, err
	}
	tests := s.lastTests()
	var list []model.Saved
	var wrong []model.Damaged
	for i, p := range all {
		switch {
		case broken[i] != nil:
			wrong = append(wrong, model.Damaged{Path: p.path, Problem: broken[i]})
		case saved[i].Revision != "": // else it was deleted while the list was read
			saved[i].LastTest = tests[p.key()]
			list = append(list, saved[i])
		}
	}
	slices.SortFunc(wrong, func(a, b model.Damaged) int { return strings.Compare(a.Path, b.Path) })
	return sorted(list), wrong, nil
}

// each calls do for 0 to n-1 on all processors.
func each(ctx context.Context, n int, do func(i int)) error {
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	group.Wait()
	return ctx.Err()
}

func sorted(list []model.Saved) []model.Saved {
	type row struct {
		name, key string
		saved     model.Saved
	}
	rows := make([]row, len(list))
	for i, s := range list {
		rows[i] = row{strings.ToLower(s.Connector.Name), s.Connector.Key(), s}
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.key, b.key))
	})
	for i, r := range rows {
		list[i] = r.saved
	}
	return list
}

func asProblem(path string, err error) *model.Problem {
	if p, ok := model.AsProblem(err); ok {
		return p
	}
	return damaged(path, "It cannot be read.", err)
}
