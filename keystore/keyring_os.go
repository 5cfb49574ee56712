package keystore

import (
	"errors"

	"github.com/zalando/go-keyring"
)

// osRing is the operating system's keyring: the Secret Service on Linux and the
// BSDs, the login keychain on macOS, the Credential Manager on Windows.
type osRing struct{}

func (osRing) Get(service, user string) (string, error) {
	value, err := keyring.Get(service, user)
	return value, absent(err)
}

func (osRing) Set(service, user, value string) error { return keyring.Set(service, user, value) }

func (osRing) Delete(service, user string) error { return absent(keyring.Delete(service, user)) }

// absent gives the library's error for a missing item this package's name.
func absent(err error) error {
	if errors.Is(err, keyring.ErrNotFound) {
		return ErrNotFound
	}
	return err
}
