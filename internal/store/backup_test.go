package store

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/pem"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bbconnect/internal/document"
	"bbconnect/model"
)

// pemOf is a PEM block that differs by its seed; nobody here looks inside.
func pemOf(seed string) string {
	sum := sha256.Sum256([]byte(seed))
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: sum[:]}))
}

// furnished is a store with something of everything, and its folder.
func furnished(t *testing.T) (*Store, string) {
	t.Helper()
	s, dir := fresh(t)
	put(t, s, connector("pay", model.Scope{}))
	put(t, s, connector("pay", model.Scope{Org: "org", Project: "prj"}))
	own := connector("own", model.Scope{Org: "org"})
	own.URL, own.CAFile = "https://bb.example.com/scm/PRJ/own.git", filepath.Join(dir, "mine.pem")
	spoil(t, own.CAFile, "a key that does not belong here\n"+pemOf("mine"))
	put(t, s, own)
	for _, name := range []model.SecretName{"account/bb_token", "org/org/x"} {
		info := model.SecretInfo{Name: name, Type: model.SecretText, Kind: model.KindAPIToken, Where: model.WhereKeyring, Created: time.Unix(1e9, 0).UTC(), Length: 30}
		if err := s.PutSecret(t.Context(), info); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.SaveSettings(t.Context(), model.Settings{Theme: "dark", Keystore: model.WhereKeyring}); err != nil {
		t.Fatal(err)
	}
	if err := s.TrustAuthority(t.Context(), model.Authority{Host: "ca.example.com", PEM: pemOf("ca")}); err != nil {
		t.Fatal(err)
	}
	if err := s.AcceptHostKey(t.Context(), model.HostKey{Line: "[bb.example.com]:7999 ssh-ed25519 AAAA"}); err != nil {
		t.Fatal(err)
	}
	return s, dir
}

func snapshot(t *testing.T, s *Store) model.Backup {
	t.Helper()
	b, leftOut, err := s.Snapshot(t.Context())
	if err != nil || len(leftOut) > 0 {
		t.Fatal(err, leftOut)
	}
	return b
}

func restored(t *testing.T, s *Store, b model.Backup, way model.RestoreWay) map[string]model.RestoreState {
	t.Helper()
	items, err := s.RestoreBackup(t.Context(), b, way)
	if err != nil {
		t.Fatal(err)
	}
	return states(items)
}

func states(items []model.RestoreItem) map[string]model.RestoreState {
	out := map[string]model.RestoreState{}
	for _, i := range items {
		out[string(i.Kind)+" "+i.Name] = i.State
	}
	return out
}

// all are the files below a folder, but for locks and what is only remembered.
func all(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasSuffix(path, ".lock") && !strings.Contains(path, "state") {
			name, _ := filepath.Rel(dir, path)
			out[filepath.ToSlash(name)] = contents(t, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestASnapshotIsEverythingButTheState(t *testing.T) {
	t.Parallel()
	s, dir := furnished(t)
	b := snapshot(t, s)
	var keys []string
	for _, c := range b.Connectors {
		keys = append(keys, c.Key)
		if file := contents(t, filepath.Join(s.connectorsDir(), filepath.FromSlash(c.Key)+extension)); file != string(c.Data) {
			t.Errorf("%s is not as it stands", c.Key)
		}
	}
	if !slices.Equal(keys, []string{"org/own", "org/prj/pay", "pay"}) || len(b.Secrets) != 2 || b.Settings.Theme != "dark" || !bytes.Contains(b.HostKeys, []byte("7999")) {
		t.Errorf("it has %v, %+v", keys, b)
	}
	var named []string
	for _, f := range b.Certificates {
		named = append(named, filepath.Base(f.Path))
		if bytes.Contains(f.Data, []byte("does not belong")) {
			t.Error("more than certificates is taken out of a file")
		}
	}
	if slices.Sort(named); !slices.Equal(named, []string{"ca-ca.example.com.pem", "mine.pem"}) {
		t.Errorf("certificates: %v", named)
	}
	spoil(t, filepath.Join(s.connectorsDir(), "broken.yaml"), "{")
	if err := os.Remove(filepath.Join(dir, "mine.pem")); err != nil {
		t.Fatal(err)
	}
	spoil(t, filepath.Join(s.connectorsDir(), "leaky.yaml"), strings.ReplaceAll(strings.ReplaceAll(contents(t, filepath.Join(s.connectorsDir(), "pay.yaml")), "pay", "leaky"), "https://", "https://jdoe:hunter2@"))
	_, leftOut, err := s.Snapshot(t.Context())
	if err != nil || len(leftOut) != 3 {
		t.Fatalf("%v, left out: %v", err, leftOut)
	}
	for _, d := range leftOut {
		if d.Problem == nil || d.Problem.Fix == "" {
			t.Errorf("%s is left out without a remedy", d.Path)
		}
	}
}

func TestARestoredMachineSaysTheSame(t *testing.T) {
	t.Parallel()
	from, _ := furnished(t)
	b := snapshot(t, from)
	to, dir := fresh(t)
	compared, err := to.CompareBackup(t.Context(), b)
	if err != nil || len(all(t, dir)) > 0 {
		t.Fatalf("comparing: %v, %v", err, all(t, dir))
	}
	first := restored(t, to, b, model.RestoreRefuse)
	if !maps.Equal(first, states(compared)) {
		t.Errorf("compared %v, restored %v", states(compared), first)
	}
	for name, state := range first {
		if state != model.RestoreNew {
			t.Errorf("%s is %s on an empty machine", name, state)
		}
	}
	once := all(t, dir)
	for name, state := range restored(t, to, b, model.RestoreRefuse) {
		if state != model.RestoreSame {
			t.Errorf("%s is %s when it was restored already", name, state)
		}
	}
	if !maps.Equal(once, all(t, dir)) {
		t.Error("restoring again changes files")
	}
	settings, err := to.Settings(t.Context())
	if err != nil || settings.Theme != "dark" || !strings.HasPrefix(settings.CAFiles["ca.example.com"], dir) && settings.CAFiles["ca.example.com"] == "" {
		t.Errorf("%v %+v", err, settings)
	}
	saved, damaged, err := to.List(t.Context())
	if err != nil || len(saved) != 3 || len(damaged) > 0 {
		t.Errorf("%v %v %v", saved, damaged, err)
	}
}

// moved is a backup whose files of certificates were on a machine that is not this
// one.
func moved(t *testing.T, s *Store, dir string) model.Backup {
	t.Helper()
	b := snapshot(t, s)
	elsewhere := func(path string) string { return strings.Replace(path, dir, filepath.Join(dir, "elsewhere"), 1) }
	for host, path := range b.Settings.CAFiles {
		b.Settings.CAFiles[host] = elsewhere(path)
	}
	for i := range b.Certificates {
		b.Certificates[i].Path = elsewhere(b.Certificates[i].Path)
	}
	for i, c := range b.Connectors {
		decoded, _, err := document.Decode(c.Data)
		if err != nil {
			t.Fatal(err)
		}
		if decoded.CAFile = elsewhere(decoded.CAFile); decoded.CAFile != "" {
			if b.Connectors[i].Data, err = document.Edit(c.Data, decoded); err != nil {
				t.Fatal(err)
			}
		}
	}
	return b
}

func TestCertificatesComeAlongToAnotherMachine(t *testing.T) {
	t.Parallel()
	from, dir := furnished(t)
	b := moved(t, from, dir)
	to, _ := fresh(t)
	restored(t, to, b, model.RestoreRefuse)
	settings, err := to.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if path := settings.CAFiles["ca.example.com"]; path != to.authorityPath("ca-ca.example.com.pem") || contents(t, path) != pemOf("ca") {
		t.Errorf("the host's certificates are in %q", path)
	}
	own, err := to.Get(t.Context(), "org/own")
	if err != nil {
		t.Fatal(err)
	}
	if path := own.Connector.CAFile; path != to.authorityPath("ca-bb.example.com.pem") || contents(t, path) != pemOf("mine") {
		t.Errorf("the connector's certificates are in %q", path)
	}
	// Lost certificates come back, although the documents are here.
	if err := os.Remove(own.Connector.CAFile); err != nil {
		t.Fatal(err)
	}
	if states := restored(t, to, b, model.RestoreRefuse); states["connector org/own"] != model.RestoreSame || contents(t, own.Connector.CAFile) != pemOf("mine") {
		t.Errorf("%v", states)
	}
}

func TestWhatDiffersIsRefusedKeptOrReplaced(t *testing.T) {
	t.Parallel()
	from, _ := furnished(t)
	b := snapshot(t, from)
	other := func(t *testing.T) (*Store, string) {
		s, dir := fresh(t)
		c := connector("pay", model.Scope{})
		c.Description = "another one"
		put(t, s, c)
		if err := s.PutSecret(t.Context(), model.SecretInfo{Name: "org/org/x", Type: model.SecretText, Kind: model.KindPassword, Where: model.WhereVault, Length: 30}); err != nil {
			t.Fatal(err)
		}
		if err := s.SaveSettings(t.Context(), model.Settings{Theme: "light"}); err != nil {
			t.Fatal(err)
		}
		if err := s.TrustAuthority(t.Context(), model.Authority{Host: "ca.example.com", PEM: pemOf("other")}); err != nil {
			t.Fatal(err)
		}
		if err := s.AcceptHostKey(t.Context(), model.HostKey{Line: "[bb.example.com]:7999,x ssh-ed25519 BBBB"}); err != nil {
			t.Fatal(err)
		}
		return s, dir
	}
	want := map[string]model.RestoreState{
		"connector pay": model.RestoreDiffers, "connector org/own": model.RestoreNew, "connector org/prj/pay": model.RestoreNew,
		"secret account/bb_token": model.RestoreNew, "secret org/org/x": model.RestoreDiffers, "setting theme": model.RestoreDiffers,
		"setting keystore": model.RestoreNew, "certificate ca.example.com": model.RestoreDiffers, "host-key [bb.example.com]:7999": model.RestoreDiffers,
	}
	s, dir := other(t)
	before := all(t, dir)
	items, err := s.RestoreBackup(t.Context(), b, model.RestoreRefuse)
	p := wantProblem(t, err, "store.conflict")
	if !strings.Contains(p.What, "2 things") || !maps.Equal(states(items), want) || !maps.Equal(before, all(t, dir)) {
		t.Errorf("%s\n%v, changed: %t", p.What, states(items), !maps.Equal(before, all(t, dir)))
	}

	restored(t, s, b, model.RestoreSkip)
	now := all(t, dir)
	if now["data/connectors/pay.yaml"] != before["data/connectors/pay.yaml"] || now["config/known_hosts"] != before["config/known_hosts"] || now["data/connectors/org/own.yaml"] == "" {
		t.Error("--skip does not keep what is here, or does not add what is new")
	}
	if settings, _ := s.Settings(t.Context()); settings.Theme != "light" || settings.Keystore != model.WhereKeyring {
		t.Errorf("%+v", settings)
	}

	s, dir = other(t)
	restored(t, s, b, model.RestoreReplace)
	settings, _ := s.Settings(t.Context())
	if bundle := contents(t, settings.CAFiles["ca.example.com"]); settings.Theme != "dark" || !strings.Contains(bundle, pemOf("ca")) {
		t.Errorf("%+v\n%s", settings, bundle)
	}
	hosts := all(t, dir)["config/known_hosts"]
	if !strings.Contains(hosts, "[bb.example.com]:7999 ssh-ed25519 AAAA\n") || !strings.Contains(hosts, "x ssh-ed25519 BBBB\n") || strings.Contains(hosts, "7999,x") {
		t.Errorf("host keys:\n%s", hosts)
	}
	if again := snapshot(t, s); !slices.EqualFunc(again.Connectors, b.Connectors, func(a, b model.BackupDocument) bool { return bytes.Equal(a.Data, b.Data) }) {
		t.Error("--replace does not leave the documents of the backup")
	}
	for range 3 {
		if _, err := s.Undo(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	if saved, err := s.Get(t.Context(), "pay"); err != nil || saved.Connector.Description != "another one" {
		t.Errorf("undo leaves %q, %v", saved.Connector.Description, err)
	}
}

func TestAHostileBackupWritesNothing(t *testing.T) {
	t.Parallel()
	from, _ := furnished(t)
	good := snapshot(t, from).Connectors[2]
	for name, d := range map[string]model.BackupDocument{
		"a path upwards":           {Key: "../../pay", Data: good.Data},
		"a path of its own":        {Key: "/etc/pay", Data: good.Data},
		"too many parts":           {Key: "a/b/c/d", Data: good.Data},
		"no name":                  {Key: "", Data: good.Data},
		"a device":                 {Key: "con", Data: bytes.ReplaceAll(good.Data, []byte("pay"), []byte("con"))},
		"another connector's name": {Key: "other", Data: good.Data},
		"no document":              {Key: "pay", Data: []byte("{")},
		"a credential":             {Key: "pay", Data: bytes.ReplaceAll(good.Data, []byte("https://"), []byte("https://jdoe:hunter2@"))},
	} {
		s, dir := fresh(t)
		_, err := s.RestoreBackup(t.Context(), model.Backup{Connectors: []model.BackupDocument{good, d}}, model.RestoreReplace)
		wantProblem(t, err, "store.damaged")
		if left := all(t, dir); len(left) > 0 {
			t.Errorf("%s: %v was written", name, left)
		}
	}
	s, _ := fresh(t)
	_, err := s.RestoreBackup(t.Context(), model.Backup{Connectors: []model.BackupDocument{good, good}}, model.RestoreReplace)
	wantProblem(t, err, "store.damaged")
}

func TestHostKeysJoinThoseThatAreKnown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ here, backup, want string }{
		"none here":               {"", "a ssh-rsa K\n", hostsComment + "a ssh-rsa K\n"},
		"none in the backup":      {"a ssh-rsa K\n", "# only a comment\n\n", "a ssh-rsa K\n"},
		"another comment":         {"a ssh-rsa K mine\n", "a ssh-rsa K theirs\n", "a ssh-rsa K mine\n"},
		"another type":            {"a ssh-rsa K\n", "a ssh-ed25519 L\n", "a ssh-rsa K\na ssh-ed25519 L\n"},
		"another key":             {"a ssh-rsa K\n", "a ssh-rsa L\n", "a ssh-rsa K\n"},
		"one host more":           {"a ssh-rsa K\n", "a,b ssh-rsa K\n", "a ssh-rsa K\na,b ssh-rsa K\n"},
		"spread over lines":       {"a ssh-rsa K\nb ssh-rsa K\n", "a,b ssh-rsa K\n", "a ssh-rsa K\nb ssh-rsa K\n"},
		"a hashed host":           {"|1|x|y ssh-rsa K\n", "|1|x|y ssh-rsa K\n|1|z|y ssh-rsa K\n", "|1|x|y ssh-rsa K\n|1|z|y ssh-rsa K\n"},
		"a marker":                {"", "@cert-authority *.x ssh-rsa K\n", hostsComment + "@cert-authority *.x ssh-rsa K\n"},
		"no line end here":        {"a ssh-rsa K", "b ssh-rsa K", "a ssh-rsa K\nb ssh-rsa K\n"},
		"nonsense and escapes":    {"", "a\nb c\nx ssh-rsa \x1b[2JK\n", ""},
		"the same, no line end":   {"a ssh-rsa K", "a ssh-rsa K", "a ssh-rsa K"},
		"a line of another world": {"", "a ssh-rsa K\r\n", hostsComment + "a ssh-rsa K\n"},
	} {
		s, _ := fresh(t)
		if c.here != "" {
			spoil(t, s.hostsPath(), c.here)
		}
		restored(t, s, model.Backup{HostKeys: []byte(c.backup)}, model.RestoreSkip)
		now, err := s.KnownHosts(t.Context())
		if err != nil || string(now) != c.want {
			t.Errorf("%s: %q, want %q (%v)", name, now, c.want, err)
		}
	}
}

func TestThousandsOfConnectorsAreRestored(t *testing.T) {
	t.Parallel()
	const n = 1500
	b := model.Backup{}
	for i := range n {
		data, err := document.Encode(connector(fmt.Sprintf("c%d", i), model.Scope{}))
		if err != nil {
			t.Fatal(err)
		}
		b.Connectors = append(b.Connectors, model.BackupDocument{Key: fmt.Sprintf("c%d", i), Data: data})
	}
	s, _ := fresh(t)
	restored(t, s, b, model.RestoreRefuse)
	if count, err := s.Count(t.Context()); err != nil || count != n {
		t.Errorf("%d, %v", count, err)
	}
}

// restoredHome makes this test binary a process that restores a backup and takes it
// away again, until it is killed.
const restoredHome = "BBCONNECT_TEST_RESTORES_IN"

// manyParts is a backup of connectors, secrets and host keys.
func manyParts() model.Backup {
	b := model.Backup{HostKeys: []byte("a ssh-rsa K\n"), Settings: model.Settings{Theme: "dark"}}
	for i := range 30 {
		c := connector(fmt.Sprintf("c%d", i), model.Scope{})
		c.Description = wholeText(i)
		data, err := document.Encode(c)
		if err != nil {
			panic(err) // a connector of ours is always written
		}
		b.Connectors = append(b.Connectors, model.BackupDocument{Key: c.ID, Data: data})
		b.Secrets = append(b.Secrets, model.BackupSecret{Info: model.SecretInfo{Name: model.SecretName("account/" + c.ID), Type: model.SecretText, Where: model.WhereAsk}})
	}
	return b
}

func restoreForEver(home string) {
	b, ctx := manyParts(), context.Background()
	fmt.Println("begun")
	for {
		if _, err := Open(killFolders(home)).RestoreBackup(ctx, b, model.RestoreRefuse); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		_ = os.RemoveAll(filepath.Join(home, "data", "connectors"))
		_ = os.Remove(filepath.Join(home, "data", "secrets.yaml"))
	}
}

// TestAKilledRestoreIsDoneAgainWhateverItLeft kills processes that restore, at
// moments of chance, and restores what they have left.
func TestAKilledRestoreIsDoneAgainWhateverItLeft(t *testing.T) {
	t.Parallel()
	b, dice := manyParts(), rand.New(rand.NewPCG(5, 6))
	for round := range 20 {
		home := t.TempDir()
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), restoredHome+"="+home)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if lines := bufio.NewScanner(out); !lines.Scan() || lines.Text() != "begun" {
			t.Fatalf("it says %q", lines.Text())
		}
		<-time.After(time.Duration(dice.IntN(20_000)) * time.Microsecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		s := Open(killFolders(home))
		left, err := s.Count(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.RestoreBackup(t.Context(), b, model.RestoreRefuse); err != nil {
			t.Fatalf("round %d, %d connectors were left: %v", round, left, err)
		}
		isRestored(t, s, b)
	}
}

// isRestored compares what is kept with a backup.
func isRestored(t *testing.T, s *Store, b model.Backup) {
	t.Helper()
	saved, damaged, err := s.List(t.Context())
	if err != nil || len(damaged) > 0 || len(saved) != len(b.Connectors) {
		t.Fatalf("%d connectors, damaged %v, %v", len(saved), damaged, err)
	}
	for _, d := range b.Connectors {
		if now := contents(t, filepath.Join(s.connectorsDir(), d.Key+extension)); now != string(d.Data) {
			t.Fatalf("%s is not as in the backup", d.Key)
		}
	}
	if infos, err := s.Secrets(t.Context()); err != nil || len(infos) != len(b.Secrets) {
		t.Fatalf("%d secrets, %v", len(infos), err)
	}
}

// TestARestoreKilledBetweenAnyTwoFilesIsDoneAgain puts the first of the files in
// their places, as a kill would leave them, for every number of them.
func TestARestoreKilledBetweenAnyTwoFilesIsDoneAgain(t *testing.T) {
	t.Parallel()
	b := manyParts()
	for n := 0; ; n++ {
		s := Open(killFolders(t.TempDir()))
		r, err := s.restoring(t.Context(), b, model.RestoreRefuse)
		if err != nil {
			t.Fatal(err)
		}
		if n > len(r.files) {
			if len(r.files) != len(b.Connectors)+3 {
				t.Errorf("%d files", len(r.files))
			}
			return
		}
		for _, f := range r.files[:n] {
			spoil(t, f.Path, string(f.Data))
		}
		// No document is there before what it refers to is.
		if left, err := s.Count(t.Context()); err != nil || left > 0 && n < 4 {
			t.Fatalf("%d of the first %d files are documents, %v", left, n, err)
		}
		if _, err := s.RestoreBackup(t.Context(), b, model.RestoreRefuse); err != nil {
			t.Fatalf("after %d files: %v", n, err)
		}
		isRestored(t, s, b)
	}
}
