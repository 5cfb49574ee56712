package sandbox

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"strings"
	"testing"
)

// parseLeaf reads the first certificate of a chain.
func parseLeaf(c *tls.Certificate) (*x509.Certificate, error) {
	return x509.ParseCertificate(c.Certificate[0])
}

func TestPacketsAreReadBackAsWritten(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	p := &packetWriter{w: &b}
	p.line("hello %d\n", 1)
	p.raw([]byte("0001"))
	p.data(bytes.Repeat([]byte("x"), maxPacket-4))
	p.flush()
	if p.err != nil {
		t.Fatal(p.err)
	}
	want := []struct {
		length int
		kind   packetKind
	}{{8, packetData}, {0, packetDelim}, {maxPacket - 4, packetData}, {0, packetFlush}}
	for i, w := range want {
		body, kind, err := readPacket(&b)
		if err != nil || kind != w.kind || len(body) != w.length {
			t.Errorf("packet %d: %d bytes, kind %d, %v", i, len(body), kind, err)
		}
	}
	if _, _, err := readPacket(&b); !errors.Is(err, io.EOF) {
		t.Errorf("after the last: %v", err)
	}
}

func TestMalformedPacketsAreErrors(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"zzzz", "0002", "0003", "fffff", "00", "0009abc", "-001"} {
		if _, _, err := readPacket(strings.NewReader(text)); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}

// broken is a writer that fails.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestAWriterThatFailsIsReported(t *testing.T) {
	t.Parallel()
	c := seedContent(t, "ledger", 10)
	if err := advertise(broken{}, c, uploadPack, 0); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("advertise: %v", err)
	}
	if err := errorPacket(broken{}, "x"); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("errorPacket: %v", err)
	}
	if err := serveV2(strings.NewReader("0014command=ls-refs\n0000"), broken{}, c); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("serveV2: %v", err)
	}
	if err := serveV0(strings.NewReader("000ewant abcd\n00000009done\n"), broken{}, c); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("serveV0: %v", err)
	}
}

// seedContent is a repository's content without a server.
func seedContent(t *testing.T, slug string, refs int) *content {
	t.Helper()
	return seedWorld(newRandom(1), refs).repository(Cloud, "acme", slug).content
}

// command spells a version 2 request.
func command(name string, args ...string) string {
	var b strings.Builder
	p := &packetWriter{w: &b}
	p.line("command=%s\n", name)
	p.line("%s\n", agent)
	p.raw([]byte("0001"))
	for _, a := range args {
		p.line("%s\n", a)
	}
	p.flush()
	return b.String()
}

func TestLsRefsHonoursItsOptions(t *testing.T) {
	t.Parallel()
	full, empty := seedContent(t, "ledger", 3), seedContent(t, "empty", 0)
	id := full.head()
	rows := []struct {
		name    string
		content *content
		args    []string
		has     []string
		hasNot  []string
	}{
		{"nothing asked", full, nil, []string{id + " HEAD\n", id + " refs/heads/main\n", "refs/heads/feature/PAY-000003\n"}, []string{"symref-target", "peeled"}},
		{"symrefs and peel", full, []string{"peel", "symrefs"}, []string{"HEAD symref-target:refs/heads/main\n", "refs/tags/v1.0.0 peeled:" + id + "\n"}, nil},
		{"one prefix", full, []string{"ref-prefix refs/tags/"}, []string{"refs/tags/v1.0.0\n"}, []string{"HEAD", "refs/heads/"}},
		{"two prefixes", full, []string{"ref-prefix HEAD", "ref-prefix refs/heads/dev"}, []string{"HEAD\n", "refs/heads/develop\n"}, []string{"refs/heads/main\n", "tags"}},
		{"empty", empty, nil, []string{"0000"}, []string{"HEAD"}},
		{"empty, unborn", empty, []string{"unborn", "symrefs"}, []string{"unborn HEAD symref-target:refs/heads/main\n"}, nil},
	}
	for _, row := range rows {
		var out bytes.Buffer
		if err := serveV2(strings.NewReader(command("ls-refs", row.args...)), &out, row.content); err != nil {
			t.Errorf("%s: %v", row.name, err)
		}
		for _, want := range row.has {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: no %q in %q", row.name, want, out.String())
			}
		}
		for _, not := range row.hasNot {
			if strings.Contains(out.String(), not) {
				t.Errorf("%s: %q in %q", row.name, not, out.String())
			}
		}
	}
}

func TestFetchNegotiatesBeforeItSends(t *testing.T) {
	t.Parallel()
	c := seedContent(t, "ledger", 0)
	var out bytes.Buffer
	if err := serveV2(strings.NewReader(command("fetch", "want "+c.head())), &out, c); err != nil || out.String() != "0014acknowledgments\n0008NAK\n0000" {
		t.Errorf("%v %q", err, out.String())
	}
	out.Reset()
	if err := serveV2(strings.NewReader(command("fetch", "want "+c.head(), "done")), &out, c); err != nil || !strings.HasPrefix(out.String(), "000dpackfile\n") || !strings.Contains(out.String(), "\x01PACK") {
		t.Errorf("%v %q", err, out.String())
	}
	out.Reset()
	if err := serveV0(strings.NewReader("0032want "+c.head()+"\n0000"+"0032have "+noObject+"\n0000"+"0009done\n"), &out, c); err != nil || !strings.HasPrefix(out.String(), "0008NAK\n0008NAK\nPACK") {
		t.Errorf("%v %q", err, out.String())
	}
	out.Reset()
	if err := serveV2(strings.NewReader(command("object-info")), &out, c); err != nil || !strings.Contains(out.String(), "ERR unknown command") {
		t.Errorf("%v %q", err, out.String())
	}
}

func TestProtocolVersionsAreReadFromTheirHeader(t *testing.T) {
	t.Parallel()
	rows := []struct {
		service, header string
		want            int
	}{
		{uploadPack, "", 0},
		{uploadPack, "version=1", 1},
		{uploadPack, "version=2", 2},
		{uploadPack, "key=x:version=2", 2},
		{uploadPack, "version=3", 0},
		{receivePack, "version=2", 0},
		{receivePack, "version=1", 1},
	}
	for _, row := range rows {
		if got := protocolVersion(row.service, row.header); got != row.want {
			t.Errorf("%s %q: %d", row.service, row.header, got)
		}
	}
}

func TestGitAddressesAreTakenApart(t *testing.T) {
	t.Parallel()
	rows := []struct {
		path, owner, slug, action string
		ok                        bool
	}{
		{"/acme/ledger.git/info/refs", "acme", "ledger", "info/refs", true},
		{"/acme/ledger/git-upload-pack", "acme", "ledger", "git-upload-pack", true},
		{"/bitbucket/scm/~jdoe/x.git/git-receive-pack", "~jdoe", "x", "git-receive-pack", true},
		{"/ledger.git/info/refs", "", "", "", false},
		{"/acme/ledger", "", "", "", false},
		{"/info/refs", "", "", "", false},
	}
	for _, row := range rows {
		owner, slug, action, ok := gitPath(row.path)
		if owner != row.owner || slug != row.slug || action != row.action || ok != row.ok {
			t.Errorf("%s: %q %q %q %t", row.path, owner, slug, action, ok)
		}
	}
}

// FuzzUploadPack feeds arbitrary requests to both protocols: they end, without
// a panic, and never take more than the request to do so.
func FuzzUploadPack(f *testing.F) {
	for _, seed := range []string{"", "0000", command("ls-refs", "peel", "symrefs", "unborn"), command("fetch", "done"), "0032want " + noObject + "\n00000009done\n", "0001", "ffff", "0009done\n"} {
		f.Add(seed)
	}
	c := seedWorld(newRandom(1), 2).repository(Cloud, "acme", "ledger").content
	f.Fuzz(func(t *testing.T, request string) {
		var out bytes.Buffer
		_ = serveV0(strings.NewReader(request), &out, c)
		r := strings.NewReader(request)
		for range len(request) + 1 {
			if serveV2(r, &out, c) != nil {
				return
			}
		}
		t.Errorf("%q does not end", request)
	})
}

// FuzzSSHCommand takes arbitrary command lines: the path keeps no more bytes
// than the line had.
func FuzzSSHCommand(f *testing.F) {
	f.Add("git-upload-pack '/acme/ledger.git'")
	f.Add(`git-upload-pack 'it'\''s'`)
	f.Fuzz(func(t *testing.T, line string) {
		if verb, path := splitCommand(line); len(verb)+len(path) > len(line) || strings.Contains(verb, " ") {
			t.Errorf("%q became %q %q", line, verb, path)
		}
	})
}

// BenchmarkAdvertise lists a hundred thousand refs as version 0 does.
func BenchmarkAdvertise(b *testing.B) {
	c := seedWorld(newRandom(1), 100_000).repository(Cloud, "acme", "ledger").content
	for b.Loop() {
		if err := advertise(io.Discard, c, uploadPack, 0); err != nil {
			b.Fatal(err)
		}
	}
}
