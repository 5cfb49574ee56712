package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

// withConnectors saves two connectors that share a token, and one secret more.
func withConnectors(t *testing.T, value string) *place {
	t.Helper()
	p := newPlace(t)
	p.env["CANARY"] = value
	for _, name := range []string{"First", "Second"} {
		p.must("", "new", "--yes", "--no-test", "--set", "overview.name="+name, "--set", "details.url=https://bitbucket.org/acme/ledger.git",
			"--set", "credentials.secret=account.shared", "--set", "credentials.expires=2026-12-01", "--set", "api.email=jdoe@acme-corp.com", "--set", "api.secret=account.shared",
			"--secret", "credentials.password=env:CANARY")
	}
	p.must(value, "secret", "set", "account.spare", "--kind", "password", "--expires", "1y")
	return p
}

func secretsIn(t *testing.T, out string) []secretJSON {
	t.Helper()
	var rows []secretJSON
	if err := json.Unmarshal([]byte(out), &rows); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return rows
}

func TestSecretsAreListedByTheDayTheyEndAndByWhetherAnybodyUsesThem(t *testing.T) {
	t.Parallel()
	p := withConnectors(t, token("Ls1"))
	for args, want := range map[string]struct {
		refs string
		code int
	}{
		"":                        {"account.shared account.spare", exitDone},
		"--unused":                {"account.spare", exitDone},
		"--expiring 8":            {"", exitDone},
		"--expiring 9":            {"account.shared", exitFailed},
		"--expiring 364":          {"account.shared", exitFailed},
		"--expiring 365":          {"account.shared account.spare", exitFailed},
		"--expiring 365 --unused": {"account.spare", exitFailed},
	} {
		s := p.run("", append([]string{"secret", "list", "--json"}, strings.Fields(args)...)...)
		var refs []string
		for _, row := range secretsIn(t, s.out) {
			refs = append(refs, string(row.Ref))
		}
		if s.code != want.code || strings.Join(refs, " ") != want.refs {
			t.Errorf("%s: exit %d, %v; want %d, %s", args, s.code, refs, want.code, want.refs)
		}
	}
	p.now = p.now.AddDate(0, 0, 10) // the shared token has ended by now
	if s := p.run("", "secret", "list", "--expiring", "0"); s.code != exitFailed || !strings.Contains(s.out, "expired 2026-12-01") || strings.Contains(s.out, "spare") {
		t.Errorf("exit %d\n%s", s.code, s.out)
	}
}

func TestADayIsADateOnceItIsStored(t *testing.T) {
	t.Parallel()
	p := withConnectors(t, token("Dy1"))
	for given, want := range map[string]string{"90d": "2027-02-20", "6m": "2027-05-22", "2027-11-21": "2027-11-21"} {
		p.must("opensesame", "secret", "set", "account.spare", "--kind", "password", "--expires", given)
		if rows := secretsIn(t, p.must("", "secret", "list", "--unused", "--json").out); rows[0].Expires != want {
			t.Errorf("%s is stored as %s", given, rows[0].Expires)
		}
	}
	if s := p.run("opensesame", "secret", "set", "account.spare", "--expires", "soon"); s.code != exitUsage || !strings.Contains(s.err, "90d, 12w, 6m or 1y") {
		t.Errorf("exit %d\n%s", s.code, s.err)
	}
}

func TestReplacingASecretSaysFirstWhoUsesIt(t *testing.T) {
	t.Parallel()
	p := withConnectors(t, token("Rp1"))
	p.now = p.now.Add(24 * time.Hour)
	s := p.must(token("Rp2"), "secret", "set", "account.shared")
	if !strings.Contains(strings.Join(strings.Fields(s.err), " "), "account.shared is replaced at once; the old value is gone then. Used by First, Second.") {
		t.Errorf("it says\n%s", s.err)
	}
	if rows := secretsIn(t, p.must("", "secret", "list", "--json").out); rows[0].Created != "2026-11-23T12:00:00Z" {
		t.Errorf("the new value was created %s", rows[0].Created)
	}
	if s := p.must("opensesame", "secret", "set", "account.new", "--kind", "password"); strings.Contains(s.err, "replaced") {
		t.Errorf("a new one replaces nothing:\n%s", s.err)
	}
}

func TestAValueUnlikeTheKindThatWasNamedIsStoredWithAWarning(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	for value, want := range map[string]string{"opensesame": "does not look like an API token", token("Ak1"): ""} {
		s := p.must(value, "secret", "set", "account.spare", "--kind", "api-token")
		if warned := strings.Contains(s.err, "does not look like"); warned != (want != "") || !strings.Contains(s.err, want) {
			t.Errorf("it says\n%s", s.err)
		}
	}
}

func TestVerifyingExitsByWhatIsWorst(t *testing.T) {
	t.Parallel()
	p := withConnectors(t, token("Vf1"))
	if s := p.must("", "secret", "verify", "--all"); strings.Count(s.out, "held") != 2 || !strings.Contains(s.out, "2 of 2, account.spare: held") {
		t.Errorf("all are held:\n%s", s.out)
	}
	if err := p.keys.Set(t.Context(), "account/spare", model.NewSecret("other")); err != nil {
		t.Fatal(err)
	}
	if s := p.must("", "secret", "verify", "account.spare"); !strings.Contains(s.out, "5 characters instead of the") {
		t.Errorf("another length:\n%s", s.out)
	}
	if err := p.keys.Delete(t.Context(), "account/spare"); err != nil {
		t.Fatal(err)
	}
	if s := p.run("", "secret", "verify", "--all", "--json"); s.code != exitFailed || !strings.Contains(s.out, `"state": "gone"`) {
		t.Errorf("one is gone: exit %d\n%s", s.code, s.out)
	}
	p.broken[model.WhereKeyring] = noKeyring()
	if s := p.run("", "secret", "verify", "--all"); s.code != exitKeystore || strings.Count(s.out, "locked. There is no session bus.") != 2 {
		t.Errorf("no keyring: exit %d\n%s", s.code, s.out)
	}
}

func TestARenameOnTheCommandLineIsWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	p := withConnectors(t, token("Rn1"))
	before := p.files()
	s := p.must("", "secret", "rename", "account.shared", "ledger", "--dry-run")
	if !strings.Contains(s.err, "Would rewrite First, Second.") || fmt.Sprint(p.files()) != fmt.Sprint(before) {
		t.Errorf("a plan changed something, or says\n%s", s.err)
	}
	p.broken[model.WhereKeyring] = noKeyring()
	if s := p.run("", "secret", "rename", "account.shared", "ledger"); s.code != exitKeystore || fmt.Sprint(p.files()) != fmt.Sprint(before) {
		t.Errorf("without a keyring: exit %d\n%s", s.code, s.err)
	}
	delete(p.broken, model.WhereKeyring)
	var view renamedJSON
	if err := json.Unmarshal([]byte(p.must("", "secret", "rename", "account.shared", "account.ledger", "--json").out), &view); err != nil || strings.Join(view.Connectors, " ") != "First Second" || view.To != "account.ledger" {
		t.Errorf("%+v, %v", view, err)
	}
	for name, text := range p.files() {
		// What undo remembers are documents as they were.
		if name != "state/undo.jsonl" && (strings.Contains(text, "account.shared") || strings.Contains(text, "account/shared")) {
			t.Errorf("the old name stands in %s", name)
		}
	}
	if _, err := p.keys.Get(t.Context(), "account/ledger"); err != nil {
		t.Errorf("the value under the new name: %v", err)
	}
	if _, err := p.keys.Get(t.Context(), "account/shared"); err == nil {
		t.Error("the value is still under the old name")
	}
	p.must("", "test", "First")
}

func TestNoCommandAboutSecretsPrintsAnyPartOfOne(t *testing.T) {
	t.Parallel()
	canary := token("Cn7")
	p := withConnectors(t, canary)
	for _, broken := range []error{nil, noKeyring(), errors.New("it broke")} {
		p.broken[model.WhereKeyring] = broken
		for _, args := range [][]string{
			{"secret", "list"},
			{"secret", "list", "--unused"},
			{"secret", "list", "--expiring", "900"},
			{"secret", "verify", "--all"},
			{"secret", "verify", "account.spare"},
			{"secret", "rename", "account.spare", "spare_too"},
			{"secret", "rename", "account.spare_too", "spare"},
			{"secret", "rename", "account.spare", "shared"},
			{"secret", "set", "account.spare", "--from", "env:CANARY"},
			{"secret", "delete", "account.shared", "--yes"},
		} {
			for _, form := range [][]string{nil, {"--json"}} {
				s := p.run(canary, append(args, form...)...)
				if part, found := leaks(s.out+s.err, canary); found {
					t.Errorf("bbconnect %s prints %q", strings.Join(args, " "), part)
				}
			}
		}
	}
	for name, text := range p.files() {
		if part, found := leaks(text, canary); found {
			t.Errorf("%s holds %q", name, part)
		}
	}
}

func TestWhatALookFoundIsSaidInWords(t *testing.T) {
	t.Parallel()
	for want, one := range map[string]flow.SecretHolding{
		"points to its key account.key_file": {Info: model.SecretInfo{Type: model.SecretSSHKey, File: "account/key_file"}, State: flow.SecretNowhere},
		"asked each time, nothing is kept":   {Info: model.SecretInfo{Where: model.WhereAsk}, State: flow.SecretNowhere},
		"held, 192 characters":               {State: flow.SecretHeld, Length: 192},
	} {
		if got := holdingText(one); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestShowSaysWhenTheFirstCredentialEnds(t *testing.T) {
	t.Parallel()
	p := withConnectors(t, token("Sh1"))
	if s := p.must("", "show", "First"); !strings.Contains(strings.Join(strings.Fields(s.err), " "), "credential ends: 9 d") {
		t.Errorf("it says\n%s", s.err)
	}
	p.must("", "secret", "set", "account.shared", "--from", "env:CANARY", "--expires", "2026-11-21")
	if s := p.must("", "show", "First"); !strings.Contains(strings.Join(strings.Fields(s.err), " "), "credential ends: expired 2026-11-21") {
		t.Errorf("it says\n%s", s.err)
	}
}
