package model

import (
	"slices"
	"strconv"
	"strings"
)

// secretName resolves a reference question; "" when it is empty or malformed.
func (a *asker) secretName(id QuestionID) SecretName {
	name, err := SecretRef(a.value(id)).Name(a.scope())
	if err != nil {
		return ""
	}
	return name
}

// savedSecret is the named secret behind a reference question, if it exists.
func (a *asker) savedSecret(id QuestionID) (SecretInfo, bool) {
	if name := a.secretName(id); name != "" {
		return a.w.SecretInfo(name)
	}
	return SecretInfo{}, false
}

// savedExpiry is the day recorded for a saved secret. A new value has a day of
// its own, which nobody knows yet.
func (a *asker) savedExpiry(slot, ref QuestionID) string {
	if !a.d.Secret(slot).IsZero() {
		return ""
	}
	if info, ok := a.savedSecret(ref); ok && !info.Expires.IsZero() {
		return info.Expires.Format("2006-01-02")
	}
	return ""
}

// defaultSecret is a saved secret that fits, or the name of a new one: the
// connector's id with _token, _password or _ssh_key (contract, New secrets).
func (a *asker) defaultSecret() SecretRef {
	slot := QPassword
	if !a.http() {
		slot = QSSHKey
	}
	if fit := a.fittingSecrets(QSecret); len(fit) > 0 && a.d.Secret(slot).IsZero() {
		return fit[0].Name.Ref()
	}
	suffix := "_token"
	if !a.http() {
		suffix = "_ssh_key"
	} else if k := a.typedKind(QPassword); k == KindPassword || k == KindAppPassword {
		suffix = "_password"
	}
	return a.newRef(suffix, "")
}

// typedKind is the kind of what was typed into a slot, without asking QKind,
// whose default depends on the secret's name.
func (a *asker) typedKind(slot QuestionID) CredentialKind {
	if a.d.Answered(QKind) {
		return CredentialKind(a.d.Answer(QKind))
	}
	return RecogniseCredential(a.d.Secret(slot), slot).Kind
}

// newRef is a reference at the connector's own scope that no secret has yet.
func (a *asker) newRef(suffix string, taken SecretRef) SecretRef {
	scope := a.scope()
	return scope.Ref(a.freeID(scope, a.value(QID), suffix, func(id string) bool { return scope.Ref(id) == taken }))
}

// freeID is stem and suffix, with _2 and on behind where a secret of the scope
// has that id already (contract, New secrets). A long stem is cut so that the
// whole fits Harness's 128 characters.
func (a *asker) freeID(scope Scope, stem, suffix string, taken func(id string) bool) string {
	const counter = len("_9999")
	id := stem[:min(len(stem), maxIDLength-len(suffix)-counter)] + suffix
	for n, try := 2, id; ; n++ {
		if _, exists := a.w.SecretInfo(scope.SecretName(try)); !exists && !taken(try) {
			return try
		}
		try = id + "_" + strconv.Itoa(n)
	}
}

// fittingSecrets are the saved secrets a reference question can be answered
// with: of the right type, for this host where that is known, within reach of
// the connector's scope, App Passwords and what has ended left out; most recent
// first.
func (a *asker) fittingSecrets(id QuestionID) []SecretInfo {
	want := SecretText
	if id == QSecret && !a.http() {
		want = SecretSSHKey
	}
	if fit, known := a.fitting[want]; known {
		return fit
	}
	host, scope := a.pasted().Host, a.scope()
	var out []SecretInfo
	for _, s := range a.w.Secrets {
		if s.Type != want || s.Kind == KindAppPassword || host == "" || s.Host != host || !s.Name.reachableFrom(scope) {
			continue
		}
		if !s.Expires.IsZero() && DaysLeft(s.Expires, a.w.Now) < 0 {
			continue
		}
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(x, y SecretInfo) int { return y.Created.Compare(x.Created) })
	if a.fitting == nil {
		a.fitting = map[SecretType][]SecretInfo{}
	}
	a.fitting[want] = out
	return out
}

// reachableFrom reports whether a connector at the scope may reference the
// secret. It is asked of every secret at every key, so it takes nothing apart.
func (n SecretName) reachableFrom(s Scope) bool {
	id, ok := strings.CutPrefix(string(n), "account/")
	if !ok && s.Org != "" {
		id, ok = strings.CutPrefix(string(n), "org/"+s.Org+"/")
	}
	if !ok && s.Project != "" {
		id, ok = strings.CutPrefix(string(n), "project/"+s.Org+"/"+s.Project+"/")
	}
	return ok && validSecretID(id)
}
