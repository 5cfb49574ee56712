package keystore

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bbconnect/model"
)

// posix leaves a test out where there is no POSIX shell.
func posix(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("LEFT OUT: these command lines are for a POSIX shell")
	}
}

func TestACommandPrintsTheValue(t *testing.T) {
	t.Parallel()
	posix(t)
	n := model.Scope{Org: "Acme"}.SecretName("bb_token")
	tests := []struct{ title, line, want string }{
		{"the name", "printf %s {name}", "org/Acme/bb_token"},
		{"the name within quotes", `printf %s "x/{name}" && printf %s '{name}'`, "x/org/Acme/bb_tokenorg/Acme/bb_token"},
		{"the name in the environment", `printf %s "$BBCONNECT_SECRET_NAME"`, "org/Acme/bb_token"},
		{"one line end is taken off", `printf 'value\n\n'`, "value\n"},
		{"a Windows line end is taken off", `printf 'value\r\n'`, "value"},
		{"several lines", `printf 'one\ntwo\n'`, "one\ntwo"},
		{"every kind of byte", `printf '\000\377\n'`, "\x00\xff"},
		{"what it says beside is not the value", `echo noise >&2; echo value`, "value"},
		{"there is no input", `cat; echo value`, "value"},
	}
	for _, tt := range tests {
		got, err := NewCommand(tt.line).Get(t.Context(), n)
		if err != nil || got.Reveal() != tt.want {
			t.Errorf("%s: got %q, %v", tt.title, got.Reveal(), err)
		}
	}
	if got, err := CommandOutput(t.Context(), "echo {name}"); err != nil || got.Reveal() != "{name}" {
		t.Errorf("a source of its own has no name: %q, %v", got.Reveal(), err)
	}
}

func TestACommandThatFailsSaysWhy(t *testing.T) {
	t.Parallel()
	posix(t)
	canary := "Canary" + strings.Repeat("x7", 8)
	tests := []struct{ title, line, code, says string }{
		{"a code and a message", `echo "no such entry" >&2; exit 3`, codeUnavailable, "no such entry"},
		{"control characters", `printf '\033[31mred\007\n' >&2; exit 1`, codeUnavailable, "[31mred"},
		{"an endless message", `yes error | head -c 100000 >&2; exit 1`, codeUnavailable, "error error"},
		{"a program that is missing", "bbconnect-no-such-program {name}", codeUnavailable, "code 127"},
		{"a value in the message", "printf " + canary + "; echo token " + canary + " >&2; exit 1", codeUnavailable, "token •••"},
		{"a value without end", "yes", codeTooBig, "more than a secret"},
	}
	for _, tt := range tests {
		_, err := NewCommand(tt.line).Get(deadline(t, 30*time.Second), name("a"))
		problem := wantCode(t, tt.title, err, tt.code)
		text := problem.What + problem.Why + problem.Fix
		if !strings.Contains(text, tt.says) || strings.ContainsAny(text, "\x1b\x07\n") || len(text) > 700 {
			t.Errorf("%s: %q does not say %q, in one harmless line", tt.title, text, tt.says)
		}
		if strings.Contains(text+err.Error(), canary) {
			t.Errorf("%s: the value is shown", tt.title)
		}
	}
	if _, err := NewCommand("true").Get(t.Context(), name("a")); !errors.Is(err, ErrNotFound) {
		t.Errorf("no output gave %v", err)
	}
	_, err := NewCommand("head -c 70000 /dev/zero").Get(t.Context(), name("a"))
	wantCode(t, "too much output", err, codeTooBig)
}

func TestACommandThatDoesNotEndIsEndedWithAllItStarted(t *testing.T) {
	t.Parallel()
	posix(t)
	_, err := NewCommand("sleep 600").Get(deadline(t, 100*time.Millisecond), name("a"))
	wantCode(t, "a command that waits", err, codeTimeout)

	pid := filepath.Join(t.TempDir(), "pid")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	answer := make(chan error, 1)
	go func() {
		_, err := NewCommand("sleep 600 & echo $! >"+pid+".new; mv "+pid+".new "+pid+"; wait").Get(ctx, name("a"))
		answer <- err
	}()
	var child []byte
	for err := error(os.ErrNotExist); err != nil; child, err = os.ReadFile(pid) {
		select {
		case err := <-answer:
			t.Fatalf("the command has ended: %v", err)
		default:
		}
	}
	cancel()
	if err := <-answer; !errors.Is(err, context.Canceled) {
		t.Errorf("a call that was cancelled gave %v", err)
	}
	awaitEnd(t, strings.TrimSpace(string(child)))
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := NewCommand("echo x").Get(gone, name("a")); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled call gave %v", err)
	}
}

// awaitEnd waits until a process is gone, or only its entry is left: one that was
// killed runs on until the system has come to it.
func awaitEnd(t *testing.T, pid string) {
	t.Helper()
	for last := time.Now().Add(30 * time.Second); ; {
		state, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil || strings.Contains(string(state), ") Z") {
			return
		}
		if time.Now().After(last) {
			t.Fatalf("it still runs: %s", state)
		}
		runtime.Gosched()
	}
}

// deadline is the test's context, for a while.
func deadline(t *testing.T, after time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), after)
	t.Cleanup(cancel)
	return ctx
}

func TestANameCannotBecomeShell(t *testing.T) {
	t.Parallel()
	posix(t)
	trace := filepath.Join(t.TempDir(), "ran")
	for _, bad := range []model.SecretName{
		model.SecretName("account/x;touch " + trace), "account/$(id)", "account/`id`", "account/a b", "org/a'b/x", "org/&/x", "-x",
	} {
		_, err := NewCommand("echo {name}").Get(t.Context(), bad)
		wantCode(t, string(bad), err, "ref.malformed")
	}
	if _, err := os.Stat(trace); err == nil {
		t.Error("a name was run")
	}
	// A dollar is allowed in names and means something to the shell.
	_, err := NewCommand("echo {name}").Get(t.Context(), "account/a$HOME")
	problem := wantCode(t, "a dollar", err, codeUnavailable)
	if !strings.Contains(problem.Fix, nameVariable) {
		t.Errorf("the remedy is %q", problem.Fix)
	}
	got, err := NewCommand(`printf %s "$BBCONNECT_SECRET_NAME"`).Get(t.Context(), "account/a$HOME")
	if err != nil || got.Reveal() != "account/a$HOME" {
		t.Errorf("got %q, %v", got.Reveal(), err)
	}
}

func TestACommandOnlyReads(t *testing.T) {
	t.Parallel()
	c := NewCommand("pass show --token=abc {name}")
	wantCode(t, "set", c.Set(t.Context(), name("a"), model.NewSecret("x")), codeDenied)
	wantCode(t, "delete", c.Delete(t.Context(), name("a")), codeDenied)
	wantCode(t, "no command", NewCommand(" ").Prove(t.Context()), codeUnavailable)
	if err := c.Prove(t.Context()); err != nil {
		t.Error(err)
	}
	if c.Describe() != "the command pass" || c.Where() != model.WhereCommand {
		t.Errorf("described as %q, %q", c.Describe(), c.Where())
	}
	if got := NewCommand("TOKEN=abc pass").Describe(); strings.Contains(got, "abc") {
		t.Errorf("the description shows %q", got)
	}
}

func TestThePersonIsAskedOnceForEachName(t *testing.T) {
	t.Parallel()
	var asked, at atomic.Int32
	ask := NewAsk(func(_ context.Context, n model.SecretName) (model.Secret, error) {
		if at.Add(1) > 1 {
			t.Error("two questions at once")
		}
		defer at.Add(-1)
		asked.Add(1)
		return model.NewSecret("value of " + string(n)), nil
	})
	var work sync.WaitGroup
	for range 8 {
		for _, n := range []model.SecretName{name("a"), name("b")} {
			work.Go(func() {
				if got, err := ask.Get(t.Context(), n); err != nil || got.Reveal() != "value of "+string(n) {
					t.Errorf("got %d bytes, %v", got.Len(), err)
				}
			})
		}
	}
	work.Wait()
	if asked.Load() != 2 {
		t.Errorf("asked %d times for two names", asked.Load())
	}
	if err := errors.Join(ask.Delete(t.Context(), name("a")), ask.Prove(t.Context())); err != nil {
		t.Error(err)
	}
	if _, err := ask.Get(t.Context(), name("a")); err != nil || asked.Load() != 3 {
		t.Errorf("asked %d times after it was forgotten, %v", asked.Load(), err)
	}
}

func TestAQuestionThatFailsIsAskedAgain(t *testing.T) {
	t.Parallel()
	wrong := errors.New("closed")
	answers := []error{wrong, nil}
	ask := NewAsk(func(context.Context, model.SecretName) (model.Secret, error) {
		err := answers[0]
		answers = answers[1:]
		return model.NewSecret("x"), err
	})
	if _, err := ask.Get(t.Context(), name("a")); !errors.Is(err, wrong) {
		t.Errorf("got %v", err)
	}
	if got, err := ask.Get(t.Context(), name("a")); err != nil || got.Reveal() != "x" {
		t.Errorf("got %v", err)
	}
}

func TestNoProblemEverShowsAValue(t *testing.T) {
	t.Parallel()
	canary := "Canary" + strings.Repeat("k3", 30)
	value := model.NewSecret(canary + strings.Repeat("x", MaxSize))
	ring := newFakeRing(10)
	stores := map[string]Store{
		"keyring": newTestKeyring(t, KeyringOptions{Ring: ring}),
		"vault":   NewVault(filepath.Join(t.TempDir(), "v"), nil),
		"memory":  NewMemory(model.WhereKeyring), "command": NewCommand("true"),
	}
	for title, s := range stores {
		for _, v := range []model.Secret{value, model.NewSecret(canary)} {
			err := s.Set(t.Context(), name("a"), v)
			if err == nil && title != "memory" {
				t.Errorf("%s took it", title)
			}
			for e := err; e != nil; e = errors.Unwrap(e) {
				if strings.Contains(e.Error(), canary[:12]) {
					t.Errorf("%s shows the value: %v", title, e)
				}
			}
		}
	}
}
