package sshkey

import (
	"path/filepath"
	"strings"
	"testing"

	"bbconnect/model"
)

// keygen makes a key with the real ssh-keygen and returns its path.
func keygen(t *testing.T, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	run(t, "ssh-keygen", append([]string{"-q", "-a", "1", "-C", "me@host", "-f", path}, args...)...)
	return path
}

// TestEveryFileSSHKeygenWritesIsReadAndJudged covers algorithm, form and
// encryption, and compares with what ssh-keygen itself says of the file. Each
// file is also damaged in every way before it is read.
func TestEveryFileSSHKeygenWritesIsReadAndJudged(t *testing.T) {
	t.Parallel()
	needTool(t, "ssh-keygen")
	type row struct {
		algorithm, bits, form, pass string
		format                      Format
		want                        string
	}
	rows := []row{
		{"rsa", "2048", "PEM", "", FormatPEMRSA, ""},
		{"rsa", "3072", "PEM", "secret pass", FormatPEMRSA, ""},
		{"ecdsa", "256", "PEM", "", FormatPEMEC, ""},
		{"ecdsa", "521", "PEM", "secret pass", FormatPEMEC, ""},
		{"rsa", "2048", "PKCS8", "", FormatPKCS8, "warning key.pkcs8"},
		{"rsa", "2048", "PKCS8", "secret pass", FormatPKCS8, "error key.pkcs8"},
		{"ecdsa", "384", "PKCS8", "", FormatPKCS8, "error key.pkcs8"},
		{"ecdsa", "384", "PKCS8", "secret pass", FormatPKCS8, "error key.pkcs8"},
		{"rsa", "2048", "RFC4716", "", FormatOpenSSH, "error key.openssh"},
		{"rsa", "2048", "RFC4716", "secret pass", FormatOpenSSH, "error key.openssh"},
		{"ecdsa", "256", "RFC4716", "", FormatOpenSSH, "error key.openssh"},
		{"ecdsa", "521", "RFC4716", "secret pass", FormatOpenSSH, "error key.openssh"},
		{"ed25519", "256", "RFC4716", "", FormatOpenSSH, "error key.ed25519"},
		{"ed25519", "256", "RFC4716", "secret pass", FormatOpenSSH, "error key.ed25519"},
		{"ed25519", "256", "PEM", "", FormatOpenSSH, "error key.ed25519"},
	}
	for _, r := range rows {
		t.Run(strings.Join([]string{r.algorithm, r.bits, r.form, r.pass}, " "), func(t *testing.T) {
			t.Parallel()
			path := keygen(t, "-t", r.algorithm, "-b", r.bits, "-m", r.form, "-N", r.pass)
			text := readFile(t, path)
			for name, damage := range damages {
				if got, _ := Normalise(secret(damage(text))); got.Reveal() != text {
					t.Fatalf("%s: not byte for byte the file", name)
				}
			}
			if got := codes(Findings(secret(text), secret(r.pass))); got != r.want {
				t.Errorf("findings %q, want %q", got, r.want)
			}
			info, err := Inspect(secret(text), secret(r.pass))
			if err != nil {
				t.Fatal(err)
			}
			said := strings.Fields(run(t, "ssh-keygen", "-l", "-f", path+".pub"))
			if info.Format != r.format || said[1] != info.Fingerprint || said[0] != r.bits || info.Algorithm != r.algorithm || info.Encrypted != (r.pass != "") {
				t.Errorf("info %+v, ssh-keygen says %v", info, said)
			}
			line, err := Public(secret(text), secret(r.pass), "me@host")
			if want := strings.TrimSpace(readFile(t, path+".pub")); err != nil || line != want {
				t.Errorf("public half %q, %v, want %q", line, err, want)
			}
			if r.pass != "" {
				checkPassphrases(t, text)
			}
			if r.algorithm != "ed25519" {
				checkConversion(t, text, r.pass, line)
			}
		})
	}
}

// checkPassphrases: an encrypted key asks for its passphrase, and for the right
// one, unless it is refused anyway.
func checkPassphrases(t *testing.T, text string) {
	t.Helper()
	for _, pass := range []string{"", "wrong"} {
		fs := Findings(secret(text), secret(pass))
		_, asked := fs.Code("key.passphrase")
		_, refused := fs.Code("key.ed25519")
		if !fs.HasErrors() || asked == refused {
			t.Errorf("passphrase of %d letters: %s", len(pass), codes(fs))
		}
	}
}

// checkConversion: what Convert writes is the same key to ssh-keygen, in the
// form that ssh-keygen -p -m PEM writes.
func checkConversion(t *testing.T, text, pass, line string) {
	t.Helper()
	pemKey, err := Convert(secret(text), secret(pass))
	if err != nil {
		t.Fatal(err)
	}
	path := writeFile(t, pemKey.Reveal())
	if got := strings.Fields(run(t, "ssh-keygen", "-y", "-f", path)); strings.Join(got[:2], " ") != strings.Join(strings.Fields(line)[:2], " ") {
		t.Errorf("ssh-keygen -y reads another key: %v", got)
	}
	original := writeFile(t, text)
	run(t, "ssh-keygen", "-p", "-q", "-m", "PEM", "-P", pass, "-N", "", "-f", original)
	if readFile(t, original) != pemKey.Reveal() {
		t.Error("the result differs from what ssh-keygen -p -m PEM writes")
	}
}

func TestAGeneratedKeyIsOneForSSHKeygen(t *testing.T) {
	t.Parallel()
	needTool(t, "ssh-keygen")
	key, err := Generate(t.Context(), 2048)
	if err != nil {
		t.Fatal(err)
	}
	line, err := Public(key, model.Secret{}, "")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(run(t, "ssh-keygen", "-y", "-f", writeFile(t, key.Reveal()))); got != line {
		t.Errorf("ssh-keygen -y: %s, want %s", got, line)
	}
}

func TestWhatOpensslWritesIsReadAndJudged(t *testing.T) {
	t.Parallel()
	needTool(t, "openssl")
	for name, c := range map[string]struct {
		args []string
		pass string
		want string
	}{
		"genrsa":               {[]string{"genrsa", "2048"}, "", "warning key.pkcs8"},
		"genrsa traditional":   {[]string{"genrsa", "-traditional", "2048"}, "", ""},
		"genrsa aes256":        {[]string{"genrsa", "-traditional", "-aes256", "-passout", "pass:word", "2048"}, "word", ""},
		"genrsa des3":          {[]string{"genrsa", "-traditional", "-des3", "-passout", "pass:word", "2048"}, "word", ""},
		"genrsa weak":          {[]string{"genrsa", "-traditional", "1024"}, "", "warning key.weak"},
		"genrsa hopeless":      {[]string{"genrsa", "-traditional", "512"}, "", "error key.weak"},
		"genpkey encrypted":    {[]string{"genpkey", "-algorithm", "RSA", "-aes-256-cbc", "-pass", "pass:word"}, "word", "error key.pkcs8"},
		"genpkey Ed25519":      {[]string{"genpkey", "-algorithm", "ED25519"}, "", "error key.ed25519"},
		"ecparam, two blocks":  {[]string{"ecparam", "-name", "prime256v1", "-genkey"}, "", ""},
		"a curve SSH lacks":    {[]string{"ecparam", "-name", "secp256k1", "-genkey"}, "", "error sshkey.invalid"},
		"ecparam, named P-384": {[]string{"ecparam", "-name", "secp384r1", "-genkey", "-noout"}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "key")
			run(t, "openssl", append(c.args[:1:1], append([]string{"-out", path}, c.args[1:]...)...)...)
			text := readFile(t, path)
			if got := codes(Findings(secret(text), secret(c.pass))); got != c.want {
				t.Errorf("findings %q, want %q", got, c.want)
			}
			if c.pass == "" {
				return
			}
			for range 3 {
				if got := codes(Findings(secret(text), secret("not it"))); !strings.HasSuffix(got, "error key.passphrase") {
					t.Errorf("a wrong passphrase: %q", got)
				}
			}
		})
	}
}

func TestPublicHalvesInEveryFormAreCalledThat(t *testing.T) {
	t.Parallel()
	needTool(t, "ssh-keygen")
	path := keygen(t, "-t", "rsa", "-b", "2048", "-N", "")
	for _, form := range []string{"RFC4716", "PKCS8", "PEM"} {
		text := run(t, "ssh-keygen", "-e", "-m", form, "-f", path+".pub")
		if got := codes(Findings(secret(text), model.Secret{})); got != "error key.public" {
			t.Errorf("%s: %s", form, got)
		}
	}
}
