package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Product names one of the two Bitbuckets.
type Product string

// The products a sandbox serves.
const (
	Cloud      Product = "cloud"
	DataCenter Product = "datacenter"
)

// DefaultDataCenterHost is the public name of the seeded Data Center.
const DefaultDataCenterHost = "git.acme-corp.com"

// defaultCaptchaAfter is how many wrong passwords Data Center takes before it
// asks for a CAPTCHA when nobody configured it otherwise.
const defaultCaptchaAfter = 5

// Options say how a sandbox differs from the plain, healthy one. The zero
// value is a healthy world with random tokens.
type Options struct {
	// Scenario is the name of a row of Scenarios; empty is a healthy world.
	Scenario string
	// Seed makes tokens, SSH host keys and the authorities of certificates the
	// same on every run. 0 draws them at random.
	Seed uint64
	// Latency is waited before every HTTP answer.
	Latency time.Duration
	// Fault is asked before the sandbox answers an HTTP request. A nil answer
	// lets the sandbox answer as usual. It is called from many goroutines.
	Fault func(r *http.Request) *Answer
	// AuthorizedKeys are the SSH keys known from the start.
	AuthorizedKeys []Key
	// ContextPath is where the Data Center lives below its host, for example
	// "/bitbucket"; empty is the root.
	ContextPath string
	// DataCenterHost is the public name of the Data Center; empty is
	// DefaultDataCenterHost.
	DataCenterHost string
	// CaptchaAfter is how many wrong passwords in a row lock a Data Center
	// user out of Basic logins; 0 is 5, as Bitbucket ships, negative is never.
	CaptchaAfter int
	// Refs adds that many branches to the ledger repositories; the cost of
	// starting does not grow with it.
	Refs int
	// Now is the clock for certificates; nil is time.Now.
	Now func() time.Time
}

// Sandbox is a running Bitbucket Cloud and Data Center. Its methods may be
// called from many goroutines.
type Sandbox struct {
	opts     Options
	world    *world
	certs    *certificates
	cloudSSH *sshServer
	dcSSH    *sshServer
	cloudTLS *webServer
	dcTLS    *webServer
	plain    *webServer
	proxy    *webServer
	journal  journal
	lockout  lockout
	scenario atomic.Pointer[Scenario]
	requests atomic.Int64 // for Data Center's request ids

	keysMu sync.RWMutex
	keys   []grantedKey

	cloudRoutes []cloudRoute
	dcRoutes    []dcRoute

	done    chan struct{}
	gate    sync.Mutex // guards closed, and running against starting after Close
	closed  bool
	running sync.WaitGroup
}

// Start makes a world, its certificates and keys, and begins to listen on
// 127.0.0.1. The sandbox ends with Close or when ctx is done. It fails for an
// unknown scenario, an unreadable authorised key or a loopback that cannot be
// listened on.
func Start(ctx context.Context, opts Options) (*Sandbox, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.DataCenterHost == "" {
		opts.DataCenterHost = DefaultDataCenterHost
	}
	opts.DataCenterHost = strings.ToLower(opts.DataCenterHost)
	if opts.CaptchaAfter == 0 {
		opts.CaptchaAfter = defaultCaptchaAfter
	}
	opts.ContextPath = cleanContext(opts.ContextPath)
	s := &Sandbox{opts: opts, done: make(chan struct{}), cloudRoutes: cloudRoutes(), dcRoutes: dcRoutes()}
	if err := s.SetScenario(opts.Scenario); err != nil {
		return nil, err
	}
	random := newRandom(opts.Seed)
	s.world = seedWorld(random, opts.Refs)
	for _, k := range opts.AuthorizedKeys {
		if err := s.AuthorizeKey(k); err != nil {
			return nil, err
		}
	}
	var err error
	if s.certs, err = newCertificates(s.certificateNames(), opts.Now(), random); err != nil {
		return nil, fmt.Errorf("sandbox: certificates: %w", err)
	}
	if err = s.listen(random); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	context.AfterFunc(ctx, func() { _ = s.Close() })
	return s, nil
}

// cleanContext gives a context path one leading and no trailing slash.
func cleanContext(path string) string {
	if path = strings.Trim(path, "/"); path == "" {
		return ""
	}
	return "/" + path
}

// listen opens the six listeners.
func (s *Sandbox) listen(random io.Reader) error {
	var err error
	if s.cloudTLS, err = s.newWebServer(Cloud, true); err != nil {
		return err
	}
	if s.dcTLS, err = s.newWebServer(DataCenter, true); err != nil {
		return err
	}
	if s.plain, err = s.newWebServer(DataCenter, false); err != nil {
		return err
	}
	if s.proxy, err = s.newProxy(); err != nil {
		return err
	}
	if s.cloudSSH, err = s.newSSHServer(Cloud, random); err != nil {
		return err
	}
	s.dcSSH, err = s.newSSHServer(DataCenter, random)
	return err
}

// Close stops every listener, ends what is still being answered and waits for
// it. It may be called more than once.
func (s *Sandbox) Close() error {
	s.gate.Lock()
	first := !s.closed
	s.closed = true
	s.gate.Unlock()
	var failures []error
	if first {
		close(s.done)
		failures = s.shut()
	}
	s.running.Wait()
	return errors.Join(failures...)
}

// shut closes the listeners and their connections.
func (s *Sandbox) shut() []error {
	var failures []error
	for _, w := range []*webServer{s.cloudTLS, s.dcTLS, s.plain, s.proxy} {
		if w != nil {
			failures = append(failures, w.server.Close())
		}
	}
	for _, d := range []*sshServer{s.cloudSSH, s.dcSSH} {
		if d != nil {
			failures = append(failures, d.close())
		}
	}
	return failures
}

// webServer is one HTTP listener with the product it answers for when the
// Host header is a loopback address.
type webServer struct {
	server *http.Server
	addr   *net.TCPAddr
}

// newWebServer listens and serves; the listener decides per connection
// whether TLS is spoken, so that a scenario can break exactly that.
func (s *Sandbox) newWebServer(product Product, secure bool) (*webServer, error) {
	return s.serve(s.handler(product, secure), func(inner net.Listener) net.Listener {
		return &faultyListener{Listener: inner, sandbox: s, secure: secure}
	})
}

// serve listens on loopback and answers with a handler.
func (s *Sandbox) serve(handler http.Handler, wrap func(net.Listener) net.Listener) (*webServer, error) {
	inner, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("sandbox: listen on loopback: %w", err)
	}
	w := &webServer{addr: inner.Addr().(*net.TCPAddr)}
	w.server = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          log.New(io.Discard, "", 0), // a broken handshake is an experiment here, not news
	}
	s.running.Go(func() { _ = w.server.Serve(wrap(inner)) })
	return w, nil
}

// DataCenterURL is the Data Center's base URL on loopback, context path
// included, for clients without the sandbox's dialer: https, 127.0.0.1, no
// trailing slash.
func (s *Sandbox) DataCenterURL() string {
	return "https://" + s.dcTLS.addr.String() + s.contextPath()
}

// DataCenterPlainURL is DataCenterURL over plain HTTP.
func (s *Sandbox) DataCenterPlainURL() string {
	return "http://" + s.plain.addr.String() + s.contextPath()
}

// CloudURL is Bitbucket Cloud on loopback for clients without the sandbox's
// dialer: git below /{workspace}/, REST below /2.0/, one host for both.
func (s *Sandbox) CloudURL() string { return "https://" + s.cloudTLS.addr.String() }

// DataCenterSSHAddr is the host:port of the Data Center's SSH on loopback.
func (s *Sandbox) DataCenterSSHAddr() string { return s.dcSSH.addr.String() }

// CloudSSHAddr is the host:port of Bitbucket Cloud's SSH on loopback.
func (s *Sandbox) CloudSSHAddr() string { return s.cloudSSH.addr.String() }

// DataCenterHost is the public name of the Data Center, for use with Dial.
func (s *Sandbox) DataCenterHost() string { return s.opts.DataCenterHost }

// contextPath is the Data Center's, which a scenario may set.
func (s *Sandbox) contextPath() string {
	if p := s.faults().contextPath; p != "" {
		return p
	}
	return s.opts.ContextPath
}
