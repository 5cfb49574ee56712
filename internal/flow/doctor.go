package flow

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"bbconnect/model"
)

// Looker looks at this machine itself; each look is one ended check.
type Looker interface {
	Look(ctx context.Context, settings model.Settings) []model.Check
}

// Reacher asks a connector's host, without any credential, whether this
// machine gets a secure connection to it; the checks are those of a live test.
type Reacher interface {
	Reach(ctx context.Context, c model.Connector, caFile string) []model.Check
}

// Doctor examines what the program needs of this machine.
type Doctor struct {
	Jobs   *Jobs
	Looker Looker
	// Reacher is nil where nothing may be contacted.
	Reacher Reacher
}

// The ids of the checks that look at what is saved.
const (
	lookKeystore = "keystore"
	lookSecrets  = "secrets"
	lookSaved    = "saved"
	lookNetwork  = "network"
	// lookMigration is only there while a migration is.
	lookMigration = "migration"
)

// Examine runs every look and returns the checks in a stable order; report,
// which may be nil, hears of each as it ends, one at a time. Nothing is changed
// but for the keystore's own proof, and nobody is asked for a passphrase: a
// locked vault is told as locked. The error is the context's.
func (d Doctor) Examine(ctx context.Context, report func(model.Check)) ([]model.Check, error) {
	var all []model.Check
	tell := func(list ...model.Check) {
		for _, c := range list {
			all = append(all, c)
			if report != nil {
				report(c)
			}
		}
	}
	settings, err := d.Jobs.Library.Settings(ctx)
	if err != nil {
		tell(failed(lookSaved, "Settings", err))
	}
	tell(d.Looker.Look(ctx, settings)...)
	saved, damaged, err := d.Jobs.Library.List(ctx)
	if err != nil {
		tell(failed(lookSaved, "Saved connectors", err))
	} else {
		tell(savedLook(saved, damaged))
	}
	secrets, err := d.Jobs.Library.Secrets(ctx)
	if err != nil {
		tell(failed(lookSecrets, "Named secrets", err))
	}
	silent := WithAsker(ctx, nil)
	places, proven := d.keystores(silent, settings, secrets)
	tell(places...)
	tell(d.secrets(silent, saved, secrets, proven))
	if c, unfinished := d.migration(ctx); unfinished {
		tell(c)
	}
	tell(d.network(ctx, settings, saved)...)
	return all, ctx.Err()
}

// failed is a check that an error ended.
func failed(id, title string, err error) model.Check {
	c := model.Check{ID: id, Title: title, Status: model.CheckFail}
	if p, ok := model.AsProblem(err); ok {
		c.Problem = p
		return c
	}
	c.Problem = &model.Problem{
		Code: "store.damaged", What: title + " cannot be read.", Why: "The file may be damaged, or its folder is not there any more.",
		Fix: "Check the folder, then run bbconnect doctor again.", Cause: err,
	}
	return c
}

func savedLook(saved []model.Saved, damaged []model.Damaged) model.Check {
	c := model.Check{ID: lookSaved, Title: "Saved connectors", Status: model.CheckPass, Detail: fmt.Sprintf("%d can be read", len(saved))}
	if len(damaged) > 0 {
		c.Status, c.Problem = model.CheckFail, damaged[0].Problem
		c.Detail += fmt.Sprintf(", %d cannot", len(damaged))
	}
	return c
}

// migration tells of a migration that was begun and neither confirmed nor taken
// back: until then both values of a secret are kept.
func (d Doctor) migration(ctx context.Context) (c model.Check, unfinished bool) {
	record, ok, err := d.Jobs.Journal.Migration(ctx)
	if err != nil {
		return failed(lookMigration, "Migration", err), true
	}
	if !ok {
		return model.Check{}, false
	}
	return model.Check{
		ID: lookMigration, Title: "Migration", Status: model.CheckWarn, Detail: "begun on " + record.StartedAt.UTC().Format(time.DateOnly),
		Problem: &model.Problem{
			Code: "migration.unfinished", What: "A migration is not finished.",
			Why: "It was broken off, or nobody has confirmed it yet. Old values are kept until then.",
			Fix: "Go on with it, or put everything back.", Commands: []string{"bbconnect migrate --resume", "bbconnect migrate --undo"},
		},
	}, true
}

// keystores proves every place that holds a secret, and the one new secrets go
// to; proven are those that answered.
func (d Doctor) keystores(ctx context.Context, settings model.Settings, secrets []model.SecretInfo) (checks []model.Check, proven []model.Where) {
	chosen := settings.Keystore
	if chosen == "" {
		chosen = model.WhereKeyring
	}
	places := []model.Where{chosen}
	for _, s := range secrets {
		if s.Type != model.SecretSSHKey && !slices.Contains(places, s.Where) {
			places = append(places, s.Where)
		}
	}
	for _, where := range places {
		if where == model.WhereAsk || where == "" {
			continue
		}
		c := d.keystore(ctx, where)
		needed := where == settings.Keystore || slices.ContainsFunc(secrets, func(s model.SecretInfo) bool { return s.Where == where })
		if c.Status == model.CheckFail && !needed {
			c.Status = model.CheckWarn // no secret is there, and other places may be chosen
		}
		if checks = append(checks, c); c.Status == model.CheckPass {
			proven = append(proven, where)
		}
	}
	return checks, proven
}

func (d Doctor) keystore(ctx context.Context, where model.Where) model.Check {
	c := model.Check{ID: lookKeystore + "." + string(where), Title: map[model.Where]string{
		model.WhereKeyring: "Keyring of this system", model.WhereVault: "Encrypted vault", model.WhereCommand: "Command for secrets",
	}[where], Status: model.CheckPass}
	keys, err := d.Jobs.Keystores.Keystore(where)
	if err == nil {
		begun := d.Jobs.Now()
		err = d.Jobs.proveInTime(ctx, keys)
		c.Duration, c.Detail = d.Jobs.Now().Sub(begun), keys.Describe()
	}
	p, told := model.AsProblem(err)
	switch {
	case err == nil:
	case told && p.Code == "keystore.locked" && where == model.WhereVault:
		c.Status, c.Detail = model.CheckSkip, "locked: its passphrase is asked for when a secret is needed"
	default:
		c = failed(c.ID, c.Title, err)
		if where == model.WhereKeyring && c.Problem != nil {
			p := *c.Problem
			p.Fix += " For new secrets that is --keystore vault, or --keystore ask."
			c.Problem = &p
		}
	}
	return c
}

// secrets looks for values that are gone, and for secrets nobody uses. Only
// places that answered are asked, for as long as the proof of one may take.
func (d Doctor) secrets(ctx context.Context, saved []model.Saved, secrets []model.SecretInfo, proven []model.Where) model.Check {
	ctx, cancel := context.WithTimeout(ctx, proveTimeout)
	defer cancel()
	w := model.World{Secrets: secrets}
	used := map[model.SecretName]bool{}
	for _, s := range saved {
		for _, name := range namesOf(s.Connector, w) {
			used[name] = true
		}
	}
	var gone, idle []string
	var unread error
	held := 0
	for _, info := range secrets {
		if !used[info.Name] {
			idle = append(idle, string(info.Name))
		}
		if info.Type == model.SecretSSHKey || !slices.Contains(proven, info.Where) || info.Where == model.WhereCommand {
			continue
		}
		_, err := d.Jobs.value(ctx, info)
		_, told := model.AsProblem(err)
		switch {
		case err == nil:
			held++
		case told && unread == nil:
			unread = err
		case !told && ctx.Err() == nil:
			gone = append(gone, string(info.Name))
		}
	}
	c := model.Check{ID: lookSecrets, Title: "Named secrets", Status: model.CheckPass, Detail: fmt.Sprintf("%d named, %d found in their keystore", len(secrets), held)}
	switch {
	case unread != nil:
		return failed(c.ID, c.Title, unread)
	case len(gone) > 0:
		c.Status, c.Problem = model.CheckFail, &model.Problem{
			Code: "cred.missing", What: "The keystore no longer holds " + someOf(gone) + ".", Why: "It was deleted there, or the keyring is another one than before.",
			Fix: "Store it again: bbconnect secret set REF.",
		}
	case len(idle) > 0:
		c.Status, c.Problem = model.CheckWarn, &model.Problem{
			Code: "secret.unused", What: "No connector uses " + someOf(idle) + ".", Why: "Their connectors were deleted, or refer to others now.",
			Fix: "Delete what is not needed: bbconnect secret delete REF.",
		}
	}
	return c
}

// someOf lists the first three names.
func someOf(names []string) string {
	if len(names) <= 3 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:3], ", "), len(names)-3)
}
