package ui

import (
	"context"
	"math/bits"
	"slices"
	"strings"

	"github.com/sahilm/fuzzy"
)

// hits are the rows that match, once in the order they were looked through, in
// which a longer filter looks through them again, and once best first.
type hits struct {
	inOrder, best []int32
}

// hit is a row with how well it matches.
type hit struct {
	row   int32
	score int
}

// findMatches returns the rows of among that match every word of query; nil
// means all rows. Of equally good ones the earlier in among comes first. An
// ended context gives an incomplete answer, which nobody reads.
func findMatches(ctx context.Context, x *index, among []int32, query string) hits {
	x.prepare()
	n := len(among)
	if among == nil {
		n = len(x.rows)
	}
	words := makeWords(query)
	found := make([][]hit, (n+piece-1)/piece)
	inParallel(ctx, n, func(from, to int) {
		rows := make([]hit, 0, to-from)
		for i := from; i < to; i++ {
			row := int32(i)
			if among != nil {
				row = among[i]
			}
			rows = append(rows, hit{row: row})
		}
		for _, w := range words {
			rows = w.find(x, rows)
		}
		found[from/piece] = rows
	})
	if ctx.Err() != nil {
		return hits{}
	}
	all := slices.Concat(found...)
	out := hits{inOrder: make([]int32, len(all))}
	for i, h := range all {
		out.inOrder[i] = h.row
	}
	out.best = bestFirst(all)
	return out
}

// word is one word of a filter.
type word struct {
	text, folded string
	mask         uint64
}

func makeWords(query string) []word {
	var words []word
	for w := range strings.FieldsSeq(query) {
		folded := fold(w)
		words = append(words, word{text: w, folded: folded, mask: maskOf(folded)})
	}
	return words
}

// Scores that put a row with the whole word before one with its letters strewn
// about, and a word's beginning before its middle. They exceed what the strewn
// letters of any word that people type can score.
const (
	wholeWord = 10000
	wordStart = 5000
	textStart = 10
)

// missed is the score of a row that is to be taken out.
const missed = -1 << 30

// find keeps the rows that hold the word and adds to their scores, in place.
// Rows with the word as it stands are told by a plain search; only the rest is
// looked through letter by letter.
func (w word) find(x *index, rows []hit) []hit {
	var strewn []int32 // positions in rows
	for i := range rows {
		h := &rows[i]
		if w.mask&^x.masks[h.row] != 0 {
			h.score = missed
			continue
		}
		at := wholeAt(w.folded, x.folded[h.row])
		if at < 0 {
			strewn = append(strewn, int32(i))
			continue
		}
		h.score += wholeScore(at, w, x.folded[h.row])
	}
	if len(strewn) > 0 {
		w.findStrewn(x, rows, strewn)
	}
	return slices.DeleteFunc(rows, func(h hit) bool { return h.score <= missed/2 })
}

func (w word) findStrewn(x *index, rows []hit, strewn []int32) {
	matches := fuzzy.FindFromNoSort(w.text, strewnRows{x, rows, strewn})
	next := 0
	for _, m := range matches {
		for ; next < m.Index; next++ {
			rows[strewn[next]].score = missed
		}
		rows[strewn[next]].score += max(-wholeWord, min(m.Score, wholeWord/2))
		next++
	}
	for ; next < len(strewn); next++ {
		rows[strewn[next]].score = missed
	}
}

// strewnRows is a part of the rows as the matcher reads them.
type strewnRows struct {
	x      *index
	rows   []hit
	strewn []int32
}

func (s strewnRows) String(i int) string { return s.x.texts[s.rows[s.strewn[i]].row] }
func (s strewnRows) Len() int            { return len(s.strewn) }

// wholeScore rates a word that stands whole at a byte of a text: shorter texts
// are better, as with strewn letters.
func wholeScore(at int, w word, text string) int {
	score := wholeWord + len(w.folded) - len(text)
	switch {
	case at == 0:
		score += wordStart + textStart
	case startsWord(text, at):
		score += wordStart
	}
	return score
}

func startsWord(text string, at int) bool {
	return at == 0 || strings.IndexByte(" /-_.:@(", text[at-1]) >= 0
}

// wholeAt is the byte at which text holds the whole word, both folded, or -1.
// The beginning of a word is preferred.
func wholeAt(word, text string) int {
	found := -1
	for from := 0; from < len(text); {
		i := strings.Index(text[from:], word)
		if i < 0 {
			break
		}
		at := from + i
		if startsWord(text, at) {
			return at
		}
		if found < 0 {
			found = at
		}
		from = at + 1
	}
	return found
}

// bestFirst sorts by score and keeps the order of equals. It looks at every row
// a few times, however many there are, where comparing would look at each of
// 100,000 seventeen times.
func bestFirst(all []hit) []int32 {
	if len(all) == 0 {
		return []int32{}
	}
	top, low := all[0].score, all[0].score
	for _, h := range all {
		top, low = max(top, h.score), min(low, h.score)
	}
	const digit = 11
	from, to := slices.Clone(all), make([]hit, len(all))
	for shift := 0; shift < bits.Len(uint(top-low)); shift += digit {
		var starts [1<<digit + 1]int
		for _, h := range from {
			starts[(top-h.score)>>shift&(1<<digit-1)+1]++
		}
		for i := range 1 << digit {
			starts[i+1] += starts[i]
		}
		for _, h := range from {
			d := (top - h.score) >> shift & (1<<digit - 1)
			to[starts[d]] = h
			starts[d]++
		}
		from, to = to, from
	}
	out := make([]int32, len(from))
	for i, h := range from {
		out[i] = h.row
	}
	return out
}

// matchedBytes are the bytes of text at which a matched letter begins.
func matchedBytes(word, text string) []int {
	if at := wholeAt(fold(word), fold(text)); at >= 0 {
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
