package model

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// MigrationReport is what a migration did, for a ticket. It holds no secret.
type MigrationReport struct {
	Purpose   MigrationPurpose `json:"purpose"`
	StartedAt time.Time        `json:"startedAt"`
	// ReportedAt is when it was asked for.
	ReportedAt time.Time `json:"reportedAt"`
	// State is "done", when every secret was replaced, "partly" or "unfinished", and
	// "undone" once all of it was taken back.
	State   string           `json:"state"`
	Secrets []ReportedSecret `json:"secrets"`
	// Revoke are the old credentials to revoke at Bitbucket, one sentence each.
	Revoke []string `json:"revoke"`
	// InHarness is what is left to do there, one sentence each.
	InHarness []string `json:"inHarness"`
}

// ReportedSecret is one secret of a report.
type ReportedSecret struct {
	Ref      SecretRef      `json:"ref"`
	User     string         `json:"user,omitempty"`
	Old      CredentialKind `json:"old"`
	Kind     CredentialKind `json:"kind,omitempty"`
	Expires  string         `json:"expires,omitempty"`
	Replaced bool           `json:"replaced"`
	// Kept says that the old value stays, since a connector was left on it; OldRef is
	// what that connector's document calls it.
	Kept    bool             `json:"oldKept,omitempty"`
	OldRef  SecretRef        `json:"oldRef,omitempty"`
	Members []ReportedMember `json:"connectors"`
	// documentsAlone says that the value is kept where this program does not write.
	documentsAlone bool
}

// ReportedMember is one connector of a report.
type ReportedMember struct {
	ID      string      `json:"id"`
	Name    string      `json:"name"`
	State   MemberState `json:"state"`
	Changed bool        `json:"documentChanged"`
	Verdict Verdict     `json:"verdict,omitempty"`
	Code    string      `json:"code,omitempty"`
	What    string      `json:"what,omitempty"`
}

// ReportOf reports on a journal as it stands.
func ReportOf(r MigrationRecord, now time.Time) MigrationReport {
	report := MigrationReport{
		Purpose: r.Purpose, StartedAt: r.StartedAt, ReportedAt: now.UTC(), State: "unfinished",
		Secrets: []ReportedSecret{}, Revoke: []string{}, InHarness: []string{},
	}
	applied := 0
	for _, s := range r.Secrets {
		out := ReportedSecret{
			Ref: s.Name.Ref(), User: s.User, Old: s.Old, Kind: s.After.Kind, Replaced: s.State == UnitApplied, Kept: s.Kept, Members: []ReportedMember{}, documentsAlone: s.KeepsValue,
		}
		if s.Kept {
			out.OldRef = OldName(s.Name).Ref()
		}
		if !s.After.Expires.IsZero() {
			out.Expires = s.After.Expires.Format(time.DateOnly)
		}
		for _, m := range r.Members {
			if m.Unit == s.Unit {
				out.Members = append(out.Members, m.reported())
			}
		}
		if out.Replaced {
			applied++
			report.tell(s, out)
		}
		report.Secrets = append(report.Secrets, out)
	}
	if r.changesSaved() {
		report.InHarness = append(report.InHarness, "bbconnect export ID --format harness prints such a document.")
	}
	switch {
	case applied == len(r.Secrets):
		report.State = "done"
	case applied > 0:
		report.State = "partly"
	}
	return report
}

// changesSaved reports whether the document of a saved connector was changed.
func (r MigrationRecord) changesSaved() bool {
	return slices.ContainsFunc(r.Members, func(m MigratedMember) bool {
		return m.Path == "" && r.UnitState(m.Unit) == UnitApplied && (len(m.Answers) > 0 || m.State == MemberLeft)
	})
}

func (m MigratedMember) reported() ReportedMember {
	out := ReportedMember{ID: m.ID, Name: m.Name, State: m.State, Changed: len(m.Answers) > 0}
	if m.Test != nil {
		out.Verdict = m.Test.Verdict
	}
	if m.Problem != nil {
		out.Code, out.What = m.Problem.Code, m.Problem.What
	}
	return out
}

// Undone is the report once everything was taken back: nothing is to be done and
// nothing to be revoked but what the migration itself brought.
func (r MigrationReport) Undone() MigrationReport {
	var replaced, changed []string
	secrets := make([]ReportedSecret, len(r.Secrets))
	for i, s := range r.Secrets {
		if s.Replaced && !s.documentsAlone {
			replaced = append(replaced, string(s.Ref))
		}
		members := make([]ReportedMember, len(s.Members))
		for j, m := range s.Members {
			if s.Replaced && m.Changed && m.State != MemberLeft {
				changed = append(changed, m.ID)
			}
			members[j] = ReportedMember{ID: m.ID, Name: m.Name, State: MemberRestored}
		}
		secrets[i] = ReportedSecret{Ref: s.Ref, User: s.User, Old: s.Old, Members: members}
	}
	r.State, r.Secrets, r.Revoke, r.InHarness = "undone", secrets, []string{}, []string{}
	if len(replaced) > 0 {
		r.InHarness = append(r.InHarness, "Only where it was changed there already: put the old value back into "+strings.Join(replaced, ", ")+".")
		r.Revoke = append(r.Revoke, "The new credential, where nothing is to use it. The old one is in use again.")
	}
	if len(changed) > 0 {
		r.InHarness = append(r.InHarness, "Only where they were applied there already: apply the documents of "+strings.Join(changed, ", ")+" again, as they are now.")
	}
	return r
}

// tell adds what is left to do for a secret that was replaced. Harness keeps values
// of its own: this program's keyring is not read there.
func (r *MigrationReport) tell(s MigratedSecret, out ReportedSecret) {
	old := KindLabel(s.Old)
	if s.User != "" {
		old += " of " + s.User
	}
	if !s.KeepsValue && !s.Kept {
		r.Revoke = append(r.Revoke, fmt.Sprintf("The %s that %s held.", old, out.Ref))
	}
	if !s.KeepsValue {
		r.InHarness = append(r.InHarness, fmt.Sprintf("Replace the value of the secret %s by the new token; its name stays.", out.Ref))
	}
	var changed, left []string
	for _, m := range out.Members {
		switch {
		case m.State == MemberLeft:
			left = append(left, m.ID)
		case m.Changed:
			changed = append(changed, m.ID)
		}
	}
	if len(changed) > 0 {
		r.InHarness = append(r.InHarness, fmt.Sprintf("Apply the changed documents: %s.", strings.Join(changed, ", ")))
	}
	if len(left) > 0 && out.Kept {
		r.InHarness = append(r.InHarness, fmt.Sprintf("For what stays on the old value, make the secret %s with that value, and apply the changed documents: %s.", out.OldRef, strings.Join(left, ", ")))
	}
}

// Count is how many connectors are in a state, each once.
func (r MigrationReport) Count(states ...MemberState) int {
	seen := map[string]bool{}
	for _, s := range r.Secrets {
		for _, m := range s.Members {
			if slices.Contains(states, m.State) {
				seen[m.ID] = true
			}
		}
	}
	return len(seen)
}

// Headline is the result in one line.
func (r MigrationReport) Headline() string {
	if r.State == "undone" {
		return fmt.Sprintf("Taken back: %s and %s are as they were.", count(len(r.Secrets), "secret"), count(r.Count(MemberRestored), "connector"))
	}
	replaced := 0
	for _, s := range r.Secrets {
		if s.Replaced {
			replaced++
		}
	}
	text := fmt.Sprintf("%s of %s replaced, %s passed", count(replaced, "secret"), fmt.Sprint(len(r.Secrets)), count(r.Count(MemberPassed), "connector"))
	for _, also := range []struct {
		state MemberState
		text  string
	}{
		{MemberForced, "%d went on without passing"},
		{MemberLeft, "%d left on the old value"},
		{MemberFailed, "%d failed"},
		{MemberUntested, "%d not tested"},
	} {
		if n := r.Count(also.state); n > 0 {
			text += ", " + fmt.Sprintf(also.text, n)
		}
	}
	return text + "."
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// stateWords are the states of a member in a report.
var stateWords = map[MemberState]string{
	MemberUntested: "not tested", MemberPassed: "passed", MemberFailed: "failed",
	MemberForced: "changed without passing", MemberLeft: "left on the old value", MemberRestored: "as it was",
}

// Text is the report for a terminal or a mail.
func (r MigrationReport) Text() string {
	var b strings.Builder
	b.WriteString(r.Headline() + "\n")
	for _, s := range r.Secrets {
		fmt.Fprintf(&b, "\n%s   %s\n", s.Ref, s.line())
		for _, m := range s.Members {
			fmt.Fprintf(&b, "  %-24s %s\n", m.result(), m.line())
		}
	}
	for _, part := range r.parts() {
		if len(part.lines) > 0 {
			b.WriteString("\n" + part.title + ":\n")
			for _, line := range part.lines {
				b.WriteString("  - " + line + "\n")
			}
		}
	}
	return b.String()
}

// Markdown is the report to paste into a ticket.
func (r MigrationReport) Markdown() string {
	var b strings.Builder
	title := "Off App Passwords"
	if r.Purpose == PurposeRotation {
		title = "Secret rotation"
	}
	fmt.Fprintf(&b, "# %s\n\n%s Begun %s.\n", title, r.Headline(), r.StartedAt.UTC().Format(time.RFC3339))
	for _, s := range r.Secrets {
		fmt.Fprintf(&b, "\n## `%s`\n\n%s\n\n| connector | result | |\n|---|---|---|\n", s.Ref, sentence(s.line()))
		for _, m := range s.Members {
			fmt.Fprintf(&b, "| `%s` %s | %s | %s |\n", m.ID, cell(m.Name), m.result(), cell(strings.TrimSpace(m.Code+" "+m.What)))
		}
	}
	for _, part := range r.parts() {
		if len(part.lines) > 0 {
			fmt.Fprintf(&b, "\n## %s\n\n", part.title)
			for _, line := range part.lines {
				b.WriteString("- [ ] " + line + "\n")
			}
		}
	}
	return b.String()
}

type reportPart struct {
	title string
	lines []string
}

func (r MigrationReport) parts() []reportPart {
	return []reportPart{{"To do in Harness", r.InHarness}, {"To revoke at Bitbucket", r.Revoke}}
}

func (s ReportedSecret) line() string {
	text := "not replaced"
	if len(s.Members) > 0 && s.Members[0].State == MemberRestored {
		text = KindLabel(s.Old) + ", as it was"
	}
	if s.Replaced {
		text = KindLabel(s.Kind)
		if s.Expires != "" {
			text += ", expires " + s.Expires
		}
	}
	if s.User != "" {
		text += ", user " + s.User
	}
	if s.Kept {
		text += ", old value kept as " + string(s.OldRef)
	}
	return text
}

// result is what became of a connector, in words.
func (m ReportedMember) result() string {
	if m.State == MemberPassed && m.Verdict == VerdictWarn {
		return "passed, with a warning"
	}
	return stateWords[m.State]
}

func (m ReportedMember) line() string {
	text := m.ID
	if m.Code != "" {
		text += "   " + m.Code + ": " + m.What
	}
	return text
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] + "." }

// cell keeps a text from breaking out of a table's cell.
func cell(s string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "`", "'", "<", "&lt;").Replace(s)
}
