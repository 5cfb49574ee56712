package steps

import (
	"strconv"
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

// homeColumns give way in a narrow window from the id on; what an App Password
// and an ended token are marked in goes last.
func homeColumns() []ui.Column {
	return []ui.Column{
		{Title: "Name", Min: 16, Keep: 24, Sort: ui.ByText},
		{Title: "Id", Min: 16, Drop: 5, Sort: ui.ByText},
		{Title: "Points to", Min: 16, Drop: 3, Sort: ui.ByText},
		{Title: "Credential", Min: 14, Drop: 2, Sort: ui.ByText},
		{Title: "API access", Min: 14, Drop: 4, Sort: ui.ByText},
		{Title: "Last test", Min: 12, Sort: ui.ByNumber},
		{Title: "Expires", Right: true, Min: 7, Drop: 1, Sort: ui.ByNumber},
	}
}

// homeRows fills rows from glances, the first of which is number from in the
// list.
func homeRows(rows []ui.Row, all []flow.Glance, from int, now time.Time) {
	n := len(homeColumns())
	cells, numbers := make([]string, 0, n*len(all)), make([]int64, n*len(all))
	for i := range all {
		g, start := &all[i], len(cells)
		cells = append(cells, g.Name, g.ID, g.PointsTo, credentialText(g, now), methodText(g, now), testedCell(g, now), expires(g.Expires, now))
		rows[i] = ui.Row{
			ID: g.Key, Cells: cells[start:len(cells):len(cells)], Search: g.URL + " " + g.Tags, Flags: homeFlags(g, now), Numbers: numbers[:n:n],
		}
		numbers = numbers[n:]
		rows[i].Numbers[placeColumn], rows[i].Numbers[n-2], rows[i].Numbers[n-1] = int64(from+i), ui.NoNumber, ui.NoNumber
		if g.Verdict != "" {
			rows[i].Numbers[n-2] = g.Tested.Unix()
		}
		if !g.Expires.IsZero() {
			rows[i].Numbers[n-1] = g.Expires.Unix()
		}
	}
}

// placeColumn is a column that is sorted by its text, so that its number is free
// to say where in the list a row's connector is.
const placeColumn = 0

func placeOf(row ui.Row) int {
	if len(row.Numbers) == 0 {
		return -1
	}
	return int(row.Numbers[placeColumn])
}

// homeFlags are the properties of a connector that quick filters look for.
func homeFlags(g *flow.Glance, now time.Time) uint64 {
	var flags uint64
	if g.AppPassword {
		flags |= flagAppPassword
	}
	if g.Failed() {
		flags |= flagFailed
	}
	if g.Expiring(now) {
		flags |= flagExpiring
	}
	return flags
}

// credentialText is what git signs in with; an App Password is marked.
func credentialText(g *flow.Glance, now time.Time) string {
	text := model.KindLabel(g.Credential)
	if g.Credential == model.KindHTTPAccessToken {
		text = "HTTP token"
	}
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

// testedCell is testedText under a heading that says what it is about.
func testedCell(g *flow.Glance, now time.Time) string {
	if g.Verdict == "" {
		return ui.Skip.Sign() + " never"
	}
	return testedText(g.Verdict, g.Tested, now)
}

// lastTest is the last test as a mark and how long ago it was.
func lastTest(s model.Saved, now time.Time) string {
	if s.LastTest == nil {
		return testedText("", now, now)
	}
	return testedText(s.LastTest.Verdict, s.LastTest.At, now)
}

// testedText is lastTest for a verdict, "" for none.
func testedText(v model.Verdict, at, now time.Time) string {
	if v == "" {
		return ui.Skip.Sign() + " never tested"
	}
	return markOf(v).Sign() + " " + ago(now, at)
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
		return ui.Warn.Sign() + " " + strconv.Itoa(left) + " d"
	default:
		return strconv.Itoa(left) + " d"
	}
}

// ago says how long ago something was.
func ago(now, then time.Time) string {
	switch d := now.Sub(then); {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + " min ago"
	case d < 24*time.Hour:
		return strconv.Itoa(int(d.Hours())) + " h ago"
	default:
		return strconv.Itoa(int(d.Hours()/24)) + " d ago"
	}
}
