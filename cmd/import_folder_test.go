package cmd

import (
	"os"
	"path/filepath"
	"testing"
)

// An empty file ended an import after some of the folder was saved, and said nothing of
// what was.
func TestAFileThatIsNoDocumentKeepsNobodyFromTheOthers(t *testing.T) {
	t.Parallel()
	for _, dryRun := range []bool{false, true} {
		p := newPaymentsPlace(t)
		document := p.must("", "export", "Payments").out
		p.must("", "delete", "Payments", "--yes")
		dir := t.TempDir()
		for name, text := range map[string]string{"a.yaml": "", "b.yaml": "hello: [", "c.yaml": document} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		args := []string{"import", dir, "--json"}
		if dryRun {
			args = append(args, "--dry-run")
		}
		s := p.run("", args...)
		if s.code != exitFailed {
			t.Errorf("exits %d: %s", s.code, s.err)
		}
		contains(t, "the result", s.out, "a.yaml", "document.empty", "b.yaml", "c.yaml", `"id": "Payments"`)
		if here := p.run("", "show", "Payments").code == exitDone; here == dryRun {
			t.Errorf("dry run %v, and it is there: %v", dryRun, here)
		}
	}
}

func TestAReplacedSecretDoesNotKeepTheEndOfTheOldOne(t *testing.T) {
	t.Parallel()
	p := newPaymentsPlace(t)
	p.must("old\n", "secret", "set", "account.spare", "--kind", "password", "--expires", "90d")
	s := p.must("new\n", "secret", "set", "account.spare", "--kind", "password")
	contains(t, "it", s.err, "The day the old value ends is forgotten")
	for _, line := range []string{"account.spare"} {
		contains(t, "the list", p.must("", "secret", "list", "--json").out, line, `"expires": ""`)
	}
}
