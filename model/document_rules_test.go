package model

import (
	"strings"
	"testing"
)

func TestADocumentMustGiveItsOwnAnswers(t *testing.T) {
	t.Parallel()
	sound := Build(cloudHTTP.draft(), testWorld())
	for rule, tc := range map[string]struct {
		change func(*Connector)
		want   string
	}{
		"a name":             {func(c *Connector) { c.Name = "" }, "name.required"},
		"an id":              {func(c *Connector) { c.ID = "" }, "id.required"},
		"an address":         {func(c *Connector) { c.URL = "" }, "url.empty"},
		"a URL type":         {func(c *Connector) { c.URLType = "" }, "urltype.invalid"},
		"a connection type":  {func(c *Connector) { c.ConnectionType = "" }, "connectiontype.invalid"},
		"a test repository":  {func(c *Connector) { c.TestRepository = "" }, "testrepo.required"},
		"a user name":        {func(c *Connector) { c.Username = Login{} }, "username.required"},
		"a password":         {func(c *Connector) { c.PasswordRef = "" }, "secret.required"},
		"an email":           {func(c *Connector) { c.API.Email = Login{} }, "email.required"},
		"an API token":       {func(c *Connector) { c.API.TokenRef = "" }, "secret.required"},
		"a clone address":    {func(c *Connector) { c.URL = "https://bitbucket.org/acme/ledger/src/main/"; c.URLType = URLRepo }, "url.web-page"},
		"an accepted scheme": {func(c *Connector) { c.URL = "HTTPS://bitbucket.org/acme/" }, "url.case"},
	} {
		c := sound
		tc.change(&c)
		fs := ValidateConnector(c, testWorld())
		if f, ok := fs.Code(tc.want); !ok || f.Severity != SeverityError {
			t.Errorf("without %s: %+v", rule, fs)
		}
	}
	if fs := sayings(ValidateConnector(sound, testWorld())); len(fs) > 0 {
		t.Errorf("a sound document: %+v", fs)
	}
	key := Build(cloudSSH.draft(), testWorld())
	key.SSHKeyRef = ""
	if _, ok := ValidateConnector(key, testWorld()).Code("secret.required"); !ok {
		t.Error("without an SSH key reference")
	}
}

func TestASecretThatIsNotHereIsNoErrorOfADocument(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]answers{
		"http":  cloudHTTP.with(answers{QUsername: "-", QUsernameSecret: "account.login"}),
		"ssh":   cloudSSH,
		"email": cloudHTTP.with(answers{QAPIEmail: "-", QAPIEmailSecret: "account.login"}),
	} {
		fs := ValidateConnector(Build(d.draft(), testWorld()), World{Now: testNow})
		if fs.HasErrors() {
			t.Errorf("%s: %+v", name, fs)
		}
		if f, ok := fs.Code("ref.missing"); !ok || f.Severity != SeverityWarning {
			t.Errorf("%s: not told", name)
		}
	}
	c := Build(cloudHTTP.draft(), testWorld())
	c.PasswordRef, c.API.TokenRef = "<+input>", "<+input>"
	if fs := ValidateConnector(c, testWorld()); fs.HasErrors() {
		t.Errorf("a runtime input: %+v", fs)
	}
}

func TestASavedConnectorIsChangedWithoutTheValueOfASecretItNamesAlready(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]answers{"http": cloudHTTP, "ssh": cloudSSH} {
		w := testWorld()
		base := Build(d.draft(), w)
		w.Secrets = nil
		edit := DraftOf(base, w).With(QDescription, "changed")
		fs := Validate(edit, w)
		if f, ok := fs.Code("ref.missing"); fs.HasErrors() || !ok || f.Severity != SeverityWarning {
			t.Errorf("%s: an unrelated change: %+v", name, fs)
		}
		for _, q := range AllQuestions(edit, w) {
			if q.IsSecret() && q.Required {
				t.Errorf("%s: %s is asked for", name, q.ID)
			}
		}
		if fs := Validate(edit.With(QSecret, "account.another"), w); !fs.HasErrors() {
			t.Errorf("%s: a secret that is new needs no value: %+v", name, fs)
		}
	}
}

func TestNamesAndIdsAreUniqueWithinTheirScope(t *testing.T) {
	t.Parallel()
	w := testWorld()
	w.Connectors = []Connector{{Name: "Payments", ID: "payments_one"}, {Name: "Elsewhere", ID: "elsewhere", Scope: Scope{Org: "eng"}}}
	for _, tc := range []struct {
		name, id string
		want     string
	}{
		{"Payments", "other", "name.taken"},
		{"PAYMENTS", "other", "name.taken"},
		{"Other", "PAYMENTS_ONE", "id.taken"},
		{"Elsewhere", "elsewhere", ""},
		{"Other", "other", ""},
	} {
		fs := Validate(cloudHTTP.with(answers{QName: tc.name, QID: tc.id}).draft(), w)
		fs = append(fs.For(QName), fs.For(QID)...)
		if (tc.want == "") != (len(fs) == 0) || (tc.want != "" && fs[0].Code != tc.want) {
			t.Errorf("%s %s: %+v", tc.name, tc.id, fs)
		}
	}
}

func TestASavedConnectorOpensAndStaysWhereItIs(t *testing.T) {
	t.Parallel()
	w := testWorld()
	c := Build(cloudHTTP.with(answers{QScope: "project", QOrg: "eng", QProject: "pay"}).draft(), w)
	w.Connectors = []Connector{c}
	d := DraftOf(c, w)
	if fs := sayings(Validate(d, w)); len(fs) > 0 {
		t.Fatalf("opened: %+v", fs)
	}
	for id, want := range map[QuestionID]string{QID: "id.locked", QScope: "scope.invalid", QOrg: "org.invalid", QProject: "project.invalid"} {
		value := "account"
		if id != QScope {
			value = "other"
		}
		f, ok := Validate(d.With(id, value), w).For(id).Code(want)
		if !ok || f.Severity != SeverityError || !d.Answered(id) || f.Suggestion != d.Answer(id) {
			t.Errorf("%s: %+v", id, f)
		}
		if q, ok := FindQuestion(id, d, w); !ok || !q.Locked {
			t.Errorf("%s is not shown as locked", id)
		}
	}
	if q, _ := FindQuestion(QID, NewDraft(), w); q.Locked {
		t.Error("a new id is locked")
	}
	if renamed := Build(d.With(QName, "New name"), w); renamed.ID != c.ID {
		t.Errorf("the id followed the name to %s", renamed.ID)
	}
}

func TestAConnectorWithARetiredMethodStillOpens(t *testing.T) {
	t.Parallel()
	w := testWorld()
	for name, api := range map[string]APIAccess{
		"App Password": {Method: APIUsernameToken, Username: Login{Plain: "jdoe"}, TokenRef: "account.cloud_old"},
		"OAuth":        {Method: APIOAuth, TokenRef: "account.oauth", RefreshTokenRef: "account.refresh"},
	} {
		c := Build(cloudHTTP.draft(), w)
		c.PasswordRef, c.API, c.IgnoreTest, c.CAFile = "account.cloud_old", api, true, "/etc/ca.pem"
		d := DraftOf(c, w)
		q, ok := FindQuestion(QAPIMethod, d, w)
		if !ok || q.Options == nil || !optionOf(q, string(api.Method)) {
			t.Errorf("%s: its method is not among %+v", name, q.Options)
		}
		if got := Build(d, w); !same(got, c) {
			t.Errorf("%s: %+v\nbecame %+v", name, c, got)
		}
	}
	fresh, _ := FindQuestion(QAPIMethod, cloudHTTP.draft(), w)
	if optionOf(fresh, "UsernameToken") || optionOf(fresh, "OAuth") {
		t.Error("a retired method is offered")
	}
	f, ok := Validate(cloudHTTP.with(answers{QAPIMethod: "OAuth"}).draft(), w).Code("method.invalid")
	if !ok || !strings.Contains(f.Message, "Harness") {
		t.Errorf("%+v", f)
	}
}

func optionOf(q Question, value string) bool {
	for _, o := range q.Options {
		if o.Value == value {
			return true
		}
	}
	return false
}
