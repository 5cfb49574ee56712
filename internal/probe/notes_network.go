package probe

import "bbconnect/model"

// networkNotes are what a test that went well shows of the way to the server:
// that the delegate, or the platform, needs the authority too, and that little
// of the account's limit is left.
func (f *facts) networkNotes(verdict model.Verdict) model.Findings {
	if verdict != model.VerdictPass && verdict != model.VerdictWarn {
		return nil
	}
	var out model.Findings
	note := func(code string, severity model.Severity, field model.QuestionID, message, fix string) {
		out = append(out, model.Finding{Code: code, Severity: severity, Field: field, Message: message, Fix: fix})
	}
	host := clean(f.to.Host)
	c := f.req.Connector
	switch {
	case !f.ownCA:
	case c.Mode == model.ModeDelegate && f.counts:
		// developer.harness.io, "Connect to a Bitbucket repo", Kubernetes delegate with
		// self-signed certificates.
		note("connectivity.self-signed", model.SeverityHint, model.QMode,
			"The certificate of "+host+" is trusted here for the connector's CA file. The delegate does not have that file.",
			"Set ADDITIONAL_CERTS_PATH in the delegate's pod to a file with the same authority.")
	case c.Mode == model.ModePlatform && !c.SecureConnect && f.isDataCenter():
		note("connectivity.self-signed", model.SeverityWarning, model.QMode,
			"The certificate of "+host+" is trusted here for the connector's CA file, which Harness's platform cannot be given.",
			"Have the server show a certificate of a public authority, or connect through a delegate or Secure Connect.")
	}
	for _, a := range f.restAnswers() {
		if a.limits.near {
			// support.atlassian.com, "API request limits": true below a fifth of the limit.
			note("net.rate-limited", model.SeverityHint, model.QAPISecret,
				"Little is left of the account's limit of requests in this hour. "+f.limitOf(a),
				"Spread the connectors over several accounts, or use an access token, whose limit grows with the workspace.")
			break
		}
	}
	for i := range out {
		out[i].Message = tidy(out[i].Message)
	}
	return out
}
