package cmd

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

// redrawEvery is how often the line that shows what runs is drawn again.
const redrawEvery = 100 * time.Millisecond

// draws reports whether something may be drawn in place at standard error.
func (a *app) draws() bool {
	return a.errWidth != nil && !a.plain && !a.plainTerminal()
}

// liveLine is the last line of a terminal, drawn again and again in its place
// while other lines are printed above it. Its methods may be called by several
// goroutines.
type liveLine struct {
	w     io.Writer
	width func() int
	text  func() string

	mu    sync.Mutex
	shown bool
	held  bool
	end   chan struct{}
	ended chan struct{}
}

// newLiveLine begins to draw; close ends it and wipes the line. text is called
// under the line's lock and must not print.
func newLiveLine(w io.Writer, width func() int, text func() string) *liveLine {
	l := &liveLine{w: w, width: width, text: text, end: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(l.ended)
		tick := time.NewTicker(redrawEvery)
		defer tick.Stop()
		for {
			select {
			case <-l.end:
				return
			case <-tick.C:
				l.update(func() {})
			}
		}
	}()
	return l
}

// update changes what the text is made of and draws it.
func (l *liveLine) update(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
	l.draw()
}

// print writes a whole line above the live one, after a change.
func (l *liveLine) print(change func(), line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
	l.wipe()
	fmt.Fprintln(l.w, line)
	l.draw()
}

// draw leaves the last cell of the row free: a terminal would wrap there.
func (l *liveLine) draw() {
	text := []rune(l.text())
	if len(text) == 0 || l.held {
		l.wipe()
		return
	}
	if limit := l.width() - 1; len(text) > limit {
		text = append(text[:max(limit-1, 0)], '…')
	}
	fmt.Fprint(l.w, "\r"+string(text)+"\x1b[K")
	l.shown = true
}

func (l *liveLine) wipe() {
	if l.shown {
		fmt.Fprint(l.w, "\r\x1b[K")
		l.shown = false
	}
}

// hold wipes the line while a question stands on the terminal, and gives it back
// when called again with false.
func (l *liveLine) hold(held bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held = held
	l.draw()
}

func (l *liveLine) close() {
	close(l.end)
	<-l.ended
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wipe()
}

// drawing begins a live line that questions to the person hold up.
func (a *app) drawing(text func() string) (line *liveLine, done func()) {
	line = newLiveLine(a.errOut, a.errWidth, text)
	a.live.Store(line)
	return line, func() {
		a.live.Store(nil)
		line.close()
	}
}

// watchChecks returns what a live test reports its checks to, and what to call
// when it has ended. On a terminal the checks under way tick in the last line;
// elsewhere each is one line when it ends. A check that is reported once more, with
// the problem that was found to be its cause, is the same line and said once.
func (a *app) watchChecks() (report func(model.Check), done func()) {
	said := map[string]string{}
	fresh := func(c model.Check, line string) bool {
		old := said[c.ID]
		said[c.ID] = line
		return old != line
	}
	switch {
	case a.json:
		return func(model.Check) {}, func() {}
	case !a.draws():
		return a.endedChecks()
	}
	r := runningChecks{now: time.Now}
	line, done := a.drawing(r.text)
	var one sync.Mutex
	return func(c model.Check) {
		one.Lock()
		defer one.Unlock()
		switch c.Status {
		case model.CheckPending:
		case model.CheckRunning:
			line.update(func() { r.begin(c) })
		default:
			if text := a.checkLine(c); fresh(c, text) {
				line.print(func() { r.finish(c) }, text)
			}
		}
	}, done
}

// endedChecks says how every check ended, in the order of the checks and once: what
// git and the REST API say together may be another end than the first one. A line
// cannot be taken back, so that they come when all have ended.
func (a *app) endedChecks() (report func(model.Check), done func()) {
	var one sync.Mutex
	var all []model.Check
	report = func(c model.Check) {
		one.Lock()
		defer one.Unlock()
		if i := slices.IndexFunc(all, func(known model.Check) bool { return known.ID == c.ID }); i >= 0 {
			all[i] = c
		} else {
			all = append(all, c)
		}
	}
	return report, func() {
		one.Lock()
		defer one.Unlock()
		for _, c := range all {
			if c.Status != model.CheckPending && c.Status != model.CheckRunning {
				fmt.Fprintln(a.errOut, a.checkLine(c))
			}
		}
		all = nil
	}
}

// runningChecks are the checks under way, with the time each began.
type runningChecks struct {
	now  func() time.Time
	list []runningCheck
}

type runningCheck struct {
	id, title string
	begun     time.Time
}

func (r *runningChecks) begin(c model.Check) {
	if !slices.ContainsFunc(r.list, func(k runningCheck) bool { return k.id == c.ID }) {
		r.list = append(r.list, runningCheck{id: c.ID, title: clean(c.Title), begun: r.now()})
	}
}

func (r *runningChecks) finish(c model.Check) {
	r.list = slices.DeleteFunc(r.list, func(k runningCheck) bool { return k.id == c.ID })
}

// text names every running check with its seconds.
func (r *runningChecks) text() string {
	var parts []string
	for _, c := range r.list {
		parts = append(parts, fmt.Sprintf("%s %.1f s", c.title, r.now().Sub(c.begun).Seconds()))
	}
	if len(parts) == 0 {
		return ""
	}
	return " · " + strings.Join(parts, " · ")
}

// progressText is a run's bar with its numbers, in plain characters, for a line
// of that width.
func progressText(p flow.Progress, elapsed time.Duration, now time.Time, width int) string {
	numbers := fmt.Sprintf(" %d/%d, %d failed, %d s", p.Done, p.Total, p.Failed, int(elapsed.Seconds()))
	if p.Waiting != "" {
		numbers += fmt.Sprintf(", %s wants %d s", clean(p.Waiting), max(int(p.Until.Sub(now).Seconds()), 0))
	}
	cells := min(30, width-1-len([]rune(numbers))-2)
	if cells < 5 || p.Total == 0 {
		return strings.TrimSpace(numbers)
	}
	full := cells * p.Done / p.Total
	return "[" + strings.Repeat("#", full) + strings.Repeat("-", cells-full) + "]" + numbers
}
