package model

import (
	"errors"
	"fmt"
	"strings"
)

// ScopeKind is the level of Harness a connector or a secret lives at.
type ScopeKind string

// The scopes of Harness, widest first.
const (
	ScopeAccount ScopeKind = "account"
	ScopeOrg     ScopeKind = "org"
	ScopeProject ScopeKind = "project"
)

// Scope places a connector or a secret: Org is set from ScopeOrg down, Project
// at ScopeProject alone. The zero Scope is the account.
type Scope struct {
	Org     string
	Project string
}

// Kind is the level the scope stands for.
func (s Scope) Kind() ScopeKind {
	switch {
	case s.Project != "":
		return ScopeProject
	case s.Org != "":
		return ScopeOrg
	default:
		return ScopeAccount
	}
}

// Qualify puts the scope before an id: id, org/id, org/project/id.
func (s Scope) Qualify(id string) string {
	switch s.Kind() {
	case ScopeProject:
		return s.Org + "/" + s.Project + "/" + id
	case ScopeOrg:
		return s.Org + "/" + id
	default:
		return id
	}
}

// SecretRef is a reference as a connector document writes it: id (the
// connector's own project), org.id (its organisation) or account.id
// (harness-core, SecretRefData).
type SecretRef string

// ErrRefMalformed and ErrRefScope are the two ways a reference can be wrong in
// itself; both are answered by Name.
var (
	ErrRefMalformed = errors.New("a reference is id, org.id or account.id")
	ErrRefScope     = errors.New("the reference reaches below the connector's scope")
)

// split is the level the reference points to, and the secret's bare id:
// ErrRefMalformed when it is none of the three forms.
func (r SecretRef) split() (ScopeKind, string, error) {
	head, tail, dotted := strings.Cut(string(r), ".")
	kind, id := ScopeProject, head
	if dotted {
		switch head {
		case "account":
			kind = ScopeAccount
		case "org":
			kind = ScopeOrg
		default:
			return "", "", fmt.Errorf("%w: %q", ErrRefMalformed, string(r))
		}
		id = tail
	}
	if !validSecretID(id) {
		return "", "", fmt.Errorf("%w: %q", ErrRefMalformed, string(r))
	}
	return kind, id, nil
}

// validSecretID follows the server's identifier rule plus the hyphen that
// Harness documents for secrets (Harness docs, entity identifier reference).
func validSecretID(id string) bool {
	if id == "" || len(id) > 128 {
		return false
	}
	for i, r := range id {
		letter := r == '_' || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z')
		rest := r == '$' || r == '-' || (r >= '0' && r <= '9')
		if !letter && (i == 0 || !rest) {
			return false
		}
	}
	return true
}

// SecretName is a secret's whole name, as secrets.yaml and the keystore use
// it: account/x, org/ORG/x, project/ORG/PROJ/x.
type SecretName string

// Name resolves the reference as seen from a connector at the given scope. It
// fails with ErrRefMalformed, or with ErrRefScope where the connector's scope
// does not allow the reference (an account connector reaches account secrets
// only, an organisation's its own and the account's).
func (r SecretRef) Name(from Scope) (SecretName, error) {
	kind, id, err := r.split()
	if err != nil {
		return "", err
	}
	switch kind {
	case ScopeAccount:
		return Scope{}.SecretName(id), nil
	case ScopeOrg:
		if from.Org == "" {
			return "", fmt.Errorf("%w: %s from an account connector", ErrRefScope, r)
		}
		return Scope{Org: from.Org}.SecretName(id), nil
	default:
		if from.Project == "" {
			return "", fmt.Errorf("%w: %s from an %s connector", ErrRefScope, r, from.Kind())
		}
		return from.SecretName(id), nil
	}
}

// SecretName is the whole name of a secret with the given id at this scope.
func (s Scope) SecretName(id string) SecretName {
	switch s.Kind() {
	case ScopeProject:
		return SecretName("project/" + s.Org + "/" + s.Project + "/" + id)
	case ScopeOrg:
		return SecretName("org/" + s.Org + "/" + id)
	default:
		return SecretName("account/" + id)
	}
}

// Ref is the reference that a connector at this very scope uses for a secret
// with the given id at the same scope.
func (s Scope) Ref(id string) SecretRef {
	switch s.Kind() {
	case ScopeProject:
		return SecretRef(id)
	case ScopeOrg:
		return SecretRef("org." + id)
	default:
		return SecretRef("account." + id)
	}
}

// Split takes a whole name apart; ok is false when it is not one.
func (n SecretName) Split() (scope Scope, id string, ok bool) {
	parts := strings.Split(string(n), "/")
	switch {
	case len(parts) == 2 && parts[0] == "account":
		scope, id = Scope{}, parts[1]
	case len(parts) == 3 && parts[0] == "org":
		scope, id = Scope{Org: parts[1]}, parts[2]
	case len(parts) == 4 && parts[0] == "project":
		scope, id = Scope{Org: parts[1], Project: parts[2]}, parts[3]
	default:
		return Scope{}, "", false
	}
	return scope, id, validSecretID(id)
}

// Ref is the reference to this secret as written in a document at its own
// scope or below.
func (n SecretName) Ref() SecretRef {
	scope, id, _ := n.Split()
	return scope.Ref(id)
}
