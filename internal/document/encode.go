package document

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"bbconnect/model"
)

// Format is a form that Export writes.
type Format string

// The formats of Export: Harness's YAML, and the JSON body of its REST API.
const (
	FormatHarness Format = "harness"
	FormatJSON    Format = "json"
)

// Encode writes a connector as a new YAML document. The keys stand in the order
// of Harness's own examples; what is empty or off is left out, except
// executeOnDelegate, whose default people rarely know. x-bbconnect is there only
// where it holds something. The error is for text that is not UTF-8.
func Encode(c model.Connector) ([]byte, error) {
	if err := checkText(c); err != nil {
		return nil, err
	}
	return render(build(c), layout{indent: 2})
}

// EncodeJSON writes a connector as {"connector":{…}}, which is the body
// Harness's REST API takes; there is no x-bbconnect in it.
func EncodeJSON(c model.Connector) ([]byte, error) {
	if err := checkText(c); err != nil {
		return nil, err
	}
	root := build(c)
	remove(root, extrasKey)
	return renderJSON(root)
}

// checkText refuses what YAML could only write as base64.
func checkText(c model.Connector) error {
	if !utf8.ValidString(fmt.Sprint(c)) {
		return &model.Problem{
			Code: "document.syntax", What: "The connector holds text that is not UTF-8.",
			Why: "It came from a text in another encoding.", Fix: "Type the text anew.",
		}
	}
	return nil
}

// build is the tree of a connector in canonical order.
func build(c model.Connector) *yaml.Node {
	info := mapping()
	info.put("name", c.Name)
	info.put("identifier", c.ID)
	info.putIf("description", c.Description)
	info.putIf("orgIdentifier", c.Scope.Org)
	info.putIf("projectIdentifier", c.Scope.Project)
	if len(c.Tags) > 0 {
		tags := mapping()
		for _, tag := range c.Tags {
			tags.put(tag.Key, tag.Value)
		}
		info.add("tags", tags.node)
	}
	info.put("type", "Bitbucket")
	info.add("spec", buildSpec(c))
	root := mapping()
	root.add("connector", info.node)
	if c.DelegateVersion != "" || c.CAFile != "" {
		own := mapping()
		own.add("version", versionNode())
		own.putIf("delegateVersion", c.DelegateVersion)
		own.putIf("caFile", c.CAFile)
		root.add(extrasKey, own.node)
	}
	return root.node
}

func buildSpec(c model.Connector) *yaml.Node {
	spec := mapping()
	spec.put("url", c.URL)
	spec.putIf("validationRepo", c.TestRepository)
	spec.putIf("type", string(c.URLType))
	if auth := buildAuth(c); auth != nil {
		spec.add("authentication", auth)
	}
	if c.API.On() {
		api, inner := mapping(), mapping()
		inner.login("username", "usernameRef", c.API.Username)
		inner.login("email", "emailRef", c.API.Email)
		inner.putIf("tokenRef", string(c.API.TokenRef))
		inner.putIf("refreshTokenRef", string(c.API.RefreshTokenRef))
		api.put("type", string(c.API.Method))
		api.add("spec", inner.node)
		spec.add("apiAccess", api.node)
	}
	if len(c.Selectors) > 0 {
		list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for _, s := range c.Selectors {
			list.Content = append(list.Content, textNode(s))
		}
		spec.add("delegateSelectors", list)
	}
	spec.add("executeOnDelegate", boolNode(c.Mode != model.ModePlatform))
	if c.SecureConnect && c.ConnectionType == model.HTTP && c.Mode == model.ModePlatform {
		spec.add("proxy", boolNode(true))
	}
	if c.IgnoreTest {
		spec.add("ignoreTestConnection", boolNode(true))
	}
	return spec.node
}

func buildAuth(c model.Connector) *yaml.Node {
	auth, outer := mapping(), mapping()
	switch c.ConnectionType {
	case model.HTTP:
		inner := mapping()
		inner.login("username", "usernameRef", c.Username)
		inner.putIf("passwordRef", string(c.PasswordRef))
		auth.put("type", "Http")
		outer.put("type", "UsernamePassword")
		outer.add("spec", inner.node)
	case model.SSH:
		auth.put("type", "Ssh")
		outer.putIf("sshKeyRef", string(c.SSHKeyRef))
	default:
		return nil
	}
	auth.add("spec", outer.node)
	return auth.node
}

// writer fills a mapping.
type writer struct{ node *yaml.Node }

func mapping() writer { return writer{&yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}} }

func (w writer) add(key string, value *yaml.Node) {
	w.node.Content = append(w.node.Content, textNode(key), value)
}

func (w writer) put(key, value string) { w.add(key, textNode(value)) }

func (w writer) putIf(key, value string) {
	if value != "" {
		w.put(key, value)
	}
}

func (w writer) login(plain, ref string, l model.Login) {
	w.putIf(plain, l.Plain)
	w.putIf(ref, string(l.Ref))
}

func boolNode(v bool) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(v)}
}

// textNode is a text that every YAML reader takes for a text: quoted where a
// reader of YAML 1.1 or 1.2 would see a number, a date, a boolean or nothing.
func textNode(value string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
	if !isPlain(value) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// isPlain reports whether a text may stand without quotes. It is stricter than
// YAML: what is not plainly a word, an address or a reference is quoted.
func isPlain(value string) bool {
	if value == "" || strings.TrimSpace(value) != value {
		return false
	}
	switch strings.ToLower(value) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf":
		return false
	}
	first := value[0]
	letter := first == '_' || (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z')
	return letter && !strings.Contains(value, ": ") && !strings.Contains(value, " #") && !strings.HasSuffix(value, ":") &&
		!strings.ContainsFunc(value, func(r rune) bool {
			return r < ' ' || r == 0x7f || strings.ContainsRune("{}[],\"'`|>&*%", r) || !strconv.IsPrint(r)
		})
}

// layout is how a document is indented.
type layout struct {
	indent  int
	compact bool
}

func render(root *yaml.Node, l layout) ([]byte, error) {
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(l.indent)
	if l.compact {
		enc.CompactSeqIndent()
	}
	if err := enc.Encode(root); err != nil {
		return nil, fmt.Errorf("writing YAML: %w", err)
	}
	if err := enc.Close(); err != nil {
		return nil, fmt.Errorf("writing YAML: %w", err)
	}
	return out.Bytes(), nil
}

// renderJSON writes nodes as indented JSON in their order, with a line end.
func renderJSON(root *yaml.Node) ([]byte, error) {
	var flat, out bytes.Buffer
	if err := writeJSON(&flat, root); err != nil {
		return nil, err
	}
	if err := json.Indent(&out, flat.Bytes(), "", "  "); err != nil {
		return nil, fmt.Errorf("writing JSON: %w", err)
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

func writeJSON(w *bytes.Buffer, n *yaml.Node) error {
	switch n.Kind {
	case yaml.MappingNode:
		return writeList(w, '{', '}', len(n.Content)/2, func(i int) error {
			if err := writeText(w, n.Content[2*i].Value); err != nil {
				return err
			}
			w.WriteByte(':')
			return writeJSON(w, n.Content[2*i+1])
		})
	case yaml.SequenceNode:
		return writeList(w, '[', ']', len(n.Content), func(i int) error { return writeJSON(w, n.Content[i]) })
	}
	switch tag := n.ShortTag(); {
	case tag == "!!null":
		_, _ = io.WriteString(w, "null")
		return nil
	case tag == "!!bool" && slices.Contains([]string{"true", "false"}, strings.ToLower(n.Value)):
		_, _ = io.WriteString(w, strings.ToLower(n.Value))
		return nil
	case (tag == "!!int" || tag == "!!float") && json.Valid([]byte(n.Value)):
		_, _ = io.WriteString(w, n.Value)
		return nil
	}
	return writeText(w, n.Value)
}

func writeList(w *bytes.Buffer, opening, closing byte, n int, item func(int) error) error {
	w.WriteByte(opening)
	for i := range n {
		if i > 0 {
			w.WriteByte(',')
		}
		if err := item(i); err != nil {
			return err
		}
	}
	w.WriteByte(closing)
	return nil
}

// writeText writes a JSON string and leaves < > & readable.
func writeText(w *bytes.Buffer, text string) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(text); err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	w.Truncate(w.Len() - 1)
	return nil
}

// versionNode is the version of what stands in x-bbconnect.
func versionNode() *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(extrasVersion)}
}
