package sandbox

import (
	"net/http"
	"net/url"
	"strings"
)

// cloudCall is one REST request with everything its route needs.
type cloudCall struct {
	s    *Sandbox
	path string
	vars map[string]string
	q    url.Values
	who  identity
	repo *repository // set for routes below a repository
}

// cloudRoute is one row of Cloud's REST API.
type cloudRoute struct {
	pattern  string
	legacy   []string // scopes by their legacy names: access tokens
	granular []string // scopes of API tokens
	users    bool     // closed to access tokens: they get the "mechanism" 403
	open     bool     // answered without a credential too
	answer   func(*cloudCall) *Answer
}

// cloudRoutes is the API as far as connectors, and people who look at them,
// need it. Only reading is served.
func cloudRoutes() []cloudRoute {
	one := func(scope string) []string { return []string{scope} }
	account, repository, pullrequest := one("account"), one("repository"), one("pullrequest")
	user, ws, repo := one("read:user:bitbucket"), one("read:workspace:bitbucket"), one("read:repository:bitbucket")
	const r = "/2.0/repositories/{ws}/{slug}"
	return []cloudRoute{
		{"/2.0/user", account, user, true, false, cloudUser},
		{"/2.0/user/emails", one("email"), user, true, false, cloudEmails},
		{"/2.0/user/workspaces", account, ws, true, false, cloudUserWorkspaces},
		{"/2.0/user/workspaces/{ws}/permission", account, ws, true, false, cloudUserPermission},
		{"/2.0/user/workspaces/{ws}/permissions/repositories", account, ws, true, false, cloudUserRepositories},
		{"/2.0/user/permissions/workspaces", nil, nil, false, true, removedEndpoint},
		{"/2.0/user/permissions/repositories", nil, nil, false, true, removedEndpoint},
		{"/2.0/workspaces", nil, nil, false, true, removedEndpoint},
		{"/2.0/repositories", nil, nil, false, true, removedEndpoint},
		{"/2.0/workspaces/{ws}", nil, ws, false, false, cloudWorkspace},
		{"/2.0/workspaces/{ws}/projects", one("project"), one("read:project:bitbucket"), false, false, cloudProjects},
		{"/2.0/workspaces/{ws}/projects/{key}", one("project"), one("read:project:bitbucket"), false, false, cloudProject},
		{"/2.0/repositories/{ws}", repository, repo, false, true, cloudRepositories},
		{r, repository, repo, false, true, cloudRepository},
		{r + "/refs/branches", repository, repo, false, true, cloudBranches},
		{r + "/commit/{node}/statuses", repository, repo, false, true, cloudNothing(100)},
		{r + "/pullrequests", pullrequest, one("read:pullrequest:bitbucket"), false, true, cloudNothing(50)},
		{r + "/hooks", one("webhook"), one("read:webhook:bitbucket"), false, false, cloudHooks},
	}
}

// cloudREST answers api.bitbucket.org.
func (s *Sandbox) cloudREST(r *http.Request) (*Answer, identity) {
	if r.URL.Path != "/2.0" && !strings.HasPrefix(r.URL.Path, "/2.0/") {
		return cloudError(http.StatusForbidden, "Forbidden"), identity{}
	}
	who, refusal := s.cloudLogin(readLogin(r))
	if refusal != nil {
		return refusal, identity{}
	}
	for i := range s.cloudRoutes {
		route := &s.cloudRoutes[i]
		if vars, ok := match(route.pattern, r.URL.Path); ok {
			call := &cloudCall{s: s, path: r.URL.Path, vars: vars, q: r.URL.Query(), who: who}
			return describe(s.cloudRoute(route, call, r.Method), who, route.legacy), who
		}
	}
	return describe(noSuchResource(), who, nil), who
}

// cloudRoute applies a route's rules in the order the service does: who may ask
// at all, with which scopes, and only then for what.
func (s *Sandbox) cloudRoute(route *cloudRoute, call *cloudCall, method string) *Answer {
	who := call.who
	switch {
	case method != http.MethodGet && method != http.MethodHead:
		return cloudError(http.StatusMethodNotAllowed, "The sandbox only reads").with("Allow", "GET, HEAD")
	case who.anonymous() && !route.open:
		return cloudUnauthorized(emptyAnswer(0))
	case route.users && !who.anonymous() && who.user == nil:
		return cloudError(http.StatusForbidden, textMechanism)
	case !who.anonymous() && !who.cred.holds(route.granular, route.legacy):
		if who.cred.Kind == KindAPIToken {
			return lacksScopes(who.cred.Scopes, route.granular)
		}
		return lacksScopes(who.cred.Scopes, route.legacy)
	}
	if _, below := call.vars["slug"]; below {
		if refusal := call.findRepository(); refusal != nil {
			return refusal
		}
	}
	return route.answer(call)
}

// findRepository looks up the repository of a call. Missing and invisible are
// one answer; a moved one is a redirect to where it lives.
func (c *cloudCall) findRepository() *Answer {
	repo := c.s.visible(Cloud, c.vars["ws"], c.vars["slug"], c.who)
	if repo == nil {
		return cloudError(http.StatusNotFound, textNoAccess)
	}
	if to := c.s.movedTo(repo); to != "" {
		old := "/" + c.vars["ws"] + "/" + c.vars["slug"]
		return redirect(http.StatusMovedPermanently, "https://api.bitbucket.org"+strings.Replace(c.path, old, "/"+to, 1))
	}
	c.repo = repo
	return nil
}

// visible is the repository an identity can read, or nil.
func (s *Sandbox) visible(product Product, owner, slug string, who identity) *repository {
	repo := s.world.repository(product, owner, slug)
	if repo == nil || s.hiddenOwner(repo.owner) || s.hiddenRepository(repo) || who.on(repo) < canRead {
		return nil
	}
	return repo
}

// hiddenOwner reports a workspace or project the scenario takes away.
func (s *Sandbox) hiddenOwner(owner string) bool {
	return containsAll(s.faults().hideOwners, []string{owner})
}

// hiddenRepository reports a repository the scenario takes away.
func (s *Sandbox) hiddenRepository(r *repository) bool {
	return containsAll(s.faults().hideRepos, []string{r.fullName()})
}

// movedTo is "owner/slug" of where a repository lives now; empty for here.
func (s *Sandbox) movedTo(r *repository) string {
	if to := s.faults().moved[r.fullName()]; to != "" {
		return to
	}
	return r.movedTo
}
