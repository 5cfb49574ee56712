package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"bbconnect/internal/disk"
	"bbconnect/model"
)

// fresh is a store in a folder of its own, and the folder.
func fresh(t *testing.T) (*Store, string) {
	t.Helper()
	dir := t.TempDir()
	return Open(foldersIn(dir)), dir
}

func foldersIn(dir string) disk.Folders {
	return disk.Folders{Data: filepath.Join(dir, "data"), State: filepath.Join(dir, "state"), Config: filepath.Join(dir, "config")}
}

// connector is a valid one of the given scope.
func connector(id string, scope model.Scope) model.Connector {
	return model.Connector{
		Name: "Connector " + id, ID: id, Scope: scope,
		URL: "https://bitbucket.org/acme/" + id + ".git", URLType: model.URLRepo, ConnectionType: model.HTTP,
		Username: model.Login{Plain: "jdoe"}, PasswordRef: "account.bb_token", Mode: model.ModePlatform,
	}
}

func put(t *testing.T, s *Store, c model.Connector) model.Saved {
	t.Helper()
	saved, err := s.Save(t.Context(), c, "")
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

// spoil writes a file behind the store's back.
func spoil(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func contents(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// wantProblem fails unless err is a problem with that code and a remedy.
func wantProblem(t *testing.T, err error, code string) *model.Problem {
	t.Helper()
	p, ok := model.AsProblem(err)
	if !ok || p.Code != code || p.What == "" || p.Fix == "" {
		t.Fatalf("want %s with a remedy, got %v", code, err)
	}
	return p
}

func TestOpenAndReadingTouchNothing(t *testing.T) {
	t.Parallel()
	s, dir := fresh(t)
	ctx := t.Context()
	list, damaged, err := s.List(ctx)
	secrets, err2 := s.Secrets(ctx)
	settings, err3 := s.Settings(ctx)
	drafts, err4 := s.Drafts(ctx)
	hosts, err5 := s.KnownHosts(ctx)
	if err := errors.Join(err, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
	if len(list)+len(damaged)+len(secrets)+len(drafts)+len(hosts) != 0 || settings.Theme != "" {
		t.Fatal("an empty store is not empty")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Fatalf("reading left %v behind, err %v", entries, err)
	}
}

func TestALockThatStaysTakenIsAProblemThatNamesIt(t *testing.T) {
	t.Parallel()
	s, dir := fresh(t)
	s.wait = 20 * time.Millisecond
	unlock, err := disk.Lock(t.Context(), filepath.Join(dir, "data", "connectors"))
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	_, err = s.Save(t.Context(), connector("a", model.Scope{}), "")
	if p := wantProblem(t, err, "store.busy"); !strings.Contains(p.Why, "connectors.lock") {
		t.Fatalf("the lock is not named: %+v", p)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Save(ctx, connector("a", model.Scope{}), ""); !errors.Is(err, context.Canceled) {
		t.Fatalf("a cancelled save says %v", err)
	}
}

func TestAFolderThatCannotBeWrittenSaysWhatToDo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	// A file where a folder should be stops root too, whom permissions do not.
	spoil(t, filepath.Join(dir, "data"), "in the way")
	spoil(t, filepath.Join(dir, "config"), "in the way")
	spoil(t, filepath.Join(dir, "state"), "in the way")
	s := Open(foldersIn(dir))
	ctx := t.Context()
	_, saving := s.Save(ctx, connector("a", model.Scope{}), "")
	_, drafting := s.SaveDraft(ctx, model.NewDraft())
	for _, err := range []error{
		saving, drafting,
		s.PutSecret(ctx, model.SecretInfo{Name: "account/x"}),
		s.SaveSettings(ctx, model.Settings{Theme: "dark"}),
		s.AcceptHostKey(ctx, model.HostKey{Line: "h ssh-ed25519 AAAA"}),
	} {
		p := wantProblem(t, err, "store.unwritable")
		if !strings.Contains(p.What, dir) || !strings.Contains(p.Fix, "BBCONNECT_HOME") {
			t.Errorf("got %+v", p)
		}
	}
}

func TestNoSecretReachesAnyFile(t *testing.T) {
	t.Parallel()
	s, dir := fresh(t)
	ctx := t.Context()
	canary := "canary" + strings.Repeat("9", 30)
	saved := put(t, s, connector("a", model.Scope{}))

	leaky := connector("b", model.Scope{})
	leaky.URL = "https://jdoe:" + canary + "@bitbucket.org/acme/b.git"
	_, err := s.Save(ctx, leaky, "")
	wantProblem(t, err, "url.secret-embedded")
	leaky = connector("b", model.Scope{})
	leaky.PasswordRef = model.SecretRef("AT-" + canary + "=12")
	_, err = s.Save(ctx, leaky, "")
	wantProblem(t, err, "ref.malformed")

	d := model.NewDraft().WithSecret(model.QPassword, model.NewSecret(canary)).WithSecret(model.QSSHKey, model.NewSecret(canary)).
		With(model.QPassword, canary).With(model.QAPIToken, canary).With(model.QSSHKey, canary).With(model.QSSHPassphrase, canary).
		With(model.QURL, "git clone https://jdoe:"+canary+"@bitbucket.org/acme/b.git").
		With(model.QDescription, "see https://x-token-auth:"+canary+"@bitbucket.org/acme/b.git").With(model.QName, "B")
	base := saved.Connector
	base.URL = "https://ATBB" + canary + "@bitbucket.org/acme/b.git"
	d.Base = &base
	if _, err := s.SaveDraft(ctx, d); err != nil {
		t.Fatal(err)
	}
	half := model.NewDraft().With(model.QURL, "https://jdoe:half/"+canary+"@bitbucket.org/acme/b.git")
	if _, err := s.SaveDraft(ctx, half); err != nil {
		t.Fatal(err)
	}
	if err := s.RecordTest(ctx, "a", model.TestRecord{Verdict: model.VerdictFail, What: "fetching https://u:" + canary + "@h/x"}); err != nil {
		t.Fatal(err)
	}
	if err := s.PutSecret(ctx, model.SecretInfo{Name: "account/bb_token", Length: len(canary)}); err != nil {
		t.Fatal(err)
	}
	files := 0
	if err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		files++
		if text := contents(t, path); strings.Contains(text, canary) {
			return fmt.Errorf("%s holds the canary:\n%s", path, text)
		}
		return nil
	}); err != nil || files < 5 {
		t.Fatalf("%d files, %v", files, err)
	}
}

func TestEveryFileIsTheOwnersAlone(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows keeps files private by the profile folder, not by mode bits")
	}
	s, dir := fresh(t)
	ctx := t.Context()
	put(t, s, connector("a", model.Scope{Org: "o", Project: "p"}))
	_, drafting := s.SaveDraft(ctx, model.NewDraft().With(model.QName, "x"))
	if err := errors.Join(drafting,
		s.PutSecret(ctx, model.SecretInfo{Name: "account/x"}), s.SaveSettings(ctx, model.Settings{Theme: "dark"}),
		s.RecordTest(ctx, "a", model.TestRecord{Verdict: model.VerdictPass}),
		s.AcceptHostKey(ctx, model.HostKey{Line: "h ssh-ed25519 AAAA"})); err != nil {
		t.Fatal(err)
	}
	if err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := e.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			return fmt.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
