package sandbox

import "net/http"

// The texts of Bitbucket Cloud, word for word.
const (
	textTokenInvalid = "Token is invalid, expired, or not supported for this endpoint."
	textLoginFailed  = "Login failed due to incorrect login credentials or method.\n" +
		"For information on authentication methods for Bitbucket Cloud APIs, visit:\n" +
		"https://developer.atlassian.com/cloud/bitbucket/rest/intro/#authentication\n"
	textNoScopes  = "API Token provided has no Bitbucket scopes."
	textMechanism = "This API is not accessible by this authentication mechanism"
	textScopes    = "Your credentials lack one or more required privilege scopes."
	textNoAccess  = "You may not have access to this repository or it no longer exists in this workspace. " +
		"If you think this repository exists and you have access, make sure you are authenticated."
	textRemoved = "CHANGE-2770 - Functionality has been deprecated"
	// textAppPassword is what git prints as "remote:" lines for an app password.
	textAppPassword = "CHANGE-3222 - Functionality has been deprecated\n" +
		"App passwords are deprecated and must be replaced with API tokens.\n" +
		"https://developer.atlassian.com/cloud/bitbucket/changelog#CHANGE-3222\n"
	textPasswordGit = "Bitbucket Cloud recently stopped supporting account passwords for Git authentication.\n" +
		"See our community post for more details: https://atlassian.community/t5/x/x/ba-p/1948231\n"
	textPasswordREST = "Bitbucket Cloud recently stopped supporting account passwords for API authentication.\n" +
		"See our community post for more details: https://atlassian.community/t5/x/x/ba-p/1948231\n"
	textInvalidCredentials = "Invalid credentials"
	textNoWrite            = "You do not have write access to this repository."

	cloudRealm = `Basic realm="Bitbucket.org HTTP"`
)

// cloudFault is Cloud's error envelope; the order of the fields is the wire's.
type cloudFault struct {
	Type  string          `json:"type"`
	Error cloudFaultError `json:"error"`
}

type cloudFaultError struct {
	Message string `json:"message"`
	Detail  any    `json:"detail,omitempty"`
	Data    any    `json:"data,omitempty"`
}

// scopeDetail names what was granted and what is wanted.
type scopeDetail struct {
	Granted  []string `json:"granted"`
	Required []string `json:"required"`
}

// cloudError is the envelope around one message.
func cloudError(status int, message string) *Answer {
	return jsonAnswer(status, cloudFault{"error", cloudFaultError{Message: message}})
}

// cloudUnauthorized is a 401 with Cloud's challenge.
func cloudUnauthorized(a *Answer) *Answer {
	a.Status = http.StatusUnauthorized
	return a.with("WWW-Authenticate", cloudRealm)
}

// noScopes is the one error whose "error" is a string.
func noScopes() *Answer {
	return rawAnswer(http.StatusUnauthorized, "application/json", `{"error": "`+textNoScopes+`"}`)
}

// lacksScopes is 403 with granted and required scopes.
func lacksScopes(granted, required []string) *Answer {
	if granted == nil {
		granted = []string{}
	}
	return jsonAnswer(http.StatusForbidden, cloudFault{"error", cloudFaultError{
		Message: textScopes, Detail: scopeDetail{Granted: granted, Required: required},
	}})
}

// removedEndpoint is what the cross-workspace listings answer since 2026-04-14.
func removedEndpoint(*cloudCall) *Answer {
	return jsonAnswer(http.StatusGone, cloudFault{"error", cloudFaultError{
		Message: textRemoved,
		Data:    map[string]string{"announcement_url": "https://developer.atlassian.com/cloud/bitbucket/changelog/#CHANGE-2770"},
	}})
}

// noSuchResource is an address below /2.0 that is none.
func noSuchResource() *Answer {
	return jsonAnswer(http.StatusNotFound, cloudFault{"error", cloudFaultError{
		Message: "Resource not found",
		Detail:  "There is no API hosted at this URL.\n\nFor information about our API's, please refer to the documentation at: https://developer.atlassian.com/bitbucket/api/2/reference/",
	}})
}
