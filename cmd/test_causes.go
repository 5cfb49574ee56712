package cmd

import (
	"fmt"
	"strings"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

// shownNames is how many connectors a cause names, unless everything is asked
// for.
const shownNames = 12

// shownCommands is how many commands a cause lists, unless everything is asked
// for.
const shownCommands = 6

// printCauses writes the summary of many tests for people.
func (a *app) printCauses(c flow.Causes) {
	width := textWidth
	if a.errWidth != nil {
		width = min(width, a.errWidth()-4)
	}
	headed := false
	for _, one := range c.List {
		if one.Verdict == model.VerdictUnreachable && !headed {
			headed = true
			fmt.Fprintln(a.errOut)
			a.column("", "Not reached from this machine; the delegate may reach them:", width)
		}
		a.printCause(one, width)
	}
	fmt.Fprintln(a.errOut)
	verdict, text := c.Summary()
	mark := a.verdictMark(verdict)
	if verdict == model.VerdictPass {
		mark = a.mark(signPass)
	}
	a.column(mark+" ", text, width)
}

func (a *app) printCause(c flow.Cause, width int) {
	fmt.Fprintln(a.errOut)
	p := c.Problem
	a.column(fmt.Sprintf("%s %d  ", a.verdictMark(c.Verdict), len(c.Names)), p.Code+": "+clean(p.What), width)
	names := c.Names
	more := ""
	if len(names) > shownNames && !a.verbose {
		names, more = names[:shownNames], fmt.Sprintf(" and %d more", len(c.Names)-shownNames)
	}
	a.column("    ", oneLine(strings.Join(names, ", "))+more, width)
	if c.Carried > 0 {
		a.column("    ", fmt.Sprintf("%d of them were not asked about: the server wants to be left alone.", c.Carried), width)
	}
	if p.Fix != "" {
		a.column("    Fix: ", oneLine(p.Fix), width)
	}
	a.causeCommands(c)
	if c.Mends {
		for _, m := range p.Mends {
			a.column("    ", "To "+clean(strings.TrimSuffix(m.Label, "."))+": --set "+string(m.Field)+"="+clean(m.Value), width)
		}
	}
}

// causeCommands writes what to run on the delegate's host, each on a line of its
// own, to be copied.
func (a *app) causeCommands(c flow.Cause) {
	shown := c.Commands
	if len(shown) > shownCommands && !a.verbose {
		shown = shown[:shownCommands]
	}
	for _, command := range shown {
		fmt.Fprintln(a.errOut, "      "+oneLine(command))
	}
	if n := len(c.Commands) - len(shown); n > 0 {
		fmt.Fprintf(a.errOut, "      and %d more with --verbose\n", n)
	}
}

// column writes a text behind a lead, wrapped below itself.
func (a *app) column(lead, text string, width int) {
	indent := strings.Repeat(" ", min(len([]rune(lead)), 6))
	for _, l := range wrap(text, width-len([]rune(lead))) {
		fmt.Fprintln(a.errOut, strings.TrimRight(lead+l, " "))
		lead = indent
	}
}
