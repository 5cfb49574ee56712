package cmd

import (
	"bytes"
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

func everyCommand(c *cobra.Command, visit func(*cobra.Command)) {
	visit(c)
	for _, sub := range c.Commands() {
		everyCommand(sub, visit)
	}
}

func TestEveryCommandIsExplainedAndItsExamplesParse(t *testing.T) {
	t.Parallel()
	parsed := 0
	everyCommand(newRoot(newApp(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{})), func(c *cobra.Command) {
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
			root := newRoot(newApp(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}))
			target, rest, err := root.Find(words(call))
			if err == nil {
				err = target.ParseFlags(rest)
			}
			if err == nil {
				err = target.ValidateArgs(target.Flags().Args())
			}
			if err != nil || (target == root && len(target.Flags().Args()) > 0) {
				t.Errorf("%s: %q is not understood: %v", c.CommandPath(), line, err)
			}
		}
	})
	if parsed < 25 {
		t.Errorf("only %d examples were found", parsed)
	}
}
