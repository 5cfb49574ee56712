package store

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"bbconnect/model"
)

func TestAFewChangedFilesLeaveTheIndexAsItIsAndAreListedAsTheyAre(t *testing.T) {
	t.Parallel()
	s := indexedStore(t)
	s.slack = 3
	const n = 40
	for i := range n {
		put(t, s, connector(fmt.Sprintf("c%02d", i), model.Scope{}))
	}
	mustList(t, s)
	written := contents(t, s.indexPath())
	rng := rand.New(rand.NewPCG(7, 9))
	for round := range 60 {
		for range 1 + rng.IntN(s.slack) {
			c := connector(fmt.Sprintf("c%02d", rng.IntN(n)), model.Scope{})
			c.Name = fmt.Sprintf("%c connector %d", 'a'+rune(rng.IntN(26)), rng.IntN(5))
			have, err := s.Get(t.Context(), c.ID)
			switch {
			case err != nil:
				put(t, s, c)
			case rng.IntN(4) == 0:
				if err := s.Delete(t.Context(), c.ID, have.Revision); err != nil {
					t.Fatal(err)
				}
			default:
				if _, err := s.Save(t.Context(), c, have.Revision); err != nil {
					t.Fatal(err)
				}
			}
		}
		if got, want := mustList(t, s), mustList(t, withoutIndex(t, s)); !reflect.DeepEqual(got, want) {
			t.Fatalf("round %d: the list is\n%+v\nand without the index\n%+v", round, got, want)
		}
		now := contents(t, s.indexPath())
		if round == 0 && now != written {
			t.Error("the index was written for a few files")
		}
		if known := s.loadIndex(); len(known.entries) < n/2 {
			t.Fatalf("round %d: the index holds %d", round, len(known.entries))
		}
	}
	if contents(t, s.indexPath()) == written {
		t.Error("the index was never written again, however many files changed")
	}
}

func TestALeftoverThatTheListMeetsIsRemovedByTheNextSave(t *testing.T) {
	t.Parallel()
	s, dir := fresh(t)
	put(t, s, connector("first", model.Scope{}))
	mustList(t, s)
	if !s.tidy.Load() {
		t.Error("a folder without leftovers is called littered")
	}
	stale := filepath.Join(dir, "data", "connectors", ".first.yaml.123.tmp")
	spoil(t, stale, "half")
	old := time.Now().Add(-2 * leftoverAge)
	if err := os.Chtimes(stale, old, old); err != nil {
		t.Fatal(err)
	}
	mustList(t, s)
	put(t, s, connector("second", model.Scope{}))
	if _, err := os.Stat(stale); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the leftover is still there: %v", err)
	}
}
