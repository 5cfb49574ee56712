package model

// Severity orders findings: an error stops, a warning is said, a hint helps.
type Severity string

// The closed set of severities (contract, JSON).
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
	SeverityHint    Severity = "hint"
)

// Finding is one thing a rule has to say about one answer. Code is stable and
// listed in the contract; Field is the id of the question it is about; Message
// is one sentence of what is the matter and Fix one sentence of what to do.
// Suggestion, where there is one, is the whole corrected value for Field, ready
// to be accepted with one key.
type Finding struct {
	Code       string     `json:"code"`
	Severity   Severity   `json:"severity"`
	Field      QuestionID `json:"field"`
	Message    string     `json:"message"`
	Fix        string     `json:"fix"`
	Suggestion string     `json:"suggestion,omitempty"`
}

// Findings is an ordered list of findings, most important first.
type Findings []Finding

// HasErrors reports whether any finding is an error.
func (fs Findings) HasErrors() bool {
	for _, f := range fs {
		if f.Severity == SeverityError {
			return true
		}
	}
	return false
}

// For returns the findings about one field, in order.
func (fs Findings) For(id QuestionID) Findings {
	var out Findings
	for _, f := range fs {
		if f.Field == id {
			out = append(out, f)
		}
	}
	return out
}

// Code returns the first finding with the given code.
func (fs Findings) Code(code string) (Finding, bool) {
	for _, f := range fs {
		if f.Code == code {
			return f, true
		}
	}
	return Finding{}, false
}

// Worst returns the first finding of the highest severity present; ok is
// false when there are none.
func (fs Findings) Worst() (worst Finding, ok bool) {
	for _, want := range []Severity{SeverityError, SeverityWarning, SeverityHint} {
		for _, f := range fs {
			if f.Severity == want {
				return f, true
			}
		}
	}
	return Finding{}, false
}
