package steps

import (
	"strings"
	"testing"
	"time"

	"bbconnect/model"
)

// withoutKeyring makes the keyring answer a proof as one does that cannot be
// used, and goes to Credentials.
func withoutKeyring(t *testing.T, proof func(*fakes), story func(*person)) {
	t.Helper()
	inTheWizard(t, proof, func(p *person) {
		p.types("Payments").presses("ctrl+n").pastes("https://bitbucket.org/acme/ledger.git").presses("ctrl+n")
		story(p)
	})
}

func without(prove string) func(*fakes) {
	return func(f *fakes) {
		f.keys[model.WhereKeyring].prove = map[string]proof{"no bus": noBus, "locked": locked, "silent": silent}[prove]
	}
}

func TestAMachineWithoutAKeyringSaysSoInTimeBeforeAnySecretIsAskedAndOffersTheWaysOn(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"no bus", "locked", "silent"} {
		withoutKeyring(t, without(what), func(p *person) {
			p.doesNotSee("Paste the token").waits(3 * time.Second)
			p.sees("keystore.", "encrypted vault", "a command that prints it", "ask each time", "keyring", "try again").doesNotSee("Paste the token")
			p.presses("esc").sees("● Details")
		})
	}
}

func TestTheWizardWorksToTheEndWithTheVaultHoweverSlowlyAPassphraseIsTyped(t *testing.T) {
	t.Parallel()
	withoutKeyring(t, without("no bus"), func(p *person) {
		p.watched = true
		p.presses("v").sees("Choose a passphrase for the vault").waits(20 * time.Second)
		p.presses("enter").sees("Nothing was typed.")
		p.types("one canary").presses("enter").sees("The same passphrase again").types("another").presses("enter")
		p.sees("The two passphrases differ").types("one canary").presses("enter").types("one canary").presses("enter")
		p.sees("the encrypted vault ✓ tried just now", "Paste the token")
		p.pastes(apiToken()).presses("ctrl+n", "tab").types("jdoe@acme-corp.com").presses("ctrl+n", "ctrl+n", "enter").sees("The connector works.")
		p.presses("enter").sees("is saved as Payments")
		if p.at.keys[model.WhereVault].values["account/Payments_token"].IsZero() || p.at.library.settings.Keystore != model.WhereVault {
			t.Error("the vault does not hold the token, or was not remembered")
		}
		if strings.Contains(p.seen.String(), "one canary") {
			t.Error("the passphrase was drawn")
		}
	})
}

func TestTheOtherWaysOnWithoutAKeyring(t *testing.T) {
	t.Parallel()
	withoutKeyring(t, without("no bus"), func(p *person) {
		p.presses("c").sees("A command that prints the secret").types("pass show x").presses("enter").sees("a command ✓ tried just now", "Paste the token")
		if p.at.library.settings.SecretCommand != "pass show x" {
			t.Errorf("the settings hold %q", p.at.library.settings.SecretCommand)
		}
	})
	withoutKeyring(t, without("locked"), func(p *person) {
		p.presses("a").sees("Secrets are asked each time and never stored.", "Paste the token")
	})
	withoutKeyring(t, without("locked"), func(p *person) {
		p.presses("v").sees("passphrase").presses("esc").sees("No value was given.")
		p.at.keys[model.WhereKeyring].prove = nil
		p.presses("k").sees("GNOME keyring ✓ tried just now", "Paste the token")
	})
	withoutKeyring(t, without("locked"), func(p *person) {
		p.at.keys[model.WhereKeyring].prove = nil
		p.presses("r").sees("GNOME keyring ✓ tried just now")
	})
}

func TestSecretsCanBeKeptElsewhereThoughTheKeyringWorks(t *testing.T) {
	t.Parallel()
	withoutKeyring(t, nil, func(p *person) {
		p.sees("GNOME keyring").presses("f2").sees("Where shall new secrets be kept").presses("a").sees("asked each time")
	})
}

func TestKeysTypedWhileTheProofRunsReachTheFormInOrderAcrossSteps(t *testing.T) {
	t.Parallel()
	inTheWizard(t, func(f *fakes) {
		f.keys[model.WhereKeyring].prove = slowly
	}, func(p *person) {
		p.types("Payments").presses("ctrl+n").pastes("https://bitbucket.org/acme/ledger.git").presses("ctrl+n")
		p.rushes(apiToken() + "\x0e\tjdoe@acme-corp.com\x0e\x0e").settle()
		p.sees("Trying the place for secrets").waits(2 * time.Second)
		p.sees("● Test", "enter test", "192 characters, hidden", "jdoe@acme-corp.com")
	})
}

func TestKeysTypedBlindChooseNoWayOnAndArriveWhenThereIsAPlace(t *testing.T) {
	t.Parallel()
	inTheWizard(t, func(f *fakes) { f.keys[model.WhereKeyring].prove = noBus }, func(p *person) {
		p.types("Payments").presses("ctrl+n").pastes("https://bitbucket.org/acme/ledger.git")
		p.rushes("\x0eva").settle()
		p.types("ck").sees("keystore.unavailable").doesNotSee("passphrase")
		p.waits(time.Second).presses("a").sees("Paste the token", "••••")
		if got := p.wizard().draft.Secret(model.QPassword).Reveal(); got != "vack" {
			t.Errorf("the form got %q", got)
		}
	})
}

func TestLeavingCredentialsEndsTheProof(t *testing.T) {
	t.Parallel()
	withoutKeyring(t, without("silent"), func(p *person) {
		p.sees("Trying the place for secrets").presses("esc").sees("● Details").presses("ctrl+n").waits(3 * time.Second).sees("keystore.timeout")
	})
}
