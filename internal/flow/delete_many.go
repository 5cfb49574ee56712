package flow

import (
	"context"
	"fmt"
	"slices"

	"bbconnect/model"
)

// Leaving is what deleting several connectors would take along.
type Leaving struct {
	// Connectors are those that would go.
	Connectors []model.Saved
	// Own are the secrets that nobody else would use any more.
	Own []model.SecretInfo
	// Shared are the secrets that stay, with the connectors that still use them.
	Shared []SecretUse
}

// Leave finds out what deleting connectors, named by their keys, would take
// along.
func (j *Jobs) Leave(ctx context.Context, keys []string) (Leaving, error) {
	all, _, err := j.Library.List(ctx)
	if err != nil {
		return Leaving{}, err
	}
	w, err := j.WorldOf(ctx, all)
	if err != nil {
		return Leaving{}, err
	}
	going := make(map[string]bool, len(keys))
	for _, key := range keys {
		going[key] = true
	}
	byName := make(map[model.SecretName]model.SecretInfo, len(w.Secrets))
	for _, s := range w.Secrets {
		byName[s.Name] = s
	}
	var out Leaving
	var names []model.SecretName
	users, used := map[model.SecretName][]string{}, map[model.SecretName]bool{}
	for _, s := range all {
		key := s.Connector.Key()
		if going[key] {
			out.Connectors = append(out.Connectors, s)
		}
		for _, name := range namesAmong(s.Connector, byName) {
			switch {
			case !going[key]:
				users[name] = append(users[name], key)
			case !used[name]:
				used[name] = true
				names = append(names, name)
			}
		}
	}
	for _, name := range names {
		info, known := byName[name]
		_, held := holder(name, w, names)
		switch {
		case !known:
		case len(users[name]) > 0 || held:
			out.Shared = append(out.Shared, SecretUse{Info: info, Others: users[name]})
		default:
			out.Own = append(out.Own, info)
		}
	}
	return out, nil
}

// namesAmong is namesOf for who has the secrets by name already.
func namesAmong(c model.Connector, byName map[model.SecretName]model.SecretInfo) []model.SecretName {
	var own model.World
	for _, ref := range c.SecretRefs() {
		if name, err := ref.Name(c.Scope); err == nil {
			if info, ok := byName[name]; ok {
				own.Secrets = append(own.Secrets, info)
			}
		}
	}
	return namesOf(c, own)
}

// DeleteMany removes what Leave found, at the revisions it found, and with
// withSecrets the secrets nobody else uses by then. It returns how many connectors are
// gone; ended is told of each, nil for nobody. The first that cannot be removed
// ends it, and then no secret is touched.
func (j *Jobs) DeleteMany(ctx context.Context, l Leaving, withSecrets bool, ended func(key string)) (int, error) {
	if withSecrets {
		if err := j.canGo(ctx, l.Own); err != nil {
			return 0, err
		}
	}
	for i, s := range l.Connectors {
		if err := ctx.Err(); err != nil {
			return i, err
		}
		if err := j.Library.Delete(ctx, s.Connector.Key(), s.Revision); err != nil {
			return i, err
		}
		if ended != nil {
			ended(s.Connector.Key())
		}
	}
	if !withSecrets {
		return len(l.Connectors), nil
	}
	return len(l.Connectors), j.dropUnused(ctx, l.Own)
}

// dropUnused deletes the values and facts of those secrets that nobody uses by now.
func (j *Jobs) dropUnused(ctx context.Context, secrets []model.SecretInfo) error {
	release, err := j.Library.HoldSecrets(ctx)
	if err != nil {
		return fmt.Errorf("the connectors are deleted, their secrets are not: %w", err)
	}
	defer release()
	own, err := j.unusedNow(ctx, secrets)
	if err != nil {
		return fmt.Errorf("the connectors are deleted, their secrets are not: %w", err)
	}
	for _, info := range own {
		if err := j.dropValue(ctx, info); err != nil {
			return fmt.Errorf("the connectors are deleted, the value of %s is not: %w", info.Name.Ref(), err)
		}
	}
	return nil
}

// unusedNow are those of some secrets that still nobody uses: somebody may have
// begun to while the person was asked.
func (j *Jobs) unusedNow(ctx context.Context, own []model.SecretInfo) ([]model.SecretInfo, error) {
	w, err := j.World(ctx)
	if err != nil {
		return nil, err
	}
	names := make([]model.SecretName, 0, len(own))
	for _, info := range own {
		names = append(names, info.Name)
	}
	users := map[model.SecretName]bool{}
	for _, c := range w.Connectors {
		for _, name := range namesOf(c, w) {
			users[name] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(own), func(info model.SecretInfo) bool {
		_, held := holder(info.Name, w, names)
		return held || users[info.Name]
	}), nil
}
