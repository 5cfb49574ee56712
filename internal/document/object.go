package document

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"bbconnect/model"
)

// object is a mapping that has been checked against what may stand in it.
type object struct {
	t     *tree
	node  *yaml.Node
	place place
}

// object checks that a node is a mapping without repeated keys and says which
// of its keys Harness will not know. A missing or empty node is no object and
// nothing is said of it.
func (t *tree) object(n *yaml.Node, p place) (object, bool) {
	o := object{t: t, node: n, place: p}
	if isNull(n) {
		return o, false
	}
	if n.Kind != yaml.MappingNode {
		t.fail("document.type", t.at(n), "", fmt.Sprintf("%s is %s and should be a mapping.", p.name(), kindName(n)),
			"A mapping is written as key: value lines below it.", "Write it as Harness shows it.")
		return o, false
	}
	if !o.noRepeats() {
		return o, false
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		o.checkKey(n.Content[i])
	}
	return o, true
}

func (p place) name() string {
	if p.path == "" {
		return "The document"
	}
	return p.path
}

// noRepeats fails a mapping that has one key twice: which of the two counts
// depends on who reads it.
func (o object) noRepeats() bool {
	firstLine := firstLines(o.node)
	for i := 0; i+1 < len(o.node.Content); i += 2 {
		key := o.node.Content[i]
		if key.Kind != yaml.ScalarNode {
			o.t.fail("document.type", o.t.at(key), "", fmt.Sprintf("A key in %s is %s.", o.place.name(), kindName(key)),
				"Keys are plain texts.", "Write a key and a value.")
			return false
		}
		if first := firstLine(i); first != nil {
			o.t.fail("document.duplicate-key", o.t.at(key), question(o.place, key.Value),
				fmt.Sprintf("%s is there twice in %s, first on line %d.", show(key.Value), o.place.name(), o.t.at(first)),
				"Which of the two counts depends on who reads it.", "Keep one of them.")
			return false
		}
	}
	return true
}

// firstLines finds the earlier key that the i-th entry of a mapping repeats, nil
// for none. The usual few keys are compared with each other; many are counted,
// since a hostile document may have a hundred thousand.
func firstLines(n *yaml.Node) func(i int) *yaml.Node {
	const few = 32
	if len(n.Content) <= few {
		return func(i int) *yaml.Node {
			for j := 0; j < i; j += 2 {
				if n.Content[j].Value == n.Content[i].Value {
					return n.Content[j]
				}
			}
			return nil
		}
	}
	seen := make(map[string]*yaml.Node, len(n.Content)/2)
	return func(i int) *yaml.Node {
		key := n.Content[i]
		if first := seen[key.Value]; first != nil {
			return first
		}
		seen[key.Value] = key
		return nil
	}
}

// checkKey says what becomes of a key Harness does not know here.
func (o object) checkKey(key *yaml.Node) {
	p := o.place
	if slices.Contains(p.keys, key.Value) {
		return
	}
	if slices.Contains(p.server, key.Value) {
		if p.path != "" {
			o.t.find(model.Finding{
				Code: "document.metadata", Severity: model.SeverityHint,
				Message: fmt.Sprintf("Line %d: %s is filled in by Harness's server.", o.t.at(key), key.Value),
				Fix:     "It can stay; export leaves it out.",
			})
		}
		return
	}
	near, elsewhere := meant(key.Value, p)
	message := fmt.Sprintf("Harness does not know %s in %s and drops it without a word.", show(key.Value), p.name())
	switch {
	case elsewhere != "":
		o.t.warn("document.unknown-key", o.t.at(key), question(place{path: elsewhere}, near), message, fmt.Sprintf("It belongs in %s, as %s.", elsewhere, near))
	case near != "":
		o.t.warn("document.unknown-key", o.t.at(key), question(p, near), message, fmt.Sprintf("Write %s if that is what is meant.", near))
	default:
		o.t.warn("document.unknown-key", o.t.at(key), "", message, "Remove it, unless another tool needs it.")
	}
}

// at is the value of a key, nil when it is missing.
func (o object) at(key string) *yaml.Node { return get(o.node, key) }

// text is the value of a key that holds one text; numbers, dates and booleans
// are the text they were written as, as Harness takes them.
func (o object) text(key string) string {
	n := o.at(key)
	if isNull(n) {
		return ""
	}
	if n.Kind != yaml.ScalarNode || n.ShortTag() == "!!binary" {
		o.t.wrongType(n, o.place, key, "one text")
		return ""
	}
	return n.Value
}

// flag is the value of a key that is true or false, quoted or not.
func (o object) flag(key string, absent bool) bool {
	n := o.at(key)
	if isNull(n) {
		return absent
	}
	if n.Kind == yaml.ScalarNode {
		switch {
		case strings.EqualFold(n.Value, "true"):
			return true
		case strings.EqualFold(n.Value, "false"):
			return false
		}
	}
	o.t.wrongType(n, o.place, key, "true or false")
	return absent
}

// login is a name that is written plainly or kept in a secret. Harness refuses
// both at once.
func (o object) login(plain, ref string) model.Login {
	l := model.Login{Plain: o.text(plain), Ref: model.SecretRef(o.text(ref))}
	if l.Plain != "" && l.Ref != "" {
		o.t.find(model.Finding{
			Code: "document.one-of", Severity: model.SeverityError, Field: question(o.place, plain),
			Message: fmt.Sprintf("Line %d: %s and %s are both there; Harness takes exactly one.", o.t.at(o.at(ref)), plain, ref),
			Fix:     "Remove one of them.",
		})
	}
	return l
}

// oneOf is the value of a key with a closed set of values. A value outside the
// set is a finding and kept, since nothing is lost by showing it.
func (o object) oneOf(key string, values ...string) string {
	text := o.text(key)
	if text != "" && !slices.Contains(values, text) {
		o.t.find(model.Finding{
			Code: "document.value", Severity: model.SeverityError, Field: question(o.place, key),
			Message: fmt.Sprintf("Line %d: Harness does not know this value of %s.", o.t.at(o.at(key)), o.place.path+"."+key),
			Fix:     "Write one of " + strings.Join(values, ", ") + ".",
		})
	}
	return text
}

// unknownValue fails a document whose value decides how the rest is read.
func (o object) unknownValue(key string, values ...string) {
	o.t.fail("document.value", o.t.at(o.at(key)), question(o.place, key), fmt.Sprintf("Harness does not know this value of %s.%s.", o.place.path, key),
		"The rest of it cannot be read without that.", "Write "+strings.Join(values, " or ")+".")
}

// wrongType fails a value of the wrong shape. The value itself is not shown: it
// may be a secret that was put in the wrong place.
func (t *tree) wrongType(n *yaml.Node, p place, key, want string) {
	path := strings.TrimPrefix(p.path+"."+key, ".")
	t.fail("document.type", t.at(n), question(p, key), fmt.Sprintf("%s is %s and should be %s.", path, kindName(n), want),
		"Harness refuses a document with a value of another type.", "Write "+want+".")
}

// kindName says what a node is, for people.
func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.ShortTag() {
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "true or false"
	case "!!null":
		return "empty"
	case "!!binary":
		return "binary data"
	}
	return "a text"
}

// scalar is the text of a scalar, "" for one that is written as nothing.
func scalar(n *yaml.Node) string {
	if isNull(n) {
		return ""
	}
	return n.Value
}
