package cmd

import (
	"context"
	"slices"
	"strings"
	"testing"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

// completions are what the shell is offered behind a line.
func (p *place) completions(args ...string) []string {
	p.t.Helper()
	s := p.must("", append([]string{"__complete"}, args...)...)
	var out []string
	for line := range strings.Lines(s.out) {
		if word, _, _ := strings.Cut(strings.TrimSpace(line), "\t"); !strings.HasPrefix(word, ":") {
			out = append(out, word)
		}
	}
	return out
}

func TestTheShellIsOfferedWhatIsSavedAndWhatIsClosed(t *testing.T) {
	t.Parallel()
	p := lonelyPlace(t)
	p.must("", "copy", "Payments", "Other")
	p.checkout = []string{"git@bitbucket.org:acme/ledger.git", "/srv/backup"}
	for line, want := range map[string][]string{
		"show ":                                 {"Other", "Payments"},
		"show Payments ":                        {},
		"edit ":                                 {"Other", "Payments"},
		"delete P":                              {"Payments"},
		"copy ":                                 {"Other", "Payments"},
		"test Payments ":                        {"Other", "Payments"},
		"test --secret ":                        {"account.Payments_token=", "account.lonely="},
		"test --secret account.lonely=":         {"account.lonely=env:", "account.lonely=file:", "account.lonely=cmd:", "account.lonely=keyring:", "account.lonely=prompt", "account.lonely=-"},
		"secret set ":                           {"account.Payments_token", "account.lonely"},
		"secret set account.lonely ":            {},
		"secret set --from ":                    {"env:", "file:", "cmd:", "keyring:", "prompt", "-"},
		"secret set --kind ":                    {"api-token", "access-token", "http-access-token", "ssh-key", "password"},
		"secret set --keystore ":                {"keyring", "vault", "command", "ask"},
		"secret set --type ":                    {"text", "file"},
		"secret delete ":                        {"account.Payments_token", "account.lonely"},
		"secret move account.lonely ":           {"account.Payments_token", "account.lonely"},
		"secret move --to ":                     {"keyring", "vault"},
		"secret rename ":                        {"account.Payments_token", "account.lonely"},
		"secret verify account.lonely ":         {"account.Payments_token", "account.lonely"},
		"new --set details.urlType=":            {"details.urlType=Account", "details.urlType=Repo"},
		"new --set details.connectionType=":     {"details.connectionType=http", "details.connectionType=ssh"},
		"new --set connectivity.mode=":          {"connectivity.mode=platform", "connectivity.mode=delegate"},
		"new --set connectivity.delegates=":     {"connectivity.delegates=any", "connectivity.delegates=tags"},
		"new --set connectivity.secureConnect=": {"connectivity.secureConnect=yes", "connectivity.secureConnect=no"},
		"new --set overview.scope=":             {"overview.scope=account", "overview.scope=org", "overview.scope=project"},
		"new --set overview.name=":              {},
		"new --set credentials.secret=":         {"credentials.secret=account.Payments_token", "credentials.secret=account.lonely"},
		"new --set api.secret=":                 {"api.secret=account.Payments_token", "api.secret=account.lonely"},
		"new --set api.method=":                 {"api.method=EmailAndApiToken", "api.method=AccessToken", "api.method=UsernameToken", "api.method=off"},
		"new --set details.url=":                {"details.url=git@bitbucket.org:acme/ledger.git"},
		"git-credential ":                       {"get", "store", "erase"},
		"new --keystore ":                       {"keyring", "vault", "command", "ask"},
		"url --url-type ":                       {"Account", "Repo"},
		"url --connection-type ":                {"http", "ssh"},
		"backup ":                               {"create", "restore"},
		"backup create --passphrase-from ":      {"env:", "file:", "cmd:", "keyring:", "prompt", "-"},
		"backup create --without-values=":       {"missing", "all"},
		"backup restore --keystore ":            {"keyring", "vault"},
		"completion ":                           {"bash", "zsh", "fish", "powershell"},
	} {
		words := strings.Split(line, " ")
		got := p.completions(words...)
		if line == "delete P" {
			got = slices.DeleteFunc(got, func(s string) bool { return !strings.HasPrefix(s, "P") })
		}
		if !slices.Equal(got, append([]string{}, want...)) && (len(got) > 0 || len(want) > 0) {
			t.Errorf("behind %q the shell is offered %q, want %q", line, got, want)
		}
	}
}

func TestNothingIsOfferedWhereNothingCanBeRead(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	for _, line := range [][]string{{"show", ""}, {"secret", "set", ""}, {"test", "--secret", ""}} {
		if got := p.completions(line...); len(got) > 0 {
			t.Errorf("%q offers %q on a machine where nothing is saved", line, got)
		}
	}
	// Slots and questions are known anyway.
	if got := p.completions("new", "--secret", ""); !slices.Contains(got, "credentials.password=") || slices.Contains(got, "overview.name=") {
		t.Errorf("slots: %q", got)
	}
	if got := p.completions("new", "--set", ""); slices.Contains(got, "credentials.password=") || !slices.Contains(got, "overview.name=") {
		t.Errorf("questions: %q", got)
	}
}

func TestEveryShellGetsAScript(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if s := p.must("", "completion", shell); !strings.Contains(s.out, "bbconnect") || s.err != "" {
			t.Errorf("%s: %d bytes, and says %q", shell, len(s.out), s.err)
		}
	}
	if s := p.run("", "completion", "tcsh"); s.code != exitUsage {
		t.Errorf("an unknown shell exits %d", s.code)
	}
}

// A shell waits for an answer between two keys.
func TestCompletionAsksNoKeystoreAndNoNetwork(t *testing.T) {
	t.Parallel()
	p := newPaymentsPlace(t)
	p.tune = func(a *app) {
		a.places = func(*app) flow.Keystores { return untouchable{t} }
		a.tester = func(*app, testFlags) flow.Tester { return untouchable{t} }
		a.reach = func(*app) flow.Reacher { return untouchable{t} }
	}
	for _, line := range []string{"show ", "test ", "secret set ", "secret verify ", "new --set credentials.secret=", "test --secret ", "migrate ", "export "} {
		if got := p.completions(strings.Split(line, " ")...); len(got) == 0 {
			t.Errorf("behind %q nothing is offered", line)
		}
	}
}

// untouchable is every port that completion must not use.
type untouchable struct{ t *testing.T }

func (u untouchable) Keystore(where model.Where) (flow.Keystore, error) {
	u.t.Errorf("the place %s was opened", where)
	return nil, noKeyring()
}

func (u untouchable) Test(context.Context, model.TestRequest, func(model.Check)) model.TestResult {
	u.t.Error("a test was run")
	return model.TestResult{}
}

func (u untouchable) Reach(context.Context, model.Connector, string) []model.Check {
	u.t.Error("a host was reached")
	return nil
}
