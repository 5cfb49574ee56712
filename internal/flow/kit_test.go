package flow

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bbconnect/model"
)

var (
	testNow  = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	errBreak = errors.New("the port broke")
	errNone  = errors.New("no such value")
)

// house is every port in one: what is saved, the values by place, and the call
// that breaks. A test compares what it holds before and after.
type house struct {
	mu         sync.Mutex // guards calls
	connectors map[string]model.Saved
	secrets    map[model.SecretName]model.SecretInfo
	settings   model.Settings
	drafts     map[string]bool
	values     map[model.Where]map[model.SecretName]string
	// calls counts changes and reads; the one with number breakAt fails, 0 for none.
	calls, breakAt int
	// dies is the call from which on none works, as in a killed process.
	dies     int
	rows     [][]byte
	revision int
	closed   map[model.Where]bool
	sent     []model.TestRequest
	result   model.TestResult
	prove    func(context.Context) error
	// last is the change that can be taken back, from now to back.
	last      model.Change
	back, now *model.Connector
	proved    []model.Where
	// secretsHeld is locked while somebody holds the secrets; queued, where it is set,
	// is told of who has to wait for that.
	secretsHeld sync.Mutex
	queued      func()
	// unheld are the values that were changed while nobody held the secrets.
	unheld []model.SecretName
}

func newHouse() *house {
	return &house{
		connectors: map[string]model.Saved{}, secrets: map[model.SecretName]model.SecretInfo{}, drafts: map[string]bool{},
		settings: model.Settings{Keystore: model.WhereKeyring}, closed: map[model.Where]bool{},
		values: map[model.Where]map[model.SecretName]string{model.WhereKeyring: {}, model.WhereVault: {}, model.WhereCommand: {}, model.WhereAsk: {}},
		result: model.TestResult{Verdict: model.VerdictPass, StartedAt: testNow},
	}
}

func (h *house) jobs() *Jobs {
	return &Jobs{Library: h, Journal: begun{}, Keystores: h, Tester: h, Keys: keyTool{}, Machine: machine{}, Now: func() time.Time { return testNow }}
}

// call counts one call of a port.
func (h *house) call() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls++
	if h.calls == h.breakAt || h.dies > 0 && h.calls >= h.dies {
		return errBreak
	}
	return nil
}

// snapshot is everything that is kept, as text, without revisions.
func (h *house) snapshot() string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(h.connectors)) {
		fmt.Fprintf(&b, "%s %+v %v\n", k, h.connectors[k].Connector, h.connectors[k].LastTest)
	}
	for _, k := range slices.Sorted(maps.Keys(h.secrets)) {
		fmt.Fprintf(&b, "%+v\n", h.secrets[k])
	}
	fmt.Fprintf(&b, "%v %+v\n", h.values, h.settings)
	return b.String()
}

func (h *house) put(c model.Connector) {
	h.revision++
	h.connectors[c.Key()] = model.Saved{Connector: c, Revision: fmt.Sprint("r", h.revision)}
}

func (h *house) keep(info model.SecretInfo, value string) {
	if h.secrets[info.Name] = info; value != "" {
		h.values[info.Where][info.Name] = value
	}
}

func (h *house) List(context.Context) ([]model.Saved, []model.Damaged, error) {
	return slices.SortedFunc(maps.Values(h.connectors), func(a, b model.Saved) int { return strings.Compare(a.Connector.Key(), b.Connector.Key()) }), nil, h.call()
}

func (h *house) Connectors(ctx context.Context) ([]model.Connector, error) {
	saved, _, err := h.List(ctx)
	if err != nil {
		return nil, err
	}
	var out []model.Connector
	for _, s := range saved {
		out = append(out, s.Connector)
	}
	return out, nil
}

// RowsIn keeps no rows; those of last time are what a test put there.
func (h *house) RowsIn(ctx context.Context, _, _ string, draw func(context.Context) (func(model.Saved) ([]byte, error), error), known func([][]byte)) ([][]byte, []model.Damaged, error) {
	if known != nil {
		known(h.rows)
	}
	saved, damaged, err := h.List(ctx)
	if err != nil {
		return nil, nil, err
	}
	one, err := draw(ctx)
	if err != nil {
		return nil, nil, err
	}
	var rows [][]byte
	for _, s := range saved {
		row, err := one(s)
		if err != nil {
			return nil, nil, err
		}
		rows = append(rows, row)
	}
	return rows, damaged, nil
}

func (h *house) Count(context.Context) (int, error) { return len(h.connectors), h.call() }

func (h *house) Export(_ context.Context, key string) ([]byte, error) {
	if _, ok := h.connectors[key]; !ok {
		return nil, errors.Join(errNone, h.call())
	}
	return []byte("connector: " + key + "\n"), h.call()
}

func (h *house) Get(_ context.Context, key string) (model.Saved, error) {
	saved, ok := h.connectors[key]
	if !ok {
		return saved, errors.Join(errNone, h.call())
	}
	return saved, h.call()
}

func (h *house) Save(_ context.Context, c model.Connector, base string) (model.Saved, error) {
	if err := h.call(); err != nil {
		return model.Saved{}, err
	}
	if h.connectors[c.Key()].Revision != base {
		return model.Saved{}, &model.Problem{Code: "store.conflict"}
	}
	h.put(c)
	return h.connectors[c.Key()], nil
}

func (h *house) Delete(_ context.Context, key, base string) error {
	if err := h.call(); err != nil {
		return err
	}
	if h.connectors[key].Revision != base {
		return &model.Problem{Code: "store.conflict"}
	}
	delete(h.connectors, key)
	return nil
}

func (h *house) LastChange(context.Context) (model.Change, bool, error) {
	return h.last, h.last.Key != "", h.call()
}

func (h *house) Undo(_ context.Context, check func(back, now *model.Connector) error) (model.Change, error) {
	if err := h.call(); err != nil {
		return model.Change{}, err
	}
	if err := check(h.back, h.now); err != nil {
		return model.Change{}, err
	}
	return h.last, nil
}

func (h *house) Secrets(context.Context) ([]model.SecretInfo, error) {
	return slices.SortedFunc(maps.Values(h.secrets), func(a, b model.SecretInfo) int { return strings.Compare(string(a.Name), string(b.Name)) }), h.call()
}

func (h *house) HoldSecrets(context.Context) (func(), error) {
	if !h.secretsHeld.TryLock() {
		if h.queued != nil {
			h.queued()
		}
		h.secretsHeld.Lock()
	}
	return h.secretsHeld.Unlock, nil
}

// changes notes a value that is changed while nobody holds the secrets.
func (h *house) changes(name model.SecretName) {
	if h.secretsHeld.TryLock() {
		h.unheld = append(h.unheld, name)
		h.secretsHeld.Unlock()
	}
}

func (h *house) PutSecret(_ context.Context, info model.SecretInfo) error {
	if err := h.call(); err != nil {
		return err
	}
	h.secrets[info.Name] = info
	return nil
}

func (h *house) RemoveSecret(_ context.Context, name model.SecretName) error {
	if err := h.call(); err != nil {
		return err
	}
	delete(h.secrets, name)
	return nil
}

func (h *house) Settings(context.Context) (model.Settings, error) { return h.settings, h.call() }

func (h *house) SaveSettings(_ context.Context, s model.Settings) error {
	if err := h.call(); err != nil {
		return err
	}
	h.settings = s
	return nil
}

func (h *house) SaveDraft(context.Context, model.Draft) (string, error) { return "", h.call() }
func (h *house) Drafts(context.Context) ([]model.SavedDraft, error)     { return nil, h.call() }
func (h *house) AcceptHostKey(context.Context, model.HostKey) error     { return h.call() }
func (h *house) TrustAuthority(context.Context, model.Authority) error  { return h.call() }
func (h *house) RemoveDraft(_ context.Context, id string) error {
	delete(h.drafts, id)
	return h.call()
}

func (h *house) RecordTest(_ context.Context, key string, r model.TestRecord) error {
	if err := h.call(); err != nil {
		return err
	}
	saved := h.connectors[key]
	saved.LastTest = &r
	h.connectors[key] = saved
	return nil
}

func (h *house) RecordTests(_ context.Context, records map[string]model.TestRecord) error {
	if err := h.call(); err != nil {
		return err
	}
	for key, r := range records {
		if saved, ok := h.connectors[key]; ok {
			saved.LastTest = &r
			h.connectors[key] = saved
		}
	}
	return nil
}

func (h *house) Keystore(where model.Where) (Keystore, error) {
	if err := h.call(); err != nil {
		return nil, err
	}
	if h.closed[where] {
		return nil, &model.Problem{Code: "keystore.unavailable", What: "closed"}
	}
	return place{h, where}, nil
}

func (h *house) Test(_ context.Context, req model.TestRequest, report func(model.Check)) model.TestResult {
	h.sent = append(h.sent, req)
	if report != nil {
		report(model.Check{ID: "git"})
	}
	return h.result
}

// place is the keystore of one place in the house.
type place struct {
	h     *house
	where model.Where
}

func (p place) Get(ctx context.Context, name model.SecretName) (model.Secret, error) {
	if err := p.h.call(); err != nil {
		return model.Secret{}, &model.Problem{Code: "keystore.denied", Cause: err}
	}
	if p.where == model.WhereAsk {
		return Ask(ctx, Question{Name: name})
	}
	v, ok := p.h.values[p.where][name]
	if !ok {
		return model.Secret{}, errNone
	}
	return model.NewSecret(v), nil
}

func (p place) Set(_ context.Context, name model.SecretName, value model.Secret) error {
	if err := p.h.call(); err != nil {
		return err
	}
	p.h.changes(name)
	p.h.values[p.where][name] = value.Reveal()
	return nil
}

func (p place) Delete(_ context.Context, name model.SecretName) error {
	if err := p.h.call(); err != nil {
		return err
	}
	p.h.changes(name)
	delete(p.h.values[p.where], name)
	return nil
}

func (p place) Prove(ctx context.Context) error {
	p.h.proved = append(p.h.proved, p.where)
	if p.h.prove != nil {
		return p.h.prove(ctx)
	}
	return p.h.call()
}
func (p place) Where() model.Where { return p.where }
func (p place) Describe() string   { return "the " + string(p.where) }

type keyTool struct{}

func (keyTool) Normalise(key model.Secret) model.Secret {
	return model.NewSecret(strings.TrimSpace(key.Reveal()))
}
func (keyTool) Inspect(_, _ model.Secret) model.Findings           { return nil }
func (keyTool) Convert(key, _ model.Secret) (model.Secret, error)  { return key, nil }
func (keyTool) Generate(context.Context) (model.Secret, error)     { return model.NewSecret("KEY"), nil }
func (keyTool) Public(_, _ model.Secret, _ string) (string, error) { return "ssh-rsa", nil }

type machine struct{}

func (machine) Remotes(context.Context) []string {
	return []string{"git@bitbucket.org:acme/ledger.git"}
}
func (machine) OpenBrowser(context.Context, string) error               { return nil }
func (machine) Copy(context.Context, string) error                      { return nil }
func (machine) WriteFile(context.Context, string, []byte) error         { return nil }
func (machine) WriteInto(context.Context, string, string, []byte) error { return nil }
func (machine) ReadFile(context.Context, string) (model.Secret, error)  { return model.Secret{}, nil }

// canary is a credential that may turn up nowhere; made at run time.
func canary() string { return "canary-" + strings.Repeat("Q7", 12) }

// newDraft is a connector with an API secret of its own, both values typed.
func newDraft() model.Draft {
	return model.NewDraft().WithAnswers(map[model.QuestionID]string{
		model.QName: "Payments", model.QID: "payments", model.QURL: "https://bitbucket.org/acme/", model.QTestRepository: "ledger.git",
		model.QKind: "api-token", model.QUsername: "jdoe", model.QSecret: "account.git", model.QAPIMethod: "EmailAndApiToken",
		model.QAPIEmail: "jdoe@example.com", model.QAPISecret: "account.api",
	}).WithSecret(model.QPassword, model.NewSecret(canary()+"1")).WithSecret(model.QAPIToken, model.NewSecret(canary()+"2"))
}

// keyDraft is one over SSH with an encrypted key.
func keyDraft() model.Draft {
	return model.NewDraft().WithAnswers(map[model.QuestionID]string{
		model.QName: "Keys", model.QID: "keys", model.QURL: "git@bitbucket.org:acme/ledger.git",
		model.QSecret: "account.keys_ssh_key", model.QAPIMethod: "off",
	}).WithSecret(model.QSSHKey, model.NewSecret(canary()+"key")).WithSecret(model.QSSHPassphrase, model.NewSecret(canary()+"pass"))
}

func (h *house) world(t *testing.T) model.World {
	t.Helper()
	w, err := h.jobs().World(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.calls = 0
	return w
}

// saved is a house in which a draft was saved.
func saved(t *testing.T, drafts ...model.Draft) *house {
	t.Helper()
	h := newHouse()
	for _, d := range drafts {
		if _, err := h.jobs().Save(t.Context(), d, h.world(t), nil); err != nil {
			t.Fatal(err)
		}
	}
	h.calls = 0
	return h
}

func codeOf(err error) string {
	p, ok := model.AsProblem(err)
	if !ok {
		return ""
	}
	return p.Code
}
