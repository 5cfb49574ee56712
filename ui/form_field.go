package ui

// Kind says how a field is asked.
type Kind int

// The kinds of field.
const (
	// Line is one line of text.
	Line Kind = iota
	// SecretLine is one line drawn as dots.
	SecretLine
	// Text is several lines; enter is a new line and tab goes on.
	Text
	// SecretText is several lines that are never drawn, only counted.
	SecretText
	// Select is one of Options, on one line when they fit.
	Select
	// Check is yes or no; its value is "true" or "false".
	Check
	// Multi is any of Options; its value is the chosen values with commas between.
	Multi
	// Note is text that stands between the fields and is not asked.
	Note
)

// Option is one choice of a Select or Multi field. Value has no comma.
type Option struct{ Value, Label, Help string }

// Field is one question of a form. Get and Set reach the answer where it lives:
// the form keeps no copy besides the widget that is being typed into.
type Field struct {
	// ID names the field for focus, [Form.Jump] and rebuilding; unique in a form.
	ID   string
	Kind Kind
	// Label is drawn above the field, or beside it for Select and Check.
	Label string
	// Options of Select and Multi.
	Options []Option
	// Example is drawn in an empty field.
	Example string
	// Help is shown on the help card while the field is in focus.
	Help Card
	// Aside is a short dimmed text behind the value: "in 364 days".
	Aside func(value string) string
	// Locked fields are shown and cannot be reached.
	Locked bool
	// Folded fields hide behind one line, "more settings", until it is opened, one
	// of them has an error, or Jump goes there.
	Folded bool
	// Get returns the answer as it stands, Set takes what was typed. For secret
	// kinds Get may return "" for a value it does not give back; then Kept says
	// what is there ("kept: 44 characters").
	Get func() string
	Set func(string)
	// Rewrites says of a typed text that Set may keep another one, as an address
	// without the password in it, and that this shall be drawn at once; nil for never.
	Rewrites func(typed string) bool
	// Preset says of a Line that what stands there was proposed and not typed: what
	// is typed or pasted takes its place, unless the cursor was moved into it first.
	Preset bool
	// Kept is drawn in an empty secret field that has a value already.
	Kept string
	// Findings says what is wrong or worth knowing about a value. Errors are drawn
	// once the field was left or pasted into, those with a suggestion, warnings and
	// hints at once.
	Findings func(value string) []Finding
	// Interpretation is drawn below the findings, live: what was understood.
	Interpretation func(value string) []string
	// Keys are keys of this field alone; they are offered before the form's own.
	Keys []Key
}

// Severity orders findings.
type Severity int

// The severities, drawn ✗ ! ›.
const (
	Error Severity = iota
	Warning
	Hint
)

// Finding is one thing to say about the value of a field. Suggestion, where
// there is one, is the whole corrected value; ctrl+y accepts it.
type Finding struct {
	Severity        Severity
	Code, Text, Fix string
	Suggestion      string
}

// FormEvent is what came of a message that a form was given.
type FormEvent int

// The events of a form.
const (
	// FormIgnored: the message was not for the form.
	FormIgnored FormEvent = iota
	// FormMoved: the focus or the view changed, no answer did.
	FormMoved
	// FormChanged: an answer changed and the fields were rebuilt.
	FormChanged
	// FormNext: the person goes on (tab or enter at the end, ctrl+n anywhere).
	FormNext
	// FormPrev: the person goes back (shift+tab at the start, ctrl+p, esc).
	FormPrev
	// FormPaste: the person pressed ctrl+v, which a terminal that pastes by itself
	// never sends. Read the clipboard in a task and give it to [Form.Paste].
	FormPaste
)

func (f Field) get() string {
	if f.Get == nil {
		return ""
	}
	return f.Get()
}

func (f Field) secret() bool { return f.Kind == SecretLine || f.Kind == SecretText }

// manyLines reports whether enter makes a new line in the field.
func (f Field) manyLines() bool { return f.Kind == Text || f.Kind == SecretText }

// typed reports whether letters are typed into the field.
func (f Field) typed() bool { return f.Kind <= SecretText }

func (f Field) placeholder() string {
	if f.Kept != "" {
		return f.Kept
	}
	return f.Example
}

// canFocus reports whether the field can be reached.
func (f Field) canFocus() bool { return !f.Locked && f.Kind != Note }
