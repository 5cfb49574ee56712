package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// fields is a JSON object.
type fields = map[string]any

// page cuts one page out of all values, with Cloud's paging fields. Pagelen is
// at most the endpoint's maximum: 50 for pull requests, 100 for the rest.
func (c *cloudCall) page(all []fields, most int) *Answer {
	length, number := 10, 1
	for name, into := range map[string]*int{"pagelen": &length, "page": &number} {
		if text := c.q.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 || name == "pagelen" && n > most {
				return cloudError(http.StatusBadRequest, "Invalid "+name)
			}
			*into = n
		}
	}
	from := min((number-1)*length, len(all))
	to := min(from+length, len(all))
	body := fields{"pagelen": length, "page": number, "size": len(all), "values": append([]fields{}, all[from:to]...)}
	if to < len(all) {
		body["next"] = fmt.Sprintf("https://api.bitbucket.org%s?pagelen=%d&page=%d", c.path, length, number+1)
	}
	return jsonAnswer(http.StatusOK, body)
}

// cloudNothing is a listing that is always empty.
func cloudNothing(most int) func(*cloudCall) *Answer {
	return func(c *cloudCall) *Answer { return c.page(nil, most) }
}

func cloudUser(c *cloudCall) *Answer {
	p := c.who.user
	return jsonAnswer(http.StatusOK, fields{
		"type": "user", "username": p.username, "nickname": p.username, "display_name": p.displayName,
		"uuid": p.uuid, "account_id": p.accountID, "account_status": "active", "has_2fa_enabled": nil,
		"is_staff": false, "created_on": "2019-03-04T09:15:27.000000+00:00",
		"links": fields{"self": link("https://api.bitbucket.org/2.0/users/" + p.uuid), "html": link("https://bitbucket.org/" + p.uuid + "/")},
	})
}

func cloudEmails(c *cloudCall) *Answer {
	return c.page([]fields{{"type": "email", "email": c.who.user.email, "is_primary": true, "is_confirmed": true}}, 100)
}

// link is one entry of "links".
func link(href string) fields { return fields{"href": href} }

// workspaceView is a workspace as other objects quote it.
func workspaceView(ws *workspace) fields {
	return fields{
		"type": "workspace", "slug": ws.slug, "name": ws.name, "uuid": ws.uuid,
		"links": fields{"self": link("https://api.bitbucket.org/2.0/workspaces/" + ws.slug), "html": link("https://bitbucket.org/" + ws.slug + "/")},
	}
}

// member finds the workspace of a call, if its identity may know it.
func (c *cloudCall) member() (*workspace, *Answer) {
	ws := c.s.world.workspace(c.vars["ws"])
	missing := cloudError(http.StatusNotFound, fmt.Sprintf("No workspace with identifier '%s'.", c.vars["ws"]))
	if ws == nil || c.s.hiddenOwner(ws.slug) {
		return nil, missing
	}
	switch who := c.who; {
	case who.user != nil && slices.Contains(ws.members, who.user.username):
	case who.user == nil && who.cred != nil && (who.cred.Reach == ws.slug || strings.HasPrefix(who.cred.Reach, ws.slug+"/")):
	default:
		return nil, missing
	}
	return ws, nil
}

func cloudUserWorkspaces(c *cloudCall) *Answer {
	var list []fields
	for _, ws := range c.s.world.workspaces {
		if slices.Contains(ws.members, c.who.user.username) && !c.s.hiddenOwner(ws.slug) {
			list = append(list, fields{"type": "workspace_access", "administrator": ws.members[0] == c.who.user.username, "workspace": workspaceView(ws)})
		}
	}
	return c.page(list, 100)
}

func cloudUserPermission(c *cloudCall) *Answer {
	ws, refusal := c.member()
	if refusal != nil {
		return refusal
	}
	permission := "member"
	if ws.members[0] == c.who.user.username {
		permission = "owner"
	}
	return jsonAnswer(http.StatusOK, fields{"type": "workspace_membership", "permission": permission, "workspace": workspaceView(ws)})
}

func cloudUserRepositories(c *cloudCall) *Answer {
	if _, refusal := c.member(); refusal != nil {
		return refusal
	}
	var list []fields
	for _, r := range c.repositories() {
		list = append(list, fields{
			"type": "repository_permission", "permission": permissionName(c.who.on(r)),
			"repository": fields{"type": "repository", "full_name": r.fullName(), "name": r.name, "uuid": r.uuid},
		})
	}
	return c.page(list, 100)
}

// permissionName is Cloud's word for a permission.
func permissionName(p permission) string {
	return [...]string{"none", "read", "write", "admin"}[p]
}

func cloudWorkspace(c *cloudCall) *Answer {
	ws, refusal := c.member()
	if refusal != nil {
		return refusal
	}
	view := workspaceView(ws)
	view["is_private"] = true
	return jsonAnswer(http.StatusOK, view)
}

func projectView(p *project) fields {
	return fields{
		"type": "project", "key": p.key, "name": p.name, "is_private": true,
		"links": fields{"html": link("https://bitbucket.org/" + p.owner + "/workspace/projects/" + p.key)},
	}
}

func cloudProjects(c *cloudCall) *Answer {
	ws, refusal := c.member()
	if refusal != nil {
		return refusal
	}
	var list []fields
	for _, p := range c.s.world.projects {
		if p.product == Cloud && p.owner == ws.slug {
			list = append(list, projectView(p))
		}
	}
	return c.page(list, 100)
}

func cloudProject(c *cloudCall) *Answer {
	ws, refusal := c.member()
	if refusal != nil {
		return refusal
	}
	p := c.s.world.project(Cloud, ws.slug, c.vars["key"])
	if p == nil {
		return cloudError(http.StatusNotFound, fmt.Sprintf("No project with the key '%s' in this workspace.", c.vars["key"]))
	}
	return jsonAnswer(http.StatusOK, projectView(p))
}

// repositories are those of the call's workspace its identity can read; with
// role=member those it was given, not those that are merely public.
func (c *cloudCall) repositories() []*repository {
	ws := c.s.world.workspace(c.vars["ws"])
	if ws == nil {
		return nil
	}
	var list []*repository
	for _, r := range c.s.world.repositories {
		if r.product != Cloud || r.owner != ws.slug || c.s.movedTo(r) != "" || c.s.visible(Cloud, r.owner, r.slug, c.who) == nil {
			continue
		}
		given := c.who.user != nil && r.access[c.who.user.username] > noAccess || c.who.cred != nil && c.who.cred.covers(r)
		if c.q.Get("role") == "" || given {
			list = append(list, r)
		}
	}
	return list
}

// cloudRepositories lists a workspace. A token that reaches nothing gets an
// empty page and status 200, a workspace that does not exist 404.
func cloudRepositories(c *cloudCall) *Answer {
	if ws := c.s.world.workspace(c.vars["ws"]); ws == nil || c.s.hiddenOwner(ws.slug) {
		return cloudError(http.StatusNotFound, fmt.Sprintf("No workspace with identifier '%s'.", c.vars["ws"]))
	}
	var list []fields
	for _, r := range c.repositories() {
		list = append(list, c.repositoryView(r))
	}
	if c.s.faults().emptyLists {
		list = nil
	}
	return c.page(list, 100)
}

func cloudRepository(c *cloudCall) *Answer {
	return jsonAnswer(http.StatusOK, c.repositoryView(c.repo))
}

// repositoryView is a repository. The SSH link still names bitbucket.org, as
// the service's own did after SSH had moved.
func (c *cloudCall) repositoryView(r *repository) fields {
	user := ""
	if c.who.user != nil {
		user = c.who.user.username + "@"
	}
	view := fields{
		"type": "repository", "full_name": r.fullName(), "name": r.name, "slug": r.slug, "uuid": r.uuid,
		"is_private": !r.public, "scm": "git", "has_wiki": false, "has_issues": false, "language": "go",
		"workspace": workspaceView(c.s.world.workspace(r.owner)), "project": projectView(c.s.world.project(Cloud, r.owner, r.project)),
		"mainbranch": nil,
		"links": fields{
			"self": link("https://api.bitbucket.org/2.0/repositories/" + r.fullName()),
			"html": link("https://bitbucket.org/" + r.fullName()),
			"clone": []fields{
				{"name": "https", "href": "https://" + user + "bitbucket.org/" + r.fullName() + ".git"},
				{"name": "ssh", "href": "git@bitbucket.org:" + r.fullName() + ".git"},
			},
		},
	}
	if !r.empty {
		view["mainbranch"] = fields{"type": "branch", "name": mainBranch}
	}
	return view
}

func cloudBranches(c *cloudCall) *Answer {
	var list []fields
	for _, ref := range c.repo.content.references() {
		if name, ok := strings.CutPrefix(ref.name, "refs/heads/"); ok {
			list = append(list, fields{"type": "branch", "name": name, "target": fields{"type": "commit", "hash": ref.id}})
		}
	}
	return c.page(list, 100)
}

// cloudHooks lists webhooks, which only an administrator may see.
func cloudHooks(c *cloudCall) *Answer {
	if c.who.on(c.repo) < canAdmin {
		return cloudError(http.StatusForbidden, "Access denied. You must have admin access.")
	}
	return c.page(nil, 100)
}
