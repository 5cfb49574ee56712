package probe

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"bbconnect/model"
)

// How much of git's answer is read after it has proven access, and for how
// long, so that the connection can be used once more.
const (
	drainBytes = 16 << 10
	drainTime  = 300 * time.Millisecond
)

// advertReader reads git's answer and keeps what the request for nobody needs
// to know.
type advertReader struct {
	found advert
	// kept says that the answer was read to its end: the connection is free for
	// another request.
	kept bool
}

// consume reads an advertisement off an answer of git's; it is what wire.get
// takes. drain asks for the rest to be read too, within its bounds.
func (r *advertReader) consume(res *http.Response, drain bool) bool {
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != advertType {
		return false
	}
	got, err := readAdvert(http.MaxBytesReader(nil, res.Body, maxBody), true)
	if err != nil {
		return true
	}
	r.found = got
	if drain && got.ok && !res.Close {
		r.kept = drained(res.Body)
	}
	return true
}

// drained reads what is left of an answer, within its bounds, and reports
// whether that was all. What goes wrong here is no fault of the answer, so it
// is not heard.
func drained(body io.ReadCloser) bool {
	if h, ok := body.(*heard); ok {
		body = h.ReadCloser
	}
	late := time.AfterFunc(drainTime, func() { _ = body.Close() })
	n, err := io.CopyN(io.Discard, body, drainBytes)
	// A server that hears the connection being closed may end its answer at that
	// very moment; what was read to its end by then is of no use any more.
	inTime := late.Stop()
	return inTime && errors.Is(err, io.EOF) && n < drainBytes
}

// worthAsking reports whether only the request for nobody can tell that the
// credential was looked at: with API access on the REST API's sign-in proves
// the secret, and Data Center names whom it answers (X-AUSERNAME).
func (f *facts) worthAsking(res *http.Response) bool {
	return !f.counts && !named(res.Header.Get("X-Ausername"))
}

// askAsNobody asks git's question once more without a credential, over the
// connection that is there: where the answer is the same, the repository is
// public and the credential proved nothing. It costs a private repository one
// round trip. Where the connection cannot be used again nothing is asked.
func (t *test) askAsNobody(ctx context.Context, w *wire, header http.Header) {
	var r advertReader
	a := w.get(ctx, t.to.infoRefs(), login{}, header, func(res *http.Response) bool { return r.consume(res, false) })
	t.facts.public = !a.dead() && r.found.ok
}

// publicRules are about a credential nobody has looked at.
var publicRules = []rule{
	{
		// Git itself sends no credential before it was refused once, so a public
		// repository never tests it (gitcredentials(7)).
		name: "a public repository proves nothing about the credential", code: "cred.unproven", severity: warns, field: model.QPassword, at: checkGit,
		when: that(func(f *facts) bool { return f.gitOK() && f.public }),
		what: "The repository is public, so the credential proved nothing.",
		why:  "{host} gives the same answer to a request without one, and API access is off.",
		fix:  "Test with a private repository to be sure.",
	},
	{
		// is_private on Cloud, public on Data Center (their REST APIs): the sign-in over
		// REST proves another secret.
		name: "a public repository proves nothing about git's token", code: "cred.unproven", severity: warns, field: model.QPassword, at: checkGit,
		when: all(that(func(f *facts) bool { return f.gitOK() && f.overHTTP() && f.repository.good() && isPublic(f) }), not(that((*facts).sameSecret))),
		what: "The repository is public, so git's credential proved nothing.",
		why:  "Anybody may read it, and the REST API uses another secret.",
		fix:  "Test with a private repository to be sure.",
	},
}
