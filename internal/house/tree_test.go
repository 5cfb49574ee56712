package house_test

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// topLevel is all there is at the top of the project, but for tests of the whole
// program. What make and git put there is not listed by files.
func topLevel() []string {
	return []string{
		"cmd", "ui", "steps", "model", "keystore", "screenshots", "internal", "docs", ".ci",
		"main.go", "Makefile", "go.mod", "go.sum", "README.md", "ARCHITECTURE.md", "LICENSE", ".gitignore", ".gitattributes",
	}
}

func TestTheTopLevelHoldsOnlyWhatBelongsThere(t *testing.T) {
	t.Parallel()
	reported := map[string]bool{}
	for _, name := range files(t, root(t)) {
		top, _, _ := strings.Cut(name, "/")
		if top == ".git" { // in a linked worktree it is a file
			continue
		}
		if !slices.Contains(topLevel(), top) && !strings.HasSuffix(top, "_test.go") && !reported[top] {
			reported[top] = true
			t.Errorf("%s does not belong at the top level. Code goes into a room, prose into docs, what programs build into bin or dist.", top)
		}
	}
}

// prose lists the files that people read and machines run beside Go.
func prose(all []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(name string) bool {
		return strings.Contains(name, "testdata/") ||
			!strings.HasSuffix(name, ".md") && !strings.HasPrefix(name, ".ci/") && name != "Makefile" && path.Base(name) != "go.mod"
	})
}

func TestNothingInProseIsLeftToDo(t *testing.T) {
	t.Parallel()
	dir := root(t)
	for _, name := range prose(files(t, dir)) {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if mark := unfinished.Find(text); mark != nil {
			t.Errorf("%s: finish it or leave it out: %s", name, mark)
		}
	}
}

// document is the name of a Markdown file, with the folders written before it.
var document = regexp.MustCompile(`[A-Za-z0-9_./-]*[A-Za-z0-9_-]\.md\b`)

// missingDocuments names the documents a text sends its reader to that are not
// in the project.
func missingDocuments(text string, all []string) (missing []string) {
	for _, name := range document.FindAllString(text, -1) {
		there := slices.ContainsFunc(all, func(file string) bool {
			return within(file, strings.TrimPrefix(name, "./")) || path.Base(file) == name
		})
		if !there && !slices.Contains(missing, name) {
			missing = append(missing, name)
		}
	}
	return missing
}

func TestEveryDocumentThatIsNamedIsThere(t *testing.T) {
	t.Parallel()
	dir := root(t)
	all := files(t, dir)
	for _, name := range prose(all) {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		// Where links lead is looked at from the page's own folder, in links_test.go.
		for _, missing := range missingDocuments(markdownLink.ReplaceAllString(string(text), "]"), all) {
			t.Errorf("%s names %s, which is not in the project. Name the public source, or say the thing itself.", name, missing)
		}
	}
	for _, s := range sources(t) {
		for _, group := range s.file.Comments {
			for _, missing := range missingDocuments(group.Text(), all) {
				t.Errorf("%s the comment names %s, which is not in the project. Name the public source, or say the thing itself.",
					s.at(group.Pos()), missing)
			}
		}
	}
}

func TestMissingDocumentsAreFound(t *testing.T) {
	t.Parallel()
	all := []string{"README.md", "docs/keys.md", "main.go"}
	for text, want := range map[string]int{
		"see README.md and docs/keys.md.": 0,
		"see keys.md":                     0,
		"see ./README.md":                 0,
		"see notes.md, and notes.md":      1,
		"see ../other/plan.md":            1,
		"no document here, md":            0,
	} {
		if got := missingDocuments(text, all); len(got) != want {
			t.Errorf("%q: found %q, want %d", text, got, want)
		}
	}
}

func TestNoFileNamesTheFolderItWasWrittenIn(t *testing.T) {
	t.Parallel()
	dir := root(t)
	if strings.Count(filepath.ToSlash(dir), "/") < 2 {
		return // "/src" and the like may stand in a file for good reasons
	}
	for _, name := range files(t, dir) {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte(dir)) {
			t.Errorf("%s contains %s, which is there on this machine only. Use a path inside the project.", name, dir)
		}
	}
}
