package ui

import (
	"slices"
	"strings"
)

// footer is the one line of keys. It always fits: keys give way by rank.
func (s *Shell) footer() string {
	keys, tail := s.frontKeys()
	return footerLine(s.theme, keys, tail, s.w)
}

func footerLine(t *Theme, keys, tail []Key, width int) string {
	var b strings.Builder
	for i, k := range fittingKeys(keys, tail, width) {
		b.WriteString(keyHint(t, footerLead(i), k))
	}
	return truncate(b.String(), width)
}

// footerKeyAt is the key that stands at a column of the line of keys.
func (s *Shell) footerKeyAt(x int) (Key, bool) {
	from := 0
	keys, tail := s.frontKeys()
	for i, k := range fittingKeys(keys, tail, s.w) {
		from += len(footerLead(i))
		to := from + textWidth(k.Name()) + 1 + textWidth(k.Does)
		if x >= from && x < to {
			return k, true
		}
		from = to
	}
	return Key{}, false
}

func footerLead(i int) string {
	if i == 0 {
		return " "
	}
	return "   "
}

// frontKeys are the keys of what is in front, and the global ones behind them.
func (s *Shell) frontKeys() (keys, tail []Key) {
	switch {
	case len(s.dialogs) > 0:
		return s.dialogs[len(s.dialogs)-1].keys(), nil
	case s.overlay != nil:
		return s.overlay.keys(), nil
	}
	screen := s.top().screen
	return screen.Keys(), s.globalKeys(screen, false)
}

// fittingKeys are as many of the keys as a line has room for; the best one stays,
// shortened where it must be, and so do those of the tail.
func fittingKeys(keys, tail []Key, width int) []Key {
	keys = slices.DeleteFunc(slices.Clone(keys), func(k Key) bool { return k.Quiet || k.Off != "" })
	for len(keys) > 0 {
		over := footerWidth(keys) + footerWidth(tail) - width
		if over <= 0 {
			break
		}
		if does := textWidth(keys[0].Does) - over; len(keys) == 1 && does >= 8 {
			keys[0].Does = truncate(line(keys[0].Does), does)
			break
		}
		drop := 0
		for i, k := range keys {
			if k.Rank >= keys[drop].Rank {
				drop = i
			}
		}
		keys = slices.Delete(keys, drop, drop+1)
	}
	return append(keys, tail...)
}

func footerWidth(keys []Key) int {
	total := 0
	for _, k := range keys {
		total += 3 + textWidth(k.Name()) + 1 + textWidth(k.Does)
	}
	return total
}
