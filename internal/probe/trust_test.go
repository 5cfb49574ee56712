package probe

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
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
