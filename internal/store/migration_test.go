package store

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bbconnect/model"
)

func codeOf(err error) string {
	p, ok := model.AsProblem(err)
	if !ok {
		return ""
	}
	return p.Code
}

// edits are connectors that are all to get another description.
func edits(saved ...model.Saved) []model.DocumentEdit {
	var out []model.DocumentEdit
	for _, s := range saved {
		after := s.Connector
		after.Description = "after"
		out = append(out, model.DocumentEdit{Member: model.MigrationMember{Saved: s}, After: after})
	}
	return out
}

func TestTheJournalComesBackAndGoes(t *testing.T) {
	t.Parallel()
	s, dir := fresh(t)
	ctx := t.Context()
	if _, there, err := s.Migration(ctx); there || err != nil {
		t.Fatalf("before: %v, %v", there, err)
	}
	want := model.MigrationRecord{Version: model.MigrationVersion, State: model.MigrationGoing, SecretsFile: []byte{0xff, 0}}
	if err := s.WriteMigration(ctx, want); err != nil {
		t.Fatal(err)
	}
	got, there, err := Open(foldersIn(dir)).Migration(ctx)
	if err != nil || !there || got.State != want.State || !bytes.Equal(got.SecretsFile, want.SecretsFile) {
		t.Errorf("it came back as %+v, %v, %v", got, there, err)
	}
	for range 2 {
		if err := s.RemoveMigration(ctx); err != nil {
			t.Error(err)
		}
	}
	if _, there, _ := s.Migration(ctx); there {
		t.Error("it is still there")
	}
}

func TestAJournalThatIsDamagedOrNewerIsNotGoneOnWith(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{`{"version": 1, "members": [`: "store.damaged", `{"version": 99}`: "store.newer"} {
		s, _ := fresh(t)
		spoil(t, s.migrationPath(), text)
		if _, _, err := s.Migration(t.Context()); codeOf(err) != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestOneMigrationRunsAtATime(t *testing.T) {
	t.Parallel()
	s, dir := fresh(t)
	release, err := s.HoldMigration(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	other := Open(foldersIn(dir))
	other.wait = 10 * time.Millisecond
	if _, err := other.HoldMigration(t.Context()); codeOf(err) != "store.busy" {
		t.Errorf("a second one: %v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := other.HoldMigration(cancelled); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled one: %v", err)
	}
	release()
	again, err := Open(foldersIn(dir)).HoldMigration(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	again()
}

func TestOneProcessChangesSecretsAtATime(t *testing.T) {
	t.Parallel()
	s, dir := fresh(t)
	release, err := s.HoldSecrets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.PutSecret(t.Context(), model.SecretInfo{Name: "account/x"}); err != nil {
		t.Errorf("its own change: %v", err)
	}
	other := Open(foldersIn(dir))
	other.wait = 10 * time.Millisecond
	if _, err := other.HoldSecrets(t.Context()); codeOf(err) != "store.busy" {
		t.Errorf("a second one: %v", err)
	}
	release()
	again, err := other.HoldSecrets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	again()
}

func TestManyDocumentsAreReplacedAndComeBackByteForByte(t *testing.T) {
	t.Parallel()
	s, _ := fresh(t)
	ctx := t.Context()
	put(t, s, connector("one", model.Scope{}))
	two := put(t, s, connector("two", model.Scope{Org: "acme", Project: "pay"}))
	path := filepath.Join(s.connectorsDir(), "one.yaml")
	odd := "# ours\r\n" + contents(t, path) + "\n\n# the end"
	spoil(t, path, odd)
	one, err := s.Get(ctx, "one")
	if err != nil {
		t.Fatal(err)
	}
	changes, err := s.ComposeDocuments(ctx, edits(one, two))
	if err != nil {
		t.Fatal(err)
	}
	if contents(t, path) != odd {
		t.Error("composing wrote something")
	}
	if err := s.ReplaceDocuments(ctx, changes, true); err != nil || contents(t, path) != odd {
		t.Errorf("looking wrote something: %v", err)
	}
	for range 2 { // done again it stays
		if err := s.ReplaceDocuments(ctx, changes, false); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"one", "acme/pay/two"} {
		if saved, err := s.Get(ctx, key); err != nil || saved.Connector.Description != "after" {
			t.Errorf("%s says %q, %v", key, saved.Connector.Description, err)
		}
	}
	if !strings.HasPrefix(contents(t, path), "# ours") {
		t.Error("the comment is gone")
	}
	back := []model.DocumentChange{changes[0].Back(), changes[1].Back()}
	if err := s.ReplaceDocuments(ctx, back, false); err != nil {
		t.Fatal(err)
	}
	if contents(t, path) != odd {
		t.Errorf("it came back as %q, want %q", contents(t, path), odd)
	}
	c, err := s.ReadDocument(changes[0].After)
	if err != nil || c.ID != "one" || c.Description != "after" {
		t.Errorf("the new document says %+v, %v", c, err)
	}
}

func TestADocumentThatSomebodyChangedKeepsAllFromBeingReplaced(t *testing.T) {
	t.Parallel()
	s, _ := fresh(t)
	ctx := t.Context()
	one, two := put(t, s, connector("one", model.Scope{})), put(t, s, connector("two", model.Scope{}))
	changes, err := s.ComposeDocuments(ctx, edits(one, two))
	if err != nil {
		t.Fatal(err)
	}
	mine := two.Connector
	mine.Description = "somebody else's"
	if _, err := s.Save(ctx, mine, two.Revision); err != nil {
		t.Fatal(err)
	}
	err = s.ReplaceDocuments(ctx, changes, false)
	if p, ok := model.AsProblem(err); !ok || p.Code != "store.conflict" || !strings.Contains(p.What, "two") || strings.Contains(p.What, "one") {
		t.Errorf("the error is %v", err)
	}
	if saved, _ := s.Get(ctx, "one"); saved.Connector.Description != "" {
		t.Error("the other one was replaced")
	}
	if _, err := s.ComposeDocuments(ctx, edits(one, two)); codeOf(err) != "store.conflict" {
		t.Errorf("composing from an old revision: %v", err)
	}
	if err := s.Delete(ctx, "one", ""); err != nil {
		t.Fatal(err)
	}
	if err := s.ReplaceDocuments(ctx, changes[:1], false); !errors.Is(err, ErrNotFound) {
		t.Errorf("a connector that is gone: %v", err)
	}
}

func TestADocumentThatIsGoneComesBackWhereItWasAndNowhereElse(t *testing.T) {
	t.Parallel()
	s, _ := fresh(t)
	ctx := t.Context()
	one := put(t, s, connector("one", model.Scope{}))
	other := put(t, s, connector("one", model.Scope{Org: "acme"})) // the only one of that id once the account's is gone
	changes, err := s.ComposeDocuments(ctx, edits(one))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ReplaceDocuments(ctx, changes, false); err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(ctx, "one", ""); err != nil {
		t.Fatal(err)
	}
	back := []model.DocumentChange{changes[0].Back()}
	for _, dry := range []bool{true, false, false} {
		if err := s.ReplaceDocuments(ctx, back, dry); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.Get(ctx, "one"); err != nil || got.Revision != one.Revision {
		t.Errorf("it is %+v, %v", got.Connector, err)
	}
	if got, err := s.Get(ctx, "acme/one"); err != nil || got.Revision != other.Revision {
		t.Errorf("the organisation's is %+v, %v", got.Connector, err)
	}
}

func TestNoDocumentWithACredentialInItIsComposed(t *testing.T) {
	t.Parallel()
	s, _ := fresh(t)
	one := put(t, s, connector("one", model.Scope{}))
	e := edits(one)
	e[0].After.URL = "https://jdoe:" + strings.Repeat("s3cret", 3) + "@bitbucket.org/acme/one.git"
	if _, err := s.ComposeDocuments(t.Context(), e); codeOf(err) != "url.secret-embedded" {
		t.Errorf("the error is %v", err)
	}
}

func TestADocumentOutsideIsReadWithItsRevisionAndReplaced(t *testing.T) {
	t.Parallel()
	s, dir := fresh(t)
	ctx := t.Context()
	put(t, s, connector("one", model.Scope{}))
	path := filepath.Join(dir, "elsewhere", "one.yaml")
	spoil(t, path, contents(t, filepath.Join(s.connectorsDir(), "one.yaml")))
	member, err := s.DocumentAt(ctx, path)
	if err != nil || member.ID() != path || member.Saved.Revision == "" {
		t.Fatalf("it is %+v, %v", member, err)
	}
	after := member.Saved.Connector
	after.Description = "after"
	changes, err := s.ComposeDocuments(ctx, []model.DocumentEdit{{Member: member, After: after}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ReplaceDocuments(ctx, changes, false); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(contents(t, path), "after") {
		t.Errorf("it says\n%s", contents(t, path))
	}
	if saved, _ := s.Get(ctx, "one"); saved.Connector.Description != "" {
		t.Error("the saved one of the same id was changed")
	}
	if _, err := s.DocumentAt(ctx, filepath.Join(dir, "nothing.yaml")); !errors.Is(err, ErrNotFound) {
		t.Errorf("a file that is not there: %v", err)
	}
	spoil(t, path, "just: text\n")
	if _, err := s.DocumentAt(ctx, path); codeOf(err) != "document.not-connector" {
		t.Errorf("a file that is no connector: %v", err)
	}
}

func TestTheListOfSecretsComesBackByteForByteUnlessItSaysMore(t *testing.T) {
	t.Parallel()
	s, _ := fresh(t)
	ctx := t.Context()
	info := model.SecretInfo{Name: "account/a", Type: model.SecretText, Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	if was, err := s.SecretsFile(ctx); was != nil || err != nil {
		t.Fatalf("before: %q, %v", was, err)
	}
	if err := s.PutSecret(ctx, info); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveSecret(ctx, info.Name); err != nil {
		t.Fatal(err)
	}
	if err := s.RestoreSecretsFile(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.secretsPath()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that was not there is: %v", err)
	}
	odd := "# by hand\nversion: 1\nsecrets:\n    - {name: account/a, type: text, created: '2026-01-02T03:04:05Z'}\n"
	spoil(t, s.secretsPath(), odd)
	was, err := s.SecretsFile(ctx)
	if err != nil {
		t.Fatal(err)
	}
	side := info
	side.Name = model.OldName(info.Name)
	if err := s.PutSecret(ctx, side); err != nil {
		t.Fatal(err)
	}
	if err := s.RestoreSecretsFile(ctx, was); err != nil || contents(t, s.secretsPath()) == odd {
		t.Errorf("a list that says more was overwritten: %v", err)
	}
	if err := s.RemoveSecret(ctx, side.Name); err != nil {
		t.Fatal(err)
	}
	if err := s.RestoreSecretsFile(ctx, was); err != nil || contents(t, s.secretsPath()) != odd {
		t.Errorf("it is %v\n%s\nwant\n%s", err, contents(t, s.secretsPath()), odd)
	}
}

func TestRememberedTestsArePutBackOrForgotten(t *testing.T) {
	t.Parallel()
	s, _ := fresh(t)
	ctx := t.Context()
	put(t, s, connector("one", model.Scope{}))
	put(t, s, connector("two", model.Scope{}))
	old := model.TestRecord{Verdict: model.VerdictFail, At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Code: "cred.rejected"}
	next := model.TestRecord{Verdict: model.VerdictPass, At: old.At.AddDate(0, 1, 0)}
	if err := s.RestoreTests(ctx, map[string]*model.TestRecord{"one": &next, "two": &next}); err != nil {
		t.Fatal(err)
	}
	if err := s.RestoreTests(ctx, map[string]*model.TestRecord{"one": &old, "two": nil, "gone": &old}); err != nil {
		t.Fatal(err)
	}
	if saved, err := s.Get(ctx, "one"); err != nil || saved.LastTest == nil || *saved.LastTest != old {
		t.Errorf("one: %+v, %v", saved.LastTest, err)
	}
	if saved, err := s.Get(ctx, "two"); err != nil || saved.LastTest != nil {
		t.Errorf("two: %+v, %v", saved.LastTest, err)
	}
}

func TestManyNamesInASentenceAreCounted(t *testing.T) {
	t.Parallel()
	if got := listed([]string{"a", "b", "c", "d", "e", "f", "g"}); got != "a, b, c, d, e and 2 more" {
		t.Errorf("it is %q", got)
	}
}
