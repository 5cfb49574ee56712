package keystore

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	dbus "github.com/godbus/dbus/v5"
	"github.com/zalando/go-keyring"

	"bbconnect/model"
)

func TestAnInterruptedWriteLeavesTheOldValueOrTheNewOne(t *testing.T) {
	t.Parallel()
	small := "small"
	big := strings.Repeat("old ", 1200)
	other := strings.Repeat("new ", 1500)
	for _, tt := range []struct{ title, old, new string }{
		{"big over small", small, big}, {"big over big", big, other}, {"small over big", big, small}, {"small over small", "tiny", small},
	} {
		t.Run(tt.title, func(t *testing.T) {
			t.Parallel()
			// Once for each call the write makes: the power goes before that one, and
			// stays away.
			for at := 1; ; at++ {
				if at > 100 {
					t.Fatal("the write never ends")
				}
				ring := newFakeRing(2560)
				k := newTestKeyring(t, KeyringOptions{Ring: ring, Limit: 2560})
				if err := k.Set(t.Context(), name("a"), model.NewSecret(tt.old)); err != nil {
					t.Fatal(err)
				}
				calls := 0
				ring.step = func(string, string) error {
					if calls++; calls >= at {
						return errPower
					}
					return nil
				}
				failed := k.Set(t.Context(), name("a"), model.NewSecret(tt.new))
				whole := calls < at
				ring.step = nil
				got, err := k.Get(t.Context(), name("a"))
				if err != nil || (got.Reveal() != tt.old && got.Reveal() != tt.new) {
					t.Fatalf("cut at call %d: neither value can be read: %d bytes, %v", at, got.Len(), err)
				}
				if failed == nil && got.Reveal() != tt.new {
					t.Fatalf("cut at call %d: no error, and the old value", at)
				}
				if whole {
					return
				}
			}
		})
	}
}

func TestAWriteThatFailsOnceLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	for at := 1; at <= 12; at++ {
		ring := newFakeRing(2560)
		k := newTestKeyring(t, KeyringOptions{Ring: ring, Limit: 2560})
		old := strings.Repeat("old ", 900)
		if err := k.Set(t.Context(), name("a"), model.NewSecret(old)); err != nil {
			t.Fatal(err)
		}
		before := len(ring.all())
		sets := 0
		ring.step = func(call, _ string) error {
			if call == "set" {
				if sets++; sets == at {
					return errPower
				}
			}
			return nil
		}
		err := k.Set(t.Context(), name("a"), model.NewSecret(strings.Repeat("new ", 1400)))
		if err == nil {
			return // all its writes have been tried
		}
		ring.step = nil
		if got, err := k.Get(t.Context(), name("a")); err != nil || got.Reveal() != old {
			t.Errorf("write %d: the old value is gone: %d bytes, %v", at, got.Len(), err)
		}
		if after := len(ring.all()); after != before {
			t.Errorf("write %d: %d items before, %d after", at, before, after)
		}
	}
	t.Error("the write never succeeded")
}

func TestAKeyringThatLiesIsNotBelieved(t *testing.T) {
	t.Parallel()
	ring := newFakeRing(2560)
	k := newTestKeyring(t, KeyringOptions{Ring: ring, Limit: 2560})
	if err := k.Set(t.Context(), name("a"), model.NewSecret("old")); err != nil {
		t.Fatal(err)
	}
	ring.lie.Store(true)
	wantCode(t, "small", k.Set(t.Context(), name("a"), model.NewSecret("new")), codeDenied)
	wantCode(t, "big", k.Set(t.Context(), name("a"), model.NewSecret(strings.Repeat("x", 5000))), codeDenied)
	wantCode(t, "delete", k.Delete(t.Context(), name("a")), codeDenied)
	wantCode(t, "prove", k.Prove(t.Context()), codeDenied)
	if got, err := k.Get(t.Context(), name("a")); err != nil || got.Reveal() != "old" {
		t.Errorf("the old value is %d bytes, %v", got.Len(), err)
	}
}

func TestDamagedPartsAreSaidToBeAndCanBeReplaced(t *testing.T) {
	t.Parallel()
	damage := map[string]func(items map[string]string, key string){
		"a part is missing":       func(items map[string]string, key string) { delete(items, key) },
		"a part is another":       func(items map[string]string, key string) { items[key] = strings.Repeat("?", len(items[key])) },
		"a part is longer":        func(items map[string]string, key string) { items[key] += "x" },
		"the manifest is cut off": func(items map[string]string, _ string) { items["bbconnect:account/a"] = version + " 3" },
		"a newer manifest":        func(items map[string]string, _ string) { items["bbconnect:account/a"] = marker + "2 x" },
	}
	for title, spoil := range damage {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			ring := newFakeRing(2560)
			k := newTestKeyring(t, KeyringOptions{Ring: ring, Limit: 2560})
			if err := k.Set(t.Context(), name("a"), model.NewSecret(strings.Repeat("v", 5000))); err != nil {
				t.Fatal(err)
			}
			for key := range ring.all() {
				if strings.HasSuffix(key, "#1") {
					spoil(ring.items, key)
				}
			}
			_, err := k.Get(t.Context(), name("a"))
			wantCode(t, "get", err, codeDamaged)
			if err := k.Set(t.Context(), name("a"), model.NewSecret("new")); err != nil {
				t.Error(err)
			}
			if got, err := k.Get(t.Context(), name("a")); err != nil || got.Reveal() != "new" {
				t.Errorf("after setting it again: %d bytes, %v", got.Len(), err)
			}
		})
	}
}

func TestAReaderSeesAWholeValueWhileAnotherProcessWrites(t *testing.T) {
	t.Parallel()
	ring := newFakeRing(2560)
	// Two keyrings over one ring stand for two processes; their calls overlap.
	writer := newTestKeyring(t, KeyringOptions{Ring: ring, Limit: 2560})
	reader := newTestKeyring(t, KeyringOptions{Ring: ring, Limit: 2560, Patience: time.Minute})
	value := func(i int) string { return strings.Repeat(string(rune('a'+i%26)), 5000+i%7) }
	if err := writer.Set(t.Context(), name("a"), model.NewSecret(value(0))); err != nil {
		t.Fatal(err)
	}
	var over atomic.Bool
	var work sync.WaitGroup
	work.Go(func() {
		defer over.Store(true)
		for i := range 200 {
			if err := writer.Set(t.Context(), name("a"), model.NewSecret(value(i))); err != nil {
				t.Error(err)
			}
		}
	})
	for !over.Load() {
		got, err := reader.Get(t.Context(), name("a"))
		if err != nil {
			t.Fatal(err)
		}
		text := got.Reveal()
		if len(text) < 5000 || strings.Trim(text, text[:1]) != "" {
			t.Fatalf("a mixture of %d bytes", len(text))
		}
	}
	work.Wait()
}

// stuckRing blocks every call until it is let go.
func stuckRing() (ring *fakeRing, letGo func()) {
	ring = newFakeRing(0)
	gate := make(chan struct{})
	ring.step = func(string, string) error { <-gate; return nil }
	return ring, sync.OnceFunc(func() { close(gate) })
}

func TestACallThatHangsTurnsLaterOnesAwayUntilItEnds(t *testing.T) {
	t.Parallel()
	ring, letGo := stuckRing()
	defer letGo()
	k := newTestKeyring(t, KeyringOptions{Ring: ring, Patience: 400 * time.Millisecond})
	wantCode(t, "the call that hangs", k.Set(t.Context(), name("a"), model.NewSecret("x")), codeTimeout)
	// It is turned away, and has not waited for its own time to run out: that has
	// another text.
	problem := wantCode(t, "a later call", k.Delete(t.Context(), name("a")), codeTimeout)
	if !strings.Contains(problem.What, "earlier") {
		t.Errorf("turned away with %q", problem.What)
	}
	if n := ring.inside.Load(); n != 1 {
		t.Errorf("%d calls are inside the keyring", n)
	}
	letGo()
	// The place becomes free when the call has ended, and not before.
	deadline := time.Now().Add(30 * time.Second)
	for {
		_, err := k.Get(t.Context(), name("a"))
		if errors.Is(err, ErrNotFound) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the place is still taken: %v", err)
		}
	}
	patient, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for range 30 {
		if _, err := k.Get(patient, name("a")); !errors.Is(err, ErrNotFound) {
			t.Fatalf("the place was free, and a call was turned away: %v", err)
		}
	}
	// The write that was given up has not gone on after it woke.
	if items := ring.all(); len(items) != 0 {
		t.Errorf("%d items were written by a call that was given up", len(items))
	}
	if ring.overlap.Load() {
		t.Error("calls overlapped")
	}
}

func TestABigWriteThatWasGivenUpTakesItsPartsBack(t *testing.T) {
	t.Parallel()
	ring := newFakeRing(2560)
	k := newTestKeyring(t, KeyringOptions{Ring: ring, Limit: 2560})
	if err := k.Set(t.Context(), name("a"), model.NewSecret("old")); err != nil {
		t.Fatal(err)
	}
	gate := make(chan struct{})
	ring.step = func(call, user string) error {
		if call == "set" && strings.HasSuffix(user, "#1") {
			<-gate
		}
		return nil
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	wantCode(t, "set", k.Set(ctx, name("a"), model.NewSecret(strings.Repeat("new", 2000))), codeTimeout)
	close(gate)
	deadline := time.Now().Add(30 * time.Second)
	for {
		got, err := k.Get(t.Context(), name("a"))
		if err == nil && got.Reveal() == "old" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes, %v", got.Len(), err)
		}
	}
	if items := ring.all(); len(items) != 1 {
		t.Errorf("%d items are left, want the old value alone", len(items))
	}
}

func TestThoseWhoWaitBehindACallThatHangsAreTurnedAway(t *testing.T) {
	t.Parallel()
	ring, letGo := stuckRing()
	defer letGo()
	k := newTestKeyring(t, KeyringOptions{Ring: ring, Patience: 60 * time.Millisecond})
	var work sync.WaitGroup
	for range 10 {
		work.Go(func() {
			_, err := k.Get(t.Context(), name("a"))
			wantCode(t, "one of ten", err, codeTimeout)
		})
	}
	work.Wait()
}

func TestACallersPatienceIsItsOwn(t *testing.T) {
	t.Parallel()
	ring, letGo := stuckRing()
	defer letGo()
	k := newTestKeyring(t, KeyringOptions{Ring: ring, Patience: time.Millisecond})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	answer := make(chan error, 1)
	go func() { answer <- k.Set(ctx, name("a"), model.NewSecret("x")) }()
	select {
	case err := <-answer:
		t.Fatalf("a person was given %v instead of their time", err)
	case <-time.After(150 * time.Millisecond):
		letGo()
	}
	if err := <-answer; err != nil {
		t.Errorf("the answer came, and yet %v", err)
	}
}

func TestACancelledCallSaysSo(t *testing.T) {
	t.Parallel()
	ring, letGo := stuckRing()
	defer letGo()
	k := newTestKeyring(t, KeyringOptions{Ring: ring})
	ctx, cancel := context.WithCancel(t.Context())
	inside := ring.step
	ring.step = func(call, user string) error { cancel(); return inside(call, user) }
	if _, err := k.Get(ctx, name("a")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestAProofThatComesTooLateIsTakenBack(t *testing.T) {
	t.Parallel()
	ring := newFakeRing(0)
	gate := make(chan struct{})
	ring.step = func(call, _ string) error {
		if call == "set" {
			<-gate
		}
		return nil
	}
	k := newTestKeyring(t, KeyringOptions{Ring: ring})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	wantCode(t, "prove", k.Prove(ctx), codeTimeout)
	close(gate)
	deadline := time.Now().Add(30 * time.Second)
	for {
		if _, err := k.Get(t.Context(), name("a")); errors.Is(err, ErrNotFound) {
			break
		} else if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	if items := ring.all(); len(items) != 0 {
		t.Errorf("the probe stayed: %d items", len(items))
	}
}

func TestAPanicOfTheLibraryIsAnError(t *testing.T) {
	t.Parallel()
	ring := newFakeRing(0)
	ring.step = func(string, string) error { panic("nil pointer") }
	k := newTestKeyring(t, KeyringOptions{Ring: ring})
	for range 2 { // and the place is free again
		_, err := k.Get(t.Context(), name("a"))
		wantCode(t, "get", err, codeUnavailable)
	}
}

func TestAPreflightThatFailsKeepsTheLibraryOut(t *testing.T) {
	t.Parallel()
	ring := newFakeRing(0)
	ring.step = func(string, string) error { t.Error("the library was called"); return nil }
	k := newTestKeyring(t, KeyringOptions{Ring: ring})
	k.preflight = func(context.Context) (health, error) { return health{}, noBus(nil) }
	wantCode(t, "set", k.Set(t.Context(), name("a"), model.NewSecret("x")), codeUnavailable)
	wantCode(t, "prove", k.Prove(t.Context()), codeUnavailable)
}

func TestAKeyringSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	bus := func(name string) error { return dbus.Error{Name: name, Body: []any{"text\x1b[31m of a server"}} }
	tests := []struct {
		title string
		err   error
		code  string
	}{
		{"no service", bus("org.freedesktop.DBus.Error.ServiceUnknown"), codeUnavailable},
		{"no reply", bus("org.freedesktop.DBus.Error.NoReply"), codeTimeout},
		{"activation", bus("org.freedesktop.DBus.Error.TimedOut"), codeTimeout},
		{"a sandbox", bus("org.freedesktop.DBus.Error.AccessDenied"), codeDenied},
		{"an item that is locked", bus("org.freedesktop.Secret.Error.IsLocked"), codeLocked},
		{"a bus that has gone", bus("org.freedesktop.DBus.Error.Disconnected"), codeUnavailable},
		{"an error nobody knows", bus("com.example.Error"), codeUnavailable},
		{"a locked collection", errors.New("failed to unlock correct collection '/x'"), codeLocked},
		{"a value above the library's limit", keyring.ErrSetDataTooBig, codeTooBig},
		{"no keyring for this platform", keyring.ErrUnsupportedPlatform, codeUnavailable},
		{"a closed connection", dbus.ErrClosed, codeUnavailable},
		{"anything else", errors.New("what\x1b]0;owned\x07ever"), codeUnavailable},
	}
	for _, tt := range tests {
		ring := newFakeRing(0)
		ring.step = func(string, string) error { return fmt.Errorf("wrapped: %w", tt.err) }
		_, err := newTestKeyring(t, KeyringOptions{Ring: ring}).Get(t.Context(), name("a"))
		problem := wantCode(t, tt.title, err, tt.code)
		if strings.ContainsAny(problem.What+problem.Why+problem.Fix, "\x1b\x07") {
			t.Errorf("%s: a control character is shown: %q", tt.title, problem.Why)
		}
		if !errors.Is(err, tt.err) && tt.title != "no service" {
			var is dbus.Error
			if !errors.As(err, &is) {
				t.Errorf("%s: the cause is lost", tt.title)
			}
		}
	}
}

func TestTheSecurityProgramsExitCodesAreUnderstood(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("LEFT OUT: needs a POSIX shell to end with a chosen code")
	}
	tests := map[int]string{36: codeLocked, 51: codeDenied, 128: codeDenied, 37: codeUnavailable, 50: codeUnavailable, 1: codeUnavailable}
	for exit, code := range tests {
		err := exec.CommandContext(t.Context(), "sh", "-c", fmt.Sprintf("exit %d", exit)).Run()
		wantCode(t, fmt.Sprintf("exit code %d", exit), classify(err), code)
	}
}

func TestAServiceNameThatWouldHitOthersIsRefused(t *testing.T) {
	t.Parallel()
	for _, service := range []string{"bbconnect:x", "a\nb", strings.Repeat("x", 101)} {
		if _, err := NewKeyring(KeyringOptions{Service: service}); err == nil {
			t.Errorf("%q was taken", service)
		}
	}
	ring := newFakeRing(0)
	one := newTestKeyring(t, KeyringOptions{Ring: ring, Service: "one"})
	two := newTestKeyring(t, KeyringOptions{Ring: ring, Service: "two"})
	if err := one.Set(t.Context(), name("a"), model.NewSecret("1")); err != nil {
		t.Fatal(err)
	}
	if _, err := two.Get(t.Context(), name("a")); !errors.Is(err, ErrNotFound) {
		t.Errorf("two installations share their secrets: %v", err)
	}
}

func FuzzParseManifest(f *testing.F) {
	f.Add(manifest{count: 2, length: 3243, sum: digest("x"), id: "abcdefgh2345"}.String())
	f.Add(version + " 99999999999999999999 1 x y")
	f.Add(version + " 2 3243  ")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := parseManifest(text)
		if err != nil {
			return
		}
		if m.String() != text || m.count < 1 || m.count > maxParts || m.length > MaxSize || m.count > m.length {
			t.Errorf("%q was taken for %+v", text, m)
		}
	})
}
