package steps

import (
	"strings"

	"bbconnect/model"
	"bbconnect/ui"
)

// ahead says what going on would do, to which connectors.
func ahead(s *runState) string {
	if s.record.State != model.MigrationGoing {
		return "z takes all of it back."
	}
	var forced, left []string
	for _, m := range s.record.Members {
		switch {
		case s.record.UnitState(m.Unit) == model.UnitApplied:
		case m.State == model.MemberForced:
			forced = append(forced, m.Name)
		case m.State == model.MemberLeft:
			left = append(left, m.Name)
		}
	}
	var text []string
	if len(forced) > 0 {
		text = append(text, few(forced)+" will be changed without passing.")
	}
	if len(left) > 0 {
		text = append(text, few(left)+" will be left on the old value.")
	}
	ways := "enter goes on, "
	if len(waits(s.record)) > 0 {
		ways += "r tests again, "
	}
	ways += "z takes all of it back."
	switch n := s.report.Count(model.MemberUntested); n {
	case 0:
	case 1:
		ways = "1 connector is still to be tested; " + ways
	default:
		ways = countOf(n, "connector") + " are still to be tested; " + ways
	}
	return strings.Join(append(text, ways), " ")
}

// confirmedText says which old values are gone, and which are not, since a connector
// was left on them.
func confirmedText(r model.MigrationReport) string {
	var kept []string
	for _, s := range r.Secrets {
		if !s.Kept || !s.Replaced {
			continue
		}
		var users []string
		for _, m := range s.Members {
			if m.State == model.MemberLeft {
				users = append(users, m.Name)
			}
		}
		text := string(s.OldRef)
		if len(users) > 0 {
			text += ", which " + few(users) + map[bool]string{true: " still uses", false: " still use"}[len(users) == 1]
		}
		kept = append(kept, text)
	}
	switch {
	case len(kept) == 0:
		return "Confirmed: the old values are gone from this machine."
	case len(kept) == len(r.Secrets):
		return "Confirmed. What stays of the old values: " + strings.Join(kept, "; ") + "."
	}
	return "Confirmed. The old values are gone from this machine, except " + strings.Join(kept, "; ") + "."
}

// waysOn is what can be done with a migration that waits: only one that has something
// to confirm is confirmed.
func waysOn(r model.MigrationRecord) string {
	switch {
	case r.State == model.MigrationUndoing:
		return "takes the rest of it back"
	case r.State == model.MigrationConfirming:
		return "finishes confirming it"
	case r.Applied():
		return "confirms it or takes it back"
	case r.Confirmable():
		return "goes on with it, confirms it or takes it back"
	}
	return "goes on with it or takes it back"
}

// waitsText says what waits, by its purpose and how far it is.
func waitsText(r model.MigrationRecord) string {
	what := "A migration"
	if r.Purpose == model.PurposeRotation {
		what = "A rotation"
	}
	if r.State == model.MigrationGoing && !r.Applied() {
		return what + " is not finished yet"
	}
	return what + " is not confirmed yet"
}

// waitingCard is a migration that has to be ended before another can begin.
func (s *Migrate) waitingCard() ui.Problem {
	r := *s.waiting
	what := "A migration waits for you"
	if r.Purpose == model.PurposeRotation {
		what = "A rotation waits for you"
	}
	ways := waysOn(r)
	return ui.Problem{
		What: what, Mark: ui.Warn, Keys: s.Keys(),
		Why: "It was begun " + ago(s.jobs.Now(), r.StartedAt) + ": " + model.ReportOf(r, s.jobs.Now()).Headline(),
		Fix: "enter shows it, and " + ways + ". Then another can begin.",
	}
}

// rotatedSecret names what a rotation replaces.
func rotatedSecret(r model.MigrationRecord) string {
	if len(r.Secrets) == 0 {
		return ""
	}
	return secretTitle(r.Secrets[0].Name)
}
