package model

// QuestionID names one answer of the wizard; the ids are the contract's
// ("details.urlType") and serve forms, prompts, --set, findings and problems.
type QuestionID string

// Step is one screen of the wizard.
type Step string

// The steps in their order.
const (
	StepOverview     Step = "overview"
	StepDetails      Step = "details"
	StepCredentials  Step = "credentials"
	StepAPI          Step = "api"
	StepConnectivity Step = "connectivity"
	StepTest         Step = "test"
)

// The question ids, in the order they are asked.
const (
	QName        QuestionID = "overview.name"
	QID          QuestionID = "overview.id"
	QDescription QuestionID = "overview.description"
	QTags        QuestionID = "overview.tags"
	QScope       QuestionID = "overview.scope"
	QOrg         QuestionID = "overview.org"
	QProject     QuestionID = "overview.project"

	QURL            QuestionID = "details.url"
	QURLType        QuestionID = "details.urlType"
	QConnectionType QuestionID = "details.connectionType"
	QTestRepository QuestionID = "details.testRepository"

	QPassword       QuestionID = "credentials.password"
	QKind           QuestionID = "credentials.kind"
	QUsername       QuestionID = "credentials.username"
	QUsernameSecret QuestionID = "credentials.usernameSecret"
	QSSHKey         QuestionID = "credentials.sshKey"
	QSSHPassphrase  QuestionID = "credentials.sshPassphrase"
	QSecret         QuestionID = "credentials.secret"
	QExpires        QuestionID = "credentials.expires"

	QAPIMethod         QuestionID = "api.method"
	QAPIEmail          QuestionID = "api.email"
	QAPIEmailSecret    QuestionID = "api.emailSecret"
	QAPIUsername       QuestionID = "api.username"
	QAPIUsernameSecret QuestionID = "api.usernameSecret"
	QAPIToken          QuestionID = "api.token"
	QAPISecret         QuestionID = "api.secret"
	QAPIExpires        QuestionID = "api.expires"

	QMode            QuestionID = "connectivity.mode"
	QDelegates       QuestionID = "connectivity.delegates"
	QDelegateTags    QuestionID = "connectivity.tags"
	QDelegateVersion QuestionID = "connectivity.delegateVersion"
	QSecureConnect   QuestionID = "connectivity.secureConnect"
)

// QuestionKind says which widget, prompt and parser a question needs.
type QuestionKind string

// The question kinds. A value slot (AskSecretLine, AskSecretText) is never
// part of a draft's answers: its value is a Secret.
const (
	AskLine       QuestionKind = "line"
	AskChoice     QuestionKind = "choice"
	AskConfirm    QuestionKind = "confirm"
	AskTags       QuestionKind = "tags"
	AskDate       QuestionKind = "date"
	AskReference  QuestionKind = "reference"
	AskSecretLine QuestionKind = "secret-line"
	AskSecretText QuestionKind = "secret-text"
)

// Option is one choice of a question.
type Option struct{ Value, Label, Help string }

// Question is one thing the wizard asks, given the draft so far.
type Question struct {
	ID    QuestionID
	Step  Step
	Kind  QuestionKind
	Label string
	// Short names the answer in a list, where the label is an invitation; "" means
	// the label.
	Short string
	// Help is the card beside the field: a few short lines, the right example for
	// what was chosen so far first.
	Help string
	// Example is shown in an empty field.
	Example string
	Options []Option
	// Default is the answer an empty field stands for.
	Default  string
	Required bool
	// Locked is an answer that can be seen and not changed (a saved id).
	Locked bool
	// Advanced questions are folded away until asked for or answered.
	Advanced bool
}

// Name is what the answer is called in a list.
func (q Question) Name() string {
	if q.Short != "" {
		return q.Short
	}
	return q.Label
}

// IsSecret reports whether the question's value is a Secret.
func (q Question) IsSecret() bool { return q.Kind == AskSecretLine || q.Kind == AskSecretText }
