package probe

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// codesWithoutAScenario are codes the contract lists for the live test that no
// scenario produces yet.
var codesWithoutAScenario = []string{}

// contractCodes reads the codes of one family out of the contract, so that the
// page people script against and the rules cannot disagree.
func contractCodes(t testing.TB, family string) []string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "contract.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(page), "- **"+family+"**:")
	if !ok {
		t.Fatalf("the contract has no codes of the family %s", family)
	}
	end := regexp.MustCompile(`\n(- \*\*|\n)`).FindStringIndex(section)
	if end == nil {
		t.Fatalf("the family %s has no end", family)
	}
	var out []string
	for _, m := range regexp.MustCompile("`([a-z-]+\\.[a-z0-9-]+)`").FindAllStringSubmatch(section[:end[0]], -1) {
		out = append(out, m[1])
	}
	return out
}

// everyScenario is the whole suite.
func everyScenario(t testing.TB) []scenario {
	t.Helper()
	return slices.Concat(allScenarios(), sshScenarios(t))
}

func TestEveryCodeOfTheContractIsTheAnswerToSomeScenario(t *testing.T) {
	t.Parallel()
	produced := map[string]bool{}
	for _, s := range everyScenario(t) {
		produced[s.code] = true
	}
	listed := contractCodes(t, "live test")
	if len(listed) < 50 {
		t.Fatalf("the contract lists %d codes: %q", len(listed), listed)
	}
	for _, code := range listed {
		missing := slices.Contains(codesWithoutAScenario, code)
		switch {
		case !produced[code] && !missing:
			t.Errorf("no scenario produces %s", code)
		case produced[code] && missing:
			t.Errorf("%s has a scenario by now: take it out of the list", code)
		}
	}
}

func TestEveryCodeOfARuleOrScenarioIsInTheContract(t *testing.T) {
	t.Parallel()
	listed := slices.Concat(contractCodes(t, "live test"), contractCodes(t, "fields"), contractCodes(t, "url"), []string{
		// The contract names a field's short name with .required and .invalid.
		"testrepo.required", "url.required",
	})
	for _, r := range allRules() {
		if !slices.Contains(listed, r.code) {
			t.Errorf("the rule %q has the code %q, which the contract does not list", r.name, r.code)
		}
	}
	for _, s := range everyScenario(t) {
		if s.code != "" && !slices.Contains(listed, s.code) {
			t.Errorf("the scenario %q has the code %q, which the contract does not list", s.name, s.code)
		}
	}
}

func TestEveryNoteIsInTheContract(t *testing.T) {
	t.Parallel()
	listed := slices.Concat(contractCodes(t, "notes"), contractCodes(t, "live test"), contractCodes(t, "url"))
	for _, n := range theNotes {
		if !slices.Contains(listed, n.code) {
			t.Errorf("the note %q is not listed", n.code)
		}
	}
}
