package cmd

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"bbconnect/internal/document"
	"bbconnect/internal/flow"
	"bbconnect/model"
)

// answerFlags are the flags that answer questions, shared by new and edit.
type answerFlags struct {
	from     string
	set      []string
	secrets  []string
	keystore string

	plain, noTest, saveFailed, yes, dryRun bool
}

func (f *answerFlags) bind(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVar(&f.from, "from", "", "take answers from a connector document or an answers file (- for standard input)")
	fl.StringArrayVar(&f.set, "set", nil, "answer a question: id=value, as details.url=https://bitbucket.org/acme/ (may be repeated)")
	fl.StringArrayVar(&f.secrets, "secret", nil, "give a secret: slot=source, as credentials.password=env:BB_TOKEN (may be repeated)")
	fl.StringVar(&f.keystore, "keystore", "", "where new secrets go: keyring, vault, command or ask")
	fl.BoolVar(&f.plain, "plain", false, "ask with plain lines instead of the form")
	fl.BoolVar(&f.noTest, "no-test", false, "save without a live test")
	fl.BoolVar(&f.saveFailed, "save-failed", false, "save even when the live test fails")
	fl.BoolVar(&f.yes, "yes", false, "ask nothing")
	fl.BoolVar(&f.dryRun, "dry-run", false, "show what would be saved and change nothing")
}

// given lists the questions that flags have answered.
func (f *answerFlags) given() []model.QuestionID {
	var ids []model.QuestionID
	for _, s := range slices.Concat(f.set, f.secrets) {
		id, _, _ := strings.Cut(s, "=")
		ids = append(ids, model.QuestionID(id))
	}
	return ids
}

// any reports whether any flag answers anything.
func (f *answerFlags) any() bool { return f.from != "" || len(f.set)+len(f.secrets) > 0 }

// fill puts everything the flags say into the draft.
func (a *app) fill(ctx context.Context, d model.Draft, w model.World, f answerFlags) (model.Draft, error) {
	d, err := a.fillFrom(d, w, f.from)
	if err != nil {
		return d, err
	}
	for _, s := range f.set {
		id, value, ok := strings.Cut(s, "=")
		if !ok || id == "" {
			return d, usage("Write --set details.urlType=Repo, for example.", "--set %s has no =.", clean(s))
		}
		q, known := model.KnownQuestion(model.QuestionID(id))
		switch {
		case !known:
			return d, usage("bbconnect help questions lists the ids.", "There is no question %s.", clean(id))
		case q.IsSecret():
			return d, usage("Write --secret "+id+"=env:NAME.", "%s is a secret; a secret is never an argument.", id)
		}
		d = model.Fill(d, model.QuestionID(id), value)
	}
	for _, s := range f.secrets {
		slot, source, ok := strings.Cut(s, "=")
		q, known := model.KnownQuestion(model.QuestionID(slot))
		if !ok || !known || !q.IsSecret() {
			return d, usage("Write --secret credentials.password=env:BB_TOKEN, for example.", "--secret wants SLOT=SOURCE with a slot that holds a secret.")
		}
		value, err := a.readSource(ctx, source, slot)
		if err != nil {
			return d, err
		}
		d = a.jobs.FillSecret(d, model.QuestionID(slot), value)
	}
	return d, nil
}

// fillFrom reads --from: a connector document, or answers by question id.
func (a *app) fillFrom(d model.Draft, w model.World, from string) (model.Draft, error) {
	if from == "" {
		return d, nil
	}
	data, err := a.readInput(from)
	if err != nil {
		return d, err
	}
	answers, isAnswers, err := document.ReadAnswers(data)
	if err != nil {
		return d, inFile(from, err)
	}
	if !isAnswers {
		c, err := readOne(from, data)
		if err != nil {
			return d, err
		}
		answers = model.DraftOf(c, w).Answers()
		if d.Editing != "" {
			delete(answers, model.QID)
		}
	}
	for id, value := range answers {
		q, known := model.KnownQuestion(id)
		if !known {
			return d, usage("bbconnect help questions lists the ids.", "%s: there is no question %s.", from, clean(string(id)))
		}
		if q.IsSecret() {
			return d, usage("Keep secrets out of files and give --secret "+string(id)+"=SOURCE.", "%s: %s is a secret.", from, id)
		}
		d = model.Fill(d, id, value)
	}
	return d, nil
}

// readInput reads a file, or standard input for -.
func (a *app) readInput(name string) ([]byte, error) {
	if name == "-" {
		return readBounded(a.in)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, usage("Name a file that can be read.", "%s", err)
	}
	defer f.Close()
	return readBounded(f)
}

// readOne reads a file that holds exactly one connector.
func readOne(name string, data []byte) (model.Connector, error) {
	entries, err := document.Read(data)
	if err != nil {
		return model.Connector{}, inFile(name, err)
	}
	if len(entries) != 1 {
		return model.Connector{}, usage("Name a file with one connector.", "%s holds %d connectors.", name, len(entries))
	}
	if f, bad := entries[0].Findings.Worst(); bad && f.Severity == model.SeverityError {
		return model.Connector{}, inFile(name, &model.Problem{Code: f.Code, What: f.Message, Fix: f.Fix, Field: f.Field})
	}
	return entries[0].Connector, nil
}

// inFile says which file an error is about.
func inFile(name string, err error) error {
	if p, ok := model.AsProblem(err); ok {
		copied := *p
		copied.What = name + ": " + p.What
		return &copied
	}
	return fmt.Errorf("%s: %w", name, err)
}

// settled checks a draft that nobody is asked about: every error is named.
func settled(d model.Draft, w model.World) error {
	findings := model.Validate(d, w)
	if !findings.HasErrors() {
		return nil
	}
	var lines []string
	for _, f := range findings {
		if f.Severity == model.SeverityError {
			lines = append(lines, fmt.Sprintf("%s: %s %s (%s)", f.Field, f.Message, f.Fix, f.Code))
		}
	}
	return &model.Problem{
		Code: firstError(findings), What: strings.Join(lines, "\n  "),
		Why: "Nobody can be asked, so every answer has to be given.", Fix: "Give them with --set, --secret or --from.",
	}
}

func firstError(fs model.Findings) string {
	f, _ := fs.Worst()
	return f.Code
}

// chooseKeystore proves the place for new secrets before any is taken, when the
// draft has some to store.
func (a *app) chooseKeystore(ctx context.Context, d model.Draft, w model.World, choice string) (model.World, error) {
	if len(model.SecretWrites(d, w)) == 0 && choice == "" {
		return w, nil
	}
	where := model.Where(choice)
	switch where {
	case "", model.WhereKeyring, model.WhereVault, model.WhereCommand, model.WhereAsk:
	default:
		return w, usage("Choose keyring, vault, command or ask.", "%s is no keystore.", clean(choice))
	}
	place, err := a.jobs.Prove(a.asking(ctx), where)
	if err != nil {
		if p, ok := model.AsProblem(err); ok && where == "" {
			copied := *p
			copied.Fix += " Or choose another place with --keystore vault, --keystore command or --keystore ask."
			return w, &copied
		}
		return w, err
	}
	w.NewSecretsIn = place.Where
	return w, nil
}

// finish tests and saves a settled draft, and prints what came of it.
func (a *app) finish(ctx context.Context, d model.Draft, w model.World, f answerFlags) error {
	if err := settled(d, w); err != nil {
		return err
	}
	if f.dryRun {
		return a.printDraft(d, w)
	}
	w, err := a.chooseKeystore(ctx, d, w, f.keystore)
	if err != nil {
		return err
	}
	var record *model.TestRecord
	if !f.noTest {
		result, err := a.jobs.TestDraft(a.asking(ctx), d, w, a.reportChecks())
		if err != nil {
			return err
		}
		result.Connector = model.Build(d, w).Key()
		r := flow.Record(result)
		record = &r
		if !a.json || !flow.Passed(result.Verdict) {
			a.printVerdict(result)
		}
		if !flow.Passed(result.Verdict) && !f.saveFailed {
			return a.notSaved(result)
		}
	}
	saved, err := a.jobs.Save(a.asking(ctx), d, w, record)
	if err != nil {
		return err
	}
	return a.printSaved(ctx, saved)
}
