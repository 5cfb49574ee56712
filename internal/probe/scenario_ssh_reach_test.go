package probe

import (
	"context"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"bbconnect/model"
)

const serverSSHSettings = dcHost + "/rest/ssh/latest/settings"

// closedAt refuses the addresses that end so, whatever the others do.
func closedAt(suffixes ...string) func(*testing.T, *world, *Options) {
	return func(_ *testing.T, _ *world, o *Options) {
		next := o.Dial
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			for _, s := range suffixes {
				if strings.HasSuffix(address, s) {
					return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
				}
			}
			return next(ctx, network, address)
		}
	}
}

// silentAt connects to the addresses that end so and hears nothing there.
func silentAt(suffix string) func(*testing.T, *world, *Options) {
	return func(_ *testing.T, _ *world, o *Options) {
		next := o.Dial
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			if strings.HasSuffix(address, suffix) {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return next(ctx, network, address)
		}
		o.Timeout = 600 * time.Millisecond
	}
}

// talkingAt is a server of another kind at the addresses that end so.
func talkingAt(suffix, text string) func(*testing.T, *world, *Options) {
	return func(t *testing.T, _ *world, o *Options) {
		next, other := o.Dial, talker(t, text)
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			if strings.HasSuffix(address, suffix) {
				return other.dial(ctx, network, address)
			}
			return next(ctx, network, address)
		}
	}
}

func inTurn(list ...func(*testing.T, *world, *Options)) func(*testing.T, *world, *Options) {
	return func(t *testing.T, w *world, o *Options) {
		for _, change := range list {
			change(t, w, o)
		}
	}
}

func settings(body string) map[string]reply {
	return map[string]reply{serverSSHSettings: serverReply(200, body)}
}

func serverAPIOn(r *model.TestRequest) {
	r.Connector.API.Method, r.APIToken = model.APIAccessToken, model.NewSecret(serverToken())
}

func cloudAPIOn(r *model.TestRequest) {
	r.Connector.API.Method, r.APIToken, r.APILogin = model.APIEmailAndToken, model.NewSecret(apiToken()), "jdoe@acme-corp.com"
}

// serverAccount makes it an account connector with the same test repository.
func serverAccount(r *model.TestRequest) {
	r.Connector.URLType, r.Connector.URL, r.Connector.TestRepository = model.URLAccount, "ssh://git@"+dcHost+"/", "PAY/ledger.git"
}

// firstMend expects what is offered first.
func firstMend(want string) func(*testing.T, *model.Problem) {
	return func(t *testing.T, p *model.Problem) {
		if len(p.Mends) == 0 || p.Mends[0].Value != want || p.Mends[0].Field != model.QURL {
			t.Errorf("the mends are %+v, want %q first", p.Mends, want)
		}
	}
}

func noMend(t *testing.T, p *model.Problem) {
	if len(p.Mends) != 0 {
		t.Errorf("offered %+v", p.Mends)
	}
}

// sshReachScenarios are about hosts and ports where SSH is not.
func sshReachScenarios(t testing.TB) []scenario {
	return append(cloudReachScenarios(), serverReachScenarios(t)...)
}

func cloudReachScenarios() []scenario {
	const old, now, alt = "git@bitbucket.org:acme/ledger.git", "git@ssh.bitbucket.org:acme/ledger.git", "ssh://git@altssh.bitbucket.org:443/acme/ledger.git"
	behind := inTurn(sshServer(nil, nil), closedAt(":22"))
	moved := func(name string, change func(*model.TestRequest), options func(*testing.T, *world, *Options), first string) scenario {
		return scenario{
			name: "SSH to Cloud: " + name, change: together(overSSHTo(old), change), options: options, verdict: model.VerdictFail,
			code: "ssh.host-moved", rule: "SSH to bitbucket.org has ended", more: firstMend(first), mend: now,
		}
	}
	nothing := func(*model.TestRequest) {}
	return []scenario{
		moved("bitbucket.org has moved", nothing, behind, now),
		moved("bitbucket.org has moved, API access on", cloudAPIOn, behind, now),
		moved("bitbucket.org speaks no SSH", nothing, talkingAt(":22", strings.Repeat("HTTP/1.1 400 Bad Request\r\n", 20)), now),
		moved("bitbucket.org hangs up", nothing, talkingAt(":22", ""), now),
		moved("bitbucket.org is silent", nothing, silentAt("bitbucket.org:22"), now),
		{
			name: "SSH to Cloud: port 22 is blocked", change: overSSHTo(now), options: behind, verdict: model.VerdictFail,
			code: "ssh.port-blocked", rule: "the port of SSH is closed", more: firstMend(alt), says: []string{"https://altssh.bitbucket.org/", "port 22"},
		},
		{
			name: "SSH to Cloud: port 22 is blocked, API access on", change: together(overSSHTo(now), cloudAPIOn), options: behind, verdict: model.VerdictFail,
			code: "ssh.port-blocked", rule: "the port of SSH is closed", more: firstMend(alt), says: []string{"API access off", "HTTP"},
		},
		{
			name: "SSH to Cloud: port 22 is dropped", change: overSSHTo(now), options: inTurn(sshServer(nil, nil), silentAt(":22")), verdict: model.VerdictFail,
			code: "ssh.port-blocked", rule: "the port of SSH is closed", mend: alt,
		},
		{
			name: "SSH to Cloud: port 22 is blocked, through a delegate", change: together(overSSHTo(now), viaDelegate), options: behind,
			verdict: model.VerdictUnreachable, code: "ssh.port-blocked", rule: "the port of SSH is closed",
		},
		{
			name: "SSH to Cloud: the network is closed", change: overSSHTo(now), options: closedAt(":22", ":443"), verdict: model.VerdictFail,
			code: "net.refused", rule: "a public host refuses the connection", more: noMend,
		},
		{
			name: "SSH to Cloud: port 443 answers something else", change: overSSHTo(now), verdict: model.VerdictFail,
			options: inTurn(closedAt(":22"), talkingAt("altssh.bitbucket.org:443", "HTTP/1.1 400 Bad Request\r\n")),
			code:    "net.refused", rule: "a public host refuses the connection",
		},
	}
}

func serverReachScenarios(t testing.TB) []scenario {
	const wrong, right = "ssh://git@" + dcHost + "/pay/ledger.git", "ssh://git@" + dcHost + ":7999/pay/ledger.git"
	const body = `{"enabled":true,"port":7999,"baseUrl":"ssh://git@` + dcHost + `:7999"}`
	const stated, guessed = "rest/ssh/latest/settings", "that is a guess"
	refused := closedAt(":22")
	row := func(name string, script map[string]reply, change, more any, says ...string) scenario {
		s := scenario{
			name: "SSH to Data Center: " + name, server: true, change: overSSHTo(wrong), options: refused, script: script,
			verdict: model.VerdictFail, code: "net.refused", rule: "SSH is refused, and listens elsewhere", says: says,
		}
		if c, ok := change.(func(*model.TestRequest)); ok {
			s.change = together(s.change, c)
		}
		if want, ok := more.(string); ok {
			s.more = firstMend(want)
		}
		return s
	}
	own := func(w *sshWorld) {
		w.config.ServerVersion = "SSH-2.0-OpenSSH_9.6"
		w.config.PublicKeyCallback = func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error) { return nil, io.EOF }
	}
	at22 := func(w *sshWorld) [][]byte { return [][]byte{w.line(dcHost+":22", 0)} }
	private := map[string]reply{serverSSHSettings: serverError(401, "AuthorisationException", "You are not permitted to access this resource")}
	closed := scenario{name: "SSH to Data Center: it is off", server: true, change: serverOverSSH, options: closedAt(":7999"), script: settings(`{"enabled":false,"port":7999}`), verdict: model.VerdictFail, code: "net.refused", rule: "SSH is switched off at the server", says: []string{"switched off"}, more: noMend}
	timeout := row("nothing answers", settings(body), nil, right, stated)
	timeout.options, timeout.code, timeout.rule = silentAt(":22"), "net.timeout", "SSH is silent, and listens elsewhere"
	other := row("another service", settings(body), nil, right, stated)
	other.options, other.code, other.rule = talkingAt(":22", strings.Repeat("220 mail ready\r\n", 30)), "server.not-bitbucket", "another service listens, and SSH elsewhere"
	machine := row("the machine's own", settings(body), nil, right, "SSH-2.0-OpenSSH_9.6", stated)
	machine.options, machine.code, machine.rule = sshServer(own, at22), "server.not-bitbucket", "the machine's own SSH server answers"
	found := row("nothing there", settings(body), nil, right, stated)
	found.options, found.code, found.rule = sshServer(printing("Repository not found"), at22), "repo.not-found-or-no-access", "nothing is found, and SSH listens elsewhere"
	same := row("where it says", settings(body), nil, nil)
	same.change, same.options, same.rule, same.more = serverOverSSH, closedAt(":7999"), "the connection is refused", noMend
	user := scenario{
		name: "SSH to Data Center: another user", server: true, change: overSSHTo("ssh://jdoe@" + serverSSH + "/pay/ledger.git"), options: sshServer(nil, nil),
		verdict: model.VerdictFail, code: "url.ssh-user", rule: "SSH as another user than git", more: firstMend("ssh://git@" + serverSSH + "/pay/ledger.git"),
	}
	return []scenario{
		closed, timeout, other, machine, found, same, user,
		row("the port is stated", settings(body), nil, right, stated),
		row("the port alone is stated", settings(`{"port":7998}`), nil, "ssh://git@"+dcHost+":7998/pay/ledger.git", stated),
		row("another host is stated", settings(`{"baseurl":"ssh://git@ssh.acme-corp.com:7997","port":7999}`), nil, "ssh://git@ssh.acme-corp.com:7997/pay/ledger.git", "ssh.acme-corp.com:7997"),
		row("an account", settings(body), serverAccount, "ssh://git@"+dcHost+":7999/"),
		row("behind a context path", map[string]reply{dcHost + "/bitbucket/rest/ssh/latest/settings": serverReply(200, body)}, nil, right, stated),
		row("the REST API does not tell", nil, nil, right, guessed),
		row("only those signed in are told", private, nil, right, guessed),
		row("a port of none", settings(`{"port":0}`), nil, right, guessed),
		row("a port too high", settings(`{"port":99999}`), nil, right, guessed),
		row("another protocol", settings(`{"port":7999.5,"baseUrl":"https://evil.example/"}`), nil, right, guessed),
		row("a host with control characters", settings(`{"baseUrl":"ssh://git@evil\u001b[31m.example:22"}`), nil, right, guessed),
		row("a host that is an option", settings(`{"baseUrl":"ssh://-oProxyCommand=x:22"}`), nil, right, guessed),
		row("a host of Cloud", settings(`{"baseUrl":"ssh://git@bitbucket.org:22"}`), nil, nil),
		row("a page", map[string]reply{serverSSHSettings: page(200, "<html>sign in</html>")}, nil, right, guessed),
	}
}

// TestTheSettingsAreAskedWithACredentialOnlyOnceItWasTaken also shows that they
// are asked without one first.
func TestTheSettingsAreAskedWithACredentialOnlyOnceItWasTaken(t *testing.T) {
	t.Parallel()
	const wrong = "ssh://git@" + dcHost + "/pay/ledger.git"
	denied := serverError(401, "AuthorisationException", "You are not permitted to access this resource")
	for name, c := range map[string]struct {
		change func(*model.TestRequest)
		props  reply
		want   []bool
	}{
		"API access off":          {overSSHTo(wrong), soundServer()[serverProps], []bool{false}},
		"the credential is taken": {together(overSSHTo(wrong), serverAPIOn), soundServer()[serverProps], []bool{false, true}},
		"it is refused":           {together(overSSHTo(wrong), serverAPIOn), serverDenied(), []bool{false}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answers := soundServer()
			answers[serverSSHSettings], answers[serverProps] = denied, c.props
			w := newWorld(t, answers)
			o := w.options()
			closedAt(":22")(t, w, &o)
			req := serverRequest()
			c.change(&req)
			if r := New(o).Test(t.Context(), req, nil); r.Verdict != model.VerdictFail {
				t.Errorf("%+v", r.Problem)
			}
			var sent []bool
			for _, r := range w.seen() {
				if "/"+strings.SplitN(serverSSHSettings, "/", 2)[1] == r.path {
					sent = append(sent, r.authorization != "")
				}
			}
			if len(sent) < len(c.want) {
				t.Fatalf("asked %v, want %v", sent, c.want)
			}
			for i, want := range c.want {
				if sent[i] != want {
					t.Errorf("asked with a credential: %v, want %v", sent, c.want)
				}
			}
			if len(sent) != len(c.want) {
				t.Errorf("asked %d times, want %d", len(sent), len(c.want))
			}
		})
	}
}

// Each remedy is put in as the wizard does, with one key.
func TestOneRemedyAfterAnotherMakesAMovedConnectorWork(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		url, host string
		want      []string
	}{
		"bitbucket.org has moved": {"git@bitbucket.org:acme/ledger.git", "ssh.bitbucket.org", []string{"ssh.host-moved", "ssh.host-moved", ""}},
		"port 22 is blocked":      {"git@ssh.bitbucket.org:acme/ledger.git", "altssh.bitbucket.org", []string{"ssh.port-blocked", "ssh.host-moved", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, soundCloud())
			o := w.options()
			sshServer(nil, func(s *sshWorld) [][]byte {
				return [][]byte{s.line("ssh.bitbucket.org:22", 0), s.line("altssh.bitbucket.org:443", 0)}
			})(t, w, &o)
			next := o.Dial
			o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
				if strings.HasSuffix(address, ":22") && address != c.host+":22" {
					return refusing(ctx, network, address)
				}
				return next(ctx, network, address)
			}
			req := cloudRequest()
			together(overSSHTo(c.url), cloudAPIOn)(&req)
			draft := model.DraftOf(req.Connector, model.World{})
			for i, want := range c.want {
				r := New(o).Test(t.Context(), req, nil)
				code := ""
				if r.Problem != nil {
					code = r.Problem.Code
				}
				if code != want {
					t.Fatalf("test %d says %q, want %q: %+v", i, code, want, r.Problem)
				}
				if want == "" {
					break
				}
				mend := r.Problem.Mends[0]
				draft = model.Fill(draft, mend.Field, mend.Value)
				if found := model.ValidateAnswer(mend.Field, draft, model.World{}); found.HasErrors() {
					t.Fatalf("%s = %s is refused: %+v", mend.Field, mend.Value, found)
				}
				req.Connector = model.Build(draft, model.World{})
			}
			if !strings.Contains(req.Connector.URL, c.host) || req.Connector.ConnectionType != model.SSH || req.Connector.API.On() {
				t.Errorf("it ended as %+v", req.Connector)
			}
		})
	}
}

// What greeted over SSH is in no wrong place because it then failed.
func TestAServerThatGreetsIsNotLookedForElsewhere(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		version string
		kind    faultKind
		said    string
		port    int
		want    bool
	}{
		"refused":                            {"", faultRefused, "", 22, true},
		"silent":                             {"", faultTimeout, "", 22, true},
		"hung up before a word":              {"", faultClosed, "", 22, true},
		"hung up behind its version":         {"SSH-2.0-x", faultClosed, "", 22, false},
		"slow behind its version":            {"SSH-2.0-x", faultTimeout, "", 22, false},
		"the key, by the machine's own":      {"SSH-2.0-OpenSSH_9.6", faultKeyRefused, "", 22, true},
		"the key, by Bitbucket's":            {"SSH-2.0-SSHD-UNKNOWN", faultKeyRefused, "", 22, false},
		"nothing there, by another":          {"SSH-2.0-x", noFault, "", 22, true},
		"nothing there, by Bitbucket's":      {"SSH-2.0-SSHD-UNKNOWN", noFault, "", 22, false},
		"nothing there, by Apache's":         {"SSH-2.0-APACHE-SSHD-2.9.2", noFault, "", 22, false},
		"nothing there, at the usual port":   {"SSH-2.0-x", noFault, "", 7999, false},
		"an OpenSSH at the usual port":       {"SSH-2.0-OpenSSH_9.6", noFault, "", 7999, true},
		"a host key that is not known":       {"SSH-2.0-x", faultHostNew, "", 22, false},
		"a refusal that names the matter":    {"SSH-2.0-x", noFault, "You may not write.", 22, false},
		"a name that leads nowhere":          {"", faultDNS, "", 22, false},
		"no algorithm in common":             {"SSH-2.0-x", faultAlgorithm, "", 22, false},
		"a repository that is said not here": {"SSH-2.0-x", noFault, "Repository not found", 22, true},
	} {
		f := facts{to: target{Address: model.Address{Product: model.DataCenter, Transport: model.SSH, Host: dcHost, Port: c.port}}}
		f.git = answer{asked: true, said: c.said, fault: fault{kind: c.kind}}
		f.ssh.version = c.version
		if got := f.misplaced(); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
