package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"bbconnect/internal/flow"
	"bbconnect/internal/store"
	"bbconnect/model"
)

// The exit codes of the contract.
const (
	exitDone      = 0
	exitFailed    = 1
	exitUsage     = 2
	exitNotFound  = 3
	exitKeystore  = 4
	exitConflict  = 5
	exitCancelled = 130
)

// usageError is a wrong way to call the program.
type usageError struct{ text, fix string }

func (e usageError) Error() string { return e.text }

func usage(fix, format string, args ...any) error {
	return usageError{text: fmt.Sprintf(format, args...), fix: fix}
}

// failed says that the thing asked for did not succeed, after everything about
// it was printed already.
type failedError struct{ code int }

func (e failedError) Error() string { return fmt.Sprintf("exit %d", e.code) }

// errCancelled ends a run that the person broke off.
var errCancelled = errors.New("cancelled; nothing was changed")

// exitCode is the code of the contract for an error.
func exitCode(err error) int {
	var done failedError
	var wrong usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &done):
		return done.code
	case errors.As(err, &wrong):
		return exitUsage
	case errors.Is(err, errCancelled), errors.Is(err, context.Canceled):
		return exitCancelled
	case errors.Is(err, store.ErrNotFound), errors.Is(err, flow.ErrNoSecret):
		return exitNotFound
	}
	if p, ok := model.AsProblem(err); ok {
		return problemExit(p.Code)
	}
	return exitFailed
}

func problemExit(code string) int {
	switch code {
	case "keystore.unavailable", "keystore.locked", "keystore.denied", "keystore.timeout", "keystore.too-big":
		return exitKeystore
	case "store.conflict", "store.busy":
		return exitConflict
	}
	return exitFailed
}

// jsonError is how an error looks with --json.
type jsonError struct {
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Fix     string `json:"fix"`
	} `json:"error"`
}

// printError is the one place where the command line says what went wrong.
func printError(out, errOut io.Writer, asJSON bool, err error) {
	var done failedError
	if err == nil || errors.As(err, &done) {
		return
	}
	code, message, why, fix := describeError(err)
	if asJSON {
		var doc jsonError
		doc.Error.Code, doc.Error.Message, doc.Error.Fix = code, message, fix
		_ = json.NewEncoder(out).Encode(doc)
		return
	}
	fmt.Fprintf(errOut, "✗ %s", message)
	if code != "" {
		fmt.Fprintf(errOut, "  (%s)", code)
	}
	fmt.Fprintln(errOut)
	for _, line := range []string{why, fix} {
		if line != "" {
			fmt.Fprintln(errOut, "  "+line)
		}
	}
}

func describeError(err error) (code, message, why, fix string) {
	if p, ok := model.AsProblem(err); ok {
		return p.Code, p.What, p.Why, p.Fix
	}
	var wrong usageError
	switch {
	case errors.As(err, &wrong):
		return "usage", wrong.text, "", wrong.fix
	case errors.Is(err, errCancelled), errors.Is(err, context.Canceled):
		return "cancelled", "Cancelled.", "", ""
	case errors.Is(err, store.ErrNotFound):
		return "notfound", err.Error(), "", "bbconnect list shows what is saved."
	case errors.Is(err, flow.ErrNoSecret):
		return "notfound", "There is no such secret.", "", "bbconnect secret list shows the named secrets."
	}
	return "", err.Error(), "", ""
}
