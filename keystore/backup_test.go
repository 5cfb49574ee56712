package keystore

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"bbconnect/model"
)

// fullBackup has something of everything, values with every kind of byte among it.
func fullBackup() model.Backup {
	day := time.Date(2027, 11, 21, 0, 0, 0, 0, time.UTC)
	return model.Backup{
		Created: day.AddDate(-1, 0, 0), Program: "bbconnect v1.2.3",
		Connectors: []model.BackupDocument{{Key: "pay", Data: []byte("connector:\n  name: Zahlung ü <&>\n")}, {Key: "org/prj/pay", Data: []byte("# comment\n")}},
		Secrets: []model.BackupSecret{
			{Info: model.SecretInfo{
				Name: "account/pay", Type: model.SecretText, Kind: model.KindAPIToken, Where: model.WhereKeyring, Username: "jdoe", Email: "jdoe@example.com",
				Host: "bitbucket.org", Created: day, Expires: day, Length: 9,
			}, Value: model.NewSecret("value\x00\xff\n")},
			{Info: model.SecretInfo{Name: "project/org/prj/key", Type: model.SecretSSHKey, File: "project/org/prj/file", Passphrase: "account/pay", Where: model.WhereAsk}},
		},
		Settings: model.Settings{Theme: "dark", Mouse: "off", Keystore: model.WhereVault, SecretCommand: "pass {name}", CAFiles: map[string]string{"bb.example.com": "/ca.pem"}},
		HostKeys: []byte("bb.example.com ssh-ed25519 AAAA\n"), Certificates: []model.BackupFile{{Path: "/ca.pem", Data: []byte("PEM\n")}},
	}
}

// phrase is a lock that costs no time.
func phrase(text string) BackupLock { return BackupLock{Passphrase: model.NewSecret(text), Work: 5} }

func mustSeal(t testing.TB, b model.Backup, lock BackupLock) []byte {
	t.Helper()
	data, err := SealBackup(b, lock)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// keyFile is a new key: the text of its file, and its public half.
func keyFile(t testing.TB) (model.Secret, string) {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return model.NewSecret("# made for a test\n" + key.String() + "\n"), key.Recipient().String()
}

func TestABackupOpensAsItWasSealed(t *testing.T) {
	t.Parallel()
	first, firstPublic := keyFile(t)
	second, secondPublic := keyFile(t)
	for name, c := range map[string]struct {
		lock BackupLock
		keys []BackupKey
	}{
		"a passphrase": {phrase("correct horse"), []BackupKey{{Passphrase: model.NewSecret("correct horse")}}},
		"recipients":   {BackupLock{Recipients: []string{firstPublic, secondPublic}}, []BackupKey{{Identities: first}, {Identities: second}}},
		"a list of them": {
			BackupLock{Recipients: []string{"# both\n" + firstPublic + "\n" + secondPublic + "\n"}},
			[]BackupKey{{Identities: first}, {Identities: model.NewSecret(first.Reveal() + second.Reveal())}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for kind, want := range map[string]model.Backup{"full": fullBackup(), "empty": {Created: fullBackup().Created, Program: "bbconnect devel", HostKeys: []byte{}}} {
				data := mustSeal(t, want, c.lock)
				if got := BackupWantsPassphrase(data); got != (len(c.lock.Recipients) == 0) {
					t.Errorf("it says that it wants a passphrase: %t", got)
				}
				for _, key := range c.keys {
					got, err := OpenBackup(data, key)
					if err != nil {
						t.Fatal(err)
					}
					for i, s := range got.Secrets { // pointers inside
						if !s.Value.Equal(want.Secrets[i].Value) {
							t.Errorf("%s: the value of %s is another one", kind, s.Info.Name)
						}
						got.Secrets[i].Value = want.Secrets[i].Value
					}
					if !reflect.DeepEqual(got, want) {
						t.Errorf("%s: opened as\n%+v, want\n%+v", kind, got, want)
					}
				}
			}
		})
	}
}

func TestTheSealedFileShowsNothing(t *testing.T) {
	t.Parallel()
	canary := "canary-" + strings.Repeat("Kw7", 9)
	b := fullBackup()
	b.Secrets[0].Value = model.NewSecret(canary)
	data := mustSeal(t, b, phrase("correct horse"))
	for _, part := range []string{canary, canary[:10], "jdoe", "connector", "bitbucket"} {
		if bytes.Contains(data, []byte(part)) {
			t.Errorf("%q stands in the sealed file", part)
		}
	}
	for _, text := range []string{fmt.Sprintf("%v %+v %#v", b, b, b), errorText(OpenBackup(data, BackupKey{Passphrase: model.NewSecret("wrong")}))} {
		if strings.Contains(text, canary[7:]) {
			t.Errorf("the canary is printed: %s", text)
		}
	}
	if again := mustSeal(t, b, phrase("correct horse")); bytes.Equal(again, data) {
		t.Error("two backups have the same bytes")
	}
}

func errorText(_ model.Backup, err error) string {
	text := ""
	for ; err != nil; err = errors.Unwrap(err) {
		text += fmt.Sprintf("%v %+v\n", err, err)
	}
	return text
}

func TestAWrongKeyIsToldApartFromADamagedFile(t *testing.T) {
	t.Parallel()
	mine, public := keyFile(t)
	other, _ := keyFile(t)
	locked, forKey := mustSeal(t, fullBackup(), phrase("correct horse")), mustSeal(t, fullBackup(), BackupLock{Recipients: []string{public}})
	good := BackupKey{Identities: mine}
	changed := bytes.Clone(forKey)
	changed[len(changed)-5] ^= 1
	head := bytes.Clone(forKey)
	head[bytes.Index(head, []byte("-> X25519"))+12] ^= 1
	for name, c := range map[string]struct {
		data  []byte
		key   BackupKey
		code  string
		words string
	}{
		"a wrong passphrase":               {locked, BackupKey{Passphrase: model.NewSecret("wrong")}, codeBackupKey, "passphrase does not open"},
		"no passphrase":                    {locked, BackupKey{}, codeBackupKey, "passphrase"},
		"a key where a passphrase belongs": {locked, good, codeBackupKey, "Leave --identity out"},
		"a passphrase where a key belongs": {forKey, BackupKey{Passphrase: model.NewSecret("x")}, codeBackupKey, "--identity FILE"},
		"somebody else's key":              {forKey, BackupKey{Identities: other}, codeBackupKey, "not the key of one of them"},
		"a public key":                     {forKey, BackupKey{Identities: model.NewSecret(public)}, codeBackupKey, "age-keygen"},
		"no key at all":                    {forKey, BackupKey{Identities: model.NewSecret("# nothing\n")}, codeBackupKey, "age-keygen"},
		"an empty file":                    {nil, good, codeDamaged, "Nothing was restored"},
		"another file":                     {[]byte("PK\x03\x04 something else"), good, codeDamaged, "no age file"},
		"a changed byte":                   {changed, good, codeDamaged, "changed, or cut short"},
		"a changed head":                   {head, good, codeDamaged, "Nothing was restored"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := OpenBackup(c.data, c.key)
			p, ok := model.AsProblem(err)
			if !ok || p.Code != c.code && !(name == "a changed head" && p.Code == codeBackupKey) {
				t.Fatalf("want %s, got %v", c.code, err)
			}
			if text := p.What + p.Why + p.Fix; !strings.Contains(text, c.words) && p.Code == c.code {
				t.Errorf("%q does not say %q", text, c.words)
			}
		})
	}
}

func TestABackupThatIsCutShortAnywhereIsRefused(t *testing.T) {
	t.Parallel()
	mine, public := keyFile(t)
	b := fullBackup()
	b.Connectors[0].Data = bytes.Repeat([]byte("# a long comment\n"), 9000) // several chunks of age
	data := mustSeal(t, b, BackupLock{Recipients: []string{public}})
	for n := 0; n < len(data); n += 1 + len(data)/400 {
		if _, err := OpenBackup(data[:n], BackupKey{Identities: mine}); err == nil {
			t.Fatalf("the first %d of %d bytes are taken for a backup", n, len(data))
		}
	}
	if _, err := OpenBackup(append(data, 0), BackupKey{Identities: mine}); err == nil {
		t.Error("a byte too many is not noticed")
	}
}

// sealText is a backup that holds any text.
func sealText(t testing.TB, public, text string) []byte {
	t.Helper()
	to, err := age.ParseX25519Recipient(public)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to)
	if err == nil {
		_, err = w.Write([]byte(text))
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWhatIsInsideIsExamined(t *testing.T) {
	t.Parallel()
	mine, public := keyFile(t)
	text, err := encodeBackup(fullBackup())
	if err != nil {
		t.Fatal(err)
	}
	whole := string(text)
	for name, c := range map[string]struct{ text, code string }{
		"a newer version":          {strings.Replace(whole, `"version":1`, `"version":2,"later":{}`, 1), codeNewer},
		"no version":               {strings.Replace(whole, `"version":1,`, ``, 1), codeDamaged},
		"another format":           {strings.Replace(whole, backupFormat, "other", 1), codeDamaged},
		"no JSON":                  {"connector:\n", codeDamaged},
		"nothing":                  {"", codeDamaged},
		"an unknown part":          {strings.Replace(whole, `"hostKeys"`, `"later"`, 1), codeDamaged},
		"a connector too few":      {strings.Replace(whole, `"counts":{"connectors":2`, `"counts":{"connectors":3`, 1), codeDamaged},
		"a value too few":          {strings.Replace(whole, `"values":1`, `"values":2`, 1), codeDamaged},
		"a name that is none":      {strings.Replace(whole, `"account/pay","type"`, `"../../etc/x","type"`, 1), codeDamaged},
		"a value that is too long": {tooLong(t), codeDamaged},
		"two texts":                {whole + whole, codeDamaged},
		"half of it":               {whole[:len(whole)/2], codeDamaged},
	} {
		_, err := OpenBackup(sealText(t, public, c.text), BackupKey{Identities: mine})
		p, ok := model.AsProblem(err)
		if !ok || p.Code != c.code || !strings.Contains(p.Fix, "Nothing was restored") {
			t.Errorf("%s: want %s, got %v", name, c.code, err)
		}
	}
	if _, err := OpenBackup(sealText(t, public, whole), BackupKey{Identities: mine}); err != nil {
		t.Errorf("the text itself is refused: %v", err)
	}
}

func tooLong(t *testing.T) string {
	t.Helper()
	b := fullBackup()
	b.Secrets[0].Value = model.NewSecret(strings.Repeat("x", MaxSize+1))
	text, err := encodeBackup(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestALockThatIsNoneIsRefusedWithoutRepeatingIt(t *testing.T) {
	t.Parallel()
	mine, public := keyFile(t)
	secret := strings.TrimSpace(strings.Split(mine.Reveal(), "\n")[1])
	for name, lock := range map[string]BackupLock{
		"nothing": {}, "no recipient": {Recipients: []string{"age1nonsense"}}, "the secret half": {Recipients: []string{secret}},
		"one of two": {Recipients: []string{public, secret}}, "an empty one": {Recipients: []string{""}},
	} {
		err := lock.Check()
		if p, ok := model.AsProblem(err); !ok || p.Code != codeBackupKey || p.Fix == "" {
			t.Errorf("%s: %v", name, err)
		}
		if _, again := SealBackup(fullBackup(), lock); again == nil {
			t.Errorf("%s seals", name)
		}
		if text := errorText(model.Backup{}, err); strings.Contains(text, secret[20:40]) {
			t.Errorf("%s: the secret half is repeated: %s", name, text)
		}
	}
	if err := phrase("x").Check(); err != nil {
		t.Error(err)
	}
}

func TestABackupIsMadeWithTheCostOfAgesOwnProgram(t *testing.T) {
	t.Parallel()
	data := mustSeal(t, model.Backup{}, BackupLock{Passphrase: model.NewSecret("correct horse")})
	line, _, _ := strings.Cut(strings.SplitN(string(data), "\n", 3)[1], "\n")
	if fields := strings.Fields(line); len(fields) != 4 || fields[3] != fmt.Sprint(backupWork) {
		t.Errorf("the head says %q", line)
	}
	costly := bytes.Replace(data, fmt.Appendf(nil, " %d\n", backupWork), fmt.Appendf(nil, " %d\n", backupMaxWork+1), 1)
	if _, err := OpenBackup(costly, BackupKey{Passphrase: model.NewSecret("correct horse")}); err == nil {
		t.Error("a file may ask for any amount of work")
	}
}

// FuzzBackupText feeds texts that were sealed by somebody else: what opens can be
// sealed and opened again to the same.
func FuzzBackupText(f *testing.F) {
	text, err := encodeBackup(fullBackup())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"manifest":{"format":"bbconnect-backup","version":1}}`))
	f.Add([]byte(`{"manifest":{"format":"bbconnect-backup","version":9}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := decodeBackup(data)
		if err != nil {
			if p, ok := model.AsProblem(err); !ok || p.Code != codeDamaged && p.Code != codeNewer {
				t.Fatalf("an error without a code: %v", err)
			}
			return
		}
		again, err := encodeBackup(b)
		if err != nil {
			return // a date that JSON cannot say
		}
		if !json.Valid(again) {
			t.Fatal("what was opened does not seal")
		}
		twice, err := decodeBackup(again)
		if err != nil || len(twice.Secrets) != len(b.Secrets) || twice.Values() != b.Values() {
			t.Fatalf("sealed again it is another one: %v", err)
		}
	})
}
