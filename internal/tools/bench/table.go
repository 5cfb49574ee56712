package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// row is one line of the table. Peer is empty where there is nothing to compare
// with.
type row struct {
	name   string
	ours   quantity
	peer   string
	theirs quantity
	aim    aim
}

// quantity is a measured value with its unit: "ms", "MB", or "" for a count.
type quantity struct {
	value float64
	unit  string
}

func (q quantity) String() string {
	switch {
	case q.unit == "":
		return fmt.Sprintf("%.0f", q.value)
	case q.value < 10:
		return fmt.Sprintf("%.2f %s", q.value, q.unit)
	}
	return fmt.Sprintf("%.1f %s", q.value, q.unit)
}

// aim is what a row should reach: at most a value in the row's unit, or, with
// ratio, at most that many times the peer. The zero aim is none.
type aim struct {
	most  float64
	ratio bool
	set   bool
}

func atMost(v float64) aim      { return aim{most: v, set: true} }
func atMostTimes(v float64) aim { return aim{most: v, ratio: true, set: true} }

// ratio is ours by theirs; ok is false where there is no peer.
func (r row) ratio() (v float64, ok bool) {
	if r.peer == "" || r.theirs.value <= 0 {
		return 0, false
	}
	return r.ours.value / r.theirs.value, true
}

// missed reports whether the row has an aim that it does not reach.
func (r row) missed() bool {
	if !r.aim.set {
		return false
	}
	if !r.aim.ratio {
		return r.ours.value > r.aim.most
	}
	v, ok := r.ratio()
	return ok && v > r.aim.most
}

// cells are the row as printed: name, ours, peer, ratio, aim.
func (r row) cells() []string {
	peer, ratio, goal := "-", "-", "-"
	if r.peer != "" {
		peer = r.peer + " " + r.theirs.String()
	}
	if v, ok := r.ratio(); ok && r.ours.unit != "" {
		ratio = fmt.Sprintf("%.2f", v)
	}
	switch {
	case r.aim.set && r.aim.ratio:
		goal = fmt.Sprintf("ratio ≤ %.2f", r.aim.most)
	case r.aim.set && r.ours.unit == "":
		goal = fmt.Sprintf("≤ %.0f", r.aim.most)
	case r.aim.set:
		goal = fmt.Sprintf("≤ %g %s", r.aim.most, r.ours.unit)
	}
	switch {
	case r.missed():
		goal += ", MISSED"
	case r.aim.set:
		goal += ", met"
	}
	return []string{r.name, r.ours.String(), peer, ratio, goal}
}

// leftOut is a measurement that this machine cannot make, and why.
type leftOut struct{ name, why string }

// table is everything that was measured, and what was not.
type table struct {
	rows []row
	left []leftOut
	took []spent
}

// spent is how long measuring something took.
type spent struct {
	name string
	took time.Duration
}

// print writes the table in columns, then what was left out, then how many aims
// were missed.
func (t *table) print(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "NAME\tOURS\tPEER\tRATIO\tAIM")
	missed := 0
	for _, r := range t.rows {
		fmt.Fprintln(tw, strings.Join(r.cells(), "\t"))
		if r.missed() {
			missed++
		}
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, l := range t.left {
		if _, err := fmt.Fprintf(w, "LEFT OUT: %s: %s\n", l.name, l.why); err != nil {
			return err
		}
	}
	if len(t.took) > 0 {
		parts := make([]string, len(t.took))
		for i, s := range t.took {
			parts[i] = fmt.Sprintf("%s %.0f s", s.name, s.took.Seconds())
		}
		if _, err := fmt.Fprintf(w, "Time spent: %s\n", strings.Join(parts, ", ")); err != nil {
			return err
		}
	}
	if missed > 0 {
		_, err := fmt.Fprintf(w, "%d of %d rows miss their aim.\n", missed, len(t.rows))
		return err
	}
	return nil
}

// median is the middle of the values, the mean of the two middle ones where
// their number is even, and 0 of none. The values keep their order.
func median(values []time.Duration) time.Duration {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	mid := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[mid]
	}
	return sorted[mid-1] + (sorted[mid]-sorted[mid-1])/2
}

// quantileMS is the value in milliseconds that the part q of the values, from 0 to
// 1, does not exceed: one of the values, and 0 of none.
func quantileMS(values []time.Duration, q float64) quantity {
	if len(values) == 0 {
		return quantity{0, "ms"}
	}
	sorted := slices.Sorted(slices.Values(values))
	at := int(math.Ceil(q*float64(len(sorted)))) - 1
	return quantity{float64(sorted[min(max(at, 0), len(sorted)-1)]) / float64(time.Millisecond), "ms"}
}

// medianMS is the median in milliseconds.
func medianMS(values []time.Duration) quantity {
	return quantity{float64(median(values)) / float64(time.Millisecond), "ms"}
}
