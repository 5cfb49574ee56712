package probe

import (
	"time"

	"bbconnect/model"
)

// accountPage is where Cloud shows the user name; it is neither the email nor
// the display name. Data Center has no page that is the same everywhere.
func accountPage(f *facts) string {
	if f.isCloud() {
		return model.PageAccount
	}
	return ""
}

// tokenPage is where a token like git's, or over SSH the REST API's, is made.
func tokenPage(f *facts) string {
	kind := f.gitKind
	if !f.overHTTP() {
		kind = f.restKind
	}
	return f.makes(kind)
}

// apiTokenPage is where a token like the REST API's is made.
func apiTokenPage(f *facts) string { return f.makes(f.restKind) }

// makes is the page where a token of the kind is made. A retired or a foreign
// credential is replaced by an API token.
func (f *facts) makes(kind model.CredentialKind) string {
	at := f.to.Address
	if at.Product == model.Cloud && at.Workspace == "" {
		at.Workspace = f.to.owner
	}
	return model.TokenPageOf(at, kind)
}

// newTokenPage is where API tokens are made, whatever the present credential
// is; on Data Center its own tokens.
func newTokenPage(f *facts) string { return f.makes(model.KindAPIToken) }

// scopePage is where a token with more scopes is made: of the REST API's kind,
// whose scopes were told.
func scopePage(f *facts) string { return f.makes(f.ticks()) }

// whereNamesStand says where to look the user name up, as a sentence.
func (f *facts) whereNamesStand() string {
	if f.isCloud() {
		return "It stands at " + model.PageAccount + "."
	}
	return "It stands in the account's profile at " + clean(f.to.authority()) + "."
}

// apiExpires is the day the REST API's credential ends, zero when unknown.
func (f *facts) apiExpires() time.Time {
	if f.req.APIExpires.IsZero() && f.overHTTP() && f.sameSecret() {
		return f.req.Expires
	}
	return f.req.APIExpires
}

// past reports that a recorded last day is over.
func (f *facts) past(day time.Time) bool { return !day.IsZero() && model.DaysLeft(day, f.now) < 0 }

// dayOf writes a day, "" for the zero time.
func dayOf(day time.Time) string {
	if day.IsZero() {
		return ""
	}
	return day.UTC().Format(time.DateOnly)
}
