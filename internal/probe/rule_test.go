package probe

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bbconnect/model"
)

// TestEveryRuleHasAScenario fails for a row nobody tests.
func TestEveryRuleHasAScenario(t *testing.T) {
	t.Parallel()
	met := map[string]bool{}
	names := map[string]bool{}
	for _, s := range allScenarios() {
		if names[s.name] {
			t.Errorf("two scenarios are called %q", s.name)
		}
		names[s.name] = true
		met[s.rule] = true
		for _, row := range s.also {
			met[row] = true
		}
	}
	for _, s := range sshScenarios(t) {
		met[s.rule] = true
	}
	rows := map[string]bool{}
	for _, r := range allRules() {
		if rows[r.name] {
			t.Errorf("two rules are called %q", r.name)
		}
		rows[r.name] = true
		if !met[r.name] {
			t.Errorf("no scenario meets the rule %q (%s)", r.name, r.code)
		}
	}
}

// TestEveryRowSaysWhereItComesFrom reads the tables' own source: each row
// begins with a comment that names it.
func TestEveryRowSaysWhereItComesFrom(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	// The tables about the network say at their head where they come from.
	files = slices.DeleteFunc(files, func(name string) bool {
		return slices.Contains([]string{"rules_net.go", "rules_server.go", "rules_ssh.go", "rules_tls.go"}, name)
	})
	rows := 0
	for _, name := range files {
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			table, ok := n.(*ast.CompositeLit)
			if !ok || !isTable(table) {
				return true
			}
			for _, e := range table.Elts {
				row, ok := e.(*ast.CompositeLit)
				if !ok || len(row.Elts) == 0 {
					continue
				}
				rows++
				if !commented(file, row.Lbrace, row.Elts[0].Pos()) {
					t.Errorf("%s: a row without its source", set.Position(row.Pos()))
				}
			}
			return true
		})
	}
	if rows < 50 {
		t.Errorf("only %d rows were found in the source", rows)
	}
}

// isTable reports a list of rules or notes.
func isTable(table *ast.CompositeLit) bool {
	list, ok := table.Type.(*ast.ArrayType)
	if !ok {
		return false
	}
	of, ok := list.Elt.(*ast.Ident)
	return ok && (of.Name == "rule" || of.Name == "note")
}

// commented reports a comment between two places.
func commented(file *ast.File, from, to token.Pos) bool {
	for _, c := range file.Comments {
		if c.Pos() > from && c.End() < to {
			return true
		}
	}
	return false
}

func TestEveryRuleAboutATokenSaysWhereToMakeOne(t *testing.T) {
	t.Parallel()
	for _, r := range credentialTables() {
		about := r.field == model.QPassword || r.field == model.QAPIToken
		if about && r.code != "cred.unproven" && r.page == nil {
			t.Errorf("%q is about a token and has no page", r.name)
		}
		if r.field == model.QUsername && r.page == nil {
			t.Errorf("%q is about the user name and has no page", r.name)
		}
	}
}

func credentialTables() []rule {
	return slices.Concat(saidRules, credentialRules, refusalRules, lastRules, publicRules, warningRules)
}

func TestTheWayToReplaceATokenIsNamedWhereItHasExpired(t *testing.T) {
	t.Parallel()
	for _, r := range credentialTables() {
		if r.code == "token.expired" && !strings.Contains(r.fix, "bbconnect secret rotate") {
			t.Errorf("%q: %s", r.name, r.fix)
		}
	}
}
