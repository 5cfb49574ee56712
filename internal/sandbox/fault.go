package sandbox

import (
	"net/http"
	"strings"
	"time"
)

// faults is what a scenario may change about the world. The zero value changes
// nothing.
type faults struct {
	// Connections.
	dial         dialMode // what becomes of every connection to a public name
	closedPorts  []string // public host:port pairs that refuse
	droppedPorts []string // public host:port pairs that never answer
	drop         bool     // every TCP connection is reset at once
	mute         bool     // HTTPS connections are taken, and TLS is never spoken
	silent       bool     // SSH connections are taken and never greeted
	latency      time.Duration
	proxy        proxyMode

	// Certificates and the clock.
	tls               tlsMode
	tlsOnPlain        bool // the plain ports speak TLS
	clientCertificate bool
	clock             time.Duration // how far the server's Date is off

	// HTTP: answers instead of the usual one; nil lets the usual one through.
	answer func(channel Channel, r *http.Request) *Answer

	// Credentials.
	revoked       bool
	unscoped      bool
	missingScopes []string
	locked        bool // Data Center asks for a CAPTCHA
	unlicensed    bool // nobody at Data Center has a licence
	noBasic       bool // Data Center has Basic switched off
	ignored       bool // Data Center takes every credential for none

	// Places.
	hideOwners  []string // workspaces and projects that are not there
	hideRepos   []string // "owner/slug" that are not there
	moved       map[string]string
	emptyLists  bool // listings of repositories hold none
	contextPath string

	// SSH.
	known         knownHosts
	greeting      string // sent in place of the SSH version
	flood         bool   // lines for ever in place of the SSH version
	banner        bool   // a long banner before the login
	sshPort       int    // Data Center's; 0 is 7999
	sshDisabled   bool   // Data Center's
	sshSays       string // every git command is refused with this
	otherHostKey  bool
	rejectKeys    bool
	oldAlgorithms bool
	oldExchange   bool
	deployKeyFor  string // every key is a read-only deploy key of this slug
}

// faults are those of the current scenario.
func (s *Sandbox) faults() *faults { return &s.scenario.Load().faults }

// onGit reports the channels that carry git over HTTP.
func (c Channel) onGit() bool { return c == CloudGit || c == DataCenterGit }

// product is the product of a channel; Data Center for Web.
func (c Channel) product() Product {
	if c == CloudREST || c == CloudGit || c == CloudSSH {
		return Cloud
	}
	return DataCenter
}

// authenticated reports whether a request carries a credential at all. Rules
// about people (allowlist, two-step) apply once somebody says who they are.
func authenticated(r *http.Request) bool { return r.Header.Get("Authorization") != "" }

// refusePerson answers 403 with a text about the person or their network:
// plain text to git, the REST envelope to REST.
func refusePerson(text string) func(Channel, *http.Request) *Answer {
	return func(channel Channel, r *http.Request) *Answer {
		switch {
		case !authenticated(r):
			return nil
		case channel == CloudGit:
			return textAnswer(http.StatusForbidden, text)
		case channel == CloudREST:
			return cloudError(http.StatusForbidden, text)
		}
		return nil
	}
}

// rateLimited is Cloud's 429 with its headers.
func rateLimited(channel Channel, _ *http.Request) *Answer {
	const text = "Rate limit for this resource has been exceeded"
	answer := cloudError(http.StatusTooManyRequests, text)
	resource, limit := "api", "1000"
	if channel.onGit() {
		answer = textAnswer(http.StatusTooManyRequests, text)
		resource, limit = "git", "60000"
	}
	return answer.with("Retry-After", "42").with("X-RateLimit-Limit", limit).with("X-RateLimit-NearLimit", "true").with("X-RateLimit-Resource", resource)
}

// maintenance is what a load balancer says while nothing is behind it.
func maintenance(Channel, *http.Request) *Answer {
	return htmlAnswer(http.StatusServiceUnavailable,
		"<html>\n<head><title>503 Service Temporarily Unavailable</title></head>\n<body>\n<center><h1>503 Service Temporarily Unavailable</h1></center>\n</body>\n</html>\n").
		with("Retry-After", "120")
}

// inState is a Data Center that is not ready: its status page says so,
// everything else is a 503 page with that title.
func inState(state, title string) func(Channel, *http.Request) *Answer {
	return func(channel Channel, r *http.Request) *Answer {
		switch {
		case channel.product() == Cloud:
			return nil
		case hasSuffix(r, "/status"):
			return jsonAnswer(http.StatusServiceUnavailable, map[string]string{"state": state})
		}
		return htmlAnswer(http.StatusServiceUnavailable, "<!DOCTYPE html>\n<html>\n<head><title>"+title+"</title></head>\n<body>\n<p>"+title+"</p>\n</body>\n</html>\n")
	}
}

// onChannel scripts one channel and leaves the others alone.
func onChannel(only Channel, script func(*http.Request) *Answer) func(Channel, *http.Request) *Answer {
	return func(channel Channel, r *http.Request) *Answer {
		if channel != only {
			return nil
		}
		return script(r)
	}
}

// hangs never answers; drips answers a byte at a time, and would be a good
// answer in the end.
func hangs(Channel, *http.Request) *Answer { return &Answer{Hang: true} }

func drips(Channel, *http.Request) *Answer {
	a := jsonAnswer(http.StatusOK, map[string]string{"state": "RUNNING", "note": strings.Repeat(".", 4096)})
	a.Drip = dripPause
	return a
}

// toHTTPS sends what comes over plain HTTP on to the same address over HTTPS.
func toHTTPS(_ Channel, r *http.Request) *Answer {
	if r.TLS != nil {
		return nil
	}
	return redirect(http.StatusMovedPermanently, "https://"+hostOnly(r.Host)+r.URL.RequestURI())
}

// captivePortal is the portal of a network that wants a browser first (RFC 6585).
func captivePortal(Channel, *http.Request) *Answer {
	return htmlAnswer(http.StatusNetworkAuthenticationRequired,
		"<!DOCTYPE html>\n<html>\n<head><title>Network Authentication Required</title>\n<meta http-equiv=\"refresh\" content=\"0; url=https://login.example.net/\">\n</head>\n<body>\n<p>You need to <a href=\"https://login.example.net/\">authenticate with the local network</a> in order to gain access.</p>\n</body>\n</html>\n")
}

// otherServer is a web server that has nothing at Bitbucket's addresses.
func otherServer(Channel, *http.Request) *Answer {
	return htmlAnswer(http.StatusNotFound,
		"<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n").
		with("Server", "nginx")
}

// loginRedirect sends everything to the single sign-on page.
func loginRedirect(channel Channel, r *http.Request) *Answer {
	if channel == Web && hostOnly(r.Host) == ssoHost {
		return nil
	}
	return redirect(http.StatusFound, "https://"+ssoHost+"/login?service=bitbucket")
}

// loginPage answers everything with a page that wants a password.
func loginPage(Channel, *http.Request) *Answer { return htmlAnswer(http.StatusOK, loginHTML) }

// loginHTML has more than one line, so that git takes it for a broken info/refs
// rather than an empty one.
const loginHTML = "<!DOCTYPE html>\n<html>\n<head><title>Sign in to Acme</title></head>\n<body>\n<form action=\"/login\" method=\"post\">\n<input name=\"username\">\n<input name=\"password\" type=\"password\">\n</form>\n</body>\n</html>\n"

// oneLineHTML answers everything with one line of HTML, which makes git exit 0
// and print nothing.
func oneLineHTML(Channel, *http.Request) *Answer {
	return htmlAnswer(http.StatusOK, "<html><body>It works</body></html>")
}

// proxyWantsLogin is a proxy between the client and Bitbucket.
func proxyWantsLogin(Channel, *http.Request) *Answer {
	return htmlAnswer(http.StatusProxyAuthRequired, "<html><body>Proxy authentication required</body></html>\n").
		with("Proxy-Authenticate", `Basic realm="Acme proxy"`)
}
