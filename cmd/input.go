package cmd

import (
	"fmt"
	"io"
	"os"
	"strings"

	"bbconnect/internal/document"
	"bbconnect/model"
)

// readInput reads a file, or standard input for -.
func (a *app) readInput(name string) ([]byte, error) {
	if name == "-" {
		return readBounded(a.in, "standard input")
	}
	f, err := os.Open(expandHome(name))
	if err != nil {
		return nil, usage("Name a file that can be read.", "%s", clean(err.Error()))
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, usage("Name a file.", "%s is a folder.", clean(name))
	}
	return readBounded(f, clean(name))
}

// readBounded reads a document, as much as one may hold.
func readBounded(r io.Reader, name string) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, document.MaxSize+1))
	if err == nil && len(data) > document.MaxSize {
		err = usage("Split the file.", "%s is larger than 1 MiB.", name)
	}
	return data, err
}

// readOne reads a file that holds exactly one connector.
func readOne(name string, data []byte) (model.Connector, error) {
	entries, err := document.Read(data)
	if err != nil {
		return model.Connector{}, inFile(name, err)
	}
	if len(entries) != 1 {
		return model.Connector{}, usage("Name a file with one connector.", "%s holds %d connectors.", clean(name), len(entries))
	}
	if err := usable(name, entries[0]); err != nil {
		return model.Connector{}, err
	}
	return entries[0].Connector, nil
}

// usable refuses a document that cannot be used, or holds a wrong value.
func usable(name string, e document.Entry) error {
	if e.Problem != nil {
		return inFile(name, e.Problem)
	}
	if f, bad := e.Findings.Worst(); bad && f.Severity == model.SeverityError {
		return inFile(name, findingProblem(f))
	}
	return nil
}

func findingProblem(f model.Finding) *model.Problem {
	return &model.Problem{Code: f.Code, What: f.Message, Fix: f.Fix, Field: f.Field}
}

func problemFindings(p *model.Problem) model.Findings {
	return model.Findings{{Code: p.Code, Severity: model.SeverityError, Field: p.Field, Message: p.What, Fix: p.Fix}}
}

// inFile says which file an error is about, and which answer.
func inFile(name string, err error) error {
	if p, ok := model.AsProblem(err); ok {
		copied := *p
		copied.What = clean(name) + ": " + p.What
		if p.Field != "" && !strings.Contains(p.What, string(p.Field)) {
			copied.What = clean(name) + ": " + string(p.Field) + ": " + p.What
		}
		return &copied
	}
	return fmt.Errorf("%s: %w", clean(name), err)
}

// entryPlace is where a document of a file stands.
func entryPlace(name string, e document.Entry, several bool) string {
	if !several {
		return name
	}
	return fmt.Sprintf("%s:%d", name, e.Line)
}

// expandHome understands a leading ~.
func expandHome(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return home + string(os.PathSeparator) + rest
		}
	}
	return path
}
