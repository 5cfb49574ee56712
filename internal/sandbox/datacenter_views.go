package sandbox

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// page cuts one page out of all values, with Data Center's paging fields.
func (c *dcCall) page(all []fields) *Answer {
	limit, start := 25, 0
	if n, err := strconv.Atoi(c.q.Get("limit")); err == nil && n > 0 {
		limit = min(n, 1000)
	}
	if n, err := strconv.Atoi(c.q.Get("start")); err == nil && n > 0 {
		start = n
	}
	from := min(start, len(all))
	to := min(from+limit, len(all))
	body := fields{"size": to - from, "limit": limit, "start": start, "isLastPage": to == len(all), "values": append([]fields{}, all[from:to]...)}
	if to < len(all) {
		body["nextPageStart"] = to
	}
	return jsonAnswer(http.StatusOK, body)
}

func dcEmptyPage(c *dcCall) *Answer { return c.page(nil) }

func dcStatus(*dcCall) *Answer {
	return jsonAnswer(http.StatusOK, map[string]string{"state": "RUNNING"})
}

func dcProperties(*dcCall) *Answer {
	return jsonAnswer(http.StatusOK, fields{"version": dcVersion, "buildNumber": "9004016", "buildDate": "1767225600000", "displayName": "Bitbucket"})
}

func dcSSHSettings(c *dcCall) *Answer {
	addr := c.s.dcSSH.addr
	host, port := c.s.opts.DataCenterHost, c.s.sshPort()
	if isLoopback(hostOnly(c.r.Host)) {
		host, port = addr.IP.String(), addr.Port
	}
	return jsonAnswer(http.StatusOK, fields{
		"enabled": !c.s.faults().sshDisabled, "baseUrl": fmt.Sprintf("ssh://git@%s:%d", host, port), "port": port,
		"fingerprint": c.s.HostFingerprint(DataCenter),
	})
}

func dcLoginOptions(*dcCall) *Answer {
	return jsonAnswer(http.StatusOK, fields{"enableBasicAuth": true, "options": []fields{{"type": "LOGIN_FORM"}}})
}

func dcUser(c *dcCall) *Answer {
	p := c.s.world.person(DataCenter, c.vars["user"])
	if p == nil {
		return dcError(http.StatusNotFound, "User "+c.vars["user"]+" does not exist.", exNoUser)
	}
	return jsonAnswer(http.StatusOK, fields{
		"id": p.id, "name": p.username, "slug": p.username, "displayName": p.displayName,
		"emailAddress": p.email, "active": true, "type": "NORMAL",
	})
}

// projectView is a project; a personal one says so.
func (c *dcCall) projectView(p *project) fields {
	view := fields{
		"id": p.id, "key": p.key, "name": p.name, "public": false, "type": "NORMAL",
		"links": fields{"self": []fields{link(c.s.base(c.r) + "/projects/" + p.key)}},
	}
	if strings.HasPrefix(p.key, "~") {
		view["type"] = "PERSONAL"
	}
	return view
}

func dcProject(c *dcCall) *Answer { return jsonAnswer(http.StatusOK, c.projectView(c.project)) }

func dcProjects(c *dcCall) *Answer {
	var list []fields
	for _, p := range c.s.world.projects {
		if p.product == DataCenter && !c.s.hiddenOwner(p.key) && (c.who.onProject(p) >= canRead || c.sees(p)) {
			list = append(list, c.projectView(p))
		}
	}
	return c.page(list)
}

// repositoryView is a repository with the links people clone by.
func (c *dcCall) repositoryView(r *repository) fields {
	p := c.s.world.project(DataCenter, "", r.owner)
	key := strings.ToLower(p.key)
	ssh := fmt.Sprintf("ssh://git@%s:%d/%s/%s.git", c.s.opts.DataCenterHost, c.s.sshPort(), key, r.slug)
	if isLoopback(hostOnly(c.r.Host)) {
		ssh = fmt.Sprintf("ssh://git@%s/%s/%s.git", c.s.dcSSH.addr, key, r.slug)
	}
	return fields{
		"id": r.id, "slug": r.slug, "name": r.name, "scmId": "git", "state": "AVAILABLE", "statusMessage": "Available",
		"forkable": true, "public": r.public, "archived": false, "project": c.projectView(p),
		"links": fields{
			"self":  []fields{link(c.s.base(c.r) + "/projects/" + p.key + "/repos/" + r.slug + "/browse")},
			"clone": []fields{{"name": "http", "href": c.s.base(c.r) + "/scm/" + key + "/" + r.slug + ".git"}, {"name": "ssh", "href": ssh}},
		},
	}
}

func dcRepository(c *dcCall) *Answer { return jsonAnswer(http.StatusOK, c.repositoryView(c.repo)) }

// readable lists the repositories a caller has a permission for.
func (c *dcCall) readable(needs permission, keep func(*repository) bool) []fields {
	var list []fields
	for _, r := range c.s.world.repositories {
		if r.product != DataCenter || c.s.hiddenOwner(r.owner) || c.s.hiddenRepository(r) || c.s.movedTo(r) != "" {
			continue
		}
		if c.who.on(r) >= needs && keep(r) {
			list = append(list, c.repositoryView(r))
		}
	}
	return list
}

func dcProjectRepositories(c *dcCall) *Answer {
	return c.page(c.readable(canRead, func(r *repository) bool { return r.owner == c.project.key }))
}

// dcRepositories is /repos with its filters: permission, projectkey (or
// projectname) and name, the names compared by prefix without case.
func dcRepositories(c *dcCall) *Answer {
	needs, known := map[string]permission{"": canRead, "REPO_READ": canRead, "REPO_WRITE": canWrite, "REPO_ADMIN": canAdmin}[c.q.Get("permission")]
	if !known {
		return dcError(http.StatusBadRequest, "'permission' must be one of REPO_READ, REPO_WRITE, REPO_ADMIN", "com.atlassian.bitbucket.validation.ArgumentValidationException")
	}
	if c.s.faults().emptyLists {
		return c.page(nil)
	}
	prefix := func(text, wanted string) bool {
		return strings.HasPrefix(strings.ToLower(text), strings.ToLower(wanted))
	}
	return c.page(c.readable(needs, func(r *repository) bool {
		p := c.s.world.project(DataCenter, "", r.owner)
		key := c.q.Get("projectkey")
		return prefix(r.name, c.q.Get("name")) && prefix(p.name, c.q.Get("projectname")) && (key == "" || strings.EqualFold(p.key, key))
	}))
}

func dcBranches(c *dcCall) *Answer {
	var list []fields
	for _, ref := range c.repo.content.references() {
		if name, ok := strings.CutPrefix(ref.name, "refs/heads/"); ok {
			list = append(list, fields{"id": ref.name, "displayId": name, "type": "BRANCH", "latestCommit": ref.id, "isDefault": name == mainBranch})
		}
	}
	return c.page(list)
}

func dcDefaultBranch(c *dcCall) *Answer {
	head := c.repo.content.head()
	if head == "" {
		return emptyAnswer(http.StatusNoContent)
	}
	return jsonAnswer(http.StatusOK, fields{"id": "refs/heads/" + mainBranch, "displayId": mainBranch, "type": "BRANCH", "latestCommit": head, "isDefault": true})
}
