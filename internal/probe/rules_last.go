package probe

import "bbconnect/model"

// lastRules fail what no row above explains, so that no check fails without a
// word.
var lastRules = []rule{
	{
		// X-OAuth-Scopes against what each need takes (Bitbucket Cloud OpenAPI,
		// x-atlassian-oauth2-scopes).
		name: "required scopes are missing", code: "scope.missing", field: model.QPassword, page: scopePage,
		when: that(func(f *facts) bool { m, _ := f.missingScopes(); return f.counts && len(m) > 0 }), at: checkScopes,
		what: "The token lacks scopes: {missing}.",
		why:  "Triggers, webhooks, statuses and Git Experience need them.",
		fix:  "Scopes cannot be added later: make another token with everything ticked.",
	},
	{
		// constructorfabric/insight#3326: a token that reaches nothing lists nothing.
		name: "the account's list is empty", code: "access.nothing-visible", field: model.QURL,
		when: onREST(func(a answer) bool {
			return a.good() && a.listed && isZero(a.json["size"]) && isEmpty(a.json["values"])
		}),
		what: "The token sees no repository of {owner}.",
		why:  "Its account has access to none of them, or the account is empty.",
		fix:  "Give the account access to the workspace's repositories.",
	},
	{
		// A status no row above reads, such as a 405 of a web server.
		name: "git is refused otherwise", code: "server.not-bitbucket", field: model.QURL,
		when: all(onGit(func(a answer) bool { return !a.dead() }), not(that((*facts).gitOK))),
		what: "{host} does not answer git as Bitbucket does.",
		why:  "{said}",
		fix:  "Check the address; paste the clone address of the repository.",
	},
	{
		// The same of the REST API. A 403 to /user alone is an access token's.
		name: "the REST API answers otherwise", code: "server.not-bitbucket",
		when: all(onREST(func(a answer) bool {
			return a.html || a.status/100 == 2 && !a.good() ||
				!a.dead() && !a.good() && (a.check == checkRepository || a.check == checkREST && a.status != 403)
		}),
			that(func(f *facts) bool { return f.counts })),
		what: "{host} does not answer the REST API as Bitbucket does.",
		why:  "{said}",
		fix:  "Check the address, and what stands between this machine and the server.",
	},
}

// warningRules do not fail a connector that works.
var warningRules = []rule{
	{
		// Harness's own documentation: since delegate 26.02.88600 repository-level
		// access tokens make its test and repository list fail.
		name: "a repository's token", code: "cred.repo-level", severity: warns, field: model.QPassword, at: checkREST, page: newTokenPage,
		when: all(onREST(func(a answer) bool { return a.credential == credentialRepo }), not(that(wholeAccount))),
		what: "This is a repository access token: it reaches one repository.",
		why:  "Harness supports account-level tokens only: newer delegates fail its own test with this kind.",
		fix:  "Use an API token or a workspace's access token.",
	},
	{
		// gitprotocol-pack: a repository without refs announces capabilities^{}; Cloud's
		// REST API says mainbranch null.
		name: "the repository is empty", code: "repo.empty", severity: warns, field: model.QURL, at: checkGit,
		when: that(func(f *facts) bool {
			return f.gitOK() && (f.advert.empty || f.repository.good() && f.isCloud() && f.repository.has("mainbranch") && f.repository.json["mainbranch"] == nil)
		}),
		what: "{repo} is empty.",
		why:  "It has no branch yet, so there is nothing to build.",
		fix:  "Push a first commit.",
	},
	{
		// Data Center's webhooks take REPO_ADMIN; Cloud's GET …/hooks is refused to
		// accounts that do not administer the repository.
		name: "webhooks may not be read", code: "permission.denied", severity: warns, at: checkScopes,
		when: that(func(f *facts) bool { return f.counts && f.hooksDenied() }),
		what: "{User} may not see the webhooks of {repo}.",
		why:  "Triggers register webhooks, which only administrators of the repository may do.",
		fix:  "Make the account an administrator of the repository, or create the webhook by hand.",
	},
	{
		// Issues and wikis ended on 2026-08-20 (developer.atlassian.com/cloud/bitbucket/changelog).
		name: "optional scopes are missing", code: "scope.missing", severity: warns, field: model.QPassword, at: checkScopes, page: scopePage,
		when: that(func(f *facts) bool { r, o := f.missingScopes(); return f.counts && len(r) == 0 && len(o) > 0 }),
		what: "The token lacks scopes of the list: {missing}.",
		why:  "Nothing Harness does with Bitbucket today needs them; Bitbucket ended issues in August 2026.",
		fix:  "Leave it, or add them to the next token.",
	},
}

// isPublic reports what the REST API says of the repository: is_private on
// Cloud, public on Data Center.
func isPublic(f *facts) bool {
	if f.isCloud() {
		private, ok := f.repository.json["is_private"].(bool)
		return ok && !private
	}
	public, _ := f.repository.json["public"].(bool)
	return public
}

func isZero(v any) bool {
	n, ok := v.(float64)
	return ok && n == 0
}

func isEmpty(v any) bool {
	list, ok := v.([]any)
	return !ok || len(list) == 0
}

// has reports whether the JSON body has the key, even with null.
func (a answer) has(key string) bool {
	_, ok := a.json[key]
	return ok
}
