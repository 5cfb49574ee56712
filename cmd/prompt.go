package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

// lineReader reads lines from one shared buffer, so that answers piped in are
// not lost between two questions.
type lineReader struct{ r *bufio.Reader }

func newLineReader(r io.Reader) *lineReader { return &lineReader{r: bufio.NewReader(r)} }

// errNoAnswer says that the input ended before an answer came.
var errNoAnswer = usageError{text: "The input ended before every question was answered.", fix: "Give the rest with --set and --secret."}

// line reads one line, without its end.
func (l *lineReader) line() (string, error) {
	text, err := l.r.ReadString('\n')
	if err != nil && text == "" {
		if errors.Is(err, io.EOF) {
			return "", errNoAnswer
		}
		return "", err
	}
	return strings.TrimRight(text, "\r\n"), nil
}

// promptSecret asks for a secret on the terminal, without echo.
func (a *app) promptSecret(label string) (model.Secret, error) {
	if a.readSecretLine == nil {
		return model.Secret{}, usage("Use env:NAME, file:PATH or - instead.", "There is no terminal to ask for %s on.", label)
	}
	fmt.Fprintf(a.errOut, "%s (not shown): ", label)
	line, err := a.readSecretLine()
	fmt.Fprintln(a.errOut)
	if err != nil {
		return model.Secret{}, errCancelled
	}
	return model.NewSecret(line), nil
}

// askSecret is the flow.Asker of the command line.
func (a *app) askSecret(ctx context.Context, q flow.Question) (model.Secret, error) {
	if q.Problem != nil {
		fmt.Fprintln(a.errOut, "! "+q.Problem.What)
	}
	if q.Name != "" {
		return a.promptSecret("Value of " + string(q.Name.Ref()))
	}
	if !q.New {
		return a.promptSecret("Passphrase of the vault")
	}
	first, err := a.promptSecret("Choose a passphrase for the vault")
	if err != nil {
		return model.Secret{}, err
	}
	second, err := a.promptSecret("The same passphrase again")
	if err != nil {
		return model.Secret{}, err
	}
	if !first.Equal(second) {
		return a.askSecret(ctx, flow.Question{New: true, Problem: &model.Problem{What: "The two differ."}})
	}
	return first, nil
}

// confirm asks yes or no; without a terminal the answer is no.
func (a *app) confirm(question string) (bool, error) {
	if a.readSecretLine == nil {
		return false, nil
	}
	fmt.Fprintf(a.errOut, "%s [y/N] ", question)
	line, err := a.lines.line()
	if err != nil {
		return false, err
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return true, nil
	}
	return false, nil
}
