//go:build !windows

package cmd

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"bbconnect/internal/flow"
	"bbconnect/internal/sandbox"
	"bbconnect/keystore"
	"bbconnect/model"
)

// mortal is the ports of a process that kills itself, as kill -9 does, before the
// call with a number.
type mortal struct {
	mu    sync.Mutex
	calls int
	last  int
}

// step counts a call; the one with the number last is never made.
func (m *mortal) step() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	if m.calls == m.last {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // the signal is on its way
	}
}

type mortalLibrary struct {
	flow.Library
	*mortal
}

func (l mortalLibrary) PutSecret(ctx context.Context, info model.SecretInfo) error {
	l.step()
	return l.Library.PutSecret(ctx, info)
}

func (l mortalLibrary) RemoveSecret(ctx context.Context, name model.SecretName) error {
	l.step()
	return l.Library.RemoveSecret(ctx, name)
}

type mortalJournal struct {
	flow.Journal
	*mortal
}

func (j mortalJournal) WriteMigration(ctx context.Context, r model.MigrationRecord) error {
	j.step()
	return j.Journal.WriteMigration(ctx, r)
}

func (j mortalJournal) RemoveMigration(ctx context.Context) error {
	j.step()
	return j.Journal.RemoveMigration(ctx)
}

// ReplaceDocuments writes one after the other, with a step before each.
func (j mortalJournal) ReplaceDocuments(ctx context.Context, changes []model.DocumentChange, dry bool) error {
	if dry {
		return j.Journal.ReplaceDocuments(ctx, changes, true)
	}
	for i := range changes {
		j.step()
		if err := j.Journal.ReplaceDocuments(ctx, changes[i:i+1], false); err != nil {
			return err
		}
	}
	return nil
}

func (j mortalJournal) RestoreSecretsFile(ctx context.Context, was []byte) error {
	j.step()
	return j.Journal.RestoreSecretsFile(ctx, was)
}

func (j mortalJournal) RestoreTests(ctx context.Context, was map[string]*model.TestRecord) error {
	j.step()
	return j.Journal.RestoreTests(ctx, was)
}

// folderKeys is a keystore of one file a secret, for processes that die.
type folderKeys struct {
	*mortal
	folder string
}

func (k folderKeys) Keystore(model.Where) (flow.Keystore, error) { return k, nil }
func (k folderKeys) Where() model.Where                          { return model.WhereKeyring }
func (k folderKeys) Describe() string                            { return "a folder" }
func (k folderKeys) Prove(context.Context) error                 { return nil }

func (k folderKeys) path(name model.SecretName) string {
	return filepath.Join(k.folder, hex.EncodeToString([]byte(name)))
}

func (k folderKeys) Get(_ context.Context, name model.SecretName) (model.Secret, error) {
	data, err := os.ReadFile(k.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return model.Secret{}, keystore.ErrNotFound
	}
	return model.NewSecret(string(data)), err
}

func (k folderKeys) Set(_ context.Context, name model.SecretName, value model.Secret) error {
	k.step()
	temp := k.path(name) + ".tmp"
	if err := os.WriteFile(temp, []byte(value.Reveal()), 0o600); err != nil {
		return err
	}
	return os.Rename(temp, k.path(name))
}

func (k folderKeys) Delete(_ context.Context, name model.SecretName) error {
	k.step()
	err := os.Remove(k.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// mortalChild is the program with ports that kill it at the call MORTAL_AT.
func mortalChild() {
	a := newTestApp(os.Stdin, os.Stdout, os.Stderr)
	last, err := strconv.Atoi(os.Getenv("MORTAL_AT"))
	if err == nil {
		err = a.connect()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(99)
	}
	m := &mortal{last: last}
	keys := folderKeys{m, filepath.Join(os.Getenv("BBCONNECT_HOME"), "keys")}
	a.places = func(*app) flow.Keystores { return keys }
	a.jobs.Keystores, a.jobs.Library, a.jobs.Journal = keys, mortalLibrary{a.jobs.Library, m}, mortalJournal{a.jobs.Journal, m}
	a.jobs.Tester = alwaysPasses{}
	code := a.run(context.Background(), os.Args[1:])
	if last == 0 {
		fmt.Fprintln(os.Stderr, "calls:", m.calls)
	}
	os.Exit(code)
}

type alwaysPasses struct{}

func (alwaysPasses) Test(_ context.Context, req model.TestRequest, _ func(model.Check)) model.TestResult {
	return passes(req)
}

// runMortal runs the program in a home; at 0 it lives.
func runMortal(t *testing.T, home string, at int, args ...string) (out string, killed bool) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "bbconnect-mortal", args...)
	c.Env = append(os.Environ(), "BBCONNECT_HOME="+home, fmt.Sprint("MORTAL_AT=", at), "NEW_TOKEN="+mortalToken())
	text, err := c.CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		status, ok := exit.Sys().(syscall.WaitStatus)
		return string(text), ok && status.Signal() == syscall.SIGKILL
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(text), false
}

func mortalToken() string { return token("Yb7") }

// kept is every byte under a home that must come back: documents, what is known of
// secrets, settings, values. What is only remembered of tests is state.
func kept(t *testing.T, home string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, part := range []string{"data", "config", "keys"} {
		err := filepath.WalkDir(filepath.Join(home, part), func(path string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || d.IsDir() || strings.HasSuffix(path, ".lock") || strings.HasSuffix(path, ".tmp") {
				return err
			}
			data, err := os.ReadFile(path)
			out[strings.TrimPrefix(path, home)] = string(data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func copyHome(t *testing.T, from string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "home")
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}

// TestKillMinus9AtEveryStepOfTheJournal kills the real program before every call
// that changes something, in turn. Going on then ends with everything migrated,
// going back with every file and every secret as at the start.
func TestKillMinus9AtEveryStepOfTheJournal(t *testing.T) {
	t.Parallel()
	i := newIncident(t, 5, 2, sandbox.Options{})
	start := copyHome(t, i.home)
	for name, value := range i.values("account/app_0", "account/app_1") {
		k := folderKeys{&mortal{}, filepath.Join(start, "keys")}
		if err := os.MkdirAll(k.folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := k.Set(t.Context(), model.SecretName(name), model.NewSecret(value)); err != nil {
			t.Fatal(err)
		}
	}
	migrate := []string{"migrate", "--yes", "--email", "jdoe@acme-corp.com", "--secret", "account.app_0=env:NEW_TOKEN"}
	done := copyHome(t, start)
	out, _ := runMortal(t, done, 0, migrate...)
	_, count, _ := strings.Cut(out, "calls: ")
	calls, err := strconv.Atoi(strings.TrimSpace(count))
	if err != nil || calls < 30 {
		t.Fatalf("%d calls, %v:\n%s", calls, err, out)
	}
	before, after := kept(t, start), kept(t, done)
	t.Logf("%d calls", calls)
	for n := 1; n <= calls; n++ {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			home := copyHome(t, start)
			if out, killed := runMortal(t, home, n, migrate...); !killed {
				t.Fatalf("it was not killed:\n%s", out)
			}
			back := copyHome(t, home)
			if out, _ := runMortal(t, home, 0, "migrate", "--resume", "--yes"); !sameKept(kept(t, home), after) && !neverStaged(t, home, out, before) {
				t.Errorf("going on:\n%s\n%s", out, differentFiles(after, kept(t, home)))
			}
			if out, _ := runMortal(t, back, 0, "migrate", "--undo"); !maps.Equal(kept(t, back), before) {
				t.Errorf("going back:\n%s\n%s", out, differentFiles(before, kept(t, back)))
			}
		})
	}
}

// neverStaged is the one thing that cannot be gone on with: the process died before
// the new value was stored. Then nothing has changed, or going back says so.
func neverStaged(t *testing.T, home, out string, before map[string]string) bool {
	t.Helper()
	if !strings.Contains(out, "No migration is waiting") && !strings.Contains(out, "was not stored") {
		return false
	}
	_, _ = runMortal(t, home, 0, "migrate", "--undo")
	return maps.Equal(kept(t, home), before)
}

// sameKept compares all but the moments at which values were stored.
func sameKept(a, b map[string]string) bool {
	plain := func(files map[string]string) map[string]string {
		out := map[string]string{}
		for name, text := range files {
			var lines []string
			for line := range strings.Lines(text) {
				if !strings.HasPrefix(strings.TrimSpace(line), "created:") {
					lines = append(lines, line)
				}
			}
			out[name] = strings.Join(lines, "")
		}
		return out
	}
	return maps.Equal(plain(a), plain(b))
}

func differentFiles(want, got map[string]string) string {
	var b strings.Builder
	for name := range maps.Keys(want) {
		if got[name] != want[name] {
			fmt.Fprintf(&b, "%s: %d bytes, want %d\n", name, len(got[name]), len(want[name]))
		}
	}
	for name := range maps.Keys(got) {
		if _, there := want[name]; !there {
			fmt.Fprintf(&b, "%s is new\n", name)
		}
	}
	return b.String()
}

// programs are what this test binary can be run as.
func programs() map[string]func() {
	return map[string]func(){"bbconnect": child, "bbconnect-mortal": mortalChild}
}
