package model

import "strings"

// Address is what a pasted text means: one place at one Bitbucket, and the URL
// a connector should hold for it. Addresses are comparable.
type Address struct {
	// Product is Cloud for bitbucket.org and its sister hosts, DataCenter for
	// every other host. Harness goes by the host alone, and more narrowly; API
	// says what comes of that.
	Product   Product        `json:"product,omitempty"`
	Transport ConnectionType `json:"transport,omitempty"`
	// URLType is what the text itself names: URLRepo when it names a repository.
	URLType URLType `json:"urlType,omitempty"`
	// Host is lower case and without port. Addresses of IPv6 are refused: Harness
	// cannot take them apart.
	Host string `json:"host,omitempty"`
	// Port is 0 where the text gives none, or the usual one of HTTP(S).
	Port int `json:"port,omitempty"`
	// Context is the path a Data Center instance lives under, "/bitbucket".
	Context string `json:"context,omitempty"`
	// Workspace is set on Cloud, Project on Data Center ("~user" for a personal
	// one); both only where the connector's URL may name them.
	Workspace string `json:"workspace,omitempty"`
	Project   string `json:"project,omitempty"`
	// Repo is the slug, without ".git".
	Repo string `json:"repo,omitempty"`
	// URL is what the connector should hold, mended; "" when nothing was
	// understood. It never holds a credential and never begins with "-".
	URL string `json:"url,omitempty"`
	// API is the REST address Harness will derive from URL, with its version path
	// (https://api.bitbucket.org/2.0, https://host[:port][/context]/rest/api/1.0);
	// see BitbucketAPI for where the REST API really is.
	API string `json:"api,omitempty"`

	// plain means http:// without TLS; scp means git@host:path. Both only say how
	// URL is written.
	plain, scp bool
}

// URLContext is what is known beside the text. The zero value knows nothing.
type URLContext struct {
	// URLType and ConnectionType are the choices already made, "" for none.
	URLType        URLType
	ConnectionType ConnectionType
	// APIOn says that the connector has, or will have, API access.
	APIOn bool
	// Document says that the text stands in a connector document: what a paste
	// can be mended from is an error there where Harness rejects it.
	Document bool
}

// PastedURL is what ReadURL understood.
type PastedURL struct {
	Address
	// Findings are about QURL, errors first. Never nil, so that JSON has a list.
	Findings Findings `json:"findings"`
	// Secret is a credential that was embedded in the text, unescaped, and
	// SecretUser the login that stood beside it, or alone. Neither is in any other
	// field.
	Secret     Secret `json:"-"`
	SecretUser string `json:"-"`
	// NamedProject is a Data Center project that the text names without a
	// repository: what the test repository begins with.
	NamedProject string `json:"-"`
}

// IsZero reports whether no place was understood.
func (a Address) IsZero() bool { return a.URL == "" }

// Join is the address git is asked for: the URL itself for one repository, and
// for an account what Harness joins, the URL without its last slashes, a slash,
// and the test repository without its first ones (AbstractGitConnectorValidator).
// "" when an account has no test repository: Harness then skips the git check.
func (a Address) Join(testRepository string) string {
	if a.URLType == URLRepo || a.URL == "" {
		return a.URL
	}
	path := strings.TrimLeft(strings.TrimSpace(testRepository), "/")
	if path == "" {
		return ""
	}
	return strings.TrimRight(a.URL, "/") + "/" + path
}

// Repository is the address of the repository a live test asks for: a itself
// for one repository, else the test repository of the account. ok is false when
// the two together name no repository.
func (a Address) Repository(testRepository string) (repo Address, ok bool) {
	if a.URLType == URLRepo {
		return a, a.URL != ""
	}
	joined := a.Join(testRepository)
	if joined == "" {
		return Address{}, false
	}
	read := ReadURL(joined, URLContext{})
	return read.Address, read.URLType == URLRepo && !read.Findings.HasErrors()
}

// TestRepository is this repository in the form the test repository of an
// account takes: REPO.git on Cloud, PROJECT/REPO.git on Data Center (settings
// reference, Test Repository). "" where a names no repository.
func (a Address) TestRepository() string {
	switch {
	case a.Repo == "":
		return ""
	case a.Product == Cloud:
		return a.Repo + ".git"
	}
	return a.Project + "/" + a.Repo + ".git"
}

// BitbucketAPI is where the REST API of this place really is, with its version
// path and no last slash. For a Data Center address over SSH it is a guess:
// HTTPS on the same host, without a context path.
func (a Address) BitbucketAPI() string {
	switch {
	case a.URL == "":
		return ""
	case a.Product == Cloud:
		return "https://api.bitbucket.org/2.0"
	case a.Transport == SSH:
		return "https://" + a.Host + "/rest/api/1.0"
	}
	return a.scheme() + "://" + a.authority() + a.Context + "/rest/api/1.0"
}
