package cmd

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// words splits a line of an example as a shell would, as far as examples go:
// quotes, comments, pipes and redirections.
func words(line string) []string {
	var out []string
	var word strings.Builder
	quote, open := rune(0), false
	for _, r := range line + " " {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote, open = r, true
		case r == ' ' && (word.Len() > 0 || open):
			out, open = append(out, word.String()), false
			word.Reset()
		case r == ' ':
		case r == '#' || r == '>' || r == '<' || r == '|' || r == ')':
			if word.Len() > 0 {
				out = append(out, word.String())
			}
			return out
		default:
			word.WriteRune(r)
		}
	}
	return out
}

// understood parses what stands behind bbconnect in a line of shell.
func understood(call string) error {
	root := newRoot(newTestApp(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}))
	root.InitDefaultHelpCmd()
	root.InitDefaultVersionFlag()
	target, rest, err := root.Find(words(call))
	if err == nil {
		err = target.ParseFlags(rest)
	}
	if err != nil && strings.HasSuffix(err.Error(), "help requested") || err == nil && target.Name() == "help" {
		return nil
	}
	if err == nil {
		err = target.ValidateArgs(target.Flags().Args())
	}
	if err == nil && target == root && len(target.Flags().Args()) > 0 {
		err = errors.New("there is no such command")
	}
	return err
}

// calls are the calls of bbconnect on a page: in blocks of shell, and in code
// that begins with the name, where it is more than the name of a command.
func calls(page string) []string {
	var out []string
	page = strings.ReplaceAll(page, "\\\n", "")
	for _, block := range regexp.MustCompile("(?s)```sh[^\n]*\n(.*?)```").FindAllStringSubmatch(page, -1) {
		for line := range strings.SplitSeq(block[1], "\n") {
			for _, m := range regexp.MustCompile(`(?:^|\||\|\| |"|bin/|<\()\s*bbconnect((?: .*)?)$`).FindAllStringSubmatch(line, -1) {
				out = append(out, m[1])
			}
		}
	}
	for _, m := range regexp.MustCompile("`bbconnect( [^`\n]+)`").FindAllStringSubmatch(page, -1) {
		if last := m[1][strings.LastIndex(m[1], " ")+1:]; strings.ContainsAny(m[1], "-<.") || last == strings.ToUpper(last) {
			out = append(out, m[1])
		}
	}
	return out
}

func TestEveryCallOnAPageIsUnderstood(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, page := range append(pages, "../README.md", "../ARCHITECTURE.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, call := range calls(strings.ReplaceAll(string(text), "\r\n", "\n")) {
			found++
			if err := understood(call); err != nil {
				t.Errorf("%s: bbconnect%s: %v", page, call, err)
			}
		}
	}
	if found < 150 {
		t.Errorf("only %d calls were found", found)
	}
}

func everyCommand(c *cobra.Command, visit func(*cobra.Command)) {
	visit(c)
	for _, sub := range c.Commands() {
		everyCommand(sub, visit)
	}
}

func TestEveryCommandIsExplainedAndItsExamplesParse(t *testing.T) {
	t.Parallel()
	parsed := 0
	everyCommand(newRoot(newTestApp(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{})), func(c *cobra.Command) {
		if c.Hidden {
			return
		}
		if c.Short == "" || c.Long == "" || (c.Runnable() && c.Example == "") {
			t.Errorf("%s lacks a short text, a long one or an example", c.CommandPath())
		}
		for _, line := range strings.Split(c.Short+"\n"+c.Long, "\n") {
			if len([]rune(line)) > 96 || strings.ContainsAny(line, "`*") || strings.Contains(strings.ToLower(line), "please") {
				t.Errorf("%s: %q is too wide, or not calm", c.CommandPath(), line)
			}
		}
		if c.Example == "" {
			return
		}
		for line := range strings.SplitSeq(strings.ReplaceAll(c.Example, "\\\n", ""), "\n") {
			_, call, found := strings.Cut(line, "bbconnect")
			if !found {
				t.Errorf("%s: %q calls nothing of ours", c.CommandPath(), line)
				continue
			}
			parsed++
			if err := understood(call); err != nil {
				t.Errorf("%s: %q is not understood: %v", c.CommandPath(), line, err)
			}
		}
	})
	if parsed < 25 {
		t.Errorf("only %d examples were found", parsed)
	}
}
