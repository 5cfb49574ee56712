package cmd

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bbconnect/internal/flow"
	"bbconnect/internal/probe"
	"bbconnect/internal/sandbox"
	"bbconnect/model"
)

// incident is a place whose connectors all use App Passwords of the sandbox's
// people: as many connectors as asked for, over so many secrets.
type incident struct {
	*place
	box *sandbox.Sandbox
}

func newIncident(t *testing.T, connectors, secrets int, o sandbox.Options) *incident {
	t.Helper()
	box, err := sandbox.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	p := newPlace(t)
	p.tune = func(a *app) {
		a.tester = func(*app, testFlags) flow.Tester {
			return probe.New(probe.Options{Dial: box.Dial, RootCAs: box.RootCAs(), KnownHosts: []probe.KnownHosts{{Data: box.KnownHosts()}}, Now: time.Now})
		}
	}
	p.env["NEW_TOKEN"] = box.Secret(sandbox.TokenAPI)
	p.env["POOR_TOKEN"] = box.Secret(sandbox.TokenAPIReadOnly)
	p.env["TEAM_TOKEN"] = box.Secret(sandbox.TokenWorkspace)
	p.env["DC_TOKEN"] = box.Secret(sandbox.TokenDC)
	i := &incident{p, box}
	for n := range connectors {
		i.save(n, n%secrets, box.Secret(sandbox.TokenAppPassword))
	}
	return i
}

// save writes a connector as one that was made before App Passwords ended.
func (i *incident) save(n, secret int, password string) {
	i.t.Helper()
	a := newTestApp(strings.NewReader(""), &safeBuffer{}, &safeBuffer{})
	i.wire(a)
	if err := a.connect(); err != nil {
		i.t.Fatal(err)
	}
	ref := model.SecretRef(fmt.Sprintf("account.app_%d", secret))
	c := model.Connector{
		Name: fmt.Sprintf("Ledger %02d", n), ID: fmt.Sprintf("ledger_%02d", n), URL: "https://bitbucket.org/acme/ledger.git", URLType: model.URLRepo,
		ConnectionType: model.HTTP, Username: model.Login{Plain: "jdoe"}, PasswordRef: ref, Mode: model.ModePlatform,
	}
	if n%3 > 0 {
		c.API = model.APIAccess{Method: model.APIUsernameToken, Username: model.Login{Plain: "jdoe"}, TokenRef: ref}
	}
	if _, err := a.jobs.Library.Save(i.t.Context(), c, ""); err != nil {
		i.t.Fatal(err)
	}
	name, err := ref.Name(model.Scope{})
	if err != nil {
		i.t.Fatal(err)
	}
	info := model.SecretInfo{
		Name: name, Type: model.SecretText, Kind: model.KindAppPassword, Where: model.WhereKeyring, Username: "jdoe", Host: "bitbucket.org",
		Created: today().AddDate(-1, 0, 0), Length: len(password),
	}
	if err := a.jobs.Library.PutSecret(i.t.Context(), info); err != nil {
		i.t.Fatal(err)
	}
	if password == "" {
		return
	}
	if err := i.keys.Set(i.t.Context(), name, model.NewSecret(password)); err != nil {
		i.t.Fatal(err)
	}
}

// values are the keystore's values by name.
func (i *incident) values(names ...string) map[string]string {
	i.t.Helper()
	out := map[string]string{}
	for _, name := range names {
		if v, err := i.keys.Get(i.t.Context(), model.SecretName(name)); err == nil {
			out[name] = v.Reveal()
		}
	}
	return out
}

// truth are the files that hold connectors and what is known of secrets, without
// what is only remembered of tests.
func (i *incident) truth() map[string]string {
	files := i.files()
	maps.DeleteFunc(files, func(name, _ string) bool { return !strings.HasPrefix(name, "data/") })
	return files
}

func (i *incident) read(path string) string {
	i.t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		i.t.Fatal(err)
	}
	return string(data)
}

// events are the lines of --json.
func events(t *testing.T, out string) []map[string]any {
	t.Helper()
	var all []map[string]any
	for line := range strings.Lines(out) {
		var e map[string]any
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		all = append(all, e)
	}
	return all
}

func ofKind(all []map[string]any, kind string) []map[string]any {
	return slices.DeleteFunc(slices.Clone(all), func(e map[string]any) bool { return e["event"] != kind })
}

func TestADryRunPrintsThePlanAndChangesNothing(t *testing.T) {
	t.Parallel()
	i := newIncident(t, 6, 2, sandbox.Options{})
	before := i.files()
	s := i.must("", "migrate", "--dry-run")
	for _, want := range []string{"6 connectors, 2 secrets", "account.app_0", "API access", "Username and App Password", "Email and API token", "jdoe"} {
		if !strings.Contains(strings.Join(strings.Fields(s.err), " "), want) {
			t.Errorf("it does not say %q:\n%s", want, s.err)
		}
	}
	all := events(t, i.must("", "migrate", "--dry-run", "--json").out)
	if plans := ofKind(all, "plan"); len(plans) != 2 || len(plans[0]["connectors"].([]any)) != 3 || len(plans[0]["scopes"].([]any)) != 14 {
		t.Errorf("the plan is %v", all)
	}
	if !maps.Equal(before, i.files()) {
		t.Error("files changed")
	}
	if n := len(i.box.Requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestAScriptMigratesEverythingWithOneToken(t *testing.T) {
	t.Parallel()
	i := newIncident(t, 6, 2, sandbox.Options{})
	report := filepath.Join(t.TempDir(), "report.md")
	s := i.must("", "migrate", "--yes", "--email", "jdoe@acme-corp.com", "--secret", "account.app_0=env:NEW_TOKEN", "--expires", "1y", "--report", report, "--json")
	all := events(t, s.out)
	if got := len(ofKind(all, "test")); got != 6 {
		t.Errorf("%d tests for six connectors", got)
	}
	reports := ofKind(all, "report")
	if len(reports) != 1 || reports[0]["report"].(map[string]any)["state"] != "done" {
		t.Errorf("the report is %v", reports)
	}
	want := map[string]string{"account/app_0": i.env["NEW_TOKEN"], "account/app_1": i.env["NEW_TOKEN"]}
	if got := i.values("account/app_0", "account/app_1"); !maps.Equal(got, want) {
		t.Error("the secrets do not hold the new token")
	}
	i.must("", "test", "--all")
	if got := i.must("", "list", "--app-passwords", "--json").out; strings.TrimSpace(got) != "[]" {
		t.Errorf("something still uses an App Password:\n%s", got)
	}
	for name, text := range i.files() {
		if part, found := leaks(text, i.env["NEW_TOKEN"]); found {
			t.Errorf("%s holds %q", name, part)
		}
	}
	if part, found := leaks(s.out+s.err, i.env["NEW_TOKEN"]); found {
		t.Errorf("%q was printed", part)
	}
	i.must("", "migrate", "--confirm")
	if got := i.values("account/app_0__old", "account/app_1__old", "account/app_0__new"); len(got) != 0 {
		t.Error("old values are still there")
	}
}

func TestATokenThatLacksAScopeIsRefusedBeforeAnyChange(t *testing.T) {
	t.Parallel()
	i := newIncident(t, 4, 2, sandbox.Options{})
	before := i.files()
	s := i.run("", "migrate", "--yes", "--email", "jdoe@acme-corp.com", "--secret", "account.app_0=env:POOR_TOKEN", "--json")
	refused := ofKind(events(t, s.out), "refused")
	if s.code != exitFailed || len(refused) != 2 {
		t.Fatalf("exits %d\n%s", s.code, s.out)
	}
	problem := refused[0]["problem"].(map[string]any)
	if problem["code"] != "scope.missing" || !strings.Contains(problem["what"].(string), "write:webhook:bitbucket") {
		t.Errorf("the problem is %v", problem)
	}
	if !maps.Equal(before, i.files()) || len(i.values("account/app_0__new")) > 0 {
		t.Error("something changed")
	}
}

func TestNothingToMigrateIsALineOfJSONToo(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	for _, args := range [][]string{{"migrate", "--dry-run", "--json"}, {"migrate", "--yes", "--json"}, {"migrate", "--undo", "--dry-run", "--json"}} {
		s := p.run("", args...)
		if all := events(t, s.out); s.code != exitDone || len(all) != 1 || all[0]["event"] != "none" {
			t.Errorf("%v exits %d with %q", args, s.code, s.out)
		}
	}
}

func TestTheReportAfterAnUndoOnTheCommandLineIsThatOfTheUndo(t *testing.T) {
	t.Parallel()
	i := newIncident(t, 4, 2, sandbox.Options{})
	i.must("", "migrate", "--yes", "--email", "jdoe@acme-corp.com", "--secret", "account.app_0=env:NEW_TOKEN")
	s := i.must("", "migrate", "--undo")
	for _, never := range []string{"passed", "Replace the value", "The App Password of"} {
		if strings.Contains(s.out+s.err, never) {
			t.Errorf("it says %q:\n%s%s", never, s.err, s.out)
		}
	}
	contains(t, "the undo", s.out, "Taken back: 2 secrets and 4 connectors are as they were.", "Only where it was changed there already")
}

func TestAMigrationThatIsNotConfirmedIsNamedWhereUndoPassesItBy(t *testing.T) {
	t.Parallel()
	i := newIncident(t, 4, 2, sandbox.Options{})
	i.must("", "migrate", "--yes", "--email", "jdoe@acme-corp.com", "--secret", "account.app_0=env:NEW_TOKEN")
	contains(t, "undo", i.must("", "undo", "--dry-run").err, "A migration is not confirmed.", "bbconnect migrate --undo takes it back.")
	contains(t, "migrate", i.run("", "migrate", "--yes").err, "An earlier migration is not confirmed.")
	contains(t, "a dry run", i.must("", "migrate", "--dry-run").err, "An earlier migration is not confirmed.", "No connector uses an App Password")
	if s := i.run(token("Vx1"), "secret", "set", "account.app_0"); s.code != exitFailed || !strings.Contains(s.err, "migration.unfinished") {
		t.Errorf("a value that undo would lose is set: exit %d\n%s", s.code, s.err)
	}
	i.must("", "migrate", "--confirm")
	if s := i.must("", "undo", "--dry-run"); strings.Contains(s.err, "migration") {
		t.Errorf("undo speaks of a migration that has ended:\n%s", s.err)
	}
}

// typesSecrets lets tokens come from standard input, as a person would type them.
func (i *incident) typesSecrets() {
	tune := i.tune
	i.tune = func(a *app) { tune(a); a.askLines = true }
}

func TestWhatIsTypedInPlainLinesIsCheckedAtOnceAndOfferedAgain(t *testing.T) {
	t.Parallel()
	i := newIncident(t, 4, 2, sandbox.Options{})
	i.typesSecrets()
	input := strings.Join([]string{
		"",                                                 // an API token
		"jdoe@acme-corp.com",                               // no token at all: asked again
		"wrongtoken",                                       // perhaps one
		i.env["NEW_TOKEN"], "nobody", "jdoe@acme-corp.com", // two answers that are no email
		"1y",                                                // refused by the server
		i.env["NEW_TOKEN"], "", "2020-01-01", "someday", "", // the email and the day stand there
		"yes", "yes", "no",
	}, "\n") + "\n"
	s := i.must(input, "migrate", "--plain")
	contains(t, "the prompts", s.err, "This is an email address, not a token.", "does not look like an API token", "That is a credential and no email.",
		"made it [jdoe@acme-corp.com]:", "1y [2027-", "The token ended on 2020-01-01", "This is not a date.", "4 connectors passed")
	if part, found := leaks(s.out+s.err, i.env["NEW_TOKEN"]); found {
		t.Errorf("%q was printed", part)
	}
}

func TestATestOfAMigrationIsToldInWords(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]model.TestResult{
		"passed": {Verdict: model.VerdictPass}, "did not pass": {Verdict: model.VerdictFail}, "got no connection": {Verdict: model.VerdictUnreachable},
		"passed, with a warning":                                {Verdict: model.VerdictWarn},
		"passed, with a warning: jdoe may not see the webhooks": {Verdict: model.VerdictWarn, Problem: &model.Problem{What: "jdoe may not see the webhooks."}},
	} {
		if got := testedText(r); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestUndoPutsEveryByteBack(t *testing.T) {
	t.Parallel()
	i := newIncident(t, 4, 2, sandbox.Options{})
	before, values := i.truth(), i.values("account/app_0", "account/app_1")
	i.must("", "migrate", "--yes", "--email", "jdoe@acme-corp.com", "--secret", "account.app_0=env:NEW_TOKEN")
	if maps.Equal(before, i.truth()) {
		t.Fatal("nothing changed")
	}
	i.must("", "migrate", "--undo")
	if after := i.truth(); !maps.Equal(before, after) {
		for name := range after {
			if before[name] != after[name] {
				t.Errorf("%s:\n%s\nwant\n%s", name, after[name], before[name])
			}
		}
	}
	if got := i.values("account/app_0", "account/app_1", "account/app_0__old", "account/app_0__new"); !maps.Equal(got, values) {
		t.Errorf("the keystore holds %d values, want the two of before", len(got))
	}
	if s := i.run("", "migrate", "--undo"); s.code != exitUsage {
		t.Errorf("a second undo exits %d", s.code)
	}
}

func TestUndoBringsAConnectorBackThatWasDeletedSince(t *testing.T) {
	t.Parallel()
	i := newIncident(t, 4, 2, sandbox.Options{})
	before := i.truth()
	i.must("", "migrate", "--yes", "--email", "jdoe@acme-corp.com", "--secret", "account.app_0=env:NEW_TOKEN")
	contains(t, "a dry run", i.must("", "delete", "ledger_02", "--dry-run").err, "Would delete", "(ledger_02).", "bbconnect migrate --undo would bring it back.")
	i.must("", "delete", "ledger_02", "--yes")
	i.must("", "migrate", "--undo")
	if after := i.truth(); !maps.Equal(before, after) {
		t.Errorf("afterwards there are %v, before there were %v", slices.Sorted(maps.Keys(after)), slices.Sorted(maps.Keys(before)))
	}
}

func TestAnAccessTokenChangesTheUserNameToo(t *testing.T) {
	t.Parallel()
	i := newIncident(t, 2, 1, sandbox.Options{})
	i.must("", "migrate", "--yes", "--secret", "account.app_0=env:TEAM_TOKEN", "--confirm")
	shown := i.must("", "show", "ledger_01").out
	for _, want := range []string{model.UserAccessToken, "AccessToken"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the document does not say %q:\n%s", want, shown)
		}
	}
}

func TestOneConnectorThatFailsHoldsItsSecretUpUntilItIsDecided(t *testing.T) {
	t.Parallel()
	i := newIncident(t, 3, 1, sandbox.Options{})
	path := filepath.Join(i.home, "data", "connectors", "ledger_02.yaml")
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(i.read(path), "/ledger.git", "/nothing.git")), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"migrate", "--yes", "--email", "jdoe@acme-corp.com", "--secret", "account.app_0=env:NEW_TOKEN"}
	s := i.run("", args...)
	if s.code != exitFailed || !strings.Contains(s.err, "--resume") || len(i.values("account/app_0__old")) > 0 {
		t.Fatalf("exits %d\n%s%s", s.code, s.out, s.err)
	}
	if s := i.run("", args...); s.code != exitUsage || !strings.Contains(s.err, "not finished") {
		t.Errorf("begun again it exits %d\n%s", s.code, s.err)
	}
	s = i.run("", "migrate", "--resume", "--yes", "--on-failure", "leave")
	if s.code != exitDone || !strings.Contains(s.out, "left on the old value") {
		t.Errorf("resumed it exits %d\n%s%s", s.code, s.out, s.err)
	}
	i.must("", "migrate", "--confirm")
	if shown := i.must("", "show", "ledger_02").out; !strings.Contains(shown, "account.app_0__old") {
		t.Errorf("it does not stay on the old value:\n%s", shown)
	}
}

func TestDocumentsInAFolderAreMigratedToo(t *testing.T) {
	t.Parallel()
	i := newIncident(t, 1, 1, sandbox.Options{})
	i.must("", "import", i.write("saved.yaml", strings.ReplaceAll(appPasswordDocument, "outside", "kept")))
	path := i.write("outside.yaml", "# ours\n"+appPasswordDocument)
	i.write("readme.yaml", "just: text\n")
	s := i.must("", "migrate", "-f", filepath.Dir(path), "--yes", "--email", "jdoe@acme-corp.com",
		"--secret", "account.app_0=env:NEW_TOKEN", "--secret", "account.elsewhere=env:NEW_TOKEN")
	text := i.read(path)
	for _, want := range []string{"# ours", "EmailAndApiToken", "jdoe@acme-corp.com", "account.elsewhere"} {
		if !strings.Contains(text, want) {
			t.Errorf("the document does not say %q:\n%s\n%s", want, text, s.err)
		}
	}
	if strings.Contains(text, "UsernameToken") {
		t.Errorf("it still says UsernameToken:\n%s", text)
	}
	i.must("", "migrate", "--undo")
	if i.read(path) != "# ours\n"+appPasswordDocument {
		t.Errorf("undone it says\n%s", i.read(path))
	}
}

// appPasswordDocument is a connector of a repository, by somebody else's hand.
const appPasswordDocument = `connector:
  name: Outside
  identifier: outside
  type: Bitbucket
  spec:
    url: https://bitbucket.org/acme/ledger.git
    type: Repo
    authentication:
      type: Http
      spec:
        type: UsernamePassword
        spec:
          username: jdoe
          passwordRef: account.elsewhere
    apiAccess:
      type: UsernameToken
      spec:
        username: jdoe
        tokenRef: account.elsewhere
    executeOnDelegate: false
`

func TestARotationTestsEveryConnectorWithTheNewValueFirst(t *testing.T) {
	t.Parallel()
	i := newIncident(t, 2, 1, sandbox.Options{})
	i.must("", "migrate", "--yes", "--email", "jdoe@acme-corp.com", "--secret", "account.app_0=env:NEW_TOKEN", "--confirm")
	before := i.must("", "show", "ledger_01").out
	i.env["NEXT_TOKEN"] = i.box.Secret(sandbox.TokenAPINoIssues)
	s := i.must("", "secret", "rotate", "account.app_0", "--from", "env:NEXT_TOKEN", "--expires", "2027-11-21", "--yes", "--confirm")
	if got := i.values("account/app_0", "account/app_0__old"); len(got) != 1 || got["account/app_0"] != i.env["NEXT_TOKEN"] {
		t.Errorf("the value is not the new one\n%s%s", s.out, s.err)
	}
	if listed := i.must("", "secret", "list", "--json").out; !strings.Contains(listed, "2027-11-21") {
		t.Errorf("the end is not recorded:\n%s", listed)
	}
	if after := i.must("", "show", "ledger_01").out; after != before {
		t.Errorf("the document changed:\n%s\nbefore\n%s", after, before)
	}
	s = i.run("", "secret", "rotate", "account.app_0", "--from", "env:NEXT_TOKEN", "--yes")
	if s.code != exitFailed || !strings.Contains(s.err, "already") {
		t.Errorf("the same value again exits %d\n%s", s.code, s.err)
	}
	if s := i.run("", "secret", "rotate", "account.nobody", "--from", "env:NEXT_TOKEN", "--yes"); s.code != exitNotFound {
		t.Errorf("a secret that is none exits %d", s.code)
	}
}

func TestFlagsThatDoNotGoTogetherAreRefused(t *testing.T) {
	t.Parallel()
	i := newIncident(t, 1, 1, sandbox.Options{})
	for _, args := range [][]string{
		{"--resume", "--undo"},
		{"--resume", "ledger_00"},
		{"--undo", "--secret", "a=env:B"},
		{"--jobs", "0"},
		{"--on-failure", "hope"},
		{"--kind", "app-password"},
		{"--yes", "--secret", "account.nobody=env:NEW_TOKEN"},
		{"--resume"},
		{"--confirm"},
		{"-f", "-"},
	} {
		if s := i.run("", append([]string{"migrate"}, args...)...); s.code != exitUsage {
			t.Errorf("%v exits %d\n%s", args, s.code, s.err)
		}
	}
	if s := i.run("", "migrate", "nobody"); s.code != exitNotFound {
		t.Errorf("a connector that is none exits %d", s.code)
	}
}

func TestAPersonIsLedThroughInWords(t *testing.T) {
	t.Parallel()
	i := newIncident(t, 4, 2, sandbox.Options{})
	i.typesSecrets()
	input := strings.Join([]string{
		"help", "", // what replaces it: an API token
		i.env["POOR_TOKEN"], "jdoe@acme-corp.com", "1y", // refused, and asked again
		i.env["NEW_TOKEN"], "jdoe@acme-corp.com", "1y",
		"yes", // the same token for the other secret
		"yes", // test and replace
		"no",  // keep the old values
	}, "\n") + "\n"
	s := i.must(input, "migrate", "--plain")
	for _, want := range []string{"scope.missing", "write:webhook:bitbucket", "https://id.atlassian.com/", "works", "same user", "--confirm"} {
		if !strings.Contains(s.err, want) {
			t.Errorf("it does not say %q:\n%s", want, s.err)
		}
	}
	if !strings.Contains(s.out, "4 connectors passed") {
		t.Errorf("the report is\n%s\n%s", s.out, s.err)
	}
	if part, found := leaks(s.out+s.err, i.env["NEW_TOKEN"]); found {
		t.Errorf("%q was printed", part)
	}
}
