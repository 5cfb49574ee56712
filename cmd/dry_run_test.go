package cmd

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// changing are the commands that change something, each as it is called on the
// machine that changeable makes.
func changing() map[string][]string {
	return map[string][]string{
		"new": {
			"new", "--yes", "--set", "overview.name=Second", "--set", "details.url=https://bitbucket.org/acme/second.git",
			"--set", "api.email=jdoe@acme-corp.com", "--secret", "credentials.password=env:BB_TOKEN",
		},
		"edit":              {"edit", "Payments", "--yes", "--set", "overview.description=mine"},
		"edit with a value": {"edit", "Payments", "--yes", "--secret", "credentials.password=env:OTHER"},
		"edit in plain":     {"edit", "Payments", "--plain", "--set", "overview.description=mine"},
		"delete":            {"delete", "Payments", "--yes"},
		"delete with all":   {"delete", "Payments", "--yes", "--with-secrets"},
		"copy":              {"copy", "Payments", "Payments_2"},
		"undo":              {"undo"},
		"import":            {"import", "$FILE"},
		"secret set":        {"secret", "set", "account.fresh", "--from", "env:BB_TOKEN"},
		"secret set again":  {"secret", "set", "account.lonely", "--from", "env:OTHER", "--expires", "2027-03-01"},
		"secret rename":     {"secret", "rename", "account.Payments_token", "payments_token"},
		"secret move":       {"secret", "move", "account.lonely", "--to", "vault"},
		"secret delete":     {"secret", "delete", "account.lonely", "--yes"},
		"secret key new":    {"secret", "key", "new", "--ref", "account.bb_key"},
		"backup create":     {"backup", "create", "$HOME/bb.age", "--recipient", "age1h7lfu9sflhs3nfksx0w7htw9smmppzz9645xzrxc0nvddskl85dqh2errc"},
		"backup restore":    {"backup", "restore", "$BACKUP", "--identity", "$KEY"},
		"export":            {"export", "Payments", "-o", "$HOME/out"},
	}
}

// changeable is a machine on which each of changing has something to change; the
// arguments come back with the names of its files in them.
func changeable(t *testing.T, args []string) (*place, []string) {
	t.Helper()
	p := newPaymentsPlace(t)
	p.env["OTHER"] = token("oT6")
	p.must("", "secret", "set", "account.lonely", "--from", "env:BB_TOKEN")
	exported := p.must("", "export", "Payments", "--format", "harness").out
	file := p.write("third.yaml", strings.ReplaceAll(exported, "Payments", "Third"))
	backup, key := "", ""
	if slices.Contains(args, "$BACKUP") {
		backup, key = p.backedUp()
		p.must("", "delete", "Payments", "--yes")
	}
	out := slices.Clone(args)
	for i := range out {
		out[i] = strings.NewReplacer("$FILE", file, "$HOME", p.home, "$BACKUP", backup, "$KEY", key).Replace(out[i])
	}
	return p, out
}

// backedUp makes a backup of the machine, and the key that opens it.
func (p *place) backedUp() (file, key string) {
	p.t.Helper()
	key, public := backupKeys(p.t, p)
	file = filepath.Join(p.t.TempDir(), "bb.age")
	p.must("", "backup", "create", file, "--recipient", public)
	return file, key
}

// everything is all that a run could change: files, but for what deleting would
// lose nothing, and values.
func (p *place) everything() map[string]string {
	p.t.Helper()
	out := p.saved()
	for name, text := range p.files() {
		if !strings.HasPrefix(name, "state/") || strings.HasSuffix(name, "undo.jsonl") {
			out[name] = text
		}
	}
	return out
}

func TestADryRunSaysWhatItWouldDoAndChangesNothing(t *testing.T) {
	t.Parallel()
	for name, args := range changing() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, args := changeable(t, args)
			before := p.everything()
			s := p.must("", append(args, "--dry-run")...)
			if after := p.everything(); !maps.Equal(before, after) {
				t.Errorf("%v changes something with --dry-run:\n%v\n%v", args, before, after)
			}
			if strings.TrimSpace(s.err) == "" {
				t.Errorf("%v --dry-run says nothing", args)
			}
			for _, value := range []string{p.env["BB_TOKEN"], p.env["OTHER"]} {
				if part, found := leaks(s.out+s.err, value); found {
					t.Errorf("%v --dry-run shows %q of a secret", args, part)
				}
			}
			// The same without it does change something, or the test would prove nothing.
			p.must("save\n", args...)
			if maps.Equal(before, p.everything()) {
				t.Errorf("%v changes nothing at all", args)
			}
		})
	}
}

func TestADryRunWithJSONWritesOneValueAndChangesNothing(t *testing.T) {
	t.Parallel()
	for name, args := range changing() {
		if name == "edit in plain" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, args := changeable(t, args)
			before := p.everything()
			s := p.must("", append(args, "--dry-run", "--json")...)
			if after := p.everything(); !maps.Equal(before, after) {
				t.Errorf("%v changes something with --dry-run --json", args)
			}
			var value any
			dec := json.NewDecoder(strings.NewReader(s.out))
			if err := dec.Decode(&value); err != nil || dec.More() {
				t.Errorf("%v writes no single JSON value (%v):\n%s", args, err, s.out)
			}
		})
	}
}

// TestADryRunOfWhatWouldFailFailsAsTheRealOneDoes asks for what cannot be done:
// with --dry-run the same is said, with the same exit code.
func TestADryRunOfWhatWouldFailFailsAsTheRealOneDoes(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"edit of none":              {"edit", "nosuch", "--yes", "--set", "overview.name=x"},
		"edit to a wrong value":     {"edit", "Payments", "--yes", "--set", "connectivity.mode=carrier"},
		"new without an address":    {"new", "--yes", "--set", "overview.name=Second"},
		"delete of none":            {"delete", "nosuch", "--yes"},
		"copy of none":              {"copy", "nosuch", "other"},
		"copy to a taken id":        {"copy", "Payments", "Payments"},
		"copy to a bad id":          {"copy", "Payments", "a b"},
		"import of none":            {"import", "$HOME/nosuch.yaml"},
		"import of what is there":   {"import", "$SAVED"},
		"secret set without value":  {"secret", "set", "account.x", "--from", "env:NOSUCH"},
		"secret set to a bad kind":  {"secret", "set", "account.x", "--from", "env:BB_TOKEN", "--kind", "nosuch"},
		"secret set to a bad day":   {"secret", "set", "account.x", "--from", "env:BB_TOKEN", "--expires", "soon"},
		"secret rename of none":     {"secret", "rename", "account.nosuch", "other"},
		"secret rename onto one":    {"secret", "rename", "account.Payments_token", "lonely"},
		"secret move of none":       {"secret", "move", "account.nosuch", "--to", "vault"},
		"secret delete of none":     {"secret", "delete", "account.nosuch", "--yes"},
		"secret delete of a used":   {"secret", "delete", "account.Payments_token", "--yes"},
		"secret key on a taken one": {"secret", "key", "new", "--ref", "account.lonely"},
		"undo of nothing":           {"undo"},
		"export of none":            {"export", "nosuch", "-o", "$HOME/out"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, args := changeable(t, args)
			for i := range args {
				args[i] = strings.ReplaceAll(args[i], "$SAVED", filepath.Join(p.home, "data", "connectors", "Payments.yaml"))
			}
			if name == "undo of nothing" {
				p.must("", "undo") // takes the connector back that was made
			}
			before := p.everything()
			dry, real := p.run("", append(args, "--dry-run")...), p.run("", args...)
			if dry.code == exitDone || dry.code != real.code {
				t.Errorf("exits %d with --dry-run and %d without:\n%s\n%s", dry.code, real.code, dry.err, real.err)
			}
			if !maps.Equal(before, p.everything()) {
				t.Errorf("what failed changed something:\n%s", real.err)
			}
			first, _, _ := strings.Cut(real.err, "\n")
			if !strings.Contains(dry.err, first) {
				t.Errorf("with --dry-run it says\n%s\nand without\n%s", dry.err, real.err)
			}
		})
	}
}

// TestWhatAsksBeforeItChangesHasADryRun walks all commands: one that can be told
// not to ask, and each of changing, takes --dry-run.
func TestWhatAsksBeforeItChangesHasADryRun(t *testing.T) {
	t.Parallel()
	root := newRoot(&app{})
	for name, args := range changing() {
		c, _, err := root.Find(args)
		if err != nil || c.Flags().Lookup("dry-run") == nil {
			t.Errorf("%s takes no --dry-run (%v)", name, err)
		}
	}
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Flags().Lookup("yes") != nil && c.Flags().Lookup("dry-run") == nil {
			t.Errorf("%s has --yes and no --dry-run", c.CommandPath())
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(root)
}

func TestAnExportThatWasOnlyTriedLeavesNoFolder(t *testing.T) {
	t.Parallel()
	p := newPaymentsPlace(t)
	dir := filepath.Join(t.TempDir(), "out")
	s := p.must("", "export", "--all", "-o", dir, "--dry-run")
	contains(t, "the dry run", s.err, "Would write")
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s is there (%v)", dir, err)
	}
}
