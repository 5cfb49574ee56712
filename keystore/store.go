package keystore

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"bbconnect/model"
)

// MaxSize is the longest value a store takes, in bytes. A 4096-bit private key
// has about 3,300; the limit keeps a mistaken file out.
const MaxSize = 64 << 10

// proveTime is how long Prove may take when its context has no deadline: three
// seconds with the moment a call that has run out of time is given.
const proveTime = 3*time.Second - 2*doorGrace

// ErrNotFound says that a store has no value of that name.
var ErrNotFound = errors.New("no value is kept under that name")

// Store keeps the values of secrets. All methods may be called from several
// goroutines at once.
type Store interface {
	// Get returns the value, or ErrNotFound.
	Get(ctx context.Context, name model.SecretName) (model.Secret, error)
	// Set keeps the value, replacing an older one. When it fails the older one is
	// still there. An empty value and one above MaxSize are refused.
	Set(ctx context.Context, name model.SecretName, value model.Secret) error
	// Delete forgets the value. Deleting what is absent is no error.
	Delete(ctx context.Context, name model.SecretName) error
	// Prove shows that the store works: it writes a random value under a name of
	// its own, reads it back and deletes it. It takes at most three seconds, or
	// until the deadline of ctx where that has one.
	Prove(ctx context.Context) error
	// Where is the kind of place.
	Where() model.Where
	// Describe names the place to a person, within a sentence: "GNOME keyring".
	Describe() string
}

// checkName refuses what is no whole name of a secret. The characters are those
// Harness allows in identifiers, plus the slash between the parts; so a name is
// always safe as a keyring's attribute and as part of an item's label.
func checkName(name model.SecretName) error {
	_, _, ok := name.Split()
	for _, r := range string(name) {
		word := r == '_' || r == '$' || r == '-' || r == '/' || (r >= '0' && r <= '9')
		ok = ok && (word || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z'))
	}
	if ok && len(name) <= maxName {
		return nil
	}
	return &model.Problem{
		Code: "ref.malformed",
		What: "The name of the secret is not one.",
		Why:  "A secret is named account/ID, org/ORG/ID or project/ORG/PROJECT/ID, in letters, digits, _, - and $.",
		Fix:  "Correct the reference.",
	}
}

// maxName is the longest name in bytes: three identifiers of 128 characters.
const maxName = 400

// checkValue refuses what no store takes.
func checkValue(value model.Secret) error {
	switch {
	case value.IsZero():
		return &model.Problem{
			Code: "secret.required",
			What: "There is no value to keep.",
			Why:  "An empty value cannot be told from a missing one.",
			Fix:  "Enter the value, or delete the secret.",
		}
	case value.Len() > MaxSize:
		return tooBig(value.Len(), MaxSize, "")
	default:
		return nil
	}
}

// checkBoth is checkName and checkValue, for Set.
func checkBoth(name model.SecretName, value model.Secret) error {
	if err := checkName(name); err != nil {
		return err
	}
	return checkValue(value)
}

// probe is a name and a value nobody else uses, for Prove.
func probe() (model.SecretName, model.Secret) {
	return model.Scope{}.SecretName("bbconnect_probe_" + strings.ToLower(rand.Text())), model.NewSecret(rand.Text())
}

// within bounds ctx by limit unless it already has a deadline.
func within(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, limit)
}

// prove is Prove for a store whose methods honour their context. The probe is
// deleted even when the context has ended in between.
func prove(ctx context.Context, s Store) (err error) {
	ctx, cancel := within(ctx, proveTime)
	defer cancel()
	name, value := probe()
	if err := s.Set(ctx, name, value); err != nil {
		return err
	}
	defer func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), proveTime)
		defer cancel()
		if deleted := s.Delete(last, name); err == nil {
			err = deleted
		}
	}()
	got, err := s.Get(ctx, name)
	if err == nil && !got.Equal(value) {
		err = notKept(s.Describe())
	}
	if errors.Is(err, ErrNotFound) {
		err = notKept(s.Describe())
	}
	return err
}
