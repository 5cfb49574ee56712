package probe

import (
	"strings"

	"bbconnect/model"
)

// credentialRules read git and the REST API together: the pair names what a
// bare 401 does not. Which login each channel wants is Atlassian's own table
// (support.atlassian.com, "Using API tokens", "Using access tokens").
var credentialRules = []rule{
	{
		name: "a repository's token for a whole account", code: "cred.repo-level", field: model.QPassword,
		when: all(onREST(func(a answer) bool { return a.credential == credentialRepo }), that(wholeAccount)),
		what: "This token belongs to one repository.",
		why:  "An Account connector reaches every repository, and Harness lists workspaces to test it.",
		fix:  "Use an API token or a workspace's access token, or choose Repository.",
		mends: func(*facts, answer) []model.Mend {
			return []model.Mend{{Field: model.QURLType, Value: string(model.URLRepo), Label: "connect one repository only"}}
		},
	},
	{
		// Data Center: X-AUSERNAME is absent, or anonymous, on a 200.
		name: "the credential was ignored", code: "cred.ignored", field: model.QPassword,
		when: all(onREST(func(a answer) bool { return a.good() && a.check == checkRepository }), dataCenter,
			not(that((*facts).signedIn)), not(onREST(status(401, 403)))),
		what: "{host} answered as to anybody: the credential was ignored.",
		why:  "Nobody is signed in by its own account, and the repository is public.",
		fix:  "Check that the token is a Bitbucket one, and that no proxy takes the Authorization header away.",
	},
	{
		// What git may not do although the REST API shows the repository is no matter
		// of permissions: Basic itself is refused (confluence.atlassian.com, "Disable
		// basic authentication"; CaptchaRequiredAuthenticationException).
		name: "Data Center takes the token only by itself", code: "cred.needs-bearer", field: model.QConnectionType,
		when: all(onGit(status(403)), overHTTP, dataCenter, that(func(f *facts) bool {
			return f.repository.good() && f.restLogin.user == "" && f.sameSecret() && f.signedIn()
		})),
		what: "{host} takes this token by itself, but not with a user name, as git sends it.",
		why:  "Basic sign-in is switched off, or the account has to solve a CAPTCHA first. {said}",
		fix:  "Log in on the web once; if git is still refused, use SSH.",
	},
	{
		name: "another vendor's token", code: "token.other-vendor", field: model.QPassword,
		when: all(onAny(status(401)), that(func(f *facts) bool { return f.foreign })),
		what: "This is a credential of another product, not of Bitbucket.",
		why:  "Its beginning says so, and {host} refused it.",
		fix:  "Paste a Bitbucket token.",
	},
	{
		// sourcebot-dev/sourcebot#892, epam/cloud-pipeline#4446.
		name: "git was given an email", code: "cred.needs-username", field: model.QUsername,
		when:  all(gitRefused, that(func(f *facts) bool { return strings.Contains(f.gitLogin.user, "@") }), sameSecretWorks),
		what:  "Git was given an email address.",
		why:   "Git signs in with the Bitbucket user name; the REST API accepted this same token.",
		fix:   "Use the user name shown below.",
		mends: mendUsername,
	},
	{
		// avivsinai/bitbucket-cli#293, argo-cd#25588.
		name: "an access token with a user's name", code: "cred.wrong-kind", field: model.QUsername,
		when:  all(gitRefused, cloud, that(isAccessToken), that(func(f *facts) bool { return f.gitLogin.user != model.UserAccessToken }), not(that(restSaysNo))),
		what:  "An access token needs its own user name.",
		why:   "Git was given {login}; with access tokens Bitbucket takes only x-token-auth.",
		fix:   "Use x-token-auth as the user name.",
		mends: mendUsername,
	},
	{
		// aashari/mcp-server-atlassian-bitbucket#217.
		name: "an API token with x-token-auth", code: "cred.wrong-kind", field: model.QUsername,
		when:  all(gitRefused, cloud, that(func(f *facts) bool { return f.gitLogin.user == model.UserAccessToken }), sameSecretWorks, not(that(isAccessToken))),
		what:  "x-token-auth is for access tokens, and this is an API token.",
		why:   "The REST API accepted this same token.",
		fix:   "Use x-bitbucket-api-token-auth as the user name, or your Bitbucket user name.",
		mends: mendUsername,
	},
	{
		name: "git's user name is wrong", code: "cred.needs-username", field: model.QUsername,
		when:  all(gitRefused, sameSecretWorks),
		what:  "Git did not accept the user name {login}.",
		why:   "The REST API accepted this same token, as {user}.",
		fix:   "Use the user name shown below.",
		mends: mendUsername,
	},
	{
		// runatlantis/atlantis#6126, #6614.
		name: "REST was given a user name", code: "cred.needs-email", field: model.QAPIEmail,
		when: all(restRefused, cloud, gitWorks, that(func(f *facts) bool {
			return f.restLogin.user != "" && !strings.Contains(f.restLogin.user, "@") && !isAccessToken(f)
		})),
		what:  "The REST API was given a user name.",
		why:   "With API tokens it wants the email address of the Atlassian account; git accepted this same token.",
		fix:   "Choose Email and API token, and enter the email address.",
		mends: mendEmailMethod,
	},
	{
		name: "an access token with an email", code: "cred.wrong-kind", field: model.QAPIMethod,
		when: all(restRefused, cloud, that(func(f *facts) bool { return f.restKind == model.KindAccessToken && f.restLogin.user != "" })),
		what: "An access token signs in without an email address.",
		why:  "The REST API was given {restlogin} with it, and wants it alone.",
		fix:  "Choose Access Token for API access.",
		mends: func(*facts, answer) []model.Mend {
			return mendMethod(model.APIAccessToken)
		},
	},
	{
		name: "the email is another account's", code: "cred.needs-email", field: model.QAPIEmail,
		when: all(restRefused, cloud, gitWorks, that(func(f *facts) bool { return strings.Contains(f.restLogin.user, "@") })),
		what: "The REST API did not accept the email address.",
		why:  "Git accepted this same token, so the token is good and the email is not that of its account.",
		fix:  "Enter the email address shown at id.atlassian.com.",
	},
	{
		// backstage/backstage#35566: Bearer takes API tokens since 2026-08-18 only.
		name: "an API token without its email", code: "cred.needs-email", field: model.QAPIEmail,
		when:  all(restRefused, cloud, gitWorks, that(func(f *facts) bool { return f.restLogin.user == "" && f.restKind == model.KindAPIToken })),
		what:  "The REST API did not accept the API token by itself.",
		why:   "Git accepted it. With the email address of its account Bitbucket takes it in more places.",
		fix:   "Choose Email and API token, and enter the email address.",
		mends: mendEmailMethod,
	},
	{
		// The last eight characters of Atlassian's tokens are a checksum of the rest
		// (Samsung CredSweeper).
		name: "the token is incomplete", code: "token.clipped", field: model.QPassword,
		when: all(onAny(status(401)), that(func(f *facts) bool { return f.clipped })),
		what: "The token is not complete.",
		why:  "{host} refused it, and its own checksum does not match: a part is missing, or too much.",
		fix:  "Copy the whole token again. Some prompts cut at 128 characters.",
	},
	{
		name: "a token of the other product", code: "cred.wrong-kind", field: model.QPassword,
		when: all(onAny(status(401)), that(otherProduct)),
		what: "This credential is of the other Bitbucket: Cloud and Data Center do not share tokens.",
		why:  "Its shape says so, and {host} refused it.",
		fix:  "Make a token at {host} and paste that.",
	},
	{
		name: "REST's own token is incomplete", code: "token.clipped", field: model.QAPIToken,
		when: all(restRefused, that((*facts).gitOK), that(func(f *facts) bool { return f.restClipped })),
		what: "The REST API's token is not complete.",
		why:  "{host} refused it, and its own checksum does not match: a part is missing, or too much.",
		fix:  "Copy the whole token again. Some prompts cut at 128 characters.",
	},
	{
		name: "REST's own token is another vendor's", code: "token.other-vendor", field: model.QAPIToken,
		when: all(restRefused, that((*facts).gitOK), that(func(f *facts) bool { return f.restForeign })),
		what: "The REST API's token is a credential of another product, not of Bitbucket.",
		why:  "Its beginning says so, and {host} refused it.",
		fix:  "Paste a Bitbucket token.",
	},
	{
		name: "REST refuses a token of its own", code: "cred.rejected", field: model.QAPIToken,
		when: all(restRefused, that((*facts).gitOK)),
		what: "The REST API did not accept its token.",
		why:  "It has expired, was revoked, is of another product, or its login does not belong to it. {said}",
		fix:  "Make a new token, or use the one git accepted.",
	},
	{
		// AuthenticationRequiredException behind application-properties that anybody
		// may read: the server says of a Bearer token it does not know nothing more.
		name: "Data Center signs nobody in", code: "cred.rejected", field: model.QPassword,
		when: all(onREST(exception("AuthenticationRequiredException")), dataCenter, that(func(f *facts) bool { return f.properties.good() && !f.gitOK() })),
		what: "{host} did not accept the credential.",
		why:  "It answers as to somebody without one: the token has expired or was revoked, or something in between takes it away.",
		fix:  "Make a new token and paste the whole of it.",
	},
	{
		// AuthenticationRequiredException, IncorrectPasswordAuthenticationException;
		// "Token is invalid, expired, or not supported for this endpoint."
		name: "the credential is rejected", code: "cred.rejected", field: model.QPassword,
		when: all(onAny(status(401)), not(onREST(exception(authorisation)))),
		what: "{host} did not accept the credential.",
		why:  "It has expired or was revoked, is for another Atlassian product, or belongs to another login. {said}",
		fix:  "Make a new token with all scopes, and paste the whole of it.",
	},
}

// The situations rows share.
var (
	gitRefused  = all(onGit(status(401)), overHTTP)
	restRefused = onREST(func(a answer) bool { return a.refused() && a.exception != authorisation })
	// sameSecretWorks means that the REST API took the secret git was refused.
	sameSecretWorks = that(func(f *facts) bool { return f.signedIn() && f.sameSecret() && !f.gitOK() })
	// gitWorks means that git took the secret the REST API refused.
	gitWorks = that(func(f *facts) bool { return f.gitOK() && f.sameSecret() })
)

func wholeAccount(f *facts) bool { return f.to.URLType == model.URLAccount }

// restSaysNo reports that the REST API was asked and refused the secret too.
func restSaysNo(f *facts) bool { return f.restRefused() }

// isAccessToken goes by the server's word, then by the token's shape.
func isAccessToken(f *facts) bool {
	switch c := f.credential(); {
	case c == "api_token":
		return false
	case strings.HasSuffix(c, "_access_token"):
		return true
	}
	return f.gitKind == model.KindAccessToken
}

// otherProduct reports a token whose shape is of the product that was not
// asked.
func otherProduct(f *facts) bool {
	if f.isCloud() {
		return f.gitKind == model.KindHTTPAccessToken
	}
	return f.gitKind == model.KindAPIToken || f.gitKind == model.KindAccessToken || f.gitKind == model.KindAppPassword
}

// mendUsername offers the names git would take: the static one of the kind,
// then the account's own.
func mendUsername(f *facts, _ answer) []model.Mend {
	var out []model.Mend
	offer := func(name string) {
		if name != "" && name != f.gitLogin.user {
			out = append(out, model.Mend{Field: model.QUsername, Value: name, Label: "use " + name})
		}
	}
	if f.isCloud() {
		if isAccessToken(f) {
			offer(model.UserAccessToken)
			return out
		}
		offer(model.UserAPIToken)
		offer(clean(f.user.text("username")))
		return out
	}
	offer(f.restUser())
	return out
}

// mendEmailMethod offers Email and API token where another method is chosen.
func mendEmailMethod(f *facts, _ answer) []model.Mend {
	if f.req.Connector.API.Method == model.APIEmailAndToken {
		return nil
	}
	return mendMethod(model.APIEmailAndToken)
}
