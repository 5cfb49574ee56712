package machine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"bbconnect/model"
)

// The ids of the looks at this machine.
const (
	LookTerminal     = "terminal"
	LookProxy        = "proxy"
	LookCertificates = "certificates"
	LookSSH          = "ssh"
	LookFiles        = "files"
	LookPassphrase   = "files.passphrase"
)

// proxyPatience is how long a proxy may take to accept a connection.
const proxyPatience = 3 * time.Second

// A look begins as a pass; every trouble it meets may only make it graver, and
// the first of the gravest is the one that is told.
type look struct{ check model.Check }

func newLook(id, title string) *look {
	return &look{model.Check{ID: id, Title: title, Status: model.CheckPass}}
}

// warn and fail hang a problem on the look.
func (l *look) warn(p *model.Problem) {
	if l.check.Status == model.CheckPass || l.check.Status == model.CheckSkip {
		l.check.Status, l.check.Problem = model.CheckWarn, p
	}
}

func (l *look) fail(p *model.Problem) {
	if l.check.Status != model.CheckFail {
		l.check.Status, l.check.Problem = model.CheckFail, p
	}
}

// Terminal looks at the terminal the program runs in. columns and rows are 0
// where there is none.
func Terminal(columns, rows int, getenv func(string) string) model.Check {
	l := newLook(LookTerminal, "Terminal")
	name := getenv("TERM")
	if columns == 0 || rows == 0 {
		l.check.Status, l.check.Detail = model.CheckSkip, "no terminal here"
		return l.check
	}
	l.check.Detail = fmt.Sprintf("%s, %d columns, %d rows, %s", orWord(name, "no TERM"), columns, rows, colours(getenv))
	switch {
	case name == "" || name == "dumb":
		l.warn(&model.Problem{
			Code: "machine.terminal", What: "This terminal gets plain lines instead of screens.",
			Why: "TERM is " + orWord(name, "not set") + ".", Fix: "Set TERM to what the terminal is, xterm-256color for most.",
		})
	case columns < 60 || rows < 16:
		l.warn(&model.Problem{
			Code: "machine.terminal", What: "The window is too small for the screens.",
			Why: fmt.Sprintf("They need 60 columns and 16 rows; this one has %d and %d.", columns, rows), Fix: "Make the window larger.",
		})
	case !speaksUTF8(getenv):
		l.warn(&model.Problem{
			Code: "machine.terminal", What: "Marks and letters may come out wrong.",
			Why: "The locale is not a UTF-8 one.", Fix: "Set LANG to a UTF-8 locale, C.UTF-8 for example.",
		})
	case getenv("TMUX") != "":
		l.check.Detail += "; in tmux copying needs set -g set-clipboard on"
	}
	return l.check
}

func orWord(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func colours(getenv func(string) string) string {
	switch {
	case getenv("NO_COLOR") != "":
		return "no colours (NO_COLOR)"
	case getenv("COLORTERM") == "truecolor" || getenv("COLORTERM") == "24bit":
		return "all colours"
	case strings.Contains(getenv("TERM"), "256"):
		return "256 colours"
	}
	return "16 colours or fewer"
}

// speaksUTF8 follows POSIX: LC_ALL goes before LC_CTYPE, that before LANG.
// Windows has none of them and draws Unicode all the same.
func speaksUTF8(getenv func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value := getenv(name); value != "" {
			value = strings.ToLower(value)
			return strings.Contains(value, "utf-8") || strings.Contains(value, "utf8")
		}
	}
	return getenv("OS") == "Windows_NT" || getenv("TERM_PROGRAM") != ""
}

// Proxy looks at the proxy that HTTPS_PROXY names: whether its address can be
// read and whether it takes a connection. dial is the system's where it is nil.
func Proxy(ctx context.Context, getenv func(string) string, dial func(context.Context, string, string) (net.Conn, error)) model.Check {
	l := newLook(LookProxy, "Proxy")
	upper, lower := getenv("HTTPS_PROXY"), getenv("https_proxy")
	value := orWord(upper, lower)
	if value == "" {
		l.check.Detail = "none set"
		return l.check
	}
	address, err := proxyAddress(value)
	if err != nil {
		l.fail(&model.Problem{
			Code: "machine.proxy", What: "The proxy's address cannot be read.", Why: "HTTPS_PROXY is set to something that names no proxy.",
			Fix: "Write http://HOST:PORT, and percent-encode special characters of a password.",
		})
		return l.check
	}
	l.check.Detail = address
	if upper != "" && lower != "" && upper != lower {
		l.warn(&model.Problem{
			Code: "machine.proxy", What: "Two proxies are set.", Why: "HTTPS_PROXY and https_proxy differ; git takes the small one, this program the large one.",
			Fix: "Set both to the same, or only one.",
		})
	}
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	ctx, cancel := context.WithTimeout(ctx, proxyPatience)
	defer cancel()
	conn, err := dial(ctx, "tcp", address)
	if err != nil {
		l.fail(&model.Problem{
			Code: "net.refused", What: "The proxy " + address + " takes no connection.", Why: "HTTPS_PROXY names it, so every test over HTTPS goes through it.",
			Fix: "Check the address, or add the Bitbucket host to NO_PROXY.", Cause: err,
		})
		return l.check
	}
	_ = conn.Close()
	return l.check
}

var errNoProxy = errors.New("not the address of a proxy")

// proxyAddress is host:port of a proxy's address, as Go reads HTTPS_PROXY: the
// scheme may be missing. Errors never quote it, since it may hold a password.
func proxyAddress(value string) (string, error) {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.Scheme == "" {
		if u, err = url.Parse("http://" + value); err != nil {
			return "", errNoProxy
		}
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}[u.Scheme]
	}
	if u.Hostname() == "" || port == "" || strings.ContainsFunc(u.Host, func(r rune) bool { return r <= ' ' }) {
		return "", errNoProxy
	}
	return net.JoinHostPort(u.Hostname(), port), nil
}

// Files looks at who else may read what is kept in the folders. Windows has no
// such bits: there the folders are the person's own.
func Files(folders ...string) model.Check {
	l := newLook(LookFiles, "Files only you may read")
	if !hasOwnerBits() {
		l.check.Detail = "guarded by the user's folder"
		return l.check
	}
	var open []string
	for _, folder := range folders {
		open = append(open, openTo(folder)...)
	}
	if len(open) == 0 {
		return l.check
	}
	l.warn(&model.Problem{
		Code: "machine.permissions", What: fmt.Sprintf("Other people on this machine may read %s.", counted(len(open))),
		Why: "Connectors name hosts, users and secrets. No value of a secret is in them.",
		Fix: "Take the permission away.", Commands: chmods(open),
	})
	return l.check
}

func counted(n int) string {
	if n == 1 {
		return "one file or folder"
	}
	return fmt.Sprintf("%d files and folders", n)
}

// maxChmods is how many lines are offered; more than that are a folder's.
const maxChmods = 5

func chmods(paths []string) []string {
	var lines []string
	for i, path := range paths {
		if i == maxChmods {
			break
		}
		lines = append(lines, "chmod go-rwx "+quoted(path))
	}
	return lines
}

// quoted writes a path for sh.
func quoted(path string) string {
	if strings.Trim(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-") == "" {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

// openTo is a folder or file that others may read, or nothing. What is in a folder
// that is closed to them needs no look.
func openTo(folder string) []string {
	info, err := os.Stat(folder)
	if err != nil {
		return nil
	}
	if info.Mode().Perm()&0o077 != 0 {
		return []string{folder}
	}
	return nil
}

// refusedAgent reports a socket nobody listens on.
func refusedAgent(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, fs.ErrNotExist)
}

// PassphraseFile looks at the file that opens the vault where nobody can be asked:
// whether it can be read, and by nobody else. "" is no such file.
func PassphraseFile(path string) model.Check {
	l := newLook(LookPassphrase, "Passphrase file of the vault")
	if path == "" {
		l.check.Status, l.check.Detail = model.CheckSkip, "none named"
		return l.check
	}
	l.check.Detail = path
	if _, ok := readRegular(path, maxPassphrase); !ok {
		l.fail(&model.Problem{
			Code: "keystore.locked", What: "The vault's passphrase file cannot be read.", Why: "BBCONNECT_VAULT_PASSPHRASE_FILE names " + path + ".",
			Fix: "Correct BBCONNECT_VAULT_PASSPHRASE_FILE, or unset it to be asked.",
		})
		return l.check
	}
	if hasOwnerBits() && len(openTo(path)) > 0 {
		l.warn(&model.Problem{
			Code: "machine.permissions", What: "Other people on this machine may read the vault's passphrase.",
			Why: "With it and the vault's file every secret can be read.", Fix: "Take the permission away.", Commands: chmods([]string{path}),
		})
	}
	return l.check
}

// maxPassphrase bounds the file of a passphrase.
const maxPassphrase = 64 << 10
