package papers_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// readPage reads a document of the project, with its line ends made plain.
func readPage(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// contract is what docs/contract.md says about codes.
type contract struct {
	// codes are those it names, in its order.
	codes []string
	// fields are the short names that go with .required and .invalid.
	fields []string
}

var quoted = regexp.MustCompile("`([^`]+)`")

// readContract reads the codes of docs/contract.md.
func readContract(t testing.TB) contract {
	t.Helper()
	_, section, ok := strings.Cut(readPage(t, "docs/contract.md"), "\n## Codes\n")
	section, _, ends := strings.Cut(section, "\n## ")
	if !ok || !ends {
		t.Fatal("docs/contract.md has no section Codes")
	}
	_, fields, ok := strings.Cut(section, "- **fields**: the field's short name")
	fields, _, ends = strings.Cut(fields, "), and")
	if !ok || !ends {
		t.Fatal("docs/contract.md does not list the short names of fields")
	}
	c := contract{}
	for _, m := range quoted.FindAllStringSubmatch(fields, -1) {
		for name := range strings.FieldsSeq(m[1]) {
			if !strings.HasPrefix(name, ".") {
				c.fields = append(c.fields, name)
			}
		}
	}
	for _, m := range quoted.FindAllStringSubmatch(section, -1) {
		for _, code := range strings.Fields(m[1]) {
			if codeShape.MatchString(code) && !slices.Contains(c.codes, code) {
				c.codes = append(c.codes, code)
			}
		}
	}
	if len(c.codes) < 140 || len(c.fields) < 20 {
		t.Fatalf("only %d codes and %d fields were found in docs/contract.md", len(c.codes), len(c.fields))
	}
	return c
}

// has reports whether the contract has a code, by itself or as a field's.
func (c contract) has(code string) bool { return slices.Contains(c.codes, code) || c.hasField(code) }

// hasField reports whether a code is a field's .required or .invalid.
func (c contract) hasField(code string) bool {
	field, what, _ := strings.Cut(code, ".")
	return (what == "required" || what == "invalid") && slices.Contains(c.fields, field)
}
