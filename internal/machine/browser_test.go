//go:build unix

package machine

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"bbconnect/model"
)

// desktop is a machine whose only program is a script under the given name.
func desktop(t *testing.T, goos, name, script string, env map[string]string) opener {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	writeScript(t, path, script+"\n")
	return opener{
		goos:   goos,
		getenv: func(k string) string { return env[k] },
		lookPath: func(n string) (string, error) {
			if n == name {
				return path, nil
			}
			return "", exec.ErrNotFound
		},
		settle: time.Minute,
	}
}

func TestThePageReachesTheProgramOfTheSystem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		goos, name, want string
		env              map[string]string
	}{
		{"linux", "xdg-open", "", map[string]string{"DISPLAY": ":0"}},
		{"linux", "xdg-open", "", map[string]string{"WAYLAND_DISPLAY": "w", "SSH_CONNECTION": "x"}},
		{"linux", "wslview", "", map[string]string{"WSL_DISTRO_NAME": "Debian"}},
		{"freebsd", "xdg-open", "", map[string]string{"DISPLAY": ":0"}},
		{"darwin", "open", "", nil},
		{"windows", "rundll32", "url.dll,FileProtocolHandler ", nil},
	} {
		seen := filepath.Join(t.TempDir(), "seen")
		o := desktop(t, c.goos, c.name, `printf '%s' "$*" > '`+seen+`'`, c.env)
		const page = "https://bitbucket.org/account/settings/?a=b&c=$(id)"
		if err := o.open(t.Context(), page); err != nil {
			t.Errorf("%s: %v", c.goos, err)
			continue
		}
		// The program has ended without an error, so the file is there.
		if got, err := os.ReadFile(seen); err != nil || string(got) != c.want+page {
			t.Errorf("%s: it was given %q, %v", c.goos, got, err)
		}
	}
}

func TestWithoutAWayToShowAPageTheProblemSaysSo(t *testing.T) {
	t.Parallel()
	screen := map[string]string{"DISPLAY": ":0"}
	for name, o := range map[string]opener{
		"no screen":          desktop(t, "linux", "xdg-open", "exit 0", nil),
		"nothing installed":  desktop(t, "linux", "other", "exit 0", screen),
		"a Mac over ssh":     desktop(t, "darwin", "open", "exit 0", map[string]string{"SSH_CONNECTION": "x"}),
		"Windows over ssh":   desktop(t, "windows", "rundll32", "exit 0", map[string]string{"SSH_CONNECTION": "x"}),
		"no browser":         desktop(t, "linux", "xdg-open", "exit 3", screen),
		"a broken programme": {goos: "linux", getenv: func(string) string { return "x" }, lookPath: func(string) (string, error) { return "/nowhere/xdg-open", nil }, settle: time.Minute},
	} {
		err := o.open(t.Context(), "https://bitbucket.org/")
		p, ok := model.AsProblem(err)
		if !ok || p.Code != "machine.no-browser" || p.Why == "" || p.Fix == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOnlyPagesAreOpened(t *testing.T) {
	t.Parallel()
	o := desktop(t, "linux", "xdg-open", "exit 0", map[string]string{"DISPLAY": ":0"})
	for _, address := range []string{
		"", "file:///etc/passwd", "javascript:alert(1)", "ssh://git@host/r", "//host/x", "https://", "https:///x", "--help",
		"https://user:word@host/", "https://user@host/", "https://host/\x1b", "https://host/a b", "https://host/\"&calc",
		"https://host/" + strings.Repeat("a", maxURL), "ms-settings:", "http://[::1",
	} {
		err := o.open(t.Context(), address)
		if p, ok := model.AsProblem(err); !ok || p.Code != "machine.bad-address" || strings.Contains(err.Error(), "word") {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestABrowserThatStaysDoesNotBlockAndLeavesNoZombie(t *testing.T) {
	t.Parallel()
	stay, pid := filepath.Join(t.TempDir(), "stay"), filepath.Join(t.TempDir(), "pid")
	if err := os.WriteFile(stay, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	o := desktop(t, "linux", "xdg-open", "echo $$ > '"+pid+"'; while [ -e '"+stay+"' ]; do sleep 0.02; done", map[string]string{"DISPLAY": ":0"})
	o.settle = time.Millisecond
	if err := o.open(t.Context(), "https://bitbucket.org/"); err != nil {
		t.Fatal(err)
	}
	number := 0
	until(t, "the browser has started", func() bool {
		data, _ := os.ReadFile(pid)
		number, _ = strconv.Atoi(strings.TrimSpace(string(data)))
		return number > 0
	})
	if err := syscall.Kill(number, 0); err != nil {
		t.Errorf("the browser is gone while its page is open: %v", err)
	}
	if err := os.Remove(stay); err != nil {
		t.Fatal(err)
	}
	// A zombie still takes signals; a child that was waited for does not.
	until(t, "the browser is waited for", func() bool { return errors.Is(syscall.Kill(number, 0), syscall.ESRCH) })
}

func TestTheEndOfTheContextEndsTheWaitOnly(t *testing.T) {
	t.Parallel()
	stay := filepath.Join(t.TempDir(), "stay")
	if err := os.WriteFile(stay, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	o := desktop(t, "linux", "xdg-open", "while [ -e '"+stay+"' ]; do sleep 0.02; done", map[string]string{"DISPLAY": ":0"})
	o.settle = time.Hour
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := o.open(ctx, "https://bitbucket.org/"); err != nil {
		t.Error(err)
	}
	ended, stop := context.WithCancel(t.Context())
	stop()
	if err := o.open(ended, "https://bitbucket.org/"); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of the context: %v", err)
	}
}

// until polls for what a test waits for, a minute at most.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(time.Minute)
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("it did not happen that %s", what)
		}
	}
}
