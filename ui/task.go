package ui

import (
	"context"
	"errors"

	tea "github.com/charmbracelet/bubbletea"
)

// Task is work that a screen has under way. Starting it again cancels what was
// running and makes its replies stale; leaving the screen does the same. Replies
// reach the screen's Update as the plain message the work returned.
type Task struct {
	env    Env
	run    int
	cancel context.CancelFunc
}

// NewTask makes a task of the screen that env was given to.
func (e Env) NewTask() *Task { return &Task{env: e} }

// Running reports whether the task was started and has not ended. Work ends with
// its last message or with Cancel.
func (t *Task) Running() bool { return t.cancel != nil }

// Cancel ends the work; whatever it still says is dropped.
func (t *Task) Cancel() {
	if t.cancel != nil {
		t.cancel()
		t.cancel = nil
	}
	t.run++
}

// Start runs work in the background and delivers the one message it returns.
// The work must copy what it needs and must honour the context.
func (t *Task) Start(work func(ctx context.Context) tea.Msg) tea.Cmd {
	ctx, run := t.begin()
	return func() tea.Msg {
		return Reply{task: t, run: run, owner: t.env.owner, msg: work(ctx), last: true}
	}
}

// Stream runs work that has something to say on its way: progress, results one
// by one, a question. Its messages arrive in order; the one it returns is last.
func (t *Task) Stream(work func(job Job) tea.Msg) tea.Cmd {
	ctx, run := t.begin()
	replies := make(chan Reply)
	reply := func(msg tea.Msg, last bool) Reply {
		return Reply{task: t, run: run, owner: t.env.owner, msg: msg, last: last}
	}
	var next tea.Cmd
	next = func() tea.Msg {
		select {
		case r := <-replies:
			if !r.last {
				r.next = next
			}
			return r
		case <-ctx.Done():
			return nil
		}
	}
	worker := func() tea.Msg {
		emit := func(msg tea.Msg) {
			select {
			case replies <- reply(msg, false):
			case <-ctx.Done():
			}
		}
		last := work(Job{Context: ctx, emit: emit})
		select {
		case replies <- reply(last, true):
		case <-ctx.Done():
		}
		return nil
	}
	return tea.Batch(worker, next)
}

func (t *Task) begin() (context.Context, int) {
	t.Cancel()
	ctx, cancel := context.WithCancel(t.env.Context)
	t.cancel = cancel
	return ctx, t.run
}

// Job is what streaming work talks through. It may be used by several
// goroutines of that work.
type Job struct {
	// Context ends when the task is cancelled or the screen is left.
	Context context.Context
	emit    func(tea.Msg)
}

// Emit sends a message to the screen; it waits until the screen has taken the
// one before, or the work was cancelled.
func (j Job) Emit(msg tea.Msg) { j.emit(msg) }

// ErrNoAnswer is returned by [Job.Ask] when the person closed the dialog.
var ErrNoAnswer = errors.New("the question was closed without an answer")

// Ask opens a dialog from the background and waits for its answer. Unless it is
// Expected it swallows keys for a moment, since it opens while somebody may be
// typing. Dialog.Then is not used.
func (j Job) Ask(d Dialog) (Answer, error) {
	answers := make(chan Answer, 1)
	d.Then = func(a Answer) (Action, tea.Cmd) {
		answers <- a
		return nil, nil
	}
	d.alive = j.Context
	j.emit(openDialog{d})
	select {
	case a := <-answers:
		if a.Closed {
			return a, ErrNoAnswer
		}
		return a, nil
	case <-j.Context.Done():
		return Answer{Closed: true}, j.Context.Err()
	}
}

// Reply carries a message of a task to the screen that started it. The shell
// opens it; a test without a shell calls Open.
type Reply struct {
	task  *Task
	run   int
	owner Screen
	msg   tea.Msg
	last  bool
	next  tea.Cmd
}

// Open returns the message inside and the command that waits for the one after
// it. It reports false for a reply to a question that nobody asks any more.
func (r Reply) Open() (msg tea.Msg, next tea.Cmd, current bool) {
	if r.task.run != r.run || r.task.cancel == nil {
		return nil, nil, false
	}
	if r.last {
		r.task.cancel()
		r.task.cancel = nil
	}
	return r.msg, r.next, true
}
