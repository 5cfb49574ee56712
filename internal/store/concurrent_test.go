package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bbconnect/model"
)

func TestListingWhileOthersSaveNeverSeesHalfAFile(t *testing.T) {
	t.Parallel()
	s, _ := fresh(t)
	for i := range 10 {
		put(t, s, connector(fmt.Sprintf("c%d", i), model.Scope{}))
	}
	var saving sync.WaitGroup
	var done atomic.Bool
	for i := range 3 {
		saving.Go(func() {
			for round := range 15 {
				key := fmt.Sprintf("c%d", i)
				saved, err := s.Get(t.Context(), key)
				if err != nil {
					t.Errorf("%s: %v", key, err)
					return
				}
				saved.Connector.Description = fmt.Sprintf("round %d of %d", round, i)
				if _, err := s.Save(t.Context(), saved.Connector, saved.Revision); err != nil {
					t.Errorf("%s: %v", key, err)
					return
				}
			}
		})
	}
	go func() { saving.Wait(); done.Store(true) }()
	for !done.Load() {
		list, damaged, err := s.List(t.Context())
		if err != nil || len(list) != 10 || len(damaged) != 0 {
			t.Fatalf("err %v, %d listed, damaged %v", err, len(list), damaged)
		}
	}
}

func TestOnlyOneOfManyNewConnectorsOfOneIDIsSaved(t *testing.T) {
	t.Parallel()
	s, _ := fresh(t)
	var group sync.WaitGroup
	var saved, refused atomic.Int32
	for i := range 8 {
		group.Go(func() {
			c := connector("a", model.Scope{})
			c.Name = fmt.Sprintf("Number %d", i)
			_, err := s.Save(t.Context(), c, "")
			p, _ := model.AsProblem(err)
			switch {
			case err == nil:
				saved.Add(1)
			case p != nil && p.Code == "store.conflict":
				refused.Add(1)
			default:
				t.Errorf("number %d: %v", i, err)
			}
		})
	}
	group.Wait()
	if saved.Load() != 1 || refused.Load() != 7 {
		t.Fatalf("%d saved, %d refused", saved.Load(), refused.Load())
	}
}

func TestSecretsAndHostKeysOfManyAreAllKept(t *testing.T) {
	t.Parallel()
	s, _ := fresh(t)
	put(t, s, connector("a", model.Scope{}))
	var group sync.WaitGroup
	for i := range 12 {
		group.Go(func() {
			err := errors.Join(
				s.PutSecret(t.Context(), model.SecretInfo{Name: model.SecretName(fmt.Sprintf("account/s%d", i))}),
				s.AcceptHostKey(t.Context(), model.HostKey{Line: fmt.Sprintf("h%d ssh-ed25519 AAAA", i)}),
				s.RecordTest(t.Context(), "a", model.TestRecord{Verdict: model.VerdictPass, At: time.Unix(int64(i), 0)}),
			)
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	secrets, err := s.Secrets(t.Context())
	hosts, err2 := s.KnownHosts(t.Context())
	if err := errors.Join(err, err2); err != nil || len(secrets) != 12 || len(lines(string(hosts))) != 13 {
		t.Fatalf("err %v, %d secrets, hosts\n%s", err, len(secrets), hosts)
	}
}

func TestACancelledCallEndsWithItsContextsError(t *testing.T) {
	t.Parallel()
	s, _ := fresh(t)
	put(t, s, connector("a", model.Scope{}))
	if _, err := s.SaveDraft(t.Context(), model.NewDraft()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range map[string]func() error{
		"List":          func() error { _, _, err := s.List(ctx); return err },
		"Get":           func() error { _, err := s.Get(ctx, "a"); return err },
		"Document":      func() error { _, err := s.Document(ctx, "a"); return err },
		"Delete":        func() error { return s.Delete(ctx, "a", "") },
		"Secrets":       func() error { _, err := s.Secrets(ctx); return err },
		"HoldSecrets":   func() error { _, err := s.HoldSecrets(ctx); return err },
		"PutSecret":     func() error { return s.PutSecret(ctx, model.SecretInfo{Name: "account/x"}) },
		"RemoveSecret":  func() error { return s.RemoveSecret(ctx, "account/x") },
		"Settings":      func() error { _, err := s.Settings(ctx); return err },
		"SaveSettings":  func() error { return s.SaveSettings(ctx, model.Settings{}) },
		"SaveDraft":     func() error { _, err := s.SaveDraft(ctx, model.NewDraft()); return err },
		"Drafts":        func() error { _, err := s.Drafts(ctx); return err },
		"RemoveDraft":   func() error { return s.RemoveDraft(ctx, "x") },
		"RecordTest":    func() error { return s.RecordTest(ctx, "a", model.TestRecord{}) },
		"KnownHosts":    func() error { _, err := s.KnownHosts(ctx); return err },
		"AcceptHostKey": func() error { return s.AcceptHostKey(ctx, model.HostKey{Line: "h ssh-ed25519 AAAA"}) },
	} {
		if err := call(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.Get(t.Context(), "a"); err != nil {
		t.Errorf("a cancelled call changed something: %v", err)
	}
}
