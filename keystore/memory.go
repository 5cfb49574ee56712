package keystore

import (
	"context"
	"sync"

	"bbconnect/model"
)

// Memory keeps values until the program ends.
type Memory struct {
	where  model.Where
	mu     sync.Mutex
	values map[model.SecretName]model.Secret
}

// NewMemory returns an empty store that stands in for the given place.
func NewMemory(where model.Where) *Memory {
	return &Memory{where: where, values: map[model.SecretName]model.Secret{}}
}

// Get implements Store.
func (m *Memory) Get(ctx context.Context, name model.SecretName) (model.Secret, error) {
	if err := firstError(ctx.Err(), checkName(name)); err != nil {
		return model.Secret{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	value, ok := m.values[name]
	if !ok {
		return model.Secret{}, ErrNotFound
	}
	return value, nil
}

// Set implements Store.
func (m *Memory) Set(ctx context.Context, name model.SecretName, value model.Secret) error {
	if err := firstError(ctx.Err(), checkBoth(name, value)); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values[name] = value
	return nil
}

// Delete implements Store.
func (m *Memory) Delete(ctx context.Context, name model.SecretName) error {
	if err := firstError(ctx.Err(), checkName(name)); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.values, name)
	return nil
}

// Prove implements Store.
func (m *Memory) Prove(ctx context.Context) error { return prove(ctx, m) }

// Where implements Store.
func (m *Memory) Where() model.Where { return m.where }

// Describe implements Store.
func (m *Memory) Describe() string { return "memory, until the program ends" }

// firstError is the first of its arguments that is one.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
