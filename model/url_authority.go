package model

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

var (
	schemeForm  = pattern(`^([A-Za-z][A-Za-z0-9+.-]*)://`)
	schemeSlip  = pattern(`^(?i:(https?|ssh)):/?([^/].*)$`)
	helperForm  = pattern(`^[A-Za-z0-9+.-]+::`)
	windowsPath = pattern(`^[A-Za-z]:[\\/]`)
	// hostBehind is a host, in what follows an @.
	hostBehind = pattern(`^(\[[0-9A-Fa-f:.]+\]|localhost|[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)+\.?)(:\d+)?([:/?#]|$)`)
)

// otherSchemes are git's and npm's spellings that Harness does not take, and
// what they stand for.
var otherSchemes = map[string]string{
	"git": "https", "git+ssh": "ssh", "ssh+git": "ssh", "git+https": "https", "git+http": "https",
}

// readAuthority reads scheme and login and leaves host, port and path in rest.
func (r *urlReader) readAuthority() bool {
	r.a.Transport = HTTP
	switch m := schemeForm().FindStringSubmatch(r.word); {
	case m != nil:
		r.rest = r.word[len(m[0]):]
		if !r.readScheme(m[1]) {
			return false
		}
	case helperForm().MatchString(r.word), windowsPath().MatchString(r.word), strings.HasPrefix(r.word, `\\`),
		strings.HasPrefix(r.word, "/"), strings.HasPrefix(r.word, "."), strings.HasPrefix(r.word, "~"):
		return r.badScheme()
	default:
		r.rest = r.word
		if m := schemeSlip().FindStringSubmatch(r.word); m != nil && !strings.Contains(m[2], "::") {
			r.rest = m[2]
			r.mend("url.double-slash")
			r.readScheme(m[1])
		}
	}
	r.takeLogin()
	if !r.schemed {
		r.guessTransport()
	}
	if strings.HasPrefix(r.user, "-") || strings.HasPrefix(r.rest, "-") {
		return r.injection()
	}
	r.judgeLogin()
	return true
}

func (r *urlReader) badScheme() bool {
	return r.stop("url.scheme", "Harness reaches Bitbucket over https and ssh alone.",
		"Paste the address that Bitbucket shows under Clone.")
}

func (r *urlReader) readScheme(written string) bool {
	scheme := strings.ToLower(written)
	if written != scheme {
		r.mend("url.case")
	}
	r.schemed = true
	if stands, ok := otherSchemes[scheme]; ok {
		r.mend("url.scheme")
		scheme = stands
	}
	switch scheme {
	case "https":
	case "http":
		r.a.plain = true
	case "ssh":
		r.a.Transport = SSH
	default:
		return r.badScheme()
	}
	return true
}

// takeLogin cuts user and password off rest. A token's / + = may stand there
// unescaped, so the @ that counts is not always within the authority.
func (r *urlReader) takeLogin() {
	end := strings.IndexAny(r.rest, `/?#\`)
	if end < 0 {
		end = len(r.rest)
	}
	authority := r.rest[:end]
	at, unescaped := strings.LastIndex(authority, "@"), false
	colon := strings.Index(authority, ":")
	single := !strings.Contains(authority[at+1:], ".")
	if (colon >= 0 && (at < 0 || colon < at)) || single {
		if late := r.lateAt(end, at < 0 || single); late > at {
			at, unescaped = late, true
		}
	}
	if at < 0 {
		return
	}
	info := r.rest[:at]
	r.rest = r.rest[at+1:]
	user, password, both := strings.Cut(info, ":")
	r.hasUser, r.user = true, unescape(user)
	switch {
	case looksSecret(r.user):
		r.secret, r.user = NewSecret(r.user), ""
	case both && password != "":
		r.secret, r.secretUser = NewSecret(unescape(password)), r.user
	case unescaped:
		r.secret, r.user = NewSecret(info), ""
	default:
		return
	}
	r.mend("url.secret-embedded")
	if unescaped {
		r.mend("url.secret-unescaped")
	}
}

// lateAt is the last @ behind the authority that a host follows, -1 for none;
// anywhere says whether to look into query and fragment as well.
func (r *urlReader) lateAt(from int, anywhere bool) int {
	limit := len(r.rest)
	if i := strings.IndexAny(r.rest[from:], "?#"); i >= 0 && !anywhere {
		limit = from + i
	}
	for i := limit - 1; i >= from; i-- {
		if r.rest[i] == '@' && hostBehind().MatchString(r.rest[i+1:]) {
			return i
		}
	}
	return -1
}

func unescape(s string) string {
	if plain, err := url.PathUnescape(s); err == nil {
		return plain
	}
	return s
}

// guessTransport tells git@host:path and host/path from each other.
func (r *urlReader) guessTransport() {
	host, path, colon := strings.Cut(r.rest, ":")
	if end := strings.IndexAny(host, "/?#"); end >= 0 {
		host, path, colon = host[:end], "", false
	}
	number, _, _ := strings.Cut(path, "/")
	port, notNumber := strconv.Atoi(number)
	switch {
	case !r.secret.IsZero():
		r.mend("url.scheme-added")
	case r.hasUser && (r.user == UserSSH || (colon && notNumber != nil)):
		r.a.Transport = SSH
		r.readSCP(colon)
	case colon && notNumber != nil && number != "":
		r.a.Transport = SSH
		r.readSCP(true)
	case port == 22 || port == portDataCenterSSH || slices.Contains([]string{hostCloudSSH, hostCloudAlt}, strings.ToLower(host)):
		r.a.Transport = SSH
		r.mend("url.scheme-added")
	default:
		r.mend("url.scheme-added")
	}
}

// readSCP reads git@host:path, with the mistakes that are made in it: a port
// behind the colon, or no colon at all.
func (r *urlReader) readSCP(colon bool) {
	if !colon {
		r.mend("url.missing-colon")
		r.a.scp = strings.HasSuffix(strings.ToLower(strings.SplitN(r.rest, "/", 2)[0]), hostCloud)
		if !r.a.scp {
			host, path, _ := strings.Cut(r.rest, "/")
			r.rest = host + ":" + strconv.Itoa(portDataCenterSSH) + "/" + path
		}
		return
	}
	host, path, _ := strings.Cut(r.rest, ":")
	parts := strings.Split(strings.Trim(path, "/"), "/")
	_, notNumber := strconv.Atoi(parts[0])
	cloud := isCloudHost(strings.ToLower(host))
	if notNumber == nil && (!cloud || len(parts) > 2) {
		r.mend("url.scp-port")
		return
	}
	r.a.scp = true
	if strings.HasPrefix(path, "-") {
		r.rest = path
		return
	}
	r.rest = host + "/" + path
}

// judgeLogin says what becomes of the login once it is off.
func (r *urlReader) judgeLogin() {
	switch {
	case r.a.Transport == SSH && (!r.hasUser || r.user != UserSSH):
		r.mend("url.ssh-user")
	case r.a.Transport == HTTP && r.hasUser && r.secret.IsZero():
		r.secretUser = r.user
		r.mend("url.user")
	}
}
