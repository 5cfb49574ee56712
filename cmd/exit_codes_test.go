package cmd

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bbconnect/internal/flow"
	"bbconnect/keystore"
	"bbconnect/model"
)

// TestEveryCommandEndsWithTheExitCodesOfTheContract runs each command into each
// way it can end. What went wrong is said with its code and its remedy, in words
// and as JSON alike.
func TestEveryCommandEndsWithTheExitCodesOfTheContract(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		make func(t *testing.T) *place
		args []string
		exit int
		// code is the error's code; "" where the run ends without an error.
		code string
	}{
		"list":                           {newPaymentsPlace, []string{"list"}, exitDone, ""},
		"list of nothing":                {newPlace, []string{"list"}, exitDone, ""},
		"list, nothing expires":          {newPaymentsPlace, []string{"list", "--expiring", "30"}, exitDone, ""},
		"list, something expires":        {expiringPlace, []string{"list", "--expiring", "30"}, exitFailed, ""},
		"list, a negative time":          {newPlace, []string{"list", "--expiring", "-5"}, exitUsage, "usage"},
		"list, an argument":              {newPlace, []string{"list", "x"}, exitUsage, "usage"},
		"show":                           {newPaymentsPlace, []string{"show", "Payments"}, exitDone, ""},
		"show of none":                   {newPaymentsPlace, []string{"show", "nosuch"}, exitNotFound, "store.not-found"},
		"show of a damaged one":          {damagedPlace, []string{"show", "Payments"}, exitFailed, "store.damaged"},
		"show without an id":             {newPlace, []string{"show"}, exitUsage, "usage"},
		"edit of none":                   {newPlace, []string{"edit", "nosuch", "--yes", "--set", "overview.name=x"}, exitNotFound, "store.not-found"},
		"edit of a damaged one":          {damagedPlace, []string{"edit", "Payments", "--yes", "--set", "overview.name=x"}, exitFailed, "store.damaged"},
		"edit that says nothing":         {newPaymentsPlace, []string{"edit", "Payments", "--yes"}, exitUsage, "usage"},
		"edit of an unknown question":    {newPaymentsPlace, []string{"edit", "Payments", "--yes", "--set", "overview.nosuch=x"}, exitUsage, "usage"},
		"edit whose test fails":          {failingPlace, []string{"edit", "Payments", "--yes", "--set", "overview.name=x"}, exitFailed, "-"},
		"edit saved all the same":        {failingPlace, []string{"edit", "Payments", "--yes", "--save-failed", "--set", "overview.name=x"}, exitDone, ""},
		"new that lacks something":       {newPlace, []string{"new", "--yes"}, exitUsage, "name.required"},
		"new without a keystore":         {lockedPlace, payments(), exitKeystore, "keystore.unavailable"},
		"new, a wrong keystore":          {newPaymentsPlace, payments("--keystore", "drawer"), exitUsage, "usage"},
		"new, a taken name":              {newPaymentsPlace, payments(), exitUsage, "name.taken"},
		"delete of none":                 {newPlace, []string{"delete", "nosuch", "--yes"}, exitNotFound, "store.not-found"},
		"delete with nobody to ask":      {newPaymentsPlace, []string{"delete", "Payments"}, exitUsage, "usage"},
		"delete":                         {newPaymentsPlace, []string{"delete", "Payments", "--yes"}, exitDone, ""},
		"delete, the keystore is gone":   {brokenLater, []string{"delete", "Payments", "--yes", "--with-secrets"}, exitKeystore, "keystore.unavailable"},
		"copy":                           {newPaymentsPlace, []string{"copy", "Payments", "Other"}, exitDone, ""},
		"copy of none":                   {newPlace, []string{"copy", "nosuch", "Other"}, exitNotFound, "store.not-found"},
		"copy to a taken id":             {newPaymentsPlace, []string{"copy", "Payments", "Payments"}, exitFailed, "-"},
		"undo of nothing":                {newPlace, []string{"undo"}, exitNotFound, "store.not-found"},
		"undo of what was changed":       {changedSince, []string{"undo"}, exitConflict, "store.conflict"},
		"url":                            {newPlace, []string{"url", "https://bitbucket.org/acme/ledger.git"}, exitDone, ""},
		"url of another provider":        {newPlace, []string{"url", "https://github.com/acme/ledger.git"}, exitFailed, "-"},
		"url without one":                {newPlace, []string{"url"}, exitUsage, "usage"},
		"git-credential":                 {newPaymentsPlace, []string{"git-credential", "get"}, exitDone, ""},
		"git-credential, no action":      {newPlace, []string{"git-credential"}, exitUsage, "usage"},
		"man":                            {newPlace, []string{"man"}, exitDone, ""},
		"man of no command":              {newPlace, []string{"man", "nosuch"}, exitUsage, "usage"},
		"completion":                     {newPlace, []string{"completion", "zsh"}, exitDone, ""},
		"completion of no shell":         {newPlace, []string{"completion", "tcsh"}, exitUsage, "usage"},
		"check":                          {newPaymentsPlace, []string{"check"}, exitDone, ""},
		"check of a damaged one":         {damagedPlace, []string{"check"}, exitFailed, "-"},
		"check of no file":               {newPlace, []string{"check", "nosuch.yaml"}, exitUsage, "usage"},
		"test":                           {newPaymentsPlace, []string{"test", "Payments"}, exitDone, ""},
		"test that fails":                {failingPlace, []string{"test", "Payments"}, exitFailed, "-"},
		"test of none":                   {newPlace, []string{"test", "nosuch"}, exitNotFound, "store.not-found"},
		"test of nothing":                {newPlace, []string{"test"}, exitUsage, "usage"},
		"test of all of nothing":         {newPlace, []string{"test", "--all"}, exitDone, ""},
		"test, two ways at once":         {newPaymentsPlace, []string{"test", "--all", "Payments"}, exitUsage, "usage"},
		"test, no time at all":           {newPaymentsPlace, []string{"test", "Payments", "--timeout", "-1s"}, exitUsage, "usage"},
		"test, no jobs":                  {newPaymentsPlace, []string{"test", "Payments", "--jobs", "0"}, exitUsage, "usage"},
		"test, none for a host":          {newPaymentsPlace, []string{"test", "Payments", "--per-host", "0"}, exitUsage, "usage"},
		"test, the value is gone":        {valueGone, []string{"test", "Payments"}, exitNotFound, "notfound"},
		"test, the keystore is gone":     {brokenLater, []string{"test", "Payments"}, exitKeystore, "keystore.unavailable"},
		"secret list":                    {newPaymentsPlace, []string{"secret", "list"}, exitDone, ""},
		"secret list, something ends":    {expiringPlace, []string{"secret", "list", "--expiring", "30"}, exitFailed, "-"},
		"secret list, a negative time":   {newPlace, []string{"secret", "list", "--expiring", "-5"}, exitUsage, "usage"},
		"secret set without a value":     {newPlace, []string{"secret", "set", "account.x", "--from", "env:NOSUCH"}, exitUsage, "usage"},
		"secret set of no reference":     {newPlace, []string{"secret", "set", "x"}, exitUsage, "usage"},
		"secret set, no keystore":        {lockedPlace, []string{"secret", "set", "account.x", "--from", "env:BB_TOKEN"}, exitKeystore, "keystore.unavailable"},
		"secret verify":                  {newPaymentsPlace, []string{"secret", "verify", "--all"}, exitDone, ""},
		"secret verify, one is gone":     {valueGone, []string{"secret", "verify", "--all"}, exitFailed, "-"},
		"secret verify, all locked":      {brokenLater, []string{"secret", "verify", "--all"}, exitKeystore, "-"},
		"secret verify of none":          {newPlace, []string{"secret", "verify", "account.x"}, exitNotFound, "notfound"},
		"secret verify of nothing":       {newPlace, []string{"secret", "verify"}, exitUsage, "usage"},
		"secret rename of none":          {newPlace, []string{"secret", "rename", "account.x", "y"}, exitNotFound, "notfound"},
		"secret rename, no keystore":     {brokenLater, []string{"secret", "rename", "account.Payments_token", "y"}, exitKeystore, "keystore.unavailable"},
		"secret move of none":            {newPlace, []string{"secret", "move", "account.x", "--to", "vault"}, exitNotFound, "notfound"},
		"secret move to nowhere":         {newPaymentsPlace, []string{"secret", "move", "--all", "--to", "ask"}, exitUsage, "usage"},
		"secret move of nothing":         {newPaymentsPlace, []string{"secret", "move", "--to", "vault"}, exitUsage, "usage"},
		"secret move, no keystore":       {brokenLater, []string{"secret", "move", "--all", "--to", "vault"}, exitKeystore, "keystore.unavailable"},
		"secret move, the value is gone": {valueGone, []string{"secret", "move", "--all", "--to", "vault"}, exitFailed, "cred.missing"},
		"secret move, there already":     {newPaymentsPlace, []string{"secret", "move", "--all", "--to", "keyring"}, exitDone, ""},
		"secret delete of none":          {newPlace, []string{"secret", "delete", "account.x", "--yes"}, exitNotFound, "notfound"},
		"secret delete of a used one":    {newPaymentsPlace, []string{"secret", "delete", "account.Payments_token", "--yes"}, exitFailed, "secret.used"},
		"secret delete, nobody to ask":   {lonelyPlace, []string{"secret", "delete", "account.lonely"}, exitUsage, "usage"},
		"secret delete":                  {lonelyPlace, []string{"secret", "delete", "account.lonely", "--yes"}, exitDone, ""},
		"secret key on a taken name":     {lonelyPlace, []string{"secret", "key", "new", "--ref", "account.lonely"}, exitUsage, "usage"},
		"secret key of no file":          {newPlace, []string{"secret", "key", "public", "--from", "file:nosuch.pem"}, exitUsage, "usage"},
		"export":                         {newPaymentsPlace, []string{"export", "Payments", "--format", "harness"}, exitDone, ""},
		"export of none":                 {newPlace, []string{"export", "nosuch"}, exitNotFound, "store.not-found"},
		"export in an unknown form":      {newPaymentsPlace, []string{"export", "Payments", "--format", "toml"}, exitUsage, "usage"},
		"export of a damaged one":        {damagedPlace, []string{"export", "--all"}, exitFailed, "store.damaged"},
		"backup to a file that is there": {newPaymentsPlace, []string{"backup", "create", "backup_test.go", "--passphrase-from", "env:BB_TOKEN"}, exitUsage, "usage"},
		"backup for nobody":              {newPaymentsPlace, []string{"backup", "create", "nosuch/b.age", "--recipient", "age1nobody"}, exitFailed, "backup.key"},
		"backup, no keystore":            {brokenLater, []string{"backup", "create", "nosuch/b.age", "--dry-run"}, exitKeystore, "keystore.unavailable"},
		"backup, a value is gone":        {valueGone, []string{"backup", "create", "nosuch/b.age", "--dry-run"}, exitFailed, "cred.missing"},
		"backup, what would be in it":    {newPaymentsPlace, []string{"backup", "create", "nosuch/b.age", "--dry-run"}, exitDone, ""},
		"backup with nobody to ask":      {newPaymentsPlace, []string{"backup", "create", "nosuch/b.age"}, exitUsage, "usage"},
		"backup without a file":          {newPlace, []string{"backup", "create"}, exitUsage, "usage"},
		"restore of no file":             {newPlace, []string{"backup", "restore", "nosuch.age"}, exitUsage, "usage"},
		"restore of another file":        {newPlace, []string{"backup", "restore", "backup_test.go"}, exitFailed, "store.damaged"},
		"import of no file":              {newPlace, []string{"import", "nosuch.yaml"}, exitUsage, "usage"},
		"an unknown command":             {newPlace, []string{"nosuch"}, exitUsage, "usage"},
		"a command of a later version":   {newPlace, []string{"harness", "login"}, exitUsage, "usage"},
		"a project without its account":  {newPlace, []string{"list", "--project", "p"}, exitUsage, "usage"},
		"alone without a terminal":       {newPlace, nil, exitUsage, "-"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := row.make(t).run("", row.args...)
			if s.code != row.exit {
				t.Fatalf("exits %d, want %d:\n%s%s", s.code, row.exit, s.out, s.err)
			}
			if row.code == "" || row.code == "-" {
				return
			}
			contains(t, "the error", s.err, "("+row.code+")")
			if len(strings.Split(strings.TrimSpace(s.err), "\n")) < 2 {
				t.Errorf("no remedy is said:\n%s", s.err)
			}
			s = row.make(t).run("", append(row.args, "--json")...)
			if s.code != row.exit {
				t.Errorf("exits %d with --json, want %d:\n%s%s", s.code, row.exit, s.out, s.err)
			}
			var said jsonError
			if err := json.Unmarshal([]byte(s.out), &said); err != nil || said.Error.Code != row.code || said.Error.Message == "" || said.Error.Fix == "" {
				t.Errorf("as JSON it says %q (%v)", s.out, err)
			}
		})
	}
}

// expiringPlace has a connector whose token ends within a month.
func expiringPlace(t *testing.T) *place {
	p := newPaymentsPlace(t)
	p.must("", "secret", "set", "account.Payments_token", "--from", "env:BB_TOKEN", "--expires", "10d")
	return p
}

// damagedPlace has a connector whose document nobody can read.
func damagedPlace(t *testing.T) *place {
	p := newPaymentsPlace(t)
	p.damage("Payments")
	return p
}

// failingPlace has a connector that no longer works.
func failingPlace(t *testing.T) *place {
	p := newPaymentsPlace(t)
	p.verdict = fails
	return p
}

// lockedPlace is a machine without a keyring.
func lockedPlace(t *testing.T) *place {
	p := newPlace(t)
	p.env["BB_TOKEN"] = token("kQ7")
	p.broken[model.WhereKeyring] = noKeyring()
	return p
}

// brokenLater is one whose keyring has gone since the connector was saved.
func brokenLater(t *testing.T) *place {
	p := newPaymentsPlace(t)
	p.broken[model.WhereKeyring] = noKeyring()
	return p
}

// valueGone is one whose keyring lost the value.
func valueGone(t *testing.T) *place {
	p := newPaymentsPlace(t)
	if err := p.keys.Delete(t.Context(), "account/Payments_token"); err != nil {
		t.Fatal(err)
	}
	return p
}

// lonelyPlace has a secret that no connector uses.
func lonelyPlace(t *testing.T) *place {
	p := newPaymentsPlace(t)
	p.must("", "secret", "set", "account.lonely", "--from", "env:BB_TOKEN")
	return p
}

// changedSince has a connector that an editor changed after its last save here.
func changedSince(t *testing.T) *place {
	p := newPaymentsPlace(t)
	p.must("", "edit", "Payments", "--yes", "--set", "overview.description=mine")
	path := filepath.Join(p.home, "data", "connectors", "Payments.yaml")
	text, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, append(text, "# by hand\n"...), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestEveryKindOfErrorIsToldWithItsCodeAndARemedy takes apart what the rooms
// return.
func TestEveryKindOfErrorIsToldWithItsCodeAndARemedy(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		err  error
		code string
		fix  bool
	}{
		"a problem":            {&model.Problem{Code: "net.dns", What: "x", Fix: "y"}, "net.dns", true},
		"a problem in another": {errors.Join(errors.New("outer"), &model.Problem{Code: "net.dns", What: "x", Fix: "y"}), "net.dns", true},
		"wrong usage":          {usage("Do it.", "That."), "usage", true},
		"a value that is gone": {keystore.ErrNotFound, "notfound", true},
		"no such secret":       {flow.ErrNoSecret, "notfound", true},
		"cancelled":            {errCancelled, "cancelled", false},
		"back":                 {errBack, "cancelled", false},
		"quit":                 {errQuit, "cancelled", false},
		"anything else":        {errors.New("disk full"), "internal", true},
	} {
		code, message, _, fix := describeError(row.err)
		if code != row.code || message == "" || (fix != "") != row.fix {
			t.Errorf("%s: %q, %q, %q", name, code, message, fix)
		}
		if text := describe(row.err); !strings.Contains(text, "("+row.code+")") || strings.Contains(text, "  ") {
			t.Errorf("%s in a paragraph: %q", name, text)
		}
	}
}

func TestErrorsSayThemselvesToo(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"That.": usage("Do it.", "That."), "exit 3": failedError{3}, "quit: cancelled; nothing was changed": errQuit,
	} {
		if err.Error() != want {
			t.Errorf("%q, want %q", err, want)
		}
	}
	wrapped := answersError{&model.Problem{Code: "name.required", What: "A name is missing."}}
	if p, ok := model.AsProblem(wrapped); !ok || p.Code != "name.required" || wrapped.Error() == "" {
		t.Errorf("%v", wrapped)
	}
}

func TestHowLongAgoIsSaidInTheUnitThatFits(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "just now", 59 * time.Second: "just now", time.Minute: "1 min ago", 59*time.Minute + 59*time.Second: "59 min ago", time.Hour: "1 h ago",
		23 * time.Hour: "23 h ago", 24 * time.Hour: "yesterday", 47 * time.Hour: "yesterday", 48 * time.Hour: "2 days ago", 240 * time.Hour: "10 days ago",
	} {
		if got := ago(today(), today().Add(-d)); got != want {
			t.Errorf("%s before is %q, want %q", d, got, want)
		}
	}
}

func TestWhatCannotBeReadIsNotLeftOutSilently(t *testing.T) {
	t.Parallel()
	p := withThree(t)
	p.damage("Beta")
	for _, args := range [][]string{{"list"}, {"test", "--all"}, {"--plain"}} {
		contains(t, args[0], p.must("quit\n", args...).err, "Beta.yaml")
	}
	dir := filepath.Join(t.TempDir(), "out")
	if s := p.run("", "export", "--all", "-o", dir); s.code != exitFailed || !strings.Contains(s.err, "Beta.yaml") {
		t.Errorf("export exits %d:\n%s", s.code, s.err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("half of it was exported (%v)", err)
	}
}

// TestThePagesListTheExitCodesThatThereAre reads the tables of exit codes.
func TestThePagesListTheExitCodesThatThereAre(t *testing.T) {
	t.Parallel()
	want := []int{exitDone, exitFailed, exitUsage, exitNotFound, exitKeystore, exitConflict, exitCancelled}
	rows := regexp.MustCompile(`(?m)^\| (\d+) \| `)
	for _, page := range []string{"README.md", "docs/scripting.md"} {
		text, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(page)))
		if err != nil {
			t.Fatal(err)
		}
		_, table, found := strings.Cut(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n| exit code | means |")
		table, _, _ = strings.Cut(table, "\n\n")
		var got []int
		for _, m := range rows.FindAllStringSubmatch(table, -1) {
			code, _ := strconv.Atoi(m[1])
			got = append(got, code)
		}
		if !found || !slices.Equal(got, want) {
			t.Errorf("%s lists the exit codes %d, the program has %d", page, got, want)
		}
	}
}
