package probe

import (
	"strings"

	"bbconnect/model"
)

// note is one row of what no test can see: a hint on a test that passed.
type note struct {
	code  string
	field model.QuestionID
	when  func(*facts) bool
	// message and fix are sentences, with the names in braces that rules have.
	message, fix string
}

// theNotes are worth knowing and no problem of the connector; each is told only
// where it applies to it.
var theNotes = []note{
	{
		// developer.harness.io, "SCM status checks": statuses are sent with the
		// codebase's connector. Cloud's limit of 40 characters and the hashed key, GA in
		// April 2024: GitBuildStatusUtility in harness-core (CI_BITBUCKET_STATUS_KEY_HASH).
		code: "note.statuses", field: model.QAPIMethod,
		when:    func(f *facts) bool { return f.counts && f.isCloud() },
		message: "Build statuses are sent with the connector of the pipeline's codebase, which may be another one. Cloud cuts a status's key at 40 characters, so Harness has hashed it since April 2024.",
		fix:     "If statuses do not show in pull requests, see which connector the codebase uses, and let merge checks name the present key.",
	},
	{
		// The same on Data Center, which has no such limit.
		code: "note.statuses", field: model.QAPIMethod,
		when:    func(f *facts) bool { return f.counts && f.isDataCenter() },
		message: "Build statuses are sent with the connector of the pipeline's codebase, which may be another one.",
		fix:     "If statuses do not show in pull requests, see which connector the codebase uses.",
	},
	{
		// Bitbucket Cloud REST API, "Create a webhook for a repository"; Data Center's
		// POST …/webhooks takes REPO_ADMIN. Where the test was refused already, it said
		// so.
		code: "note.webhooks", field: model.QAPIMethod,
		when:    func(f *facts) bool { return f.counts && !f.hooksDenied() },
		message: "Triggers register a webhook, which takes administration of the repository. The test reads webhooks and creates none.",
		fix:     "If a trigger's webhook does not appear, make the token's account an administrator, or create the webhook by hand.",
	},
	{
		// developer.harness.io, "Triggers reference": with an Account connector the
		// trigger names the repository.
		code: "note.triggers", field: model.QURLType,
		when:    func(f *facts) bool { return f.counts && wholeAccount(f) },
		message: "A trigger on an Account connector needs the repository's name.",
		fix:     "Enter it in the trigger under Repository Name.",
	},
	{
		// developer.harness.io, "Triggers reference": comment events are Cloud's.
		code: "note.comment-triggers", field: model.QAPIMethod,
		when:    func(f *facts) bool { return f.counts && f.isDataCenter() },
		message: "Triggers on pull request comments exist for Bitbucket Cloud only.",
		fix:     "On Data Center use the events of pull requests and pushes.",
	},
	{
		// GitClientHelper in harness-core; with API access off nothing asks that
		// address.
		code: "ssh.host-moved", field: model.QURL,
		when:    func(f *facts) bool { return !f.counts && f.harness.Fault == model.HarnessElsewhere },
		message: "Harness takes {written} for a Data Center. With API access on it would call {harnessapi}.",
		fix:     "Keep API access off, or use HTTP with bitbucket.org.",
	},
	{
		// The same rules: a path of one segment before /scm is taken off, not of more.
		code: "url.context-path", field: model.QURL,
		when:    func(f *facts) bool { return !f.counts && f.harness.Fault == model.HarnessWrongRepository },
		message: "With API access on Harness would ask the REST API for {harnessrepo}, which is not the repository.",
		fix:     "Keep API access off, or use an address of this Bitbucket with a shorter path.",
	},
}

// notes are the hints on a test that ended with this verdict, nil on any other
// than pass and warn. What the test's own problem says already is left out.
func (f *facts) notes(verdict model.Verdict, problem *model.Problem) model.Findings {
	if verdict != model.VerdictPass && verdict != model.VerdictWarn {
		return nil
	}
	fill := f.replacer(f.git)
	var out model.Findings
	for _, n := range theNotes {
		if !n.when(f) || problem != nil && problem.Code == n.code {
			continue
		}
		out = append(out, model.Finding{
			Code: n.code, Severity: model.SeverityHint, Field: n.field,
			Message: strings.TrimSpace(fill.Replace(n.message)), Fix: n.fix,
		})
	}
	return append(out, f.networkNotes(verdict)...)
}
