package sandbox

import (
	"io"
	"strings"
)

// permission is what somebody may do with a repository or project; each one
// includes those before it.
type permission int

const (
	noAccess permission = iota
	canRead
	canWrite
	canAdmin
)

// person is a user of one product. Email is the Atlassian account's on Cloud;
// username is what git wants there and what everything wants on Data Center.
type person struct {
	product     Product
	id          int
	username    string
	displayName string
	email       string
	accountID   string
	uuid        string
	unlicensed  bool
}

// workspace is Cloud's container of projects and repositories.
type workspace struct {
	slug    string
	name    string
	uuid    string
	members []string // usernames
}

// project groups repositories. On Cloud owner is the workspace; on Data Center
// it is empty, and a personal project's key is "~" and the user's name.
type project struct {
	product Product
	owner   string
	id      int
	key     string
	name    string
	access  map[string]permission // by username; Data Center only
}

// repository is one repository of either product. On Cloud owner is the
// workspace's slug, on Data Center the project's key.
type repository struct {
	product Product
	owner   string
	project string
	id      int
	slug    string
	name    string
	uuid    string
	public  bool
	empty   bool
	movedTo string                // "owner/slug" where it lives now
	access  map[string]permission // by username
	content *content
}

// fullName is "owner/slug".
func (r *repository) fullName() string { return r.owner + "/" + r.slug }

// world is everything a sandbox knows, fixed once seeded.
type world struct {
	people       []*person
	workspaces   []*workspace
	projects     []*project
	repositories []*repository
	credentials  []*credential
}

// seedWorld builds the seeded world with tokens drawn from random; refs more
// branches go into the ledger repositories.
func seedWorld(random io.Reader, refs int) *world {
	w := &world{people: seedPeople(), workspaces: seedWorkspaces(), projects: seedProjects(), repositories: seedRepositories()}
	for _, r := range w.repositories {
		extra := 0
		if r.slug == "ledger" {
			extra = refs
		}
		r.content = newContent(r, extra)
	}
	w.credentials = seedCredentials(random)
	return w
}

// person finds a user by name; Bitbucket compares names without case.
func (w *world) person(product Product, username string) *person {
	for _, p := range w.people {
		if p.product == product && strings.EqualFold(p.username, username) {
			return p
		}
	}
	return nil
}

// workspace finds a workspace by slug, without case, or by its {uuid}.
func (w *world) workspace(id string) *workspace {
	for _, ws := range w.workspaces {
		if strings.EqualFold(ws.slug, id) || ws.uuid == id {
			return ws
		}
	}
	return nil
}

// project finds a project by its key, without case. Owner is empty on Data
// Center.
func (w *world) project(product Product, owner, key string) *project {
	for _, p := range w.projects {
		if p.product == product && strings.EqualFold(p.owner, owner) && strings.EqualFold(p.key, key) {
			return p
		}
	}
	return nil
}

// repository finds a repository by owner and slug, both without case; on Cloud
// the owner may be a workspace's {uuid}.
func (w *world) repository(product Product, owner, slug string) *repository {
	if ws := w.workspace(owner); product == Cloud && ws != nil {
		owner = ws.slug
	}
	for _, r := range w.repositories {
		if r.product == product && strings.EqualFold(r.owner, owner) && strings.EqualFold(r.slug, slug) {
			return r
		}
	}
	return nil
}

// credential finds the credential with this very value.
func (w *world) credential(product Product, value string) *credential {
	for _, c := range w.credentials {
		if c.Product == product && c.value() == value {
			return c
		}
	}
	return nil
}

// identity is who a request was made by.
type identity struct {
	user *person     // nil for nobody and for access tokens
	cred *credential // nil for nobody
}

// anonymous reports a request without an accepted credential.
func (i identity) anonymous() bool { return i.cred == nil }

// name is how the journal calls somebody: the user, or the token's name.
func (i identity) name() string {
	switch {
	case i.user != nil:
		return i.user.username
	case i.cred != nil:
		return string(i.cred.Name)
	}
	return ""
}

// on is what an identity may do with a repository. A token of a repository,
// project or workspace reaches what it was made in; a user's token never more
// than the user.
func (i identity) on(r *repository) permission {
	granted := noAccess
	switch {
	case i.user != nil:
		granted = r.access[i.user.username]
	case i.cred != nil && i.cred.covers(r):
		granted = canAdmin
	}
	if i.cred != nil {
		granted = min(granted, i.cred.most)
	}
	if r.public {
		granted = max(granted, canRead)
	}
	return granted
}

// onProject is what an identity may do with a Data Center project.
func (i identity) onProject(p *project) permission {
	switch {
	case i.user != nil:
		return min(p.access[i.user.username], i.cred.most)
	case i.cred != nil && strings.EqualFold(i.cred.Reach, p.key):
		return i.cred.most
	}
	return noAccess
}
