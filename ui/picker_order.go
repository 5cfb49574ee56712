package ui

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// sortHere is how many rows are sorted within Update, which takes some 10 ms.
const sortHere = 10_000

// ordered is the answer of a sorting in the background.
type ordered struct {
	index *index
	order []int32
}

// SortBy sorts by a column, from the greatest to the least when reverse is true;
// -1 leaves the rows as they were given. The order counts while the filter is
// empty: what is found by letters stands best first. It is kept when the rows
// are set anew, and the selection stays on its row.
func (p *Picker) SortBy(column int, reverse bool) tea.Cmd {
	if column >= len(p.columns) || column < 0 || p.columns[column].Sort == Unsorted {
		column, reverse = -1, false
	}
	p.sortBy, p.reverse = column, reverse
	cmd := p.sortRows()
	if cmd != nil {
		return cmd // what is shown stays until the order is there
	}
	return p.reorder()
}

// SortedBy is the column sorted by, -1 when the rows are shown as given.
func (p *Picker) SortedBy() (column int, reverse bool) { return p.sortBy, p.reverse }

// nextSort goes to the next column that can be sorted by, and from the last one
// back to the rows as given.
func (p *Picker) nextSort() tea.Cmd {
	for c := p.sortBy + 1; c < len(p.columns); c++ {
		if p.columns[c].Sort != Unsorted {
			return p.SortBy(c, false)
		}
	}
	return p.SortBy(-1, false)
}

func (p *Picker) sortable() bool {
	return slices.ContainsFunc(p.columns, func(c Column) bool { return c.Sort != Unsorted })
}

// reorder shows the rows in their new order.
func (p *Picker) reorder() tea.Cmd {
	p.rebase()
	return p.match(true)
}

// sortRows finds the order of the rows: here when they are few, else in the
// background.
func (p *Picker) sortRows() tea.Cmd {
	p.sorting.Cancel()
	if p.sortBy < 0 {
		p.order = nil
		return nil
	}
	x, column, kind, reverse := p.index, p.sortBy, p.columns[p.sortBy].Sort, p.reverse
	if len(p.rows) <= sortHere {
		p.order = sortedRows(context.Background(), p.rows, column, kind, reverse)
		return nil
	}
	return p.sorting.Start(func(ctx context.Context) tea.Msg {
		return ordered{index: x, order: sortedRows(ctx, x.rows, column, kind, reverse)}
	})
}

// takeOrder shows the order that was found in the background.
func (p *Picker) takeOrder(m ordered) (PickerEvent, tea.Cmd) {
	if m.index != p.index {
		return PickerIgnored, nil
	}
	p.order = m.order
	return PickerMoved, p.reorder()
}

// sortItem is a row with what it is sorted by.
type sortItem struct {
	text   string
	number int64
	row    int32
}

// sortedRows sorts rows by a column. Rows that have nothing in it stand last,
// equal ones as they were given.
func sortedRows(ctx context.Context, rows []Row, column int, kind Sort, reverse bool) []int32 {
	items := make([]sortItem, len(rows))
	inParallel(ctx, len(rows), func(from, to int) {
		for i := from; i < to; i++ {
			items[i] = sortItemOf(rows[i], i, column, kind)
		}
	})
	items = mergeSort(ctx, items, itemOrder(kind, reverse))
	out := make([]int32, len(items))
	for i, it := range items {
		out[i] = it.row
	}
	return out
}

func sortItemOf(r Row, row, column int, kind Sort) sortItem {
	it := sortItem{row: int32(row), number: NoNumber}
	if kind == ByNumber && column < len(r.Numbers) {
		it.number = r.Numbers[column]
	}
	if kind == ByText && column < len(r.Cells) {
		it.text = strings.ToLower(line(r.Cells[column]))
	}
	return it
}

func itemOrder(kind Sort, reverse bool) func(a, b sortItem) int {
	sign := 1
	if reverse {
		sign = -1
	}
	if kind == ByNumber {
		return func(a, b sortItem) int {
			if last := cmp.Compare(boolInt(a.number == NoNumber), boolInt(b.number == NoNumber)); last != 0 {
				return last
			}
			return cmp.Or(sign*cmp.Compare(a.number, b.number), cmp.Compare(a.row, b.row))
		}
	}
	return func(a, b sortItem) int {
		if last := cmp.Compare(boolInt(a.text == ""), boolInt(b.text == "")); last != 0 {
			return last
		}
		return cmp.Or(sign*strings.Compare(a.text, b.text), cmp.Compare(a.row, b.row))
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// mergeSort sorts one part on each processor and merges the parts.
func mergeSort(ctx context.Context, items []sortItem, order func(a, b sortItem) int) []sortItem {
	size := max(piece, (len(items)+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))
	parts := slices.Collect(slices.Chunk(items, size))
	eachInParallel(ctx, len(parts), func(i int) { slices.SortFunc(parts[i], order) })
	for len(parts) > 1 {
		merged := make([][]sortItem, (len(parts)+1)/2)
		eachInParallel(ctx, len(merged), func(i int) {
			if 2*i+1 == len(parts) {
				merged[i] = parts[2*i]
				return
			}
			merged[i] = mergeTwo(parts[2*i], parts[2*i+1], order)
		})
		parts = merged
	}
	if len(parts) == 0 {
		return nil
	}
	return parts[0]
}

func mergeTwo(a, b []sortItem, order func(a, b sortItem) int) []sortItem {
	out := make([]sortItem, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if order(a[0], b[0]) <= 0 {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}
