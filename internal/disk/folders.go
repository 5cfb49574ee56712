package disk

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
)

// appFolder is the folder's name inside each of the platform's user folders.
const appFolder = "bbconnect"

// Folders are absolute paths of the three kinds of files. They need not exist:
// WriteFile and Lock create what is missing.
type Folders struct {
	// Data must be kept: connectors, the list of secrets, the vault.
	Data string
	// State may be deleted without losing anything of value: drafts, test
	// results, journals, the log.
	State string
	// Config holds the person's choices.
	Config string
}

// UserFolders finds the folders of the person who runs the program. getenv is
// os.Getenv, or a stand-in.
//
//   - $BBCONNECT_HOME, when set, holds all three as data, state and config; a
//     relative value is taken from the working directory.
//   - Linux and the BSDs follow the XDG Base Directory Specification 0.8:
//     $XDG_DATA_HOME, $XDG_STATE_HOME and $XDG_CONFIG_HOME, with ~/.local/share,
//     ~/.local/state and ~/.config where one is unset or relative.
//   - macOS: data, state and config in ~/Library/Application Support/bbconnect.
//   - Windows: data and config in %AppData%\bbconnect, which follows the person
//     to other machines, and state in %LocalAppData%\bbconnect, which does not.
//
// It fails when the platform does not say where the home folder is.
func UserFolders(getenv func(string) string) (Folders, error) {
	return userFolders(runtime.GOOS, getenv)
}

func userFolders(goos string, getenv func(string) string) (Folders, error) {
	if home := getenv("BBCONNECT_HOME"); home != "" {
		home, err := filepath.Abs(home)
		if err != nil {
			return Folders{}, fmt.Errorf("BBCONNECT_HOME: %w", err)
		}
		return under(home), nil
	}
	switch goos {
	case "windows":
		return windowsFolders(getenv)
	case "darwin", "ios":
		home, err := absolute(getenv, "HOME")
		if err != nil {
			return Folders{}, err
		}
		return under(filepath.Join(home, "Library", "Application Support", appFolder)), nil
	default:
		return xdgFolders(getenv)
	}
}

// under lays the three folders out below one.
func under(home string) Folders {
	return Folders{
		Data:   filepath.Join(home, "data"),
		State:  filepath.Join(home, "state"),
		Config: filepath.Join(home, "config"),
	}
}

func windowsFolders(getenv func(string) string) (Folders, error) {
	roaming, errRoaming := absolute(getenv, "AppData")
	local, errLocal := absolute(getenv, "LocalAppData")
	if err := errors.Join(errRoaming, errLocal); err != nil {
		return Folders{}, err
	}
	folders := under(filepath.Join(roaming, appFolder))
	folders.State = filepath.Join(local, appFolder, "state")
	return folders, nil
}

// xdgFolders asks for HOME only where a variable does not answer, so that a
// service account with its three XDG folders needs no home.
func xdgFolders(getenv func(string) string) (Folders, error) {
	var failed error
	find := func(variable string, fallback ...string) string {
		// The specification has relative values ignored.
		if dir := getenv(variable); filepath.IsAbs(dir) {
			return filepath.Join(dir, appFolder)
		}
		home, err := absolute(getenv, "HOME")
		if err != nil {
			failed = err
			return ""
		}
		return filepath.Join(append(append([]string{home}, fallback...), appFolder)...)
	}
	folders := Folders{
		Data:   find("XDG_DATA_HOME", ".local", "share"),
		State:  find("XDG_STATE_HOME", ".local", "state"),
		Config: find("XDG_CONFIG_HOME", ".config"),
	}
	if failed != nil {
		return Folders{}, failed
	}
	return folders, nil
}

// absolute reads a variable that must hold an absolute path.
func absolute(getenv func(string) string, variable string) (string, error) {
	dir := getenv(variable)
	if dir == "" {
		return "", fmt.Errorf("%s is not set; set it, or set BBCONNECT_HOME to a folder of your choice", variable)
	}
	if !filepath.IsAbs(dir) {
		return "", fmt.Errorf("%s is not an absolute path; set BBCONNECT_HOME to a folder of your choice", variable)
	}
	return dir, nil
}
