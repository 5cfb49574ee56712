package ui

import (
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// highlights says which bytes of a row's text are drawn as matched. Only rows
// that are drawn are asked for.
func (p *Picker) highlights(row int) []int {
	if p.query == "" {
		return nil
	}
	var out []int
	text := searchText(p.rows[row])
	for word := range strings.FieldsSeq(p.query) {
		out = append(out, matchedBytes(word, text)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// styled draws s with what stands at the given bytes in another style. A letter
// and the marks that combine with it are drawn as one, so that no style begins
// between them. Bytes are those of s, in rising order; ones beyond it are passed
// over.
func styled(s string, hits []int, hit, rest func(...string) string) string {
	if len(hits) == 0 {
		return rest(s)
	}
	var b strings.Builder
	from := 0
	for i := 0; i < len(s); {
		cluster, _ := ansi.FirstGraphemeCluster(s[i:], ansi.GraphemeWidth)
		size := max(1, len(cluster))
		if at, _ := slices.BinarySearch(hits, i); at < len(hits) && hits[at] < i+size {
			if from < i {
				b.WriteString(rest(s[from:i]))
			}
			b.WriteString(hit(s[i : i+size]))
			from = i + size
		}
		i += size
	}
	if from < len(s) {
		b.WriteString(rest(s[from:]))
	}
	return b.String()
}
