package cmd

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"bbconnect/model"
	"bbconnect/ui"
)

// redactor takes out of a report what says whose it is: people, workspaces,
// projects, repositories, connectors and secrets get numbers, the same for the same
// name throughout. Hosts do where that is asked for. What it does not know by name
// it knows by its place: the values of a log's line, the path of an address.
type redactor struct {
	hosts bool
	// names are the pseudonyms by lower-case name; counts how many there are of a
	// kind. phrases are names of several words.
	names   map[string]string
	counts  map[string]int
	phrases []string
	sorted  bool
	// home and user are the person's on this machine, machine is its name.
	home, user, machine string

	address, email, field, word *regexp.Regexp
}

func newRedactor(hosts bool, home, user, machine string) *redactor {
	return &redactor{
		hosts: hosts, names: map[string]string{}, counts: map[string]int{}, home: home, user: user, machine: machine,
		address: regexp.MustCompile(`(?i)\b(https?|ssh)://[^\s"'<>]+|\b[a-z_][\w.-]*@[\w.-]+:[^\s"'<>]+`),
		email:   regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}`),
		field:   regexp.MustCompile(`([\w-]+)=("(?:[^"\\]|\\.)*"|\S*)`),
		word:    regexp.MustCompile(`[\p{L}\p{N}_.$~-]+`),
	}
}

// shortestName is the length below which a name is left alone, since it would be
// found in every other word: it identifies nobody.
const shortestName = 2

// as is the pseudonym of a name: CONNECTOR-3.
func (r *redactor) as(kind, name string) string {
	key := strings.ToLower(strings.TrimSpace(name))
	if len(key) < shortestName {
		return strings.ToUpper(kind)
	}
	if known, ok := r.names[key]; ok {
		return known
	}
	r.counts[kind]++
	alias := fmt.Sprintf("%s-%d", strings.ToUpper(kind), r.counts[kind])
	r.keep(key, alias)
	return alias
}

// keep remembers a pseudonym.
func (r *redactor) keep(key, alias string) {
	r.names[key] = alias
	if r.word.FindString(key) != key {
		r.phrases, r.sorted = append(r.phrases, key), false
	}
}

// asOne gives several names of one thing the same pseudonym, those that have one
// already excepted.
func (r *redactor) asOne(kind string, names ...string) {
	alias := r.as(kind, names[0])
	for _, name := range names[1:] {
		key := strings.ToLower(strings.TrimSpace(name))
		if _, taken := r.names[key]; !taken && len(key) >= shortestName {
			r.keep(key, alias)
		}
	}
}

// learn gives everything a machine knows by name its pseudonym.
func (r *redactor) learn(saved []model.Saved, secrets []model.SecretInfo) {
	for _, s := range saved {
		c := s.Connector
		r.asOne("connector", c.Key(), c.ID, c.Name)
		at := model.ReadURL(c.URL, model.URLContext{})
		r.learnNames(map[string][]string{
			"org": {c.Scope.Org}, "project": {c.Scope.Project, at.Project}, "workspace": {at.Workspace},
			"repo": append([]string{at.Repo}, strings.Split(strings.TrimSuffix(c.TestRepository, ".git"), "/")...), "user": {c.Username.Plain, c.API.Username.Plain},
		})
		r.host(at.Host)
	}
	for _, info := range secrets {
		_, id, _ := info.Name.Split()
		r.asOne("secret", string(info.Name), string(info.Name.Ref()), id)
		r.learnNames(map[string][]string{"user": {info.Username}})
		r.host(info.Host)
	}
	r.learnNames(map[string][]string{"user": {r.user}, "machine": {r.machine}})
}

// learnNames takes names in the order of their kinds, so that the numbers are the
// same each time. What is the product's own word is no name.
func (r *redactor) learnNames(byKind map[string][]string) {
	for _, kind := range []string{"workspace", "project", "repo", "org", "user", "machine"} {
		for _, name := range byKind[kind] {
			if len(name) >= shortestName && !slices.Contains([]string{model.UserAPIToken, model.UserAccessToken, model.UserSSH, "root"}, name) {
				r.as(kind, name)
			}
		}
	}
}

// host is a host as the report names it. Cloud's own are everybody's.
func (r *redactor) host(name string) string {
	bare, port, _ := strings.Cut(name, ":")
	cloud := bare == "bitbucket.org" || strings.HasSuffix(bare, ".bitbucket.org") || strings.HasSuffix(bare, ".atlassian.com")
	if !r.hosts || bare == "" || cloud || bare == "localhost" || bare == "127.0.0.1" {
		return name
	}
	if alias := r.as("host", bare); port != "" {
		return alias + ":" + port
	} else {
		return alias
	}
}

// text redacts free text.
func (r *redactor) text(s string) string {
	s = withhold(ui.Clean(s))
	if len(r.home) > 1 {
		s = strings.ReplaceAll(s, r.home, "~")
	}
	s = r.address.ReplaceAllStringFunc(s, r.urlText)
	s = r.email.ReplaceAllStringFunc(s, func(found string) string {
		if strings.HasPrefix(found, model.UserSSH+"@") {
			return found
		}
		return "EMAIL"
	})
	return r.word.ReplaceAllStringFunc(r.phraseText(s), r.wordText)
}

// phraseText replaces names of several words, the longest first.
func (r *redactor) phraseText(s string) string {
	if !r.sorted {
		slices.SortFunc(r.phrases, func(a, b string) int { return len(b) - len(a) })
		r.sorted = true
	}
	lower := strings.ToLower(s)
	for _, phrase := range r.phrases {
		if strings.Contains(lower, phrase) {
			s = regexp.MustCompile("(?i)"+regexp.QuoteMeta(phrase)).ReplaceAllString(s, r.names[phrase])
			lower = strings.ToLower(s)
		}
	}
	return s
}

// wordText is one word, or its parts between dots, by their pseudonyms.
func (r *redactor) wordText(word string) string {
	trimmed := strings.TrimRight(word, ".")
	rest := word[len(trimmed):]
	lower := strings.ToLower(trimmed)
	for _, suffix := range []string{"", ".git"} {
		if alias, ok := r.names[strings.TrimSuffix(lower, suffix)]; ok && strings.HasSuffix(lower, suffix) {
			return alias + suffix + rest
		}
	}
	if !strings.Contains(trimmed, ".") {
		return word
	}
	parts := strings.Split(trimmed, ".")
	for i, part := range parts {
		if alias, ok := r.names[strings.ToLower(part)]; ok {
			parts[i] = alias
		}
	}
	return strings.Join(parts, ".") + rest
}

// urlText is an address with nothing but its scheme, host and the product's own
// words in the path.
func (r *redactor) urlText(address string) string {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		_, rest, _ = strings.Cut(address, "@")
		host, path, _ := strings.Cut(rest, ":")
		return "git@" + r.host(host) + ":" + r.path(path)
	}
	rest, _, _ = strings.Cut(rest, "?")
	authority, path, slash := strings.Cut(rest, "/")
	if i := strings.LastIndex(authority, "@"); i >= 0 {
		authority = authority[i+1:]
	}
	if slash {
		path = "/" + path
	}
	return scheme + "://" + r.host(authority) + r.path(path)
}

// pathWords are the parts of paths that are Bitbucket's own, or git's.
func pathWords() []string {
	return []string{
		"", "2.0", "1.0", "latest", "rest", "api", "ssh", "scm", "status", "settings", "info", "refs", "repositories", "workspaces", "workspace", "projects",
		"repos", "users", "user", "emails", "permissions", "hooks", "hook_events", "application-properties", "account", "admin", "app-passwords", "security",
		"api-tokens", "manage", "manage-profile", "git-upload-pack",
	}
}

// path is a path with every part taken out that is not the product's own word.
func (r *redactor) path(p string) string {
	own := pathWords()
	parts := strings.Split(p, "/")
	for i, part := range parts {
		if slices.Contains(own, part) {
			continue
		}
		suffix := ""
		if strings.HasSuffix(part, ".git") {
			suffix = ".git"
		}
		if alias, known := r.names[strings.ToLower(strings.TrimSuffix(part, ".git"))]; known {
			parts[i] = alias + suffix
			continue
		}
		parts[i] = "NAME" + suffix
	}
	return strings.Join(parts, "/")
}

// logLine redacts one line of the log, value by value. What is in no value was not
// written by this program, and is text.
func (r *redactor) logLine(line string) string {
	line = ui.Clean(line)
	var out strings.Builder
	at := 0
	for _, found := range r.field.FindAllStringIndex(line, -1) {
		out.WriteString(r.text(line[at:found[0]]))
		out.WriteString(r.logField(line[found[0]:found[1]]))
		at = found[1]
	}
	out.WriteString(r.text(line[at:]))
	return out.String()
}

func (r *redactor) logField(field string) string {
	key, value, _ := strings.Cut(field, "=")
	if unquoted, err := strconv.Unquote(value); err == nil && strings.HasPrefix(value, `"`) {
		value = unquoted
	}
	value = r.value(key, value)
	if strings.ContainsAny(value, " \"=") {
		value = strconv.Quote(value)
	}
	return r.text(key) + "=" + value
}

func (r *redactor) value(key, value string) string {
	switch key {
	case "time", "level", "msg", "took", "phases", "status", "code", "verdict", "check", "method", "command", "flags", "exit", "args", "go", "version", "os":
		return value
	case "connector", "secret", "draft":
		if value == "" {
			return ""
		}
		return r.as(key, value)
	case "path":
		return r.path(value)
	case "host", "address":
		return r.host(value)
	case "fingerprint":
		if r.hosts {
			return "FINGERPRINT"
		}
	}
	return r.text(value)
}
