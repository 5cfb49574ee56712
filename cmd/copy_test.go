package cmd

import (
	"strings"
	"testing"
)

func TestACopyHasEverythingButNameAndId(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.env["TOKEN"] = token("copying")
	p.must("", "new", "--yes", "--set", "overview.name=Ledger", "--set", "overview.tags=team:payments", "--set", "details.url=https://bitbucket.org/acme/ledger.git",
		"--set", "api.email=jdoe@acme-corp.com", "--secret", "credentials.password=env:TOKEN")
	before := p.files()
	p.must("", "copy", "Ledger", "Ledger_2", "--dry-run")
	if after := p.files(); len(after) != len(before) {
		t.Error("a dry run wrote something")
	}
	p.must("", "copy", "Ledger", "Ledger_2", "--name", "Ledger of staging")
	want := strings.Replace(strings.Replace(before["data/connectors/Ledger.yaml"], "name: Ledger", "name: Ledger of staging", 1), "identifier: Ledger", "identifier: Ledger_2", 1)
	if got := p.files()["data/connectors/Ledger_2.yaml"]; got != want {
		t.Errorf("the copy is\n%s\nwant\n%s", got, want)
	}
	if p.files()["data/connectors/Ledger.yaml"] != before["data/connectors/Ledger.yaml"] || p.files()["data/secrets.yaml"] != before["data/secrets.yaml"] {
		t.Error("the original or the secrets were changed")
	}
	for _, tc := range []struct {
		args []string
		says string
		code int
	}{
		{[]string{"copy", "Ledger", "Ledger_2"}, "id.taken", exitFailed},
		{[]string{"copy", "Ledger", "no-hyphens"}, "id.invalid", exitFailed},
		{[]string{"copy", "Ledger", "class"}, "id.reserved", exitFailed},
		{[]string{"copy", "Nothing", "Other"}, "store.not-found", exitNotFound},
		{[]string{"copy", "Ledger"}, "", exitUsage},
	} {
		if s := p.run("", tc.args...); s.code == exitDone || !strings.Contains(s.err, tc.says) || tc.code != exitFailed && s.code != tc.code {
			t.Errorf("%v exits %d: %s", tc.args, s.code, s.err)
		}
	}
}
