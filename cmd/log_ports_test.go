package cmd

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"bbconnect/internal/flow"
	"bbconnect/keystore"
	"bbconnect/model"
)

// tellTale is every port in one: each call is counted, and answers with err.
type tellTale struct {
	flow.Library
	flow.Journal
	flow.Archive
	calls int
	err   error
}

func (p *tellTale) call() error { p.calls++; return p.err }

func (p *tellTale) Save(_ context.Context, c model.Connector, _ string) (model.Saved, error) {
	return model.Saved{Connector: c, Revision: "r"}, p.call()
}
func (p *tellTale) Delete(context.Context, string, string) error { return p.call() }
func (p *tellTale) Undo(context.Context, func(back, now *model.Connector) error) (model.Change, error) {
	return model.Change{Key: "ledger", What: model.ChangeMade}, p.call()
}
func (p *tellTale) PutSecret(context.Context, model.SecretInfo) error    { return p.call() }
func (p *tellTale) RemoveSecret(context.Context, model.SecretName) error { return p.call() }
func (p *tellTale) SaveSettings(context.Context, model.Settings) error   { return p.call() }
func (p *tellTale) SaveDraft(context.Context, model.Draft) (string, error) {
	return "draft_1", p.call()
}

func (p *tellTale) RemoveDraft(context.Context, string) error { return p.call() }

func (p *tellTale) RecordTest(context.Context, string, model.TestRecord) error { return p.call() }

func (p *tellTale) RecordTests(context.Context, map[string]model.TestRecord) error { return p.call() }

func (p *tellTale) AcceptHostKey(context.Context, model.HostKey) error { return p.call() }

func (p *tellTale) TrustAuthority(context.Context, model.Authority) error { return p.call() }

func (p *tellTale) WriteMigration(context.Context, model.MigrationRecord) error { return p.call() }

func (p *tellTale) RemoveMigration(context.Context) error { return p.call() }

func (p *tellTale) ReplaceDocuments(context.Context, []model.DocumentChange, bool) error {
	return p.call()
}

func (p *tellTale) RestoreBackup(context.Context, model.Backup, model.RestoreWay) ([]model.RestoreItem, error) {
	return []model.RestoreItem{{Name: "x"}}, p.call()
}

func (s shelf) Get(context.Context, model.SecretName) (model.Secret, error) {
	return model.NewSecret("the-value-itself"), s.call()
}
func (p *tellTale) Set(context.Context, model.SecretName, model.Secret) error { return p.call() }
func (p *tellTale) Prove(context.Context) error                               { return p.call() }
func (p *tellTale) Where() model.Where                                        { return model.WhereVault }
func (p *tellTale) Describe() string                                          { return "a vault" }

// shelf is the keystore's half of the ports, whose Delete has another form.
type shelf struct{ *tellTale }

func (s shelf) Delete(context.Context, model.SecretName) error { return s.call() }

// Keystore implements flow.Keystores.
func (s shelf) Keystore(model.Where) (flow.Keystore, error) {
	if s.err != nil {
		return nil, s.call()
	}
	return s, nil
}

// ports are the calls that the log tells of, by the words it tells them with.
func ports(p *tellTale, log *runLog) map[string]func(context.Context) error {
	lib, journal, archive := loggedLibrary{p, log}, loggedJournal{p, log}, loggedArchive{p, log}
	keys := loggedKeystore{shelf{p}, log}
	return map[string]func(context.Context) error{
		"msg=save connector=ledger new=true": func(ctx context.Context) error {
			saved, err := lib.Save(ctx, model.Connector{ID: "ledger"}, "")
			return errors.Join(err, given(saved.Revision == "r"))
		},
		"msg=delete connector=ledger": func(ctx context.Context) error { return lib.Delete(ctx, "ledger", "r") },
		"msg=undo connector=ledger change=made": func(ctx context.Context) error {
			c, err := lib.Undo(ctx, nil)
			return errors.Join(err, given(c.Key == "ledger"))
		},
		`msg="record secret" secret=account/x where=vault kind=api-token`: func(ctx context.Context) error {
			return lib.PutSecret(ctx, model.SecretInfo{Name: "account/x", Where: model.WhereVault, Kind: model.KindAPIToken, Email: "jdoe@example.com"})
		},
		`msg="forget secret" secret=account/x`: func(ctx context.Context) error { return lib.RemoveSecret(ctx, "account/x") },
		`msg="save settings" keystore=vault theme=dark`: func(ctx context.Context) error {
			return lib.SaveSettings(ctx, model.Settings{Theme: "dark", Keystore: model.WhereVault, SecretCommand: "pass hunter2"})
		},
		`msg="save draft" draft=draft_1`: func(ctx context.Context) error {
			id, err := lib.SaveDraft(ctx, model.NewDraft())
			return errors.Join(err, given(id == "draft_1"))
		},
		`msg="remove draft" draft=draft_1`: func(ctx context.Context) error { return lib.RemoveDraft(ctx, "draft_1") },
		`msg="record test" connector=ledger`: func(ctx context.Context) error {
			return lib.RecordTest(ctx, "ledger", model.TestRecord{What: "jdoe said"})
		},
		`msg="record tests" connectors=2`: func(ctx context.Context) error {
			return lib.RecordTests(ctx, map[string]model.TestRecord{"a": {}, "b": {}})
		},
		`msg="accept host key" address=h:22`: func(ctx context.Context) error {
			return lib.AcceptHostKey(ctx, model.HostKey{Address: "h:22", Line: "jdoe"})
		},
		`msg="trust authority" host=h`: func(ctx context.Context) error {
			return lib.TrustAuthority(ctx, model.Authority{Host: "h", Subject: "jdoe"})
		},
		`msg="write journal" purpose=`: func(ctx context.Context) error { return journal.WriteMigration(ctx, model.MigrationRecord{}) },
		`msg="remove journal"`:         func(ctx context.Context) error { return journal.RemoveMigration(ctx) },
		`msg="replace documents" documents=1`: func(ctx context.Context) error {
			return journal.ReplaceDocuments(ctx, make([]model.DocumentChange, 1), true)
		},
		`msg=restore way=skip connectors=1`: func(ctx context.Context) error {
			items, err := archive.RestoreBackup(ctx, model.Backup{Connectors: make([]model.BackupDocument, 1)}, model.RestoreSkip)
			return errors.Join(err, given(len(items) == 1))
		},
		`msg="read value" where=vault secret=account/x`: func(ctx context.Context) error {
			value, err := keys.Get(ctx, "account/x")
			return errors.Join(err, given(value.Len() == 16))
		},
		`msg="store value" where=vault secret=account/x`: func(ctx context.Context) error {
			return keys.Set(ctx, "account/x", model.NewSecret("the-value-itself"))
		},
		`msg="delete value" where=vault secret=account/x`: func(ctx context.Context) error { return keys.Delete(ctx, "account/x") },
		`msg="prove keystore" where=vault`:                func(ctx context.Context) error { return keys.Prove(ctx) },
	}
}

// given is an error where something that should be is not.
func given(ok bool) error {
	if ok {
		return nil
	}
	return errors.New("what was answered is not passed on")
}

// bufferLog is a log that a test reads.
func bufferLog(out *bytes.Buffer) *runLog {
	scrub := &scrubber{to: out}
	return &runLog{Logger: slog.New(slog.NewTextHandler(scrub, nil)), scrub: scrub, now: time.Now}
}

func TestEveryPortPassesItsAnswerOnAndIsToldOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		code string
	}{{nil, ""}, {&model.Problem{Code: "store.conflict", What: "jdoe changed it", Cause: errors.New("hunter2")}, "code=store.conflict"}, {errors.New("jdoe said hunter2"), "code=internal"}} {
		var out bytes.Buffer
		p := &tellTale{err: c.err}
		for says, call := range ports(p, bufferLog(&out)) {
			out.Reset()
			calls := p.calls
			if err := call(t.Context()); !errors.Is(err, c.err) || c.err == nil && err != nil {
				t.Errorf("%s: %v", says, err)
			}
			line := out.String()
			if p.calls != calls+1 || strings.Count(line, "\n") != 1 || !strings.Contains(line, says) || !strings.Contains(line, c.code) || strings.Contains(line, "level=WARN") != (c.err != nil) {
				t.Errorf("%s, %d calls: %s", says, p.calls-calls, line)
			}
			for _, never := range []string{"jdoe", "hunter2", "the-value"} {
				if strings.Contains(line, never) {
					t.Errorf("%s tells %q: %s", says, never, line)
				}
			}
		}
	}
}

func TestAKeystoreThatDoesNotOpenIsToldOf(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := bufferLog(&out)
	p := &tellTale{}
	keys, err := loggedKeystores{shelf{p}, log}.Keystore(model.WhereVault)
	if err != nil || keys.Describe() != "a vault" || keys.Where() != model.WhereVault || out.Len() > 0 {
		t.Errorf("%v %v %s", keys, err, out.String())
	}
	p.err = &model.Problem{Code: "keystore.locked"}
	if _, err := (loggedKeystores{shelf{p}, log}).Keystore(model.WhereVault); err == nil || !strings.Contains(out.String(), `level=WARN msg="open keystore" where=vault`) || !strings.Contains(out.String(), "code=keystore.locked") {
		t.Errorf("%v %s", err, out.String())
	}
}

func TestAValueThatIsNotThereYetIsNoWarning(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	keys := loggedKeystore{shelf{&tellTale{err: keystore.ErrNotFound}}, bufferLog(&out)}
	if _, err := keys.Get(t.Context(), "account/x"); !errors.Is(err, keystore.ErrNotFound) || !strings.Contains(out.String(), "level=INFO") || !strings.Contains(out.String(), "held=false") {
		t.Errorf("%v %s", err, out.String())
	}
}

// reachedTwo is a look at two hosts.
type reachedTwo struct{}

// Reach implements flow.Reacher.
func (reachedTwo) Reach(context.Context, model.Connector, string) []model.Check {
	return []model.Check{{ID: "reach", Status: model.CheckPass}, {ID: "tls", Status: model.CheckFail, Problem: &model.Problem{Code: "tls.expired", What: "jdoe"}}}
}

func TestWhatDoctorReachesIsToldOf(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	checks := loggedReacher{reachedTwo{}, bufferLog(&out)}.Reach(t.Context(), model.Connector{ID: "ledger"}, "")
	if len(checks) != 2 || !strings.Contains(out.String(), "connector=ledger check=tls status=fail") || !strings.Contains(out.String(), "code=tls.expired") || strings.Contains(out.String(), "jdoe") {
		t.Error(out.String())
	}
}
