package ui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"
)

// Screen is the one contract that all screens keep. A screen is a pointer: it
// changes itself in Update. It draws its body and nothing around it.
type Screen interface {
	// Frame says what the frame around the body shows now.
	Frame() Frame
	// Enter is called each time the screen comes to the front: when it is first
	// shown, and again when a screen above it went away. Env is good until Leave.
	Enter(env Env) tea.Cmd
	// Update takes a key, a reply of one of the screen's tasks (already unwrapped)
	// or the answer of a dialog. It returns what the shell shall do and what shall
	// be done in the background; both may be nil.
	Update(msg tea.Msg) (Action, tea.Cmd)
	// View draws the body in at most w columns and h lines.
	View(w, h int) string
	// Keys are the keys that do something now, most important first.
	Keys() []Key
	// Capturing reports whether letters are being typed into something, so that
	// no global key may take them away.
	Capturing() bool
	// Leave is called when the screen goes away for good. Work started through
	// Env is cancelled by the shell right after.
	Leave()
}

// Frame is what a screen tells the frame around it.
type Frame struct {
	// Name is the screen ("New connector"), Subject what it is about ("Payments"),
	// Note the short text at the right ("draft", "2 need attention").
	Name, Subject, Note string
	// Steps are the stations of a wizard; none on a screen that stands alone.
	Steps []Step
	// Help is the card for what is in focus.
	Help Card
	// Unsaved says in one sentence what would be lost by quitting now, or nothing.
	// The shell asks once before it quits.
	Unsaved string
}

// StepState is the state of one station of a wizard.
type StepState int

// The states of a step, drawn ○ ● ✓ ! ✗.
const (
	StepLater StepState = iota
	StepNow
	StepDone
	StepWarning
	StepError
)

// Step is one station of a wizard as the stepper draws it. Now marks the one
// that is shown, whatever its state.
type Step struct {
	Name  string
	State StepState
	Now   bool
}

// Card is a short text with a heading: the help for a field.
type Card struct {
	Title string
	// Lines are paragraphs; they are wrapped. An empty one is a blank line.
	Lines []string
	// Hint is a last paragraph that says what f1 shows, and is not drawn there.
	Hint string
	// Keys are drawn under the text: what can be done from here.
	Keys []Key
	// More gives further lines of at most width columns, for which the card beside
	// the form has no room; f1 shows them.
	More func(width int) []string
}

// Empty reports whether the card has nothing to say.
func (c Card) Empty() bool {
	return c.Title == "" && len(c.Lines) == 0 && c.Hint == "" && len(c.Keys) == 0
}

// Env is what a screen gets when it comes to the front.
type Env struct {
	// Context ends when the screen is left.
	Context context.Context
	// Theme holds the styles; it is the same pointer for the life of the program.
	Theme *Theme
	owner Screen
	// withheld is Shell.withheld; nil without a shell.
	withheld func(text string) bool
}

// withholds reports whether a text must not be drawn.
func (e Env) withholds(text string) bool { return e.withheld != nil && e.withheld(text) }

// NewEnv makes an Env by hand, for tests that drive a screen without a shell.
func NewEnv(ctx context.Context, theme *Theme, owner Screen) Env {
	return Env{Context: ctx, Theme: theme, owner: owner}
}

// Action is what a screen asks of the shell. The shell performs it after Update
// has returned. The set is closed.
type Action interface{ action() }

// Push puts a screen on top of this one. This one keeps its work and its place,
// gets no keys, and is entered again when the other goes.
type Push struct{ Screen Screen }

// Replace leaves this screen and shows another one in its place.
type Replace struct{ Screen Screen }

// Back leaves this screen and returns to the one underneath; from the last one
// it quits, asking first if something would be lost.
type Back struct{}

// Home leaves every screen but the lowest one.
type Home struct{}

// Quit ends the program, asking first if Frame.Unsaved says that something
// would be lost. Now ends it without a question.
type Quit struct{ Now bool }

// Notify shows one line above the keys for a few seconds.
type Notify struct {
	Text string
	Mark Mark
}

// Ask opens a dialog. Its answer goes to Dialog.Then, or, without one, to the
// screen's Update as an [Answer].
type Ask struct{ Dialog Dialog }

// ShowHelp opens the help card (f1); ShowKeys opens the list of keys (?).
type (
	ShowHelp struct{}
	ShowKeys struct{}
)

// Do performs several actions in order.
type Do []Action

func (Push) action()     {}
func (Replace) action()  {}
func (Back) action()     {}
func (Home) action()     {}
func (Quit) action()     {}
func (Notify) action()   {}
func (Ask) action()      {}
func (ShowHelp) action() {}
func (ShowKeys) action() {}
func (Do) action()       {}
