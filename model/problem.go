package model

import "errors"

// Problem is an error with its remedy: what happened, why that is likely and
// what to do now. Field, when set, is the question whose answer mends it. It
// carries no secret and no control characters of a server, so every face may
// print it as it is.
type Problem struct {
	Code  string     `json:"code"`
	What  string     `json:"what"`
	Why   string     `json:"why"`
	Fix   string     `json:"fix"`
	Field QuestionID `json:"field,omitempty"`
	// Mends are answers that are known to mend the problem, best first. Accepting
	// one sets its field and tests again.
	Mends []Mend `json:"mends,omitempty"`
	// Page is where a person mends it in a browser; "" for none. It is one of
	// Atlassian's own pages or one of the connector's own host.
	Page string `json:"page,omitempty"`
	// Commands are whole lines that show on another machine, such as the
	// delegate's, what it gets; they hold no secret.
	Commands []string `json:"commands,omitempty"`
	// WaitSeconds is how long the server asks to wait; 0 when it does not say.
	WaitSeconds int `json:"waitSeconds,omitempty"`
	// HostKey is the key to accept for ssh.host-key-unknown and
	// ssh.host-key-changed.
	HostKey *HostKey `json:"hostKey,omitempty"`
	// Authority is the certificate to trust for tls.unknown-ca, where the server
	// showed one.
	Authority *Authority `json:"authority,omitempty"`
	// Cause is the error underneath, for errors.Is and the log; never shown as it
	// is, since it may quote a server.
	Cause error `json:"-"`
}

// Mend is one answer offered as the remedy of a problem.
type Mend struct {
	Field QuestionID `json:"field"`
	Value string     `json:"value"`
	// Label says what accepting it does: "use x-token-auth".
	Label string `json:"label"`
}

// Error is one line: code, what happened, what to do.
func (p *Problem) Error() string {
	text := p.Code + ": " + p.What
	if p.Fix != "" {
		text += " " + p.Fix
	}
	return text
}

// Unwrap returns the cause.
func (p *Problem) Unwrap() error { return p.Cause }

// AsProblem finds the Problem in an error chain.
func AsProblem(err error) (*Problem, bool) {
	var p *Problem
	ok := errors.As(err, &p)
	return p, ok
}
