package document

import (
	"math/rand"
	"testing"

	"go.yaml.in/yaml/v3"

	"bbconnect/model"
)

// agree fails when the simple reader takes a text and the YAML parser reads it
// differently. It returns whether the simple reader took it.
func agree(t *testing.T, text []byte) bool {
	t.Helper()
	got := readSimple(text)
	if got == nil {
		return false
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatalf("read although the parser says %v:\n%q", err, text)
	}
	var compare func(a, b *yaml.Node, key bool) bool
	compare = func(a, b *yaml.Node, key bool) bool {
		if a.Kind != b.Kind || a.Value != b.Value || a.Line != b.Line || (!key && a.ShortTag() != b.ShortTag()) || len(a.Content) != len(b.Content) {
			t.Errorf("got  %v %s %q line %d\nwant %v %s %q line %d", a.Kind, a.ShortTag(), a.Value, a.Line, b.Kind, b.ShortTag(), b.Value, b.Line)
			return false
		}
		for i := range a.Content {
			if !compare(a.Content[i], b.Content[i], a.Kind == yaml.MappingNode && i%2 == 0) {
				return false
			}
		}
		return true
	}
	if !compare(got, doc.Content[0], false) {
		t.Fatalf("in\n%q", text)
	}
	return true
}

func TestTheSimpleReaderAgreesWithTheParserOnWhatIsWritten(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(5))
	taken := 0
	for range 700 {
		text, err := Encode(anyConnector(r))
		if err != nil {
			t.Fatal(err)
		}
		if agree(t, text) {
			taken++
		}
	}
	if taken == 0 {
		t.Fatal("nothing was simple enough; the test proves nothing")
	}
}

func TestAnOrdinaryConnectorIsSimple(t *testing.T) {
	t.Parallel()
	text, err := Encode(model.Connector{
		Name: "My Bitbucket", ID: "My_Bitbucket", Scope: model.Scope{Org: "default", Project: "pay"}, Tags: []model.Tag{{Key: "env", Value: "prod"}, {Key: "solo"}},
		URL: "https://bitbucket.org/ws/", URLType: model.URLAccount, TestRepository: "repo.git", ConnectionType: model.HTTP,
		Username: model.Login{Plain: "jdoe"}, PasswordRef: "account.bb_token",
		API:  model.APIAccess{Method: model.APIEmailAndToken, Email: model.Login{Plain: "me@corp.example"}, TokenRef: "account.bb_token"},
		Mode: model.ModeDelegate, Selectors: []string{"eu-1", "eu-2"}, DelegateVersion: "26.02.88600",
	})
	if err != nil {
		t.Fatal(err)
	}
	if !agree(t, text) {
		t.Fatalf("left to the parser:\n%s", text)
	}
	if !agree(t, append([]byte("# ours\n\n"), text...)) {
		t.Fatal("a comment above it makes it the parser's")
	}
}

func TestWhatIsNotSimpleIsLeftToTheParser(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "a", "a: b\n c", "a:\n b", "a: 'b'", "a: b # c", "a: [b]", "a: {b: c}", "a: &x b", "a: *x", "a: |\n  b", "a: b: c", "a: b:", "a: 5", "a: ~",
		"a: \"b\\n\"", "a: \"b\" # c", "a: yes", "a: True", "a: NULL", "a:\tb", "a: ü", " a: b", "a:\n  b: c\n d: e", "- a", "a:\n  - b: c", "a:\n  -\n",
		"a:\n  - b\n   c", "? a", "a:\n- b\nc", "\"a\": b", "a : b", "a:b", "a: b ", "a: .inf", "a: -1",
	} {
		if n := readSimple([]byte(text)); n != nil {
			agree(t, []byte(text))
			t.Errorf("%q was read as simple", text)
		}
	}
}

func FuzzSimpleReaderAgreesWithTheParser(f *testing.F) {
	f.Add([]byte("connector:\n  name: x\n  tags:\n    a: \"\"\n  list:\n  - a\n  - b\n  on: true\n"))
	f.Add([]byte(payments))
	f.Add([]byte("a:\n\n# c\n  b: c\n\n  d:\ne: f"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, part := range split(text) {
			agree(t, part.text)
		}
	})
}
