package model

import (
	"errors"
	"strings"
	"testing"
)

func TestTheRouteHasEveryScreenWithItsOwnFindings(t *testing.T) {
	t.Parallel()
	d := cloudHTTP.with(answers{QName: "", QTestRepository: "", QAPIMethod: "off"}).draft()
	stops := Route(d, testWorld())
	want := map[Step]string{StepOverview: "name.required", StepDetails: "testrepo.required", StepAPI: "api.off"}
	if len(stops) != len(Steps()) || stops[len(stops)-1].Step != StepTest {
		t.Fatalf("%+v", stops)
	}
	for _, stop := range stops {
		if _, ok := stop.Findings.Code(want[stop.Step]); want[stop.Step] != "" && !ok {
			t.Errorf("%s: %+v", stop.Step, stop.Findings)
		}
		for _, f := range stop.Findings {
			if StepOf(f.Field) != stop.Step {
				t.Errorf("%s tells of %s", stop.Step, f.Field)
			}
		}
		if stop.Step.Title() == "" || stop.Step.Title() == string(stop.Step) {
			t.Errorf("%s has no title", stop.Step)
		}
	}
	if got := ValidateAnswer(QName, d, testWorld()); len(got) != 1 || got[0].Code != "name.required" {
		t.Errorf("%+v", got)
	}
	if worst, ok := Validate(d, testWorld()).Worst(); !ok || worst.Severity != SeverityError {
		t.Errorf("%+v", worst)
	}
	if _, ok := (Findings{}).Worst(); ok || Step("x").Title() != "x" {
		t.Error("nothing is the worst of nothing")
	}
}

func TestAProblemIsOneLineWithItsRemedy(t *testing.T) {
	t.Parallel()
	cause := errors.New("canary of a server")
	p := &Problem{Code: "net.dns", What: "No such host.", Fix: "Check the name.", Cause: cause}
	if p.Error() != "net.dns: No such host. Check the name." || !errors.Is(p, cause) {
		t.Errorf("%v", p)
	}
	if got, ok := AsProblem(errors.Join(errors.New("a"), p)); !ok || got != p {
		t.Error("found in a chain")
	}
	if _, ok := AsProblem(cause); ok {
		t.Error("found where there is none")
	}
}

func TestTheTokenPageFitsTheCredential(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		base   answers
		change answers
		want   string
	}{
		{cloudHTTP, nil, PageAPITokens},
		{cloudHTTP, answers{QKind: "access-token"}, "https://bitbucket.org/acme/workspace/settings/access-tokens"},
		{cloudSSH, nil, PageSSHKeys},
		{serverHTTP, answers{QURL: "https://bb.example.com:8443/ctx/scm/"}, "https://bb.example.com:8443/ctx/plugins/servlet/access-tokens/manage"},
	} {
		if got := TokenPage(tc.base.with(tc.change).draft(), testWorld()); got != tc.want {
			t.Errorf("%s, want %s", got, tc.want)
		}
	}
}

func TestAConnectorPointsToItsPlace(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		url  string
		kind URLType
		want string
	}{
		{"https://bitbucket.org/acme/ledger.git", URLRepo, "acme/ledger"},
		{"https://bitbucket.org/acme/", URLAccount, "acme (account)"},
		{"https://bb.example.com/scm/PAY/ledger.git", URLRepo, "PAY/ledger  bb.example.com"},
		{"https://bb.example.com/scm/", URLAccount, "(account)  bb.example.com"},
	} {
		if got := PointsTo(Connector{URL: tc.url, URLType: tc.kind}); got != tc.want {
			t.Errorf("%s: %q", tc.url, got)
		}
	}
}

func TestTheKindOfASavedCredentialIsKnownOrInferred(t *testing.T) {
	t.Parallel()
	w := testWorld()
	c := Build(cloudHTTP.draft(), w)
	if got := CredentialOf(c, w); got != KindAPIToken {
		t.Errorf("recorded: %s", got)
	}
	for want, change := range map[CredentialKind]func(*Connector){
		KindAccessToken:     func(c *Connector) { c.Username.Plain = UserAccessToken },
		KindAPIToken:        func(c *Connector) { c.Username.Plain = UserAPIToken },
		KindAppPassword:     func(c *Connector) { c.API = APIAccess{Method: APIUsernameToken} },
		KindSSHKey:          func(c *Connector) { c.ConnectionType = SSH },
		KindHTTPAccessToken: func(c *Connector) { c.URL = "https://bb.example.com/scm/" },
		KindUnknown:         func(c *Connector) { c.API = APIAccess{} },
	} {
		c := c
		change(&c)
		if got := CredentialOf(c, World{}); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestTheDefaultsFollowFromWhatIsKnown(t *testing.T) {
	t.Parallel()
	paste := func(token string) Draft {
		return NewDraft().With(QName, "New").With(QURL, "https://bitbucket.org/acme/").WithSecret(QPassword, NewSecret(token))
	}
	for _, tc := range []struct {
		name string
		d    Draft
		id   QuestionID
		want string
	}{
		{"an API token signs in by its own name", paste(fakeAPIToken()), QUsername, UserAPIToken},
		{"an access token by its", paste(fakeAccessToken()), QUsername, UserAccessToken},
		{"an access token suits its method", paste(fakeAccessToken()), QAPIMethod, "AccessToken"},
		{"an API token suits its", paste(fakeAPIToken()), QAPIMethod, "EmailAndApiToken"},
		{"a paste is recognised", paste(fakeAppPassword()), QKind, "app-password"},
		{"nothing pasted is an API token on Cloud", paste(""), QKind, "api-token"},
		{"a login is offered before an address is known", NewDraft(), QUsername, UserAPIToken},
		{"Data Center takes HTTP access tokens", serverHTTP.with(answers{QSecret: "-"}).draft(), QKind, "http-access-token"},
		{"only the person knows a Data Center login", serverHTTP.with(answers{QUsername: "-"}).draft(), QUsername, ""},
		{"Data Center goes through a delegate", serverHTTP.draft(), QMode, "delegate"},
		{"Cloud goes through the platform", cloudHTTP.draft(), QMode, "platform"},
		{"a repository's address is of type Repository", paste("").With(QURL, "https://bitbucket.org/a/b"), QURLType, "Repo"},
		{"an SSH address connects over SSH", cloudSSH.draft(), QConnectionType, "ssh"},
	} {
		if got := Value(tc.id, tc.d, testWorld()); got != tc.want {
			t.Errorf("%s: %q", tc.name, got)
		}
	}
	w := testWorld()
	w.Secrets[0].Username, w.Secrets[0].Email = "known", "known@example.com"
	d := cloudHTTP.with(answers{QUsername: "-", QAPIEmail: "-"}).draft()
	if Value(QUsername, d, w) != "known" || Value(QAPIEmail, d, w) != "known@example.com" {
		t.Error("what is recorded with a secret is not asked again")
	}
}

func TestTheExampleFitsTheChoices(t *testing.T) {
	t.Parallel()
	for _, base := range []answers{cloudHTTP, cloudSSH, serverHTTP, {QURL: "ssh://git@bb.example.com:7999/"}} {
		for _, kind := range []string{"Account", "Repo"} {
			d := base.with(answers{QURLType: kind}).draft()
			q, _ := FindQuestion(QURL, d, testWorld())
			here, read := ReadURL(d.Answer(QURL), URLContext{}), ReadURL(q.Example, URLContext{Document: true})
			if read.Findings.HasErrors() || string(read.URLType) != kind || read.Product != here.Product || read.Transport != here.Transport || !strings.Contains(q.Help, q.Example) {
				t.Errorf("%s %s: %s %+v", d.Answer(QURL), kind, q.Example, read)
			}
		}
	}
}
