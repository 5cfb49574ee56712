package sandbox

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

// update writes the document anew: go test ./internal/sandbox -run Document -update.
var update = flag.Bool("update", false, "write docs/scenarios.md")

// scenariosDocument is where the table of all scenarios stands.
const scenariosDocument = "../../docs/scenarios.md"

// document is the table, from the scenarios themselves.
func document() string {
	var b strings.Builder
	b.WriteString("# What can go wrong, and what the test says\n\n")
	b.WriteString("`bbconnect try --scenario NAME` plays each of these on this machine, and says what\n")
	b.WriteString("to type to see it. The tests of the live test go through every row of this list.\n\n")
	b.WriteString("This file is written by `go test ./internal/sandbox -run Document -update`.\n")
	group := Group("")
	for _, sc := range Scenarios() {
		if sc.Group != group {
			group = sc.Group
			fmt.Fprintf(&b, "\n## %s\n\n| name | what is broken | product | what the test says | source |\n| --- | --- | --- | --- | --- |\n", group)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", sc.Name, cell(sc.Title), productsCell(sc), saysCell(sc), cell(sc.Source))
	}
	return b.String()
}

// cell keeps a text from ending a cell of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", "\\|") }

// productsCell names the products and ways a scenario shows at.
func productsCell(sc Scenario) string {
	var out []string
	for _, product := range sc.Products() {
		http, ssh := false, false
		for _, w := range sc.Shows {
			http, ssh = http || w.Product == product && !w.SSH(), ssh || w.Product == product && w.SSH()
		}
		name := map[Product]string{Cloud: "Cloud", DataCenter: "Data Center"}[product]
		switch {
		case !http:
			name += " over SSH"
		case ssh:
			name += ", SSH too"
		}
		out = append(out, name)
	}
	return strings.Join(out, "; ")
}

// saysCell lists what tests come to, each once.
func saysCell(sc Scenario) string {
	var out []string
	seen := map[string]bool{}
	for _, w := range sc.Shows {
		text := w.Verdict
		if w.Code != "" {
			text += " `" + w.Code + "`"
		}
		if !seen[text] {
			seen[text] = true
			out = append(out, text)
		}
	}
	return strings.Join(out, ", ")
}

func TestTheDocumentOfScenariosIsCurrent(t *testing.T) {
	t.Parallel()
	want := document()
	if *update {
		if err := os.WriteFile(scenariosDocument, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(scenariosDocument)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ReplaceAll(string(got), "\r\n", "\n") != want {
		t.Error("docs/scenarios.md is not what the scenarios say; write it anew with -update")
	}
	for _, sc := range Scenarios() {
		if strings.Count(string(got), "| `"+sc.Name+"` |") != 1 {
			t.Errorf("%s is not in the document once", sc.Name)
		}
	}
}
