package flow

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"bbconnect/model"
)

// Causes are the results of many tests by what was found.
type Causes struct {
	// List has each cause once, worst first: failures, then what this machine cannot
	// reach, then warnings; of equals the most frequent.
	List []Cause
	// Passed, Failed and Unreached count connectors by their verdict; Untested are
	// those whose turn never came.
	Passed, Failed, Unreached, Untested int
}

// Summary counts the connectors in words, "18 passed, 2 failed, 1 not reached",
// with the gravest of what happened: a pass only where every one of them passed.
func (c Causes) Summary() (model.Verdict, string) {
	worst, parts := model.VerdictPass, []string{fmt.Sprintf("%d passed", c.Passed)}
	for _, of := range []struct {
		n       int
		verdict model.Verdict
		words   string
	}{{c.Untested, model.VerdictUnreachable, "not tested"}, {c.Unreached, model.VerdictUnreachable, "not reached"}, {c.Failed, model.VerdictFail, "failed"}} {
		if of.n > 0 {
			worst = of.verdict
			parts = slices.Insert(parts, 1, fmt.Sprintf("%d %s", of.n, of.words))
		}
	}
	return worst, strings.Join(parts, ", ")
}

// Cause is one problem and the connectors that have it.
type Cause struct {
	Verdict model.Verdict
	Problem *model.Problem
	// Names are the keys of the connectors.
	Names []string
	// Mends says that the same answers mend it everywhere.
	Mends bool
	// Commands are those of every problem of this cause, each once.
	Commands []string
	// Carried counts those that were not asked about.
	Carried int
}

// CausesOf groups results by code and what happened. problem is what an error of
// a connector's own says; ok is false for one that is the whole run's.
func CausesOf(results []Tested, problem func(error) (p *model.Problem, ok bool)) Causes {
	var out Causes
	found := map[[3]string]int{}
	for _, t := range results {
		verdict, p, tested := outcomeOf(t, problem)
		if !tested {
			out.Untested++
			continue
		}
		switch {
		case Passed(verdict):
			out.Passed++
		case verdict == model.VerdictUnreachable:
			out.Unreached++
		default:
			out.Failed++
		}
		if p == nil {
			continue
		}
		key := [3]string{string(verdict), p.Code, p.What}
		i, known := found[key]
		if !known {
			i = len(out.List)
			found[key] = i
			out.List = append(out.List, Cause{Verdict: verdict, Problem: p, Mends: true})
		}
		c := &out.List[i]
		c.Names = append(c.Names, t.Result.Connector)
		c.Mends = c.Mends && slices.Equal(c.Problem.Mends, p.Mends)
		for _, command := range p.Commands {
			if !slices.Contains(c.Commands, command) {
				c.Commands = append(c.Commands, command)
			}
		}
		if t.Carried {
			c.Carried++
		}
	}
	rank := map[model.Verdict]int{model.VerdictFail: 0, model.VerdictUnreachable: 1, model.VerdictWarn: 2, model.VerdictPass: 3}
	slices.SortStableFunc(out.List, func(a, b Cause) int {
		return cmp.Or(cmp.Compare(rank[a.Verdict], rank[b.Verdict]), cmp.Compare(len(b.Names), len(a.Names)), cmp.Compare(a.Problem.Code, b.Problem.Code))
	})
	return out
}

// outcomeOf is a result's verdict and problem; tested is false where there is no
// result.
func outcomeOf(t Tested, problem func(error) (*model.Problem, bool)) (verdict model.Verdict, p *model.Problem, tested bool) {
	if t.Err != nil {
		own, ok := problem(t.Err)
		return model.VerdictFail, own, ok && !errors.Is(t.Err, ErrNotTested)
	}
	verdict, p = t.Result.Verdict, t.Result.Problem
	if p == nil && !Passed(verdict) {
		p = &model.Problem{Code: string(verdict), What: "The test did not pass."}
	}
	return verdict, p, true
}
