package probe

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"hash/crc32"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"bbconnect/model"
)

// reply is one scripted HTTP answer.
type reply struct {
	status int
	header map[string]string
	body   string
	// public answers git the same without a credential; else that is refused.
	public bool
}

// authority signs the certificates of scripted servers.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t testing.TB, name string) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return authority{cert: cert, key: key, pool: pool}
}

// issue makes a certificate for the names, valid from an hour ago until then.
func (a authority) issue(t testing.TB, until time.Time, names ...string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names,
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: until, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// request is what a scripted server was asked.
type request struct {
	host, path, query, authorization, gitProtocol string
	status                                        int
}

// world is a scripted Bitbucket on loopback: git and REST over TLS, for every
// host name.
type world struct {
	*httptest.Server
	ca authority

	mu       sync.Mutex
	answers  map[string]reply
	requests []request
}

const dcHost = "git.acme-corp.com"

// newWorld serves the replies by "host/path"; what is not scripted is 404.
func newWorld(t testing.TB, answers map[string]reply) *world {
	t.Helper()
	w := &world{ca: newAuthority(t, "Acme Issuing CA"), answers: answers}
	w.Server = httptest.NewUnstartedServer(http.HandlerFunc(w.serve))
	w.Config.ErrorLog = log.New(io.Discard, "", 0)
	w.TLS = &tls.Config{Certificates: []tls.Certificate{
		w.ca.issue(t, time.Now().Add(time.Hour), "bitbucket.org", "api.bitbucket.org", dcHost),
	}}
	w.StartTLS()
	t.Cleanup(w.Close)
	return w
}

func (w *world) serve(out http.ResponseWriter, in *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	answer, ok := w.answers[in.Host+in.URL.Path]
	if !ok {
		answer = reply{status: 404, header: map[string]string{"Content-Type": "text/plain"}}
	}
	if in.Header.Get("Authorization") == "" && strings.HasSuffix(in.URL.Path, "/info/refs") && !answer.public {
		answer = reply{status: 401, header: map[string]string{"WWW-Authenticate": `Basic realm="Bitbucket.org HTTP"`}}
	}
	for k, v := range answer.header {
		out.Header().Set(k, v)
	}
	if answer.status == 0 {
		answer.status = 200
	}
	w.requests = append(w.requests, request{
		host: in.Host, path: in.URL.Path, query: in.URL.RawQuery, status: answer.status,
		authorization: in.Header.Get("Authorization"), gitProtocol: in.Header.Get("Git-Protocol"),
	})
	out.WriteHeader(answer.status)
	_, _ = io.WriteString(out, answer.body)
}

// seen lists what was asked so far.
func (w *world) seen() []request {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]request(nil), w.requests...)
}

// dial leads every host to the scripted server.
func (w *world) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, network, w.Listener.Addr().String())
}

func (w *world) options() Options {
	return Options{Dial: w.dial, RootCAs: w.ca.pool, Timeout: time.Minute}
}

// fakeToken builds a credential of Atlassian's shape, its checksum right, at
// run time: no scanner finds one in the repository.
func fakeToken(prefix string) string {
	body := prefix + strings.Repeat("Ca1ary", 30)[:183-len(prefix)] + "="
	return body + fmt.Sprintf("%08X", crc32.ChecksumIEEE([]byte(body)))
}

func apiToken() string     { return fakeToken("ATA" + "TT3xFfGF0") }
func accessToken() string  { return fakeToken("ATC" + "TT3xFfGN0") }
func serverToken() string  { return "BB" + "DC-" + strings.Repeat("MzQ1Njc4OTAx", 4)[:44] }
func clippedToken() string { return apiToken()[:128] }
func foreignToken() string { return "gh" + "p_" + strings.Repeat("Ca1ary", 6) }
func appPassword() string {
	body := "AT" + "BB" + strings.Repeat("Ca1ary", 4)
	return body + fmt.Sprintf("%08X", crc32.ChecksumIEEE([]byte(body)))
}

// cloudRequest is a sound Cloud connector with API access, and its values.
func cloudRequest() model.TestRequest {
	return model.TestRequest{
		Connector: model.Connector{
			ID: "payments", URL: "https://bitbucket.org/acme/ledger.git", URLType: model.URLRepo, ConnectionType: model.HTTP,
			API: model.APIAccess{Method: model.APIEmailAndToken}, Mode: model.ModePlatform,
		},
		Username: model.UserAPIToken, Password: model.NewSecret(apiToken()), Kind: model.KindAPIToken,
		APILogin: "jdoe@acme-corp.com",
	}
}

// serverRequest is a sound Data Center connector with API access.
func serverRequest() model.TestRequest {
	return model.TestRequest{
		Connector: model.Connector{
			ID: "ledger", URL: "https://" + dcHost + "/scm/PAY/ledger.git", URLType: model.URLRepo, ConnectionType: model.HTTP,
			API: model.APIAccess{Method: model.APIAccessToken}, Mode: model.ModePlatform,
		},
		Username: "jdoe", Password: model.NewSecret(serverToken()), Kind: model.KindHTTPAccessToken,
	}
}

const (
	cloudGit   = "bitbucket.org/acme/ledger.git/info/refs"
	cloudUser  = "api.bitbucket.org/2.0/user"
	cloudRepo  = "api.bitbucket.org/2.0/repositories/acme/ledger"
	cloudList  = "api.bitbucket.org/2.0/repositories/acme"
	cloudPlace = "api.bitbucket.org/2.0/workspaces/acme"
	cloudHooks = cloudRepo + "/hooks"

	serverGit   = dcHost + "/scm/PAY/ledger.git/info/refs"
	serverProps = dcHost + "/rest/api/1.0/application-properties"
	serverRepo  = dcHost + "/rest/api/1.0/projects/PAY/repos/ledger"
	serverList  = dcHost + "/rest/api/1.0/repos"
	serverHooks = serverRepo + "/webhooks"
)

func pkt(line string) string { return fmt.Sprintf("%04x%s", len(line)+4, line) }

// gitReply is a good answer of git, protocol 2.
func gitReply() reply {
	return reply{
		header: map[string]string{"Content-Type": advertType},
		body:   pkt("# service=git-upload-pack\n") + "0000" + pkt("version 2\n") + pkt("ls-refs=unborn\n") + "0000",
	}
}

func gitRefusal(message string) reply {
	return reply{header: map[string]string{"Content-Type": advertType}, body: pkt("# service=git-upload-pack\n") + "0000" + pkt("ERR "+message)}
}

// cloudReply carries Cloud's headers for a token with all scopes.
func cloudReply(status int, body string) reply {
	return reply{status: status, body: body, header: map[string]string{
		"Content-Type": "application/json", "X-Credential-Type": "api_token",
		"X-OAuth-Scopes": strings.ReplaceAll(model.ScopeList(), "\n", ", "),
	}}
}

func serverReply(status int, body string) reply {
	return reply{status: status, body: body, header: map[string]string{
		"Content-Type": "application/json", "X-AREQUESTID": "@1", "X-AUSERNAME": "jdoe",
	}}
}

func serverError(status int, exception, message string) reply {
	r := serverReply(status, fmt.Sprintf(`{"errors":[{"context":null,"message":%q,"exceptionName":"com.atlassian.bitbucket.%s"}]}`, message, exception))
	delete(r.header, "X-AUSERNAME")
	return r
}

func page(status int, html string) reply {
	return reply{status: status, header: map[string]string{"Content-Type": "text/html; charset=utf-8"}, body: html}
}

func text(status int, body string) reply {
	return reply{status: status, header: map[string]string{"Content-Type": "text/plain"}, body: body}
}

func redirect(status int, to string) reply {
	return reply{status: status, header: map[string]string{"Location": to}}
}

// soundCloud and soundServer script everything going well.
func soundCloud() map[string]reply {
	return map[string]reply{
		cloudGit:   gitReply(),
		cloudUser:  cloudReply(200, `{"username":"jdoe","account_id":"1"}`),
		cloudRepo:  cloudReply(200, `{"is_private":true,"mainbranch":{"name":"main"}}`),
		cloudList:  cloudReply(200, `{"size":12,"values":[{}]}`),
		cloudPlace: cloudReply(200, `{"slug":"acme"}`),
		cloudHooks: cloudReply(200, `{"size":0,"values":[]}`),
	}
}

func soundServer() map[string]reply {
	return map[string]reply{
		serverGit:   gitReply(),
		serverProps: serverReply(200, `{"version":"9.4.0","displayName":"Bitbucket"}`),
		serverRepo:  serverReply(200, `{"slug":"ledger","public":false}`),
		serverList:  serverReply(200, `{"size":1,"values":[{}]}`),
		serverHooks: serverReply(200, `{"size":0,"values":[]}`),
	}
}

// proxyTo is a proxy function that always names one proxy.
func proxyTo(t testing.TB, address string) func(*http.Request) (*url.URL, error) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return http.ProxyURL(u)
}
