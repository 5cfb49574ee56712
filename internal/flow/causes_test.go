package flow

import (
	"slices"
	"testing"

	"bbconnect/model"
)

func TestTheSummaryOfManyTestsSaysAPassOnlyWhereAllPassed(t *testing.T) {
	t.Parallel()
	own := func(err error) (*model.Problem, bool) { return &model.Problem{Code: "x", What: err.Error()}, true }
	for text, c := range map[string]struct {
		verdicts []model.Verdict
		worst    model.Verdict
	}{
		"2 passed":                              {[]model.Verdict{model.VerdictPass, model.VerdictWarn}, model.VerdictPass},
		"0 passed, 1 failed":                    {[]model.Verdict{model.VerdictFail}, model.VerdictFail},
		"0 passed, 2 failed, 1 not reached":     {[]model.Verdict{model.VerdictFail, model.VerdictUnreachable, model.VerdictFail}, model.VerdictFail},
		"1 passed, 1 not reached":               {[]model.Verdict{model.VerdictUnreachable, model.VerdictPass}, model.VerdictUnreachable},
		"0 passed, 3 not tested":                {[]model.Verdict{"", "", ""}, model.VerdictUnreachable},
		"1 passed, 1 failed, 1 not tested":      {[]model.Verdict{model.VerdictPass, "", model.VerdictFail}, model.VerdictFail},
		"0 passed, 1 not reached, 1 not tested": {[]model.Verdict{model.VerdictUnreachable, ""}, model.VerdictUnreachable},
	} {
		var results []Tested
		for _, v := range c.verdicts {
			one := Tested{Result: model.TestResult{Verdict: v}}
			if v == "" {
				one.Err = ErrNotTested
			}
			results = append(results, one)
		}
		worst, got := CausesOf(results, own).Summary()
		if worst != c.worst || got != text {
			t.Errorf("%v: %s %q, want %s %q", c.verdicts, worst, got, c.worst, text)
		}
	}
}

func TestACauseHasTheCommandsOfAllItsConnectorsEachOnce(t *testing.T) {
	t.Parallel()
	var results []Tested
	for _, commands := range [][]string{{"curl a", "git b"}, {"curl a", "git c"}, nil} {
		results = append(results, Tested{Result: model.TestResult{
			Verdict: model.VerdictUnreachable, Problem: &model.Problem{Code: "net.dns", What: "There is no host.", Commands: commands},
		}})
	}
	c := CausesOf(results, nil)
	if len(c.List) != 1 || !slices.Equal(c.List[0].Commands, []string{"curl a", "git b", "git c"}) {
		t.Errorf("%+v", c.List)
	}
}
