package probe

import (
	"net/http"
	"net/url"
	"testing"
)

func TestAPageThatLeadsOnByItselfIsSeen(t *testing.T) {
	t.Parallel()
	asked, _ := url.Parse("https://git.acme-corp.com/scm/PAY/ledger.git/info/refs")
	for page, want := range map[string]string{
		`<meta http-equiv="refresh" content="0; url=https://id.acme.com/start">`:                  "https://id.acme.com/start",
		`<META CONTENT='5;URL=https://id.acme.com/a?x=1&amp;y=2' HTTP-EQUIV='Refresh'>`:           "https://id.acme.com/a?x=1&y=2",
		"<meta\nhttp-equiv=refresh\ncontent=\"0;url='/login'\">":                                  "https://git.acme-corp.com/login",
		`<meta http-equiv="refresh" content="0; url=https://jdoe:pw@id.acme.com/">`:               "https://id.acme.com/",
		`<meta http-equiv="refresh" content="30">`:                                                "",
		`<meta http-equiv="refresh" content="0; url=javascript:alert(1)">`:                        "",
		`<meta http-equiv="refresh" content="0; url=file:///etc/passwd">`:                         "",
		`<meta http-equiv="refresh" content="0; url=https://[bad">`:                               "",
		`<meta name="refresh" content="0; url=https://id.acme.com/">`:                             "",
		`<p>url=https://id.acme.com/</p><meta http-equiv="content-type" content="text/html">`:     "",
		`<meta name="a" content="b"><meta http-equiv="refresh" content="0; url=//id.acme.com/x">`: "https://id.acme.com/x",
		``: "",
	} {
		got := ""
		if to := refreshOf(page, asked); to != nil {
			got = to.String()
		}
		if got != want {
			t.Errorf("%s\nleads to %q, want %q", page, got, want)
		}
	}
}

func TestWhatStandsBeforeAServerIsNamedByItsHeaders(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, value, want string }{
		{"CF-RAY", "8f-AMS", "Cloudflare"},
		{"Server", "cloudflare", "Cloudflare"},
		{"Server", "AkamaiGHost", "Akamai"},
		{"X-Iinfo", "1-2-3", "Imperva"},
		{"X-Squid-Error", "ERR_ACCESS_DENIED 0", "a Squid proxy"},
		{"Server", "awselb/2.0", "an AWS load balancer"},
		{"Server", "Zscaler/6.2", "Zscaler"},
		{"Server", "BigIP", "an F5 firewall"},
		{"Server", "nginx", ""},
		{"Server", "AtlassianEdge", ""},
	} {
		h := http.Header{}
		h.Set(c.name, c.value)
		if got := barrierOf(h); got != c.want {
			t.Errorf("%s: %s is %q, want %q", c.name, c.value, got, c.want)
		}
	}
}

// Bitbucket's own refusals stay Bitbucket's, whatever stands before it.
func TestOnlyAForeignPageIsABlockedRequest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		a    answer
		want bool
	}{
		"a page":                      {answer{asked: true, status: 403, html: true}, true},
		"a page of Data Center":       {answer{asked: true, status: 403, html: true, bitbucket: true, barrier: "Cloudflare"}, false},
		"Bitbucket's plain text":      {answer{asked: true, status: 403, barrier: "Cloudflare"}, false},
		"a page of sign-in":           {answer{asked: true, status: 401, html: true}, false},
		"a challenge":                 {answer{asked: true, status: 503, html: true, barrier: "Cloudflare", said: "Just a moment..."}, true},
		"Cloudflare's own trouble":    {answer{asked: true, status: 503, html: true, barrier: "Cloudflare", said: "Service unavailable"}, false},
		"a law":                       {answer{asked: true, status: 451, html: true}, true},
		"a page that was never whole": {answer{asked: true, status: 403, html: true, fault: fault{kind: faultTimeout}}, false},
	} {
		if got := blocked(c.a); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// FuzzRefresh holds that a page leads to web addresses alone, and shows no
// login of theirs.
func FuzzRefresh(f *testing.F) {
	f.Add(`<meta http-equiv="refresh" content="0; url=https://id.acme.com/start">`)
	f.Add(`<meta http-equiv=refresh content="0;url=&#104;ttps://x@y">`)
	asked, _ := url.Parse("https://git.acme-corp.com/")
	f.Fuzz(func(t *testing.T, page string) {
		if to := refreshOf(page, asked); to != nil && (to.User != nil || to.Host == "" || to.Scheme != "http" && to.Scheme != "https") {
			t.Errorf("%q leads to %v", page, to)
		}
	})
}
