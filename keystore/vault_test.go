package keystore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor"

	"bbconnect/internal/disk"
	"bbconnect/model"
)

// passphrase is made up anew in each run.
func passphrase() model.Secret { return model.NewSecret("open " + "sesame") }

// always answers with the test's passphrase.
func always(context.Context, bool, *model.Problem) (model.Secret, error) { return passphrase(), nil }

func newTestVault(t *testing.T, path string) *Vault {
	t.Helper()
	return cheap(NewVault(path, always))
}

// cheap makes a vault that costs little to open: what is tested here is not the
// strength of scrypt.
func cheap(v *Vault) *Vault { return v.WithWork(10) }

func TestAVaultAsksForItsPassphraseOnceAndOnlyWhenNeeded(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vault.age")
	var asked atomic.Int32
	var existed atomic.Bool
	ask := func(_ context.Context, exists bool, _ *model.Problem) (model.Secret, error) {
		asked.Add(1)
		existed.Store(exists)
		return passphrase(), nil
	}
	v := cheap(NewVault(path, ask))
	if _, err := v.Get(t.Context(), name("a")); !errors.Is(err, ErrNotFound) {
		t.Errorf("without a vault, Get gave %v", err)
	}
	if err := v.Delete(t.Context(), name("a")); err != nil {
		t.Error(err)
	}
	if asked.Load() != 0 || v.Exists() || !v.Locked() {
		t.Errorf("asked %d times, exists %v, locked %v before any secret", asked.Load(), v.Exists(), v.Locked())
	}
	if err := v.Set(t.Context(), name("a"), model.NewSecret("one")); err != nil {
		t.Fatal(err)
	}
	if asked.Load() != 1 || existed.Load() {
		t.Errorf("asked %d times, for an existing vault: %v", asked.Load(), existed.Load())
	}
	again := NewVault(path, ask)
	var work sync.WaitGroup
	for range 5 {
		work.Go(func() {
			if got, err := again.Get(t.Context(), name("a")); err != nil || got.Reveal() != "one" {
				t.Errorf("got %d bytes, %v", got.Len(), err)
			}
		})
	}
	work.Wait()
	if asked.Load() != 2 || !existed.Load() {
		t.Errorf("five readers at once were asked %d times", asked.Load()-1)
	}
}

func TestAWrongPassphraseIsDeniedAndChangesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vault.age")
	if err := newTestVault(t, path).Set(t.Context(), name("a"), model.NewSecret("one")); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	v := NewVault(path, nil)
	wantCode(t, "no one to ask", v.Set(t.Context(), name("a"), model.NewSecret("two")), codeLocked)
	wantCode(t, "an empty passphrase", v.Unlock(t.Context(), model.Secret{}), codeDenied)
	wantCode(t, "a wrong passphrase", v.Unlock(t.Context(), model.NewSecret("open barley")), codeDenied)
	if !v.Locked() {
		t.Error("a wrong passphrase opened the vault")
	}
	var problems []*model.Problem
	stubborn := NewVault(path, func(_ context.Context, _ bool, p *model.Problem) (model.Secret, error) {
		problems = append(problems, p)
		return model.NewSecret("open barley"), nil
	})
	wantCode(t, "always wrong", stubborn.Delete(t.Context(), name("a")), codeDenied)
	if len(problems) != vaultTries || problems[0] != nil || problems[1] == nil {
		t.Errorf("asked %d times, with %v", len(problems), problems)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file changed, %v", err)
	}
	if err := v.Unlock(t.Context(), passphrase()); err != nil || v.Locked() {
		t.Errorf("the right passphrase gave %v", err)
	}
}

func TestAnErrorOfTheQuestionIsPassedOn(t *testing.T) {
	t.Parallel()
	nobody := errors.New("nobody is here")
	v := NewVault(filepath.Join(t.TempDir(), "vault.age"),
		func(context.Context, bool, *model.Problem) (model.Secret, error) { return model.Secret{}, nobody })
	if err := v.Set(t.Context(), name("a"), model.NewSecret("one")); !errors.Is(err, nobody) || v.Exists() {
		t.Errorf("got %v; the vault exists: %v", err, v.Exists())
	}
}

func TestADamagedVaultIsSaidToBeAndLeftAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vault.age")
	if err := newTestVault(t, path).Set(t.Context(), name("a"), model.NewSecret("one")); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	flip := func(at int) []byte {
		data := bytes.Clone(whole)
		data[at] ^= 1
		return data
	}
	body := bytes.IndexByte(whole, '\n') + 1
	tests := []struct {
		name string
		data []byte
		code string
	}{
		{"empty", nil, codeDamaged},
		{"another file", []byte("hello\n"), codeDamaged},
		{"cut short", whole[:len(whole)-40], codeDamaged},
		{"cut inside the identity", whole[:body+100], codeDamaged},
		{"the first line alone", whole[:body], codeDamaged},
		{"longer", append(bytes.Clone(whole), '\n'), codeDamaged},
		{"one bit of the checksum", flip(body - 5), codeDamaged},
		{"one bit of the identity", flip(body + 200), codeDamaged},
		{"one bit of the secrets", flip(len(whole) - 60), codeDamaged},
		{"a huge file", make([]byte, maxVault+1), codeDamaged},
		{"a newer format", []byte(vaultMagic + " 2 whatever\n"), codeNewer},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "vault.age")
			if err := disk.WriteFile(path, tt.data); err != nil {
				t.Fatal(err)
			}
			v := newTestVault(t, path)
			_, err := v.Get(t.Context(), name("a"))
			wantCode(t, "get", err, tt.code)
			wantCode(t, "set", v.Set(t.Context(), name("a"), model.NewSecret("two")), tt.code)
			wantCode(t, "unlock", v.Unlock(t.Context(), passphrase()), tt.code)
			if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, tt.data) {
				t.Errorf("the file was touched, %v", err)
			}
		})
	}
}

func TestAVaultThatWasReplacedIsUnlockedAnew(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vault.age")
	v := newTestVault(t, path)
	if err := v.Set(t.Context(), name("a"), model.NewSecret("one")); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "a vault that is gone", v.Set(t.Context(), name("b"), model.NewSecret("x")), codeDamaged)
	if err := newTestVault(t, path).Set(t.Context(), name("a"), model.NewSecret("two")); err != nil {
		t.Fatal(err)
	}
	if got, err := v.Get(t.Context(), name("a")); err != nil || got.Reveal() != "two" {
		t.Errorf("got %d bytes, %v", got.Len(), err)
	}
}

func TestAVaultShowsNothingOfItsSecrets(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vault.age")
	v := newTestVault(t, path)
	canary := "canary" + strings.Repeat("Q7", 10)
	if err := v.Set(t.Context(), name(canary[:8]), model.NewSecret(canary)); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{canary, canary[:8], passphrase().Reveal()} {
		if bytes.Contains(data, []byte(secret)) {
			t.Error("the file shows a value, a name or the passphrase")
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("others may read the file: %v, %v", info.Mode(), err)
	}
}

// What the format promises: nobody needs this program to get at their secrets.
func TestAVaultOpensWithAgeAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vault.age")
	if err := newTestVault(t, path).Set(t.Context(), name("a"), model.NewSecret("one")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const end = "-----END AGE ENCRYPTED FILE-----\n"
	blocks := strings.SplitAfter(string(text[bytes.IndexByte(text, '\n')+1:]), end)
	if len(blocks) != 3 || blocks[2] != "" {
		t.Fatalf("the file has %d blocks, want two", len(blocks)-1)
	}
	open := func(block string, key age.Identity) string {
		plain, err := age.Decrypt(armor.NewReader(strings.NewReader(block)), key)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(plain)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	key, err := age.NewScryptIdentity(passphrase().Reveal())
	if err != nil {
		t.Fatal(err)
	}
	identities, err := age.ParseIdentities(strings.NewReader(open(blocks[0], key)))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := open(blocks[1], identities[0]), `{"secrets":{"account/a":"b25l"}}`; got != want {
		t.Errorf("inside is %s, want %s", got, want)
	}
}

func TestAFullVaultSaysSo(t *testing.T) {
	t.Parallel()
	v := newTestVault(t, filepath.Join(t.TempDir(), "vault.age"))
	v.room = 1000
	if err := v.Set(t.Context(), name("a"), model.NewSecret(strings.Repeat("x", 900))); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "one more", v.Set(t.Context(), name("b"), model.NewSecret(strings.Repeat("x", 100))), codeTooBig)
	v.room = 500 // as in a later version with a smaller limit
	if err := v.Set(t.Context(), name("a"), model.NewSecret(strings.Repeat("x", 800))); err != nil {
		t.Errorf("a full vault cannot be made smaller: %v", err)
	}
	if err := v.Delete(t.Context(), name("a")); err != nil {
		t.Errorf("a full vault cannot be emptied: %v", err)
	}
}

// addsTo makes this test binary a process that adds secrets to a vault.
const addsTo = "BBCONNECT_KEYSTORE_TEST_ADDS"

const addsEach = 8

// addSecrets adds secrets to the vault at path, named after prefix.
func addSecrets(path, prefix string) int {
	v := cheap(NewVault(path, always))
	for i := range addsEach {
		err := v.Set(context.Background(), name(fmt.Sprintf("%s_%d", prefix, i)), model.NewSecret(prefix))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return 0
}

func TestProcessesThatAddSecretsAtOnceLoseNone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vault.age")
	prefixes := []string{"ann", "bob", "cleo"}
	var work sync.WaitGroup
	for _, prefix := range prefixes {
		work.Go(func() {
			// Not even the vault is there yet: one of them makes it.
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), addsTo+"="+prefix+"="+path)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %v: %s", prefix, err, out)
			}
		})
	}
	work.Wait()
	v := newTestVault(t, path)
	for _, prefix := range prefixes {
		for i := range addsEach {
			n := name(fmt.Sprintf("%s_%d", prefix, i))
			if got, err := v.Get(t.Context(), n); err != nil || got.Reveal() != prefix {
				t.Errorf("%s: %v", n, err)
			}
		}
	}
}

func TestAVaultSomebodyElseChangesIsBusy(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vault.age")
	v := newTestVault(t, path)
	if err := v.Unlock(t.Context(), passphrase()); err != nil {
		t.Fatal(err)
	}
	unlock, err := disk.Lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	// Long enough to get as far as the lock on any machine.
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	wantCode(t, "set", v.Set(ctx, name("a"), model.NewSecret("x")), codeBusy)
	if _, err := v.Get(t.Context(), name("a")); !errors.Is(err, ErrNotFound) {
		t.Errorf("a reader had to wait: %v", err)
	}
}

// TestTheVaultsCost uses the real derivation: strong enough, and not a nuisance.
func TestTheVaultsCost(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vault.age")
	start := time.Now()
	if err := NewVault(path, nil).Unlock(t.Context(), passphrase()); err != nil {
		t.Fatal(err)
	}
	made := time.Since(start)
	v := NewVault(path, nil)
	start = time.Now()
	if err := v.Unlock(t.Context(), passphrase()); err != nil {
		t.Fatal(err)
	}
	opened := time.Since(start)
	const rounds = 20
	start = time.Now()
	for i := range rounds {
		if err := v.Set(t.Context(), name(fmt.Sprintf("s%d", i)), passphrase()); err != nil {
			t.Fatal(err)
		}
	}
	saved := time.Since(start) / rounds
	start = time.Now()
	for i := range rounds {
		if _, err := v.Get(t.Context(), name(fmt.Sprintf("s%d", i))); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("measured: make %v, unlock %v, set %v, get %v", made, opened, saved, time.Since(start)/rounds)
	file, err := v.load()
	if err != nil {
		t.Fatal(err)
	}
	key, err := age.NewScryptIdentity(passphrase().Reveal())
	if err != nil {
		t.Fatal(err)
	}
	key.SetMaxWorkFactor(16)
	if _, err := unseal(file.identity, key); err == nil {
		t.Error("the passphrase is stretched less than 2^17 times")
	}
	// Saving derives no key: it is an order of magnitude faster than unlocking.
	if saved > opened/5 {
		t.Errorf("a save takes %v, unlocking %v", saved, opened)
	}
}

func FuzzParseVault(f *testing.F) {
	file, _, err := newVaultFile(passphrase(), 10)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file.bytes())
	f.Add([]byte(vaultMagic + " 1 x\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		parsed, err := parseVault(data)
		if err == nil && !bytes.Equal(parsed.bytes(), data) {
			t.Error("a file that was read is written differently")
		}
	})
}
