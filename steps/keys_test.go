package steps

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bbconnect/model"
	"bbconnect/ui"
)

// The README's table of keys stands between these two lines.
const (
	keysBegin = "<!-- keys: written by go test ./steps -run Keys -update -->\n"
	keysEnd   = "<!-- end of keys -->\n"
)

// keyTable collects what the screens themselves say about their keys.
type keyTable struct {
	places []string
	rows   map[string][]ui.Key
}

// collect adds the keys of what is on the screen now; those of every screen go
// under "everywhere".
func (k *keyTable) collect(p *person, place string) {
	for _, key := range p.shell.Keys() {
		where := place
		if key.Name() == "f1" || key.Name() == "?" || key.Name() == "ctrl+c" {
			where = "everywhere"
		}
		k.add(where, key)
	}
}

func (k *keyTable) add(place string, key ui.Key) {
	if place != "a form" {
		for _, have := range k.rows["a form"] {
			if have.Name() == key.Name() && strings.HasPrefix(place, "a form: ") {
				return
			}
		}
	}
	for _, have := range k.rows[place] {
		if have.Name() == key.Name() && have.Does == key.Does {
			return
		}
	}
	if _, known := k.rows[place]; !known {
		k.places = append(k.places, place)
	}
	k.rows[place] = append(k.rows[place], key)
}

// markdown is the table: a row for each place, its keys in the order of the
// screen's own list.
func (k *keyTable) markdown() string {
	var b strings.Builder
	b.WriteString("| where | keys |\n|---|---|\n")
	for _, place := range k.places {
		var keys []string
		for _, key := range k.rows[place] {
			keys = append(keys, fmt.Sprintf("`%s` %s", key.Name(), strings.ReplaceAll(key.Does, "|", "\\|")))
		}
		fmt.Fprintf(&b, "| %s | %s |\n", place, strings.Join(keys, " · "))
	}
	return b.String()
}

// walk visits every screen and notes its keys there.
func walk(t *testing.T) *keyTable {
	t.Helper()
	k := &keyTable{places: []string{"everywhere"}, rows: map[string][]ui.Key{"everywhere": nil}}
	inFrontOfHome(t, func(f *fakes) {
		withLedger(f)
		_, _ = f.library.SaveDraft(context.Background(), model.NewDraft().With(model.QName, "Half done"))
	}, func(p *person) {
		p.presses("l")
		k.collect(p, "Home")
		p.presses("/")
		k.collect(p, "Home, finding")
		p.presses("esc", "u")
		k.collect(p, "drafts")
	})
	inTheWizard(t, func(f *fakes) {
		f.machine.remotes = []string{"git@bitbucket.org:acme/ledger.git"}
		f.tester.script = []func(context.Context, model.TestRequest, func(model.Check)) model.TestResult{ending(everyRemedy), passes}
	}, func(p *person) {
		k.collect(p, "a form")
		p.types("New one").presses("ctrl+n").sees("● Details")
		p.pastes("https://bitbucket.org/acme/other/src/main/").sees("accept")
		k.collect(p, "a form: Details")
		p.presses("ctrl+y", "ctrl+n").sees("Paste the token")
		k.collect(p, "a form: Credentials")
		p.pastes(apiToken()).presses("ctrl+n").sees("● API access").presses("tab").types("jdoe@acme-corp.com").presses("ctrl+n", "ctrl+n").sees("enter test")
		k.collect(p, "Test, all answers")
		p.presses("enter").sees("first of all")
		k.collect(p, "Test, the verdict")
		p.presses("r").sees("The connector works.")
		k.collect(p, "Test, the verdict")
	})
	inTheWizard(t, nil, func(p *person) {
		p.types("Keys").presses("ctrl+n").pastes("ssh://git@git.acme-corp.com:7999/PAY/ledger.git").presses("ctrl+n").pastes(pemKey("OPENSSH", 38))
		k.collect(p, "a form: Credentials with an SSH key")
	})
	inFrontOfHome(t, fleet(6), func(p *person) {
		p.presses("T").sees("passed")
		k.collect(p, "all tested")
	})
	inFrontOfHome(t, withSecrets, func(p *person) {
		p.presses("S").sees("6 secrets")
		k.collect(p, "secrets")
		p.presses("t").sees("Connectors that use")
		k.collect(p, "connectors that use a secret")
	})
	walkMigration(t, k)
	walkRefused(t, k)
	return k
}

// walkMigration visits the screens of a migration.
func walkMigration(t *testing.T, k *keyTable) {
	t.Helper()
	inFrontOfMigrate(t, func(f *fakes) {
		withAppPasswords(9)(f)
		f.tester.script = []func(context.Context, model.TestRequest, func(model.Check)) model.TestResult{failsFor("7")}
	}, func(p *person) {
		p.home.Reads(func(context.Context, string) ([]model.MigrationMember, []model.Damaged, error) { return nil, nil, nil })
		p.presses("esc", "m").sees("12 connectors")
		k.collect(p, "Migrate")
		p.presses("enter")
		k.collect(p, "a form: a new credential")
		p.presses("esc").givesToken().presses("n")
		k.collect(p, "Migrate")
		p.presses("a", "y").sees("failed with the new value")
		k.collect(p, "Migrate, the run")
		p.presses("f")
		k.collect(p, "Migrate, the run")
		p.presses("enter").sees("replaced")
		k.collect(p, "Migrate, the run")
	})
}

// walkRefused visits a credential that is refused for what another kind would do.
func walkRefused(t *testing.T, k *keyTable) {
	t.Helper()
	inFrontOfMigrate(t, func(f *fakes) {
		withAppPasswords(2)(f)
		s := f.library.connectors["Service_01"]
		s.Connector.Mode, s.Connector.DelegateVersion = model.ModeDelegate, "23.05.79311"
		f.library.connectors["Service_01"] = s
		f.tester.script = []func(context.Context, model.TestRequest, func(model.Check)) model.TestResult{failing(needsUsername())}
	}, func(p *person) {
		p.presses("p").sees("use an access token instead")
		k.collect(p, "Migrate, preview")
		p.presses("esc").givesToken().sees("verify again")
		k.collect(p, "Migrate, a credential is refused")
	})
}

// everyRemedy is a result whose card offers everything a card can.
func everyRemedy(r *model.TestResult) {
	severalMends(r)
	r.Problem.What = "This is wrong first of all."
	r.Problem.Mends = []model.Mend{{Field: model.QUsername, Value: "jdoe", Label: "put the remedy in"}, {Field: model.QUsername, Value: "x", Label: "put another remedy in"}}
	r.Problem.Commands = []string{"true"}
	r.Problem.Authority = &model.Authority{Host: "HOST", Subject: "CA", Fingerprint: "SHA256:00"}
	second := needsUsername()
	r.Checks[0].Status, r.Checks[0].Problem = model.CheckFail, &second
	r.Rights = []model.Right{{Need: model.NeedTriggers, Granted: []string{"read:webhook:bitbucket"}}}
}

func TestTheReadmesKeysAreThoseOfTheScreens(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "README.md")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), keysBegin)
	table, after, ended := strings.Cut(rest, keysEnd)
	if !ok || !ended {
		t.Fatal("README.md has no place for the keys")
	}
	want := "\n" + walk(t).markdown() + "\n"
	if *update {
		if err := os.WriteFile(path, []byte(before+keysBegin+want+keysEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != want {
		t.Errorf("README.md has\n%s\nthe screens say\n%s", table, want)
	}
}

func TestEveryKeyThatIsListedIsTakenAndNoTwoAreTheSame(t *testing.T) {
	t.Parallel()
	for place, keys := range walk(t).rows {
		for _, key := range keys {
			if key.Does == "" || key.Name() == "" {
				t.Errorf("%s: a key says nothing: %+v", place, key)
			}
		}
	}
}
