package steps

import (
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// page is one station of the wizard. Only the page that is shown gets keys;
// leaving it cancels its work.
type page interface {
	enter() tea.Cmd
	update(msg tea.Msg) (ui.Action, tea.Cmd)
	view(w, h int) string
	keys() []ui.Key
	capturing() bool
	help() ui.Card
	leave()
}

// Wizard is the screen that sets up or edits one connector, page by page.
type Wizard struct {
	jobs  *flow.Jobs
	env   ui.Env
	draft model.Draft
	world model.World
	// findings are those of the draft as it is; judged after every change.
	findings model.Findings
	// welcome is said above the first page of a first run.
	welcome string
	samples offers
	// early are keys typed before the wizard opened.
	early []tea.KeyMsg

	step model.Step
	// first is the question the first page opens on, "" for its first one.
	first   model.QuestionID
	page    page
	visited map[model.Step]bool

	place keeper
	// keeping writes the draft to file; changes numbers its states, and unkept says
	// that the last one could not be written.
	keeping *ui.Task
	file    *draftFile
	changes int
	unkept  bool
	// result is the last live test of the draft as it stands now, nil when it
	// changed since or was never tested.
	result *model.TestResult
	typed  bool
	saved  bool
	// fromReview says that the page was opened from the review of all answers, by the
	// row reviewAt.
	fromReview bool
	reviewAt   model.QuestionID
	// told is what the next key's answer tells the person; settled is the draft as it
	// was when the page was opened.
	told    string
	settled model.Draft
	// edits counts the changes of the draft.
	edits int
}

// NewWizard makes the screen for a draft in a world. It opens on Overview, or
// for a saved connector on the review of all answers.
func NewWizard(jobs *flow.Jobs, d model.Draft, w model.World, welcome string) *Wizard {
	z := &Wizard{jobs: jobs, draft: d, world: w, welcome: welcome, visited: map[model.Step]bool{}, file: newDraftFile()}
	z.judge()
	z.step = model.StepOverview
	if d.Editing != "" {
		z.step = model.StepTest
		for _, s := range model.Steps() {
			z.visited[s] = true
		}
	}
	return z
}

// Offer makes the wizard offer samples at their fields.
func (z *Wizard) Offer(samples []Sample) *Wizard {
	z.samples = samples
	return z
}

// Unfinished is the draft when something was typed that is not saved as a
// connector; the caller keeps it for the next run.
func (z *Wizard) Unfinished() (model.Draft, bool) { return z.draft, z.typed && !z.saved }

// Enter builds the page that is shown.
func (z *Wizard) Enter(env ui.Env) tea.Cmd {
	z.env = env
	if z.page != nil {
		return nil // a screen above it went away: the page is as it was
	}
	z.keeping = env.NewTask()
	z.place.start(z)
	cmd := z.show(z.step, z.first)
	if len(z.early) == 0 {
		return cmd
	}
	return tea.Batch(cmd, func() tea.Msg { return typedAhead{} })
}

// typedAhead asks for the keys that were typed before the wizard opened.
type typedAhead struct{}

// Leave cancels the page's work.
func (z *Wizard) Leave() {
	if z.page != nil {
		z.page.leave()
	}
}

// show leaves the page and builds another, with the focus on one field.
func (z *Wizard) show(step model.Step, focus model.QuestionID) tea.Cmd {
	if z.page != nil {
		z.page.leave()
		z.follow(z.settled) // a typed address is another product once the page is left
	}
	z.settled = z.draft
	z.step = step
	z.page = z.pageOf(step, focus)
	cmd := z.page.enter()
	z.visited[step] = true
	return cmd
}

func (z *Wizard) pageOf(step model.Step, focus model.QuestionID) page {
	switch step {
	case model.StepDetails:
		return newDetails(z, focus)
	case model.StepCredentials:
		return newCredentials(z, focus)
	case model.StepAPI:
		return newAPI(z, focus)
	case model.StepConnectivity:
		return newConnectivity(z, focus)
	case model.StepTest:
		return newTest(z)
	}
	return newOverview(z, focus)
}

// Update gives a message to the page.
func (z *Wizard) Update(msg tea.Msg) (ui.Action, tea.Cmd) {
	if m, ok := msg.(draftKept); ok {
		return z.afterKeeping(m)
	}
	if _, ok := msg.(typedAhead); ok {
		early := z.early
		z.early = nil
		return z.replay(early)
	}
	if key, ok := msg.(tea.KeyMsg); ok && len(z.early) > 0 {
		z.early = append(z.early, key) // it was typed after those that wait
		return nil, nil
	}
	return z.page.update(msg)
}

// next goes to the following page, prev to the one before; from the first page
// back leaves the wizard, the draft being kept. Who went on page by page has no
// place in the review to come back to: its first row, the test, is next.
func (z *Wizard) next() (ui.Action, tea.Cmd) {
	z.fromReview, z.reviewAt = false, ""
	all := model.Steps()
	i := slices.Index(all, z.step)
	if i == len(all)-1 {
		return nil, nil
	}
	return z.went(tea.Batch(z.show(all[i+1], ""), z.keepDraft()))
}

func (z *Wizard) prev() (ui.Action, tea.Cmd) {
	if z.fromReview {
		return z.toReview()
	}
	all := model.Steps()
	i := slices.Index(all, z.step)
	if i > 0 {
		return z.went(tea.Batch(z.show(all[i-1], ""), z.keepDraft()))
	}
	return z.goAway()
}

// went is a change of page, with what there is to tell about it.
func (z *Wizard) went(cmd tea.Cmd) (ui.Action, tea.Cmd) {
	if text := z.takeTold(); text != "" {
		return ui.Notify{Text: text, Mark: ui.Info}, cmd
	}
	return nil, cmd
}

// jump goes to the page and field of a question.
func (z *Wizard) jump(id model.QuestionID) (ui.Action, tea.Cmd) {
	step := model.StepOf(id)
	if !slices.Contains(model.Steps(), step) || step == model.StepTest {
		return nil, nil
	}
	return z.went(tea.Batch(z.show(step, id), z.keepDraft()))
}

// edit jumps to a question from the review of all answers, where esc leads back to.
func (z *Wizard) edit(id model.QuestionID) (ui.Action, tea.Cmd) {
	z.fromReview, z.reviewAt = true, id
	return z.jump(id)
}

// escDoes is where esc leads to from a page in the middle.
func (z *Wizard) escDoes() string {
	if z.fromReview {
		return "all answers"
	}
	return "previous step"
}

// toReview goes back to the review of all answers.
func (z *Wizard) toReview() (ui.Action, tea.Cmd) {
	z.fromReview = false
	return z.went(tea.Batch(z.show(model.StepTest, ""), z.keepDraft()))
}

// OpenAt makes the wizard open on the page and field of a question.
func (z *Wizard) OpenAt(id model.QuestionID) *Wizard {
	if step := model.StepOf(id); slices.Contains(model.Steps(), step) {
		z.step, z.first = step, id
	}
	return z
}

// Review makes the wizard open on the review of all answers, as something that
// is not saved yet: a copy.
func (z *Wizard) Review() *Wizard {
	z.step, z.typed = model.StepTest, true
	for _, s := range model.Steps() {
		z.visited[s] = true
	}
	return z
}

// change puts a new draft in place of the old one.
func (z *Wizard) change(d model.Draft) {
	z.draft = d
	z.typed = true
	z.edits++
	z.result = nil
	z.judge()
}

func (z *Wizard) judge() { z.findings = model.Validate(z.draft, z.world) }

// set gives one answer; secrets go into their slots.
func (z *Wizard) set(q model.Question, value string) {
	if q.IsSecret() {
		z.change(z.jobs.FillSecret(z.draft, q.ID, model.NewSecret(value)))
		return
	}
	before := z.draft
	filled := model.Fill(z.draft, q.ID, value)
	if key := filled.Secret(model.QSSHKey); !key.Equal(before.Secret(model.QSSHKey)) {
		filled = z.jobs.FillSecret(filled, model.QSSHKey, key)
	}
	z.change(filled)
	if q.ID == model.QURLType || q.ID == model.QConnectionType {
		z.follow(before)
	}
}

// follow lets the other answers follow a change of the kind of connector, and has
// the person told what no longer applies.
func (z *Wizard) follow(before model.Draft) {
	f := model.Follow(before, z.draft, z.world)
	if text := f.Text(); text != "" {
		z.change(f.Draft)
		z.told = text
	}
	z.settled = z.draft
}

// takeTold is what there is to tell, once.
func (z *Wizard) takeTold() string {
	text := z.told
	z.told = ""
	return text
}

// View draws the page.
func (z *Wizard) View(w, h int) string { return z.page.view(w, h) }

// Keys are the page's.
func (z *Wizard) Keys() []ui.Key { return z.page.keys() }

// Capturing reports whether the page is being typed into.
func (z *Wizard) Capturing() bool { return z.page.capturing() }

// Frame names the connector and draws the steps with their state.
func (z *Wizard) Frame() ui.Frame {
	f := ui.Frame{Name: "New connector", Subject: z.draft.Answer(model.QName), Note: "draft", Help: z.page.help()}
	if z.draft.Editing != "" {
		f.Name, f.Note = "Edit", ""
		if z.typed {
			f.Note = "changed"
		}
	}
	for _, step := range model.Steps() {
		f.Steps = append(f.Steps, ui.Step{Name: step.Title(), State: z.state(step), Now: step == z.step})
	}
	if z.typed && !z.saved {
		f.Unsaved = "This connector is not saved. Its answers are kept as a draft for next time; secrets are not."
		if len(z.samples) > 0 {
			f.Unsaved = "This connector is not saved, and what is tried here is gone at the end anyway."
		}
	}
	return f
}

// state is how a step is marked: its gravest finding once it was visited.
func (z *Wizard) state(step model.Step) ui.StepState {
	if step == model.StepTest {
		return z.testState()
	}
	if step == z.step {
		return ui.StepNow
	}
	if !z.visited[step] {
		return ui.StepLater
	}
	state := ui.StepDone
	for _, f := range z.findings {
		if model.StepOf(f.Field) != step {
			continue
		}
		switch f.Severity {
		case model.SeverityError:
			return ui.StepError
		case model.SeverityWarning:
			state = ui.StepWarning
		}
	}
	return state
}

func (z *Wizard) testState() ui.StepState {
	switch {
	case z.result == nil && z.step == model.StepTest:
		return ui.StepNow
	case z.result == nil:
		return ui.StepLater
	case z.result.Verdict == model.VerdictPass:
		return ui.StepDone
	case z.result.Verdict == model.VerdictWarn:
		return ui.StepWarning
	}
	return ui.StepError
}

// sentence is what an error says, in one or two sentences.
func sentence(err error) string {
	if p, ok := model.AsProblem(err); ok {
		return p.What + " " + p.Fix
	}
	return ui.Clean(err.Error())
}
