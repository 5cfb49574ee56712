package probe

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"bbconnect/model"
)

// commands are whole lines for sh that show on another machine, such as the
// delegate's, whether it gets to where this one did not. Each signs in with
// nothing, or asks for what it needs: none holds a secret, or a name of one. They
// are those of the channels of the given checks.
func (t *test) commands(of ...string) []string {
	f := &t.facts
	git, rest := t.channels(of)
	var out []string
	if rest {
		out = append(out, curl(t.to.restProof()))
	}
	switch {
	case !git:
	case !f.overHTTP():
		out = append(out, t.to.sshProof())
	default:
		if !f.counts {
			out = append(out, curl(t.to.infoRefs()))
		}
		// No helper answers in the person's place; git asks for both.
		out = append(out, "GIT_TERMINAL_PROMPT=1 git -c credential.helper= ls-remote "+word(clean(t.to.gitURL)))
	}
	return out
}

// channels says which channels commands are wanted for: git where it did not
// answer, the REST API where the connector uses it.
func (t *test) channels(of []string) (git, rest bool) {
	f := &t.facts
	git = slices.Contains(of, checkGit) && !f.gitOK()
	rest = f.counts && slices.ContainsFunc(of, func(check string) bool { return check != checkGit })
	return git, rest
}

// promise says where to run the commands and what they print when the way is
// open. A pod's name is nobody's to guess, so none stands in a command.
func (t *test) promise(of ...string) string {
	f := &t.facts
	git, rest := t.channels(of)
	parts := []string{}
	if rest || git && f.overHTTP() && !f.counts {
		parts = append(parts, "curl prints 401 or 200 where the way is open")
	}
	if git {
		if f.overHTTP() {
			parts = append(parts, "git asks for the user name and the token and lists the branches")
		} else {
			parts = append(parts, "ssh prints a greeting or “Permission denied (publickey)”")
		}
	}
	return "Run the commands on the delegate's host, for a Kubernetes delegate inside its pod: " + strings.Join(parts, "; ") + "."
}

// curl prints the status of an answer and nothing else, or curl's own reason
// for having none. It follows no redirect.
func curl(address string) string {
	return `curl -sS -o /dev/null -w '%{http_code}\n' ` + word(clean(address))
}

// restProof is an address of the REST API that answers anybody: Cloud's /user
// with 401, Data Center's application-properties with 200.
func (t target) restProof() string {
	if t.Product == model.Cloud {
		return t.rest + "/user"
	}
	return t.rest + "/application-properties"
}

// sshProof connects to the port of SSH and asks for no shell.
func (t target) sshProof() string {
	host, port, err := net.SplitHostPort(t.sshAddress())
	if err != nil {
		return "ssh -T " + word(model.UserSSH+"@"+clean(t.Host))
	}
	return "ssh -T -p " + word(clean(port)) + " " + word(model.UserSSH+"@"+clean(host))
}

// word quotes one argument for sh where it needs that.
func word(text string) string {
	const safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-"
	if text != "" && strings.Trim(text, safe) == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// placed reports a failure whose cause may be this machine's place: what the
// delegate gets is worth a look. A certificate that is not trusted here fails
// the test all the same, since the delegate's trust is a setting of its own.
func (f fault) placed() bool {
	switch f.kind {
	case faultUnknownCA, faultHostname, faultExpired, faultTLS, faultNotTLS, faultOnlyTLS:
		return true
	}
	return f.net()
}

// privately reports that the connection went to a private address: by the
// host's name, or by what it stands for. Through a proxy nobody knows.
func (f *facts) privately() bool {
	return privateName(f.to.Host) || f.private
}

// noteAddress remembers where the connections to the connector's host lead.
func (t *test) noteAddress(asked string, conn net.Conn) {
	host, _, err := net.SplitHostPort(asked)
	if err != nil || !strings.EqualFold(host, t.to.Host) {
		return
	}
	address := &url.URL{Host: conn.RemoteAddr().String()}
	if privateName(address.Hostname()) {
		t.private.Store(true)
	}
}
