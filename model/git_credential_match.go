package model

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// gitFit is how closely a connector fits what git asks about; more is closer.
type gitFit int

const (
	fitsHost       gitFit = iota + 1 // an account of the whole host
	fitsOwner                        // such an account, tested with this very workspace or project
	fitsWorkspace                    // the account of this workspace
	fitsRepository                   // this repository's own connector
)

// gitUser is how well a login fits the user name that the address has.
type gitUser int

const (
	otherUser gitUser = iota // another person's
	anyUser                  // nobody in particular is asked for, or known
	thisUser
)

// GitCandidate is a saved connector that may answer a request.
type GitCandidate struct {
	Saved Saved
	// Secret is what is known of its git credential; only Name is set for one that
	// was never stored here.
	Secret SecretInfo
	// Product is the connector's.
	Product Product

	fit  gitFit
	user gitUser
}

// CodeGitRejected is the code of the record that stands in for a connector's last
// test after a server refused git's own request with its credential.
const CodeGitRejected = "cred.git-rejected"

// GitCandidates are the saved connectors whose credential is meant for what git
// asks about, the closest first: the repository's own connector before the
// workspace's, that before one of the whole host that was tested with the same
// workspace or project, that before any other of the host. A connector over SSH,
// of another host, port, scheme or context path is none, nor is one whose login is
// known to be another person's than the address names. infos is what is known of
// each secret.
func GitCandidates(req GitRequest, saved []Saved, infos func(SecretName) (SecretInfo, bool)) []GitCandidate {
	want, ok := gitPlace(req)
	if !ok {
		return nil
	}
	var out []GitCandidate
	for _, s := range saved {
		c := s.Connector
		if c.ConnectionType != HTTP || c.PasswordRef == "" || !mayFit(want, c, req.Path != "") {
			continue
		}
		place := want
		if req.Path != "" || !beginsWith(c.URL, want) {
			place = ReadURL(c.URL, URLContext{URLType: c.URLType, ConnectionType: HTTP}).Address
		}
		fit := fitOf(want, place, c, req.Path != "")
		name, err := c.PasswordRef.Name(c.Scope)
		if fit == 0 || err != nil {
			continue
		}
		info, known := infos(name)
		if !known {
			info = SecretInfo{Name: name}
		}
		one := GitCandidate{Saved: s, Secret: info, Product: place.Product, fit: fit}
		if one.user = one.userFits(req.Username); one.user != otherUser {
			out = append(out, one)
		}
	}
	slices.SortFunc(out, func(a, b GitCandidate) int {
		return cmp.Or(cmp.Compare(b.fit, a.fit), cmp.Compare(b.user, a.user), cmp.Compare(b.proven(), a.proven()),
			strings.Compare(a.Saved.Connector.Key(), b.Saved.Connector.Key()))
	})
	return out
}

// mayFit is a quick look before the address is read: git waits for an answer while
// thousands of connectors may be of its host.
func mayFit(want Address, c Connector, withPath bool) bool {
	url := strings.ToLower(c.URL)
	if !strings.Contains(url, want.Host) {
		return false
	}
	return !withPath || c.URLType != URLRepo || strings.Contains(url, strings.ToLower(want.Repo))
}

// beginsWith reports whether a URL is plainly one of the place's host: scheme,
// host and port as written.
func beginsWith(url string, place Address) bool {
	origin := scheme(place.URL) + "://" + place.Host
	if place.Port != 0 {
		origin += ":" + strconv.Itoa(place.Port)
	}
	rest, ok := strings.CutPrefix(url, origin)
	return ok && (rest == "" || rest[0] == '/')
}

// gitPlace reads what git asks about; ok is false for a host that no connector
// can have. An address that would have to be mended to another host or scheme is
// not the one git talks to.
func gitPlace(req GitRequest) (Address, bool) {
	if req.Protocol != "https" && req.Protocol != "http" || strings.ContainsAny(req.Host, "/@?#\\ ") || req.Host == "" {
		return Address{}, false
	}
	path := strings.Trim(req.Path, "/")
	// The large-file extension asks below the repository (git-lfs, server discovery).
	path, _, _ = strings.Cut(path, "/info/lfs")
	place := ReadURL(req.Protocol+"://"+req.Host+"/"+path, URLContext{ConnectionType: HTTP}).Address
	host, port, _ := strings.Cut(strings.ToLower(req.Host), ":")
	if port == map[string]string{"https": "443", "http": "80"}[req.Protocol] {
		port = ""
	}
	named := place.Host
	if place.Port != 0 {
		named += ":" + strconv.Itoa(place.Port)
	}
	if port != "" {
		host += ":" + port
	}
	if place.IsZero() || named != host || !strings.HasPrefix(place.URL, req.Protocol+"://") {
		return Address{}, false
	}
	return place, true
}

// fitOf says how closely a connector's place fits the one git asks about; 0 for
// not at all. Workspaces, project keys and slugs are the same in any case
// (Bitbucket's own addresses are).
func fitOf(want, place Address, c Connector, withPath bool) gitFit {
	if place.Host != want.Host || place.Port != want.Port || place.Transport != HTTP || scheme(place.URL) != scheme(want.URL) {
		return 0
	}
	if !withPath {
		return fitsHost
	}
	owner := func(a Address) string { return a.Workspace + a.Project }
	if place.Context != want.Context {
		return 0
	}
	if c.URLType == URLRepo {
		if want.Repo != "" && strings.EqualFold(place.Repo, want.Repo) && strings.EqualFold(owner(place), owner(want)) {
			return fitsRepository
		}
		return 0
	}
	if owner(place) != "" {
		if strings.EqualFold(owner(place), owner(want)) {
			return fitsWorkspace
		}
		return 0
	}
	if tested, ok := place.Repository(c.TestRepository); ok && owner(want) != "" && strings.EqualFold(owner(tested), owner(want)) {
		return fitsOwner
	}
	return fitsHost
}

func scheme(url string) string {
	before, _, _ := strings.Cut(url, "://")
	return before
}

// userFits compares the user name in an address with whose credential this is.
// Bitbucket shows each person clone addresses with their own name in it, so a name
// says whose credential is wanted; one whose owner nobody knows, or that belongs
// to nobody, as an access token does, is anybody's.
func (c GitCandidate) userFits(asked string) gitUser {
	if asked == "" {
		return anyUser
	}
	plain := c.Saved.Connector.Username.Plain
	if asked == GitLogin(c.Secret.Kind, c.Product, "") || asked == plain || asked == c.Secret.Username {
		return thisUser
	}
	person := func(name string) bool {
		return name != "" && name != UserAPIToken && name != UserAccessToken && !strings.Contains(name, "@")
	}
	if asked == UserAPIToken || asked == UserAccessToken {
		if c.Secret.Kind == "" || c.Secret.Kind == KindUnknown {
			return anyUser
		}
		return otherUser
	}
	if c.Secret.Kind != KindAccessToken && (person(plain) || person(c.Secret.Username)) {
		return otherUser
	}
	return anyUser
}

// proven prefers the connector that passed its last test.
func (c GitCandidate) proven() int {
	switch t := c.Saved.LastTest; {
	case t == nil:
		return 1
	case t.Verdict == VerdictPass || t.Verdict == VerdictWarn:
		return 2
	}
	return 0
}

// GitChoice is the candidate that answers; ok is false without one. Where only the
// whole host fits, several different credentials are a tie that nobody can break:
// the wrong one would be refused, and be marked for it, so none is chosen and
// torn says so. list is what GitCandidates returned.
func GitChoice(list []GitCandidate) (c GitCandidate, torn, ok bool) {
	if len(list) == 0 {
		return GitCandidate{}, false, false
	}
	c = list[0]
	if c.fit == fitsHost {
		for _, other := range list[1:] {
			if other.fit == c.fit && other.user == c.user && !c.sameCredential(other) {
				return GitCandidate{}, true, false
			}
		}
	}
	return c, false, true
}

// sameCredential reports whether both would send the same value under the same
// name.
func (c GitCandidate) sameCredential(other GitCandidate) bool {
	if c.Secret.Name != other.Secret.Name {
		return false
	}
	return GitLogin(c.Secret.Kind, c.Product, "") != "" || c.Saved.Connector.Username == other.Saved.Connector.Username
}

// Refusal says why a candidate's credential must not be sent: it has expired, it
// is an App Password, or a server has refused it since it was stored. Git sends
// what a helper says once for every command, and Data Center locks an account
// after a few refusals; that git forgets a credential it calls erase for is what
// people rely on. nil for one that may be sent.
func (c GitCandidate) Refusal(now time.Time) *Problem {
	saved, ref := c.Saved.Connector, string(c.Saved.Connector.PasswordRef)
	name := "The credential of " + saved.Key()
	switch {
	case c.Secret.Kind == KindAppPassword && c.Product == Cloud && !now.Before(RetirementDay(RetireAppPassword)):
		return &Problem{
			Code: "cred.app-password-retired", What: name + " is an App Password.", Why: AppPasswordsEnded, Fix: "Run bbconnect migrate.", Field: QPassword,
		}
	case !c.Secret.Expires.IsZero() && DaysLeft(c.Secret.Expires, now) < 0:
		return &Problem{
			Code: "token.expired", What: name + " ended on " + c.Secret.Expires.UTC().Format(time.DateOnly) + ".",
			Why: "That is the day recorded for " + ref + ".", Fix: "Make a new one and run bbconnect secret rotate " + ref + ".", Field: QPassword,
		}
	case c.rejected():
		return &Problem{
			Code: CodeGitRejected, What: name + " was refused on " + c.Saved.LastTest.At.UTC().Format(time.DateOnly) + ", so it is not sent again.",
			Why: c.Saved.LastTest.What,
			Fix: "Run bbconnect test " + saved.Key() + "; once it passes, git gets the credential again.", Field: QPassword,
		}
	}
	return nil
}

// rejected reports whether the last test ended with this very value being
// refused. A value that was stored since is another one. The test may have meant
// API access where that has a secret of its own.
func (c GitCandidate) rejected() bool {
	t, conn := c.Saved.LastTest, c.Saved.Connector
	if t == nil || t.Verdict != VerdictFail || c.Secret.Created.After(t.At) {
		return false
	}
	if t.Code == CodeGitRejected {
		return true
	}
	same := !conn.API.On() || conn.API.TokenRef == conn.PasswordRef
	return same && (t.Code == "cred.rejected" || t.Code == "account.captcha")
}

// Answer is what git is told: the value under the login of git's own channel. An
// API token has the same login for everybody and an access token for nobody in
// particular; Data Center takes a person's token under their name. A token of a
// project or repository there has no name, so it goes as Bearer where git can send
// that, and so does any where the server offers nothing else, or said so in the
// last test (Bitbucket Data Center, HTTP access tokens). username is the
// connector's, resolved. The zero answer where no login is known.
func (c GitCandidate) Answer(req GitRequest, username string, value Secret) GitAnswer {
	kind := c.Secret.Kind
	if kind == "" || kind == KindUnknown {
		kind = RecogniseCredential(value, QPassword).Kind
	}
	answer := GitAnswer{Expires: lastMoment(c.Secret.Expires)}
	if c.Product == DataCenter && kind == KindHTTPAccessToken && req.TakesAuthType && c.wantsBearer(req, username) {
		answer.AuthType, answer.Credential = "Bearer", value
		return answer
	}
	login := username
	if c.Product == Cloud && kind == KindAPIToken {
		login = GitLogin(kind, c.Product, "") // right whatever the account is called
	} else if login = GitLogin(kind, c.Product, username); login == "" && kind == KindHTTPAccessToken {
		login = UserAccessToken // what newer versions take for a token of nobody
	}
	if login == "" {
		return GitAnswer{}
	}
	answer.Username, answer.Password = login, value
	return answer
}

func (c GitCandidate) wantsBearer(req GitRequest, username string) bool {
	t := c.Saved.LastTest
	return username == "" || username == UserAccessToken || t != nil && t.Code == "cred.needs-bearer" ||
		req.offers("Bearer") && !req.offers("Basic")
}

// lastMoment is the end of the day a credential ends, which it still works on.
func lastMoment(day time.Time) time.Time {
	if day.IsZero() {
		return time.Time{}
	}
	return day.UTC().Truncate(24 * time.Hour).Add(24*time.Hour - time.Second)
}

// Mark is what is recorded in the place of the connector's last test after git
// was refused with its credential. Data Center refuses a credential that may not
// read a repository in the same words as a wrong one (401 to
// both): where the repository is another one than the connector's
// own, the record says so, and the credential goes on being sent.
func (c GitCandidate) Mark(req GitRequest, now time.Time) TestRecord {
	where := []rune(strings.TrimRight(req.Host+"/"+req.Path, "/"))
	if len(where) > maxMarked {
		where = append(where[:maxMarked], '…')
	}
	r := TestRecord{
		Verdict: VerdictFail, At: now, Code: CodeGitRejected, What: "Git was refused with this credential at " + string(where) + ".",
	}
	if c.Product == DataCenter && req.Path != "" && !c.testedWith(req) {
		r.Code = "repo.not-found-or-no-access"
	}
	return r
}

// maxMarked is how much of an address a mark holds, in letters.
const maxMarked = 200

// testedWith reports whether a request is about the repository that the
// connector's live test reads.
func (c GitCandidate) testedWith(req GitRequest) bool {
	conn := c.Saved.Connector
	place := ReadURL(conn.URL, URLContext{URLType: conn.URLType, ConnectionType: HTTP}).Address
	place.URLType = conn.URLType
	tested, ok := place.Repository(conn.TestRepository)
	want, asked := gitPlace(req)
	return ok && asked && strings.EqualFold(tested.Project+"/"+tested.Repo, want.Project+"/"+want.Repo)
}

// SameFit reports whether both fit a request equally closely.
func (c GitCandidate) SameFit(other GitCandidate) bool { return c.fit == other.fit }
