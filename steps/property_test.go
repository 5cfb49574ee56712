package steps

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/charmbracelet/x/ansi"

	"bbconnect/model"
)

// fits fails when a line is wider than the window or there are too many.
func (p *person) fits() {
	p.t.Helper()
	if trouble := overflow(p.shell.View(), p.w, p.h); trouble != "" {
		p.t.Fatal(trouble)
	}
}

// overflow says how something drawn is larger than its window, "" when it fits.
func overflow(view string, w, h int) string {
	lines := strings.Split(view, "\n")
	if len(lines) > h {
		return fmt.Sprintf("%d lines in a window of %d×%d", len(lines), w, h)
	}
	for _, l := range lines {
		if got := ansi.StringWidth(l); got > w {
			return fmt.Sprintf("%d columns in a window of %d×%d: %q", got, w, h, l)
		}
	}
	return ""
}

// randomly gives a draft answers from a bag of likely and unlikely ones.
func randomly(r *rand.Rand) model.Draft {
	bag := []string{
		"", "Payments", "https://bitbucket.org/acme/ledger.git", "git@bitbucket.org:acme/", "https://git.acme-corp.com/scm/PAY/l.git", "http", "ssh", "Repo",
		"Account", "delegate", "platform", "tags", "any", "off", "AccessToken", "EmailAndApiToken", "org", "project", "api-token", "app-password", "account.x",
		"日本語 🙂 wide", strings.Repeat("long ", 60), strings.Repeat("x", 300), "\x1b[31mred", "2027-11-21", "jdoe@acme-corp.com", "yes", "<+input>",
	}
	d := model.NewDraft()
	for _, id := range model.QuestionIDs() {
		q, _ := model.KnownQuestion(id)
		switch {
		case r.IntN(3) == 0:
		case q.IsSecret():
			d = d.WithSecret(id, model.NewSecret([]string{apiToken(), pemKey("RSA", 9), "x"}[r.IntN(3)]))
		default:
			d = d.With(id, bag[r.IntN(len(bag))])
		}
	}
	return d
}

func TestNothingIsEverWiderOrHigherThanTheWindow(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 7))
			at := newFakes()
			w, err := at.jobs().World(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			p := sit(t, at, NewWizard(at.jobs(), randomly(r), w, welcome))
			for range 2 * len(model.Steps()) {
				p.resizes(20+r.IntN(140), 4+r.IntN(50))
				p.fits()
				p.resizes(max(p.w, 60), max(p.h, 16)).presses([]string{"ctrl+n", "ctrl+n", "f1", "tab"}[r.IntN(4)])
				p.fits()
				p.presses("esc")
				p.presses("ctrl+n")
			}
			p.quits()
		})
	}
}

func TestRandomWalksNeverPanicAndWhatIsSavedIsWhatTheDraftBuilds(t *testing.T) {
	t.Parallel()
	names := []string{
		"tab", "tab", "shift+tab", "enter", "ctrl+n", "ctrl+n", "ctrl+p", "esc", "left", "right", "up", "down", "a", "7", "-", "space", "backspace",
		"ctrl+y", "ctrl+r", "ctrl+g", "ctrl+f", "ctrl+o", "ctrl+s", "f1", "f2", "?", "s", "y", "e", "r",
	}
	for seed := range uint64(10) {
		inTheWizard(t, nil, func(p *person) {
			r := rand.New(rand.NewPCG(seed, 11))
			for range 60 {
				if p.home.wizard == nil {
					break // it was left, or saved
				}
				before := p.built()
				name := names[r.IntN(len(names))]
				p.presses(name)
				p.fits()
				if z := p.home.wizard; z != nil && !z.saved && (name == "ctrl+n" || name == "ctrl+p") && !sameConnector(p.built(), before) {
					t.Errorf("seed %d: %s changed the connector", seed, name)
				}
				for _, s := range p.at.library.connectors {
					if !sameConnector(s.Connector, before) {
						t.Errorf("seed %d: saved %+v, built %+v", seed, s.Connector, before)
					}
				}
			}
		})
	}
}

func TestASecretIsNeverDrawnNorKeptInADraft(t *testing.T) {
	t.Parallel()
	search := func(p *person, secrets ...string) {
		t.Helper()
		if p.seen.Len() == 0 {
			t.Fatal("nothing was watched")
		}
		drawn := p.seen.String() + strings.Join(p.at.machine.copied, "")
		drafts, _ := p.at.library.Drafts(t.Context())
		for _, d := range drafts {
			for id, v := range d.Draft.Answers() {
				drawn += string(id) + v
			}
		}
		for _, s := range secrets {
			if strings.Contains(drawn, s) {
				t.Errorf("%q was drawn or kept", s)
			}
		}
	}
	inTheWizard(t, scripted(failing(needsUsername()), passes), func(p *person) {
		p.watched = true
		p.types("Payments").presses("ctrl+n").pastes("https://jdoe:hunter2canary@bitbucket.org/acme/ledger.git").presses("ctrl+n")
		p.pastes(apiToken()).presses("f1", "esc", "ctrl+n", "down").pastes("apiCANARYtoken1234567").presses("f1", "esc", "ctrl+n", "ctrl+n", "down", "e", "ctrl+n", "ctrl+p", "esc")
		search(p, "hunter2", "canaryTOKEN", "apiCANARY")
	})
	inTheWizard(t, nil, func(p *person) {
		p.watched = true
		p.types("Keys").presses("ctrl+n").pastes("git@bitbucket.org:acme/ledger.git").presses("ctrl+n").pastes(pemKey("RSA ENCRYPTED", 51))
		p.presses("tab").rushes("passCANARY").presses("ctrl+n", "ctrl+p", "ctrl+n", "ctrl+n", "ctrl+n", "enter", "esc")
		search(p, "canaryKEY", "passCANARY")
	})
	// Where a name is drawn, a token that is pasted is not.
	inFrontOfHome(t, withLedger, func(p *person) {
		p.watched = true
		p.presses("n").sees("● Overview").pastes(apiToken()).sees("That was a credential. It was taken as the token, and is hidden.")
		p.types("Payments").presses("tab", "tab").pastes("see "+apiToken()).sees("was taken out and is kept nowhere").presses("ctrl+n", "ctrl+p", "esc")
		p.presses("enter")
		for range 8 {
			p.presses("down")
		}
		p.presses("enter").sees("● Credentials", "› account.ledger_token").pastes(freshToken()).sees("was taken as the token", "› account.ledger_token")
		p.presses("tab", "tab").pastes(freshToken()).sees("is kept nowhere", "› x-bitbucket-api-token-auth").presses("esc")
		if got := p.wizard().draft.Secret(model.QPassword); got.Reveal() != freshToken() {
			t.Errorf("the token has %d characters", got.Len())
		}
		p.presses("s", "esc", "esc")
		search(p, "canaryTOKEN")
	})
	// Nor where something is looked for or given a name.
	inFrontOfHome(t, withLedger, func(p *person) {
		p.watched = true
		refused := "That is a credential. It was not taken."
		p.presses("/").pastes(apiToken()).sees(refused).types("led").doesNotSee(refused).sees("Payments ledger").presses("esc")
		p.presses("c").pastes(apiToken()).sees(refused, "Payments ledger copy").presses("esc")
		p.presses("S", "n").pastes(apiToken()).sees(refused, "ledger_token").presses("esc", "x").pastes(apiToken()).sees(refused).presses("esc")
		search(p, "canaryTOKEN")
	})
}
