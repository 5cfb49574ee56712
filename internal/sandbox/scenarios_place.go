package sandbox

import "net/http"

// placeScenarios are about what is there and who may see it.
func placeScenarios() []Scenario {
	const runbooks = "https://" + DefaultDataCenterHost + "/scm/OPS/runbooks.git"
	return []Scenario{
		{
			Name: "workspace-not-found", Title: "The workspace, or the project, does not exist",
			Source: "NoSuchProjectException; Cloud answers the workspace with 404",
			Shows:  []Showing{cloudShows("workspace.not-found"), dcShows("project.not-found")},
			faults: faults{hideOwners: []string{"acme", "PAY"}},
		},
		{
			Name: "workspace-of-others", Title: "The token's account is no member of the workspace",
			Source: "Cloud does not tell what is missing from what is hidden",
			Shows:  []Showing{cloudShows("workspace.not-found").with(TokenAPIStranger).api(apiEmail, "mallory@initech.example")},
		},
		{
			Name: "repo-not-found", Title: "The repository does not exist",
			Source: "NoSuchRepositoryException; over git an ERR packet in a 200",
			Shows: []Showing{
				cloudShows("repo.not-found-or-no-access"), dcShows("repo.not-found"),
				cloudSSHShows("repo.not-found-or-no-access"), dcSSHShows("repo.not-found-or-no-access"),
			},
			faults: faults{hideRepos: []string{"acme/ledger", "PAY/ledger"}},
		},
		{
			Name: "permission-denied", Title: "The account is known and may not see the repository",
			Source: "AuthorisationException with X-AUSERNAME",
			Shows:  []Showing{dcShows("permission.denied").at(runbooks)},
		},
		{
			Name: "webhooks-denied", Title: "The account may read the repository but not administer its webhooks",
			Source: "webhooks want repository administration on both products",
			Shows: []Showing{
				cloudShows("permission.denied").with(TokenAPICI).api(apiEmail, "ci@acme-corp.com").warns(),
				dcShows("permission.denied").with(TokenDCRead).warns(),
			},
		},
		{
			Name: "nothing-visible", Title: "The token is good and reaches no repository of its account",
			Source: "constructorfabric/insight#3326: 200 with size 0",
			Shows: []Showing{
				cloudShows("access.nothing-visible").account("https://bitbucket.org/acme", "ledger.git"),
				dcShows("access.nothing-visible").account("https://"+DefaultDataCenterHost+"/scm", "PAY/ledger.git"),
			},
			faults: faults{emptyLists: true},
		},
	}
}

// movedScenarios are about what is there, and not as expected.
func movedScenarios() []Scenario {
	return []Scenario{
		{
			Name: "repo-empty", Title: "The repository is empty",
			Source: "git 2.39: ls-remote of an empty repository prints nothing",
			Shows: []Showing{
				cloudShows("repo.empty").at("https://bitbucket.org/acme/empty.git").warns(),
				dcSSHShows("").at("ssh://git@" + DefaultDataCenterHost + ":7999/pay/empty.git"),
			},
		},
		{
			Name: "moved-repo", Title: "The repository was moved and answers with a redirect",
			Source: "Data Center answers 307 or 301 for what was renamed",
			Shows:  append(everywhere("repo.moved"), cloudShows("repo.moved").withoutAPI(), dcShows("repo.moved").withoutAPI()),
			faults: faults{moved: map[string]string{"acme/ledger": "acme/gateway", "PAY/ledger": "PAY/gateway"}},
		},
		{
			Name: "http-redirects", Title: "The address is plain HTTP and leads on to HTTPS",
			Source: "a reverse proxy in front of Data Center",
			Shows:  []Showing{dcShows("repo.moved").at("http://" + DefaultDataCenterHost + "/scm/PAY/ledger.git")},
			faults: faults{answer: toHTTPS},
		},
		{
			Name: "api-removed", Title: "The REST API no longer has the call, git works",
			Source: "developer.atlassian.com/cloud/bitbucket/changelog/#CHANGE-2770",
			Shows:  []Showing{cloudShows("api.removed")},
			faults: faults{answer: onChannel(CloudREST, func(*http.Request) *Answer { return removedEndpoint(nil) })},
		},
		{
			Name: "context-path", Title: "Data Center lives below /bitbucket",
			Source: "confluence.atlassian.com, Change Bitbucket's context path",
			Shows:  []Showing{dcShows("server.context-path")},
			faults: faults{contextPath: "/bitbucket"},
		},
	}
}
