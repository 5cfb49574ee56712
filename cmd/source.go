package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"bbconnect/internal/flow"
	"bbconnect/keystore"
	"bbconnect/model"
)

// maxSecretBytes bounds what is read as a secret: a private key is a few
// kilobytes.
const maxSecretBytes = 64 << 10

// readSource reads a secret from a SOURCE of the contract: - (standard input),
// env:NAME, file:PATH, cmd:COMMAND (its standard output), keyring:REF, prompt. A
// value itself is never an argument. label names the value in a prompt.
func (a *app) readSource(ctx context.Context, source, label string) (model.Secret, error) {
	kind, rest, _ := strings.Cut(source, ":")
	switch {
	case source == "-":
		return readAll(a.in, "standard input")
	case source == "prompt":
		return a.promptSecret(ctx, label)
	case kind == "env" && rest != "":
		v := a.getenv(rest)
		if v == "" {
			return model.Secret{}, usage("Set it for this run.", "%s: the variable is empty or not set%s.", clean(label), variable(rest))
		}
		return model.NewSecret(v), nil
	case kind == "file" && rest != "":
		f, err := os.Open(expandHome(rest))
		if err != nil {
			return model.Secret{}, usage("Name a file that can be read.", "%s: %s", clean(label), clean(err.Error()))
		}
		defer f.Close()
		return readAll(f, clean(rest))
	case kind == "cmd" && rest != "":
		value, err := keystore.CommandOutput(ctx, rest)
		if errors.Is(err, keystore.ErrNotFound) {
			err = usage("Run it by hand until it prints the secret.", "%s: the command printed nothing.", clean(label))
		}
		return value, err
	case kind == "keyring" && rest != "":
		return a.readKept(ctx, model.SecretRef(rest))
	}
	return model.Secret{}, usage("Write -, env:NAME, file:PATH, cmd:COMMAND, keyring:REF or prompt.",
		"%s: what was given is no source of a secret.", clean(label))
}

// variable repeats the name of an environment variable where it looks like one;
// somebody may have written the secret itself.
func variable(name string) string {
	for _, r := range name {
		if r != '_' && (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return ""
		}
	}
	if len(name) > 40 {
		return ""
	}
	return ": " + name
}

func readAll(r io.Reader, name string) (model.Secret, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxSecretBytes+1))
	if err != nil {
		return model.Secret{}, fmt.Errorf("reading %s: %w", name, err)
	}
	if len(data) > maxSecretBytes {
		return model.Secret{}, usage("Give the secret alone.", "%s holds more than %d bytes.", name, maxSecretBytes)
	}
	value := strings.TrimRight(string(data), "\r\n")
	if value == "" {
		return model.Secret{}, usage("Give the secret's value there.", "There is nothing in %s.", name)
	}
	return model.NewSecret(value), nil
}

// readKept reads the value of a saved secret.
func (a *app) readKept(ctx context.Context, ref model.SecretRef) (model.Secret, error) {
	name, err := a.secretName(string(ref))
	if err != nil {
		return model.Secret{}, err
	}
	secrets, err := a.jobs.Library.Secrets(ctx)
	if err != nil {
		return model.Secret{}, err
	}
	info, ok := model.World{Secrets: secrets}.SecretInfo(name)
	if !ok {
		return model.Secret{}, flow.ErrNoSecret
	}
	keys, err := a.jobs.Keystores.Keystore(info.Where)
	if err != nil {
		return model.Secret{}, err
	}
	return keys.Get(a.asking(ctx), name)
}
