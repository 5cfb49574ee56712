package probe

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
)

// refreshTag matches the page that leads on by itself (HTML Living Standard,
// §4.2.5.3, the refresh pragma); what follows url= is where to.
var refreshTag = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?is)<meta\b[^>]*http-equiv\s*=\s*["']?refresh\b[^>]*>`)
})

var refreshTarget = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)url\s*=\s*['"]?([^'">\s]+)`) })

// refreshOf is where a page leads by itself, nil when it stays.
func refreshOf(page string, asked *url.URL) *url.URL {
	target := refreshTarget().FindStringSubmatch(refreshTag().FindString(page))
	if target == nil || asked == nil {
		return nil
	}
	to, err := asked.Parse(html.UnescapeString(target[1]))
	if err != nil || to.Scheme != "http" && to.Scheme != "https" || to.Host == "" {
		return nil
	}
	to.User = nil
	return to
}

// leads is where an answer sends a browser, nil when nowhere.
func (a answer) leads() *url.URL {
	if a.location != nil {
		return a.location
	}
	return a.refresh
}

// elsewhere reports a page that leads to another host by itself.
func elsewhere(a answer) bool {
	return a.html && a.refresh != nil && !strings.EqualFold(a.refresh.Host, a.host)
}

// barriers are the headers by which what stands before a server names itself
// when it answers in the server's place.
var barriers = []struct{ header, holds, name string }{
	{"Cf-Mitigated", "", "Cloudflare"},
	{"Cf-Ray", "", "Cloudflare"},
	{"Server", "cloudflare", "Cloudflare"},
	{"Server", "AkamaiGHost", "Akamai"},
	{"X-Iinfo", "", "Imperva"},
	{"X-Sucuri-Id", "", "Sucuri"},
	{"Server", "awselb", "an AWS load balancer"},
	{"X-Amz-Cf-Id", "", "CloudFront"},
	{"X-Squid-Error", "", "a Squid proxy"},
	{"Server", "Zscaler", "Zscaler"},
	{"Server", "BigIP", "an F5 firewall"},
}

// barrierOf names it, "" where the headers do not tell.
func barrierOf(h http.Header) string {
	for _, b := range barriers {
		if value := h.Get(b.header); value != "" && holds(value, b.holds) {
			return b.name
		}
	}
	return ""
}

// blocked reports a page of refusal that is not Bitbucket's: Bitbucket refuses
// git and REST with plain text or JSON, and Data Center marks even its pages
// with X-AREQUESTID. A challenge comes as 403, or as 503 in older set-ups.
func blocked(a answer) bool {
	if !a.html || a.bitbucket || a.dead() {
		return false
	}
	switch a.status {
	case http.StatusForbidden, http.StatusNotAcceptable, http.StatusUnavailableForLegalReasons:
		return true
	case http.StatusServiceUnavailable:
		return a.barrier == "Cloudflare" && holds(a.said, "just a moment", "checking your browser", "attention required")
	}
	return false
}
