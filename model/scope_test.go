package model

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestAReferenceIsResolvedFromItsConnectorsScope(t *testing.T) {
	t.Parallel()
	account, org, project := Scope{}, Scope{Org: "eng"}, Scope{Org: "eng", Project: "pay"}
	for _, tc := range []struct {
		ref  SecretRef
		from Scope
		want SecretName
		err  error
	}{
		{"account.x", account, "account/x", nil},
		{"account.x", project, "account/x", nil},
		{"org.x", org, "org/eng/x", nil},
		{"org.x", project, "org/eng/x", nil},
		{"x", project, "project/eng/pay/x", nil},
		{"x-y_z$1", project, "project/eng/pay/x-y_z$1", nil},
		{"x", account, "", ErrRefScope},
		{"x", org, "", ErrRefScope},
		{"org.x", account, "", ErrRefScope},
		{"", project, "", ErrRefMalformed},
		{"project.x", project, "", ErrRefMalformed},
		{"account.", project, "", ErrRefMalformed},
		{"account.a.b", account, "", ErrRefMalformed},
		{"account.1x", account, "", ErrRefMalformed},
		{"account.-x", account, "", ErrRefMalformed},
		{"Account.x", account, "", ErrRefMalformed},
		{SecretRef("account." + strings.Repeat("x", 129)), account, "", ErrRefMalformed},
	} {
		got, err := tc.ref.Name(tc.from)
		if got != tc.want || !errors.Is(err, tc.err) {
			t.Errorf("%s from %s: %s, %v", tc.ref, tc.from.Kind(), got, err)
		}
	}
}

func TestANameIsTheSameSecretInEveryForm(t *testing.T) {
	t.Parallel()
	for _, scope := range []Scope{{}, {Org: "eng"}, {Org: "eng", Project: "pay"}} {
		name := scope.SecretName("x")
		back, id, ok := name.Split()
		if !ok || back != scope || id != "x" {
			t.Errorf("%s splits into %+v %s", name, back, id)
		}
		if resolved, err := name.Ref().Name(scope); err != nil || resolved != name || name.Ref() != scope.Ref("x") {
			t.Errorf("%s by way of %s is %s, %v", name, name.Ref(), resolved, err)
		}
	}
	for _, bad := range []SecretName{"", "x", "account/", "account/a/b", "org/x", "project/a/b", "team/x"} {
		if _, _, ok := bad.Split(); ok {
			t.Errorf("%q is no name", bad)
		}
	}
}

func TestAConnectorIsNamedByItsScope(t *testing.T) {
	t.Parallel()
	for key, scope := range map[string]Scope{"x": {}, "eng/x": {Org: "eng"}, "eng/pay/x": {Org: "eng", Project: "pay"}} {
		if got := (Connector{ID: "x", Scope: scope}).Key(); got != key {
			t.Errorf("%s is called %s", key, got)
		}
	}
}

func TestEveryReferenceOfAConnectorIsListedOnce(t *testing.T) {
	t.Parallel()
	c := Connector{
		Username: Login{Ref: "account.u"}, PasswordRef: "account.p", SSHKeyRef: "account.k",
		API: APIAccess{Username: Login{Ref: "account.u"}, Email: Login{Ref: "account.e"}, TokenRef: "account.p", RefreshTokenRef: "account.r"},
	}
	want := []SecretRef{"account.u", "account.p", "account.k", "account.e", "account.r"}
	if got := c.SecretRefs(); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	if !c.Uses("account/r") || c.Uses("account/x") || c.Uses("org/eng/r") {
		t.Error("uses what it references, at its scope")
	}
	if !(Login{}).IsZero() || (Login{Ref: "account.u"}).IsZero() {
		t.Error("a login is given in either form")
	}
}

func TestAConnectorUsesASecretExactlyWhereOneOfItsReferencesNamesIt(t *testing.T) {
	t.Parallel()
	refs := []SecretRef{"", "account.x", "org.x", "x", "account.y", "org.x.y", "account.", "project.x", "xx", "account.xx", "<+x>"}
	scopes := []Scope{{}, {Org: "a"}, {Org: "b"}, {Org: "a", Project: "p"}, {Org: "a", Project: "q"}, {Org: "b", Project: "p"}}
	names := []SecretName{"account/x", "org/a/x", "org/b/x", "project/a/p/x", "project/a/q/x", "account/xx", "account/", "nonsense", ""}
	for _, scope := range scopes {
		for _, ref := range refs {
			c := Connector{Scope: scope, PasswordRef: ref}
			for _, name := range names {
				named, err := ref.Name(scope)
				if want := ref != "" && err == nil && named == name; c.Uses(name) != want {
					t.Errorf("%+v with %q uses %q: %t, want %t", scope, ref, name, !want, want)
				}
			}
		}
	}
}
