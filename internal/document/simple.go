package document

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// Most documents are what Encode writes, with comments between the lines:
// nested "key: value" lines and "- item" lists, in ASCII, each value a word or a
// text in double quotes without escapes. A list of ten thousand of them is read
// at every start, and nearly all of that time would be the YAML parser's.
// readSimple reads this small part of YAML in one pass, and leaves everything
// else to the parser: whatever it is not sure of, it refuses. A test holds it
// against the parser on generated and on hostile text.

// readSimple is the content of a simple document, nil for any other one. The
// nodes have lines and no columns, and comments are lost, so that they serve
// for reading only.
func readSimple(text []byte) *yaml.Node {
	for _, b := range text {
		if (b < ' ' && b != '\n') || b > '~' {
			return nil
		}
	}
	r := simpleReader{rest: string(text)}
	r.nodes = make([]yaml.Node, 0, 2*strings.Count(r.rest, "\n")+4)
	r.next()
	if r.done || r.indent != 0 {
		return nil
	}
	root := r.mapping(0)
	if root == nil || !r.done {
		return nil
	}
	return root
}

// simpleReader stands on one line: its indentation and what follows.
type simpleReader struct {
	rest   string
	line   int
	indent int
	text   string
	done   bool
	// nodes is where nodes come from, allocated at once.
	nodes []yaml.Node
}

// next goes to the next line that is neither blank nor a comment.
func (r *simpleReader) next() {
	for r.rest != "" {
		var whole string
		whole, r.rest, _ = strings.Cut(r.rest, "\n")
		r.line++
		r.text = strings.TrimLeft(whole, " ")
		r.indent = len(whole) - len(r.text)
		if r.text != "" && r.text[0] != '#' {
			return
		}
	}
	r.text, r.done = "", true
}

func (r *simpleReader) node(kind yaml.Kind, tag, value string) *yaml.Node {
	r.nodes = append(r.nodes, yaml.Node{Kind: kind, Tag: tag, Value: value, Line: r.line})
	return &r.nodes[len(r.nodes)-1]
}

// mapping reads the lines at one indentation, nil where they are not simple.
func (r *simpleReader) mapping(indent int) *yaml.Node {
	m := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: r.line}
	for !r.done && r.indent >= indent {
		if r.indent > indent {
			return nil
		}
		name, value, found := strings.Cut(r.text, ":")
		if !found || !simpleKey(name) || (value != "" && value[0] != ' ') {
			return nil
		}
		key := r.node(yaml.ScalarNode, "!!str", name)
		child := r.value(strings.TrimLeft(value, " "), indent)
		if child == nil {
			return nil
		}
		m.Content = append(m.Content, key, child)
	}
	return m
}

// value reads what a key stands for: the rest of its line, or the deeper lines
// below it.
func (r *simpleReader) value(text string, indent int) *yaml.Node {
	if text != "" {
		n := r.scalar(text)
		r.next()
		return n
	}
	empty := r.node(yaml.ScalarNode, "!!null", "")
	r.next()
	switch {
	case !r.done && r.indent >= indent && strings.HasPrefix(r.text, "- "):
		return r.list(r.indent)
	case !r.done && r.indent > indent:
		return r.mapping(r.indent)
	}
	return empty
}

func (r *simpleReader) list(indent int) *yaml.Node {
	l := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: r.line}
	for !r.done && r.indent == indent && strings.HasPrefix(r.text, "- ") {
		item := r.scalar(strings.TrimLeft(r.text[2:], " "))
		if item == nil {
			return nil
		}
		l.Content = append(l.Content, item)
		r.next()
	}
	return l
}

// scalar is one value on one line, nil where it is not simple.
func (r *simpleReader) scalar(text string) *yaml.Node {
	if len(text) >= 2 && text[0] == '"' && text[len(text)-1] == '"' {
		inner := text[1 : len(text)-1]
		if strings.ContainsAny(inner, `"\`) {
			return nil
		}
		n := r.node(yaml.ScalarNode, "!!str", inner)
		n.Style = yaml.DoubleQuotedStyle
		return n
	}
	switch text {
	case "":
		return nil
	case "true", "false":
		return r.node(yaml.ScalarNode, "!!bool", text)
	case "1":
		return r.node(yaml.ScalarNode, "!!int", text)
	}
	letter := text[0] == '_' || text[0] == '/' || (text[0]|0x20 >= 'a' && text[0]|0x20 <= 'z')
	if !letter || text[len(text)-1] == ' ' || text[len(text)-1] == ':' || strings.Contains(text, ": ") || strings.Contains(text, " #") {
		return nil
	}
	// Words YAML might take for something else are the parser's to judge.
	if len(text) <= 5 {
		switch strings.ToLower(text) {
		case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
			return nil
		}
	}
	return r.node(yaml.ScalarNode, "!!str", text)
}

// simpleKey reports whether a key is a word as connectors have them.
func simpleKey(key string) bool {
	if key == "" || len(key) > 100 {
		return false
	}
	for i := range len(key) {
		b := key[i]
		letter := b == '_' || (b|0x20 >= 'a' && b|0x20 <= 'z')
		if !letter && (i == 0 || (b != '-' && b != '.' && (b < '0' || b > '9'))) {
			return false
		}
	}
	return true
}
