package document

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"bbconnect/model"
)

// MaxSize bounds what is read as documents, in bytes. A connector takes about
// one thousand.
const MaxSize = 1 << 20

// Entry is one document of a text.
type Entry struct {
	// Line is where the document begins in the text, counted from 1.
	Line int
	// Text is the document itself, without the line that separates it.
	Text []byte
	// Connector is what was understood, as far as it could be when Problem is set.
	Connector model.Connector
	// Findings are what the codec has to say: unknown keys, mended mistakes, wrong
	// values. The rules of the fields are the model's to check.
	Findings model.Findings
	// Problem says why the document cannot be used, nil when it can.
	Problem *model.Problem
}

// Read reads every connector of a text: YAML documents separated by ---, JSON
// bodies, lists of either, and answers of Harness's REST API. A document
// that cannot be used is an entry with a Problem and does not keep the others
// from being read. The error is for a text that is no set of documents at all:
// too large (document.too-big), not text (document.syntax), or empty
// (document.empty).
func Read(data []byte) ([]Entry, error) {
	text, err := plainText(data)
	if err != nil {
		return nil, err
	}
	var out []Entry
	for _, part := range split(text) {
		for _, t := range parseForReading(part).items() {
			c, fs, problem := t.connector()
			out = append(out, Entry{Line: t.line, Text: t.text, Connector: c, Findings: fs, Problem: problem})
		}
	}
	if len(out) == 0 {
		return nil, &model.Problem{
			Code: "document.empty", What: "There is no connector document in it.",
			Why: "The text is empty or holds comments only.", Fix: "Give a YAML or JSON document that begins with connector:.",
		}
	}
	return out, nil
}

// Decode reads a text that holds exactly one connector. Findings of severity
// error are wrong values the connector still shows; the error, always a
// *model.Problem, is for a document that cannot be used: codes document.syntax,
// document.too-big, document.empty, document.several, document.not-connector,
// document.not-bitbucket, document.type, document.duplicate-key, document.value
// and store.newer. Its text names the line.
func Decode(data []byte) (model.Connector, model.Findings, error) {
	entries, err := Read(data)
	if err != nil {
		return model.Connector{}, nil, err
	}
	if len(entries) > 1 {
		return model.Connector{}, nil, &model.Problem{
			Code: "document.several", What: fmt.Sprintf("There are %d documents where one is expected.", len(entries)),
			Why: fmt.Sprintf("Another one begins on line %d.", entries[1].Line), Fix: "Give one file per connector, or use import.",
		}
	}
	e := entries[0]
	if e.Problem != nil {
		return e.Connector, e.Findings, e.Problem
	}
	return e.Connector, e.Findings, nil
}

// items are the connectors of a list: a sequence of documents, or the page of
// connectors Harness's REST API answers with. Anything else is one item.
func (t *tree) items() []*tree {
	list := t.root
	if page := get(get(t.root, "data"), "content"); page != nil {
		list = page
	}
	if list == nil || t.problem != nil || list.Kind != yaml.SequenceNode || len(list.Content) == 0 {
		return []*tree{t}
	}
	out := make([]*tree, 0, len(list.Content))
	for _, item := range list.Content {
		text, err := render(item, layout{indent: 2})
		if err != nil {
			return []*tree{t}
		}
		one := &tree{part: part{text: text, line: t.line}, root: item}
		one.mend()
		out = append(out, one)
	}
	return out
}

// part is the text of one document and the line it begins on.
type part struct {
	text []byte
	line int
}

// plainText bounds the text and turns what Windows tools write, UTF-16 and byte
// order marks, into UTF-8. Line ends are left alone.
func plainText(data []byte) ([]byte, error) {
	if len(data) > MaxSize {
		return nil, &model.Problem{
			Code: "document.too-big", What: fmt.Sprintf("The text has more than %d bytes.", MaxSize),
			Why: "A connector takes about one thousand.", Fix: "Check that it is the right file, or split it.",
		}
	}
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
		order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	}
	if order != nil {
		units := make([]uint16, 0, len(data)/2)
		for i := 2; i+1 < len(data); i += 2 {
			units = append(units, order.Uint16(data[i:]))
		}
		data = []byte(string(utf16.Decode(units)))
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		return nil, &model.Problem{
			Code: "document.syntax", What: "The text is not UTF-8.",
			Why: "It may be a binary file or in an old encoding.", Fix: "Save it as UTF-8.",
		}
	}
	return data, nil
}

// split takes a stream apart at its --- and ... lines, which YAML allows at the
// beginning of a line for nothing else. Parts without content are left out.
func split(text []byte) []part {
	var out []part
	start, startLine, line := 0, 1, 1
	flush := func(end int) {
		if hasContent(text[start:end]) {
			out = append(out, part{text: text[start:end], line: startLine})
		}
	}
	for at := 0; at < len(text); line++ {
		end := len(text)
		if i := bytes.IndexByte(text[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		if rest, ok := separator(text[at:end]); ok {
			flush(at)
			start, startLine = end-len(rest), line
			if !hasContent(rest) {
				start, startLine = end, line+1
			}
		}
		at = end
	}
	flush(len(text))
	return out
}

// separator reports whether a line ends one document, and what stands on it for
// the next one.
func separator(line []byte) (rest []byte, ok bool) {
	for _, mark := range []string{"---", "..."} {
		after, found := bytes.CutPrefix(line, []byte(mark))
		if found && (len(after) == 0 || strings.IndexByte(" \t\r\n", after[0]) >= 0) {
			return after, true
		}
	}
	return nil, false
}

// hasContent reports whether a text is more than blanks, comments and
// directives.
func hasContent(text []byte) bool {
	for line := range bytes.Lines(text) {
		trimmed := bytes.TrimSpace(line)
		if len(trimmed) > 0 && trimmed[0] != '#' && !bytes.HasPrefix(line, []byte("%")) {
			return true
		}
	}
	return false
}

// isJSON reports whether a document is JSON and not merely YAML in braces.
func isJSON(text []byte) bool {
	trimmed := bytes.TrimSpace(text)
	return len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[') && json.Valid(trimmed)
}
