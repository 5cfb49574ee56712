package probe

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"bbconnect/model"
)

// Ports of SSH: Data Center's default (confluence.atlassian.com, "Enable SSH
// access to Git repositories"), and where Cloud's answers through firewalls
// (support.atlassian.com, "Use SSH over port 443").
const (
	serverSSHPort = 7999
	cloudSSHHost  = "ssh.bitbucket.org"
	altSSHAddress = "altssh.bitbucket.org:443"
)

// reasonTime is how long may be spent on finding out why SSH did not answer.
const reasonTime = 3 * time.Second

// reserve is a context that ends before its parent does, so that time is left
// for the reason of a failure.
func reserve(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline.Add(-min(reasonTime, time.Until(deadline)/3)))
}

// askOtherPort finds out whether it is the port of SSH that is closed or the
// network: it listens for the first line of Cloud's SSH on port 443. Nothing is
// sent there.
func (t *test) askOtherPort(ctx context.Context) {
	f := &t.facts
	if t.to.Host != cloudSSHHost || ctx.Err() != nil || !faulty(faultRefused, faultClosed, faultTimeout, faultNoRoute)(f.git) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, reasonTime)
	defer cancel()
	conn, err := t.opts.Dial(ctx, "tcp", altSSHAddress)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	f.ssh.otherPort = greets(conn)
}

// greets reports whether the first bytes are a version line of SSH (RFC 4253
// §4.2 allows lines before it; Bitbucket sends none).
func greets(conn net.Conn) bool {
	var first []byte
	for part := make([]byte, 255); len(first) < 255; {
		n, err := conn.Read(part)
		first = append(first, part[:n]...)
		if bytes.HasPrefix(first, []byte("SSH-")) {
			return true
		}
		if err != nil || len(first) >= 4 {
			return false
		}
	}
	return false
}

// sshPlace is where a Data Center's own settings say its SSH is.
type sshPlace struct {
	// told says that the settings could be read.
	told bool
	// off says that SSH is switched off.
	off bool
	// host and port are "" and 0 where they name nothing that can be used.
	host string
	port int
}

// askSSHSettings asks Data Center where its SSH is when git found nothing
// there. The settings answer anybody; where they do not, the REST API's
// credential goes along if the server has just taken it, and then only.
func (t *test) askSSHSettings(ctx context.Context) {
	f := &t.facts
	if f.overHTTP() || !f.isDataCenter() || f.gitOK() || ctx.Err() != nil || !f.misplaced() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, reasonTime)
	defer cancel()
	w := newWire(t.opts, t.trusted, t.secrets)
	defer w.close()
	paths := contextPaths[:]
	if f.contextFound {
		paths = []string{f.context}
	}
	root := strings.TrimSuffix(t.to.rest, "/rest/api/1.0")
	for _, path := range paths {
		address := root + path + "/rest/ssh/latest/settings"
		header := http.Header{"Accept": {"application/json"}, "User-Agent": {"bbconnect"}}
		a := w.get(ctx, address, login{}, header, nil)
		if a.status == http.StatusUnauthorized && f.counts && f.signedIn() {
			a = w.get(ctx, address, f.restLogin, header, nil)
		}
		if f.ssh.stated = readSSHSettings(a); f.ssh.stated.told || a.dead() || ctx.Err() != nil {
			return
		}
	}
}

// misplaced reports a failure that another port or host may explain. A server
// that has greeted over SSH is in no wrong place because it then hung up or was
// slow, and one that greets as Data Center's own is the right one.
func (f *facts) misplaced() bool {
	greeted := f.ssh.version != ""
	switch f.git.fault.kind {
	case faultRefused, faultNoRoute, faultNotSSH:
		return true
	case faultClosed, faultTimeout:
		return !greeted
	case faultKeyRefused:
		return f.ownDaemon()
	case noFault:
		// At Data Center's own port it is Bitbucket that found nothing.
		own := f.bitbucketDaemon() || f.to.Port == serverSSHPort && !f.ownDaemon()
		return f.git.asked && f.ssh.key.code == "" && (f.git.said == "" || notThere(f.git)) && !own
	}
	return false
}

// bitbucketDaemon reports that Data Center's own SSH server answered: it is
// Apache's and calls itself SSHD-UNKNOWN or APACHE-SSHD.
func (f *facts) bitbucketDaemon() bool {
	return strings.HasPrefix(f.ssh.version, "SSH-2.0-SSHD") || strings.HasPrefix(f.ssh.version, "SSH-2.0-APACHE-SSHD")
}

// ownDaemon reports that what refused our key is the SSH server of the machine
// and not Bitbucket's: Data Center has Apache's (SSH-2.0-SSHD-UNKNOWN or
// APACHE-SSHD), Linux machines have OpenSSH's.
func (f *facts) ownDaemon() bool {
	return f.isDataCenter() && strings.HasPrefix(f.ssh.version, "SSH-2.0-OpenSSH")
}

// readSSHSettings reads the answer of /rest/ssh/latest/settings
// (developer.atlassian.com, Bitbucket Data Center, "Get SSH settings"): enabled,
// port, baseUrl. What cannot be an address is left out.
func readSSHSettings(a answer) sshPlace {
	if !a.good() || a.json == nil {
		return sshPlace{}
	}
	var p sshPlace
	if enabled, ok := a.json["enabled"].(bool); ok {
		p.told, p.off = true, !enabled
	}
	if number, ok := a.json["port"].(float64); ok && number >= 1 && number <= 65535 && number == float64(int(number)) {
		p.told, p.port = true, int(number)
	}
	base := a.text("baseUrl")
	if base == "" {
		base = a.text("baseurl")
	}
	if host, port, ok := sshBase(base); ok {
		p.told, p.host = true, host
		if port != 0 {
			p.port = port
		}
	}
	return p
}

// hostName is what may stand for a host in an address that is offered.
var hostName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$`) })

// sshBase reads ssh://git@host:port; a base of another protocol says nothing.
func sshBase(text string) (host string, port int, ok bool) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "ssh" {
		return "", 0, false
	}
	host = u.Hostname()
	if _, err := netip.ParseAddr(host); err != nil && !hostName().MatchString(host) {
		return "", 0, false
	}
	if u.Port() != "" {
		if port, err = strconv.Atoi(u.Port()); err != nil || port < 1 || port > 65535 {
			return "", 0, false
		}
	}
	return host, port, true
}

// place is where Data Center's SSH is to be looked for instead; ok is false
// where that is where the connector looks already, or nothing is known. guess
// says that nobody stated it.
func (f *facts) place() (host string, port int, guess, ok bool) {
	if !f.isDataCenter() || f.overHTTP() || !f.misplaced() {
		return "", 0, false, false
	}
	now := f.to.Port
	if now == 0 {
		now = 22
	}
	s := f.ssh.stated
	if !s.told {
		return f.to.Host, serverSSHPort, true, now != serverSSHPort && f.git.dead()
	}
	host, port = s.host, s.port
	if host == "" {
		host = f.to.Host
	}
	if port == 0 {
		port = serverSSHPort
	}
	return host, port, s.port == 0, !s.off && (port != now || !strings.EqualFold(host, f.to.Host))
}

// mendPlace offers the address with the stated host and port.
func mendPlace(f *facts, _ answer) []model.Mend {
	host, port, guess, ok := f.place()
	if !ok {
		return nil
	}
	path := ""
	if f.to.URLType != model.URLAccount {
		path = f.to.name() + ".git"
	}
	address := net.JoinHostPort(host, strconv.Itoa(port))
	label := "use " + address + " for SSH, as the server states"
	if guess {
		label = "try " + address + " for SSH, a guess"
	}
	return slices.DeleteFunc(mendURL("ssh://git@"+address+"/"+path, label), func(m model.Mend) bool {
		read := model.ReadURL(m.Value, model.URLContext{})
		return read.Address.Product != model.DataCenter
	})
}
