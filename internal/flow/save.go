package flow

import (
	"context"
	"errors"
	"fmt"

	"bbconnect/model"
)

// Save stores a draft: its new secrets, then the connector, then the outcome of
// its test where there was one. Where a later part does not work, the earlier
// ones are put back as they were.
func (j *Jobs) Save(ctx context.Context, d model.Draft, w model.World, tested *model.TestRecord) (model.Saved, error) {
	if f, bad := model.Validate(d, w).Worst(); bad && f.Severity == model.SeverityError {
		return model.Saved{}, &model.Problem{Code: f.Code, What: f.Message, Fix: f.Fix, Field: f.Field,
			Why: "A connector with an error in it is not saved."}
	}
	undo, err := j.writeSecrets(ctx, model.SecretWrites(d, w), w)
	if err != nil {
		return model.Saved{}, err
	}
	saved, err := j.Library.Save(ctx, model.Build(d, w), d.BaseRevision)
	if err != nil {
		return model.Saved{}, errors.Join(err, undo())
	}
	if tested != nil {
		if err := j.Library.RecordTest(ctx, saved.Connector.Key(), *tested); err != nil {
			return saved, err
		}
		saved.LastTest = tested
	}
	if d.ID != "" {
		return saved, j.Library.RemoveDraft(ctx, d.ID)
	}
	return saved, nil
}

// writeSecrets stores values and facts and returns what takes them back.
func (j *Jobs) writeSecrets(ctx context.Context, writes []model.SecretWrite, w model.World) (undo func() error, err error) {
	var back []func(context.Context) error
	undo = func() error {
		clean := context.WithoutCancel(ctx) // what was begun is taken back even when cancelled
		var errs []error
		for i := len(back) - 1; i >= 0; i-- {
			errs = append(errs, back[i](clean))
		}
		return errors.Join(errs...)
	}
	for _, write := range writes {
		steps, err := j.writeSecret(ctx, write, w)
		back = append(back, steps...)
		if err != nil {
			return undo, errors.Join(err, undo())
		}
	}
	return undo, nil
}

func (j *Jobs) writeSecret(ctx context.Context, write model.SecretWrite, w model.World) (back []func(context.Context) error, err error) {
	info := write.Info
	old, existed := w.SecretInfo(info.Name)
	if info.Where == "" {
		info.Where = w.NewSecretsIn
	}
	if info.Where == "" {
		return nil, &model.Problem{
			Code: "keystore.unavailable", What: "No place was chosen for secrets.",
			Why: "A secret is stored only where a test write has worked.", Fix: "Choose the keyring, a vault, a command, or being asked each time.",
		}
	}
	if !write.Value.IsZero() && info.Where == model.WhereCommand {
		if err := j.knownToCommand(ctx, write); err != nil {
			return nil, err
		}
	} else if !write.Value.IsZero() && info.Where != model.WhereAsk {
		keys, err := j.Keystores.Keystore(info.Where)
		if err != nil {
			return nil, err
		}
		var before model.Secret
		if existed {
			if before, err = keys.Get(ctx, info.Name); err != nil {
				before = model.Secret{}
			}
		}
		back = append(back, func(ctx context.Context) error {
			if before.IsZero() {
				return keys.Delete(ctx, info.Name)
			}
			return keys.Set(ctx, info.Name, before)
		})
		if err := keys.Set(ctx, info.Name, write.Value); err != nil {
			return back, err
		}
	}
	back = append(back, func(ctx context.Context) error {
		if existed {
			return j.Library.PutSecret(ctx, old)
		}
		return j.Library.RemoveSecret(ctx, info.Name)
	})
	return back, j.Library.PutSecret(ctx, info)
}

// knownToCommand checks that the person's command prints the value that was
// given: a command only reads, so that the value must be there already.
func (j *Jobs) knownToCommand(ctx context.Context, write model.SecretWrite) error {
	keys, err := j.Keystores.Keystore(model.WhereCommand)
	if err != nil {
		return err
	}
	kept, err := keys.Get(ctx, write.Info.Name)
	if _, told := model.AsProblem(err); told {
		return err
	}
	if err == nil && kept.Equal(write.Value) {
		return nil
	}
	return &model.Problem{
		Code: "keystore.denied", What: fmt.Sprintf("The command does not print this value for %s.", write.Info.Name),
		Why: "A command only prints secrets; bbconnect cannot store one there.",
		Fix: "Store the value where the command finds it under that name, or choose another place.", Cause: err,
	}
}

// SecretUse is one secret of a connector and who else uses it.
type SecretUse struct {
	Info model.SecretInfo
	// Others are the keys of other connectors with the same secret.
	Others []string
}

// Uses lists the secrets of a saved connector, those behind its SSH credential
// included, each with the other connectors that use it.
func (j *Jobs) Uses(ctx context.Context, key string) ([]SecretUse, error) {
	saved, err := j.Library.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	w, err := j.World(ctx)
	if err != nil {
		return nil, err
	}
	var out []SecretUse
	add := func(name, user model.SecretName) {
		info, ok := w.SecretInfo(name)
		if !ok {
			return
		}
		use := SecretUse{Info: info}
		for _, c := range w.Connectors {
			if c.Key() != saved.Connector.Key() && (c.Uses(user) || c.Uses(name)) {
				use.Others = append(use.Others, c.Key())
			}
		}
		out = append(out, use)
	}
	for _, ref := range saved.Connector.SecretRefs() {
		name, err := ref.Name(saved.Connector.Scope)
		if err != nil {
			continue
		}
		add(name, name)
		if info, ok := w.SecretInfo(name); ok {
			for _, part := range []model.SecretName{info.File, info.Passphrase} {
				if part != "" {
					add(part, name)
				}
			}
		}
	}
	return out, nil
}

// Delete removes a saved connector and, when asked to, the secrets nobody else
// uses; their names are returned. Values go last, so that an interrupted delete
// leaves a secret too many rather than a connector without one.
func (j *Jobs) Delete(ctx context.Context, key string, withSecrets bool) ([]model.SecretName, error) {
	saved, err := j.Library.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	uses, err := j.Uses(ctx, key)
	if err != nil {
		return nil, err
	}
	if err := j.Library.Delete(ctx, saved.Connector.Key(), saved.Revision); err != nil {
		return nil, err
	}
	if !withSecrets {
		return nil, nil
	}
	var removed []model.SecretName
	for _, use := range uses {
		if len(use.Others) > 0 {
			continue
		}
		if err := j.dropValue(ctx, use.Info); err != nil {
			return removed, err
		}
		removed = append(removed, use.Info.Name)
	}
	return removed, nil
}

// dropValue deletes a secret's value and then what is known of it.
func (j *Jobs) dropValue(ctx context.Context, info model.SecretInfo) error {
	if info.Type != model.SecretSSHKey && (info.Where == model.WhereKeyring || info.Where == model.WhereVault) {
		keys, err := j.Keystores.Keystore(info.Where)
		if err != nil {
			return err
		}
		if err := keys.Delete(ctx, info.Name); err != nil {
			return err
		}
	}
	return j.Library.RemoveSecret(ctx, info.Name)
}

// SetSecret stores a named secret outside of any connector: its facts, and its
// value where that is kept here.
func (j *Jobs) SetSecret(ctx context.Context, info model.SecretInfo, value model.Secret) error {
	w, err := j.World(ctx)
	if err != nil {
		return err
	}
	_, err = j.writeSecrets(ctx, []model.SecretWrite{{Info: info, Value: value}}, w)
	return err
}

// DeleteSecret removes a named secret that no connector uses.
func (j *Jobs) DeleteSecret(ctx context.Context, name model.SecretName) error {
	w, err := j.World(ctx)
	if err != nil {
		return err
	}
	info, ok := w.SecretInfo(name)
	if !ok {
		return ErrNoSecret
	}
	for _, c := range w.Connectors {
		if c.Uses(name) {
			return &model.Problem{
				Code: "secret.used", What: fmt.Sprintf("%s is used by the connector %s.", name.Ref(), c.Name),
				Why: "Deleting it would break that connector.", Fix: "Give the connector another secret, or delete it first.",
			}
		}
	}
	return j.dropValue(ctx, info)
}

// ErrNoSecret says that no secret has the given name; the command line exits
// with 3.
var ErrNoSecret = errors.New("there is no such secret")
