package cmd

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"bbconnect/model"
)

func newSecretKey(a *app) *cobra.Command {
	c := &cobra.Command{
		Use: "key", Short: "Make, convert or read SSH keys",
		Long:    "Make an SSH key, convert one to the PEM form Harness takes, or print its\npublic half.",
		Example: "  bbconnect secret key new --ref account.bb_key",
		Args:    cobra.ArbitraryArgs, RunE: group,
	}
	c.AddCommand(newKeyNew(a), newKeyConvert(a), newKeyPublic(a))
	return c
}

func newKeyNew(a *app) *cobra.Command {
	var ref, keystore string
	var dryRun bool
	c := &cobra.Command{
		Use: "new", Short: "Make an RSA key, keep it as a file secret, print its public half", Args: cobra.NoArgs,
		Long: `Make an RSA key of 3072 bits in PEM form. The key is kept as a file secret, with
an SSH credential that points to it; the public half is printed.`,
		Example: "  bbconnect secret key new --ref account.bb_key > bb_key.pub",
		RunE: func(c *cobra.Command, _ []string) error {
			return a.runKeyNew(c.Context(), ref, keystore, dryRun)
		},
	}
	c.Flags().StringVar(&ref, "ref", "account.bitbucket_ssh_key", "the SSH credential to make; its key is kept beside it")
	c.Flags().StringVar(&keystore, "keystore", "", "where the key is kept: keyring, vault, command or ask")
	c.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be made and change nothing")
	complete(c, map[string]completer{"ref": cobra.NoFileCompletions, "keystore": choices(keystoreNames()...)})
	return c
}

func newKeyConvert(a *app) *cobra.Command {
	var from string
	c := &cobra.Command{
		Use: "convert", Short: "Convert an OpenSSH or PKCS#8 key to PEM on standard output", Args: cobra.NoArgs,
		Long: `Convert a private key to the PEM form that Harness takes, and write it, without
a passphrase, to standard output. This is the one command that prints a secret.`,
		Example: "  bbconnect secret key convert --from file:id_rsa > id_rsa.pem",
		RunE: func(c *cobra.Command, _ []string) error {
			return a.runKeyRead(c.Context(), from, func(key, pass model.Secret) (string, error) {
				pem, err := a.jobs.Keys.Convert(key, pass)
				return pem.Reveal(), err
			})
		},
	}
	c.Flags().StringVar(&from, "from", "-", "where the key comes from")
	complete(c, map[string]completer{"from": choices(sources()...)})
	return c
}

func newKeyPublic(a *app) *cobra.Command {
	var from string
	c := &cobra.Command{
		Use: "public", Short: "Print the public half of a private key", Args: cobra.NoArgs,
		Long:    "Print the public half of a private key, as the line that Bitbucket's page of\nSSH keys takes.",
		Example: "  bbconnect secret key public --from file:id_rsa.pem\n  bbconnect secret key public --from keyring:account.bb_key_file",
		RunE: func(c *cobra.Command, _ []string) error {
			return a.runKeyRead(c.Context(), from, func(key, pass model.Secret) (string, error) {
				line, err := a.jobs.Keys.Public(key, pass, "bbconnect")
				return strings.TrimRight(line, "\n") + "\n", err
			})
		},
	}
	c.Flags().StringVar(&from, "from", "-", "where the key comes from")
	complete(c, map[string]completer{"from": choices(sources()...)})
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
		if pass, err = a.promptSecret(ctx, "Passphrase of the key"); err != nil {
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

func (a *app) runKeyNew(ctx context.Context, ref, keystore string, dryRun bool) error {
	if err := a.connect(); err != nil {
		return err
	}
	name, err := a.secretName(ref)
	if err != nil {
		return err
	}
	where, err := parseWhere(keystore)
	if err != nil {
		return err
	}
	w, err := a.jobs.World(ctx)
	if err != nil {
		return err
	}
	scope, id, _ := name.Split()
	fileName := scope.SecretName(id + "_file")
	for _, n := range []model.SecretName{name, fileName} {
		if _, taken := w.SecretInfo(n); taken {
			return usage("Choose another name with --ref.", "There is a secret %s already; it was not replaced.", n.Ref())
		}
	}
	if dryRun {
		a.tell(a.errOut, "", "Would make a key and store it as "+ref+" and "+string(fileName.Ref())+".")
		if a.json {
			return a.writeJSON(map[string]string{"ref": ref, "file": string(fileName.Ref()), "public": ""})
		}
		return nil
	}
	place, err := a.prove(ctx, where)
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
	file := model.SecretInfo{Name: fileName, Type: model.SecretFile, Kind: model.KindSSHKey, Where: place.Where, Created: a.now(), Length: key.Len()}
	credential := model.SecretInfo{Name: name, Type: model.SecretSSHKey, Kind: model.KindSSHKey, Where: place.Where, Created: a.now(), Username: model.UserSSH, File: fileName}
	if err := a.jobs.SetSecret(a.asking(ctx), file, key); err != nil {
		return waysOn(err)
	}
	if err := a.jobs.SetSecret(a.asking(ctx), credential, model.Secret{}); err != nil {
		return err
	}
	a.tell(a.errOut, signPass, "Stored "+ref+", its key in "+string(fileName.Ref())+". Add the public half at "+model.PageSSHKeys)
	public = strings.TrimSpace(public)
	if a.json {
		return a.writeJSON(map[string]string{"ref": ref, "file": string(fileName.Ref()), "public": public})
	}
	fmt.Fprintln(a.out, public)
	return nil
}
