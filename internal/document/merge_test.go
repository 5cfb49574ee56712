package document

import (
	"bytes"
	"fmt"
	"math/rand"
	"strings"
	"testing"
)

// someLines makes a text of few different lines, so that many are alike.
func someLines(r *rand.Rand, most int) []string {
	out := make([]string, r.Intn(most+1))
	for i := range out {
		out[i] = strings.Repeat("  ", r.Intn(3)) + pick(r, "a: 1", "b: 2", "c:", "- d", "# e", "f: 6 # g")
	}
	return out
}

// joined is lines as a text, each with its end.
func joined(lines []string) []byte {
	if len(lines) == 0 {
		return nil
	}
	return []byte(strings.Join(lines, "\n") + "\n")
}

// loosened is the text as a person might have laid it out: blank lines between
// the lines, and more blanks within them.
func loosened(r *rand.Rand, lines []string) []byte {
	var out []string
	for _, line := range lines {
		for range r.Intn(3) {
			out = append(out, "")
		}
		out = append(out, strings.Replace(line, " #", pick(r, " #", "    #"), 1))
	}
	return joined(out)
}

// tight is a text without blanks and blank lines.
func tight(text []byte) string {
	var out []string
	for _, line := range squeeze(lines(text)) {
		if len(line) > 0 {
			out = append(out, string(line))
		}
	}
	return strings.Join(out, "\n")
}

func TestMergeSaysWhatTheChangedTextSays(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(6))
	taken := 0
	for range 5000 {
		base := someLines(r, 8)
		original := loosened(r, base)
		changed := append([]string(nil), base...)
		for range r.Intn(4) {
			at := r.Intn(len(changed) + 1)
			if r.Intn(2) == 0 || at == len(changed) {
				changed = append(changed[:at:at], append(someLines(r, 2), changed[at:]...)...)
			} else {
				changed = append(changed[:at:at], changed[at+1:]...)
			}
		}
		merged, ok := merge(original, joined(base), joined(changed))
		if !ok {
			continue
		}
		taken++
		if tight(merged) != tight(joined(changed)) {
			t.Fatalf("original %q\nbase     %q\nchanged  %q\nmerged   %q", original, joined(base), joined(changed), merged)
		}
	}
	if taken < 4000 {
		t.Fatalf("only %d of 5000 were merged", taken)
	}
}

func TestMergeOfNothingIsTheOriginal(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(7))
	for range 500 {
		base := someLines(r, 8)
		original := loosened(r, base)
		for _, text := range [][]byte{original, bytes.ReplaceAll(original, []byte("\n"), []byte("\r\n"))} {
			if merged, ok := merge(text, joined(base), joined(base)); !ok || !bytes.Equal(merged, text) {
				t.Fatalf("%v: %q became %q", ok, text, merged)
			}
		}
	}
}

func TestMergeKeepsTheLineEndsOfWindows(t *testing.T) {
	t.Parallel()
	merged, ok := merge([]byte("a: 1\r\n\r\nb:   2\r\n"), []byte("a: 1\nb: 2\n"), []byte("a: 1\nx: 9\nb: 2\nc: 3\n"))
	if want := "a: 1\r\nx: 9\r\n\r\nb:   2\r\nc: 3\r\n"; !ok || string(merged) != want {
		t.Fatalf("%v: got %q, want %q", ok, merged, want)
	}
}

func TestMergeGivesUpWhereALineIsNotFoundAgain(t *testing.T) {
	t.Parallel()
	if merged, ok := merge([]byte("{a: 1, b: 2}\n"), []byte("a: 1\nb: 2\n"), []byte("a: 1\nb: 3\n")); ok {
		t.Fatalf("merged into %q", merged)
	}
	var from, to strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&from, "a%d\n", i)
		fmt.Fprintf(&to, "b%d\n", i)
	}
	if _, ok := merge([]byte(from.String()), []byte(from.String()), []byte(to.String())); ok {
		t.Fatal("a comparison beyond the bound was made")
	}
}

func TestPairFindsALongestCommonSubsequence(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(8))
	for range 2000 {
		a, b := lines(joined(someLines(r, 6))), lines(joined(someLines(r, 6)))
		partner, ok := pair(a, b)
		if !ok {
			t.Fatal("too large for a comparison")
		}
		last, found := -1, 0
		for i, j := range partner {
			if j < 0 {
				continue
			}
			if j <= last || !bytes.Equal(a[i], b[j]) {
				t.Fatalf("%q and %q: line %d with %d in %v", a, b, i, j, partner)
			}
			last, found = j, found+1
		}
		if want := longestCommon(a, b); found != want {
			t.Fatalf("%q and %q: %d pairs, want %d", a, b, found, want)
		}
	}
}

// longestCommon is the textbook definition, slow and plain.
func longestCommon(a, b [][]byte) int {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	if bytes.Equal(a[0], b[0]) {
		return 1 + longestCommon(a[1:], b[1:])
	}
	return max(longestCommon(a[1:], b), longestCommon(a, b[1:]))
}
