package sandbox

import (
	"fmt"
	"net"
	"net/http"
	"strings"
)

// hostOnly is a Host header without its port, in lower case.
func hostOnly(hostport string) string {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	return strings.ToLower(strings.Trim(host, "[]"))
}

// hasSuffix reports whether a request's path ends in suffix.
func hasSuffix(r *http.Request, suffix string) bool { return strings.HasSuffix(r.URL.Path, suffix) }

// handler answers one listener's requests: it finds the product and channel,
// lets faults have their say, answers and writes the journal.
func (s *Sandbox) handler(product Product, secure bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.enter() {
			panic(http.ErrAbortHandler)
		}
		defer s.running.Done()
		channel := s.channel(product, r)
		offered := readLogin(r)
		answer, who := s.respond(channel, secure, r)
		status := s.settle(r, answer)
		s.journal.add(Request{
			Channel: channel, Method: r.Method, Host: hostOnly(r.Host), Path: s.redact(r.URL.Path),
			Login: offered.style, Name: s.journalName(offered), As: who.name(), Status: status,
		})
		if off := s.faults().clock; off != 0 {
			w.Header().Set("Date", s.opts.Now().Add(off).UTC().Format(http.TimeFormat))
		}
		s.write(w, r, status, answer)
	})
}

// enter counts a piece of work that Close waits for; false once closed.
func (s *Sandbox) enter() bool {
	s.gate.Lock()
	defer s.gate.Unlock()
	if s.closed {
		return false
	}
	s.running.Add(1)
	return true
}

// channel says what a request is for, from its Host header, or on loopback
// from the listener it came in by, and its path.
func (s *Sandbox) channel(product Product, r *http.Request) Channel {
	path := r.URL.Path
	switch host := hostOnly(r.Host); {
	case host == "api.bitbucket.org":
		return CloudREST
	case host == "bitbucket.org" || host == "www.bitbucket.org":
		product = Cloud
	case host == s.opts.DataCenterHost:
		product = DataCenter
	case isLoopback(host) && product == Cloud && (path == "/2.0" || strings.HasPrefix(path, "/2.0/")):
		return CloudREST
	case !isLoopback(host):
		return Web
	}
	_, _, _, isGit := gitPath(path)
	switch {
	case product == Cloud && isGit:
		return CloudGit
	case product == Cloud:
		return Web
	case isGit && strings.Contains(path, "/scm/"):
		return DataCenterGit
	}
	return DataCenterREST
}

// respond is the whole of an HTTP answer, before it is written.
func (s *Sandbox) respond(channel Channel, secure bool, r *http.Request) (*Answer, identity) {
	if !s.wait(r, s.opts.Latency+s.faults().latency) {
		return &Answer{Drop: true}, identity{}
	}
	if s.opts.Fault != nil {
		if a := s.opts.Fault(r); a != nil {
			return a, identity{}
		}
	}
	if script := s.faults().answer; script != nil {
		if a := script(channel, r); a != nil {
			return a, identity{}
		}
	}
	if !secure && channel.product() == Cloud {
		return redirect(http.StatusMovedPermanently, "https://"+hostOnly(r.Host)+r.URL.RequestURI()), identity{}
	}
	switch channel {
	case CloudREST:
		return s.cloudREST(r)
	case CloudGit:
		return s.cloudGit(r)
	case DataCenterREST:
		return s.dataCenterREST(r)
	case DataCenterGit:
		return s.dataCenterGit(r)
	}
	return s.page(r), identity{}
}

// page is everything a browser would be shown.
func (s *Sandbox) page(r *http.Request) *Answer {
	switch host := hostOnly(r.Host); {
	case host == ssoHost:
		return htmlAnswer(http.StatusOK, loginHTML)
	case strings.HasSuffix(host, "bitbucket.org") || isLoopback(host):
		return htmlAnswer(http.StatusNotFound, "<!DOCTYPE html>\n<html>\n<head><title>404 &mdash; Bitbucket</title></head>\n<body>\n<h1>Resource not found</h1>\n</body>\n</html>\n")
	}
	return textAnswer(http.StatusMisdirectedRequest, fmt.Sprintf("the sandbox serves no host called %q\n", r.Host))
}

// match compares a path with a pattern, segment by segment; "{name}" takes any
// one segment. Paths are compared with their trailing slash cut.
func match(pattern, path string) (map[string]string, bool) {
	want := strings.Split(pattern, "/")
	have := strings.Split(strings.TrimSuffix(path, "/"), "/")
	if len(want) != len(have) {
		return nil, false
	}
	vars := map[string]string{}
	for i, segment := range want {
		switch {
		case strings.HasPrefix(segment, "{"):
			if have[i] == "" {
				return nil, false
			}
			vars[strings.Trim(segment, "{}")] = have[i]
		case segment != have[i]:
			return nil, false
		}
	}
	return vars, true
}
