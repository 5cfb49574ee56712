package sandbox

import (
	"net/http"
	"net/url"
	"strings"
)

// dcVersion is the Data Center the sandbox says it is.
const dcVersion = "9.4.16"

// dcCall is one REST request with everything its route needs.
type dcCall struct {
	s       *Sandbox
	r       *http.Request
	vars    map[string]string
	q       url.Values
	who     identity
	project *project
	repo    *repository
}

// dcRoute is one row of Data Center's REST API, below the base URL. A route
// with {key} needs the project, with {slug} the repository, at least as far as
// needs says.
type dcRoute struct {
	pattern string
	open    bool // answered without a credential too
	needs   permission
	answer  func(*dcCall) *Answer
}

// dcRoutes is the API as far as connectors need it; {v} is 1.0 or latest.
func dcRoutes() []dcRoute {
	const api, repo = "/rest/api/{v}", "/rest/api/{v}/projects/{key}/repos/{slug}"
	return []dcRoute{
		{"/status", true, noAccess, dcStatus},
		{api + "/application-properties", true, noAccess, dcProperties},
		{api + "/projects", true, noAccess, dcProjects},
		{api + "/projects/{key}", true, canRead, dcProject},
		{api + "/projects/{key}/repos", true, canRead, dcProjectRepositories},
		{api + "/repos", true, noAccess, dcRepositories},
		{api + "/users/{user}", false, noAccess, dcUser},
		{repo, true, canRead, dcRepository},
		{repo + "/branches", true, canRead, dcBranches},
		{repo + "/default-branch", true, canRead, dcDefaultBranch},
		{repo + "/webhooks", false, canAdmin, dcEmptyPage},
		{repo + "/pull-requests", true, canRead, dcEmptyPage},
		{repo + "/commits/{commit}/builds", true, canRead, dcEmptyPage},
		{"/rest/build-status/1.0/commits/{commit}", false, noAccess, dcEmptyPage},
		{"/rest/access-tokens/{v}/users/{user}", false, noAccess, dcEmptyPage},
		{"/rest/ssh/{v}/settings", true, noAccess, dcSSHSettings},
		{"/rest/authconfig/1.0/login-options", true, noAccess, dcLoginOptions},
		{"/rest/oauth2/1.0/client", false, noAccess, dcEmptyPage},
	}
}

// dataCenterREST answers everything at the Data Center that is not git.
func (s *Sandbox) dataCenterREST(r *http.Request) (*Answer, identity) {
	path, below := strings.CutPrefix(r.URL.Path, s.contextPath())
	if !below || path != "" && path[0] != '/' {
		return s.pageNotFound(), identity{}
	}
	if !strings.HasPrefix(path, "/rest/") && path != "/status" {
		a, who := s.servlet(path, readLogin(r))
		return s.stampDC(a, who), who
	}
	who, refusal := s.dcLogin(readLogin(r))
	if refusal != nil {
		return s.stampDC(refusal, who), who
	}
	for i := range s.dcRoutes {
		route := &s.dcRoutes[i]
		vars, ok := match(route.pattern, path)
		if v := vars["v"]; !ok || v != "" && v != "1.0" && v != "latest" {
			continue
		}
		call := &dcCall{s: s, r: r, vars: vars, q: r.URL.Query(), who: who}
		return s.stampDC(call.run(route), who), who
	}
	return s.stampDC(dcNoRoute(), who), who
}

// run applies a route's rules: somebody, somewhere, with the right.
func (c *dcCall) run(route *dcRoute) *Answer {
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodHead {
		return emptyAnswer(http.StatusMethodNotAllowed).with("Allow", "GET, HEAD")
	}
	if c.who.anonymous() && !route.open {
		return authenticationRequired()
	}
	if _, ok := c.vars["key"]; ok {
		if refusal := c.find(route.needs); refusal != nil {
			return refusal
		}
	}
	return route.answer(c)
}

// find looks up project and repository. What does not exist is 404; what is
// out of reach is 401, with another exception for nobody than for somebody.
func (c *dcCall) find(needs permission) *Answer {
	key, slug := c.vars["key"], c.vars["slug"]
	c.project = c.s.world.project(DataCenter, "", key)
	if c.project == nil || c.s.hiddenOwner(c.project.key) {
		return dcError(http.StatusNotFound, "Project "+key+" does not exist.", exNoProject)
	}
	if slug == "" {
		if c.who.onProject(c.project) >= needs || c.sees(c.project) {
			return nil
		}
		return c.forbidden()
	}
	c.repo = c.s.world.repository(DataCenter, key, slug)
	switch {
	case c.repo == nil || c.s.hiddenRepository(c.repo):
		return dcError(http.StatusNotFound, "Repository "+key+"/"+slug+" does not exist.", exNoRepository)
	case c.who.on(c.repo) < needs:
		return c.forbidden()
	}
	if to := c.s.movedTo(c.repo); to != "" {
		owner, name, _ := strings.Cut(to, "/")
		old, now := "/projects/"+key+"/repos/"+slug, "/projects/"+owner+"/repos/"+name
		return redirect(http.StatusTemporaryRedirect, c.s.base(c.r)+strings.Replace(strings.TrimPrefix(c.r.URL.Path, c.s.contextPath()), old, now, 1))
	}
	return nil
}

// sees reports whether a project holds a repository the caller can read, which
// makes the project itself visible.
func (c *dcCall) sees(p *project) bool {
	for _, r := range c.s.world.repositories {
		if r.product == DataCenter && r.owner == p.key && c.who.on(r) >= canRead {
			return true
		}
	}
	return false
}

// forbidden is 401 either way: the exception tells nobody from somebody.
func (c *dcCall) forbidden() *Answer {
	if c.who.anonymous() {
		return authenticationRequired()
	}
	return dcError(http.StatusUnauthorized, textNotPermitted, exAuthorisation)
}

// authenticationRequired is the answer to nobody.
func authenticationRequired() *Answer {
	return dcChallenge(dcError(http.StatusUnauthorized, textNotPermitted, exAuthRequired))
}

// dcNoRoute is an address below /rest that is none.
func dcNoRoute() *Answer {
	return rawAnswer(http.StatusNotFound, "application/json", `{"message":"HTTP 404 Not Found","status-code":404,"sub-code":-1}`)
}

// dcNoRouteXML is dcNoRoute in the words of 10.2.
func dcNoRouteXML() *Answer {
	return rawAnswer(http.StatusNotFound, "application/xml", `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><status><status-code>404</status-code><message>HTTP 404 Not Found</message></status>`)
}

// pageNotFound is what the servlet container says outside the context path: no
// Bitbucket header, no JSON.
func (s *Sandbox) pageNotFound() *Answer {
	return htmlAnswer(http.StatusNotFound, "<!doctype html><html lang=\"en\"><head><title>HTTP Status 404 – Not Found</title></head>\n<body><h1>HTTP Status 404 – Not Found</h1></body></html>\n")
}

// servlet answers the web pages. Tokens work only below /rest and /scm: here a
// Bearer token is sent to the login page, and a Basic pair is wrong and counts
// towards the CAPTCHA.
func (s *Sandbox) servlet(path string, l login) (*Answer, identity) {
	switch {
	case path == "/login":
		return htmlAnswer(http.StatusOK, loginHTML), identity{}
	case l.style == "basic":
		c := s.find(DataCenter, l.secret)
		if c != nil && c.Kind == KindPassword && strings.EqualFold(l.name, c.Owner) && !s.needsCaptcha(l.name) {
			who := s.as(c)
			return textAnswer(http.StatusOK, who.user.username), who
		}
		s.lockout.fail(l.name)
		return dcChallenge(htmlAnswer(http.StatusUnauthorized, loginHTML)), identity{}
	}
	return redirect(http.StatusFound, s.contextPath()+"/login?next="+url.QueryEscape(path)), identity{}
}

// base is the Data Center's base URL as this client sees it.
func (s *Sandbox) base(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host + s.contextPath()
}
