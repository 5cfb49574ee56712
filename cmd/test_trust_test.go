package cmd

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bbconnect/model"
)

// person answers at a terminal: standard error is one, and so is the input.
func (p *place) person() {
	p.tune = func(a *app) {
		a.errWidth = func() int { return 80 }
		a.readSecretLine = func(context.Context, func()) (string, error) { return "", errNoAnswer }
	}
}

// authority is a certificate made now.
func authority(t *testing.T, host string) *model.Authority {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Acme CA"}, NotAfter: today().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, of, of, public, private)
	if err != nil {
		t.Fatal(err)
	}
	return &model.Authority{
		Host: host, Subject: "CN=Acme CA", Issuer: "CN=Acme Root", Fingerprint: "SHA256:00ff", Expires: of.NotAfter,
		PEM: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
	}
}

// hostKey is a key that nobody has accepted.
func hostKey() *model.HostKey {
	return &model.HostKey{Address: "bitbucket.org:22", Type: "ssh-ed25519", Fingerprint: "SHA256:abc", Line: "bitbucket.org ssh-ed25519 " + strings.Repeat("A", 68)}
}

// wary fails until the person has accepted n times.
func wary(tests *atomic.Int32, until int32, p *model.Problem) func(model.TestRequest) model.TestResult {
	return func(req model.TestRequest) model.TestResult {
		r := passes(req)
		if tests.Add(1) <= until {
			r.Verdict, r.Problem = model.VerdictFail, p
		}
		return r
	}
}

func TestAPersonIsAskedAboutAnUnknownKeyAndTheTestRunsAgain(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		problem *model.Problem
		answer  string
		file    string
		tests   int32
		says    []string
	}{
		"host key, yes":  {&model.Problem{Code: "ssh.host-key-unknown", What: "Unknown.", HostKey: hostKey()}, "y\n", "config/known_hosts", 2, []string{"bitbucket.org:22 shows the key ssh-ed25519", "SHA256:abc", "Accept and remember it?"}},
		"host key, no":   {&model.Problem{Code: "ssh.host-key-unknown", What: "Unknown.", HostKey: hostKey()}, "\n", "", 1, []string{"Accept and remember it?"}},
		"authority, yes": {&model.Problem{Code: "tls.unknown-ca", What: "Unknown.", Authority: authority(t, "bitbucket.org")}, "yes\n", "config/authorities/ca-bitbucket.org.pem", 2, []string{"CN=Acme CA", "Issued by: CN=Acme Root", "Expires: 2026-11-22", "SHA256:00ff", "Trust it for bitbucket.org from now on?"}},
		"authority, no":  {&model.Problem{Code: "tls.unknown-ca", What: "Unknown.", Authority: authority(t, "bitbucket.org")}, "n\n", "", 1, []string{"Trust it for"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPaymentsPlace(t)
			p.person()
			var tests atomic.Int32
			p.verdict = wary(&tests, 1, tc.problem)
			s := p.run(tc.answer, "test", "Payments")
			if want := map[bool]int{true: exitDone, false: exitFailed}[tc.tests == 2]; s.code != want || tests.Load() != tc.tests {
				t.Errorf("exits %d after %d tests:\n%s", s.code, tests.Load(), s.err)
			}
			contains(t, "the question", s.err, tc.says...)
			kept := p.files()
			if tc.file != "" && kept[tc.file] == "" {
				t.Errorf("nothing was kept in %s", tc.file)
			}
			if tc.file == "" && (kept["config/known_hosts"] != "" || kept["config/authorities/ca-bitbucket.org.pem"] != "") {
				t.Error("a no was kept")
			}
		})
	}
}

func TestManyAreAskedAboutAHostOnceAndTestedAgain(t *testing.T) {
	t.Parallel()
	p := several(t)
	p.person()
	var tests atomic.Int32
	p.verdict = wary(&tests, 3, &model.Problem{Code: "ssh.host-key-unknown", What: "Unknown.", HostKey: hostKey()})
	s := p.run("yes\n", "test", "--all")
	if s.code != exitDone || tests.Load() != 6 || strings.Count(s.err, "Accept and remember it?") != 1 {
		t.Errorf("exits %d after %d tests:\n%s", s.code, tests.Load(), s.err)
	}
	contains(t, "the summary", s.err, "✓ 3 passed")
	if strings.Count(s.out, "✓") != 3 || strings.Contains(s.out, "✗") {
		t.Errorf("the lines of the file:\n%s", s.out)
	}
}

func TestNobodyIsAskedWhereNobodyIs(t *testing.T) {
	t.Parallel()
	changed := &model.Problem{Code: "ssh.host-key-changed", What: "Changed.", HostKey: hostKey()}
	unknown := &model.Problem{Code: "ssh.host-key-unknown", What: "Unknown.", HostKey: hostKey()}
	for name, tc := range map[string]struct {
		problem *model.Problem
		person  bool
		args    []string
	}{
		"no terminal": {unknown, false, nil}, "json": {unknown, true, []string{"--json"}}, "a key that changed": {changed, true, nil},
		"a file is named already": {&model.Problem{Code: "tls.unknown-ca", What: "Unknown.", Authority: authority(t, "bitbucket.org")}, true, []string{"--ca-file", "ca.pem"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPaymentsPlace(t)
			if tc.person {
				p.person()
			}
			var tests atomic.Int32
			p.verdict = wary(&tests, 1, tc.problem)
			for _, which := range []string{"Payments", "--all"} {
				tests.Store(0)
				s := p.run("yes\nyes\n", append([]string{"test", which}, tc.args...)...)
				if s.code != exitFailed || tests.Load() != 1 || strings.Contains(s.err, "Type yes or no") {
					t.Errorf("%s exits %d after %d tests:\n%s%s", which, s.code, tests.Load(), s.out, s.err)
				}
			}
		})
	}
}

func TestACAFileThatMadeATestPassIsOfferedForItsHost(t *testing.T) {
	t.Parallel()
	p := newPaymentsPlace(t)
	file := p.write("ca.pem", authority(t, "bitbucket.org").PEM)
	if s := p.run("yes\n", "test", "Payments", "--ca-file", file); strings.Contains(s.err, "Keep ") {
		t.Errorf("asked with nobody there:\n%s", s.err)
	}
	p.person()
	if s := p.run("no\n", "test", "Payments", "--ca-file", file); !strings.Contains(s.err, "Keep "+file+" for bitbucket.org?") {
		t.Errorf("not asked:\n%s", s.err)
	}
	if strings.Contains(p.files()["config/config.yaml"], "ca.pem") {
		t.Error("a no was kept")
	}
	p.must("yes\n", "test", "--all", "--ca-file", file)
	if s := p.must("", "test", "Payments", "--ca-file", file); strings.Contains(s.err, "Keep ") {
		t.Errorf("asked about what is kept:\n%s", s.err)
	}
	var used string
	p.verdict = func(req model.TestRequest) model.TestResult { used = req.CAFile; return passes(req) }
	doc := p.write("c.yaml", p.must("", "export", "Payments", "--format", "harness").out)
	p.must("", "test", "-f", doc)
	if used != file {
		t.Errorf("a document of that host is tested with %q", used)
	}
}
