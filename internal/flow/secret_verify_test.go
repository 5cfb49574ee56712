package flow

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"bbconnect/model"
)

func TestALookSaysOfEachSecretWhetherItIsHeld(t *testing.T) {
	t.Parallel()
	d := rich(t)
	short := d.secrets["account/api"]
	short.Length = 3
	d.secrets["account/api"] = short
	delete(d.values[model.WhereKeyring], "account/git")
	d.keep(model.SecretInfo{Name: "account/asked", Type: model.SecretText, Where: model.WhereAsk}, "")
	for i := range 3 {
		d.keep(model.SecretInfo{Name: model.SecretName(fmt.Sprint("account/vault", i)), Type: model.SecretText, Where: model.WhereVault}, canary())
	}
	d.closed[model.WhereVault] = true
	var told []model.SecretName
	found, err := d.jobs().VerifySecrets(t.Context(), nil, func(one SecretHolding, total int) {
		if told = append(told, one.Info.Name); total != len(d.secrets) {
			t.Errorf("%d in all, want %d", total, len(d.secrets))
		}
	})
	if err != nil || len(told) != len(found) || len(found) != len(d.secrets) {
		t.Fatalf("%d of %d found, %d told: %v", len(found), len(d.secrets), len(told), err)
	}
	want := map[model.SecretName]HeldState{
		"account/api": SecretDiffers, "account/git": SecretGone, "account/asked": SecretNowhere, "account/keys_ssh_key": SecretNowhere,
		"account/keys_ssh_key_file": SecretHeld, "account/vault0": SecretLocked, "account/vault2": SecretLocked,
	}
	for _, one := range found {
		if state, listed := want[one.Info.Name]; listed && one.State != state {
			t.Errorf("%s is %s, want %s", one.Info.Name, one.State, state)
		}
		if (one.State == SecretLocked) != (one.Problem != nil) {
			t.Errorf("%s is %s with the problem %v", one.Info.Name, one.State, one.Problem)
		}
		if text := fmt.Sprintf("%+v", one); strings.Contains(text, canary()) {
			t.Error("a value is in what was found")
		}
	}
}

func TestAPlaceThatDoesNotAnswerIsAskedOnceAndACommandForEachName(t *testing.T) {
	t.Parallel()
	for where, want := range map[model.Where]int{model.WhereVault: 1, model.WhereCommand: 4} {
		h := newHouse()
		for i := range 4 {
			h.keep(model.SecretInfo{Name: model.SecretName(fmt.Sprint("account/s", i)), Type: model.SecretText, Where: where}, canary())
		}
		h.closed[where] = true
		if _, err := h.jobs().VerifySecrets(t.Context(), nil, nil); err != nil {
			t.Fatal(err)
		}
		if asked := h.calls - 1; asked != want { // one call read the list
			t.Errorf("%s was asked %d times, want %d", where, asked, want)
		}
	}
}

func TestALookThatIsCancelledReturnsWhatItFound(t *testing.T) {
	t.Parallel()
	d := rich(t)
	ctx, cancel := context.WithCancel(t.Context())
	found, err := d.jobs().VerifySecrets(ctx, nil, func(SecretHolding, int) { cancel() })
	if !errors.Is(err, context.Canceled) || len(found) != 1 {
		t.Errorf("%d found, %v", len(found), err)
	}
	if _, err := d.jobs().VerifySecrets(t.Context(), []model.SecretName{"account/none"}, nil); !errors.Is(err, ErrNoSecret) {
		t.Errorf("a name nobody knows: %v", err)
	}
	found, err = d.jobs().VerifySecrets(t.Context(), []model.SecretName{"account/git"}, nil)
	if err != nil || len(found) != 1 || found[0].State != SecretHeld || found[0].Length != len(canary())+1 {
		t.Errorf("one by name: %+v, %v", found, err)
	}
}
