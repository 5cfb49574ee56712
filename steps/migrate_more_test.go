package steps

import (
	"context"
	"errors"
	"strings"
	"testing"

	"bbconnect/model"
)

// withFolder lets Home find one document in a folder, which shares a secret.
func withFolder(t *testing.T, story func(*person)) {
	t.Helper()
	inABubble(t, withAppPasswords(2), func(_ context.Context, at *fakes) *Home {
		outside := at.library.connectors["Service_00"].Connector
		outside.Name, outside.ID = "In the checkout", "in_the_checkout"
		at.journal.outside = map[string]model.Connector{"infra/checkout.yaml": outside}
		return NewHome(at.jobs()).Reads(func(_ context.Context, path string) ([]model.MigrationMember, []model.Damaged, error) {
			switch path {
			case "infra":
				return []model.MigrationMember{{Path: "infra/checkout.yaml", Saved: model.Saved{Connector: at.journal.outside["infra/checkout.yaml"]}}},
					[]model.Damaged{{Path: "infra/values.yaml", Problem: &model.Problem{What: "It is no connector.", Fix: "Leave it."}}}, nil
			case "empty":
				return nil, nil, nil
			}
			return nil, nil, errors.New("there is no folder " + path)
		})
	}, story)
}

func TestDocumentsOfAFolderAreMigratedWithTheSavedOnes(t *testing.T) {
	t.Parallel()
	withFolder(t, func(p *person) {
		p.presses("m").sees("5 connectors, 3 secrets").presses("f").types("nowhere").presses("enter").sees("there is no folder nowhere")
		p.presses("f").types("empty").presses("enter").sees("0 documents looked through in empty.").presses("f", "ctrl+u").types("infra").presses("enter")
		p.sees("6 connectors, 3 secrets", "infra/values.yaml: It is no connector.", "account.jdoe_app")
		p.presses("p").sees("In the checkout", "infra/checkout.yaml").presses("esc")
		p.givesToken().presses("n", "a", "y").sees("1 secret of 1 replaced, 3 connectors passed.", "infra/checkout.yaml")
		if c := p.at.journal.outside["infra/checkout.yaml"]; c.API.Method != model.APIEmailAndToken {
			t.Errorf("the document became %+v", c)
		}
		p.presses("z", "y").sees("Taken back")
		if c := p.at.journal.outside["infra/checkout.yaml"]; c.API.Method != model.APIUsernameToken {
			t.Error("the document was not taken back")
		}
	})
}

func TestATokenForFewerConnectorsThanThereAreNowIsForgotten(t *testing.T) {
	t.Parallel()
	withFolder(t, func(p *person) {
		p.presses("m").givesToken().presses("y").sees("Verified as jdoe").presses("f").types("infra").presses("enter").sees("6 connectors")
		p.sees("account.jdoe_app 3 jdoe – not yet", "account.jdoe_two 2 jdoe ✓ API token")
	})
}

// onPremises saves connectors of a Data Center that sign in with a password.
func onPremises(f *fakes) {
	for _, id := range []string{"ledger", "gateway"} {
		f.library.put(model.Connector{
			Name: id, ID: id, URL: "https://git.acme-corp.com/scm/PAY/" + id + ".git", URLType: model.URLRepo, ConnectionType: model.HTTP,
			Username: model.Login{Plain: "jdoe"}, PasswordRef: "account.jdoe_password", Mode: model.ModePlatform,
			API: model.APIAccess{Method: model.APIUsernameToken, Username: model.Login{Plain: "jdoe"}, TokenRef: "account.jdoe_password"},
		})
	}
	f.library.secrets = append(f.library.secrets, model.SecretInfo{
		Name: "account/jdoe_password", Type: model.SecretText, Kind: model.KindPassword, Where: model.WhereKeyring, Username: "jdoe", Host: "git.acme-corp.com",
	})
	_ = f.keys[model.WhereKeyring].Set(context.Background(), "account/jdoe_password", model.NewSecret(oldValue))
	f.tester.script = []func(context.Context, model.TestRequest, func(model.Check)) model.TestResult{asUser("jdoe")}
}

func TestAPasswordOfADataCenterBecomesAnHTTPAccessToken(t *testing.T) {
	t.Parallel()
	inFrontOfMigrate(t, onPremises, func(p *person) {
		p.sees("Migrate · off passwords", "a person's own password", "account.jdoe_password", "jdoe at git.acme-corp.com").presses("enter").sees("New HTTP access token", "Made at https://git.acme-corp.com/").doesNotSee("What to make", "Email", "copy scopes")
		p.presses("f1").sees("Create token", "Permissions: repository read").presses("esc")
		fresh := "BBDC-" + strings.Repeat("canaryTOKEN", 4)[:44]
		p.pastes(fresh).presses("tab").types("90d").presses("ctrl+n").sees("✓ HTTP token, 90 d").presses("a", "y").sees("1 secret of 1 replaced, 2 connectors passed.")
		if info, value := p.at.kept("account/jdoe_password"); info.Kind != model.KindHTTPAccessToken || !value.Equal(model.NewSecret(fresh)) {
			t.Errorf("it is %+v", info)
		}
		if c := p.at.library.connectors["ledger"].Connector; c.API.Method != model.APIUsernameToken || c.Username.Plain != "jdoe" {
			t.Errorf("its document became %+v", c)
		}
	})
}

func TestAnAccessTokenChangesTheUserNameOfEveryConnector(t *testing.T) {
	t.Parallel()
	inFrontOfMigrate(t, withAppPasswords(2), func(p *person) {
		p.presses("enter", "shift+tab", "right").sees("Paste the Access token").presses("tab")
		p.pastes("ATC" + "TT3" + strings.Repeat("canaryTOKEN", 16) + "=0A1B2C3D").presses("tab").types("1y").presses("ctrl+n")
		p.sees("enter take it all the same").presses("enter")
		p.presses("n").sees("Access token, 365 d").presses("p").sees("Username jdoe → x-token-auth", "Kind App Password → Access token", "Expires no day known → 2027-11-22").presses("esc")
		p.presses("a", "y").sees("1 secret of 1 replaced, 2 connectors passed.")
		if c := p.at.library.connectors["Service_01"].Connector; c.Username.Plain != model.UserAccessToken || c.API.Method != model.APIAccessToken {
			t.Errorf("it became %+v", c)
		}
	})
}

func TestANewSSHKeyIsRotatedLikeAToken(t *testing.T) {
	t.Parallel()
	inFrontOfSecrets(t, withSecrets, func(p *person) {
		p.presses("/").types("credential").presses("tab", "R").sees("New SSH key · account.keys_ssh_key_file", "New private key").doesNotSee("ctrl+o", "Expires")
		p.pastes(pemKey("OPENSSH", 38)).presses("ctrl+n").sees("The key is in OpenSSH form").presses("ctrl+u").pastes(pemKey("RSA", 51)).presses("ctrl+n")
		p.sees("✓ SSH key").presses("a", "y").sees("1 secret of 1 replaced, 1 connector passed.").presses("c", "y").sees("Confirmed")
		if _, value := p.at.kept("account/keys_ssh_key_file"); value.Len() != len(pemKey("RSA", 51)) {
			t.Errorf("a key of %d bytes is stored", value.Len())
		}
	})
}

func TestWhatIsAskedEachTimeHasNothingToRotate(t *testing.T) {
	t.Parallel()
	inFrontOfSecrets(t, withSecrets, func(p *person) {
		p.presses("/").types("typed").presses("tab", "R").sees("asked each time and stored nowhere").presses("enter", "esc").sees("account.typed")
	})
}

func TestATokenThatWorksAsSomebodyElseIsAskedAbout(t *testing.T) {
	t.Parallel()
	inFrontOfMigrate(t, func(f *fakes) {
		withAppPasswords(2)(f)
		f.tester.script[0] = asUser("mallory")
	}, func(p *person) {
		p.givesToken().sees("It works, and there is something to know", "The token is mallory's; until now jdoe signed in.", "enter take it all the same")
		p.presses("esc").sees("Paste the API token").presses("ctrl+n", "enter").sees("One token for all of jdoe").presses("n").sees("! API token")
	})
}

func TestVerifyingStopsAndLeavingAsksFirst(t *testing.T) {
	t.Parallel()
	inFrontOfMigrate(t, withAppPasswords(2), func(p *person) {
		p.at.tester.script = []func(context.Context, model.TestRequest, func(model.Check)) model.TestResult{hanging}
		p.givesToken().sees("Reach the server", "esc stop").presses("esc").sees("Paste the API token")
		p.settle()
		if p.at.tester.cancelled == 0 {
			t.Error("the test went on")
		}
		p.at.tester.script = []func(context.Context, model.TestRequest, func(model.Check)) model.TestResult{asUser("jdoe")}
		p.presses("ctrl+n", "n").sees("✓ API token").presses("esc").sees("Leave without applying").presses("enter").sees("✓ API token")
		p.presses("x").sees("was forgotten", "– not yet").presses("esc").sees("6 connectors")
	})
}

func TestADocumentChangedMeanwhileIsNotOverwrittenByUndo(t *testing.T) {
	t.Parallel()
	inFrontOfMigrate(t, withAppPasswords(2), func(p *person) {
		p.givesToken().presses("n", "a", "y").sees("1 secret of 1 replaced")
		s := p.at.library.connectors["Service_01"]
		s.Connector.Description = "changed by somebody else"
		p.at.library.connectors["Service_01"] = s
		p.presses("z", "y").sees("Service_01 was changed by somebody else.", "it can be gone on with, or taken back", "store.conflict")
		s.Connector.Description = ""
		p.at.library.connectors["Service_01"] = s
		p.presses("z", "y").sees("Taken back")
	})
}

func TestAMigrationThatAnotherProcessHasIsSaid(t *testing.T) {
	t.Parallel()
	inFrontOfMigrate(t, withAppPasswords(2), func(p *person) {
		p.givesToken().presses("n")
		p.at.journal.held = true
		p.presses("a", "y").sees("Another process is running a migration.", "Nothing was changed.").presses("esc").sees("✓ API token")
	})
}

func TestHomeSaysThatAMigrationWaits(t *testing.T) {
	t.Parallel()
	inFrontOfMigrate(t, withAppPasswords(2), func(p *person) {
		p.givesToken().presses("n", "a", "y").sees("c confirm").presses("esc").sees("A migration is not confirmed yet m shows it")
		p.presses("m", "enter").sees("The old values are kept until you confirm").presses("c", "y", "esc").doesNotSee("not confirmed")
	})
}

func TestARunThatIsStoppedBeforeItBeganChangesNothingAndKeepsThePlan(t *testing.T) {
	t.Parallel()
	inFrontOfMigrate(t, withAppPasswords(2), func(p *person) {
		before := p.at.everything()
		p.givesToken().presses("n")
		held := make(chan struct{})
		p.at.keys[model.WhereKeyring].slow = held
		p.presses("a", "y").sees("Taking it up", "esc stop").presses("esc").sees("Stopped. Nothing was changed.", "✓ API token")
		close(held)
		p.at.keys[model.WhereKeyring].slow = nil
		if p.at.everything() != before || p.at.journal.held {
			t.Error("something was changed, or is still held")
		}
	})
}

func TestASecretThatNobodyUsesIsRotatedToo(t *testing.T) {
	t.Parallel()
	inFrontOfSecrets(t, withSecrets, func(p *person) {
		fresh := "BBDC-" + strings.Repeat("canaryTOKEN", 4)[:44]
		p.presses("/").types("soon").presses("tab", "R").sees("HTTP access token · org.soon_token (acme)").pastes(fresh).presses("tab").types("90d").presses("ctrl+n")
		p.sees("✓ HTTP token, 90 d").presses("a", "y").sees("1 secret of 1 replaced, 0 connectors passed.").presses("c", "y").sees("Confirmed")
		if _, value := p.at.kept("org/acme/soon_token"); !value.Equal(model.NewSecret(fresh)) {
			t.Error("it was not replaced")
		}
	})
}

// It counts allocations, which nothing else may do at the same time.
func TestHundredsOfConnectorsAreDrawnAsFastAsAFew(t *testing.T) {
	inFrontOfMigrate(t, withAppPasswords(500), func(p *person) {
		p.sees("503 connectors, 3 secrets").presses("p").sees("500 connectors")
		preview := testing.AllocsPerRun(5, func() { p.shell.View() })
		p.presses("esc")
		list := testing.AllocsPerRun(5, func() { p.shell.View() })
		t.Logf("allocations of a frame: preview %.0f, list %.0f", preview, list)
		if preview > 2000 || list > 2000 {
			t.Errorf("a frame of the preview takes %.0f allocations, one of the list %.0f", preview, list)
		}
		p.givesToken().presses("n", "a", "y").sees("1 secret of 1 replaced, 500 connectors passed.")
		if result := testing.AllocsPerRun(5, func() { p.shell.View() }); result > 2000 {
			t.Errorf("a frame of the result takes %.0f allocations", result)
		}
	})
}
