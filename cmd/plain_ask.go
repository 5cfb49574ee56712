package cmd

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"bbconnect/model"
)

// emptied is the answer that empties an optional one.
const emptied = "-"

// ask asks one question until its answer has no error, or the person goes
// elsewhere: errBack leaves the answer as it was.
func (p *plainFace) ask(ctx context.Context, q model.Question) error {
	offer := "" // the corrected value of a wrong answer, taken with yes
	for {
		text, err := p.prompt(ctx, q)
		if err != nil {
			return err
		}
		switch strings.ToLower(strings.TrimSpace(text)) {
		case wordQuit:
			return errQuit
		case wordHelp:
			p.help(q)
			continue
		case wordBack:
			return errBack
		case "more":
			if p.more {
				p.say("The questions that are rarely needed are asked already.")
				continue
			}
			p.more = true
			p.say("The questions that are rarely needed are asked too.")
			return nil
		case "yes":
			if offer != "" {
				text = offer
			}
		}
		before := p.in.draft
		if err := p.take(ctx, q, text); err != nil {
			p.refuse(err)
			continue
		}
		findings := p.findings(ctx, q.ID)
		p.report(findings)
		worst, any := findings.Worst()
		if any && worst.Severity == model.SeverityError {
			offer = worst.Suggestion
			if offer != "" {
				p.say("Type yes to take the suggestion.")
			}
			p.in.draft = before
			continue
		}
		p.asked, p.touched = append(p.asked, q.ID), true
		return nil
	}
}

// refuse says why an answer was not taken. That of a line has no code to look up,
// as the problem of a file or a key has.
func (p *plainFace) refuse(err error) {
	text := describe(err)
	if wrong, ok := errors.AsType[usageError](err); ok {
		text = withhold(wrong.text + " " + wrong.fix)
	}
	p.app.tell(p.app.errOut, signFail, inWords(text))
}

// findings judges the answer as it stands. What saving mends in any case is said
// and taken; another suggestion behind a warning is a choice, and a key in
// another form is converted, when the person wants it.
func (p *plainFace) findings(ctx context.Context, id model.QuestionID) model.Findings {
	judge := func() model.Findings { return model.ValidateAnswer(id, p.in.draft, p.in.world) }
	found := judge()
	if found.HasErrors() && id == model.QURL {
		return found
	}
	for _, f := range found {
		switch {
		case f.Suggestion != "" && f.Severity == model.SeverityWarning:
			text := f.Message + " Using " + f.Suggestion + "."
			if !p.mended(id, f.Suggestion) {
				p.report(model.Findings{f})
				if yes, err := p.app.yesNo(ctx, "Use the suggestion?"); err != nil || !yes {
					return nil
				}
				text = "Using " + f.Suggestion + "."
			}
			p.say(text)
			p.in.draft = model.Fill(p.in.draft, id, f.Suggestion)
			return judge()
		case f.Code == "key.openssh" || f.Code == "key.pkcs8":
			if yes, err := p.app.yesNo(ctx, inWords(f.Message)+" Convert it to PEM?"); err != nil || !yes {
				return judge()
			}
			key, err := p.app.jobs.Keys.Convert(p.in.draft.Secret(model.QSSHKey), p.in.draft.Secret(model.QSSHPassphrase))
			if err != nil {
				p.app.tell(p.app.errOut, signFail, describe(err))
				return judge()
			}
			p.in.draft = p.app.jobs.FillSecret(p.in.draft, id, key)
			return judge()
		}
	}
	return judge()
}

// mended reports whether saving writes a suggestion whether or not it is taken.
func (p *plainFace) mended(id model.QuestionID, suggestion string) bool {
	c := model.Build(p.in.draft, p.in.world)
	return (id == model.QURL && c.URL == suggestion) || (id == model.QTestRepository && c.TestRepository == suggestion)
}

// report repeats findings in words.
func (p *plainFace) report(findings model.Findings) { p.app.tellFindings(findings) }

func (p *plainFace) help(q model.Question) {
	p.say(q.Help)
	if q.Example != "" {
		p.say("For example: " + q.Example)
	}
	if p.single {
		p.say("Enter alone keeps what stands in brackets, back leaves the answer as it is, quit ends the review.")
		return
	}
	p.say("back goes to the question before, more asks the rarely needed ones too, quit ends without saving.")
}

// prompt writes the question with its choices and what enter alone stands for,
// and reads a line.
func (p *plainFace) prompt(ctx context.Context, q model.Question) (string, error) {
	for i, o := range q.Options {
		line := fmt.Sprintf("%d: %s", i+1, o.Label)
		if o.Help != "" {
			line += ", " + o.Help
		}
		p.say(line)
	}
	switch {
	case len(q.Options) > 0 && q.Kind == model.AskLine:
		p.say("Type a number, or an answer of your own.")
	case len(q.Options) > 0:
		p.say("Type a number or a name.")
	}
	label := p.label(q)
	if q.Kind == model.AskSecretLine {
		return p.app.secretText(ctx, label)
	}
	return p.app.readAnswer(ctx, label+": ")
}

// label is the question with its present or default answer in brackets.
func (p *plainFace) label(q model.Question) string {
	label := q.Label
	switch q.Kind {
	case model.AskSecretText:
		label += " (the path of its file, or generate)"
	case model.AskConfirm:
		label += " (yes or no)"
	}
	now := model.Value(q.ID, p.in.draft, p.in.world)
	switch {
	case q.IsSecret() && !p.in.draft.Secret(q.ID).IsZero():
		return label + " [what was given]"
	case q.IsSecret() && !q.Required:
		return label + " [unchanged]"
	case q.IsSecret():
		return label
	case now != "" && !q.Required && q.Kind != model.AskChoice && q.Kind != model.AskConfirm:
		return label + " [" + optionLabel(q, now) + "; " + emptied + " empties it]"
	case now != "":
		return label + " [" + optionLabel(q, now) + "]"
	case !q.Required:
		return label + " (optional)"
	}
	return label
}

func optionLabel(q model.Question, value string) string {
	for _, o := range q.Options {
		if o.Value == value {
			return o.Label
		}
	}
	return clean(value)
}

// take puts an answer into the draft: a number picks a choice, enter keeps what
// counts already, a key comes from a file.
func (p *plainFace) take(ctx context.Context, q model.Question, text string) error {
	trimmed := strings.TrimSpace(text)
	switch {
	case trimmed == "":
		return nil
	case q.Kind == model.AskSecretText:
		return p.takeKey(ctx, q, trimmed)
	case q.IsSecret():
		value := model.NewSecret(text)
		p.in.draft = p.app.jobs.FillSecret(p.in.draft, q.ID, value)
		if note := model.RecogniseCredential(value, q.ID).Note; note != "" && q.ID != model.QSSHPassphrase {
			p.say(note)
		}
		return nil
	case trimmed == emptied && !q.Required && q.Kind != model.AskChoice:
		p.in.draft = p.in.draft.With(q.ID, "")
		return nil
	case trimmed == emptied && len(q.Options) == 0:
		return usage("Type it, or enter alone for what stands in brackets.", "%s needs an answer and cannot be emptied.", q.Label)
	}
	if _, err := strconv.Atoi(trimmed); err == nil && q.Kind == model.AskChoice && chosen(q, trimmed) == trimmed {
		return usage(fmt.Sprintf("Type a number from 1 to %d or a name.", len(q.Options)), "There is no choice %s.", trimmed)
	}
	before := p.in.draft
	p.in.draft = model.Fill(p.in.draft, q.ID, chosen(q, trimmed))
	if holdsCredential(q.ID, trimmed) {
		p.say("That was a credential. It was taken out of this answer; a token is asked for under Credentials.")
	}
	p.app.follow(before, &p.in)
	return nil
}

// chosen is the value behind a number or a label.
func chosen(q model.Question, text string) string {
	if n, err := strconv.Atoi(text); err == nil && n >= 1 && n <= len(q.Options) {
		return q.Options[n-1].Value
	}
	for _, o := range q.Options {
		if strings.EqualFold(o.Label, text) || strings.EqualFold(o.Value, text) {
			return o.Value
		}
	}
	return text
}

// takeKey reads a private key from a file, or makes one.
func (p *plainFace) takeKey(ctx context.Context, q model.Question, text string) error {
	keys := p.app.jobs.Keys
	if text != "generate" {
		key, err := p.app.jobs.Machine.ReadFile(ctx, text)
		if err != nil {
			return err
		}
		p.in.draft = p.app.jobs.FillSecret(p.in.draft, q.ID, key)
		return nil
	}
	key, err := keys.Generate(ctx)
	if err != nil {
		return err
	}
	public, err := keys.Public(key, model.Secret{}, "bbconnect")
	if err != nil {
		return err
	}
	p.say("A key was made. Add its public half in Bitbucket, at " + model.TokenPage(p.in.draft, p.in.world))
	fmt.Fprintln(p.app.errOut, strings.TrimSpace(public))
	p.in.draft = p.app.jobs.FillSecret(p.in.draft, q.ID, key)
	return nil
}
