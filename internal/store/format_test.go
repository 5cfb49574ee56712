package store

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bbconnect/internal/document"
	"bbconnect/model"
)

// remembered are the changes that can be taken back.
func remembered(t *testing.T, s *Store) []past {
	t.Helper()
	all, err := s.pasts()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// byHand is a list of secrets as somebody prepares it for a new machine.
const byHand = `# for the new server
secrets:
  - name: account.bb_token   # the bot's
    kind: api-token
    expires: 2027-11-21
    created: 2026-11-22
    owner: platform team
  - {name: account/deploy, username: git, file: account.deploy_key, passphrase: account/phrase}
  - {name: org/acme/x, type: file, where: vault, created: "2026-11-22T10:00:00Z"}
`

func TestAFileWithoutAVersionIsReadAsWhatItMeans(t *testing.T) {
	t.Parallel()
	s, _ := fresh(t)
	spoil(t, s.secretsPath(), byHand)
	infos, err := s.Secrets(t.Context())
	if err != nil || len(infos) != 3 {
		t.Fatalf("%v, %v", infos, err)
	}
	token, deploy, file := infos[0], infos[1], infos[2]
	if token.Name != "account/bb_token" || token.Type != model.SecretText || token.Where != model.WhereKeyring || token.Expires.Day() != 21 || token.Created.Day() != 22 {
		t.Errorf("the token is %+v", token)
	}
	if deploy.Type != model.SecretSSHKey || deploy.File != "account/deploy_key" || deploy.Passphrase != "account/phrase" {
		t.Errorf("the credential is %+v", deploy)
	}
	if file.Type != model.SecretFile || file.Where != model.WhereVault {
		t.Errorf("what was said is said otherwise: %+v", file)
	}
	if contents(t, s.secretsPath()) != byHand {
		t.Error("reading changes the file")
	}
}

func TestTheOldFileIsKeptBesideTheNewOneAtTheFirstChange(t *testing.T) {
	t.Parallel()
	const settings = "# mine\ntheme: light # at night\n"
	for name, c := range map[string]struct {
		path   func(*Store) string
		old    string
		change func(*Store) error
		keeps  []string
	}{
		"secrets": {(*Store).secretsPath, byHand, func(s *Store) error {
			return s.PutSecret(t.Context(), model.SecretInfo{Name: "account/more", Type: model.SecretText, Where: model.WhereAsk})
		}, []string{"version: 1", "name: account/bb_token", "owner: platform team", "type: sshKey", "account/more"}},
		"settings": {(*Store).settingsPath, settings, func(s *Store) error {
			return s.SaveSettings(t.Context(), model.Settings{Theme: "light", Mouse: "off"})
		}, []string{"version: 1", "# mine", "theme: light # at night", "mouse:"}},
		"settings, by a restore": {(*Store).settingsPath, settings, func(s *Store) error {
			_, err := s.RestoreBackup(t.Context(), model.Backup{Settings: model.Settings{Mouse: "off"}}, model.RestoreRefuse)
			return err
		}, []string{"version: 1", "# mine", "theme: light # at night", "mouse:"}},
		"secrets, by a restore": {(*Store).secretsPath, byHand, func(s *Store) error {
			_, err := s.RestoreBackup(t.Context(), model.Backup{Secrets: []model.BackupSecret{{Info: model.SecretInfo{Name: "account/more"}}}}, model.RestoreRefuse)
			return err
		}, []string{"version: 1", "name: account/bb_token", "account/more"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := fresh(t)
			path := c.path(s)
			spoil(t, path, c.old)
			if err := c.change(s); err != nil {
				t.Fatal(err)
			}
			if got := contents(t, path+".v0.bak"); got != c.old {
				t.Errorf("kept is\n%s", got)
			}
			if info, err := os.Stat(path + ".v0.bak"); err != nil || info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
				t.Errorf("%v, %v", info.Mode(), err)
			}
			now := contents(t, path)
			for _, want := range c.keeps {
				if !strings.Contains(now, want) {
					t.Errorf("%q is not in\n%s", want, now)
				}
			}
			// What is current is not kept again, and the oldest is never replaced.
			spoil(t, path, strings.Replace(c.old, "\n", "\n# second\n", 1))
			if err := c.change(s); err != nil {
				t.Fatal(err)
			}
			if got := contents(t, path+".v0.bak"); got != c.old {
				t.Errorf("the oldest was replaced by\n%s", got)
			}
		})
	}
}

func TestNothingIsKeptWhereNothingIsReplacedByANewerForm(t *testing.T) {
	t.Parallel()
	s, dir := furnished(t)
	for _, change := range []error{
		s.PutSecret(t.Context(), model.SecretInfo{Name: "account/more", Where: model.WhereAsk}),
		s.SaveSettings(t.Context(), model.Settings{Theme: "none"}),
	} {
		if change != nil {
			t.Fatal(change)
		}
	}
	spoil(t, s.settingsPath(), "theme: light\n")
	restored(t, s, model.Backup{Settings: model.Settings{Theme: "dark"}}, model.RestoreSkip)
	for name := range all(t, dir) {
		if strings.HasSuffix(name, ".bak") {
			t.Errorf("%s was kept", name)
		}
	}
}

func TestAFormThatNobodyWroteIsRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, code string }{
		"newer":                  {"version: 2\nsecrets: []\n", "store.newer"},
		"far newer":              {"version: 99\n", "store.newer"},
		"below the first":        {"version: -1\nsecrets: []\n", "store.damaged"},
		"no number":              {"version: one\nsecrets: []\n", "store.damaged"},
		"a list":                 {"- name: account/x\n", "store.damaged"},
		"a reference of nowhere": {"secrets:\n  - name: bb_token\n", "store.damaged"},
		"one of an organisation": {"secrets:\n  - name: org.bb_token\n", "store.damaged"},
		"no secrets in the list": {"secrets: [1, 2]\n", "store.damaged"},
		"no list":                {"secrets: 5\n", "store.damaged"},
	} {
		s, dir := fresh(t)
		spoil(t, s.secretsPath(), c.text)
		_, err := s.Secrets(t.Context())
		wantProblem(t, err, c.code)
		wantProblem(t, s.PutSecret(t.Context(), model.SecretInfo{Name: "account/more"}), c.code)
		if files := all(t, dir); len(files) != 1 || files["data/secrets.yaml"] != c.text {
			t.Errorf("%s: %v", name, files)
		}
	}
}

// TestANewerFileOfEveryKindIsRefusedClearly writes one of each as a later program
// might, and does everything that would touch it.
func TestANewerFileOfEveryKindIsRefusedClearly(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file, text string
		do         map[string]func(*Store) error
	}{
		"settings": {"config/config.yaml", "version: 2\nlook: dark\n", map[string]func(*Store) error{
			"read":  func(s *Store) error { _, err := s.Settings(t.Context()); return err },
			"write": func(s *Store) error { return s.SaveSettings(t.Context(), model.Settings{Theme: "dark"}) },
			"trust": func(s *Store) error {
				return s.TrustAuthority(t.Context(), model.Authority{Host: "h.example.com", PEM: pemOf("x")})
			},
			"restore": func(s *Store) error {
				_, err := s.RestoreBackup(t.Context(), model.Backup{Settings: model.Settings{Theme: "dark"}}, model.RestoreReplace)
				return err
			},
			"snapshot": func(s *Store) error { _, _, err := s.Snapshot(t.Context()); return err },
		}},
		"a draft": {"state/drafts/d1.yaml", "version: 2\nanswers: {overview.name: x}\n", map[string]func(*Store) error{
			"write": func(s *Store) error {
				d := model.NewDraft()
				d.ID = "d1"
				_, err := s.SaveDraft(t.Context(), d)
				return err
			},
		}},
		"the past": {"state/undo.jsonl", `{"version":2,"key":"ledger","id":"ledger","steps":[]}` + "\n", map[string]func(*Store) error{
			"look": func(s *Store) error { _, _, err := s.LastChange(t.Context()); return err },
			"undo": func(s *Store) error { _, err := s.Undo(t.Context(), nil); return err },
		}},
		"tests": {"state/tests.jsonl", `{"version":2}` + "\n", map[string]func(*Store) error{
			"record": func(s *Store) error {
				return s.RecordTest(t.Context(), "ledger", model.TestRecord{Verdict: model.VerdictPass})
			},
		}},
		"the journal": {"state/migration.json", `{"version":2,"steps":[]}`, map[string]func(*Store) error{
			"read": func(s *Store) error { _, _, err := s.Migration(t.Context()); return err },
		}},
		"a document": {"data/connectors/newer.yaml", "", map[string]func(*Store) error{
			"read": func(s *Store) error { _, err := s.Get(t.Context(), "newer"); return err },
			"write": func(s *Store) error {
				_, err := s.Save(t.Context(), connector("newer", model.Scope{}), revision([]byte(contents(t, filepath.Join(s.connectorsDir(), "newer.yaml")))))
				return err
			},
		}},
	} {
		for what, do := range c.do {
			s, dir := fresh(t)
			put(t, s, connector("ledger", model.Scope{}))
			text := c.text
			if text == "" {
				data, err := document.Encode(connector("newer", model.Scope{}))
				if err != nil {
					t.Fatal(err)
				}
				text = string(data) + "x-bbconnect: {version: 2}\n"
			}
			path := filepath.Join(dir, filepath.FromSlash(c.file))
			spoil(t, path, text)
			p := wantProblem(t, do(s), "store.newer")
			if !strings.Contains(p.Fix, "Update bbconnect") {
				t.Errorf("%s, %s: %q", name, what, p.Fix)
			}
			put(t, s, connector("another", model.Scope{})) // others can be saved
			if contents(t, path) != text {
				t.Errorf("%s, %s: the file was changed", name, what)
			}
		}
	}
}

func TestAJournalThatSaysNothingIsNotAMigration(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"{}", "null", `{"version":0,"members":[]}`} {
		s, _ := fresh(t)
		spoil(t, s.migrationPath(), text)
		_, ok, err := s.Migration(t.Context())
		if wantProblem(t, err, "store.damaged"); ok {
			t.Errorf("%s is a migration", text)
		}
	}
}

// TestFilesOfTheFirstBuildsAreReadAsTheyWere has them as the first builds wrote
// them: fewer keys, the same meaning.
func TestFilesOfTheFirstBuildsAreReadAsTheyWere(t *testing.T) {
	t.Parallel()
	s, dir := fresh(t)
	put(t, s, connector("ledger", model.Scope{}))
	spoil(t, s.secretsPath(), "# What is known of each secret. The values are in the keystore, never here.\nversion: 1\nsecrets:\n  - name: account/bb_token\n    type: text\n    kind: api-token\n    where: keyring\n    created: \"2026-11-22T10:00:00Z\"\n    expires: \"2027-11-21\"\n")
	spoil(t, s.settingsPath(), "# Settings of bbconnect.\nversion: 1\nkeystore: keyring\n")
	spoil(t, s.testsPath(), firstLine+`{"key":"ledger","verdict":"fail","at":"2026-11-22T10:00:00Z","code":"cred.rejected","what":"No."}`+"\n")
	spoil(t, filepath.Join(s.draftsDir(), "draft_a.yaml"), "version: 1\nsavedAt: 2026-11-22T10:00:00Z\nanswers:\n  overview.name: Stock\n")
	spoil(t, filepath.Join(s.draftsDir(), "draft_b.yaml"), "savedAt: 2026-11-22T09:00:00Z\nanswers:\n  overview.name: By hand\n")
	spoil(t, filepath.Join(s.draftsDir(), "draft_c.yaml"), "{}\n")
	spoil(t, filepath.Join(s.draftsDir(), "draft_d.yaml"), "")
	if infos, err := s.Secrets(t.Context()); err != nil || len(infos) != 1 || infos[0].Length != 0 || infos[0].Kind != model.KindAPIToken {
		t.Errorf("%v %v", infos, err)
	}
	if settings, err := s.Settings(t.Context()); err != nil || settings.Keystore != model.WhereKeyring {
		t.Errorf("%v %v", settings, err)
	}
	if saved, err := s.Get(t.Context(), "ledger"); err != nil || saved.LastTest == nil || saved.LastTest.Code != "cred.rejected" {
		t.Errorf("%v %v", saved.LastTest, err)
	}
	drafts, err := s.Drafts(t.Context())
	if err != nil || len(drafts) != 2 || drafts[1].Draft.Answer(model.QName) != "By hand" {
		t.Errorf("%v %v", drafts, err)
	}
	for name := range all(t, dir) {
		if strings.HasSuffix(name, ".bak") {
			t.Errorf("%s was kept", name)
		}
	}
}

func TestADocumentWithoutItsVersionGetsItWithTheFirstChange(t *testing.T) {
	t.Parallel()
	s, _ := fresh(t)
	data, err := document.Encode(connector("ledger", model.Scope{}))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(s.connectorsDir(), "ledger.yaml")
	old := string(data) + "x-bbconnect:\n  # ours\n  caFile: /ca.pem\n"
	spoil(t, path, old)
	saved, err := s.Get(t.Context(), "ledger")
	if err != nil || saved.Connector.CAFile != "/ca.pem" {
		t.Fatal(saved, err)
	}
	if saved, err = s.Save(t.Context(), saved.Connector, saved.Revision); err != nil || contents(t, path) != old {
		t.Fatalf("nothing was changed, and the file was: %v", err)
	}
	saved.Connector.Description = "new"
	if saved, err = s.Save(t.Context(), saved.Connector, saved.Revision); err != nil {
		t.Fatal(err)
	}
	now := contents(t, path)
	if contents(t, path+".v0.bak") != old || !strings.Contains(now, "version: 1") || !strings.Contains(now, "# ours") || saved.Connector.CAFile != "/ca.pem" {
		t.Errorf("it became\n%s", now)
	}
	if list, damaged, err := s.List(t.Context()); err != nil || len(list) != 1 || len(damaged) != 0 {
		t.Errorf("%v %v %v", list, damaged, err)
	}
}

// TestEveryStepLeadsToTheNextVersion holds of all formats, whatever is added to
// them.
func TestEveryStepLeadsToTheNextVersion(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]format{"secrets": secretsFormat(), "settings": settingsFormat(), "draft": draftFormat()} {
		for from := range f.version() {
			path := filepath.Join(t.TempDir(), "file.yaml")
			spoil(t, path, fmt.Sprintf("version: %d\nsomething: {else: 1}\n", from))
			var out map[string]any
			old, err := readYAML(path, f, &out)
			text, _ := json.Marshal(out)
			if err != nil || old != from || out["version"] != f.version() || !strings.Contains(string(text), `"else":1`) {
				t.Errorf("%s from version %d: %d, %v, %s", name, from, old, err, text)
			}
		}
	}
}
