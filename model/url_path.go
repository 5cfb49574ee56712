package model

import (
	"net/url"
	"slices"
	"strings"
)

var (
	pathWord = pattern(`^[A-Za-z0-9_.~][A-Za-z0-9_.~+-]*$`)
	braced   = pattern(`^\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}$`)
)

// secretParameters are query parameters that carry a credential.
var secretParameters = []string{"access_token", "private_token", "token", "password", "jwt", "api_key"}

// takePath splits what follows the host. Query and fragment are dropped; a
// credential in them is kept apart.
func (r *urlReader) takePath(path string) bool {
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		if len(path) > i+1 {
			r.mend("url.query")
			r.takeQuery(path[i+1:])
		}
		path = path[:i]
	}
	path = strings.ReplaceAll(path, `\`, "/")
	inner := strings.TrimSuffix(strings.TrimPrefix(path, "/"), "/")
	for part := range strings.SplitSeq(inner, "/") {
		if part == "" && inner != "" {
			r.mend("url.double-slash")
			continue
		}
		if part != "" {
			r.segments = append(r.segments, part)
		}
	}
	if inner == "" && len(path) > 1 {
		r.mend("url.double-slash")
	}
	return true
}

func (r *urlReader) takeQuery(query string) {
	for pair := range strings.FieldsFuncSeq(query, func(c rune) bool { return c == '&' || c == ';' || c == '#' }) {
		name, value, _ := strings.Cut(pair, "=")
		if value != "" && slices.Contains(secretParameters, strings.ToLower(name)) {
			r.secret, r.secretUser = NewSecret(unescape(value)), ""
			r.mend("url.secret-embedded")
		}
	}
}

// readPath finds owner and repository in the segments.
func (r *urlReader) readPath() bool {
	if n := len(r.segments); n >= 2 && r.segments[n-2] == "info" && r.segments[n-1] == "refs" {
		r.segments = r.segments[:n-2]
		r.mend("url.api-address")
	}
	switch {
	case r.a.Product == Cloud:
		return r.cloudPath()
	case r.a.Transport == SSH:
		return r.serverSSHPath()
	}
	return r.serverPath()
}

// place takes owner and repository, checks their letters and notes a missing
// ".git".
func (r *urlReader) place(owner, repo string) bool {
	owner, okOwner := r.name(owner)
	slug, okRepo := "", true
	if repo != "" {
		var dotGit bool
		slug, okRepo = r.name(repo)
		if slug, dotGit = strings.CutSuffix(slug, ".git"); !dotGit {
			r.mend("url.git-suffix")
		}
		okRepo = okRepo && slug != "" && slug != "." && slug != ".." && !strings.HasPrefix(slug, "~")
	}
	if strings.HasPrefix(owner, "-") || strings.HasPrefix(slug, "-") && r.a.Transport == SSH {
		return r.injection()
	}
	cloud := r.a.Product == Cloud
	if !okOwner || !okRepo || strings.HasSuffix(owner, ".git") || (cloud && (strings.HasPrefix(owner, "~") || slices.Contains(cloudPages, owner))) {
		return r.malformed("The path holds no name that Bitbucket would give a project or a repository.",
			"Paste the address that Bitbucket shows under Clone.")
	}
	r.a.Repo = slug
	if cloud {
		r.a.Workspace = owner
		return true
	}
	if slug == "" {
		r.project = owner
		return true
	}
	r.a.Project = owner
	return true
}

// name undoes the escapes of one segment; ok is false when no project,
// workspace or repository can be called that.
func (r *urlReader) name(segment string) (name string, ok bool) {
	plain, err := url.PathUnescape(segment)
	if err != nil || len(plain) > 128 || looksSecret(plain) {
		return "", false
	}
	if r.a.Product == Cloud && braced().MatchString(strings.TrimSuffix(plain, ".git")) {
		return plain, true
	}
	if strings.HasPrefix(plain, "-") {
		return plain, false
	}
	return plain, pathWord().MatchString(plain) && strings.Trim(plain, "~.") != "" && strings.LastIndex(plain, "~") <= 0
}

// cloudPages are first segments of bitbucket.org that no workspace can have.
var cloudPages = []string{"dashboard", "account", "site", "product", "snippets", "socialauth", "gateway", "blog", "support", "workspaces"}

// cloudPath reads workspace/repo, browser pages and REST addresses of Cloud.
func (r *urlReader) cloudPath() bool {
	s := r.segments
	if len(s) > 0 && (s[0] == "!api" || s[0] == "api" && len(s) > 1 && (s[1] == "2.0" || s[1] == "1.0")) {
		s = s[1:]
		r.mend("url.api-address")
	}
	if len(s) > 0 && (s[0] == "2.0" || s[0] == "1.0") {
		return r.cloudAPIPath(s[1:])
	}
	switch {
	case len(s) == 0:
		return true
	case slices.Contains(cloudPages, s[0]), s[0] == "repo" && len(s) > 1 && (s[1] == "create" || s[1] == "import"):
		r.mend("url.web-page")
		return true
	case s[0] == "scm" && len(s) > 2:
		// Data Center's form at Cloud's host.
		r.mend("url.extra-segment")
		s = s[1:]
	}
	if len(s) == 1 {
		return r.place(s[0], "")
	}
	if s[1] == "workspace" || (len(s) > 2 && s[1] == "profile") {
		r.mend("url.web-page")
		return r.place(s[0], "")
	}
	if len(s) > 2 {
		if r.a.Transport == SSH {
			r.mend("url.extra-segment")
		} else {
			r.mend("url.web-page")
		}
	}
	return r.place(s[0], s[1])
}

// cloudAPIPath reads what follows /2.0: repositories/WS/REPO, workspaces/WS.
func (r *urlReader) cloudAPIPath(s []string) bool {
	r.mend("url.api-address")
	switch {
	case len(s) >= 3 && s[0] == "repositories":
		return r.place(s[1], s[2])
	case len(s) == 2 && s[0] == "repositories", len(s) >= 2 && s[0] == "workspaces":
		return r.place(s[1], "")
	}
	return true
}

// serverPages are first segments of Data Center's web pages and interfaces.
var serverPages = []string{"dashboard", "login", "profile", "account", "admin", "plugins", "repos", "mvc", "status", "about"}

// repositoryPages are what follows a repository in a browser.
var repositoryPages = []string{"browse", "commits", "branches", "pull-requests", "compare", "settings", "raw", "tags", "builds", "forks", "permissions", "diff"}

// knownContexts are path prefixes that instances usually live under.
var knownContexts = []string{"bitbucket", "stash", "git", "code"}

// serverPath reads HTTP addresses of Data Center.
func (r *urlReader) serverPath() bool {
	s := r.segments
	isPage := len(s) > 0 && !strings.HasSuffix(s[len(s)-1], ".git")
	for i, part := range s {
		after := s[i+1:]
		switch {
		case part == "scm":
			return r.context(s[:i]) && r.scmPath(after)
		case part == "projects" || part == "users":
			r.mend("url.web-page")
			return r.context(s[:i]) && r.projectPath(part, after)
		case part == "rest" && isPage:
			r.mend("url.api-address")
			return r.context(s[:i]) && r.restPath(after)
		case slices.Contains(serverPages, part) && isPage && i == len(s)-1, slices.Contains(serverPages, part) && isPage && i == 0:
			r.mend("url.web-page")
			return r.context(s[:i])
		}
	}
	r.mend("url.scm-missing")
	switch {
	case len(s) == 0:
		return true
	case len(s) == 1 && slices.Contains(knownContexts, strings.ToLower(s[0])):
		return r.context(s)
	case len(s) == 1:
		return r.place(s[0], "")
	}
	if i := slices.IndexFunc(s, func(p string) bool { return strings.HasSuffix(p, ".git") }); i > 0 && i < len(s)-1 {
		s = s[:i+1]
		r.mend("url.web-page")
	}
	return r.context(s[:len(s)-2]) && r.place(s[len(s)-2], s[len(s)-1])
}

// context takes the path an instance lives under.
func (r *urlReader) context(segments []string) bool {
	for _, part := range segments {
		name, ok := r.name(part)
		if !ok || strings.HasPrefix(name, "~") {
			return r.malformed("The path before the project cannot be read.", "Paste the address that Bitbucket shows under Clone.")
		}
		if r.a.Transport == HTTP {
			r.a.Context += "/" + name
		}
	}
	return true
}

// scmPath reads PROJECT/REPO.git behind /scm, with what is too much of it.
func (r *urlReader) scmPath(s []string) bool {
	if i := slices.IndexFunc(s, func(p string) bool { return strings.HasSuffix(p, ".git") }); i > 0 && i < len(s)-1 {
		s = s[:i+1]
		r.mend("url.web-page")
	}
	switch {
	case len(s) == 0:
		return true
	case len(s) == 1:
		return r.place(s[0], "")
	case len(s) > 2 && slices.Contains(repositoryPages, s[2]):
		r.mend("url.web-page")
		s = s[:2]
	case len(s) > 2:
		r.mend("url.extra-segment")
		s = s[len(s)-2:]
	}
	return r.place(s[0], s[1])
}

// projectPath reads projects/KEY/repos/SLUG and users/NAME/repos/SLUG.
func (r *urlReader) projectPath(kind string, s []string) bool {
	if len(s) == 0 {
		return true
	}
	owner := s[0]
	if kind == "users" && !strings.HasPrefix(unescape(owner), "~") {
		owner = "~" + owner
	}
	if len(s) >= 3 && s[1] == "repos" {
		return r.place(owner, s[2])
	}
	return r.place(owner, "")
}

// restPath reads what follows /rest: api/VERSION/projects/KEY/repos/SLUG.
func (r *urlReader) restPath(s []string) bool {
	for i, part := range s {
		if part == "projects" || part == "users" {
			return r.projectPath(part, s[i+1:])
		}
	}
	return true
}

// serverSSHPath reads PROJECT/REPO.git. There is no /scm over SSH and no
// context path.
func (r *urlReader) serverSSHPath() bool {
	s := r.segments
	for i, part := range s {
		after := s[i+1:]
		switch {
		case part == "scm" && (len(after) >= 2 || i == 0 && !strings.HasSuffix(strings.Join(after, ""), ".git")):
			r.mend("url.scm-in-ssh")
			return r.context(s[:i]) && r.scmPath(after)
		case (part == "projects" || part == "users") && len(after) >= 3 && after[1] == "repos":
			r.mend("url.web-page")
			return r.projectPath(part, after)
		}
	}
	return r.scmPath(s)
}
