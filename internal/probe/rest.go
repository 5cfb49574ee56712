package probe

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"bbconnect/model"
)

// restCall asks the REST API for one address with the connector's credential.
func (t *test) restCall(ctx context.Context, w *wire, check, address string) answer {
	a := w.get(ctx, address, t.facts.restLogin, http.Header{"Accept": {"application/json"}, "User-Agent": {"bbconnect"}}, nil)
	a.check = check
	return a
}

// rest holds the conversation with the REST API. Where API access is off it
// comes only after git has failed, to find the reason, and shows no checks.
func (t *test) rest(ctx context.Context) {
	w := newWire(t.opts, t.trusted, t.secrets)
	defer w.close()
	t.stream.start(checkREST)
	if t.to.Product == model.Cloud {
		t.restCloud(ctx, w)
	} else {
		t.restDataCenter(ctx, w)
	}
}

// restCloud asks in the order that splits causes with at most four calls.
// /2.0/workspaces and /2.0/repositories are not among them: Atlassian removed
// them on 2026-04-14 (CHANGE-2770).
func (t *test) restCloud(ctx context.Context, w *wire) {
	f := &t.facts
	f.user = t.restCall(ctx, w, checkREST, t.to.rest+"/user")
	if !t.endSignIn(f.user, f.user.good() || f.user.status == http.StatusForbidden && !f.user.noScopes && !f.user.html) {
		return
	}
	t.stream.start(checkRepository)
	if t.to.URLType == model.URLAccount && t.to.owner != "" {
		f.listing = t.restCall(ctx, w, checkRepository, t.to.rest+"/repositories/"+url.PathEscape(t.to.owner)+"?pagelen=1")
		f.listing.listed = true
	}
	f.repository = t.restCall(ctx, w, checkRepository, t.to.restRepository())
	if f.repository.status == http.StatusNotFound {
		f.workspace = t.restCall(ctx, w, checkRepository, t.to.rest+"/workspaces/"+url.PathEscape(t.to.owner))
		f.workspace.workspace = true
	}
	t.endRepository(f.repository)
	if !f.repository.good() {
		t.stream.end(checkScopes, model.CheckSkip, "", "not tried")
		return
	}
	t.stream.start(checkScopes)
	f.hooks = t.restCall(ctx, w, checkScopes, t.to.restRepository()+"/hooks?pagelen=1")
	t.endScopes()
}

// restDataCenter begins with application-properties, which answers anybody:
// its X-AUSERNAME tells whether the credential was accepted.
func (t *test) restDataCenter(ctx context.Context, w *wire) {
	f := &t.facts
	f.properties = t.restCall(ctx, w, checkREST, t.to.rest+"/application-properties")
	p := f.properties
	right := p.good() && p.text("version") != ""
	if !right && !p.dead() && !p.refused() {
		t.findDataCenter(ctx, w)
	}
	if !right {
		t.endSignIn(p, false)
		return
	}
	if named(p.user) {
		t.stream.signedIn()
	}
	f.repository = t.restCall(ctx, w, checkRepository, t.to.restRepository())
	if t.to.URLType == model.URLAccount && f.repository.good() {
		// What Harness itself calls for its test of API access.
		f.listing = t.restCall(ctx, w, checkRepository, t.to.rest+"/repos?limit=1&permission=REPO_READ")
		f.listing.listed = true
	}
	if !t.endSignIn(f.repository, f.signedIn()) {
		return
	}
	t.stream.start(checkRepository)
	t.endRepository(f.repository)
	if !f.repository.good() {
		t.stream.end(checkScopes, model.CheckSkip, "", "not tried")
		return
	}
	t.stream.start(checkScopes)
	f.hooks = t.restCall(ctx, w, checkScopes, t.to.restRepository()+"/webhooks?limit=1")
	t.endScopes()
}

// contextPaths are where administrators put Data Center when not at the root.
var contextPaths = [...]string{"", "/bitbucket", "/stash", "/git"}

// findDataCenter looks for the server where the address did not find it: its
// own state when it is starting, and its API under the usual context paths.
// No credential goes along, since the answers are for anybody.
func (t *test) findDataCenter(ctx context.Context, w *wire) {
	f := &t.facts
	root := t.to.rest[:len(t.to.rest)-len("/rest/api/1.0")]
	if f.properties.status >= http.StatusInternalServerError {
		f.status = w.get(ctx, root+"/status", login{}, nil, nil)
		return
	}
	if f.properties.status != http.StatusNotFound && !f.properties.html {
		return
	}
	bare := root[:len(root)-len(t.to.Context)]
	for _, path := range contextPaths {
		if path == t.to.Context || ctx.Err() != nil {
			continue
		}
		a := w.get(ctx, bare+path+"/rest/api/1.0/application-properties", login{}, nil, nil)
		if a.good() && a.text("version") != "" && a.text("displayName") != "" {
			f.context, f.contextFound = path, true
			return
		}
	}
}

// endSignIn ends the check of signing in; the rest is not tried when it
// failed.
func (t *test) endSignIn(a answer, ok bool) bool {
	if a.fault.kind == faultCancelled {
		return false
	}
	if ok {
		title, detail := "Sign in to the REST API", credentialName(t.facts.credential())
		if user := t.facts.restUser(); user != "" {
			title += " as " + user
		}
		t.stream.end(checkREST, model.CheckPass, title, detail)
		return true
	}
	t.stream.end(checkREST, model.CheckFail, "", a.said)
	t.stream.end(checkRepository, model.CheckSkip, "", "not tried")
	t.stream.end(checkScopes, model.CheckSkip, "", "not tried")
	return false
}

// endRepository ends the check of seeing the repository.
func (t *test) endRepository(a answer) {
	switch {
	case a.fault.kind == faultCancelled:
	case a.good():
		t.stream.end(checkRepository, model.CheckPass, "", t.to.name())
	default:
		t.stream.end(checkRepository, model.CheckFail, "", a.said)
	}
}

// endScopes ends the check of scopes and webhooks.
func (t *test) endScopes() {
	h := t.facts.hooks
	missing, optional := t.facts.missingByNeed(), ""
	if _, list := t.facts.missingScopes(); len(list) > 0 {
		optional = "missing: " + strings.Join(list, ", ")
	}
	switch {
	case h.fault.kind == faultCancelled:
	case missing != "":
		t.stream.end(checkScopes, model.CheckFail, "", missing)
	case t.facts.hooksDenied():
		t.stream.end(checkScopes, model.CheckWarn, "", h.said)
	case !h.good():
		t.stream.end(checkScopes, model.CheckSkip, "", "the server gave no usable answer about webhooks")
	case optional != "":
		t.stream.end(checkScopes, model.CheckWarn, "", optional)
	default:
		t.stream.end(checkScopes, model.CheckPass, "", "")
	}
}

// credentialName is X-Credential-Type in words, "" for unknown ones.
func credentialName(header string) string {
	switch header {
	case "api_token":
		return "API token"
	case credentialRepo:
		return "repository access token"
	case "project_access_token":
		return "project access token"
	case "workspace_access_token":
		return "workspace access token"
	}
	return ""
}
