package sandbox

import "time"

// networkScenarios are about connections that do not come about.
func networkScenarios() []Scenario {
	return []Scenario{
		{
			Name: "dns-not-found", Title: "No name is known here",
			Source: "Go's net: no such host",
			Shows:  append(everyTransport("net.dns"), dcShows("net.dns").throughDelegate()),
			faults: faults{dial: dialNoName},
		},
		{
			Name: "refused", Title: "Every connection is refused",
			Source: "connect(2): ECONNREFUSED",
			Shows: append(everywhere("net.refused"), cloudSSHShows("net.refused"), dcSSHShows("net.refused"),
				dcShows("net.refused").throughDelegate()),
			faults: faults{dial: dialRefused},
		},
		{
			Name: "unreachable", Title: "There is no route to the host",
			Source: "connect(2): EHOSTUNREACH",
			Shows:  append(everywhere("net.refused"), dcShows("net.refused").throughDelegate()),
			faults: faults{dial: dialUnreachable},
		},
		{
			Name: "firewall-drops", Title: "A firewall drops every packet", Slow: true,
			Source: "connect(2): nothing comes back",
			Shows:  append(everywhere("net.timeout"), dcShows("net.timeout").throughDelegate(), dcSSHShows("net.timeout")),
			faults: faults{dial: dialDropped},
		},
		{
			Name: "rest-blocked", Title: "bitbucket.org answers and api.bitbucket.org is blocked",
			Source: "an allowlist of a firewall that forgot the REST API",
			Shows:  []Showing{cloudShows("net.refused"), cloudShows("").withoutAPI()},
			faults: faults{closedPorts: []string{"api.bitbucket.org:443"}},
		},
		{
			Name: "drops-connections", Title: "Every connection is reset",
			Source: "a firewall's RST",
			Shows:  everywhere("net.refused"),
			faults: faults{drop: true},
		},
	}
}

// tlsScenarios are about connections that cannot be secured.
func tlsScenarios() []Scenario {
	const plain = "http://" + DefaultDataCenterHost + ":7990/scm/PAY/ledger.git"
	return []Scenario{
		{
			Name: "tls-unknown-ca", Title: "The certificate is signed by an authority nobody knows",
			Source: "Go's crypto/x509: certificate signed by unknown authority",
			Shows:  everywhere("tls.unknown-ca"),
			faults: faults{tls: tlsUnknownCA},
		},
		{
			Name: "tls-missing-intermediate", Title: "The server does not send the certificate of the authority in between",
			Source: "RFC 5246, section 7.4.2: the sender's chain must come along",
			Shows:  everywhere("tls.unknown-ca"),
			faults: faults{tls: tlsNoIntermediate},
		},
		{
			Name: "tls-expired", Title: "The certificate has expired",
			Source: "Go's crypto/x509: certificate has expired or is not yet valid",
			Shows:  everywhere("tls.expired"),
			faults: faults{tls: tlsExpired},
		},
		{
			Name: "wrong-clock", Title: "The clock here is five days ahead of the server's, whose certificate seems expired",
			Source: "RFC 9110, section 6.6.1: Date",
			Shows:  everywhere("tls.expired"),
			faults: faults{tls: tlsExpired, clock: -5 * 24 * time.Hour},
		},
		{
			Name: "tls-wrong-host", Title: "The certificate is for another host",
			Source: "Go's crypto/x509: certificate is valid for A, not B",
			Shows:  everywhere("tls.hostname"),
			faults: faults{tls: tlsWrongHost},
		},
		{
			Name: "tls-client-certificate", Title: "The server wants a certificate of the client",
			Source: "RFC 8446, section 6.2: certificate_required",
			Shows:  everywhere("tls.not-tls"),
			faults: faults{clientCertificate: true},
		},
		{
			Name: "tls-hangs", Title: "Connections are taken and the handshake is never answered", Slow: true,
			Source: "a firewall that lets the connection through and its content not",
			Shows:  everywhere("net.timeout"),
			faults: faults{mute: true},
		},
		{
			Name: "plain-http-on-tls-port", Title: "The HTTPS port speaks plain HTTP",
			Source: "Go's net/http: server gave HTTP response to HTTPS client",
			Shows:  everywhere("tls.not-tls"),
			faults: faults{tls: tlsNone},
		},
		{
			Name: "tls-on-plain-port", Title: "The address is plain HTTP and the port speaks TLS",
			Source: "Client sent an HTTP request to an HTTPS server.",
			Shows:  []Showing{dcShows("tls.not-tls").at(plain)},
			faults: faults{tlsOnPlain: true},
		},
	}
}

// proxyScenarios are about an HTTP proxy on the way; Sandbox.Proxy names it.
func proxyScenarios() []Scenario {
	return []Scenario{
		{
			Name: "proxy", Title: "The way out leads through a proxy, which works",
			Source: "RFC 9110, section 9.3.6: CONNECT",
			Shows:  everywhere(""),
			faults: faults{proxy: proxyOpen},
		},
		{
			Name: "proxy-auth", Title: "The proxy wants a login",
			Source: "RFC 9110, section 15.5.8: 407",
			Shows:  everywhere("net.proxy-auth"),
			faults: faults{proxy: proxyAuth},
		},
		{
			Name: "proxy-transparent", Title: "A proxy nobody configured wants a login",
			Source: "RFC 9110, section 15.5.8: 407 in place of the server's answer",
			Shows:  everywhere("net.proxy-auth"),
			faults: faults{answer: proxyWantsLogin},
		},
		{
			Name: "proxy-refuses", Title: "The proxy does not connect to Bitbucket",
			Source: "an allowlist of a proxy: CONNECT is answered with 403",
			Shows:  everywhere("net.refused"),
			faults: faults{proxy: proxyRefuses},
		},
	}
}
