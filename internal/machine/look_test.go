package machine

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"bbconnect/model"
)

// environ is an environment of pairs.
func environ(pairs ...string) func(string) string {
	return func(name string) string {
		for _, p := range pairs {
			if k, v, _ := strings.Cut(p, "="); k == name {
				return v
			}
		}
		return ""
	}
}

func codeOf(c model.Check) string {
	if c.Problem == nil {
		return ""
	}
	return c.Problem.Code
}

func TestTheTerminalIsJudgedByItsNameSizeAndLocale(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		columns, rows int
		env           []string
		status        model.CheckStatus
		detail        string
	}{
		{"a good one", 120, 40, []string{"TERM=xterm-256color", "LANG=C.UTF-8"}, model.CheckPass, "256 colours"},
		{"true colour", 80, 24, []string{"TERM=xterm", "COLORTERM=truecolor", "LC_ALL=de_DE.utf8"}, model.CheckPass, "all colours"},
		{"no colours wanted", 80, 24, []string{"TERM=xterm", "NO_COLOR=1", "LANG=C.UTF-8"}, model.CheckPass, "NO_COLOR"},
		{"tmux", 80, 24, []string{"TERM=screen", "TMUX=/tmp/x,1,0", "LANG=C.UTF-8"}, model.CheckPass, "set-clipboard"},
		{"dumb", 80, 24, []string{"TERM=dumb", "LANG=C.UTF-8"}, model.CheckWarn, "dumb"},
		{"no name", 80, 24, []string{"LANG=C.UTF-8"}, model.CheckWarn, "no TERM"},
		{"small", 59, 24, []string{"TERM=xterm", "LANG=C.UTF-8"}, model.CheckWarn, "59 columns"},
		{"low", 60, 15, []string{"TERM=xterm", "LANG=C.UTF-8"}, model.CheckWarn, "15 rows"},
		{"just enough", 60, 16, []string{"TERM=xterm", "LANG=C.UTF-8"}, model.CheckPass, "60 columns"},
		{"an old locale", 80, 24, []string{"TERM=xterm", "LANG=en_US.ISO-8859-1"}, model.CheckWarn, ""},
		{"LC_ALL goes first", 80, 24, []string{"TERM=xterm", "LANG=C.UTF-8", "LC_ALL=C"}, model.CheckWarn, ""},
		{"Windows", 80, 24, []string{"TERM=xterm", "OS=Windows_NT"}, model.CheckPass, ""},
		{"none", 0, 0, []string{"TERM=xterm"}, model.CheckSkip, "no terminal"},
	} {
		got := Terminal(c.columns, c.rows, environ(c.env...))
		if got.Status != c.status || !strings.Contains(got.Detail, c.detail) || got.ID != LookTerminal {
			t.Errorf("%s: %+v", c.name, got)
		}
		if (codeOf(got) == "machine.terminal") != (c.status == model.CheckWarn) {
			t.Errorf("%s: code %q", c.name, codeOf(got))
		}
	}
}

func TestAProxyIsReachedOrNamedWithoutItsPassword(t *testing.T) {
	t.Parallel()
	password := "canary" + strings.Repeat("Z9", 8)
	dialled := ""
	answers := func(err error) func(context.Context, string, string) (net.Conn, error) {
		return func(_ context.Context, _, address string) (net.Conn, error) {
			dialled = address
			if err != nil {
				return nil, err
			}
			mine, theirs := net.Pipe()
			_ = theirs.Close()
			return mine, nil
		}
	}
	for _, c := range []struct {
		name   string
		env    []string
		dial   error
		status model.CheckStatus
		code   string
		to     string
	}{
		{"none", nil, nil, model.CheckPass, "", ""},
		{"one that answers", []string{"HTTPS_PROXY=http://jdoe:" + password + "@proxy.acme:3128"}, nil, model.CheckPass, "", "proxy.acme:3128"},
		{"without a scheme", []string{"https_proxy=proxy.acme:3128"}, nil, model.CheckPass, "", "proxy.acme:3128"},
		{"without a port", []string{"HTTPS_PROXY=http://proxy.acme"}, nil, model.CheckPass, "", "proxy.acme:80"},
		{"socks", []string{"HTTPS_PROXY=socks5://proxy.acme"}, nil, model.CheckPass, "", "proxy.acme:1080"},
		{"IPv6", []string{"HTTPS_PROXY=http://[::1]:3128"}, nil, model.CheckPass, "", "[::1]:3128"},
		{"one that is down", []string{"HTTPS_PROXY=http://u:" + password + "@proxy.acme:3128"}, errors.New("refused"), model.CheckFail, "net.refused", "proxy.acme:3128"},
		{"nonsense", []string{"HTTPS_PROXY=http://u:" + password + "%zz@:"}, nil, model.CheckFail, "machine.proxy", ""},
		{"an unknown scheme", []string{"HTTPS_PROXY=ftp://proxy"}, nil, model.CheckFail, "machine.proxy", ""},
		{"two that differ", []string{"HTTPS_PROXY=http://a:1", "https_proxy=http://b:1"}, nil, model.CheckWarn, "machine.proxy", "a:1"},
	} {
		dialled = ""
		got := Proxy(t.Context(), environ(c.env...), answers(c.dial))
		if got.Status != c.status || codeOf(got) != c.code || dialled != c.to {
			t.Errorf("%s: %+v, dialled %q", c.name, got, dialled)
		}
		text := got.Detail
		if got.Problem != nil {
			text += got.Problem.Error() + got.Problem.Why
		}
		if strings.Contains(text, password) || strings.Contains(text, "jdoe") {
			t.Errorf("%s: the proxy's login is shown: %s", c.name, text)
		}
	}
}

func TestARealProxyPortIsDialled(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	env := environ("HTTPS_PROXY=http://" + listener.Addr().String())
	if got := Proxy(t.Context(), env, nil); got.Status != model.CheckPass {
		t.Errorf("%+v", got)
	}
	_ = listener.Close()
}

// pemFile writes a self-signed certificate that ends at the given time.
func pemFile(t *testing.T, end time.Time) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Acme"}, NotBefore: end.Add(-time.Hour), NotAfter: end}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCertificateFilesAreReadAndTheirEndIsTold(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	good, old := pemFile(t, now.Add(time.Hour)), pemFile(t, now.Add(-time.Hour))
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		files  map[string]string
		env    []string
		status model.CheckStatus
		code   string
	}{
		{"a good file", map[string]string{"git.acme": good}, []string{"SSL_CERT_FILE=" + good}, model.CheckPass, ""},
		{"an old one", map[string]string{"git.acme": old}, []string{"SSL_CERT_FILE=" + good}, model.CheckWarn, "tls.expired"},
		{"a missing one", map[string]string{"git.acme": good + ".gone"}, []string{"SSL_CERT_FILE=" + good}, model.CheckFail, "tls.unknown-ca"},
		{"an empty one", map[string]string{"git.acme": empty}, []string{"SSL_CERT_FILE=" + good}, model.CheckFail, "tls.unknown-ca"},
		{"a missing one and an old one", map[string]string{"a": old, "b": empty}, []string{"SSL_CERT_FILE=" + good}, model.CheckFail, "tls.unknown-ca"},
		{"SSL_CERT_FILE that is gone", nil, []string{"SSL_CERT_FILE=" + good + ".gone"}, model.CheckFail, "tls.unknown-ca"},
		{"a folder", map[string]string{"a": filepath.Dir(good)}, []string{"SSL_CERT_FILE=" + good}, model.CheckFail, "tls.unknown-ca"},
	} {
		if got := Certificates(c.files, environ(c.env...), now); got.Status != c.status || codeOf(got) != c.code {
			t.Errorf("%s: %+v %+v", c.name, got, got.Problem)
		}
	}
}

func TestARevokedHostKeyIsFoundAndOthersAreCounted(t *testing.T) {
	t.Parallel()
	key := base64.StdEncoding.EncodeToString([]byte("some public key"))
	file := []byte("# a comment\n\nbitbucket.org ssh-ed25519 " + key + "\n@revoked * ssh-rsa " + key + "\nhalf line\nx ssh-rsa not-base64!\n")
	if lines, old := readKnownHosts(file, revokedKeys); lines != 1 || old != "" {
		t.Errorf("%d lines, %q", lines, old)
	}
	sum := sha256.Sum256([]byte("some public key"))
	taken := map[string]string{base64.RawStdEncoding.EncodeToString(sum[:]): "RSA"}
	if _, old := readKnownHosts(file, taken); old != "RSA" {
		t.Errorf("a revoked key was missed: %q", old)
	}
	if _, old := readKnownHosts([]byte("@revoked bitbucket.org ssh-rsa "+key), taken); old != "" {
		t.Error("a line that guards against the key was taken for one that trusts it")
	}
	got := SSH(t.Context(), [][]byte{file, file}, environ())
	if got.Status != model.CheckPass || !strings.Contains(got.Detail, "2 known") || !strings.Contains(got.Detail, "no agent") {
		t.Errorf("%+v", got)
	}
	for sum, kind := range revokedKeys {
		if raw, err := base64.RawStdEncoding.DecodeString(sum); err != nil || len(raw) != 32 || kind == "" {
			t.Errorf("%s is no fingerprint", sum)
		}
	}
}

func TestAnAgentIsToldApart(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("agents on Windows are named pipes")
	}
	parent := os.TempDir()
	if len(parent) > 60 {
		parent = "/tmp" // the name of a socket must be short
	}
	dir, err := os.MkdirTemp(parent, "agent")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	if got := agent(t.Context(), socket); got != "the agent of SSH_AUTH_SOCK is gone" {
		t.Error(got)
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	if got := agent(t.Context(), socket); got != "an agent answers" {
		t.Error(got)
	}
	_ = listener.Close()
}

func TestFoldersOpenToOthersAreToldWithTheCommandThatClosesThem(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such permissions")
	}
	dir := filepath.Join(t.TempDir(), "it's open")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if got := Files(dir, dir+".gone"); got.Status != model.CheckPass {
		t.Errorf("%+v", got)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	got := Files(dir)
	if got.Status != model.CheckWarn || codeOf(got) != "machine.permissions" || len(got.Problem.Commands) != 1 {
		t.Fatalf("%+v", got)
	}
	if out, err := exec.CommandContext(t.Context(), "sh", "-c", got.Problem.Commands[0]).CombinedOutput(); err != nil {
		t.Fatalf("%s: %s", got.Problem.Commands[0], out)
	}
	if again := Files(dir); again.Status != model.CheckPass {
		t.Errorf("the command did not mend it: %+v", again)
	}
}

func TestOnlyTheGravestTroubleIsTold(t *testing.T) {
	t.Parallel()
	l := newLook("x", "X")
	l.warn(&model.Problem{Code: "first"})
	l.warn(&model.Problem{Code: "second"})
	if codeOf(l.check) != "first" {
		t.Error(codeOf(l.check))
	}
	l.fail(&model.Problem{Code: "third"})
	l.warn(&model.Problem{Code: "fourth"})
	l.fail(&model.Problem{Code: "fifth"})
	if codeOf(l.check) != "third" || l.check.Status != model.CheckFail {
		t.Errorf("%+v", l.check)
	}
}

func TestThePassphraseFileOpensTheVaultForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	if !hasOwnerBits() {
		t.Skip("LEFT OUT: Windows has no such permissions")
	}
	file := filepath.Join(t.TempDir(), "passphrase")
	write(t, file, "canary-passphrase")
	for name, tc := range map[string]struct {
		path string
		mode os.FileMode
		code string
		want model.CheckStatus
	}{
		"none":             {"", 0o600, "", model.CheckSkip},
		"its owner's":      {file, 0o600, "", model.CheckPass},
		"everybody's":      {file, 0o644, "machine.permissions", model.CheckWarn},
		"the group's":      {file, 0o640, "machine.permissions", model.CheckWarn},
		"a folder":         {filepath.Dir(file), 0o600, "keystore.locked", model.CheckFail},
		"nothing is there": {file + "x", 0o600, "keystore.locked", model.CheckFail},
	} {
		if err := os.Chmod(file, tc.mode); err != nil {
			t.Fatal(err)
		}
		c := PassphraseFile(tc.path)
		if c.Status != tc.want || codeOf(c) != tc.code {
			t.Errorf("%s: %+v", name, c)
		}
		if c.Problem != nil && (c.Problem.Fix == "" || strings.Contains(c.Problem.Error(), "canary")) {
			t.Errorf("%s: %+v", name, c.Problem)
		}
	}
}
