package model

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

// member is a connector of the plan.
func member(c Connector) MigrationMember { return MigrationMember{Saved: Saved{Connector: c}} }

// appPassword is a Cloud connector that uses one for git and the REST API.
func appPassword(id string, ref SecretRef) Connector {
	return Connector{
		ID: id, Name: id, URL: "https://bitbucket.org/acme/ledger.git", URLType: URLRepo, ConnectionType: HTTP,
		Username: Login{Plain: "jdoe"}, PasswordRef: ref, Mode: ModePlatform,
		API: APIAccess{Method: APIUsernameToken, Username: Login{Plain: "jdoe"}, TokenRef: ref},
	}
}

func worldOf(secrets ...SecretInfo) World { return World{Now: testNow, Secrets: secrets} }

func TestWhatIsConcernedByTheEndOfAppPasswords(t *testing.T) {
	t.Parallel()
	const ref = SecretRef("account.s")
	change := func(f func(*Connector)) Connector { c := appPassword("c", ref); f(&c); return c }
	server := func(c *Connector) { c.URL = "https://git.example.com/scm/PAY/ledger.git" }
	for name, tc := range map[string]struct {
		connector Connector
		kind      CredentialKind
		shape     CredentialKind
		want      bool
	}{
		"git and API, recorded":              {appPassword("c", ref), KindAppPassword, "", true},
		"by the method alone":                {appPassword("c", ref), "", "", true},
		"a new secret behind the old method": {appPassword("c", ref), KindAPIToken, "", true},
		"no API, recorded":                   {change(func(c *Connector) { c.API = APIAccess{} }), KindAppPassword, "", true},
		"no API, by its shape":               {change(func(c *Connector) { c.API = APIAccess{} }), "", KindAppPassword, true},
		"no API, nobody knows":               {change(func(c *Connector) { c.API = APIAccess{} }), "", "", false},
		"no API, an API token":               {change(func(c *Connector) { c.API = APIAccess{} }), KindAPIToken, "", false},
		"SSH with an API App Password": {change(func(c *Connector) {
			c.ConnectionType, c.PasswordRef, c.SSHKeyRef = SSH, "", "account.key"
		}), "", "", true},
		"Email and API token": {change(func(c *Connector) {
			c.API = APIAccess{Method: APIEmailAndToken, Email: Login{Plain: "j@example.com"}, TokenRef: ref}
		}), "", "", false},
		"Data Center, a token":    {change(server), KindHTTPAccessToken, "", false},
		"Data Center, a password": {change(server), KindPassword, "", true},
		"Data Center, unknown":    {change(server), "", "", false},
	} {
		w := worldOf(SecretInfo{Name: "account/s", Kind: tc.kind})
		shapes := map[SecretName]CredentialKind{}
		if tc.shape != "" {
			shapes["account/s"] = tc.shape
		}
		plan := PlanMigration([]MigrationMember{member(tc.connector)}, w, shapes)
		if got := len(plan.Groups) == 1; got != tc.want {
			t.Errorf("%s: concerned %v, want %v", name, got, tc.want)
		}
	}
}

func TestGroupsOfOneUserStandTogetherTheLargestFirst(t *testing.T) {
	t.Parallel()
	var members []MigrationMember
	add := func(n int, ref SecretRef, user string) {
		for range n {
			c := appPassword("c"+string(rune('a'+len(members))), ref)
			c.Username.Plain, c.API.Username.Plain = user, user
			members = append(members, member(c))
		}
	}
	add(1, "account.ann_1", "ann")
	add(3, "account.bob", "bob")
	add(4, "account.ann_2", "Ann")
	plan := PlanMigration(members, worldOf(), nil)
	var names []SecretName
	for _, g := range plan.Groups {
		names = append(names, g.Name)
	}
	if want := []SecretName{"account/ann_2", "account/ann_1", "account/bob"}; !slices.Equal(names, want) {
		t.Errorf("the order is %v, want %v", names, want)
	}
	if !plan.Groups[0].SameAccount(plan.Groups[1]) || plan.Groups[0].SameAccount(plan.Groups[2]) {
		t.Error("one token can serve ann's two secrets and no other")
	}
	if plan.Members() != 8 {
		t.Errorf("%d members", plan.Members())
	}
	if _, found := plan.Group("account/nobody"); found {
		t.Error("a group that is none was found")
	}
}

func TestWhoeverSharesTheSecretIsInItsGroup(t *testing.T) {
	t.Parallel()
	plain := appPassword("plain", "account.s")
	plain.API = APIAccess{Method: APIEmailAndToken, Email: Login{Plain: "j@example.com"}, TokenRef: "account.s"}
	plan := PlanMigration([]MigrationMember{member(appPassword("old", "account.s")), member(plain), member(appPassword("else", "account.other"))}, worldOf(), nil)
	g, found := plan.Group("account/s")
	if !found || len(g.Members) != 2 || g.Email != "j@example.com" || g.User != "jdoe" || g.Old != KindAppPassword {
		t.Errorf("the group is %+v", g)
	}
	if !g.Members[0].Concerned || g.Members[1].Concerned {
		t.Errorf("concerned are %v, %v", g.Members[0].Concerned, g.Members[1].Concerned)
	}
}

func TestAReplacementChangesOnlyWhatNamesTheOldCredential(t *testing.T) {
	t.Parallel()
	const ref = SecretRef("account.s")
	api := Replacement{Kind: KindAPIToken, Email: "j@example.com"}
	team := Replacement{Kind: KindAccessToken}
	change := func(f func(*Connector)) Connector { c := appPassword("c", ref); f(&c); return c }
	for name, tc := range map[string]struct {
		before  Connector
		with    Replacement
		want    Connector
		answers int
	}{
		"an API token": {appPassword("c", ref), api, change(func(c *Connector) {
			c.API = APIAccess{Method: APIEmailAndToken, Email: Login{Plain: "j@example.com"}, TokenRef: ref}
		}), 3},
		"without API access": {change(func(c *Connector) { c.API = APIAccess{} }), api, change(func(c *Connector) { c.API = APIAccess{} }), 0},
		"an email as the user name": {
			change(func(c *Connector) { c.Username.Plain, c.API = "j@example.com", APIAccess{} }), api,
			change(func(c *Connector) { c.Username.Plain, c.API = UserAPIToken, APIAccess{} }), 1,
		},
		"the user name in a secret": {
			change(func(c *Connector) { c.Username, c.API = Login{Ref: "account.user"}, APIAccess{} }), api,
			change(func(c *Connector) { c.Username, c.API = Login{Ref: "account.user"}, APIAccess{} }), 0,
		},
		"an access token": {appPassword("c", ref), team, change(func(c *Connector) {
			c.Username.Plain, c.API = UserAccessToken, APIAccess{Method: APIAccessToken, TokenRef: ref}
		}), 3},
		"another secret for the API": {
			change(func(c *Connector) { c.API.TokenRef = "account.other" }), api,
			change(func(c *Connector) { c.API.TokenRef = "account.other" }), 0,
		},
		"Data Center": {
			change(func(c *Connector) { c.URL = "https://git.example.com/scm/PAY/ledger.git" }),
			Replacement{Kind: KindHTTPAccessToken},
			change(func(c *Connector) { c.URL = "https://git.example.com/scm/PAY/ledger.git" }), 0,
		},
		"SSH": {
			change(func(c *Connector) {
				c.ConnectionType, c.Username, c.PasswordRef, c.SSHKeyRef = SSH, Login{}, "", "account.key"
			}), api,
			change(func(c *Connector) {
				c.ConnectionType, c.Username, c.PasswordRef, c.SSHKeyRef = SSH, Login{}, "", "account.key"
				c.API = APIAccess{Method: APIEmailAndToken, Email: Login{Plain: "j@example.com"}, TokenRef: ref}
			}), 3,
		},
	} {
		g := MigrationGroup{Name: "account/s", Product: Cloud}
		got := g.Change(member(tc.before), tc.with)
		if asText(t, got.After) != asText(t, tc.want) {
			t.Errorf("%s: it becomes\n%s\nwant\n%s", name, asText(t, got.After), asText(t, tc.want))
		}
		if len(got.Answers) != tc.answers || got.Changed() != (tc.answers > 0) {
			t.Errorf("%s: %d answers differ, want %d: %+v", name, len(got.Answers), tc.answers, got.Answers)
		}
	}
}

func asText(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestADelegateThatIsTooOldIsToldInThePlan(t *testing.T) {
	t.Parallel()
	c := appPassword("c", "account.s")
	c.Mode, c.DelegateVersion = ModeDelegate, "25.10.87000"
	g := MigrationGroup{Name: "account/s", Product: Cloud}
	f, found := g.Change(member(c), Replacement{Kind: KindAPIToken, Email: "j@example.com"}).Findings.Code("api.delegate-version")
	if !found || f.Severity != SeverityError || !strings.Contains(f.Fix, "Access Token") {
		t.Errorf("it says %+v, %v", f, found)
	}
	if fs := g.Change(member(c), Replacement{Kind: KindAccessToken}).Findings; fs.HasErrors() {
		t.Errorf("an access token is refused too: %+v", fs)
	}
}

func TestAnAPITokenWithoutAnEmailIsNoRESTLogin(t *testing.T) {
	t.Parallel()
	g := MigrationGroup{Name: "account/s", Product: Cloud}
	c := g.Change(member(appPassword("c", "account.s")), Replacement{Kind: KindAPIToken})
	if f, found := c.Findings.Code("email.required"); !found || f.Field != QAPIEmail {
		t.Errorf("it says %+v", c.Findings)
	}
}

func TestTheScopesToTickAreThoseOfTheGroup(t *testing.T) {
	t.Parallel()
	withAPI := MigrationGroup{Product: Cloud, Members: []MigrationMember{member(appPassword("c", "account.s"))}}
	noAPI := appPassword("c", "account.s")
	noAPI.API = APIAccess{}
	without := MigrationGroup{Product: Cloud, Members: []MigrationMember{member(noAPI)}}
	required := func(g MigrationGroup, kind CredentialKind) (names []string) {
		for _, s := range g.Scopes(kind) {
			if s.Required {
				names = append(names, s.Tick)
			}
		}
		return names
	}
	if all := withAPI.Scopes(KindAPIToken); len(all) != 14 {
		t.Errorf("%d scopes, want the fourteen", len(all))
	}
	if got := required(withAPI, KindAPIToken); len(got) != 10 || slices.Contains(got, "read:me") {
		t.Errorf("needed with API access: %v", got)
	}
	if got := required(without, KindAPIToken); !slices.Equal(got, []string{"read:repository:bitbucket"}) {
		t.Errorf("needed without: %v", got)
	}
	for _, s := range withAPI.Scopes(KindAccessToken) {
		if strings.HasSuffix(s.Tick, ":bitbucket") || strings.Contains(s.Tick, "ssue") {
			t.Errorf("the page for access tokens has no %s", s.Tick)
		}
	}
	if got := (MigrationGroup{Product: DataCenter}).Scopes(KindHTTPAccessToken); got != nil {
		t.Errorf("Data Center has no scopes: %v", got)
	}
}

func TestARotationTakesTheSameKindAndWhateverIsRetiredABetterOne(t *testing.T) {
	t.Parallel()
	for old, want := range map[CredentialKind][]CredentialKind{
		KindAPIToken:    {KindAPIToken},
		KindAccessToken: {KindAccessToken},
		KindAppPassword: {KindAPIToken, KindAccessToken},
	} {
		plan := PlanRotation("account/s", []MigrationMember{member(appPassword("c", "account.s"))}, worldOf(SecretInfo{Name: "account/s", Kind: old}), nil)
		if got := plan.Groups[0].Kinds; !slices.Equal(got, want) {
			t.Errorf("%s is replaced by %v, want %v", old, got, want)
		}
	}
}

func TestTheKeyBehindAnSSHCredentialRotatesWithItsConnectors(t *testing.T) {
	t.Parallel()
	c := Connector{ID: "keys", URL: "git@bitbucket.org:acme/", ConnectionType: SSH, SSHKeyRef: "account.key"}
	w := worldOf(SecretInfo{Name: "account/key", Type: SecretSSHKey, File: "account/key_file"}, SecretInfo{Name: "account/key_file", Kind: KindSSHKey})
	plan := PlanRotation("account/key_file", []MigrationMember{member(c)}, w, nil)
	if g := plan.Groups[0]; len(g.Members) != 1 || !slices.Equal(g.Kinds, []CredentialKind{KindSSHKey}) {
		t.Errorf("the group is %+v", g)
	}
}

func TestWhatIsRecordedOfTheNewValue(t *testing.T) {
	t.Parallel()
	g := MigrationGroup{Name: "account/s", Known: true, Product: Cloud, User: "jdoe", Info: SecretInfo{
		Name: "account/s", Kind: KindAppPassword, Where: WhereVault, Username: "jdoe", Created: testNow.AddDate(-2, 0, 0), Length: 36,
	}}
	end := testNow.AddDate(1, 0, 0)
	got := g.NewInfo(Replacement{Value: NewSecret("0123456789"), Kind: KindAPIToken, Email: "j@example.com", Expires: end}, WhereKeyring, worldOf())
	want := SecretInfo{Name: "account/s", Kind: KindAPIToken, Where: WhereVault, Username: "jdoe", Email: "j@example.com", Created: testNow, Expires: end, Length: 10}
	if got != want {
		t.Errorf("recorded is %+v, want %+v", got, want)
	}
	if got := g.NewInfo(Replacement{Kind: KindAccessToken}, WhereKeyring, worldOf()); got.Username != UserAccessToken || got.Email != "" {
		t.Errorf("an access token is recorded as %+v", got)
	}
	if got := (MigrationGroup{Name: "account/t", Host: "bitbucket.org"}).NewInfo(Replacement{Kind: KindAPIToken}, WhereKeyring, worldOf()); got.Where != WhereKeyring || got.Type != SecretText || got.Host != "bitbucket.org" {
		t.Errorf("a secret that was not known is recorded as %+v", got)
	}
}

func TestSideNamesAreReferencesAndTellWhoseTheyAre(t *testing.T) {
	t.Parallel()
	for _, name := range []SecretName{"account/x", "org/acme/x", "project/acme/pay/x"} {
		for _, side := range []SecretName{StagedName(name), OldName(name)} {
			if _, _, ok := side.Split(); !ok {
				t.Errorf("%s is no name", side)
			}
			if of, ok := IsSideName(side); !ok || of != name {
				t.Errorf("%s is %s's, %v", side, of, ok)
			}
		}
		if _, ok := IsSideName(name); ok {
			t.Errorf("%s is no side name", name)
		}
	}
}

func TestALeftConnectorDiffersInItsReferencesAlone(t *testing.T) {
	t.Parallel()
	g := MigrationGroup{Name: "account/s"}
	before := appPassword("c", "account.s")
	after := g.LeftBehind(member(before))
	if after.PasswordRef != "account.s__old" || after.API.TokenRef != "account.s__old" {
		t.Errorf("it refers to %s and %s", after.PasswordRef, after.API.TokenRef)
	}
	after.PasswordRef, after.API.TokenRef = before.PasswordRef, before.API.TokenRef
	if asText(t, after) != asText(t, before) {
		t.Error("more than the references changed")
	}
}

// journalOf is a migration with one of every outcome.
func journalOf(t *testing.T) MigrationRecord {
	t.Helper()
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	m := func(unit int, id string, state MemberState, changed bool) MigratedMember {
		out := MigratedMember{Unit: unit, ID: id, Name: strings.ToUpper(id), State: state, Test: &TestRecord{Verdict: VerdictPass, At: at}}
		if changed {
			out.Answers = []AnswerChange{{QAPIMethod, "API access", "a", "b"}}
		}
		if state == MemberFailed || state == MemberForced {
			out.Problem = &Problem{Code: "repo.not-found", What: "There is no | such\nrepository."}
		}
		return out
	}
	return MigrationRecord{
		Version: MigrationVersion, Purpose: PurposeAppPasswords, StartedAt: at, State: MigrationGoing,
		Secrets: []MigratedSecret{
			{Unit: 0, State: UnitApplied, Name: "account/a", Old: KindAppPassword, User: "jdoe", After: SecretInfo{Kind: KindAPIToken, Expires: at.AddDate(1, 0, 0)}, Kept: true, HadValue: true},
			{Unit: 1, State: UnitStaged, Name: "account/b", Old: KindAppPassword, User: "ci", After: SecretInfo{Kind: KindAPIToken}, HadValue: true},
			{Unit: 2, State: UnitApplied, Name: "account/c", Old: KindAppPassword, After: SecretInfo{Kind: KindAccessToken}, HadValue: true},
		},
		Members: []MigratedMember{
			m(0, "one", MemberPassed, true), m(0, "two", MemberLeft, true), m(0, "three", MemberForced, false),
			m(1, "four", MemberFailed, true), m(1, "five", MemberUntested, true), m(2, "six", MemberPassed, true),
		},
	}
}

func TestAReportSaysWhatBecameOfEachAndWhatIsLeftToDo(t *testing.T) {
	t.Parallel()
	r := ReportOf(journalOf(t), testNow)
	if want := "2 secrets of 3 replaced, 2 connectors passed, 1 went on without passing, 1 left on the old value, 1 failed, 1 not tested."; r.Headline() != want {
		t.Errorf("the headline is\n%s\nwant\n%s", r.Headline(), want)
	}
	if r.State != "partly" {
		t.Errorf("the state is %s", r.State)
	}
	if want := []string{"The App Password that account.c held."}; !slices.Equal(r.Revoke, want) {
		t.Errorf("to revoke: %q; what somebody stays on is not", r.Revoke)
	}
	todo := strings.Join(r.InHarness, "\n")
	for _, want := range []string{
		"secret account.a", "secret account.c", "documents: one.", "documents: six.",
		"make the secret account.a__old with that value, and apply the changed documents: two.", "bbconnect export ID --format harness",
	} {
		if !strings.Contains(todo, want) {
			t.Errorf("nothing says %q in\n%s", want, todo)
		}
	}
	if strings.Contains(todo, "account.b") || strings.Count(todo, "two") != 1 {
		t.Errorf("what was not changed is to be done too:\n%s", todo)
	}
	text := r.Text()
	for _, want := range []string{"account.a   API token, expires 2027-11-22, user jdoe, old value kept as account.a__old", "left on the old value    two", "repo.not-found"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}
}

func TestTheMarkdownOfAReportCannotBreakItsTables(t *testing.T) {
	t.Parallel()
	text := ReportOf(journalOf(t), testNow).Markdown()
	for line := range strings.Lines(text) {
		if cells := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|"); strings.HasPrefix(line, "|") && cells != 4 {
			t.Errorf("%d bars in %q", cells, line)
		}
	}
	if !strings.Contains(text, "- [ ] Replace the value of the secret account.a") || !strings.HasPrefix(text, "# Off App Passwords\n") {
		t.Errorf("it is\n%s", text)
	}
}

func TestAJournalComesBackFromItsTextAsItWas(t *testing.T) {
	t.Parallel()
	before := journalOf(t)
	before.SecretsFile, before.Members[0].Document = []byte{0xff, 'a'}, DocumentChange{Key: "one", Before: []byte("a: \xfe\r\n"), After: []byte("b")}
	var after MigrationRecord
	if err := json.Unmarshal([]byte(asText(t, before)), &after); err != nil {
		t.Fatal(err)
	}
	if asText(t, after) != asText(t, before) || string(after.Members[0].Document.Before) != "a: \xfe\r\n" {
		t.Errorf("it is\n%s\nwant\n%s", asText(t, after), asText(t, before))
	}
	if units := after.Units(); !slices.Equal(units, []int{0, 1, 2}) || after.UnitState(1) != UnitStaged || after.UnitState(9) != UnitPlanned {
		t.Errorf("the units are %v", units)
	}
	if failed := after.Failed(-1); len(failed) != 1 || failed[0].ID != "four" || len(after.Failed(0)) != 0 || after.Applied() {
		t.Errorf("failed are %+v", failed)
	}
}
