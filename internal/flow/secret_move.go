package flow

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"bbconnect/model"
)

// MoveState is what became of one secret that was to be moved.
type MoveState string

// The states. MoveThere means that the value is kept there already. MoveNothing is
// said of what has no value that is kept: asked each time, or printed by a command.
const (
	MoveDone    MoveState = "moved"
	MoveThere   MoveState = "there"
	MoveNothing MoveState = "not-kept"
)

// MovedSecret is one secret of a move.
type MovedSecret struct {
	Info  model.SecretInfo
	From  model.Where
	To    model.Where
	State MoveState
	// Left says why the value is still in the old place too; nil where it is not.
	Left *model.Problem
}

// PlanMove says what MoveSecrets would do, and changes nothing. names are whole
// names; an SSH credential stands for its key and passphrase, and none at all for
// every secret. A keyring is proved all the same, which leaves nothing in it; a vault
// is not, since that would ask for its passphrase or make it. Errors: ErrNoSecret,
// migration.unfinished, keystore.*, and those of reading.
func (j *Jobs) PlanMove(ctx context.Context, names []model.SecretName, to model.Where) ([]MovedSecret, error) {
	release, err := j.noMigration(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	plan, err := j.planMove(ctx, names, to)
	if err == nil && to == model.WhereKeyring {
		err = j.proveTarget(ctx, plan, to)
	}
	if err != nil {
		return nil, err
	}
	return plan, nil
}

// proveTarget proves the place that a plan moves values to, where it moves any.
func (j *Jobs) proveTarget(ctx context.Context, plan []MovedSecret, to model.Where) error {
	if !slices.ContainsFunc(plan, func(m MovedSecret) bool { return m.State == MoveDone }) {
		return nil
	}
	keys, err := j.Keystores.Keystore(to)
	if err != nil {
		return err
	}
	return j.proveInTime(ctx, keys)
}

func (j *Jobs) planMove(ctx context.Context, names []model.SecretName, to model.Where) ([]MovedSecret, error) {
	if to != model.WhereKeyring && to != model.WhereVault {
		return nil, &model.Problem{
			Code: "keystore.unavailable", What: "Values are moved between the keyring and the vault only.", Why: "A command only prints values, and what is asked each time is kept nowhere.",
			Fix: "Choose keyring or vault.",
		}
	}
	secrets, err := j.Library.Secrets(ctx)
	if err != nil {
		return nil, err
	}
	wanted := map[model.SecretName]bool{}
	for _, name := range names {
		i := slices.IndexFunc(secrets, func(s model.SecretInfo) bool { return s.Name == name })
		if i < 0 {
			return nil, ErrNoSecret
		}
		for _, part := range []model.SecretName{name, secrets[i].File, secrets[i].Passphrase} {
			wanted[part] = true
		}
	}
	var out []MovedSecret
	for _, info := range secrets {
		if len(names) > 0 && !wanted[info.Name] || info.Type == model.SecretSSHKey {
			continue
		}
		m := MovedSecret{Info: info, From: info.Where, To: to, State: MoveDone}
		switch {
		case !keepsValue(info):
			m.State = MoveNothing
		case info.Where == to:
			m.State = MoveThere
		}
		out = append(out, m)
	}
	return out, nil
}

// MoveSecrets moves values between the keyring and the vault: each is stored in the
// new place and read back, then what is known of it is changed, and only then the
// old value is deleted. Connectors refer to secrets by name and notice nothing.
// Where one cannot be moved it is as it was, and those before it stay moved; report
// is told of each, nil for nobody. After a kill the same move done again finishes
// it. Errors: those of PlanMove, cred.missing for a value that is gone, and the
// keystores' own.
func (j *Jobs) MoveSecrets(ctx context.Context, names []model.SecretName, to model.Where, report func(m MovedSecret, total int)) ([]MovedSecret, error) {
	release, err := j.alone(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	plan, err := j.planMove(ctx, names, to)
	if err != nil {
		return nil, err
	}
	if err := j.proveTarget(ctx, plan, to); err != nil {
		return nil, err
	}
	var done []MovedSecret
	for _, m := range plan {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		switch m.State {
		case MoveDone:
			if err := j.moveSecret(ctx, &m); err != nil {
				return done, err
			}
		case MoveThere:
			j.finishMove(ctx, m)
		}
		done = append(done, m)
		if report != nil {
			report(m, len(plan))
		}
	}
	return done, nil
}

// moveSecret moves one value, or leaves everything about it as it was.
func (j *Jobs) moveSecret(ctx context.Context, m *MovedSecret) error {
	value, err := j.heldValue(ctx, m.Info)
	if err != nil {
		return err
	}
	if value.IsZero() {
		return gone(m.Info)
	}
	moved := m.Info
	moved.Where = m.To
	var undo undoing
	// What the new place holds under the name is a leftover: nothing looks for it
	// there.
	back, err := j.replaceValue(ctx, moved, value)
	if back != nil {
		undo.add(back)
	}
	if err == nil {
		err = j.keptAs(ctx, moved, value)
	}
	if err == nil {
		undo.add(func(ctx context.Context) error { return j.Library.PutSecret(ctx, m.Info) })
		err = j.Library.PutSecret(ctx, moved)
	}
	if err != nil {
		return errors.Join(err, undo.all(ctx))
	}
	keys, err := j.Keystores.Keystore(m.From)
	if err == nil {
		err = keys.Delete(ctx, m.Info.Name)
	}
	if err != nil {
		m.Left = leftBehind(*m, err)
	}
	m.Info = moved
	return nil
}

// leftBehind is the problem of a value that was moved and could not be deleted in
// its old place.
func leftBehind(m MovedSecret, cause error) *model.Problem {
	what := fmt.Sprintf("The value of %s is still in the %s too.", m.Info.Name.Ref(), m.From)
	why := "It was moved, and the old place did not let go of it."
	if p, ok := model.AsProblem(cause); ok {
		why = p.What
	}
	return &model.Problem{
		Code: "keystore.denied", What: what, Why: why, Fix: fmt.Sprintf("Unlock the %s and give the same command again; it deletes what is left there.", m.From), Cause: cause,
	}
}

// finishMove deletes what a move that was killed has left in the old place: the very
// same value under the same name. That it cannot be seen there is no matter.
func (j *Jobs) finishMove(ctx context.Context, m MovedSecret) {
	other := m.Info
	other.Where = model.WhereKeyring
	if m.To == model.WhereKeyring {
		other.Where = model.WhereVault
	}
	left, err := j.heldValue(ctx, other)
	if err != nil || left.IsZero() {
		return
	}
	if value, err := j.heldValue(ctx, m.Info); err != nil || !value.Equal(left) {
		return
	}
	if keys, err := j.Keystores.Keystore(other.Where); err == nil {
		_ = keys.Delete(ctx, other.Name)
	}
}
