package cmd

import (
	"fmt"
	"strings"
	"time"

	"bbconnect/model"
)

// eventJSON is one line of migrate --json: plan, verified, refused, test, report, or
// none where there is nothing to do.
type eventJSON struct {
	Event      string                 `json:"event"`
	Ref        model.SecretRef        `json:"ref,omitempty"`
	User       string                 `json:"user,omitempty"`
	Old        model.CredentialKind   `json:"old,omitempty"`
	Kind       model.CredentialKind   `json:"kind,omitempty"`
	Kinds      []model.CredentialKind `json:"kinds,omitempty"`
	Page       string                 `json:"page,omitempty"`
	Scopes     []scopeJSON            `json:"scopes,omitempty"`
	Connectors []plannedJSON          `json:"connectors,omitempty"`
	Findings   model.Findings         `json:"findings,omitempty"`
	Problem    *model.Problem         `json:"problem,omitempty"`
	Test       *testResultJSON        `json:"test,omitempty"`
	Report     *model.MigrationReport `json:"report,omitempty"`
}

type scopeJSON struct {
	Name     string `json:"name"`
	For      string `json:"for"`
	Required bool   `json:"required"`
}

type plannedJSON struct {
	ID       string               `json:"id"`
	Name     string               `json:"name"`
	Changes  []model.AnswerChange `json:"changes"`
	Findings model.Findings       `json:"findings,omitempty"`
}

// printFound says how much is concerned.
func (m *migration) printFound() {
	a := m.app
	for _, d := range m.plan.Damaged {
		a.tell(a.errOut, signWarn, "Not looked at: "+d.Path+". "+d.Problem.What)
	}
	for _, name := range m.plan.Unseen {
		a.tell(a.errOut, signWarn, "Nobody knows what "+string(name.Ref())+" is: its kind is not recorded, and its value cannot be read here.")
	}
	switch {
	case a.json:
	case len(m.plan.Groups) == 0:
		a.tell(a.errOut, signPass, "No connector uses an App Password.")
	case m.plan.Purpose == model.PurposeRotation:
		a.tell(a.errOut, "", fmt.Sprintf("%s: %s.", m.plan.Groups[0].Name.Ref(), groupLine(m.plan.Groups[0])))
	default:
		a.tell(a.errOut, "", fmt.Sprintf("App Passwords stopped working on June 9, 2026.   %s, %s",
			countOf(m.plan.Members(), "connector"), countOf(len(m.plan.Groups), "secret")))
	}
}

// groupLine is a group in a line: how many connectors, what and whose.
func groupLine(g model.MigrationGroup) string {
	product := "Cloud"
	if g.Product == model.DataCenter {
		product = "Data Center " + g.Host
	}
	text := countOf(len(g.Members), "connector") + ", " + model.KindLabel(g.Old) + ", " + product
	if g.User != "" {
		text += ", user " + clean(g.User)
	}
	return text
}

func countOf(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// printPlan shows what each document becomes.
func (m *migration) printPlan() error {
	for _, g := range m.plan.Groups {
		r, ready := m.with[g.Name]
		if !ready {
			r = model.Replacement{Kind: g.Kinds[0], Email: g.Email}
		}
		if m.app.json {
			if err := m.app.writeJSONLine(planJSON(g, r)); err != nil {
				return err
			}
			continue
		}
		m.printGroup(g, r, ready)
	}
	return nil
}

func planJSON(g model.MigrationGroup, r model.Replacement) eventJSON {
	e := eventJSON{Event: "plan", Ref: g.Name.Ref(), User: g.User, Old: g.Old, Kind: r.Kind, Kinds: g.Kinds, Page: g.Page(r.Kind), Connectors: []plannedJSON{}}
	for _, s := range g.Scopes(r.Kind) {
		e.Scopes = append(e.Scopes, scopeJSON{s.Tick, s.For, s.Required})
	}
	for _, member := range g.Members {
		c := g.Change(member, r)
		e.Connectors = append(e.Connectors, plannedJSON{
			ID: member.ID(), Name: member.Saved.Connector.Name, Changes: append([]model.AnswerChange{}, c.Answers...), Findings: c.Findings,
		})
	}
	return e
}

func (m *migration) printGroup(g model.MigrationGroup, r model.Replacement, ready bool) {
	a := m.app
	state := "no new credential yet"
	if ready {
		state = "new " + model.KindLabel(r.Kind)
		if !r.Expires.IsZero() {
			state += ", expires " + r.Expires.Format(time.DateOnly)
		}
	}
	fmt.Fprintf(a.errOut, "\n%s   %s\n", g.Name.Ref(), groupLine(g))
	a.tell(a.errOut, "", state+"; value replaced, name kept")
	for _, member := range g.Members {
		c := g.Change(member, r)
		a.tell(a.errOut, "", clean(member.Saved.Connector.Name)+" ("+member.ID()+")"+unchangedText(c))
		for _, answer := range c.Answers {
			if !ready && answer.After == "" && answer.Question == model.QAPIEmail {
				answer.After = "the email of the new token's account"
			}
			fmt.Fprintf(a.errOut, "      %-14s %s -> %s\n", answer.Label, answerText(answer.Before), answerText(answer.After))
		}
		for _, f := range c.Findings {
			if f.Code != "email.required" || ready {
				a.printFindings(a.errOut, model.Findings{f})
			}
		}
	}
}

func unchangedText(c model.MemberChange) string {
	if c.Changed() {
		return ""
	}
	return ": its document stays as it is"
}

// answerText is an answer in a difference; nothing is said as a word.
func answerText(text string) string {
	if text == "" {
		return "(none)"
	}
	return clean(text)
}

// printReport prints the report, in the form that was asked for, and writes the one
// of --report.
func (m *migration) printReport(r model.MigrationReport) error {
	if err := m.writeReport(r); err != nil {
		return err
	}
	if m.app.json {
		return m.app.writeJSONLine(eventJSON{Event: "report", Report: &r})
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(r.Text(), "\n"), "\n") {
		m.printReportLine(oneLine(line))
	}
	return nil
}

// printReportLine wraps a line of the report for people, its beginning kept.
func (m *migration) printReportLine(line string) {
	text := strings.TrimLeft(line, " ")
	indent := line[:len(line)-len(text)]
	if len([]rune(line)) <= textWidth {
		fmt.Fprintln(m.app.out, strings.TrimRight(line, " "))
		return
	}
	for n, part := range wrap(text, textWidth-len(indent)) {
		if n == 1 {
			indent += "  "
		}
		fmt.Fprintln(m.app.out, strings.TrimRight(indent+part, " "))
	}
}
