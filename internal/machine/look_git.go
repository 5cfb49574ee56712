package machine

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"bbconnect/model"
)

// The ids of the looks at git's own sign-in.
const (
	LookGitHelper    = "git.helper"
	LookGitPasswords = "git.passwords"
)

// GitHost is a Bitbucket that git may be asked for a credential of.
type GitHost struct {
	// URL is scheme and host, with the port where there is one, in lower case.
	URL string
	// NeedsPath says that saved connectors of the host have different credentials,
	// so that git has to name the repository.
	NeedsPath bool
}

func (h GitHost) name() string {
	_, name, _ := strings.Cut(h.URL, "://")
	return name
}

// bare is the host without its port.
func (h GitHost) bare() string {
	name, _, _ := strings.Cut(h.name(), ":")
	return name
}

// gitPatience and maxGitSettings bound what is asked of git.
const (
	gitPatience    = 3 * time.Second
	maxGitSettings = 1 << 20
)

// GitSettings are git's settings as "git config --list --show-origin -z" prints
// them, of the system, the person and the current checkout. Includes count, which
// only git itself can follow. No setting makes git run a program for this.
func GitSettings(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, gitPatience)
	defer cancel()
	c := exec.CommandContext(ctx, "git", "config", "--list", "--show-origin", "-z")
	c.WaitDelay = time.Second
	out, err := c.Output()
	if len(out) > maxGitSettings {
		out = out[:maxGitSettings]
	}
	return out, err
}

// gitHelper is one credential helper that git asks for a host.
type gitHelper struct {
	// name is one of git's own, "another program", or "" for this one.
	name, origin string
}

// helperNames are helpers by the program's name, as they call themselves.
var helperNames = map[string]string{
	"store": "store", "cache": "cache", "osxkeychain": "osxkeychain", "manager": "manager", "manager-core": "manager",
	"libsecret": "libsecret", "wincred": "wincred", "gnome-keyring": "gnome-keyring", "netrc": "netrc", "oauth": "oauth",
}

// helperName names a helper without repeating its line: people write passwords
// into it.
func helperName(line string) string {
	if strings.Contains(line, "bbconnect") && strings.Contains(line, "git-credential") {
		return ""
	}
	first, _, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "!")), " ")
	first = strings.TrimSuffix(filepath.Base(strings.ReplaceAll(strings.Trim(first, `"'`), `\`, "/")), ".exe")
	if known := helperNames[strings.TrimPrefix(first, "git-credential-")]; known != "" {
		return known
	}
	return "another program"
}

// gitSignIn is what git does to sign in to one host: the helpers it asks, in
// order, and whether it names the repository.
type gitSignIn struct {
	helpers []gitHelper
	path    bool
}

// signIn reads git's settings for a host. Every helper whose section fits is asked,
// in the order of the files, and an empty one forgets those before it
// (gitcredentials, Configuration Options).
func signIn(settings []byte, host GitHost) gitSignIn {
	var out gitSignIn
	fields := strings.Split(string(settings), "\x00")
	for i := 0; i+1 < len(fields); i += 2 {
		key, value, _ := strings.Cut(fields[i+1], "\n")
		section, name, ok := credentialKey(key)
		if !ok || section != "" && !fitsHost(section, host) {
			continue
		}
		switch name {
		case "helper":
			if value == "" {
				out.helpers = nil
				continue
			}
			out.helpers = append(out.helpers, gitHelper{helperName(value), strings.TrimPrefix(fields[i], "file:")})
		case "usehttppath":
			out.path = slices.Contains([]string{"", "true", "yes", "on", "1"}, strings.ToLower(value))
		}
	}
	return out
}

// credentialKey takes credential[.URL].NAME apart.
func credentialKey(key string) (section, name string, ok bool) {
	rest, ok := strings.CutPrefix(key, "credential.")
	if !ok {
		return "", "", false
	}
	dot := strings.LastIndexByte(rest, '.')
	if dot < 0 {
		return "", rest, true
	}
	return rest[:dot], rest[dot+1:], true
}

// fitsHost reports whether a section's address is the host's, whatever user or
// path it names.
func fitsHost(section string, host GitHost) bool {
	scheme, rest, ok := strings.Cut(strings.ToLower(section), "://")
	if !ok {
		scheme, _, _ = strings.Cut(host.URL, "://") // git takes a bare host too
		rest = strings.ToLower(section)
	}
	rest, _, _ = strings.Cut(rest, "/")
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	rest = strings.TrimSuffix(rest, map[string]string{"https": ":443", "http": ":80"}[scheme])
	if after, wild := strings.CutPrefix(rest, "*."); wild {
		_, domain, _ := strings.Cut(host.name(), ".")
		rest = host.name()[:len(host.name())-len(domain)] + after
	}
	return scheme+"://"+rest == host.URL
}

// GitHelper looks at whom git asks for the credentials of each host: another helper
// before this program answers with whatever it has kept, which after a migration
// is the old password. settings are those of GitSettings, err its error.
func GitHelper(settings []byte, err error, hosts []GitHost) model.Check {
	l := newLook(LookGitHelper, "Git's credential helper")
	if err != nil {
		l.check.Status, l.check.Detail = model.CheckSkip, "git was not asked"
		if errors.Is(err, exec.ErrNotFound) {
			l.check.Detail = "git is not installed"
		}
		return l.check
	}
	ours := 0
	for _, host := range hosts {
		s := signIn(settings, host)
		at := slices.IndexFunc(s.helpers, func(h gitHelper) bool { return h.name == "" })
		if at < 0 {
			continue
		}
		ours++
		if at > 0 {
			l.warn(shadowed(s.helpers[0], host))
		}
		if host.NeedsPath && !s.path {
			l.warn(&model.Problem{
				Code: "machine.git-path", What: "Git does not say which repository of " + host.name() + " it means.",
				Why:      "Several connectors of the host have different credentials, so none of them is sent.",
				Fix:      "Have git say it.",
				Commands: []string{"git config --global credential." + host.URL + ".useHttpPath true"},
			})
		}
	}
	l.check.Detail = fmt.Sprintf("git asks bbconnect for %d of %d hosts", ours, len(hosts))
	if ours == 0 {
		l.check.Detail = "git does not ask bbconnect; bbconnect git-credential --help says how"
	}
	return l.check
}

func shadowed(first gitHelper, host GitHost) *model.Problem {
	key := "credential." + host.URL + ".helper"
	return &model.Problem{
		Code: "machine.git-helper", What: "For " + host.name() + " git asks " + first.name + " before bbconnect.",
		Why: "It stands in " + first.origin + ", and may answer with an old password.",
		Fix: "Keep other helpers away from this host.",
		Commands: []string{
			"git config --global --replace-all " + key + ` ""`,
			"git config --global --add " + key + " '!bbconnect git-credential'",
		},
	}
}
