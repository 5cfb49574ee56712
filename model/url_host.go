package model

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// cloudHosts are the names of Bitbucket Cloud.
var cloudHosts = []string{hostCloud, "www.bitbucket.org", "api.bitbucket.org", hostCloudSSH, hostCloudAlt}

func isCloudHost(host string) bool { return slices.Contains(cloudHosts, host) }

// otherProviders are hosts that are certainly not Bitbucket, and whose they are.
var otherProviders = map[string]string{
	"github.com": "GitHub", "gist.github.com": "GitHub", "api.github.com": "GitHub", "ssh.github.com": "GitHub",
	"gitlab.com": "GitLab", "dev.azure.com": "Azure Repos", "ssh.dev.azure.com": "Azure Repos",
	"codeberg.org": "Codeberg", "gitea.com": "Gitea", "git.sr.ht": "SourceHut", "sr.ht": "SourceHut",
	"sourceforge.net": "SourceForge", "git.code.sf.net": "SourceForge", "gitee.com": "Gitee",
	"source.developers.google.com": "Google Cloud Source", "git.harness.io": "Harness Code", "app.harness.io": "Harness",
	"id.atlassian.com": "the Atlassian account page", "admin.atlassian.com": "Atlassian administration", "huggingface.co": "Hugging Face",
}

// otherProvider names whose the host is, "" for one that may be Bitbucket.
func otherProvider(host string) string {
	if name, ok := otherProviders[strings.TrimPrefix(host, "www.")]; ok {
		return name
	}
	switch {
	case strings.HasSuffix(host, ".visualstudio.com"):
		return "Azure Repos"
	case strings.HasSuffix(host, ".atlassian.net"):
		return "a Jira or Confluence site"
	case strings.HasPrefix(host, "git-codecommit.") && strings.HasSuffix(host, ".amazonaws.com"):
		return "AWS CodeCommit"
	}
	return ""
}

// readHost reads host and port and splits what follows into segments.
func (r *urlReader) readHost() bool {
	end := strings.IndexAny(r.rest, `/?#\`)
	if end < 0 {
		end = len(r.rest)
	}
	authority, path := r.rest[:end], r.rest[end:]
	if strings.HasPrefix(authority, "[") || strings.Count(authority, ":") > 1 {
		return r.malformed("Harness cannot derive the API address of a host that is written as an IPv6 address.",
			"Use the host's name.")
	}
	host, port, colon := strings.Cut(authority, ":")
	if colon && port != "" {
		n, err := strconv.Atoi(port)
		switch {
		case err != nil && strings.Trim(port, "0123456789") != "":
			// ssh://git@host:PROJ/repo.git: the two forms mixed.
			r.mend("url.scp-port")
			path = "/" + port + path
		case err != nil || n < 1 || n > 65535 || port[0] == '+':
			return r.malformed("The port is not between 1 and 65535.", "Use the port your Bitbucket answers on, or leave it out.")
		default:
			r.a.Port = n
		}
	}
	return r.takeHost(host) && r.takePath(path)
}

// isHostName reports whether a text is labels with points between them. A label
// is letters of any script, which are then told, digits and "_", with "-"
// inside. As a regular expression this takes a millisecond to compile, which
// every start that reads an address would pay.
func isHostName(text string) bool {
	inLabel := func(c rune) bool { return c == '_' || unicode.IsLetter(c) || unicode.IsNumber(c) }
	for label := range strings.SplitSeq(text, ".") {
		if label == "" || !utf8.ValidString(label) || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return false
		}
		if strings.ContainsFunc(label, func(c rune) bool { return c != '-' && !inLabel(c) }) {
			return false
		}
	}
	return true
}

func (r *urlReader) takeHost(written string) bool {
	host := strings.ToLower(strings.TrimSuffix(written, "."))
	if host != written {
		r.mend("url.case")
	}
	known := strings.Contains(host, ".") || host == "localhost" || r.schemed || r.a.Port != 0 || (r.hasUser && r.a.Transport == SSH)
	if !isHostName(host) || len(host) > 253 || !known || looksSecret(written) {
		return r.malformed("No host can be read from this.",
			"Paste an address such as https://bitbucket.org/WORKSPACE/REPO.git.")
	}
	if name := otherProvider(host); name != "" {
		return r.stop("url.other-provider", "This address belongs to "+name+", not to Bitbucket.",
			"Paste the address of a Bitbucket Cloud or Data Center repository.")
	}
	r.a.Host = host
	r.a.Product = DataCenter
	if isCloudHost(host) {
		r.a.Product = Cloud
		r.cloudHost()
	}
	switch {
	case r.a.Transport == HTTP && r.a.plain && r.a.Port == 80, r.a.Transport == HTTP && !r.a.plain && r.a.Port == 443:
		r.a.Port = 0
	}
	return true
}

// cloudHost brings every name of Cloud to the one that serves the transport.
func (r *urlReader) cloudHost() {
	a := &r.a
	if a.Transport == SSH {
		switch a.Host {
		case "www.bitbucket.org", "api.bitbucket.org":
			a.Host = hostCloud
			r.mend("url.web-page")
		}
		if a.Port == 22 && a.Host != hostCloudAlt {
			a.Port = 0
		}
		return
	}
	if a.plain || (a.Port != 0 && a.Port != 443) || a.Host == hostCloudSSH || a.Host == hostCloudAlt {
		r.mend("url.https")
	}
	switch a.Host {
	case "www.bitbucket.org":
		r.mend("url.web-page")
	case "api.bitbucket.org":
		r.mend("url.api-address")
	}
	a.Host, a.Port, a.plain = hostCloud, 0, false
}

// lookalike says that a host is made, or mistyped, to pass for bitbucket.org.
// Company hosts such as bitbucket.acme.com are not.
func lookalike(host string) bool {
	if isCloudHost(host) {
		return false
	}
	tail, single := strings.CutPrefix(strings.TrimPrefix(host, "www."), "bitbucket.")
	switch {
	case single && slices.Contains([]string{"com", "net", "io", "co", "app", "dev", "cloud", "info", "biz", "eu", "us", "og", "ort"}, tail),
		strings.HasPrefix(host, hostCloud+"."), strings.HasSuffix(host, "."+hostCloud),
		strings.HasPrefix(host, "bitbucket-org."), strings.HasPrefix(host, "bitbucketorg."):
		return true
	}
	return editDistance(host, hostCloud) <= 2
}

// editDistance counts the letters to insert, delete or replace (Levenshtein).
func editDistance(from, to string) int {
	a, b := []rune(from), []rune(to)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		before := row[0]
		row[0] = i + 1
		for j, y := range b {
			cost := before
			if x != y {
				cost = min(before, row[j], row[j+1]) + 1
			}
			before, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
