package cmd

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"bbconnect/internal/document"
	"bbconnect/model"
)

// connectorJSON is one connector as list, show, new and edit print it.
type connectorJSON struct {
	ID             string          `json:"id"`
	Scope          string          `json:"scope"`
	Org            string          `json:"org"`
	Project        string          `json:"project"`
	Name           string          `json:"name"`
	Description    string          `json:"description"`
	Tags           string          `json:"tags"`
	URL            string          `json:"url"`
	Product        string          `json:"product"`
	URLType        string          `json:"urlType"`
	ConnectionType string          `json:"connectionType"`
	Credential     string          `json:"credential"`
	APIAccess      string          `json:"apiAccess"`
	Connectivity   string          `json:"connectivity"`
	Expires        string          `json:"expires"`
	LastTest       *lastTestJSON   `json:"lastTest"`
	Findings       model.Findings  `json:"findings"`
	Document       json.RawMessage `json:"document,omitempty"`
}

type lastTestJSON struct {
	Verdict string `json:"verdict"`
	At      string `json:"at"`
}

// connectorView puts together what the list says of a connector.
func connectorView(s model.Saved, w model.World) connectorJSON {
	c := s.Connector
	method := c.API.Method
	if !c.API.On() {
		method = model.APIOff
	}
	v := connectorJSON{
		ID: c.ID, Scope: string(c.Scope.Kind()), Org: c.Scope.Org, Project: c.Scope.Project,
		Name: c.Name, Description: c.Description, Tags: model.FormatTags(c.Tags),
		URL: c.URL, Product: string(productOf(c)), URLType: string(c.URLType), ConnectionType: string(c.ConnectionType),
		Credential: string(model.CredentialOf(c, w)), APIAccess: string(method), Connectivity: string(c.Mode),
		Findings: model.ValidateConnector(c, w),
	}
	if v.Findings == nil {
		v.Findings = model.Findings{}
	}
	if day := model.ExpiryOf(c, w); !day.IsZero() {
		v.Expires = day.Format(time.DateOnly)
	}
	if s.LastTest != nil {
		v.LastTest = &lastTestJSON{Verdict: string(s.LastTest.Verdict), At: s.LastTest.At.UTC().Format(time.RFC3339)}
	}
	return v
}

func productOf(c model.Connector) model.Product {
	return model.ReadURL(c.URL, model.URLContext{}).Product
}

// printConnectorJSON prints one connector with its document.
func (a *app) printConnectorJSON(ctx context.Context, saved model.Saved) error {
	w, err := a.jobs.World(ctx)
	if err != nil {
		return err
	}
	return a.writeView(saved, w)
}

// writeView writes one connector with its document.
func (a *app) writeView(saved model.Saved, w model.World) (err error) {
	v := connectorView(saved, w)
	if v.Document, err = document.EncodeJSON(saved.Connector); err != nil {
		return err
	}
	return a.writeJSON(v)
}

// ago says how long ago something was, in words.
func ago(now, then time.Time) string {
	d := now.Sub(then)
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	case d < 48*time.Hour:
		return "yesterday"
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}

// lastTestText is the last test in words, with its mark.
func (a *app) lastTestText(s model.Saved, now time.Time) string {
	switch {
	case s.LastTest == nil && a.words:
		return "never tested"
	case s.LastTest == nil:
		return "– never tested"
	}
	return a.verdictMark(s.LastTest.Verdict) + " " + ago(now, s.LastTest.At)
}

// verdictMark is the mark of a verdict, or the verdict itself as a word.
func (a *app) verdictMark(v model.Verdict) string {
	if a.words {
		return string(v)
	}
	switch v {
	case model.VerdictPass:
		return string(signPass)
	case model.VerdictWarn:
		return string(signWarn)
	case model.VerdictUnreachable:
		return string(signNone)
	}
	return string(signFail)
}

// expiryText is the time left of a credential, in days.
func expiryText(day, now time.Time) string {
	if day.IsZero() {
		return "–"
	}
	left := model.DaysLeft(day, now)
	if left < 0 {
		return "expired " + day.Format(time.DateOnly)
	}
	return fmt.Sprintf("%d d", left)
}
