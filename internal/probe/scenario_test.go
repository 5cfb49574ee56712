package probe

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"bbconnect/model"
)

// scenario is one situation at the server and what the probe must make of it.
type scenario struct {
	name string
	// server means Data Center; Cloud otherwise.
	server bool
	// change turns the sound request, and script the sound server, into this one.
	change func(*model.TestRequest)
	script map[string]reply
	// options changes the prober.
	options func(*testing.T, *world, *Options)

	verdict model.Verdict
	code    string
	// rule is the row that must match; "" means none.
	rule string
	// mend is a value that must be offered.
	mend string
	// checks are statuses that must come out.
	checks map[string]model.CheckStatus
	// says are words that must stand in the problem, more what else must hold.
	says []string
	more func(*testing.T, *model.Problem)
	// foreignCA gives the connector the CA file of somebody else.
	foreignCA bool
}

func TestEveryScenarioIsDiagnosed(t *testing.T) {
	t.Parallel()
	for _, s := range allScenarios() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.run(t)
		})
	}
}

func (s scenario) run(t *testing.T) {
	t.Helper()
	answers, req := soundCloud(), cloudRequest()
	if s.server {
		answers, req = soundServer(), serverRequest()
	}
	maps.Copy(answers, s.script)
	if s.change != nil {
		s.change(&req)
	}
	if s.foreignCA {
		req.CAFile = caFile(t, newAuthority(t, "Somebody Else's CA"))
	}
	w := newWorld(t, answers)
	o := w.options()
	if s.options != nil {
		s.options(t, w, &o)
	}
	reports := map[string][]model.Check{}
	result, inner := New(o).test(t.Context(), req, func(c model.Check) { reports[c.ID] = append(reports[c.ID], c) })
	s.verify(t, result, inner)
	verifyShape(t, result, reports)
	verifySecrecy(t, result, req, w)
}

// verify compares with what the scenario expects.
func (s scenario) verify(t *testing.T, result model.TestResult, inner *test) {
	t.Helper()
	code, mends := "", []string{}
	if result.Problem != nil {
		code = result.Problem.Code
		for _, m := range result.Problem.Mends {
			mends = append(mends, m.Value)
		}
	}
	if result.Verdict != s.verdict || code != s.code || inner.rule != s.rule {
		t.Errorf("verdict %s, code %q by %q; want %s, %q by %q\nproblem: %+v\nchecks: %+v",
			result.Verdict, code, inner.rule, s.verdict, s.code, s.rule, result.Problem, result.Checks)
	}
	if s.mend != "" && !slices.Contains(mends, s.mend) {
		t.Errorf("mends %q, want %q among them", mends, s.mend)
	}
	for _, words := range s.says {
		if p := result.Problem; p == nil || !strings.Contains(p.What+" "+p.Why+" "+p.Fix, words) {
			t.Errorf("%q is not said by %+v", words, p)
		}
	}
	if s.more != nil && result.Problem != nil {
		s.more(t, result.Problem)
	}
	for _, c := range result.Checks {
		if want, ok := s.checks[c.ID]; ok && c.Status != want {
			t.Errorf("check %s is %s (%s), want %s", c.ID, c.Status, c.Detail, want)
		}
	}
}

// verifyShape holds for every test whatever it finds.
func verifyShape(t *testing.T, result model.TestResult, reports map[string][]model.Check) {
	t.Helper()
	failed := false
	for _, c := range result.Checks {
		said := reports[c.ID]
		switch {
		case c.Status == "" || c.Status == model.CheckRunning:
			t.Errorf("check %s never ended", c.ID)
		case len(said) == 0:
			t.Errorf("check %s was never reported", c.ID)
		case said[len(said)-1].Status != c.Status:
			t.Errorf("check %s was last reported as %s, and is %s", c.ID, said[len(said)-1].Status, c.Status)
		}
		if c.Status == model.CheckSkip && c.Detail == "" {
			t.Errorf("check %s is skipped without a reason", c.ID)
		}
		failed = failed || c.Status == model.CheckFail
	}
	if failed && result.Problem == nil {
		t.Errorf("a check failed and no problem says why: %+v", result.Checks)
	}
	if failed == (result.Verdict == model.VerdictPass || result.Verdict == model.VerdictWarn) {
		t.Errorf("verdict %s with checks %+v", result.Verdict, result.Checks)
	}
	if p := result.Problem; p != nil {
		for _, sentence := range []string{p.What, p.Fix} {
			if sentence == "" || strings.ContainsAny(sentence, "{}!\n") || !strings.HasSuffix(sentence, ".") && !strings.HasSuffix(sentence, "…") && result.Verdict != model.VerdictUnreachable {
				t.Errorf("not a finished sentence: %q", sentence)
			}
		}
		if strings.ContainsAny(p.Why, "{}\n") {
			t.Errorf("unfinished: %q", p.Why)
		}
	}
}

// verifySecrecy looks for any part of a secret in what comes out, and for
// credentials in what went out besides the header.
func verifySecrecy(t *testing.T, result model.TestResult, req model.TestRequest, w *world) {
	t.Helper()
	shown := result.Connector
	texts := func(p *model.Problem) {
		if p != nil {
			shown += p.What + p.Why + p.Fix
			for _, m := range p.Mends {
				shown += m.Value + m.Label
			}
			if p.Cause != nil {
				shown += p.Cause.Error()
			}
		}
	}
	texts(result.Problem)
	for _, c := range result.Checks {
		shown += c.Title + c.Detail
		texts(c.Problem)
	}
	for _, secret := range []model.Secret{req.Password, req.APIToken, req.SSHPassphrase} {
		if value := secret.Reveal(); len(value) > 8 {
			for _, r := range w.seen() {
				if strings.Contains(r.path+r.query, value) {
					t.Errorf("a secret stands in the address %s", r.path)
				}
			}
			if strings.Contains(shown, value) || strings.Contains(shown, value[:len(value)/2]) {
				t.Errorf("a secret is shown: %s", shown)
			}
		}
	}
}
