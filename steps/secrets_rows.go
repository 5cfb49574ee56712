package steps

import (
	"fmt"
	"strings"
	"time"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// What quick filters look for.
const (
	flagSecretExpiring uint64 = 1 << iota
	flagSecretUnused
)

func secretColumns() []ui.Column {
	return []ui.Column{
		{Title: "Reference", Min: 20, Keep: 28, Sort: ui.ByText},
		{Title: "Kind", Min: 14, Drop: 2, Sort: ui.ByText},
		{Title: "Kept in", Min: 15, Sort: ui.ByText},
		{Title: "Used by", Right: true, Min: 7, Drop: 1, Sort: ui.ByNumber},
		{Title: "Created", Min: 10, Drop: 3, Sort: ui.ByNumber},
		{Title: "Length", Right: true, Min: 6, Drop: 4},
		{Title: "Expires", Right: true, Min: 9, Sort: ui.ByNumber},
	}
}

// secretFlags are the properties of a secret that quick filters look for.
func secretFlags(secret flow.NamedSecret, now time.Time) uint64 {
	var flags uint64
	if day := secret.Info.Expires; !day.IsZero() && model.DaysLeft(day, now) <= expiringSoon {
		flags |= flagSecretExpiring
	}
	if len(secret.UsedBy) == 0 {
		flags |= flagSecretUnused
	}
	return flags
}

// row is one secret as the list shows it.
func (s *Secrets) row(secret flow.NamedSecret) ui.Row {
	info := secret.Info
	length := ui.Skip.Sign()
	if info.Length > 0 {
		length = fmt.Sprint(info.Length)
	}
	created, ends := int64(ui.NoNumber), int64(ui.NoNumber)
	if !info.Created.IsZero() {
		created = info.Created.Unix()
	}
	if !info.Expires.IsZero() {
		ends = info.Expires.Unix()
	}
	return ui.Row{
		ID: string(info.Name), Flags: secretFlags(secret, s.jobs.Now()),
		Numbers: []int64{0, 0, 0, int64(len(secret.UsedBy)), created, 0, ends},
		Cells: []string{
			secretTitle(info.Name), secretKind(info), s.keptIn(info), fmt.Sprint(len(secret.UsedBy)),
			createdText(info.Created, s.jobs.Now()), length, endText(info.Expires, s.jobs.Now()),
		},
		Search: string(info.Name) + " " + info.Username + " " + info.Email + " " + info.Host,
	}
}

// secretTitle is a secret's reference; one that is not the account's says whose
// it is, since the same reference means another one elsewhere.
func secretTitle(name model.SecretName) string {
	scope, _, _ := name.Split()
	switch scope.Kind() {
	case model.ScopeOrg:
		return string(name.Ref()) + " (" + scope.Org + ")"
	case model.ScopeProject:
		return string(name.Ref()) + " (" + scope.Org + "/" + scope.Project + ")"
	}
	return string(name.Ref())
}

// secretKind is what a secret is, in two words.
func secretKind(info model.SecretInfo) string {
	switch {
	case info.Type == model.SecretSSHKey:
		return "SSH credential"
	case info.Type == model.SecretFile && info.Kind == model.KindSSHKey:
		return "SSH key file"
	case info.Type == model.SecretFile:
		return "File"
	}
	return model.KindLabel(info.Kind)
}

// keptIn is where the value is, and what a look for it found.
func (s *Secrets) keptIn(info model.SecretInfo) string {
	if info.Type == model.SecretSSHKey {
		return "with its key"
	}
	place := s.loaded.places[info.Where]
	if found, looked := s.held[info.Name]; looked {
		return heldText(found, place)
	}
	return place
}

func heldText(found flow.SecretHolding, place string) string {
	switch found.State {
	case flow.SecretHeld:
		return ui.Pass.Sign() + " " + place
	case flow.SecretDiffers:
		return ui.Warn.Sign() + " other length"
	case flow.SecretGone:
		return ui.Fail.Sign() + " gone"
	case flow.SecretLocked:
		return ui.Skip.Sign() + " locked"
	}
	return place
}

// createdText is the day something was made, "–" when nobody knows.
func createdText(day, now time.Time) string {
	if day.IsZero() {
		return ui.Skip.Sign()
	}
	return ago(now, day)
}

// endText is how many days are left, marked when they are few.
func endText(day, now time.Time) string {
	if day.IsZero() {
		return ui.Skip.Sign()
	}
	switch left := model.DaysLeft(day, now); {
	case left < 0:
		return ui.Fail.Sign() + " ended"
	case left <= expiringSoon:
		return fmt.Sprintf("%s %d d", ui.Warn.Sign(), left)
	default:
		return fmt.Sprintf("%d d", left)
	}
}

// card is everything that is known of a secret; its users are the last part, as
// they may be many.
func (s *Secrets) card(secret flow.NamedSecret) ui.Card {
	info := secret.Info
	c := ui.Card{Title: secretTitle(info.Name)}
	say := func(format string, args ...any) { c.Lines = append(c.Lines, fmt.Sprintf(format, args...)) }
	say("%s", secretKind(info))
	switch {
	case info.Type == model.SecretSSHKey:
		say("Its key: %s", info.File.Ref())
		if info.Passphrase != "" {
			say("Its passphrase: %s", info.Passphrase.Ref())
		}
	case info.Where == model.WhereAsk:
		say("Asked each time, never stored")
	default:
		say("Kept in: %s", s.loaded.places[info.Where])
	}
	if info.Length > 0 {
		say("Length: %d characters", info.Length)
	}
	if found, looked := s.held[info.Name]; looked && info.Type != model.SecretSSHKey {
		say("%s", heldSentence(found))
	}
	if info.Username != "" {
		say("User name: %s", info.Username)
	}
	if info.Host != "" {
		say("For: %s", info.Host)
	}
	if !info.Created.IsZero() {
		say("Created: %s", ago(s.jobs.Now(), info.Created))
	}
	if !info.Expires.IsZero() {
		say("Ends: %s, %s", info.Expires.Format(time.DateOnly), daysAside(info.Expires.Format(time.DateOnly), s.jobs.Now()))
	}
	if secret.PartOf != "" {
		say("Part of: %s", secret.PartOf.Ref())
	}
	c.Lines = append(c.Lines, "", usedBy(secret.UsedBy))
	return c
}

func usedBy(keys []string) string {
	if len(keys) == 0 {
		return "No connector uses it."
	}
	return "Used by " + countOf(len(keys), "connector") + ": " + strings.Join(keys, ", ")
}

// someUsers names as many connectors as a dialog has room for.
func someUsers(keys []string) string {
	const room = 6
	if len(keys) > room {
		return "Used by " + countOf(len(keys), "connector") + ": " + strings.Join(keys[:room], ", ") + fmt.Sprintf(" and %d more.", len(keys)-room)
	}
	return strings.TrimSuffix(usedBy(keys), ".") + "."
}

// heldSentence is what a look found, in words.
func heldSentence(found flow.SecretHolding) string {
	switch found.State {
	case flow.SecretHeld:
		return ui.Pass.Sign() + " The keystore holds it."
	case flow.SecretDiffers:
		return fmt.Sprintf("%s The keystore holds a value of %d characters; %d were stored.", ui.Warn.Sign(), found.Length, found.Info.Length)
	case flow.SecretGone:
		return ui.Fail.Sign() + " The keystore no longer holds it."
	case flow.SecretLocked:
		return ui.Skip.Sign() + " " + found.Problem.What
	}
	return "Nothing is kept of it."
}
