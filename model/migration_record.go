package model

import (
	"slices"
	"time"
)

// MigrationVersion is that of a journal this program writes.
const MigrationVersion = 1

// MigrationRecord is the journal of a migration that is not confirmed yet: all
// that is needed to go on with it, or to put every byte back. It never holds a
// secret value: those stand in the keystore, under StagedName and OldName.
type MigrationRecord struct {
	Version   int              `json:"version"`
	Purpose   MigrationPurpose `json:"purpose"`
	StartedAt time.Time        `json:"startedAt"`
	// State is what is being done with the whole of it.
	State MigrationState `json:"state"`
	// SecretsFile is secrets.yaml as it was, nil where there was none.
	SecretsFile []byte           `json:"secretsFile"`
	Secrets     []MigratedSecret `json:"secrets"`
	Members     []MigratedMember `json:"members"`
}

// MigrationState is how far a whole migration is.
type MigrationState string

// The states. A migration that is being undone or confirmed can only be undone or
// confirmed: what is half taken back must not be gone on with.
const (
	MigrationGoing      MigrationState = "going"
	MigrationUndoing    MigrationState = "undoing"
	MigrationConfirming MigrationState = "confirming"
)

// UnitState is how far one transaction of a migration is.
type UnitState string

// The states of a unit, in their order. Each is written before what it names is
// begun, so that a unit that says applying may be applied in part.
const (
	UnitPlanned  UnitState = "planned"
	UnitStaged   UnitState = "staged"
	UnitApplying UnitState = "applying"
	UnitApplied  UnitState = "applied"
)

// MigratedSecret is one secret of a migration. Secrets that share a connector
// belong to the same unit: they are swapped together or not at all.
type MigratedSecret struct {
	Unit  int        `json:"unit"`
	State UnitState  `json:"state"`
	Name  SecretName `json:"name"`
	// Where is the place that keeps its value; After what is recorded of it once
	// the new value is current, Before what was, nil where nothing was.
	Where  Where       `json:"where"`
	Before *SecretInfo `json:"before,omitempty"`
	After  SecretInfo  `json:"after"`
	// HadValue says that there was an old value, which is kept under OldName.
	HadValue bool `json:"hadValue"`
	// KeepsValue says that only documents change.
	KeepsValue bool `json:"keepsValue,omitempty"`
	// Kept says that OldName stays after confirming, since somebody is left on it.
	Kept bool `json:"kept,omitempty"`
	// User is whose credential it is, and Page where the old one is revoked.
	User string         `json:"user,omitempty"`
	Page string         `json:"page,omitempty"`
	Old  CredentialKind `json:"old"`
}

// MemberState is what became of one connector of a migration.
type MemberState string

// The states of a member. Left is one that stays on the old value, Forced one
// whose test failed and that gets the new value all the same.
const (
	MemberUntested MemberState = "untested"
	MemberPassed   MemberState = "passed"
	MemberFailed   MemberState = "failed"
	MemberForced   MemberState = "forced"
	MemberLeft     MemberState = "left"
	// MemberRestored is only in the report of a migration that was taken back.
	MemberRestored MemberState = "restored"
)

// MigratedMember is one connector or document of a migration.
type MigratedMember struct {
	Unit int `json:"unit"`
	// ID is the connector's key, or the document's path; Name is for people.
	ID   string `json:"id"`
	Path string `json:"path,omitempty"`
	Name string `json:"name"`
	// Document are the bytes before and after; LeftAs those of one that stays on the
	// old value.
	Document DocumentChange `json:"document"`
	LeftAs   []byte         `json:"leftAs,omitempty"`
	Answers  []AnswerChange `json:"answers,omitempty"`
	State    MemberState    `json:"state"`
	// Test is the outcome of its test with the new value, Before that of the test
	// that was remembered, nil where there was none.
	Test    *TestRecord `json:"test,omitempty"`
	Before  *TestRecord `json:"before,omitempty"`
	Problem *Problem    `json:"problem,omitempty"`
	// Written says that Document.After, or LeftAs, is in its place.
	Written bool `json:"written,omitempty"`
}

// DocumentEdit is a connector that is to get a new document: as it was read, and
// what it is to say. A member without a revision is taken as it is by now.
type DocumentEdit struct {
	Member MigrationMember
	After  Connector
}

// DocumentChange is a file before and after, whole, byte for byte.
type DocumentChange struct {
	// Key is the connector's, Path that of a document elsewhere: one of the two.
	Key    string `json:"key,omitempty"`
	Path   string `json:"path,omitempty"`
	Before []byte `json:"before"`
	After  []byte `json:"after"`
	// Restores says that After was there before: where the file was deleted since, it
	// is written again.
	Restores bool `json:"-"`
}

// Back is the change that takes this one back.
func (c DocumentChange) Back() DocumentChange {
	c.Before, c.After, c.Restores = c.After, c.Before, true
	return c
}

// MemberDecision is what is to become of a connector whose test failed.
type MemberDecision string

// The decisions.
const (
	DecideForce MemberDecision = "go-on"
	DecideLeave MemberDecision = "leave"
	DecideRetry MemberDecision = "retry"
)

// Units are the numbers of the transactions, in order.
func (r MigrationRecord) Units() []int {
	var out []int
	for _, s := range r.Secrets {
		if !slices.Contains(out, s.Unit) {
			out = append(out, s.Unit)
		}
	}
	slices.Sort(out)
	return out
}

// UnitState is how far a unit is; its secrets go together.
func (r MigrationRecord) UnitState(unit int) UnitState {
	for _, s := range r.Secrets {
		if s.Unit == unit {
			return s.State
		}
	}
	return UnitPlanned
}

// Failed lists the members that did not pass and are not decided, of one unit, or
// of all with -1.
func (r MigrationRecord) Failed(unit int) []MigratedMember {
	var out []MigratedMember
	for _, m := range r.Members {
		if m.State == MemberFailed && (unit < 0 || m.Unit == unit) {
			out = append(out, m)
		}
	}
	return out
}

// Confirmable reports whether confirming keeps something and throws nothing away but
// what failed: a unit has been applied, and every other has a connector that did not
// pass. What was broken off before its tests can only be gone on with or taken back.
func (r MigrationRecord) Confirmable() bool {
	applied := false
	for _, unit := range r.Units() {
		switch {
		case r.UnitState(unit) == UnitApplied:
			applied = true
		case r.UnitState(unit) != UnitStaged || len(r.Failed(unit)) == 0:
			return false
		}
	}
	return applied
}

// Applied reports whether every unit has been applied.
func (r MigrationRecord) Applied() bool {
	return !slices.ContainsFunc(r.Secrets, func(s MigratedSecret) bool { return s.State != UnitApplied })
}
