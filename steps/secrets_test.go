package steps

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bbconnect/model"
)

// inFrontOfSecrets runs a story on the screen of named secrets, and at its end
// looks for values in everything that was drawn.
func inFrontOfSecrets(t *testing.T, prepare func(*fakes), story func(*person)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		at := newFakes()
		if prepare != nil {
			prepare(at)
		}
		p := starts(t, at, NewSecrets(at.jobs()))
		p.watched = true
		p.settle()
		defer p.quits()
		story(p)
		for _, word := range []string{apiToken(), "canaryTOKEN", "canaryKEY", "canaryOLD"} {
			if strings.Contains(p.seen.String(), word) {
				t.Errorf("a value, or a part of one, was drawn")
			}
		}
	})
}

// withSecrets saves the ledger twice, a token that has ended, one that soon will,
// an SSH credential with its key, and one that nobody uses.
func withSecrets(f *fakes) {
	withLedger(f)
	c, _ := ledger()
	c.Name, c.ID = "Payroll", "Payroll"
	f.library.put(c)
	key := model.Connector{
		Name: "Keys", ID: "Keys", URL: "ssh://git@git.acme-corp.com:7999/PAY/ledger.git", URLType: model.URLRepo,
		ConnectionType: model.SSH, SSHKeyRef: "account.keys_ssh_key", Mode: model.ModePlatform,
	}
	f.library.put(key)
	day := func(n int) time.Time { return today().Truncate(24*time.Hour).AddDate(0, 0, n) }
	for _, info := range []model.SecretInfo{
		{Name: "account/ended_token", Type: model.SecretText, Kind: model.KindAccessToken, Where: model.WhereVault, Created: day(-300), Expires: day(-3), Length: 30},
		{Name: "org/acme/soon_token", Type: model.SecretText, Kind: model.KindHTTPAccessToken, Where: model.WhereKeyring, Created: day(-90), Expires: day(9), Length: 44},
		{Name: "account/keys_ssh_key", Type: model.SecretSSHKey, Kind: model.KindSSHKey, Where: model.WhereKeyring, File: "account/keys_ssh_key_file", Created: day(-2)},
		{Name: "account/keys_ssh_key_file", Type: model.SecretFile, Kind: model.KindSSHKey, Where: model.WhereKeyring, Created: day(-2), Length: 2459},
		{Name: "account/typed", Type: model.SecretText, Kind: model.KindAPIToken, Where: model.WhereAsk},
	} {
		f.library.secrets = append(f.library.secrets, info)
		if info.Length > 0 && info.Where != model.WhereVault {
			_ = f.keys[info.Where].Set(context.Background(), info.Name, model.NewSecret(strings.Repeat("canaryOLD", 300)[:info.Length]))
		}
	}
}

func TestGoldenSecrets(t *testing.T) {
	t.Parallel()
	inEveryTheme(t, "secrets", func(t *testing.T, dress dress) {
		inFrontOfSecrets(t, dress(withSecrets), func(p *person) {
			p.looksLike("secrets").presses("?").looksLike("secrets_keys").presses("esc", "E", "g").looksLike("secrets_by_expiry")
			p.presses("enter").looksLike("secret_details").presses("esc", "E", "V").looksLike("secrets_verified")
			p.presses("g", "n").looksLike("secret_rename").presses("esc", "x").looksLike("secret_expiry").presses("esc", "G", "d")
			p.looksLike("secret_delete").presses("esc")
			p.presses("/").types("ledger").presses("tab", "d").looksLike("secret_in_use").presses("enter", "r").looksLike("secret_replace")
			p.pastes(apiToken()).presses("tab").types("1y").looksLike("secret_replace_typed").presses("enter").looksLike("secret_replace_asks")
			p.presses("y").looksLike("secret_users")
		})
		inFrontOfSecrets(t, dress(nil), func(p *person) { p.looksLike("secrets_none") })
	})
}

// kept is what the fakes hold of a secret, and under which name.
func (f *fakes) kept(name model.SecretName) (info model.SecretInfo, value model.Secret) {
	for _, s := range f.library.secrets {
		if s.Name == name {
			info = s
		}
	}
	value, _ = f.keys[model.WhereKeyring].Get(context.Background(), name)
	return info, value
}

func TestAReplacedValueIsStoredWithItsKindItsLengthAndItsDay(t *testing.T) {
	t.Parallel()
	inFrontOfSecrets(t, withSecrets, func(p *person) {
		p.presses("r").sees("Replace · account.ledger_token", "Used by 2 connectors: Payments_ledger, Payroll.", "the old value is gone")
		p.pastes(" \"" + apiToken() + "\" \n").sees("complete (checksum matches)").presses("tab").types("90d").sees("in 90 days")
		p.presses("enter").sees("Replace the value of account.ledger_token").presses("y").sees("was replaced.", "Payments ledger", "Payroll", "t test")
		info, value := p.at.kept("account/ledger_token")
		if !value.Equal(model.NewSecret(apiToken())) || info.Length != len(apiToken()) || info.Kind != model.KindAPIToken {
			t.Errorf("stored as %+v", info)
		}
		if info.Expires.Format(time.DateOnly) != "2027-02-20" || info.Created.Before(today()) {
			t.Errorf("it ends %s and was created %s", info.Expires, info.Created)
		}
		p.presses("t").sees("The connector works.").presses("esc").sees("✓ just now").presses("T").sees("All 2 passed.").presses("esc").sees("6 secrets", "90 d")
	})
}

func TestNothingIsReplacedWithoutAValueOrAYes(t *testing.T) {
	t.Parallel()
	inFrontOfSecrets(t, withSecrets, func(p *person) {
		p.presses("r", "tab", "enter").sees("There is no new value yet.").doesNotSee("keep the old one")
		p.pastes("canaryTOKENnew").presses("ctrl+n").sees("Replace the value of").presses("enter")
		p.sees("ctrl+n replace it").presses("esc").sees("Leave without storing it").presses("esc").sees("•").presses("esc", "y").sees("6 secrets")
		if _, value := p.at.kept("account/ledger_token"); !value.Equal(model.NewSecret(apiToken())) {
			t.Error("the value was replaced all the same")
		}
		p.presses("r").sees("New value").doesNotSee("•")
	})
}

func TestWhatCannotBeReplacedHereSaysWhy(t *testing.T) {
	t.Parallel()
	inFrontOfSecrets(t, func(f *fakes) {
		withSecrets(f)
		f.library.secrets = append(f.library.secrets, model.SecretInfo{Name: "account/zz_printed", Type: model.SecretText, Where: model.WhereCommand})
	}, func(p *person) {
		p.presses("G", "r").sees("Your command prints it").presses("enter", "up", "r").sees("asked each time and stored nowhere").presses("enter")
		p.presses("up", "up", "r").sees("Replace · account.keys_ssh_key_file", "Used by 1 connector: Keys.", "New private key")
		p.pastes(pemKey("RSA", 51)).presses("ctrl+n", "y").sees("was replaced.", "Keys")
		if _, value := p.at.kept("account/keys_ssh_key_file"); value.Len() != len(pemKey("RSA", 51)) {
			t.Errorf("a key of %d bytes is stored", value.Len())
		}
	})
}

func TestAKeyThatHarnessWouldRefuseIsNotStored(t *testing.T) {
	t.Parallel()
	inFrontOfSecrets(t, withSecrets, func(p *person) {
		p.presses("/").types("key_file").presses("tab", "r").pastes(pemKey("OPENSSH", 38)).presses("ctrl+n").sees("The key is in OpenSSH form")
		if _, value := p.at.kept("account/keys_ssh_key_file"); value.Len() != 2459 {
			t.Error("it was stored")
		}
	})
}

func TestReplacingThatDoesNotWorkKeepsTheOldValueAndWhatWasTyped(t *testing.T) {
	t.Parallel()
	inFrontOfSecrets(t, withSecrets, func(p *person) {
		p.at.keys[model.WhereKeyring].setErr = &model.Problem{Code: "keystore.locked", What: "The keyring is locked.", Fix: "Unlock it."}
		p.presses("r").pastes(apiToken()+"x").presses("ctrl+u").pastes(apiToken()).presses("ctrl+n", "y").sees("The keyring is locked. Unlock it.", "New value", "•••")
		p.at.keys[model.WhereKeyring].setErr = nil
		p.presses("ctrl+n", "y").sees("was replaced.")
	})
}

func TestARenamedSecretStaysSelectedAndItsDocumentsFollow(t *testing.T) {
	t.Parallel()
	inFrontOfSecrets(t, withSecrets, func(p *person) {
		p.presses("n").sees("Rename account.ledger_token", "In Harness the secret has to be made").presses("ctrl+u").types("typed").presses("enter").sees("Another secret has that name.")
		p.presses("ctrl+u").types("9").presses("enter").sees("That is no id.").presses("ctrl+u").types("git_token").presses("enter")
		p.sees("Renamed to account.git_token. 2 documents rewritten.", "› account.git_token")
		for _, s := range p.at.library.connectors {
			if c := s.Connector; c.Uses("account/ledger_token") || c.ID != "Keys" && !c.Uses("account/git_token") {
				t.Errorf("%s refers to %s", c.ID, c.PasswordRef)
			}
		}
		if _, value := p.at.kept("account/ledger_token"); !value.IsZero() {
			t.Error("the value is still under its old name")
		}
		if _, value := p.at.kept("account/git_token"); !value.Equal(model.NewSecret(apiToken())) {
			t.Error("the value is not under its new name")
		}
	})
}

func TestARenameThatDoesNotWorkIsSaidAndChangesNothing(t *testing.T) {
	t.Parallel()
	inFrontOfSecrets(t, withSecrets, func(p *person) {
		p.at.library.saveErr = &model.Problem{Code: "store.conflict", What: "Somebody else changed it.", Fix: "Look again."}
		p.presses("n", "ctrl+u").types("git_token").presses("enter").sees("Somebody else changed it.", "account.ledger_token").doesNotSee("account.git_token")
		if info, value := p.at.kept("account/git_token"); info.Name != "" || !value.IsZero() {
			t.Error("the new name is there")
		}
	})
}

func TestTheDayIsChangedAndTheOrderFollows(t *testing.T) {
	t.Parallel()
	inFrontOfSecrets(t, withSecrets, func(p *person) {
		p.presses("x", "ctrl+u").types("soon").presses("enter").sees("This is not a date.").presses("ctrl+u").types("5d").presses("enter")
		p.sees("ends in 5 days.", "! 5 d", "3 ended or end soon").presses("E", "g").sees("› account.ended_token")
		p.presses("x", "ctrl+u", "enter").sees("account.ended_token has no end recorded.", "2 ended or end soon")
		if info, _ := p.at.kept("account/ended_token"); !info.Expires.IsZero() {
			t.Errorf("it still ends %s", info.Expires)
		}
		p.presses("x").types("1").presses("esc").sees("2 ended or end soon")
	})
}

func TestOnlyWhatNobodyUsesIsDeleted(t *testing.T) {
	t.Parallel()
	inFrontOfSecrets(t, withSecrets, func(p *person) {
		p.presses("d").sees("account.ledger_token is in use", "Payments_ledger, Payroll").presses("enter")
		p.presses("/").types("key_file").presses("tab", "d").sees("is in use").presses("enter", "esc")
		p.presses("/").types("soon").presses("tab", "d").sees("Delete org.soon_token (acme)", "not revoked at Bitbucket").presses("n").sees("soon_token")
		p.presses("d", "y").sees("Deleted org.soon_token (acme).", "5 secrets")
		if info, value := p.at.kept("org/acme/soon_token"); info.Name != "" || !value.IsZero() {
			t.Error("it is still there")
		}
	})
}

func TestAKeyOfACredentialNobodyUsesIsKeptWithIt(t *testing.T) {
	t.Parallel()
	inFrontOfSecrets(t, func(f *fakes) {
		withSecrets(f)
		delete(f.library.connectors, "Keys")
	}, func(p *person) {
		p.presses("/").types("key_file").presses("tab", "d").sees("It belongs to the SSH credential account.keys_ssh_key").presses("enter", "esc")
		p.presses("/").types("credential").presses("tab", "d", "y").sees("Deleted account.keys_ssh_key.")
		p.presses("esc", "/").types("key_file").presses("tab", "d", "y").sees("Deleted account.keys_ssh_key_file.")
		if _, value := p.at.kept("account/keys_ssh_key_file"); !value.IsZero() {
			t.Error("the key is still there")
		}
	})
}

func TestALookAtTheKeystoresIsToldAndCanBeStopped(t *testing.T) {
	t.Parallel()
	inFrontOfSecrets(t, withSecrets, func(p *person) {
		p.presses("v").sees("The keystore holds it.", "✓ GNOME keyring")
		held := make(chan struct{})
		p.at.keys[model.WhereKeyring].slow = held
		p.presses("V").sees("esc stop looking").presses("r", "d").sees("esc stop looking", "6 secrets")
		p.presses("esc").sees("Stopped after", "6 secrets")
		close(held)
		p.settle()
		p.at.keys[model.WhereKeyring].slow = nil
		delete(p.at.keys[model.WhereKeyring].values, "account/ledger_token")
		p.presses("v").sees("The keystore no longer holds it.", "✗ gone")
	})
}

func TestALockedPlaceIsSaidOnce(t *testing.T) {
	t.Parallel()
	inFrontOfSecrets(t, withSecrets, func(p *person) {
		p.at.keys[model.WhereKeyring].getErr = &model.Problem{Code: "keystore.locked", What: "The keyring is locked.", Fix: "Unlock it."}
		p.presses("V").sees("3 locked: The keyring is locked.", "– locked", "✗ gone")
		if n := p.at.keys[model.WhereKeyring].gets; n != 1 {
			t.Errorf("it was asked %d times", n)
		}
	})
}

func TestAThousandSecretsAreFoundByAnythingTheyAreKnownBy(t *testing.T) {
	t.Parallel()
	inFrontOfSecrets(t, func(f *fakes) {
		for i := range 1000 {
			f.library.secrets = append(f.library.secrets, model.SecretInfo{
				Name: model.SecretName(fmt.Sprintf("account/token_%04d", i)), Type: model.SecretText, Kind: model.KindAPIToken, Where: model.WhereKeyring,
				Username: fmt.Sprintf("user%04d", i), Host: "bitbucket.org", Expires: today().AddDate(0, 0, 31+i),
			})
		}
	}, func(p *person) {
		p.sees("1000 secrets").presses("/").types("0777").sees("› account.token_0777").presses("esc", "/").types("user0123").sees("› account.token_0123")
		p.presses("tab", "d", "y").sees("999 secrets")
	})
}

func TestAListOfSecretsThatCannotBeReadIsSaidAndTriedAgain(t *testing.T) {
	t.Parallel()
	inFrontOfSecrets(t, func(f *fakes) {
		withSecrets(f)
		f.library.listErr = &model.Problem{Code: "store.unreadable", What: "The folder cannot be read.", Fix: "Give yourself access."}
	}, func(p *person) {
		p.sees("The folder cannot be read.", "r try again")
		p.at.library.listErr = nil
		p.presses("r").sees("6 secrets")
	})
}

// withThousand is the ledger's secret among a thousand others.
func withThousand(f *fakes) {
	withLedger(f)
	for i := range 1000 {
		kind, host := model.KindAPIToken, "bitbucket.org"
		if i%2 == 0 {
			kind = model.KindAccessToken
		}
		if i%5 != 0 {
			host = "git.acme-corp.com"
		}
		f.library.secrets = append(f.library.secrets, model.SecretInfo{
			Name: model.SecretName(fmt.Sprintf("account/s%04d", i)), Type: model.SecretText, Kind: kind, Host: host, Where: model.WhereKeyring,
			Username: fmt.Sprintf("user%04d", i), Created: today().AddDate(-1, 0, 0), Length: 44,
		})
	}
}

func TestASavedSecretIsPickedAmongAThousandByAFewLetters(t *testing.T) {
	t.Parallel()
	inTheWizard(t, withThousand, func(p *person) {
		p.types("Payments").presses("ctrl+n").pastes("https://bitbucket.org/acme/ledger.git").presses("ctrl+n").sees("account.ledger_token")
		p.presses("ctrl+r").looksLike("secret_picker")
		// The kind and the host of the connector come first: s0005, s0015 and on.
		p.sees("account.s0005", "account.s0015").doesNotSee("account.s0001", "account.s0010")
		p.types("user0777").looksLike("secret_picker_filter").presses("enter").sees("● Credentials", "account.s0777", "Saved: API token, user0777. There is nothing to paste.")
		if got := p.built().PasswordRef; got != "account.s0777" {
			t.Errorf("the connector refers to %s", got)
		}
		p.presses("ctrl+r").types("nosuchthing").sees("No match for nosuchthing.").presses("enter", "esc", "esc").sees("● Credentials", "account.s0777")
	})
}

func TestSecretsAreSortedByTheirEndAndNarrowedToThoseThatMatter(t *testing.T) {
	t.Parallel()
	inFrontOfSecrets(t, withSecrets, func(p *person) {
		order := func(want ...string) {
			t.Helper()
			last := -1
			for _, name := range want {
				at := strings.Index(p.screen(), name)
				if at <= last {
					t.Errorf("%s is not below the one before:\n%s", name, p.screen())
				}
				last = at
			}
		}
		p.presses("E")
		order("account.ended_token", "org.soon_token", "account.ledger_token", "account.typed")
		p.presses("E", "X").sees("account.ended_token", "org.soon_token", "esc show all").doesNotSee("account.ledger_token ", "account.typed")
		p.presses("U", "X").sees("account.typed").doesNotSee("account.keys_ssh_key ")
		p.presses("esc").sees("account.keys_ssh_key", "esc back")
	})
}

func TestALengthOfLifeTypedInTheWizardBecomesItsDate(t *testing.T) {
	t.Parallel()
	inTheWizard(t, nil, func(p *person) {
		p.types("Payments").presses("ctrl+n").pastes("https://bitbucket.org/acme/ledger.git").presses("ctrl+n")
		p.sees("Paste the token").pastes(apiToken() + "\n")
		p.wizard().jump(model.QExpires)
		p.settle()
		p.types("90d").sees("in 90 days", "Counted from today that is 2027-02-20.").presses("ctrl+y").sees("2027-02-20", "in 90 days")
		if got := p.wizard().draft.Answer(model.QExpires); got != "2027-02-20" {
			t.Errorf("the answer is %q", got)
		}
		p.presses("ctrl+u").types("soon").presses("tab").sees("This is not a date.").presses("shift+tab", "ctrl+u").types("3d").sees("The token ends in 3 days")
		p.presses("ctrl+u").doesNotSee("The token ends")
	})
}
