//go:build !windows

package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bbconnect/internal/sandbox"
	"bbconnect/internal/terminal"
)

// typed is an answer to what stands before the cursor.
type typed struct{ asked, answer string }

// drawn is the first thing in an output that a plain face must not write: an
// escape sequence, a character to draw with, or a mark that stands for a word.
func drawn(raw string) string {
	for i, r := range raw {
		around := fmt.Sprintf("%q in %q", r, raw[max(i-40, 0):min(i+40, len(raw))])
		switch {
		case r == '\x1b':
			return "an escape sequence, " + around
		case r >= 0x2500 && r <= 0x259F:
			return "a box or block character, " + around
		case r >= 0x2800 && r <= 0x28FF:
			return "a braille character, " + around
		case strings.ContainsRune("✓✗›–•→…·", r):
			return "a sign instead of a word, " + around
		case r == '\b' || r == '\x07':
			return "a control character, " + around
		}
	}
	for line := range strings.SplitSeq(raw, "\r\n") {
		if strings.Contains(line, "\r") {
			return fmt.Sprintf("a line drawn over: %q", line)
		}
	}
	return ""
}

// converse types the answers, each once the program waits for it.
func converse(s *terminal.Session, steps []typed) {
	mark := 0
	for _, step := range steps {
		s.WaitUntil(step.asked, func(string) bool {
			raw := string(s.Raw())
			return len(raw) > mark && strings.HasSuffix(strings.TrimRight(raw, " "), strings.TrimRight(step.asked, " "))
		})
		mark = len(s.Raw())
		s.Type(step.answer + "\r")
	}
}

const (
	atHome   = "Home: "
	atReview = "Answer to change, or command: "
	atYesNo  = "Type yes or no [no]: "
)

// newOnATerminal answers every question of new.
func newOnATerminal(secret string) []typed {
	return []typed{
		{"Name: ", "help"},
		{"Name: ", "***"},
		{"Name: ", "Stock"},
		{"Id [Stock]: ", "back"},
		{"Name [Stock]: ", ""},
		{"Id [Stock]: ", ""},
		{"Description (optional): ", ""},
		{"Tags (optional): ", ""},
		{"Scope [Account]: ", ""},
		{"Bitbucket address: ", "ftp://nowhere"},
		{"Bitbucket address: ", "https://bitbucket.org/acme/stock.git"},
		{"URL type [Repository]: ", ""},
		{"Connection type [HTTP]: ", "9"},
		{"Connection type [HTTP]: ", ""},
		{"Paste the token (not shown): ", "help"},
		{"Paste the token (not shown): ", secret},
		{"Kind [API token]: ", ""},
		{"Username [x-bitbucket-api-token-auth]: ", ""},
		{"Expires (optional): ", ""},
		{"Secret [account.Stock_token]: ", ""},
		{"API access [Email and API token]: ", ""},
		{"Email: ", "jdoe@acme-corp.com"},
		{"Secret [account.Stock_token]: ", ""},
		{"Connect through [Harness Platform]: ", ""},
		{atYesNo, "help"},
		{atYesNo, "yes"},
	}
}

// TestNoPlainFaceDrawsOnARealTerminal runs every job in plain lines on a real
// terminal and searches everything that it wrote.
func TestNoPlainFaceDrawsOnARealTerminal(t *testing.T) {
	t.Parallel()
	secret := token("pTy")
	for name, job := range map[string]struct {
		args  []string
		dumb  bool
		code  int
		says  string
		steps []typed
	}{
		"new": {[]string{"new", "--plain", "--keystore", "vault"}, false, exitDone, "ok: Saved Stock (Stock).", newOnATerminal(secret)},
		"new, gone over": {[]string{"new", "--plain", "--keystore", "vault"}, false, exitDone, "ok: Saved Stock (Stock).", slices.Concat(
			newOnATerminal(secret)[:25], []typed{{atYesNo, "no"}, {atReview, "list"}, {atReview, "details.url"}, {"acme/stock.git]: ", ""}, {atReview, "save"}, {atYesNo, "yes"}},
		)},
		"new, on a dumb terminal": {[]string{"new"}, true, exitCancelled, "kept as a draft", []typed{
			{"Name: ", "Stock"},
			{"Id [Stock]: ", "quit"},
		}},
		"edit": {[]string{"edit", "Payments", "--plain"}, false, exitDone, "ok: Saved Payments (Payments).", []typed{
			{atReview, "help"},
			{atReview, "nonsense"},
			{atReview, "3"},
			{"Description (optional): ", "help"},
			{"Description (optional): ", "mine"},
			{atReview, "2"},
			{atReview, "connectivity.mode"},
			{"Connect through [Harness Platform]: ", "2"},
			{atReview, "undo connectivity.mode"},
			{atReview, "show"},
			{atReview, "credentials.password"},
			{"Replace its value [unchanged] (not shown): ", ""},
			{atReview, "test"},
			{atReview, "save"},
			{atYesNo, "yes"},
		}},
		"edit, on a dumb terminal": {[]string{"edit", "Payments"}, true, exitCancelled, "", []typed{
			{atReview, "3"},
			{"Description (optional): ", "mine"},
			{atReview, "quit"},
			{"The changes are not saved: ", "back"},
			{atReview, "quit"},
			{"The changes are not saved: ", "drop"},
		}},
		"delete": {[]string{"delete", "Payments", "--plain"}, false, exitDone, "ok: Deleted Payments.", []typed{
			{atYesNo, "help"},
			{atYesNo, "perhaps"},
			{atYesNo, "yes"},
			{atYesNo, "back"},
			{atYesNo, "yes"},
			{atYesNo, "yes"},
		}},
		"home": {[]string{"--plain"}, false, exitDone, "connectors with ledger", []typed{
			{atHome, "help"},
			{atHome, "nonsense"},
			{atHome, "test 1"},
			{atHome, "test all"},
			{atHome, "show 1"},
			{atHome, "secrets"},
			{atHome, "expiring"},
			{atHome, "app-passwords"},
			{atHome, "list"},
			{atHome, "copy 1"},
			{"Id of the copy: ", "Ledger_2"},
			{atHome, "undo"},
			{atYesNo, "yes"},
			{atHome, "edit 9"},
			{atHome, "edit Payments"},
			{atReview, "back"},
			{atHome, "delete Payments"},
			{atYesNo, "quit"},
			{atHome, "doctor"},
			{atHome, "secret verify --all"},
			{atHome, "copy Ledger Ledger_3"},
			{atHome, "find ledger"},
			{atHome, "quit"},
		}},
		"home, on a dumb terminal": {nil, true, exitDone, "2 connectors.", []typed{{atHome, "list"}, {atHome, "quit"}}},
		"test":                     {[]string{"test", "Payments", "--plain"}, false, exitFailed, "failed: ", nil},
		"test, all":                {[]string{"test", "--all", "--plain"}, false, exitFailed, "passed", nil},
		"test, on a dumb terminal": {[]string{"test", "--all"}, true, exitFailed, "passed", nil},
		"secret set":               {[]string{"secret", "set", "account.fresh", "--keystore", "vault", "--plain"}, false, exitDone, "ok: Stored account.fresh", []typed{{"(not shown): ", "help"}, {"(not shown): ", secret}}},
		"secret list":              {[]string{"secret", "list", "--plain"}, false, exitDone, "account.Payments_token", nil},
		"secret verify":            {[]string{"secret", "verify", "--all", "--plain"}, false, exitDone, "ok: 2 of 2", nil},
		"secret rename":            {[]string{"secret", "rename", "account.Payments_token", "other", "--plain"}, false, exitDone, "ok: Renamed", nil},
		"secret delete":            {[]string{"secret", "delete", "account.Payments_token", "--plain"}, false, exitFailed, "(secret.used)", nil},
		"backup": {[]string{"backup", "create", filepath.Join(t.TempDir(), "b.age"), "--plain"}, false, exitDone, "ok: Wrote", []typed{
			{"Choose a passphrase for the backup (not shown): ", "help"},
			{"Choose a passphrase for the backup (not shown): ", secret},
			{"The same passphrase again (not shown): ", "another one"},
			{"Choose a passphrase for the backup (not shown): ", secret},
			{"The same passphrase again (not shown): ", secret},
		}},
		"secret move":  {[]string{"secret", "move", "--all", "--to", "vault", "--plain"}, false, exitDone, "not tried: account.Payments_token is in the vault already.", nil},
		"the try":      {[]string{"try", "--plain"}, false, exitDone, "No connectors are saved.", []typed{{atHome, "help"}, {atHome, "quit"}}},
		"list":         {[]string{"list", "--plain"}, false, exitDone, "never tested", nil},
		"show":         {[]string{"show", "Payments", "--plain"}, false, exitDone, "connector:", nil},
		"undo":         {[]string{"undo", "--plain"}, false, exitDone, "ok: ", nil},
		"an error":     {[]string{"show", "nosuch", "--plain"}, false, exitNotFound, "error: ", nil},
		"a wrong flag": {[]string{"list", "--plain", "--nosuch"}, false, exitUsage, "(usage)", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			names := []string{"Payments", "Ledger"}
			if strings.HasPrefix(name, "new") {
				names = nil // with saved secrets it would offer those
			}
			env, saved := []string{}, ""
			if needsValues(name) {
				env, saved = savedFor(t, home, names...)
			} else {
				savedWithoutValues(t, home, names...)
			}
			if job.dumb {
				env = append(env, "TERM=dumb")
			}
			s := plainOn(t, home, 120, 40, env, job.args...)
			converse(s, job.steps)
			if code := s.Wait(); code != job.code {
				t.Errorf("exits %d, want %d:\n%s", code, job.code, s.Screen())
			}
			raw := string(s.Raw())
			if what := drawn(raw); what != "" {
				t.Errorf("it writes %s", what)
			}
			contains(t, "the terminal", raw, job.says)
			for _, value := range []string{secret, saved} { // without what all tokens begin with
				if part, found := leaks(raw, value[min(12, len(value)):]); found {
					t.Errorf("%q of a secret is on the terminal", part)
				}
			}
		})
	}
}

// TestCtrlCInTheReviewKeepsTheChangesAndGivesTheTerminalBack breaks off at the
// commands, at an answer, and where nothing is echoed, on a small terminal.
func TestCtrlCInTheReviewKeepsTheChangesAndGivesTheTerminalBack(t *testing.T) {
	t.Parallel()
	for name, steps := range map[string][]typed{
		"at a command": {{atReview, "3"}, {"Description (optional): ", "mine"}, {atReview, ""}},
		"at an answer": {{atReview, "3"}, {"Description (optional): ", "mine"}, {atReview, "4"}, {"Tags (optional): ", ""}},
		"at a secret":  {{atReview, "3"}, {"Description (optional): ", "mine"}, {atReview, "credentials.password"}, {"(not shown): ", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			env, _ := savedFor(t, home, "Payments")
			s := plainOn(t, home, 60, 16, env, "edit", "Payments", "--plain")
			last := len(steps) - 1
			converse(s, steps[:last])
			s.WaitUntil(steps[last].asked, func(screen string) bool { return endsWith(screen, steps[last].asked) })
			s.Press("ctrl+c")
			if code := s.Wait(); code != exitCancelled {
				t.Errorf("exits %d:\n%s", code, s.Screen())
			}
			contains(t, "the terminal", s.Screen(), "kept as a draft")
			s = plainOn(t, home, 60, 16, env, "edit", "Payments", "--plain")
			converse(s, []typed{{"Type yes or no [yes]: ", "yes"}, {atReview, "show"}, {atReview, "quit"}, {"The changes are not saved: ", "drop"}})
			if code := s.Wait(); code != exitCancelled {
				t.Errorf("exits %d:\n%s", code, s.Screen())
			}
			contains(t, "the terminal", string(s.Raw()), "Description: saved as none, now mine")
			if what := drawn(string(s.Raw())); what != "" {
				t.Errorf("it writes %s", what)
			}
		})
	}
}

// TestAMigrationInPlainLinesDrawsNothing takes two connectors off their App
// Password from the plain Home of a dumb terminal.
func TestAMigrationInPlainLinesDrawsNothing(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	passphrase := filepath.Join(t.TempDir(), "passphrase")
	if err := os.WriteFile(passphrase, []byte("correct horse "+"battery\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	i := newIncident(t, 0, 1, sandbox.Options{Seed: seed})
	i.env = map[string]string{"BBCONNECT_HOME": filepath.Join(home, "bbconnect"), "BBCONNECT_VAULT_PASSPHRASE_FILE": passphrase}
	i.inVault(2, 1)
	value := i.box.Secret(sandbox.TokenAPI)
	s := plainOn(t, home, 100, 40, []string{"BBCONNECT_VAULT_PASSPHRASE_FILE=" + passphrase, "TERM=dumb"})
	converse(s, []typed{
		{atHome, "app-passwords"},
		{atHome, "migrate --dry-run"},
		{atHome, "migrate"},
		{"What replaces it [API token]: ", "help"},
		{"What replaces it [API token]: ", "7"},
		{"What replaces it [API token]: ", ""},
		{"(not shown): ", "help"},
		{"(not shown): ", value},
		{"that made it: ", "jdoe@acme-corp.com"},
		{"(optional): ", "1y"},
		{"Type yes or no [yes]: ", "help"},
		{"Type yes or no [yes]: ", "quit"},
		{atHome, "app-passwords"},
		{atHome, "quit"},
	})
	if code := s.Wait(); code != exitDone {
		t.Errorf("exits %d:\n%s", code, s.Screen())
	}
	raw := string(s.Raw())
	if what := drawn(raw); what != "" {
		t.Errorf("it writes %s", what)
	}
	if part, found := leaks(raw, value[12:]); found {
		t.Errorf("%q of a token is on the terminal", part)
	}
}

// needsValues reports whether a job reads a secret's value: a vault costs a second
// each time, as it should.
func needsValues(job string) bool {
	return !slices.Contains([]string{
		"list", "show", "undo", "an error", "a wrong flag", "secret list", "secret delete", "the try", "home, on a dumb terminal", "edit, on a dumb terminal",
	}, job)
}

// savedWithoutValues saves connectors for a program that runs with that home; the
// values of their secrets are nowhere.
func savedWithoutValues(t *testing.T, home string, names ...string) {
	t.Helper()
	p := newPlace(t)
	p.env["BBCONNECT_HOME"], p.env["BB_TOKEN"] = filepath.Join(home, "bbconnect"), token("kQ7")
	for _, name := range names {
		p.must("", payments("--no-test", "--set", "overview.name="+name)...)
	}
}

// plainOn starts this test's own executable as bbconnect on a terminal of a size.
func plainOn(t *testing.T, home string, cols, rows int, env []string, args ...string) *terminal.Session {
	t.Helper()
	return terminal.Start(t, terminal.Config{
		Program: thisProgram(t), Args: args, Home: home, Cols: cols, Rows: rows, Env: append(env, "TEST_SCENARIO=healthy"),
	})
}
