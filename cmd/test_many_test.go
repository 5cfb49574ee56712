package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

// results are many outcomes: passes, two causes of failure, one unreachable, one
// warning and one that was not tested.
func results() []flow.Tested {
	var out []flow.Tested
	add := func(n int, name string, v model.Verdict, p *model.Problem, err error) {
		for range n {
			id := fmt.Sprintf("%s_%02d", name, len(out))
			out = append(out, flow.Tested{Index: len(out), Result: model.TestResult{Connector: id, Verdict: v, Problem: p}, Err: err})
		}
	}
	mends := []model.Mend{{Field: model.QUsername, Value: "x-token-auth", Label: "use x-token-auth"}}
	add(1, "expired", model.VerdictFail, &model.Problem{Code: "token.expired", What: "The token has expired.", Fix: "Make a new one."}, nil)
	add(3, "ok", model.VerdictPass, nil, nil)
	add(20, "payments_of_the_northern_region", model.VerdictFail, &model.Problem{
		Code: "cred.rejected", What: "Bitbucket rejected the token.", Fix: "Make a new one at the page that the card of each names.", Mends: mends,
	}, nil)
	add(30, "far", model.VerdictUnreachable, &model.Problem{Code: "net.timeout", What: "The server did not answer."}, nil)
	add(1, "soon", model.VerdictWarn, &model.Problem{Code: "token.expiring", What: "The token ends soon."}, nil)
	add(2, "left", "", nil, flow.ErrNotTested)
	add(1, "lost", "", nil, &model.Problem{Code: "cred.missing", What: "The value is not known."})
	return out
}

func TestCausesComeWorstFirstAndEachOnce(t *testing.T) {
	t.Parallel()
	c := flow.CausesOf(results(), untestable)
	var got []string
	for _, one := range c.List {
		got = append(got, fmt.Sprintf("%s %s %d", one.Verdict, one.Problem.Code, len(one.Names)))
	}
	want := "fail cred.rejected 20, fail cred.missing 1, fail token.expired 1, unreachable net.timeout 30, warn token.expiring 1"
	if strings.Join(got, ", ") != want {
		t.Errorf("got %s\nwant %s", strings.Join(got, ", "), want)
	}
	if c.Passed != 4 || c.Untested != 2 {
		t.Errorf("%d passed, %d not tested", c.Passed, c.Untested)
	}
}

func TestMendsAreShownOnlyWhenEveryMemberSharesThem(t *testing.T) {
	t.Parallel()
	for _, same := range []bool{true, false} {
		list := results()
		if !same {
			p := *list[5].Result.Problem
			p.Mends = []model.Mend{{Field: model.QUsername, Value: "other"}}
			list[5].Result.Problem = &p
		}
		for _, one := range flow.CausesOf(list, untestable).List {
			if one.Problem.Code == "cred.rejected" && one.Mends != same {
				t.Errorf("same %v: shown %v", same, one.Mends)
			}
		}
	}
}

func TestTheTableOfCausesFitsTheTerminal(t *testing.T) {
	t.Parallel()
	for _, width := range []int{0, 80, 60, 30} {
		for _, verbose := range []bool{false, true} {
			errOut := &safeBuffer{}
			a := newTestApp(strings.NewReader(""), errOut, errOut)
			a.verbose = verbose
			limit := textWidth
			if width > 0 {
				a.errWidth, limit = func() int { return width }, width
			}
			a.printCauses(flow.CausesOf(results(), untestable))
			for line := range strings.Lines(errOut.String()) {
				line = strings.TrimRight(line, "\n")
				if wide := len([]rune(line)); wide > limit && len(strings.Fields(line)) > 2 {
					t.Errorf("at %d: a line of %d cells: %s", width, wide, line)
				}
			}
			contains(t, "the table", errOut.String(), "✗ 20 cred.rejected", "– 30 net.timeout", "the delegate may reach them", "✗ 4 passed, 22 failed", "not tested",
				"--set credentials.username=x-token-auth", "Fix: Make a new one at")
			if strings.Contains(errOut.String(), "and 8 more") == verbose {
				t.Errorf("verbose %v:\n%s", verbose, errOut.String())
			}
		}
	}
}

func TestAProgressLineFitsEveryWidth(t *testing.T) {
	t.Parallel()
	now := today()
	for width := 20; width <= 120; width++ {
		for _, done := range []int{0, 1, 500, 999, 1000} {
			got := progressText(flow.Progress{Total: 1000, Done: done, Failed: done / 2}, 75*time.Second, now, width)
			if len(got) > max(width-1, 30) || !strings.Contains(got, fmt.Sprintf("%d/1000, %d failed, 75 s", done, done/2)) {
				t.Errorf("%d columns: %q", width, got)
			}
		}
	}
	got := progressText(flow.Progress{Total: 10, Done: 5, Waiting: "bitbucket.org", Until: now.Add(12 * time.Second)}, 0, now, 80)
	contains(t, "the line", got, "[###############---------------] 5/10, 0 failed, 0 s, bitbucket.org wants 12 s")
	if got := progressText(flow.Progress{}, 0, now, 80); got != "0/0, 0 failed, 0 s" {
		t.Errorf("nothing to do: %q", got)
	}
}

// several saves three connectors.
func several(t *testing.T) *place {
	t.Helper()
	p := newPlace(t)
	p.env["BB_TOKEN"] = token("kQ7")
	for _, name := range []string{"Payments", "Ledger", "Stock"} {
		p.must("", payments("--set", "overview.name="+name)...)
	}
	return p
}

func TestManyWithoutATerminalAreALineEachAndTheCauses(t *testing.T) {
	t.Parallel()
	p := several(t)
	p.verdict = func(req model.TestRequest) model.TestResult {
		if req.Connector.ID == "Stock" {
			return passes(req)
		}
		return fails(req)
	}
	s := p.run("", "test", "--all")
	if s.code != exitFailed || strings.Count(s.out, "\n") != 3 || strings.ContainsAny(s.out+s.err, "\x1b\r") {
		t.Errorf("exits %d:\n%s%s", s.code, s.out, s.err)
	}
	contains(t, "standard output", s.out, "✓ Stock", "✗ Payments The token was rejected. (cred.rejected)")
	contains(t, "standard error", s.err, "✗ 2 cred.rejected: The token was rejected.", "Fix: Make a new one.", "✗ 1 passed, 2 failed")
	if s = p.run("", "test", "Payments", "Stock"); s.code != exitFailed || strings.Contains(s.out, "Ledger") {
		t.Errorf("two ids: exits %d\n%s", s.code, s.out)
	}
}

func TestManyAsJSONAreOneObjectALineAndNothingElse(t *testing.T) {
	t.Parallel()
	p := several(t)
	p.verdict = func(req model.TestRequest) model.TestResult {
		r := fails(req)
		r.Problem.Page, r.Problem.Commands, r.Problem.WaitSeconds = "https://bitbucket.org/account/settings/", []string{"curl -I https://bitbucket.org"}, 7
		r.Problem.HostKey = &model.HostKey{Address: "h:22", Type: "ssh-ed25519", Fingerprint: "SHA256:abc"}
		r.Problem.Authority = &model.Authority{Host: "h", Subject: "CA", Issuer: "CA", Fingerprint: "SHA256:def", Expires: today(), PEM: "never shown"}
		r.Rights = []model.Right{{Need: model.NeedWebhooks, Missing: []string{"webhook"}}}
		r.Notes = model.Findings{{Code: "api.off", Severity: model.SeverityHint, Message: "m", Fix: "f"}}
		return r
	}
	p.tune = func(a *app) { a.errWidth = func() int { return 80 } }
	s := p.run("", "test", "--all", "--json")
	lines := strings.Split(strings.TrimSpace(s.out), "\n")
	if s.code != exitFailed || len(lines) != 3 || strings.Contains(s.out, "never shown") {
		t.Fatalf("exits %d:\n%s", s.code, s.out)
	}
	for _, line := range lines {
		var v struct {
			Problem struct {
				Page        string
				Commands    []string
				WaitSeconds int
				HostKey     struct{ Fingerprint string }
				Authority   struct{ Fingerprint string }
			}
			Rights []map[string]any
			Notes  []map[string]any
		}
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		if v.Problem.Page == "" || len(v.Problem.Commands) != 1 || v.Problem.WaitSeconds != 7 || v.Problem.HostKey.Fingerprint != "SHA256:abc" ||
			v.Problem.Authority.Fingerprint != "SHA256:def" || fmt.Sprint(v.Rights) != "[map[for:webhooks granted:[] missing:[webhook]]]" || len(v.Notes) != 1 {
			t.Errorf("got %s", line)
		}
	}
}

func TestARunThatCannotGoOnSaysWhy(t *testing.T) {
	t.Parallel()
	p := several(t)
	p.broken[model.WhereKeyring] = errors.New("the bus is gone")
	if s := p.run("", "test", "--all"); s.code != exitFailed || !strings.Contains(s.err, "the bus is gone") {
		t.Errorf("exits %d:\n%s%s", s.code, s.out, s.err)
	}
	p.broken[model.WhereKeyring] = noKeyring()
	if s := p.run("", "test", "--all"); s.code != exitKeystore || strings.Count(s.out, "keystore.unavailable") != 3 {
		t.Errorf("exits %d:\n%s%s", s.code, s.out, s.err)
	}
}

func TestTheFlagsOfATestAreChecked(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"test"},
		{"test", "--all", "x"},
		{"test", "--jobs", "0", "--all"},
		{"test", "--per-host", "0", "--all"},
		{"test", "--timeout", "-1s", "--all"},
		{"test", "--via", "harness"},
		{"test", "--all", "--secret", "nothing"},
		{"test", "-f", "a", "--all"},
	} {
		if s := newPlace(t).run("", args...); s.code != exitUsage {
			t.Errorf("%v exits %d: %s", args, s.code, s.err)
		}
	}
	if s := newPlace(t).run("", "test", "--all"); s.code != exitDone || !strings.Contains(s.err, "no connector to test") {
		t.Errorf("none saved: exits %d: %s", s.code, s.err)
	}
}
