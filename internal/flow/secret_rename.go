package flow

import (
	"context"
	"errors"
	"fmt"

	"bbconnect/model"
)

// Renaming is what giving a secret another name changes.
type Renaming struct {
	From, To model.SecretName
	// Connectors are the keys of the documents that are rewritten, Credentials the
	// SSH credentials that point to the secret, Drafts how many unfinished
	// connectors name it.
	Connectors  []string
	Credentials []model.SecretName
	Drafts      int

	info        model.SecretInfo
	saved       []model.Saved
	credentials []model.SecretInfo
	drafts      []model.Draft
	// begun says that a run that was killed has recorded the new name already.
	begun bool
}

// PlanRename says what RenameSecret would do, and changes nothing. Errors:
// ErrNoSecret, ref.malformed, ref.scope where the new name is in another scope,
// and secret.taken.
func (j *Jobs) PlanRename(ctx context.Context, from, to model.SecretName) (Renaming, error) {
	r := Renaming{From: from, To: to}
	if err := j.notMigrated(ctx, from); err != nil {
		return r, err
	}
	saved, _, err := j.Library.List(ctx)
	if err != nil {
		return r, err
	}
	secrets, err := j.Library.Secrets(ctx)
	if err != nil {
		return r, err
	}
	drafts, err := j.Library.Drafts(ctx)
	if err != nil {
		return r, err
	}
	if err := r.look(secrets); err != nil {
		return r, err
	}
	for _, s := range saved {
		if _, uses := s.Connector.RenamesSecret(from, to); uses {
			r.saved, r.Connectors = append(r.saved, s), append(r.Connectors, s.Connector.Key())
		}
	}
	for _, d := range drafts {
		if _, uses := d.Draft.RenamesSecret(from, to); uses {
			r.drafts = append(r.drafts, d.Draft)
		}
	}
	r.Drafts = len(r.drafts)
	return r, nil
}

// look finds the secret and what points to it among the others, and refuses a
// name that cannot be its new one.
func (r *Renaming) look(secrets []model.SecretInfo) error {
	found := false
	var other *model.SecretInfo
	for _, s := range secrets {
		switch {
		case s.Name == r.From:
			r.info, found = s, true
		case s.Name == r.To:
			other = &s
		case s.File == r.From || s.Passphrase == r.From:
			r.credentials, r.Credentials = append(r.credentials, s), append(r.Credentials, s.Name)
		}
	}
	was, _, _ := r.From.Split()
	will, _, ok := r.To.Split()
	switch {
	case !found:
		return ErrNoSecret
	case !ok:
		return &model.Problem{
			Code: "ref.malformed", What: "That is no name for a secret.", Field: model.QSecret,
			Why: "An id has letters, digits, _, - and $, begins with a letter or _, and has at most 128 characters.", Fix: "Choose another name.",
		}
	case was != will:
		return &model.Problem{
			Code: "ref.scope", What: "The new name is in another scope.", Field: model.QSecret,
			Why: "A connector reaches secrets of its own scope and of wider ones only; renaming keeps the scope.", Fix: fmt.Sprintf("Name it %s, for example.", was.Ref("new_id")),
		}
	case r.From == r.To:
		return nameTaken(r.To, "It is its name already.")
	case other != nil:
		twin := r.info
		twin.Name = r.To
		if r.begun = *other == twin; !r.begun {
			return nameTaken(r.To, "A secret has that name already.")
		}
	}
	return nil
}

func nameTaken(name model.SecretName, why string) *model.Problem {
	return &model.Problem{
		Code: "secret.taken", What: fmt.Sprintf("The name %s is taken.", name.Ref()), Why: why, Fix: "Choose another name.", Field: model.QSecret,
	}
}

// RenameSecret gives a secret another name of the same scope: its value is copied
// to the new name and read back, every document, SSH credential and unfinished
// connector that names it is rewritten, and only then the old name is dropped.
// Where anything does not work everything is put back as it was.
//
// A run that is killed in between leaves no document without its value, and the
// same renaming done again finishes it. Errors are those of PlanRename, cred.missing where the
// keystore no longer holds the value, store.conflict, and the ports' own.
func (j *Jobs) RenameSecret(ctx context.Context, from, to model.SecretName) (Renaming, error) {
	release, err := j.Library.HoldSecrets(ctx)
	if err != nil {
		return Renaming{From: from, To: to}, err
	}
	defer release()
	r, err := j.PlanRename(ctx, from, to)
	if err != nil {
		return r, err
	}
	var undo undoing
	for _, part := range []func(context.Context, *Renaming, *undoing) error{
		j.copyValue, j.renameFacts, j.renameInDocuments, j.renameInDrafts, j.dropOldName,
	} {
		if err := part(ctx, &r, &undo); err != nil {
			return r, errors.Join(err, undo.all(ctx))
		}
	}
	return r, nil
}

// undoing is what takes back a job that has begun, the last part first.
type undoing []func(context.Context) error

func (u *undoing) add(back func(context.Context) error) { *u = append(*u, back) }

// all takes everything back, even when the job was cancelled.
func (u undoing) all(ctx context.Context) error {
	clean := context.WithoutCancel(ctx)
	var errs []error
	for i := len(u) - 1; i >= 0; i-- {
		errs = append(errs, u[i](clean))
	}
	return errors.Join(errs...)
}

// copyValue puts the value under the new name too.
func (j *Jobs) copyValue(ctx context.Context, r *Renaming, undo *undoing) error {
	if r.info.Type == model.SecretSSHKey || r.info.Where == model.WhereAsk {
		return nil // nothing is kept under this name
	}
	keys, err := j.Keystores.Keystore(r.info.Where)
	if err != nil {
		return err
	}
	value, err := valueIn(ctx, keys, r.From)
	if err != nil {
		return err
	}
	there, err := valueIn(ctx, keys, r.To)
	held := !there.IsZero()
	switch {
	case err != nil:
		return err
	case value.IsZero() && !(held && r.begun):
		return gone(r.info)
	case value.IsZero(), held && there.Equal(value):
		return nil // a rename that was killed has got this far
	case r.info.Where == model.WhereCommand:
		return j.knownToCommand(ctx, model.SecretWrite{Info: model.SecretInfo{Name: r.To}, Value: value})
	case held:
		return nameTaken(r.To, "The keystore holds another value under that name.")
	}
	undo.add(func(ctx context.Context) error { return keys.Delete(ctx, r.To) })
	if err := keys.Set(ctx, r.To, value); err != nil {
		return err
	}
	kept, err := valueIn(ctx, keys, r.To)
	if err == nil && !kept.Equal(value) {
		err = &model.Problem{
			Code: "keystore.denied", What: fmt.Sprintf("The keystore did not keep %s.", r.To.Ref()),
			Why: "What was read back is not what was stored.", Fix: "bbconnect doctor examines the keystore.",
		}
	}
	return err
}

// valueIn is the value a keystore holds, the zero Secret where it holds none.
func valueIn(ctx context.Context, keys Keystore, name model.SecretName) (model.Secret, error) {
	value, err := keys.Get(ctx, name)
	if err != nil && absent(ctx, err) {
		return model.Secret{}, nil
	}
	return value, err
}

// gone is the problem of a secret whose value is not where it should be.
func gone(info model.SecretInfo) *model.Problem {
	return &model.Problem{
		Code: "cred.missing", What: fmt.Sprintf("The keystore no longer holds %s.", info.Name.Ref()),
		Why: "It was deleted there, or the keyring is another one than before.", Fix: fmt.Sprintf("Store it again: bbconnect secret set %s.", info.Name.Ref()),
	}
}

// renameFacts records the new name, and points SSH credentials to it.
func (j *Jobs) renameFacts(ctx context.Context, r *Renaming, undo *undoing) error {
	info := r.info
	info.Name = r.To
	if !r.begun {
		undo.add(func(ctx context.Context) error { return j.Library.RemoveSecret(ctx, r.To) })
		if err := j.Library.PutSecret(ctx, info); err != nil {
			return err
		}
	}
	for _, old := range r.credentials {
		renamed := old
		if renamed.File == r.From {
			renamed.File = r.To
		}
		if renamed.Passphrase == r.From {
			renamed.Passphrase = r.To
		}
		undo.add(func(ctx context.Context) error { return j.Library.PutSecret(ctx, old) })
		if err := j.Library.PutSecret(ctx, renamed); err != nil {
			return err
		}
	}
	return nil
}

// renameInDocuments rewrites the connectors that refer to the secret, each at the
// revision it was read at. What is remembered of their tests stays.
func (j *Jobs) renameInDocuments(ctx context.Context, r *Renaming, undo *undoing) error {
	for _, s := range r.saved {
		c, _ := s.Connector.RenamesSecret(r.From, r.To)
		now, err := j.Library.Save(ctx, c, s.Revision)
		if err != nil {
			return err
		}
		undo.add(func(ctx context.Context) error {
			_, err := j.Library.Save(ctx, s.Connector, now.Revision)
			return err
		})
	}
	return nil
}

// renameInDrafts rewrites what is unfinished.
func (j *Jobs) renameInDrafts(ctx context.Context, r *Renaming, undo *undoing) error {
	for _, d := range r.drafts {
		renamed, _ := d.RenamesSecret(r.From, r.To)
		undo.add(func(ctx context.Context) error {
			_, err := j.Library.SaveDraft(ctx, d)
			return err
		})
		if _, err := j.Library.SaveDraft(ctx, renamed); err != nil {
			return err
		}
	}
	return nil
}

// dropOldName forgets the old name, unless somebody has come to use it meanwhile.
func (j *Jobs) dropOldName(ctx context.Context, r *Renaming, undo *undoing) error {
	saved, _, err := j.Library.List(ctx)
	if err != nil {
		return err
	}
	for _, s := range saved {
		if _, uses := s.Connector.RenamesSecret(r.From, r.To); uses {
			return &model.Problem{
				Code: "store.conflict", What: fmt.Sprintf("%s has come to use %s meanwhile.", s.Connector.Key(), r.From.Ref()),
				Why: "Somebody else saved it while the secret was renamed.", Fix: "Rename the secret again.",
			}
		}
	}
	keys, err := j.placeOf(r.info)
	if err != nil {
		return err
	}
	if keys != nil {
		value, err := valueIn(ctx, keys, r.From)
		if err != nil {
			return err
		}
		if !value.IsZero() {
			undo.add(func(ctx context.Context) error { return keys.Set(ctx, r.From, value) })
		}
		if err := keys.Delete(ctx, r.From); err != nil {
			return err
		}
	}
	// What is known of it goes after its value: a kill in between leaves a name too
	// many, rather than a value nobody knows of.
	undo.add(func(ctx context.Context) error { return j.Library.PutSecret(ctx, r.info) })
	return j.Library.RemoveSecret(ctx, r.From)
}
