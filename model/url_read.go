package model

import "slices"

// maxURLText bounds what is read as an address; browsers stop far below.
const maxURLText = 4096

// ReadURL says what a pasted text means: browser pages, API addresses, git
// clone lines, scp form and the rest. It changes nothing silently: whatever was
// mended is a finding, with the mended URL as its suggestion. A credential in
// the text comes back in Secret alone.
//
// Reading the URL it returns gives the same Address and mends nothing.
func ReadURL(text string, ctx URLContext) PastedURL {
	r := &urlReader{ctx: ctx}
	if r.readText(text) && r.readAuthority() && r.readHost() && r.readPath() {
		r.a = r.a.settle()
		r.say()
	} else {
		r.a = Address{}
	}
	return r.result()
}

// urlReader takes a text apart from the outside in. Each step returns false
// when it found the reason to stop, which is then the first error.
type urlReader struct {
	ctx URLContext
	a   Address

	// word is the address itself once everything around it is gone; rest is what
	// is left of it behind scheme and login.
	word, rest string
	// schemed says that a scheme was written, hasUser that a user was.
	schemed, hasUser bool
	user             string
	segments         []string
	// project is a project that the text names without a repository: an account
	// URL cannot hold it, the findings tell it.
	project string

	secret     Secret
	secretUser string
	mended     []string
	stopped    Findings
	said       Findings
}

// mend notes a code of something that was put right; each is said once.
func (r *urlReader) mend(code string) {
	if !slices.Contains(r.mended, code) {
		r.mended = append(r.mended, code)
	}
}

// stop notes the reason why the text means nothing.
func (r *urlReader) stop(code, message, fix string) bool {
	r.stopped = append(r.stopped, fieldError(QURL, code, message, fix)...)
	return false
}

func (r *urlReader) malformed(message, fix string) bool {
	return r.stop("url.malformed", message, fix)
}

// tell adds a finding about an address that was understood.
func (r *urlReader) tell(code string, severity Severity, message, fix, suggestion string) {
	r.said = append(r.said, Finding{Code: code, Severity: severity, Field: QURL, Message: message, Fix: fix, Suggestion: suggestion})
}

// result orders the findings, errors first, each severity in order of finding.
func (r *urlReader) result() PastedURL {
	all := slices.Concat(r.stopped, r.said)
	for _, code := range r.mended {
		if f, ok := r.mendedFinding(code); ok {
			all = append(all, f)
		}
	}
	out := Findings{}
	for _, want := range []Severity{SeverityError, SeverityWarning, SeverityHint} {
		for _, f := range all {
			if f.Severity == want {
				out = append(out, f)
			}
		}
	}
	return PastedURL{Address: r.a, Findings: out, Secret: r.secret, SecretUser: r.secretUser, NamedProject: r.project}
}
