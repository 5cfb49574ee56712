#!/bin/sh
# Runs a command in a session of its own with a real, unlocked Secret Service:
#
#     with-secret-service.sh COMMAND [ARGUMENT]...
#
# Needs dbus-run-session, dbus-send and gnome-keyring-daemon. Nothing of the
# person's own session is touched: home, keyrings, runtime folder and bus are
# private and go when the command ends, as do the daemons. Ends with the
# command's exit code.
set -eu

# The address of a socket has 108 bytes: where temporary files have long names,
# the room is made elsewhere.
folder=${TMPDIR:-/tmp}
[ "${#folder}" -le 60 ] || folder=/tmp
room=$(mktemp -d "$folder/bbss.XXXXXXXX")
trap 'rm -rf "$room"' EXIT
trap 'exit 130' INT TERM

# The caches of the Go tool stay where they are, or all would be built again.
if command -v go >/dev/null 2>&1; then
	GOCACHE=${GOCACHE:-$(go env GOCACHE)}
	GOMODCACHE=${GOMODCACHE:-$(go env GOMODCACHE)}
	GOPATH=${GOPATH:-$(go env GOPATH)}
	export GOCACHE GOMODCACHE GOPATH
fi

HOME=$room/home
XDG_DATA_HOME=$room/data
XDG_CONFIG_HOME=$room/config
XDG_CACHE_HOME=$room/cache
XDG_RUNTIME_DIR=$room/run
export HOME XDG_DATA_HOME XDG_CONFIG_HOME XDG_CACHE_HOME XDG_RUNTIME_DIR
mkdir -m 700 "$HOME" "$XDG_DATA_HOME" "$XDG_CONFIG_HOME" "$XDG_CACHE_HOME" "$XDG_RUNTIME_DIR"
unset DISPLAY WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS GNOME_KEYRING_CONTROL || true

# The inner shell sees the new bus. It waits until the service has its name,
# since the daemon returns earlier than that.
dbus-run-session -- sh -eu -c '
	printf %s unlocked | gnome-keyring-daemon --unlock --components=secrets \
		>"$XDG_RUNTIME_DIR/daemon.out" 2>"$XDG_RUNTIME_DIR/daemon.err"
	tries=0
	until dbus-send --session --print-reply=literal --dest=org.freedesktop.DBus / \
		org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets | grep -q true
	do
		tries=$((tries + 1))
		if [ "$tries" -gt 1000 ]; then
			echo "the Secret Service has not come up:" >&2
			cat "$XDG_RUNTIME_DIR/daemon.err" >&2
			exit 1
		fi
		sleep 0.05
	done
	exec "$@"
' sh "$@"
