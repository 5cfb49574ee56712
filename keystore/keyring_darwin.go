package keystore

import (
	"context"

	"bbconnect/model"
)

const (
	osLabel = "macOS Keychain"
	// osLimit: go-keyring hands the value to the security program as one line of
	// at most 4,096 bytes, in base64, beside the service and the name. With the
	// longest service and name this package takes, 2,560 bytes always fit.
	osLimit = 2560
	// osRemedy is what a person can do where there is no keychain to use.
	osRemedy = "Sign in on the desktop, so that macOS makes and unlocks the login keychain"
)

// osPreflight has nothing to find out: the security program answers or fails.
var osPreflight func(context.Context) (health, error)

func systemProblem(error) *model.Problem { return nil }
