package keystore

import (
	"context"
	"errors"
	"syscall"

	"bbconnect/model"
)

const (
	osLabel = "Windows Credential Manager"
	// osLimit is CRED_MAX_CREDENTIAL_BLOB_SIZE, 5 * 512 bytes (wincred.h).
	osLimit = 2560
	// osRemedy is what a person can do where there is no Credential Manager.
	osRemedy = "Sign in with a password"
)

// noSuchLogonSession is what the Credential Manager answers where nobody has
// logged in with a password: a service, or ssh with a key.
const noSuchLogonSession = syscall.Errno(1312)

// osPreflight has nothing to find out: the Credential Manager always answers.
var osPreflight func(context.Context) (health, error)

func systemProblem(err error) *model.Problem {
	switch {
	case errors.Is(err, noSuchLogonSession):
		return unavailable("The Credential Manager is not there in this session.",
			"Windows opens it at a login with a password; services and ssh logins with a key have none.", err)
	case errors.Is(err, syscall.ERROR_ACCESS_DENIED):
		return denied("Windows does not let this program reach the Credential Manager.", err)
	}
	return nil
}
