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
		// A finding of the library that explains the refusal: API tokens live a year at
		// most (support.atlassian.com, "Using API tokens"). Where the REST API takes the
		// same secret, the recorded day is wrong and not the token.
		name: "git's token has expired", code: "token.expired", field: model.QPassword, page: tokenPage,
		when: all(gitRefused, that(func(f *facts) bool { return f.past(f.req.Expires) }), not(sameSecretWorks)),
		what: "The token expired on {expired}.",
		why:  "That is the last day it was recorded with, and {host} refuses it.",
		fix:  "Make a new one. bbconnect secret rotate REF puts it in place for every connector that uses this secret, each tested first.",
	},
	{
		// The same of the REST API's own token, or of the only one over SSH.
		name: "REST's token has expired", code: "token.expired", field: model.QAPIToken, page: apiTokenPage,
		when: all(restRefused, that(func(f *facts) bool { return f.past(f.apiExpires()) }), not(gitWorks)),
		what: "The REST API's token expired on {apiexpired}.",
		why:  "That is the last day it was recorded with, and {host} refuses it.",
		fix:  "Make a new one. bbconnect secret rotate REF puts it in place for every connector that uses this secret, each tested first.",
	},
	{
		// X-Credential-Type: repo_access_token (Atlassian's knowledge base, "How to fetch
		// the scope of a token"); Harness's settings reference takes account-level
		// tokens only.
		name: "a repository's token for a whole account", code: "cred.repo-level", field: model.QPassword,
		when: all(onREST(func(a answer) bool { return a.credential == credentialRepo }), that(wholeAccount)),
		what: "This is a repository access token: it reaches one repository.",
		why:  "An Account connector reaches every repository, and Harness lists workspaces to test it.",
		fix:  "Use an API token or a workspace's access token, or choose Repository.",
		page: newTokenPage,
		mends: func(*facts, answer) []model.Mend {
			return []model.Mend{{Field: model.QURLType, Value: string(model.URLRepo), Label: "connect one repository only"}}
		},
	},
	{
		// Data Center: X-AUSERNAME is absent, or anonymous, on a 200.
		name: "the credential was ignored", code: "cred.ignored", field: model.QPassword, page: tokenPage,
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
		// The first letters of a token name its vendor (gitleaks, trufflehog).
		name: "another vendor's token", code: "token.other-vendor", field: model.QPassword, page: newTokenPage,
		when: all(onAny(status(401)), that(func(f *facts) bool { return f.foreign })),
		what: "This is a credential of another product, not of Bitbucket.",
		why:  "Its beginning says so, and {host} refused it.",
		fix:  "Paste a Bitbucket token.",
	},
	{
		// sourcebot-dev/sourcebot#892, epam/cloud-pipeline#4446.
		name: "git was given an email", code: "cred.needs-username", field: model.QUsername, page: accountPage,
		when:  all(gitRefused, that(func(f *facts) bool { return strings.Contains(f.gitLogin.user, "@") }), sameSecretWorks),
		what:  "Git was given an email address.",
		why:   "Git signs in with the Bitbucket user name, the REST API with the email address; it accepted this same token.",
		fix:   "Use the user name shown below. {where}",
		mends: mendUsername,
	},
	{
		// avivsinai/bitbucket-cli#293, argo-cd#25588.
		name: "an access token with a user's name", code: "cred.wrong-kind", field: model.QUsername, page: accountPage,
		when:  all(gitRefused, cloud, that(isAccessToken), that(func(f *facts) bool { return f.gitLogin.user != model.UserAccessToken }), not(that(restSaysNo))),
		what:  "An access token needs its own user name.",
		why:   "Git was given {login}; with access tokens git takes only x-token-auth, and the REST API the token alone.",
		fix:   "Use x-token-auth as the user name. The account's own, at " + model.PageAccount + ", is for API tokens.",
		mends: mendUsername,
	},
	{
		// aashari/mcp-server-atlassian-bitbucket#217.
		name: "an API token with x-token-auth", code: "cred.wrong-kind", field: model.QUsername, page: accountPage,
		when:  all(gitRefused, cloud, that(func(f *facts) bool { return f.gitLogin.user == model.UserAccessToken }), sameSecretWorks, not(that(isAccessToken))),
		what:  "x-token-auth is for access tokens, and this is an API token.",
		why:   "Git wants the user name with it, the REST API the email address; it accepted this same token.",
		fix:   "Use x-bitbucket-api-token-auth as the user name, or your Bitbucket user name. {where}",
		mends: mendUsername,
	},
	{
		// sourcebot-dev/sourcebot#892: any name but the account's own, or the static
		// one, gets a bare 401.
		name: "git's user name is wrong", code: "cred.needs-username", field: model.QUsername, page: accountPage,
		when:  all(gitRefused, sameSecretWorks, not(onREST(exception(authorisation)))),
		what:  "Git did not accept the user name {login}.",
		why:   "The REST API accepted this same token, as {user}.",
		fix:   "Use the user name shown below. {where}",
		mends: mendUsername,
	},
	{
		// runatlantis/atlantis#6126, #6614.
		name: "REST was given a user name", code: "cred.needs-email", field: model.QAPIEmail,
		when: all(restRefused, cloud, gitWorks, that(func(f *facts) bool {
			return f.restLogin.user != "" && !strings.Contains(f.restLogin.user, "@") && !isAccessToken(f)
		})),
		what:  "The REST API was given a user name.",
		why:   "With API tokens it wants the email address of the Atlassian account, and only git the user name; git accepted this same token.",
		fix:   "Choose Email and API token, and enter the email address. The user name at " + model.PageAccount + " is for git.",
		page:  accountPage,
		mends: mendEmailMethod,
	},
	{
		// support.atlassian.com, "Using access tokens": Bearer only.
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
		// renovatebot/renovate#20533: "incorrect login credentials or method" for a pair
		// whose token is good.
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
		name: "the token is incomplete", code: "token.clipped", field: model.QPassword, page: tokenPage,
		when: all(onAny(status(401)), that(func(f *facts) bool { return f.clipped })),
		what: "The token is not complete.",
		why:  "{host} refused it, and its own checksum does not match: a part is missing, or too much.",
		fix:  "Copy the whole token again. {cut}",
	},
	{
		// trufflehog's and gitleaks' patterns tell BBDC- from ATATT, ATCTT and ATBB.
		name: "a token of the other product", code: "cred.wrong-kind", field: model.QPassword, page: newTokenPage,
		when: all(onAny(status(401)), that(otherProduct)),
		what: "This credential is of the other Bitbucket: Cloud and Data Center do not share tokens.",
		why:  "Its shape says so, and {host} refused it.",
		fix:  "Make a token at {host} and paste that.",
	},
	{
		// The same checksum, of the token the REST API has to itself.
		name: "REST's own token is incomplete", code: "token.clipped", field: model.QAPIToken, page: apiTokenPage,
		when: all(restRefused, that((*facts).gitOK), that(func(f *facts) bool { return f.restClipped })),
		what: "The REST API's token is not complete.",
		why:  "{host} refused it, and its own checksum does not match: a part is missing, or too much.",
		fix:  "Copy the whole token again. {restcut}",
	},
	{
		// The same first letters.
		name: "REST's own token is another vendor's", code: "token.other-vendor", field: model.QAPIToken, page: newTokenPage,
		when: all(restRefused, that((*facts).gitOK), that(func(f *facts) bool { return f.restForeign })),
		what: "The REST API's token is a credential of another product, not of Bitbucket.",
		why:  "Its beginning says so, and {host} refused it.",
		fix:  "Paste a Bitbucket token.",
	},
	{
		// recorded by dimipaun/fugaro, unauthorized.json: one text for all causes.
		name: "REST refuses a token of its own", code: "cred.rejected", field: model.QAPIToken, page: apiTokenPage,
		when: all(restRefused, that((*facts).gitOK)),
		what: "The REST API did not accept its token.",
		why:  "It has expired, was revoked, is of another product, or its login does not belong to it. {said}",
		fix:  "Make a new token, or use the one git accepted.",
	},
	{
		// AuthenticationRequiredException behind application-properties that anybody
		// may read: the server says of a Bearer token it does not know nothing more.
		name: "Data Center signs nobody in", code: "cred.rejected", field: model.QPassword, page: tokenPage,
		when: all(onREST(exception("AuthenticationRequiredException")), dataCenter, that(func(f *facts) bool { return f.properties.good() && !f.gitOK() })),
		what: "{host} did not accept the credential.",
		why:  "It answers as to somebody without one: the token has expired or was revoked, or something in between takes it away.",
		fix:  "Make a new token and paste the whole of it.",
	},
	{
		// runatlantis/atlantis#6126 and sourcebot-dev/sourcebot#892 together: both
		// channels got the other one's login.
		name: "email and user name are the wrong way round", code: "cred.needs-username", field: model.QUsername, page: accountPage,
		when:  all(gitRefused, swapped),
		what:  "Git was given what the REST API wants, and the REST API what git wants.",
		why:   "With an API token git signs in with the Bitbucket user name, the REST API with the email address.",
		fix:   "Use x-bitbucket-api-token-auth as the user name, then give the email address to API access. {where}",
		mends: mendSwapped,
	},
	{
		// The REST API's half of the same.
		name: "REST got git's user name, and git the email", code: "cred.needs-email", field: model.QAPIEmail, page: accountPage,
		when:  all(restRefused, swapped),
		what:  "The REST API was given a user name.",
		why:   "With API tokens it wants the email address, and git was given that.",
		fix:   "Choose Email and API token, and enter {login}. The user name at " + model.PageAccount + " is for git.",
		mends: mendEmail,
	},
	{
		// Five causes, one answer (bkt#174, deepwiki-open#444): "Token is invalid,
		// expired, or not supported for this endpoint."
		name: "an API token is rejected", code: "cred.rejected", field: model.QPassword, page: tokenPage,
		when: all(onAny(status(401)), cloud, that(func(f *facts) bool { return f.gitKind == model.KindAPIToken || f.restKind == model.KindAPIToken }),
			not(onREST(exception(authorisation)))),
		what: "{host} did not accept the API token.",
		why:  "It answers the same for five causes: the token has expired, was revoked, is for another Atlassian product, was not copied whole, or is another account's. {said}",
		fix:  "Make a new token with all scopes, and paste the whole of it.",
	},
	{
		// AuthenticationRequiredException, IncorrectPasswordAuthenticationException; an
		// empty 401 with WWW-Authenticate of Basic or BitbucketCustom (runatlantis/atlantis#6126).
		name: "the credential is rejected", code: "cred.rejected", field: model.QPassword, page: tokenPage,
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
	// swapped means that neither channel was given its own login, so that nothing
	// is known of the token yet.
	swapped = all(cloud, that(func(f *facts) bool {
		return f.sameSecret() && f.git.refused() && f.restRefused() && !isAccessToken(f) && isEmail(f.gitLogin.user) &&
			f.restLogin.user != "" && !isEmail(f.restLogin.user)
	}))
)

func isEmail(login string) bool { return strings.Contains(login, "@") }

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

// mendSwapped gives git a name that serves every API token, then the REST API
// the email git had.
func mendSwapped(f *facts, a answer) []model.Mend {
	return append(mendUsername(f, a), mendEmail(f, a)...)
}

// mendEmail moves the email git was given to API access.
func mendEmail(f *facts, a answer) []model.Mend {
	if out := mendEmailMethod(f, a); out != nil {
		return out
	}
	email := clean(f.gitLogin.user)
	return []model.Mend{{Field: model.QAPIEmail, Value: email, Label: "give " + email + " to API access"}}
}

// mendEmailMethod offers Email and API token where another method is chosen.
func mendEmailMethod(f *facts, _ answer) []model.Mend {
	if f.req.Connector.API.Method == model.APIEmailAndToken {
		return nil
	}
	return mendMethod(model.APIEmailAndToken)
}
