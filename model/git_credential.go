package model

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// GitRequest is what git asks a credential helper, or tells it of a credential
// (git-scm.com/docs/git-credential, Input/Output Format). Every text in it came
// from a remote's address or from a server: none holds a control character.
type GitRequest struct {
	// Protocol and Host say where; Host has its port where the address gives one.
	Protocol, Host string
	// Path is the repository's, without a first slash. Git sends it over HTTP only
	// where credential.useHttpPath is set.
	Path string
	// Username is what the address names, or on erase what was refused.
	Username string
	// Password is the value that was refused or accepted, Credential the same where
	// git was given an AuthType.
	Password, Credential Secret
	AuthType             string
	// WWWAuth are the WWW-Authenticate headers of the server's answer, from git 2.41.
	WWWAuth []string
	// TakesAuthType says that git can send an Authorization header of another kind
	// than Basic, from git 2.46.
	TakesAuthType bool
}

// GitAnswer is the credential for a request; the zero value is none.
type GitAnswer struct {
	// Username and Password are for Basic, AuthType and Credential for any other
	// kind. Exactly one pair is set.
	Username   string
	Password   Secret
	AuthType   string
	Credential Secret
	// Expires is when the credential ends, zero when that is not known.
	Expires time.Time
}

// Bounds of what a helper reads. Git itself writes a few lines of a few hundred
// bytes.
const (
	maxGitInput = 256 << 10
	maxGitLine  = 64 << 10
	maxGitLines = 1000
)

// ErrGitRequest says that the text is no request that a helper may act on.
var ErrGitRequest = errors.New("not a request of git's credential protocol")

// ReadGitRequest reads one request up to its empty line or the end of the text.
// Attributes nobody here knows are skipped, as the protocol asks. A line without
// "=", a control character in one, too long a line and too much of them are
// ErrGitRequest: an address that smuggles a line break into the protocol must not
// get another host's credential.
func ReadGitRequest(r io.Reader) (GitRequest, error) {
	limited := &io.LimitedReader{R: r, N: maxGitInput}
	in := bufio.NewScanner(limited)
	in.Buffer(nil, maxGitLine)
	in.Split(wholeLines)
	var req GitRequest
	for lines := 0; in.Scan(); lines++ {
		line := in.Bytes()
		if len(line) == 0 {
			return req, nil
		}
		key, value, found := bytes.Cut(line, []byte{'='})
		if !found || lines >= maxGitLines || bytes.ContainsFunc(line, isControl) {
			return GitRequest{}, ErrGitRequest
		}
		req.set(string(key), string(value))
	}
	if err := in.Err(); err != nil {
		return GitRequest{}, fmt.Errorf("%w: %w", ErrGitRequest, err)
	}
	if limited.N == 0 {
		return GitRequest{}, ErrGitRequest
	}
	return req, nil
}

// wholeLines splits at line feeds alone: a carriage return is no end of a line
// here, but a control character in one.
func wholeLines(data []byte, atEOF bool) (int, []byte, error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// set takes one attribute. Of an attribute that comes twice the last one counts;
// of a list every one does, and an empty one begins it anew.
func (req *GitRequest) set(key, value string) {
	switch key {
	case "protocol":
		req.Protocol = value
	case "host":
		req.Host = value
	case "path":
		req.Path = value
	case "username":
		req.Username = value
	case "password":
		req.Password = NewSecret(value)
	case "authtype":
		req.AuthType = value
	case "credential":
		req.Credential = NewSecret(value)
	case "wwwauth[]":
		if req.WWWAuth = append(req.WWWAuth, value); value == "" {
			req.WWWAuth = nil
		}
	case "capability[]":
		req.TakesAuthType = value == "authtype" || req.TakesAuthType && value != ""
	}
}

// Value is the credential a request tells of, whichever way it is written.
func (req GitRequest) Value() Secret {
	if !req.Credential.IsZero() {
		return req.Credential
	}
	return req.Password
}

// offers reports whether the server named a kind of authentication.
func (req GitRequest) offers(scheme string) bool {
	return slices.ContainsFunc(req.WWWAuth, func(header string) bool {
		name, _, _ := strings.Cut(strings.TrimSpace(header), " ")
		return strings.EqualFold(name, scheme)
	})
}

// IsZero reports whether there is no credential.
func (a GitAnswer) IsZero() bool { return a.Password.IsZero() && a.Credential.IsZero() }

// WriteTo writes the answer as git reads it; nothing at all for none. A value with
// a line break or a NUL in it cannot be written and is ErrGitRequest.
func (a GitAnswer) WriteTo(w io.Writer) (int64, error) {
	if a.IsZero() {
		return 0, nil
	}
	lines := [][2]string{{"username", a.Username}, {"password", a.Password.Reveal()}}
	if a.AuthType != "" {
		lines = [][2]string{{"capability[]", "authtype"}, {"authtype", a.AuthType}, {"credential", a.Credential.Reveal()}}
	}
	if !a.Expires.IsZero() {
		lines = append(lines, [2]string{"password_expiry_utc", strconv.FormatInt(a.Expires.Unix(), 10)})
	}
	var b bytes.Buffer
	for _, l := range lines {
		if strings.ContainsFunc(l[1], isControl) {
			return 0, ErrGitRequest
		}
		b.WriteString(l[0] + "=" + l[1] + "\n")
	}
	n, err := w.Write(b.Bytes())
	return int64(n), err
}
