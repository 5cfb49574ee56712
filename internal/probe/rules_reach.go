package probe

import (
	"net/netip"
	"strings"

	"bbconnect/model"
)

// reachRules are warnings about what works from here and not, or not safely,
// from where Harness is.
var reachRules = []rule{
	{
		// developer.harness.io, "Connect to a Bitbucket repo", Connectivity Mode, and
		// "Private network connectivity options": the platform connects over the
		// internet. The code is that of the other thing this setting decides, what
		// Harness's cloud can use.
		name: "the platform cannot reach a private address", code: "connectivity.harness-cloud", severity: warns, field: model.QMode, at: checkReach,
		when: that(func(f *facts) bool {
			c := f.req.Connector
			return c.Mode == model.ModePlatform && !c.SecureConnect && f.isDataCenter() && f.works() && f.privately()
		}),
		what:  "Harness's platform will not reach {host}.",
		why:   "The host works from here, but its address is private: nothing outside this network gets there.",
		fix:   "Connect through a delegate inside the network, or with Secure Connect.",
		mends: mendMode,
	},
	{
		// RFC 7617 §4: Basic is no protection by itself; RFC 6750 §5.3 forbids Bearer
		// without TLS.
		name: "plain HTTP works", code: "url.plain-http", severity: warns, field: model.QURL, at: checkTLS,
		when: that(func(f *facts) bool {
			return f.overHTTP() && f.git.asksPlain && f.works() && !loopback(f.to.Host)
		}),
		what:  "The credential goes to {host} unencrypted.",
		why:   "The address begins with http, so everyone on the way can read the token.",
		fix:   "Use the https:// address if there is one.",
		mends: mendScheme("http://", "https://", "use https://"),
	},
}

// works reports that both channels did what is asked of them.
func (f *facts) works() bool { return f.gitOK() && (!f.counts || f.repository.good()) }

// loopback reports this machine itself, to which nothing travels.
func loopback(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// mendMode offers the delegate.
func mendMode(*facts, answer) []model.Mend {
	return []model.Mend{{Field: model.QMode, Value: string(model.ModeDelegate), Label: "connect through a delegate"}}
}
