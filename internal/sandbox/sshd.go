package sandbox

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"
)

// sshKeyRefused is the journal's status for a key that was not accepted: what
// the ssh program exits with.
const sshKeyRefused = 255

// Key is a public key that may log in over SSH.
type Key struct {
	// Product is where; empty is both.
	Product Product
	// User is whose key it is, for example "jdoe". Ignored for deploy keys.
	User string
	// Line is the key as in an authorized_keys file.
	Line string
	// DeployFor makes it a deploy key (Data Center: access key) of this one
	// repository, "acme/ledger" or "PAY/ledger".
	DeployFor string
	// Writable lets a deploy key push; Bitbucket Cloud's never can.
	Writable bool
}

// grantedKey is a Key, parsed.
type grantedKey struct {
	Key
	wire string
}

// AuthorizeKey lets a key in. It fails for a line that holds no public key and
// for a user nobody knows.
func (s *Sandbox) AuthorizeKey(k Key) error {
	public, _, _, _, err := ssh.ParseAuthorizedKey([]byte(k.Line))
	if err != nil {
		return fmt.Errorf("sandbox: authorised key: %w", err)
	}
	if k.DeployFor == "" && s.world.person(Cloud, k.User) == nil && s.world.person(DataCenter, k.User) == nil {
		return fmt.Errorf("sandbox: authorised key: no user is called %q", k.User)
	}
	s.keysMu.Lock()
	defer s.keysMu.Unlock()
	s.keys = append(s.keys, grantedKey{Key: k, wire: string(public.Marshal())})
	return nil
}

// keyFor finds the grant of a public key at a product.
func (s *Sandbox) keyFor(product Product, public ssh.PublicKey) (grantedKey, bool) {
	s.keysMu.RLock()
	defer s.keysMu.RUnlock()
	for _, k := range s.keys {
		if k.wire == string(public.Marshal()) && (k.Product == "" || k.Product == product) {
			return k, true
		}
	}
	return grantedKey{}, false
}

// knownHosts is what a known_hosts file says of the sandbox.
type knownHosts int

const (
	knownAll     knownHosts = iota // the keys it shows while nothing is wrong
	knownNothing                   // nothing
	knownRevoked                   // those keys, as revoked
)

// sshServer is one product's SSH listener with its host keys: those clients
// know, and one they do not, for the scenario in which it changed.
type sshServer struct {
	product  Product
	listener net.Listener
	addr     *net.TCPAddr
	known    []ssh.Signer
	other    ssh.Signer

	mu    sync.Mutex
	conns map[net.Conn]bool
}

// newSSHServer makes the host keys and listens.
func (s *Sandbox) newSSHServer(product Product, random io.Reader) (*sshServer, error) {
	d := &sshServer{product: product, conns: map[net.Conn]bool{}}
	first, err := ed25519Signer(random)
	if err != nil {
		return nil, err
	}
	second, err := ecdsaSigner(random)
	if err != nil {
		return nil, err
	}
	if d.other, err = ed25519Signer(random); err != nil {
		return nil, err
	}
	d.known = []ssh.Signer{first, second}
	if d.listener, err = net.Listen("tcp4", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("sandbox: listen on loopback: %w", err)
	}
	d.addr = d.listener.Addr().(*net.TCPAddr)
	s.running.Go(func() { s.acceptSSH(d) })
	return d, nil
}

// ed25519Signer draws an Ed25519 host key.
func ed25519Signer(random io.Reader) (ssh.Signer, error) {
	seed := make([]byte, ed25519.SeedSize)
	mustRead(random, seed)
	return ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(seed))
}

// ecdsaSigner draws an ECDSA P-256 host key from the seed's own bytes, since
// key generation mixes in the system's randomness.
func ecdsaSigner(random io.Reader) (ssh.Signer, error) {
	raw := make([]byte, 32)
	mustRead(random, raw)
	raw[0] &= 0x7f // stays below the order of the curve
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw)
	if err != nil {
		return nil, err
	}
	return ssh.NewSignerFromKey(key)
}

// acceptSSH serves connections until the listener closes.
func (s *Sandbox) acceptSSH(d *sshServer) {
	for {
		conn, err := d.listener.Accept()
		if err != nil {
			return
		}
		if s.faults().drop {
			reset(conn)
			continue
		}
		if !d.track(conn, true) || !s.enter() {
			_ = conn.Close()
			return
		}
		go func() {
			defer s.running.Done()
			defer d.track(conn, false)
			s.serveSSH(d, conn)
		}()
	}
}

// track keeps the open connections, so that close can end them; it reports
// false once closed.
func (d *sshServer) track(conn net.Conn, open bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.conns == nil {
		return false
	}
	if open {
		d.conns[conn] = true
		return true
	}
	delete(d.conns, conn)
	_ = conn.Close()
	return true
}

// close ends the listener and every connection.
func (d *sshServer) close() error {
	d.mu.Lock()
	conns := d.conns
	d.conns = nil
	d.mu.Unlock()
	err := d.listener.Close()
	for conn := range conns {
		_ = conn.Close()
	}
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// errKeyRefused is what x/crypto/ssh wants to hear about an unknown key.
var errKeyRefused = errors.New("key not accepted")

// grantKey is where the accepted key travels in a connection's permissions.
const grantKey = "sandbox-grant"

// config is the server's side of a handshake under the current scenario.
func (s *Sandbox) config(d *sshServer) *ssh.ServerConfig {
	f := s.faults()
	config := &ssh.ServerConfig{
		ServerVersion: map[Product]string{Cloud: "SSH-2.0-conker_sandbox", DataCenter: "SSH-2.0-APACHE-SSHD-2.13.2"}[d.product],
		MaxAuthTries:  6,
		PublicKeyCallback: func(meta ssh.ConnMetadata, public ssh.PublicKey) (*ssh.Permissions, error) {
			grant, ok := s.keyFor(d.product, public)
			if !ok || meta.User() != "git" || s.faults().rejectKeys {
				return nil, errKeyRefused
			}
			return &ssh.Permissions{ExtraData: map[any]any{grantKey: grant}}, nil
		},
	}
	if f.banner {
		config.BannerCallback = func(ssh.ConnMetadata) string { return strings.Repeat(longBanner, 400) }
	}
	if f.oldExchange {
		config.KeyExchanges = []string{ssh.InsecureKeyExchangeDH1SHA1}
	}
	if f.oldAlgorithms {
		//lint:ignore SA1019 an old server is what this imitates
		config.PublicKeyAuthAlgorithms = []string{ssh.InsecureKeyAlgoDSA, ssh.KeyAlgoRSA}
	}
	if f.otherHostKey {
		config.AddHostKey(d.other)
		return config
	}
	for _, signer := range d.known {
		config.AddHostKey(signer)
	}
	return config
}

// serveSSH takes one connection through the handshake and answers its sessions.
func (s *Sandbox) serveSSH(d *sshServer, conn net.Conn) {
	if f := s.faults(); f.silent || f.flood || f.greeting != "" {
		misbehave(conn, f)
		return
	}
	channelName := map[Product]Channel{Cloud: CloudSSH, DataCenter: DataCenterSSH}[d.product]
	server, channels, requests, err := ssh.NewServerConn(conn, s.config(d))
	if err != nil {
		var refused *ssh.ServerAuthError
		if errors.As(err, &refused) {
			s.journal.add(Request{Channel: channelName, Method: "login", Host: string(d.product), Login: "key", Status: sshKeyRefused})
		}
		return
	}
	defer func() { _ = server.Close() }()
	grant, _ := server.Permissions.ExtraData[grantKey].(grantedKey)
	s.running.Go(func() { ssh.DiscardRequests(requests) })
	for incoming := range channels {
		if incoming.ChannelType() != "session" {
			_ = incoming.Reject(ssh.UnknownChannelType, "only sessions are served")
			continue
		}
		channel, asked, err := incoming.Accept()
		if err != nil {
			return
		}
		s.session(&sshSession{server: d, channel: channel, grant: grant, via: channelName}, asked)
	}
}

// longBanner is a line of the banner: hostile, and harmless where it is not
// printed as it came.
const longBanner = "\x1b[31m*** ATTENTION \x07\x1b]0;owned\x07 authorised use only ***\x1b[0m\r\n"

// misbehave takes a connection and speaks no SSH: a greeting of something else,
// lines for ever, or nothing until the client leaves. Close ends it too.
func misbehave(conn net.Conn, f *faults) {
	switch {
	case f.greeting != "":
		_, _ = io.WriteString(conn, f.greeting)
		return
	case f.flood:
		line := []byte(strings.Repeat("all work and no play\r\n", 64))
		for {
			if _, err := conn.Write(line); err != nil {
				return
			}
		}
	}
	_, _ = io.Copy(io.Discard, conn)
}

// KnownHosts are lines for a known_hosts file with the host keys the sandbox
// has while nothing is wrong, under every public name and loopback address. A
// scenario may leave them out, or mark them as revoked.
func (s *Sandbox) KnownHosts() []byte {
	marker := ""
	switch s.faults().known {
	case knownNothing:
		return nil
	case knownRevoked:
		marker = "@revoked "
	}
	names := map[*sshServer]string{
		s.cloudSSH: "bitbucket.org,ssh.bitbucket.org,[altssh.bitbucket.org]:443",
		s.dcSSH:    fmt.Sprintf("[%s]:%d", s.opts.DataCenterHost, s.sshPort()),
	}
	var lines strings.Builder
	for _, d := range []*sshServer{s.cloudSSH, s.dcSSH} {
		for _, signer := range d.known {
			fmt.Fprintf(&lines, "%s%s,[127.0.0.1]:%d,[localhost]:%d %s", marker, names[d], d.addr.Port, d.addr.Port, ssh.MarshalAuthorizedKey(signer.PublicKey()))
		}
	}
	return []byte(lines.String())
}

// HostFingerprint is the "SHA256:…" of a product's known Ed25519 host key.
func (s *Sandbox) HostFingerprint(product Product) string {
	d := s.dcSSH
	if product == Cloud {
		d = s.cloudSSH
	}
	return ssh.FingerprintSHA256(d.known[0].PublicKey())
}
