package probe

import (
	"slices"

	"bbconnect/model"
)

func allScenarios() []scenario {
	return slices.Concat(cloudScenarios(), cloudRefusals(), serverScenarios(), netScenarios(),
		harnessScenarios(), expiryScenarios(), publicScenarios(), tableScenarios(), severalScenarios(), rightsScenarios())
}

// The changes scenarios make to a sound request.
func account(r *model.TestRequest) {
	r.Connector.URLType = model.URLAccount
	r.Connector.URL, r.Connector.TestRepository = "https://bitbucket.org/acme", "/ledger.git"
}

func apiOff(r *model.TestRequest) {
	r.Connector.API.Method, r.APILogin = model.APIOff, ""
}

func user(name string) func(*model.TestRequest) {
	return func(r *model.TestRequest) { r.Username = name }
}

func password(value string) func(*model.TestRequest) {
	return func(r *model.TestRequest) { r.Password, r.Kind = model.NewSecret(value), model.KindUnknown }
}

func together(list ...func(*model.TestRequest)) func(*model.TestRequest) {
	return func(r *model.TestRequest) {
		for _, change := range list {
			change(r)
		}
	}
}

func withAccessToken(r *model.TestRequest) {
	r.Username, r.Password, r.Kind = model.UserAccessToken, model.NewSecret(accessToken()), model.KindAccessToken
	r.APILogin, r.Connector.API.Method = "", model.APIAccessToken
}

// gitDenied is Cloud's 401 for git.
func gitDenied() reply {
	r := text(401, "Invalid credentials")
	r.header["WWW-Authenticate"] = `Basic realm="Bitbucket.org HTTP"`
	return r
}

// restDenied is Cloud's 401 for a bad Basic pair.
func restDenied() reply {
	return text(401, "Login failed due to incorrect login credentials or method.\nFor information on authentication methods for Bitbucket Cloud APIs, visit: https://…")
}

const (
	mechanism = `{"type":"error","error":{"message":"This API is not accessible by this authentication mechanism"}}`
	invalid   = `{"type":"error","error":{"message":"Token is invalid, expired, or not supported for this endpoint."}}`
	hidden    = `{"type":"error","error":{"message":"You may not have access to this repository or it no longer exists in this workspace. If you think this repository exists and you have access, make sure you are authenticated."}}`
	noScopes  = `{"error": "API Token provided has no Bitbucket scopes."}`
	lacking   = `{"type":"error","error":{"message":"Your credentials lack one or more required privilege scopes.","detail":{"granted":["read:user:bitbucket"],"required":["read:repository:bitbucket"]}}}`
)

// tokenReply is an answer to an access token of the given type.
func tokenReply(kind string, status int, body string) reply {
	r := cloudReply(status, body)
	r.header["X-Credential-Type"] = kind
	r.header["X-OAuth-Scopes"] = "repository:write, pullrequest:write, webhook, project"
	return r
}

func accessTokenWorld(kind string) map[string]reply {
	return map[string]reply{
		cloudUser:  tokenReply(kind, 403, mechanism),
		cloudRepo:  tokenReply(kind, 200, `{"is_private":true,"mainbranch":{"name":"main"}}`),
		cloudList:  tokenReply(kind, 200, `{"size":1,"values":[{}]}`),
		cloudHooks: tokenReply(kind, 200, `{"size":0}`),
	}
}

func bothDenied() map[string]reply {
	return map[string]reply{cloudGit: gitDenied(), cloudUser: restDenied()}
}

func withScopes(list string) map[string]reply {
	out := soundCloud()
	delete(out, cloudGit)
	for _, r := range out {
		r.header["X-OAuth-Scopes"] = list
	}
	return out
}

func cloudScenarios() []scenario {
	pass := map[string]model.CheckStatus{
		checkReach: model.CheckPass, checkTLS: model.CheckPass, checkGit: model.CheckPass,
		checkREST: model.CheckPass, checkRepository: model.CheckPass, checkScopes: model.CheckPass,
	}
	return []scenario{
		{name: "all is well", verdict: model.VerdictPass, checks: pass},
		{name: "an account with a test repository", change: account, verdict: model.VerdictPass, checks: pass},
		{
			name: "the bare host with workspace and repository", verdict: model.VerdictPass, checks: pass,
			change: func(r *model.TestRequest) {
				account(r)
				r.Connector.URL, r.Connector.TestRepository = "https://bitbucket.org", "acme/ledger.git"
			},
		},
		{
			name: "API access off asks git alone", change: apiOff, verdict: model.VerdictPass,
			checks: map[string]model.CheckStatus{checkGit: model.CheckPass, checkREST: model.CheckSkip, checkRepository: model.CheckSkip, checkScopes: model.CheckSkip},
		},
		{
			name: "API access off ignores a REST API that is down", change: apiOff, verdict: model.VerdictPass,
			script: map[string]reply{cloudUser: text(503, "down")},
		},
		{name: "a workspace access token", change: withAccessToken, script: accessTokenWorld("workspace_access_token"), verdict: model.VerdictPass, checks: pass},
		{name: "a project access token", change: withAccessToken, script: accessTokenWorld("project_access_token"), verdict: model.VerdictPass},
		{
			name: "a repository access token on one repository", change: withAccessToken, script: accessTokenWorld(credentialRepo),
			verdict: model.VerdictWarn, code: "cred.repo-level", rule: "a repository's token",
		},
		{
			name: "a repository access token on an account", change: together(account, withAccessToken), script: accessTokenWorld(credentialRepo),
			verdict: model.VerdictFail, code: "cred.repo-level", rule: "a repository's token for a whole account", mend: "Repo",
		},
		{
			name: "git of protocol 0 counts the same", verdict: model.VerdictPass,
			script: map[string]reply{cloudGit: {header: map[string]string{"Content-Type": advertType}, body: pkt("# service=git-upload-pack\n") + "0000" +
				pkt("95dcfa3633004da0049d3d0fa03f80589cbcaf31 HEAD\x00multi_ack agent=git/2\n")}},
		},
		{
			name: "an empty repository in git's own words", verdict: model.VerdictWarn, code: "repo.empty", rule: "the repository is empty",
			script: map[string]reply{cloudGit: {header: map[string]string{"Content-Type": advertType}, body: pkt("# service=git-upload-pack\n") + "0000" +
				pkt(zeroID+" capabilities^{}\x00agent=git/2\n") + "0000"}},
		},
		{
			name: "an empty repository in REST's words", verdict: model.VerdictWarn, code: "repo.empty", rule: "the repository is empty",
			script: map[string]reply{cloudRepo: cloudReply(200, `{"is_private":true,"mainbranch":null}`)},
		},
		{
			name: "a public repository proves nothing about another secret", verdict: model.VerdictWarn, code: "cred.unproven",
			rule:   "a public repository proves nothing about git's token",
			change: func(r *model.TestRequest) { r.APIToken = model.NewSecret(apiToken() + "x") },
			script: map[string]reply{cloudRepo: cloudReply(200, `{"is_private":false,"mainbranch":{"name":"main"}}`)},
		},
		{
			name: "a public repository and one secret", verdict: model.VerdictPass,
			script: map[string]reply{cloudRepo: cloudReply(200, `{"is_private":false,"mainbranch":{"name":"main"}}`)},
		},
		{
			name: "webhooks are for administrators", verdict: model.VerdictWarn, code: "permission.denied", rule: "webhooks may not be read",
			script: map[string]reply{cloudHooks: cloudReply(403, `{"type":"error","error":{"message":"Forbidden"}}`)},
		},
		{
			name: "issue scopes are missing", verdict: model.VerdictWarn, code: "scope.missing", rule: "optional scopes are missing",
			script: withScopes("read:me, read:project:bitbucket, read:pullrequest:bitbucket, read:repository:bitbucket, read:user:bitbucket, read:webhook:bitbucket, read:workspace:bitbucket, write:webhook:bitbucket, write:repository:bitbucket, write:pullrequest:bitbucket, delete:webhook:bitbucket"),
		},
		{
			name: "webhook scopes are missing", verdict: model.VerdictFail, code: "scope.missing", rule: "required scopes are missing",
			script: withScopes("read:me, read:project:bitbucket, read:pullrequest:bitbucket, read:repository:bitbucket, read:user:bitbucket, read:workspace:bitbucket, write:repository:bitbucket, write:pullrequest:bitbucket"),
			checks: map[string]model.CheckStatus{checkScopes: model.CheckFail, checkGit: model.CheckPass, checkREST: model.CheckPass},
		},
		{
			name: "a token that reaches nothing", change: account, verdict: model.VerdictFail, code: "access.nothing-visible", rule: "the account's list is empty",
			script: map[string]reply{cloudList: cloudReply(200, `{"size":0,"values":[]}`)},
		},
		{
			name: "the workspace is wrong", verdict: model.VerdictFail, code: "workspace.not-found", rule: "the workspace is not found",
			script: map[string]reply{cloudGit: gitDenied(), cloudRepo: cloudReply(404, hidden), cloudPlace: cloudReply(404, `{"type":"error","error":{"message":"No workspace with identifier 'acme'."}}`)},
		},
		{
			name: "the repository is wrong or hidden", verdict: model.VerdictFail, code: "repo.not-found-or-no-access", rule: "the repository is missing or hidden",
			script: map[string]reply{cloudGit: gitDenied(), cloudRepo: cloudReply(404, hidden)},
		},
		{
			name: "git alone says that the repository is missing", change: apiOff, verdict: model.VerdictFail, code: "repo.not-found-or-no-access", rule: "git finds no repository",
			script: map[string]reply{cloudGit: text(404, "Not Found"), cloudUser: restDenied()},
		},
		{
			name: "SSH without a key", verdict: model.VerdictFail, code: "cred.missing",
			change: func(r *model.TestRequest) {
				r.Connector.URL, r.Connector.ConnectionType = "git@ssh.bitbucket.org:acme/ledger.git", model.SSH
			},
		},
		{
			name: "an account without a test repository", verdict: model.VerdictFail, code: "testrepo.required",
			change: func(r *model.TestRequest) { account(r); r.Connector.TestRepository = "" },
		},
		{name: "no password", change: password(""), verdict: model.VerdictFail, code: "cred.missing"},
		{name: "no user name", change: user(""), verdict: model.VerdictFail, code: "cred.missing"},
		{
			name: "no repository in the address", verdict: model.VerdictFail, code: "url.repo-missing",
			change: func(r *model.TestRequest) { r.Connector.URL = "https://bitbucket.org/acme/" },
		},
		{
			name: "no address at all", verdict: model.VerdictFail, code: "url.malformed",
			change: func(r *model.TestRequest) { r.Connector.URL = "" },
		},
		{
			name: "a CA file that is not there", verdict: model.VerdictFail, code: "tls.unknown-ca",
			change: func(r *model.TestRequest) { r.CAFile = "/nonexistent/ca.pem" },
		},
	}
}

func cloudRefusals() []scenario {
	return []scenario{
		{
			name: "git was given the email", change: user("jdoe@acme-corp.com"), verdict: model.VerdictFail, code: "cred.needs-username", rule: "git was given an email",
			script: map[string]reply{cloudGit: gitDenied()}, mend: model.UserAPIToken,
			checks: map[string]model.CheckStatus{checkGit: model.CheckFail, checkREST: model.CheckPass, checkScopes: model.CheckPass},
		},
		{
			name: "git was given the email, with API access off", change: together(user("jdoe@acme-corp.com"), apiOff), verdict: model.VerdictFail,
			code: "cred.needs-username", rule: "git was given an email", script: map[string]reply{cloudGit: gitDenied()}, mend: "jdoe",
			checks: map[string]model.CheckStatus{checkGit: model.CheckFail, checkREST: model.CheckSkip},
		},
		{
			name: "git was given a wrong user name", change: user("john"), verdict: model.VerdictFail, code: "cred.needs-username", rule: "git's user name is wrong",
			script: map[string]reply{cloudGit: gitDenied()}, mend: model.UserAPIToken,
		},
		{
			name: "an API token with x-token-auth", change: user(model.UserAccessToken), verdict: model.VerdictFail, code: "cred.wrong-kind", rule: "an API token with x-token-auth",
			script: map[string]reply{cloudGit: gitDenied()}, mend: model.UserAPIToken,
		},
		{
			name: "an access token with a user's name", change: together(withAccessToken, user("jdoe")), verdict: model.VerdictFail, code: "cred.wrong-kind",
			rule: "an access token with a user's name", mend: model.UserAccessToken,
			script: merge(accessTokenWorld("workspace_access_token"), map[string]reply{cloudGit: gitDenied()}),
		},
		{
			name: "REST was given the user name", verdict: model.VerdictFail, code: "cred.needs-email", rule: "REST was given a user name", mend: "EmailAndApiToken",
			change: func(r *model.TestRequest) {
				r.APILogin, r.Connector.API.Method = "jdoe", model.APIUsernameToken
			},
			script: map[string]reply{cloudUser: {status: 401}},
			checks: map[string]model.CheckStatus{checkGit: model.CheckPass, checkREST: model.CheckFail, checkScopes: model.CheckSkip},
		},
		{
			name: "REST was given another account's email", verdict: model.VerdictFail, code: "cred.needs-email", rule: "the email is another account's",
			script: map[string]reply{cloudUser: restDenied()},
		},
		{
			name: "an API token as Bearer that REST does not take", verdict: model.VerdictFail, code: "cred.needs-email", rule: "an API token without its email",
			change: func(r *model.TestRequest) { r.APILogin, r.Connector.API.Method = "", model.APIAccessToken },
			script: map[string]reply{cloudUser: cloudReply(401, invalid)}, mend: "EmailAndApiToken",
		},
		{
			name: "an access token with an email", verdict: model.VerdictFail, code: "cred.wrong-kind", rule: "an access token with an email", mend: "AccessToken",
			change: together(withAccessToken, func(r *model.TestRequest) {
				r.APILogin, r.Connector.API.Method = "jdoe@acme-corp.com", model.APIEmailAndToken
			}),
			script: map[string]reply{cloudUser: restDenied()},
		},
		{
			name: "another token for REST is rejected", verdict: model.VerdictFail, code: "cred.rejected", rule: "REST refuses a token of its own",
			change: func(r *model.TestRequest) { r.APIToken = model.NewSecret("another-secret-of-no-shape") },
			script: map[string]reply{cloudUser: restDenied()},
		},
		{
			name: "another token for REST is clipped", verdict: model.VerdictFail, code: "token.clipped", rule: "REST's own token is incomplete",
			change: func(r *model.TestRequest) {
				r.Password, r.APIToken = model.NewSecret(apiToken()), model.NewSecret(clippedToken())
			},
			script: map[string]reply{cloudUser: restDenied()},
		},
		{
			name: "another token for REST is GitHub's", verdict: model.VerdictFail, code: "token.other-vendor", rule: "REST's own token is another vendor's",
			change: func(r *model.TestRequest) { r.APIToken = model.NewSecret(foreignToken()) },
			script: map[string]reply{cloudUser: restDenied()},
		},
		{name: "both reject the token", script: bothDenied(), verdict: model.VerdictFail, code: "cred.rejected", rule: "an API token is rejected"},
		{name: "both reject the token, with API access off", change: apiOff, script: bothDenied(), verdict: model.VerdictFail, code: "cred.rejected", rule: "an API token is rejected"},
		{name: "the token was clipped", change: password(clippedToken()), script: bothDenied(), verdict: model.VerdictFail, code: "token.clipped", rule: "the token is incomplete"},
		{name: "a GitHub token", change: password(foreignToken()), script: bothDenied(), verdict: model.VerdictFail, code: "token.other-vendor", rule: "another vendor's token"},
		{name: "a Data Center token at Cloud", change: password(serverToken()), script: bothDenied(), verdict: model.VerdictFail, code: "cred.wrong-kind", rule: "a token of the other product"},
		{
			name: "an App Password, as git puts it", change: password(appPassword()), verdict: model.VerdictFail, code: "cred.app-password-retired", rule: "git says that App Passwords are gone",
			script: map[string]reply{cloudUser: restDenied(), cloudGit: text(410, "CHANGE-3222 - Functionality has been deprecated\nApp passwords are deprecated and must be replaced with API tokens.")},
		},
		{name: "an App Password, by its shape", change: password(appPassword()), script: bothDenied(), verdict: model.VerdictFail, code: "cred.app-password-retired", rule: "an App Password is refused"},
		{
			name: "an account password", change: password("correct horse battery"), verdict: model.VerdictFail, code: "cred.account-password", rule: "an account password is refused",
			script: map[string]reply{cloudUser: restDenied(), cloudGit: text(401, "Bitbucket Cloud recently stopped supporting account passwords for Git authentication.")},
		},
		{
			name: "a token without scopes", verdict: model.VerdictFail, code: "cred.no-scopes", rule: "the token has no scopes",
			script: map[string]reply{cloudUser: cloudReply(401, noScopes), cloudGit: text(401, "API Token provided has no Bitbucket scopes.")},
		},
		{
			name: "a token without scopes, answered 403", verdict: model.VerdictFail, code: "cred.no-scopes", rule: "the token has no scopes",
			script: map[string]reply{cloudUser: cloudReply(403, noScopes)},
		},
		{
			name: "the repository's scope is missing", verdict: model.VerdictFail, code: "scope.missing", rule: "a call is refused for its scopes",
			script: map[string]reply{cloudRepo: cloudReply(403, lacking), cloudGit: text(403, "Your credentials lack one or more required privilege scopes.")},
		},
		{
			name: "the repository's scope is missing, told by headers alone", verdict: model.VerdictFail, code: "scope.missing", rule: "a call is refused for its scopes",
			script: map[string]reply{cloudRepo: {status: 403, header: map[string]string{"X-Credential-Type": "api_token", "X-OAuth-Scopes": "read:user:bitbucket", "X-Accepted-OAuth-Scopes": "repository"}}},
		},
		{
			name: "a REST API that is down explains nothing about git", change: apiOff, verdict: model.VerdictFail, code: "cred.rejected", rule: "an API token is rejected",
			script: map[string]reply{cloudGit: gitDenied(), cloudUser: text(503, "down")},
		},
		{
			name: "the allowlist", verdict: model.VerdictFail, code: "net.ip-allowlist", rule: "the address is not on the allowlist",
			script: map[string]reply{cloudGit: text(403, "To access this repository, an admin must whitelist your IP.")},
		},
		{
			name: "two-step verification", verdict: model.VerdictFail, code: "account.two-step", rule: "two-step verification is required",
			script: map[string]reply{cloudGit: text(403, "To access this repository, enable two-step authentication.")},
		},
		{
			name: "git is forbidden", verdict: model.VerdictFail, code: "permission.denied", rule: "git is forbidden",
			script: map[string]reply{cloudGit: text(403, "Forbidden")},
		},
		{
			name: "REST forbids the repository", verdict: model.VerdictFail, code: "permission.denied", rule: "the REST API forbids the repository",
			script: map[string]reply{cloudRepo: cloudReply(403, `{"type":"error","error":{"message":"Access denied. You must have admin access."}}`)},
		},
		{
			name: "a call was removed", verdict: model.VerdictFail, code: "api.removed", rule: "the REST call was removed",
			script: map[string]reply{cloudRepo: cloudReply(410, `{"type":"error","error":{"message":"CHANGE-2770 - Functionality has been deprecated"}}`)},
		},
		{
			name: "REST is rate limited", verdict: model.VerdictFail, code: "net.rate-limited", rule: "too many requests",
			script: map[string]reply{cloudUser: text(429, "Rate limit for this resource has been exceeded")},
		},
		{
			name: "git is rate limited", verdict: model.VerdictFail, code: "net.rate-limited", rule: "too many requests",
			script: map[string]reply{cloudGit: text(429, "Rate limit for this resource has been exceeded")},
		},
		{
			name: "Cloud is down", verdict: model.VerdictFail, code: "server.unavailable", rule: "the server has an error",
			script: map[string]reply{cloudGit: page(503, "<html><h1>Bitbucket is down</h1></html>"), cloudUser: page(503, "<html>down</html>")},
		},
		{
			name: "REST answers with nonsense", verdict: model.VerdictFail, code: "server.not-bitbucket", rule: "the REST API answers otherwise",
			script: map[string]reply{cloudRepo: {status: 418, body: "teapot"}},
		},
	}
}

func merge(a, b map[string]reply) map[string]reply {
	for k, v := range b {
		a[k] = v
	}
	return a
}
