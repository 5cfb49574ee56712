package probe

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

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
	// also are further rows that must hang on checks.
	also []string
	// mend is a value that must be offered.
	mend string
	// checks are statuses that must come out.
	checks map[string]model.CheckStatus
	// says are words that must stand in the problem, more what else must hold.
	says []string
	more func(*testing.T, *model.Problem)
	// foreignCA gives the connector the CA file of somebody else.
	foreignCA bool
	// problems are the codes of the problems that must hang on checks; "" means that
	// none must.
	problems map[string]string
	// page is where the problem must send the person.
	page string
	// wants looks at the whole result.
	wants func(*testing.T, model.TestResult)
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
	var reports map[string][]model.Check
	keep := func(c model.Check) { reports[c.ID] = append(reports[c.ID], c) }
	var result model.TestResult
	var inner *test
	var req model.TestRequest
	var w *world
	// On a busy machine a brief limit passes before the test has come as far as the
	// scenario wants it to; then it gets more time.
	for _, patience := range []time.Duration{1, 8, 60} {
		reports = map[string][]model.Check{}
		brieflyPlayed := false
		result, inner, req, w, brieflyPlayed = s.playFor(t, keep, patience)
		if !brieflyPlayed || inner.rule == s.rule {
			break
		}
	}
	s.verify(t, result, inner)
	verifyShape(t, result, reports)
	verifySecrecy(t, result, req, w)
	verifyMends(t, result, req)
}

// play runs the test the scenario describes.
func (s scenario) play(t *testing.T, report func(model.Check)) (model.TestResult, *test, model.TestRequest, *world) {
	t.Helper()
	result, inner, req, w, _ := s.playFor(t, report, 1)
	return result, inner, req, w
}

// playFor is play with a brief limit made so many times longer; limited reports
// that the scenario has one.
func (s scenario) playFor(t *testing.T, report func(model.Check), patience time.Duration) (result model.TestResult, inner *test, req model.TestRequest, w *world, limited bool) {
	t.Helper()
	answers := soundCloud()
	req = cloudRequest()
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
	w = newWorld(t, answers)
	o := w.options()
	if s.options != nil {
		s.options(t, w, &o)
	}
	if limited = o.Timeout < time.Second; limited {
		o.Timeout *= patience
	}
	result, inner = New(o).test(t.Context(), req, report)
	return result, inner, req, w, limited
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
	for _, row := range s.also {
		if !slices.Contains(inner.rows, row) {
			t.Errorf("the row %q hangs on no check; those that do: %q", row, inner.rows)
		}
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
		code := ""
		if c.Problem != nil {
			code = c.Problem.Code
		}
		if want, ok := s.problems[c.ID]; ok && code != want {
			t.Errorf("check %s has the problem %q, want %q", c.ID, code, want)
		}
	}
	if s.page != "" && (result.Problem == nil || result.Problem.Page != s.page) {
		t.Errorf("the page is not %s: %+v", s.page, result.Problem)
	}
	if s.wants != nil {
		s.wants(t, result)
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
			shown += p.What + p.Why + p.Fix + p.Page
			for _, m := range p.Mends {
				shown += m.Value + m.Label
			}
			if p.Cause != nil {
				shown += p.Cause.Error()
			}
		}
	}
	texts(result.Problem)
	for _, r := range result.Rights {
		shown += strings.Join(r.Granted, "") + strings.Join(r.Missing, "")
	}
	for _, n := range result.Notes {
		shown += n.Message + n.Fix
	}
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

// verifyMends holds every mend against its own question, in a draft of the
// connector that knows what the credential really is.
func verifyMends(t *testing.T, result model.TestResult, req model.TestRequest) {
	t.Helper()
	problems := []*model.Problem{result.Problem}
	for _, c := range result.Checks {
		problems = append(problems, c.Problem)
	}
	kind := kindOf(model.RecogniseCredential(req.Password, model.QPassword).Kind, req.Kind)
	draft := model.DraftOf(req.Connector, model.World{}).With(model.QKind, string(kind))
	for _, p := range problems {
		if p == nil {
			continue
		}
		for _, m := range p.Mends {
			if found := model.ValidateAnswer(m.Field, draft.With(m.Field, m.Value), model.World{Now: time.Now()}); found.HasErrors() || m.Label == "" {
				t.Errorf("%s offers %s = %q, which its own question refuses: %+v", p.Code, m.Field, m.Value, found)
			}
		}
		if p.Page != "" && !strings.HasPrefix(p.Page, "https://") && !strings.HasPrefix(p.Page, "http://"+dcHost) {
			t.Errorf("%s leads to %q", p.Code, p.Page)
		}
		name := p.Field == model.QUsername && p.Code != "cred.missing"
		if name && model.ReadURL(req.Connector.URL, model.URLContext{}).Product == model.Cloud && (p.Page != model.PageAccount || !strings.Contains(p.Fix, model.PageAccount)) {
			t.Errorf("%s is about the user name and does not say where it stands: %q, %q", p.Code, p.Page, p.Fix)
		}
	}
}
