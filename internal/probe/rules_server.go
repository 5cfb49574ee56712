package probe

import (
	"net/url"
	"strings"

	"bbconnect/model"
)

// serverRules are about what answered: Bitbucket or not, ready or not, here
// or elsewhere. Nothing that carries a credential follows a redirect.
var serverRules = []rule{
	{
		name: "the address is plain HTTP and leads to HTTPS", code: "repo.moved", field: model.QURL,
		when:  onGit(func(a answer) bool { return toHTTPS(a) }),
		what:  "{host} takes plain HTTP only to send it on to HTTPS.",
		why:   "Git would send the credential unencrypted first.",
		fix:   "Use the https:// address.",
		mends: mendMoved,
	},
	{
		// Administrators move Data Center under a context path (confluence.atlassian.com,
		// "Change Bitbucket's context path").
		name: "a redirect adds a context path", code: "server.context-path", field: model.QURL,
		when:  onGit(func(a answer) bool { return addsContext(a) }),
		what:  "Bitbucket at {host} lives under another path.",
		why:   "The server leads {url} on to a path with a prefix.",
		fix:   "Use the address the server names.",
		mends: mendMoved,
	},
	{
		// Data Center answers 307 or 301 for a project or repository that was
		// renamed or moved.
		name: "the repository moved", code: "repo.moved", field: model.QURL,
		when:  onDeciding(redirected(repositoryIn)),
		what:  "{repo} was moved or renamed.",
		why:   "{host} leads to another address. Connectors do not follow it.",
		fix:   "Use the new address of the repository.",
		mends: mendMoved,
	},
	{
		// Cloudflare, Akamai and the like answer what they take for a robot with a
		// page of their own, marked by their headers.
		name: "a firewall's page answers", code: "server.not-bitbucket",
		when: onDeciding(both(blocked, func(a answer) bool { return a.barrier != "" })),
		what: "{barrier} stands before {host} and turned this request away.",
		why:  "The page of refusal is not Bitbucket's. {said}",
		fix:  "Ask the administrator to let git and /rest through, or connect through a delegate inside the network.",
	},
	{
		// sourcegraph#2360, backstage#14655: a single sign-on in front of Data
		// Center answers git and REST with its own login page.
		name: "a login page answers", code: "net.sso",
		when: onDeciding(or(or(redirected(anywhere), elsewhere), func(a answer) bool { return a.html && a.loginPage && !a.bitbucket && a.status < 500 })),
		what: "A login page answers in place of Bitbucket at {host}.",
		why:  "A single sign-on or an access proxy stands in front of it and wants a browser. {to}",
		fix:  "Ask the administrator for a way around it for git and /rest, or connect through a delegate inside the network.",
	},
	{
		// support.atlassian.com, "API request limits"; Retry-After as in RFC 6585 §4.
		name: "too many requests", code: "net.rate-limited",
		when: onDeciding(status(429)),
		what: "{host} takes no more requests for now.",
		why:  "The account or this network has used up its limit. {limit} {said}",
		fix:  "{wait}, then test again. Use fewer connectors on one account.",
	},
	{
		// Data Center's /status: STARTING, MAINTENANCE, ERROR, FIRST_RUN.
		name: "Data Center is starting", code: "server.starting",
		when: that(func(f *facts) bool { s := f.status.text("state"); return s != "" && s != "RUNNING" }),
		what: "Bitbucket at {host} is starting, or under maintenance.",
		why:  "It says so itself.",
		fix:  "Wait a few minutes, then test again.",
	},
	{
		// RFC 9110 §15.6.4: 503 with Retry-After is an interruption that was planned.
		name: "the server is under maintenance", code: "server.unavailable",
		when: onDeciding(both(status(503), func(a answer) bool { return a.limits.wait > 0 })),
		what: "{host} is not available for now.",
		why:  "It says when to come back, so it is under maintenance or overloaded. {said}",
		fix:  "{wait}, then test again.",
	},
	{
		name: "the server has an error", code: "server.unavailable",
		when: onDeciding(func(a answer) bool { return a.status >= 500 }),
		what: "{host} cannot answer at the moment.",
		why:  "It, or a proxy in front of it, reports an error of its own. {said}",
		fix:  "Test again later; status.bitbucket.org tells about Cloud.",
	},
	{
		name: "Data Center lives under another path", code: "server.context-path", field: model.QURL,
		when:  all(onREST(status(404, 200, 403)), that(func(f *facts) bool { return f.contextFound })),
		what:  "Bitbucket at {host} does not live where the address says.",
		why:   "Its REST API answers under another path.",
		fix:   "Put the path before /scm.",
		mends: mendContext,
	},
	{
		name: "no Bitbucket answers at the REST address", code: "server.not-bitbucket", field: model.QURL,
		when: all(onREST(func(a answer) bool { return a.status == 404 || a.status == 200 }), dataCenter, that(func(f *facts) bool {
			p := f.properties
			return f.counts && p.asked && !p.dead() && !(p.good() && p.text("version") != "")
		})),
		what: "There is no Bitbucket REST API at {host}.",
		why:  "Something else answers {api}. The web address may differ from this host, or a path be missing.",
		fix:  "Compare the address with the one in the browser, up to /projects.",
	},
	{
		name: "something else answers git", code: "server.not-bitbucket", field: model.QURL,
		when: onGit(func(a answer) bool { return a.status/100 == 2 && a.said != "" && a.html }),
		what: "{host} answers with a web page, not with git.",
		why:  "The address is that of a page, or another server lives there.",
		fix:  "Paste the clone address of the repository.",
	},
	{
		// git falls back to the dumb protocol here and reports success.
		name: "the answer is not git's", code: "server.not-bitbucket", field: model.QURL,
		when: all(onGit(func(a answer) bool { return a.status/100 == 2 && a.said == "" || a.status/100 == 2 && a.json != nil }),
			not(that((*facts).gitOK))),
		what: "{host} answers, but not as git does.",
		why:  "The address is not a repository's, or something in between changed the answer.",
		fix:  "Paste the clone address of the repository.",
	},
}

// blockedRules come after what Bitbucket says itself: a page of refusal that
// names nobody is Bitbucket's own only where it says so.
var blockedRules = []rule{
	{
		name: "a page refuses that is not Bitbucket's", code: "server.not-bitbucket",
		when: onDeciding(blocked),
		what: "A page of refusal answers in place of Bitbucket at {host}.",
		why:  "{barrier} in between turned this request away. {said}",
		fix:  "Ask the administrator to let git and /rest through, or connect through a delegate inside the network.",
	},
}

// anywhere accepts every redirect.
func anywhere(*url.URL) bool { return true }

// toHTTPS reports a redirect that changes nothing but the scheme.
func toHTTPS(a answer) bool {
	return a.status/100 == 3 && a.location != nil && a.location.Scheme == "https" && a.asksPlain &&
		a.location.Path == a.path
}

// addsContext reports a redirect to the same path behind a prefix.
func addsContext(a answer) bool {
	return a.status/100 == 3 && a.location != nil && a.location.Path != a.path &&
		strings.HasSuffix(a.location.Path, a.path)
}

// mendMoved offers the address a redirect of git's names.
func mendMoved(f *facts, a answer) []model.Mend {
	if a.location == nil || f.to.URLType == model.URLAccount {
		return nil
	}
	path, ok := strings.CutSuffix(a.location.Path, "/info/refs")
	if !ok {
		return nil
	}
	return mendURL(a.location.Scheme+"://"+a.location.Host+path, "use the new address")
}

// mendContext puts the path where Data Center was found into the address.
func mendContext(f *facts, _ answer) []model.Mend {
	if !f.overHTTP() {
		return nil
	}
	scheme, rest, _ := strings.Cut(f.req.Connector.URL, "://")
	_, tail, ok := strings.Cut(rest, "/scm")
	if !ok {
		return nil
	}
	return mendURL(scheme+"://"+f.to.authority()+f.context+"/scm"+tail, "use the path it was found under")
}
