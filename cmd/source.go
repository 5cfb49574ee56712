package cmd

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"bbconnect/internal/flow"
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
		return a.promptSecret(label)
	case kind == "env" && rest != "":
		v := a.getenv(rest)
		if v == "" {
			return model.Secret{}, usage("Set it for this run.", "The variable %s is not set.", rest)
		}
		return model.NewSecret(v), nil
	case kind == "file" && rest != "":
		f, err := os.Open(rest)
		if err != nil {
			return model.Secret{}, usage("Name a file that can be read.", "%s", err)
		}
		defer f.Close()
		return readAll(f, rest)
	case kind == "cmd" && rest != "":
		return commandOutput(ctx, rest)
	case kind == "keyring" && rest != "":
		return a.readKept(ctx, model.SecretRef(rest))
	}
	return model.Secret{}, usage("Write -, env:NAME, file:PATH, cmd:COMMAND, keyring:REF or prompt.",
		"%s is no source of a secret.", describeSource(source))
}

// describeSource repeats a source in a message, unless somebody wrote the secret
// itself where a source belongs.
func describeSource(source string) string {
	kind, _, ok := strings.Cut(source, ":")
	if ok && len(kind) <= 8 {
		return kind + ":…"
	}
	return "What was given"
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

// commandOutput runs the person's own command and takes what it prints.
func commandOutput(ctx context.Context, command string) (model.Secret, error) {
	shell, flag := "sh", "-c"
	if runtime.GOOS == "windows" {
		shell, flag = "cmd", "/c"
	}
	c := exec.CommandContext(ctx, shell, flag, command)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &limitWriter{w: &out, left: maxSecretBytes}, os.Stderr
	if err := c.Run(); err != nil {
		return model.Secret{}, fmt.Errorf("the command for the secret ended with: %w", err)
	}
	return readAll(&out, "the command's output")
}

// limitWriter takes so many bytes and then refuses more.
type limitWriter struct {
	w    io.Writer
	left int
}

func (l *limitWriter) Write(p []byte) (int, error) {
	if len(p) > l.left {
		return 0, fmt.Errorf("more than %d bytes", maxSecretBytes)
	}
	l.left -= len(p)
	return l.w.Write(p)
}

// readKept reads the value of a saved secret.
func (a *app) readKept(ctx context.Context, ref model.SecretRef) (model.Secret, error) {
	name, err := ref.Name(a.scope())
	if err != nil {
		return model.Secret{}, usage("Write it as account.id, org.id or id.", "%s", err)
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
	return keys.Get(ctx, name)
}
