package steps

import (
	"fmt"
	"strings"
	"testing"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

// allEndAs saves n connectors, whose tests all end the same way.
func allEndAs(n int, change func(*model.TestResult)) func(*fakes) {
	return func(f *fakes) {
		fleet(n)(f)
		scripted(ending(change))(f)
	}
}

func TestARunInWhichNothingPassedIsNoPass(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, allEndAs(3, func(r *model.TestResult) { p := needsUsername(); r.Problem = &p }), func(p *person) {
		p.presses("T").sees("✗ 0 passed, 3 failed").doesNotSee("✓ 0 passed")
	})
	inFrontOfHome(t, allEndAs(2, unreachable), func(p *person) {
		p.presses("T").sees("– 0 passed, 2 not reached").doesNotSee("✓")
	})
}

func TestTheCauseOfWhatADelegateMayReachHasItsCommands(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, allEndAs(3, unreachable), func(p *person) {
		p.presses("T", "enter").sees("There is no host", "curl -sS", "ls-remote", "y copy the commands").presses("y").sees(copiedText)
		if got := p.at.machine.copied; len(got) != 1 || strings.Count(got[0], "\n") != 2 || !strings.HasPrefix(got[0], "curl ") {
			t.Errorf("copied %q", got)
		}
	})
}

func TestInASmallWindowACauseSaysWhatToDoAndAllOfItBehindAKey(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, allEndAs(24, unreachable), func(p *person) {
		p.resizes(60, 16).presses("T", "enter").sees("There is no host", "run this on its host", "Service 00", "i the cause", "esc back")
		p.presses("i").sees("There is no host", "i the connectors", "more")
		for range 12 {
			p.presses("down")
		}
		p.sees("ls-remote").presses("i").sees("Service 00").presses("i", "esc").sees("0 passed").presses("esc").sees("connectors")
	})
}

// What goes on at the bottom of a small window are the keys of the card, however
// much text there is above them.
func TestInASmallWindowTheKeysOfACardAreAlwaysInSight(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*model.TestResult){
		"two problems": twoProblems, "mends": severalMends, "unreachable": unreachable, "an authority": unknownAuthority, "a host key": changedHostKey,
	} {
		inTheWizard(t, scripted(ending(change)), func(p *person) {
			p.fillsUpToTest().presses("enter").resizes(60, 16)
			page, ok := p.wizard().page.(*testPage)
			if !ok {
				t.Fatal("this is not the test")
			}
			for range 4 {
				for _, k := range page.cardKeys() {
					if text := k.Name() + " " + k.Does; !strings.Contains(p.screen(), text) {
						t.Errorf("%s: %q is not in sight:\n%s", name, text, p.screen())
					}
				}
				p.presses("pgdown")
			}
		})
	}
}

func TestUnreachableReadsTheSameOnTheSavedScreenAsAtHome(t *testing.T) {
	t.Parallel()
	inTheWizard(t, scripted(ending(unreachable)), func(p *person) {
		p.fillsUpToTest().presses("enter", "s", "y").sees("is saved as Payments", "– Its test got no connection from this machine").doesNotSee("failed", "✗")
	})
}

func TestOfTwoHostsADelegateMayReachNeitherIsCalledWrong(t *testing.T) {
	t.Parallel()
	both := func(r *model.TestResult) {
		unreachable(r)
		second := *r.Problem
		second.What, second.Commands = "There is no host api.bitbucket.org.", []string{"curl -sS https://api.bitbucket.org/2.0/user"}
		r.Checks[2].Status, r.Checks[2].Problem = model.CheckFail, &second
	}
	inTheWizard(t, scripted(ending(both)), func(p *person) {
		p.fillsUpToTest().presses("enter").sees("– There is no host git.acme-corp.com", "1 of 2").presses("p")
		p.sees("– There is no host api.bitbucket.org", "2 of 2", "This machine cannot reach it. A delegate may.", "curl -sS").doesNotSee("✗ There is no host")
	})
}

func TestTheCountsOfARunAddUp(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, fleet(24), func(p *person) {
		p.presses("T")
		_, text := flow.Causes{Passed: 20, Failed: 3, Unreached: 1}.Summary()
		p.sees(fmt.Sprintf("✗ %s", text))
	})
}
