package house_test

import (
	"strings"
	"testing"
)

// Each rule, on the smallest source that breaks it and on one that does not: a
// rule that finds nothing must be one that could have.
func TestTheSourceRulesCatchWhatBreaksThem(t *testing.T) {
	t.Parallel()
	lines := func(n int) string { return strings.Repeat("\n", n) }
	for _, c := range []struct {
		rule, path, text string
		complaints       int
	}{
		{"functions stay short", "ui/a.go", "package ui\nfunc f() {" + lines(maxFuncLines-1) + "}\n", 0},
		{"functions stay short", "ui/a.go", "package ui\nfunc f() {" + lines(maxFuncLines) + "}\n", 1},
		{"functions stay short", "ui/a_test.go", "package ui\nfunc f() {" + lines(maxFuncLines) + "}\n", 0},
		{"files stay short", "ui/a.go", "package ui" + lines(maxFileLines-1), 0},
		{"files stay short", "ui/a.go", "package ui" + lines(maxFileLines+1), 1},
		{"exported names are explained", "ui/a.go", "package ui\nfunc F() {}\n", 1},
		{"exported names are explained", "ui/a.go", "package ui\n// F is it.\nfunc F() {}\n", 0},
		{"exported names are explained", "ui/a.go", "package ui\ntype T struct{}\nfunc (*T) M() {}\n", 2},
		{"exported names are explained", "ui/a.go", "package ui\ntype t struct{}\nfunc (*t) M() {}\n", 0},
		{"exported names are explained", "ui/a.go", "package ui\ntype T[A, B any] struct{} // T holds both.\nfunc (T[A, B]) M() {}\n", 1},
		{"exported names are explained", "ui/a.go", "package ui\n// The two.\nconst (\nA = 1\nB = 2\n)\n", 0},
		{"exported names are explained", "ui/a.go", "package ui\nconst (\nA = 1\nB = 2 // B is two.\n)\n", 1},
		{"exported names are explained", "ui/a_test.go", "package ui\nfunc F() {}\n", 0},
		{"tests do not sleep", "ui/a_test.go", "package ui\nfunc f() { time.Sleep(1) }\n", 1},
		{"tests do not sleep", "ui/a.go", "package ui\nfunc f() { time.Sleep(1) }\n", 0},
		{"skipped tests say why", "ui/a_test.go", "package ui\nfunc f() { t.Skip() }\n", 1},
		{"skipped tests say why", "ui/a_test.go", "package ui\nfunc f() { b.SkipNow() }\n", 1},
		{"skipped tests say why", "ui/a_test.go", "package ui\nfunc f() { t.Skip(\"no sshd here\") }\n", 0},
		{"nothing is left to do", "ui/a.go", "package ui\n// TO" + "DO: more\n", 1},
		{"nothing is left to do", "ui/a.go", "package ui\nvar s = \"TO" + "DO\"\n", 0},
		{"packages start without side work", "ui/a.go", "package ui\nfunc init() {}\n", 1},
		{"packages start without side work", "ui/a.go", "package ui\nfunc (t) init() {}\n", 0},
		{"packages start without side work", "internal/termguard/a.go", "package termguard\nfunc init() {}\n", 0},
		{"the model has no clock", "model/a.go", "package model\nvar now = time.Now()\n", 1},
		{"the model has no clock", "model/a_test.go", "package model\nvar now = time.Now()\n", 0},
		{"the model has no clock", "ui/a.go", "package ui\nvar now = time.Now()\n", 0},
	} {
		rule := sourceRules()[c.rule]
		if rule == nil {
			t.Fatalf("there is no rule %q", c.rule)
		}
		if got := rule(parse(t, "", c.path, c.text)); len(got) != c.complaints {
			t.Errorf("%s, %s: %d complaints, want %d: %q\n%s", c.rule, c.path, len(got), c.complaints, got, strings.TrimSpace(c.text))
		}
	}
}
