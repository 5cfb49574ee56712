package model

import (
	"slices"
	"strings"
)

// Need is something a connector does that a token must allow.
type Need string

// The needs, as the settings reference lists what API access is for.
const (
	NeedSignIn        Need = "sign in"
	NeedClone         Need = "clone"
	NeedGitExperience Need = "Git Experience"
	NeedTriggers      Need = "triggers"
	NeedWebhooks      Need = "webhooks"
	NeedStatuses      Need = "build statuses"
	NeedPullRequests  Need = "pull requests"
)

// TokenScope is one scope of an API token.
type TokenScope struct {
	// Name is what Bitbucket calls it: read:repository:bitbucket.
	Name string
	// For is a short phrase of what it allows.
	For string
	// Needs are what stops working without it; none for the optional ones and for
	// read:me, which no call of Bitbucket's own API asks for.
	Needs []Need
	// Optional scopes are in the list that is copied and warn when missing:
	// Bitbucket ended issues on 2026-08-20.
	Optional bool
	// Legacy are scopes of access tokens and OAuth that allow the same.
	Legacy []string
}

// tokenScopes are the fourteen of the settings reference ("Create an API
// token"), in its order. What covers each comes from Bitbucket Cloud's OpenAPI
// document (x-atlassian-oauth2-scopes).
var tokenScopes = []TokenScope{
	{"read:issue:bitbucket", "read issues", nil, true, []string{"issue"}},
	{"read:me", "see whose token it is", nil, false, []string{"account"}},
	{"read:project:bitbucket", "list projects", []Need{NeedGitExperience}, false, []string{"project"}},
	{"read:pullrequest:bitbucket", "read pull requests", []Need{NeedTriggers, NeedPullRequests}, false, []string{"pullrequest"}},
	{"read:repository:bitbucket", "clone, read files and commits, set build statuses", []Need{NeedClone, NeedGitExperience, NeedTriggers, NeedStatuses, NeedPullRequests}, false, []string{"repository"}},
	{"read:user:bitbucket", "sign in and read the user", []Need{NeedSignIn}, false, []string{"account"}},
	{"read:webhook:bitbucket", "read webhooks", []Need{NeedTriggers, NeedWebhooks}, false, []string{"webhook"}},
	{"read:workspace:bitbucket", "list workspaces and their repositories", []Need{NeedSignIn, NeedGitExperience}, false, []string{"account"}},
	{"write:webhook:bitbucket", "create webhooks", []Need{NeedTriggers, NeedWebhooks}, false, []string{"webhook"}},
	{"write:issue:bitbucket", "change issues", nil, true, []string{"issue:write"}},
	{"write:repository:bitbucket", "push, save files from Harness", []Need{NeedGitExperience}, false, []string{"repository:write"}},
	{"write:pullrequest:bitbucket", "open and merge pull requests", []Need{NeedGitExperience, NeedPullRequests}, false, []string{"pullrequest:write"}},
	{"delete:issue:bitbucket", "delete issues", nil, true, []string{"issue:write"}},
	{"delete:webhook:bitbucket", "remove webhooks", []Need{NeedWebhooks}, false, []string{"webhook"}},
}

// legacyImplies are the direct implications among legacy scopes. The granular
// ones imply nothing, write not even read (Bitbucket Cloud OpenAPI, narrative).
var legacyImplies = map[string][]string{
	"repository:write":  {"repository"},
	"pullrequest":       {"repository"},
	"pullrequest:write": {"pullrequest", "repository:write"},
	"project":           {"repository"},
	"project:write":     {"project"},
	"issue:write":       {"issue"},
	"account:write":     {"account"},
}

// TokenScopes lists the fourteen scopes of the settings reference. The result
// is the caller's own.
func TokenScopes() []TokenScope {
	out := slices.Clone(tokenScopes)
	for i, s := range out {
		out[i].Needs, out[i].Legacy = slices.Clone(s.Needs), slices.Clone(s.Legacy)
	}
	return out
}

// ScopeList is the fourteen names as text to copy, one on each line, without a
// last line break.
func ScopeList() string {
	names := make([]string, len(tokenScopes))
	for i, s := range tokenScopes {
		names[i] = s.Name
	}
	return strings.Join(names, "\n")
}

// ParseScopes reads X-OAuth-Scopes, X-Accepted-OAuth-Scopes and pasted lists:
// names between commas, blanks or line breaks, lower case, without repeats, at
// most 200. Server text is hostile: what is no scope's name is dropped.
func ParseScopes(header string) []string {
	var out []string
	for name := range strings.FieldsFuncSeq(strings.ToLower(header), func(c rune) bool {
		return c == ',' || c == ';' || c == ' ' || c == '\t' || c == '\n' || c == '\r'
	}) {
		if len(out) < 200 && isScopeName(name) && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func isScopeName(name string) bool {
	if len(name) > 64 {
		return false
	}
	for _, c := range name {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.ContainsRune(":-_.", c)) {
			return false
		}
	}
	return true
}

// GrantedScopes adds to legacy scopes everything they imply; granular ones
// stand as they are. Each name once, those given first.
func GrantedScopes(granted []string) []string {
	out := []string{}
	queue := slices.Clone(granted)
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		if !slices.Contains(out, name) {
			out = append(out, name)
			queue = append(queue, legacyImplies[name]...)
		}
	}
	return out
}

// MissingScopes lists the scopes that the given needs ask for and that are not
// granted, by their own name or by a legacy one that covers it. Without needs
// all fourteen are asked for, the optional ones included. NeedSignIn is about
// user tokens: access tokens are no user and have no scope for it.
func MissingScopes(granted []string, needs ...Need) []TokenScope {
	have := GrantedScopes(granted)
	var missing []TokenScope
	for _, s := range TokenScopes() {
		asked := len(needs) == 0 || slices.ContainsFunc(s.Needs, func(n Need) bool { return slices.Contains(needs, n) })
		if asked && !s.coveredBy(have) {
			missing = append(missing, s)
		}
	}
	return missing
}

func (s TokenScope) coveredBy(have []string) bool {
	if slices.Contains(have, s.Name) {
		return true
	}
	return slices.ContainsFunc(s.Legacy, func(l string) bool { return slices.Contains(have, l) })
}
