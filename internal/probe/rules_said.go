package probe

import (
	"slices"

	"bbconnect/model"
)

// saidRules are about what Bitbucket says in so many words, over either
// channel. The words are Atlassian's own, as people quoted them.
var saidRules = []rule{
	{
		// developer.atlassian.com/cloud/bitbucket/changelog#CHANGE-3222; git got 410
		// (community.atlassian.com bc-p/3248508, isomorphic-git#2364).
		name: "git says that App Passwords are gone", code: "cred.app-password-retired", field: model.QPassword, page: newTokenPage,
		when: onAny(or(says("CHANGE-3222", "app passwords are deprecated"), both(status(410), says("app password")))),
		what: "App Passwords no longer work.",
		why:  model.AppPasswordsEnded,
		fix:  "Make an API token. Migrate puts it in place for every connector that uses this secret, API access included: m on Home, or bbconnect migrate.",
	},
	{
		// community.atlassian.com ba-p/3237429: REST answers 401 for App Passwords.
		name: "an App Password is refused", code: "cred.app-password-retired", field: model.QPassword, page: newTokenPage,
		when: all(onAny(status(401, 403, 410)), cloud, that(func(f *facts) bool { return f.gitKind == model.KindAppPassword || f.restKind == model.KindAppPassword })),
		what: "App Passwords no longer work.",
		why:  "This secret is one. " + model.AppPasswordsEnded,
		fix:  "Make an API token. Migrate puts it in place for every connector that uses this secret, API access included: m on Home, or bbconnect migrate.",
	},
	{
		// community.atlassian.com 1948231, runatlantis/atlantis#2437.
		name: "an account password is refused", code: "cred.account-password", field: model.QPassword, page: newTokenPage,
		when: onAny(says("support account passwords", "account passwords for")),
		what: "This is the password of an Atlassian account.",
		why:  "Bitbucket has not taken those for git and REST since March 2022.",
		fix:  "Make an API token with scopes and paste that.",
	},
	{
		// lahma/bitbucket-mcp CHANGELOG, OpenHands#14304: two pages make tokens, and
		// the better known one gives them no scopes.
		name: "the token has no scopes", code: "cred.no-scopes", field: model.QPassword, page: newTokenPage,
		when: onAny(or(says("has no Bitbucket scopes"), func(a answer) bool { return a.noScopes })),
		what: "This API token was made without Bitbucket scopes.",
		why:  "“Create API token” makes tokens for other products; Bitbucket wants “Create API token with scopes”.",
		fix:  "Make another one: Create API token with scopes, then Bitbucket, then the fourteen scopes.",
	},
	{
		// confluence.atlassian.com, "Disable basic authentication" for Data Center.
		name: "Basic is switched off", code: "cred.needs-bearer",
		when:  onAny(says("Basic Authentication has been disabled")),
		what:  "{host} takes no user name and token.",
		why:   "Its administrator switched Basic authentication off.",
		fix:   "Use SSH for git, and Access Token for API access.",
		mends: func(*facts, answer) []model.Mend { return mendMethod(model.APIAccessToken) },
		field: model.QConnectionType,
	},
	{
		// Atlassian KB 1155479141.
		name: "the address is not on the allowlist", code: "net.ip-allowlist",
		when: onAny(says("whitelist your IP", "allowlist your IP", "IP allowlist", "IP whitelist")),
		what: "The workspace lets only certain IP addresses in, and this one is not among them.",
		why:  "{said}",
		fix:  "Ask a workspace administrator to add the address, or connect through a delegate that is on the list.",
	},
	{
		// Atlassian KB 1155479141.
		name: "two-step verification is required", code: "account.two-step",
		when: onAny(says("two-step", "two-factor", "2-step verification")),
		what: "The workspace requires two-step verification, and the account has none.",
		why:  "{said}",
		fix:  "Turn it on at id.atlassian.com under Security, then test again.",
	},
	{
		// CaptchaRequiredAuthenticationException; X-Authentication-Denied-Reason.
		name: "Data Center wants a CAPTCHA", code: "account.captcha",
		when: onAny(or(exception("CaptchaRequiredAuthenticationException"), or(says("CAPTCHA"), func(a answer) bool { return a.captcha }))),
		what: "{host} wants a CAPTCHA before it takes this account again.",
		why:  "There were several wrong passwords in a row, perhaps from another tool with an old secret.",
		fix:  "Log in on the web once, find what sends the old secret, then start bbconnect again and test: a run that was refused twice sends the secret no more.",
	},
	{
		// NoAccessAuthenticationException.
		name: "the account has no licence", code: "account.unlicensed",
		when: onAny(or(exception("NoAccessAuthenticationException"), says("not currently licensed"))),
		what: "The account has no licence for Bitbucket at {host}.",
		why:  "{said}",
		fix:  "Ask the administrator to license it, or use another account.",
	},
	{
		// 410 with CHANGE-2770 and the like: endpoints Atlassian removed.
		name: "the REST call was removed", code: "api.removed",
		when: all(onREST(status(410)), that(func(f *facts) bool { return f.counts })),
		what: "{host} no longer has the call this test makes.",
		why:  "Atlassian removes old calls of its REST API. {said}",
		fix:  "Update bbconnect; a newer version uses the new call.",
	},
	{
		// Bitbucket Cloud names granted and required scopes in error.detail, and in
		// X-OAuth-Scopes and X-Accepted-OAuth-Scopes.
		name: "a call is refused for its scopes", code: "scope.missing", field: model.QPassword, page: scopePage,
		when: either(onAny(says("privilege scopes")), onREST(lacksAccepted)),
		what: "The token lacks scopes: {missing}.",
		why:  "{said}",
		fix:  "Scopes cannot be added later: make another token with everything ticked.",
	},
	{
		// community.atlassian.com qaq-p/3144636: an empty 400 for a login that is no
		// pair.
		name: "the REST API cannot read the login", code: "cred.rejected", field: model.QAPIToken, page: apiTokenPage,
		when: all(onREST(func(a answer) bool { return a.status == 400 && a.said == "" && a.check == checkREST }), cloud),
		what: "{host} cannot read the login.",
		why:  "It answers 400 and nothing else where the pair of login and token is malformed, as with a line break or a blank in it.",
		fix:  "Enter the email address and the token again, each alone.",
	},
}

// mendMethod offers another method of API access.
func mendMethod(m model.APIMethod) []model.Mend {
	return []model.Mend{{Field: model.QAPIMethod, Value: string(m), Label: "use " + string(m) + " for API access"}}
}

// lacksAccepted reports a refusal whose headers show that none of the scopes
// the call accepts was granted. What the call accepts goes by the old names,
// what an API token was granted by the new ones.
func lacksAccepted(a answer) bool {
	if a.status != 403 || !a.scoped || len(a.accepted) == 0 || holds(a.said, "authentication mechanism") {
		return false
	}
	granted := model.GrantedScopes(a.scopes)
	for _, s := range model.TokenScopes() {
		if slices.Contains(granted, s.Name) {
			granted = append(granted, s.Legacy...)
		}
	}
	return !slices.ContainsFunc(a.accepted, func(s string) bool { return slices.Contains(granted, s) })
}
