package sshkey

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/youmark/pkcs8"
	"golang.org/x/crypto/ssh"

	"bbconnect/model"
)

// The keys of the tests are made when the tests run: a private key in a
// repository, even a worthless one, teaches people to overlook them.

func newRSA(t testing.TB, bits int) *rsa.PrivateKey {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newECDSA(t testing.TB, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newEd25519(t testing.TB) ed25519.PrivateKey {
	t.Helper()
	_, k, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func encodePEM(t testing.TB, label string, der []byte, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
}

func asPKCS1(t testing.TB, k *rsa.PrivateKey) string {
	return encodePEM(t, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(k), nil)
}

func asSEC1(t testing.TB, k *ecdsa.PrivateKey) string {
	der, err := x509.MarshalECPrivateKey(k)
	return encodePEM(t, "EC PRIVATE KEY", der, err)
}

func asPKCS8(t testing.TB, k any) string {
	der, err := x509.MarshalPKCS8PrivateKey(k)
	return encodePEM(t, "PRIVATE KEY", der, err)
}

func asEncryptedPKCS8(t testing.TB, k any, pass string, opts *pkcs8.Opts) string {
	der, err := pkcs8.MarshalPrivateKey(k, []byte(pass), opts)
	return encodePEM(t, "ENCRYPTED PRIVATE KEY", der, err)
}

// asOpenSSH encrypts with ssh-keygen where it can, for one round of derivation
// in place of Go's 24: under the race detector a round takes a tenth of a second.
func asOpenSSH(t testing.TB, k crypto.PrivateKey, pass string) string {
	t.Helper()
	b, err := ssh.MarshalPrivateKey(k, "a comment")
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(b))
	if pass == "" {
		return text
	}
	if _, err := exec.LookPath("ssh-keygen"); err != nil {
		return asOpenSSHOfGo(t, k, pass)
	}
	path := writeFile(t, text)
	run(t, "ssh-keygen", "-p", "-q", "-a", "1", "-P", "", "-N", pass, "-f", path)
	return readFile(t, path)
}

func asOpenSSHOfGo(t testing.TB, k crypto.PrivateKey, pass string) string {
	t.Helper()
	b, err := ssh.MarshalPrivateKeyWithPassphrase(k, "a comment", []byte(pass))
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(b))
}

func publicLine(t testing.TB, k crypto.Signer) string {
	t.Helper()
	pub, err := ssh.NewPublicKey(k.Public())
	if err != nil {
		t.Fatal(err)
	}
	return string(ssh.MarshalAuthorizedKey(pub))
}

func fingerprint(t testing.TB, k crypto.Signer) string {
	t.Helper()
	pub, err := ssh.NewPublicKey(k.Public())
	if err != nil {
		t.Fatal(err)
	}
	return ssh.FingerprintSHA256(pub)
}

// needTool skips loudly where a real tool is not installed; build machines
// have them.
func needTool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed: what it writes and reads is NOT checked here", name)
	}
	return path
}

// run starts a real tool on files of this test and returns what it printed.
func run(t testing.TB, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), needTool(t, name), args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "SSH_ASKPASS_REQUIRE=never")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

func readFile(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func writeFile(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func secret(text string) model.Secret { return model.NewSecret(text) }

func codes(fs model.Findings) string {
	var out []string
	for _, f := range fs {
		out = append(out, string(f.Severity)+" "+f.Code)
	}
	return strings.Join(out, ", ")
}
