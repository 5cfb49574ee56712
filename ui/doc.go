// Package ui is the terminal kit: everything a screen needs, and nothing that
// knows what a connector is. It imports no other room of this program. The
// screens fill its small types; the kit draws them, moves the focus, keeps the
// keys honest and carries answers back.
//
// # The parts
//
//   - [Shell] is the root model. It owns the frame (title line, steps, help,
//     rules, one line of keys), the stack of screens, the stack of dialogs and
//     the notices. It routes and never decides.
//   - [Screen] is the one contract all screens keep. A screen draws only its
//     body, and asks for everything else by returning an [Action].
//   - [Form] asks questions, given as [Field] values. The fields are rebuilt from
//     the draft after every change; focus and cursor stay where they are.
//   - [Picker] finds one row among very many; [Review] walks a short list of
//     answers; [ProblemCard], [CheckList] and [HelpCard] draw verdicts.
//   - [Theme] holds every style. One accent means focus. Green, amber and red
//     mean verdicts and always come with a mark and a word.
//   - [Task] is work that a screen has under way. Its replies reach the screen
//     that asked and nobody else, and never after the screen was left.
//
// # Where a key goes
//
// The order is fixed: ctrl+c; then the dialog on top; then the screen, if
// somebody is typing in it; then the global keys (? f1 esc); then the screen.
// The mouse needs no rows of its own in a table: the wheel presses the arrows, a
// click on the line of keys presses that key, and one in the body reaches the
// screen's Update as a [Click], which forms and pickers understand.
// Esc on a screen that is not typing goes to the screen first when one of its
// Keys lists "esc"; otherwise it leads back to the screen underneath.
//
// # A screen
//
// Screens are pointers. Update changes the screen in place and returns what it
// wants from the shell (an Action, or nil) beside what it wants done in the
// background (a command, or nil):
//
//	type greet struct {
//		env  ui.Env
//		form *ui.Form
//		name string
//	}
//
//	func (g *greet) Enter(env ui.Env) tea.Cmd {
//		g.env = env
//		g.form = ui.NewForm(env.Theme, g.fields)
//		return nil
//	}
//
//	func (g *greet) fields() []ui.Field {
//		return []ui.Field{{
//			ID: "name", Kind: ui.Line, Label: "Name",
//			Get: func() string { return g.name },
//			Set: func(v string) { g.name = v },
//			Findings: func(v string) []ui.Finding {
//				if v == "" {
//					return []ui.Finding{{Severity: ui.Error, Code: "name.required", Text: "A name is needed."}}
//				}
//				return nil
//			},
//		}}
//	}
//
//	func (g *greet) Update(msg tea.Msg) (ui.Action, tea.Cmd) {
//		switch g.form.Update(msg) {
//		case ui.FormNext:
//			return ui.Notify{Text: "Saved as " + g.name, Mark: ui.Pass}, nil
//		case ui.FormPrev:
//			return ui.Back{}, nil
//		}
//		return nil, nil
//	}
//
//	func (g *greet) View(w, h int) string { return g.form.View(w, h) }
//	func (g *greet) Keys() []ui.Key       { return g.form.Keys() }
//	func (g *greet) Capturing() bool      { return g.form.Capturing() }
//	func (g *greet) Leave()               { g.form.Close() }
//	func (g *greet) Frame() ui.Frame {
//		return ui.Frame{Name: "Greeting", Subject: g.name, Help: g.form.Help()}
//	}
//
// and ui.Run(ctx, &greet{}, ui.Options{}) shows it.
//
// # The parts in short
//
//	Run(ctx, first Screen, Options) error         the program; NewShell(ctx, first, theme) is its model
//
//	NewForm(theme, func() []Field) *Form          Update(msg) FormEvent · View(w, h) · Keys() · Capturing() · Help()
//	                                              Focused() · Jump(id) · Refresh() · ShowErrors() · FirstError()
//	                                              Worst() · Paste(id, text) · Close()
//	NewPicker(env, columns) *Picker               SetRows(rows) · Update(msg) (PickerEvent, tea.Cmd) · View(w, h) · Keys()
//	                                              Selected() · Select(id) · Shown() · Len() · Filtering() · Filter() · Clear()
//	                                              Marked() · MarkNote() · Unmark() · SortBy(column, reverse) · SortedBy()
//	                                              fields: Does, Empty, Always, Filters, Multi, Detail
//	NewReview(theme) *Review                      SetRows(rows) · Update(msg) (id, chosen) · View(w, h) · Keys() · Select(id)
//	NewScroll(theme) *Scroll                      Update(msg) bool · View(text, w, h) · Keys() · Top()
//	ProblemCard · CheckList · HelpCard · FindingLines   draw values to text
//	env.NewTask() *Task                           Start(work) · Stream(work) · Cancel() · Running()
//
// # Rules that keep it calm
//
// No reading or waiting in Update: start a Task. No model is read inside a
// command: copy what it needs. Size flows down through View(w, h), which is
// called in the same goroutine as Update, so a part may remember it. Text never
// runs wider than 72 columns. Nothing blinks and nothing ticks on its own.
package ui
