package ui

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sahilm/fuzzy"
)

// hits are the rows that match, once in the order they were looked through, in
// which a longer filter looks through them again, and once best first.
type hits struct {
	inOrder, best []int32
}

// hit is a row with how well it matches. Strewn says that a word was found letter
// by letter, which only has a rough score so far.
type hit struct {
	row, score int32
	strewn     bool
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
			h := hit{row: int32(i)}
			if among != nil {
				h.row = among[i]
			}
			if h.find(x, words) {
				rows = append(rows, h)
			}
		}
		found[from/piece] = rows
	})
	all := slices.Concat(found...)
	rate(ctx, x, words, all)
	if ctx.Err() != nil {
		return hits{}
	}
	return hits{inOrder: rowsOf(all), best: rowsOf(byScore(all))}
}

func rowsOf(all []hit) []int32 {
	out := make([]int32, len(all))
	for i, h := range all {
		out[i] = h.row
	}
	return out
}

// word is one word of a filter.
type word struct {
	text, folded string
	mask         uint64
	ascii        bool
}

func makeWords(query string) []word {
	var words []word
	for w := range strings.FieldsSeq(query) {
		folded := fold(w)
		ascii := strings.IndexFunc(w, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
		words = append(words, word{text: w, folded: folded, mask: maskOf(folded), ascii: ascii})
	}
	return words
}

// find reports whether the row holds all words, and scores it.
func (h *hit) find(x *index, words []word) bool {
	mask, text := x.masks[h.row], x.folded[h.row]
	for _, w := range words {
		if w.mask&^oddBit&^mask != 0 {
			return false
		}
	}
	for _, w := range words {
		if at := wholeAt(w.folded, text); at >= 0 {
			h.score += wholeScore(at, w, text)
			continue
		}
		rough, found := strewnIn(w.folded, text)
		if doubtful := found && !w.ascii || !found && (w.mask|mask)&oddBit != 0; doubtful {
			rough, found = -roughLeast, len(fuzzy.FindNoSort(w.text, []string{searchText(x.rows[h.row])})) > 0
		}
		if !found {
			return false
		}
		h.score += rough
		h.strewn = true
	}
	return true
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
