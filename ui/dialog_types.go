package ui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"
)

// Dialog is a question that stands before everything else: a message, a choice,
// or one line to type. Without choices it has one, "OK".
type Dialog struct {
	// ID comes back in the Answer.
	ID string
	// Title is one line, Text is wrapped below it; Mark is drawn before the title.
	Title, Text string
	Mark        Mark
	Choices     []Choice
	// Prompt, when set, asks for one line; enter gives the first choice.
	Prompt *Prompt
	// Then takes the answer. Without it the screen's Update gets the Answer.
	Then func(Answer) (Action, tea.Cmd)
	// Expected says, of a dialog that background work opens, that the person has
	// just asked for it: its keys count at once.
	Expected bool
	// alive is set on dialogs that background work opened: they wait out typing
	// that was meant for something else, and close when that work has ended.
	alive context.Context
}

// Choice is one way out of a dialog. The first is taken by enter.
type Choice struct {
	// Value comes back in the Answer; Key is the letter that takes it.
	Value, Label, Key string
}

// Prompt is the line a dialog asks for.
type Prompt struct {
	Label, Example string
	// Secret lines are drawn as dots.
	Secret bool
	// Value is what stands there at first; never used for secrets.
	Value string
	// Check may refuse what was typed.
	Check func(string) []Finding
	// Take, when set, receives what was typed and Answer.Text stays empty, so that
	// a secret lives in no message.
	Take func(string)
}

// Answer is how a dialog ended. Closed dialogs (esc) have no value.
type Answer struct {
	ID, Value, Text string
	Closed          bool
}

// Confirm is a dialog with two ways: do, which is never the one taken by enter,
// and keep.
func Confirm(id, title, text, do, keep string) Dialog {
	return Dialog{ID: id, Title: title, Text: text, Mark: Warn, Choices: []Choice{
		{Value: "no", Label: keep, Key: "n"},
		{Value: "yes", Label: do, Key: "y"},
	}}
}

// Message is a dialog that only says something.
func Message(mark Mark, title, text string) Dialog {
	return Dialog{Mark: mark, Title: title, Text: text}
}

type openDialog struct{ dialog Dialog }
