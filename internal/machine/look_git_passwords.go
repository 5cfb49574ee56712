package machine

import (
	"fmt"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"

	"bbconnect/model"
)

// maxPasswords is how many lines with a password are named.
const maxPasswords = 5

// storedPassword is a line of a file that holds a password, by its number alone.
type storedPassword struct {
	file string
	line int
	host string
}

func (s storedPassword) String() string { return fmt.Sprintf("%s, line %d", s.file, s.line) }

// GitPasswords looks for passwords of the hosts in the files where git and the
// library it speaks HTTP with find them: .netrc, which goes before every helper
// (curl, CURLOPT_NETRC), and the files of git's own store helper. They are named by
// file and line; no value is kept or shown.
func GitPasswords(home string, getenv func(string) string, hosts []GitHost) model.Check {
	l := newLook(LookGitPasswords, "Passwords in git's files")
	names := []string{".netrc"}
	if runtime.GOOS == "windows" {
		names = append(names, "_netrc")
	}
	for _, name := range names {
		file := filepath.Join(home, name)
		if found := netrcPasswords(file, hosts); len(found) > 0 {
			l.warn(&model.Problem{
				Code: "machine.git-password", What: "A password for " + found[0].host + " stands in " + listed(found) + ".",
				Why: "Git sends it before it asks any helper, and everybody who reads the file has it.",
				Fix: "Delete the lines of that machine from the file.",
			})
		}
	}
	config := orWord(getenv("XDG_CONFIG_HOME"), filepath.Join(home, ".config"))
	for _, file := range []string{filepath.Join(home, ".git-credentials"), filepath.Join(config, "git", "credentials")} {
		if found := storedPasswords(file, hosts); len(found) > 0 {
			l.warn(&model.Problem{
				Code: "machine.git-password", What: "A password for " + found[0].host + " stands in " + listed(found) + ".",
				Why: "Git's store helper keeps it there as plain text and answers with it, however old it is.",
				Fix: "Delete that line from the file.",
			})
		}
	}
	if l.check.Problem == nil {
		l.check.Detail = "none for the hosts of the connectors"
	}
	return l.check
}

func listed(found []storedPassword) string {
	var out []string
	for i, s := range found {
		if i == maxPasswords {
			out = append(out, fmt.Sprintf("and %d more", len(found)-i))
			break
		}
		out = append(out, s.String())
	}
	return strings.Join(out, "; ")
}

// maxPasswordFile bounds a file that is looked at.
const maxPasswordFile = 1 << 20

// storedPasswords reads a file of git's store helper: one address with user and
// password on each line (git-credential-store, Storage Format).
func storedPasswords(file string, hosts []GitHost) []storedPassword {
	text, _ := readRegular(file, maxPasswordFile)
	var out []storedPassword
	line := 0
	for entry := range strings.Lines(text) {
		line++
		u, err := url.Parse(strings.TrimSpace(entry))
		if err != nil || u.User == nil {
			continue
		}
		for _, h := range hosts {
			if strings.EqualFold(u.Scheme+"://"+u.Host, h.URL) {
				out = append(out, storedPassword{file, line, h.name()})
			}
		}
	}
	return out
}

// netrcPasswords reads a .netrc: words, of which "machine NAME" begins an entry
// and "default" one for every host; a macdef goes to the next empty line
// (ftp(1), The .netrc File).
func netrcPasswords(file string, hosts []GitHost) []storedPassword {
	text, _ := readRegular(file, maxPasswordFile)
	var out []storedPassword
	line, macro, name := 0, false, ""
	before := ""
	for row := range strings.Lines(text) {
		line++
		words := strings.Fields(row)
		if macro {
			macro = len(words) > 0
			continue
		}
		for _, word := range words {
			if strings.HasPrefix(word, "#") && before != "password" && before != "login" {
				break
			}
			switch {
			case before == "machine":
				name = word
				word = ""
			case before == "password":
				for _, h := range hosts {
					if name == "*" || strings.EqualFold(name, h.bare()) {
						out = append(out, storedPassword{file, line, h.name()})
						break
					}
				}
				word = ""
			case before == "login" || before == "account":
				word = ""
			case word == "default":
				name = "*"
			case word == "macdef":
				macro = true
			}
			before = word
			if macro {
				break
			}
		}
	}
	return out
}
