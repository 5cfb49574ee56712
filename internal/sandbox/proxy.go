package sandbox

import (
	"io"
	"net"
	"net/http"
	"net/url"
)

// The proxy's public name and port.
const (
	proxyHost = "proxy.acme-corp.com"
	proxyPort = "3128"
)

// proxyMode is what the HTTP proxy makes of requests.
type proxyMode int

const (
	proxyNone    proxyMode = iota // there is none
	proxyOpen                     // it connects
	proxyAuth                     // it wants a login
	proxyRefuses                  // it connects to nothing
)

// Proxy names the proxy of a request, as http.Transport's field of that name:
// that of the scenario, or none. Its name is reached through Dial.
func (s *Sandbox) Proxy(*http.Request) (*url.URL, error) {
	if s.faults().proxy == proxyNone {
		return nil, nil
	}
	return &url.URL{Scheme: "http", Host: net.JoinHostPort(proxyHost, proxyPort)}, nil
}

// newProxy listens for CONNECT.
func (s *Sandbox) newProxy() (*webServer, error) {
	return s.serve(http.HandlerFunc(s.connect), func(inner net.Listener) net.Listener { return inner })
}

// connect answers one request to the proxy.
func (s *Sandbox) connect(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		panic(http.ErrAbortHandler)
	}
	defer s.running.Done()
	entry := Request{Channel: ProxyConnect, Method: r.Method, Host: hostOnly(r.Host), Login: readLogin(r).style}
	answer := s.proxyAnswer(r)
	if answer == nil {
		target, err := s.Dial(r.Context(), "tcp", r.Host)
		if err != nil {
			answer = htmlAnswer(http.StatusBadGateway, "<html><body>The proxy gets no connection</body></html>\n")
		} else {
			entry.Status = http.StatusOK
			s.journal.add(entry)
			s.tunnel(w, target)
			return
		}
	}
	entry.Status = s.settle(r, answer)
	s.journal.add(entry)
	s.write(w, r, entry.Status, answer)
}

// proxyAnswer is a refusal of the proxy's own; nil lets the request through.
func (s *Sandbox) proxyAnswer(r *http.Request) *Answer {
	switch mode := s.faults().proxy; {
	case mode == proxyAuth:
		return proxyWantsLogin(ProxyConnect, r)
	case mode == proxyRefuses, r.Method != http.MethodConnect:
		return htmlAnswer(http.StatusForbidden, "<html><body>Access to this site is blocked by policy</body></html>\n")
	}
	return nil
}

// tunnel carries bytes both ways until one side hangs up.
func (s *Sandbox) tunnel(w http.ResponseWriter, target net.Conn) {
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		_ = target.Close()
		return
	}
	shut := s.closeWith(client, target)
	defer shut()
	if _, err := io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	over := make(chan struct{})
	s.running.Go(func() {
		defer close(over)
		_, _ = io.Copy(target, buffered)
		shut()
	})
	_, _ = io.Copy(client, target)
	shut()
	<-over
}
