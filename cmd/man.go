package cmd

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"bbconnect/internal/disk"
	"bbconnect/model"
)

// newMan writes manual pages.
func newMan(a *app) *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use: "man [COMMAND]... [-o DIR]", Short: "Write manual pages",
		Long: `Write the manual page of a command to standard output, or with -o every page
into a folder. The pages are made of the same texts as --help.`,
		Example: `  bbconnect man | man -l -
  bbconnect man secret set | man -l -
  bbconnect man -o ~/.local/share/man/man1`,
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case dir != "" && len(args) > 0:
				return usage("Name a command, or a folder for all of them.", "-o writes every page.")
			case dir != "":
				return a.writeManual(c.Root(), expandHome(dir))
			}
			target, rest, err := c.Root().Find(args)
			if err != nil || len(rest) > 0 || !hasPage(target) {
				return noCommand(c.Root(), strings.Join(args, " "))
			}
			_, err = a.out.Write(manPage(target))
			return err
		},
	}
	c.Flags().StringVarP(&dir, "output", "o", "", "write every page into this folder, which is made where it is missing")
	c.ValidArgsFunction = func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		var out []string
		if within, _, err := c.Root().Find(args); err == nil {
			for _, sub := range within.Commands() {
				if hasPage(sub) {
					out = append(out, sub.Name()+"\t"+sub.Short)
				}
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
	return c
}

// hasPage says that a command is for people to read about.
func hasPage(c *cobra.Command) bool { return !c.Hidden && c.Name() != "questions" }

// writeManual writes the page of every command, each file in one step.
func (a *app) writeManual(root *cobra.Command, dir string) error {
	written := 0
	var write func(c *cobra.Command) error
	write = func(c *cobra.Command) error {
		if !hasPage(c) {
			return nil
		}
		path := filepath.Join(dir, pageName(c)+".1")
		if err := disk.WriteFile(path, manPage(c)); err != nil {
			return &model.Problem{
				Code: "store.unwritable", What: clean(path) + " cannot be written.", Why: clean(err.Error()) + ".",
				Fix: "Name a folder that can be written to.", Cause: err,
			}
		}
		written++
		for _, sub := range c.Commands() {
			if err := write(sub); err != nil {
				return err
			}
		}
		return nil
	}
	if err := write(root); err != nil {
		return err
	}
	a.tell(a.errOut, signPass, fmt.Sprintf("%d pages are in %s.", written, clean(dir)))
	return nil
}

// pageName is a page's name: bbconnect-secret-set.
func pageName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// manPage is one page in the macros of man(7).
func manPage(c *cobra.Command) []byte {
	p := &page{}
	fmt.Fprintf(p, ".TH %s 1 \"\" %s \"bbconnect manual\"\n", macroWord(strings.ToUpper(pageName(c))), macroWord("bbconnect "+buildVersion()))
	p.section("NAME")
	p.line(pageName(c) + " - " + lowerFirst(c.Short))
	p.section("SYNOPSIS")
	fmt.Fprintf(p, ".B %s\n", macroWord(c.CommandPath()))
	if rest := strings.TrimPrefix(c.UseLine(), c.CommandPath()); c.Runnable() && rest != "" {
		p.line(strings.TrimSpace(rest))
	} else if !c.Runnable() || !c.HasParent() {
		p.line("[COMMAND] [flags]")
	}
	p.section("DESCRIPTION")
	p.prose(c.Long)
	p.commands(c)
	p.flags("OPTIONS", c.LocalNonPersistentFlags().FlagUsages())
	global := c.InheritedFlags().FlagUsages()
	if !c.HasParent() {
		global = c.PersistentFlags().FlagUsages()
	}
	p.flags("OPTIONS OF EVERY COMMAND", global)
	if c.Example != "" {
		p.section("EXAMPLES")
		p.verbatim(strings.Split(strings.Trim(c.Example, "\n"), "\n"))
	}
	p.exits()
	if !c.HasParent() {
		p.environment()
	}
	p.seeAlso(c)
	return p.Bytes()
}

// commands lists what is below a command.
func (p *page) commands(c *cobra.Command) {
	begun := false
	for _, sub := range c.Commands() {
		if !hasPage(sub) {
			continue
		}
		if !begun {
			p.section("COMMANDS")
			begun = true
		}
		p.item(sub.Name(), sub.Short+".")
	}
}

// exits are the exit codes of the contract.
func (p *page) exits() {
	p.section("EXIT STATUS")
	for _, e := range []struct {
		code int
		text string
	}{
		{exitDone, "Done, or done with warnings."},
		{exitFailed, "What was asked for failed: a test failed or could not reach, a document is invalid, something expires."},
		{exitUsage, "The command was called in a wrong way."},
		{exitNotFound, "There is no such connector or secret."},
		{exitKeystore, "The place for secrets cannot be used."},
		{exitConflict, "Somebody else changed it meanwhile."},
		{exitCancelled, "Cancelled."},
	} {
		p.item(fmt.Sprint(e.code), e.text)
	}
}

func (p *page) environment() {
	p.section("ENVIRONMENT")
	for _, e := range [][2]string{
		{"BBCONNECT_HOME", "Keep everything under this folder instead of the user's folders."},
		{"BBCONNECT_VAULT_PASSPHRASE_FILE", "A file with the vault's passphrase, where nobody can be asked."},
		{"ACCESSIBLE", "Plain lines and words instead of screens."},
		{"NO_COLOR", "No colours."},
		{"HTTPS_PROXY, NO_PROXY", "The proxy for live tests, and the hosts that are reached without it."},
		{"SSL_CERT_FILE", "The certificate authorities to trust in the place of the system's."},
	} {
		p.item(e[0], e[1])
	}
}

// seeAlso names the pages above and below.
func (p *page) seeAlso(c *cobra.Command) {
	var names []string
	if c.HasParent() {
		names = append(names, pageName(c.Parent()))
	}
	for _, sub := range c.Commands() {
		if hasPage(sub) {
			names = append(names, pageName(sub))
		}
	}
	if len(names) == 0 {
		return
	}
	p.section("SEE ALSO")
	for i, name := range names {
		end := ","
		if i == len(names)-1 {
			end = ""
		}
		fmt.Fprintf(p, ".BR %s (1)%s\n", macroWord(name), end)
	}
}

// page is a manual page being written.
type page struct{ bytes.Buffer }

func (p *page) section(name string) { fmt.Fprintf(p, ".SH %s\n", name) }

func (p *page) line(text string) { p.WriteString(roffLine(text) + "\n") }

func (p *page) item(term, text string) {
	fmt.Fprintf(p, ".TP\n.B %s\n", macroWord(term))
	p.line(text)
}

// prose writes paragraphs; lines that are indented are commands or lists, and
// stay as they are.
func (p *page) prose(text string) {
	var kept []string
	between := false
	flush := func() {
		if len(kept) > 0 {
			p.WriteString(".PP\n")
			p.verbatim(kept)
			kept, between = nil, true
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		switch {
		case strings.HasPrefix(line, "  "):
			kept = append(kept, line)
		case strings.TrimSpace(line) == "":
			flush()
			between = true
		default:
			flush()
			if between {
				p.WriteString(".PP\n")
				between = false
			}
			p.line(line)
		}
	}
	flush()
}

// verbatim writes lines as they are, indented by the page alone.
func (p *page) verbatim(lines []string) {
	p.WriteString(".nf\n")
	for _, line := range lines {
		p.line("    " + strings.TrimPrefix(line, "  "))
	}
	p.WriteString(".fi\n")
}

// flags writes what the flag library says of flags: one a line, its name and
// after at least two blanks its text.
func (p *page) flags(section, usages string) {
	begun := false
	for line := range strings.Lines(usages) {
		name, text, ok := strings.Cut(strings.TrimSpace(line), "  ")
		if !ok {
			continue
		}
		if !begun {
			p.section(section)
			begun = true
		}
		p.item(name, strings.TrimSpace(text))
	}
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// macroWord is a text as one argument of a macro.
func macroWord(text string) string {
	return `"` + strings.ReplaceAll(roffText(text), `"`, `\(dq`) + `"`
}

// roffLine is a text as a line of its own: one that begins with a full stop or an
// apostrophe would be a request.
func roffLine(text string) string {
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		return `\&` + roffText(text)
	}
	return roffText(text)
}

// roffText writes letters so that they come out as they are: a hyphen that can be
// copied, quotes that stay straight, and whatever is not ASCII by its number
// (groff_char(7)).
func roffText(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\\':
			b.WriteString(`\e`)
		case r == '-':
			b.WriteString(`\-`)
		case r == '\'':
			b.WriteString(`\(aq`)
		case r == '`':
			b.WriteString(`\(ga`)
		case r == '^':
			b.WriteString(`\(ha`)
		case r == '~':
			b.WriteString(`\(ti`)
		case r > 126:
			fmt.Fprintf(&b, `\[u%04X]`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
