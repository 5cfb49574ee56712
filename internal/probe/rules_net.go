package probe

import (
	"net/url"
	"slices"
	"strings"

	"bbconnect/model"
)

// netRules are about connections that did not come about. A channel that does
// not decide is not asked when git got no connection.
var netRules = []rule{
	{
		// RFC 6585 §6: answered by the network, never by the server asked for.
		name: "the network wants a sign-in", code: "net.sso",
		when: onDeciding(status(511)),
		what: "This network wants a sign-in before it lets anything through.",
		why:  "What answers in place of {host} is the network's own page. {to}",
		fix:  "Open any page in a browser on this machine, sign in there, then test again.",
	},
	{
		// RFC 9110 §15.5.8; Go's transport reports CONNECT's answer.
		name: "the proxy wants a login", code: "net.proxy-auth",
		when: onDeciding(or(faulty(faultProxyAuth), status(407))),
		what: "The proxy {proxy} wants a login.",
		why:  "{variable} names a proxy that asks for a user name and a password (407).",
		fix:  "Put the login into {variable}, or add {host} to NO_PROXY.",
	},
	{
		// RFC 9110 §9.3.6: any answer to CONNECT but 2xx means that there is no way.
		name: "the proxy does not connect", code: "net.refused",
		when: onDeciding(faulty(faultProxy)),
		what: "The proxy {proxy} does not connect to {host}.",
		why:  "{detail}",
		fix:  "Check {variable}, or add {host} to NO_PROXY if it is reached without the proxy.",
	},
	{
		// RFC 9110 §7.6.3 and §15.6.3: with plain http:// the proxy itself answers.
		name: "the proxy does not reach the server", code: "net.refused",
		when: onDeciding(func(a answer) bool {
			return a.asksPlain && a.proxied && a.html && !a.bitbucket && (a.status == 502 || a.status == 503 || a.status == 504 || a.status == 403)
		}),
		what: "The proxy {proxy} answers in place of {host}.",
		why:  "It shows a page of its own. {said}",
		fix:  "Check {variable}, or add {host} to NO_PROXY if it is reached without the proxy.",
	},
	{
		name: "a public host is not found", code: "net.dns",
		when: all(onDeciding(faulty(faultDNS)), cloud),
		what: "This machine does not find the public host {host}.",
		why:  "It is offline, or its network resolves names of its own alone and wants a proxy for the rest (HTTPS_PROXY).",
		fix:  "Check the network and the proxy, then test again.",
	},
	{
		name: "the name is known only inside a network", code: "net.dns", field: model.QURL,
		when: onDeciding(both(faulty(faultDNS), insideName)),
		what: "The name {host} is not known here.",
		why:  "It is a name for the inside of a network: without the VPN no name service knows it.",
		fix:  "Connect to the VPN, then test again. A delegate inside the network may still reach it.",
	},
	{
		name: "the host name is not known", code: "net.dns", field: model.QURL,
		when: onDeciding(faulty(faultDNS)),
		what: "There is no host {host} as far as this machine can tell.",
		why:  "The name is mistyped, or known only inside a network (VPN) this machine is not in.",
		fix:  "Check the address, or connect to the VPN. A delegate may still reach it.",
	},
	{
		// RFC 2308 §7: a server failure or silence says nothing about the name.
		name: "the name service does not answer", code: "net.dns",
		when: onDeciding(faulty(faultResolver)),
		what: "The name service gave no answer about {host}.",
		why:  "That says nothing about the name: the service failed, is out of reach, or the VPN changed it just now.",
		fix:  "Test again in a moment; if it stays, check the network's DNS.",
	},
	{
		name: "a public host refuses the connection", code: "net.refused", field: model.QURL,
		when: all(onDeciding(faulty(faultRefused)), cloud),
		what: "{host} refused the connection.",
		why:  "Bitbucket Cloud takes connections there, so something on the way answers for it: a firewall, or a network that wants a proxy (HTTPS_PROXY).",
		fix:  "Check the network and the proxy, then test again.",
	},
	{
		name: "the connection is refused", code: "net.refused", field: model.QURL,
		when: onDeciding(faulty(faultRefused)),
		what: "{host} refused the connection.",
		why:  "Nothing listens on that port, or a firewall answers for it. Data Center has 7999 for SSH and often 7990 or 8443 for HTTP.",
		fix:  "Check the host and the port.",
	},
	{
		// ENETUNREACH and EHOSTUNREACH of connect(2); WSAENETUNREACH and
		// WSAEHOSTUNREACH of winsock2.h.
		name: "there is no way to the host", code: "net.refused", field: model.QURL,
		when: onDeciding(faulty(faultNoRoute)),
		what: "No way leads from this machine to {host}.",
		why:  "The network is down, the VPN is off, or a router on the way turns the connection back.",
		fix:  "Check network and VPN, then test again.",
	},
	{
		name: "no connection in time", code: "net.timeout", field: model.QURL,
		when: onDeciding(inPhase(phaseDial, phaseLookup)),
		what: "{host} took no connection within {after}.",
		why:  "A firewall drops it without a word, the VPN is off, or the host is down.",
		fix:  "Check VPN and firewall, then test again.",
	},
	{
		name: "no TLS in time", code: "net.timeout", field: model.QURL,
		when: onDeciding(inPhase(phaseTLS)),
		what: "{host} took the connection, but TLS was not set up within {after}.",
		why:  "What listens there speaks no TLS, a firewall holds it up, or the server is overloaded.",
		fix:  "Check the port and the firewall, then test again.",
	},
	{
		name: "no SSH in time", code: "net.timeout", field: model.QURL,
		when: onDeciding(inPhase(phaseSSH)),
		what: "{host} took the connection, but SSH was not set up within {after}.",
		why:  "What listens there speaks no SSH, a firewall holds it up, or the server is overloaded.",
		fix:  "Check the port (Data Center has 7999 for SSH) and the firewall, then test again.",
	},
	{
		name: "the request is not answered in time", code: "net.timeout",
		when: onDeciding(inPhase(phaseAnswer)),
		what: "{host} took the connection and the request, but did not answer within {after}.",
		why:  "The server is overloaded or starting: the way to it is open.",
		fix:  "Test again later, or allow more time (--timeout).",
	},
	{
		name: "the answer does not end", code: "net.timeout",
		when: onDeciding(inPhase(phaseBody)),
		what: "{host} began to answer and did not come to the end within {after}.",
		why:  "The server is overloaded, or something on the way slows it down.",
		fix:  "Test again later, or allow more time (--timeout).",
	},
	{
		name: "the answer breaks off", code: "net.refused",
		when: onDeciding(func(a answer) bool { return a.fault.kind == faultClosed && a.fault.phase == phaseBody }),
		what: "{host} broke off in the middle of its answer.",
		why:  "Something between cut it, or the server was stopped just then.",
		fix:  "Test again; if it stays, ask the server's administrator.",
	},
	{
		name: "the connection breaks off", code: "net.refused", field: model.QURL,
		when: onDeciding(faulty(faultClosed)),
		what: "The connection to {host} broke off.",
		why:  "A firewall or a proxy in between cut it, or another kind of server listens there.",
		fix:  "Check the host and the port.",
	},
}

// The situations rows share.
var (
	overSSH    = that(func(f *facts) bool { return !f.overHTTP() })
	overHTTP   = that((*facts).overHTTP)
	cloud      = that((*facts).isCloud)
	dataCenter = that((*facts).isDataCenter)
)

// inPhase asks for a time that ran out within one of the phases.
func inPhase(phases ...phase) question {
	return func(a answer) bool {
		return a.dead() && a.fault.kind == faultTimeout && slices.Contains(phases, a.fault.phase)
	}
}

// insideName asks whether the host's name is one for the inside of a network.
func insideName(a answer) bool { return privateName(hostname(a.host)) }

func onHost(host string) condition {
	return that(func(f *facts) bool { return f.to.Host == host })
}

// mendURL offers another address, if it reads as one.
func mendURL(address, label string) []model.Mend {
	read := model.ReadURL(address, model.URLContext{})
	if read.IsZero() || read.Findings.HasErrors() {
		return nil
	}
	return []model.Mend{{Field: model.QURL, Value: read.URL, Label: label}}
}

// repositoryIn reports whether a redirect leads to a repository, within the
// same product, and not to a login page.
func repositoryIn(to *url.URL) bool {
	return strings.HasSuffix(to.Path, "/info/refs") || strings.Contains(to.Path, "/rest/api/") && strings.Contains(to.Path, "/repos/") ||
		strings.Contains(to.Path, "/2.0/repositories/")
}
