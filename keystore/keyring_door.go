package keystore

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// doorGrace is how long a call that notices the end of its context by itself is
// waited for, so that it is not taken for one that hangs.
const doorGrace = 50 * time.Millisecond

// errHung says that a call was not made because an earlier one hangs.
var errHung = errors.New("an earlier call is still waiting")

// errPanic wraps what a call panicked with.
var errPanic = errors.New("the keyring library failed")

// lateError says that the deadline came before the answer.
type lateError struct{ after time.Duration }

func (e *lateError) Error() string { return fmt.Sprintf("no answer within %s", e.after) }

// Is makes it a deadline to errors.Is.
func (e *lateError) Is(target error) bool { return target == context.DeadlineExceeded }

// door lets one call through at a time. The keyring libraries have no
// contexts, and on Linux all calls of a process share one connection and take
// each other's signals for their own.
//
// A call that outlives its caller keeps its place until the keyring answers.
// Those who wait behind it, and those who come later, are turned away at once:
// there is no telling when it will end.
type door struct {
	place chan struct{} // holds one token while a call is inside
	mu    sync.Mutex
	hung  chan struct{} // closed while the call inside has outlived its caller
}

func newDoor() *door {
	return &door{place: make(chan struct{}, 1), hung: make(chan struct{})}
}

// visit is one call's stay inside.
type visit struct {
	over bool
	hung bool
}

// pass runs call when its turn has come, with the deadline of ctx or, where that
// has none, patience from then on. It returns call's error; *lateError or the
// context's own error when ctx ends first; errHung when an earlier call hangs.
func (d *door) pass(ctx context.Context, patience time.Duration, call func(context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := d.enter(ctx); err != nil {
		return err
	}
	started := time.Now()
	ctx, cancel := within(ctx, patience)
	v := &visit{}
	done := make(chan error, 1)
	go func() {
		defer cancel()
		err := guarded(ctx, call)
		d.leave(v)
		done <- err
	}()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		err = d.lastWords(ctx, v, done)
	}
	if ctx.Err() != nil && errors.Is(err, context.DeadlineExceeded) {
		return &lateError{after: time.Since(started)}
	}
	return err
}

// lastWords waits a moment for a call whose context has ended, then gives it up.
func (d *door) lastWords(ctx context.Context, v *visit, done <-chan error) error {
	grace := time.NewTimer(doorGrace)
	defer grace.Stop()
	select {
	case err := <-done:
		return err
	case <-grace.C:
		d.giveUp(v)
		return ctx.Err()
	}
}

func (d *door) enter(ctx context.Context) error {
	d.mu.Lock()
	hung := d.hung
	d.mu.Unlock()
	select {
	case d.place <- struct{}{}:
		return nil
	case <-hung:
		return errHung
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.Canceled) {
			return ctx.Err()
		}
		return errHung
	}
}

// giveUp tells everyone that the call inside hangs, unless it has just ended.
func (d *door) giveUp(v *visit) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !v.over {
		v.hung = true
		close(d.hung)
	}
}

func (d *door) leave(v *visit) {
	d.mu.Lock()
	v.over = true
	if v.hung {
		d.hung = make(chan struct{})
	}
	d.mu.Unlock()
	<-d.place
}

// guarded turns a panic into an error: go-keyring reads a closed channel when
// the session bus goes away while a question is open.
func guarded(ctx context.Context, call func(context.Context) error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%w: %v", errPanic, cause)
		}
	}()
	return call(ctx)
}
