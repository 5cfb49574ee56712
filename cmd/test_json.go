package cmd

import (
	"time"

	"bbconnect/model"
)

// testResultJSON is a live test as --json prints it.
type testResultJSON struct {
	Connector  string         `json:"connector"`
	Verdict    model.Verdict  `json:"verdict"`
	StartedAt  string         `json:"startedAt"`
	DurationMS int64          `json:"durationMs"`
	Problem    *model.Problem `json:"problem,omitempty"`
	Checks     []checkOfJSON  `json:"checks"`
	Rights     []model.Right  `json:"rights,omitempty"`
	Notes      model.Findings `json:"notes,omitempty"`
	// Carried says that this connector was not asked about, since its host had asked
	// to be left alone.
	Carried bool `json:"carried,omitempty"`
}

type checkOfJSON struct {
	ID         string            `json:"id"`
	Title      string            `json:"title"`
	Status     model.CheckStatus `json:"status"`
	DurationMS int64             `json:"durationMs"`
	Detail     string            `json:"detail"`
	Problem    *model.Problem    `json:"problem,omitempty"`
}

func testJSON(r model.TestResult) testResultJSON {
	v := testResultJSON{
		Connector: r.Connector, Verdict: r.Verdict, StartedAt: r.StartedAt.UTC().Format(time.RFC3339),
		DurationMS: r.Duration.Milliseconds(), Problem: r.Problem, Checks: []checkOfJSON{}, Notes: r.Notes,
	}
	for _, right := range r.Rights {
		right.Granted, right.Missing = append([]string{}, right.Granted...), append([]string{}, right.Missing...)
		v.Rights = append(v.Rights, right)
	}
	for _, c := range r.Checks {
		v.Checks = append(v.Checks, liveCheckJSON(c))
	}
	return v
}

func liveCheckJSON(c model.Check) checkOfJSON {
	return checkOfJSON{
		ID: c.ID, Title: c.Title, Status: c.Status, DurationMS: c.Duration.Milliseconds(), Detail: c.Detail, Problem: c.Problem,
	}
}
