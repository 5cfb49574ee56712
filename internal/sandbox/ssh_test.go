package sandbox

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"net"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// clientKey is a key pair made for one test.
type clientKey struct {
	signer ssh.Signer
	line   string
	path   string
}

func newClientKey(t *testing.T) clientKey {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "test")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return clientKey{signer, string(ssh.MarshalAuthorizedKey(signer.PublicKey())), file(t, "id", pem.EncodeToMemory(block))}
}

// sshCommand is GIT_SSH_COMMAND for the real ssh with the sandbox's host keys.
func sshCommand(t *testing.T, s *Sandbox, key clientKey) string {
	t.Helper()
	return fmt.Sprintf("ssh -F none -i %s -o IdentitiesOnly=yes -o IdentityAgent=none -o BatchMode=yes -o UserKnownHostsFile=%s -o GlobalKnownHostsFile=none -o StrictHostKeyChecking=yes",
		key.path, file(t, "known_hosts", s.KnownHosts()))
}

func TestRealGitListsRefsOverRealSSHInEveryProtocolVersion(t *testing.T) {
	t.Parallel()
	key := newClientKey(t)
	s := start(t, Options{AuthorizedKeys: []Key{{User: "jdoe", Line: key.line}}})
	need(t, "ssh")
	env := []string{"GIT_SSH_COMMAND=" + sshCommand(t, s, key)}
	for _, url := range []string{"ssh://git@" + s.CloudSSHAddr() + "/acme/ledger.git", "ssh://git@" + s.DataCenterSSHAddr() + "/pay/ledger.git", "ssh://git@" + s.DataCenterSSHAddr() + "/~jdoe/dotfiles.git"} {
		for _, version := range []string{"0", "1", "2"} {
			out, fault, code := run(t, env, "git", "-c", "protocol.version="+version, "ls-remote", url)
			if code != 0 || !strings.Contains(out, "\tHEAD\n") || !strings.Contains(out, "\trefs/tags/v1.0.0^{}\n") {
				t.Errorf("%s version %s: exit %d %q %q", url, version, code, out, fault)
			}
		}
	}
	if _, fault, code := run(t, env, "git", "clone", "ssh://git@"+s.CloudSSHAddr()+"/acme/ledger.git", "clone"); code != 0 {
		t.Errorf("clone: %d %s", code, fault)
	}
}

// ask logs in with x/crypto/ssh through the sandbox's dialer and runs one
// command; an empty command asks for a shell.
func ask(t *testing.T, s *Sandbox, addr string, key clientKey, command string) (stdout, stderr string, err error) {
	t.Helper()
	check, err := knownhosts.New(file(t, "known_hosts", s.KnownHosts()))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := s.Dial(t.Context(), "tcp", addr)
	if err != nil {
		return "", "", err
	}
	defer func() { _ = conn.Close() }()
	c, channels, requests, err := ssh.NewClientConn(conn, addr, &ssh.ClientConfig{User: "git", Auth: []ssh.AuthMethod{ssh.PublicKeys(key.signer)}, HostKeyCallback: check})
	if err != nil {
		return "", "", err
	}
	cl := ssh.NewClient(c, channels, requests)
	defer func() { _ = cl.Close() }()
	session, err := cl.NewSession()
	if err != nil {
		return "", "", err
	}
	var out, fault strings.Builder
	session.Stdout, session.Stderr = &out, &fault
	if strings.HasPrefix(command, "git-") {
		session.Stdin = strings.NewReader("0000") // all git ls-remote ever says
	}
	if command == "" {
		if err = session.Shell(); err == nil {
			err = session.Wait()
		}
		return out.String(), fault.String(), err
	}
	err = session.Run(command)
	return out.String(), fault.String(), err
}

func TestSSHAnswersWithBitbucketsTexts(t *testing.T) {
	t.Parallel()
	user, reader, writer := newClientKey(t), newClientKey(t), newClientKey(t)
	s := start(t, Options{AuthorizedKeys: []Key{
		{User: "jdoe", Line: user.line},
		{DeployFor: "acme/ledger", Line: reader.line, Product: Cloud},
		{DeployFor: "PAY/ledger", Line: writer.line, Product: DataCenter, Writable: true},
	}})
	const cloud, dc = "ssh.bitbucket.org:22", DefaultDataCenterHost + ":7999"
	rows := []struct {
		name, addr string
		key        clientKey
		command    string
		stdout     string
		stderr     string
		status     int
	}{
		{"shell", cloud, user, "", "You can use git to connect to Bitbucket. Shell access is disabled\n", "", 0},
		{"read", cloud, user, "git-upload-pack 'acme/ledger.git'", " HEAD\x00", "", 0},
		{"old host", "bitbucket.org:22", user, "git-upload-pack '/acme/ledger'", " HEAD\x00", "", 0},
		{"port 443", "altssh.bitbucket.org:443", user, "git-upload-pack '/acme/ledger.git'", " HEAD\x00", "", 0},
		{"missing", cloud, user, "git-upload-pack 'acme/nothing.git'", "", textNoAccess, 1},
		{"one segment", cloud, user, "git-upload-pack 'ledger.git'", "", textNoAccess, 1},
		{"no right to write", cloud, user, "git-receive-pack 'acme/gateway.git'", "", "Unauthorized", 1},
		{"may write", cloud, user, "git-receive-pack 'acme/ledger.git'", "report-status", "", 0},
		{"other command", cloud, user, "rm -rf /", "", "Unauthorized", 1},
		{"host key", cloud, user, "host_key_info", "ssh-ed25519 ", "", 0},
		{"deploy key reads", cloud, reader, "git-upload-pack 'acme/ledger.git'", " HEAD\x00", "", 0},
		{"deploy key pushes", cloud, reader, "git-receive-pack 'acme/ledger.git'", "", "conq: repository access denied. access via a deployment key is read-only.", 1},
		{"deploy key elsewhere", cloud, reader, "git-upload-pack 'acme/gateway.git'", "", "repository access denied. deployment key is not associated with the requested repository.", 1},
		{"data center missing", dc, user, "git-upload-pack '/pay/nothing.git'", "0072ERR Repository not found\n", "", 1},
		{"data center out of reach", dc, user, "git-upload-pack '/ops/runbooks.git'", "0072ERR Repository not found\n", "", 1},
		{"access key may write", dc, writer, "git-receive-pack '/pay/ledger.git'", "report-status", "", 0},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			out, fault, err := ask(t, s, row.addr, row.key, row.command)
			status := 0
			if exit, ok := err.(*ssh.ExitError); ok {
				status = exit.ExitStatus()
			} else if err != nil {
				t.Fatal(err)
			}
			if status != row.status || !strings.Contains(out, row.stdout) || !strings.Contains(fault, row.stderr) || row.stderr == "" && fault != "" {
				t.Errorf("exit %d, stdout %q, stderr %q", status, out, fault)
			}
		})
	}
}

func TestSSHScenariosBreakWhatTheySay(t *testing.T) {
	t.Parallel()
	key := newClientKey(t)
	const cloud, dc = "ssh.bitbucket.org:22", DefaultDataCenterHost + ":7999"
	rows := []struct{ scenario, addr, command, want string }{
		{"host-key-changed", cloud, "host_key_info", "knownhosts: key mismatch"},
		{"host-key-changed", dc, "host_key_info", "knownhosts: key mismatch"},
		{"ssh-key-rejected", cloud, "host_key_info", "unable to authenticate"},
		{"ssh-host-moved", "bitbucket.org:22", "host_key_info", "connection refused"},
		{"ssh-port-blocked", cloud, "host_key_info", "connection refused"},
		{"drops-connections", dc, "host_key_info", ""}, // the reset may come at any moment
		{"deploy-key-read-only", cloud, "git-receive-pack 'acme/ledger.git'", "access via a deployment key is read-only"},
		{"deploy-key-other-repo", cloud, "git-upload-pack 'acme/ledger.git'", "not associated with the requested repository"},
		{"repo-not-found", cloud, "git-upload-pack 'acme/ledger.git'", "no longer exists"},
	}
	for _, row := range rows {
		t.Run(row.scenario, func(t *testing.T) {
			t.Parallel()
			s := start(t, Options{Scenario: row.scenario, AuthorizedKeys: []Key{{User: "jdoe", Line: key.line}}})
			_, fault, err := ask(t, s, row.addr, key, row.command)
			if err == nil || !strings.Contains(err.Error()+fault, row.want) {
				t.Errorf("got %v %q, want %q", err, fault, row.want)
			}
		})
	}
}

func TestAnOldSSHServerRefusesModernSignatures(t *testing.T) {
	t.Parallel()
	key := newClientKey(t)
	s := start(t, Options{Scenario: "ssh-algorithm", AuthorizedKeys: []Key{{User: "jdoe", Line: key.line}}})
	if _, _, err := ask(t, s, "ssh.bitbucket.org:22", key, "host_key_info"); err == nil {
		t.Error("an Ed25519 key was accepted")
	}
}

func TestARefusedKeyIsCountedAndASilentServerEndsWithTheSandbox(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	if _, _, err := ask(t, s, "ssh.bitbucket.org:22", newClientKey(t), "host_key_info"); err == nil || !strings.Contains(err.Error(), "attempted methods [none publickey]") {
		t.Errorf("an unknown key: %v", err)
	}
	waitFor(t, func() bool { return s.Denied() == 1 })
	if err := s.SetScenario("hangs"); err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", s.CloudSSHAddr())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("a silent server said something")
	}
}

func TestAuthorizeKeyRefusesWhatIsNoKeyAndUnknownUsers(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for _, k := range []Key{{User: "jdoe", Line: "not a key"}, {User: "nobody", Line: newClientKey(t).line}} {
		if err := s.AuthorizeKey(k); err == nil {
			t.Errorf("%+v was taken", k.User)
		}
	}
}

func TestCommandsAreTakenApartAsGitQuotesThem(t *testing.T) {
	t.Parallel()
	rows := []struct{ line, verb, path string }{
		{"git-upload-pack '/acme/ledger.git'", "git-upload-pack", "/acme/ledger.git"},
		{"git-upload-pack acme/ledger.git", "git-upload-pack", "acme/ledger.git"},
		{`git-upload-pack 'it'\''s'`, "git-upload-pack", "it's"},
		{"host_key_info", "host_key_info", ""},
		{"", "", ""},
	}
	for _, row := range rows {
		if verb, path := splitCommand(row.line); verb != row.verb || path != row.path {
			t.Errorf("%q became %q %q", row.line, verb, path)
		}
	}
}
