package flow

import (
	"context"
	"slices"

	"bbconnect/model"
)

// World takes the snapshot that the rules judge a draft in.
func (j *Jobs) World(ctx context.Context) (model.World, error) {
	connectors, err := j.Library.Connectors(ctx)
	if err != nil {
		return model.World{}, err
	}
	return j.worldOf(ctx, connectors)
}

// WorldOf is World for a caller that has listed the connectors already: reading
// them is most of the work.
func (j *Jobs) WorldOf(ctx context.Context, saved []model.Saved) (model.World, error) {
	connectors := make([]model.Connector, len(saved))
	for i := range saved {
		connectors[i] = saved[i].Connector
	}
	return j.worldOf(ctx, connectors)
}

func (j *Jobs) worldOf(ctx context.Context, connectors []model.Connector) (model.World, error) {
	secrets, err := j.Library.Secrets(ctx)
	if err != nil {
		return model.World{}, err
	}
	settings, err := j.Library.Settings(ctx)
	if err != nil {
		return model.World{}, err
	}
	w := model.World{
		Now: j.Now(), Secrets: secrets, InspectKey: j.Keys.Inspect, NewSecretsIn: settings.Keystore,
		Connectors: connectors,
	}
	for i := range connectors {
		for _, tag := range connectors[i].Selectors {
			if !slices.Contains(w.DelegateTags, tag) {
				w.DelegateTags = append(w.DelegateTags, tag)
			}
		}
	}
	slices.Sort(w.DelegateTags)
	for _, remote := range j.Machine.Remotes(ctx) {
		// A folder or a path is a remote too, and nothing to connect to.
		if !model.ReadURL(remote, model.URLContext{}).IsZero() {
			w.Remotes = append(w.Remotes, remote)
		}
	}
	return w, nil
}

// Edit is the draft to edit a saved connector with, and the revision it starts
// from.
func (j *Jobs) Edit(ctx context.Context, key string) (model.Draft, model.Saved, error) {
	w, err := j.World(ctx)
	if err != nil {
		return model.Draft{}, model.Saved{}, err
	}
	return j.EditIn(ctx, key, w)
}

// EditIn is Edit for a caller that has the world already.
func (j *Jobs) EditIn(ctx context.Context, key string, w model.World) (model.Draft, model.Saved, error) {
	saved, err := j.Library.Get(ctx, key)
	if err != nil {
		return model.Draft{}, model.Saved{}, err
	}
	d := model.DraftOf(saved.Connector, w)
	d.BaseRevision = saved.Revision
	return d, saved, nil
}

// FillSecret puts a pasted value into a draft's secret slot: a key is mended
// from what pasting does to it, everything else is kept as it came.
func (j *Jobs) FillSecret(d model.Draft, slot model.QuestionID, value model.Secret) model.Draft {
	if slot == model.QSSHKey && !value.IsZero() {
		value = j.Keys.Normalise(value)
	}
	return d.WithSecret(slot, value)
}
