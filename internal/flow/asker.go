package flow

import (
	"context"

	"bbconnect/model"
)

// Question is what a keystore may have to ask in the middle of a job.
type Question struct {
	// Name is the secret whose value is wanted; "" asks for the vault's passphrase.
	Name model.SecretName
	// New means that the vault is about to be made, so that its passphrase is
	// chosen rather than remembered.
	New bool
	// Problem says why the last answer was not good, nil at first.
	Problem *model.Problem
}

// Asker asks the person for a secret while a job runs. A screen asks with a
// dialog, the command line on the terminal; where nobody can be asked there is
// none.
type Asker func(ctx context.Context, q Question) (model.Secret, error)

type askerKey struct{}

// WithAsker lets the jobs run under the context ask through a.
func WithAsker(ctx context.Context, a Asker) context.Context {
	return context.WithValue(ctx, askerKey{}, a)
}

// Ask asks the person for a secret. Without anybody to ask it answers with a
// keystore.locked problem that says what to do instead.
func Ask(ctx context.Context, q Question) (model.Secret, error) {
	if a, ok := ctx.Value(askerKey{}).(Asker); ok && a != nil {
		return a(ctx, q)
	}
	if q.Name == "" {
		return model.Secret{}, &model.Problem{
			Code: "keystore.locked", What: "The vault is locked, and there is nobody to ask for its passphrase.",
			Why: "Secrets are kept in the encrypted vault, and this run has no terminal.",
			Fix: "Set BBCONNECT_VAULT_PASSPHRASE_FILE to a file that holds the passphrase.",
		}
	}
	return model.Secret{}, &model.Problem{
		Code: "keystore.locked", What: "The value of " + string(q.Name.Ref()) + " is asked each time, and there is nobody to ask.",
		Why: "This secret is never stored, and this run has no terminal.",
		Fix: "Give it with --secret " + string(q.Name.Ref()) + "=env:NAME.",
	}
}
