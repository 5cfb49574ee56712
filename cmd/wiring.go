package cmd

import (
	"context"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"sync"

	"bbconnect/internal/disk"
	"bbconnect/internal/flow"
	"bbconnect/internal/machine"
	"bbconnect/internal/probe"
	"bbconnect/internal/sshkey"
	"bbconnect/keystore"
	"bbconnect/model"
)

// keystores opens the places for secrets, each at most once a run and only when
// a secret is needed.
type keystores struct {
	app  *app
	mu   sync.Mutex
	open map[model.Where]flow.Keystore
}

func newKeystores(a *app) *keystores {
	return &keystores{app: a, open: map[model.Where]flow.Keystore{}}
}

// Keystore opens a place.
func (k *keystores) Keystore(where model.Where) (flow.Keystore, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if where == model.WhereCommand {
		return k.command() // its line may have changed
	}
	if s, ok := k.open[where]; ok {
		return s, nil
	}
	s, err := k.make(where)
	if err == nil {
		k.open[where] = s
	}
	return s, err
}

func (k *keystores) make(where model.Where) (flow.Keystore, error) {
	switch where {
	case model.WhereKeyring:
		return keystore.NewKeyring(keystore.KeyringOptions{Service: keyringService(k.app.getenv)})
	case model.WhereVault:
		return keystore.NewVault(filepath.Join(k.app.folders.Data, "vault.age"), k.passphrase).WithWork(k.app.vaultWork), nil
	case model.WhereAsk:
		return keystore.NewAsk(func(ctx context.Context, name model.SecretName) (model.Secret, error) {
			return flow.Ask(ctx, flow.Question{Name: name})
		}), nil
	}
	return nil, &model.Problem{
		Code: "keystore.unavailable", What: fmt.Sprintf("There is no place for secrets called %q.", clean(string(where))),
		Why: "The file that names it was changed by hand, or by a newer version.", Fix: "Choose keyring, vault, command or ask.",
	}
}

// keyringService keeps installations apart: one with a home of its own must not
// share the names of the person's main one.
func keyringService(getenv func(string) string) string {
	home := getenv("BBCONNECT_HOME")
	if home == "" {
		return "bbconnect"
	}
	if abs, err := filepath.Abs(home); err == nil {
		home = abs
	}
	return fmt.Sprintf("bbconnect-%08x", crc32.ChecksumIEEE([]byte(home)))
}

func (k *keystores) command() (flow.Keystore, error) {
	settings, err := k.app.store.Settings(context.Background())
	if err != nil {
		return nil, err
	}
	return keystore.NewCommand(settings.SecretCommand), nil
}

// passphrase opens the vault: from the file the environment names, else by
// asking the person.
func (k *keystores) passphrase(ctx context.Context, exists bool, problem *model.Problem) (model.Secret, error) {
	if path := k.app.getenv("BBCONNECT_VAULT_PASSPHRASE_FILE"); path != "" {
		if problem != nil {
			return model.Secret{}, problem
		}
		f, err := os.Open(path)
		if err != nil {
			return model.Secret{}, &model.Problem{
				Code: "keystore.locked", What: "The vault's passphrase file cannot be read.", Why: err.Error() + ".",
				Fix: "Correct BBCONNECT_VAULT_PASSPHRASE_FILE.",
			}
		}
		defer f.Close()
		return readAll(f, "the vault's passphrase file")
	}
	return flow.Ask(ctx, flow.Question{New: !exists, Problem: problem})
}

// keyTool is package sshkey as the jobs want it. The inspector remembers, since
// a form asks again on every key.
type keyTool struct{ inspector *sshkey.Inspector }

func newKeyTool() keyTool { return keyTool{inspector: &sshkey.Inspector{}} }

func (keyTool) Normalise(key model.Secret) model.Secret {
	clean, _ := sshkey.Normalise(key)
	return clean
}

func (k keyTool) Inspect(key, pass model.Secret) model.Findings {
	return k.inspector.Findings(key, pass)
}

func (keyTool) Convert(key, pass model.Secret) (model.Secret, error) {
	return sshkey.Convert(key, pass)
}

// keyBits is the size of the keys made here: 3072 bits are as strong as Bitbucket
// recommends and are made in a tenth of a second.
const keyBits = 3072

func (keyTool) Generate(ctx context.Context) (model.Secret, error) {
	return sshkey.Generate(ctx, keyBits)
}

func (keyTool) Public(key, pass model.Secret, comment string) (string, error) {
	return sshkey.Public(key, pass, comment)
}

// thisMachine is package machine as the jobs want it.
type thisMachine struct{ getenv func(string) string }

func (thisMachine) Remotes(ctx context.Context) []string {
	dir, err := os.Getwd()
	if err != nil {
		return nil
	}
	return machine.Remotes(ctx, dir)
}

func (thisMachine) OpenBrowser(ctx context.Context, page string) error {
	return machine.OpenBrowser(ctx, page)
}

// Copy writes the terminal's own copy sequence; it reaches the person's
// clipboard through ssh and tmux alike, where the terminal allows it.
func (m thisMachine) Copy(_ context.Context, text string) error {
	_, err := os.Stdout.WriteString(machine.OSC52(text, m.getenv))
	return err
}

func (thisMachine) WriteFile(_ context.Context, path string, data []byte) error {
	return unwritable(path, disk.WriteInFolder(expandHome(path), data))
}

func (thisMachine) WriteInto(_ context.Context, folder, name string, data []byte) error {
	path := filepath.Join(folder, name)
	return unwritable(path, disk.WriteFile(expandHome(path), data))
}

// unwritable is the problem of a file that a person named; nil without an error.
func unwritable(path string, err error) error {
	if err == nil {
		return nil
	}
	return &model.Problem{
		Code: "store.unwritable", What: clean(path) + " cannot be written.", Why: clean(err.Error()) + ".", Fix: "Name a folder that is there and can be written to.", Cause: err,
	}
}

func (thisMachine) ReadFile(_ context.Context, path string) (model.Secret, error) {
	data, err := disk.ReadFile(expandHome(path), maxSecretBytes)
	if err != nil {
		return model.Secret{}, &model.Problem{
			Code: "sshkey.invalid", What: "The file cannot be read.", Why: err.Error() + ".", Fix: "Check the path.", Field: model.QSSHKey,
		}
	}
	return model.NewSecret(string(data)), nil
}

// newTester makes the live test for this machine.
func newTester(a *app, f testFlags) flow.Tester {
	return &freshTester{
		hosts: func(ctx context.Context) []probe.KnownHosts { return a.knownHosts(ctx, f.knownHosts) },
		make: func() *probe.Prober {
			return probe.New(probe.Options{Proxy: probe.SystemProxy, Now: a.now, Log: a.log.logger()})
		},
	}
}

// freshTester gives every test the host keys as they are known by then: one may
// have been accepted since the last test. The prober itself is one for the whole
// run, since it remembers which credentials were rejected.
type freshTester struct {
	hosts func(context.Context) []probe.KnownHosts
	make  func() *probe.Prober

	once   sync.Once
	prober *probe.Prober
}

// Test runs the live test.
func (t *freshTester) Test(ctx context.Context, req model.TestRequest, report func(model.Check)) model.TestResult {
	t.once.Do(func() { t.prober = t.make() })
	return t.prober.WithKnownHosts(t.hosts(ctx)).Test(ctx, req, report)
}
