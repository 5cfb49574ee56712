package model

import (
	"maps"
	"time"
)

// Draft is the wizard's memory: the answers given so far, as text by question
// id, and the values typed into secret slots. Forms are built from it and write
// back to it; flags, files and prompts fill it the same way.
//
// A Draft is a value: With and its like return a changed copy, so that a screen
// or a command may keep an old one without fear.
type Draft struct {
	// ID names the draft among saved drafts.
	ID string
	// Editing is the Key of the saved connector being edited, "" for a new one.
	Editing string
	// Base is the saved connector as it was when editing began; it supplies what
	// no question asks (OAuth, ignoreTestConnection, CA file).
	Base *Connector
	// Original is the saved connector that this new one is a copy of, nil for none; it
	// supplies what no question asks, as Base does.
	Original *Connector
	// BaseRevision is the revision the edit started from, "" for a new connector.
	BaseRevision string

	answers map[QuestionID]string
	secrets map[QuestionID]Secret
	// aside are answers that do not apply to the connector as it is now, by what they
	// were for (Follow). They are not saved.
	aside map[situation]string
}

// NewDraft is an empty draft.
func NewDraft() Draft { return Draft{} }

// Answer is what was answered, "" when nothing was; it does not know defaults.
func (d Draft) Answer(id QuestionID) string { return d.answers[id] }

// Answered reports whether the question was answered, even with "".
func (d Draft) Answered(id QuestionID) bool {
	_, ok := d.answers[id]
	return ok
}

// Secret is the value typed into a secret slot.
func (d Draft) Secret(id QuestionID) Secret { return d.secrets[id] }

// With returns the draft with one answer set.
func (d Draft) With(id QuestionID, value string) Draft {
	d.answers = maps.Clone(d.answers)
	if d.answers == nil {
		d.answers = map[QuestionID]string{}
	}
	d.answers[id] = value
	return d
}

// Without returns the draft with one answer, or secret, forgotten.
func (d Draft) Without(id QuestionID) Draft {
	d.answers = maps.Clone(d.answers)
	d.secrets = maps.Clone(d.secrets)
	delete(d.answers, id)
	delete(d.secrets, id)
	return d
}

// WithSecret returns the draft with one secret slot filled; the zero Secret
// empties it.
func (d Draft) WithSecret(id QuestionID, value Secret) Draft {
	d.secrets = maps.Clone(d.secrets)
	if d.secrets == nil {
		d.secrets = map[QuestionID]Secret{}
	}
	if value.IsZero() {
		delete(d.secrets, id)
	} else {
		d.secrets[id] = value
	}
	return d
}

// Answers is a copy of all answers; secrets are not among them. This is what a
// saved draft holds.
func (d Draft) Answers() map[QuestionID]string { return maps.Clone(d.answers) }

// WithAnswers returns the draft with all given answers set.
func (d Draft) WithAnswers(answers map[QuestionID]string) Draft {
	for id, v := range answers {
		d = d.With(id, v)
	}
	return d
}

// World is what a rule must know beyond the draft. It is a snapshot: screens
// take a new one when something in it may have changed.
type World struct {
	// Now decides what has expired or stopped working.
	Now time.Time
	// Connectors are the saved ones, for names and ids that are taken.
	Connectors []Connector
	// Secrets are the named secrets that exist.
	Secrets []SecretInfo
	// Remotes are addresses of the current checkout's git remotes.
	Remotes []string
	// DelegateTags are selectors seen in saved connectors.
	DelegateTags []string
	// NewSecretsIn is the place that proved itself for new secrets, "" when none
	// was chosen yet.
	NewSecretsIn Where
	// InspectKey reads a private key and says what is wrong with it, with findings
	// about QSSHKey and QSSHPassphrase; the model itself knows no key formats. Nil
	// means that keys are not looked into.
	InspectKey func(key, passphrase Secret) Findings
}

// SecretInfo finds a named secret.
func (w World) SecretInfo(name SecretName) (SecretInfo, bool) {
	for _, s := range w.Secrets {
		if s.Name == name {
			return s, true
		}
	}
	return SecretInfo{}, false
}
