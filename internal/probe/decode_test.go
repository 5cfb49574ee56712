package probe

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestAdvertisementsAreReadAsFarAsTheyProveAccess(t *testing.T) {
	t.Parallel()
	const id = "95dcfa3633004da0049d3d0fa03f80589cbcaf31"
	service := pkt("# service=git-upload-pack\n") + "0000"
	for name, c := range map[string]struct {
		in      string
		ssh     bool
		want    advert
		failure bool
	}{
		"version 2":                      {in: service + pkt("version 2\n"), want: advert{ok: true, version: 2}},
		"version 2 without service line": {in: pkt("version 2\n"), want: advert{ok: true, version: 2}},
		"version 2 over SSH":             {in: pkt("version 2\n"), ssh: true, want: advert{ok: true, version: 2}},
		"version 1":                      {in: service + pkt("version 1\n") + pkt(id+" HEAD\x00caps\n"), want: advert{ok: true}},
		"version 0":                      {in: service + pkt(id+" HEAD\x00caps\n"), want: advert{ok: true}},
		"SHA-256":                        {in: service + pkt(id+id[:24]+" HEAD\x00caps\n"), want: advert{ok: true}},
		"empty":                          {in: service + pkt(zeroID+" capabilities^{}\x00caps\n"), want: advert{ok: true, empty: true}},
		"refusal":                        {in: service + pkt("ERR no\n"), want: advert{refusal: "no"}},
		"refusal over SSH":               {in: pkt("ERR no"), ssh: true, want: advert{refusal: "no"}},
		"refs without service line":      {in: pkt(id + " HEAD\x00caps\n"), failure: true},
		"push":                           {in: pkt("# service=git-receive-pack\n"), failure: true},
		"nothing":                        {in: "", failure: true},
		"only flushes":                   {in: "0000000000000000", failure: true},
		"service alone":                  {in: service, failure: true},
		"a page":                         {in: "<html>", failure: true},
		"a length too short":             {in: "0003", failure: true},
		"a length too long":              {in: "fff5" + strings.Repeat("x", 70000), failure: true},
		"cut in a packet":                {in: service + "0040abc", failure: true},
		"cut in a length":                {in: service + "00", failure: true},
		"no object id":                   {in: service + pkt("HEAD\x00caps\n"), failure: true},
		"upper case id":                  {in: service + pkt(strings.ToUpper(id)+" HEAD\n"), failure: true},
	} {
		got, err := readAdvert(strings.NewReader(c.in), !c.ssh)
		if got != c.want || (err != nil) != c.failure {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, c.want)
		}
		if err != nil && !errors.Is(err, errNotGit) {
			t.Errorf("%s: %v is not marked as no answer of git", name, err)
		}
	}
}

func FuzzAdvertisement(f *testing.F) {
	f.Add("001e# service=git-upload-pack\n0000000eversion 2\n", true)
	f.Add("0072ERR Repository not found\n", false)
	f.Add("0000", true)
	f.Add("ffff", false)
	f.Fuzz(func(t *testing.T, in string, overHTTP bool) {
		r := &counter{r: strings.NewReader(in)}
		got, err := readAdvert(r, overHTTP)
		if got.ok && (err != nil || got.refusal != "") {
			t.Fatalf("access is proven and denied: %+v, %v", got, err)
		}
		if r.n > 5*maxPacket {
			t.Fatalf("read %d bytes", r.n)
		}
	})
}

// counter counts what is read.
type counter struct {
	r io.Reader
	n int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

func TestBodiesOfEveryShapeAreUnderstood(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		contentType, body string
		said, exception   string
		html, noScopes    bool
	}{
		"error object":       {"application/json", invalid, "Token is invalid, expired, or not supported for this endpoint.", "", false, false},
		"error string":       {"application/json", noScopes, "API Token provided has no Bitbucket scopes.", "", false, true},
		"Data Center":        {"application/json", `{"errors":[{"context":null,"message":"no","exceptionName":"a.b.NoSuchProjectException"}]}`, "no", "NoSuchProjectException", false, false},
		"route not found":    {"application/json", `{"message":"HTTP 404 Not Found","status-code":404,"sub-code":-1}`, "HTTP 404 Not Found", "", false, false},
		"XML":                {"application/xml", `<status><message>HTTP 404 Not Found</message></status>`, "HTTP 404 Not Found", "", false, false},
		"plain":              {"text/plain", "Login failed\r\n\x1b[31mred", "Login failed [31mred", "", false, false},
		"HTML":               {"text/html", "<html><script>alert(1)</script><h1>Hi</h1></html>", "Hi", "", true, false},
		"HTML by its looks":  {"", "<!DOCTYPE html><p>Hi", "Hi", "", true, false},
		"nothing":            {"", "", "", "", false, false},
		"broken JSON":        {"application/json", `{"error":`, "", "", false, false},
		"errors of no shape": {"application/json", `{"errors":["x"],"error":7}`, "", "", false, false},
	} {
		var a answer
		a.readBody(c.contentType, []byte(c.body))
		if a.said != c.said || a.exception != c.exception || a.html != c.html || a.noScopes != c.noScopes {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

func FuzzBody(f *testing.F) {
	f.Add("application/json", invalid, "repository, webhook", "/x")
	f.Add("text/html", loginPage, "", "https://u:"+"p@sso/")
	f.Add("application/json", `{"errors":[{"message":"\u001b]0;x\u0007","exceptionName":"."}]}`, ",,", "::")
	f.Add("application/json", lacking, "a b", "//x")
	f.Fuzz(func(t *testing.T, contentType, body, scopes, location string) {
		a := answer{asked: true}
		asked := &url.URL{Scheme: "https", Host: "h", Path: "/"}
		a.readHeaders(http.Header{"X-Oauth-Scopes": {scopes}, "Location": {location}, "X-Ausername": {scopes}}, asked)
		a.readBody(contentType, []byte(body))
		for _, shown := range append([]string{a.said, a.exception, a.user, a.credential}, append(a.scopes, append(a.required, a.granted...)...)...) {
			if utf8.RuneCountInString(shown) > maxSaid+1 {
				t.Fatalf("%d runes are shown", utf8.RuneCountInString(shown))
			}
			for _, r := range shown {
				if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
					t.Fatalf("a control character is shown: %q", shown)
				}
			}
		}
		if a.location != nil && a.location.User != nil {
			t.Fatal("a redirect keeps a credential")
		}
		f := facts{user: a, repository: a, properties: a, git: a}
		for _, r := range allRules() {
			if evidence, ok := r.when(&f); ok {
				r.problem(&f, evidence)
			}
		}
	})
}

func TestServerTextIsMadeHarmless(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"  a\n\n b\t c ":         "a b c",
		"\x1b[2J\x07x":           "[2Jx",
		"pay\u202egpj.exe":       "paygpj.exe",
		"a\xffb":                 "ab",
		strings.Repeat("é", 300): strings.Repeat("é", maxSaid) + "…",
		"":                       "",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
	if got := without("you sent s3cret-token", []string{"s3cret-token", "", "ab"}); got != "you sent •••" {
		t.Errorf("an echoed secret stays: %q", got)
	}
}

func TestServersThatEchoTheCredentialAreNotQuoted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, merge(soundCloud(), map[string]reply{
		cloudGit:  text(401, "bad pair "+soundBasic()+" and "+apiToken()),
		cloudUser: text(401, "bad "+apiToken()),
	}))
	result := New(w.options()).Test(t.Context(), cloudRequest(), nil)
	verifySecrecy(t, result, cloudRequest(), w)
	if result.Problem == nil || !strings.Contains(result.Problem.Why, "•••") {
		t.Errorf("the server's words are lost: %+v", result.Problem)
	}
}

// soundBasic is the header's value of the sound request.
func soundBasic() string {
	r := cloudRequest()
	return login{user: r.Username, secret: r.Password}.basic()
}
