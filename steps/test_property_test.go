package steps

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"bbconnect/model"
	"bbconnect/ui"
)

// resultBag are words of results, likely and hostile ones.
func resultBag() []string {
	return []string{
		"git", "was", "given", "an email address", "git.acme-corp.com", strings.Repeat("long", 60), "日本語のリポジトリ", "🙂🙂🙂", "e\u0301e\u0301", "\x1b[31mred\x1b[0m",
		"a\nb", "\t", "\u202eright to left", "'quoted words'", "x\x00y", "https://git.acme-corp.com/rest/api/1.0/application-properties?start=0&limit=1000",
	}
}

func textOf(r *rand.Rand, most int) string {
	bag := resultBag()
	parts := make([]string, 1+r.IntN(most))
	for i := range parts {
		parts[i] = bag[r.IntN(len(bag))]
	}
	return strings.Join(parts, " ")
}

func manyOf[T any](r *rand.Rand, most int, one func() T) []T {
	var out []T
	for range r.IntN(most + 1) {
		out = append(out, one())
	}
	return out
}

func randomProblem(r *rand.Rand) *model.Problem {
	p := &model.Problem{
		Code: strings.ReplaceAll(textOf(r, 2), " ", "."), What: textOf(r, 9), Why: textOf(r, 30), Fix: textOf(r, 20), WaitSeconds: max(r.IntN(200)-100, 0),
		Commands: manyOf(r, 4, func() string { return textOf(r, 8) }),
		Mends: manyOf(r, 12, func() model.Mend {
			return model.Mend{Field: model.QUsername, Value: "jdoe", Label: textOf(r, 4)}
		}),
	}
	if r.IntN(2) == 0 {
		p.Field = model.QPassword
	}
	if r.IntN(3) == 0 {
		p.Page = "https://bitbucket.org/" + strings.Repeat("x", 90)
	}
	switch r.IntN(4) {
	case 0:
		p.HostKey = &model.HostKey{Address: textOf(r, 2), Type: textOf(r, 2), Fingerprint: "SHA256:" + strings.Repeat("A", 43)}
	case 1:
		p.Authority = &model.Authority{
			Host: textOf(r, 3), Subject: textOf(r, 5), Issuer: textOf(r, 5), PEM: "PEM", Expires: today(),
			Fingerprint: "SHA256:" + strings.TrimSuffix(strings.Repeat("AB:", 32), ":"),
		}
	}
	return p
}

func randomResult(r *rand.Rand) func(*model.TestResult) {
	statuses := []model.CheckStatus{model.CheckPass, model.CheckWarn, model.CheckFail, model.CheckSkip}
	verdicts := []model.Verdict{model.VerdictPass, model.VerdictWarn, model.VerdictFail, model.VerdictUnreachable}
	words := func() string { return textOf(r, 3) }
	return func(out *model.TestResult) {
		out.Verdict = verdicts[r.IntN(len(verdicts))]
		out.Checks = manyOf(r, 40, func() model.Check {
			c := model.Check{ID: words(), Title: words(), Detail: words(), Status: statuses[r.IntN(4)], Duration: time.Duration(r.Int64N(int64(time.Hour)))}
			if r.IntN(3) == 0 {
				c.Problem = randomProblem(r)
			}
			return c
		})
		out.Rights = manyOf(r, 7, func() model.Right {
			return model.Right{Need: model.Need(words()), Granted: manyOf(r, 5, words), Missing: manyOf(r, 5, words)}
		})
		out.Notes = manyOf(r, 5, func() model.Finding {
			return model.Finding{Code: words(), Severity: model.SeverityHint, Message: textOf(r, 20), Fix: words()}
		})
		if out.Verdict != model.VerdictPass {
			out.Problem = randomProblem(r)
		}
	}
}

// offers fails unless the best key of the screen in front stands first in the
// footer, and the window holds everything.
func (p *person) offers(keys []ui.Key) {
	p.t.Helper()
	p.fits()
	shown := slices.IndexFunc(keys, func(k ui.Key) bool { return !k.Quiet && k.Off == "" })
	if shown < 0 {
		return
	}
	all := strings.Split(ansi.Strip(p.shell.View()), "\n")
	if footer := all[len(all)-1]; !strings.HasPrefix(footer, " "+keys[shown].Name()+" ") {
		p.t.Fatalf("%q is not in the footer of %d×%d: %q", keys[shown].Name(), p.w, p.h, footer)
	}
}

// looksAround walks through a verdict in windows of every size.
func (p *person) looksAround(r *rand.Rand, keys func() []ui.Key) {
	p.t.Helper()
	for range 8 {
		p.resizes(60+r.IntN(120), 16+r.IntN(40))
		p.offers(keys())
		p.presses([]string{"p", "w", "down", "pgdown", "up"}[r.IntN(5)])
		p.offers(keys())
	}
	p.resizes(60, 16).offers(keys())
}

func TestNoResultIsWiderOrHigherThanTheWindowAndItsBestKeyIsSeen(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 23))
		inTheWizard(t, scripted(ending(randomResult(r))), func(p *person) {
			p.fillsUpToTest().presses("enter")
			p.looksAround(r, func() []ui.Key { return p.wizard().Keys() })
		})
		inFrontOfHome(t, func(f *fakes) {
			withLedger(f)
			scripted(ending(randomResult(r)))(f)
		}, func(p *person) {
			c, _ := ledger()
			screen := newSavedTest(p.home.jobs, c, nil)
			beside := sit(p.t, p.at, screen)
			beside.looksAround(r, screen.Keys)
			beside.quits()
		})
	}
}

func TestNoRunOverAllIsWiderOrHigherThanTheWindowAndItsBestKeyIsSeen(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 29))
		inFrontOfHome(t, func(f *fakes) {
			fleet(12)(f)
			var script []func(context.Context, model.TestRequest, func(model.Check)) model.TestResult
			for i := range uint64(12) { // they run at the same time, each with dice of its own
				script = append(script, ending(randomResult(rand.New(rand.NewPCG(seed, 100+i)))))
			}
			f.tester.script = script
		}, func(p *person) {
			var connectors []model.Connector
			for _, s := range p.at.library.connectors {
				connectors = append(connectors, s.Connector)
			}
			all := newTestAll(p.home.jobs, connectors, nil)
			beside := starts(p.t, p.at, all)
			beside.fits()
			beside.settle()
			beside.settlesFor(2 * time.Minute)
			beside.looksAround(r, all.Keys)
			if beside.presses("enter"); all.open >= 0 {
				beside.looksAround(r, all.Keys)
			}
			beside.quits()
		})
	}
}
