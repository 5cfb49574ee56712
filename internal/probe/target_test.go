package probe

import (
	"testing"

	"bbconnect/model"
)

func TestAddressesAreAskedForAsHarnessDoes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		url, repository string
		urlType         model.URLType
		git, rest       string
	}{
		"a Cloud repository": {
			url: "https://bitbucket.org/acme/ledger.git", urlType: model.URLRepo,
			git:  "https://bitbucket.org/acme/ledger.git/info/refs?service=git-upload-pack",
			rest: "https://api.bitbucket.org/2.0/repositories/acme/ledger",
		},
		"a user in the address": {
			url: "https://jdoe@bitbucket.org/acme/ledger.git", urlType: model.URLRepo,
			git:  "https://bitbucket.org/acme/ledger.git/info/refs?service=git-upload-pack",
			rest: "https://api.bitbucket.org/2.0/repositories/acme/ledger",
		},
		"slashes on both sides": {
			url: "https://bitbucket.org/acme/", repository: "//ledger.git", urlType: model.URLAccount,
			git:  "https://bitbucket.org/acme/ledger.git/info/refs?service=git-upload-pack",
			rest: "https://api.bitbucket.org/2.0/repositories/acme/ledger",
		},
		"a port and a context path": {
			url: "https://git.acme-corp.com:8443/bitbucket/scm/PAY/ledger.git", urlType: model.URLRepo,
			git:  "https://git.acme-corp.com:8443/bitbucket/scm/PAY/ledger.git/info/refs?service=git-upload-pack",
			rest: "https://git.acme-corp.com:8443/bitbucket/rest/api/1.0/projects/PAY/repos/ledger",
		},
		"a personal repository": {
			url: "https://git.acme-corp.com/scm/~jdoe/notes.git", urlType: model.URLRepo,
			git:  "https://git.acme-corp.com/scm/~jdoe/notes.git/info/refs?service=git-upload-pack",
			rest: "https://git.acme-corp.com/rest/api/1.0/projects/~jdoe/repos/notes",
		},
		"a Data Center account": {
			url: "https://git.acme-corp.com/scm/", repository: "PAY/ledger.git", urlType: model.URLAccount,
			git:  "https://git.acme-corp.com/scm/PAY/ledger.git/info/refs?service=git-upload-pack",
			rest: "https://git.acme-corp.com/rest/api/1.0/projects/PAY/repos/ledger",
		},
	} {
		to, ok := targetOf(model.Connector{URL: c.url, TestRepository: c.repository, URLType: c.urlType, ConnectionType: model.HTTP})
		if !ok || !to.repository || to.infoRefs() != c.git || to.restRepository() != c.rest {
			t.Errorf("%s: %v\ngit  %s\nrest %s", name, to.repository, to.infoRefs(), to.restRepository())
		}
	}
}
