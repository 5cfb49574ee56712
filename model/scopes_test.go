package model

import (
	"slices"
	"strings"
	"testing"
)

func scopeNames(scopes []TokenScope) []string {
	out := []string{}
	for _, s := range scopes {
		out = append(out, s.Name)
	}
	return out
}

func TestTheFourteenScopesAreThoseOfTheSettingsReference(t *testing.T) {
	t.Parallel()
	want := []string{
		"read:issue:bitbucket", "read:me", "read:project:bitbucket", "read:pullrequest:bitbucket", "read:repository:bitbucket",
		"read:user:bitbucket", "read:webhook:bitbucket", "read:workspace:bitbucket", "write:webhook:bitbucket", "write:issue:bitbucket",
		"write:repository:bitbucket", "write:pullrequest:bitbucket", "delete:issue:bitbucket", "delete:webhook:bitbucket",
	}
	if got := strings.Split(ScopeList(), "\n"); !slices.Equal(got, want) {
		t.Errorf("the list to copy is %q", got)
	}
	if got := scopeNames(TokenScopes()); !slices.Equal(got, want) {
		t.Errorf("the table is %q", got)
	}
	for _, s := range TokenScopes() {
		if s.For == "" || len(s.Legacy) == 0 {
			t.Errorf("%s says not what it is for, or what covers it", s.Name)
		}
		if s.Optional != strings.Contains(s.Name, ":issue:") || (s.Optional && len(s.Needs) > 0) {
			t.Errorf("%s: only issues are optional", s.Name)
		}
	}
}

func TestTheTableOfScopesCannotBeChangedFromOutside(t *testing.T) {
	t.Parallel()
	mine := TokenScopes()
	mine[4].Name, mine[4].Needs[0], mine[4].Legacy[0] = "x", "x", "x"
	if again := TokenScopes()[4]; again.Name == "x" || again.Needs[0] == "x" || again.Legacy[0] == "x" {
		t.Error("a caller changed the table")
	}
}

func TestMissingScopesAreNamedEach(t *testing.T) {
	t.Parallel()
	all := strings.Split(ScopeList(), "\n")
	for _, tc := range []struct {
		name    string
		granted []string
		needs   []Need
		want    []string
	}{
		{"everything granted", all, nil, []string{}},
		{"nothing granted", nil, nil, all},
		{"a clone needs to read", nil, []Need{NeedClone}, []string{"read:repository:bitbucket"}},
		{"write does not imply read", []string{"write:repository:bitbucket"}, []Need{NeedClone}, []string{"read:repository:bitbucket"}},
		{"admin does not clone", []string{"admin:repository:bitbucket"}, []Need{NeedClone}, []string{"read:repository:bitbucket"}},
		{"signing in needs the user", []string{"read:repository:bitbucket"}, []Need{NeedSignIn}, []string{"read:user:bitbucket", "read:workspace:bitbucket"}},
		{"webhooks need three", nil, []Need{NeedWebhooks}, []string{"read:webhook:bitbucket", "write:webhook:bitbucket", "delete:webhook:bitbucket"}},
		{"legacy webhook is all three", []string{"webhook"}, []Need{NeedWebhooks}, []string{}},
		{"legacy write reads", []string{"repository:write"}, []Need{NeedClone, NeedStatuses}, []string{}},
		{"legacy pull requests clone", []string{"pullrequest"}, []Need{NeedClone}, []string{}},
		{"legacy pull request writing pushes", []string{"pullrequest:write"}, []Need{NeedPullRequests, NeedClone}, []string{}},
		{"legacy admin implies nothing", []string{"repository:admin"}, []Need{NeedClone}, []string{"read:repository:bitbucket"}},
		{"statuses need to read alone", []string{"read:repository:bitbucket"}, []Need{NeedStatuses}, []string{}},
		{"issues are asked for only with all", []string{"read:repository:bitbucket"}, []Need{NeedClone, NeedStatuses}, []string{}},
	} {
		if got := scopeNames(MissingScopes(tc.granted, tc.needs...)); !slices.Equal(got, tc.want) {
			t.Errorf("%s: missing %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestGrantingMoreNeverMissesMore(t *testing.T) {
	t.Parallel()
	all := append(strings.Split(ScopeList(), "\n"), "repository", "repository:write", "pullrequest:write", "webhook", "account", "project", "issue:write")
	var granted []string
	before := len(MissingScopes(nil))
	for _, name := range all {
		granted = append(granted, name)
		after := len(MissingScopes(granted))
		if after > before {
			t.Errorf("with %s %d are missing instead of %d", name, after, before)
		}
		before = after
	}
	if before != 0 {
		t.Errorf("%d missing with everything granted", before)
	}
}

func TestScopeHeadersAreReadWithCare(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		header string
		want   []string
	}{
		{"", nil},
		{"read:repository:bitbucket, read:me", []string{"read:repository:bitbucket", "read:me"}},
		{"repository:write,webhook", []string{"repository:write", "webhook"}},
		{"Repository  repository\nwebhook;", []string{"repository", "webhook"}},
		{"\x1b[31mx, <b>, ok", []string{"ok"}},
		{strings.Repeat("a", 65) + " b", []string{"b"}},
	} {
		if got := ParseScopes(tc.header); !slices.Equal(got, tc.want) {
			t.Errorf("%q: %q", tc.header, got)
		}
	}
	long := ""
	for i := range 400 {
		long += "s" + strings.Repeat("x", i%40) + string(rune('a'+i/40)) + " "
	}
	if got := ParseScopes(long); len(got) > 200 {
		t.Errorf("%d scopes", len(got))
	}
	if got := ParseScopes(ScopeList()); len(got) != 14 {
		t.Errorf("the list to copy reads as %d", len(got))
	}
}
