package model

import (
	"net/url"
	"strings"
)

// harnessCloudAPI is the base Harness uses for what it takes for Cloud.
const harnessCloudAPI = "https://api.bitbucket.org/"

// gitURL is how Harness takes a Git URL apart: protocol, host with port, owner
// and the rest. It is searched for, not anchored, and knows lower case only
// (GitClientHelper in harness-core, its rules re-stated, not its code).
var gitURL = pattern(`(http|https|git|ssh)(?:://|@)([^/:]+(?::\d+)?)(?:[/:](?:v\d/)?([^/:]+)/(.+)?)?`)

// HarnessAPI derives the REST base (with a last slash, without a version path)
// and the repository slug that Harness takes from a connector's URL, by
// Harness's own rules and with their faults: the port is lost where the URL has
// no /scm, any host but bitbucket.org, www. and api. is a server, and whatever
// follows the owner is the slug. The point is to compare that with what is
// true. ok is false where Harness refuses to save the URL; slug is "" where the
// URL names nothing.
func HarnessAPI(connectorURL string) (base, slug string, ok bool) {
	text := strings.TrimSpace(connectorURL)
	if !harnessAccepts(text) {
		return "", "", false
	}
	m := gitURL().FindStringSubmatch(text)
	if m == nil {
		return "", "", false
	}
	protocol, authority, owner, rest := m[1], m[2], m[3], trimGit(m[4])
	host := authority[strings.LastIndex(authority, "@")+1:]
	host, _, _ = strings.Cut(host, ":")
	slug = strings.Trim(owner+"/"+rest, "/")
	switch host {
	case "bitbucket.org", "www.bitbucket.org", "api.bitbucket.org":
		return harnessCloudAPI, slug, true
	}
	scheme := "https://"
	if protocol == "http" {
		scheme = "http://"
	}
	_, after, _ := strings.Cut(text, host)
	extra, _, scm := strings.Cut(after, "/scm")
	if !scm {
		extra = ""
	}
	switch {
	case owner == "scm":
		slug = rest
	case strings.HasPrefix(rest, "scm/"):
		slug = strings.TrimPrefix(rest, "scm/")
	}
	return scheme + host + extra + "/", slug, true
}

// harnessAccepts follows the checks of saving a connector: no blanks, valid
// escapes, one of four beginnings, and a colon in git@host:path.
func harnessAccepts(text string) bool {
	if text == "" || strings.ContainsAny(text, " \t\r\n") {
		return false
	}
	if _, err := url.PathUnescape(text); err != nil {
		return false
	}
	if after, scp := strings.CutPrefix(text, "git@"); scp {
		host, _, _ := strings.Cut(after, "/")
		return strings.Contains(host, ":")
	}
	for _, begin := range []string{"http://", "https://", "ssh://"} {
		if strings.HasPrefix(text, begin) {
			return true
		}
	}
	return false
}

// trimGit takes last slashes off, then one ".git".
func trimGit(path string) string {
	return strings.TrimSuffix(strings.TrimRight(path, "/"), ".git")
}
