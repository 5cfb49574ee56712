package steps

import (
	"fmt"
	"time"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// The properties that the quick filters of Home look for.
const (
	flagAppPassword = 1 << iota
	flagFailed
	flagExpiring
)

func homeFilters() []ui.QuickFilter {
	return []ui.QuickFilter{
		{Key: "A", Name: "App Passwords", Flag: flagAppPassword},
		{Key: "F", Name: "failed", Flag: flagFailed},
		{Key: "X", Name: "expiring or expired", Flag: flagExpiring},
	}
}

func homeColumns() []ui.Column {
	return []ui.Column{
		{Title: "Name", Min: 20, Sort: ui.ByText},
		{Title: "Id", Min: 16, Drop: 5, Sort: ui.ByText},
		{Title: "Points to", Min: 16, Drop: 1, Sort: ui.ByText},
		{Title: "Credential", Min: 12, Drop: 2, Sort: ui.ByText},
		{Title: "API access", Min: 12, Drop: 4, Sort: ui.ByText},
		{Title: "Last test", Min: 12, Sort: ui.ByNumber},
		{Title: "Expires", Right: true, Min: 7, Drop: 3, Sort: ui.ByNumber},
	}
}

// homeRow is one connector as the list shows it.
func homeRow(g *flow.Glance, now time.Time) ui.Row {
	tested, ends := int64(ui.NoNumber), int64(ui.NoNumber)
	if g.Verdict != "" {
		tested = g.Tested.Unix()
	}
	if !g.Expires.IsZero() {
		ends = g.Expires.Unix()
	}
	row := ui.Row{
		ID:      g.Key,
		Cells:   []string{g.Name, g.ID, g.PointsTo, credentialText(g, now), methodText(g, now), lastTest(g, now), expires(g.Expires, now)},
		Search:  g.URL + " " + g.Tags,
		Numbers: []int64{0, 0, 0, 0, 0, tested, ends},
	}
	if g.AppPassword {
		row.Flags |= flagAppPassword
	}
	if g.Failed() {
		row.Flags |= flagFailed
	}
	if g.Expiring(now) {
		row.Flags |= flagExpiring
	}
	return row
}

// credentialText is what git signs in with; an App Password is marked.
func credentialText(g *flow.Glance, now time.Time) string {
	text := model.KindLabel(g.Credential)
	if g.AppPassword && g.Credential == model.KindAppPassword {
		return appPasswordMark(now).Sign() + " " + text
	}
	return text
}

// methodText is how the REST API is used; an App Password is marked.
func methodText(g *flow.Glance, now time.Time) string {
	if g.AppPassword && g.Method == model.APIUsernameToken {
		return appPasswordMark(now).Sign() + " App Password"
	}
	return shortMethod(g.Method)
}

func appPasswordMark(now time.Time) ui.Mark {
	if model.AppPasswordFinding(now, model.QKind).Severity == model.SeverityError {
		return ui.Fail
	}
	return ui.Warn
}

// shortMethod is a method of API access as a column has room for it.
func shortMethod(m model.APIMethod) string {
	switch m {
	case model.APIEmailAndToken:
		return "API token"
	case model.APIAccessToken:
		return "Access token"
	case model.APIUsernameToken:
		return "Username, token"
	case model.APIOAuth:
		return "OAuth"
	}
	return "off"
}

// lastTest is the last test as a mark and how long ago it was.
func lastTest(g *flow.Glance, now time.Time) string {
	if g.Verdict == "" {
		return ui.Skip.Sign() + " never tested"
	}
	return markOf(g.Verdict).Sign() + " " + ago(now, g.Tested)
}

// expires is how many days the first credential of a connector has left.
func expires(day, now time.Time) string {
	if day.IsZero() {
		return ui.Skip.Sign()
	}
	switch left := model.DaysLeft(day, now); {
	case left < 0:
		return ui.Fail.Sign() + " ended"
	case left <= expiringSoon:
		return fmt.Sprintf("%s %d d", ui.Warn.Sign(), left)
	default:
		return fmt.Sprintf("%d d", left)
	}
}

// ago says how long ago something was.
func ago(now, then time.Time) string {
	switch d := now.Sub(then); {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	default:
		return fmt.Sprintf("%d d ago", int(d.Hours()/24))
	}
}
