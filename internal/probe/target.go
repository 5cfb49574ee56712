package probe

import (
	"net"
	"net/url"
	"strconv"
	"strings"

	"bbconnect/model"
)

// target is what a test asks for: one repository, and where git and the REST
// API find it.
type target struct {
	model.Address
	// repository is false when an account has no test repository.
	repository bool
	// gitURL is what git is given, without a credential.
	gitURL string
	// rest is the REST base with its version path, without a last slash.
	rest string
	// owner and slug name the repository within the REST API.
	owner, slug string
}

// targetOf reads a connector's address the way Harness does; an account's test
// repository is joined to its URL (AbstractGitConnectorValidator in
// harness-core). ok is false when the address names no place.
func targetOf(c model.Connector) (t target, ok bool) {
	read := model.ReadURL(c.URL, model.URLContext{
		URLType: c.URLType, ConnectionType: c.ConnectionType, APIOn: c.API.On(),
	})
	if read.IsZero() {
		return target{}, false
	}
	place := read.Address
	place.URLType = c.URLType
	t = target{Address: place, rest: place.BitbucketAPI(), gitURL: place.Join(c.TestRepository)}
	repo, found := place.Repository(c.TestRepository)
	if !found || repo.Repo == "" {
		return t, true
	}
	t.repository = true
	t.slug = repo.Repo
	t.owner = repo.Workspace
	if repo.Product == model.DataCenter {
		t.owner = repo.Project
	}
	return t, true
}

// infoRefs is the address of git's one request over HTTP.
func (t target) infoRefs() string {
	return strings.TrimRight(t.gitURL, "/") + "/info/refs?service=git-upload-pack"
}

// authority is the host with its port where that is given.
func (t target) authority() string {
	host := t.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if t.Port != 0 {
		host += ":" + strconv.Itoa(t.Port)
	}
	return host
}

// sshAddress is host:port as dialled.
func (t target) sshAddress() string {
	port := t.Port
	if port == 0 {
		port = 22
	}
	return net.JoinHostPort(t.Host, strconv.Itoa(port))
}

// sshPath is the path git-upload-pack is run with: relative for the scp form
// and, as git does it, absolute for ssh:// URLs.
func (t target) sshPath() string {
	if u, err := url.Parse(t.gitURL); err == nil && u.Scheme == "ssh" {
		return u.Path
	}
	_, path, _ := strings.Cut(t.gitURL, ":")
	return path
}

// name is owner/slug.
func (t target) name() string { return t.owner + "/" + t.slug }

// restRepository is the repository's address in the REST API.
func (t target) restRepository() string {
	if t.Product == model.Cloud {
		return t.rest + "/repositories/" + url.PathEscape(t.owner) + "/" + url.PathEscape(t.slug)
	}
	return t.rest + "/projects/" + url.PathEscape(t.owner) + "/repos/" + url.PathEscape(t.slug)
}
