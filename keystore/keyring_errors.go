package keystore

import (
	"context"
	"errors"
	"net"
	"os/exec"
	"strings"

	dbus "github.com/godbus/dbus/v5"
	"github.com/zalando/go-keyring"

	"bbconnect/model"
)

// errNotGone says that a deletion was reported as done and was not.
var errNotGone = errors.New("the value is still there")

// classify turns what a keyring library returns into the errors of this
// package. Unknown errors are keystore.unavailable and quote the library.
func classify(err error) error {
	if problem := known(err); problem != nil {
		return problem
	}
	switch {
	case errors.Is(err, ErrNotFound), errors.Is(err, keyring.ErrNotFound):
		return ErrNotFound
	case errors.Is(err, context.Canceled):
		return context.Canceled
	}
	return unavailable("The keyring reported an error.", "It said: "+printable(err.Error(), 300)+".", err)
}

// known is the problem of an error whose meaning is known, or nil.
func known(err error) *model.Problem {
	if problem, ok := model.AsProblem(err); ok {
		return problem
	}
	var bus dbus.Error
	var exit *exec.ExitError
	var dial *net.OpError
	switch {
	case errors.As(err, &bus):
		return busProblem(bus, err)
	case errors.As(err, &exit):
		return securityProblem(exit.ExitCode(), err)
	case errors.As(err, &dial), errors.Is(err, dbus.ErrClosed):
		return noBus(err)
	case errors.Is(err, errPanic):
		return unavailable("The keyring went away while it was asked.", "It or the session bus has ended.", err)
	case errors.Is(err, errNotGone):
		return denied("The value could not be deleted; the question to allow it was probably dismissed.", err)
	case errors.Is(err, errParts):
		return damaged("The value in the keyring is damaged.",
			"It is kept in parts, and they were changed or deleted.", "Set the secret again.", err)
	case errors.Is(err, keyring.ErrSetDataTooBig):
		return &model.Problem{
			Code: codeTooBig, What: "The value is too big for this keyring.",
			Fix: "Keep it in the encrypted vault.", Cause: err,
		}
	case errors.Is(err, keyring.ErrUnsupportedPlatform):
		return unavailable("This platform has no keyring that bbconnect can use.", "", err)
	case strings.Contains(err.Error(), "failed to unlock"):
		// go-keyring has no type for this (secret_service.go).
		return locked(err)
	default:
		return systemProblem(err)
	}
}

// noBus is a Linux session without a message bus: ssh, a container, cron.
func noBus(cause error) *model.Problem {
	return unavailable("There is no session bus, so no keyring can be reached.",
		"Keyrings on Linux live in a desktop session; ssh sessions, containers and services have none.", cause)
}

// noService is a bus nobody offers a keyring on.
func noService(cause error) *model.Problem {
	return unavailable("No keyring runs in this session.",
		"Nothing on the session bus offers the Secret Service (org.freedesktop.secrets).", cause)
}

// noCollection is a Secret Service that has nowhere to put anything.
func noCollection(label string, cause error) *model.Problem {
	p := unavailable(capital(label)+" has no keyring to keep secrets in.",
		"There is neither a login keyring nor a default one; it is made at the first graphical login.", cause)
	p.Fix = "Create a default keyring (in Passwords and Keys, or open a database in KeePassXC), or " + elsewhere + "."
	return p
}

// busProblem reads the names of D-Bus errors (D-Bus and Secret Service API
// specifications).
func busProblem(bus dbus.Error, err error) *model.Problem {
	switch bus.Name {
	case "org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner",
		"org.freedesktop.DBus.Error.Spawn.ServiceNotFound", "org.freedesktop.DBus.Error.Spawn.ExecFailed",
		"org.freedesktop.DBus.Error.Spawn.ChildExited", "org.freedesktop.DBus.Error.Spawn.ChildSignaled":
		return noService(err)
	case "org.freedesktop.DBus.Error.NoReply", "org.freedesktop.DBus.Error.Timeout", "org.freedesktop.DBus.Error.TimedOut":
		p := timedOut(0, err)
		p.What = "The keyring has not answered."
		return p
	case "org.freedesktop.DBus.Error.AccessDenied", "org.freedesktop.DBus.Error.AuthFailed":
		return denied("The session bus does not let this program reach the keyring.", err)
	case "org.freedesktop.Secret.Error.IsLocked":
		return locked(err)
	case "org.freedesktop.DBus.Error.Disconnected", "org.freedesktop.DBus.Error.NoServer":
		return noBus(err)
	}
	return unavailable("The keyring reported an error.", "It said: "+printable(bus.Name+": "+bus.Error(), 300)+".", err)
}

// securityProblem reads the exit code of macOS's security program: the lowest
// byte of the Security framework's result (SecBase.h).
func securityProblem(code int, err error) *model.Problem {
	switch code {
	case 36: // errSecInteractionNotAllowed -25308: locked, and nobody can be asked
		return locked(err)
	case 51: // errSecAuthFailed -25293
		return denied("The keychain's password was wrong, or the item belongs to another program.", err)
	case 128: // errSecUserCanceled -128
		return denied("The keychain's question was cancelled.", err)
	case 37, 50: // errSecNoDefaultKeychain -25307, errSecNoSuchKeychain -25294
		return unavailable("There is no default keychain.", "macOS makes one at the first login.", err)
	}
	return unavailable("The keychain reported an error.", "It said: "+printable(err.Error(), 300)+".", err)
}
