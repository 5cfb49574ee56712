package keystore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"bbconnect/model"
)

const (
	// keyringService is the name all values are filed under unless told otherwise.
	keyringService = "bbconnect"
	// keyringPatience bounds a call whose context has no deadline: much more than
	// a keyring needs (a few milliseconds), and little enough to wait for.
	keyringPatience = 2 * time.Second
)

// Ring is the platform's keyring: small texts by service and user. Get and
// Delete answer ErrNotFound for what is absent. Calls may block for as long as
// they like, may panic, and may report a success that did not happen.
type Ring interface {
	Get(service, user string) (string, error)
	Set(service, user, value string) error
	Delete(service, user string) error
}

// KeyringOptions are what can differ from the operating system's keyring in its
// usual place. The zero value is just that.
type KeyringOptions struct {
	// Service files the values; "bbconnect" when empty. A second installation (one
	// under $BBCONNECT_HOME) needs a name of its own. It must not hold a colon,
	// which separates service and user on Windows.
	Service string
	// Ring replaces the operating system's keyring.
	Ring Ring
	// Limit is the largest item the ring takes, in bytes; 0 means none. It is the
	// platform's own where Ring is nil.
	Limit int
	// Patience bounds a call whose context has no deadline; 2 s when zero.
	Patience time.Duration
}

// Keyring keeps values in a keyring. Its calls return in time whatever the
// keyring does: within the deadline of their context, or two seconds where that
// has none. Give a longer deadline where a person is there to answer the
// keyring's own questions.
//
// Values above the platform's limit are kept in parts (keyring_parts.go).
type Keyring struct {
	service  string
	ring     Ring
	limit    int
	patience time.Duration
	// preflight finds out without side effects whether a call can work; nil where
	// the platform needs none.
	preflight func(context.Context) (health, error)
	door      *door
	// label is what the preflight has learnt of the keyring's name.
	label atomic.Value
}

// health is what a preflight learns of a keyring that is there.
type health struct {
	// label names it: "GNOME keyring".
	label string
	// locked says that a call will wait until the person has unlocked it.
	locked bool
}

// NewKeyring opens nothing yet. It fails only for a Service it cannot use.
func NewKeyring(o KeyringOptions) (*Keyring, error) {
	k := &Keyring{service: o.Service, ring: o.Ring, limit: o.Limit, patience: o.Patience, door: newDoor()}
	if k.service == "" {
		k.service = keyringService
	}
	if k.patience == 0 {
		k.patience = keyringPatience
	}
	if strings.ContainsAny(k.service, ":\x00\n") || len(k.service) > 100 {
		return nil, fmt.Errorf("keyring service %q: at most 100 bytes, without a colon", k.service)
	}
	k.label.Store("the keyring")
	if k.ring == nil {
		k.ring, k.limit, k.preflight = osRing{}, osLimit, osPreflight
		k.label.Store(osLabel)
	}
	return k, nil
}

// Get implements Store.
func (k *Keyring) Get(ctx context.Context, name model.SecretName) (model.Secret, error) {
	if err := checkName(name); err != nil {
		return model.Secret{}, err
	}
	// The closure may outlive this call, so it answers through a channel.
	found := make(chan string, 1)
	err := k.do(ctx, func(s session) error {
		value, err := s.read(string(name))
		if err == nil {
			found <- value
		}
		return err
	})
	if err != nil {
		return model.Secret{}, err
	}
	return model.NewSecret(<-found), nil
}

// Set implements Store. After a keystore.timeout the keyring may still keep the
// value, once the person answers its question.
func (k *Keyring) Set(ctx context.Context, name model.SecretName, value model.Secret) error {
	if err := checkBoth(name, value); err != nil {
		return err
	}
	return k.do(ctx, func(s session) error { return s.write(string(name), value.Reveal()) })
}

// Delete implements Store.
func (k *Keyring) Delete(ctx context.Context, name model.SecretName) error {
	if err := checkName(name); err != nil {
		return err
	}
	return k.do(ctx, func(s session) error { return s.remove(string(name)) })
}

// Prove implements Store. It is one call through the door, so that the probe is
// taken away again even when the keyring answers after the caller has left.
func (k *Keyring) Prove(ctx context.Context) error {
	ctx, cancel := within(ctx, proveTime)
	defer cancel()
	name, value := probe()
	return k.do(ctx, func(s session) (err error) {
		defer func() {
			s.ctx = context.WithoutCancel(s.ctx)
			if removed := s.remove(string(name)); err == nil {
				err = removed
			}
		}()
		if err := s.write(string(name), value.Reveal()); err != nil {
			return err
		}
		got, err := s.read(string(name))
		if err == nil && got != value.Reveal() {
			err = errNotKept
		}
		return err
	})
}

// Where implements Store.
func (k *Keyring) Where() model.Where { return model.WhereKeyring }

// Describe implements Store. On Linux the keyring's own name is known after the
// first call.
func (k *Keyring) Describe() string { return k.label.Load().(string) }

// do runs a piece of work against the ring and turns what comes back into the
// errors of this package.
func (k *Keyring) do(ctx context.Context, work func(session) error) error {
	var waitsForUnlock atomic.Bool
	err := k.door.pass(ctx, k.patience, func(ctx context.Context) error {
		if k.preflight != nil {
			found, err := k.preflight(ctx)
			if err != nil {
				return err
			}
			waitsForUnlock.Store(found.locked)
			k.label.Store(found.label)
		}
		return work(session{ctx: ctx, ring: k.ring, service: k.service, limit: k.limit})
	})
	var late *lateError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &late) && waitsForUnlock.Load():
		return locked(err)
	case errors.As(err, &late):
		return timedOut(late.after, err)
	case errors.Is(err, errNotKept):
		return notKept(k.Describe())
	case errors.Is(err, errHung):
		return stillWaiting()
	default:
		return classify(err)
	}
}
