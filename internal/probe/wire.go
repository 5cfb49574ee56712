package probe

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"bbconnect/model"
)

// login is what a request signs in with: Basic with a user name, Bearer
// without one. The zero login signs in with nothing.
type login struct {
	user   string
	secret model.Secret
}

// header is the Authorization header's value, "" for the zero login.
func (l login) header() string {
	switch {
	case l.secret.IsZero():
		return ""
	case l.user == "":
		return "Bearer " + l.secret.Reveal()
	}
	return "Basic " + l.basic()
}

func (l login) basic() string {
	return base64.StdEncoding.EncodeToString([]byte(l.user + ":" + l.secret.Reveal()))
}

// wire sends one channel's HTTP requests. Every channel has its own, so that
// what it measures belongs to that channel's first connection and no
// connection is made for measuring alone.
type wire struct {
	client *http.Client
	// proxyStatus is what a proxy answered to CONNECT when it was not 200.
	proxyStatus atomic.Int32
	// secrets are taken out of whatever the server says.
	secrets []string
	// proxyOf is the proxy's choice, now the clock, at where the request under
	// way is: one wire sends one after the other.
	proxyOf func(*http.Request) (*url.URL, error)
	now     func() time.Time
	at      atomic.Pointer[progress]
	// logger is told of every request, nil for nobody.
	logger *slog.Logger

	// dialled and secured, when set, hear how the connection came about.
	dialled  func(error)
	securing func()
	secured  func(*tls.ConnectionState, error)
}

// newWire builds a wire from the prober's options and the CAs of one test.
func newWire(o Options, trust trusted, secrets []string) *wire {
	w := &wire{secrets: secrets, now: o.Now, logger: o.Log}
	w.proxyOf = w.proxy(o)
	transport := &http.Transport{
		Proxy:           w.proxyOf,
		TLSClientConfig: &tls.Config{RootCAs: trust.roots, MinVersion: tls.VersionTLS12, Time: o.Now},
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := o.Dial(ctx, network, addr)
			if p := w.at.Load(); p != nil && p.tunnel && err == nil {
				p.enter(phaseTunnel)
			}
			if w.dialled != nil {
				w.dialled(err)
			}
			if err != nil {
				return nil, err
			}
			return &askFirst{Conn: conn, asked: make(chan struct{})}, nil
		},
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, res *http.Response) error {
			if res.StatusCode != http.StatusOK {
				w.proxyStatus.Store(int32(res.StatusCode))
			} else if res.Header.Get("Content-Type") != "" {
				return errProxyPage
			}
			return nil
		},
		MaxResponseHeaderBytes: maxBody,
		DisableCompression:     true,
	}
	w.client = &http.Client{
		Transport:     trust.over(transport),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return w
}

// errProxySetting stands for a proxy whose address cannot be read; the original
// error would quote it, password and all.
var errProxySetting = errors.New("the proxy's address cannot be read")

// errProxyPage stands for a 200 to CONNECT that has content, which RFC 9110
// §9.3.6 forbids: what follows is a page, and not the host.
var errProxyPage = errors.New("the proxy answers with content")

// proxy is the options' proxy, with errors that are fit to be kept.
func (w *wire) proxy(o Options) func(*http.Request) (*url.URL, error) {
	if o.Proxy == nil {
		return nil
	}
	return func(req *http.Request) (*url.URL, error) {
		u, err := o.Proxy(req)
		if err != nil {
			return nil, errProxySetting
		}
		return u, nil
	}
}

// close drops the connections that are kept for the next request.
func (w *wire) close() { w.client.CloseIdleConnections() }

// get asks for one address and reads at most maxBody of the answer. Where
// consume is set, it reads the body of an answer of the wanted content type
// itself.
func (w *wire) get(ctx context.Context, address string, l login, header http.Header, consume func(*http.Response) bool) (a answer) {
	u, err := url.Parse(address)
	if err != nil {
		return answer{asked: true, fault: fault{kind: faultClosed, err: errors.New("the address cannot be asked")}}
	}
	u.User = nil
	a = answer{asked: true, host: u.Host, path: u.Path, asksPlain: u.Scheme == "http"}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		a.fault = fault{kind: faultClosed, err: errors.New("the address cannot be asked")}
		return a
	}
	for k, v := range header {
		req.Header[k] = v
	}
	if value := l.header(); value != "" {
		req.Header.Set("Authorization", value)
	}
	p := w.begin(req)
	defer func(begun time.Time) { w.log(ctx, begun, p, &a, l) }(w.now())
	a.proxied = p.proxied
	res, err := w.client.Do(req.WithContext(httptrace.WithClientTrace(ctx, w.trace(p))))
	if err != nil {
		a.fault = w.classify(ctx, p, err)
		return a
	}
	defer func() { _ = res.Body.Close() }()
	p.enter(phaseBody)
	w.read(ctx, p, &a, res, u, consume)
	return a
}

// begin follows a request from its first connection on.
func (w *wire) begin(req *http.Request) *progress {
	p := &progress{now: w.now, logged: w.logger != nil}
	if w.proxyOf != nil {
		through, err := w.proxyOf(req)
		p.proxied = err == nil && through != nil
		p.tunnel = p.proxied && req.URL.Scheme == "https"
	}
	p.enter(phaseDial)
	w.at.Store(p)
	return p
}

// heard remembers whether a body was read to its end, and how that came.
type heard struct {
	io.ReadCloser
	ended bool
	err   error
}

// Read keeps the first error that is not the end.
func (h *heard) Read(p []byte) (int, error) {
	n, err := h.ReadCloser.Read(p)
	h.ended = h.ended || err != nil
	if err != nil && err != io.EOF && h.err == nil {
		h.err = err
	}
	return n, err
}

// read takes an answer apart. One that does not end in time is none; one that
// breaks off is none where it would have been a good one.
func (w *wire) read(ctx context.Context, p *progress, a *answer, res *http.Response, u *url.URL, consume func(*http.Response) bool) {
	a.status = res.StatusCode
	a.readHeaders(res.Header, u)
	a.readTimes(res.Header, w.now())
	body := &heard{ReadCloser: res.Body}
	res.Body = body
	if consume == nil || !consume(res) {
		raw, _ := io.ReadAll(io.LimitReader(body, maxBody))
		text := without(string(raw), w.secrets)
		a.readBody(res.Header.Get("Content-Type"), []byte(text))
		if a.html {
			a.refresh = refreshOf(text, u)
		}
	}
	// A server that notices our leaving may end its answer in good order while the
	// connection is being closed: by then it is too late all the same.
	switch late := ctx.Err(); {
	case body.ended && late != nil:
		a.fault = w.classify(ctx, p, errors.Join(late, body.err))
	case body.err != nil && a.status/100 == 2:
		a.fault = w.classify(ctx, p, body.err)
	}
}

// classify names the failure of a request, a proxy's share included.
func (w *wire) classify(ctx context.Context, p *progress, err error) fault {
	if status := int(w.proxyStatus.Load()); status != 0 {
		return proxyAnswer(status, err)
	}
	if errors.Is(err, errProxySetting) {
		return fault{kind: faultProxy, detail: "Its address cannot be read.", err: errProxySetting}
	}
	f := classify(ctx, err)
	f.phase, f.after = p.reached()
	if f.kind == faultCancelled {
		return f
	}
	var op *net.OpError
	var plain tls.RecordHeaderError
	switch {
	case errors.As(err, &op) && op.Op == "proxyconnect":
		return fault{kind: faultProxy, detail: proxyTrouble(f), err: err}
	case errors.Is(err, errProxyPage), p.tunnel && errors.As(err, &plain) && plain.RecordHeader[0] == '<':
		return fault{kind: faultProxy, detail: "It answers with a web page in place of a connection.", err: err}
	case p.tunnel && f.phase == phaseTunnel:
		return fault{kind: faultProxy, detail: tunnelTrouble(f), err: err}
	case f.kind == faultTimeout && f.detail == "":
		f.detail = timeoutDetails[f.phase] + " " + span(f.after)
	}
	return f
}

// systemDialer is the dialer of a Prober without one.
func systemDialer() func(context.Context, string, string) (net.Conn, error) {
	return (&net.Dialer{KeepAlive: 30 * time.Second}).DialContext
}
