package flow

import (
	"context"
	"errors"
	"slices"

	"bbconnect/model"
)

// ErrNoMigration says that no migration is waiting to be gone on with, undone or
// confirmed.
var ErrNoMigration = errors.New("no migration is under way")

// PlanMigration finds what is concerned by the end of App Passwords: among the
// saved connectors, or those named by keys, and among documents that stand
// elsewhere. Values of secrets whose kind nobody recorded are looked at, not sent;
// those that cannot be read are listed as unseen. Nothing is changed.
func (j *Jobs) PlanMigration(ctx context.Context, keys []string, documents []model.MigrationMember) (model.MigrationPlan, error) {
	members, damaged, w, err := j.migrationWorld(ctx, documents)
	if err != nil {
		return model.MigrationPlan{}, err
	}
	shapes, unseen := j.shapes(ctx, members, w)
	if ctx.Err() != nil {
		return model.MigrationPlan{}, ctx.Err()
	}
	plan := model.PlanMigration(members, w, shapes)
	plan.Damaged, plan.Unseen = damaged, unseen
	if len(keys) == 0 {
		return plan, nil
	}
	for _, key := range keys {
		if !slices.ContainsFunc(members, func(m model.MigrationMember) bool { return m.ID() == key }) {
			if _, err := j.Library.Get(ctx, key); err != nil {
				return model.MigrationPlan{}, err
			}
		}
	}
	plan.Groups = slices.DeleteFunc(plan.Groups, func(g model.MigrationGroup) bool {
		return !slices.ContainsFunc(g.Members, func(m model.MigrationMember) bool { return slices.Contains(keys, m.ID()) })
	})
	return plan, nil
}

// PlanRotation is the plan to replace one secret's value by a new one of its kind.
// A name that neither a secret nor a connector has is ErrNoSecret.
func (j *Jobs) PlanRotation(ctx context.Context, name model.SecretName) (model.MigrationPlan, error) {
	members, damaged, w, err := j.migrationWorld(ctx, nil)
	if err != nil {
		return model.MigrationPlan{}, err
	}
	info, known := w.SecretInfo(name)
	if known && info.Type == model.SecretSSHKey {
		name = info.File // the credential only points to its key
	}
	shapes := map[model.SecretName]model.CredentialKind{}
	if known && (info.Kind == "" || info.Kind == model.KindUnknown) {
		if kind, ok := j.shapeOf(ctx, info, map[model.Where]bool{}); ok {
			shapes[name] = kind
		}
	}
	plan := model.PlanRotation(name, members, w, shapes)
	plan.Damaged = damaged
	if !known && len(plan.Groups[0].Members) == 0 {
		return model.MigrationPlan{}, ErrNoSecret
	}
	return plan, nil
}

// migrationWorld reads everything once.
func (j *Jobs) migrationWorld(ctx context.Context, documents []model.MigrationMember) ([]model.MigrationMember, []model.Damaged, model.World, error) {
	saved, damaged, err := j.Library.List(ctx)
	if err != nil {
		return nil, nil, model.World{}, err
	}
	w := model.World{Now: j.Now()}
	if w.Secrets, err = j.Library.Secrets(ctx); err != nil {
		return nil, nil, w, err
	}
	members := make([]model.MigrationMember, 0, len(saved)+len(documents))
	for _, s := range saved {
		members = append(members, model.MigrationMember{Saved: s})
	}
	return append(members, documents...), damaged, w, nil
}

// shapes looks at the values of secrets whose kind is not recorded.
func (j *Jobs) shapes(ctx context.Context, members []model.MigrationMember, w model.World) (map[model.SecretName]model.CredentialKind, []model.SecretName) {
	used := map[model.SecretName]bool{}
	for _, m := range members {
		for _, ref := range []model.SecretRef{m.Saved.Connector.PasswordRef, m.Saved.Connector.API.TokenRef} {
			if name, err := ref.Name(m.Saved.Connector.Scope); ref != "" && err == nil {
				used[name] = true
			}
		}
	}
	found, shut := map[model.SecretName]model.CredentialKind{}, map[model.Where]bool{}
	var unseen []model.SecretName
	for _, info := range w.Secrets {
		if !used[info.Name] || info.Kind != "" && info.Kind != model.KindUnknown || info.Where == model.WhereAsk {
			continue
		}
		kind, ok := j.shapeOf(ctx, info, shut)
		if !ok {
			unseen = append(unseen, info.Name)
			continue
		}
		found[info.Name] = kind
	}
	return found, unseen
}

// shapeOf recognises a stored value; a place that did not answer is not asked
// again.
func (j *Jobs) shapeOf(ctx context.Context, info model.SecretInfo, shut map[model.Where]bool) (model.CredentialKind, bool) {
	if shut[info.Where] {
		return "", false
	}
	value, err := j.value(ctx, info)
	if err != nil {
		shut[info.Where] = !absent(ctx, err)
		return "", false
	}
	return model.RecogniseCredential(value, model.QPassword).Kind, true
}
