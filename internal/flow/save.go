package flow

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"bbconnect/model"
)

// Save stores a draft: its new secrets, then the connector, then the outcome of
// its test where there was one. Where a later part does not work, the earlier
// ones are put back as they were.
//
// The saved draft goes last. That it could not be removed is no reason to take
// the connector back or to call it unsaved: the draft is offered once more.
func (j *Jobs) Save(ctx context.Context, d model.Draft, w model.World, tested *model.TestRecord) (model.Saved, error) {
	if f, bad := model.Validate(d, w).Worst(); bad && f.Severity == model.SeverityError {
		return model.Saved{}, &model.Problem{
			Code: f.Code, What: f.Message, Fix: f.Fix, Field: f.Field,
			Why: "A connector with an error in it is not saved.",
		}
	}
	writes := model.SecretWrites(d, w)
	if len(writes) == 0 {
		return j.saveWith(ctx, d, w, nil, tested)
	}
	// Two saves that replace one secret take turns: one that fails would else put the
	// value back that was there before both.
	release, err := j.Library.HoldSecrets(ctx)
	if err != nil {
		return model.Saved{}, err
	}
	defer release()
	if err := j.stillThere(ctx, d); err != nil {
		return model.Saved{}, j.explained(ctx, err, d, w)
	}
	for _, write := range writes {
		if write.Value.IsZero() {
			continue
		}
		if err := j.notMigrated(ctx, write.Info.Name); err != nil {
			return model.Saved{}, err
		}
	}
	return j.saveWith(ctx, d, w, writes, tested)
}

// saveWith is Save for a draft without an error in it, with nobody else at the
// secrets where there are some to write.
func (j *Jobs) saveWith(ctx context.Context, d model.Draft, w model.World, writes []model.SecretWrite, tested *model.TestRecord) (model.Saved, error) {
	undo, err := j.writeSecrets(ctx, writes, w)
	if err != nil {
		return model.Saved{}, err
	}
	saved, err := j.Library.Save(ctx, model.Build(d, w), d.BaseRevision)
	if err != nil {
		return model.Saved{}, errors.Join(j.explained(ctx, err, d, w), undo())
	}
	if tested != nil {
		if err := j.Library.RecordTest(ctx, saved.Connector.Key(), *tested); err != nil {
			return model.Saved{}, errors.Join(err, j.unsave(ctx, d, saved), undo())
		}
		saved.LastTest = tested
	}
	if d.ID != "" {
		_ = j.Library.RemoveDraft(ctx, d.ID)
	}
	return saved, nil
}

// SameConnection reports whether an edit leaves alone all that a test looks at: no
// value is new, and the connector differs from the saved one in its name, description
// and tags at most. Save keeps the outcome of the last test with every edit; after
// one like this it is still about the connector as it is.
func SameConnection(d model.Draft, w model.World) bool {
	if d.Base == nil || slices.ContainsFunc(model.SecretWrites(d, w), func(s model.SecretWrite) bool { return !s.Value.IsZero() }) {
		return false
	}
	was, is := even(*d.Base), even(model.Build(d, w))
	is.Name, is.Description, is.Tags = was.Name, was.Description, was.Tags
	return reflect.DeepEqual(was, is)
}

// even is a connector in which no list and an empty one are the same.
func even(c model.Connector) model.Connector {
	if len(c.Tags) == 0 {
		c.Tags = nil
	}
	if len(c.Selectors) == 0 {
		c.Selectors = nil
	}
	return c
}

// stillThere refuses a change of a connector that somebody else changed meanwhile
// before any of its values is written: a process that dies between the values and
// the document would leave a value that nobody saved in the place of theirs. Of one
// that is gone the save itself says so.
func (j *Jobs) stillThere(ctx context.Context, d model.Draft) error {
	if d.Editing == "" {
		return nil
	}
	now, err := j.Library.Get(ctx, d.Editing)
	if p, told := model.AsProblem(err); told && p.Code == "store.not-found" || err == nil && now.Revision == d.BaseRevision {
		return nil
	}
	if err != nil {
		return err
	}
	return &model.Problem{
		Code: "store.conflict", Field: model.QID, What: fmt.Sprintf("The connector %s was changed by somebody else meanwhile.", now.Connector.Key()),
		Why: "Its file is not the one this change started from.", Fix: "Open it again and make the change once more.",
	}
}

// explained adds to a conflict which answers are concerned.
func (j *Jobs) explained(ctx context.Context, err error, d model.Draft, w model.World) error {
	p, ok := model.AsProblem(err)
	if !ok || p.Code != "store.conflict" || d.Editing == "" {
		return err
	}
	now, failed := j.Library.Get(ctx, d.Editing)
	if failed != nil {
		return err
	}
	text := model.DivergingText(model.Diverging(d, model.DraftOf(now.Connector, w), w))
	if text == "" {
		return err
	}
	more := *p
	more.Why = strings.TrimSpace(p.Why + " " + text)
	return &more
}

// unsave puts the connector back as it was before it was saved.
func (j *Jobs) unsave(ctx context.Context, d model.Draft, saved model.Saved) error {
	clean := context.WithoutCancel(ctx)
	if d.Base == nil {
		return j.Library.Delete(clean, saved.Connector.Key(), saved.Revision)
	}
	_, err := j.Library.Save(clean, *d.Base, saved.Revision)
	return err
}

// writeSecrets stores values and facts and returns what takes them back. Its caller
// holds the secrets, and what is known of them is read anew: the world may be as old
// as the wizard that is open on it.
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
	if len(writes) > 0 {
		if w.Secrets, err = j.Library.Secrets(ctx); err != nil {
			return undo, err
		}
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
		restore, err := j.replaceValue(ctx, info, write.Value)
		if restore != nil {
			back = append(back, restore)
		}
		if err != nil {
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

// replaceValue stores a value and returns what puts the older one back. Nothing
// is replaced that cannot be read first: it could not be put back.
func (j *Jobs) replaceValue(ctx context.Context, info model.SecretInfo, value model.Secret) (restore func(context.Context) error, err error) {
	keys, err := j.Keystores.Keystore(info.Where)
	if err != nil {
		return nil, err
	}
	before, err := keys.Get(ctx, info.Name)
	if err != nil && !absent(ctx, err) {
		return nil, err
	}
	restore = func(ctx context.Context) error {
		if before.IsZero() {
			return keys.Delete(ctx, info.Name)
		}
		return keys.Set(ctx, info.Name, before)
	}
	return restore, keys.Set(ctx, info.Name, value)
}

// absent reports whether a keystore's error says that there is no such value.
// All others are problems, or the context's own (Keystore).
func absent(ctx context.Context, err error) bool {
	_, told := model.AsProblem(err)
	return !told && ctx.Err() == nil && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled)
}

// knownToCommand checks that the person's command prints the value that was
// given: a command only reads, so that the value must be there already.
func (j *Jobs) knownToCommand(ctx context.Context, write model.SecretWrite) error {
	keys, err := j.Keystores.Keystore(model.WhereCommand)
	if err != nil {
		return err
	}
	kept, err := keys.Get(ctx, write.Info.Name)
	if err != nil && !absent(ctx, err) {
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

// SetSecret stores a named secret outside of any connector: its facts, and its
// value where that is kept here. A value it had in another place goes. One that a
// migration is about to replace, or could still take back, is migration.unfinished.
func (j *Jobs) SetSecret(ctx context.Context, info model.SecretInfo, value model.Secret) error {
	release, err := j.Library.HoldSecrets(ctx)
	if err != nil {
		return err
	}
	defer release()
	if err := j.notMigrated(ctx, info.Name); err != nil {
		return err
	}
	w, err := j.World(ctx)
	if err != nil {
		return err
	}
	if _, err := j.writeSecrets(ctx, []model.SecretWrite{{Info: info, Value: value}}, w); err != nil {
		return err
	}
	j.leaveOldPlace(ctx, info, w)
	return nil
}
