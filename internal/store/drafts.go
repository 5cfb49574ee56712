package store

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"bbconnect/internal/document"
	"bbconnect/model"
)

const draftComment = "An unfinished connector. No secret is in it; deleting it loses the answers only."

type draftFile struct {
	Version  int                         `yaml:"version"`
	SavedAt  time.Time                   `yaml:"savedAt"`
	Editing  string                      `yaml:"editing,omitempty"`
	Revision string                      `yaml:"revision,omitempty"`
	Base     string                      `yaml:"base,omitempty"`
	Answers  map[model.QuestionID]string `yaml:"answers"`
}

func (s *Store) draftsDir() string { return filepath.Join(s.folders.State, "drafts") }

// draftPath refuses ids that could be anything but one plain file name.
func (s *Store) draftPath(id string) (string, error) {
	if !fileName(id) {
		return "", &model.Problem{
			Code: "store.not-found", What: "There is no such draft.", Why: "Its id is not one of a draft.", Fix: "Start anew.", Cause: ErrNotFound,
		}
	}
	return filepath.Join(s.draftsDir(), id+extension), nil
}

// SaveDraft writes the answers of a draft, never its secrets, and returns the
// id it is kept under: the draft's own, or a new one.
func (s *Store) SaveDraft(ctx context.Context, d model.Draft) (string, error) {
	id := d.ID
	if id == "" {
		id = "draft_" + strings.ToLower(rand.Text()[:16])
	}
	path, err := s.draftPath(id)
	if err != nil {
		return "", err
	}
	file := draftFile{
		Version: draftFormat().version(), SavedAt: s.clock().UTC().Truncate(time.Second), Editing: d.Editing, Revision: d.BaseRevision, Answers: withoutSecrets(d.Answers()),
	}
	if d.Base != nil {
		clean := *d.Base
		clean.URL = withoutCredentials(clean.URL)
		base, err := document.Encode(clean)
		if err != nil {
			return "", err
		}
		file.Base = string(base)
	}
	err = s.locked(ctx, s.draftsDir(), func() error {
		var before draftFile
		if _, err := readYAML(path, draftFormat(), &before); err != nil {
			// A damaged draft is replaced; one of a newer version is not.
			if p, ok := model.AsProblem(err); !ok || p.Code != "store.damaged" {
				return err
			}
		}
		return writeYAML(path, draftComment, file)
	})
	return id, err
}

// Drafts lists the unfinished drafts, the latest first. Drafts that cannot be
// read are left out and left alone: nothing depends on them.
func (s *Store) Drafts(ctx context.Context) ([]model.SavedDraft, error) {
	entries, err := os.ReadDir(s.draftsDir())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, &model.Problem{
			Code: "store.unreadable", What: "The folder " + s.draftsDir() + " cannot be read.", Why: reason(err),
			Fix: "Give yourself read access to it.", Cause: err,
		}
	}
	var out []model.SavedDraft
	for _, entry := range entries {
		id, ok := strings.CutSuffix(entry.Name(), extension)
		if !ok || !fileName(id) {
			continue
		}
		if saved, ok := s.readDraft(id); ok {
			out = append(out, saved)
		}
	}
	slices.SortStableFunc(out, func(a, b model.SavedDraft) int { return b.SavedAt.Compare(a.SavedAt) })
	return out, ctx.Err()
}

func (s *Store) readDraft(id string) (model.SavedDraft, bool) {
	var file draftFile
	path := filepath.Join(s.draftsDir(), id+extension)
	old, err := readYAML(path, draftFormat(), &file)
	if err != nil || file.Version == 0 || old == 0 && len(file.Answers) == 0 {
		return model.SavedDraft{}, false
	}
	d := model.NewDraft().WithAnswers(file.Answers)
	d.ID, d.Editing, d.BaseRevision = id, file.Editing, file.Revision
	if file.Base != "" {
		base, _, err := document.Decode([]byte(file.Base))
		if err != nil {
			return model.SavedDraft{}, false
		}
		d.Base = &base
	}
	return model.SavedDraft{Draft: d, SavedAt: file.SavedAt}, true
}

// RemoveDraft removes a draft; one that is not there is removed already.
func (s *Store) RemoveDraft(ctx context.Context, id string) error {
	path, err := s.draftPath(id)
	if err != nil {
		return err
	}
	return s.locked(ctx, s.draftsDir(), func() error {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return unwritable(path, err)
		}
		return nil
	})
}
