package probe

import (
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"bbconnect/model"
)

// offers expects a host key to accept, or none.
func offers(want bool) func(*testing.T, *model.Problem) {
	return func(t *testing.T, p *model.Problem) {
		switch {
		case (p.HostKey != nil) != want:
			t.Errorf("the key %+v is offered, want one: %t", p.HostKey, want)
		case want && (!strings.Contains(p.Why, p.HostKey.Fingerprint) || !strings.Contains(p.Why, p.HostKey.Type)):
			t.Errorf("%q names neither type nor fingerprint of %+v", p.Why, p.HostKey)
		}
	}
}

// sshHostScenarios are about the server's key and its algorithms.
func sshHostScenarios(testing.TB) []scenario {
	under := func(names ...string) func(*sshWorld) [][]byte {
		return func(w *sshWorld) [][]byte {
			return [][]byte{[]byte(knownhosts.Line(names, w.hostKeys[0].PublicKey()) + "\n")}
		}
	}
	unknown := func(name string, known func(*sshWorld) [][]byte, says ...string) scenario {
		return scenario{
			name: "SSH host: " + name, change: serverOverSSH, options: sshServer(nil, known), verdict: model.VerdictFail,
			code: "ssh.host-key-unknown", rule: "the host key is not known", says: append(says, "ecdsa-sha2-nistp256", "SHA256:"), more: offers(true),
		}
	}
	hashedName := func(name string) func(*sshWorld) [][]byte {
		return func(w *sshWorld) [][]byte { return under(knownhosts.HashHostname(name))(w) }
	}
	return []scenario{
		unknown("known under another name", under("git.old-corp.com"), "known here as git.old-corp.com"),
		unknown("known without its port", under(dcHost), "known here as "+dcHost+"."),
		unknown("known by its address", under("10.0.0.7"), "known here as 10.0.0.7"),
		unknown("known without its port, hashed", hashedName(dcHost), "known here as "+dcHost+"."),
		unknown("an authority is named", func(w *sshWorld) [][]byte {
			return [][]byte{append([]byte("@cert-authority "), w.line(serverSSH, 0)...)}
		}, "certificate authority"),
		{
			name: "SSH host: revoked by hand is not offered", change: serverOverSSH, verdict: model.VerdictFail, code: "ssh.host-key-changed",
			rule: "the host key is a revoked one", more: offers(false),
			options: sshServer(nil, func(w *sshWorld) [][]byte { return [][]byte{append([]byte("@revoked "), w.line(serverSSH, 0)...)} }),
		},
		{
			name: "SSH host: the server takes SHA-1 signatures only", change: serverOverSSH, verdict: model.VerdictFail, code: "ssh.algorithm",
			rule: "RSA signatures with SHA-1 only", says: []string{"SHA-1", "ecdsa"},
			options: sshServer(func(w *sshWorld) { w.config.PublicKeyAuthAlgorithms = []string{ssh.KeyAlgoRSA} }, nil),
			checks:  map[string]model.CheckStatus{checkTLS: model.CheckPass, checkGit: model.CheckFail},
		},
		{
			name: "SSH host: an old key exchange", change: serverOverSSH, verdict: model.VerdictFail, code: "ssh.algorithm", rule: "no common algorithm",
			says:    []string{"diffie-hellman-group1-sha1", "curve25519-sha256", "key exchange"},
			options: sshServer(func(w *sshWorld) { w.config.KeyExchanges = []string{ssh.InsecureKeyExchangeDH1SHA1} }, nil),
		},
		{
			name: "SSH host: an old cipher", change: serverOverSSH, verdict: model.VerdictFail, code: "ssh.algorithm", rule: "no common algorithm",
			says:    []string{ssh.InsecureCipherRC4128, ssh.CipherAES128CTR},
			options: sshServer(func(w *sshWorld) { w.config.Ciphers = []string{ssh.InsecureCipherRC4128} }, nil),
		},
	}
}

// oldCloudKey is the RSA key of bitbucket.org that was public until June 2023.
const oldCloudKey = "ssh-rsa AAAAB3NzaC1yc2EAAAABIwAAAQEAubiN81eDcafrgMeLzaFPsw2kNvEcqTKl/VqLat/MaB33pZy0y3rJZtnqwR2qOOvbwKZYKiEO1O6VqNEBxKvJJelCq0dTXWT5pbO2gDXC6h6QDXCaHo6pOHGPUy+YBaGQRGuSusMEASYiWunYN0vCAI8QaXnWMXNMdFP3jHAJH0eDsoiGnLPBlBp4TNm6rYI74nMzgz3B9IikW4WVK+dc8KZJZWYjAuORU3jc1c/NPskD2ASinf8v3xnfXeukU0sJ5N6m5E8VLjObPEO+mN2t/FZTMZLiFqPWc/ALSqnMnnhwrNi2rbfg/rd/IpL8Le3pSBne8+seeFVBoGqzHM9yXw=="

// staleScenario has a known_hosts with Cloud's key of 2023 beside today's.
func staleScenario(testing.TB) scenario {
	return scenario{
		name: "SSH host: known_hosts still has Cloud's revoked key", change: overSSHTo("git@ssh.bitbucket.org:acme/ledger.git"), verdict: model.VerdictWarn,
		code: "ssh.host-key-changed", rule: "known_hosts has a revoked key of Cloud", says: []string{"ssh-keygen -R 'bitbucket.org'", "2023"}, more: offers(false),
		options: sshServer(nil, func(w *sshWorld) [][]byte {
			return [][]byte{w.line("ssh.bitbucket.org:22", 0), []byte("bitbucket.org " + oldCloudKey + "\n")}
		}),
	}
}

func TestTheKeysOfCloudRevokedIn2023AreNeverTaken(t *testing.T) {
	t.Parallel()
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(oldCloudKey))
	if err != nil {
		t.Fatal(err)
	}
	line := []byte("bitbucket.org,ssh.bitbucket.org " + oldCloudKey + "\n")
	for _, address := range []string{"git@bitbucket.org:a/b.git", "git@ssh.bitbucket.org:a/b.git", "ssh://git@altssh.bitbucket.org:443/a/b.git"} {
		to := sshTarget(t, address)
		for name, h := range map[string]hostKeys{
			"unknown":  newHostKeys(to, nil, nil),
			"known":    newHostKeys(to, listed(line), nil),
			"accepted": newHostKeys(to, nil, []string{ssh.FingerprintSHA256(key)}),
		} {
			if f := h.judge(key); f.kind != faultHostOld || !strings.Contains(f.detail, "old key of Bitbucket Cloud") {
				t.Errorf("%s, %s: %+v", address, name, f)
			}
		}
	}
	other := newHostKeys(sshTarget(t, "ssh://git@git.acme-corp.com:7999/a/b.git"), listed(line), nil)
	if other.stale != "" || other.judge(key).kind != faultHostNew {
		t.Errorf("another host: %q, %+v", other.stale, other.judge(key))
	}
	hashedLine := []byte(knownhosts.HashHostname("bitbucket.org") + " " + oldCloudKey + "\n")
	if h := newHostKeys(sshTarget(t, "git@ssh.bitbucket.org:a/b.git"), listed(hashedLine), nil); h.stale != "bitbucket.org" {
		t.Errorf("a hashed entry is found as %q", h.stale)
	}
}
