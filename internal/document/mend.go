package document

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"bbconnect/model"
)

// mend corrects in the tree what other tools are known to write and Harness
// does not take, and says so. It runs before anything is read, so that reading
// knows one form only.
func (t *tree) mend() {
	t.unwrap()
	info := get(t.root, "connector")
	if info == nil || info.Kind != yaml.MappingNode {
		return
	}
	t.mendType(info)
	t.mendTags(info)
	spec := get(info, "spec")
	t.mendURLType(spec)
	t.mendPassword(get(get(spec, "authentication"), "spec"))
}

// mended records one correction.
func (t *tree) mended(n *yaml.Node, field model.QuestionID, message, fix string) {
	t.changed = true
	t.warn("document.mended", t.at(n), field, message, fix)
}

// unwrap finds the connector where it does not stand at the top: in an answer of
// Harness's REST API (data.connector), or without its own key.
func (t *tree) unwrap() {
	if t.root.Kind != yaml.MappingNode || get(t.root, "connector") != nil {
		return
	}
	if data := get(t.root, "data"); get(data, "connector") != nil {
		t.root, t.changed = data, true
		return
	}
	if get(t.root, "spec") == nil || (get(t.root, "identifier") == nil && get(t.root, "type") == nil) {
		return
	}
	t.mended(t.root, "", "The connector stands without its key connector:.", "It was put below one.")
	bare := t.root
	wrapped := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: bare.Line}
	if i := index(bare, extrasKey); i >= 0 {
		wrapped.Content = append(wrapped.Content, bare.Content[i], bare.Content[i+1])
		bare.Content = append(bare.Content[:i:i], bare.Content[i+2:]...)
	}
	wrapped.Content = append([]*yaml.Node{textNode("connector"), bare}, wrapped.Content...)
	t.root = wrapped
}

// mendType puts the type in where only it is missing; Harness matches the type
// without regard to case and writes Bitbucket.
func (t *tree) mendType(info *yaml.Node) {
	if get(info, "type") != nil || get(info, "spec") == nil {
		return
	}
	t.mended(info, "", "The connector has no type.", "type: Bitbucket was put in.")
	insert(info, textNode("type"), textNode("Bitbucket"), infoPlace().keys)
}

// mendTags turns the list that Terraform writes, ["key:value", "key"], into the
// mapping of Harness.
func (t *tree) mendTags(info *yaml.Node) {
	tags := get(info, "tags")
	if tags == nil || tags.Kind != yaml.SequenceNode {
		return
	}
	var content []*yaml.Node
	for _, item := range tags.Content {
		if item.Kind != yaml.ScalarNode {
			return
		}
		key, value, _ := strings.Cut(item.Value, ":")
		k, v := textNode(strings.TrimSpace(key)), textNode(strings.TrimSpace(value))
		k.Line, v.Line = item.Line, item.Line
		content = append(content, k, v)
	}
	if len(content) > 0 {
		t.mended(tags, model.QTags, "Harness keeps tags as a mapping, not as a list.", "They were read as key: value.")
	}
	tags.Kind, tags.Tag, tags.Style, tags.Content = yaml.MappingNode, "!!map", 0, content
}

// mendURLType takes the upper-case names of an old API description.
func (t *tree) mendURLType(spec *yaml.Node) {
	kind := get(spec, "type")
	if kind == nil || kind.Kind != yaml.ScalarNode {
		return
	}
	for _, want := range []model.URLType{model.URLAccount, model.URLRepo} {
		if kind.Value != string(want) && strings.EqualFold(kind.Value, string(want)) {
			t.mended(kind, model.QURLType, "Harness writes the URL type as "+string(want)+".", "It was read as "+string(want)+".")
			kind.Value = string(want)
		}
	}
}

// mendPassword takes the form of published examples that Harness's schema does
// not know: UsernameToken with a tokenRef where only UsernamePassword with a
// passwordRef exists.
func (t *tree) mendPassword(outer *yaml.Node) {
	kind, inner := get(outer, "type"), get(outer, "spec")
	if kind == nil || inner == nil || kind.Value != "UsernameToken" {
		return
	}
	t.mended(kind, model.QSecret, "Over HTTP Harness knows UsernamePassword only, not UsernameToken.", "It was read as UsernamePassword with passwordRef.")
	kind.Value = "UsernamePassword"
	if i := index(inner, "tokenRef"); i >= 0 && index(inner, "passwordRef") < 0 {
		inner.Content[i].Value = "passwordRef"
	}
}
