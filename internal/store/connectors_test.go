package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"bbconnect/internal/document"
	"bbconnect/model"
)

func TestASavedConnectorComesBackFromItsPlace(t *testing.T) {
	t.Parallel()
	s, dir := fresh(t)
	for path, scope := range map[string]model.Scope{
		"a.yaml": {}, "acme/a.yaml": {Org: "acme"}, "acme/pay/a.yaml": {Org: "acme", Project: "pay"},
	} {
		c := connector("a", scope)
		saved := put(t, s, c)
		got, err := s.Get(t.Context(), c.Key())
		if err != nil || !reflect.DeepEqual(got, saved) || !reflect.DeepEqual(got.Connector, c) {
			t.Errorf("%s: err %v, got %+v, want %+v", path, err, got, saved)
		}
		text := contents(t, filepath.Join(dir, "data", "connectors", filepath.FromSlash(path)))
		if doc, err := s.Document(t.Context(), c.Key()); err != nil || string(doc) != text || !strings.HasPrefix(text, "connector:\n") {
			t.Errorf("%s: err %v, document %q", path, err, doc)
		}
	}
}

func TestSavingStartsFromTheRevisionThatWasRead(t *testing.T) {
	t.Parallel()
	s, dir := fresh(t)
	ctx := t.Context()
	c := connector("a", model.Scope{})
	first := put(t, s, c)
	_, err := s.Save(ctx, c, "")
	wantProblem(t, err, "store.conflict")

	c.Name = "Second"
	second, err := s.Save(ctx, c, first.Revision)
	if err != nil || second.Revision == first.Revision || second.Connector.Name != "Second" {
		t.Fatalf("err %v, got %+v", err, second)
	}
	c.Name = "Third"
	_, err = s.Save(ctx, c, first.Revision)
	wantProblem(t, err, "store.conflict")
	wantProblem(t, s.Delete(ctx, "a", first.Revision), "store.conflict")
	if got, err := s.Get(ctx, "a"); err != nil || got.Connector.Name != "Second" {
		t.Fatalf("a conflict wrote something: %v %+v", err, got)
	}
	if again, err := s.Save(ctx, second.Connector, second.Revision); err != nil || again.Revision != second.Revision {
		t.Fatalf("saving what is there changed it: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "data", "connectors", "a.yaml")); err != nil {
		t.Fatal(err)
	}
	_, err = s.Save(ctx, c, second.Revision)
	wantProblem(t, err, "store.conflict")
}

func TestSavingKeepsWhatPeopleWroteIntoTheFile(t *testing.T) {
	t.Parallel()
	s, dir := fresh(t)
	put(t, s, connector("a", model.Scope{}))
	path := filepath.Join(dir, "data", "connectors", "a.yaml")
	text := "# ours\n\n" + strings.Replace(contents(t, path), "  spec:\n", "\n  spec: # theirs\n    future: 1\n", 1)
	spoil(t, path, text)
	got, err := s.Get(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	got.Connector.Name = "Renamed"
	if _, err := s.Save(t.Context(), got.Connector, got.Revision); err != nil {
		t.Fatal(err)
	}
	if now := contents(t, path); now != strings.Replace(text, "Connector a", "Renamed", 1) {
		t.Fatalf("got\n%s", now)
	}
}

func TestTheKeyFindsOneConnectorOrNamesTheCandidates(t *testing.T) {
	t.Parallel()
	s, _ := fresh(t)
	for _, c := range []model.Connector{
		connector("top", model.Scope{}), connector("twice", model.Scope{Org: "o"}), connector("twice", model.Scope{Org: "o", Project: "p"}),
		connector("both", model.Scope{}), connector("both", model.Scope{Org: "o"}), connector("deep", model.Scope{Org: "o", Project: "p"}),
	} {
		put(t, s, c)
	}
	for key, want := range map[string]string{
		"top": "top", "account/top": "top", "both": "both", "o/both": "o/both", "account/both": "both",
		"deep": "o/p/deep", "o/p/deep": "o/p/deep", "o/twice": "o/twice",
	} {
		if got, err := s.Get(t.Context(), key); err != nil || got.Connector.Key() != want {
			t.Errorf("%s: err %v, got %s, want %s", key, err, got.Connector.Key(), want)
		}
	}
	_, err := s.Get(t.Context(), "twice")
	if p := wantProblem(t, err, "store.ambiguous"); !strings.Contains(p.Fix, "o/p/twice, o/twice") {
		t.Errorf("got %+v", p)
	}
	for _, key := range []string{"", "none", "o/none", "o/deep", "a/b/c/d", "../top", "o/../top", "/top", "top.yaml", `..\top`, "TOP", "con", "\x1b[31m"} {
		_, err := s.Get(t.Context(), key)
		wantProblem(t, err, "store.not-found")
		if !errors.Is(err, ErrNotFound) || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%q: got %v", key, err)
		}
	}
}

func TestNoIDLeavesTheFolder(t *testing.T) {
	t.Parallel()
	s, dir := fresh(t)
	for _, bad := range []string{
		"", ".", "..", "../x", "a/b", `a\b`, "/etc/passwd", "C:x", "a.b", "a\x00b", "-a", "1a", "a b", "é", "con", "NUL", "Com1", "lpt9", strings.Repeat("a", 129),
	} {
		cases := []model.Connector{connector(bad, model.Scope{}), connector("a", model.Scope{Org: "o", Project: bad}), connector("a", model.Scope{Org: bad, Project: "p"})}
		for i, c := range cases {
			if i == 1 && bad == "" {
				continue // no project at all
			}
			if _, err := s.Save(t.Context(), c, ""); err == nil || !strings.Contains(err.Error(), ".invalid") {
				t.Errorf("%q in case %d: %v", bad, i, err)
			}
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Fatalf("something was written: %v %v", entries, err)
	}
}

func TestListSortsByNameAndReportsDamagedFiles(t *testing.T) {
	t.Parallel()
	s, dir := fresh(t)
	for i, name := range []string{"beta", "Alpha", "alpha", "Gamma"} {
		c := connector(fmt.Sprintf("c%d", i), model.Scope{})
		c.Name = name
		put(t, s, c)
	}
	folder := filepath.Join(dir, "data", "connectors")
	good := contents(t, filepath.Join(folder, "c0.yaml"))
	spoil(t, filepath.Join(folder, "bad.yaml"), "connector: [")
	spoil(t, filepath.Join(folder, "copy.yaml"), good)
	spoil(t, filepath.Join(folder, "new.yaml"), good+"x-bbconnect: {version: 9}\n")
	spoil(t, filepath.Join(folder, "org", "empty.yaml"), "")
	spoil(t, filepath.Join(folder, "big.yaml"), strings.Repeat("#", document.MaxSize+1))
	spoil(t, filepath.Join(folder, ".c0.yaml.123.tmp"), "half")
	spoil(t, filepath.Join(folder, "notes.txt"), "not ours")
	spoil(t, filepath.Join(folder, "a-b", "x.yaml"), good)
	list, damaged, err := s.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names, wrong []string
	for _, saved := range list {
		names = append(names, saved.Connector.Name+" "+saved.Connector.ID)
	}
	for _, d := range damaged {
		wrong = append(wrong, filepath.Base(d.Path)+" "+d.Problem.Code)
		if !strings.Contains(d.Problem.What, d.Path) || d.Problem.Fix == "" {
			t.Errorf("got %+v", d.Problem)
		}
	}
	if got, want := fmt.Sprint(names), "[Alpha c1 alpha c2 beta c0 Gamma c3]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := fmt.Sprint(wrong), "[bad.yaml store.damaged big.yaml store.damaged copy.yaml store.damaged new.yaml store.newer empty.yaml store.damaged]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	_, err = s.Get(t.Context(), "bad")
	if p := wantProblem(t, err, "store.damaged"); !strings.Contains(p.Why, "Line 1") {
		t.Errorf("got %+v", p)
	}
	if doc, err := s.Document(t.Context(), "bad"); err != nil || string(doc) != "connector: [" {
		t.Errorf("a damaged file cannot be shown: %v", err)
	}
	c := connector("new", model.Scope{})
	_, err = s.Save(t.Context(), c, revision([]byte(contents(t, filepath.Join(folder, "new.yaml")))))
	wantProblem(t, err, "store.newer")
	if err := s.Delete(t.Context(), "bad", ""); err != nil {
		t.Errorf("a damaged file cannot be deleted: %v", err)
	}
}

func TestDeleteRemovesTheTestAndEmptyFolders(t *testing.T) {
	t.Parallel()
	s, dir := fresh(t)
	ctx := t.Context()
	c := connector("a", model.Scope{Org: "o", Project: "p"})
	saved := put(t, s, c)
	put(t, s, connector("b", model.Scope{Org: "o"}))
	if err := s.RecordTest(ctx, "a", model.TestRecord{Verdict: model.VerdictPass}); err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(ctx, "a", saved.Revision); err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(ctx, "a", saved.Revision); !errors.Is(err, ErrNotFound) {
		t.Fatalf("deleting twice: %v", err)
	}
	folder := filepath.Join(dir, "data", "connectors", "o")
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 || entries[0].Name() != "b.yaml" {
		t.Fatalf("err %v, left %v", err, entries)
	}
	if again := put(t, s, c); again.LastTest != nil {
		t.Fatalf("a new connector has the old one's test: %+v", again.LastTest)
	}
}

func TestLinkedFoldersAndFilesAreFollowed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	real := filepath.Join(dir, "elsewhere")
	if err := os.MkdirAll(filepath.Join(real, "acme"), 0o700); err != nil {
		t.Fatal(err)
	}
	s := Open(foldersIn(dir))
	if err := os.Symlink(real, filepath.Join(dir, "data")); err != nil {
		t.Skipf("this machine makes no symbolic links: %v", err)
	}
	saved := put(t, s, connector("a", model.Scope{Org: "acme"}))
	if _, err := os.Stat(filepath.Join(real, "connectors", "acme", "a.yaml")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(real, "connectors", "acme"), filepath.Join(real, "connectors", "loop")); err != nil {
		t.Fatal(err)
	}
	list, damaged, err := s.List(t.Context())
	if err != nil || len(list) != 1 || list[0].Revision != saved.Revision || len(damaged) != 1 {
		t.Fatalf("err %v, list %v, damaged %v", err, list, damaged)
	}
}

// TestMain lets the test binary be the second process of
// TestTwoProcessesNeverLoseAChange, or one that is killed.
func TestMain(m *testing.M) {
	if home := os.Getenv(killedHome); home != "" {
		saveForEver(home)
	}
	if home := os.Getenv(restoredHome); home != "" {
		restoreForEver(home)
	}
	if dir := os.Getenv("STORE_TEST_SAVE_IN"); dir != "" {
		if err := tagManyTimes(Open(foldersIn(dir)), os.Getenv("STORE_TEST_TAG"), 20); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// tagManyTimes adds n tags, one save each, and starts over on every conflict.
// Everybody else's turns may take long on a slow disk.
func tagManyTimes(s *Store, name string, n int) error {
	ctx := context.Background()
	s.wait = 2 * time.Minute
	for i := 0; i < n; {
		saved, err := s.Get(ctx, "shared")
		if err != nil {
			return err
		}
		c := saved.Connector
		c.Tags = append(c.Tags, model.Tag{Key: fmt.Sprintf("%s%d", name, i)})
		_, err = s.Save(ctx, c, saved.Revision)
		p, _ := model.AsProblem(err)
		switch {
		case err == nil:
			i++
		case p == nil || p.Code != "store.conflict":
			return err
		}
		if err := s.PutSecret(ctx, model.SecretInfo{Name: model.SecretName(fmt.Sprintf("account/%s%d", name, i))}); err != nil {
			return err
		}
		if err := s.RecordTest(ctx, "shared", model.TestRecord{Verdict: model.VerdictPass, Code: name}); err != nil {
			return err
		}
	}
	return nil
}

func TestTwoProcessesNeverLoseAChange(t *testing.T) {
	t.Parallel()
	s, dir := fresh(t)
	put(t, s, connector("shared", model.Scope{}))
	var group sync.WaitGroup
	for _, name := range []string{"red", "blue"} {
		group.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), "STORE_TEST_SAVE_IN="+dir, "STORE_TEST_TAG="+name)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", name, err, out)
			}
		})
	}
	if err := tagManyTimes(s, "green", 20); err != nil {
		t.Error(err)
	}
	group.Wait()
	got, err := s.Get(t.Context(), "shared")
	if err != nil || len(got.Connector.Tags) != 60 || got.LastTest == nil {
		t.Fatalf("err %v, %d tags of 60", err, len(got.Connector.Tags))
	}
	if secrets, err := s.Secrets(t.Context()); err != nil || len(secrets) < 60 {
		t.Fatalf("err %v, %d secrets of 60 or more", err, len(secrets))
	}
}

func fill(tb testing.TB, s *Store, n int) {
	tb.Helper()
	for i := range n {
		c := connector(fmt.Sprintf("c%05d", i), model.Scope{})
		c.Tags = []model.Tag{{Key: "team", Value: "payments"}, {Key: "env", Value: "prod"}}
		c.API = model.APIAccess{Method: model.APIEmailAndToken, Email: model.Login{Plain: "j@acme.example"}, TokenRef: "account.bb_token"}
		text, err := document.Encode(c)
		if err != nil {
			tb.Fatal(err)
		}
		path := filepath.Join(s.connectorsDir(), c.ID+extension)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
}

func BenchmarkList1000(b *testing.B) {
	s := Open(foldersIn(b.TempDir()))
	fill(b, s, 1000)
	for b.Loop() {
		if list, _, err := s.List(b.Context()); err != nil || len(list) != 1000 {
			b.Fatal(err)
		}
	}
}

func TestAnIdInOtherLettersIsNamed(t *testing.T) {
	t.Parallel()
	s, _ := fresh(t)
	put(t, s, connector("Payments", model.Scope{Org: "acme"}))
	_, err := s.Get(t.Context(), "payments")
	if p, ok := model.AsProblem(err); !ok || p.Code != "store.not-found" || p.Fix != "Was acme/Payments meant?" || !errors.Is(err, ErrNotFound) {
		t.Errorf("%v", err)
	}
	put(t, s, connector("payments", model.Scope{}))
	if got, err := s.Get(t.Context(), "payments"); err != nil || got.Connector.ID != "payments" {
		t.Errorf("%+v, %v", got.Connector, err)
	}
}
