package sandbox

import (
	"slices"
	"sync"
)

// Channel is the way a request came in.
type Channel string

// The channels of both products. Web is everything that is neither REST nor
// git: login pages, servlets, the home page.
const (
	CloudREST      Channel = "cloud-rest"
	CloudGit       Channel = "cloud-git"
	CloudSSH       Channel = "cloud-ssh"
	DataCenterREST Channel = "datacenter-rest"
	DataCenterGit  Channel = "datacenter-git"
	DataCenterSSH  Channel = "datacenter-ssh"
	Web            Channel = "web"
	// ProxyConnect is what was asked of the HTTP proxy.
	ProxyConnect Channel = "proxy"
)

// Request is one thing that was asked. It holds no secret, no part of one and
// no query string: what a client put where is told by the login's style.
type Request struct {
	// Channel is the way it came in.
	Channel Channel
	// Method is the HTTP method, or the git command over SSH.
	Method string
	// Host is the Host header without its port; for SSH the product's name.
	Host string
	// Path is the URL's path, or the repository's path over SSH; at most 200
	// bytes, with every known secret replaced.
	Path string
	// Login is the style of the credential: "none", "basic", "bearer",
	// "malformed" or "key".
	Login string
	// Name is the user name that was sent, where it is one the sandbox knows
	// (a user, an email, x-token-auth, x-bitbucket-api-token-auth); "other"
	// for anything else, which may be a secret in the wrong field.
	Name string
	// As is who the sandbox took the client for; empty for nobody.
	As string
	// Status is the HTTP status; over SSH the exit status, 255 for a refused
	// key; 0 where the connection was dropped or left hanging.
	Status int
}

// maxJournal is how many requests the journal holds before it forgets the older
// half: a sandbox that a benchmark runs against for an hour stays small.
const maxJournal = 20000

// journal collects requests, and counts the denied ones for good.
type journal struct {
	mu     sync.Mutex
	list   []Request
	denied int
}

// add appends one request.
func (j *journal) add(r Request) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.list) >= maxJournal {
		j.list = append(make([]Request, 0, maxJournal), j.list[maxJournal/2:]...)
	}
	j.list = append(j.list, r)
	if r.Status == 401 || r.Status == 403 || r.Login == "key" && r.Status == sshKeyRefused {
		j.denied++
	}
}

// Requests is everything that was asked since the start or the last Reset, in
// the order of the answers; of very many the newest ten thousand at least.
func (s *Sandbox) Requests() []Request {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	return slices.Clone(s.journal.list)
}

// Denied counts the answers that refused a credential or a right: HTTP 401 and
// 403, and SSH keys that were not accepted.
func (s *Sandbox) Denied() int {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	return s.journal.denied
}

// Reset forgets the requests and lifts every CAPTCHA lock.
func (s *Sandbox) Reset() {
	s.journal.mu.Lock()
	s.journal.list, s.journal.denied = nil, 0
	s.journal.mu.Unlock()
	s.lockout.clear()
}
