package probe

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
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

	// dialled and secured, when set, hear how the connection came about.
	dialled  func(error)
	securing func()
	secured  func(*tls.ConnectionState, error)
}

// newWire builds a wire from the prober's options and the CAs of one test.
func newWire(o Options, trust trusted, secrets []string) *wire {
	w := &wire{secrets: secrets}
	transport := &http.Transport{
		Proxy:           w.proxy(o),
		TLSClientConfig: &tls.Config{RootCAs: trust.roots, MinVersion: tls.VersionTLS12, Time: o.Now},
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := o.Dial(ctx, network, addr)
			if w.dialled != nil {
				w.dialled(err)
			}
			return conn, err
		},
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, res *http.Response) error {
			if res.StatusCode != http.StatusOK {
				w.proxyStatus.Store(int32(res.StatusCode))
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
func (w *wire) get(ctx context.Context, address string, l login, header http.Header, consume func(*http.Response) bool) answer {
	u, err := url.Parse(address)
	if err != nil {
		return answer{asked: true, fault: fault{kind: faultClosed, err: errors.New("the address cannot be asked")}}
	}
	u.User = nil
	a := answer{asked: true, host: u.Host, path: u.Path, asksPlain: u.Scheme == "http"}
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		TLSHandshakeStart: func() {
			if w.securing != nil {
				w.securing()
			}
		},
		TLSHandshakeDone: func(s tls.ConnectionState, err error) {
			if w.secured != nil {
				w.secured(&s, err)
			}
		},
	})
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
	res, err := w.client.Do(req)
	if err != nil {
		a.fault = w.classify(ctx, err)
		return a
	}
	defer func() { _ = res.Body.Close() }()
	w.read(ctx, &a, res, u, consume)
	return a
}

// read takes an answer apart.
func (w *wire) read(ctx context.Context, a *answer, res *http.Response, u *url.URL, consume func(*http.Response) bool) {
	a.status = res.StatusCode
	a.readHeaders(res.Header, u)
	if consume != nil && consume(res) {
		return
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	if err != nil && ctx.Err() != nil {
		a.fault = classify(ctx, err)
	}
	a.readBody(res.Header.Get("Content-Type"), []byte(without(string(body), w.secrets)))
}

// classify names the failure of a request, a proxy's share included.
func (w *wire) classify(ctx context.Context, err error) fault {
	switch status := int(w.proxyStatus.Load()); status {
	case 0:
	case http.StatusProxyAuthRequired:
		return fault{kind: faultProxyAuth, err: err}
	default:
		return fault{kind: faultProxy, detail: "It answered " + strconv.Itoa(status) + ".", err: err}
	}
	if errors.Is(err, errProxySetting) {
		return fault{kind: faultProxy, detail: "Its address in HTTPS_PROXY cannot be read.", err: errProxySetting}
	}
	f := classify(ctx, err)
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "proxyconnect" && f.net() && f.kind != faultTimeout {
		return fault{kind: faultProxy, detail: "It cannot be reached.", err: err}
	}
	return f
}

// systemDialer is the dialer of a Prober without one.
func systemDialer() func(context.Context, string, string) (net.Conn, error) {
	return (&net.Dialer{KeepAlive: 30 * time.Second}).DialContext
}
