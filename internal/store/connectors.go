package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"bbconnect/internal/disk"
	"bbconnect/internal/document"
	"bbconnect/model"
)

// Get finds a connector by its key, or by its bare id where that names one
// only. Errors: store.not-found (errors.Is ErrNotFound), store.ambiguous with
// the candidates, store.damaged, store.newer, store.unreadable.
func (s *Store) Get(ctx context.Context, key string) (model.Saved, error) {
	p, data, err := s.load(ctx, key)
	if err != nil {
		return model.Saved{}, err
	}
	saved, problem := understand(p, data)
	if problem != nil {
		return model.Saved{}, problem
	}
	saved.LastTest = s.lastTest(p.key())
	return saved, nil
}

// Document is the connector's file as it stands, comments and all. Errors are
// those of Get, except that a damaged file is returned as it is.
func (s *Store) Document(ctx context.Context, key string) ([]byte, error) {
	_, data, err := s.load(ctx, key)
	return data, err
}

// Export is the connector's document for others, as document.Export writes it:
// applied in Harness or committed as it is. Errors are those of Get.
func (s *Store) Export(ctx context.Context, key string) ([]byte, error) {
	p, data, err := s.load(ctx, key)
	if err != nil {
		return nil, err
	}
	if _, problem := understand(p, data); problem != nil {
		return nil, problem
	}
	return document.Export(data, document.FormatHarness)
}

func (s *Store) load(ctx context.Context, key string) (spot, []byte, error) {
	if err := ctx.Err(); err != nil {
		return spot{}, nil, err
	}
	p, err := s.find(key)
	if err != nil {
		return spot{}, nil, err
	}
	data, err := read(p.path, maxDocument)
	if err == nil && data == nil {
		err = notFound(key, nil)
	}
	return p, data, err
}

// understand turns a file into a saved connector. The file must say what its
// place says: a copy under another name would otherwise be two connectors of
// one id.
func understand(p spot, data []byte) (model.Saved, *model.Problem) {
	c, _, err := document.Decode(data)
	if err != nil {
		problem, _ := model.AsProblem(err)
		if problem != nil && problem.Code == "store.newer" {
			problem.What = p.path + ": " + problem.What
			return model.Saved{}, problem
		}
		why := "It is not readable as a connector."
		if problem != nil {
			why = problem.What
		}
		return model.Saved{}, damaged(p.path, why, err)
	}
	if c.Scope != p.scope || c.ID != p.id {
		return model.Saved{}, damaged(p.path, fmt.Sprintf("It stands in the place of %s and says that it is %s.", p.key(), printable(c.Key())), nil)
	}
	return model.Saved{Connector: c, Revision: revision(data)}, nil
}

// leftoverAge is how old a temporary file must be before a save takes it for
// one that a killed process left.
const leftoverAge = time.Hour

// Save writes a connector and returns it as it was saved. base is the revision
// the change started from, "" for a connector that must not exist yet. Where
// the file has another revision by now nothing is written, and the error is
// store.conflict. An existing file is edited, so that its comments, order and
// unknown keys stay. Ids that cannot be file names and addresses or references
// that hold a credential are refused.
func (s *Store) Save(ctx context.Context, c model.Connector, base string) (model.Saved, error) {
	p, err := s.spotOf(c.Scope, c.ID)
	if err != nil {
		return model.Saved{}, err
	}
	if err := holdsNoSecret(c); err != nil {
		return model.Saved{}, err
	}
	var saved model.Saved
	err = s.locked(ctx, s.connectorsDir(), func() error {
		current, err := read(p.path, maxDocument)
		if err != nil {
			return err
		}
		if err := unchanged(p, current, base); err != nil {
			return err
		}
		next, err := compose(p, current, c)
		if err != nil {
			return err
		}
		if !bytes.Equal(next, current) {
			s.remember(p, c.Name, current, next, nil)
			if document.Unversioned(current) {
				if err := keepOld(p.path, 0); err != nil {
					return err
				}
			}
			if err := write(p.path, next); err != nil {
				return err
			}
			// The save is done: a leftover that cannot go is no reason to call it failed.
			if !s.tidy.Load() {
				_ = disk.RemoveLeftovers(filepath.Dir(p.path), time.Now().Add(-leftoverAge))
			}
		}
		var problem *model.Problem
		if saved, problem = understand(p, next); problem != nil {
			return problem
		}
		return nil
	})
	if err != nil {
		return model.Saved{}, err
	}
	saved.LastTest = s.lastTest(p.key())
	return saved, nil
}

// compose is the new contents of a connector's file.
func compose(p spot, current []byte, c model.Connector) ([]byte, error) {
	if current == nil {
		return document.Encode(c)
	}
	if _, problem := understand(p, current); problem != nil {
		return nil, problem
	}
	return document.Edit(current, c)
}

// unchanged compares the file with what the change started from.
func unchanged(p spot, current []byte, base string) error {
	conflict := model.Problem{Code: "store.conflict", Field: model.QID}
	switch {
	case base == "" && current == nil:
		return nil
	case base == "":
		conflict.What = fmt.Sprintf("There is a connector %s already.", p.key())
		conflict.Why = "It is in " + p.path + "."
		conflict.Fix = "Choose another id, or edit that connector."
	case current == nil:
		conflict.What = fmt.Sprintf("The connector %s is no longer there.", p.key())
		conflict.Why = "Another process or an editor removed its file meanwhile."
		conflict.Fix = "Save it as a new connector, or leave it removed."
	case revision(current) != base:
		conflict.What = fmt.Sprintf("The connector %s was changed by somebody else meanwhile.", p.key())
		conflict.Why = "Its file is not the one this change started from."
		conflict.Fix = "Open it again and make the change once more."
	default:
		return nil
	}
	return &conflict
}

// Delete removes a connector at a revision, together with what was remembered
// of its test. base "" removes whatever revision is there, a damaged file too.
// Secrets are not touched.
func (s *Store) Delete(ctx context.Context, key, base string) error {
	var p spot
	err := s.locked(ctx, s.connectorsDir(), func() error {
		var err error
		if p, err = s.find(key); err != nil {
			return err
		}
		current, err := read(p.path, maxDocument)
		switch {
		case base == "" && err != nil:
			current = nil // a damaged file goes all the same
		case err != nil:
			return err
		case base != "":
			if err := unchanged(p, current, base); err != nil {
				return err
			}
		}
		if current != nil {
			name := p.id
			if c := connectorIn(p, current); c != nil {
				name = c.Name
			}
			s.remember(p, name, current, nil, s.lastTests()[p.key()])
		}
		if err := os.Remove(p.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return unwritable(p.path, err)
		}
		s.removeEmpty(filepath.Dir(p.path))
		return nil
	})
	if err != nil {
		return err
	}
	return s.forgetTest(ctx, p.key())
}

// removeEmpty removes the folders of an organisation and project that hold
// nothing any more; the system refuses to remove others.
func (s *Store) removeEmpty(dir string) {
	for dir != s.connectorsDir() && os.Remove(dir) == nil {
		dir = filepath.Dir(dir)
	}
}
