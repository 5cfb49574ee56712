package probe

import (
	"context"
	"net"
	osuser "os/user"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"bbconnect/model"
)

func TestAChangedKeyNamesTheOldOneItsFileAndItsLine(t *testing.T) {
	t.Parallel()
	to, key, old := sshTarget(t, "ssh://git@git.acme-corp.com:7999/a/b.git"), ecdsaHostKey(t).PublicKey(), ed25519HostKey(t).PublicKey()
	line := knownhosts.Line([]string{"[git.acme-corp.com]:7999"}, old) + "\n"
	for name, c := range map[string]struct {
		files    []KnownHosts
		says     string
		commands []string
	}{
		"the person's file": {
			[]KnownHosts{{File: "~/.ssh/known_hosts", Data: []byte("# mine\n\n" + line)}},
			"~/.ssh/known_hosts has ssh-ed25519 " + ssh.FingerprintSHA256(old) + " in line 3.",
			[]string{"ssh-keygen -R '[git.acme-corp.com]:7999'"},
		},
		"the second file": {
			[]KnownHosts{{File: "~/.ssh/known_hosts2", Data: []byte(line)}}, "known_hosts2 has", []string{"ssh-keygen -R '[git.acme-corp.com]:7999' -f ~/.ssh/known_hosts2"},
		},
		"a file with a blank": {
			[]KnownHosts{{File: "/etc/my hosts", Data: []byte(line)}}, "/etc/my hosts has", []string{"ssh-keygen -R '[git.acme-corp.com]:7999' -f '/etc/my hosts'"},
		},
		"twice in one file": {
			[]KnownHosts{{File: "~/.ssh/known_hosts", Data: []byte(line + line)}}, "in line 1.", []string{"ssh-keygen -R '[git.acme-corp.com]:7999'"},
		},
		"accepted here": {[]KnownHosts{{Data: []byte(line)}}, "Known here is ssh-ed25519 " + ssh.FingerprintSHA256(old) + ".", nil},
	} {
		h := newHostKeys(to, c.files, nil)
		if f := h.judge(key); f.kind != faultHostOther || !strings.Contains(f.detail, c.says) || !strings.Contains(f.detail, ssh.FingerprintSHA256(key)) {
			t.Errorf("%s: %s %q", name, f.kind, f.detail)
		}
		if got := forgetting(h.offer(key)); !slices.Equal(got, c.commands) {
			t.Errorf("%s: commands %q, want %q", name, got, c.commands)
		}
		if known := h.offer(key).Known; len(known) == 0 || known[0].Fingerprint != ssh.FingerprintSHA256(old) {
			t.Errorf("%s: known %+v", name, known)
		}
	}
	if got := newHostKeys(to, nil, nil).offer(key); len(got.Known) > 0 || forgetting(got) != nil || forgetting(nil) != nil {
		t.Errorf("nothing was known, and %+v", got)
	}
}

// The offered line is what the library stores; the old line of the person's own
// file, which nobody here changes, must not stand in its way.
func TestAnAcceptedKeyOfARealServerLetsTheNextTestPass(t *testing.T) {
	t.Parallel()
	address, _ := sshDaemon(t, gitRepository(t, 1))
	myself, err := osuser.Current()
	if err != nil {
		t.Fatal(err)
	}
	old := KnownHosts{File: "~/.ssh/known_hosts", Data: []byte(knownhosts.Line([]string{knownhosts.Normalize(serverSSH)}, ecdsaHostKey(t).PublicKey()) + "\n")}
	for name, c := range map[string]struct {
		known []KnownHosts
		code  string
	}{
		"unknown": {nil, "ssh.host-key-unknown"}, "changed": {[]KnownHosts{old}, "ssh.host-key-changed"},
	} {
		req := serverRequest()
		overSSHTo("ssh://git@" + serverSSH + "/PAY/ledger.git")(&req)
		p := New(Options{sshUser: myself.Username, KnownHosts: c.known, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, address)
		}})
		first := p.Test(t.Context(), req, nil)
		compare(t, first, model.VerdictFail, c.code)
		if first.Problem == nil || first.Problem.HostKey == nil {
			t.Fatalf("%s: no key is offered: %+v", name, first.Problem)
		}
		accepted := append(slices.Clone(c.known), KnownHosts{Data: []byte(first.Problem.HostKey.Line + "\n")})
		compare(t, p.WithKnownHosts(accepted).Test(t.Context(), req, nil), model.VerdictPass, "")
	}
}
