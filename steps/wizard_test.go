package steps

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bbconnect/model"
)

func TestTheFirstScreenOfAFirstRunIsTheWizardWithOneSentenceOfWelcome(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, nil, func(p *person) {
		p.sees("New connector", "● Overview", "Welcome. Six short screens set up a connector and prove that it works.", "Name")
	})
}

func TestWhatIsTypedBeforeTheFirstScreenIsThereLandsInIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		at := newFakes()
		home := NewHome(at.jobs())
		p := starts(t, at, home)
		p.home = home
		p.rushes("quick\t\tfingers").settle()
		p.sees("quick", "fingers", "New connector · quick")
		p.quits()
	})
}

func TestFromNameToHandOverACloudRepositoryConnectorOverHTTP(t *testing.T) {
	t.Parallel()
	inTheWizard(t, nil, func(p *person) {
		p.fillsUpToTest()
		p.sees("Payments", "https://bitbucket.org/acme/ledger.git", "192 characters, hidden", model.UserAPIToken, "jdoe@acme-corp.com")
		p.presses("enter").sees("The connector works.", "Read the repository with git", "41 ms")
		p.presses("enter").sees("Payments is saved as Payments.", "Create the text secret Payments_token in the account.", "bbconnect export Payments --format harness")
		p.presses("1").sees("Copied: Payments_token")
		p.presses("enter").sees("1 connector", "✓ just now")
		saved := p.at.library.connectors["Payments"]
		if saved.LastTest == nil || saved.LastTest.Verdict != model.VerdictPass {
			t.Errorf("the test is remembered as %+v", saved.LastTest)
		}
		if v := p.at.keys[model.WhereKeyring].values["account/Payments_token"]; v.Reveal() != apiToken() {
			t.Error("the keyring does not hold the token as it was pasted, less the line break")
		}
		if drafts := p.at.draftNames(); len(drafts) != 0 {
			t.Errorf("drafts are left: %v", drafts)
		}
	})
}

func TestTheConditionalQuestionsComeAndGo(t *testing.T) {
	t.Parallel()
	inTheWizard(t, nil, func(p *person) {
		p.types("Payments").presses("tab", "tab", "tab", "tab").doesNotSee("Organisation id")
		p.presses("right").sees("Organisation id").doesNotSee("Project id")
		p.presses("right").sees("Project id").presses("left", "left").doesNotSee("Organisation id")
		p.presses("ctrl+n").sees("Test repository")
		p.pastes("https://bitbucket.org/acme/ledger.git").doesNotSee("Test repository")
		p.presses("tab", "left").sees("Test repository").presses("right").doesNotSee("Test repository")
		p.presses("ctrl+n").sees("Paste the token", "Kind", "Username", "Expires", "Secret", "More settings")
		p.presses("ctrl+n").sees("Email").doesNotSee("Paste the token")
		p.presses("down").doesNotSee("jdoe@example.com").sees("Paste the token")
		p.presses("down").doesNotSee("Paste the token").sees("no webhooks")
		p.presses("ctrl+n").sees("Connect through").doesNotSee("Delegate version")
		p.presses("down").sees("Delegates", "Delegate version", "Harness Cloud").doesNotSee("Delegate tags")
		p.presses("tab", "down").sees("Delegate tags")
	})
}

func TestSSHAsksForAKeyAndForThePassphraseOfAnEncryptedOne(t *testing.T) {
	t.Parallel()
	inTheWizard(t, nil, func(p *person) {
		p.types("Keys").presses("ctrl+n").pastes("git@bitbucket.org:acme/ledger.git").presses("ctrl+n")
		p.sees("Private key", "SSH credential").doesNotSee("Paste the token", "Passphrase")
		p.pastes(pemKey("RSA ENCRYPTED", 51)).sees("51 lines", "Passphrase")
		p.presses("tab").pastes("hunter2 canary").presses("ctrl+p", "ctrl+n").sees("Passphrase", "••••")
		p.pastes(pemKey("RSA", 51))
		if got := p.wizard().draft.Secret(model.QSSHKey).Reveal(); got != pemKey("RSA", 51) {
			t.Errorf("a key pasted over another: %d characters", len(got))
		}
	})
}

func TestAnOpenSSHKeyIsConvertedAndItsPublicHalfShown(t *testing.T) {
	t.Parallel()
	inTheWizard(t, nil, func(p *person) {
		p.types("Keys").presses("ctrl+n").pastes("git@bitbucket.org:acme/ledger.git").presses("ctrl+n")
		p.pastes(pemKey("OPENSSH", 38)).sees("OpenSSH form;", "ctrl+t convert to PEM")
		p.presses("ctrl+t").sees("Add its public half in Bitbucket", "ssh-rsa AAAApublic Keys", model.PageSSHKeys)
		p.presses("c").sees("The public half was copied.").doesNotSee("OpenSSH form;")
		if len(p.at.machine.copied) != 1 || !strings.HasPrefix(p.at.machine.copied[0], "ssh-rsa ") {
			t.Errorf("copied: %q", p.at.machine.copied)
		}
	})
}

func TestAKeyIsMadeHereOrReadFromAFile(t *testing.T) {
	t.Parallel()
	inTheWizard(t, func(f *fakes) { f.machine.files = map[string]string{"~/.ssh/id": pemKey("RSA", 20)} }, func(p *person) {
		p.types("Keys").presses("ctrl+n").pastes("ssh://git@git.acme-corp.com:7999/PAY/ledger.git").presses("ctrl+n")
		p.presses("ctrl+f").sees("The private key's file").types("~/none").presses("enter").sees("There is no file ~/none.")
		p.presses("ctrl+f").types("~/.ssh/id").presses("enter").sees("20 lines")
		p.presses("ctrl+g").sees("Add its public half in Bitbucket", "Manage account → SSH keys").presses("d").sees("51 lines")
	})
}

func TestACredentialInAPastedAddressMovesToItsSlotAndIsNeverDrawn(t *testing.T) {
	t.Parallel()
	inTheWizard(t, nil, func(p *person) {
		p.watched = true
		p.types("Payments").presses("ctrl+n").pastes("https://jdoe:hunter2canary@bitbucket.org/acme/ledger.git")
		p.sees("https://bitbucket.org/acme/ledger.git", "The credential in the address was taken out")
		p.presses("ctrl+n").sees("••••", "jdoe")
		if got := p.wizard().draft.Secret(model.QPassword).Reveal(); got != "hunter2canary" {
			t.Errorf("the slot holds %d characters", len(got))
		}
		if strings.Contains(p.seen.String(), "hunter2") {
			t.Error("the credential was drawn")
		}
	})
}

func TestASuggestionIsAcceptedWithOneKey(t *testing.T) {
	t.Parallel()
	inTheWizard(t, nil, func(p *person) {
		p.types("Payments").presses("ctrl+n").pastes("https://bitbucket.org/acme/ledger/src/main/")
		p.sees("ctrl+y accept").presses("ctrl+y").sees("› https://bitbucket.org/acme/ledger.git")
	})
}

func TestTheRemotesOfTheCheckoutAreOffered(t *testing.T) {
	t.Parallel()
	inTheWizard(t, func(f *fakes) {
		f.machine.remotes = []string{"git@bitbucket.org:acme/ledger.git", "https://git.example.com/scm/OPS/x.git"}
	}, func(p *person) {
		p.types("Payments").presses("ctrl+n").sees("ctrl+r", "A remote of this checkout: git@bitbucket.org:acme/ledger.git", "ctrl+r offers all 2")
		p.presses("ctrl+r").sees("Remotes of this checkout", "acme/ledger.git")
		p.presses("1").sees("› git@bitbucket.org:acme/ledger.git", "workspace acme")
		if strings.Contains(p.screen(), "ctrl+r offers") {
			t.Error("the offer stays where an address is")
		}
	})
}

func TestTheOnlyRemoteOfTheCheckoutIsSeenAtOnceAndTakenWithOneKey(t *testing.T) {
	t.Parallel()
	inTheWizard(t, func(f *fakes) { f.machine.remotes = []string{"https://bitbucket.org/acme/ledger.git"} }, func(p *person) {
		for _, size := range [][2]int{{60, 16}, {80, 24}, {120, 40}} {
			p.resizes(size[0], size[1])
		}
		p.types("Payments").presses("ctrl+n").sees("This checkout's remote: https://bitbucket.org/acme/ledger.git", "ctrl+r takes it")
		p.presses("ctrl+r").sees("› https://bitbucket.org/acme/ledger.git", "workspace acme")
	})
}

func TestALongRemoteIsShownShort(t *testing.T) {
	t.Parallel()
	got := firstRemote([]string{"https://bitbucket.org/" + strings.Repeat("a", 2000)})
	if len([]rune(got[0])) > 90 || firstRemote(nil) != nil {
		t.Errorf("%d letters", len(got[0]))
	}
}

func TestTheTokenGuideStandsBesideCredentialsAndAPIAccess(t *testing.T) {
	t.Parallel()
	inTheWizard(t, nil, func(p *person) {
		p.resizes(120, 40)
		guide := func() {
			t.Helper()
			p.presses("ctrl+s").sees("The fourteen scopes were copied.")
			p.presses("ctrl+o").sees("Opened " + model.PageAPITokens)
			p.resizes(80, 50).presses("f1")
			for _, s := range model.TokenScopes() {
				p.sees(s.Name, s.For)
			}
			p.sees("optional").presses("esc").resizes(120, 40)
		}
		p.types("Payments").presses("ctrl+n").pastes("https://bitbucket.org/acme/ledger.git").presses("ctrl+n")
		p.sees("Two-step verification must be", "token with scopes", "at most a year", "Copy it now: it is shown once.", "f1 lists the fourteen scopes")
		guide()
		p.pastes(apiToken()).presses("ctrl+n").sees("● API access", "signs in here too")
		guide()
		if n := len(p.at.machine.copied); n != 2 || p.at.machine.copied[0] != model.ScopeList() {
			t.Errorf("%d texts were copied", n)
		}
	})
}

func TestTheTokenForTheAPIOfAnSSHConnectorHasItsOwnPage(t *testing.T) {
	t.Parallel()
	inTheWizard(t, nil, func(p *person) {
		p.types("Keys").presses("ctrl+n").pastes("git@bitbucket.org:acme/ledger.git").presses("ctrl+n")
		p.presses("ctrl+o").sees("Opened " + model.PageSSHKeys).doesNotSee("copy scopes")
		p.pastes(pemKey("RSA", 51)).presses("ctrl+n", "tab").types("jdoe@acme-corp.com").presses("tab")
		p.sees("ctrl+s copy scopes").presses("ctrl+o").sees("Opened " + model.PageAPITokens)
	})
}

func TestASavedSecretIsPickedInsteadOfPastingOneAgain(t *testing.T) {
	t.Parallel()
	inTheWizard(t, withLedger, func(p *person) {
		p.types("Second").presses("ctrl+n").pastes("https://bitbucket.org/acme/other.git").presses("ctrl+n")
		p.sees("account.ledger_token").doesNotSee("Paste the token")
		p.presses("ctrl+r").sees("Saved secrets", "API token, until 2027-11-21").presses("enter").sees("● Credentials", "account.ledger_token")
		p.presses("ctrl+n", "tab").types("jdoe@acme-corp.com").presses("ctrl+n", "ctrl+n").sees("enter test").presses("enter").sees("The connector works.")
		if got := p.at.tester.requests[0].Password; !got.Equal(model.NewSecret(apiToken())) {
			t.Error("the saved value was not tested with")
		}
	})
}

func TestNamingANewSecretWhileEditingAsksForItsValueOnceThePlaceHasProvedItself(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, withLedger, func(p *person) {
		p.presses("enter").sees("Edit · Payments ledger")
		p.wizard().jump(model.QSecret)
		p.settle()
		p.presses("tab", "shift+tab").types("2").sees("account.ledger_token2", "Paste the token", "GNOME keyring ✓ tried just now")
	})
}

func TestBackKeepsEverythingAndChangesNothing(t *testing.T) {
	t.Parallel()
	inTheWizard(t, nil, func(p *person) {
		p.fillsUpToTest()
		want := p.built()
		p.presses("esc", "esc", "esc", "esc", "esc").sees("● Overview")
		p.presses("ctrl+n", "ctrl+n").sees("● Credentials", "••••").presses("ctrl+n", "ctrl+n", "ctrl+n").sees("● Test")
		if got := p.built(); !sameConnector(got, want) {
			t.Errorf("before %+v\nafter %+v", want, got)
		}
	})
}

func TestAnotherProductOrConnectionTypeKeepsWhatStillApplies(t *testing.T) {
	t.Parallel()
	inTheWizard(t, nil, func(p *person) {
		p.fillsUpToTest()
		p.wizard().jump(model.QConnectionType)
		p.settle()
		p.presses("right", "left", "ctrl+n").sees("● Credentials", "••••", model.UserAPIToken)
		p.wizard().jump(model.QURL)
		p.settle()
		p.presses("ctrl+u").pastes("https://git.acme-corp.com/scm/PAY/ledger.git").sees("Data Center")
		p.presses("ctrl+u").pastes("https://bitbucket.org/acme/ledger.git").presses("ctrl+n")
		c := p.built()
		if c.Name != "Payments" || c.API.Email.Plain != "jdoe@acme-corp.com" || c.Username.Plain != model.UserAPIToken {
			t.Errorf("%+v", c)
		}
	})
}

func TestSamplesAreOfferedOnlyWhereThereAreSome(t *testing.T) {
	t.Parallel()
	inTheWizard(t, nil, func(p *person) {
		p.types("A").presses("ctrl+n").doesNotSee("something to try")
		p.wizard().Offer([]Sample{{Field: model.QURL, Label: "the ledger", Value: model.NewSecret("https://bitbucket.org/acme/ledger.git")}})
		p.sees("ctrl+k something to try").presses("ctrl+k").sees("the ledger").presses("enter").sees("repository ledger")
	})
}

func TestSamplesAreOfferedWhereCredentialsAreReplacedMigratedAndRotated(t *testing.T) {
	t.Parallel()
	samples := []Sample{
		{Field: model.QPassword, Product: model.Cloud, Label: "a good token", Value: model.NewSecret(apiToken())},
		{Field: model.QPassword, Product: model.DataCenter, Label: "one of another server", Value: model.NewSecret("x")},
		{Field: model.QAPIEmail, Label: "her email", Value: model.NewSecret("jdoe@acme-corp.com")},
		{Field: model.QSSHKey, Label: "a good key", Value: model.NewSecret(pemKey("RSA", 51))},
	}
	inFrontOfHome(t, withAppPasswords(2), func(p *person) {
		p.home.Offer(samples)
		p.presses("m", "enter").sees("Paste the API token", "ctrl+k something to try").presses("ctrl+k").sees("a good token").doesNotSee("another server", "a good key")
		p.presses("enter").sees("checksum matches").presses("tab", "ctrl+k").sees("her email").presses("enter").sees("› jdoe@acme-corp.com")
		// A token that lands in the place of the email is none.
		p.presses("ctrl+u").pastes(freshToken()).doesNotSee("canary").presses("esc", "esc").sees("Leave without applying").presses("y")
		p.presses("S", "r").sees("Replace ·").presses("ctrl+k").sees("a good token").presses("enter").sees("checksum matches")
	})
	inFrontOfHome(t, withSecrets, func(p *person) {
		p.home.Offer(samples)
		p.presses("S", "/").types("keys_ssh").presses("tab", "r").sees("New private key").presses("ctrl+k").sees("a good key").doesNotSee("a good token").presses("enter")
		p.sees("51 lines")
	})
}

func TestCtrlCWithTypedWorkAsksOnce(t *testing.T) {
	t.Parallel()
	inTheWizard(t, nil, func(p *person) {
		p.types("Half").presses("ctrl+c").sees("not saved")
		p.presses("esc").sees("Half").presses("ctrl+c").sees("not saved").presses("y")
		if !p.ended {
			t.Error("the program goes on")
		}
		if d, open := p.home.Unfinished(); !open || d.Answer(model.QName) != "Half" {
			t.Errorf("the program's end keeps %v, %t", d.Answers(), open)
		}
	})
}

func TestTheDraftIsKeptOnEachStepAsOneAndTheNewestStateWins(t *testing.T) {
	t.Parallel()
	inTheWizard(t, func(f *fakes) { f.library.slow = make(chan struct{}) }, func(p *person) {
		p.rushes("Payments\x0ehttps://bitbucket.org/acme/ledger.git\x0e")
		p.settle()
		if names := p.at.draftNames(); len(names) != 0 {
			t.Fatalf("kept although keeping is held back: %v", names)
		}
		close(p.at.library.slow)
		p.settle()
		drafts, _ := p.at.library.Drafts(t.Context())
		if len(drafts) != 1 || drafts[0].Draft.Answer(model.QURL) == "" {
			t.Errorf("%d drafts: %v", len(drafts), p.at.draftNames())
		}
	})
}

func TestLeavingKeepsTheDraftFirstAndSaysWhereItCannot(t *testing.T) {
	t.Parallel()
	inTheWizard(t, nil, func(p *person) {
		p.types("Left behind").presses("esc").sees("1 unfinished connector", "u shows it")
		p.presses("n").types("Other").waits(time.Second)
		p.at.library.draftErr = &model.Problem{Code: "store.unwritable", What: "The disk is full.", Fix: "Make room."}
		p.presses("esc").sees("The draft could not be kept: The disk is full.", "● Overview")
		p.presses("esc").sees("1 unfinished connector")
	})
}

// sameConnector compares what Build made.
func sameConnector(a, b model.Connector) bool {
	return strings.Join(connectorText(a), "|") == strings.Join(connectorText(b), "|")
}
