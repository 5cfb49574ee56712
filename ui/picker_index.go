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
	// texts are what rows are looked through for, folded the same with small
	// letters, byte for byte; masks say which characters they hold.
	texts, folded []string
	masks         []uint64
}

func newIndex(rows []Row) *index { return &index{rows: rows} }

// prepare fills the index. It may be called by several goroutines; all return
// when it is full.
func (x *index) prepare() {
	x.once.Do(func() {
		n := len(x.rows)
		x.texts, x.folded, x.masks = make([]string, n), make([]string, n), make([]uint64, n)
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
	texts := all.String()
	folded := fold(texts)
	at := 0
	for i, end := range ends {
		row := from + i
		x.texts[row], x.folded[row] = texts[at:end], folded[at:end]
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
// another length in UTF-8 (the Kelvin sign, ẞ, İ) stay, and are left to the
// slower matcher, which knows them.
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
		if low := unicode.ToLower(r); low != r && utf8.RuneLen(low) == size {
			utf8.EncodeRune(out[i:], low)
		}
		i += size
	}
	return string(out)
}

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
	if r >= 0x2000 && r <= 0x2fff && !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsSymbol(r) {
		return 1 << 63 // dashes, dots and quotation marks have no case
	}
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	if least < utf8.RuneSelf {
		return 1 << asciiBit(byte(least))
	}
	return 1 << (48 + uint(least)%15)
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
