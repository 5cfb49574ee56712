package model

import "slices"

// permissionNames are the words of Bitbucket Cloud's pages for access tokens,
// by the scope each stands for (support.atlassian.com: Repository, Project and
// Workspace Access Token permissions).
var permissionNames = map[string]string{
	"repository":        "Repositories: Read",
	"repository:write":  "Repositories: Write",
	"repository:admin":  "Repositories: Admin",
	"repository:delete": "Repositories: Delete",
	"pullrequest":       "Pull requests: Read",
	"pullrequest:write": "Pull requests: Write",
	"webhook":           "Webhooks: Read and write",
	"project":           "Projects: Read",
	"project:admin":     "Projects: Admin",
	"account":           "Account: Read",
	"pipeline":          "Pipelines: Read",
	"pipeline:write":    "Pipelines: Write",
}

// PermissionName is what a person ticks on Bitbucket Cloud's page for access
// tokens to get a legacy scope: "Repositories: Read" for repository. Names the
// page does not have come back as they are.
func PermissionName(legacy string) string {
	if name, ok := permissionNames[legacy]; ok {
		return name
	}
	return legacy
}

// TickName is what a person ticks for this scope when making a credential of
// the kind: the scope's own name for an API token, the permission that covers
// it for an access token.
func (s TokenScope) TickName(kind CredentialKind) string {
	if kind == KindAccessToken && len(s.Legacy) > 0 {
		return PermissionName(s.Legacy[0])
	}
	return s.Name
}

// APINeeds lists what API access is for, in the order it is always shown.
func APINeeds() []Need {
	return []Need{NeedGitExperience, NeedTriggers, NeedWebhooks, NeedStatuses, NeedPullRequests}
}

// RightsOf compares the scopes a Cloud credential was granted with what each
// need of API access takes, by the names to tick for the kind. canHave, which
// may be nil, leaves out scopes a credential of this sort is never given.
// Optional scopes belong to no need.
func RightsOf(granted []string, kind CredentialKind, canHave func(TokenScope) bool) []Right {
	have := GrantedScopes(granted)
	rights := make([]Right, 0, len(APINeeds()))
	for _, need := range APINeeds() {
		right := Right{Need: need, Granted: []string{}, Missing: []string{}}
		for _, s := range tokenScopes {
			if !slices.Contains(s.Needs, need) || canHave != nil && !canHave(s) {
				continue
			}
			list := &right.Missing
			if s.coveredBy(have) {
				list = &right.Granted
			}
			if name := s.TickName(kind); !slices.Contains(*list, name) {
				*list = append(*list, name)
			}
		}
		rights = append(rights, right)
	}
	return rights
}
