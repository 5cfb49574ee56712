package ui

import (
	"context"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// index is what the matcher reads of the rows: made once for each set of rows,
// by whoever needs it first.
type index struct {
	rows []Row
	once sync.Once
	// folded are what rows are looked through for, in small letters; masks say
	// which characters they hold.
	folded []string
	masks  []uint64
}

func newIndex(rows []Row) *index { return &index{rows: rows} }

// prepare fills the index. It may be called by several goroutines; all return
// when it is full.
func (x *index) prepare() {
	x.once.Do(func() {
		n := len(x.rows)
		x.folded, x.masks = make([]string, n), make([]uint64, n)
		inParallel(context.Background(), n, x.fill)
	})
}

// fill prepares some rows. Their texts share one piece of memory.
func (x *index) fill(from, to int) {
	var all strings.Builder
	ends := make([]int, 0, to-from)
	for _, r := range x.rows[from:to] {
		writeSearchText(&all, r)
		ends = append(ends, all.Len())
	}
	folded := fold(all.String())
	at := 0
	for i, end := range ends {
		row := from + i
		x.folded[row] = folded[at:end]
		x.masks[row] = maskOf(x.folded[row])
		at = end
	}
}

// searchText is what a row is looked through for: its cells, then the rest.
func searchText(r Row) string {
	var b strings.Builder
	writeSearchText(&b, r)
	return b.String()
}

func writeSearchText(b *strings.Builder, r Row) {
	for _, cell := range r.Cells {
		b.WriteString(line(cell))
		b.WriteByte(' ')
	}
	b.WriteString(line(r.Search))
}

// fold writes letters small without moving a byte: letters whose small form has
// another length in UTF-8 (the Kelvin sign, ẞ, İ) stay; see oddBit.
func fold(s string) string {
	i := 0
	for i < len(s) && (s[i] < 'A' || s[i] > 'Z') && s[i] < utf8.RuneSelf {
		i++
	}
	if i == len(s) {
		return s
	}
	out := []byte(s)
	for i < len(out) {
		c := out[i]
		if c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				out[i] = c + 'a' - 'A'
			}
			i++
			continue
		}
		r, size := utf8.DecodeRune(out[i:])
		if low := foldRune(r); low != r {
			utf8.EncodeRune(out[i:], low)
		}
		i += size
	}
	return string(out)
}

// foldRune is the small form of a letter where that has as many bytes and is the
// same letter to the matcher too, else the letter.
func foldRune(r rune) rune {
	if caseless(r) {
		return r
	}
	low := unicode.ToLower(r)
	if low == r || utf8.RuneLen(low) != utf8.RuneLen(r) {
		return r
	}
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		if f == low {
			return low
		}
	}
	return r
}

// caseless are the characters between U+2000 and U+2BFF without letters: dashes,
// dots, arrows, boxes, marks. They are common, and quickly told.
func caseless(r rune) bool {
	return r >= 0x2000 && r <= 0x2bff && (r < 0x2100 || r > 0x218f) && (r < 0x24b6 || r > 0x24e9)
}

// oddBit marks a text with a letter that fold does not make equal to all its
// forms: ß, ς, ſ. Only the slower matcher knows what equals what there.
const oddBit = 1 << 63

// maskOf has a bit for each letter and digit a text holds, and shares the rest
// among the other characters. A word can only be found in a text whose mask has
// every bit of the word's, so most rows are passed over by one comparison.
// Characters that differ by case alone have the same bit.
func maskOf(s string) uint64 {
	var mask uint64
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < utf8.RuneSelf {
			mask |= 1 << asciiBit(c)
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		mask |= runeBit(r)
		i += size - 1
	}
	return mask
}

// runeBit is the bit of any character. One that is the same as an ASCII letter
// but for its case (ſ, the Kelvin sign) has the letter's.
func runeBit(r rune) uint64 {
	if caseless(r) {
		return 1 << (48 + uint(r)%15)
	}
	least, odd := r, uint64(0)
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
		if foldRune(f) != foldRune(r) {
			odd = oddBit
		}
	}
	if least < utf8.RuneSelf {
		return odd | 1<<asciiBit(byte(least))
	}
	return odd | 1<<(48+uint(least)%15)
}

// asciiBit gives letters 0 to 25, digits 26 to 35, and the rest 36 to 47.
func asciiBit(c byte) uint {
	switch {
	case 'a' <= c && c <= 'z':
		return uint(c - 'a')
	case 'A' <= c && c <= 'Z':
		return uint(c - 'A')
	case '0' <= c && c <= '9':
		return uint(26 + c - '0')
	}
	return uint(36 + c%12)
}
