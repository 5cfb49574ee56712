package sshkey

import (
	"crypto/elliptic"
	"fmt"
	"strings"
	"sync"
	"testing"

	"bbconnect/model"
)

func TestFindingsSayWhetherHarnessTakesTheKey(t *testing.T) {
	t.Parallel()
	r, e, d := newRSA(t, 2048), newECDSA(t, elliptic.P256()), newEd25519(t)
	for name, c := range map[string]struct{ text, pass, want string }{
		"RSA in PEM":                    {asPKCS1(t, r), "", ""},
		"RSA in PEM, badly pasted":      {strings.ReplaceAll(asPKCS1(t, r), "\n", " "), "", ""},
		"ECDSA in PEM":                  {asSEC1(t, e), "", ""},
		"PEM and a passphrase":          {asSEC1(t, e), "pass", "hint key.passphrase"},
		"OpenSSH RSA":                   {asOpenSSH(t, r, ""), "", "error key.openssh"},
		"OpenSSH ECDSA":                 {asOpenSSH(t, e, ""), "", "error key.openssh"},
		"OpenSSH without passphrase":    {asOpenSSH(t, e, "pass"), "", "error key.openssh, error key.passphrase"},
		"OpenSSH with wrong passphrase": {asOpenSSH(t, e, "pass"), "word", "error key.openssh, error key.passphrase"},
		"OpenSSH with passphrase":       {asOpenSSH(t, e, "pass"), "pass", "error key.openssh"},
		"OpenSSH cut short":             {cutBody(asOpenSSH(t, e, "")), "", "error sshkey.invalid"},
		"Ed25519":                       {asOpenSSH(t, d, ""), "", "error key.ed25519"},
		"Ed25519 asks no passphrase":    {asOpenSSH(t, d, "pass"), "", "error key.ed25519"},
		"Ed25519 in PKCS#8":             {asPKCS8(t, d), "", "error key.ed25519"},
		"Ed25519 in encrypted PKCS#8":   {asEncryptedPKCS8(t, d, "pass", nil), "pass", "error key.ed25519"},
		"Ed25519 of PuTTY":              {"PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n", "", "error key.ed25519"},
		"RSA of PuTTY":                  {"PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\n", "", "error key.putty"},
		"PKCS#8 RSA":                    {asPKCS8(t, r), "", "warning key.pkcs8"},
		"PKCS#8 ECDSA":                  {asPKCS8(t, e), "", "error key.pkcs8"},
		"PKCS#8 without passphrase":     {asEncryptedPKCS8(t, r, "pass", nil), "", "error key.pkcs8, error key.passphrase"},
		"PKCS#8 with passphrase":        {asEncryptedPKCS8(t, r, "pass", nil), "pass", "error key.pkcs8"},
		"PKCS#8 that is none":           {asPKCS8(t, newX25519(t)), "", "error sshkey.invalid"},
		"DSA":                           {dsaKey(t), "", "error key.weak"},
		"the public half":               {publicLine(t, r), "", "error key.public"},
		"the public half, Ed25519":      {publicLine(t, d), "", "error key.public"},
		"RSA, 1024 bits":                {asPKCS1(t, newRSA(t, 1024)), "", "warning key.weak"},
		"nothing":                       {"", "", "error sshkey.required"},
		"a part of a key":               {asPKCS1(t, r)[:900], "", "error sshkey.invalid"},
	} {
		fs := Findings(secret(c.text), secret(c.pass))
		if got := codes(fs); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		for _, f := range fs {
			if f.Message == "" || f.Fix == "" || (f.Field != model.QSSHKey && f.Field != model.QSSHPassphrase) {
				t.Errorf("%s: incomplete finding %+v", name, f)
			}
		}
	}
}

func TestNoMessageHoldsAnyPartOfTheKeyOrThePassphrase(t *testing.T) {
	t.Parallel()
	canary := "canary" + strings.Repeat("Q7", 12)
	e := newECDSA(t, elliptic.P256())
	texts := []string{
		canary, canary + asSEC1(t, e)[:80], "-----BEGIN " + canary, "PuTTY-User-Key-File-3: " + canary,
		strings.Replace(asSEC1(t, e), "\n", "\n"+canary, 1), strings.Replace(asOpenSSH(t, e, "x"), "\n", "\n"+canary, 1),
		"ssh-rsa AAAA" + canary, asEncryptedPKCS8(t, e, "pass", nil), asOpenSSH(t, e, "pass"), strings.Repeat(canary, 2000),
	}
	for i, text := range texts {
		_, inspectErr := Inspect(secret(text), secret(canary))
		_, convertErr := Convert(secret(text), secret(canary))
		_, publicErr := Public(secret(text), secret(canary), "")
		said := fmt.Sprintf("%+v %v %v %v", Findings(secret(text), secret(canary)), inspectErr, convertErr, publicErr)
		for _, err := range []error{inspectErr, convertErr, publicErr} {
			if p, ok := model.AsProblem(err); ok {
				said += fmt.Sprintf("%+v %v", *p, p.Cause)
			}
		}
		if strings.Contains(said, "canary") || strings.Contains(said, canary[6:20]) {
			t.Errorf("text %d: the canary is in %s", i, said)
		}
	}
}

func TestAnInspectorAnswersAsFindingsDoAndRemembers(t *testing.T) {
	t.Parallel()
	var inspector Inspector
	key := secret(asOpenSSH(t, newECDSA(t, elliptic.P256()), "pass"))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, pass := range []string{"", "a", "pass", "", "pass"} {
				if got, want := codes(inspector.Findings(key, secret(pass))), codes(Findings(key, secret(pass))); got != want {
					t.Errorf("with %d letters: %s, want %s", len(pass), got, want)
				}
			}
		})
	}
	wg.Wait()
	if len(inspector.recent) != 3 {
		t.Errorf("%d answers remembered for 3 questions", len(inspector.recent))
	}
	for i := range 10 {
		inspector.Findings(secret(fmt.Sprint("not a key", i)), model.Secret{})
	}
	if len(inspector.recent) != remember {
		t.Errorf("%d answers remembered, want the last %d", len(inspector.recent), remember)
	}
}

func TestTheInspectorTellsKeyAndPassphraseApart(t *testing.T) {
	t.Parallel()
	if digestOf(secret("ab"), secret("c")) == digestOf(secret("a"), secret("bc")) {
		t.Error("two questions share one memory")
	}
}
