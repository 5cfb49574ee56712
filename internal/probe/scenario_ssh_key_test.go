package probe

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net"
	"testing"

	"golang.org/x/crypto/ssh"

	"bbconnect/model"
)

// noDial fails a test that connects anywhere.
func noDial(t *testing.T, _ *world, o *Options) {
	o.Dial = func(_ context.Context, _, address string) (net.Conn, error) {
		t.Errorf("%s was dialled for a key that cannot be used", address)
		return nil, net.ErrClosed
	}
}

// shortKey is an RSA key of 1024 bits in PEM.
func shortKey(t testing.TB) (*rsa.PrivateKey, string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	return key, string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

func pemBlock(kind string) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: []byte("damaged beyond reading")}))
}

// sshKeyScenarios are about our own key; those that fail must dial nothing.
func sshKeyScenarios(t testing.TB) []scenario {
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ecDER, err := x509.MarshalECPrivateKey(ec)
	if err != nil {
		t.Fatal(err)
	}
	ecPEM := string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: ecDER}))
	short, shortPEM := shortKey(t)
	locked, err := ssh.MarshalPrivateKeyWithPassphrase(ed, "", []byte("Ca1arySesame"))
	if err != nil {
		t.Fatal(err)
	}
	onCloud := func(key string) func(*model.TestRequest) {
		return together(overSSHTo("git@ssh.bitbucket.org:acme/ledger.git"), func(r *model.TestRequest) { r.SSHKey = model.NewSecret(key) })
	}
	fails := func(name, key, code, rule string, says ...string) scenario {
		return scenario{
			name: "SSH key: " + name, change: withKey(key), options: noDial, verdict: model.VerdictFail, code: code, rule: rule, says: says,
			more:   keysAt("https://" + dcHost + "/plugins/servlet/ssh/account/keys"),
			checks: map[string]model.CheckStatus{checkReach: model.CheckSkip, checkTLS: model.CheckSkip, checkGit: model.CheckFail},
		}
	}
	public := string(ssh.MarshalAuthorizedKey(hostSigner(t, rsaKey()).PublicKey()))
	return []scenario{
		fails("OpenSSH's format", openSSHKey(t, rsaKey()), "key.openssh", "a key in OpenSSH's own format", "ssh-keygen -p -m PEM"),
		fails("Ed25519 in OpenSSH's format", openSSHKey(t, ed), "key.ed25519", "an Ed25519 key", "ssh-keygen -t rsa"),
		fails("Ed25519 in OpenSSH's format, locked", string(pem.EncodeToMemory(locked)), "key.ed25519", "an Ed25519 key"),
		fails("Ed25519 in PKCS#8", pkcs8Key(t, ed), "key.ed25519", "an Ed25519 key"),
		fails("the public half", public, "key.public", "the public half of the key", "without .pub"),
		fails("the public half in PEM", pemBlock("PUBLIC KEY"), "key.public", "the public half of the key"),
		fails("PuTTY's format", "PuTTY-User-Key-File-3: ssh-rsa", "key.putty", "a PuTTY key", "PuTTYgen"),
		fails("an encrypted PKCS#8 key", pemBlock("ENCRYPTED PRIVATE KEY"), "key.pkcs8", "an encrypted PKCS#8 key", "encrypted PKCS#8"),
		fails("DSA", pemBlock("DSA PRIVATE KEY"), "key.weak", "the key is too weak", "DSA"),
		fails("half a key", ownKey()[:400], "ssh.key-format", "the key is damaged or none", "damaged"),
		fails("a broken body", pemBlock("RSA PRIVATE KEY"), "ssh.key-format", "the key is damaged or none", "damaged"),
		fails("a token", apiToken(), "ssh.key-format", "the key is damaged or none", "no private key"),
		fails("a certificate", pemBlock("CERTIFICATE"), "ssh.key-format", "the key is damaged or none"),
		{
			name: "SSH key: RSA with 1024 bits for Cloud", change: onCloud(shortPEM), options: noDial, verdict: model.VerdictFail,
			code: "key.weak", rule: "the key is too weak", says: []string{"1024 bits", "2048 and more"}, more: keysAt(model.PageSSHKeys),
		},
		{
			name: "SSH key: RSA with 1024 bits that a Data Center takes", change: withKey(shortPEM), verdict: model.VerdictWarn,
			code: "key.weak", rule: "a short key that works", says: []string{"1024 bits"}, options: sshServer(taking(t, short), nil),
		},
		{
			name: "SSH key: ECDSA", change: withKey(ecPEM), verdict: model.VerdictPass, options: sshServer(taking(t, ec), nil),
		},
	}
}

// taking makes the scripted server take this key instead of the connector's.
func taking(t testing.TB, key any) func(*sshWorld) {
	t.Helper()
	want := string(hostSigner(t, key).PublicKey().Marshal())
	return func(w *sshWorld) {
		w.config.PublicKeyCallback = func(_ ssh.ConnMetadata, shown ssh.PublicKey) (*ssh.Permissions, error) {
			if string(shown.Marshal()) != want {
				return nil, net.ErrClosed
			}
			return nil, nil
		}
	}
}

// keysAt expects the page where keys are kept.
func keysAt(want string) func(*testing.T, *model.Problem) {
	return func(t *testing.T, p *model.Problem) {
		if p.Page != want {
			t.Errorf("the page is %q, want %q", p.Page, want)
		}
	}
}
