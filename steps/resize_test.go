package steps

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"bbconnect/model"
)

// scene is a place where something is typed, in two halves.
type scene struct {
	name         string
	prepare      func(*fakes)
	goes         func(*person)
	first, rest  func(*person)
	shows        []string // at the end
	secretsFirst bool
}

func types(text string) func(*person)      { return func(p *person) { p.types(text) } }
func presses(keys ...string) func(*person) { return func(p *person) { p.presses(keys...) } }
func pastes(text string) func(*person)     { return func(p *person) { p.pastes(text) } }

func (p *person) reaches(step model.Step) {
	p.t.Helper()
	p.types("Payments").presses("ctrl+n").pastes("https://bitbucket.org/acme/ledger.git")
	if step == model.StepDetails {
		return
	}
	p.presses("ctrl+n").sees("Paste the token")
}

// scenes are every screen and every dialog in which something is typed or chosen.
func scenes() []scene {
	wizard := func(more func(*person)) func(*person) {
		return func(p *person) {
			p.sees("● Overview")
			more(p)
		}
	}
	return []scene{
		{name: "the name", goes: wizard(func(*person) {}), first: types("Pay"), rest: types("ments"), shows: []string{"Payments"}},
		{name: "the address", goes: wizard(func(p *person) { p.types("P").presses("ctrl+n") }), first: types("https://bitbucket.org/ac"), rest: types("me/ledger.git"), shows: []string{"acme/ledger.git", "repository ledger"}},
		{name: "in the middle of an address", goes: wizard(func(p *person) { p.reaches(model.StepDetails) }), first: presses("left", "left", "left", "left"), rest: types("-two"), shows: []string{"acme/ledger-two.git"}},
		{name: "a token", goes: wizard(func(p *person) { p.reaches(model.StepCredentials) }), first: pastes(apiToken()[:9]), rest: types(apiToken()[9:]), shows: []string{"complete (checksum matches)"}},
		{name: "an email address", goes: wizard(func(p *person) {
			p.reaches(model.StepCredentials)
			p.pastes(apiToken()).presses("ctrl+n", "tab").sees("● API access")
		}), first: types("jdoe@ac"), rest: types("me-corp.com"), shows: []string{"jdoe@acme-corp.com"}},
		{name: "a choice", goes: wizard(func(p *person) {
			p.reaches(model.StepCredentials)
			p.pastes(apiToken()).presses("ctrl+n")
		}), first: presses("down"), rest: presses("down", "up"), shows: []string{"● API access"}},
		{name: "the review", goes: wizard(func(p *person) { p.fillsUpToTest() }), first: presses("down", "down"), rest: presses("down", "e"), shows: []string{"Payments"}},
		{name: "the picker of secrets", prepare: withThousand, goes: func(p *person) {
			p.presses("n").types("Payments").presses("ctrl+n").pastes("https://bitbucket.org/acme/ledger.git").presses("ctrl+n", "ctrl+r")
		}, first: types("user0"), rest: types("777"), shows: []string{"account.s0777"}},
		{name: "the filter of Home", prepare: assorted, goes: presses("/"), first: types("pay"), rest: types("roll"), shows: []string{"1 of 6", "Payroll"}},
		{name: "the selection of Home", prepare: fleet(60), goes: presses("pgdown", "pgdown", "down"), first: presses("space", "down"), rest: presses("down", "space"), shows: []string{"2 marked"}},
		{name: "a quick filter", prepare: assorted, goes: presses("X"), first: presses("down"), rest: presses("space"), shows: []string{"1 marked"}},
		{name: "the question before deleting", prepare: assorted, goes: presses("d"), first: presses("down"), rest: presses("esc"), shows: []string{"6 connectors"}},
		{name: "the name of a copy", prepare: withLedger, goes: presses("c", "ctrl+u"), first: types("Half a "), rest: types("name"), shows: []string{"Half a name"}},
		{name: "the folder of an export", prepare: withLedger, goes: presses("x", "w"), first: types("~/con"), rest: types("nectors"), shows: []string{"~/connectors"}},
		{name: "the list of keys", prepare: withLedger, goes: presses("?"), first: presses("down"), rest: presses("esc"), shows: []string{"1 connector"}},
		{name: "the passphrase of a vault", prepare: without("no bus"), goes: func(p *person) {
			p.types("Payments").presses("ctrl+n").pastes("https://bitbucket.org/acme/ledger.git").presses("ctrl+n", "v")
		}, first: types("one can"), rest: func(p *person) { p.types("ary").presses("enter").types("one canary").presses("enter") }, shows: []string{"Paste the token"}},
		{name: "a command for secrets", prepare: without("no bus"), goes: func(p *person) {
			p.types("Payments").presses("ctrl+n").pastes("https://bitbucket.org/acme/ledger.git").presses("ctrl+n", "c")
		}, first: types("pass sh"), rest: types("ow x"), shows: []string{"pass show x"}},
		{name: "a verdict", prepare: scripted(failing(needsUsername()), passes), goes: func(p *person) { p.fillsUpToTest().presses("enter") }, first: presses("p"), rest: presses("enter"), shows: []string{"The connector works."}},
		{name: "a running test", prepare: scripted(hanging), goes: func(p *person) { p.fillsUpToTest() }, first: presses("enter"), rest: presses("esc"), shows: []string{"enter test"}},
		{name: "a run over all", prepare: func(f *fakes) { fleet(20)(f); f.tester.script = nil; scripted(endsFor(3))(f) }, goes: func(*person) {}, first: presses("T"), rest: presses("esc"), shows: []string{"Stopped: 3 of 20 tested."}},
		{name: "a cause of a run over all", prepare: fleet(24), goes: presses("T"), first: presses("down"), rest: presses("enter"), shows: []string{"Service 05"}},
		{name: "the filter of secrets", prepare: withSecrets, secretsFirst: true, goes: presses("/"), first: types("so"), rest: types("on"), shows: []string{"soon_token"}},
		{name: "a new id of a secret", prepare: withSecrets, secretsFirst: true, goes: presses("n", "ctrl+u"), first: types("git_"), rest: func(p *person) { p.types("token").presses("enter") }, shows: []string{"Renamed to account.git_token."}},
		{name: "the end of a secret", prepare: withSecrets, secretsFirst: true, goes: presses("x", "ctrl+u"), first: types("2027-"), rest: func(p *person) { p.types("02-20").presses("enter") }, shows: []string{"ends in 90 days"}},
		{name: "a new value", prepare: withSecrets, secretsFirst: true, goes: presses("r"), first: pastes(apiToken()[:9]), rest: func(p *person) { p.types(apiToken()[9:]).presses("tab").types("90d") }, shows: []string{"complete (checksum matches)", "in 90 days"}},
		{name: "the question before a new value", prepare: withSecrets, secretsFirst: true, goes: func(p *person) { p.presses("r").pastes(apiToken()) }, first: presses("ctrl+n"), rest: presses("y"), shows: []string{"was replaced."}},
	}
}

// plays plays a scene; between does what happens between its halves.
func (s scene) plays(t *testing.T, between func(*person)) (half, end string) {
	t.Helper()
	story := func(p *person) {
		s.goes(p)
		s.first(p)
		p.settle()
		between(p)
		half = p.shell.View()
		s.rest(p)
		p.sees(s.shows...)
		end = p.shell.View()
	}
	if s.secretsFirst {
		inFrontOfSecrets(t, s.prepare, story)
		return half, end
	}
	inABubble(t, s.prepare, func(_ context.Context, at *fakes) *Home { return NewHome(at.jobs()) }, story)
	return half, end
}

func TestResizingWhileSomethingIsTypedLosesNothing(t *testing.T) {
	t.Parallel()
	for _, s := range scenes() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			half, end := s.plays(t, func(*person) {})
			resized, resizedEnd := s.plays(t, func(p *person) {
				for _, size := range [][2]int{{60, 16}, {120, 40}, {59, 15}, {60, 16}, {200, 60}, {1, 1}, {99, 24}, {100, 17}, {80, 24}} {
					p.resizes(size[0], size[1]).fits()
					if size == [2]int{59, 15} {
						p.sees("needs a window of at least 60×16; this one is 59×15.")
					}
				}
			})
			if resized != half {
				t.Errorf("before:\n%s\nafter:\n%s", half, resized)
			}
			if resizedEnd != end {
				t.Errorf("at the end without resizing:\n%s\nwith:\n%s", end, resizedEnd)
			}
		})
	}
}

func TestEverySceneFitsWindowsOfAnySize(t *testing.T) {
	t.Parallel()
	for seed, s := range scenes() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(uint64(seed), 31))
			s.plays(t, func(p *person) {
				for range 40 {
					p.resizes(60+r.IntN(141), 16+r.IntN(45)).fits()
					if view := p.shell.View(); strings.ContainsAny(view, "\t\r\x1b\x7f") {
						t.Fatalf("a control character in %q", view)
					}
				}
				p.resizes(80, 24)
			})
		})
	}
}

// TestNothingIsAnsweredThatCannotBeSeen presses the key that says yes to a question
// while the window is too small to show it.
func TestNothingIsAnsweredThatCannotBeSeen(t *testing.T) {
	t.Parallel()
	inFrontOfSecrets(t, withSecrets, func(p *person) {
		p.presses("r").pastes(apiToken() + "x").presses("ctrl+u").pastes(apiToken()).presses("ctrl+n").sees("Replace the value of")
		before, _ := p.at.kept("account/ledger_token")
		p.resizes(59, 15).presses("y", "enter").resizes(80, 24).sees("Replace the value of")
		if now, _ := p.at.kept("account/ledger_token"); now != before {
			t.Errorf("it was replaced: %+v", now)
		}
		p.presses("y").sees("was replaced.")
	})
	inFrontOfHome(t, withLedger, func(p *person) {
		p.presses("d").resizes(40, 10).presses("a", "d", "y", "enter").resizes(80, 24).sees("Delete Payments ledger")
		if len(p.at.library.connectors) != 1 {
			t.Error("it was deleted")
		}
	})
	inFrontOfHome(t, withLedger, func(p *person) {
		p.presses("c", "ctrl+u").types("Half ").resizes(59, 15).types("blinx").presses("backspace").types("d").presses("enter", "esc", "up")
		p.resizes(80, 24).sees("Duplicate Payments ledger", "Half blind").presses("esc", "?").resizes(59, 15).presses("esc").resizes(80, 24).sees("Keys")
	})
}
