package model

import (
	"strings"
	"testing"
	"time"
)

// ruleRow is one rule: the answers that break or keep it, and what is said.
// want is "severity code field", "" where nothing may be said about the field
// in no; suggestion is compared where it is given.
type ruleRow struct {
	rule       string
	base       answers
	change     answers
	want       string
	silent     QuestionID
	suggestion string
}

func runRules(t *testing.T, rows []ruleRow) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.rule, func(t *testing.T) {
			t.Parallel()
			fs := Validate(row.base.with(row.change).draft(), testWorld())
			if row.want == "" {
				if got := sayings(fs.For(row.silent)); len(got) > 0 {
					t.Errorf("said %+v", got)
				}
				return
			}
			part := strings.Fields(row.want)
			for _, f := range fs {
				if string(f.Severity) == part[0] && f.Code == part[1] && string(f.Field) == part[2] {
					if row.suggestion != "" && f.Suggestion != row.suggestion {
						t.Errorf("suggests %q, want %q", f.Suggestion, row.suggestion)
					}
					return
				}
			}
			t.Errorf("no %s in %+v", row.want, fs)
		})
	}
}

func TestOverviewFollowsTheSettingsAndTheServer(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 129)
	manyTags := strings.TrimSuffix(strings.Repeat("t,", 129), ",")
	runRules(t, []ruleRow{
		{rule: "a name is required", base: cloudHTTP, change: answers{QName: " "}, want: "error name.required overview.name"},
		{rule: "a name has at most 128 characters", base: cloudHTTP, change: answers{QName: long}, want: "error name.invalid overview.name"},
		{rule: "a name of 128 characters is taken", base: cloudHTTP, change: answers{QName: long[1:]}, silent: QName},
		{rule: "a name takes letters digits blanks dots hyphens and underscores", base: cloudHTTP, change: answers{QName: "A 1._-z"}, silent: QName},
		{rule: "other characters are left out of a name", base: cloudHTTP, change: answers{QName: "Pay & Ünit"}, want: "error name.invalid overview.name", suggestion: "Pay  nit"},
		{rule: "a slash in a name is the server's alone", base: cloudHTTP, change: answers{QName: "pay/ledger"}, want: "warning name.invalid overview.name", suggestion: "payledger"},
		{rule: "an id may be edited before the connector is saved", base: cloudHTTP, change: answers{QID: "mine"}, silent: QID},
		{rule: "an id starts with a letter or underscore", base: cloudHTTP, change: answers{QID: "1a"}, want: "error id.invalid overview.id", suggestion: "a"},
		{rule: "an id has no hyphen", base: cloudHTTP, change: answers{QID: "my-id"}, want: "error id.invalid overview.id", suggestion: "myid"},
		{rule: "an id has at most 128 characters", base: cloudHTTP, change: answers{QID: long}, want: "error id.invalid overview.id"},
		{rule: "an id of 128 characters is taken", base: cloudHTTP, change: answers{QID: long[1:]}, silent: QID},
		{rule: "a dollar in an id is the server's alone", base: cloudHTTP, change: answers{QID: "a$b"}, want: "warning id.invalid overview.id", suggestion: "ab"},
		{rule: "the suggestion for an id leaves the dollar out too", base: cloudHTTP, change: answers{QID: "a-$b"}, want: "error id.invalid overview.id", suggestion: "ab"},
		{rule: "a name without letters gives no id", base: cloudHTTP, change: answers{QName: "123"}, want: "error id.required overview.id"},
		{rule: "reserved words are exact", base: cloudHTTP, change: answers{QID: "Org"}, silent: QID},
		{rule: "tags are optional", base: cloudHTTP, silent: QTags},
		{rule: "a tag needs a name", base: cloudHTTP, change: answers{QTags: ":x"}, want: "error tags.invalid overview.tags"},
		{rule: "a tag may be without a value", base: cloudHTTP, change: answers{QTags: "prod"}, silent: QTags},
		{rule: "no tag twice", base: cloudHTTP, change: answers{QTags: "a:1,b,a:2"}, want: "error tags.duplicate overview.tags", suggestion: "a:1,b"},
		{rule: "at most 128 tags", base: cloudHTTP, change: answers{QTags: manyTags}, want: "error tags.invalid overview.tags"},
		{rule: "no expressions in tags", base: cloudHTTP, change: answers{QTags: "a:<+input>"}, want: "error tags.invalid overview.tags"},
		{rule: "a scope is one of three", base: cloudHTTP, change: answers{QScope: "team"}, want: "error scope.invalid overview.scope"},
		{rule: "an organisation is required in its scope", base: cloudHTTP, change: answers{QScope: "org"}, want: "error org.required overview.org"},
		{rule: "a project needs its organisation", base: cloudHTTP, change: answers{QScope: "project", QProject: "pay"}, want: "error org.required overview.org"},
		{rule: "a project is required in its scope", base: cloudHTTP, change: answers{QScope: "project", QOrg: "eng"}, want: "error project.required overview.project"},
		{rule: "organisation ids follow the pattern", base: cloudHTTP, change: answers{QScope: "org", QOrg: "my org"}, want: "error org.invalid overview.org", suggestion: "myorg"},
	})
}

func TestReservedWordsAreNoIds(t *testing.T) {
	t.Parallel()
	words := strings.Fields("or and eq ne lt gt le ge div mod not null true false new var return step parallel stepGroup org account class shellScriptProvisioner status liteEngineTask harnessSecretManager con NUL Aux prn com1 LPT9")
	for _, word := range words {
		fs := Validate(cloudHTTP.with(answers{QID: word}).draft(), testWorld()).For(QID)
		if _, ok := fs.Code("id.reserved"); !ok || !fs.HasErrors() {
			t.Errorf("%s: %+v", word, fs)
		}
	}
}

func TestAnIdFollowsItsName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Test Name-123": "Test_Name123", "-$Test Name-123- ": "Test_Name123", "_-$33var1--": "_$33var1",
		"1 abc": "_abc", "a  b": "a_b", "a\tb": "ab", "123": "", "": "", "or": "or", "Ünit é": "nit_", " x ": "x",
	} {
		if got := IDFromName(name); got != want {
			t.Errorf("%q gives %q, want %q", name, got, want)
		}
		d := NewDraft().With(QName, name)
		if got := Value(QID, d, testWorld()); got != want {
			t.Errorf("%q: the default is %q", name, got)
		}
		if got := Value(QID, d.With(QID, "own"), testWorld()); got != "own" {
			t.Errorf("%q: an edited id is %q", name, got)
		}
	}
}

func TestDetailsFollowTheSettings(t *testing.T) {
	t.Parallel()
	repo := answers{QURL: "https://bitbucket.org/acme/ledger.git", QTestRepository: "-"}
	runRules(t, []ruleRow{
		{rule: "an address is required", base: cloudHTTP, change: answers{QURL: ""}, want: "error url.empty details.url"},
		{rule: "an account address names no repository", base: cloudHTTP, change: answers{QURL: "https://bitbucket.org/acme/ledger.git", QURLType: "Account"}, want: "error url.account-names-repo details.url", suggestion: "https://bitbucket.org/acme/"},
		{rule: "an account address names no project", base: serverHTTP, change: answers{QURL: "https://bitbucket.example.com/scm/PAY/"}, want: "error url.account-names-project details.url"},
		{rule: "a repository address names one", base: cloudHTTP, change: answers{QURLType: "Repo"}, want: "error url.repo-missing details.url"},
		{rule: "the address follows the connection type", base: cloudHTTP, change: answers{QConnectionType: "ssh"}, want: "error url.transport-mismatch details.url"},
		{rule: "an extra segment before the project is taken out", base: serverHTTP, change: answers{QURL: "https://bitbucket.example.com/scm/DESC/PAY/ledger.git", QURLType: "Repo"}, want: "error url.extra-segment details.url", suggestion: "https://bitbucket.example.com/scm/PAY/ledger.git"},
		{rule: "an address without colon is mended", base: cloudSSH, change: answers{QURL: "git@bitbucket.example.com/PAY/ledger.git"}, want: "warning url.missing-colon details.url", suggestion: "ssh://git@bitbucket.example.com:7999/PAY/ledger.git"},
		{rule: "a URL type is one of two", base: cloudHTTP, change: answers{QURLType: "Project"}, want: "error urltype.invalid details.urlType"},
		{rule: "a connection type is one of two", base: cloudHTTP, change: answers{QConnectionType: "ftp"}, want: "error connectiontype.invalid details.connectionType"},
		{rule: "an account connector needs a test repository", base: cloudHTTP, change: answers{QTestRepository: ""}, want: "error testrepo.required details.testRepository"},
		{rule: "a repository connector needs no test repository", base: cloudHTTP, change: repo, silent: QTestRepository},
		{rule: "on Cloud the test repository is REPO.git", base: cloudHTTP, silent: QTestRepository},
		{rule: "the ending is added to a test repository", base: cloudHTTP, change: answers{QTestRepository: "ledger"}, want: "warning testrepo.format details.testRepository", suggestion: "ledger.git"},
		{rule: "on Cloud the workspace is not repeated", base: cloudHTTP, change: answers{QTestRepository: "acme/ledger"}, want: "error testrepo.format details.testRepository", suggestion: "ledger.git"},
		{rule: "a page as test repository is understood", base: cloudHTTP, change: answers{QTestRepository: "https://bitbucket.org/acme/ledger/src/main/"}, want: "error testrepo.format details.testRepository", suggestion: "ledger.git"},
		{rule: "a repository of another workspace is not taken", base: cloudHTTP, change: answers{QTestRepository: "other/ledger.git"}, want: "error testrepo.format details.testRepository"},
		{rule: "without a workspace the test repository names it", base: cloudHTTP, change: answers{QURL: "https://bitbucket.org", QTestRepository: "ledger.git"}, want: "error testrepo.format details.testRepository"},
		{rule: "WORKSPACE/REPO.git goes with the bare host", base: cloudHTTP, change: answers{QURL: "https://bitbucket.org", QTestRepository: "acme/ledger.git"}, silent: QTestRepository},
		{rule: "on Data Center the project is required", base: serverHTTP, change: answers{QTestRepository: "ledger.git"}, want: "error testrepo.format details.testRepository"},
		{rule: "on Data Center the test repository is PROJECT/REPO.git", base: serverHTTP, silent: QTestRepository},
		{rule: "a personal project is a project", base: serverHTTP, change: answers{QTestRepository: "~jdoe/ledger.git"}, silent: QTestRepository},
		{rule: "an ending alone is no repository", base: cloudHTTP, change: answers{QTestRepository: ".git"}, want: "error testrepo.format details.testRepository"},
	})
}

func TestCredentialsFollowTheSettings(t *testing.T) {
	t.Parallel()
	runRules(t, []ruleRow{
		{rule: "HTTP asks for a user name", base: serverHTTP, change: answers{QUsername: ""}, want: "error username.required credentials.username"},
		{rule: "HTTP asks for a password", base: cloudHTTP, change: answers{QSecret: "account.new_one"}, want: "error password.required credentials.password"},
		{rule: "the user name is not the email", base: cloudHTTP, change: answers{QUsername: "jdoe@example.com"}, want: "error username.is-email credentials.username", suggestion: UserAPIToken},
		{rule: "an access token's user is x-token-auth", base: cloudHTTP, change: answers{QKind: "access-token"}, want: "error username.x-token-auth credentials.username", suggestion: UserAccessToken},
		{rule: "x-token-auth is for access tokens alone", base: cloudHTTP, change: answers{QUsername: UserAccessToken}, want: "error username.x-token-auth credentials.username", suggestion: UserAPIToken},
		{rule: "the user name may be a secret", base: cloudHTTP, change: answers{QUsername: "-", QUsernameSecret: "account.login"}, silent: QUsernameSecret},
		{rule: "an unknown login secret is told", base: cloudHTTP, change: answers{QUsername: "-", QUsernameSecret: "account.nobody"}, want: "warning ref.missing credentials.usernameSecret"},
		{rule: "the user name is plain or secret, not both", base: cloudHTTP, change: answers{QUsernameSecret: "account.login"}, want: "error username.mixed credentials.usernameSecret"},
		{rule: "an API token is recommended on Cloud", base: cloudHTTP, silent: QKind},
		{rule: "Cloud takes no account password", base: cloudHTTP, change: answers{QKind: "password"}, want: "error kind.unsupported credentials.kind", suggestion: "api-token"},
		{rule: "Cloud takes no HTTP access token of Data Center", base: cloudHTTP, change: answers{QKind: "http-access-token"}, want: "error kind.unsupported credentials.kind"},
		{rule: "HTTP takes no SSH key", base: cloudHTTP, change: answers{QKind: "ssh-key"}, want: "error kind.unsupported credentials.kind", suggestion: "api-token"},
		{rule: "Data Center takes no API token", base: serverHTTP, change: answers{QKind: "api-token"}, want: "error kind.unsupported credentials.kind", suggestion: "http-access-token"},
		{rule: "Data Center takes no App Password", base: serverHTTP, change: answers{QKind: "app-password"}, want: "error kind.unsupported credentials.kind"},
		{rule: "Data Center takes HTTP access tokens", base: serverHTTP, silent: QKind},
		{rule: "a kind is one of the closed set", base: cloudHTTP, change: answers{QKind: "magic"}, want: "error kind.invalid credentials.kind"},
		{rule: "App Passwords have stopped working", base: cloudHTTP, change: answers{QKind: "app-password"}, want: "error kind.app-password credentials.kind"},
		{rule: "SSH asks for a key", base: cloudSSH, change: answers{QSecret: "account.new_key"}, want: "error sshkey.required credentials.sshKey"},
		{rule: "SSH asks for no user name", base: cloudSSH, silent: QUsername},
		{rule: "an SSH credential is of its own type", base: cloudSSH, change: answers{QSecret: "account.cloud_token"}, want: "error secret.invalid credentials.secret"},
		{rule: "a password is a text secret", base: cloudHTTP, change: answers{QSecret: "account.key"}, want: "error secret.invalid credentials.secret"},
		{rule: "an expiry is a date", base: cloudHTTP, change: answers{QExpires: "soon"}, want: "error expires.invalid credentials.expires"},
		{rule: "an API token lives a year at most", base: cloudHTTP, change: answers{QExpires: "2028-11-21"}, want: "warning expires.invalid credentials.expires"},
		{rule: "an expired token is told", base: cloudHTTP, change: answers{QExpires: "2026-11-21"}, want: "error token.expired credentials.expires"},
		{rule: "a token that ends soon is told", base: cloudHTTP, change: answers{QExpires: "2026-12-01"}, want: "warning token.expiring credentials.expires"},
	})
}

func TestReferencesStayWithinTheirScope(t *testing.T) {
	t.Parallel()
	org := cloudHTTP.with(answers{QScope: "org", QOrg: "eng", QAPIMethod: "off"})
	project := org.with(answers{QScope: "project", QProject: "pay"})
	runRules(t, []ruleRow{
		{rule: "an account connector uses account secrets", base: cloudHTTP, silent: QSecret},
		{rule: "an account connector reaches no organisation", base: cloudHTTP, change: answers{QSecret: "org.token"}, want: "error ref.scope credentials.secret", suggestion: "account.token"},
		{rule: "an account connector reaches no project", base: cloudHTTP, change: answers{QSecret: "token"}, want: "error ref.scope credentials.secret", suggestion: "account.token"},
		{rule: "an organisation uses its own secrets", base: org, change: answers{QSecret: "org.token"}, silent: QSecret},
		{rule: "an organisation uses the account's secrets", base: org, silent: QSecret},
		{rule: "an organisation reaches no project", base: org, change: answers{QSecret: "token"}, want: "error ref.scope credentials.secret", suggestion: "org.token"},
		{rule: "a project uses its own secrets", base: project, change: answers{QSecret: "token"}, silent: QSecret},
		{rule: "a project uses its organisation's", base: project, change: answers{QSecret: "org.token"}, silent: QSecret},
		{rule: "a project uses the account's", base: project, silent: QSecret},
		{rule: "project.x is no reference", base: project, change: answers{QSecret: "project.token"}, want: "error ref.malformed credentials.secret"},
		{rule: "the API secret follows the same rules", base: cloudHTTP, change: answers{QAPISecret: "org.token"}, want: "error ref.scope api.secret"},
		{rule: "the email secret follows the same rules", base: cloudHTTP, change: answers{QAPIEmail: "-", QAPIEmailSecret: "team.mail"}, want: "error ref.malformed api.emailSecret"},
	})
}

func TestAPIAccessFollowsTheSettings(t *testing.T) {
	t.Parallel()
	old := answers{QAPIMethod: "UsernameToken", QAPIUsername: "jdoe", QKind: "app-password", QAPIEmail: "-"}
	serverOld := answers{QAPIMethod: "UsernameToken"}
	runRules(t, []ruleRow{
		{rule: "API access off says what is lost", base: cloudHTTP, change: answers{QAPIMethod: "off"}, want: "warning api.off api.method"},
		{rule: "Email and API token is for Cloud alone", base: serverHTTP, change: answers{QAPIMethod: "EmailAndApiToken"}, want: "error api.cloud-only api.method", suggestion: "AccessToken"},
		{rule: "Data Center has Access token", base: serverHTTP, silent: QAPIMethod},
		{rule: "Data Center keeps user name and token", base: serverHTTP, change: serverOld, silent: QAPIMethod},
		{rule: "user name and App Password is retired on Cloud", base: cloudHTTP, change: old, want: "error kind.app-password api.method", suggestion: "EmailAndApiToken"},
		{rule: "OAuth is made in Harness alone", base: cloudHTTP, change: answers{QAPIMethod: "OAuth"}, want: "error method.invalid api.method"},
		{rule: "a method is one of the closed set", base: cloudHTTP, change: answers{QAPIMethod: "Basic"}, want: "error method.invalid api.method"},
		{rule: "Email and API token needs the email", base: cloudHTTP, change: answers{QAPIEmail: ""}, want: "error email.required api.email"},
		{rule: "an email is one", base: cloudHTTP, change: answers{QAPIEmail: "jdoe"}, want: "error email.invalid api.email"},
		{rule: "the email may be a secret", base: cloudHTTP, change: answers{QAPIEmail: "-", QAPIEmailSecret: "account.login"}, silent: QAPIEmailSecret},
		{rule: "the email is plain or secret, not both", base: cloudHTTP, change: answers{QAPIEmailSecret: "account.login"}, want: "error email.invalid api.emailSecret"},
		{rule: "one API token serves git and the API", base: cloudHTTP, change: answers{QAPISecret: "-"}, silent: QAPISecret},
		{rule: "another API secret needs its value", base: cloudHTTP, change: answers{QAPISecret: "account.api_new"}, want: "error token.required api.token"},
		{rule: "an API token is no access token", base: cloudHTTP, change: answers{QAPIMethod: "AccessToken"}, want: "error token.kind-mismatch api.method", suggestion: "EmailAndApiToken"},
		{rule: "an access token is no API token", base: cloudHTTP, change: answers{QKind: "access-token", QUsername: UserAccessToken}, want: "error token.kind-mismatch api.method", suggestion: "AccessToken"},
		{rule: "on Data Center no method takes a token of Cloud", base: serverHTTP, change: answers{QKind: "api-token", QAPIMethod: "AccessToken"}, want: "error token.kind-mismatch api.method"},
		{rule: "user name and token needs the user name", base: serverHTTP, change: serverOld.with(answers{QUsername: ""}), want: "error username.required api.username"},
		{rule: "the API user name is plain or secret, not both", base: serverHTTP, change: serverOld.with(answers{QAPIUsername: "jdoe", QAPIUsernameSecret: "account.login"}), want: "error username.mixed api.usernameSecret"},
		{rule: "both user names are plain", base: serverHTTP, change: serverOld.with(answers{QAPIUsernameSecret: "account.login"}), want: "error username.mixed api.username"},
		{rule: "both user names are secrets", base: serverHTTP, change: serverOld.with(answers{QAPIUsername: "jdoe", QUsername: "-", QUsernameSecret: "account.login"}), want: "error username.mixed api.username"},
		{rule: "two secret user names are alike", base: serverHTTP, change: serverOld.with(answers{QAPIUsernameSecret: "account.login", QUsername: "-", QUsernameSecret: "account.login"}), silent: QAPIUsername},
		{rule: "over HTTP the API has the same password", base: serverHTTP, change: serverOld.with(answers{QAPISecret: "account.login"}), want: "warning api.secret-differs api.secret", suggestion: "account.server_token"},
		{rule: "and so where the user names are secrets", base: serverHTTP, change: serverOld.with(answers{QAPISecret: "account.login", QAPIUsernameSecret: "account.login", QUsername: "-", QUsernameSecret: "account.login"}), want: "warning api.secret-differs api.secret"},
	})
}

func TestConnectivityFollowsTheSettings(t *testing.T) {
	t.Parallel()
	delegate := answers{QMode: "delegate"}
	runRules(t, []ruleRow{
		{rule: "the platform needs no more", base: cloudHTTP, change: answers{QMode: "platform"}, silent: QMode},
		{rule: "Harness Cloud builds need the platform", base: cloudHTTP, change: delegate, want: "hint connectivity.harness-cloud connectivity.mode"},
		{rule: "any delegate will do", base: cloudHTTP, change: delegate, silent: QDelegateTags},
		{rule: "delegates by tag need a tag", base: cloudHTTP, change: delegate.with(answers{QDelegates: "tags", QDelegateTags: " , "}), want: "error delegates.tags-required connectivity.tags"},
		{rule: "delegates by tag are named", base: cloudHTTP, change: delegate.with(answers{QDelegateTags: "linux"}), silent: QDelegateTags},
		{rule: "a delegate trusts a self-signed certificate by ADDITIONAL_CERTS_PATH", base: serverHTTP, want: "hint connectivity.self-signed connectivity.mode"},
		{rule: "without API access nothing is said of certificates", base: serverHTTP, change: answers{QAPIMethod: "off"}, silent: QMode},
		{rule: "Email and API token needs delegate 26.01.88201", base: cloudHTTP, change: delegate.with(answers{QDelegateVersion: "26.01.88200"}), want: "error api.delegate-version connectivity.delegateVersion"},
		{rule: "26.01.88201 may do", base: cloudHTTP, change: delegate.with(answers{QDelegateVersion: "26.01.88201"}), want: "warning api.delegate-version connectivity.delegateVersion"},
		{rule: "26.02.88600 does", base: cloudHTTP, change: delegate.with(answers{QDelegateVersion: "26.02.88600"}), silent: QDelegateVersion},
		{rule: "an unknown delegate version is a hint", base: cloudHTTP, change: delegate, want: "hint api.delegate-version connectivity.delegateVersion"},
		{rule: "a delegate version has a form", base: cloudHTTP, change: delegate.with(answers{QDelegateVersion: "latest"}), want: "error delegateversion.invalid connectivity.delegateVersion"},
		{rule: "a repository's access token fails on newer delegates", base: cloudHTTP, change: delegate.with(answers{QKind: "access-token", QUsername: UserAccessToken, QAPIMethod: "AccessToken", QDelegateVersion: "26.03.1000"}), want: "warning token.repo-level api.token"},
		{rule: "a hidden kind says nothing of the token over SSH", base: cloudSSH, change: delegate.with(answers{QKind: "api-token", QAPIMethod: "AccessToken", QAPISecret: "account.cloud_token", QDelegateVersion: "26.03.1000"}), want: "warning token.repo-level api.token"},
		{rule: "a mode is one of two", base: cloudHTTP, change: answers{QMode: "tunnel"}, want: "error mode.invalid connectivity.mode"},
		{rule: "a delegate choice is one of two", base: cloudHTTP, change: delegate.with(answers{QDelegates: "some"}), want: "error delegates.invalid connectivity.delegates"},
		{rule: "Secure Connect is a yes or a no", base: cloudHTTP, change: answers{QSecureConnect: "maybe"}, want: "error secureconnect.invalid connectivity.secureConnect"},
		{rule: "Secure Connect goes with the platform alone", base: cloudHTTP, change: delegate.with(answers{QSecureConnect: "maybe"}), silent: QSecureConnect},
	})
}

func TestAppPasswordsAreJudgedByTheDate(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]Severity{"2026-06-09T23:59:00Z": SeverityWarning, "2026-06-10T00:00:00Z": SeverityError} {
		w := testWorld()
		w.Now, _ = time.Parse(time.RFC3339, at)
		d := cloudHTTP.with(answers{QKind: "app-password", QAPIMethod: "UsernameToken", QAPIUsername: "jdoe", QAPIEmail: "-"}).draft()
		for _, field := range []QuestionID{QKind, QAPIMethod} {
			f, ok := Validate(d, w).For(field).Code("kind.app-password")
			if !ok || f.Severity != want {
				t.Errorf("%s at %s: %+v", field, at, f)
			}
		}
	}
}
