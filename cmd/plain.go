package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"bbconnect/model"
)

// plainFace asks the wizard's questions as plain lines: for screen readers, for
// terminals that cannot draw, and for pipes. It draws nothing, says every
// default and error in words, and takes back, more, help and quit at any
// question.
type plainFace struct {
	app   *app
	in    filled
	flags answerFlags

	// asked are the questions answered here, in order, for back; given are those
	// that flags have answered, which are not asked again.
	asked, given []model.QuestionID
	step         model.Step
	// more asks the questions that are rarely needed too.
	more bool
	// single says that answers are changed one by one, from a menu.
	single bool
	// offered says that a draft was offered, or chosen, already.
	offered bool
	// touched says that something was answered, even if back has gone over it since.
	touched bool
	// placed says that the place for secrets has proved itself.
	placed bool
}

// runPlain asks for a connector with plain lines, tests it, and saves it.
func (a *app) runPlain(ctx context.Context, in filled, f answerFlags) error {
	a.words, a.askLines = true, true
	p := &plainFace{app: a, in: in, flags: f}
	for id := range in.from {
		if !model.ValidateAnswer(id, in.draft, in.world).HasErrors() {
			p.given = append(p.given, id)
		}
	}
	return p.whole(ctx)
}

// whole asks, tests and saves.
func (p *plainFace) whole(ctx context.Context) error {
	if err := p.run(ctx); err != nil {
		return p.leave(ctx, err)
	}
	said := "That is all. The connector is tested now."
	if p.flags.noTest {
		said = "That is all. It is saved without a test."
	}
	p.say(said)
	r := &review{plainFace: p, before: model.NewDraft()}
	err := r.save(ctx)
	switch problem, told := model.AsProblem(err); {
	case errors.Is(err, errLeave):
		return nil
	case err == nil:
		return r.goOver(ctx)
	case told && problem != nil && p.app.readSecretLine != nil:
		p.app.printError(err)
		return r.goOver(ctx)
	}
	return p.leave(ctx, err)
}

// run asks everything that is not settled yet.
func (p *plainFace) run(ctx context.Context) error {
	p.say("Answer each question and press enter. Enter alone takes what stands in brackets.")
	p.say("Type back, more, help or quit at any question.")
	if err := p.offerDraft(ctx); err != nil {
		return err
	}
	for {
		q, ok := p.next()
		if !ok && (p.placed || len(model.SecretWrites(p.in.draft, p.in.world)) == 0) {
			return nil
		}
		switch err := p.turn(ctx, q, ok); {
		case errors.Is(err, errBack):
			p.back()
		case err != nil:
			return err
		}
	}
}

// turn asks one question, and before the first secret where secrets go; without a
// question only that.
func (p *plainFace) turn(ctx context.Context, q model.Question, ok bool) error {
	if ok && q.Step != p.step {
		p.step = q.Step
		fmt.Fprintf(p.app.errOut, "\n%s\n", q.Step.Title())
	}
	if !ok || q.IsSecret() {
		if err := p.place(ctx); err != nil {
			return err
		}
	}
	if !ok {
		return nil
	}
	return p.ask(ctx, q)
}

// next is the first question that was neither asked nor answered by a flag; then,
// should a later answer have spoilt an earlier one, that one again.
func (p *plainFace) next() (model.Question, bool) {
	for _, step := range model.Steps() {
		questions := model.Questions(step, p.in.draft, p.in.world)
		if p.more {
			// The alternatives to a required answer come before it.
			slices.SortStableFunc(questions, func(x, y model.Question) int { return rank(x) - rank(y) })
		}
		for _, q := range questions {
			if p.open(q) {
				return q, true
			}
		}
	}
	for _, q := range model.AllQuestions(p.in.draft, p.in.world) {
		if !q.Locked && p.wrong(q.ID) {
			return q, true
		}
	}
	return model.Question{}, false
}

func rank(q model.Question) int {
	if q.Advanced && q.Kind == model.AskReference {
		return 0
	}
	return 1
}

// open reports whether a question is still to be asked.
func (p *plainFace) open(q model.Question) bool {
	switch {
	case q.Locked, slices.Contains(p.asked, q.ID), slices.Contains(p.given, q.ID):
		return false
	case q.Advanced:
		return p.more || p.wrong(q.ID) || p.in.draft.Answered(q.ID)
	}
	return true
}

func (p *plainFace) wrong(id model.QuestionID) bool {
	return model.ValidateAnswer(id, p.in.draft, p.in.world).HasErrors()
}

// back forgets that the last question was asked; its answer stays as its
// default.
func (p *plainFace) back() {
	if len(p.asked) == 0 {
		p.say("This is the first question.")
		return
	}
	p.asked = p.asked[:len(p.asked)-1]
}

// leave ends the prompts before their time: quit keeps what was answered as a
// draft, an end of the input names what is missing.
func (p *plainFace) leave(ctx context.Context, err error) error {
	var ended usageError
	switch {
	case errors.As(err, &ended) && ended == errNoAnswer:
		fmt.Fprintln(p.app.errOut)
		if p.app.readSecretLine != nil {
			err = errors.Join(err, p.keep(ctx))
		}
		if settled := p.in.settled(); settled != nil {
			return settled
		}
		return err
	case errors.Is(err, errQuit), errors.Is(err, errCancelled):
		if kept := p.keep(ctx); kept != nil {
			return kept
		}
		return errCancelled
	}
	return err
}

// keep saves the unfinished draft, without its secrets.
func (p *plainFace) keep(ctx context.Context) error {
	if !p.touched {
		return nil
	}
	if _, err := p.app.jobs.Library.SaveDraft(context.WithoutCancel(ctx), p.in.draft); err != nil {
		return err
	}
	p.say("The unfinished connector is kept as a draft, without its secrets. It is offered next time.")
	return nil
}

// say writes a line in plain words.
func (p *plainFace) say(text string) { p.app.sayPlain(text) }
