package flow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bbconnect/model"
)

// proveTimeout bounds the proof of a keyring, as the person waits for it before
// anything secret is asked. The other places may ask for a passphrase first, and
// nobody types one in that time.
const proveTimeout = 3 * time.Second

// Place is where new secrets go, after it has proved itself.
type Place struct {
	Where model.Where
	// Description names it for people: "GNOME keyring".
	Description string
	// Took is how long the proof took.
	Took time.Duration
}

// Prove proves a place for new secrets with a write, a read and a delete, and
// remembers the choice. "" tries what was chosen before, else the keyring; there
// is no silent fallback: where the place does not work, the problem says why and
// the person chooses another.
func (j *Jobs) Prove(ctx context.Context, where model.Where) (Place, error) {
	settings, err := j.Library.Settings(ctx)
	if err != nil {
		return Place{}, err
	}
	if where == "" {
		where = settings.Keystore
	}
	if where == "" {
		where = model.WhereKeyring
	}
	keys, err := j.Keystores.Keystore(where)
	if err != nil {
		return Place{Where: where}, err
	}
	place := Place{Where: where, Description: keys.Describe()}
	begun := j.Now()
	if err := j.proveInTime(ctx, keys); err != nil {
		return place, err
	}
	place.Took = j.Now().Sub(begun)
	if settings.Keystore == where {
		return place, nil
	}
	settings.Keystore = where
	return place, j.Library.SaveSettings(ctx, settings)
}

// proveInTime has a place prove itself; the keyring within its bound.
func (j *Jobs) proveInTime(ctx context.Context, keys Keystore) error {
	if keys.Where() != model.WhereKeyring {
		return inTime(ctx, keys.Prove(ctx))
	}
	bounded, cancel := context.WithTimeout(ctx, proveTimeout)
	defer cancel()
	return inTime(ctx, keys.Prove(bounded))
}

// inTime says of a proof that ran into its own bound what that means; other
// errors stay as they are.
func inTime(ctx context.Context, err error) error {
	if _, told := model.AsProblem(err); told || ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &model.Problem{
		Code: "keystore.timeout", What: fmt.Sprintf("The keyring did not answer within %s.", proveTimeout),
		Why: "It may be waiting for a password in a window that nobody sees.",
		Fix: "Unlock the keyring and try again, or choose another place for secrets.", Cause: err,
	}
}

// value reads a secret's value from wherever it lives.
func (j *Jobs) value(ctx context.Context, info model.SecretInfo) (model.Secret, error) {
	keys, err := j.Keystores.Keystore(info.Where)
	if err != nil {
		return model.Secret{}, err
	}
	return keys.Get(ctx, info.Name)
}
