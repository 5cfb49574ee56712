package cmd

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bbconnect/model"
)

// plainFace asks the wizard's questions as plain lines: for screen readers, for
// terminals that cannot draw, and for pipes. It draws nothing, says every
// default and error in words, and takes back, help and quit at any question.
type plainFace struct {
	ctx   context.Context
	app   *app
	draft model.Draft
	world model.World
	// asked are the questions answered so far, for back.
	asked []model.QuestionID
}

// run asks everything that is not settled yet and returns the finished draft.
func (p *plainFace) run() (model.Draft, error) {
	fmt.Fprintln(p.app.errOut, "Answer each question and press enter. Enter alone takes the default.")
	fmt.Fprintln(p.app.errOut, "Type back, help or quit at any question.")
	var step model.Step
	for {
		q, ok := p.next()
		if !ok {
			return p.draft, nil
		}
		if q.Step != step {
			step = q.Step
			fmt.Fprintf(p.app.errOut, "\n%s\n", step.Title())
		}
		if err := p.ask(q); err != nil {
			return p.draft, err
		}
	}
}

// next is the first question that was neither asked nor settled before.
func (p *plainFace) next() (model.Question, bool) {
	for _, q := range model.AllQuestions(p.draft, p.world) {
		if slices.Contains(p.asked, q.ID) || q.Locked {
			continue
		}
		if q.Advanced && !p.hasError(q.ID) {
			continue
		}
		return q, true
	}
	return model.Question{}, false
}

func (p *plainFace) hasError(id model.QuestionID) bool {
	return model.ValidateAnswer(id, p.draft, p.world).HasErrors()
}

// ask asks one question until its answer has no error, or the person goes back.
func (p *plainFace) ask(q model.Question) error {
	for {
		text, err := p.prompt(q)
		if err != nil {
			return err
		}
		switch strings.ToLower(strings.TrimSpace(text)) {
		case "quit":
			return errCancelled
		case "help":
			p.help(q)
			continue
		case "back":
			p.back()
			return nil
		}
		before := p.draft
		if err := p.take(q, text); err != nil {
			fmt.Fprintln(p.app.errOut, "  error: "+err.Error())
			continue
		}
		findings := model.ValidateAnswer(q.ID, p.draft, p.world)
		p.say(findings)
		if findings.HasErrors() {
			p.draft = before
			continue
		}
		p.asked = append(p.asked, q.ID)
		return nil
	}
}

// back forgets that the last question was asked; its answer stays as its
// default.
func (p *plainFace) back() {
	if len(p.asked) == 0 {
		fmt.Fprintln(p.app.errOut, "  this is the first question")
		return
	}
	p.asked = p.asked[:len(p.asked)-1]
}

func (p *plainFace) help(q model.Question) {
	for line := range strings.SplitSeq(q.Help, "\n") {
		fmt.Fprintln(p.app.errOut, "  "+line)
	}
	if q.Example != "" {
		fmt.Fprintln(p.app.errOut, "  for example: "+q.Example)
	}
}

// prompt writes the question with its choices and default, and reads a line.
func (p *plainFace) prompt(q model.Question) (string, error) {
	label := q.Label
	if q.Kind == model.AskChoice || q.Kind == model.AskReference || len(q.Options) > 0 {
		for i, o := range q.Options {
			line := fmt.Sprintf("  %d %s", i+1, o.Label)
			if o.Help != "" {
				line += ", " + o.Help
			}
			fmt.Fprintln(p.app.errOut, line)
		}
	}
	if q.Kind == model.AskSecretText {
		label += " (a file's path, or generate)"
	}
	if v := model.Value(q.ID, p.draft, p.world); v != "" && !q.IsSecret() {
		label += " [" + optionLabel(q, v) + "]"
	} else if !q.Required {
		label += " (optional)"
	}
	if q.Kind == model.AskSecretLine && p.app.readSecretLine != nil {
		v, err := p.app.promptSecret(label)
		return v.Reveal(), err
	}
	fmt.Fprint(p.app.errOut, label+": ")
	return p.app.lines.line()
}

func optionLabel(q model.Question, value string) string {
	for _, o := range q.Options {
		if o.Value == value {
			return o.Label
		}
	}
	return value
}

// take puts an answer into the draft: a number picks a choice, enter keeps what
// counts already, a key comes from a file.
func (p *plainFace) take(q model.Question, text string) error {
	trimmed := strings.TrimSpace(text)
	switch {
	case q.Kind == model.AskSecretText:
		return p.takeKey(q, trimmed)
	case q.IsSecret():
		if trimmed != "" {
			p.draft = p.app.jobs.FillSecret(p.draft, q.ID, model.NewSecret(text))
		}
		return nil
	case trimmed == "":
		return nil
	}
	if n, err := strconv.Atoi(trimmed); err == nil && len(q.Options) > 0 && n >= 1 && n <= len(q.Options) {
		trimmed = q.Options[n-1].Value
	}
	for _, o := range q.Options {
		if strings.EqualFold(o.Label, trimmed) {
			trimmed = o.Value
		}
	}
	p.draft = model.Fill(p.draft, q.ID, trimmed)
	p.accept(q.ID)
	return nil
}

// accept takes the mended value where there is nothing but a suggestion to say.
func (p *plainFace) accept(id model.QuestionID) {
	for _, f := range model.ValidateAnswer(id, p.draft, p.world) {
		if f.Suggestion != "" && f.Severity == model.SeverityWarning {
			fmt.Fprintf(p.app.errOut, "  %s Using %s.\n", f.Message, f.Suggestion)
			p.draft = model.Fill(p.draft, id, f.Suggestion)
			return
		}
	}
}

// takeKey reads a private key from a file, or makes one.
func (p *plainFace) takeKey(q model.Question, text string) error {
	switch text {
	case "":
		return nil
	case "generate":
		key, err := p.app.jobs.Keys.Generate(p.ctx)
		if err != nil {
			return err
		}
		public, err := p.app.jobs.Keys.Public(key, model.Secret{}, "bbconnect")
		if err != nil {
			return err
		}
		fmt.Fprintln(p.app.errOut, "  A key was made. Add its public half in Bitbucket:")
		fmt.Fprintln(p.app.errOut, public)
		p.draft = p.app.jobs.FillSecret(p.draft, q.ID, key)
		return nil
	}
	key, err := p.app.jobs.Machine.ReadFile(p.ctx, text)
	if err != nil {
		return err
	}
	p.draft = p.app.jobs.FillSecret(p.draft, q.ID, key)
	return nil
}

// say repeats findings in words.
func (p *plainFace) say(findings model.Findings) {
	for _, f := range findings {
		line := fmt.Sprintf("  %s: %s %s", f.Severity, f.Message, f.Fix)
		if f.Suggestion != "" {
			line += " Suggested: " + f.Suggestion
		}
		fmt.Fprintln(p.app.errOut, line)
	}
}

// runPlain asks for a connector with plain lines, tests it, and saves it.
func (a *app) runPlain(ctx context.Context, d model.Draft, w model.World, f answerFlags) error {
	face := &plainFace{ctx: ctx, app: a, draft: d, world: w}
	for _, id := range f.given() {
		if !model.ValidateAnswer(id, d, w).HasErrors() {
			face.asked = append(face.asked, id)
		}
	}
	d, err := face.run()
	if err != nil {
		return err
	}
	return a.finish(ctx, d, w, f)
}
