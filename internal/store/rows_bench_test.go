package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"bbconnect/internal/disk"
	"bbconnect/internal/document"
	"bbconnect/model"
)

// filled is a store of n connectors whose files have settled.
func filled(tb testing.TB, n int) *Store {
	tb.Helper()
	home := tb.TempDir()
	s := Open(disk.Folders{Data: filepath.Join(home, "data"), State: filepath.Join(home, "state"), Config: filepath.Join(home, "config")})
	if err := os.MkdirAll(s.connectorsDir(), 0o700); err != nil {
		tb.Fatal(err)
	}
	for i := range n {
		c := connector(fmt.Sprintf("svc_%06d", i), model.Scope{})
		data, err := document.Encode(c)
		if err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(s.connectorsDir(), c.ID+extension), data, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	s.now = func() time.Time { return time.Now().Add(time.Minute) } // so that the files are old enough
	return s
}

func BenchmarkTenThousandConnectors(b *testing.B) {
	s := filled(b, 10_000)
	render := func(context.Context) (func(model.Saved) ([]byte, error), error) {
		return func(c model.Saved) ([]byte, error) { return make([]byte, 800), nil }, nil
	}
	if _, _, err := s.Rows(b.Context(), "", render); err != nil {
		b.Fatal(err)
	}
	b.Run("Rows", func(b *testing.B) {
		for b.Loop() {
			if rows, _, err := s.Rows(b.Context(), "", render); err != nil || len(rows) != 10_000 {
				b.Fatal(len(rows), err)
			}
		}
	})
	b.Run("List", func(b *testing.B) {
		for b.Loop() {
			if list, _, err := s.List(b.Context()); err != nil || len(list) != 10_000 {
				b.Fatal(len(list), err)
			}
		}
	})
}
