package flow

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"bbconnect/model"
)

// ward is a house with a journal, whose process can be killed: from the call with
// number dies on nothing works any more.
type ward struct {
	*house
	journal *model.MigrationRecord
	held    bool
	tests   func(model.TestRequest) model.TestResult
	sending sync.Mutex
}

func (w *ward) jobs() *Jobs {
	j := w.house.jobs()
	j.Journal, j.Tester = w, w
	return j
}

// Test answers as w.tests says; requests are kept.
func (w *ward) Test(_ context.Context, req model.TestRequest, report func(model.Check)) model.TestResult {
	w.sending.Lock()
	defer w.sending.Unlock()
	w.sent = append(w.sent, req)
	report(model.Check{ID: "git"})
	if w.tests == nil {
		return w.result
	}
	return w.tests(req)
}

func (w *ward) HoldMigration(context.Context) (func(), error) {
	if w.held {
		return nil, &model.Problem{Code: "store.busy"}
	}
	w.held = true
	return func() { w.held = false }, w.call()
}

func (w *ward) Migration(context.Context) (model.MigrationRecord, bool, error) {
	if w.journal == nil {
		return model.MigrationRecord{}, false, w.call()
	}
	return w.copyJournal(*w.journal), true, w.call()
}

// copyJournal goes through the form that is written: what is not in it is lost.
func (w *ward) copyJournal(r model.MigrationRecord) (out model.MigrationRecord) {
	data, err := json.Marshal(r)
	if err == nil {
		err = json.Unmarshal(data, &out)
	}
	if err != nil {
		panic(err)
	}
	return out
}

func (w *ward) WriteMigration(_ context.Context, r model.MigrationRecord) error {
	if err := w.call(); err != nil {
		return err
	}
	r = w.copyJournal(r)
	w.journal = &r
	return nil
}

func (w *ward) RemoveMigration(context.Context) error {
	if err := w.call(); err != nil {
		return err
	}
	w.journal = nil
	return nil
}

func (w *ward) ReadDocument(data []byte) (c model.Connector, err error) {
	return c, json.Unmarshal(data, &c)
}

func (w *ward) ComposeDocuments(_ context.Context, edits []model.DocumentEdit) ([]model.DocumentChange, error) {
	var out []model.DocumentChange
	for _, e := range edits {
		now := w.connectors[e.Member.Saved.Connector.Key()]
		if e.Member.Saved.Revision != "" && now.Revision != e.Member.Saved.Revision {
			return nil, &model.Problem{Code: "store.conflict"}
		}
		out = append(out, model.DocumentChange{Key: now.Connector.Key(), Before: asDocument(now.Connector), After: asDocument(e.After)})
	}
	return out, w.call()
}

func asDocument(c model.Connector) []byte {
	data, err := json.Marshal(c)
	if err != nil {
		panic(err)
	}
	return data
}

// ReplaceDocuments writes one after the other, so that a kill can come in between.
func (w *ward) ReplaceDocuments(_ context.Context, changes []model.DocumentChange, dry bool) error {
	for _, c := range changes {
		saved, there := w.connectors[c.Key]
		if !there && c.Restores {
			continue
		}
		now := asDocument(saved.Connector)
		if !bytes.Equal(now, c.Before) && !bytes.Equal(now, c.After) {
			return &model.Problem{Code: "store.conflict", What: c.Key}
		}
	}
	for _, c := range changes {
		if dry {
			break
		}
		if err := w.call(); err != nil {
			return err
		}
		next, err := w.ReadDocument(c.After)
		if err != nil {
			return err
		}
		saved := w.connectors[c.Key]
		saved.Connector = next
		w.connectors[c.Key] = saved
	}
	return w.call()
}

func (w *ward) SecretsFile(context.Context) ([]byte, error)      { return nil, w.call() }
func (w *ward) RestoreSecretsFile(context.Context, []byte) error { return w.call() }

func (w *ward) RestoreTests(_ context.Context, was map[string]*model.TestRecord) error {
	if err := w.call(); err != nil {
		return err
	}
	for key, r := range was {
		saved := w.connectors[key]
		saved.LastTest = r
		w.connectors[key] = saved
	}
	return nil
}

// copied is the same ward as another process finds it.
func (w *ward) copied() *ward {
	h := newHouse()
	h.connectors, h.secrets, h.settings = maps.Clone(w.connectors), maps.Clone(w.secrets), w.settings
	for where, values := range w.values {
		h.values[where] = maps.Clone(values)
	}
	next := &ward{house: h, tests: w.tests}
	if w.journal != nil {
		r := w.copyJournal(*w.journal)
		next.journal = &r
	}
	return next
}

// apiToken is a whole API token, made at run time: its last characters are the
// checksum of the others.
func apiToken(seed string) model.Secret { return checked("ATATT3", 184, seed) }

func appPassword(seed string) model.Secret { return checked("ATBB", 28, seed) }

func checked(prefix string, size int, seed string) model.Secret {
	body := prefix + strings.Repeat(seed+"xFfGF0", 40)
	body = body[:size]
	return model.NewSecret(fmt.Sprintf("%s%08X", body, crc32.ChecksumIEEE([]byte(body))))
}

// incident is a ward with App Passwords: jdoe's, shared by a connector with API
// access, one without, and one over SSH; ci's, used by one; and a connector that uses
// both a third person's for git and a fourth's for the API.
func incident(t *testing.T) *ward {
	t.Helper()
	w := &ward{house: newHouse()}
	keep := func(id, user string) {
		w.keep(model.SecretInfo{
			Name: model.SecretName("account/" + id), Type: model.SecretText, Kind: model.KindAppPassword, Where: model.WhereKeyring,
			Username: user, Host: "bitbucket.org", Created: testNow.AddDate(-1, 0, 0),
		}, appPassword(id).Reveal())
	}
	keep("jdoe", "jdoe")
	keep("ci", "acme-ci")
	keep("git", "ann")
	keep("api", "bob")
	old := model.APIAccess{Method: model.APIUsernameToken, Username: model.Login{Plain: "jdoe"}, TokenRef: "account.jdoe"}
	base := model.Connector{
		URL: "https://bitbucket.org/acme/", URLType: model.URLAccount, ConnectionType: model.HTTP, TestRepository: "ledger.git",
		Username: model.Login{Plain: "jdoe"}, PasswordRef: "account.jdoe", API: old, Mode: model.ModePlatform,
	}
	add := func(id string, change func(*model.Connector)) {
		c := base
		c.ID, c.Name = id, strings.ToUpper(id[:1])+id[1:]
		change(&c)
		w.put(c)
	}
	add("ledger", func(*model.Connector) {})
	add("mirror", func(c *model.Connector) { c.API = model.APIAccess{} })
	add("keys", func(c *model.Connector) {
		c.ConnectionType, c.URL, c.Username, c.PasswordRef, c.SSHKeyRef = model.SSH, "git@bitbucket.org:acme/", model.Login{}, "", "account.key"
	})
	add("builds", func(c *model.Connector) {
		c.Username.Plain, c.PasswordRef = "acme-ci", "account.ci"
		c.API.Username.Plain, c.API.TokenRef = "acme-ci", "account.ci"
	})
	add("two", func(c *model.Connector) {
		c.Username.Plain, c.PasswordRef = "ann", "account.git"
		c.API.Username.Plain, c.API.TokenRef = "bob", "account.api"
	})
	w.keep(model.SecretInfo{Name: "account/key", Type: model.SecretSSHKey, Kind: model.KindSSHKey, File: "account/key_file"}, "")
	w.keep(model.SecretInfo{Name: "account/key_file", Type: model.SecretFile, Kind: model.KindSSHKey, Where: model.WhereKeyring}, "the key")
	w.calls = 0
	return w
}

// all are replacements for every group of the plan.
func all(plan model.MigrationPlan) map[model.SecretName]model.Replacement {
	out := map[model.SecretName]model.Replacement{}
	for _, g := range plan.Groups {
		out[g.Name] = model.Replacement{
			Value: apiToken(string(g.Name)), Kind: model.KindAPIToken, Email: g.User + "@example.com", Expires: testNow.AddDate(1, 0, 0),
		}
	}
	return out
}

func (w *ward) plan(t *testing.T) model.MigrationPlan {
	t.Helper()
	plan, err := w.jobs().PlanMigration(t.Context(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// begun is a migration of everything, staged.
func (w *ward) begun(t *testing.T) *Migrating {
	t.Helper()
	plan := w.plan(t)
	m, err := w.jobs().BeginMigration(t.Context(), plan, all(plan), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

// names lists the secrets there are, and their values' kinds.
func (w *ward) names() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(w.values[model.WhereKeyring])) {
		kind := model.RecogniseCredential(model.NewSecret(w.values[model.WhereKeyring][name]), model.QPassword).Kind
		out = append(out, string(name)+" "+string(kind))
	}
	return out
}
