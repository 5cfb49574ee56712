package model

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	ansiSequence = pattern(`\x1b\[[0-9;?]*[ -/]*[@-~]`)
	markdownLink = pattern(`\]\(\s*<?([^)\s>]+)`)
	// bareAddress is host.tld or host.tld:port with a path, or nothing, behind.
	bareAddress = pattern(`^[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)+(:|/|$)`)
)

// readText finds the address within what was pasted: git command lines, output
// of git remote, Markdown, prose.
func (r *urlReader) readText(text string) bool {
	if len(text) > maxURLText {
		return r.malformed("This is too long for an address.", "Paste the address of the repository or the account alone.")
	}
	clean := plainLine(text)
	if clean == "" {
		return r.stop("url.empty", "There is no address yet.", "Paste any Bitbucket address: a browser page, a git clone line, a remote.")
	}
	if strings.HasPrefix(clean, "-") {
		return r.injection()
	}
	words := shellWords(clean)
	if m := markdownLink().FindStringSubmatch(clean); m != nil {
		words = []string{m[1]}
		r.mend("url.clone-command")
	}
	if !r.safeWords(words) {
		return r.injection()
	}
	r.word = r.pickWord(words)
	bare := strings.Trim(r.word, "<>\"'`“”‘’,;()")
	bare = strings.TrimRight(bare, ".!]")
	if bare != r.word || len(words) > 1 || words[0] != clean {
		r.mend("url.clone-command")
	}
	r.word = bare
	switch {
	case r.word == "":
		return r.malformed("This is no address.", "Paste the address of a Bitbucket repository or account.")
	case strings.HasPrefix(r.word, "-"):
		return r.injection()
	case !strings.Contains(r.word, "/") && looksSecret(r.word), !strings.Contains(r.word, "@") && looksSecret(r.word):
		r.secret = NewSecret(r.word)
		return r.malformed("This looks like a token, not an address.", "Paste the address here and keep the token for Credentials.")
	}
	return true
}

func (r *urlReader) injection() bool {
	return r.stop("url.option-injection", "This would be taken for an option of git or ssh, not for an address.",
		"Paste the address alone.")
}

// plainText drops what a terminal or a web page adds unseen: escape sequences,
// control and format characters. Line breaks become blanks.
func plainText(text string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\n' || c == '\r' || c == '\t' || unicode.Is(unicode.Zs, c):
			return ' '
		case c == utf8.RuneError || unicode.IsControl(c) || unicode.Is(unicode.Cf, c):
			return -1
		}
		return c
	}, ansiSequence().ReplaceAllString(text, ""))
}

// shellWords splits at blanks outside quotes; there is at least one word.
func shellWords(text string) []string {
	var words []string
	var word strings.Builder
	var quote rune
	open := false
	for _, c := range text {
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && strings.ContainsRune("\"'`", c) && opensQuote(word.String()):
			quote, open = c, true
		case quote == 0 && c == ' ':
			if open {
				words = append(words, word.String())
			}
			word.Reset()
			open = false
		default:
			word.WriteRune(c)
			open = true
		}
	}
	if open || len(words) == 0 {
		words = append(words, word.String())
	}
	return words
}

// opensQuote says whether a quote may begin after what was read of a word; an
// apostrophe inside a word is none.
func opensQuote(before string) bool { return before == "" || strings.HasSuffix(before, "=") }

// safeWords looks at the options of a command line. Those that make git run a
// program refuse the whole text; a credential in a header is taken out.
func (r *urlReader) safeWords(words []string) bool {
	clone := slices.Contains(words, "clone")
	for i, w := range words {
		next := ""
		if i+1 < len(words) {
			next = words[i+1]
		}
		name, value, _ := strings.Cut(w, "=")
		switch {
		case slices.Contains([]string{"--upload-pack", "--receive-pack", "--exec", "--template", "--config-env"}, name),
			clone && w == "-u", strings.HasPrefix(strings.ToLower(w), "-oproxycommand"):
			return false
		case w == "-c" || w == "--config":
			if !r.safeSetting(next) {
				return false
			}
		case name == "--config" && !r.safeSetting(value):
			return false
		}
	}
	return true
}

// safeSetting judges key=value of git -c.
func (r *urlReader) safeSetting(setting string) bool {
	key, value, _ := strings.Cut(setting, "=")
	key = strings.ToLower(key)
	if strings.HasPrefix(key, "http.") && strings.HasSuffix(key, "extraheader") {
		got := RecogniseCredential(NewSecret(value), QPassword)
		if !got.Clean.IsZero() {
			r.secret, r.secretUser = got.Clean, got.Login
			r.mend("url.secret-embedded")
		}
		return true
	}
	return !strings.HasPrefix(key, "core.") && !strings.HasPrefix(key, "protocol.") &&
		!strings.HasPrefix(key, "remote.") && !strings.HasPrefix(key, "alias.")
}

// takesValue are options of git whose next word is their value.
var takesValue = []string{"-c", "--config", "-b", "--branch", "--depth", "-o", "--origin", "-j", "--jobs", "--reference", "-C"}

// pickWord is the word that looks most like an address.
func (r *urlReader) pickWord(words []string) string {
	var free []string
	for i, w := range words {
		option := strings.HasPrefix(w, "-") || (i > 0 && slices.Contains(takesValue, words[i-1]))
		if !option {
			free = append(free, strings.TrimLeft(w, "<(\"'`“‘"))
		}
	}
	for _, looks := range []func(string) bool{
		func(w string) bool { return strings.Contains(w, "://") },
		func(w string) bool { return strings.HasPrefix(w, "git@") },
		func(w string) bool { at := strings.Index(w, "@"); return at > 0 && strings.ContainsAny(w[at:], ":/") },
		func(w string) bool { return strings.Contains(w, "::") },
		func(w string) bool { return bareAddress().MatchString(w) },
	} {
		if i := slices.IndexFunc(free, looks); i >= 0 {
			return free[i]
		}
	}
	if len(free) == 0 {
		return ""
	}
	return free[0]
}

// plainLine is a text as one line without anything unseen and without blanks
// around it.
func plainLine(text string) string { return strings.TrimSpace(plainText(text)) }
