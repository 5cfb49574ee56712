package store

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"bbconnect/model"
)

func TestSecretsComeBackWithEverythingThatIsKnown(t *testing.T) {
	t.Parallel()
	s, dir := fresh(t)
	ctx := t.Context()
	full := model.SecretInfo{
		Name: "project/o/p/bb_token", Type: model.SecretText, Kind: model.KindAPIToken, Where: model.WhereCommand, Command: "pass show {name}",
		Username: "jdoe", Email: "j@acme.example", Host: "bitbucket.org", Length: 192,
		Created: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), Expires: time.Date(2027, 11, 21, 0, 0, 0, 0, time.UTC),
	}
	key := model.SecretInfo{Name: "account/ssh", Type: model.SecretSSHKey, Username: "git", File: "account/file", Passphrase: "account/pass"}
	for _, info := range []model.SecretInfo{full, key} {
		if err := s.PutSecret(ctx, info); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.Secrets(ctx); err != nil || !reflect.DeepEqual(got, []model.SecretInfo{key, full}) {
		t.Fatalf("err %v, got %+v", err, got)
	}
	path := filepath.Join(dir, "data", "secrets.yaml")
	text := contents(t, path)
	for _, want := range []string{"version: 1\n", "2027-11-21", "2026-11-22T10:00:00Z", "# What is known"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	spoil(t, path, strings.Replace(text, "username: git", "username: git\n    later: 1", 1))
	key.Username = "hg"
	if err := s.PutSecret(ctx, key); err != nil || !strings.Contains(contents(t, path), "later: 1") {
		t.Fatalf("err %v, an unknown key was lost:\n%s", err, contents(t, path))
	}
	if err := s.RemoveSecret(ctx, full.Name); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveSecret(ctx, full.Name); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Secrets(ctx); err != nil || len(got) != 1 || got[0].Username != "hg" {
		t.Fatalf("err %v, got %+v", err, got)
	}
	for _, bad := range []model.SecretInfo{{}, {Name: "x"}, {Name: "account/../x"}, {Name: "account/x", File: "nope"}} {
		wantProblem(t, s.PutSecret(ctx, bad), "ref.malformed")
	}
}

func TestOurOwnFilesAreLeftAloneWhenDamagedOrNewer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, code string }{
		{"version: 2\nsecrets: {}\ntheme: []\n", "store.newer"},
		{"version: [", "store.damaged"},
		{"version: 1\nsecrets: 5\ntheme: {}\n", "store.damaged"},
	} {
		s, dir := fresh(t)
		ctx := t.Context()
		secrets, settings := filepath.Join(dir, "data", "secrets.yaml"), filepath.Join(dir, "config", "config.yaml")
		spoil(t, secrets, tt.text)
		spoil(t, settings, tt.text)
		_, reading := s.Secrets(ctx)
		_, choices := s.Settings(ctx)
		for _, err := range []error{reading, choices, s.PutSecret(ctx, model.SecretInfo{Name: "account/x"}), s.RemoveSecret(ctx, "account/x"), s.SaveSettings(ctx, model.Settings{})} {
			if p := wantProblem(t, err, tt.code); !strings.Contains(p.What, dir) {
				t.Errorf("the file is not named: %+v", p)
			}
		}
		if contents(t, secrets) != tt.text || contents(t, settings) != tt.text {
			t.Errorf("%q was changed", tt.text)
		}
	}
	s, dir := fresh(t)
	spoil(t, filepath.Join(dir, "data", "secrets.yaml"), "version: 1\nsecrets:\n  - {name: account/x, expires: soon}\n")
	_, err := s.Secrets(t.Context())
	wantProblem(t, err, "store.damaged")
}

func TestSettingsKeepCommentsAndUnknownKeys(t *testing.T) {
	t.Parallel()
	s, dir := fresh(t)
	ctx := t.Context()
	path := filepath.Join(dir, "config", "config.yaml")
	spoil(t, path, "# mine\ntheme: dark # at night\nfuture: {a: 1}\ncaFiles:\n  old.example: /old.pem # why\n  gone.example: /gone.pem\n")
	got, err := s.Settings(ctx)
	if err != nil || got.Theme != "dark" || got.CAFiles["old.example"] != "/old.pem" {
		t.Fatalf("err %v, got %+v", err, got)
	}
	want := model.Settings{Theme: "light", Mouse: "off", Keystore: model.WhereVault, SecretCommand: "true", CAFiles: map[string]string{"old.example": "/old.pem", "new.example": "/n: w.pem"}}
	for range 2 {
		if err := s.SaveSettings(ctx, want); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.Settings(ctx); err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("err %v, got %+v", err, got)
	}
	text := contents(t, path)
	for _, keep := range []string{"# mine\n", "theme: light # at night", "future: {a: 1}", "/old.pem # why", "version: 1"} {
		if !strings.Contains(text, keep) {
			t.Errorf("%q is missing in\n%s", keep, text)
		}
	}
	if strings.Contains(text, "gone.example") {
		t.Errorf("a host that was removed is there:\n%s", text)
	}
	if err := s.SaveSettings(ctx, model.Settings{}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Settings(ctx); err != nil || !reflect.DeepEqual(got, model.Settings{}) {
		t.Fatalf("err %v, got %+v", err, got)
	}
}

func TestSettingsThatLookLikeOtherTypesStayText(t *testing.T) {
	t.Parallel()
	s, _ := fresh(t)
	want := model.Settings{Theme: "none", SecretCommand: "true", CAFiles: map[string]string{"1.2": "007"}}
	if err := s.SaveSettings(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Settings(t.Context()); err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("err %v, got %+v", err, got)
	}
}

func TestDraftsComeBackLatestFirst(t *testing.T) {
	t.Parallel()
	s, dir := fresh(t)
	ctx := t.Context()
	clock := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	s.clock = func() time.Time { clock = clock.Add(time.Minute); return clock }
	base := connector("a", model.Scope{Org: "o"})
	base.CAFile = "/ca.pem"
	d := model.NewDraft().With(model.QName, "A").With(model.QDescription, "")
	d.Editing, d.Base, d.BaseRevision = "o/a", &base, "abc"
	first, err := s.SaveDraft(ctx, d)
	if err != nil || first == "" {
		t.Fatalf("%q %v", first, err)
	}
	second, err := s.SaveDraft(ctx, model.NewDraft().With(model.QName, "B"))
	if err != nil || second == first {
		t.Fatalf("%q %v", second, err)
	}
	d.ID = first
	if again, err := s.SaveDraft(ctx, d.With(model.QName, "A2")); err != nil || again != first {
		t.Fatalf("%q %v", again, err)
	}
	spoil(t, filepath.Join(dir, "state", "drafts", "broken.yaml"), "version: [")
	spoil(t, filepath.Join(dir, "state", "drafts", "newer.yaml"), "version: 7\nanswers: {}\n")
	drafts, err := s.Drafts(ctx)
	if err != nil || len(drafts) != 2 || drafts[0].Draft.ID != first || drafts[1].Draft.ID != second {
		t.Fatalf("err %v, got %+v", err, drafts)
	}
	got := drafts[0].Draft
	if got.Answer(model.QName) != "A2" || !got.Answered(model.QDescription) || got.Editing != "o/a" || got.BaseRevision != "abc" || !reflect.DeepEqual(got.Base, &base) || !drafts[0].SavedAt.Equal(clock) {
		t.Fatalf("got %+v at %v, base %+v", got, drafts[0].SavedAt, got.Base)
	}
	newer := model.NewDraft()
	newer.ID = "newer"
	_, err = s.SaveDraft(ctx, newer)
	wantProblem(t, err, "store.newer")
	for range 2 {
		if err := s.RemoveDraft(ctx, first); err != nil {
			t.Fatal(err)
		}
	}
	for _, bad := range []string{"", "../x", "a/b", "."} {
		wantProblem(t, s.RemoveDraft(ctx, bad), "store.not-found")
		evil := model.NewDraft()
		evil.ID = bad
		if _, err := s.SaveDraft(ctx, evil); bad != "" && err == nil {
			t.Errorf("a draft was saved as %q", bad)
		}
	}
}

func TestTheLastTestIsJoinedAndSurvivesACrash(t *testing.T) {
	t.Parallel()
	s, dir := fresh(t)
	ctx := t.Context()
	put(t, s, connector("a", model.Scope{Org: "o"}))
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for _, v := range []model.Verdict{model.VerdictPass, model.VerdictFail} {
		if err := s.RecordTest(ctx, "a", model.TestRecord{Verdict: v, At: at, Code: "cred.rejected", What: "Rejected."}); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "state", "tests.jsonl")
	spoil(t, path, contents(t, path)+`{"key":"o/a","ver`)
	if err := s.RecordTest(ctx, "o/a", model.TestRecord{Verdict: model.VerdictWarn, At: at}); err != nil {
		t.Fatal(err)
	}
	list, _, err := s.List(ctx)
	if err != nil || len(list) != 1 || !reflect.DeepEqual(list[0].LastTest, &model.TestRecord{Verdict: model.VerdictWarn, At: at}) {
		t.Fatalf("err %v, got %+v", err, list)
	}
	if err := s.RecordTest(ctx, "none", model.TestRecord{}); err == nil {
		t.Fatal("a test of no connector was recorded")
	}
	spoil(t, path, "{\"version\":2}\n{\"key\":\"o/a\",\"verdict\":\"pass\"}\n")
	wantProblem(t, s.RecordTest(ctx, "a", model.TestRecord{Verdict: model.VerdictPass}), "store.newer")
	if got, err := s.Get(ctx, "a"); err != nil || got.LastTest != nil {
		t.Fatalf("err %v, got %+v", err, got.LastTest)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(ctx, "a"); err != nil || got.LastTest != nil {
		t.Fatalf("state that was deleted broke something: %v %+v", err, got)
	}
}

func TestTheListOfTestsDoesNotGrowForEver(t *testing.T) {
	t.Parallel()
	s, dir := fresh(t)
	put(t, s, connector("a", model.Scope{}))
	for i := range 3000 {
		if err := s.append(t.Context(), verdict{Key: "a", Verdict: model.VerdictPass, Code: fmt.Sprint(i), What: strings.Repeat("w", 50)}); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(filepath.Join(dir, "state", "tests.jsonl"))
	if err != nil || info.Size() > 3*compactEvery {
		t.Fatalf("err %v, %d bytes", err, info.Size())
	}
	if got, err := s.Get(t.Context(), "a"); err != nil || got.LastTest.Code != "2999" {
		t.Fatalf("err %v, got %+v", err, got.LastTest)
	}
}

func TestAcceptedHostKeysReplaceThoseOfTheSameAddress(t *testing.T) {
	t.Parallel()
	s, dir := fresh(t)
	ctx := t.Context()
	accept := func(line string) error {
		return s.AcceptHostKey(ctx, model.HostKey{Address: "unused", Line: line})
	}
	for _, line := range []string{"[git.acme.example]:7999 ssh-rsa AAAA1", "bitbucket.org ssh-ed25519 AAAA2\n", "[git.acme.example]:7999 ssh-ed25519 AAAA3"} {
		if err := accept(line); err != nil {
			t.Fatal(err)
		}
	}
	want := hostsComment + "bitbucket.org ssh-ed25519 AAAA2\n[git.acme.example]:7999 ssh-ed25519 AAAA3\n"
	if got, err := s.KnownHosts(ctx); err != nil || string(got) != want {
		t.Fatalf("err %v, got\n%s", err, got)
	}
	path := filepath.Join(dir, "config", "known_hosts")
	spoil(t, path, "# mine\n\na.example,b.example ssh-rsa AAAA\n|1|hash= ssh-rsa AAAA\n@revoked * ssh-rsa BBBB")
	if err := accept("a.example ssh-ed25519 CCCC"); err != nil {
		t.Fatal(err)
	}
	if got, want := contents(t, path), "# mine\n\nb.example ssh-rsa AAAA\n|1|hash= ssh-rsa AAAA\n@revoked * ssh-rsa BBBB\na.example ssh-ed25519 CCCC\n"; got != want {
		t.Fatalf("got\n%s", got)
	}
	for _, bad := range []string{"", "host", "host ssh-rsa", "h ssh-rsa AAAA\n* ssh-rsa EVIL", "# h x", "@cert-authority * ssh-rsa AAAA", "h ssh-rsa A\x1b"} {
		wantProblem(t, accept(bad), "ssh.host-key-unknown")
	}
}

func TestCredentialsInAddressesAreTakenOutAndNothingElse(t *testing.T) {
	t.Parallel()
	token := "AT" + "BB" + strings.Repeat("x", 24)
	for text, want := range map[string]string{
		"https://jdoe@bitbucket.org/a/b.git":            "https://jdoe@bitbucket.org/a/b.git",
		"https://jdoe:pw@bitbucket.org/a/b.git":         "https://jdoe@bitbucket.org/a/b.git",
		"https://jdoe:p@w@bitbucket.org/a":              "https://jdoe@bitbucket.org/a",
		"https://" + token + "@bitbucket.org/a":         "https://bitbucket.org/a",
		"ssh://git@git.acme.example:7999/P/r.git":       "ssh://git@git.acme.example:7999/P/r.git",
		"git@bitbucket.org:a/b.git":                     "git@bitbucket.org:a/b.git",
		"https://git.acme.example:8443/scm/~jdoe/r.git": "https://git.acme.example:8443/scm/~jdoe/r.git",
		"two https://a:b@c/d and https://e:f@g/h":       "two https://a@c/d and https://e@g/h",
		"https://:pw@host/x":                            "https://host/x",
		"me@acme.example":                               "me@acme.example",
	} {
		if got := withoutCredentials(text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestManyTestsAreRememberedInOneWriteAndThoseOfNobodyAreDropped(t *testing.T) {
	t.Parallel()
	s, dir := fresh(t)
	ctx := t.Context()
	records := map[string]model.TestRecord{"gone": {Verdict: model.VerdictFail}, "../etc": {Verdict: model.VerdictFail}}
	for i := range 30 {
		id := fmt.Sprintf("c%02d", i)
		put(t, s, connector(id, model.Scope{}))
		records[id] = model.TestRecord{Verdict: model.VerdictPass, At: time.Unix(int64(i), 0).UTC(), What: "fetching https://u:secret@h/x"}
	}
	if err := s.RecordTests(ctx, records); err != nil {
		t.Fatal(err)
	}
	text := contents(t, filepath.Join(dir, "state", "tests.jsonl"))
	if strings.Count(text, "\n") != 31 || strings.Contains(text, "gone") || strings.Contains(text, "secret") {
		t.Fatalf("the file holds\n%s", text)
	}
	list, _, err := s.List(ctx)
	if err != nil || len(list) != 30 {
		t.Fatalf("err %v, %d listed", err, len(list))
	}
	for _, saved := range list {
		if saved.LastTest == nil || saved.LastTest.At != records[saved.Connector.ID].At {
			t.Errorf("%s: remembered %+v", saved.Connector.ID, saved.LastTest)
		}
	}
	if err := s.RecordTests(ctx, map[string]model.TestRecord{"gone": {}}); err != nil {
		t.Errorf("one that is gone: %v", err)
	}
}
