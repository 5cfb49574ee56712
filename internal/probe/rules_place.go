package probe

import "bbconnect/model"

// notThere are git's words for a repository that is missing or hidden.
var notThere = says("Repository not found", "requested repository does not exist", "may not have access to this repository",
	"no longer exists", "repository does not exist", "does not appear to be a git repository")

// placeRules are about workspaces, projects and repositories. Cloud answers
// git with 401 for a private repository that does not exist, so these come
// before the credential is doubted, and rest on an answer of the REST API that
// took the credential.
var placeRules = []rule{
	{
		// GET /2.0/workspaces/{workspace} splits the 404 of a repository (Bitbucket Cloud
		// REST API, Workspaces).
		name: "the workspace is not found", code: "workspace.not-found", field: model.QURL,
		when: onREST(func(a answer) bool { return a.status == 404 && a.workspace }),
		what: "There is no workspace {owner}.",
		why:  "Its id is mistyped, or the token's account is no member of it.",
		fix:  "Copy the id from the address bar: bitbucket.org/ID/…",
	},
	{
		// NoSuchUserException: a personal project is its user's.
		name: "the personal project's user is not found", code: "project.not-found", field: model.QURL,
		when: onREST(exception("NoSuchUserException")),
		what: "There is no user whose personal project is {owner} at {host}.",
		why:  "Personal projects are written ~ and the user name, and this name is mistyped or gone.",
		fix:  "Copy the clone address from the repository's page.",
	},
	{
		// NoSuchProjectException.
		name: "the project is not found", code: "project.not-found", field: model.QURL,
		when: onREST(exception("NoSuchProjectException")),
		what: "There is no project {owner} at {host}.",
		why:  "Its key is mistyped, or the account may not see it. Personal ones are written ~user.",
		fix:  "Copy the key from the project's page.",
	},
	{
		// NoSuchRepositoryException: only for those who may see the project.
		name: "the repository is not found", code: "repo.not-found", field: model.QURL,
		when: onREST(exception("NoSuchRepositoryException")),
		what: "There is no repository {slug} in {owner}.",
		why:  "The name is mistyped, or it was deleted.",
		fix:  "Copy the clone address from the repository's page.",
	},
	{
		// Cloud says the same for both, on purpose.
		name: "the repository is missing or hidden", code: "repo.not-found-or-no-access", field: model.QURL,
		when: all(onREST(func(a answer) bool { return a.status == 404 && a.check == checkRepository }), that((*facts).signedIn)),
		what: "{repo} does not exist, or this token may not see it.",
		why:  "Bitbucket says the same for both. The workspace is there, so the name is wrong or the account lacks access.",
		fix:  "Compare the name with the repository's page, opened as the account the token is of.",
	},
	{
		// Data Center and old proxies: HTTP 200 with an ERR packet
		// (isomorphic-git, test-wire.js), or 404. Where the REST API says that the
		// account lacks the permission, that is the better word for the same.
		name: "git finds no repository", code: "repo.not-found-or-no-access", field: model.QURL,
		when: all(onGit(func(a answer) bool { return !a.refused() && (a.status == 404 || notThere(a)) }), not(onREST(exception(authorisation)))),
		what: "{repo} does not exist, or this account may not see it.",
		why:  "{said}",
		fix:  "Compare the address with the repository's page, opened as the account of the credential.",
	},
}

// refusalRules are about a credential that was taken, for something it may not
// do.
var refusalRules = []rule{
	{
		// Data Center answers 401 for "no permission" too (AuthorisationException,
		// with X-AUSERNAME).
		name: "Data Center denies the permission", code: "permission.denied",
		when: onREST(both(status(401, 403), exception(authorisation))),
		what: "{User} may not read {repo}.",
		why:  "The credential was accepted, but the account lacks the permission.",
		fix:  "Ask an administrator of the project for read permission.",
	},
	{
		// "conq: repository access denied.", "Unauthorized".
		name: "SSH denies access", code: "permission.denied",
		when: all(onGit(says("access denied", "unauthorized", "not permitted", "permission denied")), overSSH),
		what: "This key's account may not read {repo}.",
		why:  "{said}",
		fix:  "Ask an administrator of the repository for read permission.",
	},
	{
		// Atlassian's knowledge base 1155479141: git answers 403 for an account without
		// access.
		name: "git is forbidden", code: "permission.denied",
		when: onGit(status(403)),
		what: "This account may not read {repo} with git.",
		why:  "{said}",
		fix:  "Ask an administrator of the repository for read permission.",
	},
	{
		// avivsinai/bitbucket-cli#70, #30: a bare "Forbidden" to whatever is asked means
		// that another path answers than /2.0.
		name: "the REST API forbids every path", code: "server.not-bitbucket",
		when: all(onREST(func(a answer) bool { return a.status == 403 && a.check == checkREST && a.said == "Forbidden" }),
			not(that(func(f *facts) bool { return f.repository.good() }))),
		what: "{host} forbids even to ask who the token is of.",
		why:  "That is what Bitbucket says to a wrong path of its REST API: something in between changes {api}.",
		fix:  "Ask whoever runs the proxy to let requests to {api} through unchanged.",
	},
	{
		// A 403 without a word of scopes is the account's lack of permission (Bitbucket
		// Cloud REST API, "Error responses").
		name: "the REST API forbids the repository", code: "permission.denied",
		when: onREST(func(a answer) bool { return a.status == 403 && a.check == checkRepository }),
		what: "This token may not read {repo} over the REST API.",
		why:  "{said}",
		fix:  "Give the token's account read permission, or make a token that has it.",
	},
}
