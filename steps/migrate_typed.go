package steps

import (
	"slices"
	"time"

	"bbconnect/model"
	"bbconnect/ui"
)

// typedToken is what the form of a secret held when it was left without verifying.
// It lives in memory alone, as long as the plan does.
type typedToken struct {
	kind           model.CredentialKind
	value          model.Secret
	email, expires string
}

// recall fills the form with what it held when it was left, else with what was
// verified, unless another kind of credential is asked for.
func (p *migrateToken) recall(kind model.CredentialKind) {
	fits := func(k model.CredentialKind) bool { return kind == "" || kind == k }
	if typed, there := p.of.typed[p.group.Name]; there && fits(typed.kind) {
		p.kind, p.value, p.email, p.expires = typed.kind, typed.value, typed.email, typed.expires
		return
	}
	v, there := p.of.ready[p.group.Name]
	switch {
	case there && fits(v.Replacement.Kind):
		p.kind, p.value, p.email = v.Replacement.Kind, v.Replacement.Value, v.Replacement.Email
		if day := v.Replacement.Expires; !day.IsZero() {
			p.expires = day.Format(time.DateOnly)
		}
	case kind == "":
		p.kind = p.group.Kinds[0]
	}
}

// remember leaves what was typed with the plan, for when the form is opened again.
// What was verified is there already.
func (p *migrateToken) remember() {
	if p.accepted || p.of.typed == nil {
		return
	}
	if p.value.IsZero() && p.email == p.group.Email && p.expires == "" && p.kind == p.group.Kinds[0] {
		delete(p.of.typed, p.group.Name)
		return
	}
	p.of.typed[p.group.Name] = typedToken{kind: p.kind, value: p.value, email: p.email, expires: p.expires}
}

// pasted counts the new credentials that leaving the plan would forget: those that
// were verified, and those that were only pasted.
func (s *Migrate) pasted() int {
	n := len(s.ready)
	for name, typed := range s.typed {
		if _, there := s.ready[name]; !there && !typed.value.IsZero() {
			n++
		}
	}
	return n
}

// unverified reports a credential that was pasted for a secret and not verified.
func (s *Migrate) unverified(name model.SecretName) bool { return !s.typed[name].value.IsZero() }

// expiryHelp says what the day is, for the kind that is chosen.
func (p *migrateToken) expiryHelp() ui.Card {
	return p.withGuide(ui.Card{Title: "Expires", Lines: []string{
		"The day its page shows, or how long it lives: 90d, 12w, 6m, 1y. " + withoutEnd(p.kind), "The day is kept with the secret and shown in the lists.",
	}})
}

// emailHelp says what the email is for.
func (p *migrateToken) emailHelp() ui.Card {
	return p.withGuide(ui.Card{Title: "Email", Lines: []string{
		"The REST API takes an API token with the email of the account that made it; git takes it with a user name.", "The live test proves the email before anything is changed.",
	}})
}

// withGuide lets f1 go step by step in every field, below what the field's own card
// says; the sentence above the form says so.
func (p *migrateToken) withGuide(c ui.Card) ui.Card {
	c.More = func(width int) []string {
		guide := p.help()
		out := []string{guide.Title}
		for _, text := range guide.Lines {
			for i, l := range ui.Wrap(text, max(width-3, 12)) {
				if i > 0 {
					l = "   " + l
				}
				out = append(out, l)
			}
		}
		if guide.More != nil {
			out = append(append(out, ""), guide.More(width)...)
		}
		return out
	}
	return c
}

// formKeys are those of the form, with those of the guide after the one that
// verifies.
func (p *migrateToken) formKeys() []ui.Key {
	return slices.Insert(p.form.Keys(), 1, p.guideKeys()...)
}
