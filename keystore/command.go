package keystore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"bbconnect/model"
)

const (
	// commandTime bounds a command when its context has no deadline: long enough
	// for a fingerprint, short enough to notice one that waits for input.
	commandTime = 60 * time.Second
	// commandGrace is how long a command that was told to end may keep its output
	// open before it is cut off.
	commandGrace = 500 * time.Millisecond
	// nameVariable hands the secret's name to the command in its environment.
	nameVariable = "BBCONNECT_SECRET_NAME"
	placeholder  = "{name}"
	stderrKept   = 4 << 10
)

// Command reads values from a program of the person's choice: a line for the
// shell (sh -c, cmd /c on Windows) that prints the value.
type Command struct{ line string }

// NewCommand returns a store that runs line for each value. {name} in it stands
// for the secret's whole name, which is in $BBCONNECT_SECRET_NAME as well:
//
//	pass show bitbucket/{name}
//
// The command gets no terminal and no input. One line end after the value is
// taken off.
func NewCommand(line string) *Command { return &Command{line: line} }

// Get runs the command. A command that succeeds and prints nothing means
// ErrNotFound; one that fails is keystore.unavailable with what it said.
func (c *Command) Get(ctx context.Context, name model.SecretName) (model.Secret, error) {
	if err := checkName(name); err != nil {
		return model.Secret{}, err
	}
	line, err := fillIn(c.line, name)
	if err != nil {
		return model.Secret{}, err
	}
	return runCommand(ctx, line, nameVariable+"="+string(name))
}

// CommandOutput runs one line of shell and returns what it prints, under the
// rules of Command. It is the cmd: source of a value.
func CommandOutput(ctx context.Context, line string) (model.Secret, error) {
	return runCommand(ctx, line)
}

// Set refuses: the command only reads.
func (c *Command) Set(context.Context, model.SecretName, model.Secret) error { return c.readOnly() }

// Delete refuses: the command only reads.
func (c *Command) Delete(context.Context, model.SecretName) error { return c.readOnly() }

func (c *Command) readOnly() error {
	return &model.Problem{
		Code: codeDenied,
		What: "This value is kept by the program behind " + c.Describe() + ".",
		Why:  "A command only prints values; bbconnect cannot change them.",
		Fix:  "Change the value there. bbconnect reads it anew each time.",
	}
}

// Prove checks that there is a command and a shell to run it. Whether it knows
// a secret shows when one is read.
func (c *Command) Prove(ctx context.Context) error {
	if strings.TrimSpace(c.line) == "" {
		return &model.Problem{
			Code: codeUnavailable, What: "No command is set that prints secrets.",
			Fix: "Set secretCommand in config.yaml, for example: pass show bitbucket/{name}.",
		}
	}
	if _, err := exec.LookPath(shellName); err != nil {
		return &model.Problem{
			Code: codeUnavailable, What: "The shell " + shellName + " is not there to run the command.",
			Fix: "Install it, or " + elsewhere + ".", Cause: err,
		}
	}
	return ctx.Err()
}

// Where implements Store.
func (c *Command) Where() model.Where { return model.WhereCommand }

// Describe names the program only: people put things into command lines that
// are not for the screen.
func (c *Command) Describe() string { return "the command " + program(c.line) }

func program(line string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(line), " ")
	if first == "" || strings.Contains(first, "=") {
		return "for secrets"
	}
	return printable(first, 40)
}

// fillIn puts the name in the place of {name}. Of all characters a name may
// have, only the dollar sign means something to a shell, and no way of quoting
// it is right in every place a person may have put {name}.
func fillIn(line string, name model.SecretName) (string, error) {
	if strings.Contains(line, placeholder) && dollarIsSpecial && strings.Contains(string(name), "$") {
		return "", &model.Problem{
			Code: codeUnavailable,
			What: fmt.Sprintf("The name %s cannot be put into the command.", name),
			Why:  "It has a $, which the shell would take for a variable.",
			Fix:  `Write "$` + nameVariable + `" instead of {name} in the command.`,
		}
	}
	return strings.ReplaceAll(line, placeholder, string(name)), nil
}

// runCommand runs a line of shell and returns its output.
func runCommand(ctx context.Context, line string, env ...string) (model.Secret, error) {
	ctx, cancel := within(ctx, commandTime)
	defer cancel()
	cmd := shell(ctx, line)
	cmd.Env = append(os.Environ(), env...)
	cmd.WaitDelay = commandGrace
	out := &bounded{limit: MaxSize + 2, strict: true} // room for a line end, which is taken off
	said := &bounded{limit: stderrKept}
	cmd.Stdout, cmd.Stderr = out, said
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return model.Secret{}, ended(ctx, &model.Problem{
			Code: codeTimeout,
			What: "The command " + program(line) + " has not ended in time.",
			Why:  "It may be waiting for input, and it gets none here.",
			Fix:  "Run it by hand; log in or unlock what it asks for, then try again.",
		})
	case err != nil && !out.cut:
		return model.Secret{}, commandFailed(line, err, said.String(), out.String())
	}
	value := strings.TrimSuffix(strings.TrimSuffix(out.String(), "\n"), "\r")
	switch {
	case out.cut || len(value) > MaxSize:
		return model.Secret{}, tooBig(MaxSize+1, MaxSize, "The command "+program(line)+" printed more than a secret.")
	case value == "":
		return model.Secret{}, ErrNotFound
	}
	return model.NewSecret(value), nil
}

// commandFailed quotes what the command said on its standard error, without
// anything it may have printed as a value.
func commandFailed(line string, err error, said, printed string) error {
	for _, word := range strings.Fields(printed) {
		if len(word) >= 4 {
			said = strings.ReplaceAll(said, word, "•••")
		}
	}
	why := "It said nothing about the reason."
	if text := printable(said, 300); text != "" {
		why = "It said: " + text
	}
	what := "The command " + program(line) + " could not be run."
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		what = fmt.Sprintf("The command %s ended with code %d.", program(line), exit.ExitCode())
	}
	return &model.Problem{
		Code: codeUnavailable, What: what, Why: why,
		Fix: "Run it by hand until it prints the secret, then try again.", Cause: err,
	}
}

// bounded keeps the first bytes that are written to it. It drops the rest, or
// when strict fails, which closes the pipe to a command that never stops.
type bounded struct {
	buf    bytes.Buffer
	limit  int
	strict bool
	cut    bool
}

func (b *bounded) Write(data []byte) (int, error) {
	keep := min(len(data), b.limit-b.buf.Len())
	b.buf.Write(data[:keep])
	b.cut = b.cut || keep < len(data)
	if b.cut && b.strict {
		return keep, io.ErrShortWrite
	}
	return len(data), nil
}

func (b *bounded) String() string { return b.buf.String() }
