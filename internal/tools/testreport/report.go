package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// event is one line of go test -json; see "go doc test2json".
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
}

// name identifies a test within a run; Test is empty for the package itself.
type name struct{ pkg, test string }

// skipped is a test that did not run to its end, and why.
type skipped struct {
	name
	reason string
}

// report gathers the events of a run.
type report struct {
	out io.Writer
	// pending is what tests without a verdict have written so far.
	pending map[name]*strings.Builder
	order   []name
	skips   []skipped
	// failures are the tests and packages with the verdict fail.
	failures         []name
	passed, packages int
}

func newReport(out io.Writer) *report {
	return &report{out: out, pending: map[name]*strings.Builder{}}
}

// read takes events until the end of the input. Lines that are not events are
// printed as they are: the go command writes its own errors that way.
func (r *report) read(in io.Reader) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if line[0] != '{' || json.Unmarshal(line, &e) != nil {
				r.print(string(line))
			} else {
				r.take(e)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read events: %w", err)
		}
	}
}

func (r *report) print(text string) { _, _ = io.WriteString(r.out, text) }

func (r *report) take(e event) {
	who := name{e.Package, e.Test}
	switch {
	case e.Action == "build-output":
		r.print(e.Output)
	case e.Action == "output" && e.Test == "":
		if e.Output != "PASS\n" {
			r.print(e.Output)
		}
	case e.Action == "output":
		r.keep(who, e.Output)
	case e.Test == "":
		r.packageVerdict(who, e.Action)
	default:
		r.testVerdict(who, e.Action)
	}
}

// keep holds a test's output back until its verdict; passing tests are quiet.
func (r *report) keep(who name, text string) {
	for _, frame := range []string{"=== RUN", "=== PAUSE", "=== CONT", "=== NAME", "--- PASS", "--- SKIP"} {
		if strings.HasPrefix(strings.TrimLeft(text, " "), frame) {
			return
		}
	}
	b := r.pending[who]
	if b == nil {
		b = &strings.Builder{}
		r.pending[who] = b
		r.order = append(r.order, who)
	}
	b.WriteString(text)
}

// release forgets what a test has written and returns it.
func (r *report) release(who name) string {
	b := r.pending[who]
	if b == nil {
		return ""
	}
	delete(r.pending, who)
	r.order = slices.DeleteFunc(r.order, func(n name) bool { return n == who })
	return b.String()
}

func (r *report) testVerdict(who name, action string) {
	switch action {
	case "pass":
		r.passed++
		r.release(who)
	case "skip":
		r.skips = append(r.skips, skipped{who, reason(r.release(who))})
	case "fail":
		r.failures = append(r.failures, who)
		r.print(r.release(who))
	}
}

// packageVerdict counts packages. One that fails may have died in the middle of
// tests, by a panic or a timeout: what these have written is all there is to
// find the cause with.
func (r *report) packageVerdict(who name, action string) {
	if action != "pass" && action != "fail" {
		return
	}
	r.packages++
	for _, test := range slices.Clone(r.order) {
		if test.pkg != who.pkg {
			continue
		}
		if text := r.release(test); action == "fail" {
			r.failures = append(r.failures, test)
			r.print(text)
		}
	}
	if action == "fail" {
		r.failures = append(r.failures, who)
	}
}

// reason is what a skipped test said, on one line, without the place in the code.
func reason(output string) string {
	text := strings.Join(strings.Fields(output), " ")
	if at, said, ok := strings.Cut(text, ": "); ok && strings.Contains(at, ".go:") {
		text = said
	}
	if text == "" {
		return "it does not say why"
	}
	return text
}

// finish prints the sums and says whether the run is good.
func (r *report) finish(noSkips bool) bool {
	fmt.Fprintf(r.out, "\n%d tests passed in %d packages, %d failed, %d skipped\n",
		r.passed, r.packages, r.failedTests(), len(r.skips))
	for _, who := range r.failures {
		fmt.Fprintf(r.out, "  FAILED   %s %s\n", who.pkg, who.test)
	}
	for _, s := range r.skips {
		fmt.Fprintf(r.out, "  SKIPPED  %s %s\n           %s\n", s.pkg, s.test, s.reason)
	}
	switch {
	case r.passed == 0 && len(r.skips) == 0:
		r.print("No test ran: that is a failure of its own.\n")
		return false
	case noSkips && len(r.skips) > 0:
		r.print("Skipped tests fail this run: nothing may be left out where everything can be installed.\n")
		return false
	}
	return len(r.failures) == 0
}

func (r *report) failedTests() int {
	n := 0
	for _, who := range r.failures {
		if who.test != "" {
			n++
		}
	}
	return n
}
