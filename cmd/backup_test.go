package cmd

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"filippo.io/age"

	"bbconnect/model"
)

// backupKeys are a key file and its public half.
func backupKeys(t *testing.T, p *place) (file, public string) {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return p.write("key.txt", "# for a test\n"+key.String()+"\n"), key.Recipient().String()
}

// fullPlace has connectors, secrets, a host key, a certificate and settings.
func fullPlace(t *testing.T) *place {
	t.Helper()
	p := newPaymentsPlace(t)
	p.env["OTHER"] = token("oT6")
	p.must("", "copy", "Payments", "Other")
	p.must("", "secret", "set", "account.spare", "--from", "env:OTHER", "--expires", "2027-11-21")
	put := func(name, text string) {
		path := filepath.Join(p.home, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("config/known_hosts", "# SSH host keys accepted in bbconnect, in the format of OpenSSH's known_hosts.\nbb.example.com ssh-ed25519 AAAAC3Nza\n")
	return p
}

// kept is everything that a backup carries, from what a place says of itself.
func (p *place) kept() map[string]string {
	out := map[string]string{}
	for name, text := range p.files() {
		if strings.HasPrefix(name, "data/connectors/") || name == "config/known_hosts" {
			out[name] = text
		}
	}
	for _, info := range p.secrets() {
		value, err := p.keys.Get(p.t.Context(), info.Name)
		if err != nil {
			value = model.NewSecret("none")
		}
		out["secret "+string(info.Name)] = value.Reveal() + info.Expires.String() + string(info.Kind) + info.Username + info.Email
	}
	return out
}

// secrets are what the machine knows of its secrets.
func (p *place) secrets() []model.SecretInfo {
	p.t.Helper()
	a := newTestApp(strings.NewReader(""), &safeBuffer{}, &safeBuffer{})
	p.wire(a)
	if err := a.connect(); err != nil {
		p.t.Fatal(err)
	}
	infos, err := a.store.Secrets(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	return infos
}

func TestABackupMovesEverythingToAnotherMachine(t *testing.T) {
	t.Parallel()
	from := fullPlace(t)
	key, public := backupKeys(t, from)
	for name, c := range map[string]struct{ create, restore []string }{
		"with a passphrase": {[]string{"--passphrase-from", "env:PHRASE"}, []string{"--passphrase-from", "env:PHRASE"}},
		"with a key":        {[]string{"--recipient", public}, []string{"--identity", key}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from := fullPlace(t)
			from.env["PHRASE"] = "correct horse battery"
			file := filepath.Join(t.TempDir(), "bb.age")
			s := from.must("", append([]string{"backup", "create", file}, c.create...)...)
			contains(t, "the command", s.err, "✓ Wrote", "2 connectors, 2 secrets (2 with their value), 1 host key", "bbconnect backup restore")
			if info, err := os.Stat(file); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
				t.Errorf("the file is %v, %v", info, err)
			}
			to := newPlace(t)
			to.env["PHRASE"] = from.env["PHRASE"]
			s = to.must("", append([]string{"backup", "restore", file, "--dry-run"}, c.restore...)...)
			contains(t, "the dry run", s.out, "connector Payments: new", "secret account/spare: new", "host key bb.example.com: new")
			if len(to.kept()) > 0 {
				t.Errorf("the dry run restores: %v", to.kept())
			}
			s = to.must("", append([]string{"backup", "restore", file}, c.restore...)...)
			contains(t, "the command", s.err, "✓ Restored", "2 values among them", "bbconnect test --all")
			if want, got := from.kept(), to.kept(); !maps.Equal(want, got) {
				t.Errorf("restored\n%v\nwant\n%v", got, want)
			}
			to.must("", "test", "--all")
			s = to.must("", append([]string{"backup", "restore", file}, c.restore...)...)
			contains(t, "restoring again", s.err, "Restored 0 of 6, no value among them; 6 here already")
		})
	}
}

func TestABackupIsNeverWrittenOverAFileUnasked(t *testing.T) {
	t.Parallel()
	p := fullPlace(t)
	_, public := backupKeys(t, p)
	file := p.write("there.age", "mine")
	if s := p.run("", "backup", "create", file, "--recipient", public); s.code != exitUsage || !strings.Contains(s.err, "--force") {
		t.Errorf("exits %d: %s", s.code, s.err)
	}
	if data, _ := os.ReadFile(file); string(data) != "mine" {
		t.Error("the file was replaced")
	}
	p.must("", "backup", "create", file, "--recipient", public, "--force", "--dry-run")
	if data, _ := os.ReadFile(file); string(data) != "mine" {
		t.Error("a dry run replaced the file")
	}
	p.must("", "backup", "create", file, "--recipient", public, "--force")
	if data, _ := os.ReadFile(file); !strings.HasPrefix(string(data), "age-encryption.org/v1") {
		t.Errorf("it is no age file: %.40q", data)
	}
	if left, _ := os.ReadDir(filepath.Dir(file)); len(left) != 1 {
		t.Errorf("beside it lie %v", left)
	}
}

// differing is a machine with another Payments, another value of spare, and none of
// the rest.
func differing(t *testing.T) *place {
	t.Helper()
	p := newPaymentsPlace(t)
	p.env["OTHER"] = token("zZ3")
	p.must("", "edit", "Payments", "--yes", "--set", "overview.description=mine")
	p.must("", "secret", "set", "account.spare", "--from", "env:OTHER", "--expires", "2027-11-21")
	return p
}

func TestWhatDiffersIsNeverOverwrittenUnasked(t *testing.T) {
	t.Parallel()
	from := fullPlace(t)
	key, public := backupKeys(t, from)
	file := filepath.Join(t.TempDir(), "bb.age")
	from.must("", "backup", "create", file, "--recipient", public)
	restore := []string{"backup", "restore", file, "--identity", key}

	to := differing(t)
	before := to.everything()
	s := to.run("", restore...)
	if s.code != exitConflict || !maps.Equal(before, to.everything()) {
		t.Errorf("exits %d, changed: %t\n%s", s.code, !maps.Equal(before, to.everything()), s.err)
	}
	contains(t, "the error", s.err, "2 things are here already and differ from the backup: connector Payments, secret account/spare. (store.conflict)", "--replace takes", "--skip keeps")
	if s := to.run("", append(restore, "--dry-run")...); s.code != exitConflict || !strings.Contains(s.out, "connector Payments: differs") || !strings.Contains(s.out, "connector Other: new") {
		t.Errorf("the dry run exits %d: %s%s", s.code, s.out, s.err)
	}
	var view restoredJSON
	if s := to.run("", append(restore, "--dry-run", "--json")...); s.code != exitConflict || json.Unmarshal([]byte(s.out), &view) != nil || view.Differs != 2 || view.New != 2 || view.Restored {
		t.Errorf("as JSON: exits %d, %+v\n%s", s.code, view, s.out)
	}

	to.must("", append(restore, "--skip")...)
	now := to.everything()
	for name, text := range before {
		if now[name] != text && !strings.HasPrefix(name, "data/secrets.yaml") && !strings.HasSuffix(name, "undo.jsonl") {
			t.Errorf("--skip changes %s", name)
		}
	}
	if _, there := to.files()["data/connectors/Other.yaml"]; !there {
		t.Error("--skip does not add what is new")
	}

	to = differing(t)
	to.must("", append(restore, "--replace")...)
	if want, got := from.kept(), to.kept(); !maps.Equal(want, got) {
		t.Errorf("--replace leaves\n%v\nwant\n%v", got, want)
	}
	to.must("", "undo")
	to.must("", "undo")
	if text := to.files()["data/connectors/Payments.yaml"]; !strings.Contains(text, "mine") {
		t.Errorf("what was replaced cannot be taken back:\n%s", text)
	}
}

func TestAMissingValueIsNamedUnlessItMayBeMissing(t *testing.T) {
	t.Parallel()
	p := fullPlace(t)
	key, public := backupKeys(t, p)
	if err := p.keys.Delete(t.Context(), "account/spare"); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "bb.age")
	create := []string{"backup", "create", file, "--recipient", public}
	s := p.run("", create...)
	contains(t, "the error", s.err, "The keystore no longer holds account.spare. (cred.missing)", "--without-values")
	if _, err := os.Stat(file); err == nil || s.code != exitFailed {
		t.Errorf("exits %d, and the file is there: %t", s.code, err == nil)
	}
	var made createdJSON
	s = p.must("", append(create, "--without-values", "--json")...)
	if err := json.Unmarshal([]byte(s.out), &made); err != nil || made.Values != 1 || fmt.Sprint(made.Missing) != "[account.spare]" || !made.Written {
		t.Errorf("%v: %s", err, s.out)
	}
	to := newPlace(t)
	s = to.must("", "backup", "restore", file, "--identity", key)
	contains(t, "the restore", s.err, "! Without a value: account.spare. Store each: bbconnect secret set REF.")

	p.broken[model.WhereKeyring] = noKeyring()
	if s := p.run("", append(create, "--force")...); s.code != exitKeystore {
		t.Errorf("exits %d: %s", s.code, s.err)
	} else {
		contains(t, "the error", s.err, "The values of account.Payments_token, account.spare cannot be read. There is no session bus. (keystore.unavailable)", "--without-values")
	}
	s = p.must("", append(create, "--force", "--without-values=all", "--json")...)
	if err := json.Unmarshal([]byte(s.out), &made); err != nil || made.Values != 0 || len(made.Missing) != 2 {
		t.Errorf("%v: %s", err, s.out)
	}
}

func TestABackupThatDoesNotOpenChangesNothing(t *testing.T) {
	t.Parallel()
	from := fullPlace(t)
	from.env["PHRASE"], from.env["WRONG"] = "correct horse battery", "wrong horse"
	key, public := backupKeys(t, from)
	locked, forKey := filepath.Join(t.TempDir(), "a.age"), filepath.Join(t.TempDir(), "b.age")
	from.must("", "backup", "create", locked, "--passphrase-from", "env:PHRASE")
	from.must("", "backup", "create", forKey, "--recipient", public)
	whole, err := os.ReadFile(forKey)
	if err != nil {
		t.Fatal(err)
	}
	short, other := from.write("short.age", string(whole[:len(whole)/2])), from.write("other.age", "PK nothing")
	for name, c := range map[string]struct {
		args  []string
		exit  int
		words string
	}{
		"a wrong passphrase":   {[]string{locked, "--passphrase-from", "env:WRONG"}, exitFailed, "The passphrase does not open the backup. (backup.key)"},
		"no passphrase":        {[]string{locked}, exitUsage, "--passphrase-from env:NAME"},
		"the wrong kind":       {[]string{forKey}, exitFailed, "--identity FILE"},
		"a key for the other":  {[]string{locked, "--identity", key}, exitFailed, "Leave --identity out"},
		"half of a file":       {[]string{short, "--identity", key}, exitFailed, "(store.damaged)"},
		"another file":         {[]string{other}, exitFailed, "(store.damaged)"},
		"no file":              {[]string{"nosuch.age"}, exitUsage, "There is no file nosuch.age."},
		"a folder":             {[]string{t.TempDir()}, exitUsage, "cannot be read"},
		"two ways":             {[]string{forKey, "--replace", "--skip"}, exitUsage, "--replace and --skip"},
		"two keys":             {[]string{forKey, "--identity", key, "--passphrase-from", "env:PHRASE"}, exitUsage, "exclude"},
		"a place that is none": {[]string{forKey, "--identity", key, "--keystore", "ask"}, exitUsage, "keyring or vault"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			to := newPlace(t)
			maps.Copy(to.env, map[string]string{"PHRASE": "correct horse battery", "WRONG": "wrong horse"})
			s := to.run("", append([]string{"backup", "restore"}, c.args...)...)
			if s.code != c.exit {
				t.Errorf("exits %d, want %d", s.code, c.exit)
			}
			contains(t, "the error", s.err, c.words)
			if len(to.kept()) > 0 {
				t.Errorf("something was restored: %v", to.kept())
			}
		})
	}
}

func TestValuesGoToTheVaultWhereThereIsNoKeyring(t *testing.T) {
	t.Parallel()
	from := fullPlace(t)
	key, public := backupKeys(t, from)
	file := filepath.Join(t.TempDir(), "bb.age")
	from.must("", "backup", "create", file, "--recipient", public)
	to := newPlace(t)
	inVault(t, to)
	to.must("", "backup", "restore", file, "--identity", key, "--keystore", "vault")
	for _, info := range to.secrets() {
		if info.Where != model.WhereVault {
			t.Errorf("%s is looked for in the %s", info.Name, info.Where)
		}
	}
	to.must("", "secret", "verify", "--all")
	if s := to.must("", "list", "--json"); !strings.Contains(s.out, "Payments") {
		t.Error(s.out)
	}
	if !strings.Contains(to.files()["config/config.yaml"], "keystore: vault") {
		t.Errorf("the vault is not the place for new secrets:\n%s", to.files()["config/config.yaml"])
	}
	// And from the vault back into a keyring.
	again := filepath.Join(t.TempDir(), "again.age")
	to.must("", "backup", "create", again, "--recipient", public)
	back := newPlace(t)
	back.must("", "backup", "restore", again, "--identity", key, "--keystore", "keyring")
	if want, got := from.kept(), back.kept(); !maps.Equal(want, got) {
		t.Errorf("there and back\n%v\nwant\n%v", got, want)
	}
}

func TestThePassphraseOfABackupIsAskedTwice(t *testing.T) {
	t.Parallel()
	p := fullPlace(t)
	file := filepath.Join(t.TempDir(), "bb.age")
	s := p.run("\none\ntwo\nhorse battery\nhorse battery\n", "backup", "create", file)
	if s.code != exitUsage {
		t.Errorf("without a terminal it exits %d", s.code)
	}
	p.tune = func(a *app) { a.askLines = true }
	s = p.must("\none\ntwo\nhorse battery\nhorse battery\n", "backup", "create", file)
	contains(t, "the prompts", s.err, "Choose a passphrase for the backup", "an empty passphrase would protect nothing", "The two differ.", "✓ Wrote")
	p.tune = nil
	plain := p.must("horse battery\nhorse battery\n", "backup", "create", file, "--plain", "--force")
	contains(t, "the plain prompts", plain.err, "Choose a passphrase for the backup: ", "ok: Wrote")
	to := newPlace(t)
	to.tune = func(a *app) { a.askLines = true }
	s = to.run("one\ntwo\nthree\n", "backup", "restore", file)
	if s.code != exitFailed || strings.Count(s.err, "Passphrase of the backup") != 3 {
		t.Errorf("exits %d: %s", s.code, s.err)
	}
	to.must("one\nhorse battery\n", "backup", "restore", file)
}

func TestNoSecretLeavesABackupOpen(t *testing.T) {
	t.Parallel()
	canary := token("Zq9")
	p := newPlace(t)
	p.env["BB_TOKEN"], p.env["PHRASE"] = canary, "phrase nobody "+strings.Repeat("Vp4", 8)
	p.must("", payments()...)
	key, public := backupKeys(t, p)
	secretHalf := strings.Fields(strings.Split(p.readFile(key), "\n")[1])[0]
	var printed strings.Builder
	run := func(on *place, args ...string) {
		s := on.run("", args...)
		printed.WriteString(strings.Join(args, " ") + s.out + s.err)
	}
	to := newPlace(t)
	to.env["PHRASE"] = p.env["PHRASE"]
	a, b := filepath.Join(p.home, "a.age"), filepath.Join(p.home, "b.age")
	for _, more := range [][]string{nil, {"--json"}, {"--dry-run"}} {
		run(p, append([]string{"backup", "create", a, "--force", "--passphrase-from", "env:PHRASE"}, more...)...)
		run(p, append([]string{"backup", "create", b, "--force", "--recipient", public}, more...)...)
		run(p, append([]string{"backup", "create", filepath.Join(p.home, "c.age"), "--recipient", secretHalf}, more...)...)
		run(p, append([]string{"backup", "create", filepath.Join(p.home, "d.age"), "--passphrase-from", p.env["PHRASE"]}, more...)...)
		run(to, append([]string{"backup", "restore", a, "--passphrase-from", "env:PHRASE"}, more...)...)
		run(to, append([]string{"backup", "restore", b, "--identity", key, "--replace"}, more...)...)
		run(to, append([]string{"backup", "restore", b, "--identity", a}, more...)...)
		run(to, append([]string{"backup", "restore", a, "--identity", key}, more...)...)
	}
	for _, secret := range []string{canary, p.env["PHRASE"][14:], secretHalf[20:]} {
		said := strings.ReplaceAll(strings.ReplaceAll(printed.String(), "--passphrase-from "+p.env["PHRASE"], ""), "--recipient "+secretHalf, "")
		noLeak(t, p, said, secret)
		noLeak(t, to, said, secret)
	}
}

// readFile is a file outside of the machine's folders.
func (p *place) readFile(path string) string {
	p.t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(data)
}

func TestNoBackupIsMadeBesideAnUnfinishedMigration(t *testing.T) {
	t.Parallel()
	p := fullPlace(t)
	key, public := backupKeys(t, p)
	file := filepath.Join(t.TempDir(), "bb.age")
	p.must("", "backup", "create", file, "--recipient", public)
	p.env["NEW"] = token("nW2")
	p.must("", "secret", "rotate", "account.Payments_token", "--from", "env:NEW", "--yes")
	for _, args := range [][]string{{"backup", "create", file + "2", "--recipient", public}, {"backup", "restore", file, "--identity", key}, {"backup", "restore", file, "--identity", key, "--dry-run"}} {
		if s := p.run("", args...); s.code != exitFailed || !strings.Contains(s.err, "(migration.unfinished)") || !strings.Contains(s.err, "--confirm") {
			t.Errorf("%v exits %d: %s", args, s.code, s.err)
		}
	}
}

func TestACommandThatComesWithABackupIsSaid(t *testing.T) {
	t.Parallel()
	from := fullPlace(t)
	path := filepath.Join(from.home, "config", "config.yaml")
	text := from.readFile(path) + "secretCommand: pass show {name}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	file, key := from.backedUp()
	to := newPlace(t)
	for _, more := range [][]string{{"--dry-run"}, nil} {
		s := to.must("", append([]string{"backup", "restore", file, "--identity", key}, more...)...)
		contains(t, "the restore", s.err, "! The backup brings a command that is run wherever a secret is kept by a command: pass show {name}.")
	}
	if s := to.must("", "backup", "restore", file, "--identity", key); strings.Contains(s.err, "brings a command") {
		t.Errorf("it is said of what is here already: %s", s.err)
	}
}
