package cmd

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

// hosts answers for every host with one check.
type hosts struct{ check model.Check }

func (h hosts) Reach(context.Context, model.Connector, string) []model.Check {
	return []model.Check{h.check}
}

func healthyHost() hosts {
	return hosts{model.Check{ID: "reach", Title: "Reach bitbucket.org", Status: model.CheckPass}}
}

// clinic is a place with one saved connector and hosts that answer.
func clinic(t *testing.T, h hosts) *place {
	t.Helper()
	p := newPlace(t)
	p.env["LANG"], p.env["TOKEN"] = "C.UTF-8", token("doctor")
	p.tune = func(a *app) { a.reach = func(*app) flow.Reacher { return h } }
	p.must("", "new", "--yes", "--set", "overview.name=Ledger", "--set", "overview.scope=account",
		"--set", "details.url=https://bitbucket.org/acme/ledger.git", "--set", "credentials.kind=api-token",
		"--set", "api.email=jdoe@acme-corp.com", "--set", "connectivity.mode=platform", "--secret", "credentials.password=env:TOKEN")
	return p
}

func TestDoctorExaminesThisMachineAndTheHosts(t *testing.T) {
	t.Parallel()
	p := clinic(t, healthyHost())
	got := p.run("", "doctor")
	if got.code != exitDone {
		t.Fatalf("exit %d\n%s%s", got.code, got.out, got.err)
	}
	for _, want := range []string{"✓ Saved connectors: 1 can be read", "✓ Named secrets: 1 named, 1 found", "✓ Reach bitbucket.org", "✓ Keyring of this system"} {
		if !strings.Contains(got.out, want) {
			t.Errorf("no %q in\n%s", want, got.out)
		}
	}
}

func TestDoctorAsJSONCarriesTheProblemsOfALiveTest(t *testing.T) {
	t.Parallel()
	trouble := &model.Problem{Code: "net.dns", What: "There is no host.", Why: "It is mistyped.", Fix: "Check it."}
	p := clinic(t, hosts{model.Check{ID: "reach", Title: "Reach bitbucket.org", Status: model.CheckFail, Problem: trouble}})
	got := p.run("", "doctor", "--json")
	if got.code != exitFailed || got.err != "" {
		t.Fatalf("exit %d\n%s", got.code, got.err)
	}
	var doc struct {
		Verdict string
		Checks  []struct {
			ID, Title, Status string
			Problem           *model.Problem
		}
	}
	if err := json.Unmarshal([]byte(got.out), &doc); err != nil {
		t.Fatal(err)
	}
	found := false
	for _, c := range doc.Checks {
		if c.ID == "network.http.bitbucket.org.reach" {
			found = c.Status == "fail" && c.Problem != nil && c.Problem.Code == "net.dns"
		}
		if c.ID == "" || c.Title == "" || c.Status == "" {
			t.Errorf("half a check: %+v", c)
		}
	}
	if !found || doc.Verdict != "fail" {
		t.Errorf("%s", got.out)
	}
}

func TestDoctorOfflineContactsNobody(t *testing.T) {
	t.Parallel()
	p := clinic(t, hosts{model.Check{ID: "reach", Title: "Reach it", Status: model.CheckFail, Problem: &model.Problem{Code: "net.dns"}}})
	got := p.run("", "doctor", "--offline")
	if got.code != exitDone || !strings.Contains(got.out, "nothing was contacted") {
		t.Errorf("exit %d\n%s", got.code, got.out)
	}
}

func TestDoctorTellsOfADamagedFileAndGoesOn(t *testing.T) {
	t.Parallel()
	p := clinic(t, healthyHost())
	if err := os.WriteFile(filepath.Join(p.home, "data", "connectors", "broken.yaml"), []byte("connector: ["), 0o600); err != nil {
		t.Fatal(err)
	}
	got := p.run("", "doctor")
	if got.code != exitFailed || !strings.Contains(got.out, "store.damaged") || !strings.Contains(got.out, "✓ Reach bitbucket.org") {
		t.Errorf("exit %d\n%s", got.code, got.out)
	}
}

func TestDoctorInWordsDrawsNoMarks(t *testing.T) {
	t.Parallel()
	p := clinic(t, healthyHost())
	p.env["ACCESSIBLE"] = "1"
	got := p.run("", "doctor")
	if strings.ContainsAny(got.out, "✓✗–›") || !strings.Contains(got.out, "ok: Saved connectors") {
		t.Errorf("%s", got.out)
	}
}

func TestDoctorTakesNoArguments(t *testing.T) {
	t.Parallel()
	if got := newPlace(t).run("", "doctor", "me"); got.code != exitUsage {
		t.Errorf("exit %d", got.code)
	}
}

func TestDoctorFindsOldPasswordsThatGitWouldSendInstead(t *testing.T) {
	t.Parallel()
	p := clinic(t, healthyHost())
	secret := "canary-" + strings.Repeat("Z4", 9)
	p.gitSettings = []byte("file:/etc/gitconfig\x00credential.helper\nosxkeychain\x00" +
		"file:/h/.gitconfig\x00credential.https://bitbucket.org.helper\n!bbconnect git-credential\x00")
	if err := os.WriteFile(filepath.Join(p.home, ".netrc"), []byte("machine bitbucket.org\nlogin jdoe\npassword "+secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := p.run("", "doctor")
	contains(t, "doctor", got.out, "! Git's credential helper: git asks bbconnect for 1 of 1 hosts", "osxkeychain before bbconnect", "/etc/gitconfig",
		`git config --global --replace-all credential.https://bitbucket.org.helper ""`, ".netrc, line 3", "machine.git-password")
	if strings.Contains(got.out+got.err, secret) || got.code != exitDone {
		t.Errorf("exit %d, or the password is shown", got.code)
	}
}

func TestDoctorSaysWhenGitHasToNameTheRepository(t *testing.T) {
	t.Parallel()
	p := clinic(t, healthyHost())
	p.gitSettings = []byte("file:/h/.gitconfig\x00credential.https://bitbucket.org.helper\n!bbconnect git-credential\x00")
	if got := p.run("", "doctor"); strings.Contains(got.out, "machine.git") {
		t.Errorf("one connector, and\n%s", got.out)
	}
	p.must("", "new", "--yes", "--no-test", "--set", "overview.name=Other", "--set", "details.url=https://bitbucket.org/globex/web.git",
		"--set", "credentials.secret=account.other", "--set", "api.secret=account.other", "--set", "api.email=jdoe@acme-corp.com", "--secret", "credentials.password=env:TOKEN")
	contains(t, "doctor", p.run("", "doctor").out, "machine.git-path", "credential.https://bitbucket.org.useHttpPath true")
}
