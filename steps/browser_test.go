package steps

import (
	"testing"

	"bbconnect/model"
)

// withoutBrowser is a machine on which no page can be shown.
func withoutBrowser(m *machine) {
	m.noBrowser = &model.Problem{
		Code: "machine.no-browser", What: "The page cannot be opened from here.",
		Why: "There is no screen to show a page on.", Fix: "Copy the address and open it where you have a browser.",
	}
}

func TestWithoutABrowserTheWholeAddressIsShownAndCopied(t *testing.T) {
	t.Parallel()
	const page = "https://bitbucket.org/account/settings/"
	inTheWizard(t, scripted(ending(severalMends)), func(p *person) {
		withoutBrowser(p.at.machine)
		p.fillsUpToTest().presses("enter").resizes(60, 16).presses("o").sees("The page cannot be opened from here.", page, "copy the address")
		p.presses("c").sees(copiedText).doesNotSee("cannot be opened")
		if got := p.at.machine.copied; len(got) != 1 || got[0] != page {
			t.Errorf("copied %q", got)
		}
		p.presses("o", "esc").doesNotSee("cannot be opened", copiedText)
	})
}

func TestWithoutABrowserAFormShowsTheTokensPage(t *testing.T) {
	t.Parallel()
	inTheWizard(t, nil, func(p *person) {
		withoutBrowser(p.at.machine)
		p.types("Payments").presses("ctrl+n").pastes("https://bitbucket.org/acme/ledger.git").presses("ctrl+n").sees("Paste the token")
		p.presses("ctrl+o").sees("The page cannot be opened from here.", model.PageAPITokens)
		p.presses("enter").sees(copiedText)
		if got := p.at.machine.copied; len(got) != 1 || got[0] != model.PageAPITokens {
			t.Errorf("copied %q", got)
		}
		p.presses("tab").doesNotSee(copiedText)
	})
}

func TestWhatWasSaidOnOneStepIsNotSaidOnTheNext(t *testing.T) {
	t.Parallel()
	inTheWizard(t, nil, func(p *person) {
		p.presses("ctrl+n", "ctrl+n", "ctrl+n", "ctrl+n", "ctrl+n").sees("● Test")
		p.presses("s").sees("Not saved: A connector needs a name.")
		p.presses("enter").sees("● Overview").doesNotSee("Not saved")
		p.types("Ledger").presses("ctrl+n", "ctrl+n", "ctrl+n", "ctrl+n", "ctrl+n").sees("● Test").doesNotSee("Not saved: A connector")
	})
}
