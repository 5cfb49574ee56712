package document

import (
	"bytes"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"bbconnect/model"
)

// Edit writes a connector into an existing document and changes only what
// differs: order, comments, blank lines and keys of others stay. A connector
// that says what the document already says gives back the very same bytes.
// original must be a document Decode takes; the error is Decode's otherwise.
func Edit(original []byte, c model.Connector) ([]byte, error) {
	if err := checkText(c); err != nil {
		return nil, err
	}
	t, old, err := single(original)
	if err != nil {
		return nil, err
	}
	before, after := build(old), build(c)
	if same(before, after) {
		return original, nil
	}
	apply(t.root, before, after)
	if own := get(t.root, extrasKey); own != nil && own.Kind == yaml.MappingNode && get(own, "version") == nil {
		insert(own, textNode("version"), versionNode(), extrasPlace().keys)
	}
	return t.write(c)
}

// Unversioned reports whether a document has an x-bbconnect that does not say its
// version, as documents have that people wrote by hand. Edit adds it.
func Unversioned(text []byte) bool {
	if !bytes.Contains(text, []byte(extrasKey)) {
		return false
	}
	t, _, err := single(text)
	if err != nil {
		return false
	}
	own := get(t.root, extrasKey)
	return own != nil && own.Kind == yaml.MappingNode && get(own, "version") == nil
}

// Export writes a document for others: without x-bbconnect, without what
// Harness's server fills in, with known mistakes mended and every value in the
// type Harness wants. Comments and unknown keys stay in YAML; JSON keeps the
// unknown keys. The error is Decode's, or names a format that does not exist.
func Export(doc []byte, format Format) ([]byte, error) {
	t, c, err := single(doc)
	if err != nil {
		return nil, err
	}
	c.DelegateVersion, c.CAFile = "", ""
	apply(t.root, skeleton(), build(c))
	for _, key := range append(responseKeys(), extrasKey) {
		remove(t.root, key)
	}
	for _, key := range infoPlace().server {
		remove(get(t.root, "connector"), key)
	}
	switch format {
	case FormatJSON:
		return renderJSON(t.root)
	case FormatHarness:
		if t.json {
			t.json = false
			unquote(t.root)
		}
		return t.write(c)
	}
	return nil, &model.Problem{
		Code: "document.format", What: fmt.Sprintf("There is no format %s.", show(string(format))),
		Why: "Documents are written as YAML or as JSON.", Fix: "Use harness or json.",
	}
}

// single parses a text that holds exactly one usable connector.
func single(text []byte) (*tree, model.Connector, error) {
	c, _, err := Decode(text)
	if err != nil {
		return nil, c, err
	}
	clean, err := plainText(text)
	if err != nil {
		return nil, c, err
	}
	t := parse(split(clean)[0])
	t.whole = clean
	return t, c, nil
}

// write renders the changed tree and carries the changed lines over to the
// original text. Each candidate is read back, and the first that says exactly
// what c says is returned: the original with few lines changed, the tree as the
// YAML writer lays it out, and a new document as the last resort.
func (t *tree) write(c model.Connector) ([]byte, error) {
	want, err := Encode(c)
	if err != nil {
		return nil, err
	}
	if t.json {
		out, err := renderJSON(t.root)
		if err == nil && says(out, want) {
			return out, nil
		}
		return want, nil
	}
	if isJSON(t.text) {
		return render(t.root, layout{indent: 2})
	}
	l := layoutOf(t.root)
	t.doc.Content = []*yaml.Node{t.root}
	changed, err := render(t.doc, l)
	if err != nil {
		return want, nil
	}
	if merged, ok := t.carryOver(changed, l); ok && says(merged, want) {
		return merged, nil
	}
	if says(changed, want) {
		return changed, nil
	}
	return want, nil
}

// carryOver renders the untouched text the same way as the changed one, so that
// the two differ where the connector changed and nowhere else.
func (t *tree) carryOver(changed []byte, l layout) ([]byte, bool) {
	var untouched yaml.Node
	if yaml.Unmarshal(t.text, &untouched) != nil {
		return nil, false
	}
	base, err := render(&untouched, l)
	if err != nil {
		return nil, false
	}
	return merge(t.whole, base, changed)
}

// says reports whether a document says what another one says.
func says(text, want []byte) bool {
	c, _, err := Decode(text)
	if err != nil {
		return false
	}
	got, err := Encode(c)
	return err == nil && bytes.Equal(got, want)
}

// apply brings the difference between two trees into a third. Keys that are in
// neither of the two are left alone.
func apply(target, before, after *yaml.Node) {
	for i := 0; i+1 < len(before.Content); i += 2 {
		if key := before.Content[i].Value; get(after, key) == nil {
			remove(target, key)
		}
	}
	order := keysOf(after)
	for i := 0; i+1 < len(after.Content); i += 2 {
		key, value := after.Content[i].Value, after.Content[i+1]
		was, now := get(before, key), get(target, key)
		switch {
		case was != nil && same(was, value):
		case now == nil:
			insert(target, textNode(key), value, order)
		case now.Kind == yaml.MappingNode && value.Kind == yaml.MappingNode:
			if was == nil || was.Kind != yaml.MappingNode {
				was = mapping().node
			}
			apply(now, was, value)
			if key == "tags" {
				reorder(now, keysOf(value))
			}
		default:
			replace(target, key, value)
		}
	}
}

// replace puts a value in the place of another and keeps its comments. A text
// that keeps its quotes keeps their kind; a list keeps the items that stay.
func replace(target *yaml.Node, key string, value *yaml.Node) {
	i := index(target, key) + 1
	old := target.Content[i]
	if old.Kind == value.Kind && old.Value == value.Value && old.ShortTag() == value.ShortTag() && same(old, value) {
		return
	}
	fresh := *value
	fresh.HeadComment, fresh.LineComment, fresh.FootComment = old.HeadComment, old.LineComment, old.FootComment
	const quotes = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle
	if old.Kind == yaml.ScalarNode && value.Kind == yaml.ScalarNode && value.Tag == "!!str" && old.Style&quotes != 0 {
		fresh.Style = old.Style & quotes
	}
	if old.Kind == yaml.SequenceNode && value.Kind == yaml.SequenceNode {
		fresh.Style = old.Style
		fresh.Content = slices.Clone(value.Content)
		for j, item := range fresh.Content {
			if k := slices.IndexFunc(old.Content, func(n *yaml.Node) bool { return same(n, item) }); k >= 0 {
				fresh.Content[j] = old.Content[k]
			}
		}
	}
	target.Content[i] = &fresh
}

// insert puts a key where the order wants it: behind the nearest of its
// predecessors that is there, else in front of the first key.
func insert(target, key, value *yaml.Node, order []string) {
	at := 0
	for _, before := range order[:max(slices.Index(order, key.Value), 0)] {
		if i := index(target, before); i >= 0 {
			at = i + 2
		}
	}
	target.Content = slices.Insert(target.Content, at, key, value)
}

func remove(target *yaml.Node, key string) {
	if i := index(target, key); i >= 0 {
		target.Content = slices.Delete(target.Content, i, i+2)
	}
}

// reorder sorts a mapping by a list of all its keys.
func reorder(target *yaml.Node, order []string) {
	if slices.Equal(keysOf(target), order) {
		return
	}
	var content []*yaml.Node
	for _, key := range order {
		if i := index(target, key); i >= 0 {
			content = append(content, target.Content[i], target.Content[i+1])
		}
	}
	target.Content = content
}

func keysOf(n *yaml.Node) []string {
	keys := make([]string, 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		keys = append(keys, n.Content[i].Value)
	}
	return keys
}

// same reports whether two trees hold the same values, whatever their style.
func same(a, b *yaml.Node) bool {
	return a.Kind == b.Kind && a.Value == b.Value && (a.Kind != yaml.ScalarNode || a.ShortTag() == b.ShortTag()) &&
		slices.EqualFunc(a.Content, b.Content, same)
}

// skeleton has every key a connector may have, with a value that equals no
// other: applied as what was before, it makes the document hold exactly what
// comes after.
func skeleton() *yaml.Node {
	fill := func(p place, inner map[string]*yaml.Node) *yaml.Node {
		m := mapping()
		for _, key := range p.keys {
			if value := inner[key]; value != nil {
				m.add(key, value)
			} else {
				m.add(key, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!none"})
			}
		}
		return m.node
	}
	http := fill(httpPlace(), map[string]*yaml.Node{"spec": fill(passwordPlace(), nil)})
	http.Content = append(http.Content, fill(sshPlace(), nil).Content...)
	api := fill(apiPlace(), map[string]*yaml.Node{"spec": fill(apiSpecPlace(""), nil)})
	auth := fill(authPlace(), map[string]*yaml.Node{"spec": http})
	spec := fill(specPlace(), map[string]*yaml.Node{"authentication": auth, "apiAccess": api})
	info := fill(infoPlace(), map[string]*yaml.Node{"spec": spec})
	return fill(rootPlace(), map[string]*yaml.Node{"connector": info, extrasKey: fill(extrasPlace(), nil)})
}

// unquote gives the texts of a JSON document the style YAML needs for them.
func unquote(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!str" {
		n.Style = textNode(n.Value).Style
	}
	for _, child := range n.Content {
		unquote(child)
	}
}
