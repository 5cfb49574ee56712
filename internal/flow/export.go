package flow

import (
	"context"
	"path/filepath"

	"bbconnect/model"
)

// CopyDocuments puts the documents of saved connectors on the clipboard, several
// of them separated as YAML does it. There is no secret in them.
func (j *Jobs) CopyDocuments(ctx context.Context, keys []string) error {
	docs, err := j.documents(ctx, keys)
	if err != nil {
		return err
	}
	var text []byte
	for i, doc := range docs {
		if i > 0 {
			text = append(text, "---\n"...)
		}
		text = append(text, doc...)
	}
	return j.Machine.Copy(ctx, string(text))
}

// WriteDocuments writes the documents of saved connectors into a folder, a file
// each, in folders by scope, and returns the files that were written. A file of
// that name is replaced.
func (j *Jobs) WriteDocuments(ctx context.Context, keys []string, folder string) ([]string, error) {
	docs, err := j.documents(ctx, keys)
	if err != nil {
		return nil, err
	}
	var files []string
	for i, key := range keys {
		if ctx.Err() != nil {
			return files, ctx.Err()
		}
		name := filepath.FromSlash(key) + ".yaml"
		if err := j.Machine.WriteInto(ctx, folder, name, docs[i]); err != nil {
			return files, err
		}
		files = append(files, filepath.Join(folder, name))
	}
	return files, nil
}

// documents makes every document before the first one goes anywhere, so that a
// damaged one leaves nothing half done.
func (j *Jobs) documents(ctx context.Context, keys []string) ([][]byte, error) {
	docs := make([][]byte, len(keys))
	for i, key := range keys {
		var err error
		if docs[i], err = j.Library.Export(ctx, key); err != nil {
			return nil, err
		}
	}
	return docs, nil
}

// Duplicate is the draft of a new connector that has everything of a saved one
// but its name and id, and refers to the same secrets. Nothing is saved.
func (j *Jobs) Duplicate(ctx context.Context, key string) (model.Draft, model.World, error) {
	saved, err := j.Library.Get(ctx, key)
	if err != nil {
		return model.Draft{}, model.World{}, err
	}
	w, err := j.World(ctx)
	if err != nil {
		return model.Draft{}, model.World{}, err
	}
	d := model.DraftOf(saved.Connector, w)
	d.Editing, d.Base, d.Original = "", nil, &saved.Connector
	return d.Without(model.QName).Without(model.QID), w, nil
}
