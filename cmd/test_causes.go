package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

// shownNames is how many connectors a cause names, unless everything is asked
// for.
const shownNames = 12

// causes are the results of many tests by what was found.
type causes struct {
	list     []cause
	passed   int
	untested int
}

// cause is one problem and the connectors that have it.
type cause struct {
	verdict model.Verdict
	problem *model.Problem
	names   []string
	// mends says that the same answers mend it everywhere.
	mends bool
	// carried counts those that were not asked about.
	carried int
}

// causesOf groups results by code and what happened, worst first: failures, then
// what this machine cannot reach, then warnings; within them the most frequent.
// problem is what an error of a connector's own says.
func causesOf(results []flow.Tested, problem func(error) (*model.Problem, bool)) causes {
	var out causes
	found := map[[3]string]int{}
	for _, t := range results {
		verdict, p := t.Result.Verdict, t.Result.Problem
		if t.Err != nil {
			own, ok := problem(t.Err)
			if errors.Is(t.Err, flow.ErrNotTested) || !ok {
				out.untested++
				continue
			}
			verdict, p = model.VerdictFail, own
		}
		if p == nil {
			if flow.Passed(verdict) {
				out.passed++
				continue
			}
			p = &model.Problem{Code: string(verdict), What: "The test did not pass."}
		}
		if flow.Passed(verdict) {
			out.passed++
		}
		key := [3]string{string(verdict), p.Code, p.What}
		i, known := found[key]
		if !known {
			i = len(out.list)
			found[key] = i
			out.list = append(out.list, cause{verdict: verdict, problem: p, mends: true})
		}
		c := &out.list[i]
		c.names = append(c.names, t.Result.Connector)
		c.mends = c.mends && slices.Equal(c.problem.Mends, p.Mends)
		if t.Carried {
			c.carried++
		}
	}
	rank := map[model.Verdict]int{model.VerdictFail: 0, model.VerdictUnreachable: 1, model.VerdictWarn: 2, model.VerdictPass: 3}
	slices.SortStableFunc(out.list, func(a, b cause) int {
		return cmp.Or(cmp.Compare(rank[a.verdict], rank[b.verdict]), cmp.Compare(len(b.names), len(a.names)), cmp.Compare(a.problem.Code, b.problem.Code))
	})
	return out
}

// printCauses writes the summary of many tests for people.
func (a *app) printCauses(c causes) {
	width := textWidth
	if a.errWidth != nil {
		width = min(width, a.errWidth()-4)
	}
	headed := false
	for _, one := range c.list {
		if one.verdict == model.VerdictUnreachable && !headed {
			headed = true
			fmt.Fprintln(a.errOut)
			a.column("", "Not reached from this machine; the delegate may reach them:", width)
		}
		a.printCause(one, width)
	}
	fmt.Fprintln(a.errOut)
	if c.passed > 0 || c.untested == 0 {
		a.column(a.mark(signPass)+" ", fmt.Sprintf("%d passed", c.passed), width)
	}
	if c.untested > 0 {
		a.column(a.verdictMark(model.VerdictUnreachable)+" ", fmt.Sprintf("%d not tested", c.untested), width)
	}
}

func (a *app) printCause(c cause, width int) {
	fmt.Fprintln(a.errOut)
	p := c.problem
	a.column(fmt.Sprintf("%s %d  ", a.verdictMark(c.verdict), len(c.names)), p.Code+": "+clean(p.What), width)
	names := c.names
	more := ""
	if len(names) > shownNames && !a.verbose {
		names, more = names[:shownNames], fmt.Sprintf(" and %d more", len(c.names)-shownNames)
	}
	a.column("    ", oneLine(strings.Join(names, ", "))+more, width)
	if c.carried > 0 {
		a.column("    ", fmt.Sprintf("%d of them were not asked about: the server wants to be left alone.", c.carried), width)
	}
	if p.Fix != "" {
		a.column("    Fix: ", oneLine(p.Fix), width)
	}
	if c.mends {
		for _, m := range p.Mends {
			a.column("    ", "To "+clean(strings.TrimSuffix(m.Label, "."))+": --set "+string(m.Field)+"="+clean(m.Value), width)
		}
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
