package cmd

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"

	"bbconnect/model"
)

// TestEditChangesOneAnswerOfEachKind sets one answer of a saved connector and
// looks at the field of its JSON that must say so.
func TestEditChangesOneAnswerOfEachKind(t *testing.T) {
	t.Parallel()
	for set, want := range map[string]string{
		"overview.name=Ledger":                              `"name": "Ledger"`,
		"overview.description=the ledger":                   `"description": "the ledger"`,
		"overview.tags=team:pay,prod":                       `"tags": "prod,team:pay"`,
		"details.url=https://bitbucket.org/acme/other.git":  `"url": "https://bitbucket.org/acme/other.git"`,
		"details.url=https://bitbucket.org/acme/other/src/": `"url": "https://bitbucket.org/acme/other.git"`,
		"credentials.expires=2027-03-01":                    `"expires": "2027-03-01"`,
		"api.method=off":                                    `"apiAccess": "off"`,
		"api.email=ada@acme-corp.com":                       `ada@acme-corp.com`,
		"connectivity.mode=delegate":                        `"connectivity": "delegate"`,
	} {
		t.Run(set, func(t *testing.T) {
			t.Parallel()
			p := newPaymentsPlace(t)
			p.must("", "edit", "Payments", "--yes", "--set", set)
			if s := p.must("", "show", "Payments", "--json"); !strings.Contains(s.out, want) && !strings.Contains(s.out, strings.Replace(want, "prod,team:pay", "team:pay,prod", 1)) {
				t.Errorf("it does not say %s:\n%s", want, s.out)
			}
		})
	}
}

func TestEditRefusesWhatCannotChangeOrIsWrongAndLeavesEveryFile(t *testing.T) {
	t.Parallel()
	p := newPaymentsPlace(t)
	for set, says := range map[string]string{
		"overview.id=other":               "id.locked",
		"overview.scope=org":              "overview.",
		"overview.name=":                  "overview.name",
		"details.url=ftp://bitbucket.org": "details.url",
		"details.urlType=Workspace":       "details.urlType",
		"credentials.expires=soon":        "credentials.expires",
		"api.email=nobody":                "api.email",
		"connectivity.mode=carrier":       "connectivity.mode",
		"overview.nosuch=x":               "no question overview.nosuch",
		"credentials.password=x":          "never an argument",
	} {
		before := p.files()
		s := p.run("", "edit", "Payments", "--yes", "--set", set)
		if s.code != exitUsage {
			t.Errorf("%s exits %d, want %d:\n%s", set, s.code, exitUsage, s.err)
		}
		contains(t, set, s.err, says)
		if after := p.files(); !maps.Equal(before, after) {
			t.Errorf("%s changed files:\nbefore %v\nafter %v", set, before, after)
		}
	}
}

func TestATokenInAnAnswerIsRefusedAndNotRepeated(t *testing.T) {
	t.Parallel()
	p := newPaymentsPlace(t)
	token := "BB" + "DC-" + strings.Repeat("canary7T", 6)
	answers := p.write("answers.yaml", "overview.description: uses "+token+"\n")
	before := p.files()
	for _, args := range [][]string{
		{"--set", "overview.description=see " + token}, {"--set", "credentials.secret=account.x" + token}, {"--from", answers},
	} {
		s := p.run("", append([]string{"edit", "Payments", "--yes"}, args...)...)
		if s.code != exitUsage {
			t.Errorf("%s exits %d", args[0], s.code)
		}
		contains(t, args[0], s.err, "a credential stands")
		if strings.Contains(s.out+s.err, "canary") {
			t.Errorf("%s repeats it", args[0])
		}
	}
	if after := p.files(); !maps.Equal(before, after) {
		t.Error("files changed")
	}
}

func TestWhatIsDoubtfulIsSaidWhenNothingIsTested(t *testing.T) {
	t.Parallel()
	p := newPaymentsPlace(t)
	p.env["SHORT"] = "ATAT" + "Tfoo"
	args := []string{"edit", "Payments", "--yes", "--no-test", "--secret", "credentials.password=env:SHORT"}
	s := p.must("", args...)
	contains(t, "the save", s.err, "This does not look like an API token", "Saved Payments")
	if strings.Contains(s.err+s.out, "Tfoo") {
		t.Error("the value is repeated")
	}
	if s := p.must("", append(args, "--json")...); strings.Contains(s.err, "does not look") {
		t.Errorf("with --json it says %s", s.err)
	}
}

// TestWhatSomebodyElseSavedMeanwhileIsNeverOverwritten saves the connector a
// second time while the first run is busy with its live test.
func TestWhatSomebodyElseSavedMeanwhileIsNeverOverwritten(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"text": {"edit", "Payments", "--yes", "--set", "overview.description=mine"},
		"json": {"edit", "Payments", "--json", "--set", "overview.description=mine"},
		// A new value that could not be used is taken back too.
		"a secret": {"edit", "Payments", "--yes", "--set", "overview.description=mine", "--secret", "credentials.password=env:NEW"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPaymentsPlace(t)
			p.env["NEW"] = token("pX4")
			var once sync.Once
			p.verdict = func(r model.TestRequest) model.TestResult {
				once.Do(func() { p.must("", "edit", "Payments", "--yes", "--no-test", "--set", "overview.description=theirs") })
				return passes(r)
			}
			s := p.run("", args...)
			if s.code != exitConflict {
				t.Fatalf("exits %d, want %d:\n%s", s.code, exitConflict, s.err)
			}
			contains(t, "the error", s.out+s.err, "store.conflict")
			if s := p.must("", "show", "Payments", "--json"); !strings.Contains(s.out, `"description": "theirs"`) {
				t.Errorf("theirs is gone:\n%s", s.out)
			}
			if v, err := p.keys.Get(t.Context(), "account/Payments_token"); err != nil || v.Reveal() != p.env["BB_TOKEN"] {
				t.Errorf("the secret's value is another now (%v)", err)
			}
		})
	}
}

// manyVerdicts saves connectors whose names are their verdicts.
func manyVerdicts(t *testing.T, names ...string) *place {
	t.Helper()
	p := newPlace(t)
	p.env["BB_TOKEN"] = token("kQ7")
	for _, name := range names {
		p.must("", "new", "--yes", "--no-test", "--set", "overview.name="+name, "--set", "details.url=https://bitbucket.org/acme/ledger.git",
			"--set", "api.email=jdoe@acme-corp.com", "--secret", "credentials.password=env:BB_TOKEN")
	}
	p.verdict = func(r model.TestRequest) model.TestResult {
		result := passes(r)
		if kind, _, _ := strings.Cut(r.Connector.Name, "_"); kind == "fail" {
			result = fails(r)
		} else {
			result.Verdict = model.Verdict(kind)
		}
		return result
	}
	return p
}

func TestTestAllSaysEveryVerdictOnALineOfItsOwnAndExitsWithTheWorst(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		names []string
		code  int
	}{
		{[]string{"pass_a"}, exitDone},
		{[]string{"pass_a", "warn_b"}, exitDone},
		{[]string{"pass_a", "fail_b", "warn_c", "unreachable_d", "pass_e"}, exitFailed},
		{[]string{"unreachable_a"}, exitFailed},
	} {
		p := manyVerdicts(t, row.names...)
		s := p.run("", "test", "--all", "--json")
		if s.code != row.code {
			t.Errorf("%v exits %d, want %d:\n%s", row.names, s.code, row.code, s.err)
		}
		got := map[string]string{}
		for line := range strings.Lines(s.out) {
			var v struct{ Connector, Verdict string }
			if err := json.Unmarshal([]byte(line), &v); err != nil {
				t.Errorf("%q is no JSON object: %v", line, err)
			}
			got[v.Connector] = v.Verdict
		}
		for _, name := range row.names {
			if kind, _, _ := strings.Cut(name, "_"); got[name] != kind {
				t.Errorf("%s has the verdict %q", name, got[name])
			}
		}
		if len(got) != len(row.names) {
			t.Errorf("%d results for %d connectors", len(got), len(row.names))
		}
		if text := p.run("", "test", "--all"); text.code != row.code || strings.Count(text.out, "\n") != len(row.names) {
			t.Errorf("in words %v exits %d with\n%s", row.names, text.code, text.out)
		}
		if listed := p.must("", "list", "--json"); strings.Count(listed.out, `"lastTest": {`) != len(row.names) {
			t.Errorf("not every test was recorded:\n%s", listed.out)
		}
	}
}

func TestOneSecretThatIsMissingKeepsNoOtherConnectorFromBeingTested(t *testing.T) {
	t.Parallel()
	p := manyVerdicts(t, "pass_a", "pass_b", "pass_c")
	if err := p.keys.Delete(t.Context(), "account/pass_b_token"); err != nil {
		t.Fatal(err)
	}
	s := p.run("", "test", "--all", "--json")
	if s.code == exitDone || strings.Count(s.out, "\n") != 3 || strings.Count(s.out, `"verdict":"pass"`) != 2 || strings.Count(s.out, `"verdict":"fail"`) != 1 {
		t.Errorf("exits %d:\n%s%s", s.code, s.out, s.err)
	}
}

func TestJobsBoundsHowManyAreTestedAtATime(t *testing.T) {
	t.Parallel()
	names := []string{"pass_a", "pass_b", "pass_c", "pass_d", "pass_e", "pass_f", "pass_g"}
	for _, jobs := range []int{1, 3, 20} {
		p := manyVerdicts(t, names...)
		var mu sync.Mutex
		now, most, arrived := 0, 0, 0
		full := make(chan struct{})
		p.verdict = func(r model.TestRequest) model.TestResult {
			mu.Lock()
			now++
			arrived++
			most = max(most, now)
			if arrived == min(jobs, len(names)) {
				close(full)
			}
			mu.Unlock()
			select { // as many as may run do so at once
			case <-full:
			case <-t.Context().Done():
			}
			mu.Lock()
			now--
			mu.Unlock()
			return passes(r)
		}
		p.must("", "test", "--all", "--jobs", fmt.Sprint(jobs))
		if most != min(jobs, len(names)) || arrived != len(names) {
			t.Errorf("--jobs %d tests %d at a time, %d in all", jobs, most, arrived)
		}
	}
}

func TestAnEditFromHTTPToSSHSaysWhatItSetAsideAndSavesTheRest(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.env["BB_TOKEN"] = token("Rt5")
	p.must("", payments()...)
	s := p.run("", "edit", "Payments", "--set", "details.connectionType=ssh", "--dry-run")
	for _, want := range []string{"Set aside", "Username", "git@bitbucket.org:"} {
		if !strings.Contains(s.err, want) {
			t.Errorf("it does not say %q:\n%s", want, s.err)
		}
	}
	before := p.must("", "show", "Payments").out
	if !strings.Contains(before, "https://bitbucket.org") {
		t.Errorf("a dry run changed it:\n%s", before)
	}
	again := p.must("", "edit", "Payments", "--set", "details.connectionType=http", "--yes", "--no-test")
	if strings.Contains(again.err, "Set aside") || p.must("", "show", "Payments").out != before {
		t.Errorf("the same choice changed something:\n%s", again.err)
	}
}
