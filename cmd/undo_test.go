package cmd

import (
	"strings"
	"testing"
)

func TestUndoTakesChangesBackAndSaysWhich(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.env["TOKEN"] = token("undoing")
	if s := p.run("", "undo"); s.code != exitNotFound || !strings.Contains(s.err, "nothing to take back") {
		t.Errorf("exits %d: %s", s.code, s.err)
	}
	p.must("", "new", "--yes", "--set", "overview.name=Ledger", "--set", "details.url=https://bitbucket.org/acme/ledger.git",
		"--set", "api.email=jdoe@acme-corp.com", "--secret", "credentials.password=env:TOKEN")
	document := p.files()["data/connectors/Ledger.yaml"]
	p.must("", "edit", "Ledger", "--yes", "--set", "overview.description=changed")
	if s := p.run("", "undo", "Ledger"); s.code != exitUsage || !strings.Contains(s.err, "takes no connector") {
		t.Errorf("exits %d: %s", s.code, s.err)
	}
	if s := p.must("", "undo", "--dry-run"); !strings.Contains(s.err, "Ledger was edited") {
		t.Errorf("%s", s.err)
	}
	if s := p.must("", "undo", "--dry-run", "--json"); !strings.Contains(s.out, `"change": "edited"`) || !strings.Contains(s.out, `"undone": false`) {
		t.Errorf("%s", s.out)
	}
	p.must("", "undo")
	if got := p.files()["data/connectors/Ledger.yaml"]; got != document {
		t.Errorf("it is\n%s\nand was\n%s", got, document)
	}
	p.must("", "delete", "Ledger", "--yes")
	if s := p.must("", "undo", "--json"); !strings.Contains(s.out, `"change": "deleted"`) || !strings.Contains(s.out, `"undone": true`) {
		t.Errorf("%s", s.out)
	}
	if got := p.files()["data/connectors/Ledger.yaml"]; got != document {
		t.Errorf("it came back as\n%s", got)
	}
	if all := p.files()["state/undo.jsonl"]; strings.Contains(all, p.env["TOKEN"]) || all == "" {
		t.Error("what is remembered is empty, or holds a secret")
	}
	p.must("", "undo")
	if _, there := p.files()["data/connectors/Ledger.yaml"]; there {
		t.Error("what was made is still there")
	}
}
