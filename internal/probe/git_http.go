package probe

import (
	"context"
	"crypto/tls"
	"net/http"

	"bbconnect/model"
)

// advertType is the content type of git's answer; dumb servers and web pages
// have another one (git, Documentation/gitprotocol-http).
const advertType = "application/x-git-upload-pack-advertisement"

// gitHTTP asks for the beginning of the repository's advertisement in one
// request that carries the credential from the start: git itself sends none
// until it was refused once, so a public repository would prove nothing.
func (t *test) gitHTTP(ctx context.Context) {
	w := newWire(t.opts, t.trusted, t.secrets)
	defer w.close()
	t.watch(w)
	t.stream.start(checkReach)
	header := http.Header{"Git-Protocol": {"version=2"}, "User-Agent": {"git/2.50 (bbconnect)"}}
	var r advertReader
	a := w.get(ctx, t.to.infoRefs(), t.facts.gitLogin, header, func(res *http.Response) bool {
		t.stream.start(checkGit)
		return r.consume(res, t.facts.worthAsking(res))
	})
	a.check = checkGit
	if r.found.refusal != "" {
		a.said = clean(without(r.found.refusal, t.secrets))
	}
	if r.kept {
		t.askAsNobody(ctx, w, header)
	}
	t.facts.git, t.facts.advert = a, r.found
	t.endConnection(a)
	t.endGit(a)
}

// watch ends the connection's checks as they come about.
func (t *test) watch(w *wire) {
	proxied, detail := t.proxyFor(t.to.infoRefs()) != "", ""
	if proxied {
		detail = "through the proxy " + t.facts.proxy
	}
	w.dialled = func(err error) {
		if err == nil && !proxied {
			t.stream.end(checkReach, model.CheckPass, "", "")
			t.startSecured()
		}
	}
	w.securing = func() {
		t.stream.end(checkReach, model.CheckPass, "", detail)
		t.startSecured()
	}
	w.secured = func(s *tls.ConnectionState, err error) {
		if err != nil {
			return
		}
		title := "Secure connection"
		if len(s.PeerCertificates) > 0 {
			title += " (" + issuer(s.PeerCertificates[0]) + ")"
		}
		t.stream.end(checkTLS, model.CheckPass, title, tls.VersionName(s.Version))
		t.stream.start(checkGit)
	}
}

// startSecured begins the check of TLS, or says why there is none.
func (t *test) startSecured() {
	if t.plain() {
		t.stream.end(checkTLS, model.CheckSkip, "", "plain HTTP: nothing is encrypted")
		t.stream.start(checkGit)
		return
	}
	t.stream.start(checkTLS)
}

// endConnection ends the checks of the connection by how far the request came.
func (t *test) endConnection(a answer) {
	switch {
	case a.fault.kind == faultCancelled:
	case a.fault.net():
		// What has passed stays so: the first open check is the one that failed.
		if t.stream.end(checkReach, model.CheckFail, "", a.fault.detail) {
			t.stream.end(checkTLS, model.CheckSkip, "", "no connection")
		} else {
			t.stream.end(checkTLS, model.CheckFail, "", a.fault.detail)
		}
	case a.dead():
		t.stream.end(checkReach, model.CheckPass, "", "")
		t.stream.end(checkTLS, model.CheckFail, "", a.fault.detail)
	default:
		t.stream.end(checkReach, model.CheckPass, "", "")
		t.stream.end(checkTLS, model.CheckPass, "", "")
	}
}

// endGit ends the git check by what was found.
func (t *test) endGit(a answer) {
	secured := t.stream.status(checkTLS)
	switch {
	case a.fault.kind == faultCancelled:
	case a.dead() && (secured == model.CheckFail || t.stream.status(checkReach) == model.CheckFail):
		t.stream.end(checkGit, model.CheckSkip, "", "no connection")
	case a.dead():
		t.stream.end(checkGit, model.CheckFail, "", a.fault.detail)
	case t.facts.gitOK():
		t.stream.end(checkGit, model.CheckPass, "", t.to.name())
	default:
		t.stream.end(checkGit, model.CheckFail, "", a.said)
	}
}
