package steps

import (
	"fmt"
	"time"

	"bbconnect/model"
	"bbconnect/ui"
)

// homeRow is one connector as the list shows it.
func homeRow(s model.Saved, w model.World) ui.Row {
	c := s.Connector
	method := c.API.Method
	if !c.API.On() {
		method = model.APIOff
	}
	return ui.Row{
		ID:     c.Key(),
		Cells:  []string{c.Name, model.PointsTo(c), model.KindLabel(model.CredentialOf(c, w)), shortMethod(method), lastTest(s, w.Now), expires(c, w)},
		Search: c.ID + " " + c.URL + " " + model.FormatTags(c.Tags),
	}
}

// shortMethod is a method of API access as a column has room for it.
func shortMethod(m model.APIMethod) string {
	switch m {
	case model.APIEmailAndToken:
		return "API token"
	case model.APIAccessToken:
		return "Access token"
	case model.APIUsernameToken:
		return "App Password"
	case model.APIOAuth:
		return "OAuth"
	}
	return "off"
}

// lastTest is the last test as a mark and how long ago it was.
func lastTest(s model.Saved, now time.Time) string {
	if s.LastTest == nil {
		return ui.Skip.Sign() + " never tested"
	}
	mark := ui.Fail
	switch s.LastTest.Verdict {
	case model.VerdictPass:
		mark = ui.Pass
	case model.VerdictWarn:
		mark = ui.Warn
	case model.VerdictUnreachable:
		mark = ui.Skip
	}
	return mark.Sign() + " " + ago(now, s.LastTest.At)
}

// expires is how many days the first credential of a connector has left.
func expires(c model.Connector, w model.World) string {
	day := model.ExpiryOf(c, w)
	if day.IsZero() {
		return ui.Skip.Sign()
	}
	switch left := model.DaysLeft(day, w.Now); {
	case left < 0:
		return ui.Fail.Sign() + " ended"
	case left <= 30:
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
