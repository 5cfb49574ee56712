//go:build !windows

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"bbconnect/internal/disk"
	"bbconnect/internal/document"
	"bbconnect/model"
)

// edits is how many times each of two processes changes the connector.
const edits = 200

// contest is one saved connector that several editors change at once. Every editor
// has an answer of its own, which nobody else changes: what happens to that is its
// editor's doing, or an edit that was lost. The name is everybody's.
type contest struct {
	t    *testing.T
	home string
	// begun numbers the edits of each editor, ended those that are over.
	begun, ended map[string]*atomic.Int64
	// saved is told of edits that were saved, when somebody listens.
	saved chan struct{}
	// What the test came by: documents read, edits saved, killed, and tried again.
	reads, saves, killed, conflicts atomic.Int64
}

// editor changes one answer that nobody else changes.
type editor struct {
	*contest
	name string
	own  model.QuestionID
	// value is the answer of an edit with a number, read what a document says there.
	value func(n int64) string
	read  func(model.Connector) string
}

func newContest(t *testing.T) *contest {
	t.Helper()
	c := &contest{t: t, home: t.TempDir(), begun: map[string]*atomic.Int64{}, ended: map[string]*atomic.Int64{}, saved: make(chan struct{})}
	value := "AT" + "ATT3xFfGF0" + strings.Repeat("kQ7x", 10)
	said, code := c.runs([]string{"CONTEST_TOKEN=" + value}, "new", "--yes", "--no-test", "--keystore", "ask", "--set", "overview.name=nobody 0",
		"--set", "overview.id=contest", "--set", "overview.description="+whole(0), "--set", "details.url="+address(0), "--set", "api.email="+mail(0),
		"--secret", "credentials.password=env:CONTEST_TOKEN")
	if code != 0 {
		t.Fatalf("the connector was not made: %d\n%s", code, said)
	}
	return c
}

// whole is a description that shows when a part of it is missing.
func whole(n int64) string   { return fmt.Sprintf("begin %d %s end %d", n, strings.Repeat("x", 700), n) }
func address(n int64) string { return fmt.Sprintf("https://bitbucket.org/acme/ledger-%d.git", n) }
func mail(n int64) string    { return fmt.Sprintf("jdoe%d@acme-corp.com", n) }

func (c *contest) editor(name string, own model.QuestionID, value func(int64) string, read func(model.Connector) string) *editor {
	c.begun[name], c.ended[name] = &atomic.Int64{}, &atomic.Int64{}
	return &editor{contest: c, name: name, own: own, value: value, read: read}
}

// command is the real program in the contest's folders, without a keyring.
func (c *contest) command(env []string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	cmd := exec.CommandContext(c.t.Context(), program, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + c.home, "BBCONNECT_HOME=" + c.home, "DBUS_SESSION_BUS_ADDRESS=disabled:"}, env...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	return cmd, &said
}

func (c *contest) runs(env []string, args ...string) (said string, code int) {
	cmd, out := c.command(env, args...)
	var ended *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &ended) {
		return err.Error(), -1
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

func (c *contest) folder() string { return filepath.Join(c.home, "data", "connectors") }

// document is what the file says now; it has to be whole.
func (c *contest) document() model.Connector {
	data, err := os.ReadFile(filepath.Join(c.folder(), "contest.yaml"))
	if err != nil {
		c.t.Error(err)
		return model.Connector{}
	}
	got, _, err := document.Decode(data)
	var n int64
	if err == nil {
		_, err = fmt.Sscanf(got.Description, "begin %d", &n)
	}
	if err != nil || got.Description != whole(n) || !strings.HasPrefix(got.URL, "https://bitbucket.org/acme/ledger-") || got.API.Email.Plain == "" {
		c.t.Errorf("the document is not whole: %v\n%.300s", err, data)
	}
	c.reads.Add(1)
	return got
}

// attempt is the command line of the editor's next edit, and its number.
func (e *editor) attempt() (n int64, args []string) {
	n = e.begun[e.name].Add(1)
	return n, []string{
		"edit", "contest", "--yes", "--no-test", "--set", string(e.own) + "=" + e.value(n), "--set", fmt.Sprintf("overview.name=%s %d", e.name, n),
	}
}

// others are the numbers of the edits of everybody else that are over.
func (e *editor) others() map[string]int64 {
	over := map[string]int64{}
	for name, n := range e.ended {
		if name != e.name {
			over[name] = n.Load()
		}
	}
	return over
}

// edits until so many have been saved. Every one is seen in the document at once,
// and still when the next begins; one that is refused has changed nothing.
func (e *editor) edits(count int) {
	last := e.read(e.document())
	for done := 0; done < count && !e.t.Failed(); {
		over := e.others()
		n, args := e.attempt()
		said, code := e.runs(nil, args...)
		now := e.document()
		switch code {
		case 0:
			done++
			e.saves.Add(1)
			select {
			case e.saved <- struct{}{}:
			default:
			}
			last = e.value(n)
			if !e.fresh(now.Name, n, over) {
				e.t.Errorf("%s saved its edit %d, and the name is %q, written before that began", e.name, n, now.Name)
			}
		case 5:
			e.conflicts.Add(1)
			if !strings.Contains(said, "store.conflict") && !strings.Contains(said, "store.busy") {
				e.t.Errorf("%s: a conflict says\n%s", e.name, said)
			}
		default:
			e.t.Errorf("%s: exit code %d\n%s", e.name, code, said)
		}
		e.ended[e.name].Store(n)
		if got := e.read(now); got != last {
			e.t.Errorf("%s: after edit %d, which exits %d, %s is %.40q, want %.40q", e.name, n, code, e.own, got, last)
		}
		if got := e.read(e.document()); got != last {
			e.t.Errorf("%s: somebody else's edit made %s %.40q, want %.40q", e.name, e.own, got, last)
		}
	}
}

// fresh reports whether a name is that of edit n, or of one that somebody else had
// not ended when that began.
func (e *editor) fresh(name string, n int64, over map[string]int64) bool {
	var who string
	var number int64
	if _, err := fmt.Sscanf(name, "%s %d", &who, &number); err != nil {
		return false
	}
	if who == e.name {
		return number == n
	}
	ended, known := over[who]
	return known && number > ended
}

// dies begins an edit whenever somebody has saved one, and kills each at a moment
// of chance. An edit that was killed is there as a whole or not at all.
func (e *editor) dies(stop <-chan struct{}) {
	dice := rand.New(rand.NewPCG(3, 9))
	last := e.read(e.document())
	usual := 15 * time.Millisecond
	for e.waits(stop) {
		n, args := e.attempt()
		cmd, said := e.command(nil, args...)
		began := time.Now()
		if err := cmd.Start(); err != nil {
			e.t.Error(err)
			return
		}
		// Moments of chance within the time that an edit takes, and a little longer.
		timer := time.AfterFunc(time.Duration(dice.Int64N(int64(usual)*5/4)), func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait()
		timer.Stop()
		code := cmd.ProcessState.ExitCode()
		status, _ := cmd.ProcessState.Sys().(syscall.WaitStatus)
		killed := status.Signaled() && status.Signal() == syscall.SIGKILL
		got := e.read(e.document())
		e.ended[e.name].Store(n)
		switch {
		case killed:
			e.killed.Add(1)
		case code == 0 || code == 5:
			usual = (usual + time.Since(began)) / 2
		default:
			e.t.Errorf("%s: exit code %d\n%s", e.name, code, said)
		}
		if made := got == e.value(n); !made && (got != last || code == 0) || made && code == 5 {
			e.t.Errorf("after edit %d, killed: %v, exit code %d, %s is %q, and was %q", n, killed, code, e.own, got, last)
		}
		last = got
	}
}

// waits for the next edit that is saved, and reports false when there will be none.
func (c *contest) waits(stop <-chan struct{}) bool {
	select {
	case <-c.saved:
		return !c.t.Failed()
	case <-stop:
		return false
	}
}

// TestTwoProcessesEditOneConnectorWhileAThirdIsKilledAndNoEditIsLost lets two real
// processes at a time change the same saved connector, each as often as it takes
// until two hundred edits are saved, while a third is killed again and again at
// moments of chance.
func TestTwoProcessesEditOneConnectorWhileAThirdIsKilledAndNoEditIsLost(t *testing.T) {
	t.Parallel()
	c := newContest(t)
	one := c.editor("one", model.QDescription, whole, func(c model.Connector) string { return c.Description })
	two := c.editor("two", model.QURL, address, func(c model.Connector) string { return c.URL })
	third := c.editor("killed", model.QAPIEmail, mail, func(c model.Connector) string { return c.API.Email.Plain })
	stop := make(chan struct{})
	var editing, beside sync.WaitGroup
	editing.Go(func() { one.edits(edits) })
	editing.Go(func() { two.edits(edits) })
	beside.Go(func() { third.dies(stop) })
	beside.Go(func() { c.watches(stop) })
	editing.Wait()
	close(stop)
	beside.Wait()
	t.Logf("%d edits saved, %d refused as conflicts, %d killed; the document was read %d times", c.saves.Load(), c.conflicts.Load(), c.killed.Load(), c.reads.Load())
	if c.killed.Load() < 10 {
		t.Errorf("%d were killed: that proves too little", c.killed.Load())
	}
	c.leavesNothingBehind()
}

// watches reads the document while others write it, now and then with the program.
func (c *contest) watches(stop <-chan struct{}) {
	for n := 0; c.waits(stop); n++ {
		for range 10 {
			c.document()
		}
		if n%8 > 0 {
			continue
		}
		said, code := c.runs(nil, "show", "contest", "--json")
		var shown struct{ Name string }
		if err := json.Unmarshal([]byte(said), &shown); code != 0 || err != nil || shown.Name == "" {
			c.t.Errorf("show exits %d, %v\n%s", code, err, said)
		}
	}
}

// leavesNothingBehind expects every lock free, no more unfinished files than
// processes were killed, and a program that goes on as if nothing had happened.
func (c *contest) leavesNothingBehind() {
	t := c.t
	t.Helper()
	locks := 0
	err := filepath.WalkDir(c.home, func(path string, d os.DirEntry, err error) error {
		file, isLock := strings.CutSuffix(path, ".lock")
		if err != nil || !isLock {
			return err
		}
		locks++
		unlock, err := disk.Lock(t.Context(), file)
		if err != nil {
			return err
		}
		return unlock()
	})
	if err != nil || locks == 0 {
		t.Errorf("%d locks, %v", locks, err)
	}
	files, err := os.ReadDir(c.folder())
	if err != nil || int64(len(files)) > 1+c.killed.Load() {
		t.Errorf("%d files after %d kills, %v", len(files), c.killed.Load(), err)
	}
	before := c.document()
	for _, args := range [][]string{{"edit", "contest", "--yes", "--no-test", "--set", "overview.name=afterwards"}, {"undo"}} {
		if said, code := c.runs(nil, args...); code != 0 {
			t.Errorf("%s exits %d\n%s", args[0], code, said)
		}
	}
	if after := c.document(); after.Name != before.Name || after.Description != before.Description || after.URL != before.URL {
		t.Errorf("taken back, it is %s, and was %s", after.Name, before.Name)
	}
}
