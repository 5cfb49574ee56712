package model

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Validate judges every answer of a draft, in the order of the screens: errors
// where the connector cannot be saved, warnings and hints where it can.
func Validate(d Draft, w World) Findings { return newAsker(d, w).check() }

// ValidateConnector judges a connector that was read from a document. What the
// wizard would mend in a paste is an error here where Harness or the settings
// document rejects it, and a secret that is not known on this machine is no
// more than a warning: the document may be meant for another.
func ValidateConnector(c Connector, w World) Findings {
	a := newAsker(DraftOf(c, w), w)
	a.document = true
	return a.check()
}

// ValidateAnswer judges the answer to one question: the findings of Validate that
// are about it, without the work for the others.
func ValidateAnswer(id QuestionID, d Draft, w World) Findings {
	a := newAsker(d, w)
	var fs Findings
	step := StepOf(id)
	for _, part := range []struct {
		steps []Step
		check func() Findings
	}{
		{[]Step{StepOverview}, a.checkOverview},
		{[]Step{StepDetails}, a.checkDetails},
		{[]Step{StepCredentials}, a.checkCredentials},
		{[]Step{StepAPI}, a.checkAPI},
		{[]Step{StepConnectivity, StepAPI}, a.checkConnectivity}, // a delegate may not know the method
	} {
		if slices.Contains(part.steps, step) {
			fs = append(fs, part.check()...)
		}
	}
	fs = append(fs, a.checkOptionsOf(a.questions(step))...)
	if id != QURL {
		fs = append(fs, a.strayIn(id)...)
	}
	return fs.For(id)
}

func (a *asker) check() Findings {
	var fs Findings
	for _, part := range []func() Findings{
		a.checkOverview, a.checkDetails, a.checkCredentials, a.checkAPI, a.checkConnectivity, a.checkOptions, a.checkStray,
	} {
		fs = append(fs, part()...)
	}
	return fs
}

func (a *asker) checkOverview() Findings {
	var fs Findings
	fs = append(fs, nameFindings(a.d.Answer(QName), a.scope(), a.d.Editing, a.w)...)
	fs = append(fs, idFindings(a.value(QID), a.scope(), a.d, a.w)...)
	fs = append(fs, tagFindings(a.d.Answer(QTags))...)
	return append(fs, a.scopeFindings()...)
}

// checkOptions finds closed questions answered with something outside their
// set, as flags and files can do. The scope, the kind and the method have rules
// of their own that say more.
func (a *asker) checkOptions() Findings { return a.checkOptionsOf(a.allQuestions()) }

func (a *asker) checkOptionsOf(questions []Question) Findings {
	var fs Findings
	for _, q := range questions {
		if q.Kind == AskConfirm {
			fs = append(fs, a.checkConfirm(q.ID)...)
		}
		if q.Kind != AskChoice || q.ID == QScope || q.ID == QKind || q.ID == QAPIMethod {
			continue
		}
		v := a.value(q.ID)
		if slices.ContainsFunc(q.Options, func(o Option) bool { return o.Value == v }) {
			continue
		}
		names := make([]string, 0, len(q.Options))
		for _, o := range q.Options {
			names = append(names, o.Value)
		}
		fs = append(fs, fieldError(q.ID, shortField(q.ID)+".invalid", fmt.Sprintf("%q is none of the choices.", clip(v)),
			"Choose one of "+strings.Join(names, ", ")+".")...)
	}
	return fs
}

// shortField is how the codes about a question begin.
func shortField(id QuestionID) string {
	_, field, _ := strings.Cut(strings.ToLower(string(id)), ".")
	return field
}

// checkConfirm finds a confirmation that is neither yes nor no: taking it for a
// no would change what was meant.
func (a *asker) checkConfirm(id QuestionID) Findings {
	switch v := strings.ToLower(a.value(id)); {
	case isYes(v), slices.Contains([]string{"no", "false", "n", "0", "off"}, v):
		return nil
	}
	return fieldError(id, shortField(id)+".invalid", fmt.Sprintf("%q is neither yes nor no.", clip(a.value(id))), "Answer yes or no.")
}

// clip bounds what a message repeats of an answer.
func clip(s string) string {
	r := []rune(s)
	if len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

func (a *asker) checkDetails() Findings {
	fs := a.address().Findings
	return append(fs, a.checkTestRepository()...)
}

// checkTestRepository: an Account connector always has one, in the product's
// form: REPO.git on Cloud, WORKSPACE/REPO.git where the URL names no workspace,
// PROJECT/REPO.git on Data Center (settings document; contract, decided 1).
func (a *asker) checkTestRepository() Findings {
	if a.urlType() != URLAccount {
		return nil
	}
	repo := a.testRepositoryText()
	want := a.testRepositoryExample()
	if repo == "" {
		return fieldError(QTestRepository, "testrepo.required",
			"An account connector needs a repository to test with; without one Harness skips the check.",
			"Name one as "+want+".")
	}
	parts := strings.Split(strings.TrimSuffix(repo, ".git"), "/")
	count := strings.Count(want, "/") + 1
	if len(parts) == count && !slices.Contains(parts, "") && !strings.ContainsFunc(repo, foreignToPath) {
		if !strings.HasSuffix(repo, ".git") {
			f := fieldWarning(QTestRepository, "testrepo.format", "The test repository is written with .git at its end.", "Add .git.")
			f[0].Suggestion = repo + ".git"
			return f
		}
		return nil
	}
	f := fieldError(QTestRepository, "testrepo.format", "The test repository is written as "+want+" for this address.",
		"Write it in that form, without a host.")
	if mended := a.mendTestRepository(repo); mended != "" {
		f[0].Suggestion = mended
	}
	return f
}

// testRepositoryText is the answer without blanks and slashes around it.
func (a *asker) testRepositoryText() string {
	return strings.TrimFunc(a.d.Answer(QTestRepository), func(r rune) bool { return r == '/' || unicode.IsSpace(r) })
}

// foreignToPath reports characters that no path of a repository has.
func foreignToPath(r rune) bool {
	return strings.ContainsRune(`:?#\`, r) || unicode.IsSpace(r) || unicode.IsControl(r)
}

// mendTestRepository understands a whole address pasted as the test repository.
func (a *asker) mendTestRepository(text string) string {
	if at := a.pasted(); at.Product == Cloud && at.Workspace != "" {
		owner, repo, ok := strings.Cut(text, "/")
		if ok && strings.EqualFold(owner, at.Workspace) && repo != "" && !strings.Contains(repo, "/") && !strings.ContainsFunc(repo, foreignToPath) {
			return strings.TrimSuffix(repo, ".git") + ".git"
		}
	}
	read := ReadURL(text, URLContext{})
	if read.Repo == "" {
		return ""
	}
	switch here := a.pasted(); {
	case here.Product == DataCenter && read.Project != "":
		return read.Project + "/" + read.Repo + ".git"
	case here.Product == Cloud && here.Workspace == "" && read.Workspace != "":
		return read.Workspace + "/" + read.Repo + ".git"
	case here.Product == Cloud && here.Workspace != "" && strings.EqualFold(read.Workspace, here.Workspace):
		return read.Repo + ".git"
	}
	return ""
}

func (a *asker) checkConnectivity() Findings {
	if Mode(a.value(QMode)) != ModeDelegate {
		return nil
	}
	fs := fieldHint(QMode, "connectivity.harness-cloud",
		"Builds on Harness Cloud cannot use a connector that goes through a delegate.",
		"Choose Harness Platform if this connector is for Harness Cloud builds.")
	if DelegateChoice(a.value(QDelegates)) == DelegatesTags && len(splitList(a.d.Answer(QDelegateTags))) == 0 {
		fs = append(fs, fieldError(QDelegateTags, "delegates.tags-required",
			"Only delegates with certain tags may be used, but no tag is named.", "Name one, or choose any available delegate.")...)
	}
	if a.apiOn() && a.product() == DataCenter {
		fs = append(fs, fieldHint(QMode, "connectivity.self-signed",
			"If this server's certificate is self-signed or from your own authority, the delegate must trust it too.",
			"Set ADDITIONAL_CERTS_PATH in the delegate's pod.")...)
	}
	return append(fs, a.checkDelegateVersion()...)
}

func (a *asker) checkDelegateVersion() Findings {
	kind := a.typedAPIKind()
	if a.http() && a.value(QAPISecret) == a.value(QSecret) {
		kind = a.kind()
	}
	return DelegateVersionFindings(a.value(QDelegateVersion), a.product(), a.method(), kind)
}

// splitList reads a comma-separated list, blanks dropped, repeats kept once.
func splitList(text string) []string {
	var out []string
	for part := range strings.SplitSeq(text, ",") {
		if p := strings.TrimSpace(part); p != "" && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// parseDate reads 2027-11-21 as that day in UTC.
func parseDate(text string) (time.Time, error) {
	return time.Parse("2006-01-02", strings.TrimSpace(text))
}

// noDate is what is said of an end that ReadExpiry does not understand.
func noDate(id QuestionID) Findings {
	return fieldError(id, "expires.invalid", "This is not a date.", "Write it as 2027-11-21, or as 90d, 12w, 6m or 1y from today.")
}

// checkExpiry judges an expiry answer; an API token lives at most a year from
// the day it is made (settings document, Create an API token).
func (a *asker) checkExpiry(id QuestionID, kind CredentialKind) Findings {
	text := a.value(id)
	if text == "" {
		return nil
	}
	day, err := ReadExpiry(text, a.w.Now)
	if err != nil {
		return noDate(id)
	}
	fs := ExpiryFindings(day, a.w.Now, kind, id)
	if _, err := parseDate(text); err != nil {
		// Counted from today: tomorrow the same words would mean another day.
		meant := fieldWarning(id, "expires.invalid", fmt.Sprintf("Counted from today that is %s.", day.Format(time.DateOnly)), "Accept the date.")
		meant[0].Suggestion = day.Format(time.DateOnly)
		fs = append(fs, meant...)
	}
	return fs
}
