package probe

import (
	"context"
	"net"
	"os"
	osuser "os/user"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh/knownhosts"

	"bbconnect/model"
)

// Servers as old as those that Data Center's forums are full of: OpenSSH's own
// with all but one algorithm taken away.
func TestOpenSSHsOwnServerIsUnderstoodHoweverOldItActs(t *testing.T) {
	t.Parallel()
	root := gitRepository(t, 3)
	banner := filepath.Join(t.TempDir(), "banner")
	if err := os.WriteFile(banner, []byte("Authorised users only.\nERR everything is recorded\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		settings []string
		key      string
		verdict  model.Verdict
		code     string
		rule     string
		says     []string
	}{
		"an old key exchange": {
			settings: []string{"KexAlgorithms diffie-hellman-group1-sha1"}, verdict: model.VerdictFail, code: "ssh.algorithm",
			rule: "no common algorithm", says: []string{"diffie-hellman-group1-sha1", "key exchange"},
		},
		"an old cipher": {
			settings: []string{"Ciphers 3des-cbc"}, verdict: model.VerdictFail, code: "ssh.algorithm",
			rule: "no common algorithm", says: []string{"3des-cbc"},
		},
		"an old checksum": {
			settings: []string{"Ciphers aes128-ctr", "MACs hmac-md5"}, verdict: model.VerdictFail, code: "ssh.algorithm",
			rule: "no common algorithm", says: []string{"hmac-md5"},
		},
		"a host key signed with SHA-1": {
			settings: []string{"HostKeyAlgorithms ssh-rsa"}, verdict: model.VerdictFail, code: "ssh.algorithm",
			rule: "no common algorithm", says: []string{"host key", "ssh-rsa"},
		},
		"a banner": {settings: []string{"Banner " + banner}, verdict: model.VerdictPass},
		"a banner before a refusal": {
			settings: []string{"Banner " + banner}, key: strangersKey(t), verdict: model.VerdictFail, code: "ssh.key-rejected", rule: "the key is refused",
		},
		"a key that only signs in with a second factor": {
			settings: []string{"AuthenticationMethods publickey,publickey"}, verdict: model.VerdictFail, code: "ssh.key-rejected", rule: "the key is refused",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result, inner := askDaemon(t, root, c.key, c.settings...)
			compare(t, result, c.verdict, c.code)
			if inner.rule != c.rule {
				t.Errorf("%q, want %q", inner.rule, c.rule)
			}
			for _, words := range c.says {
				if p := result.Problem; p == nil || !strings.Contains(p.What+p.Why+p.Fix, words) {
					t.Errorf("%q is not said: %+v", words, p)
				}
			}
		})
	}
}

// Whether sshd says that it takes SHA-1 only depends on its age: older ones
// announce every algorithm they were built with (server-sig-algs, RFC 8308
// §3.1) and then refuse the key, which looks like a key they do not know.
func TestAServerThatTakesSHA1OnlyIsNotTakenForAFailureOfTheNetwork(t *testing.T) {
	t.Parallel()
	result, inner := askDaemon(t, gitRepository(t, 3), "", "PubkeyAcceptedAlgorithms ssh-rsa")
	want := map[string]string{"the key is refused": "ssh.key-rejected", "RSA signatures with SHA-1 only": "ssh.algorithm"}
	if code, ok := want[inner.rule]; !ok || result.Verdict != model.VerdictFail || result.Problem.Code != code {
		t.Errorf("%s by %q: %+v", result.Verdict, inner.rule, result.Problem)
	}
}

// askDaemon tests a connector over SSH against an sshd with those settings; an
// empty key is the one it knows. Nothing answers over HTTPS.
func askDaemon(t *testing.T, root, key string, settings ...string) (model.TestResult, *test) {
	t.Helper()
	myself, err := osuser.Current()
	if err != nil {
		t.Fatal(err)
	}
	address, hostKey := sshDaemon(t, root, settings...)
	req := serverRequest()
	overSSHTo("ssh://git@" + serverSSH + "/PAY/ledger.git")(&req)
	if key != "" {
		req.SSHKey = model.NewSecret(key)
	}
	known := []byte(knownhosts.Line([]string{knownhosts.Normalize(serverSSH)}, hostKey))
	o := Options{sshUser: myself.Username, KnownHosts: listed(known), Dial: func(ctx context.Context, network, at string) (net.Conn, error) {
		if at != serverSSH {
			return refusing(ctx, network, at)
		}
		var d net.Dialer
		return d.DialContext(ctx, network, address)
	}}
	return New(o).test(t.Context(), req, nil)
}
