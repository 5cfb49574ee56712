package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"bbconnect/model"
)

func TestASaveRemovesWhatAKilledSaveLeftAnHourAgo(t *testing.T) {
	t.Parallel()
	s, dir := fresh(t)
	folder := filepath.Join(dir, "data", "connectors")
	stale, young := filepath.Join(folder, ".c0.yaml.123.tmp"), filepath.Join(folder, ".c0.yaml.456.tmp")
	spoil(t, stale, "half")
	spoil(t, young, "half")
	old := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(stale, old, old); err != nil {
		t.Fatal(err)
	}
	put(t, s, connector("other", model.Scope{}))
	if _, err := os.Stat(stale); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the old leftover is still there: %v", err)
	}
	if _, err := os.Stat(young); err != nil {
		t.Errorf("a file another program may be writing is gone: %v", err)
	}
}
