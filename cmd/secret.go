package cmd

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"bbconnect/model"
)

func newSecret(a *app) *cobra.Command {
	c := &cobra.Command{
		Use: "secret", Short: "Look after named secrets",
		Long: `Look after named secrets. Connectors hold references to them; values are kept
in the operating system's keyring or the encrypted vault, and are never shown.`,
		Example: `  bbconnect secret list
  bbconnect secret set account.bb_token --from env:BB_TOKEN --expires 2027-11-21
  bbconnect secret key new > key.pub`,
		Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newSecretList(a), newSecretSet(a), newSecretDelete(a), newSecretKey(a))
	return c
}

func newSecretList(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the named secrets", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.runSecretList(c.Context()) },
	}
}

type secretJSON struct {
	Ref     model.SecretRef      `json:"ref"`
	Name    model.SecretName     `json:"name"`
	Type    model.SecretType     `json:"type"`
	Kind    model.CredentialKind `json:"kind"`
	Where   model.Where          `json:"where"`
	Created string               `json:"created"`
	Expires string               `json:"expires"`
	UsedBy  []string             `json:"usedBy"`
}

func (a *app) runSecretList(ctx context.Context) error {
	if err := a.connect(); err != nil {
		return err
	}
	w, err := a.jobs.World(ctx)
	if err != nil {
		return err
	}
	rows := []secretJSON{}
	for _, s := range w.Secrets {
		row := secretJSON{Ref: s.Name.Ref(), Name: s.Name, Type: s.Type, Kind: s.Kind, Where: s.Where, UsedBy: []string{}}
		if !s.Created.IsZero() {
			row.Created = s.Created.UTC().Format(time.RFC3339)
		}
		if !s.Expires.IsZero() {
			row.Expires = s.Expires.Format(time.DateOnly)
		}
		for _, c := range w.Connectors {
			if c.Uses(s.Name) {
				row.UsedBy = append(row.UsedBy, c.Key())
			}
		}
		rows = append(rows, row)
	}
	if a.json {
		return a.writeJSON(rows)
	}
	if len(rows) == 0 {
		fmt.Fprintln(a.errOut, "No secrets yet.")
		return nil
	}
	tw := tabwriter.NewWriter(a.out, 0, 8, 3, ' ', 0)
	fmt.Fprintln(tw, "REFERENCE\tTYPE\tKIND\tWHERE\tEXPIRES\tUSED BY")
	for _, r := range rows {
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\n", r.Ref, r.Type, model.KindLabel(r.Kind), r.Where, orDash(r.Expires), orDash(strings.Join(r.UsedBy, ", ")))
	}
	return tw.Flush()
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func newSecretSet(a *app) *cobra.Command {
	var from, kind, expires, keystore, kindOf string
	c := &cobra.Command{
		Use: "set REF", Short: "Store a secret's value, or replace it", Args: cobra.ExactArgs(1),
		Example: "  bbconnect secret set account.bb_token\n  bbconnect secret set account.bb_token --from file:token.txt",
		RunE: func(c *cobra.Command, args []string) error {
			return a.runSecretSet(c.Context(), model.SecretRef(args[0]), secretSet{from, kind, expires, keystore, kindOf})
		},
	}
	fl := c.Flags()
	fl.StringVar(&from, "from", "", "where the value comes from (default: a prompt on a terminal, else standard input)")
	fl.StringVar(&kind, "kind", "", "what it is: api-token, access-token, http-access-token, ssh-key, password")
	fl.StringVar(&expires, "expires", "", "the day it ends, as 2027-11-21")
	fl.StringVar(&keystore, "keystore", "", "where it is kept: keyring, vault, command or ask")
	fl.StringVar(&kindOf, "type", "", "text, file or sshKey (default text)")
	return c
}

type secretSet struct{ from, kind, expires, keystore, kindOf string }

func (a *app) runSecretSet(ctx context.Context, ref model.SecretRef, s secretSet) error {
	if err := a.connect(); err != nil {
		return err
	}
	name, err := ref.Name(a.scope())
	if err != nil {
		return usage("Write it as account.id, org.id with --org, or id with --org and --project.", "%s", err)
	}
	w, err := a.jobs.World(ctx)
	if err != nil {
		return err
	}
	info, exists := w.SecretInfo(name)
	if !exists {
		info = model.SecretInfo{Name: name, Type: model.SecretText, Created: a.now()}
	}
	if err := s.describe(&info); err != nil {
		return err
	}
	if !exists || s.keystore != "" {
		place, err := a.jobs.Prove(a.asking(ctx), model.Where(s.keystore))
		if err != nil {
			return err
		}
		info.Where = place.Where
	}
	source := s.from
	if source == "" {
		source = "-"
		if a.readSecretLine != nil {
			source = "prompt"
		}
	}
	value, err := a.readSource(ctx, source, string(ref))
	if err != nil {
		return err
	}
	if info.Type == model.SecretText {
		read := model.RecogniseCredential(value, model.QPassword)
		value = read.Clean
		if s.kind == "" {
			info.Kind = read.Kind
		}
		printFindings(a.errOut, read.Findings)
		if read.Findings.HasErrors() && s.kind == "" {
			return failedError{code: exitFailed}
		}
	} else {
		value = a.jobs.Keys.Normalise(value)
	}
	info.Length = value.Len()
	if err := a.jobs.SetSecret(a.asking(ctx), info, value); err != nil {
		return err
	}
	fmt.Fprintf(a.errOut, "✓ Stored %s: %s, %d characters.\n", ref, model.KindLabel(info.Kind), value.Len())
	return nil
}

// describe puts the flags' facts into what is known of the secret.
func (s secretSet) describe(info *model.SecretInfo) error {
	if s.kind != "" {
		info.Kind = model.CredentialKind(s.kind)
		if model.KindLabel(info.Kind) == model.KindLabel(model.KindUnknown) {
			return usage("Choose api-token, access-token, http-access-token, ssh-key or password.", "%s is no kind of credential.", clean(s.kind))
		}
	}
	if s.kindOf != "" {
		info.Type = model.SecretType(s.kindOf)
		switch info.Type {
		case model.SecretText, model.SecretFile, model.SecretSSHKey:
		default:
			return usage("Choose text, file or sshKey.", "%s is no type of secret.", clean(s.kindOf))
		}
	}
	if s.expires != "" {
		day, err := time.Parse(time.DateOnly, s.expires)
		if err != nil {
			return usage("Write it as 2027-11-21.", "%s is not a date.", clean(s.expires))
		}
		info.Expires = day
	}
	return nil
}

func newSecretDelete(a *app) *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "delete REF", Short: "Delete a secret that no connector uses", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := a.connect(); err != nil {
				return err
			}
			name, err := model.SecretRef(args[0]).Name(a.scope())
			if err != nil {
				return usage("Write it as account.id, org.id or id.", "%s", err)
			}
			if !yes {
				ok, err := a.confirm("Delete the secret " + args[0] + "?")
				if err != nil {
					return err
				}
				if !ok {
					return usage("Add --yes where nobody can be asked.", "Nothing was deleted.")
				}
			}
			if err := a.jobs.DeleteSecret(a.asking(c.Context()), name); err != nil {
				return err
			}
			fmt.Fprintf(a.errOut, "✓ Deleted %s.\n", args[0])
			return nil
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return c
}

func newSecretKey(a *app) *cobra.Command {
	c := &cobra.Command{
		Use: "key", Short: "Make, convert or read SSH keys", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	var ref string
	made := &cobra.Command{
		Use: "new", Short: "Make an RSA key, keep it as a file secret, print its public half", Args: cobra.NoArgs,
		Example: "  bbconnect secret key new --ref account.bb_key",
		RunE:    func(c *cobra.Command, _ []string) error { return a.runKeyNew(c.Context(), model.SecretRef(ref)) },
	}
	made.Flags().StringVar(&ref, "ref", "account.bitbucket_ssh_key", "the SSH credential to make; its key is kept beside it")
	var from string
	convert := &cobra.Command{
		Use: "convert", Short: "Convert an OpenSSH or PKCS#8 key to PEM on standard output", Args: cobra.NoArgs,
		Example: "  bbconnect secret key convert --from file:id_rsa > id_rsa.pem",
		RunE: func(c *cobra.Command, _ []string) error {
			return a.runKeyRead(c.Context(), from, func(key, pass model.Secret) (string, error) {
				pem, err := a.jobs.Keys.Convert(key, pass)
				return pem.Reveal(), err
			})
		},
	}
	convert.Flags().StringVar(&from, "from", "-", "where the key comes from")
	var publicFrom string
	public := &cobra.Command{
		Use: "public", Short: "Print the public half of a private key", Args: cobra.NoArgs,
		Example: "  bbconnect secret key public --from file:id_rsa.pem",
		RunE: func(c *cobra.Command, _ []string) error {
			return a.runKeyRead(c.Context(), publicFrom, func(key, pass model.Secret) (string, error) {
				line, err := a.jobs.Keys.Public(key, pass, "bbconnect")
				return strings.TrimRight(line, "\n") + "\n", err
			})
		},
	}
	public.Flags().StringVar(&publicFrom, "from", "-", "where the key comes from")
	c.AddCommand(made, convert, public)
	return c
}

// runKeyRead reads a key from a source, asks for its passphrase where it has
// one, and prints what do makes of it.
func (a *app) runKeyRead(ctx context.Context, from string, do func(key, pass model.Secret) (string, error)) error {
	if err := a.connect(); err != nil {
		return err
	}
	key, err := a.readSource(ctx, from, "the private key")
	if err != nil {
		return err
	}
	key = a.jobs.Keys.Normalise(key)
	var pass model.Secret
	if _, encrypted := a.jobs.Keys.Inspect(key, model.Secret{}).Code("key.passphrase"); encrypted {
		if pass, err = a.promptSecret("Passphrase of the key"); err != nil {
			return err
		}
	}
	text, err := do(key, pass)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(a.out, text)
	return err
}

func (a *app) runKeyNew(ctx context.Context, ref model.SecretRef) error {
	if err := a.connect(); err != nil {
		return err
	}
	name, err := ref.Name(a.scope())
	if err != nil {
		return usage("Write it as account.id, org.id or id.", "%s", err)
	}
	w, err := a.jobs.World(ctx)
	if err != nil {
		return err
	}
	if _, taken := w.SecretInfo(name); taken {
		return usage("Choose another name with --ref.", "There is a secret %s already; it was not replaced.", ref)
	}
	place, err := a.jobs.Prove(a.asking(ctx), "")
	if err != nil {
		return err
	}
	key, err := a.jobs.Keys.Generate(ctx)
	if err != nil {
		return err
	}
	public, err := a.jobs.Keys.Public(key, model.Secret{}, "bbconnect")
	if err != nil {
		return err
	}
	scope, id, _ := name.Split()
	file := model.SecretInfo{Name: scope.SecretName(id + "_file"), Type: model.SecretFile, Kind: model.KindSSHKey, Where: place.Where, Created: a.now(), Length: key.Len()}
	credential := model.SecretInfo{Name: name, Type: model.SecretSSHKey, Kind: model.KindSSHKey, Where: place.Where, Created: a.now(), Username: model.UserSSH, File: file.Name}
	if err := a.jobs.SetSecret(a.asking(ctx), file, key); err != nil {
		return err
	}
	if err := a.jobs.SetSecret(a.asking(ctx), credential, model.Secret{}); err != nil {
		return err
	}
	fmt.Fprintf(a.errOut, "✓ Stored %s, its key in %s. Add the public half at %s\n", ref, file.Name.Ref(), model.PageSSHKeys)
	fmt.Fprintln(a.out, strings.TrimRight(public, "\n"))
	return nil
}
