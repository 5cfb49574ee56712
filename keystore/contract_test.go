package keystore

import (
	"context"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bbconnect/model"
)

// underService is set in the process that with-secret-service.sh runs.
const underService = "BBCONNECT_TEST_UNDER_SECRET_SERVICE"

func name(id string) model.SecretName { return model.Scope{}.SecretName(id) }

// pemKey has the form and the size of a private key of 4096 bits, the largest
// thing people keep. No store looks inside, and a real one takes seconds to make.
func pemKey() string {
	der := make([]byte, 2350)
	_, _ = rand.Read(der) // never fails
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE" + " KEY", Bytes: der}))
}

func TestEveryStoreKeepsTheContract(t *testing.T) {
	t.Parallel()
	if os.Getenv(underService) != "" {
		k := newTestKeyring(t, KeyringOptions{})
		t.Run("real", func(t *testing.T) { contract(t, k) })
		if k.Describe() != "GNOME keyring" {
			t.Errorf("the keyring is described as %q", k.Describe())
		}
		measure(t, k)
		return
	}
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		contract(t, NewMemory(model.WhereKeyring))
	})
	t.Run("asked", func(t *testing.T) {
		t.Parallel()
		contract(t, NewAsk(func(context.Context, model.SecretName) (model.Secret, error) { return model.Secret{}, nil }))
	})
	t.Run("keyring with 2560 bytes an item", func(t *testing.T) {
		t.Parallel()
		ring := newFakeRing(2560)
		contract(t, newTestKeyring(t, KeyringOptions{Ring: ring, Limit: 2560}))
		if left := ring.all(); len(left) != 0 {
			t.Errorf("left in the ring: %d items", len(left))
		}
		if ring.overlap.Load() {
			t.Error("two calls were in the ring at once")
		}
	})
	t.Run("vault", func(t *testing.T) {
		t.Parallel()
		contract(t, newTestVault(t, filepath.Join(t.TempDir(), "data", "vault.age")))
	})
	t.Run("keyring on a real Secret Service", func(t *testing.T) {
		t.Parallel()
		runUnderSecretService(t, "^TestEveryStoreKeepsTheContract$")
	})
}

func newTestKeyring(t *testing.T, o KeyringOptions) *Keyring {
	t.Helper()
	k, err := NewKeyring(o)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// measure logs what the guarded keyring costs.
func measure(t *testing.T, k *Keyring) {
	const rounds = 20
	// A real daemon on a busy machine may need longer than the keyring's patience.
	ctx, cancel := context.WithTimeout(t.Context(), allTheTime)
	defer cancel()
	times := map[string][]time.Duration{}
	for i := range rounds {
		n := name(fmt.Sprintf("m%d", i%5))
		for _, call := range []struct {
			name string
			run  func() error
		}{
			{"set", func() error { return k.Set(ctx, n, model.NewSecret(rand.Text())) }},
			{"get", func() error { _, err := k.Get(ctx, n); return err }},
			{"delete", func() error { return k.Delete(ctx, n) }},
			{"prove", func() error { return k.Prove(ctx) }},
		} {
			start := time.Now()
			if err := call.run(); err != nil {
				t.Fatal(err)
			}
			times[call.name] = append(times[call.name], time.Since(start))
		}
	}
	for call, all := range times {
		slices.Sort(all)
		t.Logf("measured: %s median %v, slowest %v", call, all[len(all)/2], all[len(all)-1])
	}
}

// contract is what every Store must do. It leaves the store empty.
func contract(t *testing.T, s Store) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	t.Run("proves itself", func(t *testing.T) {
		if err := s.Prove(ctx); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("round trips", func(t *testing.T) { roundTrips(ctx, t, s) })
	t.Run("overwrites", func(t *testing.T) { overwrites(ctx, t, s) })
	t.Run("says what is missing", func(t *testing.T) { missing(ctx, t, s) })
	t.Run("refuses", func(t *testing.T) { refusals(ctx, t, s) })
	t.Run("takes many at once", func(t *testing.T) { concurrently(ctx, t, s) })
	t.Run("obeys its context", func(t *testing.T) {
		gone, cancel := context.WithCancel(ctx)
		cancel()
		if err := s.Set(gone, name("x"), model.NewSecret("x")); !errors.Is(err, context.Canceled) {
			t.Errorf("Set gave %v", err)
		}
		if _, err := s.Get(gone, name("x")); !errors.Is(err, context.Canceled) {
			t.Errorf("Get gave %v", err)
		}
	})
}

func roundTrips(ctx context.Context, t *testing.T, s Store) {
	all := strings.Builder{}
	for b := range 256 {
		all.WriteByte(byte(b))
	}
	values := map[string]string{
		"a blank": " ", "a line end": "\n", "a zero byte": "\x00", "one letter": "x",
		"blanks around": "  in between\t\n", "every byte": all.String(), "not UTF-8": "\xff\xfe",
		"lines":                "one\r\ntwo\nthree\n",
		"looks like parts":     version + " 2 4000 0 0",
		"looks like encoding":  "go-keyring-base64:eA==",
		"a key of 4096 bits":   pemKey(),
		"2560 bytes":           strings.Repeat("é", 1280),
		"2561 bytes":           strings.Repeat("y", 2561),
		"twelve thousand":      strings.Repeat("0123456789ab", 1000),
		"the largest":          strings.Repeat("z", MaxSize),
		"something like token": "ATA" + "TT" + strings.Repeat("aZ9_-=", 30),
	}
	for title, value := range values {
		n := model.Scope{Org: "Some_Org", Project: "proj-1"}.SecretName("id")
		if err := s.Set(ctx, n, model.NewSecret(value)); err != nil {
			t.Errorf("%s: %v", title, err)
			continue
		}
		got, err := s.Get(ctx, n)
		if err != nil || got.Reveal() != value {
			t.Errorf("%s: %d bytes went in, %d came out, %v", title, len(value), got.Len(), err)
		}
		if err := s.Delete(ctx, n); err != nil {
			t.Errorf("%s: %v", title, err)
		}
	}
}

func overwrites(ctx context.Context, t *testing.T, s Store) {
	big, small := strings.Repeat("big", 3000), "small"
	for _, value := range []string{big, small, big, strings.Repeat("BIG", 2500), small} {
		if err := s.Set(ctx, name("over"), model.NewSecret(value)); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Get(ctx, name("over")); err != nil || got.Reveal() != value {
			t.Fatalf("%d bytes went in, %d came out, %v", len(value), got.Len(), err)
		}
	}
	if err := s.Delete(ctx, name("over")); err != nil {
		t.Fatal(err)
	}
}

func missing(ctx context.Context, t *testing.T, s Store) {
	if _, err := s.Get(ctx, name("absent")); !errors.Is(err, ErrNotFound) {
		t.Errorf("Get of what is absent gave %v", err)
	}
	if err := s.Delete(ctx, name("absent")); err != nil {
		t.Errorf("Delete of what is absent gave %v", err)
	}
	if err := s.Set(ctx, name("short"), model.NewSecret("lived")); err != nil {
		t.Fatal(err)
	}
	// Names that differ a little are different secrets.
	for _, other := range []model.SecretName{name("Short"), name("shor"), "org/short/short"} {
		if _, err := s.Get(ctx, other); !errors.Is(err, ErrNotFound) {
			t.Errorf("Get of %s gave %v", other, err)
		}
	}
	for range 2 {
		if err := s.Delete(ctx, name("short")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Get(ctx, name("short")); !errors.Is(err, ErrNotFound) {
		t.Errorf("Get of what was deleted gave %v", err)
	}
}

func refusals(ctx context.Context, t *testing.T, s Store) {
	value := model.NewSecret("value")
	tests := []struct {
		title string
		name  model.SecretName
		value model.Secret
		code  string
	}{
		{"no name", "", value, "ref.malformed"},
		{"a reference instead of a name", "account.x", value, "ref.malformed"},
		{"a name with the mark of parts", "account/x#1", value, "ref.malformed"},
		{"a name with a line end", "org/a\nb/x", value, "ref.malformed"},
		{"a name with a letter outside ASCII", "org/ä/x", value, "ref.malformed"},
		{"a name without end", model.Scope{Org: strings.Repeat("o", 500)}.SecretName("x"), value, "ref.malformed"},
		{"an empty value", name("x"), model.Secret{}, "secret.required"},
		{"a value too long", name("x"), model.NewSecret(strings.Repeat("x", MaxSize+1)), codeTooBig},
	}
	for _, tt := range tests {
		wantCode(t, tt.title, s.Set(ctx, tt.name, tt.value), tt.code)
		if tt.code == "ref.malformed" {
			_, err := s.Get(ctx, tt.name)
			wantCode(t, tt.title+", get", err, tt.code)
			wantCode(t, tt.title+", delete", s.Delete(ctx, tt.name), tt.code)
		}
	}
}

func concurrently(ctx context.Context, t *testing.T, s Store) {
	const many = 12
	value := func(i int) model.Secret {
		return model.NewSecret(strings.Repeat(fmt.Sprintf("value %d ", i), 1+i*40))
	}
	var work sync.WaitGroup
	for i := range many {
		work.Go(func() {
			if err := s.Set(ctx, name(fmt.Sprintf("many_%d", i)), value(i)); err != nil {
				t.Error(err)
			}
			if err := s.Set(ctx, name("one"), value(i)); err != nil {
				t.Error(err)
			}
			if _, err := s.Get(ctx, name("one")); err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
	for i := range many {
		n := name(fmt.Sprintf("many_%d", i))
		if got, err := s.Get(ctx, n); err != nil || !got.Equal(value(i)) {
			t.Errorf("%s: %d bytes, %v", n, got.Len(), err)
		}
		if err := s.Delete(ctx, n); err != nil {
			t.Error(err)
		}
	}
	if err := s.Delete(ctx, name("one")); err != nil {
		t.Error(err)
	}
}

// wantCode checks an error's code, that it says what to do, and returns it.
func wantCode(t *testing.T, title string, err error, code string) *model.Problem {
	t.Helper()
	problem, ok := model.AsProblem(err)
	switch {
	case !ok:
		t.Errorf("%s: got %v, want a problem with code %s", title, err, code)
		return &model.Problem{}
	case problem.Code != code:
		t.Errorf("%s: got %s (%s), want %s", title, problem.Code, problem.What, code)
	case problem.What == "" || problem.Fix == "":
		t.Errorf("%s: %s says not what to do: %+v", title, code, problem)
	}
	return problem
}
