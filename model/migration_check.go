package model

import "time"

// CheckNewCredential judges a credential that is to take an older one's place,
// before anything is sent: what it is, and whether it is of the kind that was
// chosen. A value that has nothing of that kind is a warning, since Bitbucket may
// have made other forms; the live test decides.
func CheckNewCredential(value Secret, kind CredentialKind, field QuestionID) Findings {
	seen := RecogniseCredential(value, field)
	fs := append(seen.Findings, CheckSameKind(kind, seen.Kind, field)...)
	if len(fs) > 0 || seen.Kind != KindUnknown {
		return fs
	}
	return unlikeKind(kind, field)
}

// unlikeKind warns of a value that nothing was recognised in, where the chosen kind
// tells itself by its beginning.
func unlikeKind(kind CredentialKind, field QuestionID) Findings {
	for _, s := range tokenShapes {
		if s.kind == kind && s.kind != KindAppPassword {
			return fieldWarning(field, "token.kind-mismatch", "This does not look like "+kindNames[kind]+": those begin with "+s.prefix+".",
				"Look whether all of it was copied, and nothing else.")
		}
	}
	return nil
}

// CheckNewExpiry judges the day on which a new credential is said to end, as it was
// typed, by a clock that says now. An API token without one is a hint: it always
// ends (Atlassian gives it a year at most).
func CheckNewExpiry(text string, now time.Time, kind CredentialKind) Findings {
	day, err := ReadExpiry(text, now)
	switch {
	case err != nil:
		return noDate(QExpires)
	case day.IsZero() && kind == KindAPIToken:
		return fieldHint(QExpires, "expires.required", "An API token always ends.", "Type the day its page shows, so that you are told in time.")
	}
	return ExpiryFindings(day, now, kind, QExpires)
}

// CheckAccountEmail judges the email of the Atlassian account that made an API
// token, as the question of API access does.
func CheckAccountEmail(email string, now time.Time) Findings {
	d := NewDraft().With(QURL, "https://bitbucket.org/acme/ledger.git").With(QURLType, string(URLRepo)).With(QConnectionType, string(HTTP)).
		With(QKind, string(KindAPIToken)).With(QAPIMethod, string(APIEmailAndToken)).With(QAPIEmail, email)
	return ValidateAnswer(QAPIEmail, d, World{Now: now})
}
