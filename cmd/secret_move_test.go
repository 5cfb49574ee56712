package cmd

import (
	"encoding/json"
	"strings"
	"testing"

	"bbconnect/internal/flow"
	"bbconnect/keystore"
	"bbconnect/model"
)

// twoPlaces gives a machine a keyring in memory and a real vault.
func twoPlaces(t *testing.T, p *place) {
	t.Helper()
	inVault(t, p)
	p.tune = func(a *app) {
		a.places = func(a *app) flow.Keystores { return memoryOrVault{p.keys, newKeystores(a)} }
	}
}

type memoryOrVault struct {
	ring  *keystore.Memory
	other *keystores
}

// Keystore implements flow.Keystores.
func (m memoryOrVault) Keystore(where model.Where) (flow.Keystore, error) {
	if where == model.WhereKeyring {
		return m.ring, nil
	}
	return m.other.Keystore(where)
}

func TestSecretsAreMovedToTheVaultAndBack(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	twoPlaces(t, p)
	canary := token("Mv8")
	p.env["BB_TOKEN"] = canary
	p.must("", payments()...)
	p.must("", "secret", "set", "account.spare", "--from", "env:BB_TOKEN")
	s := p.must("", "secret", "move", "account.spare", "--to", "vault")
	contains(t, "the move", s.err, "✓ Moved account.spare from the keyring to the vault.")
	s = p.must("", "secret", "move", "--all", "--to", "vault", "--json")
	var view []movedJSON
	if err := json.Unmarshal([]byte(s.out), &view); err != nil || len(view) != 2 || view[0].State != flow.MoveDone || view[1].State != flow.MoveThere || view[0].From != model.WhereKeyring {
		t.Fatalf("%v: %s", err, s.out)
	}
	for _, name := range []model.SecretName{"account/spare", "account/Payments_token"} {
		if _, err := p.keys.Get(t.Context(), name); err == nil {
			t.Errorf("%s is still in the keyring", name)
		}
	}
	verified := p.must("", "secret", "verify", "--all")
	contains(t, "verify", verified.out, "account.spare: held", "account.Payments_token: held")
	p.must("", "test", "Payments")
	back := p.must("", "secret", "move", "--all", "--to", "keyring")
	contains(t, "the move back", back.err, "Moved account.Payments_token from the vault to the keyring.")
	if value, err := p.keys.Get(t.Context(), "account/Payments_token"); err != nil || value.Reveal() != canary {
		t.Errorf("the keyring holds another value: %v", err)
	}
	noLeak(t, p, s.out+s.err+back.out+back.err+verified.out, canary[12:])
}

func TestAMoveThatStopsSaysHowFarItCame(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	twoPlaces(t, p)
	p.env["BB_TOKEN"] = token("Mv8")
	p.must("", payments()...)
	p.must("", "secret", "set", "account.spare", "--from", "env:BB_TOKEN")
	if err := p.keys.Delete(t.Context(), "account/spare"); err != nil {
		t.Fatal(err)
	}
	s := p.run("", "secret", "move", "--all", "--to", "vault")
	if s.code != exitFailed || !strings.Contains(strings.Join(strings.Fields(s.err), " "), "1 secret before it moved; the same command goes on from there.") {
		t.Errorf("exits %d: %s", s.code, s.err)
	}
}
