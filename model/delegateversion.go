package model

import (
	"cmp"
	"fmt"
	"strconv"
)

// DelegateVersion is a Harness Delegate's version, YY.MM.XXXXX. The zero value
// is no version.
type DelegateVersion struct{ Year, Month, Build int }

// delegateForm takes YY.MM.XXXXX with what images and logs hang on: a v in
// front, .minimal, -000.
var delegateForm = pattern(`^v?(\d{2})\.(\d{1,2})\.(\d{3,7})(?:-\d{1,6})?(?:\.minimal)?$`)

// ParseDelegateVersion reads a version; ok is false when it is none. Blanks
// around it, and the additions of image tags and logs, do not matter.
func ParseDelegateVersion(text string) (v DelegateVersion, ok bool) {
	m := delegateForm().FindStringSubmatch(plainLine(text))
	if m == nil {
		return DelegateVersion{}, false
	}
	// The form bounds each to a few digits: they fit.
	v.Year, _ = strconv.Atoi(m[1])
	v.Month, _ = strconv.Atoi(m[2])
	v.Build, _ = strconv.Atoi(m[3])
	if v.Month < 1 || v.Month > 12 {
		return DelegateVersion{}, false
	}
	return v, true
}

// String is YY.MM.XXXXX.
func (v DelegateVersion) String() string {
	return fmt.Sprintf("%02d.%02d.%05d", v.Year, v.Month, v.Build)
}

// Compare is negative, zero or positive as v is older than, the same as or
// newer than w. Numbers count, not text.
func (v DelegateVersion) Compare(w DelegateVersion) int {
	return cmp.Or(cmp.Compare(v.Year, w.Year), cmp.Compare(v.Month, w.Month), cmp.Compare(v.Build, w.Build))
}

// DelegateMinimum is a version that Harness's documentation asks for.
type DelegateMinimum struct {
	Version DelegateVersion
	// What it is asked for.
	What string
	// Source is the public page: an address, or its title.
	Source string
}

// delegateMinimums: two revisions of one page disagree about Email and API
// token. Below the first it cannot work, between the two it may.
var delegateMinimums = []DelegateMinimum{
	{
		DelegateVersion{26, 1, 88201},
		"Email and API Token, as the settings reference first said",
		"https://developer.harness.io/docs/platform/connectors/code-repositories/ref-source-repo-provider/bitbucket-connector-settings-reference",
	},
	{
		DelegateVersion{26, 2, 88600},
		"Email and API Token, as its newer revision says; from here on repository access tokens fail the connection test",
		"developer.harness.io, Bitbucket connector settings reference, the revision after SCM Service 1.45.1",
	},
}

// DelegateMinimums lists the documented minimums, lowest first. The result is
// the caller's own.
func DelegateMinimums() []DelegateMinimum {
	return append([]DelegateMinimum(nil), delegateMinimums...)
}

// DelegateVersionFindings judges the delegate a connector goes through. Call it
// in ModeDelegate only: the platform brings its own.
//
// For Email and API token a version below the first documented minimum is an
// error, one below the second a warning, and an unknown one a hint
// (api.delegate-version). delegateversion.invalid is text that is no version.
// With a Cloud access token, token.repo-level warns from 26.02.88600 on, and
// where the version is unknown hints, that a repository's own token fails.
func DelegateVersionFindings(version string, product Product, method APIMethod, kind CredentialKind) Findings {
	first, second := delegateMinimums[0].Version, delegateMinimums[1].Version
	v, ok := ParseDelegateVersion(version)
	unknown := plainLine(version) == ""
	if !ok && !unknown {
		return fieldError(QDelegateVersion, "delegateversion.invalid", "A delegate's version looks like "+second.String()+".",
			"Copy it from the delegate's row in Harness, or leave it empty.")
	}
	var out Findings
	if method == APIEmailAndToken {
		switch {
		case unknown:
			out = append(out, fieldHint(QDelegateVersion, "api.delegate-version",
				"Email and API token needs delegate "+first.String()+" or later; newer documentation says "+second.String()+".",
				"Check the delegate's version in Harness.")...)
		case v.Compare(first) < 0:
			out = append(out, fieldError(QDelegateVersion, "api.delegate-version",
				"Delegate "+v.String()+" does not know Email and API token: it needs "+first.String()+" or later.",
				"Upgrade the delegate, or choose Access Token.")...)
		case v.Compare(second) < 0:
			out = append(out, fieldWarning(QDelegateVersion, "api.delegate-version",
				"For Email and API token older documentation asks for delegate "+first.String()+" and newer for "+second.String()+". This one is "+v.String()+".",
				"Upgrade the delegate if the connection test fails in Harness.")...)
		}
	}
	return append(out, repositoryTokenFindings(v, unknown, second, product, method, kind)...)
}

// repositoryTokenFindings tells what newer delegates make of repository access
// tokens. The token's shape does not say whose it is, so this is never an error.
func repositoryTokenFindings(v DelegateVersion, unknown bool, from DelegateVersion, product Product, method APIMethod, kind CredentialKind) Findings {
	if product != Cloud || method != APIAccessToken || (kind != KindAccessToken && kind != KindUnknown) {
		return nil
	}
	message := "From delegate " + from.String() + " on, the connection test fails with the access token of a single repository."
	const fix = "Use a workspace access token, or an API token with read:workspace:bitbucket."
	switch {
	case unknown:
		return fieldHint(QAPIToken, "token.repo-level", message, fix)
	case v.Compare(from) >= 0:
		return fieldWarning(QAPIToken, "token.repo-level", message, fix)
	}
	return nil
}
