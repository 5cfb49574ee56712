package sandbox

// credentialScenarios are about the credential itself.
func credentialScenarios() []Scenario {
	return []Scenario{
		{
			Name: Healthy, Title: "Nothing is broken",
			Source: "support.atlassian.com, Using API tokens",
			Shows: append(everyTransport(""), cloudShows("").as("jdoe"), cloudShows("").account("https://bitbucket.org/acme", "ledger.git"),
				cloudShows("").withoutAPI(), cloudSSHShows("").at("ssh://git@altssh.bitbucket.org:443/acme/ledger.git")),
		},
		{
			Name: "app-password-retired", Title: "The credential is an app password, removed on 2026-07-28",
			Source: "developer.atlassian.com/cloud/bitbucket/changelog#CHANGE-3222",
			Shows:  []Showing{cloudShows("cred.app-password-retired").with(TokenAppPassword).as("jdoe"), cloudShows("cred.app-password-retired").with(TokenAppPassword).as("jdoe").withoutAPI()},
		},
		{
			Name: "account-password", Title: "The credential is an account password",
			Source: "community.atlassian.com 1948231",
			Shows:  []Showing{cloudShows("cred.account-password").with(TokenAccountPassword).as("jdoe")},
		},
		{
			Name: "token-revoked", Title: "Every token was revoked",
			Source: "recorded: Token is invalid, expired, or not supported for this endpoint.",
			Shows:  append(everywhere("cred.rejected"), cloudShows("cred.rejected").access(TokenWorkspace), dcShows("cred.rejected").withoutAPI()),
			faults: faults{revoked: true},
		},
		{
			Name: "token-expired", Title: "The token is past the day that was recorded for it",
			Source: "support.atlassian.com: API tokens last a year at most",
			Shows:  []Showing{expired(3, cloudShows("token.expired")), expired(3, dcShows("token.expired"))},
			faults: faults{revoked: true},
		},
		{
			Name: "token-clipped", Title: "Only the first 128 characters of the token were pasted",
			Source: "Samsung/CredSweeper, value_atlassian_token_check.py",
			Shows:  []Showing{cutTo(128, cloudShows("token.clipped")), cutTo(128, cloudShows("token.clipped").withoutAPI())},
		},
		{
			Name: "token-unscoped", Title: "The API token was made without scopes",
			Source: "OpenHands/OpenHands#14304",
			Shows:  []Showing{cloudShows("cred.no-scopes"), cloudShows("cred.no-scopes").withoutAPI()},
			faults: faults{unscoped: true},
		},
	}
}

// scopeScenarios are about what a token may do, and where it was made.
func scopeScenarios() []Scenario {
	return []Scenario{
		{
			Name: "token-missing-scope", Title: "The token cannot read repositories or webhooks",
			Source: "Bitbucket Cloud's OpenAPI, x-atlassian-oauth2-scopes",
			Shows:  []Showing{cloudShows("scope.missing"), cloudShows("scope.missing").access(TokenWorkspace), cloudShows("scope.missing").withoutAPI()},
			faults: faults{missingScopes: []string{
				"read:repository:bitbucket", "write:repository:bitbucket", "read:webhook:bitbucket", "write:webhook:bitbucket",
				"repository", "repository:write", "pullrequest", "pullrequest:write", "project", "webhook",
			}},
		},
		{
			Name: "token-missing-user-scope", Title: "The token reads repositories but not its own user, so the sign-in fails",
			Source: "avivsinai/bitbucket-cli#174",
			Shows:  []Showing{cloudShows("scope.missing").with(TokenAPIReadOnly)},
		},
		{
			Name: "token-writes-only", Title: "The token may write repositories and not read them",
			Source: "community.atlassian.com qaa-p/3129221: write does not imply read",
			Shows:  []Showing{cloudShows("scope.missing").with(TokenAPIWriteOnly)},
		},
		{
			Name: "token-without-issues", Title: "The token lacks only the issue scopes, which nothing needs",
			Source: "Bitbucket ended issues on 2026-08-20",
			Shows:  []Showing{cloudShows("scope.missing").with(TokenAPINoIssues).warns()},
		},
		{
			Name: "repo-level-token", Title: "The token was made in one repository",
			Source: "recorded: X-Credential-Type repo_access_token",
			Shows: []Showing{
				cloudShows("cred.repo-level").access(TokenRepository).warns(),
				cloudShows("cred.repo-level").access(TokenRepository).account("https://bitbucket.org/acme", "ledger.git"),
			},
		},
		{
			Name: "access-token", Title: "An access token of a workspace or project, which is no user: sound",
			Source: "recorded: This API is not accessible by this authentication mechanism",
			Shows:  []Showing{cloudShows("").access(TokenWorkspace), cloudShows("").access(TokenProject)},
		},
		{
			Name: "dc-access-token", Title: "An HTTP access token of a project or repository, which is no user",
			Source: "argoproj/argo-cd#9667",
			Shows: []Showing{
				dcShows("permission.denied").access(TokenDCProject).warns(),
				dcShows("").access(TokenDCRepository),
			},
		},
	}
}

// cutTo pastes only the beginning of the token.
func cutTo(length int, w Showing) Showing {
	w.Cut = length
	return w
}

// expired records that the token ended so many days ago.
func expired(days int, w Showing) Showing {
	w.ExpiredDays = days
	return w
}

// loginScenarios are about the login that goes with a good credential: the
// world is sound, what is typed is not.
func loginScenarios() []Scenario {
	own := cloudShows("cred.unproven").at("https://bitbucket.org/acme/website.git").warns()
	own.APIToken, own.APILogin = TokenAPICI, "ci@acme-corp.com"
	return []Scenario{
		{
			Name: "git-given-email", Title: "Git is given the email address, which only the REST API takes",
			Source: "sourcebot-dev/sourcebot#892",
			Shows:  []Showing{cloudShows("cred.needs-username").as("jdoe@acme-corp.com")},
		},
		{
			Name: "git-given-other-name", Title: "Git is given the user name of somebody else",
			Source: "support.atlassian.com, bbkb 942864127",
			Shows:  []Showing{cloudShows("cred.needs-username").as("acme-ci"), dcShows("cred.needs-username").as("acme-ci")},
		},
		{
			Name: "rest-given-username", Title: "The REST API is given the user name, which only git takes",
			Source: "runatlantis/atlantis#6126",
			Shows:  []Showing{cloudShows("cred.needs-email").as("jdoe").api(apiUsername, "jdoe"), cloudShows("cred.needs-email").api(apiEmail, "ci@acme-corp.com")},
		},
		{
			Name: "wrong-kind", Title: "The credential is given the login of another kind",
			Source: "aashari/mcp-server-atlassian-bitbucket#217, avivsinai/bitbucket-cli#293",
			Shows: []Showing{
				cloudShows("cred.wrong-kind").access(TokenWorkspace).as("jdoe"),
				cloudShows("cred.wrong-kind").as(nameAccessToken),
				cloudShows("cred.wrong-kind").access(TokenWorkspace).api(apiEmail, "jdoe@acme-corp.com"),
			},
		},
		{
			Name: "other-product", Title: "The credential is one of the other Bitbucket",
			Source: "the shapes ATATT3 and BBDC- of trufflehog's and gitleaks' rules",
			Shows:  []Showing{cloudShows("cred.wrong-kind").with(TokenDC), dcShows("cred.wrong-kind").with(TokenAPI)},
		},
		{
			Name: "public-repository", Title: "The repository is public, and API access has a token of its own",
			Source: "git sends no credential before a 401",
			Shows:  []Showing{own},
		},
	}
}

// accountScenarios are about the person behind the credential.
func accountScenarios() []Scenario {
	return []Scenario{
		{
			Name: "ip-allowlist", Title: "The workspace lets only listed addresses in",
			Source: "support.atlassian.com, bbkb 1155479141",
			Shows:  []Showing{cloudShows("net.ip-allowlist"), cloudShows("net.ip-allowlist").withoutAPI()},
			faults: faults{answer: refusePerson("To access this repository, an admin must whitelist your IP.")},
		},
		{
			Name: "two-step", Title: "The workspace wants two-step verification",
			Source: "support.atlassian.com, bbkb 1155479141",
			Shows:  []Showing{cloudShows("account.two-step"), cloudShows("account.two-step").withoutAPI()},
			faults: faults{answer: refusePerson("To access this repository, enable two-step authentication.")},
		},
		{
			Name: "captcha", Title: "Data Center wants a CAPTCHA solved on the web first",
			Source: "CaptchaRequiredAuthenticationException",
			Shows:  []Showing{dcShows("account.captcha").api(apiUsername, "jdoe"), dcShows("cred.needs-bearer")},
			faults: faults{locked: true},
		},
		{
			Name: "unlicensed", Title: "The user has no Bitbucket licence",
			Source: "NoAccessAuthenticationException",
			Shows:  []Showing{dcShows("account.unlicensed"), dcShows("account.unlicensed").withoutAPI()},
			faults: faults{unlicensed: true},
		},
		{
			Name: "needs-bearer", Title: "Basic authentication is switched off",
			Source: "confluence.atlassian.com, Disable basic authentication",
			Shows:  []Showing{dcShows("cred.needs-bearer"), dcShows("cred.needs-bearer").api(apiUsername, "jdoe")},
			faults: faults{noBasic: true},
		},
		{
			Name: "credential-ignored", Title: "Something in between drops the credential, all is answered as anonymous",
			Source: "community.developer.atlassian.com thread 24422",
			Shows: []Showing{
				dcShows("cred.ignored").at("https://" + DefaultDataCenterHost + "/scm/PAY/handbook.git"),
				dcShows("cred.rejected"),
			},
			faults: faults{ignored: true},
		},
	}
}
