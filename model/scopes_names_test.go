package model

import (
	"slices"
	"strings"
	"testing"
)

func TestEveryScopeHasANameToTickForEachKindOfToken(t *testing.T) {
	t.Parallel()
	for _, s := range TokenScopes() {
		if got := s.TickName(KindAPIToken); got != s.Name {
			t.Errorf("%s: an API token ticks %q", s.Name, got)
		}
		got := s.TickName(KindAccessToken)
		if !s.Optional && (!strings.Contains(got, ": ") || strings.Contains(got, ":bitbucket")) {
			t.Errorf("%s: an access token ticks %q, which is on no page", s.Name, got)
		}
	}
	for legacy, want := range map[string]string{
		"repository": "Repositories: Read", "webhook": "Webhooks: Read and write", "pullrequest:write": "Pull requests: Write",
		"project": "Projects: Read", "something:new": "something:new", "": "",
	} {
		if got := PermissionName(legacy); got != want {
			t.Errorf("PermissionName(%q) = %q, want %q", legacy, got, want)
		}
	}
}

func TestRightsComeForEveryNeedInOneOrder(t *testing.T) {
	t.Parallel()
	want := []Need{"Git Experience", "triggers", "webhooks", "build statuses", "pull requests"}
	for name, granted := range map[string][]string{"nothing": nil, "all": strings.Split(ScopeList(), "\n"), "legacy": {"webhook"}} {
		var got []Need
		for _, r := range RightsOf(granted, KindAPIToken, nil) {
			got = append(got, r.Need)
			if r.Granted == nil || r.Missing == nil {
				t.Errorf("%s: %s has a list that is null in JSON", name, r.Need)
			}
			if len(r.Granted)+len(r.Missing) == 0 {
				t.Errorf("%s: %s takes nothing", name, r.Need)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: needs %q", name, got)
		}
	}
}

func TestRightsAreNamedAsTheKindIsTicked(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name             string
		granted          []string
		kind             CredentialKind
		need             Need
		has, lacks       []string
		withoutWorkspace bool
	}{
		{
			"webhooks of an API token",
			[]string{"read:webhook:bitbucket", "write:webhook:bitbucket"},
			KindAPIToken, NeedWebhooks,
			[]string{"read:webhook:bitbucket", "write:webhook:bitbucket"},
			[]string{"delete:webhook:bitbucket"},
			false,
		},
		{"webhooks of an access token, one name for three scopes", []string{"repository"}, KindAccessToken, NeedWebhooks, nil, []string{"Webhooks: Read and write"}, false},
		{"what writes reads", []string{"pullrequest:write"}, KindAccessToken, NeedPullRequests, []string{"Pull requests: Read", "Repositories: Read", "Pull requests: Write"}, nil, false},
		{"statuses take reading alone", []string{"repository"}, KindAccessToken, NeedStatuses, []string{"Repositories: Read"}, nil, false},
		{"granular writing does not read", []string{"write:repository:bitbucket"}, KindAPIToken, NeedStatuses, nil, []string{"read:repository:bitbucket"}, false},
		{
			"Git Experience of a repository's token",
			[]string{"pullrequest:write"},
			KindAccessToken, NeedGitExperience,
			[]string{"Repositories: Read", "Repositories: Write", "Pull requests: Write"},
			nil, true,
		},
	} {
		can := func(s TokenScope) bool {
			return !tc.withoutWorkspace || !slices.Contains(s.Legacy, "account") && !slices.Contains(s.Legacy, "project")
		}
		rights := RightsOf(tc.granted, tc.kind, can)
		i := slices.IndexFunc(rights, func(r Right) bool { return r.Need == tc.need })
		if !slices.Equal(rights[i].Granted, tc.has) || !slices.Equal(rights[i].Missing, tc.lacks) {
			t.Errorf("%s: granted %q, missing %q; want %q, %q", tc.name, rights[i].Granted, rights[i].Missing, tc.has, tc.lacks)
		}
	}
}

func TestIssueScopesAreNeverMissingForANeed(t *testing.T) {
	t.Parallel()
	for _, kind := range []CredentialKind{KindAPIToken, KindAccessToken} {
		for _, r := range RightsOf(nil, kind, nil) {
			for _, name := range append(r.Missing, r.Granted...) {
				if strings.Contains(strings.ToLower(name), "issue") {
					t.Errorf("%s of %s asks for %s", r.Need, kind, name)
				}
			}
		}
	}
}
