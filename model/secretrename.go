package model

// RenamesSecret is the connector with every reference to one secret turned into
// one to another of the same scope, and whether it had any. References keep
// their form, since that follows from the scope of the secret alone.
func (c Connector) RenamesSecret(from, to SecretName) (Connector, bool) {
	changed := false
	for _, ref := range []*SecretRef{
		&c.Username.Ref, &c.PasswordRef, &c.SSHKeyRef,
		&c.API.Username.Ref, &c.API.Email.Ref, &c.API.TokenRef, &c.API.RefreshTokenRef,
	} {
		if name, err := ref.Name(c.Scope); *ref != "" && err == nil && name == from {
			*ref, changed = to.Ref(), true
		}
	}
	return c, changed
}

// RenamesSecret is the draft with every answer that refers to one secret turned
// into one that refers to another of the same scope, and whether it had any.
func (d Draft) RenamesSecret(from, to SecretName) (Draft, bool) {
	scope := newAsker(d, World{}).scope()
	changed := false
	for _, id := range QuestionIDs() {
		q, known := KnownQuestion(id)
		ref := SecretRef(d.Answer(id))
		if !known || q.Kind != AskReference || ref == "" {
			continue
		}
		if name, err := ref.Name(scope); err == nil && name == from {
			d, changed = d.With(id, string(to.Ref())), true
		}
	}
	return d, changed
}
