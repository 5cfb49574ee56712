//go:build unix

package store

import (
	"os"
	"path/filepath"
	"testing"

	"bbconnect/model"
)

func TestAReadOnlyFolderSaysWhatToDo(t *testing.T) {
	t.Parallel()
	s, dir := fresh(t)
	ctx := t.Context()
	asSomebodyPermissionsBind(t, filepath.Dir(dir), func() {
		if _, err := s.Save(ctx, connector("a", model.Scope{}), ""); err != nil {
			t.Errorf("before: %v", err)
			return
		}
		folder := filepath.Join(dir, "data", "connectors")
		if err := os.Chmod(folder, 0o500); err != nil {
			t.Error(err)
			return
		}
		_, err := s.Save(ctx, connector("b", model.Scope{}), "")
		if p, ok := model.AsProblem(err); !ok || p.Code != "store.unwritable" || p.Fix == "" {
			t.Errorf("got %+v", err)
		}
		// The reason was the folder, and nothing else.
		if err := os.Chmod(folder, 0o700); err != nil {
			t.Error(err)
		}
		if _, err := s.Save(ctx, connector("b", model.Scope{}), ""); err != nil {
			t.Errorf("after: %v", err)
		}
	})
}
