package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"bbconnect/internal/disk"
	"bbconnect/model"
)

// maxUndo is how many changes are kept to be taken back.
const maxUndo = 20

// past is one change as state/undo.jsonl holds it: a document as it was, never a
// secret. The file is state: without it nothing can be taken back, and nothing
// is lost.
type past struct {
	Version int    `json:"version"`
	Key     string `json:"key"`
	Org     string `json:"org,omitempty"`
	Project string `json:"project,omitempty"`
	ID      string `json:"id"`
	Name    string `json:"name"`
	// Before is the document as it was, "" where there was none; After is the
	// revision that the change left, "" where it left no file.
	Before string    `json:"before"`
	After  string    `json:"after"`
	At     time.Time `json:"at"`
	// Test is the last test of a connector that was deleted.
	Test *verdict `json:"test,omitempty"`
}

func (p past) change() model.Change {
	c := model.Change{Key: p.Key, Name: p.Name, At: p.At, What: model.ChangeEdited}
	switch {
	case p.Before == "":
		c.What = model.ChangeMade
	case p.After == "":
		c.What = model.ChangeDeleted
	}
	return c
}

func (s *Store) undoPath() string { return filepath.Join(s.folders.State, "undo.jsonl") }

// pasts are the changes that are kept, the oldest first. Lines that cannot be
// read are passed over; one of a newer version is store.newer, since the changes it
// tells of came after those that can be read.
func (s *Store) pasts() ([]past, error) {
	data, err := read(s.undoPath(), maxList)
	if err != nil {
		return nil, nil
	}
	var out []past
	for line := range bytes.Lines(data) {
		var p past
		unreadable := json.Unmarshal(line, &p) != nil
		if p.Version > version {
			return nil, newer(s.undoPath(), p.Version, version)
		}
		if !unreadable && p.Version == version && p.ID != "" {
			out = append(out, p)
		}
	}
	return out, nil
}

// remember keeps a change before it is made, under the lock of the connectors.
// An edit that only takes the last one back is no change: both are forgotten.
// That it cannot be kept is no reason not to make it.
func (s *Store) remember(p spot, name string, before, after []byte, test *model.TestRecord) {
	all, err := s.pasts()
	if err != nil {
		return // what a newer program remembers is left alone
	}
	entry := past{
		Version: version, Key: p.key(), Org: p.scope.Org, Project: p.scope.Project, ID: p.id, Name: name,
		Before: string(before), At: s.clock().UTC().Truncate(time.Second),
	}
	if after != nil {
		entry.After = revision(after)
	}
	if test != nil {
		entry.Test = &verdict{Key: p.key(), Verdict: test.Verdict, At: test.At, Code: test.Code, What: test.What}
	}
	if n := len(all); n > 0 && before != nil && after != nil && all[n-1].Key == entry.Key && all[n-1].Before == string(after) && all[n-1].After == revisionOf(before) {
		all = all[:n-1]
	} else {
		all = append(all, entry)
	}
	s.keepPasts(all[max(0, len(all)-maxUndo):])
}

// revisionOf is the revision of a file that may not be there.
func revisionOf(data []byte) string {
	if data == nil {
		return ""
	}
	return revision(data)
}

func (s *Store) keepPasts(all []past) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	for _, p := range all {
		if enc.Encode(p) != nil {
			return
		}
	}
	_ = disk.WriteCache(s.undoPath(), out.Bytes())
}

// ForgetChanges leaves nothing for Undo to take back: what stands is where a
// person begins, as with connectors that a program put there by itself.
func (s *Store) ForgetChanges(ctx context.Context) error {
	return s.locked(ctx, s.connectorsDir(), func() error {
		s.keepPasts(nil)
		return nil
	})
}

// LastChange is the change that Undo would take back; ok is false when there is
// none. Changes that were begun and never made, as by a process that was killed,
// are passed over.
func (s *Store) LastChange(ctx context.Context) (change model.Change, ok bool, err error) {
	if err := ctx.Err(); err != nil {
		return model.Change{}, false, err
	}
	all, err := s.pasts()
	if err != nil {
		return model.Change{}, false, err
	}
	if all, err = s.made(all); err != nil || len(all) == 0 {
		return model.Change{}, false, err
	}
	return all[len(all)-1].change(), true, nil
}

// made drops changes from the end that left nothing behind: the file is still
// what it was before.
func (s *Store) made(all []past) ([]past, error) {
	for len(all) > 0 {
		last := all[len(all)-1]
		p, err := s.spotOf(model.Scope{Org: last.Org, Project: last.Project}, last.ID)
		if err != nil {
			return nil, err
		}
		current, err := read(p.path, maxDocument)
		if err != nil {
			return nil, err
		}
		if revisionOf(current) == last.After || string(current) != last.Before {
			return all, nil
		}
		all = all[:len(all)-1]
	}
	return nil, nil
}

// Undo takes the last change to a connector back: its document is what it was,
// byte for byte, or is removed where the change made it. check, which may be
// nil, looks at the connector that would come back and may refuse. Where the
// file is no longer what the change left, the error is store.conflict and
// nothing is changed; without any change it is store.not-found. A change that cannot
// be taken back is forgotten, so that the one before it is next.
func (s *Store) Undo(ctx context.Context, check func(back, now *model.Connector) error) (model.Change, error) {
	var done past
	err := s.locked(ctx, s.connectorsDir(), func() error {
		all, err := s.pasts()
		if err != nil {
			return err
		}
		if all, err = s.made(all); err != nil {
			return err
		}
		if len(all) == 0 {
			return &model.Problem{
				Code: "store.not-found", What: "There is nothing to take back.", Why: fmt.Sprintf("The last %d changes to connectors are kept, on this machine alone.", maxUndo),
				Fix: "bbconnect edit ID changes a connector.", Cause: ErrNotFound,
			}
		}
		done = all[len(all)-1]
		if err := s.takeBack(done, check); err != nil {
			if p, told := model.AsProblem(err); told && p.Code != "store.unwritable" {
				s.keepPasts(all[:len(all)-1]) // it would stand before all others for good
			}
			return err
		}
		s.keepPasts(all[:len(all)-1])
		return nil
	})
	if err != nil {
		return model.Change{}, err
	}
	if v := done.Test; v != nil && (v.Verdict == model.VerdictFail || s.stillHas(ctx, done)) {
		_ = s.append(ctx, *v) // the test is state: without it the connector counts as never tested
	}
	if done.Before == "" {
		_ = s.forgetTest(ctx, done.Key)
	}
	return done.change(), nil
}

// stillHas reports whether every secret that the document of before names is there:
// one that was deleted with its connector does not come back, and that a test passed
// with it is no longer true.
func (s *Store) stillHas(ctx context.Context, done past) bool {
	p, err := s.spotOf(model.Scope{Org: done.Org, Project: done.Project}, done.ID)
	if err != nil {
		return false
	}
	back := connectorIn(p, []byte(done.Before))
	secrets, err := s.Secrets(ctx)
	if back == nil || err != nil {
		return false
	}
	return !slices.ContainsFunc(back.SecretRefs(), func(ref model.SecretRef) bool {
		name, err := ref.Name(back.Scope)
		return err != nil || !slices.ContainsFunc(secrets, func(info model.SecretInfo) bool { return info.Name == name })
	})
}

// takeBack puts one document back.
func (s *Store) takeBack(done past, check func(back, now *model.Connector) error) error {
	p, err := s.spotOf(model.Scope{Org: done.Org, Project: done.Project}, done.ID)
	if err != nil {
		return err
	}
	current, err := read(p.path, maxDocument)
	if err != nil {
		return err
	}
	if revisionOf(current) != done.After {
		return &model.Problem{
			Code: "store.conflict", What: fmt.Sprintf("The connector %s was changed again since.", done.Key),
			Why: "Its file is not the one that change left.", Fix: "Edit it; what somebody else did is not overwritten. The next undo is for the change before it.",
		}
	}
	if check != nil {
		if err := check(connectorIn(p, []byte(done.Before)), connectorIn(p, current)); err != nil {
			return err
		}
	}
	if done.Before != "" {
		return write(p.path, []byte(done.Before))
	}
	if err := os.Remove(p.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unwritable(p.path, err)
	}
	s.removeEmpty(filepath.Dir(p.path))
	return nil
}

// connectorIn reads a document that may not be there, nil when it cannot be
// understood.
func connectorIn(p spot, data []byte) *model.Connector {
	if len(data) == 0 {
		return nil
	}
	saved, problem := understand(p, data)
	if problem != nil {
		return nil
	}
	return &saved.Connector
}
