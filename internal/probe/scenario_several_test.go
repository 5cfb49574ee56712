package probe

import (
	"strings"
	"testing"

	"bbconnect/model"
)

// severalScenarios have more than one thing wrong: the one to mend first is the
// problem, and every check that failed for another reason says its own.
func severalScenarios() []scenario {
	fewScopes := "read:me, read:user:bitbucket, read:workspace:bitbucket, read:repository:bitbucket"
	several := func(name string, change func(*model.TestRequest), script map[string]reply, code, rule string, problems map[string]string) scenario {
		return scenario{name: "several: " + name, change: change, script: script, verdict: model.VerdictFail, code: code, rule: rule, problems: problems}
	}
	gone := map[string]reply{cloudRepo: cloudReply(404, hidden), cloudGit: gitDenied()}
	noWorkspace := cloudReply(404, `{"type":"error","error":{"message":"No workspace with identifier 'acme'."}}`)
	swapped := func(r *model.TestRequest) {
		r.Username, r.APILogin, r.Connector.API.Method = "jdoe@acme-corp.com", "jdoe", model.APIUsernameToken
	}
	list := []scenario{
		several("email for git, and scopes missing", user("jdoe@acme-corp.com"), merge(withScopes(fewScopes), map[string]reply{cloudGit: gitDenied()}),
			"cred.needs-username", "git was given an email", map[string]string{checkGit: "cred.needs-username", checkScopes: "scope.missing"}),
		several("email for git, and the repository's scope refused", user("jdoe@acme-corp.com"), map[string]reply{cloudGit: gitDenied(), cloudRepo: cloudReply(403, lacking)},
			"scope.missing", "a call is refused for its scopes", map[string]string{checkGit: "cred.needs-username", checkRepository: "scope.missing"}),
		several("App Password and wrong repository", password(appPassword()), merge(map[string]reply{cloudUser: restDenied()},
			map[string]reply{cloudRepo: cloudReply(404, hidden), cloudGit: text(410, "CHANGE-3222 - Functionality has been deprecated\nApp passwords are deprecated and must be replaced with API tokens.\nhttps://developer.atlassian.com/cloud/bitbucket/changelog#CHANGE-3222")}),
			"cred.app-password-retired", "git says that App Passwords are gone", map[string]string{checkGit: "cred.app-password-retired", checkREST: "cred.app-password-retired"}),
		several("expired token and wrong workspace", expires(-10), merge(bothDenied(), map[string]reply{cloudPlace: noWorkspace}),
			"token.expired", "git's token has expired", map[string]string{checkGit: "token.expired", checkREST: "token.expired"}),
		several("email for git, and the repository is wrong", user("jdoe@acme-corp.com"), gone,
			"repo.not-found-or-no-access", "the repository is missing or hidden", map[string]string{checkGit: "cred.needs-username", checkRepository: "repo.not-found-or-no-access"}),
		several("wrong workspace, email for git and webhook scopes missing", user("jdoe@acme-corp.com"), merge(withScopes(fewScopes), map[string]reply{
			cloudGit: gitDenied(), cloudRepo: cloudReply(404, hidden), cloudPlace: noWorkspace,
		}), "workspace.not-found", "the workspace is not found", map[string]string{checkGit: "cred.needs-username", checkRepository: "workspace.not-found"}),
		several("email and user name the wrong way round", swapped, bothDenied(),
			"cred.needs-username", "email and user name are the wrong way round", map[string]string{checkGit: "cred.needs-username", checkREST: "cred.needs-email"}),
		several("email and user name the wrong way round, token clipped", together(swapped, password(clippedToken())), bothDenied(),
			"token.clipped", "the token is incomplete", map[string]string{checkGit: "token.clipped"}),
		several("another vendor's token, and email for git", together(user("jdoe@acme-corp.com"), password(foreignToken())), bothDenied(),
			"token.other-vendor", "another vendor's token", map[string]string{checkGit: "token.other-vendor"}),
		several("a repository's token for an account, and a user's name", together(account, withAccessToken, user("jdoe")),
			merge(accessTokenWorld(credentialRepo), map[string]reply{cloudGit: gitDenied()}),
			"cred.repo-level", "a repository's token for a whole account", map[string]string{checkGit: "cred.wrong-kind"}),
		several("two-step verification, and scopes missing", nil, merge(withScopes(fewScopes), map[string]reply{cloudGit: text(403, "To access this repository, enable two-step authentication.")}),
			"account.two-step", "two-step verification is required", map[string]string{checkGit: "account.two-step", checkScopes: "scope.missing"}),
		several("a browser page, and email for git", together(at("https://bitbucket.org/acme/ledger/src/main/"), user("jdoe@acme-corp.com")), map[string]reply{cloudGit: gitDenied()},
			"cred.needs-username", "git was given an email", map[string]string{checkGit: "cred.needs-username"}),
		several("git is rate limited, and REST rejects the token", nil, map[string]reply{cloudGit: text(429, "Rate limit for this resource has been exceeded"), cloudUser: restDenied()},
			"net.rate-limited", "too many requests", map[string]string{checkGit: "net.rate-limited", checkREST: "cred.rejected"}),
		several("the proxy's page for git, and REST lacks scopes", nil, merge(withScopes(fewScopes), map[string]reply{cloudGit: page(200, loginPage)}),
			"net.sso", "a login page answers", map[string]string{checkGit: "net.sso", checkScopes: "scope.missing"}),
	}
	list[6].also = []string{"REST got git's user name, and git the email"}
	list[6].mend, list[6].page = model.UserAPIToken, model.PageAccount
	list[0].page = model.PageAccount
	server := []scenario{
		several("no licence, and the repository is missing", nil, map[string]reply{
			serverGit:   gitRefusal("Repository not found\nThe requested repository does not exist, or you do not have permission to\naccess it.\n"),
			serverProps: serverError(401, "auth.NoAccessAuthenticationException", "You are not currently licensed to use Bitbucket. Please contact your administrator."),
		}, "account.unlicensed", "the account has no licence", map[string]string{checkGit: "repo.not-found-or-no-access", checkREST: "account.unlicensed"}),
		several("a wrong user name, and webhooks denied", user("john"), map[string]reply{
			serverGit: text(401, ""), serverHooks: serverError(401, authorisation, "You are not permitted to access this resource"),
		}, "cred.needs-username", "git's user name is wrong", map[string]string{checkGit: "cred.needs-username", checkScopes: "permission.denied"}),
		several("a segment too many, and a dead token", at("https://"+dcHost+"/scm/DESC/PAY/ledger.git"), map[string]reply{serverGit: text(401, ""), serverProps: serverDenied()},
			"cred.rejected", "the credential is rejected", map[string]string{checkGit: "cred.rejected", checkREST: "cred.rejected"}),
		several("a Cloud token, and the project is missing", password(apiToken()), map[string]reply{
			serverGit: text(401, ""), serverProps: serverDenied(), serverRepo: serverError(404, "project.NoSuchProjectException", "Project PAY does not exist."),
		}, "cred.wrong-kind", "a token of the other product", map[string]string{checkGit: "cred.wrong-kind"}),
	}
	for i := range server {
		server[i].server = true
		server[i].name = "Data Center: " + server[i].name
	}
	return append(list, server...)
}

func TestSwappedLoginsAreMendedOneAfterTheOther(t *testing.T) {
	t.Parallel()
	for _, method := range []model.APIMethod{model.APIEmailAndToken, model.APIUsernameToken} {
		answers := merge(soundCloud(), bothDenied())
		req := cloudRequest()
		req.Username, req.APILogin, req.Connector.API.Method = "jdoe@acme-corp.com", "jdoe", method
		w := newWorld(t, answers)
		result := New(w.options()).Test(t.Context(), req, nil)
		if result.Problem == nil || len(result.Problem.Mends) < 2 {
			t.Fatalf("%s: %+v", method, result.Problem)
		}
		first, second := result.Problem.Mends[0], result.Problem.Mends[1]
		if first.Field != model.QUsername || first.Value != model.UserAPIToken {
			t.Errorf("%s: the first mend is %+v", method, first)
		}
		want := model.Mend{Field: model.QAPIEmail, Value: "jdoe@acme-corp.com"}
		if method == model.APIUsernameToken {
			want = model.Mend{Field: model.QAPIMethod, Value: string(model.APIEmailAndToken)}
		}
		if second.Field != want.Field || second.Value != want.Value {
			t.Errorf("%s: the second mend is %+v, want %+v", method, second, want)
		}
	}
}

func TestAUserNameOfTheServerIsOfferedOnlyWhereItCanBeOne(t *testing.T) {
	t.Parallel()
	for name, offered := range map[string]bool{"jdoe": true, "j:doe": false, "j doe": false, "x-token-auth": false, "": false} {
		w := newWorld(t, merge(soundCloud(), map[string]reply{
			cloudGit: gitDenied(), cloudUser: cloudReply(200, `{"username":"`+name+`","account_id":"1"}`),
		}))
		req := cloudRequest()
		req.Username = "john"
		result := New(w.options()).Test(t.Context(), req, nil)
		found := false
		for _, m := range result.Problem.Mends {
			found = found || m.Value == name
		}
		if found != offered {
			t.Errorf("%q is offered: %v, in %+v", name, found, result.Problem.Mends)
		}
		if !strings.Contains(result.Problem.Fix, model.PageAccount) {
			t.Errorf("the page is not named: %q", result.Problem.Fix)
		}
	}
}
