package probe

import (
	"net/http"
	"strconv"
)

// proxyAnswer is the fault of a proxy that answered CONNECT with something
// else than 200 (RFC 9110 §9.3.6).
func proxyAnswer(status int, err error) fault {
	f := fault{kind: faultProxy, err: err, detail: "It answered " + strconv.Itoa(status)}
	switch {
	case status == http.StatusProxyAuthRequired:
		return fault{kind: faultProxyAuth, err: err}
	case status == http.StatusForbidden:
		f.detail += ": its rules do not allow this host or port."
	case status == http.StatusNetworkAuthenticationRequired || status/100 == 3:
		f.detail += ": it wants a sign-in in a browser first."
	case status >= http.StatusInternalServerError:
		f.detail += ": it does not reach the host itself."
	case status == http.StatusBadRequest, status == http.StatusNotFound, status == http.StatusMethodNotAllowed:
		f.detail += ": what listens there may be no proxy."
	default:
		f.detail += "."
	}
	return f
}

// proxyTrouble says why no connection to the proxy came about.
func proxyTrouble(f fault) string {
	switch f.kind {
	case faultDNS:
		return "Its own name is not known."
	case faultResolver:
		return "The name service does not answer for it."
	case faultRefused:
		return "It refuses connections: nothing listens on that port."
	case faultNoRoute:
		return "No way leads there from this machine."
	case faultTimeout:
		return "It did not answer within " + span(f.after) + "."
	case faultUnknownCA, faultHostname, faultExpired, faultTLS:
		return "Its own certificate is not accepted."
	case faultNotTLS:
		return "It speaks no TLS, though its address begins with https."
	}
	return "It cannot be reached."
}

// tunnelTrouble says why a proxy that was reached opened no way to the host.
func tunnelTrouble(f fault) string {
	if f.kind == faultTimeout {
		return "It did not open the way within " + span(f.after) + "."
	}
	return "It broke off before the way was open; what listens there may be no proxy."
}

// timeoutDetails say for each phase what did not happen; the time follows.
var timeoutDetails = map[phase]string{
	phaseLookup: "the name was not found within",
	phaseDial:   "no connection within",
	phaseTunnel: "no connection through the proxy within",
	phaseTLS:    "no TLS within",
	phaseAnswer: "connected, but no answer within",
	phaseBody:   "the answer did not end within",
}
