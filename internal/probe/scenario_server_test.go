package probe

import (
	"bbconnect/model"
)

const loginPage = `<!doctype html><html><body><h1>Acme</h1><form><input type="password" name="p"></form></body></html>`

func serverDenied() reply {
	return serverError(401, "auth.IncorrectPasswordAuthenticationException", "Authentication failed. Please check your credentials and try again.")
}

func anonymous(r reply) reply {
	delete(r.header, "X-AUSERNAME")
	return r
}

func nobody() reply {
	return serverError(401, "rest.api.security.exception.AuthenticationRequiredException", "You are not permitted to access this resource")
}

func serverScenarios() []scenario {
	gone := "Repository not found\nThe requested repository does not exist, or you do not have permission to\naccess it.\n"
	notFound := reply{status: 404, header: map[string]string{"Content-Type": "application/json"}, body: `{"message":"HTTP 404 Not Found","status-code":404,"sub-code":-1}`}
	list := []scenario{
		{name: "all is well", verdict: model.VerdictPass},
		{name: "API access off", change: apiOff, verdict: model.VerdictPass},
		{
			name: "an account", verdict: model.VerdictPass,
			change: func(r *model.TestRequest) {
				r.Connector.URLType, r.Connector.URL, r.Connector.TestRepository = model.URLAccount, "https://"+dcHost+"/scm/", "PAY/ledger.git"
			},
		},
		{
			name: "an account that sees nothing", verdict: model.VerdictFail, code: "access.nothing-visible", rule: "the account's list is empty",
			change: func(r *model.TestRequest) {
				r.Connector.URLType, r.Connector.URL, r.Connector.TestRepository = model.URLAccount, "https://"+dcHost+"/scm/", "PAY/ledger.git"
			},
			script: map[string]reply{serverList: serverReply(200, `{"size":0,"values":[]}`)},
		},
		{
			name: "git's user name is wrong", change: user("john"), verdict: model.VerdictFail, code: "cred.needs-username", rule: "git's user name is wrong", mend: "jdoe",
			script: map[string]reply{serverGit: text(401, "")},
		},
		{
			name: "git was given an email", change: user("jdoe@acme-corp.com"), verdict: model.VerdictFail, code: "cred.needs-username", rule: "git was given an email", mend: "jdoe",
			script: map[string]reply{serverGit: text(401, "")},
		},
		{
			name: "both reject the token", verdict: model.VerdictFail, code: "cred.rejected", rule: "the credential is rejected",
			script: map[string]reply{serverGit: text(401, ""), serverProps: serverDenied()},
		},
		{
			name: "an expired token is nobody", verdict: model.VerdictFail, code: "cred.rejected", rule: "Data Center signs nobody in",
			script: map[string]reply{serverGit: text(401, ""), serverProps: anonymous(serverReply(200, `{"version":"9.4.0","displayName":"Bitbucket"}`)), serverRepo: nobody()},
		},
		{
			name: "a Cloud token at Data Center", change: password(apiToken()), verdict: model.VerdictFail, code: "cred.wrong-kind", rule: "a token of the other product",
			script: map[string]reply{serverGit: text(401, ""), serverProps: serverDenied()},
		},
		{
			name: "no permission, though signed in", verdict: model.VerdictFail, code: "permission.denied", rule: "Data Center denies the permission",
			script: map[string]reply{serverGit: gitRefusal("You are not permitted to access this repository\n"), serverRepo: func() reply {
				r := serverError(401, authorisation, "You are not permitted to access this resource")
				r.header["X-AUSERNAME"] = "jdoe"
				return r
			}()},
		},
		{
			name: "Basic is refused without a word", verdict: model.VerdictFail, code: "cred.needs-bearer", rule: "Data Center takes the token only by itself",
			script: map[string]reply{serverGit: text(403, "Authentication failed")},
		},
		{
			name: "no licence", verdict: model.VerdictFail, code: "account.unlicensed", rule: "the account has no licence",
			script: map[string]reply{serverGit: text(403, ""), serverProps: serverError(401, "auth.NoAccessAuthenticationException", "You are not currently licensed to use Bitbucket.")},
		},
		{
			name: "a CAPTCHA", verdict: model.VerdictFail, code: "account.captcha", rule: "Data Center wants a CAPTCHA",
			script: map[string]reply{serverGit: text(403, ""), serverProps: serverError(403, "auth.CaptchaRequiredAuthenticationException", "CAPTCHA required")},
		},
		{
			name: "a CAPTCHA in a header", change: apiOff, verdict: model.VerdictFail, code: "account.captcha", rule: "Data Center wants a CAPTCHA",
			script: map[string]reply{serverGit: {status: 401, header: map[string]string{"X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE; login-url=https://x"}}, serverProps: serverDenied()},
		},
		{
			name: "Basic is switched off", verdict: model.VerdictFail, code: "cred.needs-bearer", rule: "Basic is switched off",
			script: map[string]reply{serverGit: text(403, "Basic Authentication has been disabled on this instance.")},
		},
		{
			name: "the project does not exist", verdict: model.VerdictFail, code: "project.not-found", rule: "the project is not found",
			script: map[string]reply{serverGit: gitRefusal(gone), serverRepo: serverError(404, "project.NoSuchProjectException", "Project PAY does not exist.")},
		},
		{
			name: "the repository does not exist", verdict: model.VerdictFail, code: "repo.not-found", rule: "the repository is not found",
			script: map[string]reply{serverGit: gitRefusal(gone), serverRepo: func() reply {
				r := serverError(404, "repository.NoSuchRepositoryException", "Repository PAY/ledger does not exist.")
				r.header["X-AUSERNAME"] = "jdoe"
				return r
			}()},
		},
		{
			name: "git's ERR packet alone", change: apiOff, verdict: model.VerdictFail, code: "repo.not-found-or-no-access", rule: "git finds no repository",
			script: map[string]reply{serverGit: gitRefusal(gone), serverProps: notFound},
		},
		{
			name: "credentials are ignored", verdict: model.VerdictFail, code: "cred.ignored", rule: "the credential was ignored",
			script: map[string]reply{
				serverProps: anonymous(serverReply(200, `{"version":"9.4.0","displayName":"Bitbucket"}`)),
				serverRepo:  anonymous(serverReply(200, `{"slug":"ledger","public":true}`)),
			},
		},
		{
			name: "webhooks are for administrators", verdict: model.VerdictWarn, code: "permission.denied", rule: "webhooks may not be read",
			script: map[string]reply{serverHooks: serverError(401, authorisation, "You are not permitted to access this resource")},
		},
		{
			name: "a context path", verdict: model.VerdictFail, code: "server.context-path", rule: "Data Center lives under another path",
			mend:   "https://" + dcHost + "/bitbucket/scm/PAY/ledger.git",
			script: map[string]reply{serverGit: text(404, ""), serverProps: notFound, dcHost + "/bitbucket/rest/api/1.0/application-properties": serverReply(200, `{"version":"9.4.0","displayName":"Bitbucket"}`)},
		},
		{
			name: "a redirect to the context path", verdict: model.VerdictFail, code: "server.context-path", rule: "a redirect adds a context path",
			mend:   "https://" + dcHost + "/stash/scm/PAY/ledger.git",
			script: map[string]reply{serverGit: redirect(302, "/stash/scm/PAY/ledger.git/info/refs?service=git-upload-pack"), serverProps: notFound},
		},
		{
			name: "no Bitbucket at the REST address", verdict: model.VerdictFail, code: "server.not-bitbucket", rule: "no Bitbucket answers at the REST address",
			script: map[string]reply{serverProps: notFound},
		},
		{
			name: "starting", verdict: model.VerdictFail, code: "server.starting", rule: "Data Center is starting",
			script: map[string]reply{serverGit: text(503, ""), serverProps: page(503, "<html>Bitbucket is starting</html>"), dcHost + "/status": {status: 503, body: `{"state":"STARTING"}`}},
		},
		{
			name: "the gateway is broken", verdict: model.VerdictFail, code: "server.unavailable", rule: "the server has an error",
			script: map[string]reply{serverGit: text(502, "Bad Gateway"), serverProps: text(502, "Bad Gateway")},
		},
		{
			name: "a login page", verdict: model.VerdictFail, code: "net.sso", rule: "a login page answers",
			script: map[string]reply{serverGit: page(200, loginPage), serverProps: page(200, loginPage)},
		},
		{
			name: "a redirect to a login page", verdict: model.VerdictFail, code: "net.sso", rule: "a login page answers",
			script: map[string]reply{serverGit: redirect(302, "https://sso.acme-corp.com/saml?next=x"), serverProps: redirect(302, "https://sso.acme-corp.com/saml?next=x")},
		},
		{
			name: "a page without a login answers git", change: apiOff, verdict: model.VerdictFail, code: "server.not-bitbucket", rule: "something else answers git",
			script: map[string]reply{serverGit: page(200, "<html><body>Welcome to nginx</body></html>"), serverProps: serverReply(200, `{"version":"9.4.0","displayName":"Bitbucket"}`)},
		},
		{
			name: "an empty 200 answers git", verdict: model.VerdictFail, code: "server.not-bitbucket", rule: "the answer is not git's",
			script: map[string]reply{serverGit: text(200, "")},
		},
		{
			name: "git's content type with nonsense", verdict: model.VerdictFail, code: "server.not-bitbucket", rule: "the answer is not git's",
			script: map[string]reply{serverGit: {header: map[string]string{"Content-Type": advertType}, body: "zzzz"}},
		},
		{
			name: "git answers with a riddle", verdict: model.VerdictFail, code: "server.not-bitbucket", rule: "git is refused otherwise",
			script: map[string]reply{serverGit: text(200, "what has roots as nobody sees")},
		},
		{
			name: "the project was renamed", verdict: model.VerdictFail, code: "repo.moved", rule: "the repository moved", mend: "https://" + dcHost + "/scm/NEW/ledger.git",
			script: map[string]reply{
				serverGit:  redirect(307, "https://"+dcHost+"/scm/NEW/ledger.git/info/refs?service=git-upload-pack"),
				serverRepo: redirect(307, "https://"+dcHost+"/rest/api/1.0/projects/NEW/repos/ledger"),
			},
		},
	}
	for i := range list {
		list[i].server = true
		list[i].name = "Data Center: " + list[i].name
	}
	return list
}
