package probe

import (
	"context"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"

	"bbconnect/model"
)

const serverSSH = dcHost + ":7999"

// overSSHTo makes the request one over SSH with API access off.
func overSSHTo(address string) func(*model.TestRequest) {
	return func(r *model.TestRequest) {
		r.Connector.URL, r.Connector.ConnectionType = address, model.SSH
		r.Connector.API.Method, r.Password, r.APILogin = model.APIOff, model.Secret{}, ""
		r.SSHKey = model.NewSecret(ownKey())
	}
}

var serverOverSSH = overSSHTo("ssh://git@" + serverSSH + "/pay/ledger.git")

// listed are files of keys that were accepted here.
func listed(files ...[]byte) []KnownHosts {
	var out []KnownHosts
	for _, data := range files {
		out = append(out, KnownHosts{Data: data})
	}
	return out
}

// sshServer starts a scripted server and knows its first host key, unless
// known says otherwise.
func sshServer(change func(*sshWorld), known func(*sshWorld) [][]byte) func(*testing.T, *world, *Options) {
	return func(t *testing.T, _ *world, o *Options) {
		w := newSSHWorld(t, change)
		o.Dial = w.route(o.Dial)
		o.KnownHosts = listed(w.line(serverSSH, 0))
		if known != nil {
			o.KnownHosts = listed(known(w)...)
		}
	}
}

func printing(stderr string) func(*sshWorld) {
	return func(w *sshWorld) { w.stdout, w.stderr = "", stderr }
}

func withKey(key string) func(*model.TestRequest) {
	return together(serverOverSSH, func(r *model.TestRequest) { r.SSHKey = model.NewSecret(key) })
}

// sshScenarios are those over SSH; t is for making keys.
func sshScenarios(t testing.TB) []scenario {
	ok := map[string]model.CheckStatus{checkReach: model.CheckPass, checkTLS: model.CheckPass, checkGit: model.CheckPass, checkREST: model.CheckSkip}
	other, fixedHostKey := ed25519HostKey(t), ed25519HostKey(t)
	return slices.Concat(harnessSSHScenarios(), sshKeyScenarios(t), sshHostScenarios(t), sshReachScenarios(t), []scenario{
		staleScenario(t),
		{name: "SSH: all is well", change: serverOverSSH, options: sshServer(nil, nil), verdict: model.VerdictPass, checks: ok},
		{
			name: "SSH: protocol 0", change: serverOverSSH, verdict: model.VerdictPass,
			options: sshServer(func(w *sshWorld) {
				w.stdout = pkt("95dcfa3633004da0049d3d0fa03f80589cbcaf31 HEAD\x00multi_ack\n") + "0000"
			}, nil),
		},
		{
			name: "SSH: a key under a passphrase", verdict: model.VerdictPass, options: sshServer(nil, nil),
			change: together(withKey(lockedKey(t, "Ca1arySesame")), func(r *model.TestRequest) { r.SSHPassphrase = model.NewSecret("Ca1arySesame") }),
		},
		{name: "SSH: a PKCS#8 key", change: withKey(pkcs8Key(t, rsaKey())), verdict: model.VerdictPass, options: sshServer(nil, nil)},
		{
			name: "SSH: API access on counts too", verdict: model.VerdictFail, code: "cred.rejected", rule: "REST refuses a token of its own", server: true,
			change: together(serverOverSSH, func(r *model.TestRequest) {
				r.Connector.API.Method, r.APIToken = model.APIAccessToken, model.NewSecret(serverToken())
			}),
			options: sshServer(nil, nil), script: map[string]reply{serverProps: serverDenied()},
			checks: map[string]model.CheckStatus{checkGit: model.CheckPass, checkREST: model.CheckFail},
		},
		{
			name: "SSH: an unknown host", change: serverOverSSH, verdict: model.VerdictFail, code: "ssh.host-key-unknown", rule: "the host key is not known",
			options: sshServer(nil, func(*sshWorld) [][]byte { return nil }),
			checks:  map[string]model.CheckStatus{checkReach: model.CheckPass, checkTLS: model.CheckFail},
		},
		{
			name: "SSH: an accepted fingerprint", verdict: model.VerdictPass,
			options: func(t *testing.T, w *world, o *Options) {
				sshServer(func(w *sshWorld) { w.hostKeys = []ssh.Signer{fixedHostKey} }, func(*sshWorld) [][]byte { return nil })(t, w, o)
			},
			change: together(serverOverSSH, func(r *model.TestRequest) {
				r.HostKeys = []string{ssh.FingerprintSHA256(fixedHostKey.PublicKey())}
			}),
		},
		{
			name: "SSH: another host key than known", change: serverOverSSH, verdict: model.VerdictFail, code: "ssh.host-key-changed", rule: "the host key is another one",
			options: sshServer(nil, func(w *sshWorld) [][]byte {
				w2 := &sshWorld{hostKeys: []ssh.Signer{other}}
				return [][]byte{w2.line(serverSSH, 0)}
			}),
		},
		{
			name: "SSH: known by one of two host keys", change: serverOverSSH, verdict: model.VerdictPass,
			options: sshServer(func(w *sshWorld) { w.hostKeys = []ssh.Signer{ed25519HostKey(t), hostSigner(t, rsaKey())} },
				func(w *sshWorld) [][]byte { return [][]byte{w.line(serverSSH, 1)} }),
		},
		{
			name: "SSH: an impostor of Cloud", change: overSSHTo("git@ssh.bitbucket.org:acme/ledger.git"), verdict: model.VerdictFail, code: "ssh.host-key-changed",
			rule: "the host key is another one", options: sshServer(nil, nil),
		},
		{
			name: "SSH: Cloud's own known_hosts line", change: overSSHTo("git@ssh.bitbucket.org:acme/ledger.git"), verdict: model.VerdictPass,
			options: sshServer(nil, func(w *sshWorld) [][]byte { return [][]byte{w.line("ssh.bitbucket.org:22", 0)} }),
		},
		{name: "SSH: no passphrase", change: withKey(lockedKey(t, "Ca1arySesame")), verdict: model.VerdictFail, code: "ssh.key-passphrase", rule: "the passphrase is missing or wrong"},
		{
			name: "SSH: a wrong passphrase", verdict: model.VerdictFail, code: "ssh.key-passphrase", rule: "the passphrase is missing or wrong",
			change: together(withKey(lockedKey(t, "Ca1arySesame")), func(r *model.TestRequest) { r.SSHPassphrase = model.NewSecret("Ca2aryBarley") }),
		},
		{
			name: "SSH: the key is refused", change: serverOverSSH, verdict: model.VerdictFail, code: "ssh.key-rejected", rule: "the key is refused",
			options: sshServer(func(w *sshWorld) {
				w.config.PublicKeyCallback = func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error) { return nil, io.EOF }
			}, nil),
			checks: map[string]model.CheckStatus{checkTLS: model.CheckPass, checkGit: model.CheckFail},
		},
		{
			name: "SSH: the key is too short", change: serverOverSSH, verdict: model.VerdictFail, code: "ssh.key-rejected", rule: "the key is refused",
			options: sshServer(printing("Your SSH key does not meet the key type or key length requirements set by your admin."), nil),
		},
		{
			name: "SSH: no common algorithm", change: serverOverSSH, verdict: model.VerdictFail, code: "ssh.algorithm", rule: "no common algorithm",
			options: sshServer(func(w *sshWorld) { w.config.KeyExchanges = []string{"diffie-hellman-group1-sha1"} }, nil),
		},
		{
			name: "SSH: something else listens", change: serverOverSSH, verdict: model.VerdictFail, code: "server.not-bitbucket", rule: "something else answers on the port of SSH",
			options: func(t *testing.T, _ *world, o *Options) {
				o.Dial = talker(t, strings.Repeat("HTTP/1.1 400 Bad Request\r\n", 400)).dial
			},
		},
		{
			name: "SSH: a read-only access key", change: serverOverSSH, verdict: model.VerdictFail, code: "ssh.deploy-key-read-only", rule: "the access key may only read",
			options: sshServer(printing("conq: repository access denied. access via a deployment key is read-only."), nil),
		},
		{
			name: "SSH: another repository's access key", change: serverOverSSH, verdict: model.VerdictFail, code: "ssh.deploy-key-other-repo", rule: "the access key is of another repository",
			options: sshServer(printing("repository access denied. deployment key is not associated with the requested repository."), nil),
		},
		{
			name: "SSH: an access key on an account connector", verdict: model.VerdictFail, code: "ssh.deploy-key-other-repo", rule: "an access key on an account connector",
			change: together(serverOverSSH, serverAccount, func(r *model.TestRequest) { r.Connector.URL = "ssh://git@" + serverSSH + "/" }), says: []string{"account"},
			options: sshServer(printing("repository access denied. deployment key is not associated with the requested repository."), nil),
		},
		{
			name: "SSH: the key is taken and the command is not", change: serverOverSSH, verdict: model.VerdictFail, code: "repo.not-found-or-no-access",
			rule: "the key is taken, the command is not", says: []string{"accepts the SSH key"},
			options: sshServer(printing("authenticated via ssh key.\n\nYou can use git to connect to Bitbucket. Shell access is disabled"), nil),
		},
		{
			name: "SSH: access denied", change: serverOverSSH, verdict: model.VerdictFail, code: "permission.denied", rule: "SSH denies access",
			options: sshServer(printing("Unauthorized\nfatal: Could not read from remote repository."), nil),
		},
		{
			name: "SSH: no such repository", change: serverOverSSH, verdict: model.VerdictFail, code: "repo.not-found-or-no-access", rule: "git finds no repository",
			options: sshServer(printing("Repository not found\nThe requested repository does not exist, or you do not have permission to access it."), nil),
		},
		{
			name: "SSH: silence", change: serverOverSSH, verdict: model.VerdictFail, code: "server.not-bitbucket", rule: "git is refused otherwise",
			options: sshServer(printing(""), nil),
		},
		{
			name: "SSH: Harness looks for the API elsewhere", verdict: model.VerdictWarn, code: "ssh.host-moved", rule: "Harness will look for the REST API elsewhere",
			mend: "off",
			change: together(overSSHTo("git@ssh.bitbucket.org:acme/ledger.git"), func(r *model.TestRequest) {
				r.Connector.API.Method, r.APIToken, r.APILogin = model.APIEmailAndToken, model.NewSecret(apiToken()), "jdoe@acme-corp.com"
			}),
			options: sshServer(nil, func(w *sshWorld) [][]byte { return [][]byte{w.line("ssh.bitbucket.org:22", 0)} }),
		},
	})
}

func TestEveryScenarioOverSSHIsDiagnosed(t *testing.T) {
	t.Parallel()
	for _, s := range sshScenarios(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.run(t)
		})
	}
}

// listenerThat accepts connections and says the same to each.
type listenerThat struct{ net.Listener }

func talker(t *testing.T, text string) listenerThat {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var open sync.WaitGroup
	open.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			// Each on its own, so that none waits for another to hang up.
			open.Go(func() {
				defer func() { _ = c.Close() }()
				_, _ = io.WriteString(c, text)
				_ = c.(*net.TCPConn).CloseWrite()
				_, _ = io.Copy(io.Discard, c)
			})
		}
	})
	t.Cleanup(func() { _ = l.Close(); open.Wait() })
	return listenerThat{l}
}

func (l listenerThat) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, network, l.Addr().String())
}
