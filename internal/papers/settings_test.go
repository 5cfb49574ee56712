package papers_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"bbconnect/internal/document"
	"bbconnect/model"
)

const settings = "docs/settings.md"

// settingRows are the rows of the tables of questions: the question's cell, the
// document's and that of the codes.
var settingRows = regexp.MustCompile("(?m)^\\| `([a-z]+\\.[a-zA-Z]+)`( \\(slot\\))? \\| (.*?) \\| (.*?) \\|$")

// setting is what the page says about one question.
type setting struct {
	slot            bool
	document, codes string
}

// readSettings reads the tables of questions; each question is there once.
func readSettings(t *testing.T) map[model.QuestionID]setting {
	t.Helper()
	all := map[model.QuestionID]setting{}
	for _, m := range settingRows.FindAllStringSubmatch(readPage(t, settings), -1) {
		id := model.QuestionID(m[1])
		if _, twice := all[id]; twice {
			t.Errorf("%s has %s twice", settings, id)
		}
		all[id] = setting{m[2] != "", m[3], m[4]}
	}
	return all
}

func TestEveryQuestionIsAmongTheSettings(t *testing.T) {
	t.Parallel()
	all := readSettings(t)
	for _, id := range model.QuestionIDs() {
		q, _ := model.KnownQuestion(id)
		s, there := all[id]
		if !there {
			t.Errorf("%s says nothing about %s", settings, id)
		}
		if s.slot != q.IsSecret() {
			t.Errorf("%s: that %s is a slot is %v, the program says %v", settings, id, s.slot, q.IsSecret())
		}
		delete(all, id)
	}
	for id := range all {
		t.Errorf("%s has %s, which nobody asks", settings, id)
	}
}

func TestEveryCodeOfTheSettingsIsInTheContractAndOnThePage(t *testing.T) {
	t.Parallel()
	c, page := readContract(t), readPage(t, settings)
	questions := model.QuestionIDs()
	// What has the shape of a code and is a host or a reference.
	others := []string{"bitbucket.org", "org.id", "account.id"}
	for _, m := range quoted.FindAllStringSubmatch(page, -1) {
		if codeShape.MatchString(m[1]) && !strings.HasPrefix(m[1], "connector.") && !slices.Contains(others, m[1]) && !c.has(m[1]) && !slices.Contains(questions, model.QuestionID(m[1])) {
			t.Errorf("%s names %s, which is neither a code nor a question", settings, m[1])
		}
	}
	all, told := readSettings(t), map[string]bool{}
	for _, s := range readAnswers() {
		key := string(s.field) + " " + s.code
		if told[key] || strings.HasPrefix(s.code, "url.") {
			continue
		}
		told[key] = true
		if !strings.Contains(all[s.field].codes, "`"+s.code+"`") {
			t.Errorf("%s: %s can say %s, and its row does not have that", settings, s.field, s.code)
		}
	}
	if len(told) < 40 {
		t.Errorf("only %d codes were said", len(told))
	}
}

func TestTheScopesOfTheSettingsAreThoseOfTheModel(t *testing.T) {
	t.Parallel()
	page := readPage(t, settings)
	for _, s := range model.TokenScopes() {
		needs := make([]string, 0, len(s.Needs))
		for _, n := range s.Needs {
			needs = append(needs, string(n))
		}
		if s.Optional {
			needs = []string{"nothing: optional"}
		}
		row := fmt.Sprintf("| `%s` | %s | %s |", s.Name, s.For, strings.Join(needs, ", "))
		if !strings.Contains(page, strings.ReplaceAll(row, "|  |", "| – |")+"\n") {
			t.Errorf("%s lacks the row\n%s", settings, row)
		}
	}
}

// paths are the keys of a document, with those above them.
func paths(above string, value any) []string {
	var all []string
	if m, ok := value.(map[string]any); ok {
		for key, inner := range m {
			all = append(all, above+key)
			all = append(all, paths(above+key+".", inner)...)
		}
	}
	return all
}

var (
	yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")
	yamlPath  = regexp.MustCompile("`((?:connector|x-bbconnect)\\.[A-Za-z.]+)`")
)

func TestTheDocumentsOfTheSettingsAreSoundAndHaveEveryFieldThatIsNamed(t *testing.T) {
	t.Parallel()
	page := readPage(t, settings)
	// Fields that only one kind of connector has, and that no example needs.
	known := []string{
		"connector.spec.proxy", "connector.spec.ignoreTestConnection", "x-bbconnect.caFile",
		"connector.spec.authentication.spec.spec.usernameRef", "connector.spec.apiAccess.spec.emailRef",
		"connector.spec.apiAccess.spec.username", "connector.spec.apiAccess.spec.usernameRef",
	}
	blocks := yamlBlock.FindAllStringSubmatch(page, -1)
	if len(blocks) != 2 {
		t.Fatalf("%d documents", len(blocks))
	}
	for _, m := range blocks {
		c, findings, err := document.Decode([]byte(m[1]))
		if err != nil || len(findings) > 0 {
			t.Fatalf("%v, %+v\n%s", err, findings, m[1])
		}
		if fs := model.ValidateConnector(c, model.World{Now: aDay}); fs.HasErrors() {
			t.Errorf("%+v\n%s", fs, m[1])
		}
		if again, err := document.Encode(c); err != nil || string(again) != m[1] {
			t.Errorf("%v; this is written as\n%s\nand stands as\n%s", err, again, m[1])
		}
		var tree map[string]any
		if err := yaml.Unmarshal([]byte(m[1]), &tree); err != nil {
			t.Fatal(err)
		}
		known = append(known, paths("", tree)...)
	}
	for _, m := range yamlPath.FindAllStringSubmatch(page, -1) {
		if !slices.Contains(known, m[1]) {
			t.Errorf("%s names the field %s, which neither document has", settings, m[1])
		}
	}
}
