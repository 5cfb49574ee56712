package sshkey

import (
	"context"
	"crypto"
	"crypto/elliptic"
	"errors"
	"strings"
	"testing"

	"bbconnect/model"
)

func TestEveryRSAAndECDSAKeyConvertsToTheFormHarnessWants(t *testing.T) {
	t.Parallel()
	r, e := newRSA(t, 2048), newECDSA(t, elliptic.P521())
	for name, c := range map[string]struct {
		key              crypto.Signer
		text, pass, want string
	}{
		"OpenSSH RSA":            {r, asOpenSSH(t, r, ""), "", asPKCS1(t, r)},
		"OpenSSH RSA encrypted":  {r, asOpenSSH(t, r, "pass"), "pass", asPKCS1(t, r)},
		"OpenSSH ECDSA":          {e, asOpenSSH(t, e, ""), "", asSEC1(t, e)},
		"OpenSSH ECDSA pasted":   {e, strings.ReplaceAll(asOpenSSH(t, e, ""), "\n", " "), "", asSEC1(t, e)},
		"PKCS#8 RSA":             {r, asPKCS8(t, r), "", asPKCS1(t, r)},
		"PKCS#8 ECDSA":           {e, asPKCS8(t, e), "", asSEC1(t, e)},
		"PKCS#8 RSA encrypted":   {r, asEncryptedPKCS8(t, r, "pass", nil), "pass", asPKCS1(t, r)},
		"PKCS#8 ECDSA encrypted": {e, asEncryptedPKCS8(t, e, "pass", nil), "pass", asSEC1(t, e)},
		"PEM stays":              {r, asPKCS1(t, r), "", asPKCS1(t, r)},
	} {
		got, err := Convert(secret(c.text), secret(c.pass))
		if err != nil || got.Reveal() != c.want {
			t.Errorf("%s: not the expected PEM, %v", name, err)
			continue
		}
		if fs := Findings(got, model.Secret{}); len(fs) > 0 {
			t.Errorf("%s: the result has findings: %s", name, codes(fs))
		}
		if info, _ := Inspect(got, model.Secret{}); info.Fingerprint != fingerprint(t, c.key) {
			t.Errorf("%s: it is another key now", name)
		}
	}
}

func TestWhatCannotBeConvertedSaysWhy(t *testing.T) {
	t.Parallel()
	e, d := newECDSA(t, elliptic.P256()), newEd25519(t)
	for name, c := range map[string]struct{ text, pass, code string }{
		"Ed25519":            {asOpenSSH(t, d, ""), "", "key.ed25519"},
		"DSA":                {dsaKey(t), "", "key.weak"},
		"public":             {publicLine(t, e), "", "key.public"},
		"PuTTY":              {"PuTTY-User-Key-File-3: ssh-rsa\n", "", "key.putty"},
		"passphrase missing": {asOpenSSH(t, e, "pass"), "", "key.passphrase"},
		"passphrase wrong":   {asOpenSSH(t, e, "pass"), "word", "key.passphrase"},
		"no key":             {"hello", "", "sshkey.invalid"},
		"nothing":            {"", "", "sshkey.required"},
	} {
		got, err := Convert(secret(c.text), secret(c.pass))
		if p, ok := model.AsProblem(err); !ok || p.Code != c.code || !got.IsZero() {
			t.Errorf("%s: %v, want %s and no key", name, err, c.code)
		}
	}
}

func TestAGeneratedKeyNeedsNoMending(t *testing.T) {
	t.Parallel()
	key, err := Generate(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if fs := Findings(key, model.Secret{}); len(fs) > 0 {
		t.Errorf("findings: %s", codes(fs))
	}
	if _, changed := Normalise(key); changed {
		t.Error("it is not written as ssh-keygen writes it")
	}
	info, err := Inspect(key, model.Secret{})
	if err != nil || info.Format != FormatPEMRSA || info.Bits != DefaultBits || info.Encrypted {
		t.Errorf("info = %+v, %v", info, err)
	}
	if key.Len() > 2560 {
		t.Errorf("%d bytes do not fit the Windows credential store in one piece", key.Len())
	}
}

func TestAskingForAnotherSizeIsAnswered(t *testing.T) {
	t.Parallel()
	if key, err := Generate(t.Context(), 2048); err != nil || key.IsZero() {
		t.Errorf("2048 bits: %v", err)
	}
	for _, bits := range []int{-1, 1, 1024, 2047, 2049, MaxBits + 8, 1 << 30} {
		_, err := Generate(t.Context(), bits)
		if p, ok := model.AsProblem(err); !ok || p.Code != "key.weak" || p.Fix == "" {
			t.Errorf("%d bits: %v", bits, err)
		}
	}
}

func TestACancelledGenerationReturnsAtOnce(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(nil)
	if key, err := Generate(ctx, MaxBits); !errors.Is(err, context.Canceled) || !key.IsZero() {
		t.Errorf("before the start: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := Generate(ctx, 4096)
		done <- err
	}()
	stop()
	if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("in the middle: %v", err)
	}
}

func TestThePublicLineStaysOneLine(t *testing.T) {
	t.Parallel()
	e := newECDSA(t, elliptic.P256())
	want := strings.TrimSpace(publicLine(t, e))
	for comment, suffix := range map[string]string{
		"":                          "",
		"harness payments":          " harness payments",
		" a\nssh-rsa AAAA\x1b[31m ": " a ssh-rsa AAAA [31m",
	} {
		got, err := Public(secret(asSEC1(t, e)), model.Secret{}, comment)
		if err != nil || got != want+suffix {
			t.Errorf("comment %q: %q, %v", comment, got, err)
		}
	}
	if line, err := Public(secret("nothing of the kind"), model.Secret{}, ""); err == nil || line != "" {
		t.Errorf("no key: %q, %v", line, err)
	}
}

func BenchmarkGenerate(b *testing.B) {
	for name, bits := range map[string]int{"2048": 2048, "3072": 3072, "4096": 4096} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Generate(b.Context(), bits); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkFindings(b *testing.B) {
	r := newRSA(b, 3072)
	plain, locked := secret(asPKCS1(b, r)), secret(asOpenSSH(b, r, "pass"))
	b.Run("PEM", func(b *testing.B) {
		for b.Loop() {
			Findings(plain, model.Secret{})
		}
	})
	b.Run("OpenSSH encrypted", func(b *testing.B) {
		for b.Loop() {
			Findings(locked, secret("pass"))
		}
	})
}
