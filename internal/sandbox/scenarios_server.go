package sandbox

import (
	"net/http"
	"time"
)

// slowAnswer is how long the slow scenario takes for each answer, dripPause how
// long the dripping one for each byte.
const (
	slowAnswer = 4 * time.Second
	dripPause  = 200 * time.Millisecond
)

// serverScenarios are about a Bitbucket that answers, but not as wanted.
func serverScenarios() []Scenario {
	return []Scenario{
		{
			Name: "rate-limited", Title: "Too many requests were made; one may come back after 42 seconds",
			Source: "support.atlassian.com, API request limits",
			Shows:  []Showing{cloudShows("net.rate-limited"), cloudShows("net.rate-limited").withoutAPI()},
			faults: faults{answer: rateLimited},
		},
		{
			Name: "maintenance", Title: "The service is down for maintenance",
			Source: "a load balancer's 503 with Retry-After",
			Shows:  everywhere("server.unavailable"),
			faults: faults{answer: maintenance},
		},
		{
			Name: "starting", Title: "Data Center is still starting",
			Source: "confluence.atlassian.com, /status: STARTING",
			Shows:  []Showing{dcShows("server.starting"), dcShows("server.starting").withoutAPI()},
			faults: faults{answer: inState("STARTING", "Bitbucket is starting up")},
		},
		{
			Name: "dc-maintenance", Title: "Data Center is locked for maintenance",
			Source: "confluence.atlassian.com, /status: MAINTENANCE",
			Shows:  []Showing{dcShows("server.starting")},
			faults: faults{answer: inState("MAINTENANCE", "Bitbucket is undergoing maintenance")},
		},
		{
			Name: "rest-not-found-json", Title: "Git works, and there is no REST API at the address (a 10.4 server's 404)",
			Source: "recorded from 10.4.2: HTTP 404 Not Found as JSON",
			Shows:  []Showing{dcShows("server.not-bitbucket")},
			faults: faults{answer: onChannel(DataCenterREST, func(*http.Request) *Answer { return dcNoRoute() })},
		},
		{
			Name: "rest-not-found-xml", Title: "Git works, and there is no REST API at the address (a 10.2 server's 404)",
			Source: "recorded from 10.2.1: HTTP 404 Not Found as XML",
			Shows:  []Showing{dcShows("server.not-bitbucket")},
			faults: faults{answer: onChannel(DataCenterREST, func(*http.Request) *Answer { return dcNoRouteXML() })},
		},
		{
			Name: "slow", Title: "Every answer takes four seconds", Slow: true,
			Source: "an overloaded server",
			Shows:  everywhere("net.timeout"),
			faults: faults{latency: slowAnswer},
		},
		{
			Name: "drips", Title: "Answers come a byte at a time", Slow: true,
			Source: "an overloaded server, or one that means ill",
			Shows:  everywhere("net.timeout"),
			faults: faults{answer: drips},
		},
		{
			Name: "hangs", Title: "Requests are taken and nothing is ever answered", Slow: true,
			Source: "an overloaded server",
			Shows:  append(everywhere("net.timeout"), cloudSSHShows("net.timeout"), dcSSHShows("net.timeout")),
			faults: faults{answer: hangs, silent: true},
		},
	}
}

// pageScenarios are about something else that answers in place of Bitbucket.
func pageScenarios() []Scenario {
	return []Scenario{
		{
			Name: "sso-login-page", Title: "Everything is redirected to a sign-in page",
			Source: "sourcegraph/sourcegraph#2360",
			Shows:  append(everywhere("net.sso"), dcShows("net.sso").withoutAPI()),
			faults: faults{answer: loginRedirect},
		},
		{
			Name: "html-instead-of-json", Title: "Everything is answered with a sign-in page",
			Source: "backstage/backstage#14655",
			Shows:  append(everywhere("net.sso"), dcShows("net.sso").withoutAPI()),
			faults: faults{answer: loginPage},
		},
		{
			Name: "captive-portal", Title: "The network's own portal answers first and wants a browser",
			Source: "RFC 6585, section 6: 511 Network Authentication Required",
			Shows:  everywhere("net.sso"),
			faults: faults{answer: captivePortal},
		},
		{
			Name: "one-line-html", Title: "Everything is answered with one line of HTML, so git ends well and prints nothing",
			Source: "git 2.39 falls back to the dumb protocol",
			Shows:  append(everywhere("server.not-bitbucket"), dcShows("server.not-bitbucket").withoutAPI()),
			faults: faults{answer: oneLineHTML},
		},
		{
			Name: "other-server", Title: "Another web server answers, and has nothing at these addresses",
			Source: "nginx's own 404 page",
			Shows:  []Showing{dcShows("server.not-bitbucket")},
			faults: faults{answer: otherServer},
		},
	}
}
