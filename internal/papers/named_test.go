package papers_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// testNames are the tests a page calls as its witnesses.
var testNames = regexp.MustCompile("`(Test[A-Z][A-Za-z0-9_]*)`")

// everyTest are the names of all tests of the project.
func everyTest(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	name := regexp.MustCompile(`(?m)^func (Test[A-Za-z0-9_]+)\(`)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range name.FindAllStringSubmatch(string(text), -1) {
			all[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestEveryTestThatAPageNamesIsThere(t *testing.T) {
	t.Parallel()
	all, named := everyTest(t), 0
	for _, page := range []string{"docs/security.md", "docs/contributing.md", "ARCHITECTURE.md"} {
		for _, m := range testNames.FindAllStringSubmatch(readPage(t, page), -1) {
			if named++; !all[m[1]] {
				t.Errorf("%s names the test %s, which is not there", page, m[1])
			}
		}
	}
	if named < 25 {
		t.Errorf("only %d tests are named", named)
	}
}

// makeTargets are the targets of the Makefile that a page tells people to run.
var makeTargets = regexp.MustCompile("(?m)(?:^|`|\\$ )make ([a-z]+)")

func TestEveryTargetThatAPageNamesIsInTheMakefile(t *testing.T) {
	t.Parallel()
	makefile := readPage(t, "Makefile")
	for _, page := range []string{"README.md", "ARCHITECTURE.md", "docs/security.md", "docs/contributing.md"} {
		for _, m := range makeTargets.FindAllStringSubmatch(readPage(t, page), -1) {
			if !strings.Contains(makefile, "\n"+m[1]+":") {
				t.Errorf("%s names make %s, which is not there", page, m[1])
			}
		}
	}
}

func TestTheReadmeStaysShortAndKeepsItsPromises(t *testing.T) {
	t.Parallel()
	text := readPage(t, "README.md")
	if lines := strings.Count(text, "\n"); lines > 260 {
		t.Errorf("README.md has %d lines; move something into docs", lines)
	}
	for _, promise := range []string{"\nmake run\n", "\nmake test "} {
		if !strings.Contains(text, promise) {
			t.Errorf("README.md no longer says%q", promise)
		}
	}
}
