package store

import (
	"bytes"
	"context"

	"bbconnect/internal/disk"
	"bbconnect/internal/document"
	"bbconnect/model"
)

// ReadDocument is the connector a document describes. The error is document.Decode's.
func (s *Store) ReadDocument(data []byte) (model.Connector, error) {
	c, _, err := document.Decode(data)
	return c, err
}

// DocumentAt reads a connector's document that stands outside the saved ones, with
// its revision. Errors: document.Decode's, store.unreadable.
func (s *Store) DocumentAt(ctx context.Context, path string) (model.MigrationMember, error) {
	if err := ctx.Err(); err != nil {
		return model.MigrationMember{}, err
	}
	data, err := read(path, maxDocument)
	if err == nil && data == nil {
		err = notFound(path, nil)
	}
	if err != nil {
		return model.MigrationMember{}, err
	}
	c, err := s.ReadDocument(data)
	return model.MigrationMember{Path: path, Saved: model.Saved{Connector: c, Revision: revision(data)}}, err
}

// ComposeDocuments makes the new documents, each an edit of the one there is, and
// writes nothing. store.conflict names those that are no longer as they were read.
func (s *Store) ComposeDocuments(ctx context.Context, edits []model.DocumentEdit) ([]model.DocumentChange, error) {
	out := make([]model.DocumentChange, 0, len(edits))
	var changed []string
	for _, e := range edits {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		change := model.DocumentChange{Path: e.Member.Path}
		if change.Path == "" {
			change.Key = e.Member.Saved.Connector.Key()
		}
		path, err := s.pathOf(change)
		if err != nil {
			return nil, err
		}
		if change.Before, err = read(path, maxDocument); err != nil {
			return nil, err
		}
		if base := e.Member.Saved.Revision; change.Before == nil || base != "" && revision(change.Before) != base {
			changed = append(changed, e.Member.ID())
			continue
		}
		if err := holdsNoSecret(e.After); err != nil {
			return nil, err
		}
		if change.After, err = document.Edit(change.Before, e.After); err != nil {
			return nil, err
		}
		out = append(out, change)
	}
	if len(changed) > 0 {
		return nil, conflicting(changed)
	}
	return out, nil
}

// pathOf is the file of a change, which has to be there unless the change brings it
// back.
func (s *Store) pathOf(change model.DocumentChange) (string, error) {
	if change.Path != "" {
		return change.Path, nil
	}
	p, err := s.spotOfKey(change.Key)
	if err == nil && !change.Restores && !exists(p) {
		err = notFound(change.Key, nil)
	}
	return p.path, err
}

// ReplaceDocuments writes the After of every change, unless it is there already. All
// are looked at first: where one is neither Before nor After, nothing is written and
// store.conflict names it. A document that is gone is written anew by a change that
// restores, and by no other. With dry nothing is written in any case.
func (s *Store) ReplaceDocuments(ctx context.Context, changes []model.DocumentChange, dry bool) error {
	return s.locked(ctx, s.connectorsDir(), func() error {
		var files []disk.File
		var changed []string
		for _, change := range changes {
			path, err := s.pathOf(change)
			if err != nil {
				return err
			}
			now, err := read(path, maxDocument)
			if err != nil {
				return err
			}
			switch {
			case bytes.Equal(now, change.After):
			case bytes.Equal(now, change.Before), now == nil && change.Restores:
				files = append(files, disk.File{Path: path, Data: change.After})
			default:
				changed = append(changed, change.Key+change.Path)
			}
		}
		if len(changed) > 0 {
			return conflicting(changed)
		}
		if dry || len(files) == 0 {
			return nil
		}
		if err := disk.WriteFiles(files); err != nil {
			return unwritable(s.connectorsDir(), err)
		}
		return nil
	})
}
