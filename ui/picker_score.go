package ui

import (
	"context"
	"math/bits"
	"slices"
	"strings"

	"github.com/sahilm/fuzzy"
)

// Scores put a row with the whole word before one with its letters strewn about,
// and a word's beginning before its middle. Rows whose strewn letters were only
// rated roughly stand behind those that the matcher has scored.
const (
	wholeWord   = 10_000
	wordStart   = 5_000
	textStart   = 10
	strewnMost  = 5_000  // of the matcher's scores, either side of nothing
	roughBehind = 10_000 // what a rough score lacks
	roughLeast  = 4_000 + roughBehind
)

// ratedRows is how many rows with strewn letters the matcher scores: of more, only
// those that look best at a glance. Nobody reads further than that, and scoring
// 100,000 rows takes longer than a key may.
const ratedRows = 500

// wholeScore rates a word that stands whole at a byte of a text: shorter texts
// are better, as with strewn letters.
func wholeScore(at int, w word, text string) int32 {
	score := int32(wholeWord - min(strewnMost, len(text)-len(w.folded)))
	switch {
	case at == 0:
		score += wordStart + textStart
	case startsWord(text, at):
		score += wordStart
	}
	return score
}

// strewnIn reports whether the letters of a word stand in a text in their order,
// both folded, and rates it roughly: the closer together, the better.
func strewnIn(word, text string) (rough int32, found bool) {
	first, at := -1, 0
	for i := range len(word) {
		next := strings.IndexByte(text[at:], word[i])
		if next < 0 {
			return 0, false
		}
		if first < 0 {
			first = at + next
		}
		at += next + 1
	}
	spread := 4*(at-first-len(word)) + len(text)/4
	return int32(-min(spread, roughLeast-roughBehind) - roughBehind), true
}

// rate lets the matcher score the rows with strewn letters, as many as it may.
func rate(ctx context.Context, x *index, words []word, all []hit) {
	var strewn []hit // rows are positions in all
	for i, h := range all {
		if h.strewn {
			strewn = append(strewn, hit{row: int32(i), score: h.score})
		}
	}
	if len(strewn) > ratedRows {
		strewn = byScore(strewn)[:ratedRows]
	}
	eachInParallel(ctx, (len(strewn)+ratedAtOnce-1)/ratedAtOnce, func(part int) {
		for _, s := range strewn[part*ratedAtOnce : min((part+1)*ratedAtOnce, len(strewn))] {
			h := &all[s.row]
			h.score = exactScore(words, x.folded[h.row], searchText(x.rows[h.row]))
		}
	})
}

// ratedAtOnce is how many rows one goroutine takes.
const ratedAtOnce = 32

// exactScore is the score of a row with all words, the matcher's for those that
// do not stand whole in it.
func exactScore(words []word, folded, text string) int32 {
	var score int32
	for _, w := range words {
		if at := wholeAt(w.folded, folded); at >= 0 {
			score += wholeScore(at, w, folded)
			continue
		}
		if found := fuzzy.FindNoSort(w.text, []string{text}); len(found) > 0 {
			score += int32(max(-strewnMost, min(found[0].Score, strewnMost)))
		}
	}
	return score
}

// byScore sorts, best first, and keeps the order of equals. It looks at every row
// a few times, however many there are, where comparing would look at each of
// 100,000 seventeen times.
func byScore(all []hit) []hit {
	if len(all) == 0 {
		return nil
	}
	top, low := all[0].score, all[0].score
	for _, h := range all {
		top, low = max(top, h.score), min(low, h.score)
	}
	const digit = 11
	from, to := slices.Clone(all), make([]hit, len(all))
	for shift := 0; shift < bits.Len32(uint32(top-low)); shift += digit {
		var starts [1<<digit + 1]int32
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
	return from
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
