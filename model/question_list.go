package model

import "strings"

// Steps are the wizard's screens in order.
func Steps() []Step {
	return []Step{StepOverview, StepDetails, StepCredentials, StepAPI, StepConnectivity, StepTest}
}

// Title is what a step is called on the screen.
func (s Step) Title() string {
	switch s {
	case StepOverview:
		return "Overview"
	case StepDetails:
		return "Details"
	case StepCredentials:
		return "Credentials"
	case StepAPI:
		return "API access"
	case StepConnectivity:
		return "Connectivity"
	case StepTest:
		return "Test"
	}
	return string(s)
}

// Stop is one screen on a draft's way, with what is still the matter there.
type Stop struct {
	Step     Step
	Findings Findings
}

// Route is the way a draft takes through the screens, each with its findings;
// the last stop is always the test.
func Route(d Draft, w World) []Stop {
	stops := make([]Stop, 0, len(Steps()))
	all := Validate(d, w)
	for _, step := range Steps() {
		stop := Stop{Step: step}
		for _, f := range all {
			if StepOf(f.Field) == step {
				stop.Findings = append(stop.Findings, f)
			}
		}
		stops = append(stops, stop)
	}
	return stops
}

// StepOf is the screen a question belongs to.
func StepOf(id QuestionID) Step {
	head, _, _ := strings.Cut(string(id), ".")
	return Step(head)
}

// Questions are the questions of one screen that apply to the draft as it is,
// in the order they are asked. What follows from other answers is not asked: an
// account connector has no repository of its own, SSH no user name.
func Questions(step Step, d Draft, w World) []Question { return newAsker(d, w).questions(step) }

func (a *asker) questions(step Step) []Question {
	var qs []Question
	switch step {
	case StepOverview:
		qs = a.overviewQuestions()
	case StepDetails:
		qs = a.detailsQuestions()
	case StepCredentials:
		qs = a.credentialQuestions()
	case StepAPI:
		qs = a.apiQuestions()
	case StepConnectivity:
		qs = a.connectivityQuestions()
	}
	for i := range qs {
		qs[i].Step = step
		if !qs[i].IsSecret() {
			qs[i].Default = a.defaultOf(qs[i].ID)
		}
	}
	return qs
}

// AllQuestions are the questions of every screen that apply to the draft.
func AllQuestions(d Draft, w World) []Question { return newAsker(d, w).allQuestions() }

func (a *asker) allQuestions() []Question {
	var all []Question
	for _, step := range Steps() {
		all = append(all, a.questions(step)...)
	}
	return all
}

// FindQuestion is the question with the given id, if it is asked of the draft.
func FindQuestion(id QuestionID, d Draft, w World) (Question, bool) {
	for _, q := range Questions(StepOf(id), d, w) {
		if q.ID == id {
			return q, true
		}
	}
	return Question{}, false
}

// Value is the answer that counts for a question: what was answered, else the
// default.
func Value(id QuestionID, d Draft, w World) string { return newAsker(d, w).value(id) }

func (a *asker) overviewQuestions() []Question {
	qs := []Question{
		{
			ID: QName, Kind: AskLine, Label: "Name", Required: true, Example: "Payments Bitbucket",
			Help: "What people will look for in Harness.\nLetters, digits, blanks and . _ -, at most 128.",
		},
		{
			ID: QID, Kind: AskLine, Label: "Id", Required: true, Locked: a.d.Base != nil,
			Help: "Pipelines refer to the connector by its id. It follows the name until you edit it, and is locked once the connector is saved.",
		},
		{ID: QDescription, Kind: AskLine, Label: "Description", Help: "Optional: what the connector is for, and who to ask."},
		{
			ID: QTags, Kind: AskTags, Label: "Tags", Example: "team:payments,prod",
			Help: "Optional labels to filter by: name:value, or a name alone, separated by commas.",
		},
		{
			ID: QScope, Kind: AskChoice, Label: "Scope", Required: true, Locked: a.d.Base != nil,
			Help: "Where the connector lives in Harness. It can use secrets of its own scope and of those above it.",
			Options: []Option{
				{Value: string(ScopeAccount), Label: "Account"},
				{Value: string(ScopeOrg), Label: "Organisation"},
				{Value: string(ScopeProject), Label: "Project"},
			},
		},
	}
	kind := ScopeKind(a.value(QScope))
	if kind == ScopeOrg || kind == ScopeProject {
		qs = append(qs, Question{
			ID: QOrg, Kind: AskLine, Label: "Organisation id", Required: true, Example: "default", Locked: a.d.Base != nil,
			Help: "The id of the organisation, as it stands in Harness's address bar after orgs/.",
		})
	}
	if kind == ScopeProject {
		qs = append(qs, Question{
			ID: QProject, Kind: AskLine, Label: "Project id", Required: true, Example: "payments", Locked: a.d.Base != nil,
			Help: "The id of the project, as it stands in Harness's address bar after projects/.",
		})
	}
	return qs
}

func (a *asker) detailsQuestions() []Question {
	qs := []Question{
		{
			ID: QURL, Kind: AskLine, Label: "Paste any Bitbucket address", Short: "Address", Required: true, Example: a.urlExample(),
			Options: remoteOptions(a.w.Remotes),
			Help:    "A browser address, a clone line, an old remote: what it means is shown below, and what the connector needs is offered.\nFor this choice: " + a.urlExample(),
		},
		{
			ID: QURLType, Kind: AskChoice, Label: "URL type", Required: true,
			Options: []Option{{Value: string(URLAccount), Label: "Account"}, {Value: string(URLRepo), Label: "Repository"}},
			Help:    "Account: one connector for every repository of the account; pipelines name the repository.\nRepository: this one repository only.",
		},
		{
			ID: QConnectionType, Kind: AskChoice, Label: "Connection type", Required: true,
			Options: []Option{{Value: string(HTTP), Label: "HTTP"}, {Value: string(SSH), Label: "SSH"}},
			Help:    "How repositories are cloned. HTTP signs in with a user name and a token, SSH with a private key.",
		},
	}
	if a.urlType() == URLAccount {
		qs = append(qs, Question{
			ID: QTestRepository, Kind: AskLine, Label: "Test repository", Required: true, Example: a.testRepositoryExample(),
			Help: "A repository of the account that the connection is tested with; pipelines choose their own.\nFor this address: " + a.testRepositoryExample(),
		})
	}
	return qs
}

func remoteOptions(remotes []string) []Option {
	options := make([]Option, 0, len(remotes))
	for _, r := range remotes {
		options = append(options, Option{Value: r, Label: r, Help: "a remote of this checkout"})
	}
	return options
}

// urlExample is the settings document's example for the choices so far, with
// Data Center over SSH in the form Harness accepts (a colon, or ssh://).
func (a *asker) urlExample() string {
	repo := a.urlType() == URLRepo
	ssh := a.connectionType() == SSH
	dc := a.product() == DataCenter
	switch {
	case dc && ssh && repo:
		return "ssh://git@bitbucket.example.com:7999/PAY/ledger.git"
	case dc && ssh:
		return "ssh://git@bitbucket.example.com:7999/"
	case dc && repo:
		return "https://bitbucket.example.com/scm/PAY/ledger.git"
	case dc:
		return "https://bitbucket.example.com/scm/"
	case ssh && repo:
		return "git@bitbucket.org:acme/ledger.git"
	case ssh:
		return "git@bitbucket.org:acme/"
	case repo:
		return "https://bitbucket.org/acme/ledger.git"
	}
	return "https://bitbucket.org/acme/"
}

func (a *asker) testRepositoryExample() string {
	switch {
	case a.product() == DataCenter:
		return "PAY/ledger.git"
	case a.pasted().Workspace == "" && a.value(QURL) != "":
		return "acme/ledger.git"
	}
	return "ledger.git"
}

func (a *asker) connectivityQuestions() []Question {
	qs := []Question{{
		ID: QMode, Kind: AskChoice, Label: "Connect through", Required: true,
		Options: []Option{
			{Value: string(ModePlatform), Label: "Harness Platform", Help: "from Harness's own network; builds on Harness Cloud need this"},
			{Value: string(ModeDelegate), Label: "a Harness Delegate", Help: "from your network, for servers the internet cannot see"},
		},
		Help: "Harness Platform: the server must be one that the internet can reach.\nDelegate: its version decides which API access works, and it must trust a certificate of your own.",
	}}
	if Mode(a.value(QMode)) == ModeDelegate {
		qs = append(qs, a.delegateQuestions()...)
	} else if a.http() {
		qs = append(qs, Question{
			ID: QSecureConnect, Kind: AskConfirm, Label: "Secure Connect", Advanced: true,
			Help: "Only where Harness Cloud reaches a private network through Secure Connect.",
		})
	}
	return qs
}

func (a *asker) delegateQuestions() []Question {
	qs := []Question{{
		ID: QDelegates, Kind: AskChoice, Label: "Delegates", Required: true,
		Options: []Option{
			{Value: string(DelegatesAny), Label: "any available"},
			{Value: string(DelegatesTags), Label: "only with all of these tags"},
		},
		Help: "Any delegate that can take the work, or only those that carry every tag you name.",
	}}
	if DelegateChoice(a.value(QDelegates)) == DelegatesTags {
		qs = append(qs, Question{
			ID: QDelegateTags, Kind: AskLine, Label: "Delegate tags", Required: true, Example: "linux-prod,frankfurt",
			Help:    "Delegate selectors, separated by commas. A delegate must carry all of them; its own name is one.",
			Options: delegateOptions(a.w.DelegateTags),
		})
	}
	qs = append(qs, Question{
		ID: QDelegateVersion, Kind: AskLine, Label: "Delegate version", Example: "26.02.88600",
		Help: "Optional: the version of the delegate, under Delegates in Harness. Email and API token needs a recent one; the version decides what this connector may use.",
	})
	return qs
}

func delegateOptions(tags []string) []Option {
	options := make([]Option, 0, len(tags))
	for _, t := range tags {
		options = append(options, Option{Value: t, Label: t})
	}
	return options
}
