package probe

import (
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"bbconnect/model"
)

// caFile writes the authority's certificate to a file.
func caFile(t *testing.T, ca authority) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ca.pem")
	data := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.cert.Raw})
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The roots are this machine's own where the options name none, which is how the
// program itself asks.
func TestACAFileIsTrustedBesideWhateverElseIs(t *testing.T) {
	t.Parallel()
	other := newAuthority(t, "Somebody Else's CA")
	for name, roots := range map[string]*x509.CertPool{"this machine's roots": nil, "other roots": other.pool} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, soundServer())
			o := w.options()
			o.RootCAs = roots
			req := serverRequest()
			compare(t, New(o).Test(t.Context(), req, nil), model.VerdictFail, "tls.unknown-ca")
			req.CAFile = caFile(t, w.ca)
			compare(t, New(o).Test(t.Context(), req, nil), model.VerdictPass, "")
		})
	}
}

// The authority that vouches for the server may stand in the CA file or among
// the roots; with a file of somebody else's, the roots still count.
func TestTheRootsCountWhereTheCAFileDoesNotVouch(t *testing.T) {
	t.Parallel()
	other := newAuthority(t, "Somebody Else's CA")
	w := newWorld(t, soundServer())
	req := serverRequest()
	req.CAFile = caFile(t, other)
	checks := map[string][]model.CheckStatus{}
	result := New(w.options()).Test(t.Context(), req, func(c model.Check) { checks[c.ID] = append(checks[c.ID], c.Status) })
	compare(t, result, model.VerdictPass, "")
	want := []model.CheckStatus{model.CheckPending, model.CheckRunning, model.CheckPass}
	for _, id := range []string{checkReach, checkTLS} {
		if !slices.Equal(checks[id], want) {
			t.Errorf("the check %s went through %v, want %v once", id, checks[id], want)
		}
	}
	for _, seen := range w.seen() {
		if seen.status != http.StatusOK {
			t.Errorf("%s was answered %d", seen.path, seen.status)
		}
	}
}

func TestNoAuthorityVouchesForAWrongHost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, soundServer())
	req := serverRequest()
	req.CAFile = caFile(t, w.ca)
	req.Connector.URL = "https://elsewhere.acme-corp.com/scm/PAY/ledger.git"
	o := w.options()
	o.RootCAs = nil
	compare(t, New(o).Test(t.Context(), req, nil), model.VerdictFail, "tls.hostname")
	if seen := w.seen(); len(seen) > 0 {
		t.Errorf("the server was asked %v", seen)
	}
}

// Reading this machine's authorities takes longer than the test of a server near
// by, so it is left out where nothing is asked over TLS.
func TestAuthoritiesAreReadWhereSomethingIsAskedOverTLS(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		url  string
		kind model.ConnectionType
		api  bool
		want bool
	}{
		{"http://git.acme-corp.com/scm/PAY/ledger.git", model.HTTP, true, false},
		{"http://git.acme-corp.com/scm/PAY/ledger.git", model.HTTP, false, false},
		{"https://git.acme-corp.com/scm/PAY/ledger.git", model.HTTP, false, true},
		{"ssh://git@git.acme-corp.com:7999/PAY/ledger.git", model.SSH, false, false},
		{"ssh://git@git.acme-corp.com:7999/PAY/ledger.git", model.SSH, true, true},
	} {
		connector := model.Connector{URL: c.url, URLType: model.URLRepo, ConnectionType: c.kind}
		to, known := targetOf(connector)
		if !known {
			t.Fatalf("%s names no place", c.url)
		}
		asked := &test{to: to, facts: facts{req: model.TestRequest{Connector: connector}, to: to, counts: c.api}}
		if got := asked.secured(); got != c.want {
			t.Errorf("secured() of %s, API access %t, is %t", c.url, c.api, got)
		}
	}
}
