package document

import (
	"maps"
	"strings"
	"testing"

	"bbconnect/model"
)

func TestAnAnswersFileIsReadFlatOrInSections(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want map[model.QuestionID]string
	}{
		"flat":                     {"overview.name: Ledger\ndetails.url: https://bitbucket.org/acme/ledger.git\n", map[model.QuestionID]string{"overview.name": "Ledger", "details.url": "https://bitbucket.org/acme/ledger.git"}},
		"sections":                 {"overview:\n  name: Ledger\ndetails:\n  urlType: Repo\n", map[model.QuestionID]string{"overview.name": "Ledger", "details.urlType": "Repo"}},
		"both at once":             {"overview: {name: Ledger}\ndetails.urlType: Repo\n", map[model.QuestionID]string{"overview.name": "Ledger", "details.urlType": "Repo"}},
		"JSON":                     {`{"overview": {"name": "Ledger"}, "connectivity.tags": ["a", "b"]}`, map[model.QuestionID]string{"overview.name": "Ledger", "connectivity.tags": "a,b"}},
		"a list":                   {"connectivity:\n  tags:\n  - linux\n  - eu\n", map[model.QuestionID]string{"connectivity.tags": "linux,eu"}},
		"an empty list":            {"connectivity.tags: []\n", map[model.QuestionID]string{"connectivity.tags": ""}},
		"as written":               {"a: 0012\nb: true\nc: 1.10\nd: 2027-11-21\ne: \"\"\n", map[model.QuestionID]string{"a": "0012", "b": "true", "c": "1.10", "d": "2027-11-21", "e": ""}},
		"nothing is no answer":     {"overview.name:\noverview.id: ~\noverview.org: x\n", map[model.QuestionID]string{"overview.org": "x"}},
		"a byte order mark":        {"\ufeffoverview.name: Ledger\r\n", map[model.QuestionID]string{"overview.name": "Ledger"}},
		"the last one is not lost": {"overview.name: Ledger", map[model.QuestionID]string{"overview.name": "Ledger"}},
		"a section nobody knows":   {"surprise: {name: x}\n", map[model.QuestionID]string{"surprise.name": "x"}},
		"several lines":            {"overview.description: |\n  one\n  two\n", map[model.QuestionID]string{"overview.description": "one\ntwo\n"}},
	} {
		got, ok, err := ReadAnswers([]byte(c.text))
		if err != nil || !ok || !maps.Equal(got, c.want) {
			t.Errorf("%s: got %v, %v, %v", name, got, ok, err)
		}
	}
}

func TestWhatHoldsNoAnswersIsLeftToTheReaderOfDocuments(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a connector":            "connector:\n  name: x\n",
		"a connector among more": "x-bbconnect: {version: 1}\nconnector: {name: x}\n",
		"a JSON connector":       `{"connector": {"name": "x"}}`,
		"a list":                 "- a\n- b\n",
		"a word":                 "hello\n",
		"nothing":                "",
		"not YAML":               "a: [\n",
	} {
		if got, ok, err := ReadAnswers([]byte(text)); ok || err != nil || len(got) != 0 {
			t.Errorf("%s: got %v, %v, %v", name, got, ok, err)
		}
	}
}

func TestAnAnswerThatIsNoPlainValueIsNamedWithItsLine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text  string
		field model.QuestionID
		line  string
	}{
		"a mapping under a question":  {"overview:\n  name:\n    first: x\n", "overview.name", "Line 3:"},
		"a mapping in a flat answer":  {"overview.name: {a: b}\n", "overview.name", "Line 1:"},
		"a list of lists":             {"connectivity.tags:\n- a\n- [b]\n", "connectivity.tags", "Line 3:"},
		"a list of mappings, nested":  {"connectivity:\n  tags:\n  - a: b\n", "connectivity.tags", "Line 3:"},
		"an alias":                    {"a: &x one\nb: *x\n", "b", "Line 2:"},
		"an alias in a list":          {"a: &x one\nb: [*x]\n", "b", "Line 2:"},
		"an alias that is a section":  {"a: &x one\noverview: *x\n", "overview", "Line 2:"},
		"a section within a section ": {"overview:\n  overview: {name: x}\n", "overview.overview", "Line 2:"},
	} {
		_, _, err := ReadAnswers([]byte(c.text))
		p, ok := model.AsProblem(err)
		if !ok || p.Code != "document.value" || p.Field != c.field || !strings.HasPrefix(p.What, c.line) || p.Why == "" || p.Fix == "" {
			t.Errorf("%s: got %+v", name, err)
		}
	}
}

func TestAnswersThatAreNoTextAreRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"too large": strings.Repeat("#", MaxSize+1),
		"not UTF-8": "overview.name: \xff\xfe\n",
	} {
		if _, ok, err := ReadAnswers([]byte(text)); ok || err == nil {
			t.Errorf("%s: ok is %v, err %v", name, ok, err)
		} else if p, is := model.AsProblem(err); !is || p.Fix == "" {
			t.Errorf("%s: no remedy in %v", name, err)
		}
	}
}

// A file with an alias of an alias of an alias must not be written out: answers
// need no aliases, so none is followed.
func TestAliasesInAnAnswersFileAreNotMultiplied(t *testing.T) {
	t.Parallel()
	text := "a: &a [x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'z'; c++ {
		before, here := string(c-1), string(c)
		text += here + ": &" + here + " [" + strings.TrimSuffix(strings.Repeat("*"+before+",", 8), ",") + "]\n"
	}
	got, _, err := ReadAnswers([]byte(text))
	if p, ok := model.AsProblem(err); !ok || p.Field != "b" || len(got["a"]) != 15 {
		t.Errorf("got %d answers, %v", len(got), err)
	}
}

func FuzzReadAnswers(f *testing.F) {
	for _, seed := range []string{
		"overview:\n  name: x\n", "connectivity.tags: [a, b]\n", "connector: {}\n", "a: &a [*a]\n", "? {a: b}\n: c\n",
		"a: {b: {c: d}}\n", "\ufeffa: 1\r\n", "- a\n", "<<: {a: b}\n", "a: !!binary eA==\n", "a: \"\\0\"\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		answers, ok, err := ReadAnswers([]byte(text))
		if p, is := model.AsProblem(err); err != nil && (!is || p.What == "" || p.Fix == "") {
			t.Fatalf("no remedy in %v", err)
		}
		if err == nil && !ok && len(answers) > 0 {
			t.Fatalf("answers from what holds none: %v", answers)
		}
		total := 0
		for _, answer := range answers {
			total += len(answer)
		}
		// Nothing multiplies: a tab or an escape grows to a few bytes, no more.
		if total > 4*len(text)+4 {
			t.Fatalf("%d bytes became %d", len(text), total)
		}
	})
}
