package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"bbconnect/model"
)

// documents are all files of connectors, by name.
func documents(t *testing.T, s *Store) map[string]string {
	t.Helper()
	out := map[string]string{}
	entries, err := os.ReadDir(s.connectorsDir())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(s.connectorsDir(), e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(e.Name()) == extension {
			out[e.Name()] = string(data)
		}
	}
	return out
}

func mustUndo(t *testing.T, s *Store) model.Change {
	t.Helper()
	c, err := s.Undo(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestChangesAreTakenBackOneAfterTheOtherByteForByte(t *testing.T) {
	t.Parallel()
	s := indexedStore(t)
	states := []map[string]string{documents(t, s)}
	dice := rand.New(rand.NewPCG(3, 4))
	for step := range 15 {
		key := fmt.Sprintf("c%d", dice.IntN(3))
		saved, err := s.Get(t.Context(), key)
		c := connector(key, model.Scope{})
		c.Description = fmt.Sprint("step ", step)
		switch {
		case err == nil && dice.IntN(3) == 0:
			if err := s.Delete(t.Context(), key, saved.Revision); err != nil {
				t.Fatal(err)
			}
		default:
			if _, err := s.Save(t.Context(), c, saved.Revision); err != nil {
				t.Fatal(err)
			}
		}
		states = append(states, documents(t, s))
	}
	for n := len(states) - 2; n >= 0; n-- {
		change, ok, err := s.LastChange(t.Context())
		if err != nil || !ok {
			t.Fatal(n, ok, err)
		}
		if done := mustUndo(t, s); done != change {
			t.Errorf("undid %+v, promised %+v", done, change)
		}
		if got := documents(t, s); !reflect.DeepEqual(got, states[n]) {
			t.Fatalf("after taking back change %d:\n%v\nwant\n%v", n, got, states[n])
		}
	}
	if _, ok, err := s.LastChange(t.Context()); ok || err != nil {
		t.Error(ok, err)
	}
	if _, err := s.Undo(t.Context(), nil); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestADeletedConnectorComesBackWithItsTest(t *testing.T) {
	t.Parallel()
	s := indexedStore(t)
	put(t, s, connector("ledger", model.Scope{Org: "o", Project: "p"}))
	if err := s.RecordTest(t.Context(), "o/p/ledger", model.TestRecord{Verdict: model.VerdictFail, At: time.Unix(9, 0).UTC(), Code: "net.dns", What: "No host."}); err != nil {
		t.Fatal(err)
	}
	before, err := s.Get(t.Context(), "o/p/ledger")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(t.Context(), "o/p/ledger", ""); err != nil {
		t.Fatal(err)
	}
	if c := mustUndo(t, s); c.What != model.ChangeDeleted || c.Key != "o/p/ledger" {
		t.Errorf("%+v", c)
	}
	if after, err := s.Get(t.Context(), "o/p/ledger"); err != nil || !reflect.DeepEqual(after, before) {
		t.Errorf("came back as %+v, %v; was %+v", after, err, before)
	}
}

func TestAPassedTestComesBackOnlyWithTheSecretItPassedWith(t *testing.T) {
	t.Parallel()
	for _, keep := range []bool{true, false} {
		s := indexedStore(t)
		put(t, s, connector("ledger", model.Scope{}))
		info := model.SecretInfo{Name: "account/bb_token", Type: model.SecretText, Where: model.WhereKeyring}
		if err := s.PutSecret(t.Context(), info); err != nil {
			t.Fatal(err)
		}
		if err := s.RecordTest(t.Context(), "ledger", model.TestRecord{Verdict: model.VerdictPass, At: time.Unix(9, 0).UTC()}); err != nil {
			t.Fatal(err)
		}
		if err := s.Delete(t.Context(), "ledger", ""); err != nil {
			t.Fatal(err)
		}
		if !keep {
			if err := s.RemoveSecret(t.Context(), info.Name); err != nil {
				t.Fatal(err)
			}
		}
		mustUndo(t, s)
		if after, err := s.Get(t.Context(), "ledger"); err != nil || (after.LastTest != nil) != keep {
			t.Errorf("with its secret %v: %+v, %v", keep, after.LastTest, err)
		}
	}
}

func TestWhatSomebodyElseChangedSinceIsNotOverwritten(t *testing.T) {
	t.Parallel()
	s := indexedStore(t)
	put(t, s, connector("ledger", model.Scope{}))
	path := filepath.Join(s.connectorsDir(), "ledger.yaml")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(data, "# by hand\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = s.Undo(t.Context(), nil)
	if p, ok := model.AsProblem(err); !ok || p.Code != "store.conflict" {
		t.Errorf("%v", err)
	}
	if now, _ := os.ReadFile(path); string(now) != string(data)+"# by hand\n" {
		t.Error("the file was changed")
	}
}

// It stood before all others for good: after a secret was renamed nothing could be
// taken back any more, not even a deletion.
func TestAChangeThatCannotBeTakenBackIsInNobodysWay(t *testing.T) {
	t.Parallel()
	s := indexedStore(t)
	put(t, s, connector("gone", model.Scope{}))
	if err := s.Delete(t.Context(), "gone", ""); err != nil {
		t.Fatal(err)
	}
	put(t, s, connector("ledger", model.Scope{}))
	refused := &model.Problem{Code: "ref.missing", What: "Its secret is gone."}
	if _, err := s.Undo(t.Context(), func(_, _ *model.Connector) error { return refused }); !errors.Is(err, refused) {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), "ledger"); err != nil {
		t.Errorf("a refused undo took it: %v", err)
	}
	if change := mustUndo(t, s); change.Key != "gone" || change.What != model.ChangeDeleted {
		t.Errorf("then %+v was taken back", change)
	}
	if _, err := s.Get(t.Context(), "gone"); err != nil {
		t.Error(err)
	}
}

func TestAChangeThatWasNeverMadeIsPassedOver(t *testing.T) {
	t.Parallel()
	s := indexedStore(t)
	first := put(t, s, connector("ledger", model.Scope{}))
	p, err := s.spotOf(model.Scope{}, "ledger")
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(p.path)
	if err != nil {
		t.Fatal(err)
	}
	// A process that is killed right here has announced a change and made none.
	s.remember(p, "Ledger", data, []byte("never written"), nil)
	if c := mustUndo(t, s); c.What != model.ChangeMade || c.Name != first.Connector.Name {
		t.Errorf("took back %+v", c)
	}
}

func TestAChangeThatIsTakenBackByItselfIsForgotten(t *testing.T) {
	t.Parallel()
	s := indexedStore(t)
	saved := put(t, s, connector("ledger", model.Scope{}))
	changed := saved.Connector
	changed.Description = "another"
	next, err := s.Save(t.Context(), changed, saved.Revision)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Save(t.Context(), saved.Connector, next.Revision); err != nil {
		t.Fatal(err)
	}
	if c := mustUndo(t, s); c.What != model.ChangeMade {
		t.Errorf("%+v", c)
	}
}

func TestOnlyTheLastChangesAreKeptAndTheCheckMayRefuse(t *testing.T) {
	t.Parallel()
	s := indexedStore(t)
	for i := range maxUndo + 5 {
		put(t, s, connector(fmt.Sprintf("c%02d", i), model.Scope{}))
	}
	if n := len(remembered(t, s)); n != maxUndo {
		t.Errorf("%d are kept", n)
	}
	no := errors.New("no")
	if _, err := s.Undo(t.Context(), func(back, now *model.Connector) error {
		if back != nil || now == nil || now.ID != "c24" {
			t.Errorf("asked about %v and %v", back, now)
		}
		return no
	}); !errors.Is(err, no) {
		t.Error(err)
	}
	if len(documents(t, s)) != maxUndo+5 || len(remembered(t, s)) != maxUndo {
		t.Error("a refused undo changed something")
	}
	for name, data := range map[string]string{"torn": `{"version":1,"id":"x`, "foreign": "hello"} {
		if err := os.WriteFile(s.undoPath(), []byte(data+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, ok, err := s.LastChange(t.Context()); ok || err != nil {
			t.Errorf("%s: %v %v", name, ok, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := s.LastChange(ctx); err == nil {
		t.Error("cancelled and no error")
	}
}
