package cmd

import (
	"bytes"
	"cmp"
	"io"
	"strings"
	"testing"
	"time"

	"bbconnect/internal/sandbox"
	"bbconnect/model"
	"bbconnect/steps"
)

// tried is a run of try as far as the screens.
type tried struct {
	app     *app
	box     *sandbox.Sandbox
	samples []steps.Sample
	told    string
}

// tryScenario does what runTry does before the screens open.
func tryScenario(t *testing.T, scenario string, key model.Secret) tried {
	t.Helper()
	var told bytes.Buffer
	a := newTestApp(strings.NewReader(""), io.Discard, &told)
	box, err := sandbox.Start(t.Context(), sandbox.Options{Scenario: scenario})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	home := t.TempDir()
	a.wireTry(box, home)
	samples, err := a.prepareTry(box, home, key)
	if err != nil {
		t.Fatal(err)
	}
	return tried{app: a, box: box, samples: samples, told: told.String()}
}

// offers reports whether ctrl+k has a value for a field.
func (r tried) offers(field model.QuestionID, product sandbox.Product, value string) bool {
	for _, s := range r.samples {
		if s.Field == field && s.Value.Reveal() == value && (s.Product == "" || string(s.Product) == string(product)) {
			return true
		}
	}
	return value == ""
}

// request is the connector of a showing, typed out of what ctrl+k offers.
func (r tried) request(t *testing.T, w sandbox.Showing, key model.Secret) model.TestRequest {
	t.Helper()
	req := model.TestRequest{
		Connector: model.Connector{
			ID: "ledger", URL: w.URL, URLType: model.URLRepo, ConnectionType: model.HTTP, TestRepository: w.TestRepository,
			API: model.APIAccess{Method: model.APIMethod(w.API)}, Mode: model.ModePlatform,
		},
		Username: w.Username, Kind: model.KindUnknown, APILogin: w.APILogin, Password: model.NewSecret(r.box.Secret(w.Token)),
	}
	if w.TestRepository != "" {
		req.Connector.URLType = model.URLAccount
	}
	if w.SSH() {
		req.Connector.ConnectionType, req.SSHKey = model.SSH, key
	}
	if w.Cut > 0 {
		req.Password = model.NewSecret(req.Password.Reveal()[:w.Cut])
	}
	if w.APIToken != "" {
		req.APIToken = model.NewSecret(r.box.Secret(w.APIToken))
	}
	if w.ExpiredDays > 0 {
		req.Expires = time.Now().AddDate(0, 0, -w.ExpiredDays)
	}
	return req
}

func TestTrySaysWhereTheWizardRefusesWhatAScenarioNeeds(t *testing.T) {
	t.Parallel()
	key, err := newKeyTool().Generate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"git-given-email": true, "token-missing-scope": false} {
		if told := tryScenario(t, name, key).told; strings.Contains(told, "the wizard refuses that user name") != want {
			t.Errorf("%s says\n%s", name, told)
		}
	}
}

func TestTryShowsEveryScenarioByItsNameAndOffersWhatItNeeds(t *testing.T) {
	t.Parallel()
	key, err := newKeyTool().Generate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, sc := range sandbox.Scenarios() {
		t.Run(sc.Name, func(t *testing.T) {
			t.Parallel()
			r := tryScenario(t, sc.Name, key)
			if !strings.Contains(r.told, sc.Title) || !strings.Contains(r.told, sc.Name) {
				t.Errorf("what is printed does not say what is broken:\n%s", r.told)
			}
			for _, w := range sc.Shows {
				if !strings.Contains(r.told, w.URL) || !strings.Contains(r.told, strings.TrimSpace("the test says: "+w.Verdict+" "+w.Code)) {
					t.Errorf("what is printed does not name %s and %s", w.URL, w.Code)
				}
				if sc.Name != sandbox.Healthy {
					r.wantSamples(t, w)
				}
			}
			first := sc.Shows[0]
			code, result := r.test(t, first, key, time.Second)
			if sc.Slow && code != first.Code {
				// The limit that ends it came before what a busy machine does first.
				r = tryScenario(t, sc.Name, key)
				code, result = r.test(t, first, key, 3900*time.Millisecond)
			}
			if string(result.Verdict) != first.Verdict || code != first.Code {
				t.Errorf("%s %q, want %s %q", result.Verdict, code, first.Verdict, first.Code)
			}
		})
	}
}

// test tests the connector of a showing; limit is for scenarios that only a limit
// ends.
func (r tried) test(t *testing.T, w sandbox.Showing, key model.Secret, limit time.Duration) (code string, result model.TestResult) {
	t.Helper()
	request := r.request(t, w, key)
	if r.box.Scenario().Slow {
		request.Timeout = limit
	}
	result = r.app.jobs.Tester.Test(t.Context(), request, nil)
	if result.Problem != nil {
		code = result.Problem.Code
	}
	return code, result
}

// wantSamples wants every value of a showing among what ctrl+k offers.
func (r tried) wantSamples(t *testing.T, w sandbox.Showing) {
	t.Helper()
	secret := r.box.Secret(w.Token)
	if w.Cut > 0 {
		secret = secret[:w.Cut]
	}
	login := model.QAPIEmail
	if w.API == string(model.APIUsernameToken) {
		login = model.QAPIUsername
	}
	for field, value := range map[model.QuestionID]string{
		model.QURL: w.URL, model.QTestRepository: w.TestRepository, model.QUsername: w.Username, login: w.APILogin,
		model.QPassword: secret, model.QAPIToken: r.box.Secret(cmp.Or(w.APIToken, w.Token)),
	} {
		if !r.offers(field, w.Product, value) {
			t.Errorf("ctrl+k has nothing for %s of %s", field, w.URL)
		}
	}
}

func TestTheListOfScenariosHasEachOnceUnderItsGroup(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := listScenarios(&out); err != nil {
		t.Fatal(err)
	}
	lines, group := strings.Split(out.String(), "\n"), ""
	found := map[string]string{}
	for _, line := range lines {
		switch {
		case line == "":
		case strings.HasPrefix(line, "  "):
			found[strings.Fields(line)[0]] = group
		default:
			group = line
		}
	}
	for _, sc := range sandbox.Scenarios() {
		if found[sc.Name] != string(sc.Group) || !strings.Contains(out.String(), sc.Title) {
			t.Errorf("%s stands under %q, want %q", sc.Name, found[sc.Name], sc.Group)
		}
	}
	if len(found) != len(sandbox.Scenarios()) {
		t.Errorf("%d names for %d scenarios", len(found), len(sandbox.Scenarios()))
	}
}

func TestNoTwoSamplesOfAFieldAreTheSame(t *testing.T) {
	t.Parallel()
	key := model.NewSecret("a key")
	for _, name := range []string{sandbox.Healthy, "git-given-email", "wrong-kind", "other-product"} {
		box, err := sandbox.Start(t.Context(), sandbox.Options{Scenario: name})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, s := range trySamples(box, key) {
			id := string(s.Field) + " " + string(s.Product) + " " + s.Value.Reveal()
			if seen[id] || s.Value.Reveal() == "" {
				t.Errorf("%s: %s is offered twice, or empty: %s", name, s.Field, s.Label)
			}
			seen[id] = true
		}
		if err := box.Close(); err != nil {
			t.Error(err)
		}
	}
}
