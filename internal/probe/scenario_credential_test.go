package probe

import (
	"strings"
	"testing"
	"time"

	"bbconnect/model"
)

// lastDay is a last day this many days from now.
func lastDay(days int) time.Time { return time.Now().AddDate(0, 0, days) }

func expires(days int) func(*model.TestRequest) {
	return func(r *model.TestRequest) { r.Expires = lastDay(days) }
}

func apiExpires(days int) func(*model.TestRequest) {
	return func(r *model.TestRequest) {
		r.APIToken, r.APIExpires = model.NewSecret(apiToken()[:191]+"x"), lastDay(days)
	}
}

// wording expects words in the problem.
func wording(words ...string) func(*testing.T, model.TestResult) {
	return func(t *testing.T, r model.TestResult) {
		t.Helper()
		if r.Problem == nil {
			t.Fatal("no problem")
		}
		for _, w := range words {
			if !strings.Contains(r.Problem.What+r.Problem.Why+r.Problem.Fix, w) {
				t.Errorf("%q is not said: %+v", w, r.Problem)
			}
		}
	}
}

// publicGit is git's answer, the same for anybody.
func publicGit() reply {
	r := gitReply()
	r.public = true
	return r
}

func expiryScenarios() []scenario {
	ended := lastDay(-3).UTC().Format(time.DateOnly)
	return []scenario{
		{
			name: "the token expired, and both say so", change: expires(-3), script: bothDenied(), verdict: model.VerdictFail, code: "token.expired",
			rule: "git's token has expired", page: model.PageAPITokens, wants: wording(ended, "bbconnect secret rotate"),
			problems: map[string]string{checkGit: "token.expired", checkREST: "token.expired"},
		},
		{
			name: "the token expired, with API access off", change: together(apiOff, expires(-3)), script: bothDenied(), verdict: model.VerdictFail,
			code: "token.expired", rule: "git's token has expired", wants: wording(ended),
		},
		{
			name: "the REST API's own token expired", change: apiExpires(-3), script: map[string]reply{cloudUser: restDenied()}, verdict: model.VerdictFail,
			code: "token.expired", rule: "REST's token has expired", wants: wording(ended), problems: map[string]string{checkGit: "", checkREST: "token.expired"},
		},
		{
			name: "today is the last day", change: expires(0), script: bothDenied(), verdict: model.VerdictFail, code: "cred.rejected",
			rule: "an API token is rejected", page: model.PageAPITokens,
			wants: wording("expired", "revoked", "another Atlassian product", "copied whole", "another account"),
		},
		{name: "the recorded day is over and the token works", change: expires(-3), verdict: model.VerdictPass},
		{
			name: "the recorded day is over and only the user name is wrong", change: together(expires(-3), user("john")), verdict: model.VerdictFail,
			code: "cred.needs-username", rule: "git's user name is wrong", script: map[string]reply{cloudGit: gitDenied()},
		},
		{
			name: "an App Password is gone, not expired", change: together(expires(-3), password(appPassword())), script: bothDenied(),
			verdict: model.VerdictFail, code: "cred.app-password-retired", rule: "an App Password is refused", page: model.PageAPITokens,
		},
		{
			name: "Data Center: the token expired", server: true, change: expires(-40), verdict: model.VerdictFail, code: "token.expired",
			rule: "git's token has expired", script: map[string]reply{serverGit: text(401, ""), serverProps: serverDenied()},
			page: "https://" + dcHost + "/plugins/servlet/access-tokens/manage",
		},
		{
			name: "Data Center: an expired token is nobody, and the day is known", server: true, change: expires(-40), verdict: model.VerdictFail,
			code: "token.expired", rule: "git's token has expired",
			script: map[string]reply{serverGit: text(401, ""), serverProps: anonymous(serverReply(200, `{"version":"9.4.0","displayName":"Bitbucket"}`)), serverRepo: nobody()},
		},
	}
}

func publicScenarios() []scenario {
	warns := scenario{
		name: "a public repository with API access off", change: apiOff, script: map[string]reply{cloudGit: publicGit()}, verdict: model.VerdictWarn,
		code: "cred.unproven", rule: "a public repository proves nothing about the credential",
		checks: map[string]model.CheckStatus{checkGit: model.CheckWarn},
	}
	server := warns
	server.name, server.server, server.script = "Data Center: a public repository with API access off", true, map[string]reply{serverGit: publicGit()}
	named := server
	named.name, named.verdict, named.code, named.rule, named.checks = "Data Center: a public repository that names who asks", model.VerdictPass, "", "", nil
	answer := publicGit()
	answer.header["X-AUSERNAME"] = "jdoe"
	named.script = map[string]reply{serverGit: answer}
	nobody := server
	nobody.name = "Data Center: a public repository that names nobody"
	unknown := publicGit()
	unknown.header["X-AUSERNAME"] = "anonymous"
	nobody.script = map[string]reply{serverGit: unknown}
	return []scenario{
		warns, server, named, nobody,
		{name: "a private repository with API access off", change: apiOff, verdict: model.VerdictPass, checks: map[string]model.CheckStatus{checkGit: model.CheckPass}},
		{name: "a public repository, with API access on", script: map[string]reply{cloudGit: publicGit()}, verdict: model.VerdictPass},
	}
}

// tableScenarios are the rows of the two error tables that no other scenario
// plays, in the servers' own words.
func tableScenarios() []scenario {
	custom := reply{status: 401, header: map[string]string{"WWW-Authenticate": "BitbucketCustom realm=Bitbucket.org HTTP"}}
	xml := reply{
		status: 404, header: map[string]string{"Content-Type": "application/xml"},
		body: `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><status><status-code>404</status-code><message>null for uri</message></status>`,
	}
	restAccountPassword := text(401, "Bitbucket Cloud recently stopped supporting account passwords for API authentication.")
	return []scenario{
		{
			name: "table: an empty 401 of REST with another scheme's name", script: map[string]reply{cloudGit: gitDenied(), cloudUser: custom},
			verdict: model.VerdictFail, code: "cred.rejected", rule: "an API token is rejected",
		},
		{
			name: "table: a Bearer token REST calls invalid, and git refuses", change: withAccessToken, verdict: model.VerdictFail, code: "cred.rejected",
			rule: "the credential is rejected", script: map[string]reply{cloudGit: gitDenied(), cloudUser: cloudReply(401, invalid)},
			page: "https://bitbucket.org/acme/workspace/settings/access-tokens",
		},
		{
			name: "table: a pair that cannot be read", script: map[string]reply{cloudUser: {status: 400}}, verdict: model.VerdictFail, code: "cred.rejected",
			rule: "the REST API cannot read the login", problems: map[string]string{checkREST: "cred.rejected", checkGit: ""},
		},
		{
			name: "table: missing scopes answered 400", verdict: model.VerdictFail, code: "scope.missing", rule: "a call is refused for its scopes",
			script: map[string]reply{cloudRepo: {status: 400, header: map[string]string{"Content-Type": "application/json"}, body: lacking}}, wants: wording("read:repository:bitbucket"),
		},
		{
			name: "table: REST forbids whatever it is asked", verdict: model.VerdictFail, code: "server.not-bitbucket", rule: "the REST API forbids every path",
			script: map[string]reply{cloudUser: text(403, `{"type": "error", "error": {"message": "Forbidden"}}`), cloudRepo: text(403, `{"type": "error", "error": {"message": "Forbidden"}}`)},
		},
		{
			name: "table: REST answers the user with a riddle", verdict: model.VerdictFail, code: "server.not-bitbucket", rule: "the REST API answers otherwise",
			script: map[string]reply{cloudUser: {status: 418, body: "teapot"}},
		},
		{
			name: "table: the allowlist over REST alone", verdict: model.VerdictFail, code: "net.ip-allowlist", rule: "the address is not on the allowlist",
			script: map[string]reply{cloudRepo: cloudReply(403, `{"type":"error","error":{"message":"To access this repository, an admin must whitelist your IP."}}`)},
		},
		{
			name: "table: two-step verification over REST alone", verdict: model.VerdictFail, code: "account.two-step", rule: "two-step verification is required",
			script: map[string]reply{cloudRepo: cloudReply(403, `{"type":"error","error":{"message":"To access this repository, enable two-step authentication."}}`)},
		},
		{
			name: "table: an account password over REST", change: password("correct horse battery"), verdict: model.VerdictFail, code: "cred.account-password",
			rule: "an account password is refused", script: map[string]reply{cloudGit: gitDenied(), cloudUser: restAccountPassword}, page: model.PageAPITokens,
		},
		{
			name: "table: the older words for a repository that is not there", verdict: model.VerdictFail, code: "repo.not-found-or-no-access",
			rule: "the repository is missing or hidden", script: map[string]reply{cloudGit: gitDenied(), cloudRepo: cloudReply(404, `{"type":"error","error":{"message":"Repository acme/ledger not found"}}`)},
		},
		{
			name: "table: git says 404 in Cloud's words", change: apiOff, verdict: model.VerdictFail, code: "repo.not-found-or-no-access", rule: "git finds no repository",
			script: map[string]reply{cloudGit: text(404, "You may not have access to this repository or it no longer exists in this workspace."), cloudUser: restDenied()},
		},
		{
			name: "table: a removed call at the user", verdict: model.VerdictFail, code: "api.removed", rule: "the REST call was removed",
			script: map[string]reply{cloudUser: cloudReply(410, `{"type":"error","error":{"message":"CHANGE-2770 - Functionality has been deprecated","data":{"announcement_url":"https://developer.atlassian.com/cloud/bitbucket/changelog#CHANGE-2770"}}}`)},
		},
		{
			name: "table: a token without scopes, as only git says", change: apiOff, verdict: model.VerdictFail, code: "cred.no-scopes", rule: "the token has no scopes",
			script: map[string]reply{cloudGit: text(401, "API Token provided has no Bitbucket scopes."), cloudUser: restDenied()}, page: model.PageAPITokens,
		},
		{
			name: "table: Data Center: a personal project without its user", server: true, change: at("https://" + dcHost + "/scm/~nobody/ledger.git"),
			verdict: model.VerdictFail, code: "project.not-found", rule: "the personal project's user is not found",
			script: map[string]reply{
				dcHost + "/scm/~nobody/ledger.git/info/refs":                 gitRefusal("Repository not found\nThe requested repository does not exist, or you do not have permission to\naccess it.\n"),
				dcHost + "/rest/api/1.0/projects/~nobody/repos/ledger":       serverError(404, "user.NoSuchUserException", "No user with the name nobody exists."),
				dcHost + "/rest/api/1.0/projects/~nobody/repos/ledger/hooks": nobody(),
			},
		},
		{
			name: "table: Data Center: an older one says 404 in XML", server: true, verdict: model.VerdictFail, code: "server.not-bitbucket",
			rule: "no Bitbucket answers at the REST address", script: map[string]reply{serverProps: xml},
		},
		{
			name: "table: Data Center: the CAPTCHA answered 401", server: true, verdict: model.VerdictFail, code: "account.captcha", rule: "Data Center wants a CAPTCHA",
			script: map[string]reply{serverGit: text(401, ""), serverProps: serverError(401, "auth.CaptchaRequiredAuthenticationException", "CAPTCHA required. Your Bitbucket account has been marked as requiring a CAPTCHA")},
		},
		{
			name: "table: Data Center: no permission, and git says there is no repository", server: true, verdict: model.VerdictFail, code: "permission.denied",
			rule: "Data Center denies the permission", problems: map[string]string{checkRepository: "permission.denied"},
			script: map[string]reply{serverGit: text(401, ""), serverRepo: func() reply {
				r := serverError(401, authorisation, "You are not permitted to access this resource")
				r.header["X-AUSERNAME"] = "jdoe"
				return r
			}()},
		},
	}
}

// TestFindingsExplainRefusals: codes of the library's own findings are the
// problem of a test that they explain better.
func TestFindingsExplainRefusals(t *testing.T) {
	t.Parallel()
	produced := map[string]bool{}
	for _, s := range everyScenario(t) {
		produced[s.code] = true
	}
	for _, code := range []string{
		"token.expired", "token.clipped", "token.other-vendor", "testrepo.required", "url.repo-missing", "url.missing-colon", "url.case",
		"url.scheme-added", "url.scm-missing", "url.scm-in-ssh", "url.extra-segment", "url.web-page", "url.context-path",
	} {
		if !produced[code] {
			t.Errorf("no scenario ends with %s", code)
		}
	}
}

func TestTheSuiteIsLarge(t *testing.T) {
	t.Parallel()
	if all := len(everyScenario(t)); all < 120 {
		t.Errorf("%d scenarios", all)
	} else {
		t.Logf("%d scenarios", all)
	}
}
