package model

import "time"

// Verdict is the outcome of a whole live test.
type Verdict string

// The closed set of verdicts. Unreachable means that a connector which goes
// through a delegate got no connection from this machine (contract, decided 8).
const (
	VerdictPass        Verdict = "pass"
	VerdictWarn        Verdict = "warn"
	VerdictFail        Verdict = "fail"
	VerdictUnreachable Verdict = "unreachable"
)

// CheckStatus is the outcome of one check of a live test.
type CheckStatus string

// The closed set of check statuses. CheckPending, a check that is planned, and
// CheckRunning are only reported while a test runs: they never appear in JSON.
const (
	CheckPending CheckStatus = "pending"
	CheckRunning CheckStatus = "running"
	CheckPass    CheckStatus = "pass"
	CheckWarn    CheckStatus = "warn"
	CheckFail    CheckStatus = "fail"
	CheckSkip    CheckStatus = "skip"
)

// Check is one line of a live test: what was tried and how it went. ID is
// stable within a test; a check is sent as pending when the test begins, as
// running, and again when it has ended, under the same ID.
type Check struct {
	ID       string
	Title    string
	Status   CheckStatus
	Duration time.Duration
	Detail   string
	Problem  *Problem
	// Accepted says that with this check the server had taken the credential on every
	// channel that uses it: others may send it now.
	Accepted bool
}

// VerdictOf sums checks up that belong to no one test: fail where one failed,
// warn where one warned, else pass.
func VerdictOf(checks []Check) Verdict {
	verdict := VerdictPass
	for _, c := range checks {
		switch c.Status {
		case CheckFail:
			return VerdictFail
		case CheckWarn:
			verdict = VerdictWarn
		case CheckPass, CheckSkip, CheckPending, CheckRunning:
		}
	}
	return verdict
}

// TestResult is a finished live test of one connector. Problem is the one to
// mend first, nil when there is nothing to mend.
type TestResult struct {
	Connector string
	Verdict   Verdict
	StartedAt time.Time
	Duration  time.Duration
	Problem   *Problem
	Checks    []Check
	// User is whose credential the REST API says it is, a user name; "" where it
	// does not tell or was not asked. An access token is no user.
	User string
	// Rights say, for each thing API access is for, what the token may do; empty
	// where the server told nothing about scopes.
	Rights []Right
	// Notes are things worth knowing that are no problem of this connector.
	Notes Findings
}

// Right is one thing API access is for, and the scopes it takes, each by the
// name a person ticks for this kind of token.
type Right struct {
	Need    Need     `json:"for"`
	Granted []string `json:"granted"`
	Missing []string `json:"missing"`
}
