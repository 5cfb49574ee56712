package flow

import (
	"errors"
	"testing"

	"bbconnect/model"
)

func TestUndoIsRefusedWhereASecretOfTheOldDocumentIsGone(t *testing.T) {
	t.Parallel()
	old := connectorAt("ledger", "https://bitbucket.org/acme/ledger.git")
	now := old
	now.PasswordRef = "account.renamed"
	for name, tc := range map[string]struct {
		back, now *model.Connector
		secrets   []model.SecretName
		code      string
	}{
		"the old secret is gone":             {&old, &now, []model.SecretName{"account/renamed"}, "ref.missing"},
		"it is still there":                  {&old, &now, []model.SecretName{"account/renamed", "account/bb_token"}, ""},
		"both refer to it, known or not":     {&old, &old, nil, ""},
		"a deleted one comes back as it was": {&old, nil, nil, ""},
		"a new one goes":                     {nil, &now, nil, ""},
	} {
		h := newHouse()
		h.last, h.back, h.now = model.Change{Key: "ledger", Name: "Ledger", What: model.ChangeEdited}, tc.back, tc.now
		for _, s := range tc.secrets {
			h.keep(token(s, model.WhereKeyring), canary())
		}
		_, err := h.jobs().Undo(t.Context())
		p, _ := model.AsProblem(err)
		if (p == nil) != (tc.code == "") || p != nil && p.Code != tc.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestUndoPassesOnWhatBreaks(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 2; n++ {
		h := newHouse()
		h.breakAt = n
		if _, err := h.jobs().Undo(t.Context()); !errors.Is(err, errBreak) {
			t.Errorf("call %d: %v", n, err)
		}
	}
}

func TestEveryKindOfChangeIsSaid(t *testing.T) {
	t.Parallel()
	said := map[string]bool{}
	for _, what := range []model.ChangeKind{model.ChangeMade, model.ChangeEdited, model.ChangeDeleted} {
		c := model.Change{Name: "Ledger", What: what}
		for _, text := range []string{UndoText(c), UndoneText(c)} {
			if text == "" || said[text] {
				t.Errorf("%s: %q", what, text)
			}
			said[text] = true
		}
	}
}
