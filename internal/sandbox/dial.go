package sandbox

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// ssoHost is where the login page of the single sign-on scenario lives.
const ssoHost = "sso.acme-corp.com"

// place is one public name and port, and the loopback address behind it.
type place struct {
	host string
	port string
	addr *net.TCPAddr
}

// dialMode is what becomes of a connection to a public name.
type dialMode int

const (
	dialAsUsual     dialMode = iota
	dialNoName               // no name is known
	dialRefused              // nothing listens anywhere
	dialUnreachable          // no route leads there
	dialDropped              // nothing ever comes back
)

// places lists every public name the sandbox answers for. Cloud's SSH names
// are bitbucket.org (until 2026-11-12), ssh.bitbucket.org and, where port 22 is
// blocked, altssh.bitbucket.org on 443.
func (s *Sandbox) places() []place {
	dc := s.opts.DataCenterHost
	return []place{
		{"bitbucket.org", "443", s.cloudTLS.addr},
		{"www.bitbucket.org", "443", s.cloudTLS.addr},
		{"api.bitbucket.org", "443", s.cloudTLS.addr},
		{"bitbucket.org", "80", s.plain.addr},
		{"api.bitbucket.org", "80", s.plain.addr},
		{"bitbucket.org", "22", s.cloudSSH.addr},
		{"ssh.bitbucket.org", "22", s.cloudSSH.addr},
		{"altssh.bitbucket.org", "443", s.cloudSSH.addr},
		{dc, "443", s.dcTLS.addr},
		{dc, "8443", s.dcTLS.addr},
		{dc, "80", s.plain.addr},
		{dc, "7990", s.plain.addr},
		{dc, strconv.Itoa(s.sshPort()), s.dcSSH.addr},
		{ssoHost, "443", s.dcTLS.addr},
		{proxyHost, proxyPort, s.proxy.addr},
	}
}

// Dial connects to the loopback listener that stands for a public name, or to
// one of the sandbox's own loopback addresses. It never leaves the machine: a
// name the sandbox does not serve is a *net.DNSError (not found), a port it
// does not serve a *net.OpError (connection refused). Where the scenario drops
// packets, it waits for the end of the context. After Close it is
// net.ErrClosed: the ports may be somebody else's by then.
func (s *Sandbox) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	select {
	case <-s.done:
		return nil, net.ErrClosed
	default:
	}
	if err := s.obstacle(ctx, network, host, port); err != nil {
		return nil, err
	}
	target, known := s.lookup(host, port)
	if !known {
		return nil, &net.DNSError{Err: "no such host (the sandbox serves only its own names and contacts nobody else)", Name: host, IsNotFound: true}
	}
	if target == nil || target == s.dcSSH.addr && s.faults().sshDisabled {
		return nil, dialError(network, syscall.ECONNREFUSED)
	}
	var dialer net.Dialer
	return dialer.DialContext(ctx, "tcp4", target.String())
}

// lookup finds the listener behind a name and port; known is whether the name
// is served at all.
func (s *Sandbox) lookup(host, port string) (target *net.TCPAddr, known bool) {
	if isLoopback(host) {
		for _, p := range s.places() {
			if fmt.Sprint(p.addr.Port) == port {
				return p.addr, true
			}
		}
		return nil, true
	}
	for _, p := range s.places() {
		if p.host != host {
			continue
		}
		known = true
		if p.port == port {
			return p.addr, true
		}
	}
	return nil, known
}

// obstacle is what the scenario puts in the way of a connection.
func (s *Sandbox) obstacle(ctx context.Context, network, host, port string) error {
	f, address := s.faults(), net.JoinHostPort(host, port)
	switch {
	case f.dial == dialNoName:
		return &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	case f.dial == dialRefused, slices.Contains(f.closedPorts, address):
		return dialError(network, syscall.ECONNREFUSED)
	case f.dial == dialUnreachable:
		return dialError(network, syscall.EHOSTUNREACH)
	case f.dial == dialDropped, slices.Contains(f.droppedPorts, address):
		select {
		case <-ctx.Done():
			return &net.OpError{Op: "dial", Net: network, Err: ctx.Err()}
		case <-s.done:
			return net.ErrClosed
		}
	}
	return nil
}

// sshPort is the port of Data Center's SSH, which a scenario may move.
func (s *Sandbox) sshPort() int { return cmp.Or(s.faults().sshPort, 7999) }

// dialError is what connecting looks like when the system refuses to.
func dialError(network string, number syscall.Errno) error {
	return &net.OpError{Op: "dial", Net: network, Err: os.NewSyscallError("connect", number)}
}

// isLoopback tells the sandbox's own addresses from public names.
func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// certificateNames are the names a good certificate is made for.
func (s *Sandbox) certificateNames() []string {
	return []string{
		"bitbucket.org", "www.bitbucket.org", "api.bitbucket.org",
		s.opts.DataCenterHost, ssoHost, "localhost",
	}
}
