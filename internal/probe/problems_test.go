package probe

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"bbconnect/model"
)

// update writes what the rules say now: go test ./internal/probe -run Problems -update.
var update = flag.Bool("update", false, "write testdata/problems.json")

// told is what one row of the rules says in one of its scenarios.
type told struct {
	Rule    string         `json:"rule"`
	Code    string         `json:"code"`
	Verdict model.Verdict  `json:"verdict"`
	Problem *model.Problem `json:"problem"`
}

// changing are the parts of a problem that differ from run to run: ports of
// loopback, keys made at run time and today's dates.
var changing = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:3128"},
	{regexp.MustCompile(`SHA256:[0-9A-Za-z+/]{43}`), "SHA256:" + strings.Repeat("A", 43)},
	{regexp.MustCompile(`(?i)SHA256:([0-9a-f]{2}:?){32}`), "SHA256:" + strings.Repeat("A", 43)},
	{regexp.MustCompile(`\b20\d\d-\d\d-\d\dT[0-9:.]+Z`), "2027-11-21T12:00:00Z"},
	{regexp.MustCompile(`\b20\d\d-\d\d-\d\d\b`), "2027-11-21"},
	{regexp.MustCompile(`\b(January|February|March|April|May|June|July|August|September|October|November|December) \d{1,2}, 20\d\d \d\d:\d\d`), "November 21, 2027 12:00"},
	{regexp.MustCompile(`\b\d\d:\d\d(:\d\d)? UTC\b`), "12:00 UTC"},
	{regexp.MustCompile(`within \d+ (ms|s|seconds)\b`), "within 15 s"},
	{regexp.MustCompile(`(/[^/" ]+)+/(00\d/)?([^/" ]+\.pem)`), "/etc/ssl/$3"},
}

// onACheck is the problem of a code that hangs on a check and is not the one to
// mend first.
func onACheck(result model.TestResult, code string) *model.Problem {
	for _, c := range result.Checks {
		if c.Problem != nil && c.Problem.Code == code && c.Problem != result.Problem {
			return c.Problem
		}
	}
	return nil
}

// retell is what every row says in the first scenario that meets it.
func retell(t *testing.T) []byte {
	t.Helper()
	first, beside := map[string]scenario{}, map[string]scenario{}
	for _, s := range everyScenario(t) {
		if _, ok := first[s.rule]; !ok && s.rule != "" {
			first[s.rule] = s
		}
		for _, row := range s.also {
			if _, ok := beside[row]; !ok {
				beside[row] = s
			}
		}
	}
	rules := allRules()
	list := make([]told, len(rules))
	for i, r := range rules {
		s, ok := first[r.name]
		if !ok {
			if s, ok = beside[r.name]; !ok {
				t.Errorf("no scenario meets the rule %q", r.name)
				continue
			}
			result, inner, _, _ := s.play(t, nil)
			problem := onACheck(result, r.code)
			if problem == nil || !slices.Contains(inner.rows, r.name) {
				t.Errorf("%s: the row %q hangs on no check", s.name, r.name)
				continue
			}
			list[i] = told{Rule: r.name, Code: r.code, Verdict: result.Verdict, Problem: copied(problem)}
			continue
		}
		result, inner, _, _ := s.play(t, nil)
		for tries := 1; inner.rule != r.name && tries < 3; tries++ {
			// A busy machine can end a timeout in another phase.
			result, inner, _, _ = s.play(t, nil)
		}
		problem := copied(result.Problem)
		if problem.Authority != nil {
			problem.Authority.Expires = time.Date(2027, 11, 21, 12, 0, 0, 0, time.UTC)
		}
		list[i] = told{Rule: r.name, Code: problem.Code, Verdict: result.Verdict, Problem: problem}
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(list); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, c := range changing {
		text = c.pattern.ReplaceAllString(text, c.instead)
	}
	return []byte(text)
}

func TestProblemsAreToldAsTheScreensDrawThem(t *testing.T) {
	// Not parallel: some scenarios are timeouts, which a busy machine ends early.
	path := filepath.Join("testdata", "problems.json")
	got := retell(t)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	for tries := 1; !bytes.Equal(want, got) && tries < 3; tries++ {
		got = retell(t)
	}
	if err != nil || !bytes.Equal(want, got) {
		at := 0
		for at < min(len(want), len(got)) && want[at] == got[at] {
			at++
		}
		t.Errorf("%s is not current (%v). To write it and the cards drawn from it:\n"+
			"\tgo test ./internal/probe -run Problems -update && go test ./steps -run Cards -update\n"+
			"It differs from here on:\n%s\nwant:\n%s", path, err, got[max(0, at-200):min(len(got), at+200)], want[max(0, at-200):min(len(want), at+200)])
	}
}
