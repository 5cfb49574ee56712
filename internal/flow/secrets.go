package flow

import (
	"context"
	"slices"
	"time"

	"bbconnect/model"
)

// NamedSecret is a named secret and who needs it.
type NamedSecret struct {
	Info model.SecretInfo
	// UsedBy are the keys of the connectors that use it, through an SSH credential
	// too, in the order of the list.
	UsedBy []string
	// PartOf is the SSH credential it belongs to, "" for one that stands alone.
	PartOf model.SecretName
}

// NamedSecrets lists every named secret by name, with the connectors that use it.
// No value is read.
func (j *Jobs) NamedSecrets(ctx context.Context) ([]NamedSecret, error) {
	saved, _, err := j.Library.List(ctx)
	if err != nil {
		return nil, err
	}
	secrets, err := j.Library.Secrets(ctx)
	if err != nil {
		return nil, err
	}
	return namedSecrets(saved, secrets), nil
}

// namedSecrets goes once through the connectors, however many there are.
func namedSecrets(saved []model.Saved, secrets []model.SecretInfo) []NamedSecret {
	at := make(map[model.SecretName]int, len(secrets))
	out := make([]NamedSecret, len(secrets))
	for i, info := range secrets {
		at[info.Name], out[i].Info = i, info
	}
	partsOf := func(name model.SecretName) []model.SecretName {
		i, known := at[name]
		if !known {
			return nil
		}
		return []model.SecretName{name, out[i].Info.File, out[i].Info.Passphrase}
	}
	for _, info := range secrets {
		for _, part := range []model.SecretName{info.File, info.Passphrase} {
			if i, known := at[part]; known && out[i].PartOf == "" {
				out[i].PartOf = info.Name
			}
		}
	}
	for _, s := range saved {
		key := s.Connector.Key()
		for _, ref := range s.Connector.SecretRefs() {
			name, err := ref.Name(s.Connector.Scope)
			if err != nil {
				continue
			}
			for _, part := range partsOf(name) {
				i, known := at[part]
				if known && !slices.Contains(out[i].UsedBy[max(0, len(out[i].UsedBy)-1):], key) {
					out[i].UsedBy = append(out[i].UsedBy, key)
				}
			}
		}
	}
	return out
}

// SetExpiry records the day a secret ends; the zero time says that it does not,
// or that nobody knows. Its value is not touched.
func (j *Jobs) SetExpiry(ctx context.Context, name model.SecretName, day time.Time) error {
	secrets, err := j.Library.Secrets(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(secrets, func(s model.SecretInfo) bool { return s.Name == name })
	if i < 0 {
		return ErrNoSecret
	}
	if secrets[i].Expires.Equal(day) {
		return nil
	}
	secrets[i].Expires = day
	return j.Library.PutSecret(ctx, secrets[i])
}

// leaveOldPlace deletes the value that a secret had in another place than it has
// now. That the other place does not answer may be why it was left: the value
// stays there then, and the secret is stored all the same.
func (j *Jobs) leaveOldPlace(ctx context.Context, info model.SecretInfo, w model.World) {
	old, existed := w.SecretInfo(info.Name)
	if !existed || info.Where == "" || old.Where == info.Where {
		return
	}
	if keys, err := j.placeOf(old); err == nil && keys != nil {
		_ = keys.Delete(ctx, old.Name)
	}
}
