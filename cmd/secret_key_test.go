package cmd

import (
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"bbconnect/model"
)

// keyForms makes one RSA key in the forms people have it in.
func keyForms(t *testing.T, passphrase string) (plain, pkcs8, openssh, locked string) {
	t.Helper()
	key, err := newKeyTool().Generate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(key.Reveal()))
	parsed, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(parsed)
	if err != nil {
		t.Fatal(err)
	}
	open, err := ssh.MarshalPrivateKey(parsed, "me")
	if err != nil {
		t.Fatal(err)
	}
	shut, err := ssh.MarshalPrivateKeyWithPassphrase(parsed, "me", []byte(passphrase))
	if err != nil {
		t.Fatal(err)
	}
	text := func(b *pem.Block) string { return string(pem.EncodeToMemory(b)) }
	return key.Reveal(), text(&pem.Block{Type: "PRIVATE " + "KEY", Bytes: der}), text(open), text(shut)
}

func TestAKeyIsConvertedAndItsPublicHalfPrinted(t *testing.T) {
	t.Parallel()
	const passphrase = "correct horse"
	plain, pkcs8, openssh, locked := keyForms(t, passphrase)
	p := newPlace(t)
	p.tune = func(a *app) { a.askLines = true }
	public := ""
	for _, row := range []struct{ name, key, input string }{
		{"PEM", plain, ""},
		{"PKCS#8", pkcs8, ""},
		{"OpenSSH", openssh, ""},
		{"with a passphrase", locked, passphrase + "\n"},
		{"with a passphrase, after help", locked, "help\n" + passphrase + "\n"},
	} {
		file := p.write("key", row.key)
		s := p.must(row.input, "secret", "key", "convert", "--from", "file:"+file)
		if strings.TrimSpace(s.out) != strings.TrimSpace(plain) {
			t.Errorf("%s converts to another key", row.name)
		}
		if strings.Contains(s.err, "PRIVATE") || strings.Contains(s.err, passphrase) {
			t.Errorf("%s: a secret is said:\n%s", row.name, s.err)
		}
		s = p.must(row.input, "secret", "key", "public", "--from", "file:"+file)
		if !strings.HasPrefix(s.out, "ssh-rsa AAAA") || strings.Count(s.out, "\n") != 1 || public != "" && s.out != public {
			t.Errorf("%s: the public half is %q, and was %q", row.name, s.out, public)
		}
		public = s.out
	}
	if s := p.must(plain, "secret", "key", "public"); s.out != public {
		t.Errorf("from standard input it is %q", s.out)
	}
}

func TestWhatIsNoKeyIsNotConverted(t *testing.T) {
	t.Parallel()
	_, _, _, locked := keyForms(t, "right")
	p := newPlace(t)
	for name, row := range map[string]struct {
		key, input string
		ask        bool
		exit       int
	}{
		"no key at all":               {"hello", "", false, exitFailed},
		"nothing":                     {"", "", false, exitUsage},
		"a wrong passphrase":          {locked, "wrong\n", true, exitFailed},
		"nobody to ask for it":        {locked, "", false, exitUsage},
		"quit at the passphrase":      {locked, "quit\n", true, exitCancelled},
		"the end at the passphrase":   {locked, "", true, exitUsage},
		"a public key in its place":   {"ssh-rsa AAAA me", "", false, exitFailed},
		"the beginning of a real one": {strings.Join(strings.SplitAfter(locked, "\n")[:3], ""), "", false, exitFailed},
	} {
		for _, do := range []string{"convert", "public"} {
			if do == "public" && name == "a wrong passphrase" {
				continue // this form holds its public half in the clear
			}
			q := *p
			q.tune = func(a *app) { a.askLines = row.ask }
			s := q.run(row.input, "secret", "key", do, "--from", "file:"+p.write("key", row.key))
			if s.code != row.exit || s.out != "" {
				t.Errorf("%s, %s: exits %d, want %d, and prints %d bytes:\n%s", name, do, s.code, row.exit, len(s.out), s.err)
			}
		}
	}
}

func TestAKeyThatIsMadeIsKeptWithItsCredential(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := p.must("", "secret", "key", "new", "--ref", "account.bb_key")
	contains(t, "the command", s.err, "Stored account.bb_key, its key in account.bb_key_file.")
	if !strings.HasPrefix(s.out, "ssh-rsa AAAA") {
		t.Errorf("it prints %q", s.out)
	}
	kept, err := p.keys.Get(t.Context(), "account/bb_key_file")
	if err != nil {
		t.Fatal(err)
	}
	if public, err := newKeyTool().Public(kept, model.Secret{}, "bbconnect"); err != nil || strings.TrimSpace(public) != strings.TrimSpace(s.out) {
		t.Errorf("what is kept has another public half (%v)", err)
	}
	contains(t, "the list", p.must("", "secret", "list").out, "account.bb_key sshKey", "account.bb_key_file file")
	for _, flags := range [][]string{{"--ref", "account.bb_key"}, {"--ref", "bb_key"}, {"--keystore", "drawer"}} {
		if s := p.run("", append([]string{"secret", "key", "new"}, flags...)...); s.code != exitUsage {
			t.Errorf("%v exits %d", flags, s.code)
		}
	}
	p.broken[model.WhereKeyring] = noKeyring()
	if s := p.run("", "secret", "key", "new", "--ref", "account.other"); s.code != exitKeystore {
		t.Errorf("without a keyring it exits %d", s.code)
	}
}
