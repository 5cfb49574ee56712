package flow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"bbconnect/model"
)

// SecretUse is one secret of a connector and who else uses it.
type SecretUse struct {
	Info model.SecretInfo
	// Others are the keys of other connectors with the same secret.
	Others []string
}

// Uses lists the secrets of a saved connector, those behind its SSH credential
// included, each once, with the other connectors that use it.
func (j *Jobs) Uses(ctx context.Context, key string) ([]SecretUse, error) {
	saved, err := j.Library.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	w, err := j.World(ctx)
	if err != nil {
		return nil, err
	}
	return usesOf(saved.Connector, w), nil
}

func usesOf(c model.Connector, w model.World) []SecretUse {
	var out []SecretUse
	for _, name := range namesOf(c, w) {
		if info, ok := w.SecretInfo(name); ok {
			use := SecretUse{Info: info, Others: usersOf(name, w)}
			use.Others = slices.DeleteFunc(use.Others, func(key string) bool { return key == c.Key() })
			out = append(out, use)
		}
	}
	return out
}

// namesOf are the whole names of a connector's secrets, and of what its SSH
// credential is made of.
func namesOf(c model.Connector, w model.World) []model.SecretName {
	var names []model.SecretName
	add := func(name model.SecretName) {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, ref := range c.SecretRefs() {
		name, err := ref.Name(c.Scope)
		if err != nil {
			continue
		}
		add(name)
		info, _ := w.SecretInfo(name)
		add(info.File)
		add(info.Passphrase)
	}
	return names
}

// usersOf are the keys of the connectors that use a secret, themselves or
// through any SSH credential that points to it.
func usersOf(name model.SecretName, w model.World) []string {
	var keys []string
	for _, c := range w.Connectors {
		if slices.Contains(namesOf(c, w), name) {
			keys = append(keys, c.Key())
		}
	}
	return keys
}

// holder is an SSH credential that points to a secret and is not among those
// given; ok is false when there is none.
func holder(name model.SecretName, w model.World, besides []model.SecretName) (credential model.SecretName, ok bool) {
	for _, s := range w.Secrets {
		if (s.File == name || s.Passphrase == name) && !slices.Contains(besides, s.Name) {
			return s.Name, true
		}
	}
	return "", false
}

// Delete removes a saved connector and, when asked to, the secrets nobody else
// uses; their names are returned. Values go last, so that an interrupted delete
// leaves a secret too many rather than a connector without one.
func (j *Jobs) Delete(ctx context.Context, key string, withSecrets bool) ([]model.SecretName, error) {
	if withSecrets {
		release, err := j.Library.HoldSecrets(ctx)
		if err != nil {
			return nil, err
		}
		defer release()
	}
	saved, err := j.Library.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	var going []model.SecretInfo
	if withSecrets {
		w, err := j.World(ctx)
		if err != nil {
			return nil, err
		}
		going = onlyOf(saved.Connector, w)
	}
	if err := j.canGo(ctx, going); err != nil {
		return nil, err
	}
	if err := j.Library.Delete(ctx, saved.Connector.Key(), saved.Revision); err != nil {
		return nil, err
	}
	var removed []model.SecretName
	for _, info := range going {
		if err := j.dropValue(ctx, info); err != nil {
			return removed, err
		}
		removed = append(removed, info.Name)
	}
	return removed, nil
}

// canGo finds out while nothing is gone yet that a place cannot be opened, or is
// locked and stays so.
func (j *Jobs) canGo(ctx context.Context, going []model.SecretInfo) error {
	for _, info := range going {
		keys, err := j.placeOf(info)
		if err == nil && keys != nil {
			_, err = valueIn(ctx, keys, info.Name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// onlyOf are the secrets that no other connector uses and that no SSH
// credential points to which stays.
func onlyOf(c model.Connector, w model.World) []model.SecretInfo {
	var going []model.SecretInfo
	var names []model.SecretName
	for _, use := range usesOf(c, w) {
		if len(use.Others) == 0 {
			going, names = append(going, use.Info), append(names, use.Info.Name)
		}
	}
	return slices.DeleteFunc(going, func(info model.SecretInfo) bool {
		_, held := holder(info.Name, w, names)
		return held
	})
}

// placeOf is the keystore that keeps a secret's value, nil where no value is
// kept here.
func (j *Jobs) placeOf(info model.SecretInfo) (Keystore, error) {
	if info.Type == model.SecretSSHKey || (info.Where != model.WhereKeyring && info.Where != model.WhereVault) {
		return nil, nil
	}
	return j.Keystores.Keystore(info.Where)
}

// dropValue deletes a secret's value and then what is known of it.
func (j *Jobs) dropValue(ctx context.Context, info model.SecretInfo) error {
	keys, err := j.placeOf(info)
	if err != nil {
		return err
	}
	if keys != nil {
		if err := keys.Delete(ctx, info.Name); err != nil {
			return err
		}
	}
	return j.Library.RemoveSecret(ctx, info.Name)
}

// DeleteSecret removes a named secret that no connector uses and no SSH
// credential points to.
func (j *Jobs) DeleteSecret(ctx context.Context, name model.SecretName) error {
	release, err := j.Library.HoldSecrets(ctx)
	if err != nil {
		return err
	}
	defer release()
	w, err := j.World(ctx)
	if err != nil {
		return err
	}
	info, ok := w.SecretInfo(name)
	if !ok {
		return ErrNoSecret
	}
	if err := j.notMigrated(ctx, name); err != nil {
		return err
	}
	if users := usersOf(name, w); len(users) > 0 {
		return &model.Problem{
			Code: "secret.used", What: fmt.Sprintf("%s is used by %s.", name.Ref(), strings.Join(users, ", ")),
			Why: "Deleting it would break that connector.", Fix: "Give the connector another secret, or delete it first.",
		}
	}
	if credential, held := holder(name, w, nil); held {
		return &model.Problem{
			Code: "secret.used", What: fmt.Sprintf("%s belongs to the SSH credential %s.", name.Ref(), credential.Ref()),
			Why: "Deleting it would break that credential.", Fix: "Delete the SSH credential first.",
		}
	}
	return j.dropValue(ctx, info)
}

// ErrNoSecret says that no secret has the given name; the command line exits
// with 3.
var ErrNoSecret = errors.New("there is no such secret")
