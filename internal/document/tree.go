package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"bbconnect/model"
)

// maxNodes bounds what a document may grow to when its aliases are written out,
// which is how a few hundred bytes of YAML fill a machine's memory.
const maxNodes = 50_000

// errTooBig says that a document has outgrown maxNodes, or nests too deep.
var errTooBig = errors.New("too large or too deep for a connector")

// maxFindings bounds what is said about one document.
const maxFindings = 50

// tree is one document on its way from text to connector. Its root is the
// mapping that holds "connector".
type tree struct {
	part
	// whole is the text the part was taken from, for writing it back.
	whole []byte
	// doc is the YAML document around the content, which holds the comments at
	// both ends; nil for JSON.
	doc      *yaml.Node
	root     *yaml.Node
	json     bool
	aliased  bool
	changed  bool
	findings model.Findings
	problem  *model.Problem
}

// parse turns text into a tree and mends what is known to be wrong in it. A
// tree with a problem may have no root.
func parse(p part) *tree {
	return p.parse(nil)
}

// parseForReading is parse for a tree that is not written back; most documents
// take a fraction of the time.
func parseForReading(p part) *tree {
	return p.parse(readSimple)
}

func (p part) parse(quick func([]byte) *yaml.Node) *tree {
	// The parser takes the carriage return of Windows's line ends for a part of
	// comments.
	p.text = bytes.ReplaceAll(p.text, []byte("\r\n"), []byte("\n"))
	if quick != nil {
		if root := quick(p.text); root != nil {
			t := &tree{part: p, root: root}
			t.mend()
			return t
		}
	}
	t := &tree{part: p, json: isJSON(p.text)}
	content, err := t.parseNode()
	if err != nil {
		t.syntax(err)
		return t
	}
	count := 0
	if t.root, err = t.expand(content, &count, 0); err != nil {
		t.fail("document.too-big", t.line, "", "The document is too large or too deep for a connector.", "Aliases that stand for aliases multiply.", "Write the values themselves.")
		return t
	}
	t.mend()
	return t
}

// parseNode is the content of the document as the parser sees it.
func (t *tree) parseNode() (*yaml.Node, error) {
	if t.json {
		return parseJSON(t.text)
	}
	t.doc = &yaml.Node{}
	if err := yaml.Unmarshal(t.text, t.doc); err != nil {
		return nil, err
	}
	if t.doc.Kind != yaml.DocumentNode || len(t.doc.Content) != 1 {
		return nil, errors.New("there is no content")
	}
	return t.doc.Content[0], nil
}

// expand replaces aliases by copies of what they stand for and counts the
// nodes.
func (t *tree) expand(n *yaml.Node, count *int, depth int) (*yaml.Node, error) {
	if *count++; *count > maxNodes || depth > 200 {
		return nil, errTooBig
	}
	if n.Kind == yaml.AliasNode {
		if !t.aliased {
			t.aliased = true
			t.warn("document.alias", t.at(n), "", "Harness does not read YAML aliases (*"+show(n.Value)+").", "Write the value itself; export does.")
		}
		copied := *n.Alias
		copied.Line, copied.Column, copied.Anchor = n.Line, n.Column, ""
		copied.HeadComment, copied.LineComment, copied.FootComment = n.HeadComment, n.LineComment, n.FootComment
		copied.Content = append([]*yaml.Node(nil), n.Alias.Content...)
		n = &copied
	}
	n.Anchor = ""
	for i, child := range n.Content {
		inner, err := t.expand(child, count, depth+1)
		if err != nil {
			return nil, err
		}
		n.Content[i] = inner
	}
	return n, nil
}

// syntax turns a parser's error into a problem with the line of the whole text.
func (t *tree) syntax(err error) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := t.line
	if m := regexp.MustCompile(`^(?:unmarshal errors:\s*)?line (\d+): `).FindStringSubmatch(text); m != nil {
		if at, err := strconv.Atoi(m[1]); err == nil {
			line += at - 1
		}
		text = strings.TrimPrefix(text, m[0])
	}
	t.fail("document.syntax", line, "", "The text is no valid YAML: "+show(text)+".",
		"The parser stops at this line; the mistake may stand just before it.", "Mend the text: indentation, quotes and brackets first.")
}

// fail records why the document cannot be used; the first reason counts as the
// problem, all are findings.
func (t *tree) fail(code string, line int, field model.QuestionID, what, why, fix string) {
	what = fmt.Sprintf("Line %d: %s", line, what)
	if t.problem == nil {
		t.problem = &model.Problem{Code: code, What: what, Why: why, Fix: fix, Field: field}
	}
	t.find(model.Finding{Code: code, Severity: model.SeverityError, Field: field, Message: what, Fix: fix})
}

func (t *tree) warn(code string, line int, field model.QuestionID, message, fix string) {
	t.find(model.Finding{Code: code, Severity: model.SeverityWarning, Field: field, Message: fmt.Sprintf("Line %d: %s", line, message), Fix: fix})
}

func (t *tree) find(f model.Finding) {
	if len(t.findings) < maxFindings {
		t.findings = append(t.findings, f)
	}
}

// at is the line of a node in the whole text.
func (t *tree) at(n *yaml.Node) int { return t.line + max(n.Line, 1) - 1 }

// show makes a piece of a stranger's text fit to print: one line, no control
// characters, 60 characters at most.
func show(text string) string {
	const most = 60
	var out strings.Builder
	n := 0
	for _, r := range text {
		if n++; n > most {
			out.WriteString("…")
			break
		}
		if !strconv.IsPrint(r) {
			r = ' '
		}
		out.WriteRune(r)
	}
	return strings.TrimSpace(out.String())
}

// get is the value of a key in a mapping, nil when there is none.
func get(n *yaml.Node, key string) *yaml.Node {
	if i := index(n, key); i >= 0 {
		return n.Content[i+1]
	}
	return nil
}

// index is where a key stands in a mapping's content, -1 when it does not.
func index(n *yaml.Node, key string) int {
	if n == nil || n.Kind != yaml.MappingNode {
		return -1
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key && n.Content[i].Kind == yaml.ScalarNode {
			return i
		}
	}
	return -1
}

// isNull reports whether a value is written as nothing: empty, ~ or null.
func isNull(n *yaml.Node) bool {
	return n == nil || (n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null")
}

// parseJSON reads JSON into the same nodes YAML gives. YAML's own reader cannot
// be used: it refuses tabs between tokens and surrogate pairs in strings, both
// of which JSON writers emit.
func parseJSON(text []byte) (*yaml.Node, error) {
	r := jsonReader{dec: json.NewDecoder(bytes.NewReader(text)), text: text}
	r.dec.UseNumber()
	return r.value()
}

type jsonReader struct {
	dec     *json.Decoder
	text    []byte
	counted int
	line    int
}

// token is the next token and the line it stands on.
func (r *jsonReader) token() (json.Token, int, error) {
	tok, err := r.dec.Token()
	end := int(r.dec.InputOffset())
	r.line += bytes.Count(r.text[r.counted:end], []byte("\n"))
	r.counted = end
	return tok, r.line + 1, err
}

func (r *jsonReader) value() (*yaml.Node, error) {
	tok, line, err := r.token()
	if err != nil {
		return nil, err
	}
	n := &yaml.Node{Kind: yaml.ScalarNode, Line: line}
	switch v := tok.(type) {
	case json.Delim:
		n.Kind, n.Tag = yaml.MappingNode, "!!map"
		if v == '[' {
			n.Kind, n.Tag = yaml.SequenceNode, "!!seq"
		}
		return n, r.fill(n)
	case string:
		n.Tag, n.Value, n.Style = "!!str", v, yaml.DoubleQuotedStyle
	case json.Number:
		n.Tag, n.Value = "!!float", v.String()
		if !strings.ContainsAny(n.Value, ".eE") {
			n.Tag = "!!int"
		}
	case bool:
		n.Tag, n.Value = "!!bool", strconv.FormatBool(v)
	default:
		n.Tag, n.Value = "!!null", "null"
	}
	return n, nil
}

// fill reads the children of an object or a list up to its end.
func (r *jsonReader) fill(n *yaml.Node) error {
	for r.dec.More() {
		child, err := r.value()
		if err != nil {
			return err
		}
		n.Content = append(n.Content, child)
	}
	_, _, err := r.token()
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
