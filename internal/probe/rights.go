package probe

import (
	"net/http"
	"slices"
	"strings"

	"bbconnect/model"
)

// ticks is the kind of credential by which scopes are named to the person: by
// the server's word, else by the token's shape.
func (f *facts) ticks() model.CredentialKind {
	c := f.credential()
	if strings.HasSuffix(c, "_access_token") || c == "" && f.restKind == model.KindAccessToken {
		return model.KindAccessToken
	}
	return model.KindAPIToken
}

// grants are the scopes of the REST credential: X-OAuth-Scopes of an answer
// that took it, else the list a refusal holds. known is false where no answer
// tells.
func (f *facts) grants() (granted []string, known bool) {
	for _, a := range f.restAnswers() {
		if a.scoped && (a.good() || a.status == http.StatusForbidden) {
			return a.scopes, true
		}
	}
	for _, a := range f.restAnswers() {
		if len(a.required) > 0 && len(a.granted) > 0 {
			return a.granted, true
		}
	}
	return nil, false
}

// missingScopes compares what the REST credential may do with the fourteen
// scopes of the settings reference: required ones, and those that nothing
// needs, by the names to tick. A refusal names only some of what is missing
// (fork-dev/Tracker#2617), headers name what was granted; the union of both is
// what has to be ticked. With API access off only cloning counts. An access
// token is no user, so it lacks nothing by not being able to sign in as one. It
// reads the REST API's answers alone, since git may still be under way.
func (f *facts) missingScopes() (required, optional []string) { return f.missingIn(f.restAnswers()) }

// missingIn is missingScopes with the refusals among the given answers.
func (f *facts) missingIn(answers []answer) (required, optional []string) {
	kind := f.ticks()
	granted, known := f.grants()
	if known {
		for _, s := range model.MissingScopes(granted) {
			switch {
			case !f.canHave(s):
			case s.Optional || len(s.Needs) == 0:
				optional = include(optional, s.TickName(kind))
			case f.counts || slices.Contains(s.Needs, model.NeedClone):
				required = include(required, s.TickName(kind))
			}
		}
	}
	for _, a := range answers {
		for _, name := range a.required {
			if !covers(slices.Concat(granted, a.granted), name) {
				required = include(required, tickName(name, kind))
			}
		}
	}
	return required, slices.DeleteFunc(optional, func(s string) bool { return slices.Contains(required, s) })
}

// toTick are the scopes a problem names: those known to be missing, else what
// the refusal's own headers ask for, else the optional ones, else what cloning
// takes.
func (f *facts) toTick(a answer) []string {
	required, optional := f.missingIn(append(f.restAnswers(), f.git))
	if len(required) > 0 {
		return required
	}
	var asked []string
	if a.status == http.StatusForbidden {
		for _, name := range a.accepted {
			asked = include(asked, tickName(name, f.ticks()))
		}
	}
	switch {
	case len(asked) > 0:
		return asked
	case len(optional) > 0:
		return optional
	}
	s, _ := scopeOf("repository")
	return []string{s.TickName(f.ticks())}
}

// include appends a name that is not there yet.
func include(list []string, name string) []string {
	if slices.Contains(list, name) {
		return list
	}
	return append(list, name)
}

// scopeOf finds a scope by its own name, or by the legacy one it goes by.
func scopeOf(name string) (model.TokenScope, bool) {
	all := model.TokenScopes()
	i := slices.IndexFunc(all, func(s model.TokenScope) bool { return s.Name == name })
	if i < 0 {
		i = slices.IndexFunc(all, func(s model.TokenScope) bool { return slices.Contains(s.Legacy, name) })
	}
	if i < 0 {
		return model.TokenScope{}, false
	}
	return all[i], true
}

// tickName is what to tick for a scope a server asks for by either name.
func tickName(name string, kind model.CredentialKind) string {
	if s, ok := scopeOf(name); ok {
		return s.TickName(kind)
	}
	return model.PermissionName(name)
}

// covers reports whether the granted scopes hold a scope that is asked for by
// either of its names.
func covers(granted []string, name string) bool {
	if slices.Contains(model.GrantedScopes(granted), name) {
		return true
	}
	s, ok := scopeOf(name)
	return ok && !slices.ContainsFunc(model.MissingScopes(granted), func(m model.TokenScope) bool { return m.Name == s.Name })
}

// canHave reports whether a credential of this sort can be given the scope:
// access tokens are no user and are not offered the issues that ended, one
// repository's token is not offered the project.
func (f *facts) canHave(s model.TokenScope) bool {
	switch {
	case f.ticks() != model.KindAccessToken:
		return true
	case f.credential() == credentialRepo && slices.Contains(s.Legacy, "project"):
		return false
	}
	return !aboutUser(s) && !s.Optional
}

// aboutUser reports whether only a person's token can have the scope.
func aboutUser(s model.TokenScope) bool {
	return slices.Contains(s.Needs, model.NeedSignIn) || slices.Equal(s.Legacy, []string{"account"})
}

// rights say what the token may do of what API access is for. Nothing is said
// with API access off, or where no answer told.
func (f *facts) rights() []model.Right {
	switch granted, known := f.grants(); {
	case !f.counts:
		return nil
	case f.isDataCenter():
		return f.serverRights()
	case !known:
		return nil
	default:
		return model.RightsOf(granted, f.ticks(), f.canHave)
	}
}

// The permissions of Data Center, as its page for HTTP access tokens calls
// them (confluence.atlassian.com, "HTTP access tokens").
const (
	repositoryRead  = "Repository read"
	repositoryWrite = "Repository write"
	repositoryAdmin = "Repository admin"
)

// serverRights are what answers prove, since Data Center states no scopes: the
// repository takes read permission, its webhooks administration, which includes
// the others. A need is left out where one of its permissions is not proven
// either way; nobody is asked for more than the test asks anyway.
func (f *facts) serverRights() []model.Right {
	if !f.signedIn() || !f.repository.good() {
		return nil
	}
	admin, denied := f.hooks.good(), f.hooksDenied()
	needs := map[model.Need][]string{
		model.NeedGitExperience: {repositoryRead, repositoryWrite},
		model.NeedTriggers:      {repositoryRead, repositoryAdmin},
		model.NeedWebhooks:      {repositoryAdmin},
		model.NeedStatuses:      {repositoryRead},
		model.NeedPullRequests:  {repositoryRead, repositoryWrite},
	}
	var out []model.Right
	for _, need := range model.APINeeds() {
		right, proven := model.Right{Need: need, Granted: []string{}, Missing: []string{}}, true
		for _, permission := range needs[need] {
			switch {
			case permission == repositoryRead || admin:
				right.Granted = append(right.Granted, permission)
			case permission == repositoryAdmin && denied:
				right.Missing = append(right.Missing, permission)
			default:
				proven = false
			}
		}
		if proven {
			out = append(out, right)
		}
	}
	return out
}

// missingByNeed lists the missing scopes by what stops working without them;
// "" when nothing required is missing.
func (f *facts) missingByNeed() string {
	required, _ := f.missingScopes()
	if len(required) == 0 {
		return ""
	}
	var parts, told []string
	for _, r := range f.rights() {
		if len(r.Missing) > 0 {
			parts = append(parts, string(r.Need)+": "+strings.Join(r.Missing, ", "))
			told = append(told, r.Missing...)
		}
	}
	rest := slices.DeleteFunc(slices.Clone(required), func(s string) bool { return slices.Contains(told, s) })
	switch {
	case len(rest) > 0 && len(parts) > 0:
		parts = append(parts, "besides: "+strings.Join(rest, ", "))
	case len(rest) > 0:
		parts = append(parts, strings.Join(rest, ", "))
	}
	return "missing for " + strings.Join(parts, "; ")
}
