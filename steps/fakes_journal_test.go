package steps

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"bbconnect/model"
)

// journal is flow's Journal in memory. A document is the connector as JSON.
type journal struct {
	library *library

	mu     sync.Mutex
	held   bool
	record *model.MigrationRecord
	// outside are documents that are not among the saved ones, by path.
	outside map[string]model.Connector
	// readErr and replaceErr are what reading the journal and replacing documents
	// answer instead.
	readErr, replaceErr error
}

func (j *journal) HoldMigration(context.Context) (func(), error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.held {
		return nil, &model.Problem{Code: "store.busy", What: "Another process is running a migration.", Fix: "Wait for it."}
	}
	j.held = true
	return func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.held = false
	}, nil
}

func (j *journal) Migration(context.Context) (model.MigrationRecord, bool, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.record == nil || j.readErr != nil {
		return model.MigrationRecord{}, false, j.readErr
	}
	return *j.record, true, nil
}

func (j *journal) WriteMigration(ctx context.Context, r model.MigrationRecord) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	r.Members, r.Secrets = slices.Clone(r.Members), slices.Clone(r.Secrets)
	j.record = &r
	return nil
}

func (j *journal) RemoveMigration(context.Context) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.record = nil
	return nil
}

func (j *journal) ComposeDocuments(ctx context.Context, edits []model.DocumentEdit) ([]model.DocumentChange, error) {
	out := make([]model.DocumentChange, 0, len(edits))
	for _, e := range edits {
		change := model.DocumentChange{Path: e.Member.Path, After: documentOf(e.After)}
		if e.Member.Path == "" {
			change.Key = e.Member.Saved.Connector.Key()
		}
		var err error
		if change.Before, err = j.document(ctx, change); err != nil {
			return nil, err
		}
		out = append(out, change)
	}
	return out, nil
}

func (j *journal) document(ctx context.Context, c model.DocumentChange) ([]byte, error) {
	if c.Path != "" {
		return documentOf(j.outside[c.Path]), nil
	}
	s, err := j.library.Get(ctx, c.Key)
	return documentOf(s.Connector), err
}

func documentOf(c model.Connector) []byte {
	data, err := json.Marshal(c)
	if err != nil {
		panic(err)
	}
	return data
}

func (j *journal) ReadDocument(data []byte) (c model.Connector, err error) {
	err = json.Unmarshal(data, &c)
	return c, err
}

func (j *journal) ReplaceDocuments(ctx context.Context, changes []model.DocumentChange, dry bool) error {
	if j.replaceErr != nil {
		return j.replaceErr
	}
	for _, c := range changes {
		now, err := j.document(ctx, c)
		if err != nil {
			return err
		}
		if !bytes.Equal(now, c.Before) && !bytes.Equal(now, c.After) {
			return &model.Problem{Code: "store.conflict", What: c.Key + " was changed by somebody else.", Why: "Its file is another one.", Fix: "Look at it."}
		}
	}
	if dry {
		return nil
	}
	for _, c := range changes {
		after, err := j.ReadDocument(c.After)
		if err != nil {
			return err
		}
		if c.Path != "" {
			j.outside[c.Path] = after
			continue
		}
		j.library.mu.Lock()
		s := j.library.connectors[c.Key]
		j.library.revision++
		s.Connector, s.Revision = after, fmt.Sprint("r", j.library.revision)
		j.library.connectors[c.Key] = s
		j.library.mu.Unlock()
	}
	return nil
}

func (j *journal) SecretsFile(ctx context.Context) ([]byte, error) {
	secrets, _ := j.library.Secrets(ctx)
	return json.Marshal(secrets)
}

func (j *journal) RestoreSecretsFile(_ context.Context, was []byte) error {
	j.library.mu.Lock()
	defer j.library.mu.Unlock()
	j.library.secrets = nil
	return json.Unmarshal(was, &j.library.secrets)
}

func (j *journal) RestoreTests(_ context.Context, was map[string]*model.TestRecord) error {
	j.library.mu.Lock()
	defer j.library.mu.Unlock()
	for key, r := range was {
		s := j.library.connectors[key]
		s.LastTest = r
		j.library.connectors[key] = s
	}
	return nil
}

// sortedLines makes a text comparable whose lines have no order.
func sortedLines(lines []string) []string {
	slices.Sort(lines)
	return lines
}
