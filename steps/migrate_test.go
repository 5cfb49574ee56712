package steps

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"bbconnect/model"
)

// oldValue is what an App Password's secret holds in these tests.
const oldValue = "canaryOLDappPassword"

// withAppPasswords saves connectors that share App Passwords: n of jdoe's behind one
// secret, two behind another of jdoe's, one of another user, one that has none.
func withAppPasswords(n int) func(*fakes) {
	return func(f *fakes) {
		withLedger(f)
		add := func(id string, ref model.SecretRef, user string) {
			f.library.put(model.Connector{
				Name: strings.ReplaceAll(id, "_", " "), ID: id, URL: "https://bitbucket.org/acme/" + strings.ToLower(id) + ".git", URLType: model.URLRepo,
				ConnectionType: model.HTTP, Username: model.Login{Plain: user}, PasswordRef: ref, Mode: model.ModePlatform,
				API: model.APIAccess{Method: model.APIUsernameToken, Username: model.Login{Plain: user}, TokenRef: ref},
			})
			name, _ := ref.Name(model.Scope{})
			if info, _ := f.kept(name); info.Name != "" {
				return
			}
			f.library.secrets = append(f.library.secrets, model.SecretInfo{
				Name: name, Type: model.SecretText, Kind: model.KindAppPassword, Where: model.WhereKeyring, Username: user, Host: "bitbucket.org", Length: len(oldValue),
			})
			_ = f.keys[model.WhereKeyring].Set(context.Background(), name, model.NewSecret(oldValue))
		}
		for i := range n {
			add(fmt.Sprintf("Service_%02d", i), "account.jdoe_app", "jdoe")
		}
		add("Payroll", "account.jdoe_two", "jdoe")
		add("Pension", "account.jdoe_two", "jdoe")
		add("Builder", "account.ci_app", "acme-ci")
		f.tester.script = []func(context.Context, model.TestRequest, func(model.Check)) model.TestResult{asUser("jdoe")}
	}
}

// asUser passes, and says whose credential it is.
func asUser(user string) func(context.Context, model.TestRequest, func(model.Check)) model.TestResult {
	return func(ctx context.Context, req model.TestRequest, report func(model.Check)) model.TestResult {
		r := passes(ctx, req, report)
		r.User = user
		return r
	}
}

// atHome is everything that a migration may change, as comparable text.
func (f *fakes) everything() string {
	var b strings.Builder
	saved, _, _ := f.library.List(context.Background())
	for _, s := range saved {
		fmt.Fprintf(&b, "%s %s %+v\n", s.Connector.Key(), documentOf(s.Connector), s.LastTest)
	}
	data, _ := f.journal.SecretsFile(context.Background())
	b.Write(data)
	for _, where := range []model.Where{model.WhereKeyring, model.WhereVault} {
		for name, value := range f.keys[where].values {
			if !value.IsZero() {
				fmt.Fprintf(&b, "\n%s %s %d", where, name, value.Len())
			}
		}
	}
	lines := strings.Split(b.String(), "\n")
	return strings.Join(sortedLines(lines), "\n")
}

// inFrontOfMigrate opens the plan from Home, and at the end looks for values in
// everything that was drawn and in the journal.
func inFrontOfMigrate(t *testing.T, prepare func(*fakes), story func(*person)) {
	t.Helper()
	inFrontOfHome(t, prepare, func(p *person) {
		p.watched = true
		p.presses("m")
		story(p)
		for _, word := range []string{apiToken(), "canaryTOKEN", "canaryOLD"} {
			if strings.Contains(p.seen.String(), word) {
				t.Error("a value, or a part of one, was drawn")
			}
			if r, ok, _ := p.at.journal.Migration(t.Context()); ok && strings.Contains(fmt.Sprintf("%+v", r), word) {
				t.Error("a value is in the journal")
			}
			for _, text := range append(p.at.machine.copied, p.at.machine.opened...) {
				if strings.Contains(text, word) {
					t.Error("a value left the program")
				}
			}
		}
	})
}

// givesToken fills the form of the selected secret.
func (p *person) givesToken() *person {
	p.t.Helper()
	p.presses("enter").sees("Paste the API token")
	p.pastes(apiToken()).presses("tab").types("jdoe@acme-corp.com").presses("tab").types("1y")
	return p.presses("ctrl+n")
}

func TestOneTokenHealsAllSecretsOfAUser(t *testing.T) {
	t.Parallel()
	inFrontOfMigrate(t, withAppPasswords(9), func(p *person) {
		p.sees("12 connectors, 3 secrets", "account.jdoe_app", "9", "– not yet", "acme-ci")
		p.presses("a").sees("12 connectors, 3 secrets").doesNotSee("Replace 0")
		p.givesToken().sees("One token for all of jdoe", "account.jdoe_two", "2 more connectors").presses("y")
		p.sees("Verified as jdoe.", "✓ API token, 365 d")
		if n := len(p.at.tester.requests); n != 2 {
			t.Errorf("%d connectors were asked to verify the token for two secrets", n)
		}
		p.presses("a").sees("Replace 2 secrets in 11 connectors", "Not touched, without a new credential yet: 1 secret.").presses("y")
		p.sees("The old values are kept until you confirm", "2 secrets of 2 replaced, 11 connectors passed.", "c confirm", "z undo all")
		p.isMigrated(11)
		p.presses("c").sees("At Bitbucket they are not revoked").presses("y").sees("Confirmed: the old values are gone").presses("pgdown").sees("To revoke at Bitbucket", "The App Password of jdoe that account.jdoe_two held.").presses("esc").sees("13 connectors")
		if info, value := p.at.kept("account/jdoe_app__old"); info.Name != "" || !value.IsZero() {
			t.Error("an old value was kept")
		}
		if _, there, _ := p.at.journal.Migration(t.Context()); there {
			t.Error("the journal is still there")
		}
		p.presses("m").sees("1 connector, 1 secret", "account.ci_app").doesNotSee("jdoe_app")
	})
}

// isMigrated checks n connectors: email and API token, under the kept names.
func (p *person) isMigrated(n int) {
	p.t.Helper()
	for _, s := range p.at.library.connectors {
		c := s.Connector
		if !strings.HasPrefix(string(c.PasswordRef), "account.jdoe") {
			continue
		}
		n--
		if c.API.Method != model.APIEmailAndToken || c.API.Email.Plain != "jdoe@acme-corp.com" || c.Username.Plain != "jdoe" || s.LastTest == nil {
			p.t.Errorf("%s became %+v", c.ID, c)
		}
	}
	if n != 0 {
		p.t.Errorf("%d connectors are missing", n)
	}
	for _, name := range []model.SecretName{"account/jdoe_app", "account/jdoe_two"} {
		info, value := p.at.kept(name)
		if info.Kind != model.KindAPIToken || info.Email != "jdoe@acme-corp.com" || info.Expires.IsZero() || !value.Equal(model.NewSecret(apiToken())) {
			p.t.Errorf("%s is %+v", name, info)
		}
		if _, old := p.at.kept(name + "__old"); !old.Equal(model.NewSecret(oldValue)) {
			p.t.Errorf("the old value of %s is not kept", name)
		}
	}
}

func TestThePreviewAppliesAndLeadsBackToThePlanRatherThanToItself(t *testing.T) {
	t.Parallel()
	inFrontOfMigrate(t, withAppPasswords(3), func(p *person) {
		p.presses("p").sees("Preview ·").doesNotSee("a apply").presses("esc")
		p.givesToken().presses("n").sees("✓ API token").presses("p").sees("Preview ·", "a apply").presses("a").sees("Replace 1 secret in 3 connectors")
		p.presses("n").sees("Preview ·").presses("a", "y").sees("1 secret of 1 replaced, 3 connectors passed.")
		p.presses("z", "y").sees("Taken back").presses("esc").sees("7 connectors")
	})
}

func TestUndoTakesAllOfItBack(t *testing.T) {
	t.Parallel()
	inFrontOfMigrate(t, withAppPasswords(3), func(p *person) {
		before := p.at.everything()
		p.givesToken().presses("n").sees("✓ API token").presses("a", "y").sees("replaced, 3 connectors passed")
		if p.at.everything() == before {
			t.Fatal("nothing was changed")
		}
		p.presses("z").sees("byte for byte").presses("y").sees("Taken back: every document and every value is as it was.", "To do in Harness", "Only where it was changed there already: put the old value back into account.jdoe_app.", "To revoke at Bitbucket").doesNotSee("z undo all", "c confirm", "o open the page")
		p.presses("y").sees("Copied as Markdown").presses("esc").sees("7 connectors").doesNotSee("not confirmed")
		if after := p.at.everything(); after != before {
			t.Errorf("before:\n%s\nafter:\n%s", before, after)
		}
	})
}

func TestATokenThatLacksAScopeIsRefusedBeforeAnyChange(t *testing.T) {
	t.Parallel()
	inFrontOfMigrate(t, func(f *fakes) {
		withAppPasswords(3)(f)
		f.tester.script[0] = failing(model.Problem{
			Code: "scope.missing", What: "The token lacks read:webhook:bitbucket.", Why: "It signs in.", Fix: "Make another one.", Field: model.QPassword,
		})
	}, func(p *person) {
		before := p.at.everything()
		p.givesToken().sees("The token lacks read:webhook:bitbucket.", "scope.missing", "e paste another one", "o open the token page")
		p.presses("o").sees("Opened " + model.PageAPITokens)
		if p.at.machine.opened[0] != model.PageAPITokens {
			t.Errorf("opened %v", p.at.machine.opened)
		}
		p.presses("e").sees("Paste the API token", "•••", "jdoe@acme-corp.com").presses("esc").sees("– not yet")
		if p.at.everything() != before {
			t.Error("something was changed")
		}
	})
}

func TestTheGuideNamesThePageTheLabelAndTheScopes(t *testing.T) {
	t.Parallel()
	inFrontOfMigrate(t, withAppPasswords(3), func(p *person) {
		p.presses("enter", "ctrl+s").sees("14 scopes copied.").presses("ctrl+l").sees("Copied " + model.PageAPITokens)
		if p.at.machine.copied[0] != model.ScopeList() || p.at.machine.copied[1] != model.PageAPITokens {
			t.Errorf("copied %q", p.at.machine.copied)
		}
		p.resizes(100, 60).presses("f1").sees("Two-step verification comes first", "harness-jdoe_app", "a year at most", "✓ read:repository:bitbucket", "optional")
		p.presses("esc", "shift+tab", "right").sees("Paste the Access token").doesNotSee("Email of the Atlassian account")
		p.presses("f1").sees("x-token-auth", "https://bitbucket.org/acme/workspace/settings/access-tokens", "Repositories: Write").presses("esc", "esc")
	})
}

func TestWhatIsMistypedIsSaidBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	inFrontOfMigrate(t, withAppPasswords(3), func(p *person) {
		p.presses("enter", "ctrl+n").sees("There is no new credential yet.")
		p.pastes(apiToken()[:60]).presses("tab").types("jdoe").presses("tab").types("yesterday").presses("ctrl+n").sees("This is not an email address.", "a part is missing").presses("shift+tab")
		p.presses("ctrl+u").pastes(apiToken()).presses("tab", "ctrl+u").types("jdoe@acme-corp.com").presses("ctrl+n").sees("This is not a date.")
		p.presses("ctrl+u").types("2026-01-01").presses("ctrl+n").sees("The token ended on 2026-01-01.")
		if n := len(p.at.tester.requests); n > 0 {
			t.Errorf("%d requests", n)
		}
	})
}

// failsFor lets connectors whose id ends so fail while the token is not verified for
// the first time.
func failsFor(suffix string) func(context.Context, model.TestRequest, func(model.Check)) model.TestResult {
	return func(ctx context.Context, req model.TestRequest, report func(model.Check)) model.TestResult {
		if !strings.HasSuffix(req.Connector.ID, suffix) {
			return asUser("jdoe")(ctx, req, report)
		}
		return failing(model.Problem{Code: "repo.not-found-or-no-access", What: "The repository is not there.", Why: "It was renamed.", Fix: "Mend the address."})(ctx, req, report)
	}
}

func TestAConnectorThatFailsIsTriedAgainForcedOrLeftBehind(t *testing.T) {
	t.Parallel()
	inFrontOfMigrate(t, func(f *fakes) {
		withAppPasswords(9)(f)
		f.tester.script = []func(context.Context, model.TestRequest, func(model.Check)) model.TestResult{failsFor("7")}
	}, func(p *person) {
		p.givesToken().presses("y").sees("Verified as jdoe").presses("a", "y")
		p.sees("1 connector failed with the new value;", "Service 07", "repo.not-found-or-no-access", "enter try again", "f go on anyway", "l leave behind")
		if c := p.at.library.connectors["Payroll"].Connector; c.API.Method != model.APIEmailAndToken {
			t.Error("a secret whose connectors all passed was not replaced")
		}
		if c := p.at.library.connectors["Service_01"].Connector; c.API.Method != model.APIUsernameToken {
			t.Error("a secret with an undecided connector was replaced")
		}
		p.presses("enter").sees("1 connector failed").presses("l")
		p.sees("2 secrets of 2 replaced, 10 connectors passed, 1 left on the old value.")
		left := p.at.library.connectors["Service_07"].Connector
		if left.PasswordRef != "account.jdoe_app__old" || left.API.Method != model.APIUsernameToken {
			t.Errorf("it was left as %+v", left)
		}
		p.presses("c", "y").sees("Confirmed. The old values are gone from this machine, except account.jdoe_app__old, which Service 07 still uses.")
		if _, old := p.at.kept("account/jdoe_app__old"); !old.Equal(model.NewSecret(oldValue)) {
			t.Error("the value it was left on is gone")
		}
	})
	inFrontOfMigrate(t, func(f *fakes) {
		withAppPasswords(9)(f)
		f.tester.script = []func(context.Context, model.TestRequest, func(model.Check)) model.TestResult{failsFor("7")}
	}, func(p *person) {
		p.givesToken().presses("n").presses("a", "y").sees("1 connector failed").presses("f").sees("1 went on without passing")
		if c := p.at.library.connectors["Service_07"].Connector; c.API.Method != model.APIEmailAndToken {
			t.Error("it did not get the new document")
		}
	})
}

func TestARunStopsBetweenStepsAndWaitsToBeGoneOnWith(t *testing.T) {
	t.Parallel()
	inFrontOfMigrate(t, withAppPasswords(9), func(p *person) {
		before := p.at.everything()
		p.givesToken().presses("n").sees("✓ API token")
		p.at.tester.script = []func(context.Context, model.TestRequest, func(model.Check)) model.TestResult{hanging}
		p.presses("a", "y").sees("Testing each connector with its new value", "esc stop").presses("esc")
		p.sees("Stopped.", "9 connectors are still to be tested", "z undo all").presses("esc").sees("It waits for you")
		if _, there, _ := p.at.journal.Migration(t.Context()); !there || p.at.journal.held {
			t.Fatal("the migration does not wait, or is still held")
		}
		p.presses("m").sees("A migration waits for you", "It was begun").presses("enter").sees("It is not finished.")
		p.at.tester.script = []func(context.Context, model.TestRequest, func(model.Check)) model.TestResult{asUser("jdoe")}
		p.presses("enter").sees("1 secret of 1 replaced, 9 connectors passed.").presses("z", "y").sees("Taken back")
		if after := p.at.everything(); after != before {
			t.Errorf("before:\n%s\nafter:\n%s", before, after)
		}
	})
}

func TestWhatCannotBeginKeepsTheTokensThatWereVerified(t *testing.T) {
	t.Parallel()
	inFrontOfMigrate(t, withAppPasswords(3), func(p *person) {
		before := p.at.everything()
		p.givesToken().presses("n").sees("✓ API token")
		p.at.keys[model.WhereKeyring].setErr = &model.Problem{Code: "keystore.locked", What: "The keyring is locked.", Why: "Nobody opened it.", Fix: "Unlock it."}
		p.presses("a", "y").sees("The keyring is locked.", "Nothing was changed.").presses("esc").sees("✓ API token")
		p.at.keys[model.WhereKeyring].setErr = nil
		if p.at.everything() != before {
			t.Error("something was changed")
		}
		p.presses("a", "y").sees("1 secret of 1 replaced")
	})
}

func TestThePreviewShowsEveryChangeAndOffersAnAccessTokenForOldDelegates(t *testing.T) {
	t.Parallel()
	inFrontOfMigrate(t, func(f *fakes) {
		withAppPasswords(2)(f)
		s := f.library.connectors["Service_01"]
		s.Connector.Mode, s.Connector.DelegateVersion = model.ModeDelegate, "23.05.79311"
		f.library.connectors["Service_01"] = s
	}, func(p *person) {
		p.presses("p").resizes(100, 50).sees("Service 00", "API access Username and App Password → Email and API token", "API username jdoe → none", "value replaced, name kept")
		p.sees("Service 01", "does not know Email and API token", "k use an access token instead")
		p.presses("k").sees("Paste the Access token").presses("esc").sees("not yet")
	})
}

func TestTheReportIsCopiedAndWritten(t *testing.T) {
	t.Parallel()
	inFrontOfMigrate(t, withAppPasswords(2), func(p *person) {
		p.givesToken().presses("n", "a", "y").sees("replaced").presses("y").sees("Copied as Markdown, if the terminal allows it.")
		if text := p.at.machine.copied[len(p.at.machine.copied)-1]; !strings.HasPrefix(text, "# Off App Passwords") || !strings.Contains(text, "To revoke at Bitbucket") {
			t.Errorf("copied %q", text)
		}
		for path, has := range map[string]string{"~/r.md": "# Off App", "~/r.json": `"state": "done"`, "~/r.txt": "1 secret of 1 replaced"} {
			p.presses("w").types(path).presses("enter").sees("Wrote " + path)
			if text := p.at.machine.written[path]; !strings.Contains(text, has) || strings.Contains(text, "canary") {
				t.Errorf("%s: %q", path, text)
			}
		}
		p.presses("o").sees("Opened ")
	})
}

func TestNothingToMigrateIsSaid(t *testing.T) {
	t.Parallel()
	inFrontOfMigrate(t, withLedger, func(p *person) {
		p.sees("Nothing has to be migrated.", "No connector uses an App Password.").presses("a", "p", "enter").sees("Nothing has to be migrated.").presses("esc").sees("1 connector")
	})
}

func TestTheSecretOfAConnectorIsRotatedFromHome(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, withLedger, func(p *person) {
		p.presses("R").sees("New API token · account.ledger_token", "Paste the API token").doesNotSee("What to make")
		fresh := freshToken()
		p.pastes(fresh).presses("tab", "ctrl+u").types("jdoe@acme-corp.com").presses("tab").types("1y").presses("ctrl+n")
		p.sees("Rotate · account.ledger_token", "✓ API token").presses("a", "y").sees("1 secret of 1 replaced, 1 connector passed.").presses("c", "y", "esc").sees("1 connector")
		if info, value := p.at.kept("account/ledger_token"); !value.Equal(model.NewSecret(fresh)) || info.Kind != model.KindAPIToken {
			t.Errorf("it is %+v", info)
		}
	})
}

func TestGoldenMigrate(t *testing.T) {
	t.Parallel()
	inEveryTheme(t, "migrate", func(t *testing.T, dress dress) {
		inFrontOfMigrate(t, dress(func(f *fakes) {
			withAppPasswords(9)(f)
			f.tester.script = []func(context.Context, model.TestRequest, func(model.Check)) model.TestResult{failsFor("7")}
			f.library.damaged = []model.Damaged{{Path: "connectors/torn.yaml", Problem: &model.Problem{What: "It is no YAML.", Fix: "Mend it by hand."}}}
		}), func(p *person) {
			p.looksLike("migrate_plan").presses("p").looksLike("migrate_preview").presses("esc", "enter").looksLike("migrate_token").presses("f1").looksLike("migrate_guide")
			p.presses("esc", "esc").givesToken().looksLike("migrate_same_user").presses("y").looksLike("migrate_ready")
			p.presses("a").looksLike("migrate_asks").presses("y").looksLike("migrate_undecided").presses("l").looksLike("migrate_left").presses("enter").looksLike("migrate_done")
			p.presses("c").looksLike("migrate_confirm").presses("esc", "z").looksLike("migrate_undo").presses("esc", "w").looksLike("migrate_report").presses("esc", "esc", "m").looksLike("migrate_waits")
		})
		inFrontOfMigrate(t, dress(func(f *fakes) {
			withAppPasswords(3)(f)
			f.tester.script = []func(context.Context, model.TestRequest, func(model.Check)) model.TestResult{failing(model.Problem{
				Code: "scope.missing", What: "The token lacks read:webhook:bitbucket.", Why: "It signs in, and it may not do all that is asked of it.", Fix: "Make another one.", Field: model.QPassword,
			})}
		}), func(p *person) { p.givesToken().looksLike("migrate_refused") })
		inFrontOfMigrate(t, dress(withAppPasswords(3)), func(p *person) {
			p.givesToken().presses("n")
			p.at.tester.script = []func(context.Context, model.TestRequest, func(model.Check)) model.TestResult{hanging}
			p.presses("a", "y").looksLike("migrate_running").presses("esc").looksLike("migrate_stopped")
		})
	})
}
