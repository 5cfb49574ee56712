package probe

import "testing"

// TestEveryRuleHasAScenario fails for a row nobody tests.
func TestEveryRuleHasAScenario(t *testing.T) {
	t.Parallel()
	met := map[string]bool{}
	names := map[string]bool{}
	for _, s := range allScenarios() {
		if names[s.name] {
			t.Errorf("two scenarios are called %q", s.name)
		}
		names[s.name] = true
		met[s.rule] = true
	}
	for _, s := range sshScenarios(t) {
		met[s.rule] = true
	}
	rows := map[string]bool{}
	for _, r := range allRules() {
		if rows[r.name] {
			t.Errorf("two rules are called %q", r.name)
		}
		rows[r.name] = true
		if !met[r.name] {
			t.Errorf("no scenario meets the rule %q (%s)", r.name, r.code)
		}
	}
}
