package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"bbconnect/internal/document"
	"bbconnect/model"
)

// answerFlags are the flags that answer questions, shared by new and edit.
type answerFlags struct {
	from     string
	set      []string
	secrets  []string
	keystore string

	noTest, saveFailed, yes, dryRun bool
}

func (f *answerFlags) bind(a *app, c *cobra.Command) {
	fl := c.Flags()
	fl.StringVar(&f.from, "from", "", "take answers from a connector document or an answers file (- for standard input)")
	fl.StringArrayVar(&f.set, "set", nil, "answer a question: id=value, as details.url=https://bitbucket.org/acme/ (may be repeated)")
	fl.StringArrayVar(&f.secrets, "secret", nil, "give a secret: slot=source, as credentials.password=env:BB_TOKEN (may be repeated)")
	fl.StringVar(&f.keystore, "keystore", "", "where new secrets go: keyring, vault, command or ask")
	fl.BoolVar(&f.noTest, "no-test", false, "save without a live test")
	fl.BoolVar(&f.saveFailed, "save-failed", false, "save even when the live test fails")
	fl.BoolVar(&f.yes, "yes", false, "ask nothing")
	fl.BoolVar(&f.dryRun, "dry-run", false, "show what would be saved and change nothing")
	complete(c, map[string]completer{"set": a.completeSet, "secret": completeSlot, "keystore": choices(keystoreNames()...)})
}

// any reports whether any flag answers anything.
func (f *answerFlags) any() bool { return f.from != "" || len(f.set)+len(f.secrets) > 0 }

// filled is a draft with where each of its answers came from, for messages about
// them: "--set", "--secret", or a file with the line.
type filled struct {
	draft model.Draft
	world model.World
	from  map[model.QuestionID]string
}

// fill puts everything the flags say into a draft: the file first, so that a
// flag changes what the file says.
func (a *app) fill(ctx context.Context, d model.Draft, w model.World, f answerFlags) (filled, error) {
	out := filled{draft: d, world: w, from: map[model.QuestionID]string{}}
	if _, err := parseWhere(f.keystore); err != nil {
		return out, err
	}
	if err := a.fillFrom(&out, f.from); err != nil {
		return out, err
	}
	for _, s := range f.set {
		if err := out.set(s); err != nil {
			return out, err
		}
	}
	for _, s := range f.secrets {
		slot, source, ok := splitAnswer(s)
		q, known := model.KnownQuestion(model.QuestionID(slot))
		if !ok || !known || !q.IsSecret() {
			return out, usage("Write --secret credentials.password=env:BB_TOKEN, for example.", "--secret wants SLOT=SOURCE with a slot that holds a secret.")
		}
		value, err := a.readSource(ctx, source, slot)
		if err != nil {
			return out, err
		}
		out.draft = a.jobs.FillSecret(out.draft, q.ID, value)
		out.from[q.ID] = "--secret"
	}
	return out, nil
}

// set takes one --set.
func (f *filled) set(text string) error {
	id, value, ok := splitAnswer(text)
	if !ok {
		return usage("Write --set details.urlType=Repo, for example.", "--set wants ID=VALUE.")
	}
	q, known := model.KnownQuestion(model.QuestionID(id))
	switch {
	case !known:
		return usage("bbconnect help questions lists the ids.", "--set names no question%s.", near(id))
	case q.IsSecret():
		return usage("Write --secret "+id+"=env:NAME.", "--set %s: this is a secret, and a secret is never an argument.", id)
	case holdsCredential(q.ID, value):
		return usage("Write --secret credentials.password=env:NAME, and revoke this one if others may have seen it.",
			"--set %s: a credential stands here, and a secret is never an argument.", id)
	}
	f.draft = model.Fill(f.draft, q.ID, value)
	f.from[q.ID] = "--set"
	return nil
}

// holdsCredential reports a credential in an answer that everybody sees. One in an
// address is taken out there.
func holdsCredential(id model.QuestionID, answer string) bool {
	_, value, _ := model.TakeCredential(answer)
	return id != model.QURL && !value.IsZero()
}

// near repeats an unknown question id where it cannot be anything else: it
// begins like one.
func near(id string) string {
	if slices.Contains(model.Steps(), model.StepOf(model.QuestionID(id))) && len(id) < 40 {
		return " " + clean(id)
	}
	return ""
}

// fillFrom reads --from: a connector document, or answers by question id.
func (a *app) fillFrom(f *filled, from string) error {
	if from == "" {
		return nil
	}
	data, err := a.readInput(from)
	if err != nil {
		return err
	}
	answers, isAnswers, err := document.ReadAnswers(data)
	if err != nil {
		return inFile(from, err)
	}
	place := func(id model.QuestionID) string { return answerPlace(from, data, id) }
	if !isAnswers {
		c, err := readOne(from, data)
		if err != nil {
			return err
		}
		answers = model.DraftOf(c, f.world).Answers()
		if f.draft.Editing != "" {
			delete(answers, model.QID)
		}
		place = func(model.QuestionID) string { return from }
	}
	for _, id := range sortedIDs(answers) {
		q, known := model.KnownQuestion(id)
		switch {
		case !known:
			return usage("bbconnect help questions lists the ids.", "%s: there is no question%s.", place(id), near(string(id)))
		case q.IsSecret():
			return usage("Keep secrets out of files and give --secret "+string(id)+"=SOURCE.", "%s: %s is a secret.", place(id), id)
		case holdsCredential(id, answers[id]):
			return usage("Take it out, give it as --secret credentials.password=SOURCE, and revoke it if others have seen it.",
				"%s: a credential stands in %s.", place(id), id)
		}
		f.draft = model.Fill(f.draft, id, answers[id])
		f.from[id] = place(id)
	}
	return nil
}

// sortedIDs are the ids of answers in the order of the questions, unknown ones
// last, so that what is said of a file is the same on every run.
func sortedIDs(answers map[model.QuestionID]string) []model.QuestionID {
	order := model.QuestionIDs()
	rank := func(id model.QuestionID) int {
		if i := slices.Index(order, id); i >= 0 {
			return i
		}
		return len(order)
	}
	ids := make([]model.QuestionID, 0, len(answers))
	for id := range answers {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(x, y model.QuestionID) int {
		if by := rank(x) - rank(y); by != 0 {
			return by
		}
		return strings.Compare(string(x), string(y))
	})
	return ids
}

// answerPlace is the file and line of an answer, written flat ("details.url:")
// or in a section ("details:" above "  url:"); the file alone where the line is
// not found.
func answerPlace(file string, data []byte, id model.QuestionID) string {
	section, key, _ := strings.Cut(string(id), ".")
	inside := false
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		name, _, ok := strings.Cut(strings.TrimLeft(line, " \t"), ":")
		if !ok {
			continue
		}
		name = strings.Trim(strings.TrimSpace(name), `"'`)
		indented := strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t")
		if name == string(id) || (inside && indented && name == key) {
			return fmt.Sprintf("%s:%d", file, n)
		}
		if !indented {
			inside = name == section
		}
	}
	return file
}

// settled checks a draft that nobody is asked about: every error is named, with
// the flag or the file and line it came from.
func (f filled) settled() error {
	findings := model.Validate(f.draft, f.world)
	worst, bad := findings.Worst()
	if !bad || worst.Severity != model.SeverityError {
		return nil
	}
	lines := []string{"Some answers are missing or wrong."}
	for _, finding := range findings {
		if finding.Severity != model.SeverityError {
			continue
		}
		field := string(finding.Field)
		if place := f.from[finding.Field]; place != "" {
			field = place + ": " + field
		}
		line := field + ": " + finding.Message + " " + finding.Fix
		if finding.Suggestion != "" {
			line += " Suggested: " + finding.Suggestion
		}
		lines = append(lines, line+" ("+finding.Code+")")
	}
	return answersError{&model.Problem{
		Code: worst.Code, What: strings.Join(lines, "\n"), Field: worst.Field,
		Why: "Nobody can be asked here, so every answer has to be given.", Fix: "Give them with --set, --secret or --from.",
	}}
}
