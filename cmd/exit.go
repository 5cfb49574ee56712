package cmd

import (
	"context"
	"errors"
	"fmt"

	"bbconnect/internal/flow"
	"bbconnect/internal/store"
	"bbconnect/keystore"
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

// answersError is a connector that flags, files and piped lines leave
// unfinished: wrong usage, told with the code of its first finding.
type answersError struct{ problem *model.Problem }

func (e answersError) Error() string { return e.problem.Error() }
func (e answersError) Unwrap() error { return e.problem }

// failedError says that the thing asked for did not succeed, after everything
// about it was printed already.
type failedError struct{ code int }

func (e failedError) Error() string { return fmt.Sprintf("exit %d", e.code) }

// errCancelled ends a run that the person broke off.
var errCancelled = errors.New("cancelled; nothing was changed")

// exitCode is the code of the contract for an error.
func exitCode(err error) int {
	var done failedError
	var wrong usageError
	var answers answersError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &done):
		return done.code
	case errors.As(err, &wrong), errors.As(err, &answers):
		return exitUsage
	case errors.Is(err, errCancelled), errors.Is(err, context.Canceled):
		return exitCancelled
	case errors.Is(err, store.ErrNotFound), errors.Is(err, flow.ErrNoSecret), errors.Is(err, keystore.ErrNotFound):
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
