package probe

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"bbconnect/model"
)

// gitSSH runs git-upload-pack as git does, reads the beginning of its
// advertisement, and hangs up.
func (t *test) gitSSH(ctx context.Context) {
	f := &t.facts
	f.git = answer{asked: true, check: checkGit, host: t.to.sshAddress()}
	signer, trouble := readKey(f.req.SSHKey, f.req.SSHPassphrase, t.to.Product)
	f.ssh.key = trouble
	if signer == nil {
		t.stream.skipConnection("the key cannot be used")
		t.stream.end(checkGit, model.CheckFail, "", trouble.text)
		return
	}
	f.ssh.bits = rsaBits(signer.PublicKey())
	defer t.logSSH(ctx, t.opts.Now())
	client, done := t.connectSSH(ctx, signer)
	defer done()
	if client == nil {
		t.endConnection(f.git)
		t.endGit(f.git)
		return
	}
	t.uploadPack(ctx, client)
}

// connectSSH dials, hears the host key and signs in; the client is nil where
// that failed, and git's answer then says why. Part of the time is kept for
// finding the reason. done ends the connection.
func (t *test) connectSSH(ctx context.Context, signer ssh.Signer) (client *ssh.Client, done func()) {
	f := &t.facts
	early, cancel := reserve(ctx)
	defer cancel()
	t.stream.start(checkReach)
	conn, err := t.opts.Dial(early, "tcp", t.to.sshAddress())
	if err != nil {
		f.git.fault = classify(early, err)
		t.askOtherPort(ctx)
		return nil, func() {}
	}
	// A deadline in the past ends whatever waits when the context does.
	hurry := func() { _ = conn.SetDeadline(time.Unix(1, 0)) }
	stop := context.AfterFunc(early, hurry)
	t.stream.end(checkReach, model.CheckPass, "", "")
	t.stream.start(checkTLS)
	client, refused := t.handshake(early, conn, signer)
	if client != nil && !stop() {
		_ = client.Close()
		client, refused = nil, fault{kind: faultTimeout, err: context.DeadlineExceeded}
	}
	if client == nil {
		stop()
		_ = conn.Close()
		f.git.fault = refused
		t.askOtherPort(ctx)
		return nil, func() {}
	}
	stop = context.AfterFunc(ctx, hurry)
	return client, func() { stop(); _ = client.Close(); _ = conn.Close() }
}

// handshake checks the server's key and signs in, with nothing where there is
// no signer.
func (t *test) handshake(ctx context.Context, conn net.Conn, signer ssh.Signer) (*ssh.Client, fault) {
	f := &t.facts
	hosts := newHostKeys(t.to, t.opts.KnownHosts, f.req.HostKeys)
	f.ssh.stale = hosts.stale
	var refused fault
	var keys []ssh.AuthMethod
	if signer != nil {
		keys = append(keys, ssh.PublicKeys(signer))
	}
	config := &ssh.ClientConfig{
		User:              t.opts.sshUser,
		Auth:              keys,
		HostKeyAlgorithms: hosts.algorithms(),
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			refused = hosts.judge(key)
			if refused.kind != noFault {
				if refused.kind != faultHostOld {
					f.ssh.host = hosts.offer(key)
				}
				return errors.New("the host key is not accepted")
			}
			t.stream.end(checkTLS, model.CheckPass, "Host key of "+clean(t.to.Host)+" ("+key.Type()+")", ssh.FingerprintSHA256(key))
			t.stream.start(checkGit)
			return nil
		},
	}
	heard := &greeting{Conn: conn}
	c, channels, requests, err := ssh.NewClientConn(heard, t.to.sshAddress(), config)
	f.ssh.version = heard.version()
	if err == nil {
		return ssh.NewClient(c, channels, requests), fault{}
	}
	if refused.kind == noFault {
		refused = classifySSH(ctx, err)
		if refused.kind != faultCancelled && heard.foreign() {
			refused.kind = faultNotSSH
		}
	}
	return nil, refused
}

// greeting remembers the first bytes the server sent.
type greeting struct {
	net.Conn
	first []byte
}

// Read keeps what fits the longest version line of RFC 4253 §4.2.
func (g *greeting) Read(p []byte) (int, error) {
	n, err := g.Conn.Read(p)
	if room := 255 - len(g.first); room > 0 {
		g.first = append(g.first, p[:min(n, room)]...)
	}
	return n, err
}

// foreign reports that something was said, and that it was not SSH.
func (g *greeting) foreign() bool {
	return len(g.first) > 0 && !bytes.Contains(g.first, []byte("SSH-"))
}

// version is the server's version line (RFC 4253 §4.2), "" where it sent none
// among its first bytes.
func (g *greeting) version() string {
	for line := range bytes.Lines(g.first) {
		if bytes.HasPrefix(line, []byte("SSH-")) {
			return clean(string(line))
		}
	}
	return ""
}

// classifySSH names the failure of a handshake. The library has types for few
// of them.
func classifySSH(ctx context.Context, err error) fault {
	f := classify(ctx, err)
	var algorithm *ssh.AlgorithmNegotiationError
	text := err.Error()
	switch {
	case f.kind == faultCancelled || f.kind == faultTimeout:
	case errors.As(err, &algorithm):
		f.kind, f.detail = faultAlgorithm, algorithmDetail(algorithm)
	case holds(text, "no common public key signature algorithm"):
		// The server has not said (RFC 8308, server-sig-algs) that it takes
		// RSA signatures with SHA-2, and ours makes no others.
		f.kind = faultOnlySHA1
	case holds(text, "unable to authenticate"):
		f.kind = faultKeyRefused
	}
	return f
}

// algorithmDetail names what both sides have, the first few of each.
func algorithmDetail(err *ssh.AlgorithmNegotiationError) string {
	what := clean(err.What)
	for from, to := range map[string]string{"key exchange": "the key exchange", "host key": "its host key"} {
		if what == from {
			what = to
		}
	}
	return "For " + what + " it offers " + someNames(err.RequestedAlgorithms) + "; taken today are " + someNames(err.SupportedAlgorithms) + "."
}

// someNames lists at most four names, each cut at a length no real one has.
func someNames(names []string) string {
	var out []string
	for _, n := range names {
		if n = clean(n); n == "" || strings.HasPrefix(n, "ext-info-") || strings.HasPrefix(n, "kex-strict-") {
			continue
		}
		if len(out) == 4 {
			return strings.Join(out, ", ") + " and others"
		}
		if r := []rune(n); len(r) > 48 {
			n = string(r[:48]) + "…"
		}
		out = append(out, n)
	}
	if len(out) == 0 {
		return "nothing"
	}
	return strings.Join(out, ", ")
}

// uploadPack proves access to the repository.
func (t *test) uploadPack(ctx context.Context, client *ssh.Client) {
	f := &t.facts
	found, said := readRemote(client, t.to.sshPath())
	if ctx.Err() != nil && !found.ok {
		f.git.fault = classify(ctx, ctx.Err())
	}
	f.advert = found
	if found.refusal != "" {
		said = found.refusal
	}
	f.git.said = clean(without(said, t.secrets))
	switch {
	case f.git.fault.kind == faultCancelled:
	case found.ok:
		t.stream.end(checkGit, model.CheckPass, "", t.to.name())
	default:
		t.stream.end(checkGit, model.CheckFail, "", f.git.said)
	}
}

// readRemote runs git-upload-pack and reads the beginning of what it prints,
// and its complaints.
func readRemote(client *ssh.Client, path string) (advert, string) {
	session, err := client.NewSession()
	if err != nil {
		return advert{}, ""
	}
	defer func() { _ = session.Close() }()
	var complaints boundedBuffer
	session.Stderr = &complaints
	stdin, err := session.StdinPipe()
	if err != nil {
		return advert{}, ""
	}
	stdout, err := session.StdoutPipe()
	if err != nil {
		return advert{}, ""
	}
	// As git's own client: asked for, but not waited for.
	_, _ = session.SendRequest("env", false, ssh.Marshal(struct{ Name, Value string }{"GIT_PROTOCOL", "version=2"}))
	if err := session.Start("git-upload-pack " + shellQuote(path)); err != nil {
		return advert{}, complaints.String()
	}
	found, _ := readAdvert(io.LimitReader(stdout, maxBody), false)
	// A flush tells the server that nothing is wanted.
	_, _ = io.WriteString(stdin, "0000")
	_ = stdin.Close()
	if found.ok {
		return found, ""
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(stdout, maxBody))
	_ = session.Wait()
	return found, complaints.String()
}

// shellQuote quotes a path for the shell on the other side, which Bitbucket
// imitates; a leading slash before ~user is dropped as git does.
func shellQuote(path string) string {
	if strings.HasPrefix(path, "/~") {
		path = path[1:]
	}
	return "'" + strings.NewReplacer("'", `'\''`, "!", `'\!'`).Replace(path) + "'"
}

// boundedBuffer keeps the first few kilobytes written to it.
type boundedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

const maxComplaints = 4 << 10

// Write never fails, so that the other side never blocks.
func (b *boundedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if room := maxComplaints - b.buf.Len(); room > 0 {
		_, _ = b.buf.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

func (b *boundedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
