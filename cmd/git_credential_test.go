package cmd

import (
	"strings"
	"testing"
	"time"

	"bbconnect/model"
)

const gitAsksLedger = "protocol=https\nhost=bitbucket.org\npath=acme/ledger.git\n\n"

func TestGitIsAnsweredWithTheSavedConnectorsCredential(t *testing.T) {
	t.Parallel()
	p := newPaymentsPlace(t)
	s := p.must(gitAsksLedger, "git-credential", "get")
	if want := "username=" + model.UserAPIToken + "\npassword=" + token("kQ7") + "\n"; s.out != want || s.err != "" {
		t.Errorf("%d bytes, and %q", len(s.out), s.err)
	}
	p.must("", "secret", "set", "account.Payments_token", "--from", "env:BB_TOKEN", "--expires", "2027-01-02")
	s = p.must(gitAsksLedger, "git-credential", "get")
	if !strings.HasSuffix(s.out, "\npassword_expiry_utc=1798934399\n") {
		t.Errorf("no expiry in %d bytes", len(s.out))
	}
}

func TestTheHelperIsSilentWhereItHasNothingToSay(t *testing.T) {
	t.Parallel()
	p := newPaymentsPlace(t)
	before := p.files()
	for name, row := range map[string]struct{ action, input string }{
		"another host":     {"get", "protocol=https\nhost=github.com\npath=acme/ledger.git\n\n"},
		"plain http":       {"get", "protocol=http\nhost=bitbucket.org\npath=acme/ledger.git\n\n"},
		"a smuggled line":  {"get", "protocol=https\nhost=github.com\rhost=bitbucket.org\n\n"},
		"nothing":          {"get", ""},
		"store":            {"store", gitAsksLedger[:len(gitAsksLedger)-1] + "password=other\n\n"},
		"a later action":   {"capability", gitAsksLedger},
		"erase of another": {"erase", gitAsksLedger[:len(gitAsksLedger)-1] + "password=other\n\n"},
	} {
		if s := p.run(row.input, "git-credential", row.action); s.code != exitDone || s.out != "" || s.err != "" {
			t.Errorf("%s: exit %d, %d bytes, %q", name, s.code, len(s.out), s.err)
		}
	}
	p.broken[model.WhereKeyring] = noKeyring()
	if s := p.run(gitAsksLedger, "git-credential", "get"); s.code != exitDone || s.out+s.err != "" {
		t.Errorf("a keyring that is locked: exit %d, %q", s.code, s.err)
	}
	for name, text := range p.files() {
		if before[name] != text {
			t.Errorf("%s was changed", name)
		}
	}
	if s := p.run("", "git-credential"); s.code != exitUsage {
		t.Errorf("without an action: exit %d", s.code)
	}
}

func TestAnErasedCredentialIsMarkedAndATestTakesTheMarkAway(t *testing.T) {
	t.Parallel()
	p := newPaymentsPlace(t)
	p.now = p.now.Add(time.Hour)
	erase := strings.TrimSuffix(gitAsksLedger, "\n") + "username=" + model.UserAPIToken + "\npassword=" + token("kQ7") + "\n\n"
	if s := p.must(erase, "git-credential", "erase"); s.out+s.err != "" {
		t.Errorf("%q", s.err)
	}
	contains(t, "the connector", p.must("", "list", "--failed").out, "Payments")
	s := p.must(gitAsksLedger, "git-credential", "get")
	if s.out != "" || strings.Contains(s.err, token("kQ7")) {
		t.Errorf("a refused credential is sent again")
	}
	contains(t, "git's terminal", s.err, "bbconnect test Payments")
	p.must("", "test", "Payments")
	if s := p.must(gitAsksLedger, "git-credential", "get"); !strings.Contains(s.out, "password=") || s.err != "" {
		t.Errorf("after a test that passed: %q", s.err)
	}
}

func TestAnEndedCredentialIsNotSentAndTheReasonIsSaid(t *testing.T) {
	t.Parallel()
	p := newPaymentsPlace(t)
	p.must("", "secret", "set", "account.Payments_token", "--from", "env:BB_TOKEN", "--expires", "2026-12-01")
	p.now = p.now.AddDate(0, 0, 20)
	s := p.must(gitAsksLedger, "git-credential", "get")
	if s.out != "" {
		t.Error("it is sent")
	}
	contains(t, "git's terminal", s.err, "ended on 2026-12-01", "bbconnect secret rotate account.Payments_token")
}
