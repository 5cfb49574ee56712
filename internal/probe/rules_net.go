package probe

import (
	"net/url"
	"strings"

	"bbconnect/model"
)

// netRules are about connections that did not come about. A channel that does
// not decide is not asked when git got no connection.
var netRules = []rule{
	{
		// RFC 9110 §15.5.8; Go's transport reports CONNECT's answer.
		name: "the proxy wants a login", code: "net.proxy-auth",
		when: onDeciding(or(faulty(faultProxyAuth), status(407))),
		what: "The proxy {proxy} wants a login.",
		why:  "HTTPS_PROXY names a proxy that asks for a user name and a password.",
		fix:  "Put the login into HTTPS_PROXY, or add {host} to NO_PROXY.",
	},
	{
		name: "the proxy does not connect", code: "net.refused",
		when: onDeciding(faulty(faultProxy)),
		what: "The proxy {proxy} does not connect to {host}.",
		why:  "{detail}",
		fix:  "Check HTTPS_PROXY, or add {host} to NO_PROXY.",
	},
	{
		name: "the host name is not known", code: "net.dns", field: model.QURL,
		when: onDeciding(faulty(faultDNS)),
		what: "There is no host {host} as far as this machine can tell.",
		why:  "The name is mistyped, or known only inside a network (VPN) this machine is not in.",
		fix:  "Check the address, or connect to the VPN. A delegate may still reach it.",
	},
	{
		// community.atlassian.com, "Upcoming change to Bitbucket Cloud SSH access"
		// (ba-p/3234032): bitbucket.org serves HTTPS alone since 2026-11-12.
		name: "SSH to bitbucket.org has ended", code: "ssh.host-moved", field: model.QURL,
		when:  all(onGit(faulty(faultRefused, faultClosed, faultTimeout, faultNotSSH)), overSSH, onHost("bitbucket.org")),
		what:  "{host} no longer takes git over SSH.",
		why:   "Bitbucket moved it to ssh.bitbucket.org on November 12, 2026.",
		fix:   "Use ssh.bitbucket.org, or HTTP when the connector has API access: Harness finds the REST API only for bitbucket.org.",
		mends: mendSSHHost,
	},
	{
		// support.atlassian.com, "Configure SSH and two-step verification": SSH over
		// port 443 at altssh.bitbucket.org.
		name: "the port of SSH is closed", code: "ssh.port-blocked", field: model.QURL,
		when:  all(onGit(faulty(faultRefused, faultClosed, faultTimeout)), overSSH, cloud),
		what:  "{host} does not answer on the port of SSH.",
		why:   "Many networks close port 22.",
		fix:   "Use altssh.bitbucket.org on port 443, or HTTP.",
		mends: mendAltSSH,
	},
	{
		name: "the connection is refused", code: "net.refused", field: model.QURL,
		when: onDeciding(faulty(faultRefused)),
		what: "{host} refused the connection.",
		why:  "Nothing listens on that port, or a firewall answers for it. Data Center has 7999 for SSH and often 7990 or 8443 for HTTP.",
		fix:  "Check the host and the port.",
	},
	{
		name: "no answer in time", code: "net.timeout", field: model.QURL,
		when: onDeciding(faulty(faultTimeout)),
		what: "{host} did not answer in time.",
		why:  "A firewall drops the connection, the VPN is off, or the server is overloaded.",
		fix:  "Check VPN and firewall, then test again. A delegate may still reach it.",
	},
	{
		name: "the connection breaks off", code: "net.refused", field: model.QURL,
		when: onDeciding(faulty(faultClosed)),
		what: "The connection to {host} broke off.",
		why:  "A firewall or a proxy in between cut it, or another kind of server listens there.",
		fix:  "Check the host and the port.",
	},
}

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
		name: "the certificate has expired", code: "tls.expired",
		when: onDeciding(faulty(faultExpired)),
		what: "The certificate of {host} is not valid now.",
		why:  "It is valid from {detail}. It has expired, or this machine's clock is wrong.",
		fix:  "Check the clock; otherwise the server's certificate has to be renewed.",
	},
	{
		name: "the authority is not trusted", code: "tls.unknown-ca",
		when: onDeciding(faulty(faultUnknownCA)),
		what: "This machine does not trust the certificate of {host}.",
		why:  "It was issued by {detail}, which is a private authority, or by a proxy that reads along.",
		fix:  "Name the authority's PEM file (--ca-file). A delegate needs it too, in ADDITIONAL_CERTS_PATH.",
	},
	{
		// Go's net/http: ErrSchemeMismatch.
		name: "plain HTTP answers on the port of HTTPS", code: "tls.not-tls", field: model.QURL,
		when: onDeciding(faulty(faultNotTLS)),
		what: "{host} does not speak TLS on this port.",
		why:  "The address begins with https, but plain HTTP or something else answers.",
		fix:  "Check the port; use http:// only inside a network you trust.",
	},
	{
		name: "TLS is refused", code: "tls.not-tls",
		when: onDeciding(faulty(faultTLS)),
		what: "{host} broke off the TLS handshake.",
		why:  "{detail}. It may want a client certificate, which connectors do not have, or only speak an old version.",
		fix:  "Ask the server's administrator which TLS versions it takes.",
	},
}

// The situations rows share.
var (
	overSSH    = that(func(f *facts) bool { return !f.overHTTP() })
	overHTTP   = that((*facts).overHTTP)
	cloud      = that((*facts).isCloud)
	dataCenter = that((*facts).isDataCenter)
)

func onHost(host string) condition {
	return that(func(f *facts) bool { return f.to.Host == host })
}

// mendSSHHost offers the new host of Cloud's SSH.
func mendSSHHost(f *facts, _ answer) []model.Mend {
	return mendURL(strings.Replace(f.req.Connector.URL, "bitbucket.org", "ssh.bitbucket.org", 1), "use ssh.bitbucket.org")
}

// mendAltSSH offers Cloud's SSH on port 443.
func mendAltSSH(f *facts, _ answer) []model.Mend {
	path := strings.TrimPrefix(f.to.sshPath(), "/")
	if f.to.URLType == model.URLAccount {
		path = strings.TrimSuffix(f.to.owner+"/", "//")
	}
	return mendURL("ssh://git@altssh.bitbucket.org:443/"+path, "use altssh.bitbucket.org on port 443")
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
