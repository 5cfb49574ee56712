package machine

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
)

// Bounds of what is read and returned.
const (
	maxConfig  = 1 << 20 // bytes of a config file
	maxLevels  = 64      // folders up from the start
	maxRemotes = 32
	maxURL     = 2048 // bytes of one address
)

// Remotes returns the addresses of the git remotes of the checkout that holds
// dir, origin first, then in the file's order, without repeats. Push addresses
// count too. There are none where dir is in no checkout, nothing can be read, or
// the context ends first: what is offered from here is a convenience, so it
// never fails.
//
// The configuration is read, not asked of git: no program is started, no hook
// and no setting of a stranger's checkout can run anything. Worktrees and
// submodules are followed to where their configuration is; include and insteadOf
// are not.
//
// An address is as written, except that a password is taken out of it, and a
// user name too where that is a token. An address that cannot be read well
// enough to be sure of that is left out.
func Remotes(ctx context.Context, dir string) []string {
	found := make(chan []string, 1)
	// A folder on a dead network drive blocks for as long as the system likes; the
	// goroutine then outlives the answer, and nothing else does.
	go func() { found <- remotes(ctx, dir) }()
	select {
	case <-ctx.Done():
		return nil
	case urls := <-found:
		return urls
	}
}

func remotes(ctx context.Context, dir string) []string {
	config := findConfig(ctx, dir)
	if config == "" {
		return nil
	}
	text, ok := readRegular(config, maxConfig)
	if !ok {
		return nil
	}
	var first, rest []string
	for _, e := range parseConfig(text) {
		if e.section != "remote" || (e.key != "url" && e.key != "pushurl") {
			continue
		}
		if e.subsection == "origin" {
			first = append(first, e.value)
		} else {
			rest = append(rest, e.value)
		}
	}
	var out []string
	for _, raw := range append(first, rest...) {
		if u := withoutSecret(raw); u != "" && !slices.Contains(out, u) && len(out) < maxRemotes {
			out = append(out, u)
		}
	}
	return out
}

// findConfig walks up to the first folder with a .git in it and returns the
// path of that checkout's configuration, "" where there is none
// (gitrepository-layout).
func findConfig(ctx context.Context, dir string) string {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	for range maxLevels {
		if ctx.Err() != nil {
			return ""
		}
		git := filepath.Join(dir, ".git")
		if info, err := os.Stat(git); err == nil {
			if !info.IsDir() {
				git = followFile(git, dir)
			}
			if git == "" {
				return ""
			}
			return filepath.Join(commonDir(git), "config")
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
	return ""
}

// followFile reads the .git file of a worktree or a submodule.
func followFile(file, dir string) string {
	text, ok := readRegular(file, 8<<10)
	if !ok {
		return ""
	}
	target, ok := strings.CutPrefix(strings.TrimSpace(text), "gitdir:")
	if !ok {
		return ""
	}
	return resolve(dir, target)
}

// commonDir is where a worktree shares its configuration with the others, git
// itself for any other checkout.
func commonDir(git string) string {
	text, ok := readRegular(filepath.Join(git, "commondir"), 8<<10)
	if !ok {
		return git
	}
	return resolve(git, text)
}

func resolve(base, path string) string {
	path = strings.TrimSpace(path)
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(base, filepath.FromSlash(path))
}

// readRegular reads a file of at most limit bytes. It does not open pipes and
// devices, on which a read could wait for ever.
func readRegular(path string, limit int64) (string, bool) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > limit {
		return "", false
	}
	f, err := os.Open(path)
	if err != nil {
		return "", false
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit))
	return string(data), err == nil
}

// withoutSecret returns the address without the secrets people keep in it, ""
// where that cannot be told.
func withoutSecret(raw string) string {
	raw = strings.TrimSpace(raw)
	if raw == "" || len(raw) > maxURL || strings.ContainsFunc(raw, unicode.IsControl) {
		return ""
	}
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return scpWithoutSecret(raw)
	}
	rest, _, _ = strings.Cut(rest, "?")
	rest, _, _ = strings.Cut(rest, "#")
	end := strings.IndexByte(rest, '/')
	if end < 0 {
		end = len(rest)
	}
	authority, path := rest[:end], rest[end:]
	at := strings.LastIndexByte(authority, '@')
	host := authority[at+1:]
	// A password with an unescaped slash puts its end into the path.
	if strings.Contains(path, "@") || !portIsNumber(host) {
		return ""
	}
	user := ""
	if at >= 0 {
		user, _, _ = strings.Cut(authority[:at], ":")
	}
	if user == "" || looksLikeToken(user) {
		return scheme + "://" + host + path
	}
	return scheme + "://" + user + "@" + host + path
}

// scpWithoutSecret judges git@host:path and plain paths. There is no place for
// a password in them, so a second @ or one after the colon is a mistake.
func scpWithoutSecret(raw string) string {
	head, tail, colon := strings.Cut(raw, ":")
	if !colon {
		return raw
	}
	user, _, hasUser := strings.Cut(head, "@")
	if strings.Contains(tail, "@") || strings.Count(head, "@") > 1 || (hasUser && looksLikeToken(user)) {
		return ""
	}
	return raw
}

func portIsNumber(host string) bool {
	if strings.HasPrefix(host, "[") {
		_, after, closed := strings.Cut(host, "]")
		host = "v6" + after
		if !closed {
			return false
		}
	}
	_, port, _ := strings.Cut(host, ":")
	return !strings.ContainsFunc(port, func(r rune) bool { return r < '0' || r > '9' })
}

// looksLikeToken reports whether a user name is a credential: it begins like
// one of Bitbucket's or a common neighbour's, or is longer than user names are.
func looksLikeToken(user string) bool {
	for _, prefix := range []string{"ATATT", "ATCTT", "ATBB", "BBDC-", "ghp_", "gho_", "github_pat_", "glpat-"} {
		if strings.HasPrefix(user, prefix) {
			return true
		}
	}
	return len(user) > 64
}
