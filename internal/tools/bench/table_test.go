package main

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTheMedianIsTheMiddleOfTheValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ values, want string }{
		{"", "0s"},
		{"5ms", "5ms"},
		{"9ms 1ms", "5ms"},
		{"3ms 1ms 2ms", "2ms"},
		{"1ms 1ms 1ms 1s", "1ms"},
		{"4ms 1ms 100ms 2ms", "3ms"},
	} {
		var values []time.Duration
		for _, s := range strings.Fields(c.values) {
			d, err := time.ParseDuration(s)
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, d)
		}
		before := slices.Clone(values)
		if got := median(values).String(); got != c.want {
			t.Errorf("median(%s) = %s, want %s", c.values, got, c.want)
		}
		if !slices.Equal(values, before) {
			t.Errorf("median(%s) has put the values in another order", c.values)
		}
	}
}

func TestAQuantileIsOneOfTheValues(t *testing.T) {
	t.Parallel()
	var values []time.Duration
	for _, v := range []int{7, 1, 10, 4, 2, 9, 3, 8, 5, 6} {
		values = append(values, time.Duration(v)*time.Millisecond)
	}
	for q, want := range map[float64]float64{0: 1, 0.1: 1, 0.11: 2, 0.5: 5, 0.9: 9, 0.91: 10, 1: 10} {
		if got := quantileMS(values, q); got.value != want || got.unit != "ms" {
			t.Errorf("the part %g of the values is at most %v, want %g ms", q, got, want)
		}
	}
	if got := quantileMS(nil, 0.9); got.value != 0 {
		t.Errorf("of no values it is %v", got)
	}
	if values[0] != 7*time.Millisecond {
		t.Error("the values have changed their order")
	}
}

func TestARowSaysWhetherItReachesItsAim(t *testing.T) {
	t.Parallel()
	ms := func(v float64) quantity { return quantity{v, "ms"} }
	for _, c := range []struct {
		row  row
		want string
	}{
		{row{"a", ms(3), "", quantity{}, aim{}}, "a|3.00 ms|-|-|-"},
		{row{"a", ms(3), "fzf", ms(2), aim{}}, "a|3.00 ms|fzf 2.00 ms|1.50|-"},
		{row{"a", ms(6), "fzf", ms(3), atMost(6)}, "a|6.00 ms|fzf 3.00 ms|2.00|≤ 6 ms, met"},
		{row{"a", ms(6.1), "", quantity{}, atMost(6)}, "a|6.10 ms|-|-|≤ 6 ms, MISSED"},
		{row{"a", ms(12.34), "git", ms(20), atMostTimes(0.8)}, "a|12.3 ms|git 20.0 ms|0.62|ratio ≤ 0.80, met"},
		{row{"a", ms(18), "git", ms(20), atMostTimes(0.8)}, "a|18.0 ms|git 20.0 ms|0.90|ratio ≤ 0.80, MISSED"},
		{row{"a", quantity{1, ""}, "git", quantity{3, ""}, atMost(1)}, "a|1|git 3|-|≤ 1, met"},
		{row{"a", quantity{0, ""}, "git", quantity{1, ""}, atMost(0)}, "a|0|git 1|-|≤ 0, met"},
		{row{"a", quantity{15.5, "MB"}, "", quantity{}, atMost(15)}, "a|15.5 MB|-|-|≤ 15 MB, MISSED"},
	} {
		if got := strings.Join(c.row.cells(), "|"); got != c.want {
			t.Errorf("cells are %s, want %s", got, c.want)
		}
		if missed := strings.Contains(c.want, "MISSED"); c.row.missed() != missed {
			t.Errorf("missed() is %t for %s", !missed, c.want)
		}
	}
}

func TestTheTableNamesWhatWasLeftOutAndCountsWhatWasMissed(t *testing.T) {
	t.Parallel()
	v := table{
		rows: []row{
			{name: "start", ours: quantity{3, "ms"}, peer: "fzf", theirs: quantity{2, "ms"}, aim: atMost(6)},
			{name: "a longer name", ours: quantity{30, "ms"}, aim: atMost(20)},
		},
		left: []leftOut{{"over SSH", "sshd is not installed"}},
	}
	var b strings.Builder
	if err := v.print(&b); err != nil {
		t.Fatal(err)
	}
	want := `NAME           OURS     PEER         RATIO  AIM
start          3.00 ms  fzf 2.00 ms  1.50   ≤ 6 ms, met
a longer name  30.0 ms  -            -      ≤ 20 ms, MISSED
LEFT OUT: over SSH: sshd is not installed
1 of 2 rows miss their aim.
`
	if b.String() != want {
		t.Errorf("printed\n%s\nwant\n%s", b.String(), want)
	}
}
