package machine

import "strings"

// entry is one setting of a git configuration file. section and key are lower
// case, as git compares them; a value-less key has the value "".
type entry struct{ section, subsection, key, value string }

// parseConfig reads the syntax of git-config (git-scm.com/docs/git-config,
// Syntax). What it cannot read it skips up to the end of the line: a damaged
// file yields fewer settings, never wrong ones.
func parseConfig(text string) []entry {
	p := configParser{rest: strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\r\n", "\n")}
	var out []entry
	var section, subsection string
	for p.rest != "" {
		p.blanks()
		switch c := p.peek(); {
		case c == 0:
		case c == '\n':
			p.rest = p.rest[1:]
		case c == '#' || c == ';':
			p.skipLine()
		case c == '[':
			var ok bool
			if section, subsection, ok = p.header(); !ok {
				section = ""
				p.skipLine()
			}
		default:
			key, ok := p.key()
			if !ok || section == "" {
				p.skipLine()
				continue
			}
			if value, ok := p.value(); ok {
				out = append(out, entry{section, subsection, key, value})
			}
		}
	}
	return out
}

type configParser struct{ rest string }

// peek is the next byte, 0 at the end.
func (p *configParser) peek() byte {
	if p.rest == "" {
		return 0
	}
	return p.rest[0]
}

func (p *configParser) blanks() { p.rest = strings.TrimLeft(p.rest, " \t\v\f\r\x00") }

func (p *configParser) skipLine() {
	if _, after, ok := strings.Cut(p.rest, "\n"); ok {
		p.rest = after
		return
	}
	p.rest = ""
}

// header reads [section], [section "subsection"] and the old
// [section.subsection]; more may follow on the same line.
func (p *configParser) header() (section, subsection string, ok bool) {
	line, _, _ := strings.Cut(p.rest, "\n")
	end := strings.IndexAny(line, "]\" \t")
	if end < 0 {
		return "", "", false
	}
	name := line[1:end]
	p.rest = p.rest[end:]
	p.blanks()
	if p.peek() == '"' {
		if subsection, ok = p.quotedName(); !ok {
			return "", "", false
		}
	} else if base, sub, dotted := strings.Cut(name, "."); dotted {
		name, subsection = base, strings.ToLower(sub)
	}
	if p.peek() != ']' || name == "" || strings.ContainsFunc(name, notKeyLetter) {
		return "", "", false
	}
	p.rest = p.rest[1:]
	return strings.ToLower(name), subsection, true
}

// quotedName reads a subsection's name: a backslash stands for the letter
// after it.
func (p *configParser) quotedName() (string, bool) {
	var out strings.Builder
	for i := 1; i < len(p.rest); i++ {
		switch c := p.rest[i]; c {
		case '\n':
			return "", false
		case '"':
			p.rest = p.rest[i+1:]
			return out.String(), true
		case '\\':
			i++
			if i == len(p.rest) || p.rest[i] == '\n' {
				return "", false
			}
			out.WriteByte(p.rest[i])
		default:
			out.WriteByte(c)
		}
	}
	return "", false
}

func notKeyLetter(r rune) bool {
	return r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

// key reads a setting's name and the = after it, which may be missing.
func (p *configParser) key() (string, bool) {
	end := strings.IndexFunc(p.rest, notKeyLetter)
	if end < 0 {
		end = len(p.rest)
	}
	name := strings.ToLower(p.rest[:end])
	p.rest = p.rest[end:]
	p.blanks()
	switch p.peek() {
	case '=':
		p.rest = p.rest[1:]
		p.blanks()
	case '\n', 0, '#', ';':
	default:
		return "", false
	}
	return name, name != ""
}

// value reads up to the end of the line: quoted parts, escapes, comments and
// lines continued with a backslash. Blanks at the end count only in quotes.
func (p *configParser) value() (string, bool) {
	var out strings.Builder
	kept, quoted := 0, false
	for i := 0; i < len(p.rest); i++ {
		c := p.rest[i]
		switch {
		case c == '\n':
			p.rest = p.rest[i:]
			return out.String()[:kept], !quoted
		case c == '"':
			quoted = !quoted
			kept = out.Len()
			continue
		case !quoted && (c == '#' || c == ';'):
			p.rest = p.rest[i:]
			p.skipLine()
			return out.String()[:kept], true
		case c == '\\':
			i++
			letter, ok := escaped(p.rest, i)
			if !ok {
				p.rest = p.rest[min(i, len(p.rest)):]
				p.skipLine()
				return "", false
			}
			out.WriteString(letter)
			if letter != "" {
				kept = out.Len()
			}
			continue
		}
		out.WriteByte(c)
		if quoted || (c != ' ' && c != '\t') {
			kept = out.Len()
		}
	}
	p.rest = ""
	return out.String()[:kept], !quoted
}

// escaped is what a backslash before text[i] stands for; a newline continues
// the line and stands for nothing.
func escaped(text string, i int) (string, bool) {
	if i >= len(text) {
		return "", false
	}
	switch text[i] {
	case '\n':
		return "", true
	case 'n':
		return "\n", true
	case 't':
		return "\t", true
	case 'b':
		return "\b", true
	case '"', '\\':
		return text[i : i+1], true
	}
	return "", false
}
