package sshkey

import (
	"crypto"
	//lint:ignore SA1019 such keys must be recognised
	"crypto/dsa"
	"crypto/ecdh"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"

	"github.com/youmark/pkcs8"
	"golang.org/x/crypto/ssh"

	"bbconnect/model"
)

func TestEveryFormTellsWhatItIs(t *testing.T) {
	t.Parallel()
	r, d := newRSA(t, 2048), newEd25519(t)
	p256, p384, p521 := newECDSA(t, elliptic.P256()), newECDSA(t, elliptic.P384()), newECDSA(t, elliptic.P521())
	for name, c := range map[string]struct {
		text, pass string
		key        crypto.Signer
		want       Info
	}{
		"PKCS#1":                {asPKCS1(t, r), "", r, Info{Format: FormatPEMRSA, Algorithm: "rsa", Bits: 2048}},
		"SEC 1, P-256":          {asSEC1(t, p256), "", p256, Info{Format: FormatPEMEC, Algorithm: "ecdsa", Bits: 256}},
		"SEC 1, P-384":          {asSEC1(t, p384), "", p384, Info{Format: FormatPEMEC, Algorithm: "ecdsa", Bits: 384}},
		"SEC 1, P-521":          {asSEC1(t, p521), "", p521, Info{Format: FormatPEMEC, Algorithm: "ecdsa", Bits: 521}},
		"PKCS#8 RSA":            {asPKCS8(t, r), "", r, Info{Format: FormatPKCS8, Algorithm: "rsa", Bits: 2048}},
		"PKCS#8 ECDSA":          {asPKCS8(t, p256), "", p256, Info{Format: FormatPKCS8, Algorithm: "ecdsa", Bits: 256}},
		"PKCS#8 Ed25519":        {asPKCS8(t, d), "", d, Info{Format: FormatPKCS8, Algorithm: "ed25519", Bits: 256}},
		"PKCS#8 encrypted":      {asEncryptedPKCS8(t, r, "pass", nil), "pass", r, Info{Format: FormatPKCS8, Algorithm: "rsa", Bits: 2048, Encrypted: true}},
		"PKCS#8 scrypt":         {asEncryptedPKCS8(t, p256, "pass", scryptOpts(1<<10)), "pass", p256, Info{Format: FormatPKCS8, Algorithm: "ecdsa", Bits: 256, Encrypted: true}},
		"OpenSSH RSA":           {asOpenSSH(t, r, ""), "", r, Info{Format: FormatOpenSSH, Algorithm: "rsa", Bits: 2048}},
		"OpenSSH ECDSA":         {asOpenSSH(t, p384, ""), "", p384, Info{Format: FormatOpenSSH, Algorithm: "ecdsa", Bits: 384}},
		"OpenSSH Ed25519":       {asOpenSSH(t, d, ""), "", d, Info{Format: FormatOpenSSH, Algorithm: "ed25519", Bits: 256}},
		"OpenSSH RSA encrypted": {asOpenSSHOfGo(t, r, "pass"), "pass", r, Info{Format: FormatOpenSSH, Algorithm: "rsa", Bits: 2048, Encrypted: true}},
	} {
		c.want.Fingerprint = fingerprint(t, c.key)
		got, err := Inspect(secret(c.text), secret(c.pass))
		if err != nil || got != c.want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, c.want)
		}
	}
}

func scryptOpts(cost int) *pkcs8.Opts {
	return &pkcs8.Opts{Cipher: pkcs8.AES256CBC, KDFOpts: pkcs8.ScryptOpts{SaltSize: 8, CostParameter: cost, BlockSize: 8, ParallelizationParameter: 1}}
}

func TestAnEncryptedOpenSSHKeyTellsItsPublicHalfWithoutThePassphrase(t *testing.T) {
	t.Parallel()
	k := newECDSA(t, elliptic.P256())
	text := secret(asOpenSSH(t, k, "pass"))
	info, err := Inspect(text, model.Secret{})
	if p, ok := model.AsProblem(err); !ok || p.Code != "key.passphrase" || p.Field != model.QSSHPassphrase {
		t.Errorf("error = %v", err)
	}
	if info.Fingerprint != fingerprint(t, k) || info.Algorithm != AlgorithmECDSA || !info.Encrypted {
		t.Errorf("info = %+v", info)
	}
	line, err := Public(text, model.Secret{}, "harness")
	if want := strings.TrimSpace(publicLine(t, k)) + " harness"; err != nil || line != want {
		t.Errorf("public half = %q, %v", line, err)
	}
}

func TestWhatCannotBeReadIsAProblemWithARemedy(t *testing.T) {
	t.Parallel()
	k := newECDSA(t, elliptic.P256())
	key, line := asSEC1(t, k), publicLine(t, k)
	half := len(key) / 2
	ec224 := newECDSA(t, elliptic.P224())
	for name, c := range map[string]struct {
		text, pass, code string
		format           Format
	}{
		"nothing":             {" \n", "", "sshkey.required", FormatUnknown},
		"too long":            {strings.Repeat("x", maxText+1), "", "sshkey.invalid", FormatUnknown},
		"prose":               {"my key is under the mat", "", "sshkey.invalid", FormatUnknown},
		"public":              {line, "", "key.public", FormatPublic},
		"public with options": {`from="10.0.0.1" ` + line, "", "key.public", FormatPublic},
		"public, PEM":         {"-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n", "", "key.public", FormatPublic},
		"public, RFC 4716":    {"---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----\n", "", "key.public", FormatPublic},
		"OpenSSH certificate": {"ssh-rsa-cert-v01@openssh.com AAAAHHNz me", "", "key.public", FormatCertificate},
		"X.509 certificate":   {"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "", "key.public", FormatCertificate},
		"PuTTY":               {"PuTTY-User-Key-File-3: ssh-rsa\r\nEncryption: aes256-cbc\r\n", "", "key.putty", FormatPuTTY},
		"two keys":            {key + asSEC1(t, newECDSA(t, elliptic.P256())), "", "sshkey.invalid", FormatSeveral},
		"end missing":         {key[:half], "", "sshkey.invalid", FormatDamaged},
		"beginning missing":   {key[half:], "", "sshkey.invalid", FormatDamaged},
		"middle missing":      {key[:60] + key[120:], "", "sshkey.invalid", FormatPEMEC},
		"marks missing":       {bodyOf(key), "", "sshkey.invalid", FormatDamaged},
		"ends do not match":   {strings.Replace(key, "END EC", "END RSA", 1), "", "sshkey.invalid", FormatDamaged},
		"stars in the middle": {key[:60] + "****" + key[64:], "", "sshkey.invalid", FormatPEMEC},
		"OpenSSH cut short":   {cutBody(asOpenSSH(t, k, "")), "", "sshkey.invalid", FormatOpenSSH},
		"wrong passphrase":    {asOpenSSH(t, k, "pass"), "word", "key.passphrase", FormatOpenSSH},
		"wrong, PKCS#8":       {asEncryptedPKCS8(t, k, "pass", nil), "word", "key.passphrase", FormatPKCS8},
		"curve without SSH":   {asSEC1(t, ec224), "", "sshkey.invalid", FormatPEMEC},
		"no signing key":      {asPKCS8(t, newX25519(t)), "", "sshkey.invalid", FormatPKCS8},
		"other encryption":    {oldEnvelope(t), "pass", "sshkey.invalid", FormatPKCS8},
		"greedy encryption":   {greedyEnvelope(t), "pass", "sshkey.invalid", FormatPKCS8},
		"ssh.com private key": {"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nP2/5\n---- END SSH2 ENCRYPTED PRIVATE KEY ----\n", "", "sshkey.invalid", FormatUnknown},
	} {
		info, err := Inspect(secret(c.text), secret(c.pass))
		p, ok := model.AsProblem(err)
		switch {
		case !ok || p.Code != c.code || info.Format != c.format:
			t.Errorf("%s: %q, %v; want %q, %s", name, info.Format, err, c.format, c.code)
		case p.What == "" || p.Fix == "" || p.Field == "":
			t.Errorf("%s: a problem without what, fix or field: %+v", name, p)
		}
	}
}

func bodyOf(key string) string {
	lines := strings.Split(strings.TrimSpace(key), "\n")
	return strings.Join(lines[1:len(lines)-1], "\n")
}

func cutBody(key string) string {
	b, _ := pem.Decode([]byte(key))
	b.Bytes = b.Bytes[:40]
	return string(pem.EncodeToMemory(b))
}

func newX25519(t *testing.T) *ecdh.PrivateKey {
	t.Helper()
	k, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// oldEnvelope is PKCS#5 version 1.5, which openssl wrote long ago.
func oldEnvelope(t *testing.T) string {
	t.Helper()
	var env envelope
	env.Algorithm.Algorithm = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 3}
	env.Data = make([]byte, 16)
	der, err := asn1.Marshal(env)
	return encodePEM(t, "ENCRYPTED PRIVATE KEY", der, err)
}

// greedyEnvelope asks for two thousand million iterations.
func greedyEnvelope(t *testing.T) string {
	t.Helper()
	type kdf struct {
		Salt       []byte
		Iterations int
	}
	var env envelope
	var params pbes2
	var err error
	params.KDF.Algorithm = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	if params.KDF.Parameters.FullBytes, err = asn1.Marshal(kdf{make([]byte, 8), 1 << 31}); err != nil {
		t.Fatal(err)
	}
	params.Cipher.Algorithm = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}
	if params.Cipher.Parameters.FullBytes, err = asn1.Marshal(make([]byte, 16)); err != nil {
		t.Fatal(err)
	}
	env.Algorithm.Algorithm = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	if env.Algorithm.Parameters.FullBytes, err = asn1.Marshal(params); err != nil {
		t.Fatal(err)
	}
	env.Data = make([]byte, 16)
	der, err := asn1.Marshal(env)
	return encodePEM(t, "ENCRYPTED PRIVATE KEY", der, err)
}

func TestAHostileEnvelopeIsRefusedBeforeItIsOpened(t *testing.T) {
	t.Parallel()
	good, _ := pem.Decode([]byte(asEncryptedPKCS8(t, newECDSA(t, elliptic.P256()), "pass", nil)))
	var env envelope
	if _, err := asn1.Unmarshal(good.Bytes, &env); err != nil {
		t.Fatal(err)
	}
	env.Data = env.Data[:len(env.Data)-5] // no whole number of blocks
	der, err := asn1.Marshal(env)
	text := encodePEM(t, "ENCRYPTED PRIVATE KEY", der, err)
	if _, err := Inspect(secret(text), secret("pass")); err == nil || !strings.HasPrefix(err.Error(), "sshkey.invalid") {
		t.Errorf("a cut envelope: %v", err)
	}
	greedy := asOpenSSH(t, newECDSA(t, elliptic.P256()), "pass")
	b, _ := pem.Decode([]byte(greedy))
	at := strings.Index(string(b.Bytes), "bcrypt") + 6 + 4 + 4 + 16
	copy(b.Bytes[at:], []byte{0, 1, 0, 0}) // 65536 rounds
	if _, err := Inspect(secret(string(pem.EncodeToMemory(b))), secret("pass")); err == nil || !strings.HasPrefix(err.Error(), "sshkey.invalid") {
		t.Errorf("65536 rounds: %v", err)
	}
}

// dsaKey is a DSA key in openssl's form, with numbers just good enough to be
// parsed.
func dsaKey(t *testing.T) string {
	t.Helper()
	var params dsa.Parameters
	if err := dsa.GenerateParameters(&params, rand.Reader, dsa.L1024N160); err != nil {
		t.Fatal(err)
	}
	k := dsa.PrivateKey{PublicKey: dsa.PublicKey{Parameters: params}}
	if err := dsa.GenerateKey(&k, rand.Reader); err != nil {
		t.Fatal(err)
	}
	der, err := asn1.Marshal(struct {
		Version       int
		P, Q, G, Y, X *big.Int
	}{0, k.P, k.Q, k.G, k.Y, k.X})
	return encodePEM(t, "DSA PRIVATE KEY", der, err)
}

func TestAHardwareKeyIsRecognised(t *testing.T) {
	t.Parallel()
	public := ssh.Marshal(struct {
		Type        string
		Key         []byte
		Application string
	}{"sk-ssh-ed25519@openssh.com", make([]byte, 32), "ssh:"})
	body := ssh.Marshal(struct {
		Cipher, KDF, Options string
		Count                uint32
		Public, Private      []byte
	}{"none", "none", "", 1, public, make([]byte, 64)})
	text := encodePEM(t, "OPENSSH PRIVATE KEY", append([]byte(magic), body...), nil)
	if got := codes(Findings(secret(text), model.Secret{})); got != "error sshkey.invalid" {
		t.Errorf("findings = %s", got)
	}
	if info, _ := Inspect(secret(text), model.Secret{}); info.Algorithm != AlgorithmHardware {
		t.Errorf("info = %+v", info)
	}
}
