package sandbox

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// realSSH runs the ssh program against one product's loopback address.
func realSSH(t *testing.T, s *Sandbox, key clientKey, addr string, words ...string) (stdout, stderr string, code int) {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	args := []string{
		"-F", "none", "-i", key.path, "-p", port, "-T", "-n",
		"-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes",
		"-o", "UserKnownHostsFile=" + file(t, "known_hosts", s.KnownHosts()), "-o", "GlobalKnownHostsFile=none", "git@" + host,
	}
	return run(t, nil, "ssh", append(args, words...)...)
}

// newRSAKey makes an RSA key in PEM, the form connectors want.
func newRSAKey(t *testing.T) clientKey {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	block := &pem.Block{Type: "RSA " + "PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(private)}
	return clientKey{signer, string(ssh.MarshalAuthorizedKey(signer.PublicKey())), file(t, "id_rsa", pem.EncodeToMemory(block))}
}

func TestRealSSHPrintsBitbucketsGreeting(t *testing.T) {
	t.Parallel()
	for _, key := range []clientKey{newClientKey(t), newRSAKey(t)} {
		s := start(t, Options{AuthorizedKeys: []Key{{User: "jdoe", Line: key.line}}})
		out, fault, code := realSSH(t, s, key, s.CloudSSHAddr())
		if code != 0 || out != "authenticated via ssh key.\n\nYou can use git to connect to Bitbucket. Shell access is disabled\n" {
			t.Errorf("exit %d %q %q", code, out, fault)
		}
		out, _, code = realSSH(t, s, key, s.CloudSSHAddr(), "host_key_info")
		public, _, _, _, err := ssh.ParseAuthorizedKey([]byte(out))
		if code != 0 || err != nil || ssh.FingerprintSHA256(public) != s.HostFingerprint(Cloud) {
			t.Errorf("host_key_info: exit %d %q %v", code, out, err)
		}
	}
}

func TestRealSSHSeesEachRefusalAsPeopleDo(t *testing.T) {
	t.Parallel()
	key := newClientKey(t)
	rows := []struct{ scenario, want string }{
		{"ssh-key-rejected", "Permission denied (publickey)."},
		{"host-key-changed", "Host key verification failed."},
		{"drops-connections", ""},
		{"deploy-key-other-repo", "deployment key is not associated with the requested repository."},
		{"workspace-not-found", "You may not have access to this repository or it no longer exists in this workspace."},
	}
	for _, row := range rows {
		t.Run(row.scenario, func(t *testing.T) {
			t.Parallel()
			s := start(t, Options{Scenario: row.scenario, AuthorizedKeys: []Key{{User: "jdoe", Line: key.line}}})
			_, fault, code := realSSH(t, s, key, s.CloudSSHAddr(), "git-upload-pack '/acme/ledger.git'")
			if code == 0 || !strings.Contains(fault, row.want) {
				t.Errorf("exit %d %q", code, fault)
			}
		})
	}
}

func TestRealSSHFindsNoCommonSignatureWithAnOldServer(t *testing.T) {
	t.Parallel()
	key := newRSAKey(t)
	s := start(t, Options{Scenario: "ssh-algorithm", AuthorizedKeys: []Key{{User: "jdoe", Line: key.line}}})
	_, fault, code := realSSH(t, s, key, s.DataCenterSSHAddr(), "git-upload-pack '/pay/ledger.git'")
	// OpenSSH before 8.9 says "algorithm" where later ones say "supported".
	if code != 255 || !strings.Contains(fault, "no mutual signature ") {
		t.Errorf("exit %d %q", code, fault)
	}
}

func TestRealGitCannotPush(t *testing.T) {
	t.Parallel()
	key := newClientKey(t)
	s := start(t, Options{AuthorizedKeys: []Key{{User: "jdoe", Line: key.line}}})
	env := []string{"GIT_SSH_COMMAND=" + sshCommand(t, s, key)}
	into := t.TempDir()
	if _, fault, code := run(t, env, "git", "clone", "ssh://git@"+s.DataCenterSSHAddr()+"/pay/ledger.git", into); code != 0 {
		t.Fatalf("clone: %s", fault)
	}
	if _, fault, code := run(t, env, "git", "-C", into, "push", "origin", "HEAD:refs/heads/new"); code == 0 || !strings.Contains(fault, "The sandbox takes no pushes") {
		t.Errorf("over SSH: exit %d %q", code, fault)
	}
	if _, fault, code := git(t, s, spell(t, s, "jdoe dc-token"), "-C", into, "push", s.DataCenterURL()+"/scm/PAY/ledger.git", "HEAD:refs/heads/new"); code == 0 || !strings.Contains(fault, "403") {
		t.Errorf("over HTTPS: exit %d %q", code, fault)
	}
}

func TestOnlyTheUserGitLogsIn(t *testing.T) {
	t.Parallel()
	key := newClientKey(t)
	s := start(t, Options{AuthorizedKeys: []Key{{User: "jdoe", Line: key.line}}})
	conn, err := s.Dial(t.Context(), "tcp", "ssh.bitbucket.org:22")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, _, _, err = ssh.NewClientConn(conn, "x", &ssh.ClientConfig{User: "jdoe", Auth: []ssh.AuthMethod{ssh.PublicKeys(key.signer)}, HostKeyCallback: ssh.InsecureIgnoreHostKey()})
	if err == nil {
		t.Error("jdoe logged in as jdoe")
	}
}

func TestAKeyOfOneProductIsUnknownAtTheOther(t *testing.T) {
	t.Parallel()
	key := newClientKey(t)
	s := start(t, Options{AuthorizedKeys: []Key{{User: "jdoe", Line: key.line, Product: Cloud}}})
	if _, _, err := ask(t, s, "ssh.bitbucket.org:22", key, "host_key_info"); err != nil {
		t.Errorf("at its own product: %v", err)
	}
	if _, _, err := ask(t, s, DefaultDataCenterHost+":7999", key, "git-upload-pack '/pay/ledger.git'"); err == nil {
		t.Error("accepted at the other product")
	}
}

func TestTheSSHBannerIsBitbuckets(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for addr, want := range map[string]string{s.CloudSSHAddr(): "SSH-2.0-conker_", s.DataCenterSSHAddr(): "SSH-2.0-APACHE-SSHD-"} {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		greeting := make([]byte, len(want))
		_, err = conn.Read(greeting)
		_ = conn.Close()
		if err != nil || string(greeting) != want {
			t.Errorf("%q %v", greeting, err)
		}
	}
}

func TestSSHLeavesAJournalWithoutTheKey(t *testing.T) {
	t.Parallel()
	key, deploy := newClientKey(t), newClientKey(t)
	s := start(t, Options{AuthorizedKeys: []Key{{User: "jdoe", Line: key.line}, {DeployFor: "acme/ledger", Line: deploy.line}}})
	steps := []struct {
		key     clientKey
		command string
		want    Request
	}{
		{key, "git-upload-pack '/acme/ledger.git'", Request{CloudSSH, "git-upload-pack", "cloud", "/acme/ledger.git", "key", "", "jdoe", 0}},
		{key, "git-receive-pack '/acme/gateway.git'", Request{CloudSSH, "git-receive-pack", "cloud", "/acme/gateway.git", "key", "", "jdoe", 1}},
		{deploy, "git-upload-pack '/acme/gateway.git'", Request{CloudSSH, "git-upload-pack", "cloud", "/acme/gateway.git", "key", "", "deploy key of acme/ledger", 1}},
		{key, "", Request{CloudSSH, "shell", "cloud", "", "key", "", "jdoe", 0}},
	}
	for i, step := range steps {
		_, _, _ = ask(t, s, "ssh.bitbucket.org:22", step.key, step.command) // the journal is what is looked at
		waitFor(t, func() bool { return len(s.Requests()) == i+1 })
		if got := s.Requests()[i]; got != step.want {
			t.Errorf("got  %+v\nwant %+v", got, step.want)
		}
	}
	if s.Denied() != 0 {
		t.Errorf("%d denied, though every key was accepted", s.Denied())
	}
}
