package flow

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"bbconnect/model"
)

// LastChange is the change to a saved connector that Undo would take back.
func (j *Jobs) LastChange(ctx context.Context) (model.Change, bool, error) {
	return j.Library.LastChange(ctx)
}

// Undo takes the last change to a saved connector back, as far as this machine
// remembers it. Values of secrets are not touched: a connector that would come
// back with a secret that is gone by now is refused (ref.missing).
func (j *Jobs) Undo(ctx context.Context) (model.Change, error) {
	secrets, err := j.Library.Secrets(ctx)
	if err != nil {
		return model.Change{}, err
	}
	known := map[model.SecretName]bool{}
	for _, s := range secrets {
		known[s.Name] = true
	}
	return j.Library.Undo(ctx, func(back, now *model.Connector) error {
		if back == nil {
			return nil
		}
		had := map[model.SecretRef]bool{}
		if now != nil {
			for _, ref := range now.SecretRefs() {
				had[ref] = true
			}
		}
		for _, ref := range back.SecretRefs() {
			name, err := ref.Name(back.Scope)
			if err == nil && now != nil && !had[ref] && !known[name] {
				return &model.Problem{
					Code: "ref.missing", What: fmt.Sprintf("%s would come back with the secret %s, which is gone.", back.Name, ref),
					Why: "The secret was renamed or deleted since.", Fix: "Edit the connector instead. The next undo is for the change before it.", Field: model.QSecret,
				}
			}
		}
		return nil
	})
}

// UndoText says in one or two sentences what taking a change back would do.
func UndoText(c model.Change) string {
	switch c.What {
	case model.ChangeMade:
		return "The connector goes. Its secrets stay; those that nothing uses then are listed by bbconnect secret list --unused."
	case model.ChangeDeleted:
		return "Its document comes back as it was. Values of secrets that were deleted with it do not."
	case model.ChangeEdited:
	}
	return "Its document becomes what it was before. Values of secrets stay as they are now."
}

// Undone says what was done, and which secrets of the connector that is there again
// are not: they were deleted with it, or since.
func (j *Jobs) Undone(ctx context.Context, c model.Change) string {
	text := UndoneText(c)
	saved, err := j.Library.Get(ctx, c.Key)
	secrets, unread := j.Library.Secrets(ctx)
	if err != nil || unread != nil {
		return text
	}
	var gone []string
	for _, ref := range saved.Connector.SecretRefs() {
		name, err := ref.Name(saved.Connector.Scope)
		known := slices.ContainsFunc(secrets, func(s model.SecretInfo) bool { return s.Name == name })
		if err == nil && !known && !slices.Contains(gone, string(ref)) {
			gone = append(gone, string(ref))
		}
	}
	if len(gone) == 0 {
		return text
	}
	return text + " Not here any more, and to be stored again: " + strings.Join(gone, ", ") + "."
}

// UndoneText says what was done.
func UndoneText(c model.Change) string {
	switch c.What {
	case model.ChangeMade:
		return c.Name + " is gone again."
	case model.ChangeDeleted:
		return c.Name + " is back."
	case model.ChangeEdited:
	}
	return c.Name + " is as it was before."
}
