package model

import "testing"

func TestOneFaultToldTwiceIsOneProblem(t *testing.T) {
	t.Parallel()
	limited := Problem{Code: "net.rate-limited", What: "bitbucket.org takes no more requests for now.", WaitSeconds: 42}
	change := func(f func(*Problem)) Problem {
		p := limited
		f(&p)
		return p
	}
	missing := Problem{Code: "repo.not-found", Field: QURL}
	vague := Problem{Code: "repo.not-found-or-no-access", Field: QURL}
	for name, c := range map[string]struct {
		p, o Problem
		want bool
	}{
		"the other host in its words": {limited, change(func(p *Problem) { p.What = "api.bitbucket.org takes no more requests for now." }), true},
		"another code":                {limited, change(func(p *Problem) { p.Code = "server.unavailable" }), false},
		"another field":               {limited, change(func(p *Problem) { p.Field = QAPIToken }), false},
		"another mend":                {limited, change(func(p *Problem) { p.Mends = []Mend{{Field: QUsername, Value: "x"}} }), false},
		"other commands":              {limited, change(func(p *Problem) { p.Commands = []string{"curl x"} }), false},
		"a certificate to trust":      {limited, change(func(p *Problem) { p.Authority = &Authority{} }), false},
		"what is missing, by name":    {missing, vague, true},
		"the vague one says less":     {vague, missing, false},
		"no workspace":                {Problem{Code: "workspace.not-found", Field: QURL}, vague, true},
		"the vague one of elsewhere":  {missing, Problem{Code: vague.Code, Field: QTestRepository}, false},
	} {
		if got := c.p.Covers(&c.o); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestARemedyIsToldWithoutTheWaitWhereTheTimeIsCounted(t *testing.T) {
	t.Parallel()
	for fix, want := range map[string]string{
		"Wait 42 s, then test again. Use fewer connectors on one account.": "Use fewer connectors on one account.",
		"Wait until 14:05 UTC, then test again.":                           "",
		"Test again later.":                                                "Test again later.",
	} {
		if got := (&Problem{Fix: fix, WaitSeconds: 42}).Beside(); got != want {
			t.Errorf("%q: %q", fix, got)
		}
		if got := (&Problem{Fix: fix}).Beside(); got != fix {
			t.Errorf("without a time to wait: %q", got)
		}
	}
}
