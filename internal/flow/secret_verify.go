package flow

import (
	"context"
	"slices"

	"bbconnect/model"
)

// HeldState is what a look at the place of a secret found.
type HeldState string

// The states. SecretDiffers means that the value has another length than was
// recorded when it was stored: somebody changed it behind the program's back.
// SecretLocked means that the place did not answer, so that nothing is known.
// SecretNowhere is said of what has no value of its own to look for: asked each
// time, or an SSH credential, whose key is a secret of its own.
const (
	SecretHeld    HeldState = "held"
	SecretDiffers HeldState = "differs"
	SecretGone    HeldState = "gone"
	SecretLocked  HeldState = "locked"
	SecretNowhere HeldState = "not-kept"
)

// SecretHolding is one secret and what became of looking for its value.
type SecretHolding struct {
	Info  model.SecretInfo
	State HeldState
	// Length is that of the value that is kept, in bytes; 0 when none was read.
	Length int
	// Problem says why the place could not be used, for SecretLocked alone.
	Problem *model.Problem
}

// VerifySecrets looks whether the keystore still holds secrets: those named, or
// all where none is. Values are read, compared in length with what was recorded,
// and forgotten. report is told of each as it was looked for, and how many there
// are; nil for nobody. A place that does not answer is not asked again in this
// run. When ctx ends, what was found until then is returned with its error.
func (j *Jobs) VerifySecrets(ctx context.Context, names []model.SecretName, report func(found SecretHolding, total int)) ([]SecretHolding, error) {
	secrets, err := j.Library.Secrets(ctx)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if !slices.ContainsFunc(secrets, func(s model.SecretInfo) bool { return s.Name == name }) {
			return nil, ErrNoSecret
		}
	}
	if len(names) > 0 {
		secrets = slices.DeleteFunc(secrets, func(s model.SecretInfo) bool { return !slices.Contains(names, s.Name) })
	}
	shut := map[model.Where]*model.Problem{}
	out := make([]SecretHolding, 0, len(secrets))
	for _, info := range secrets {
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
		found := j.holding(ctx, info, shut)
		if ctx.Err() != nil {
			return out, ctx.Err() // what a cancelled look found says nothing
		}
		out = append(out, found)
		if report != nil {
			report(found, len(secrets))
		}
	}
	return out, nil
}

// holding looks for one value; shut are the places that did not answer before.
func (j *Jobs) holding(ctx context.Context, info model.SecretInfo, shut map[model.Where]*model.Problem) SecretHolding {
	found := SecretHolding{Info: info, State: SecretNowhere}
	if info.Type == model.SecretSSHKey || info.Where == model.WhereAsk {
		return found
	}
	if p := shut[info.Where]; p != nil {
		found.State, found.Problem = SecretLocked, p
		return found
	}
	value, err := j.value(ctx, info)
	switch {
	case err == nil && value.IsZero(), err != nil && absent(ctx, err):
		found.State = SecretGone
		return found
	case err != nil:
		found.State, found.Problem = SecretLocked, noAnswer(err)
		if info.Where != model.WhereCommand { // a command runs anew for each name
			shut[info.Where] = found.Problem
		}
		return found
	}
	found.State, found.Length = SecretHeld, value.Len()
	if info.Length != 0 && info.Length != found.Length {
		found.State = SecretDiffers
	}
	return found
}

// noAnswer is a keystore's error as a problem.
func noAnswer(err error) *model.Problem {
	if p, ok := model.AsProblem(err); ok {
		return p
	}
	return &model.Problem{
		Code: "keystore.timeout", What: "The keystore did not answer in time.", Why: "It may be waiting for a password in a window that nobody sees.",
		Fix: "Unlock it and try again.", Cause: err,
	}
}
