package sandbox

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
)

// maxGitBody bounds what a client may POST; a negotiation is far smaller.
const maxGitBody = 1 << 20

// gitPath takes a smart HTTP address apart: everything before the repository,
// its owner and slug, and whether it is one at all.
func gitPath(path string) (owner, slug, action string, ok bool) {
	for _, a := range []string{"/info/refs", "/" + uploadPack, "/" + receivePack} {
		repo, found := strings.CutSuffix(path, a)
		if !found {
			continue
		}
		parts := strings.Split(strings.Trim(repo, "/"), "/")
		if len(parts) < 2 {
			return "", "", "", false
		}
		last := len(parts) - 1
		return parts[last-1], strings.TrimSuffix(parts[last], ".git"), strings.TrimPrefix(a, "/"), true
	}
	return "", "", "", false
}

// service is the git service a request is about; empty for dumb HTTP.
func service(r *http.Request, action string) string {
	if action == "info/refs" {
		return r.URL.Query().Get("service")
	}
	return action
}

// cloudGit answers git at bitbucket.org.
func (s *Sandbox) cloudGit(r *http.Request) (*Answer, identity) {
	owner, slug, action, _ := gitPath(r.URL.Path)
	wanted := service(r, action)
	who, refusal := s.cloudGitLogin(readLogin(r))
	if refusal != nil {
		return refusal, identity{}
	}
	push := wanted == receivePack
	repo := s.visible(Cloud, owner, slug, who)
	switch {
	case strings.Count(strings.Trim(r.URL.Path, "/"), "/") != 1+strings.Count(action, "/")+1:
		return s.page(r), who
	case who.anonymous() && (repo == nil || push):
		return cloudUnauthorized(textAnswer(0, textNoAccess)), who
	case !who.anonymous() && !who.cred.holds(gitScopes(push)):
		return textAnswer(http.StatusForbidden, textScopes), who
	case repo == nil:
		return textAnswer(http.StatusNotFound, textNoAccess), who
	}
	if to := s.movedTo(repo); to != "" {
		return redirect(http.StatusMovedPermanently, moveGit(r, owner, slug, to)), who
	}
	if push && who.on(repo) < canWrite {
		return textAnswer(http.StatusForbidden, textNoWrite), who
	}
	return gitAnswer(r, repo, action, wanted), who
}

// gitScopes are what git needs: pushing reads too.
func gitScopes(push bool) (granular, legacy []string) {
	if push {
		return []string{"read:repository:bitbucket", "write:repository:bitbucket"}, []string{"repository:write"}
	}
	return []string{"read:repository:bitbucket"}, []string{"repository"}
}

// moveGit is a git address with the repository replaced.
func moveGit(r *http.Request, owner, slug, to string) string {
	at := strings.LastIndex(r.URL.Path, owner+"/"+slug)
	rest := strings.TrimPrefix(r.URL.Path[at:], owner+"/"+slug)
	location := r.URL.Path[:at] + to + rest
	if r.URL.RawQuery != "" {
		location += "?" + r.URL.RawQuery
	}
	return location
}

// gitAnswer is smart HTTP for somebody who may: the advertisement, or the
// answer to one POST.
func gitAnswer(r *http.Request, repo *repository, action, wanted string) *Answer {
	version := protocolVersion(wanted, r.Header.Get("Git-Protocol"))
	switch {
	case wanted != uploadPack && wanted != receivePack:
		return textAnswer(http.StatusForbidden, "The sandbox speaks smart HTTP only")
	case action == "info/refs":
		a := &Answer{stream: func(w io.Writer) error {
			p := &packetWriter{w: w}
			p.line("# service=%s\n", wanted)
			p.flush()
			if p.err != nil {
				return p.err
			}
			return advertise(w, repo.content, wanted, version)
		}}
		return uncached(a).with("Content-Type", "application/x-"+wanted+"-advertisement")
	case r.Method != http.MethodPost:
		return emptyAnswer(http.StatusMethodNotAllowed)
	case wanted == receivePack:
		return textAnswer(http.StatusForbidden, "The sandbox takes no pushes")
	}
	body, err := gitBody(r)
	if err != nil {
		return textAnswer(http.StatusBadRequest, "unreadable request")
	}
	var out bytes.Buffer
	if version == 2 {
		err = serveV2(body, &out, repo.content)
	} else {
		err = serveV0(body, &out, repo.content)
	}
	if err != nil {
		return textAnswer(http.StatusBadRequest, "malformed git request")
	}
	return uncached(&Answer{Body: out.Bytes()}).with("Content-Type", "application/x-"+wanted+"-result")
}

// gitBody is a POST's body; git compresses long ones.
func gitBody(r *http.Request) (io.Reader, error) {
	raw := io.LimitReader(r.Body, maxGitBody)
	if r.Header.Get("Content-Encoding") != "gzip" {
		return raw, nil
	}
	z, err := gzip.NewReader(raw)
	if err != nil {
		return nil, err
	}
	return io.LimitReader(z, maxGitBody), nil
}

// uncached adds what git servers say about caching.
func uncached(a *Answer) *Answer {
	return a.with("Cache-Control", "no-cache, max-age=0, must-revalidate").with("Pragma", "no-cache").with("Expires", "Fri, 01 Jan 1980 00:00:00 GMT")
}

// dcNoRepository is Data Center's answer for a repository that is missing or
// out of reach: a 200 whose only packet after the service line is an error.
const dcNoRepository = "Repository not found\nThe requested repository does not exist, or you do not have permission to\naccess it.\n"

// dataCenterGit answers git at {base}/scm/{key}/{slug}.git.
func (s *Sandbox) dataCenterGit(r *http.Request) (*Answer, identity) {
	owner, slug, action, _ := gitPath(r.URL.Path)
	if parts := strings.Split(strings.TrimPrefix(r.URL.Path, s.contextPath()+"/scm/"), "/"); !strings.HasPrefix(r.URL.Path, s.contextPath()+"/scm/") || len(parts) != 3+strings.Count(action, "/") {
		return s.pageNotFound(), identity{}
	}
	wanted := service(r, action)
	who, refusal := s.dcLogin(readLogin(r))
	if refusal != nil {
		return s.stampDC(gitRefusal(refusal), who), who
	}
	push := wanted == receivePack
	repo := s.visible(DataCenter, owner, slug, who)
	var answer *Answer
	switch {
	case who.anonymous() && (repo == nil || push):
		answer = dcChallenge(textAnswer(http.StatusUnauthorized, "Authentication required\n"))
	case repo == nil:
		answer = &Answer{stream: func(w io.Writer) error {
			p := &packetWriter{w: w}
			p.line("# service=%s\n", wanted)
			p.line("ERR %s", dcNoRepository)
			return p.err
		}}
		answer = uncached(answer).with("Content-Type", "application/x-"+wanted+"-advertisement")
	case s.movedTo(repo) != "":
		answer = redirect(http.StatusTemporaryRedirect, moveGit(r, owner, slug, s.movedTo(repo)))
	case push && who.on(repo) < canWrite:
		answer = textAnswer(http.StatusForbidden, "You are not permitted to write to this repository.\n")
	default:
		answer = gitAnswer(r, repo, action, wanted)
	}
	return s.stampDC(answer, who), who
}

// gitRefusal keeps a refusal's status and challenge and says it in plain text.
func gitRefusal(a *Answer) *Answer {
	text := textAnswer(a.Status, "Authentication failed\n")
	if challenge := a.Header.Get("WWW-Authenticate"); challenge != "" {
		text.with("WWW-Authenticate", challenge)
	}
	return text
}
