//go:build !windows

package play

import (
	"image/color"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"bbconnect/internal/tools/screenshots/picture"
)

func TestKeysAreTheBytesOfAnXterm(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"enter": "\r", "tab": "\t", "shift+tab": "\x1b[Z", "esc": "\x1b", "space": " ", "ctrl+a": "\x01", "ctrl+z": "\x1a",
		"down": "\x1b[B", "pgdown": "\x1b[6~", "f1": "\x1bOP", "?": "?", "ż": "ż",
	} {
		if got, err := keyBytes(name); err != nil || got != want {
			t.Errorf("%s sends %q (%v), want %q", name, got, err, want)
		}
	}
	for _, name := range []string{"", "ctrl+", "ctrl+1", "ctrl+ab", "retrun"} {
		if got, err := keyBytes(name); err == nil {
			t.Errorf("%q sends %q", name, got)
		}
	}
}

func TestAFrameInPiecesIsWaitedFor(t *testing.T) {
	t.Parallel()
	// Each piece comes when the one before has been read for a while, well within
	// what a screen must have been left alone for, also where the machine is busy.
	stage := program(t, `stty -icanon -echo min 0 time 0; for i in 1 2 3 4 5 6 7 8; do printf 'piece%s ' $i; i=0; while [ $i -lt 300 ]; do i=$((i+1)); done; done; stty icanon; read -r x`)
	stage.quiet = 2 * time.Second
	shots, _, err := stage.Play(t.Context(), parse(t, "run x\nwait piece1\npicture p: q"))
	if err != nil || !strings.Contains(shots[0].Screen.String(), "piece8") {
		t.Errorf("%v %v", shots, err)
	}
}

func TestTheTerminalAnswersWhatProgramsAskIt(t *testing.T) {
	t.Parallel()
	stage := program(t, `stty raw -echo min 0 time 250; printf '\033[6n'; dd bs=64 count=1 2>/dev/null | od -An -v -tx1; printf 'done'; stty icanon; read -r x`)
	shots, _, err := stage.Play(t.Context(), parse(t, "run x\nwait done\npicture p: q"))
	if err != nil || !strings.Contains(shots[0].Screen.String(), "1b 5b 31 3b 31 52") {
		t.Errorf("the cursor's place is not answered: %v %v", shots, err)
	}
}

func TestNothingIsLeftRunningOrLyingBehindAPlay(t *testing.T) {
	t.Parallel()
	note := filepath.Join(t.TempDir(), "note")
	stage := program(t, `echo "$$ $HOME" > `+note+`; trap '' INT; echo up; while :; do read -r x || exit; done`)
	if _, _, err := stage.Play(t.Context(), parse(t, "run x\nwait up")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(note)
	if err != nil {
		t.Fatal(err)
	}
	id, home, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	pid, err := strconv.Atoi(id)
	if err != nil {
		t.Fatal(err)
	}
	if syscall.Kill(pid, 0) == nil {
		t.Errorf("process %d still runs", pid)
	}
	if _, err := os.Stat(home); !os.IsNotExist(err) {
		t.Errorf("its home %s is still there: %v", home, err)
	}
}

func TestAProgramThatEndsByItselfIsAskedToFirst(t *testing.T) {
	t.Parallel()
	note := filepath.Join(t.TempDir(), "tidied")
	stage := program(t, `trap 'echo yes > `+note+`; exit 0' INT; echo up; while :; do read -r x || exit; done`)
	if _, _, err := stage.Play(t.Context(), parse(t, "run x\nwait up")); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(note); err != nil || string(text) != "yes\n" {
		t.Errorf("it could not tidy up: %q %v", text, err)
	}
	info, err := os.Stat(note)
	if err != nil {
		t.Fatal(err)
	}
	// Whether the program was asked first, and not how long the machine took to start it.
	if took := time.Since(info.ModTime()); took > 4*time.Second {
		t.Errorf("ending it took %v", took)
	}
}

func TestAProgramThatCannotBeStartedIsNamed(t *testing.T) {
	t.Parallel()
	stage := Stage{Program: "/no/such/program", Cols: 80, Rows: 24, Look: Light()}
	if _, _, err := stage.Play(t.Context(), parse(t, "run x\nwait y")); err == nil || !strings.Contains(err.Error(), "/no/such/program") || !strings.Contains(err.Error(), "light 80x24") {
		t.Errorf("%v", err)
	}
}

func TestATokenThatWasNotPrintedIsNamed(t *testing.T) {
	t.Parallel()
	if _, err := printed("Cloud: one\n  value\n", "two"); err == nil || !strings.Contains(err.Error(), "two") {
		t.Errorf("%v", err)
	}
	if got, err := printed("x\r\n  Cloud: one\r\n    value\r\n", "one"); err != nil || got != "value" {
		t.Errorf("%q %v", got, err)
	}
}

func TestAColourOfTheTerminalIsItsOwnWhereNoneIsSet(t *testing.T) {
	t.Parallel()
	if got := rgb(nil, 0x123456); got != 0x123456 {
		t.Errorf("%06x", got)
	}
	if got := rgb(color.RGBA{0x7d, 0xb2, 0xff, 0xff}, 0); got != picture.Colour(0x7db2ff) {
		t.Errorf("%06x", got)
	}
	if d, l := Dark(), Light(); d.Theme == l.Theme || d.Paper == l.Paper {
		t.Error("both looks are one")
	}
}
