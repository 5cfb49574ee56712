package flow

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"bbconnect/model"
)

// estate saves three connectors: a and b share a token, b has one of its own too,
// and c signs in with an SSH credential whose key a second credential points to.
func estate() *house {
	h := newHouse()
	add := func(id string, refs ...model.SecretRef) {
		c := model.Connector{Name: strings.ToUpper(id), ID: id, URL: "https://bitbucket.org/acme/" + id + ".git", PasswordRef: refs[0]}
		if len(refs) > 1 {
			c.API = model.APIAccess{Method: model.APIAccessToken, TokenRef: refs[1]}
		}
		h.put(c)
	}
	add("a", "account.shared")
	add("b", "account.shared", "account.own")
	add("c", "account.ssh")
	for _, id := range []string{"shared", "own", "key"} {
		h.keep(model.SecretInfo{Name: model.SecretName("account/" + id), Type: model.SecretText, Where: model.WhereKeyring}, "value of "+id)
	}
	for _, id := range []string{"ssh", "other_ssh"} {
		h.keep(model.SecretInfo{Name: model.SecretName("account/" + id), Type: model.SecretSSHKey, File: "account/key"}, "")
	}
	return h
}

func summary(l Leaving) string {
	var parts []string
	for _, c := range l.Connectors {
		parts = append(parts, c.Connector.ID)
	}
	for _, s := range l.Own {
		parts = append(parts, "own "+string(s.Name))
	}
	for _, s := range l.Shared {
		parts = append(parts, fmt.Sprintf("shared %s %v", s.Info.Name, s.Others))
	}
	return strings.Join(parts, ", ")
}

func TestWhatDeletingSeveralTakesAlong(t *testing.T) {
	t.Parallel()
	for keys, want := range map[string]string{
		"a":     "a, shared account/shared [b]",
		"b":     "b, own account/own, shared account/shared [a]",
		"a b":   "a, b, own account/shared, own account/own",
		"c":     "c, own account/ssh, shared account/key []",
		"":      "",
		"gone":  "",
		"a b c": "a, b, c, own account/shared, own account/own, own account/ssh, shared account/key []",
	} {
		l, err := estate().jobs().Leave(t.Context(), strings.Fields(keys))
		if got := summary(l); err != nil || got != want {
			t.Errorf("%s: %s (%v), want %s", keys, got, err, want)
		}
	}
}

func TestDeletingSeveralTakesOnlyWhatNobodyElseUses(t *testing.T) {
	t.Parallel()
	for _, with := range []bool{false, true} {
		h := estate()
		l, err := h.jobs().Leave(t.Context(), []string{"a", "b"})
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		if n, err := h.jobs().DeleteMany(t.Context(), l, with, func(key string) { told = append(told, key) }); n != 2 || err != nil || !slices.Equal(told, []string{"a", "b"}) {
			t.Errorf("%d gone, %v, told of %v", n, err, told)
		}
		want := []model.SecretName{"account/key", "account/other_ssh", "account/own", "account/shared", "account/ssh"}
		if with {
			want = []model.SecretName{"account/key", "account/other_ssh", "account/ssh"}
		}
		if got := slices.Sorted(maps.Keys(h.secrets)); !slices.Equal(got, want) {
			t.Errorf("with secrets %v: %v are left, want %v", with, got, want)
		}
		if _, there := h.values[model.WhereKeyring]["account/shared"]; there == with {
			t.Errorf("with secrets %v: the value is there: %v", with, there)
		}
	}
}

// However a delete ends, no connector is left without its secret.
func TestADeleteOfSeveralThatBreaksLeavesNoConnectorWithoutItsSecret(t *testing.T) {
	t.Parallel()
	for breakAt := 1; ; breakAt++ {
		h := estate()
		l, err := h.jobs().Leave(t.Context(), []string{"a", "b"})
		if err != nil {
			t.Fatal(err)
		}
		h.calls, h.breakAt = 0, breakAt
		n, err := h.jobs().DeleteMany(t.Context(), l, true, nil)
		if err == nil {
			if breakAt < 4 {
				t.Errorf("only %d calls", breakAt)
			}
			return
		}
		if !errors.Is(err, errBreak) || n != 3-len(h.connectors) {
			t.Errorf("call %d broke: %d gone, %d left, %v", breakAt, n, len(h.connectors), err)
		}
		for _, s := range h.connectors {
			for _, ref := range s.Connector.SecretRefs() {
				name, _ := ref.Name(s.Connector.Scope)
				if _, known := h.secrets[name]; !known {
					t.Errorf("call %d broke: %s lost %s", breakAt, s.Connector.ID, name)
				}
			}
		}
	}
}

func TestADeleteOfSeveralStopsWhenItIsCancelledOrSomebodyChangedOne(t *testing.T) {
	t.Parallel()
	h := estate()
	l, _ := h.jobs().Leave(t.Context(), []string{"a", "b"})
	ctx, cancel := context.WithCancel(t.Context())
	if n, err := h.jobs().DeleteMany(ctx, l, true, func(string) { cancel() }); n != 1 || !errors.Is(err, context.Canceled) || len(h.secrets) != 5 {
		t.Errorf("%d gone, %v, %d secrets left", n, err, len(h.secrets))
	}
	h = estate()
	l, _ = h.jobs().Leave(t.Context(), []string{"a", "b"})
	h.put(h.connectors["b"].Connector)
	if n, err := h.jobs().DeleteMany(t.Context(), l, true, nil); n != 1 || err == nil || len(h.secrets) != 5 {
		t.Errorf("%d gone, %v, %d secrets left", n, err, len(h.secrets))
	}
	h = estate()
	l, _ = h.jobs().Leave(t.Context(), []string{"a", "b"})
	h.closed[model.WhereKeyring] = true
	if n, err := h.jobs().DeleteMany(t.Context(), l, true, nil); n != 0 || err == nil || len(h.connectors) != 3 {
		t.Errorf("with a place that is closed: %d gone, %v", n, err)
	}
}

func TestASecretThatSomebodyBeganToUseWhileThePersonWasAskedIsKept(t *testing.T) {
	t.Parallel()
	for what, begin := range map[string]func(*house){
		"a connector": func(h *house) {
			h.put(model.Connector{Name: "D", ID: "d", URL: "https://bitbucket.org/acme/d.git", PasswordRef: "account.own"})
		},
		"an SSH credential": func(h *house) {
			h.keep(model.SecretInfo{Name: "account/new_ssh", Type: model.SecretSSHKey, File: "account/own"}, "")
		},
	} {
		h := estate()
		l, err := h.jobs().Leave(t.Context(), []string{"a", "b"})
		if err != nil {
			t.Fatal(err)
		}
		begin(h)
		if n, err := h.jobs().DeleteMany(t.Context(), l, true, nil); n != 2 || err != nil {
			t.Errorf("%s: %d gone, %v", what, n, err)
		}
		_, known := h.secrets["account/own"]
		_, shared := h.secrets["account/shared"]
		if !known || h.values[model.WhereKeyring]["account/own"] == "" || shared {
			t.Errorf("%s: its secret is there: %v, the other: %v", what, known, shared)
		}
	}
}
