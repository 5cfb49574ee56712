package document

import (
	"strings"
	"testing"

	"bbconnect/model"
)

// Each value that has the wrong type is named by its place, its type and its
// line, since that is all a person has to find it with.
func TestAValueOfTheWrongTypeIsNamedByPlaceTypeAndLine(t *testing.T) {
	t.Parallel()
	const head = "connector:\n  name: x\n  identifier: x\n  type: Bitbucket\n  spec:\n    url: https://bitbucket.org/acme/a.git\n    type: Repo\n"
	for name, c := range map[string]struct {
		text, what, line string
	}{
		"a list for the connector":     {"connector: [a]\n", "connector is a list", "Line 1:"},
		"a text for the connector":     {"connector: hello\n", "connector is a text", "Line 1:"},
		"a number for the connector":   {"connector: 12\n", "connector is a number", "Line 1:"},
		"a fraction for the connector": {"connector: 1.5\n", "connector is a number", "Line 1:"},
		"a truth for the connector":    {"connector: true\n", "connector is true or false", "Line 1:"},
		"bytes for the connector":      {"connector: !!binary eA==\n", "connector is binary data", "Line 1:"},
		"a mapping for the name":       {strings.Replace(head, "name: x", "name: {a: b}", 1), "connector.name is a mapping", "Line 2:"},
		"a list for the URL":           {strings.Replace(head, "url: https://bitbucket.org/acme/a.git", "url: [a, b]", 1), "connector.spec.url is a list", "Line 6:"},
		"a text for the spec":          {"connector:\n  name: x\n  type: Bitbucket\n  spec: none\n", "connector.spec is a text", "Line 4:"},
		"a list as a key":              {"connector:\n  ? [a]\n  : b\n", "A key in", "Line 2:"},
		"a mapping as a key":           {"connector:\n  ? {a: b}\n  : c\n", "is a mapping", "Line 2:"},
		"the same key twice":           {"connector:\n  name: x\n  name: y\n", "there twice", "Line 3:"},
	} {
		_, _, err := Decode([]byte(c.text))
		p, ok := model.AsProblem(err)
		if !ok || !strings.Contains(p.What, c.what) || !strings.HasPrefix(p.What, c.line) || p.Why == "" || p.Fix == "" {
			t.Errorf("%s: got %+v", name, err)
		}
	}
}

// The order a person has given the keys is theirs; a change keeps it.
func TestEditKeepsThePlaceOfTagsAndTheirNeighbours(t *testing.T) {
	t.Parallel()
	const text = "connector:\n  tags:\n    zeta: \"1\"\n    alpha: \"2\"\n  name: x\n  identifier: x\n  type: Bitbucket\n  spec:\n" +
		"    url: https://bitbucket.org/acme/a.git\n    type: Repo\n    authentication:\n      type: Http\n      spec:\n        type: UsernamePassword\n" +
		"        spec:\n          username: jdoe\n          passwordRef: account.bb_token\n    executeOnDelegate: false\n"
	for name, change := range map[string]func(*model.Connector){
		"another name":   func(c *model.Connector) { c.Name = "y" },
		"a description":  func(c *model.Connector) { c.Description = "for the tests" },
		"another URL":    func(c *model.Connector) { c.URL = "https://bitbucket.org/acme/b.git" },
		"another secret": func(c *model.Connector) { c.PasswordRef = "account.other" },
		"nothing":        func(*model.Connector) {},
		"an account connector": func(c *model.Connector) {
			c.URLType, c.URL, c.TestRepository = model.URLAccount, "https://bitbucket.org/acme", "a.git"
		},
	} {
		c := decoded(t, text)
		change(&c)
		got, err := Edit([]byte(text), c)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		out := string(got)
		if zeta, alpha, title := strings.Index(out, "zeta"), strings.Index(out, "alpha"), strings.Index(out, "  name:"); zeta < 0 || zeta > alpha || alpha > title {
			t.Errorf("%s: the order was changed:\n%s", name, out)
		}
		if again, err := Edit(got, c); err != nil || string(again) != out {
			t.Errorf("%s: the second edit changes it again, %v:\n%s", name, err, again)
		}
	}
}
