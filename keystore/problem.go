package keystore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"bbconnect/internal/disk"
	"bbconnect/model"
)

// The codes of this package's problems.
const (
	codeUnavailable = "keystore.unavailable"
	codeLocked      = "keystore.locked"
	codeDenied      = "keystore.denied"
	codeTimeout     = "keystore.timeout"
	codeTooBig      = "keystore.too-big"
	codeDamaged     = "store.damaged"
	codeBusy        = "store.busy"
	codeNewer       = "store.newer"
)

// elsewhere is the remedy that helps whatever is wrong with a keyring.
const elsewhere = "keep secrets in the encrypted vault, or be asked for them each time"

// unavailable is a keyring that cannot be reached at all.
func unavailable(what, why string, cause error) *model.Problem {
	return &model.Problem{
		Code: codeUnavailable, What: what, Why: why,
		Fix:   osRemedy + ", or " + elsewhere + ".",
		Cause: cause,
	}
}

// locked is a keyring that answers, but does not open.
func locked(cause error) *model.Problem {
	return &model.Problem{
		Code:  codeLocked,
		What:  "The keyring is locked.",
		Why:   "Nobody has unlocked it in this session, or the question for its password was dismissed.",
		Fix:   "Unlock it and try again (a window may be open that asks for its password), or " + elsewhere + ".",
		Cause: cause,
	}
}

// denied is a keyring that refused this program.
func denied(why string, cause error) *model.Problem {
	return &model.Problem{
		Code: codeDenied, What: "The keyring refused access.", Why: why,
		Fix:   "Allow bbconnect to use the keyring and try again, or " + elsewhere + ".",
		Cause: cause,
	}
}

// timedOut is a keyring that took the call and did not answer.
func timedOut(after time.Duration, cause error) *model.Problem {
	return &model.Problem{
		Code:  codeTimeout,
		What:  fmt.Sprintf("The keyring has not answered within %s.", after.Round(100*time.Millisecond)),
		Why:   "It may be waiting in a window for your password, or be stuck.",
		Fix:   "Answer the window and try again; where there is none, restart the keyring, or " + elsewhere + ".",
		Cause: cause,
	}
}

// stillWaiting is a call that was not made because an earlier one hangs.
func stillWaiting() *model.Problem {
	return &model.Problem{
		Code: codeTimeout,
		What: "An earlier call to the keyring is still waiting for its answer.",
		Why:  "The keyring takes one call at a time, and may be waiting in a window for your password.",
		Fix:  "Answer the window and try again; where there is none, restart the keyring, or " + elsewhere + ".",
	}
}

// tooBig is a value above a limit; detail, when known, says whose limit it is.
func tooBig(length, limit int, detail string) *model.Problem {
	if detail == "" {
		detail = "Passwords, tokens and private keys are far smaller, so this is probably another file."
	}
	return &model.Problem{
		Code: codeTooBig,
		What: fmt.Sprintf("The value has %d bytes, and at most %d can be kept.", length, limit),
		Why:  detail,
		Fix:  "Check that the value is the secret itself.",
	}
}

// notKept is a store that reported success and did not keep the value.
func notKept(where string) *model.Problem {
	return &model.Problem{
		Code: codeDenied,
		What: "The value was not kept.",
		Why:  capital(where) + " reported success, but gives back something else; the question to allow it was probably dismissed.",
		Fix:  "Try again and allow it, or " + elsewhere + ".",
	}
}

// damaged is a store whose contents cannot be trusted.
func damaged(what, why, fix string, cause error) *model.Problem {
	return &model.Problem{Code: codeDamaged, What: what, Why: why, Fix: fix, Cause: cause}
}

// ended turns a context's end into the error a caller should see: its own error
// after a cancellation, otherwise the problem given.
func ended(ctx context.Context, late *model.Problem) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	late.Cause = ctx.Err()
	return late
}

// fileProblem tells what the disk said about the file of a vault.
func fileProblem(path string, err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, disk.ErrBusy):
		return &model.Problem{
			Code: codeBusy, What: "The vault is being changed by somebody else.",
			Why: "Another bbconnect holds " + path + ".lock.",
			Fix: "Wait for it to end and try again.", Cause: err,
		}
	case errors.Is(err, disk.ErrTooBig), errors.Is(err, disk.ErrNotRegular):
		return damaged("The vault "+path+" is not one.", "It is a folder, a device or far too big.",
			"Move it away, or restore the vault from a backup.", err)
	default:
		return &model.Problem{
			Code: codeUnavailable, What: "The vault " + path + " cannot be used.",
			Why: "The system says: " + printable(err.Error(), 300) + ".",
			Fix: "Make the folder writable and check that the disk is not full.", Cause: err,
		}
	}
}

// printable makes one harmless line of a text from outside: control characters
// and invalid UTF-8 become spaces, runs of space one, and it ends after limit
// characters.
func printable(text string, limit int) string {
	clean := strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	clean = strings.Join(strings.Fields(clean), " ")
	if runes := []rune(clean); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return clean
}

// capital begins a sentence.
func capital(text string) string {
	for i, r := range text {
		return string(unicode.ToUpper(r)) + text[i+len(string(r)):]
	}
	return text
}
