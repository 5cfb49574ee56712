//go:build !windows && !darwin

package keystore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	dbus "github.com/godbus/dbus/v5"

	"bbconnect/model"
)

const (
	osLabel = "the desktop keyring"
	// osLimit: the Secret Service has no limit below D-Bus's own 128 MiB.
	osLimit = 0
	// osRemedy is what a person can do where there is no keyring to use.
	osRemedy = "Start a keyring such as GNOME Keyring or KeePassXC in this session"

	busVariable     = "DBUS_SESSION_BUS_ADDRESS"
	busName         = "org.freedesktop.DBus"
	secretsName     = "org.freedesktop.secrets"
	secretsPath     = "/org/freedesktop/secrets"
	secretsService  = "org.freedesktop.Secret.Service"
	loginCollection = "/org/freedesktop/secrets/collection/login"
)

func systemProblem(error) *model.Problem { return nil }

// osPreflight looks for the Secret Service on the session bus.
func osPreflight(ctx context.Context) (health, error) {
	address, err := busAddress(os.Getenv, filepath.Join("/run/user", strconv.Itoa(os.Getuid()), "bus"))
	if err != nil {
		return health{}, err
	}
	found, err := lookAt(ctx, address)
	if err != nil || os.Getenv(busVariable) == address {
		return found, err
	}
	// go-keyring reads the variable and, without one, launches a bus that is never
	// stopped. It must see the address that was found.
	return found, os.Setenv(busVariable, address)
}

// busAddress finds the session bus as D-Bus clients do: the variable, then the
// socket systemd makes for each user (sd_bus_open_user(3)). It never launches
// one, which an address of autolaunch: asks for.
func busAddress(getenv func(string) string, userBus string) (string, error) {
	if address := getenv(busVariable); address != "" && !strings.HasPrefix(address, "autolaunch:") {
		return address, nil
	}
	sockets := []string{userBus}
	if runtime := getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(runtime) {
		sockets = []string{filepath.Join(runtime, "bus"), userBus}
	}
	for _, socket := range sockets {
		if info, err := os.Stat(socket); err == nil && info.Mode()&fs.ModeSocket != 0 {
			return "unix:path=" + dbus.EscapeBusAddressValue(socket), nil
		}
	}
	return "", noBus(nil)
}

// lookAt asks, on a connection of its own that ends with the context, what
// go-keyring would wait for without end: whether a Secret Service is there or
// can be started, whether it answers, and whether it will first have to ask the
// person to unlock it.
func lookAt(ctx context.Context, address string) (health, error) {
	conn, err := dbus.Connect(address, dbus.WithContext(ctx))
	if err != nil {
		return health{}, orEnded(ctx, noBus(err))
	}
	defer conn.Close()
	if err := wake(ctx, conn); err != nil {
		return health{}, orEnded(ctx, err)
	}
	found := health{label: providerName(ctx, conn)}
	collection, err := defaultCollection(ctx, conn)
	if err != nil {
		return health{}, orEnded(ctx, err)
	}
	if collection == "/" {
		return health{}, noCollection(found.label, nil)
	}
	// A provider without this property answers when it is asked for the value.
	if locked, err := property(ctx, conn, collection, "org.freedesktop.Secret.Collection", "Locked"); err == nil {
		found.locked, _ = locked.Value().(bool)
	}
	return found, ctx.Err()
}

// wake starts the Secret Service unless it runs. Asking for the owner comes
// first: a bus refuses to start a service that has no .service file, also when
// it runs already, as KeePassXC does.
func wake(ctx context.Context, conn *dbus.Conn) error {
	var runs bool
	err := conn.BusObject().CallWithContext(ctx, busName+".NameHasOwner", 0, secretsName).Store(&runs)
	if err != nil || runs {
		return err
	}
	var reply uint32
	return conn.BusObject().CallWithContext(ctx, busName+".StartServiceByName", 0, secretsName, uint32(0)).Store(&reply)
}

// orEnded prefers the end of the context to what that looked like.
func orEnded(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// defaultCollection is the collection go-keyring will use, or / for none.
func defaultCollection(ctx context.Context, conn *dbus.Conn) (dbus.ObjectPath, error) {
	all, err := property(ctx, conn, secretsPath, secretsService, "Collections")
	if err != nil {
		return "", err
	}
	if paths, ok := all.Value().([]dbus.ObjectPath); ok && slices.Contains(paths, loginCollection) {
		return loginCollection, nil
	}
	path := dbus.ObjectPath("/")
	err = conn.Object(secretsName, secretsPath).CallWithContext(ctx, secretsService+".ReadAlias", 0, "default").Store(&path)
	return path, err
}

func property(ctx context.Context, conn *dbus.Conn, path dbus.ObjectPath, of, name string) (dbus.Variant, error) {
	var value dbus.Variant
	err := conn.Object(secretsName, path).CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, of, name).Store(&value)
	return value, err
}

// providerName names the program behind the Secret Service, where /proc tells.
func providerName(ctx context.Context, conn *dbus.Conn) string {
	var pid uint32
	err := conn.BusObject().CallWithContext(ctx, busName+".GetConnectionUnixProcessID", 0, secretsName).Store(&pid)
	if err != nil {
		return osLabel
	}
	comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if errors.Is(err, fs.ErrNotExist) {
		return osLabel
	}
	switch program := strings.TrimSpace(string(comm)); {
	case strings.HasPrefix(program, "gnome-keyring"):
		return "GNOME keyring"
	case strings.HasPrefix(program, "keepassxc"):
		return "KeePassXC"
	case strings.HasPrefix(program, "kwallet"), strings.HasPrefix(program, "ksecret"):
		return "KDE Wallet"
	default:
		return osLabel
	}
}
