package ui

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// loop runs commands as bubbletea does, each in a goroutine of its own, and
// feeds their messages to the shell until want reports true.
func loop(t *testing.T, shell *Shell, cmd tea.Cmd, want func() bool) {
	t.Helper()
	messages := make(chan tea.Msg)
	stop := make(chan struct{})
	var workers sync.WaitGroup
	defer workers.Wait()
	defer close(stop)
	run := func(cmd tea.Cmd) {
		if cmd == nil {
			return
		}
		workers.Go(func() {
			select {
			case messages <- cmd():
			case <-stop:
			}
		})
	}
	run(cmd)
	deadline := time.After(time.Minute)
	for !want() {
		select {
		case msg := <-messages:
			if batch, ok := msg.(tea.BatchMsg); ok {
				for _, c := range batch {
					run(c)
				}
				continue
			}
			_, next := shell.Update(msg)
			run(next)
		case <-deadline:
			t.Fatal("the work did not come to its end")
		}
	}
	shell.leaveAll() // work that still waits ends with its context
}

func TestTheReplyOfATaskReachesTheScreenThatAsked(t *testing.T) {
	t.Parallel()
	screen := &reader{}
	shell := open(screen, 80, 24)
	task := screen.env.NewTask()
	cmd := task.Start(func(context.Context) tea.Msg { return "result" })
	if !task.Running() {
		t.Error("the task does not run")
	}
	loop(t, shell, cmd, func() bool { return len(screen.msgs) > 0 })
	if screen.msgs[0] != "result" || task.Running() {
		t.Errorf("got %v, running %v", screen.msgs, task.Running())
	}
}

func TestStaleRepliesAreDropped(t *testing.T) {
	t.Parallel()
	screen := &reader{}
	shell := open(screen, 80, 24)
	task := screen.env.NewTask()
	answer := func(s string) tea.Msg { return task.Start(func(context.Context) tea.Msg { return s })() }
	first := answer("first")
	second := answer("second")
	shell.Update(first)
	shell.Update(second)
	shell.Update(second)
	if !slices.Equal(screen.msgs, []tea.Msg{"second"}) {
		t.Errorf("the screen got %v", screen.msgs)
	}
	third := answer("third")
	task.Cancel()
	shell.Update(third)
	if len(screen.msgs) != 1 {
		t.Error("the reply of cancelled work arrived")
	}
}

func TestLeavingAScreenEndsItsWork(t *testing.T) {
	t.Parallel()
	under, over := &reader{}, &reader{}
	under.do = Push{over}
	shell := open(under, 80, 24)
	drive(shell, press("x"))
	ended := make(chan error, 1)
	cmd := over.env.NewTask().Start(func(ctx context.Context) tea.Msg {
		<-ctx.Done()
		ended <- ctx.Err()
		return "late"
	})
	replies := make(chan tea.Msg, 1)
	go func() { replies <- cmd() }()
	drive(shell, press("esc"))
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the work ended with %v", err)
	}
	shell.Update(<-replies)
	if len(over.msgs)+len(under.msgs) != 0 {
		t.Error("the reply reached somebody after its screen was left")
	}
}

func TestAStreamArrivesInOrderAlsoOnACoveredScreen(t *testing.T) {
	t.Parallel()
	under, over := &reader{}, &reader{}
	shell := open(under, 80, 24)
	cmd := under.env.NewTask().Stream(func(job Job) tea.Msg {
		for i := range 20 {
			job.Emit(i)
		}
		return "end"
	})
	under.do = Push{over}
	drive(shell, press("x"))
	loop(t, shell, cmd, func() bool { return len(under.msgs) == 21 })
	for i := range 20 {
		if under.msgs[i] != i {
			t.Fatalf("message %d is %v", i, under.msgs[i])
		}
	}
	if under.msgs[20] != "end" || len(over.msgs) != 0 {
		t.Errorf("the last is %v, the screen on top got %v", under.msgs[20], over.msgs)
	}
}

func TestWorkMayAskAndWaitsForTheAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		key, want string
	}{{"y", "yes"}, {"esc", "closed"}} {
		screen := &reader{}
		shell := open(screen, 80, 24)
		now := time.Now()
		shell.now = func() time.Time { now = now.Add(time.Second); return now }
		cmd := screen.env.NewTask().Stream(func(job Job) tea.Msg {
			answer, err := job.Ask(Confirm("k", "Accept?", "", "Accept", "Refuse"))
			if errors.Is(err, ErrNoAnswer) {
				return "closed"
			}
			return answer.Value
		})
		asked := false
		loop(t, shell, cmd, func() bool {
			if len(shell.dialogs) > 0 && !asked {
				asked = true
				drive(shell, press(c.key))
			}
			return len(screen.msgs) > 0
		})
		if screen.msgs[0] != c.want {
			t.Errorf("after %s the work got %v", c.key, screen.msgs[0])
		}
	}
}

func TestAQuestionClosesWhenItsWorkIsCancelled(t *testing.T) {
	t.Parallel()
	screen := &reader{}
	shell := open(screen, 80, 24)
	task := screen.env.NewTask()
	result := make(chan error, 1)
	cmd := task.Stream(func(job Job) tea.Msg {
		_, err := job.Ask(Message(Warn, "Anybody there?", ""))
		result <- err
		return nil
	})
	loop(t, shell, cmd, func() bool {
		if len(shell.dialogs) == 0 {
			return false
		}
		task.Cancel()
		shell.Update(nil)
		return true
	})
	if len(shell.dialogs) != 0 {
		t.Error("the dialog is still open")
	}
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("the work was told %v", err)
	}
}
