package probe

import (
	"slices"
	"strings"
	"time"

	"bbconnect/model"
)

// facts is all that a test found out, on both channels. Rules read it and
// nothing else.
type facts struct {
	req model.TestRequest
	to  target
	// now is when the test began; expiries are judged by it.
	now time.Time
	// harness is what Harness makes of the connector's address.
	harness model.HarnessReading
	// counts says that API access is on: then the REST API decides too.
	counts bool

	gitLogin, restLogin login
	gitKind, restKind   model.CredentialKind
	// clipped and foreign say what the shape of git's, or over SSH the REST
	// API's, secret tells: that it is incomplete, or another vendor's.
	clipped, foreign bool
	// restClipped and restForeign tell the same of the REST API's own secret.
	restClipped, restForeign bool

	// git is the one git request, or the SSH conversation.
	git    answer
	advert advert
	// public says that git answered the same to nobody: what it said to the
	// credential proves nothing.
	public bool
	ssh    sshFacts

	// user and properties begin the conversation with Cloud and Data Center;
	// listing is the account's, workspace splits a 404, hooks are webhooks.
	user, properties, listing, repository, workspace, hooks answer
	// status is Data Center's own state, asked when it is not ready.
	status answer
	// heard are the REST API's answers, kept when the test has asked all it will.
	heard []answer
	// context is where Data Center really lives when it is not where the URL
	// says, "" otherwise.
	context      string
	contextFound bool

	proxy string
	clock clockFacts
	// private says that the host's name stands for a private address, ownCA that
	// the connector's CA file alone vouches for a server.
	private, ownCA bool
}

// sshFacts is what only SSH has.
type sshFacts struct {
	// key is what keeps our key from being used; bits is its size where it is an
	// RSA key.
	key  keyTrouble
	bits int
	// host is the server's key where it was not accepted and may be.
	host *model.HostKey
	// stale names the known_hosts entry that still has a key Atlassian revoked.
	stale string
	// version is how the server names its software, cleaned; "" when it did not.
	version string
	// otherPort says that Cloud's SSH answers on port 443.
	otherPort bool
	// stated is where Data Center's REST API says its SSH is.
	stated sshPlace
}

// gitOK reports that git proved access to the repository.
func (f *facts) gitOK() bool { return f.advert.ok }

// restAnswers lists what the REST API said, in order. Nearly every rule asks, so
// that it makes room for no more than there is, and the list is kept once nothing
// more will be asked.
func (f *facts) restAnswers() []answer {
	if f.heard != nil {
		return slices.Clip(f.heard)
	}
	every := [...]*answer{&f.properties, &f.user, &f.listing, &f.repository, &f.workspace, &f.hooks, &f.status}
	asked := 0
	for _, a := range every {
		if a.asked {
			asked++
		}
	}
	out := make([]answer, 0, asked)
	for _, a := range every {
		if a.asked {
			out = append(out, *a)
		}
	}
	return out
}

// restAsked reports whether anything was asked over REST.
func (f *facts) restAsked() bool { return f.user.asked || f.properties.asked }

// signedIn reports that the REST API knows who we are.
func (f *facts) signedIn() bool {
	if f.to.Product == model.Cloud {
		return f.user.good() || (f.byMechanism() && f.repository.good()) ||
			(f.byMechanism() && f.workspace.good()) || f.user.credential != "" && f.user.status == 403
	}
	for _, a := range f.restAnswers() {
		if named(a.user) && (!a.refused() || a.exception == authorisation) {
			return true
		}
	}
	return false
}

// byMechanism reports Cloud's answer to a perfectly good access token.
func (f *facts) byMechanism() bool {
	return f.user.status == 403 && holds(f.user.said, "by this authentication mechanism")
}

// restRefused reports that the REST API did not take the credential.
func (f *facts) restRefused() bool {
	if f.signedIn() {
		return false
	}
	for _, a := range f.restAnswers() {
		if a.refused() {
			return true
		}
	}
	return false
}

// restUser is who the REST API says we are: a name for people.
func (f *facts) restUser() string {
	if name := f.user.text("username"); name != "" {
		return clean(name)
	}
	if name := f.user.text("nickname"); name != "" {
		return clean(name)
	}
	for _, a := range f.restAnswers() {
		if named(a.user) {
			return a.user
		}
	}
	return ""
}

// named reports whether an X-AUSERNAME names somebody.
func named(user string) bool { return user != "" && !strings.EqualFold(user, "anonymous") }

// credential is what the server calls the REST credential, "" when it does not.
func (f *facts) credential() string {
	for _, a := range f.restAnswers() {
		if a.credential != "" {
			return a.credential
		}
	}
	return ""
}

// sameSecret reports that both channels use one secret.
func (f *facts) sameSecret() bool { return f.gitLogin.secret.Equal(f.restLogin.secret) }

// isCloud and isDataCenter name the product.
func (f *facts) isCloud() bool      { return f.to.Product == model.Cloud }
func (f *facts) isDataCenter() bool { return f.to.Product == model.DataCenter }

// overHTTP reports the connection type of git.
func (f *facts) overHTTP() bool { return f.req.Connector.ConnectionType != model.SSH }

// The names servers give things that rules ask for.
const (
	credentialRepo = "repo_access_token"
	authorisation  = "AuthorisationException"
)

// hooksDenied reports that the repository is visible and its webhooks are not.
func (f *facts) hooksDenied() bool {
	switch f.hooks.status {
	case 401, 403, 404:
		return !f.hooks.dead()
	}
	return false
}
