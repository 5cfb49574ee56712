package cmd

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

func newSecretSet(a *app) *cobra.Command {
	var f secretSet
	c := &cobra.Command{
		Use: "set REF", Short: "Store a secret's value, or replace it", Args: cobra.ExactArgs(1),
		Long: `Store the value of a named secret, or replace it. REF is a reference as connectors
write it: account.id, org.id with --org, or id with --org and --project. Every
connector that refers to it uses the new value at once.`,
		Example:           "  bbconnect secret set account.bb_token\n  bbconnect secret set account.bb_token --from file:token.txt --expires 2027-11-21",
		ValidArgsFunction: a.completeRef,
		RunE:              func(c *cobra.Command, args []string) error { return a.runSecretSet(c.Context(), args[0], f) },
	}
	fl := c.Flags()
	fl.StringVar(&f.from, "from", "", "where the value comes from (default: a prompt on a terminal, else standard input)")
	fl.StringVar(&f.kind, "kind", "", "what it is: "+kindNames())
	fl.StringVar(&f.expires, "expires", "", "the day it ends, as 2027-11-21, or how long it lives: 90d, 12w, 6m, 1y")
	fl.StringVar(&f.keystore, "keystore", "", "where it is kept: keyring, vault, command or ask")
	fl.StringVar(&f.kindOf, "type", "", "text or file (default text)")
	fl.BoolVar(&f.dryRun, "dry-run", false, "say what would be stored and change nothing")
	complete(c, map[string]completer{
		"from": choices(sources()...), "kind": choices(closedValues(model.QKind)...), "keystore": choices(keystoreNames()...),
		"type": choices(string(model.SecretText), string(model.SecretFile)), "expires": cobra.NoFileCompletions,
	})
	return c
}

type secretSet struct {
	from, kind, expires, keystore, kindOf string
	dryRun                                bool
}

func (a *app) runSecretSet(ctx context.Context, ref string, s secretSet) error {
	if err := a.connect(); err != nil {
		return err
	}
	name, err := a.secretName(ref)
	if err != nil {
		return err
	}
	where, err := parseWhere(s.keystore)
	if err != nil {
		return err
	}
	w, err := a.jobs.World(ctx)
	if err != nil {
		return err
	}
	info, exists := w.SecretInfo(name)
	if !exists {
		info = model.SecretInfo{Name: name, Type: model.SecretText, Created: a.now()}
	}
	if err := s.describe(&info, a.now()); err != nil {
		return err
	}
	if info.Type == model.SecretSSHKey {
		return usage("Replace its key: bbconnect secret set "+string(info.File.Ref())+".", "%s is an SSH credential, which only points to its key.", ref)
	}
	if (!exists || where != "") && !s.dryRun {
		place, err := a.prove(ctx, where)
		if err != nil {
			return err
		}
		info.Where = place.Where
	}
	if exists {
		if err := a.tellReplacing(ctx, info); err != nil {
			return err
		}
		info.Created = a.now() // the day of the value, as its end is
		if s.expires == "" && !info.Expires.IsZero() {
			info.Expires = time.Time{} // that was the old value's
			a.tell(a.errOut, signHint, "The day the old value ends is forgotten with it; --expires records that of the new one.")
		}
	}
	value, err := a.readSource(ctx, a.sourceOr(s.from), ref)
	if err != nil {
		return err
	}
	if value, err = a.recognise(&info, value, s.kind == ""); err != nil {
		return err
	}
	return a.storeSecret(ctx, info, value, s.dryRun)
}

// tellReplacing says who is concerned, before a person is asked for the value.
func (a *app) tellReplacing(ctx context.Context, info model.SecretInfo) error {
	secret, err := a.namedSecret(ctx, info.Name)
	if err != nil {
		return err
	}
	text := string(info.Name.Ref()) + " is replaced at once; the old value is gone then."
	if len(secret.UsedBy) > 0 {
		text += " Used by " + strings.Join(secret.UsedBy, ", ") + "."
	}
	a.tell(a.errOut, "", text)
	return nil
}

// sourceOr is the source that was named, else a prompt on a terminal and
// standard input elsewhere.
func (a *app) sourceOr(from string) string {
	switch {
	case from != "":
		return from
	case a.canAsk():
		return "prompt"
	}
	return "-"
}

// recognise mends what pasting does to a value and notes what kind it is. A value
// that is clearly not a whole credential is refused unless its kind was given.
func (a *app) recognise(info *model.SecretInfo, value model.Secret, guess bool) (model.Secret, error) {
	if info.Type != model.SecretText {
		value = a.jobs.Keys.Normalise(value)
		info.Length = value.Len()
		return value, nil
	}
	read := model.RecogniseCredential(value, model.QPassword)
	if guess {
		info.Kind = read.Kind
		if f, bad := read.Findings.Worst(); bad && f.Severity == model.SeverityError {
			p := findingProblem(f)
			p.Fix += " Give --kind to store it all the same."
			return value, p
		}
	} else {
		read.Findings = model.CheckNewCredential(value, info.Kind, model.QPassword)
	}
	a.printFindings(a.errOut, read.Findings)
	info.Length = read.Clean.Len()
	return read.Clean, nil
}

// storeSecret stores a secret and says so; with --dry-run it only says so.
func (a *app) storeSecret(ctx context.Context, info model.SecretInfo, value model.Secret, dryRun bool) error {
	text := fmt.Sprintf("%s: %s, %d characters.", info.Name.Ref(), model.KindLabel(info.Kind), value.Len())
	if dryRun {
		a.tell(a.errOut, "", "Would store "+text)
	} else {
		if err := a.jobs.SetSecret(a.asking(ctx), info, value); err != nil {
			return waysOn(err)
		}
		stored := map[model.Where]string{model.WhereAsk: "Noted, and asked for each time: ", model.WhereCommand: "Noted, and printed by the command: "}
		a.tell(a.errOut, signPass, cmp.Or(stored[info.Where], "Stored ")+text)
	}
	if !a.json {
		return nil
	}
	secret := flow.NamedSecret{Info: info} // with --dry-run it may not be there
	if kept, err := a.namedSecret(ctx, info.Name); err == nil {
		secret.UsedBy, secret.PartOf = kept.UsedBy, kept.PartOf
	}
	return a.writeJSON(secretView(secret))
}

func kindNames() string {
	return "api-token, access-token, http-access-token, ssh-key, password"
}

// describe puts the flags' facts into what is known of the secret.
func (s secretSet) describe(info *model.SecretInfo, now time.Time) error {
	if s.kind != "" {
		if !slices.Contains(closedValues(model.QKind), s.kind) {
			return usage("Choose one of "+kindNames()+".", "--kind names no kind of credential.")
		}
		info.Kind = model.CredentialKind(s.kind)
	}
	if s.kindOf != "" {
		info.Type = model.SecretType(s.kindOf)
		if info.Type != model.SecretText && info.Type != model.SecretFile {
			return usage("Choose text or file; bbconnect secret key new makes an SSH credential.", "--type names no type a value can have.")
		}
	}
	if s.expires != "" {
		day, err := model.ReadExpiry(s.expires, now)
		if err != nil {
			return usage("Write it as 2027-11-21, or as 90d, 12w, 6m or 1y from today.", "--expires is not a date.")
		}
		info.Expires = day
	}
	return nil
}
