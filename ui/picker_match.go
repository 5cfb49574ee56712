package ui

import (
	"cmp"
	"context"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/sahilm/fuzzy"
)

// matchChunk is how many rows are matched between two looks at the context.
const matchChunk = 5000

// match looks for what the filter says: among the result for its beginning when
// there is one, else among all rows; here when they are few, else in the
// background. A newer match makes an older one stale.
func (p *Picker) match(all bool) tea.Cmd {
	p.task.Cancel()
	p.waiting = false
	switch {
	case all:
		p.past = nil
	case p.wanted == p.query:
		return nil
	}
	if strings.TrimSpace(p.wanted) == "" {
		p.shown, p.query, p.past = nil, "", nil
		p.moveTo(p.at)
		return nil
	}
	for len(p.past) > 0 && !strings.HasPrefix(p.wanted, p.past[len(p.past)-1].query) {
		p.past = p.past[:len(p.past)-1]
	}
	var among []int32
	if len(p.past) > 0 {
		last := p.past[len(p.past)-1]
		if last.query == p.wanted {
			p.past = p.past[:len(p.past)-1]
			p.take(matched{picker: p, query: last.query, shown: last.shown})
			return nil
		}
		among = last.shown
	}
	texts, query := p.texts, p.wanted
	size := len(texts)
	if among != nil {
		size = len(among)
	}
	if size <= matchHere {
		p.take(matched{picker: p, query: query, shown: findMatches(context.Background(), texts, among, query)})
		return nil
	}
	p.waiting = true
	return p.task.Start(func(ctx context.Context) tea.Msg {
		return matched{picker: p, query: query, shown: findMatches(ctx, texts, among, query)}
	})
}

// take shows the result of a match. The best row is selected, since that is what
// the letters were typed for.
func (p *Picker) take(m matched) PickerEvent {
	if m.picker != p || m.query != p.wanted {
		return PickerIgnored
	}
	p.shown, p.query, p.waiting = m.shown, m.query, false
	p.past = append(p.past, found{m.query, m.shown})
	p.offset = 0
	p.moveTo(0)
	if p.chosen && len(p.shown) > 0 {
		p.chosen = false
		return PickerChosen
	}
	return PickerMoved
}

// chunk is a part of the rows as the matcher reads them.
type chunk struct {
	texts []string
	rows  []int32
}

func (c chunk) String(i int) string { return c.texts[c.rows[i]] }
func (c chunk) Len() int            { return len(c.rows) }

// findMatches returns the rows that match every word of query, best first; of
// equals the earlier. It is nil-safe: among nil means all. An ended context
// gives an incomplete answer, which nobody reads.
func findMatches(ctx context.Context, texts []string, among []int32, query string) []int32 {
	if among == nil {
		among = make([]int32, len(texts))
		for i := range among {
			among[i] = int32(i)
		}
	}
	type hit struct {
		row   int32
		score int
	}
	words := strings.Fields(query)
	hits := make([]hit, 0, min(len(among), 1024))
	for part := range slices.Chunk(among, matchChunk) {
		if ctx.Err() != nil {
			return nil
		}
		scores := make(map[int32]int, 0)
		for i, word := range words {
			found := fuzzy.FindFromNoSort(word, chunk{texts, part})
			kept := make([]int32, 0, len(found))
			for _, m := range found {
				row := part[m.Index]
				kept = append(kept, row)
				score := scores[row] + m.Score + wholeBonus(word, texts[row])
				if i == len(words)-1 {
					hits = append(hits, hit{row, score})
				} else {
					scores[row] = score
				}
			}
			part = kept
		}
	}
	slices.SortFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.row, b.row))
	})
	out := make([]int32, len(hits))
	for i, h := range hits {
		out[i] = h.row
	}
	return out
}

// Bonuses that put a row with the whole word before one with its letters strewn
// about, and a word's beginning before its middle. They exceed what single
// letters can score.
const (
	wholeWord = 10000
	wordStart = 5000
)

func wholeBonus(word, text string) int {
	at := wholeAt(word, text)
	switch {
	case at < 0:
		return 0
	case at == 0 || strings.IndexByte(" /-_.:@(", text[at-1]) >= 0:
		return wholeWord + wordStart
	}
	return wholeWord
}

// wholeAt is the byte at which text holds the whole word, whatever the case of
// its ASCII letters, or -1. The beginning of a word is preferred.
func wholeAt(word, text string) int {
	found := -1
	for at := 0; at+len(word) <= len(text); at++ {
		if !equalASCIIFold(text[at:at+len(word)], word) {
			continue
		}
		if at == 0 || strings.IndexByte(" /-_.:@(", text[at-1]) >= 0 {
			return at
		}
		if found < 0 {
			found = at
		}
	}
	return found
}

func equalASCIIFold(a, b string) bool {
	for i := range len(b) {
		x, y := a[i], b[i]
		if x == y {
			continue
		}
		if x|0x20 != y|0x20 || x|0x20 < 'a' || x|0x20 > 'z' {
			return false
		}
	}
	return true
}

// matchedBytes are the bytes of text at which a matched letter begins.
func matchedBytes(word, text string) []int {
	if at := wholeAt(word, text); at >= 0 {
		out := make([]int, 0, len(word))
		for i := range word {
			out = append(out, at+i)
		}
		return out
	}
	found := fuzzy.FindNoSort(word, []string{text})
	if len(found) == 0 {
		return nil
	}
	return found[0].MatchedIndexes
}
