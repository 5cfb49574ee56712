package steps

import (
	"cmp"
	"context"
	"fmt"
	"hash/crc32"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

// fakes are flow's ports, in memory.
type fakes struct {
	// album is what is looked at in another theme than the plain one, nil for that.
	album   *album
	library *library
	keys    keystores
	tester  *tester
	machine *machine
	journal *journal
}

func newFakes() *fakes {
	f := &fakes{
		library: &library{connectors: map[string]model.Saved{}, drafts: map[string]model.SavedDraft{}, clock: today()},
		keys: keystores{
			model.WhereKeyring: &keys{where: model.WhereKeyring, name: "GNOME keyring"},
			model.WhereVault:   &keys{where: model.WhereVault, name: "the encrypted vault", prove: askPassphrase},
			model.WhereCommand: &keys{where: model.WhereCommand, name: "a command"},
			model.WhereAsk:     &keys{where: model.WhereAsk, name: "you, each time"},
		},
		tester: &tester{}, machine: &machine{},
	}
	f.journal = &journal{library: f.library}
	return f
}

// askPassphrase proves a vault: it takes a passphrase, and then works.
func askPassphrase(ctx context.Context) error {
	if _, err := flow.Ask(ctx, flow.Question{New: true}); err != nil {
		return err
	}
	return ctx.Err()
}

// library is flow's Library in memory.
type library struct {
	mu         sync.Mutex
	clock      time.Time
	connectors map[string]model.Saved
	damaged    []model.Damaged
	secrets    []model.SecretInfo
	settings   model.Settings
	drafts     map[string]model.SavedDraft
	accepted   []model.HostKey
	trusted    []model.Authority
	changes    []model.Change
	gone       map[string]model.Saved
	saveErr    error
	deleteErr  error
	draftErr   error
	listErr    error
	revision   int
	// rows are those of the last RowsIn; looking, when set, holds back the look at
	// the files until it is closed.
	rows    map[string][][]byte
	looking chan struct{}
	// slow, when set, holds back SaveDraft until it is closed.
	slow chan struct{}
}

func (l *library) List(context.Context) ([]model.Saved, []model.Damaged, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []model.Saved
	for _, s := range l.connectors {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b model.Saved) int { return cmp.Compare(a.Connector.Name, b.Connector.Name) })
	return out, l.damaged, l.listErr
}

func (l *library) Connectors(ctx context.Context) ([]model.Connector, error) {
	saved, _, err := l.List(ctx)
	if err != nil {
		return nil, err
	}
	var out []model.Connector
	for _, s := range saved {
		out = append(out, s.Connector)
	}
	return out, nil
}

// RowsIn keeps rows as the store does, so that the next look has some at once.
func (l *library) RowsIn(ctx context.Context, name, stamp string, draw func(context.Context) (func(model.Saved) ([]byte, error), error), known func([][]byte)) ([][]byte, []model.Damaged, error) {
	l.mu.Lock()
	before, looking := l.rows[name+stamp], l.looking
	l.mu.Unlock()
	if known != nil {
		known(before)
	}
	if looking != nil {
		select {
		case <-looking:
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
	saved, damaged, err := l.List(ctx)
	if err != nil {
		return nil, nil, err
	}
	one, err := draw(ctx)
	if err != nil {
		return nil, nil, err
	}
	rows := make([][]byte, len(saved))
	for i, s := range saved {
		if rows[i], err = one(s); err != nil {
			return nil, nil, err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows = map[string][][]byte{name + stamp: rows}
	return rows, damaged, nil
}

func (l *library) Count(context.Context) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.connectors) + len(l.damaged), nil
}

func (l *library) Export(ctx context.Context, key string) ([]byte, error) {
	s, err := l.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "connector:\n  name: %s\n  passwordRef: %s\n", s.Connector.Name, s.Connector.PasswordRef), nil
}

func (l *library) Get(_ context.Context, key string) (model.Saved, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, ok := l.connectors[key]
	if !ok {
		return s, &model.Problem{Code: "store.not-found", What: "There is no connector " + key + ".", Fix: "Look at the list."}
	}
	return s, nil
}

func (l *library) Save(_ context.Context, c model.Connector, base string) (model.Saved, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.saveErr != nil {
		return model.Saved{}, l.saveErr
	}
	if l.connectors[c.Key()].Revision != base {
		return model.Saved{}, &model.Problem{Code: "store.conflict", What: "The connector was changed by somebody else meanwhile.", Why: "Its file is newer.", Fix: "Look at it again."}
	}
	l.revision++
	saved := model.Saved{Connector: c, Revision: fmt.Sprint("r", l.revision), LastTest: l.connectors[c.Key()].LastTest}
	l.connectors[c.Key()] = saved
	return saved, nil
}

func (l *library) Delete(_ context.Context, key, _ string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.deleteErr != nil {
		return l.deleteErr
	}
	if l.gone == nil {
		l.gone = map[string]model.Saved{}
	}
	l.gone[key] = l.connectors[key]
	l.changes = append(l.changes, model.Change{Key: key, Name: l.connectors[key].Connector.Name, What: model.ChangeDeleted})
	delete(l.connectors, key)
	return nil
}

func (l *library) Secrets(context.Context) ([]model.SecretInfo, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.secrets), nil
}

func (l *library) HoldSecrets(context.Context) (func(), error) { return func() {}, nil }

func (l *library) PutSecret(ctx context.Context, info model.SecretInfo) error {
	_ = l.RemoveSecret(ctx, info.Name)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.secrets = append(l.secrets, info)
	return nil
}

func (l *library) RemoveSecret(_ context.Context, name model.SecretName) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.secrets = slices.DeleteFunc(l.secrets, func(s model.SecretInfo) bool { return s.Name == name })
	return nil
}

func (l *library) Settings(context.Context) (model.Settings, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.settings, nil
}

func (l *library) SaveSettings(_ context.Context, s model.Settings) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settings = s
	return nil
}

func (l *library) SaveDraft(ctx context.Context, d model.Draft) (string, error) {
	if l.slow != nil {
		<-l.slow
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.draftErr != nil {
		return "", l.draftErr
	}
	if d.ID == "" {
		d.ID = fmt.Sprint("draft_", len(l.drafts)+1)
	}
	kept := model.NewDraft().WithAnswers(d.Answers())
	kept.ID, kept.Editing, kept.Base, kept.BaseRevision = d.ID, d.Editing, d.Base, d.BaseRevision
	l.clock = l.clock.Add(time.Second)
	l.drafts[d.ID] = model.SavedDraft{Draft: kept, SavedAt: l.clock}
	return d.ID, nil
}

func (l *library) Drafts(context.Context) ([]model.SavedDraft, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []model.SavedDraft
	for _, d := range l.drafts {
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b model.SavedDraft) int { return b.SavedAt.Compare(a.SavedAt) })
	return out, nil
}

func (l *library) RemoveDraft(_ context.Context, id string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.drafts, id)
	return nil
}

func (l *library) RecordTest(_ context.Context, key string, r model.TestRecord) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.connectors[key]
	s.LastTest = &r
	l.connectors[key] = s
	return nil
}

func (l *library) RecordTests(ctx context.Context, records map[string]model.TestRecord) error {
	for key, r := range records {
		if err := l.RecordTest(ctx, key, r); err != nil {
			return err
		}
	}
	return nil
}

func (l *library) AcceptHostKey(_ context.Context, k model.HostKey) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.accepted = append(l.accepted, k)
	return nil
}

func (l *library) TrustAuthority(_ context.Context, a model.Authority) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.trusted = append(l.trusted, a)
	return nil
}

func (l *library) LastChange(context.Context) (model.Change, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.changes) == 0 {
		return model.Change{}, false, nil
	}
	return l.changes[len(l.changes)-1], true, nil
}

func (l *library) Undo(context.Context, func(back, now *model.Connector) error) (model.Change, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.changes) == 0 {
		return model.Change{}, &model.Problem{Code: "store.not-found", What: "There is nothing to take back."}
	}
	last := l.changes[len(l.changes)-1]
	l.changes = l.changes[:len(l.changes)-1]
	switch last.What {
	case model.ChangeDeleted:
		l.connectors[last.Key] = l.gone[last.Key]
	case model.ChangeMade:
		delete(l.connectors, last.Key)
	case model.ChangeEdited:
	}
	return last, nil
}

// put saves a connector as if it had been there before.
func (l *library) put(cs ...model.Connector) {
	for _, c := range cs {
		if _, err := l.Save(context.Background(), c, ""); err != nil {
			panic(err)
		}
	}
}

// keystores and keys are flow's ports for values.
type keystores map[model.Where]*keys

func (k keystores) Keystore(where model.Where) (flow.Keystore, error) { return k[where], nil }

type keys struct {
	where  model.Where
	name   string
	prove  func(context.Context) error
	mu     sync.Mutex
	values map[model.SecretName]model.Secret
	proofs int
	// getErr and setErr are what reading and writing answer instead; gets counts
	// the reads. slow, when set, holds them back until it is closed.
	getErr, setErr error
	gets           int
	slow           chan struct{}
}

func (k *keys) Get(ctx context.Context, name model.SecretName) (model.Secret, error) {
	if k.slow != nil {
		select {
		case <-k.slow:
		case <-ctx.Done():
			return model.Secret{}, ctx.Err()
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.gets++
	return k.values[name], k.getErr
}

func (k *keys) Set(_ context.Context, name model.SecretName, value model.Secret) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.setErr != nil {
		return k.setErr
	}
	if k.values == nil {
		k.values = map[model.SecretName]model.Secret{}
	}
	k.values[name] = value
	return nil
}

func (k *keys) Delete(_ context.Context, name model.SecretName) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.values, name)
	return nil
}

func (k *keys) Prove(ctx context.Context) error {
	k.proofs++
	if k.prove != nil {
		return k.prove(ctx)
	}
	return nil
}

func (k *keys) Where() model.Where { return k.where }
func (k *keys) Describe() string   { return k.name }

// noBus and locked are what keyrings answer that cannot be used; silent never
// answers.
func noBus(context.Context) error {
	return &model.Problem{
		Code: "keystore.unavailable", What: "There is no keyring in this session.", Why: "No session bus is running here.",
		Fix: "Use the encrypted vault, or log in with a desktop session.",
	}
}

func locked(context.Context) error {
	return &model.Problem{Code: "keystore.locked", What: "The keyring is locked.", Why: "Nobody unlocked it.", Fix: "Unlock it, then try again."}
}

func silent(ctx context.Context) error {
	<-ctx.Done()
	return &model.Problem{Code: "keystore.timeout", What: "The keyring does not answer.", Why: "It was asked and stayed silent.", Fix: "Use the vault."}
}

// tester answers live tests from a script, one function a run; the last one
// serves all further runs, none passes.
type tester struct {
	mu       sync.Mutex
	script   []func(context.Context, model.TestRequest, func(model.Check)) model.TestResult
	requests []model.TestRequest
	// cancelled counts the runs whose context ended under them.
	cancelled int
}

func (s *tester) Test(ctx context.Context, req model.TestRequest, report func(model.Check)) model.TestResult {
	s.mu.Lock()
	s.requests = append(s.requests, req)
	run := passes
	if len(s.script) > 0 {
		run = s.script[0]
	}
	if len(s.script) > 1 {
		s.script = s.script[1:]
	}
	s.mu.Unlock()
	result := run(ctx, req, report)
	if ctx.Err() != nil {
		s.mu.Lock()
		s.cancelled++
		s.mu.Unlock()
	}
	return result
}

func checks(status model.CheckStatus) []model.Check {
	return []model.Check{
		{ID: "reach", Title: "Reach the server", Status: model.CheckPass, Duration: 12 * time.Millisecond},
		{ID: "git", Title: "Read the repository with git", Status: status, Duration: 41 * time.Millisecond},
		{ID: "rest", Title: "Sign in to the REST API", Status: model.CheckPass, Duration: 39 * time.Millisecond},
		{ID: "scopes", Title: "Scopes and webhooks", Status: model.CheckSkip},
	}
}

func passes(_ context.Context, req model.TestRequest, report func(model.Check)) model.TestResult {
	for _, c := range checks(model.CheckPass) {
		report(model.Check{ID: c.ID, Title: c.Title, Status: model.CheckRunning})
		report(c)
	}
	return model.TestResult{Connector: req.Connector.Key(), Verdict: model.VerdictPass, StartedAt: today(), Checks: checks(model.CheckPass)}
}

// failing is a run that ends with a problem.
func failing(problem model.Problem) func(context.Context, model.TestRequest, func(model.Check)) model.TestResult {
	return func(_ context.Context, req model.TestRequest, _ func(model.Check)) model.TestResult {
		return model.TestResult{
			Connector: req.Connector.Key(), Verdict: model.VerdictFail, StartedAt: today(), Problem: &problem, Checks: checks(model.CheckFail),
		}
	}
}

// hanging is a run that ends only when it is cancelled.
func hanging(ctx context.Context, _ model.TestRequest, report func(model.Check)) model.TestResult {
	for _, c := range checks(model.CheckPass) {
		report(model.Check{ID: c.ID, Title: c.Title, Status: model.CheckPending})
	}
	report(model.Check{ID: "reach", Title: "Reach the server", Status: model.CheckRunning})
	<-ctx.Done()
	return model.TestResult{Verdict: model.VerdictFail}
}

// needsUsername is the problem of an email where git wants a user name.
func needsUsername() model.Problem {
	return model.Problem{
		Code: "cred.needs-username", What: "git was given an email address", Field: model.QUsername,
		Why:   "git signs in with the Bitbucket username; the REST API accepted this same token, so the token is fine.",
		Fix:   "Use x-bitbucket-api-token-auth as the username, or jdoe.",
		Mends: []model.Mend{{Field: model.QUsername, Value: "jdoe", Label: "use jdoe"}},
	}
}

// machine is this computer.
type machine struct {
	mu             sync.Mutex
	remotes        []string
	copied, opened []string
	files, written map[string]string
	writeErr       error
	noBrowser      error
}

func (m *machine) Remotes(context.Context) []string { return m.remotes }

func (m *machine) OpenBrowser(_ context.Context, page string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.opened = append(m.opened, page)
	return m.noBrowser
}

func (m *machine) Copy(_ context.Context, text string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.copied = append(m.copied, text)
	return nil
}

func (m *machine) WriteInto(ctx context.Context, folder, name string, data []byte) error {
	return m.WriteFile(ctx, filepath.Join(folder, name), data)
}

func (m *machine) WriteFile(_ context.Context, path string, data []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.writeErr != nil {
		return m.writeErr
	}
	if m.written == nil {
		m.written = map[string]string{}
	}
	m.written[path] = string(data)
	return nil
}

func (m *machine) ReadFile(_ context.Context, path string) (model.Secret, error) {
	text, ok := m.files[path]
	if !ok {
		return model.Secret{}, &model.Problem{Code: "key.file", What: "There is no file " + path + ".", Fix: "Look at the path."}
	}
	return model.NewSecret(text), nil
}

// keyTool knows keys by what stands in their first line.
type keyTool struct{}

func (keyTool) Normalise(key model.Secret) model.Secret {
	return model.NewSecret(strings.ReplaceAll(strings.TrimSpace(key.Reveal()), "\r\n", "\n") + "\n")
}

func (keyTool) Inspect(key, passphrase model.Secret) model.Findings {
	text := key.Reveal()
	switch {
	case strings.Contains(text, "OPENSSH"):
		return model.Findings{{Code: "key.openssh", Severity: model.SeverityError, Field: model.QSSHKey, Message: "The key is in OpenSSH form; Harness wants PEM.", Fix: "Convert it."}}
	case strings.Contains(text, "ENCRYPTED") && passphrase.IsZero():
		return model.Findings{{Code: "key.passphrase", Severity: model.SeverityError, Field: model.QSSHPassphrase, Message: "The key is encrypted.", Fix: "Type its passphrase."}}
	}
	return nil
}

func (keyTool) Convert(model.Secret, model.Secret) (model.Secret, error) {
	return model.NewSecret(pemKey("RSA", 51)), nil
}

func (keyTool) Generate(context.Context) (model.Secret, error) {
	return model.NewSecret(pemKey("RSA", 51)), nil
}

func (keyTool) Public(_, _ model.Secret, comment string) (string, error) {
	return "ssh-rsa AAAApublic " + comment + "\n", nil
}

// pemKey is a text of so many lines in the form of a private key.
func pemKey(kind string, lines int) string {
	body := make([]string, lines-2)
	for i := range body {
		body[i] = strings.Repeat("canaryKEY", 7) + "x"
	}
	name := kind + " PRIVATE" + " KEY-----"
	return "-----BEGIN " + name + "\n" + strings.Join(body, "\n") + "\n-----END " + name + "\n"
}

// apiToken has the form and the checksum of a real one; it is made here so that
// none stands in a file.
func apiToken() string { return tokenWith("ab") }

// freshToken is another one.
func freshToken() string { return tokenWith("cd") }

func tokenWith(end string) string {
	body := "ATA" + "TT3" + strings.Repeat("canaryTOKEN", 16) + end
	return fmt.Sprintf("%s%08X", body, crc32.ChecksumIEEE([]byte(body)))
}

// ledger is a saved Cloud connector with the secret it uses.
func ledger() (model.Connector, model.SecretInfo) {
	c := model.Connector{
		Name: "Payments ledger", ID: "Payments_ledger", URL: "https://bitbucket.org/acme/ledger.git", URLType: model.URLRepo,
		ConnectionType: model.HTTP, Username: model.Login{Plain: model.UserAPIToken}, PasswordRef: "account.ledger_token",
		API:  model.APIAccess{Method: model.APIEmailAndToken, Email: model.Login{Plain: "jdoe@acme-corp.com"}, TokenRef: "account.ledger_token"},
		Mode: model.ModePlatform, Tags: []model.Tag{{Key: "team", Value: "payments"}},
	}
	return c, model.SecretInfo{
		Name: "account/ledger_token", Type: model.SecretText, Kind: model.KindAPIToken, Where: model.WhereKeyring, Host: "bitbucket.org",
		Created: today().AddDate(0, -1, 0), Expires: time.Date(2027, 11, 21, 0, 0, 0, 0, time.UTC), Length: 192,
	}
}

// withLedger puts the ledger and its secret where saved ones are.
func withLedger(f *fakes) {
	c, info := ledger()
	f.library.put(c)
	f.library.secrets = append(f.library.secrets, info)
	_ = f.keys[model.WhereKeyring].Set(context.Background(), info.Name, model.NewSecret(apiToken()))
}

// proof is how a place proves itself.
type proof = func(context.Context) error

// slowly works after a second.
func slowly(ctx context.Context) error {
	select {
	case <-time.After(time.Second):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
