package keystore

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"bbconnect/model"
)

// callsKeyring makes this test binary a process that calls the operating
// system's keyring, "prove" or "get", and " twice" or " patiently" when told so, and
// prints an outcome. Each needs a process of its own: go-keyring keeps one connection for all time.
const callsKeyring = "BBCONNECT_KEYSTORE_TEST_CALLS"

// outcome is what such a process has seen.
type outcome struct {
	Code, What, Why string
	Millis          int64
	// Next is the code of the second call, right after the first.
	Next, NextWhat string
}

// allTheTime is how long a call may take that is told to be patient: a busy
// machine needs more than the keyring's two seconds to start a real daemon.
const allTheTime = time.Minute

func callKeyring(call string) int {
	k, err := NewKeyring(KeyringOptions{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	ctx := context.Background()
	if strings.HasSuffix(call, "patiently") {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, allTheTime)
		defer cancel()
	}
	one := func() error {
		if strings.HasPrefix(call, "prove") {
			return k.Prove(ctx)
		}
		_, err := k.Get(ctx, "account/probe")
		return err
	}
	var seen outcome
	start := time.Now()
	err = one()
	seen.Millis = time.Since(start).Milliseconds()
	if problem, ok := model.AsProblem(err); ok {
		seen.Code, seen.What, seen.Why = problem.Code, problem.What, problem.Why
	} else if err != nil {
		seen.Code = err.Error()
	}
	if strings.HasSuffix(call, "twice") {
		if problem, ok := model.AsProblem(one()); ok {
			seen.Next, seen.NextWhat = problem.Code, problem.What
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(seen); err != nil {
		return 1
	}
	return 0
}

// needs skips a test, and says so loudly, where programs are missing. In CI that
// is a failure: there they must be installed.
func needs(t *testing.T, programs ...string) {
	t.Helper()
	var missing []string
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, program)
		}
	}
	switch {
	case runtime.GOOS != "linux":
		t.Skipf("LEFT OUT: a real Secret Service is tested on Linux only, and this is %s", runtime.GOOS)
	case len(missing) == 0:
	case os.Getenv("BBCONNECT_CI") == "1":
		t.Fatalf("missing in CI: %s (apt-get install gnome-keyring dbus dbus-user-session)", strings.Join(missing, ", "))
	default:
		t.Skipf("LEFT OUT: the tests against a real Secret Service need %s (apt-get install gnome-keyring dbus dbus-user-session)",
			strings.Join(missing, ", "))
	}
}

// runUnderSecretService runs some tests of this binary again, in a session with
// a real Secret Service, and checks that nothing is left of it.
func runUnderSecretService(t *testing.T, pattern string) {
	t.Helper()
	needs(t, "sh", "dbus-run-session", "dbus-send", "gnome-keyring-daemon")
	room := shortDir(t)
	cmd := exec.CommandContext(t.Context(), filepath.Join("testdata", "with-secret-service.sh"),
		os.Args[0], "-test.run="+pattern, "-test.v", "-test.timeout=4m")
	cmd.Env = append(os.Environ(), underService+"=1", "TMPDIR="+room)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestEveryStoreKeepsTheContract") {
		t.Errorf("%v\n%s", err, out)
	}
	for _, line := range strings.Split(string(out), "\n") {
		if strings.Contains(line, "measured") {
			t.Log(strings.TrimSpace(line))
		}
	}
	nothingRuns(t, room)
}

// shortDir is t.TempDir with a short name: the address of a socket has 108 bytes.
func shortDir(t *testing.T) string {
	t.Helper()
	parent := os.TempDir()
	if len(parent) > 60 {
		parent = "/tmp"
	}
	dir, err := os.MkdirTemp(parent, "bbks")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// nothingRuns waits until no process but this one has room in its environment.
func nothingRuns(t *testing.T, room string) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		left := processesWith(room)
		if len(left) == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Errorf("left behind: %s", strings.Join(left, ", "))
			return
		}
	}
}

// processesWith lists the processes whose environment mentions text.
func processesWith(text string) []string {
	var found []string
	environs, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range environs {
		data, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(data), text) || strings.Contains(file, fmt.Sprintf("/%d/", os.Getpid())) {
			continue
		}
		name, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "comm"))
		found = append(found, strings.TrimSpace(string(name)))
	}
	return found
}
