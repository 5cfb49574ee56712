package probe

import (
	"strings"

	"bbconnect/model"
)

// tlsRules are about connections that could not be secured (texts of Go's
// crypto/x509).
var tlsRules = []rule{
	{
		name: "the certificate is for another name", code: "tls.hostname", field: model.QURL,
		when: onDeciding(faulty(faultHostname)),
		what: "The certificate of {host} is for {detail}.",
		why:  "The address uses another name than the server's own, or another server answers.",
		fix:  "Use the name the certificate is for.",
	},
	{
		// RFC 9110 §6.6.1: Date is when the message was made; five minutes are what
		// Kerberos (RFC 4120) and most others allow a clock to be off.
		name: "this machine's clock is wrong", code: "tls.expired",
		when: all(onDeciding(faulty(faultExpired)), that((*facts).clockExplains)),
		what: "This machine's clock is wrong by {off}.",
		why:  "It shows {now}, the server at {host} {servertime}; its certificate is valid then ({detail}).",
		fix:  "Set the clock, then test again.",
	},
	{
		name: "the certificate is not valid yet", code: "tls.expired",
		when: all(onDeciding(faulty(faultExpired)), that((*facts).tooEarly)),
		what: "{Certificate} is not valid yet.",
		why:  "It is valid from {detail}, and this machine's clock shows {now}.",
		fix:  "Check the clock; otherwise wait, or have the server show another certificate.",
	},
	{
		name: "the certificate has expired", code: "tls.expired",
		when: onDeciding(faulty(faultExpired)),
		what: "{Certificate} has expired.",
		why:  "It was valid from {detail}, and this machine's clock shows {now}. {clock}",
		fix:  "The server's administrator has to renew it.",
	},
	{
		// RFC 8446 §4.4.2: a server sends its own certificate with those between; RFC
		// 5280 §4.2.2.1: where the next one is to be fetched.
		name: "the certificate between is missing", code: "tls.unknown-ca",
		when: onDeciding(func(a answer) bool { return a.fault.incomplete() }),
		what: "{host} does not show all of its certificate chain.",
		why:  "Its certificate is of the public authority {detail}, but the one between is missing. Browsers fetch it ({aia}); git and Harness do not.",
		fix:  "The server's administrator has to add it to the chain. Until then accept the certificate ({fingerprint}), or name a file with the missing one (--ca-file).",
	},
	{
		name: "Cloud's certificate is not Atlassian's", code: "tls.unknown-ca",
		when: all(onDeciding(faulty(faultUnknownCA)), cloud),
		what: "The certificate shown for {host} is not Atlassian's.",
		why:  "It was issued by {detail}: something between reads along, as firewalls of companies do. {shown}",
		fix:  "Accept it only if your network's administrator names the same fingerprint, or name their file (--ca-file). {trust}",
	},
	{
		name: "the CA file is another authority's", code: "tls.unknown-ca",
		when: all(onDeciding(faulty(faultUnknownCA)), that(func(f *facts) bool { return f.req.CAFile != "" })),
		what: "The CA file {cafile} does not hold the authority of {host}.",
		why:  "The certificate was issued by {detail}, and neither the file nor this machine vouches for it. {shown}",
		fix:  "Compare the fingerprint with the one the administrator names, then accept it or add it to the file. {trust}",
	},
	{
		name: "the authority is not trusted", code: "tls.unknown-ca",
		when: onDeciding(faulty(faultUnknownCA)),
		what: "This machine does not trust the certificate of {host}.",
		why:  "It was issued by {detail}, which is a private authority, or by a proxy that reads along. {shown}",
		fix:  "Compare the fingerprint with the one the administrator names, then accept it or name the authority's PEM file (--ca-file). {trust}",
	},
	{
		// Go's net/http: ErrSchemeMismatch.
		name: "plain HTTP answers on the port of HTTPS", code: "tls.not-tls", field: model.QURL,
		when:  onDeciding(faulty(faultNotTLS)),
		what:  "{host} does not speak TLS on this port.",
		why:   "The address begins with https, but plain HTTP or something else answers.",
		fix:   "Check the port. With http:// the credential travels readable for everyone on the way: use it only inside a network you trust.",
		mends: mendScheme("https://", "http://", "use http://, which encrypts nothing"),
	},
	{
		// nginx: "The plain HTTP request was sent to HTTPS port"; Go: "Client sent an
		// HTTP request to an HTTPS server."; Apache: "You're speaking plain HTTP to an
		// SSL-enabled server port."; Tomcat, which Data Center runs in: "This
		// combination of host and port requires TLS."
		name: "HTTPS answers on the port of plain HTTP", code: "tls.not-tls", field: model.QURL,
		when:  onDeciding(or(faulty(faultOnlyTLS), both(status(400), wantsTLS))),
		what:  "{host} wants TLS on this port.",
		why:   "The address begins with http, so the request with its credential was sent unencrypted. {said}",
		fix:   "Use the https:// address. If others can listen on the way, replace the token.",
		mends: mendScheme("http://", "https://", "use https://"),
	},
	{
		// RFC 4253 §4.2: what speaks SSH begins with "SSH-".
		name: "SSH answers on the port of HTTP", code: "tls.not-tls", field: model.QURL,
		when: onDeciding(faulty(faultIsSSH)),
		what: "{host} speaks SSH on this port, not HTTP.",
		why:  "The port in the address is the one for ssh:// addresses; Data Center has 7999 for them.",
		fix:  "Use the port of the web address, or an ssh:// address with the connection type SSH.",
	},
	{
		name: "TLS is refused", code: "tls.not-tls",
		when: onDeciding(faulty(faultTLS)),
		what: "{host} broke off the TLS handshake.",
		why:  "{detail}. It may want a client certificate, which connectors do not have, or only speak an old version.",
		fix:  "Ask the server's administrator which TLS versions it takes.",
	},
}

// wantsTLS asks for the words of servers that got plain HTTP on a port of TLS.
func wantsTLS(a answer) bool {
	return a.asksPlain && holds(a.said, "plain HTTP request was sent to HTTPS", "HTTP request to an HTTPS server",
		"plain HTTP to an SSL-enabled", "combination of host and port requires TLS")
}

// mendScheme offers the connector's address with the other scheme, where git's
// request shows that it is needed. Cloud's is never offered without TLS.
func mendScheme(from, to, label string) func(*facts, answer) []model.Mend {
	return func(f *facts, _ answer) []model.Mend {
		tail, ok := strings.CutPrefix(f.req.Connector.URL, from)
		if !ok || f.isCloud() && to == "http://" {
			return nil
		}
		return mendURL(to+tail, label)
	}
}
