package steps

import (
	"slices"
	"strings"
	"testing"
)

// tries is how many shorter ways are tried at most.
const tries = 200

// shortened leaves out of a list of keys what is not needed for it to go wrong,
// larger pieces first. The list given goes wrong; so does the one returned.
func shortened(keys []string, goesWrong func([]string) bool) []string {
	tried := 0
	for size := len(keys) / 2; size > 0; {
		shorter := false
		for at := 0; at < len(keys) && tried < tries; {
			tried++
			if without := slices.Delete(slices.Clone(keys), at, min(at+size, len(keys))); goesWrong(without) {
				keys, shorter = without, true
			} else {
				at += size
			}
		}
		if !shorter || size > 1 {
			size /= 2
		}
	}
	return keys
}

func TestAWayThatGoesWrongIsShortenedToWhatItNeeds(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ keys, needs string }{
		{"abcdefgh", "c"}, {"abcdefgh", "ah"}, {"abcdefgh", "abcdefgh"}, {"aaaaaaab", "aab"}, {"x", "x"}, {"xyzzyxyzzyxyzzy", "xzyz"}, {"abc", ""},
	} {
		// It goes wrong when the keys come in this order, whatever is between them.
		calls := 0
		goesWrong := func(keys []string) bool {
			calls++
			left := row.needs
			for _, key := range keys {
				left = strings.TrimPrefix(left, key)
			}
			return left == ""
		}
		if got := strings.Join(shortened(strings.Split(row.keys, ""), goesWrong), ""); got != row.needs || calls > tries {
			t.Errorf("%s, which needs %s, is shortened to %s by %d tries", row.keys, row.needs, got, calls)
		}
	}
}

func TestShorteningGivesUpAfterSoManyTries(t *testing.T) {
	t.Parallel()
	keys, calls := strings.Split(strings.Repeat("ab", 4*tries), ""), 0
	got := shortened(keys, func(keys []string) bool { calls++; return len(keys)%2 == 1 || calls%3 == 0 })
	if calls > tries || len(got) > len(keys) {
		t.Errorf("%d tries, %d keys of %d", calls, len(got), len(keys))
	}
}
