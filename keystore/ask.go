package keystore

import (
	"context"
	"errors"

	"bbconnect/model"
)

// Ask gets values from the person, once each, and stores nothing.
type Ask struct {
	question func(context.Context, model.SecretName) (model.Secret, error)
	answers  *Memory
	// turn holds one token: people answer one question at a time.
	turn chan struct{}
}

// NewAsk returns a store that calls question for a value it has not been told
// in this run. The question is put once at a time and once a name; an empty
// answer is ErrNotFound, and an error of the question is passed on and asked
// again next time.
func NewAsk(question func(ctx context.Context, name model.SecretName) (model.Secret, error)) *Ask {
	return &Ask{question: question, answers: NewMemory(model.WhereAsk), turn: make(chan struct{}, 1)}
}

// Get implements Store.
func (a *Ask) Get(ctx context.Context, name model.SecretName) (model.Secret, error) {
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return model.Secret{}, ctx.Err()
	}
	known, err := a.answers.Get(ctx, name)
	if !errors.Is(err, ErrNotFound) {
		return known, err
	}
	value, err := a.question(ctx, name)
	if err != nil {
		return model.Secret{}, err
	}
	if value.IsZero() {
		return model.Secret{}, ErrNotFound
	}
	if err := a.answers.Set(ctx, name, value); err != nil {
		return model.Secret{}, err
	}
	return value, nil
}

// Set remembers a value for this run.
func (a *Ask) Set(ctx context.Context, name model.SecretName, value model.Secret) error {
	return a.answers.Set(ctx, name, value)
}

// Delete forgets a value, so that it is asked for again.
func (a *Ask) Delete(ctx context.Context, name model.SecretName) error {
	return a.answers.Delete(ctx, name)
}

// Prove implements Store; it asks nothing.
func (a *Ask) Prove(ctx context.Context) error { return a.answers.Prove(ctx) }

// Where implements Store.
func (a *Ask) Where() model.Where { return model.WhereAsk }

// Describe implements Store.
func (a *Ask) Describe() string { return "asked each time and stored nowhere" }
