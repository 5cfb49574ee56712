//go:build !windows

package terminal

import (
	"bytes"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// shell runs a script; raw scripts see keys as they are sent, without echo.
func shell(t testing.TB, script string, change ...func(*Config)) *Session {
	t.Helper()
	cfg := Config{Program: "sh", Args: []string{"-c", script}}
	for _, f := range change {
		f(&cfg)
	}
	return Start(t, cfg)
}

// dump is a script that shows the bytes it gets, in hexadecimal, one read of n
// bytes at a time.
func dump(n int) string {
	return fmt.Sprintf(`stty raw -echo; printf 'ready\r\n'; dd bs=1 count=%d 2>/dev/null | od -An -v -tx1 | tr -d '\n'; printf '\r\ndone'`, n)
}

func TestAProgramSeesATerminalOfTheAskedSize(t *testing.T) {
	t.Parallel()
	s := shell(t, `test -t 0 && test -t 1 && test -t 2 && stty size`, func(c *Config) { c.Cols, c.Rows = 60, 16 })
	if code := s.Wait(); code != 0 {
		t.Fatalf("exit code %d, screen %q", code, s.Screen())
	}
	if got := s.Screen(); got != "16 60" {
		t.Errorf("stty size says %q, want 16 60", got)
	}
}

func TestTheExitCodeIsTheProgramsOwn(t *testing.T) {
	t.Parallel()
	for _, want := range []int{0, 1, 5, 130} {
		if got := shell(t, fmt.Sprintf("exit %d", want)).Wait(); got != want {
			t.Errorf("exit code %d, want %d", got, want)
		}
	}
}

func TestASignalReachesTheProgram(t *testing.T) {
	t.Parallel()
	s := shell(t, `trap 'exit 7' TERM; echo ready; while :; do read -r line; done`)
	s.WaitFor("ready")
	s.Signal(syscall.SIGTERM)
	s.Press("enter") // lets the shell's read return, so that the trap runs
	if got := s.Wait(); got != 7 {
		t.Errorf("exit code %d, want 7", got)
	}
}

// CI may run below nohup, where the end of a terminal is ignored by all that inherits it.
func TestTheEndOfATerminalReachesTheProgramBelowNohup(t *testing.T) {
	signal.Ignore(syscall.SIGHUP)
	t.Cleanup(func() { signal.Reset(syscall.SIGHUP) })
	s := shell(t, `trap 'exit 7' HUP; echo ready; while :; do read -r line; done`)
	s.WaitFor("ready")
	s.Signal(syscall.SIGHUP)
	s.Press("enter")
	if got := s.Wait(); got != 7 {
		t.Errorf("exit code %d, want 7", got)
	}
}

func TestEveryByteOfTheOutputIsReadBeforeWaitReturns(t *testing.T) {
	t.Parallel()
	s := shell(t, `i=0; while [ $i -lt 2000 ]; do echo "line $i"; i=$((i+1)); done`)
	s.Wait()
	if got := bytes.Count(s.Raw(), []byte("line ")); got != 2000 {
		t.Errorf("%d lines read, want 2000", got)
	}
	if !strings.HasSuffix(s.Screen(), "line 1999") {
		t.Errorf("the screen ends with %q", s.Lines()[len(s.Lines())-1])
	}
}

func TestTheEnvironmentIsCleanAndCanBeChanged(t *testing.T) {
	t.Parallel()
	s := shell(t, `echo "$HOME|$BBCONNECT_HOME|$TERM|$DBUS_SESSION_BUS_ADDRESS|${LANG-none}|$COLOUR|${CI-none}|$(pwd)"`,
		func(c *Config) { c.Cols = 500; c.Env = []string{"COLOUR=none", "LANG"} })
	s.Wait()
	home := s.Home()
	want := strings.Join([]string{
		home, filepath.Join(home, "bbconnect"), "xterm-256color", "disabled", "none", "none", "none", home,
	}, "|")
	if got := s.Screen(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTheVariablesOfTheCallerDoNotLeakIn(t *testing.T) {
	t.Setenv("CI", "true")
	t.Setenv("BBCONNECT_LEAK", "leaked")
	s := shell(t, `env`)
	s.Wait()
	if raw := s.Raw(); bytes.Contains(raw, []byte("CI=")) || bytes.Contains(raw, []byte("leaked")) {
		t.Errorf("the environment is not clean:\n%s", raw)
	}
}

func TestTypedTextIsReadLineByLine(t *testing.T) {
	t.Parallel()
	s := Start(t, Config{Program: "cat"})
	s.Type("zażółć")
	s.WaitFor("zażółć") // the terminal's own echo
	s.Press("enter")
	s.WaitUntil("cat's copy", func(screen string) bool { return strings.Count(screen, "zażółć") == 2 })
	s.Press("ctrl+d")
	if code := s.Wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestKeysAreTheBytesOfAnXterm(t *testing.T) {
	t.Parallel()
	keys := map[string]string{
		"enter": "0d", "tab": "09", "shift+tab": "1b 5b 5a", "space": "20", "backspace": "7f",
		"ctrl+a": "01", "ctrl+c": "03", "ctrl+y": "19", "alt+b": "1b 62", "alt+enter": "1b 0d",
		"up": "1b 5b 41", "end": "1b 5b 46", "delete": "1b 5b 33 7e", "pgdown": "1b 5b 36 7e",
		"f1": "1b 4f 50", "f5": "1b 5b 31 35 7e", "?": "3f", "ż": "c5 bc",
	}
	for name, want := range keys {
		s := shell(t, dump(len(strings.Fields(want))))
		s.WaitFor("ready")
		s.Press(name)
		s.WaitFor("done")
		if got := strings.TrimSpace(s.Lines()[1]); got != want {
			t.Errorf("%s sends %s, want %s", name, got, want)
		}
	}
}

func TestAnUnknownKeyIsNamed(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "ctrl+", "ctrl+1", "meta+x", "retrun"} {
		if seq, err := keyBytes(name); err == nil {
			t.Errorf("%q sends %q, want an error", name, seq)
		}
	}
}

func TestInputBehindEscWaitsUntilTheProgramHasDrawn(t *testing.T) {
	t.Parallel()
	// The program draws only after it has read esc, and says whether more was
	// already there to be read with it.
	s := shell(t, `stty raw -echo; printf 'ready\r\n'
		one=$(dd bs=64 count=1 2>/dev/null | od -An -v -tx1); printf 'first%s\r\n' "$one"
		two=$(dd bs=64 count=1 2>/dev/null | od -An -v -tx1); printf 'then%s\r\n' "$two"`)
	s.WaitFor("ready")
	s.Press("esc", "x")
	s.Wait()
	if got := s.Screen(); got != "ready\nfirst 1b\nthen 78" {
		t.Errorf("got %q", got)
	}
}

func TestAPasteIsMarkedOnlyForProgramsThatAskForIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, ask, want string }{
		{"not asked", ``, "61 0d 62"},
		{"asked", `\033[?2004h`, "1b 5b 32 30 30 7e 61 0d 62 1b 5b 32 30 31 7e"},
		{"asked and taken back", `\033[?2004h\033[?2004l`, "61 0d 62"},
	} {
		s := shell(t, fmt.Sprintf("printf '%s'; ", c.ask)+dump(len(strings.Fields(c.want))))
		s.WaitFor("ready")
		s.Paste("a\nb")
		s.WaitFor("done")
		if got := strings.TrimSpace(s.Lines()[1]); got != c.want {
			t.Errorf("%s: pasted %s, want %s", c.name, got, c.want)
		}
	}
}

func TestResizingTellsTheProgram(t *testing.T) {
	t.Parallel()
	s := shell(t, `trap 'stty size' WINCH; echo ready; while :; do read -r line && exit; done`)
	s.WaitFor("ready")
	s.Resize(132, 40)
	s.WaitUntil("the new size", func(screen string) bool {
		return strings.Contains(screen, "40 132")
	})
	s.Press("enter")
	s.Wait()
}

func TestTheScreenIsWhatThePersonSees(t *testing.T) {
	t.Parallel()
	s := shell(t, `printf 'gone\033[2J\033[3;5H\033[31mred ● ✓\033[0m\033[1;1Htop\033[2;4H'; read -r line`)
	s.WaitFor("top")
	if got, want := s.Screen(), "top\n\n    red ● ✓"; got != want {
		t.Errorf("screen %q, want %q", got, want)
	}
	if !strings.Contains(s.Styled(), "\x1b[31m") {
		t.Errorf("the styled screen has lost its colour: %q", s.Styled())
	}
	if col, row := s.Cursor(); col != 3 || row != 1 {
		t.Errorf("cursor at %d,%d, want 3,1", col, row)
	}
	if raw := s.Raw(); !bytes.Contains(raw, []byte("gone\x1b[2J")) {
		t.Errorf("raw output %q has lost what was cleared", raw)
	}
}

// ask queries the cursor's position and waits for the answer so many tenths of a
// second.
const ask = `stty raw -echo min 0 time %d; printf '\033[6n'; dd bs=64 count=1 2>/dev/null | od -An -v -tx1; printf '\rdone'`

func TestQueriesAreAnsweredUnlessTheTerminalIsSilent(t *testing.T) {
	t.Parallel()
	const answer = "1b 5b 31 3b 31 52" // ESC [ 1 ; 1 R
	if got := shell(t, fmt.Sprintf(ask, 250)).WaitFor("done"); !strings.Contains(got, answer) {
		t.Errorf("no answer to the cursor query: %q", got)
	}
	if got := shell(t, fmt.Sprintf(ask, 10), func(c *Config) { c.Silent = true }).WaitFor("done"); strings.Contains(got, answer) {
		t.Errorf("a silent terminal has answered: %q", got)
	}
}

func TestWaitGoneWaitsUntilTheTextIsErased(t *testing.T) {
	t.Parallel()
	s := shell(t, `printf 'saving'; read -r line; printf '\033[2J\033[Hsaved'; read -r line`)
	s.WaitFor("saving")
	s.Press("enter")
	if got := s.WaitGone("saving"); strings.Contains(got, "saving") {
		t.Errorf("screen %q", got)
	}
}

// recorder takes the failure of a session instead of the test.
type recorder struct {
	testing.TB
	failure string
}

func (r *recorder) Helper() {}

func (r *recorder) Fatalf(format string, args ...any) {
	r.failure = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// failureOf runs f in a goroutine of its own, which a failure ends.
func failureOf(t *testing.T, f func(tb testing.TB)) string {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(r)
	}()
	<-done
	return r.failure
}

func TestAFailureShowsTheLastScreen(t *testing.T) {
	t.Parallel()
	got := failureOf(t, func(tb testing.TB) {
		s := shell(tb, `echo 'Keystore is locked'; read -r line`)
		s.WaitFor("Keystore is locked")
		s.cfg.Patience = 300 * time.Millisecond
		s.WaitFor("Overview")
	})
	if !strings.Contains(got, `no sign within 300ms of ["Overview"]`) || !strings.Contains(got, "| Keystore is locked") {
		t.Errorf("failure: %s", got)
	}
}

func TestWaitingEndsAtOnceWhenTheProgramDoes(t *testing.T) {
	t.Parallel()
	started := time.Now()
	got := failureOf(t, func(tb testing.TB) { shell(tb, `echo bye; exit 3`).WaitFor("Overview") })
	if !strings.Contains(got, "the program ended (exit status 3)") || !strings.Contains(got, "| bye") {
		t.Errorf("failure: %s", got)
	}
	if waited := time.Since(started); waited > (Config{}).withDefaults("", "").Patience*3/4 {
		t.Errorf("waited %v for a program that had ended", waited)
	}
}

func TestAProgramThatCannotBeStartedIsNamed(t *testing.T) {
	t.Parallel()
	got := failureOf(t, func(tb testing.TB) { Start(tb, Config{Program: "/no/such/program"}) })
	if !strings.Contains(got, "/no/such/program") {
		t.Errorf("failure: %q", got)
	}
}

func TestNothingIsLeftRunningBehindATest(t *testing.T) {
	var pid int
	t.Run("a program with a child, neither of which ends", func(t *testing.T) {
		s := shell(t, `sleep 600 & echo "child $!."; wait`)
		screen := s.WaitUntil("the child's id", func(screen string) bool {
			_, err := fmt.Sscanf(screen, "child %d.", &pid)
			return err == nil
		})
		if pid == 0 {
			t.Fatalf("no process id in %q", screen)
		}
	})
	deadline := time.Now().Add(time.Minute)
	for running(pid) {
		if time.Now().After(deadline) {
			t.Fatalf("process %d still runs", pid)
		}
		runtime.Gosched()
	}
}

// running reports whether a process is there and not a zombie that only waits to
// be collected by its new parent.
func running(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return !os.IsNotExist(err) || runtime.GOOS != "linux"
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(state, "Z")
}

func TestBuildSaysWhatTheCompilerSaid(t *testing.T) {
	t.Parallel()
	if _, err := Build(t.Context(), t.TempDir(), "./testdata/missing"); err == nil || !strings.Contains(err.Error(), "testdata/missing") {
		t.Errorf("error %v", err)
	}
}
