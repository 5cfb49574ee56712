//go:build unix && !solaris && !aix

package ui

import (
	"errors"
	"os"
	"testing"
	"time"

	"github.com/creack/pty"
)

func TestABackgroundIsJudgedByItsLuminance(t *testing.T) {
	t.Parallel()
	for reply, want := range map[string]bool{
		"\x1b]11;rgb:ffff/ffff/ffff\x07\x1b[?62c":    true,
		"\x1b]11;rgb:fdfd/f6f6/e3e3\x1b\\\x1b[?1;2c": true,
		"\x1b]11;rgba:FF/FF/F0/FF\x07\x1b[?6c":       true,
		"\x1b]11;rgb:0000/2b2b/3636\x07\x1b[?62c":    false,
		"\x1b]11;rgb:0/0/f\x07\x1b[?62c":             false,
		"\x1b[?62c":                                  false,
		"":                                           false,
		"\x1b]11;rgb:zz/ff/ff\x07":                   false,
	} {
		if got := lightReply([]byte(reply)); got != want {
			t.Errorf("%q is said to be light: %v", reply, got)
		}
	}
}

// terminal answers the question for the background as told, on a real pty.
func terminal(t *testing.T, answer string) (tty *os.File) {
	t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 256)
		if _, err := master.Read(buf); err == nil && answer != "" {
			_, _ = master.WriteString(answer)
		}
	}()
	t.Cleanup(func() { _ = tty.Close(); _ = master.Close(); <-done })
	return tty
}

func TestATerminalThatAnswersIsBelieved(t *testing.T) {
	t.Parallel()
	tty := terminal(t, "\x1b]11;rgb:ffff/ffff/ffff\x07\x1b[?62;22c")
	reply, err := converse(int(tty.Fd()), time.Minute)
	if err != nil || !lightReply(reply) {
		t.Errorf("got %q, %v", reply, err)
	}
}

func TestATerminalThatKnowsNoColoursIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	tty := terminal(t, "\x1b[?1;0c")
	start := time.Now()
	reply, err := converse(int(tty.Fd()), time.Minute)
	if err != nil || lightReply(reply) {
		t.Errorf("got %q, %v", reply, err)
	}
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("waited %v although the terminal had answered", took)
	}
}

func TestASilentTerminalIsWaitedForNoLongerThanTheLimit(t *testing.T) {
	t.Parallel()
	tty := terminal(t, "")
	start := time.Now()
	_, err := converse(int(tty.Fd()), 50*time.Millisecond)
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a silent terminal gives %v", err)
	}
	if took := time.Since(start); took < 50*time.Millisecond || took > 30*time.Second {
		t.Errorf("waited %v", took)
	}
}

func TestWhatIsNoTerminalIsNotAsked(t *testing.T) {
	t.Parallel()
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if _, err := converse(int(file.Fd()), time.Second); err == nil {
		t.Error("a file answered")
	}
	if backgroundIsLight("dumb") || backgroundIsLight("linux") {
		t.Error("a terminal that cannot answer is said to be light")
	}
}

func TestKeysTypedAheadAreLeftForTheProgram(t *testing.T) {
	t.Parallel()
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = master.Close(); _ = tty.Close() }()
	if _, err := master.WriteString("payments\r"); err != nil {
		t.Fatal(err)
	}
	if ready, err := readable(int(tty.Fd()), time.Minute); err != nil || !ready {
		t.Fatalf("the keys did not arrive: %v", err)
	}
	if _, err := converse(int(tty.Fd()), time.Second); !errors.Is(err, errTypedAhead) {
		t.Fatalf("asking gave %v", err)
	}
	buf := make([]byte, 64)
	n, err := tty.Read(buf)
	if err != nil || string(buf[:n]) != "payments\n" {
		t.Errorf("afterwards the terminal gives %q, %v", buf[:n], err)
	}
}
