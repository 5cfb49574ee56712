package probe

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"bbconnect/model"
)

// rsaKey is one key for all tests, made at run time.
var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// ownKey is the connector's key in the PEM format Harness reads.
func ownKey() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(rsaKey())}))
}

// lockedKey is the same under a passphrase, in the old PEM way ssh-keygen -m
// PEM writes.
func lockedKey(t testing.TB, passphrase string) string {
	t.Helper()
	//lint:ignore SA1019 the format exists, people hold keys in it and Harness reads it
	block, err := x509.EncryptPEMBlock(rand.Reader, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey()), []byte(passphrase), x509.PEMCipherAES128)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(block))
}

// openSSHKey is a key in OpenSSH's own format.
func openSSHKey(t testing.TB, key crypto.PrivateKey) string {
	t.Helper()
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(block))
}

func pkcs8Key(t testing.TB, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// sshWorld is a scripted SSH server.
type sshWorld struct {
	listener net.Listener
	hostKeys []ssh.Signer
	config   *ssh.ServerConfig
	// stdout and stderr are what git-upload-pack prints.
	stdout, stderr string

	mu       sync.Mutex
	commands []string
	closed   sync.WaitGroup
}

func hostSigner(t testing.TB, key any) ssh.Signer {
	t.Helper()
	s, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func ecdsaHostKey(t testing.TB) ssh.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return hostSigner(t, key)
}

func ed25519HostKey(t testing.TB) ssh.Signer {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return hostSigner(t, key)
}

// newSSHWorld serves git over SSH for the connector's key.
func newSSHWorld(t testing.TB, change func(*sshWorld)) *sshWorld {
	t.Helper()
	w := &sshWorld{hostKeys: []ssh.Signer{ecdsaHostKey(t)}, stdout: pkt("version 2\n") + pkt("ls-refs\n") + "0000"}
	own := hostSigner(t, rsaKey()).PublicKey().Marshal()
	w.config = &ssh.ServerConfig{
		ServerVersion: "SSH-2.0-conker_test",
		PublicKeyCallback: func(c ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if c.User() != model.UserSSH || !bytes.Equal(key.Marshal(), own) {
				return nil, io.EOF
			}
			return nil, nil
		},
	}
	if change != nil {
		change(w)
	}
	for _, k := range w.hostKeys {
		w.config.AddHostKey(k)
	}
	var err error
	if w.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	w.closed.Go(w.accept)
	t.Cleanup(func() { _ = w.listener.Close(); w.closed.Wait() })
	return w
}

func (w *sshWorld) accept() {
	for {
		conn, err := w.listener.Accept()
		if err != nil {
			return
		}
		w.closed.Go(func() { w.serve(conn) })
	}
}

func (w *sshWorld) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	c, channels, requests, err := ssh.NewServerConn(conn, w.config)
	if err != nil {
		return
	}
	defer func() { _ = c.Close() }()
	go ssh.DiscardRequests(requests)
	for open := range channels {
		channel, requests, err := open.Accept()
		if err != nil {
			return
		}
		w.session(channel, requests)
	}
}

func (w *sshWorld) session(channel ssh.Channel, requests <-chan *ssh.Request) {
	defer func() { _ = channel.Close() }()
	for r := range requests {
		if r.Type != "exec" {
			if r.WantReply {
				_ = r.Reply(false, nil)
			}
			continue
		}
		var exec struct{ Command string }
		_ = ssh.Unmarshal(r.Payload, &exec)
		w.mu.Lock()
		w.commands = append(w.commands, exec.Command)
		w.mu.Unlock()
		_ = r.Reply(true, nil)
		_, _ = io.WriteString(channel, w.stdout)
		_, _ = io.WriteString(channel.Stderr(), w.stderr)
		_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{0}))
		return
	}
}

func (w *sshWorld) ran() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.commands...)
}

// line is the known_hosts line of one host key.
func (w *sshWorld) line(address string, key int) []byte {
	return []byte(knownhosts.Line([]string{knownhosts.Normalize(address)}, w.hostKeys[key].PublicKey()) + "\n")
}

// route leads ports of SSH to the scripted server, the rest to HTTP.
func (w *sshWorld) route(next func(context.Context, string, string) (net.Conn, error)) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		if strings.HasSuffix(addr, ":22") || strings.HasSuffix(addr, ":7999") || strings.HasPrefix(addr, "altssh.") {
			var d net.Dialer
			return d.DialContext(ctx, network, w.listener.Addr().String())
		}
		return next(ctx, network, addr)
	}
}
