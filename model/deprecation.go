package model

import (
	"fmt"
	"time"
)

// Retirement is something Bitbucket has ended, or will, on a day.
type Retirement struct {
	ID string
	// What is one sentence without the day.
	What string
	// Day is midnight UTC.
	Day time.Time
	// Source is the public announcement: an address, or the title to search for.
	Source string
}

// The ids of the retirements.
const (
	RetireAppPasswordCreation = "app-password-creation"
	RetireCrossWorkspaceAPI   = "cross-workspace-api"
	RetireAppPasswordBrownout = "app-password-brownout"
	RetireAppPasswordHarness  = "app-password-last-day"
	RetireAppPassword         = "app-password-removal"
	RetireIssues              = "issues"
	RetireSSHHost             = "ssh-host"
)

// retirements in order of day.
var retirements = []Retirement{
	{
		RetireAppPasswordCreation, "No App Password can be made any more.", day(2025, 9, 9),
		"community.atlassian.com, Deprecation notice: Bitbucket Cloud app password brownout (ba-p/3237429)",
	},
	{
		RetireCrossWorkspaceAPI, "REST calls across all workspaces are gone (CHANGE-2770).", day(2026, 4, 14),
		"https://developer.atlassian.com/cloud/bitbucket/changelog#CHANGE-2770",
	},
	{
		RetireAppPasswordBrownout, "App Passwords fail for hours at a time.", day(2026, 6, 9),
		"community.atlassian.com, Deprecation notice: Bitbucket Cloud app password brownout (ba-p/3237429)",
	},
	{
		RetireAppPasswordHarness, "The last day of App Passwords, as Harness documents it, has passed.", day(2026, 6, 10),
		"https://developer.harness.io/docs/platform/connectors/code-repositories/ref-source-repo-provider/bitbucket-connector-settings-reference",
	},
	{
		RetireAppPassword, "App Passwords are removed: REST answers 401, git 410 (CHANGE-3222).", day(2026, 7, 28),
		"https://developer.atlassian.com/cloud/bitbucket/changelog#CHANGE-3222",
	},
	{
		RetireIssues, "Issues and wikis are gone from Bitbucket Cloud.", day(2026, 8, 20),
		"https://developer.atlassian.com/cloud/bitbucket/changelog",
	},
	{
		RetireSSHHost, "SSH has moved from bitbucket.org to ssh.bitbucket.org.", day(2026, 11, 12),
		"community.atlassian.com, Upcoming change to Bitbucket Cloud SSH access (ba-p/3234032)",
	},
}

func day(year int, month time.Month, d int) time.Time {
	return time.Date(year, month, d, 0, 0, 0, 0, time.UTC)
}

// Retirements lists what has ended or will, by day. The result is the caller's
// own.
func Retirements() []Retirement { return append([]Retirement(nil), retirements...) }

// RetirementDay is the day something ends, midnight UTC; zero for an unknown id.
func RetirementDay(id string) time.Time {
	for _, r := range retirements {
		if r.ID == id {
			return r.Day
		}
	}
	return time.Time{}
}

// AppPasswordsEnded says when App Passwords ended: the day of the settings
// reference, and the later one on which Bitbucket took them away (CHANGE-3222).
const AppPasswordsEnded = "They stopped working on June 9, 2026, and Atlassian removed them on July 28, 2026."

// AppPasswordFinding is what is to be said about a credential that is an App
// Password: a warning until the last day the settings reference names (June 9,
// 2026, wherever one is: UTC), an error from then on.
func AppPasswordFinding(now time.Time, field QuestionID) Finding {
	f := Finding{
		Code: "kind.app-password", Severity: SeverityWarning, Field: field,
		Message: "This is an App Password. They stop working after June 9, 2026.",
		Fix:     "Make an API token; bbconnect migrate puts it in place everywhere at once.",
	}
	if !now.Before(RetirementDay(RetireAppPasswordHarness)) {
		f.Severity = SeverityError
		f.Message = "This is an App Password. They stopped working on June 9, 2026."
	}
	if !now.Before(RetirementDay(RetireAppPassword)) {
		f.Message = "This is an App Password. " + AppPasswordsEnded
	}
	return f
}

// TokenLife is the longest life of an API token: a year, with a day for the
// time zones (support.atlassian.com, Create an API token).
const TokenLife = 366 * 24 * time.Hour

// expirySoon is how long before its end a token is worth a warning.
const expirySoon = 30

// DaysLeft counts whole days from today to the last day a credential works, by
// UTC days: 0 on the last day, negative afterwards. expires is a day, as Expires
// of SecretInfo holds it.
func DaysLeft(expires, now time.Time) int {
	end, today := expires.UTC().Truncate(24*time.Hour), now.UTC().Truncate(24*time.Hour)
	return int(end.Sub(today) / (24 * time.Hour))
}

// ExpiryFindings judges the day a credential ends; none when it has no end or
// more than 30 days left. token.expired is an error, token.expiring a warning.
// An end more than a year away is told as expires.invalid, a warning, for the
// kinds that cannot have it: pass the kind, KindUnknown when it is not known.
func ExpiryFindings(expires, now time.Time, kind CredentialKind, field QuestionID) Findings {
	if expires.IsZero() {
		return nil
	}
	date := expires.UTC().Format(time.DateOnly)
	switch left := DaysLeft(expires, now); {
	case left < 0:
		return fieldError(field, "token.expired", "The token ended on "+date+".", "Make a new one and replace it.")
	case left == 0:
		return fieldWarning(field, "token.expiring", "The token ends today.", "Make a new one and replace it.")
	case left == 1:
		return fieldWarning(field, "token.expiring", "The token ends tomorrow, on "+date+".", "Make a new one and replace it.")
	case left <= expirySoon:
		return fieldWarning(field, "token.expiring", fmt.Sprintf("The token ends in %d days, on %s.", left, date),
			"Make a new one and replace it in time.")
	case kind == KindAPIToken && expires.Sub(now) > TokenLife:
		return fieldWarning(field, "expires.invalid", "An API token lives a year at most. "+date+" is further away.",
			"Enter the day that Bitbucket showed when the token was made.")
	}
	return nil
}
