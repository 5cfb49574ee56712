package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bbconnect/model"
)

func TestAnExportIsTheDocumentWithoutWhatIsThisProgramsOwn(t *testing.T) {
	t.Parallel()
	s := indexedStore(t)
	c := connector("ledger", model.Scope{})
	c.CAFile = "/etc/ours.pem"
	put(t, s, c)
	data, err := s.Export(t.Context(), "ledger")
	if text := string(data); err != nil || !strings.Contains(text, "identifier: ledger") || strings.Contains(text, "x-bbconnect") || strings.Contains(text, "ours.pem") {
		t.Errorf("%s, %v", data, err)
	}
	if err := os.WriteFile(filepath.Join(s.connectorsDir(), "torn.yaml"), []byte("connector: ["), 0o600); err != nil {
		t.Fatal(err)
	}
	if data, err := s.Export(t.Context(), "torn"); err == nil || data != nil {
		t.Errorf("a damaged one is exported: %s", data)
	}
	if _, err := s.Export(t.Context(), "gone"); !errors.Is(err, ErrNotFound) {
		t.Errorf("one that is not there: %v", err)
	}
	if n, err := s.Count(t.Context()); n != 2 || err != nil {
		t.Errorf("%d are counted, %v", n, err)
	}
}
