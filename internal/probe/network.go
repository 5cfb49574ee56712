package probe

import (
	"cmp"
	"net/url"
	"strings"

	"bbconnect/model"
)

// networkWords are the names in braces that rows about the network use: {after}
// how long something took, {wait} how long the server asks to wait, {limit} what
// it allows, {cafile} the connector's CA file, {fingerprint} and {shown} the
// certificate to trust, {aia} where the missing one is, {trust} who else has to
// trust it, {variable} the setting that names the proxy, {barrier} what stands
// before the server, and those about clocks.
func (f *facts) networkWords(a answer) []string {
	variable := "HTTPS_PROXY"
	if a.asksPlain {
		variable = "HTTP_PROXY"
	}
	mark, shown := "", ""
	if c := a.fault.highest(); c != nil {
		mark = fingerprint(c)
		shown = "The topmost certificate it shows is " + distinguished(c.Subject.CommonName, c.Subject.Organization, "one without a name") + ", " + mark + "."
	}
	aia := ""
	if c := a.fault.leaf(); c != nil {
		aia = issuerAddress(c)
	}
	barrier := a.barrier
	if barrier == "" {
		barrier = "A firewall or a proxy"
	}
	words := []string{
		"{after}", span(a.fault.after), "{wait}", f.waiting(a), "{limit}", f.limitOf(a), "{cafile}", clean(f.req.CAFile),
		"{fingerprint}", mark, "{shown}", shown, "{aia}", aia, "{trust}", f.trustWords(), "{variable}", variable, "{barrier}", barrier,
	}
	host := a.host
	if host == "" {
		host = f.to.authority()
	}
	for _, w := range f.clockWords(a) {
		words = append(words, strings.ReplaceAll(w, " {host}", " "+clean(host)))
	}
	return words
}

// limitOf is a server's limit as a sentence, "" where it names none.
func (f *facts) limitOf(a answer) string {
	switch {
	case a.limits.allowed == "":
		return ""
	case a.limits.resource == "":
		return "The limit is " + a.limits.allowed + " requests."
	}
	return "The limit is " + a.limits.allowed + " requests for " + a.limits.resource + "."
}

// waiting says how long to wait: what the server says, or what is known of its
// limits: Cloud counts by the hour (support.atlassian.com, "API request
// limits"), Data Center fills up again within seconds
// (confluence.atlassian.com, "Improving instance stability with rate limiting").
func (f *facts) waiting(a answer) string {
	switch {
	case a.limits.wait > 0:
		return a.limits.waiting()
	case f.isCloud():
		return "Wait an hour"
	}
	return "Wait a minute"
}

// network adds to a problem what only the network's facts tell.
func (f *facts) network(r rule, a answer, p *model.Problem) {
	if wait := f.askedToWait(r, a); wait > 0 {
		p.WaitSeconds = wait
	}
	if r.code == "tls.unknown-ca" {
		// What is accepted is kept for the connector's own host, and used for all that
		// the connector speaks to: Cloud's REST API has a host of its own.
		p.Authority = a.fault.offer(cmp.Or(model.ReadURL(f.req.Connector.URL, model.URLContext{}).Host, hostname(a.host)))
	}
	if !f.overHTTP() && a.check == checkGit && a.dead() && a.fault.net() && f.proxy != "" {
		p.Why = tidy(p.Why + " SSH goes straight to the host: it does not use the proxy " + f.proxy + " of HTTPS_PROXY.")
	}
}

// askedToWait is how many seconds the server asks to wait where the problem is
// that it takes nothing for now.
func (f *facts) askedToWait(r rule, a answer) int {
	switch r.code {
	case "net.rate-limited", "server.unavailable", "server.starting":
	default:
		return 0
	}
	wait := a.limits.wait
	for _, other := range append([]answer{f.git}, f.restAnswers()...) {
		if other.status == 429 || other.status == 503 {
			wait = max(wait, other.limits.wait)
		}
	}
	return int(wait.Seconds())
}

// hostname is a host without its port.
func hostname(authority string) string { return (&url.URL{Host: authority}).Hostname() }
