package document

import (
	"bytes"

	"go.yaml.in/yaml/v3"
)

// maxCells bounds the table of one comparison of lines.
const maxCells = 4_000_000

// merge carries the difference between base and changed, two texts laid out by
// the same writer, over to the original that base was made from. Lines of the
// original that did not change keep their bytes; so do blank lines, which base
// and changed do not have. ok is false where the lines that changed cannot be
// found again in the original.
func merge(original, base, changed []byte) (merged []byte, ok bool) {
	eol := []byte("\n")
	if bytes.Contains(original, []byte("\r\n")) {
		eol = []byte("\r\n")
	}
	have, from, to := lines(original), lines(base), lines(changed)
	place, ok := pair(squeeze(from), squeeze(have))
	if !ok {
		return nil, false
	}
	kept, ok := pair(from, to)
	if !ok {
		return nil, false
	}
	var out [][]byte
	next, at := 0, 0
	for i := 0; i <= len(from); i++ {
		if i < len(from) && kept[i] < 0 {
			if place[i] < 0 {
				return nil, false
			}
			continue
		}
		end := len(to)
		if i < len(from) {
			end = kept[i]
		}
		if out, next, ok = hunk(out, have, place, next, i, removedFrom(kept, i), to[at:end]); !ok {
			return nil, false
		}
		at = end + 1
	}
	out = append(out, have[next:]...)
	return bytes.Join(append(out, nil), eol), true
}

// hunk copies the original up to a changed place, drops the lines base lost
// there and puts in those changed has. first and i are the lines of base that
// were lost, first to i-1.
func hunk(out, have [][]byte, place []int, next, i, first int, added [][]byte) ([][]byte, int, bool) {
	if first == i && len(added) == 0 {
		return out, next, true
	}
	start := next
	if first > 0 {
		if place[first-1] < 0 {
			return nil, 0, false
		}
		start = place[first-1] + 1
	}
	if first < i {
		start = place[first]
	}
	if start < next {
		return nil, 0, false
	}
	out = append(out, have[next:start]...)
	out = append(out, added...)
	next = start
	for j := first; j < i; j++ {
		// What stands between two lost lines and is not in base is a blank line.
		out = append(out, have[next:place[j]]...)
		next = place[j] + 1
	}
	return out, next, true
}

// removedFrom is the first of the lines of base before i that changed no longer
// has, i when there are none.
func removedFrom(kept []int, i int) int {
	for i > 0 && kept[i-1] < 0 {
		i--
	}
	return i
}

// pair finds for every line of a the line of b it is the same as, in order, -1
// for none: a longest common subsequence. ok is false when the texts differ in
// too many lines to compare.
func pair(a, b [][]byte) (partner []int, ok bool) {
	partner = make([]int, len(a))
	for i := range partner {
		partner[i] = -1
	}
	head := 0
	for head < len(a) && head < len(b) && bytes.Equal(a[head], b[head]) {
		partner[head] = head
		head++
	}
	endA, endB := len(a), len(b)
	for endA > head && endB > head && bytes.Equal(a[endA-1], b[endB-1]) {
		endA, endB = endA-1, endB-1
		partner[endA] = endB
	}
	n, m := endA-head, endB-head
	if n*m > maxCells {
		return nil, false
	}
	width := m + 1
	longest := make([]int32, (n+1)*width)
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if bytes.Equal(a[head+i], b[head+j]) {
				longest[i*width+j] = longest[(i+1)*width+j+1] + 1
			} else {
				longest[i*width+j] = max(longest[(i+1)*width+j], longest[i*width+j+1])
			}
		}
	}
	for i, j := 0, 0; i < n && j < m; {
		switch {
		case bytes.Equal(a[head+i], b[head+j]):
			partner[head+i] = head + j
			i, j = i+1, j+1
		case longest[(i+1)*width+j] >= longest[i*width+j+1]:
			i++
		default:
			j++
		}
	}
	return partner, true
}

// lines are the lines of a text without their ends.
func lines(text []byte) [][]byte {
	var out [][]byte
	for line := range bytes.Lines(text) {
		out = append(out, bytes.TrimRight(line, "\r\n"))
	}
	return out
}

// squeeze drops the blanks of lines, which the YAML writer sets its own way.
func squeeze(in [][]byte) [][]byte {
	out := make([][]byte, len(in))
	for i, line := range in {
		out[i] = bytes.Join(bytes.Fields(line), nil)
	}
	return out
}

// layoutOf is how a document is indented: as its first nested mapping is, and
// with lists as its first list has them.
func layoutOf(root *yaml.Node) layout {
	l := layout{indent: 2}
	if info := get(root, "connector"); info != nil && len(info.Content) > 0 {
		if in := info.Content[0].Column - 1; info.Style&yaml.FlowStyle == 0 && in >= 2 && in <= 8 {
			l.indent = in
		}
	}
	spec := get(get(root, "connector"), "spec")
	if i := index(spec, "delegateSelectors"); i >= 0 {
		list := spec.Content[i+1]
		l.compact = list.Kind == yaml.SequenceNode && list.Column == spec.Content[i].Column
	}
	return l
}
