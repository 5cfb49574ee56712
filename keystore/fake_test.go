package keystore

import (
	"errors"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
)

// errPower stands for whatever ends a keyring in the middle of its work.
var errPower = errors.New("the power went")

// fakeRing is a keyring in memory that enforces a limit, notices calls that
// overlap, and can be told to misbehave.
type fakeRing struct {
	limit   int
	inside  atomic.Int32
	overlap atomic.Bool
	// step, when set, runs before each call; its error is the call's.
	step func(call, user string) error
	// lie makes Set and Delete report success and do nothing.
	lie atomic.Bool

	mu    sync.Mutex
	items map[string]string
}

func newFakeRing(limit int) *fakeRing { return &fakeRing{limit: limit, items: map[string]string{}} }

func (f *fakeRing) enter(call, user string) (func(), error) {
	if f.inside.Add(1) > 1 {
		f.overlap.Store(true)
	}
	leave := func() { f.inside.Add(-1) }
	if f.step != nil {
		if err := f.step(call, user); err != nil {
			leave()
			return nil, err
		}
	}
	return leave, nil
}

func (f *fakeRing) Get(service, user string) (string, error) {
	leave, err := f.enter("get", user)
	if err != nil {
		return "", err
	}
	defer leave()
	f.mu.Lock()
	defer f.mu.Unlock()
	value, ok := f.items[service+":"+user]
	if !ok {
		return "", ErrNotFound
	}
	return value, nil
}

func (f *fakeRing) Set(service, user, value string) error {
	leave, err := f.enter("set", user)
	if err != nil {
		return err
	}
	defer leave()
	if f.limit > 0 && len(value) > f.limit {
		return fmt.Errorf("%d bytes are above %d", len(value), f.limit)
	}
	if f.lie.Load() {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.items[service+":"+user] = value
	return nil
}

func (f *fakeRing) Delete(service, user string) error {
	leave, err := f.enter("delete", user)
	if err != nil {
		return err
	}
	defer leave()
	if f.lie.Load() {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.items[service+":"+user]; !ok {
		return ErrNotFound
	}
	delete(f.items, service+":"+user)
	return nil
}

// all is a copy of what the ring holds.
func (f *fakeRing) all() map[string]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.items)
}
