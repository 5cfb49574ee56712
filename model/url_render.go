package model

import (
	"strconv"
	"strings"
)

// Hosts of Bitbucket Cloud. Git over SSH moved from bitbucket.org to
// ssh.bitbucket.org on 2026-11-12 (community.atlassian.com, "Upcoming change to
// Bitbucket Cloud SSH access"); altssh listens on port 443.
const (
	hostCloud    = "bitbucket.org"
	hostCloudSSH = "ssh.bitbucket.org"
	hostCloudAlt = "altssh.bitbucket.org"
)

// portDataCenterSSH is Data Center's own default; administrators change it.
const portDataCenterSSH = 7999

// scheme is how an HTTP URL begins.
func (a Address) scheme() string {
	if a.plain {
		return "http"
	}
	return "https"
}

// authority is host[:port].
func (a Address) authority() string {
	if a.Port == 0 {
		return a.Host
	}
	return a.Host + ":" + strconv.Itoa(a.Port)
}

// render writes the URL in the forms of the settings reference, except that
// Data Center's SSH URLs get the scheme without which git reads them as a path.
func (a Address) render() string {
	path := a.path()
	if a.Transport == SSH {
		if a.scp {
			return UserSSH + "@" + a.Host + ":" + path
		}
		return "ssh://" + UserSSH + "@" + a.authority() + "/" + path
	}
	base := a.scheme() + "://" + a.authority()
	if a.Product == DataCenter {
		return base + a.Context + "/scm/" + path
	}
	if path == "" {
		return base
	}
	return base + "/" + escapeBraces(path)
}

// path is owner/slug.git, owner/ or nothing.
func (a Address) path() string {
	owner := a.Workspace
	if a.Product == DataCenter {
		owner = a.Project
	}
	switch {
	case a.Repo != "":
		return owner + "/" + a.Repo + ".git"
	case owner != "":
		return owner + "/"
	}
	return ""
}

// escapeBraces writes the braces of Cloud's {uuid} the way a URL needs them.
func escapeBraces(s string) string {
	return strings.NewReplacer("{", "%7B", "}", "%7D").Replace(s)
}

// For is the URL of the same place for other choices: another connection type,
// or the account instead of the repository. ok is false where the text does not
// say enough, which is the case for a repository when only the account is
// known. The SSH port of a Data Center reached over HTTP is a guess (7999), as
// are the port and context path of one reached over SSH.
func (a Address) For(t URLType, c ConnectionType) (url string, ok bool) {
	if a.URL == "" || (t == URLRepo && a.Repo == "") {
		return "", false
	}
	b := a
	if c != "" && c != a.Transport {
		b.Transport, b.Port, b.Context, b.plain = c, 0, "", false
		b.scp = a.Product == Cloud && c == SSH
		switch {
		case a.Product == Cloud && c == SSH:
			b.Host = hostCloudSSH
		case a.Product == Cloud:
			b.Host = hostCloud
		case c == SSH:
			b.Port = portDataCenterSSH
		}
	}
	if t == URLAccount {
		b.Repo, b.Project = "", ""
	}
	return b.settle().URL, true
}

// settle picks the one way each address is written and fills in what follows
// from it.
func (a Address) settle() Address {
	if a.Transport == SSH && a.path() == "" {
		// git@host: with nothing behind it is refused by Harness.
		a.scp = false
	}
	if a.scp && a.Product == DataCenter {
		// A project of digits would read as a port, and an account has no path.
		_, notNumber := strconv.Atoi(a.Project)
		a.scp = a.Repo != "" && notNumber != nil
	}
	a.URLType = URLAccount
	if a.Repo != "" {
		a.URLType = URLRepo
	}
	a.URL = a.render()
	a.API = ""
	if base, _, ok := HarnessAPI(a.URL); ok {
		a.API = base + "rest/api/1.0"
		if base == harnessCloudAPI {
			a.API = base + "2.0"
		}
	}
	return a
}
